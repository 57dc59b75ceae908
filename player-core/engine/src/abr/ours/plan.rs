//! The best policy for the next dozen segments, by dynamic programming over the buffer, the rendition before, and how fast
//! the network is.

use footlight_dash::Micros;

use crate::abr::Context;
use crate::abr::log::{float, whole};

/// How fast the network may be: the median, and one and two spreads below and above.
const LEVELS: usize = 5;
type Levels = [f64; LEVELS];
/// How likely each level is during the next segment.
const NEXT: Levels = [0.02, 0.21, 0.54, 0.21, 0.02];
/// How likely the level is one higher, and one lower, a stage later.
const DRIFT: f64 = 0.125;
/// How many segments each stage covers; those of a stage are planned in one rendition.
const STAGES: [usize; 6] = [1, 1, 1, 2, 3, 3];
/// Levels of the buffer that are looked at: closer together up to three segments, where an empty buffer is near.
const FINE_ROWS: usize = 9;
const COARSE_ROWS: usize = 9;
const ROWS: usize = FINE_ROWS + COARSE_ROWS + 1;
/// What a second without a picture costs, in seconds of the best quality divided by the four that the measure of Pensieve
/// (Mao et al., SIGCOMM 2017) has in a segment; a little more than there, for a forecast is never wild enough.
const STALL: f64 = 1.3;
/// What it is worth not to end the plan with an empty buffer, per segment's length.
const EMPTY_END: f64 = 1.5;
/// Seconds of the best quality that weigh as much as a change from nothing to it.
const CHANGE: f64 = 4.0;

/// What the network may do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outlook {
    /// Bits per second at each level.
    pub(super) rates: Levels,
    /// Seconds from asking to the first byte.
    pub(super) latency: f64,
}

impl Outlook {
    /// What will most likely be had.
    pub(super) fn cautious(&self) -> f64 {
        let [_, low, median, _, _] = self.rates;
        median + (low - median) * 0.75
    }
}

/// What asking for the segments of a stage in a rendition does, at each level of the network.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    /// Buffer, in seconds, that it takes for playback not to stop.
    need: Levels,
    /// By how much the buffer grows.
    gain: Levels,
    /// The quality that it brings.
    worth: f64,
}

/// The buffer's levels.
#[derive(Clone, Copy, Debug, Default)]
struct Rows {
    /// Where the fine ones end.
    fine: f64,
    /// Seconds between fine ones, and between coarse ones; and how many there are in a second.
    fine_step: f64,
    coarse_step: f64,
    fine_density: f64,
    coarse_density: f64,
    /// Most that there can be when a segment is asked for.
    ask: f64,
}

impl Rows {
    fn new(segment: f64, top: f64, ask: f64) -> Self {
        let fine = if top < 3.0 * segment { top } else { 3.0 * segment };
        let (fine_step, coarse_step) = (fine / float(FINE_ROWS as u64), (top - fine) / float(COARSE_ROWS as u64));
        let density = |step: f64| if step > 0.0 { 1.0 / step } else { 0.0 };
        Self {
            fine,
            fine_step,
            coarse_step,
            fine_density: density(fine_step),
            coarse_density: density(coarse_step),
            ask,
        }
    }

    /// The buffer of a row.
    fn buffer(&self, row: usize) -> f64 {
        match row.checked_sub(FINE_ROWS) {
            None => float(row as u64) * self.fine_step,
            Some(above) => self.fine + float(above as u64) * self.coarse_step,
        }
    }

    /// The row at or below a buffer, and how far it is on the way to the next.
    fn at(&self, buffer: f64) -> (usize, f64) {
        let place = if buffer < self.fine {
            buffer * self.fine_density
        } else {
            float(FINE_ROWS as u64) + (buffer - self.fine) * self.coarse_density
        };
        let row = usize::try_from(whole(place)).unwrap_or(0).min(ROWS - 2);
        let part = place - float(row as u64);
        (row, if part > 1.0 { 1.0 } else { part })
    }
}

/// A plan for a situation.
#[derive(Clone, Debug, Default)]
pub(super) struct Planner {
    rows: Rows,
    /// Buffer at the time of asking.
    buffer: f64,
    utilities: Vec<f64>,
    current: Option<usize>,
    segment: f64,
    parts: f64,
    /// Seconds of playback that a bit takes, at each level.
    pace: Levels,
    /// For each stage and rendition.
    steps: Vec<Step>,
    stages: usize,
    /// The value of each stage's end, for each row and rendition: what comes after it brings, at each level.
    values: Vec<Levels>,
}

