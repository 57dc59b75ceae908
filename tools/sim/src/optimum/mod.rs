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
    form: Form,
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
            form,
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

    /// The best value of each rendition when one may change to it from any other, and what came with that value.
    fn after_switch<T: Copy>(&self, values: &mut [(f64, T)]) {
        for at in 1..values.len() {
            let climbed = values[at - 1].0 - (self.quality[at] - self.quality[at - 1]);
            if climbed > values[at].0 {
                values[at] = (climbed, values[at - 1].1);
            }
        }
        for at in (0..values.len().saturating_sub(1)).rev() {
            let fallen = values[at + 1].0 - (self.quality[at + 1] - self.quality[at]);
            if fallen > values[at].0 {
                values[at] = (fallen, values[at + 1].1);
            }
        }
    }

    /// What a schedule is worth.
    fn nqoe(&self, renditions: &[usize]) -> f64 {
        replay(self.trace, self.movie, self.buffer, renditions).nqoe[usize::from(self.form == Form::Logarithmic)]
    }

    /// The ranges of waiting in which a session may reach this nQoE.
    fn tails(&self, least: f64) -> Vec<Tail> {
        let step = match self.span() {
            span if span > 5000.0 => 80.0,
            span if span > 1000.0 => 30.0,
            _ => 15.0,
        };
        tails(self, least / self.scale(), step)
    }

    /// The best schedule that never changes.
    fn constant(&self) -> (f64, Vec<usize>) {
        let all = (0..self.gain.len()).map(|at| vec![at; self.movie.segments()]);
        all.map(|schedule| (self.nqoe(&schedule), schedule))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .unwrap_or_default()
    }

    /// A schedule that is worth about `least` or more; what rounds up may miss it by a little.
    fn schedule(&self, least: f64) -> Option<(f64, Vec<usize>)> {
        let mut grid = Grid::coarse(self);
        let mut best: Option<(f64, Vec<usize>)> = None;
        for slack in [0.002, 0.01, 0.05, 0.2] {
            let floor = least - slack;
            let found = forward(self, &self.tails(floor), grid, Rounding::Up, floor / self.scale());
            if let Some(schedule) = found.schedule {
                let got = self.nqoe(&schedule);
                if best.as_ref().is_none_or(|(known, _)| got > *known) {
                    best = Some((got, schedule));
                }
                if found.left_out == 0 || got > least {
                    break;
                }
            }
            grid.waiting *= 3.0;
        }
        best
    }

    /// What no schedule exceeds, and whether that is certain, when one is known that is worth `least`.
    fn bound(&self, least: f64) -> (f64, bool) {
        let (tails, mut grid) = (self.tails(least), Grid::fine(self));
        let floor = least / self.scale();
        let mut found = forward(self, &tails, grid, Rounding::Down, floor);
        for _ in 0..6 {
            if found.left_out == 0 {
                break;
            }
            grid.waiting *= 3.0;
            found = forward(self, &tails, grid, Rounding::Down, floor);
        }
        let value = found.value.map_or(least, |value| value * self.scale());
        (value.max(least), found.left_out == 0)
    }
}

/// Finds the optimum of a session. `known`: the nQoE of some session that was played, which helps.
#[must_use]
pub fn solve(trace: &Trace, movie: &Movie, buffer_ms: f64, form: Form, known: Option<f64>) -> Optimum {
    let problem = Problem::new(trace, movie, buffer_ms, form);
    let (mut reached, mut renditions) = problem.constant();
    let least = known.map_or(reached, |known| known.max(reached));
    if let Some((got, schedule)) = problem.schedule(least).filter(|(got, _)| *got > reached) {
        (reached, renditions) = (got, schedule);
    }
    let (bound, is_rigorous) = problem.bound(least.max(reached));
    Optimum {
        bound,
        reached,
        renditions,
        is_rigorous,
    }
}

#[cfg(test)]
mod tests;
