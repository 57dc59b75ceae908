//! The best that could have been done, the whole trace known: how far from it a rule is says more than its score.
//!
//! Dynamic programming over the segments; a state is when the next one can be asked for, how much waiting there was in all,
//! and the last rendition. On a link that serves in order, earlier and with less waiting is never worse. So rounding both
//! *down* to a grid at every step bounds every schedule from above, those that wait or drop requests included, and rounding
//! both *up* finds a schedule that can be replayed. The truth lies between the two.

mod cache;
mod forward;
mod tail;

pub use cache::Cache;

use serde::{Deserialize, Serialize};

use crate::movie::Movie;
use crate::score::{Form, replay};
use crate::trace::Trace;
use forward::{Grid, Rounding, forward};
use tail::{Tail, tails};

/// What hindsight allows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Optimum {
    /// nQoE that no schedule exceeds.
    pub bound: f64,
    /// nQoE of [`Self::renditions`].
    pub reached: f64,
    /// The best schedule found.
    pub renditions: Vec<usize>,
    /// The bound is one: no state was left out for want of memory.
    pub is_rigorous: bool,
}

/// What the two passes know of a session. Milliseconds and bits; values are sums of quality per segment, less costs.
struct Problem<'a> {
    trace: &'a Trace,
    movie: &'a Movie,
    buffer: f64,
    length: f64,
    /// What a segment of each rendition adds, and the quality that changes are measured by.
    gain: Vec<f64>,
    quality: Vec<f64>,
    /// What a millisecond of waiting costs.
    cost: f64,
    /// The least waiting up to and with each segment.
    least: Vec<f64>,
}

impl<'a> Problem<'a> {
    fn new(trace: &'a Trace, movie: &'a Movie, buffer: f64, form: Form) -> Self {
        let quality = form.qualities(movie);
        let length = movie.segment_duration_ms;
        let mut problem = Self {
            trace,
            movie,
            buffer,
            length,
            gain: quality.iter().map(|quality| quality * length / 4000.0).collect(),
            cost: quality.last().copied().unwrap_or_default() / 1000.0,
            quality,
            least: Vec::new(),
        };
        let (mut now, mut waited) = (0.0f64, 0.0f64);
        for segment in 0..movie.segments() {
            now = trace.finish(now, movie.size(segment, movie.smallest(segment)));
            waited = waited.max(now - segment as f64 * length);
            problem.least.push(waited);
            now = now.max(problem.room(segment + 1, waited));
        }
        problem
    }

    /// When a segment fits into the buffer after so much waiting.
    fn room(&self, segment: usize, waited: f64) -> f64 {
        waited + (segment as f64 + 1.0) * self.length - self.buffer
    }

    /// How long before its segment plays a request can be made at the earliest.
    fn span(&self) -> f64 {
        (self.buffer - 2.0 * self.length).max(0.0)
    }

    /// What to multiply values with to get nQoE.
    fn scale(&self) -> f64 {
        4000.0 / (self.movie.segments() as f64 * self.length) / self.quality.last().copied().unwrap_or(1.0)
    }

    /// The best value of each rendition when one may change to it from any other.
    fn after_switch(&self, values: &mut [f64]) {
        for at in 1..values.len() {
            values[at] = values[at].max(values[at - 1] - (self.quality[at] - self.quality[at - 1]));
        }
        for at in (0..values.len().saturating_sub(1)).rev() {
            values[at] = values[at].max(values[at + 1] - (self.quality[at + 1] - self.quality[at]));
        }
    }
}

/// Finds the optimum of a session. `known`: the nQoE of some session that was played, which helps.
#[must_use]
pub fn solve(trace: &Trace, movie: &Movie, buffer_ms: f64, form: Form, known: Option<f64>) -> Optimum {
    let problem = Problem::new(trace, movie, buffer_ms, form);
    let value =
        |renditions: &[usize]| replay(trace, movie, buffer_ms, renditions).nqoe[usize::from(form == Form::Logarithmic)];
    let mut renditions = vec![0; movie.segments()];
    let mut reached = value(&renditions);
    for at in 1..movie.renditions() {
        let constant = vec![at; movie.segments()];
        let got = value(&constant);
        if got > reached {
            (reached, renditions) = (got, constant);
        }
    }
    let mut least = known.map_or(reached, |known| known.max(reached));
    let fine = if problem.span() > 5000.0 {
        80.0
    } else if problem.span() > 1000.0 {
        30.0
    } else {
        15.0
    };
    let hopes = |least: f64| tails(&problem, least / problem.scale(), fine);

    // A schedule: what rounds up may miss `least` by a little.
    let mut grid = Grid::coarse(&problem);
    for slack in [0.002, 0.01, 0.05, 0.2] {
        let floor = least - slack;
        let found = forward(&problem, &hopes(floor), &grid, Rounding::Up, floor / problem.scale());
        if let Some(schedule) = &found.schedule {
            let got = value(schedule);
            if got > reached {
                (reached, renditions) = (got, schedule.clone());
            }
            if found.left_out == 0 || got > least {
                break;
            }
        }
        grid.waiting *= 3.0;
    }
    least = least.max(reached);

    let mut grid = Grid::fine(&problem);
    let tails: Vec<Tail> = hopes(least);
    let mut found = forward(&problem, &tails, &grid, Rounding::Down, least / problem.scale());
    for _ in 0..6 {
        if found.left_out == 0 {
            break;
        }
        grid.waiting *= 3.0;
        found = forward(&problem, &tails, &grid, Rounding::Down, least / problem.scale());
    }
    Optimum {
        bound: found.value.map_or(least, |value| (value * problem.scale()).max(least)),
        reached,
        renditions,
        is_rigorous: found.left_out == 0,
    }
}

#[cfg(test)]
mod tests;
