//! The best policy for the next dozen segments, by dynamic programming over the buffer, the rendition before, and how fast
//! the network is.

use footlight_dash::Micros;

use super::course::Course;
use crate::abr::Context;
use crate::abr::log::{exp2, float, whole};

/// How fast the network may be: the median, and one and two spreads below and above.
const LEVELS: usize = 5;
type Levels = [f64; LEVELS];
/// How likely each level is during the next segment.
const NEXT: Levels = [0.02, 0.21, 0.54, 0.21, 0.02];
/// How likely the level is one higher, and one lower, a stage later.
const DRIFT: f32 = 0.125;
/// How many segments each stage covers; those of a stage are planned in one rendition.
const STAGES: [usize; 6] = [1, 1, 1, 2, 3, 3];
/// Levels of the buffer that are looked at.
const ROWS: usize = 20;
/// A value for each of them.
type Line = [f32; ROWS];
/// What a second without a picture costs, in seconds of the best quality divided by the four that the measure of Pensieve
/// (Mao et al., SIGCOMM 2017) has in a segment; twice as much as there, for a forecast is never wild enough.
const STALL: f64 = 2.0;
/// What it is worth not to end the plan with an empty buffer, per segment's length.
const EMPTY_END: f64 = 1.5;
/// Seconds of the best quality that weigh as much as a change from nothing to it.
const CHANGE: f64 = 4.0;

/// How many outages there are in a second, and how many seconds one lasts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outages {
    pub(super) often: f64,
    pub(super) long: f64,
}

/// What the network may do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outlook {
    /// Bits per second at each level.
    pub(super) rates: Levels,
    /// Where they go.
    pub(super) course: Course,
    /// When nothing comes at all.
    pub(super) outages: Outages,
    /// Seconds from asking to the first byte.
    pub(super) latency: f64,
}

