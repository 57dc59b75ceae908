use core::f64::consts::LN_2;

use footlight_dash::Micros;

use super::{DualMean, at, kbps, millis};
use crate::abr::log::{float, log2_q16};
use crate::abr::{Choice, Context, Reason, Rule, Running, Transfer};
use crate::time::Instant;

/// Buffer below which the smallest rendition is taken, and more for each rendition, in milliseconds.
const BASE: f64 = 10_000.0;
const PER_LEVEL: f64 = 2_000.0;

/// BOLA-E: Spiteri, Sitaraman, Sparacio, "From Theory to Practice: Improving Bitrate Adaptation in the DASH Reference Player",
/// MMSys 2018: BOLA with a placeholder buffer, the insufficient-buffer rule and without oscillation.
#[derive(Clone, Debug, Default)]
pub struct BolaE {
    mean: DualMean,
    segment: f64,
    ladder: Vec<f64>,
    utilities: Vec<f64>,
    value: f64,
    gain: f64,
    /// The insufficient-buffer rule's share, which falls from segment to segment.
    low: f64,
    /// The placeholder buffer, in milliseconds.
    hold: f64,
    last: usize,
    is_steady: bool,
    /// When the last transfer ended, and how long it took.
    ended: Option<(Instant, f64)>,
}

impl BolaE {
    fn prepare(&mut self, context: &Context<'_>) {
        self.segment = millis(context.segment);
        self.ladder = kbps(context);
        let lowest = context.renditions.first().map_or(0, |r| log2_q16(r.bitrate));
        let log = |bitrate: u64| float(log2_q16(bitrate).saturating_sub(lowest).max(0).unsigned_abs()) / 65_536.0;
        self.utilities = context.renditions.iter().map(|r| 1.0 + LN_2 * log(r.bitrate)).collect();
        let levels = float(self.ladder.len() as u64);
        let target = f64::max(BASE + PER_LEVEL * levels, millis(context.buffer_goal));
        let top = self.utilities.last().copied().unwrap_or(1.0);
        self.gain = f64::max(1e-6, (top - 1.0) / (target / BASE - 1.0));
        self.value = BASE / self.gain;
    }

    fn best(&self, level: f64) -> usize {
        let mut best = (0, f64::MIN);
        for (index, (utility, kbps)) in self.utilities.iter().zip(&self.ladder).enumerate() {
            let score = (self.value * (utility + self.gain) - level) / kbps;
            if score > best.1 {
                best = (index, score);
            }
        }
        best.0
    }

    /// The least buffer at which a rendition is the best one.
    fn least(&self, of: usize) -> f64 {
        let (utility, rate) = (at(&self.utilities, of), at(&self.ladder, of));
        let of_lower = |(&lower, &kbps): (&f64, &f64)| {
            self.value * (self.gain + (rate * lower - kbps * utility) / f64::max(1e-9, rate - kbps))
        };
        let lower = self.utilities.iter().zip(&self.ladder).take(of);
        lower.map(of_lower).fold(0.0, f64::max)
    }

    fn most(&self, of: usize) -> f64 {
        self.value * (at(&self.utilities, of) + self.gain)
    }
}

impl Rule for BolaE {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        self.prepare(context);
        let level = millis(context.buffer);
        if context.current.is_none() {
            return Choice::new(0, Reason::Startup);
        }
        if let Some((ended, taken)) = self.ended.take() {
            // Waiting for room does not make the buffer shorter in BOLA's eyes.
            let waited = millis(context.now.since(ended));
            let was = level + waited - self.segment + taken;
            if self.is_steady {
                self.hold = f64::min(self.hold, f64::max(0.0, self.most(self.last) - was));
                if level + waited > self.segment {
                    self.hold = f64::max(self.hold, self.least(self.last) - was);
                }
                self.hold += waited;
            }
        }
        let sustained = self.mean.sustained(&self.ladder, self.segment, 1.0);
        if !self.is_steady {
            (self.is_steady, self.low, self.last) = (true, 0.9, sustained);
            self.hold = f64::max(0.0, self.least(sustained) - level);
            return Choice::new(sustained, Reason::Throughput);
        }
        let (mut index, mut reason) = (self.best(level + self.hold), Reason::Bola);
        if index > self.last && index > sustained {
            (index, reason) = (self.last.max(sustained), Reason::ThroughputGuard);
        }
        let mut wait = f64::max(0.0, level + self.hold - self.most(index));
        let cut = f64::min(wait, self.hold);
        self.hold -= cut;
        wait = if index + 1 == self.ladder.len() {
            0.0
        } else {
            wait - cut
        };
        let safe = self.low * (level - self.mean.latency) * self.mean.rate;
        self.low = f64::max(0.5, self.low * 0.9);
        let too_large = |kbps: &f64| kbps * self.segment > safe;
        if let Some(over) = self.ladder.iter().skip(1).take(index).position(too_large) {
            (index, wait, reason) = (over, 0.0, Reason::BufferLow);
            self.hold = f64::min(self.hold, f64::max(0.0, self.least(index) - level));
        }
        self.last = index;
        let wait = Micros(i64::try_from(crate::abr::log::whole(wait * 1_000.0)).unwrap_or(0));
        Choice {
            wait,
            ..Choice::new(index, reason)
        }
    }

    fn observe(&mut self, transfer: &Transfer) {
        self.mean.add(transfer, self.segment);
        if !transfer.abandoned {
            self.ended = Some((transfer.end, millis(transfer.end.since(transfer.asked))));
        }
    }

    fn reconsider(&mut self, context: &Context<'_>, running: &Running) -> Option<usize> {
        let head = running.head?;
        let (elapsed, first) = (
            millis(context.now.since(running.asked)),
            millis(head.since(running.asked)),
        );
        let got = float(running.received.saturating_mul(8));
        let size = float(running.bytes.saturating_mul(8));
        if got <= 0.0 || elapsed <= first || elapsed < 50.0 {
            return None;
        }
        let level = f64::max(0.0, millis(context.buffer) + self.hold - first);
        let left = size - got - first * got / (elapsed - first);
        if left <= 0.0 {
            return None;
        }
        let score = |index: usize, bits: f64| (self.most(index) - level) / bits;
        let mut best = (None, score(running.rendition, left));
        let own = f64::max(1e-9, at(&self.ladder, running.rendition));
        for index in 0..running.rendition {
            let other = size * at(&self.ladder, index) / own;
            if other < left && score(index, other) > best.1 {
                best = (Some(index), score(index, other));
            }
        }
        if let (Some(to), _) = best {
            let wanted = if to > 0 { self.least(to) } else { BASE };
            self.hold = f64::min(self.hold, f64::max(0.0, wanted - millis(context.buffer)));
            self.last = to;
        }
        best.0
    }

    fn reset(&mut self) {
        self.is_steady = false;
        self.hold = 0.0;
        self.ended = None;
    }
}