impl Planner {
    /// Plans for a situation.
    pub(super) fn prepare(&mut self, context: &Context<'_>, outlook: &Outlook) {
        let share = |utility: u32| float(u64::from(utility)) / 65_536.0;
        self.utilities.clear();
        self.utilities
            .extend(context.renditions.iter().map(|r| share(r.utility)));
        self.current = context.current.filter(|&at| at < self.utilities.len());
        self.segment = seconds(context.segment.max(Micros(100_000)));
        self.parts = float(u64::from(context.parts.max(1)));
        let ahead = self.look_ahead(context, outlook);
        let renditions = self.utilities.len();
        // What comes in parts is asked for as the last part before it is there.
        let part = self.segment / self.parts;
        let (goal, least) = (seconds(context.buffer_goal), 1.5 * part);
        let room = if goal > least { goal } else { least };
        let ask = room - part;
        let buffer = seconds(context.buffer.max(Micros(0)));
        self.buffer = if buffer < ask { buffer } else { ask };
        let most = self.buffer + ahead;
        self.rows = Rows::new(self.segment, if most < room { most } else { room }, ask);
        self.values.clear();
        self.values.resize(self.stages * ROWS * renditions, Levels::default());
        let is_end = context.upcoming.length(STAGES.iter().sum()).is_none();
        let slab = ROWS * renditions;
        // The last stage's end: an empty buffer is no place to be, unless that was all.
        if !is_end && let Some(last) = self.stages.checked_sub(1) {
            let rows = self.rows;
            let segment = self.segment;
            let cells = self.values.iter_mut().skip(last * slab).enumerate();
            for (at, value) in cells {
                let buffer = rows.buffer(at / renditions.max(1));
                *value = [-EMPTY_END * segment / (buffer + segment); LEVELS];
            }
        }
        for stage in (1..self.stages).rev() {
            let (before, after) = self.values.split_at_mut(stage * slab);
            let ends = before.get_mut((stage - 1) * slab..).unwrap_or_default();
            let steps = self.steps.get(stage * renditions..).unwrap_or_default();
            for (row, ends) in ends.chunks_exact_mut(renditions.max(1)).enumerate() {
                let buffer = self.rows.buffer(row);
                let buffer = if buffer < self.rows.ask { buffer } else { self.rows.ask };
                for (at, (end, step)) in ends.iter_mut().zip(steps).enumerate() {
                    *end = drifted(&outcome(self.rows, after, renditions, buffer, step, at), step.worth);
                }
                spread(ends, &self.utilities);
            }
        }
    }

    /// Fills [`Self::steps`]; tells how many seconds they cover.
    fn look_ahead(&mut self, context: &Context<'_>, outlook: &Outlook) -> f64 {
        self.steps.clear();
        self.stages = 0;
        let (mut first, mut all) = (0, 0.0);
        let speed = float(u64::from(context.rate.max(100))) / 1000.0;
        self.pace = outlook.rates.map(|rate| speed / if rate > 1.0 { rate } else { 1.0 });
        for most in STAGES {
            let lengths = (first..first + most).map_while(|at| context.upcoming.length(at));
            let (count, length) = lengths.fold((0usize, 0.0), |(n, sum), l| (n + 1, sum + seconds(l)));
            if count == 0 {
                break;
            }
            let number = float(count as u64);
            let parts = number * self.parts;
            for (at, utility) in self.utilities.iter().enumerate() {
                let bytes = (first..first + count).filter_map(|ahead| context.upcoming.bytes(ahead, at));
                let bits = float(bytes.fold(0u64, u64::saturating_add).saturating_mul(8));
                let mut step = Step {
                    worth: utility * length / CHANGE,
                    ..Step::default()
                };
                for ((need, gain), pace) in step.need.iter_mut().zip(&mut step.gain).zip(self.pace) {
                    let taken = outlook.latency * number * speed + bits * pace;
                    // The first must come in time, and all of them before what they replace has ended.
                    let (even, late) = (taken / parts, taken - length * (parts - 1.0) / parts);
                    *need = if even > late { even } else { late };
                    *gain = length - taken;
                }
                self.steps.push(step);
            }
            first += count;
            all += length;
            self.stages += 1;
        }
        all
    }

    /// The best of the first `renditions` for the next segment, and its value.
    pub(super) fn best(&self, renditions: usize) -> (usize, f64) {
        let mut best = (0, f64::MIN);
        for (at, step) in self.steps.iter().enumerate().take(renditions.min(self.utilities.len())) {
            let value = self.first(step, at);
            if value > best.1 {
                best = (at, value);
            }
        }
        best
    }

    /// The value of going on with a segment of which so many bits are missing.
    pub(super) fn rest(&self, rendition: usize, bits: f64) -> f64 {
        let Some(step) = self.steps.get(rendition) else {
            return f64::MIN;
        };
        // What is left takes its part of the whole, and no first byte has to be waited for.
        let mut rest = *step;
        for ((need, gain), pace) in rest.need.iter_mut().zip(&mut rest.gain).zip(self.pace) {
            *need = bits * pace;
            *gain = self.segment - *need;
        }
        self.first(&rest, rendition)
    }