impl Outlook {
    /// Bits that will most likely be had within so many seconds.
    pub(super) fn cautious(&self, time: f64) -> f64 {
        let [_, low, median, _, _] = self.rates;
        (median + (low - median) * 0.75) * exp2(self.course.after(time)) * time
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

/// The buffer's levels: equally far apart, so that what is fetched moves all of them by the same.
#[derive(Clone, Copy, Debug, Default)]
struct Rows {
    /// Seconds between them, and how many there are in a second.
    step: f64,
    density: f64,
    /// Most that there can be when a segment is asked for.
    ask: f64,
    /// The first row with more.
    full: usize,
}

impl Rows {
    fn new(top: f64, ask: f64) -> Self {
        let step = top / float(ROWS as u64 - 1);
        let density = 1.0 / step;
        Self {
            step,
            density,
            ask,
            full: row(ask * density) + 1,
        }
    }

    /// The value of a buffer.
    fn value(&self, after: &Line, buffer: f64) -> f64 {
        let place = buffer * self.density;
        let row = row(place).min(ROWS - 2);
        let part = place - float(row as u64);
        let of = |row: usize| f64::from(after.get(row).copied().unwrap_or(0.0));
        let low = of(row);
        low + if part > 1.0 { 1.0 } else { part } * (of(row + 1) - low)
    }

    /// What a step from `buffer` brings: the value of where it ends, less the time without a picture.
    fn outcome(&self, after: &Line, buffer: f64, need: f64, gain: f64) -> f64 {
        if need > buffer {
            self.value(after, need + gain) - STALL * (need - buffer)
        } else {
            self.value(after, buffer + gain)
        }
    }

    /// The same from each row, into `line`.
    fn outcomes(&self, line: &mut Line, after: &Line, need: f64, gain: f64) {
        let first = (row(need * self.density) + 1).min(self.full).min(ROWS);
        let (late, rest) = line.split_at_mut(first);
        let (timely, full) = rest.split_at_mut(self.full.min(ROWS) - first);
        let mut value = narrow(self.value(after, need + gain) - STALL * need);
        let slope = narrow(STALL * self.step);
        for cell in late {
            *cell = value;
            value += slope;
        }
        let start = float(first as u64) + gain * self.density;
        let row = row(start).min(ROWS - 1);
        let part = narrow(start - float(row as u64));
        let mut ends = after.get(row..).unwrap_or_default();
        let mut low = ends.first().copied().unwrap_or(0.0);
        for cell in timely {
            ends = ends.get(1..).unwrap_or_default();
            let high = ends.first().copied().unwrap_or(low);
            *cell = low + part * (high - low);
            low = high;
        }
        full.fill(narrow(self.outcome(after, self.ask, need, gain)));
    }
}

/// The row at or below a place.
fn row(place: f64) -> usize {
    usize::try_from(whole(place)).unwrap_or(0).min(ROWS)
}

#[expect(clippy::cast_possible_truncation)] // Rounds, the same everywhere.
fn narrow(value: f64) -> f32 {
    value as f32
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
    /// The value of each stage's end, at each level and for each rendition: what comes after it brings.
    values: Vec<Line>,
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
        self.rows = Rows::new(if most < room { most } else { room }, ask);
        let slab = LEVELS * renditions;
        // Every value is written below before it is read.
        self.values.resize(self.stages * slab, [0.0; ROWS]);
        let mut end = [0.0; ROWS];
        // An empty buffer is no place to end, unless that was all.
        if context.upcoming.length(STAGES.iter().sum()).is_some() {
            for (row, value) in end.iter_mut().enumerate() {
                let buffer = float(row as u64) * self.rows.step;
                *value = narrow(-EMPTY_END * self.segment / (buffer + self.segment));
            }
        }
        let last = self.stages.saturating_sub(1) * slab;
        self.values.get_mut(last..).unwrap_or_default().fill(end);
        for stage in (0..self.stages).rev() {
            let (before, after) = self.values.split_at_mut((stage + 1) * slab);
            let ends = before.get_mut(stage * slab..).unwrap_or_default();
            let steps = self.steps.get((stage + 1) * renditions..).unwrap_or_default();
            if !after.is_empty() {
                back(&self.rows, steps, after, ends, &self.utilities);
            }
            let length = STAGES.get(stage).map_or(0.0, |&count| float(count as u64)) * self.segment;
            interrupt(&self.rows, ends, outlook.outages.often * length, outlook.outages.long);
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
            // The mean of twice the time to the middle of the stage is what it will be like there. Below the median, it does not
            // get better.
            let way = outlook.course.after(2.0 * all + length);
            let slower = exp2(-way);
            let lower = if way > 0.0 { 1.0 } else { slower };
            let [lowest, low, median, high, highest] = self.pace;
            let paces = [
                lowest * lower,
                low * lower,
                median * slower,
                high * slower,
                highest * slower,
            ];
            let parts = number * self.parts;
            for (at, utility) in self.utilities.iter().enumerate() {
                let bytes = (first..first + count).filter_map(|ahead| context.upcoming.bytes(ahead, at));
                let bits = float(bytes.fold(0u64, u64::saturating_add).saturating_mul(8));
                let mut step = Step {
                    worth: utility * length / CHANGE,
                    ..Step::default()
                };
                for ((need, gain), pace) in step.need.iter_mut().zip(&mut step.gain).zip(&paces) {
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
        for ((need, gain), pace) in rest.need.iter_mut().zip(&mut rest.gain).zip(&self.pace) {
            *need = bits * pace;
            *gain = self.segment - *need;
        }
        self.first(&rest, rendition)
    }

    /// The value of a first step.
    fn first(&self, step: &Step, at: usize) -> f64 {
        let outcome = |level: usize| self.outcome(0, level, self.buffer, step, at);
        let expected: f64 = NEXT
            .iter()
            .enumerate()
            .map(|(level, chance)| outcome(level) * chance)
            .sum();
        expected + step.worth - self.change(self.current, at)
    }

    /// What a step of a stage in a rendition brings at a level of the network.
    fn outcome(&self, stage: usize, level: usize, buffer: f64, step: &Step, at: usize) -> f64 {
        let of = |levels: &Levels| levels.get(level).copied().unwrap_or(0.0);
        let after = self.values.get((stage * LEVELS + level) * self.utilities.len() + at);
        after.map_or(0.0, |after| {
            self.rows.outcome(after, buffer, of(&step.need), of(&step.gain))
        })
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
            let mut best = (before, f64::MIN);
            for at in 0..renditions {
                let step = step(stage, at);
                let value = self.outcome(stage, middle, buffer, &step, at);
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

/// The value of a stage's beginning (the end of the one before) from those of its end.
fn back(rows: &Rows, steps: &[Step], after: &[Line], ends: &mut [Line], utilities: &[f64]) {
    let renditions = utilities.len().max(1);
    let mut outcomes = [[0.0; ROWS]; LEVELS];
    for (at, step) in steps.iter().enumerate().take(renditions) {
        for (level, line) in outcomes.iter_mut().enumerate() {
            let of = |levels: &Levels| levels.get(level).copied().unwrap_or(0.0);
            if let Some(after) = after.get(level * renditions + at) {
                rows.outcomes(line, after, of(&step.need), of(&step.gain));
            }
        }
        let worth = narrow(step.worth);
        // The level may be another one a stage later.
        for level in 0..LEVELS {
            let (lower, higher) = (level.saturating_sub(1), (level + 1).min(LEVELS - 1));
            if let (Some(end), Some(lower), Some(here), Some(higher)) = (
                ends.get_mut(level * renditions + at),
                outcomes.get(lower),
                outcomes.get(level),
                outcomes.get(higher),
            ) {
                drift(end, worth, here, lower, higher);
            }
        }
    }
    // Where another rendition is worth more than the change to it costs, its value counts.
    for ends in ends.chunks_exact_mut(renditions) {
        for at in 1..renditions {
            rise(ends, utilities, at - 1, at);
        }
        for at in (1..renditions).rev() {
            rise(ends, utilities, at, at - 1);
        }
    }
}

/// With a chance, nothing comes for so long, at any level of the network.
fn interrupt(rows: &Rows, ends: &mut [Line], chance: f64, long: f64) {
    if chance <= 0.0 {
        return;
    }
    let chance = narrow(if chance < 0.5 { chance } else { 0.5 });
    let mut without = [0.0; ROWS];
    for end in ends {
        rows.outcomes(&mut without, end, long, -long);
        for (value, without) in end.iter_mut().zip(&without) {
            *value += chance * (without - *value);
        }
    }
}

/// What is to be expected at a level of the network now of values at it and its neighbours a stage later.
fn drift(end: &mut Line, worth: f32, here: &Line, lower: &Line, higher: &Line) {
    let values = here.iter().zip(lower).zip(higher);
    for (end, ((here, lower), higher)) in end.iter_mut().zip(values) {
        *end = worth + here + DRIFT * (lower + higher - 2.0 * here);
    }
}

fn rise(ends: &mut [Line], utilities: &[f64], from: usize, to: usize) {
    let (Some(&other), Some(of), Some(own)) = (ends.get(from), utilities.get(from), utilities.get(to)) else {
        return;
    };
    let cost = narrow((of - own).abs());
    let Some(values) = ends.get_mut(to) else { return };
    for (value, other) in values.iter_mut().zip(&other) {
        let moved = other - cost;
        // Without a branch, which would be guessed wrong half the time.
        *value = if moved > *value { moved } else { *value };
    }
}

/// Seconds of a time.
pub(super) fn seconds(time: Micros) -> f64 {
    float(time.0.max(0).unsigned_abs()) / 1_000_000.0
}
