use super::{DualMean, at, kbps, millis};
use crate::abr::log::{float, log2_q16};
use crate::abr::{Choice, Context, Reason, Rule, Transfer};

/// The plan looks this far ahead, in milliseconds, and at five segments at most.
const HORIZON: f64 = 10_000.0;

/// What the paper leaves open: the buffer aimed at as a share of the room, the weights of more than it, of the buffer and of
/// changes, and whether a plan may overfill the buffer (it waits then).
#[derive(Clone, Copy, Debug)]
struct Weights {
    target: f64,
    above: f64,
    buffer: f64,
    change: f64,
    overfills: bool,
}

const ROOMY: Weights = Weights {
    target: 0.6,
    above: 0.05,
    buffer: 10.0,
    change: 30.0,
    overfills: false,
};
/// For buffers of 5 s and less.
const TIGHT: Weights = Weights {
    target: 0.8,
    above: 0.05,
    buffer: 30.0,
    change: 0.3,
    overfills: true,
};

/// SODA: Chen, Li, Winstein, Sitaraman, Akella, "SODA: An Adaptive Bitrate Controller for Consistent High-Quality Video
/// Streaming", SIGCOMM 2024, equations 1 and 2 and algorithm 1: smoothed optimisation over monotone plans in time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Soda {
    mean: DualMean,
    segment: f64,
}

struct Search<'a> {
    ladder: &'a [f64],
    distortion: &'a [f64],
    rate: f64,
    segment: f64,
    room: f64,
    weights: Weights,
    cap: usize,
}

impl Search<'_> {
    /// The least cost of `left` steps that only go up, or only down, from `before`, and its first step.
    fn go(&self, buffer: f64, before: usize, left: usize, up: bool) -> Option<(f64, usize)> {
        let mut best: Option<(f64, usize)> = None;
        let count = if up {
            (self.cap + 1).saturating_sub(before)
        } else {
            before + 1
        };
        for step in 0..count {
            let rendition = if up { before + step } else { before - step };
            let got = self.rate * self.segment / at(self.ladder, rendition).max(1e-9);
            let after = buffer + got - self.segment;
            let weights = self.weights;
            if after < 0.0 || (after > self.room && !weights.overfills) {
                continue;
            }
            let (after, target) = (f64::min(after, self.room), weights.target * self.room);
            let off = (target - after) / target;
            let change = at(self.distortion, rendition) - at(self.distortion, before);
            let weight = if after <= target { 1.0 } else { weights.above };
            let mut cost = at(self.distortion, rendition) * got / self.segment
                + weights.buffer * weight * off * off
                + weights.change * change * change;
            if best.is_some_and(|(least, _)| cost >= least) {
                continue;
            }
            if left > 1 {
                let Some((rest, _)) = self.go(after, rendition, left - 1, up) else {
                    continue;
                };
                cost += rest;
            }
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, rendition));
            }
        }
        best
    }
}

impl Rule for Soda {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        self.segment = millis(context.segment);
        let Some(current) = context.current else {
            return Choice::new(0, Reason::Startup);
        };
        let ladder = kbps(context);
        let log = |bitrate: u64| float(log2_q16(bitrate).unsigned_abs());
        let of = |place: Option<&crate::abr::Rendition>| place.map_or(0.0, |r| log(r.bitrate));
        let (low, high) = (of(context.renditions.first()), of(context.renditions.last()));
        let share = |r: &crate::abr::Rendition| (high - log(r.bitrate)) / f64::max(1.0, high - low);
        let distortion: Vec<f64> = context.renditions.iter().map(share).collect();
        let top = ladder.len() - 1;
        let room = millis(context.buffer_goal);
        let cap = ladder.iter().position(|kbps| *kbps >= self.mean.rate).unwrap_or(top);
        let search = Search {
            ladder: &ladder,
            distortion: &distortion,
            rate: self.mean.rate,
            segment: self.segment,
            room,
            weights: if room > 5_000.0 { ROOMY } else { TIGHT },
            cap,
        };
        let fits = (1..5)
            .take_while(|count| float(*count + 1) * self.segment <= HORIZON)
            .count()
            + 1;
        let left = fits.min(context.left.map_or(5, |left| usize::try_from(left).unwrap_or(5)));
        let buffer = millis(context.buffer);
        let up = search.go(buffer, current, left, true);
        let down = search.go(buffer, current, left, false);
        let index = match (up, down) {
            (Some(up), Some(down)) => (if up.0 < down.0 { up.1 } else { down.1 }).min(cap),
            (Some(one), None) | (None, Some(one)) => one.1.min(cap),
            (None, None) if self.mean.rate > at(&ladder, top) => cap,
            (None, None) => 0,
        };
        Choice::new(index, Reason::Plan)
    }

    fn observe(&mut self, transfer: &Transfer) {
        self.mean.add(transfer, self.segment);
    }
}
