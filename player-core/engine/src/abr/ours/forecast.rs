//! How fast the network will be, and how sure that is.

use footlight_dash::Micros;

use super::plan::seconds;
use crate::abr::log::{exp2, float, log2, whole};
use crate::abr::{Context, Forecast, Slice};
use crate::time::Instant;

/// How long what came counts, in seconds: the forecast is the mean of these four views, so that it follows a change at
/// once and yet does not take a dip for a new state.
const MEMORIES: [f64; 4] = [1.0, 2.0, 4.0, 8.0];
/// Spread assumed before any error is known, in powers of two, and how many errors that is worth.
const PRIOR_SPREAD: f64 = 0.58;
const PRIOR_WEIGHT: f64 = 3.0;
/// Spread of what is only assumed, because nothing was measured.
const ASSUMED_SPREAD: f64 = 1.0;
/// What comes faster than so many times the largest rendition counts as that fast: it makes no difference to the choice,
/// and a burst from a cache does not hide what the network does after it.
const ENOUGH: f64 = 3.0;
/// The spread is never more: beyond that the plan would never dare anything.
const MAX_SPREAD: f64 = 0.6;
const MIN_SPREAD: f64 = 0.05;
/// How long an error counts, in seconds.
const MEMORY_OF_ERRORS: f64 = 30.0;
/// The standard deviation of a normal distribution is so many of its mean errors. The mean error is what is kept: one
/// outage does not make everything after it look wild.
const DEVIATIONS: f64 = 1.25;
/// Nine of ten are within so many standard deviations, counted from one side.
const NINE_OF_TEN: f64 = 1.28;

/// Forecasts, and how wrong they were.
#[derive(Clone, Debug)]
pub(super) struct Forecaster {
    /// Mean errors and their weight.
    errors: f64,
    weight: f64,
    /// What was forecast, and when; both as log2 of bits per second.
    told: Option<(f64, Instant)>,
}

impl Default for Forecaster {
    fn default() -> Self {
        Self {
            errors: PRIOR_SPREAD * PRIOR_WEIGHT,
            weight: PRIOR_WEIGHT,
            told: None,
        }
    }
}

impl Forecaster {
    /// Compares what came since the last forecast with it, and makes the next one.
    pub(super) fn learn(&mut self, context: &Context<'_>) {
        if let Some((told, at)) = self.told
            && let Some(came) = mean_since(context, at)
        {
            let error = if came > told { came - told } else { told - came };
            let passed = seconds(context.now.since(at).max(Micros(500_000)));
            let kept = 1.0 / (1.0 + passed / MEMORY_OF_ERRORS);
            let prior = (1.0 - kept) * PRIOR_WEIGHT;
            self.errors = self.errors * kept + DEVIATIONS * error + prior * PRIOR_SPREAD;
            self.weight = self.weight * kept + 1.0 + prior;
        }
        self.told = expected(context).map(|told| (told, context.now));
    }

    /// Median and spread of the coming throughput, as log2 of bits per second.
    pub(super) fn forecast(&self, context: &Context<'_>) -> (f64, f64) {
        let spread = (self.errors / self.weight).clamp(MIN_SPREAD, MAX_SPREAD);
        match expected(context) {
            Some(median) => (median, spread),
            None => (log2(float(context.assumed)), ASSUMED_SPREAD),
        }
    }

    /// The forecast as it is shown.
    pub(super) fn told(&self, context: &Context<'_>) -> Forecast {
        let (median, spread) = self.forecast(context);
        let rate = |level: f64| whole(exp2(median + level * spread));
        Forecast {
            low: rate(-NINE_OF_TEN),
            median: rate(0.0),
            high: rate(NINE_OF_TEN),
        }
    }
}

/// log2 of the throughput to expect from what came of late.
fn expected(context: &Context<'_>) -> Option<f64> {
    let mut views = MEMORIES.map(|memory| (memory, 0.0, 0.0));
    let enough = enough(context);
    for slice in context.network.slices() {
        let age = seconds(context.now.since(slice.end));
        let (bits, busy) = came(slice, enough);
        for (memory, all_bits, all_busy) in &mut views {
            let old = age / *memory;
            let weight = 1.0 / (1.0 + old * old * old);
            *all_bits += weight * bits;
            *all_busy += weight * busy;
        }
    }
    let mut sum = 0.0;
    for (_, bits, busy) in views {
        if busy <= 0.0 {
            return None;
        }
        sum += log2(bits / busy);
    }
    Some(sum / 4.0)
}

/// log2 of the mean throughput since `at`, when anything came.
fn mean_since(context: &Context<'_>, at: Instant) -> Option<f64> {
    let (mut bits, mut busy) = (0.0, 0.0);
    let enough = enough(context);
    for slice in context.network.slices().iter().rev().take_while(|s| s.end > at) {
        let came = came(slice, enough);
        bits += came.0;
        busy += came.1;
    }
    (busy > 0.0).then(|| log2(bits / busy))
}

/// What counts of a slice, in bits, and its time in seconds.
fn came(slice: &Slice, enough: f64) -> (f64, f64) {
    let (bits, busy) = (float(slice.bytes.saturating_mul(8)), seconds(slice.busy));
    let most = busy * enough;
    (if bits < most { bits } else { most }, busy)
}

/// More than this makes no difference, bits per second.
fn enough(context: &Context<'_>) -> f64 {
    float(
        context
            .renditions
            .last()
            .map_or(0, |r| r.bitrate)
            .saturating_add(context.reserved),
    ) * ENOUGH
}
