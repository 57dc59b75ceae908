//! How much can still be gained: an estimate that is never too low, so that states without hope can be dropped.

use super::Problem;
use crate::trace::Ascending;

/// Where ranges of total waiting end, in seconds above the least.
const EDGES: [f64; 24] = [
    0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0, 256.0,
    512.0, 1024.0, 4096.0, 1e5,
];
/// Ranges up to here are looked at finely.
const NEAR: f64 = 24.0;

/// The most that segments still to come add, where waiting ends up in a range: as if all of the range's waiting could be
/// spent at once and cost only its beginning.
#[derive(Clone, Debug)]
pub(super) struct Tail {
    /// Total waiting, milliseconds.
    pub(super) from: f64,
    pub(super) to: f64,
    step: f64,
    /// Renditions.
    width: usize,
    /// For each segment: the earliest time at which it is asked for, and from there on, step by step, the most that it and
    /// those after it add, by the rendition before.
    rows: Vec<(f64, Vec<f32>)>,
    /// No session whose waiting ends in the range has a higher value.
    value: f64,
}

impl Tail {
    fn new(problem: &Problem<'_>, from: f64, to: f64, step: f64) -> Self {
        let (count, width) = (problem.movie.segments(), problem.gain.len());
        let mut tail = Self {
            from,
            to,
            step,
            width,
            rows: vec![(0.0, Vec::new()); count],
            value: f64::NEG_INFINITY,
        };
        let mut values = vec![(0.0, ()); width];
        for segment in (1..count).rev() {
            let first = problem.room(segment, problem.least[segment - 1]);
            let last = to + (segment as f64 - 1.0) * problem.length;
            let cells = ((last - first).max(0.0) / step) as usize + 2;
            let mut finishes: Vec<_> = (0..width)
                .map(|at| Ascending::new(problem.trace, problem.movie.size(segment, at)))
                .collect();
            let mut row = Vec::with_capacity(cells * width);
            for cell in 0..cells {
                let time = (first + cell as f64 * step).max(0.0);
                for (at, finish) in finishes.iter_mut().enumerate() {
                    values[at].0 = tail.with(problem, segment, at, finish.finish(time));
                }
                problem.after_switch(&mut values);
                // Rounded up: it must not be too low.
                row.extend(values.iter().map(|(value, ())| (value + 1e-6 * value.abs()) as f32));
            }
            tail.rows[segment] = (first, row);
        }
        for at in 0..width {
            let end = problem.trace.finish(0.0, problem.movie.size(0, at));
            let value = tail.with(problem, 0, at, end) - problem.cost * end.max(from);
            tail.value = tail.value.max(value);
        }
        tail
    }

    /// What a segment and those after it add when it is complete at `end`.
    fn with(&self, problem: &Problem<'_>, segment: usize, rendition: usize, end: f64) -> f64 {
        if end > self.to + segment as f64 * problem.length + 1e-6 {
            return f64::NEG_INFINITY;
        }
        problem.gain[rendition] + self.at(segment + 1, end, rendition)
    }

    /// What segments from this one on add when it can be asked for at `time` after this rendition.
    pub(super) fn at(&self, segment: usize, time: f64, rendition: usize) -> f64 {
        let Some((first, row)) = self.rows.get(segment) else {
            return 0.0;
        };
        let cell = ((time - first).max(0.0) / self.step + 1e-9) as usize;
        // Nothing is asked for later than in the last one.
        let cell = cell.min(row.len() / self.width - 1);
        f64::from(row[cell * self.width + rendition])
    }
}

/// The ranges of total waiting in which a session may be worth `least`, each with its tail in steps of about `fine` ms.
pub(super) fn tails(problem: &Problem<'_>, least: f64, fine: f64) -> Vec<Tail> {
    let waited = problem.least.last().copied().unwrap_or_default();
    let most = problem.gain.last().copied().unwrap_or_default() * problem.movie.segments() as f64;
    let mut tails = Vec::new();
    for edge in EDGES.windows(2) {
        let (from, to) = (waited + 1000.0 * edge[0], waited + 1000.0 * edge[1]);
        if most - problem.cost * from < least {
            break;
        }
        let coarse = Tail::new(problem, from, to, ((to - waited) / 40.0).max(4.0 * fine));
        if coarse.value < least {
            continue;
        }
        if edge[1] > NEAR {
            tails.push(coarse);
            continue;
        }
        let tail = Tail::new(problem, from, to, if edge[1] <= NEAR / 4.0 { fine } else { 2.0 * fine });
        if tail.value >= least {
            tails.push(tail);
        }
    }
    tails
}

/// The highest value that a state may come to: segment to ask for, value so far, waiting, time, rendition before.
pub(super) fn hope(
    tails: &[Tail],
    problem: &Problem<'_>,
    segment: usize,
    (value, waited, time, rendition): (f64, f64, f64, usize),
    enough: f64,
) -> f64 {
    let mut best = f64::NEG_INFINITY;
    for tail in tails.iter().filter(|tail| tail.to >= waited - 1e-9) {
        let hope = value - problem.cost * waited.max(tail.from) + tail.at(segment, time, rendition);
        best = best.max(hope);
        if best >= enough {
            break;
        }
    }
    best
}
