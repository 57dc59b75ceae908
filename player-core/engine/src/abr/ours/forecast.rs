//! How fast the network will be, and how sure that is.

use footlight_dash::Micros;

use super::course::{Course, Courses};
use super::plan::{Outages, seconds};
use crate::abr::log::{exp2, float, log2, whole};
use crate::abr::{Context, Forecast, Slice};
use crate::time::Instant;

/// How long what came counts, in seconds: the forecast is the mean of these four views, so that it follows a change at
/// once and yet does not take a dip for a new state.
const MEMORIES: [f64; 4] = [1.0, 2.0, 4.0, 8.0];
/// A slice counts for no longer than this part of a memory: one in which nothing came for long says that there was an
/// outage, not that there still is one.
const LONGEST: f64 = 0.15;
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
const MEMORY_OF_ERRORS: f64 = 60.0;
/// How long what came counts for the mean of the session, in seconds.
const MEMORY_OF_SESSION: f64 = 300.0;
/// The standard deviation of a normal distribution is so many of its mean errors. The mean error is what is kept: one
/// outage does not make everything after it look wild.
const DEVIATIONS: f64 = 1.25;
/// Nine of ten are within so many standard deviations, counted from one side.
const NINE_OF_TEN: f64 = 1.28;

/// Less than this part of the session's mean is an outage, when it lasts so many seconds.
pub(super) const OUTAGE: f64 = 0.125;
const SHORTEST: f64 = 1.0;
/// Seconds without an outage that are assumed beside those of the session.
const CALM: f64 = 300.0;

/// What to expect of the network, as log2 of bits per second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Belief {
    median: f64,
    /// Spread below the median, and above it.
    below: f64,
    above: f64,
    /// Where the median goes.
    pub(super) course: Course,
}

impl Belief {
    /// Bits per second, so many spreads above the median.
    pub(super) fn rate(&self, level: f64) -> f64 {
        exp2(self.median + level * if level < 0.0 { self.below } else { self.above })
    }

    /// As it is shown.
    pub(super) fn told(&self) -> Forecast {
        let rate = |level: f64| whole(self.rate(level));
        Forecast {
            low: rate(-NINE_OF_TEN),
            median: rate(0.0),
            high: rate(NINE_OF_TEN),
        }
    }
}

/// Forecasts, and how wrong they were.
#[derive(Clone, Debug)]
pub(super) struct Forecaster {
    /// By how much less came than was forecast, and by how much more, and the weight of both.
    less: f64,
    more: f64,
    weight: f64,
    /// What was forecast, and when.
    told: Option<(f64, Instant)>,
    /// Bits and seconds of the session, and up to when.
    bits: f64,
    busy: f64,
    seen: Instant,
    /// Outages of the session, their seconds, and how long the present one lasts.
    outages: f64,
    without: f64,
    outage: f64,
    courses: Courses,
}

impl Default for Forecaster {
    fn default() -> Self {
        Self {
            less: PRIOR_SPREAD * PRIOR_WEIGHT,
            more: PRIOR_SPREAD * PRIOR_WEIGHT,
            weight: PRIOR_WEIGHT,
            told: None,
            bits: 0.0,
            busy: 0.0,
            seen: Instant(0),
            outages: 0.0,
            without: 0.0,
            outage: 0.0,
            courses: Courses::default(),
        }
    }
}

impl Forecaster {
    /// Compares what came since the last forecast with it, and makes the next one.
    pub(super) fn learn(&mut self, context: &Context<'_>) -> Belief {
        if let Some((told, at)) = self.told
            && let Some(came) = mean_since(context, at)
        {
            let passed = seconds(context.now.since(at).max(Micros(500_000)));
            let kept = 1.0 / (1.0 + passed / MEMORY_OF_ERRORS);
            let prior = (1.0 - kept) * PRIOR_WEIGHT;
            // An error is on one side only, so that each side's mean is half of what it would be alone.
            let learnt = |errors: f64, error: f64| {
                let error = if error > 0.0 { error } else { 0.0 };
                errors * kept + 2.0 * DEVIATIONS * error + prior * PRIOR_SPREAD
            };
            self.less = learnt(self.less, told - came);
            self.more = learnt(self.more, came - told);
            self.weight = self.weight * kept + 1.0 + prior;
        }
        let enough = enough(context);
        for slice in context.network.slices() {
            if slice.end > self.seen {
                let (bits, busy) = came(slice, enough);
                self.watch(bits, busy);
                self.courses.count(bits, busy);
                let kept = 1.0 / (1.0 + busy / MEMORY_OF_SESSION);
                self.outages *= kept;
                self.without *= kept;
                self.bits = self.bits * kept + bits;
                self.busy = self.busy * kept + busy;
                self.seen = slice.end;
            }
        }
        let expected = expected(context);
        self.told = expected.map(|median| (median, context.now));
        if let Some(median) = expected
            && self.busy > 0.0
        {
            let mean = self.bits / self.busy;
            self.courses.learn(context.now, median, mean, self.away(median));
        }
        self.belief(context, expected)
    }

    /// How far the mean of the session is above `median`.
    fn away(&self, median: f64) -> f64 {
        if self.busy > 0.0 {
            log2(self.bits / self.busy) - median
        } else {
            0.0
        }
    }

    /// Counts an outage when it is over.
    fn watch(&mut self, bits: f64, busy: f64) {
        if bits * self.busy < OUTAGE * self.bits * busy {
            self.outage += busy;
        } else {
            if self.outage > SHORTEST {
                self.outages += 1.0;
                self.without += self.outage;
            }
            self.outage = 0.0;
        }
    }

    /// The outages to expect.
    pub(super) fn outages(&self) -> Outages {
        if self.outages > 0.0 {
            Outages {
                often: self.outages / (self.busy + CALM),
                long: self.without / self.outages,
            }
        } else {
            Outages::default()
        }
    }

    /// The forecast of now.
    pub(super) fn forecast(&self, context: &Context<'_>) -> Belief {
        self.belief(context, expected(context))
    }

    fn belief(&self, context: &Context<'_>, expected: Option<f64>) -> Belief {
        let spread = |errors: f64| (errors / self.weight).clamp(MIN_SPREAD, MAX_SPREAD);
        match expected {
            Some(median) => Belief {
                median,
                below: spread(self.less),
                above: spread(self.more),
                course: self.courses.course(self.away(median)),
            },
            None => Belief {
                median: log2(float(context.assumed)),
                below: ASSUMED_SPREAD,
                above: ASSUMED_SPREAD,
                course: Course::default(),
            },
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
            let (old, most) = (age / *memory, LONGEST * *memory);
            let part = if busy > most { most / busy } else { 1.0 };
            let weight = part / (1.0 + old * old * old);
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
