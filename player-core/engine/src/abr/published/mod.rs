//! Published rules, to measure against: as their papers define them, on one transfer at a time.

mod bba;
mod bola_e;
mod estimators;
mod l2a;
mod lolp;
mod mpc;
mod soda;

pub use bba::Bba2;
pub use bola_e::BolaE;
pub use estimators::{ByEstimate, Estimator};
pub use l2a::L2aLl;
pub use lolp::LolPlus;
pub use mpc::RobustMpc;
pub use soda::Soda;

use footlight_dash::Micros;

use super::log::{exp2, float};
use super::{Context, Transfer};

/// Milliseconds of a time.
fn millis(time: Micros) -> f64 {
    float(time.0.max(0).unsigned_abs()) / 1000.0
}

/// The ladder in kbit/s, which are bits per millisecond.
fn kbps(context: &Context<'_>) -> Vec<f64> {
    context.renditions.iter().map(|r| float(r.bitrate) / 1000.0).collect()
}

/// Bits of a segment to come.
fn bits(context: &Context<'_>, ahead: usize, rendition: usize) -> f64 {
    float(context.upcoming.bytes(ahead, rendition).unwrap_or(0).saturating_mul(8))
}

fn at(values: &[f64], index: usize) -> f64 {
    values.get(index).copied().unwrap_or(0.0)
}

/// The throughput estimate of dash.js and of Sabre (Spiteri, Sitaraman, Sparacio, MMSys 2018): two means that forget half in
/// 3 and in 8 seconds of transfers, the lower one; of latencies the higher one.
#[derive(Clone, Copy, Debug, Default)]
struct DualMean {
    rates: [f64; 2],
    latencies: [f64; 2],
    busy: f64,
    transfers: f64,
    /// Bits per millisecond.
    rate: f64,
    /// Milliseconds.
    latency: f64,
}

const HALVES: [f64; 2] = [3_000.0, 8_000.0];

impl DualMean {
    fn add(&mut self, transfer: &Transfer, segment: f64) {
        let busy = millis(transfer.end.since(transfer.head));
        if transfer.abandoned || busy <= 0.0 {
            return;
        }
        let sample = float(transfer.bytes.saturating_mul(8)) / busy;
        let waited = millis(transfer.head.since(transfer.asked));
        self.busy += busy;
        self.transfers += 1.0;
        let (mut rate, mut latency) = (f64::MAX, 0.0);
        let means = self.rates.iter_mut().zip(&mut self.latencies).zip(HALVES);
        for ((mean, late), half) in means {
            let keep = exp2(-busy / half);
            *mean = keep * *mean + (1.0 - keep) * sample;
            let keep = exp2(-segment / half);
            *late = keep * *late + (1.0 - keep) * waited;
            rate = f64::min(rate, *mean / (1.0 - exp2(-self.busy / half)).max(1e-6));
            latency = f64::max(
                latency,
                *late / (1.0 - exp2(-self.transfers * segment / half)).max(1e-6),
            );
        }
        (self.rate, self.latency) = (rate, latency);
    }

    /// The highest rendition of which a nominal segment takes at most its own length.
    fn sustained(&self, ladder: &[f64], segment: f64, share: f64) -> usize {
        let fits = |kbps: &&f64| self.latency + segment * **kbps / (self.rate * share).max(1e-9) <= segment;
        ladder.iter().skip(1).take_while(fits).count()
    }
}

#[cfg(test)]
mod tests;