    /// The value of a first step.
    fn first(&self, step: &Step, at: usize) -> f64 {
        let renditions = self.utilities.len();
        let outcome = outcome(self.rows, &self.values, renditions, self.buffer, step, at);
        let expected: f64 = outcome.iter().zip(NEXT).map(|(value, chance)| value * chance).sum();
        expected + step.worth - self.change(self.current, at)
    }

    /// What a change of quality costs.
    fn change(&self, from: Option<usize>, to: usize) -> f64 {
        let of = |at: usize| self.utilities.get(at).copied().unwrap_or(0.0);
        from.map_or(0.0, |from| (of(from) - of(to)).abs())
    }

    /// What is planned for the four segments after the next one in `first`, if the network does as the median says.
    pub(super) fn path(&self, first: usize) -> [u8; 4] {
        let renditions = self.utilities.len();
        let mut path = [u8::try_from(first).unwrap_or(u8::MAX); 4];
        let (mut buffer, mut before) = (self.buffer, first);
        for (stage, slot) in [1, 2, 3, 3].into_iter().zip(&mut path) {
            if stage >= self.stages {
                break;
            }
            let step = |stage: usize, at: usize| self.steps.get(stage * renditions + at).copied().unwrap_or_default();
            let (Step { need, gain, .. }, middle) = (step(stage - 1, before), LEVELS / 2);
            let of = |levels: Levels| levels.get(middle).copied().unwrap_or(0.0);
            let least = if of(need) > buffer { of(need) } else { buffer };
            let reached = least + of(gain);
            buffer = if reached < self.rows.ask {
                reached
            } else {
                self.rows.ask
            };
            let after = self.values.get(stage * ROWS * renditions..).unwrap_or_default();
            let mut best = (before, f64::MIN);
            for at in 0..renditions {
                let step = step(stage, at);
                let value = of(outcome(self.rows, after, renditions, buffer, &step, at));
                let value = value + step.worth - self.change(Some(before), at);
                if value > best.1 {
                    best = (at, value);
                }
            }
            before = best.0;
            *slot = u8::try_from(before).unwrap_or(u8::MAX);
        }
        path
    }
}

/// What a step from `buffer` brings at each level: the value of where it ends, less the time without a picture.
fn outcome(rows: Rows, after: &[Levels], renditions: usize, buffer: f64, step: &Step, at: usize) -> Levels {
    let mut values = Levels::default();
    let each = values.iter_mut().zip(step.need).zip(step.gain).enumerate();
    for (level, ((value, need), gain)) in each {
        let short = need - buffer;
        let (left, stall) = if short > 0.0 {
            (need + gain, short)
        } else {
            (buffer + gain, 0.0)
        };
        let (row, part) = rows.at(left);
        let of = |row: usize| {
            let cell = after.get(row * renditions + at).and_then(|cell| cell.get(level));
            cell.copied().unwrap_or(0.0)
        };
        let low = of(row);
        *value = low + part * (of(row + 1) - low) - STALL * stall;
    }
    values
}

/// What is to be expected at each level of the network now of values at its levels a stage later.
fn drifted(values: &Levels, worth: f64) -> Levels {
    let mut expected = Levels::default();
    for (level, expected) in expected.iter_mut().enumerate() {
        let of = |level: usize| values.get(level).copied();
        let here = of(level).unwrap_or(0.0);
        let lower = level.checked_sub(1).and_then(of).unwrap_or(here);
        let higher = of(level + 1).unwrap_or(here);
        *expected = worth + here + DRIFT * (lower + higher - 2.0 * here);
    }
    expected
}

/// Where another rendition is worth more than the change to it costs, its value counts.
fn spread(ends: &mut [Levels], utilities: &[f64]) {
    rise(ends.iter_mut().zip(utilities));
    rise(ends.iter_mut().zip(utilities).rev());
}

fn rise<'a>(ends: impl Iterator<Item = (&'a mut Levels, &'a f64)>) {
    let mut neighbour: Option<(Levels, f64)> = None;
    for (end, utility) in ends {
        if let Some((values, of)) = neighbour {
            for (value, other) in end.iter_mut().zip(values) {
                let moved = other - (utility - of).abs();
                if moved > *value {
                    *value = moved;
                }
            }
        }
        neighbour = Some((*end, *utility));
    }
}

/// Seconds of a time.
pub(super) fn seconds(time: Micros) -> f64 {
    float(time.0.max(0).unsigned_abs()) / 1_000_000.0
}
