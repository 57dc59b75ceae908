use super::{at, bits, kbps, millis};
use crate::abr::log::{float, whole};
use crate::abr::{Choice, Context, Forecast, Reason, Rule, Transfer};

const HORIZON: usize = 5;
/// Transfers that the forecast is made from, and errors that it is lowered by.
const PAST: usize = 5;

/// RobustMPC: Yin, Jindal, Sekar, Sinopoli, "A Control-Theoretic Approach for Dynamic Adaptive Video Streaming over HTTP",
/// SIGCOMM 2015, with the constants of Pensieve's comparison: harmonic mean of five transfers, lowered by the largest of the
/// last five errors; the best of all sequences of five segments, by linear quality of experience.
#[derive(Clone, Debug, Default)]
pub struct RobustMpc {
    rates: Vec<f64>,
    errors: Vec<f64>,
    told: Option<f64>,
}

struct Search<'a> {
    sizes: &'a [Vec<f64>],
    quality: &'a [f64],
    rate: f64,
    segment: f64,
    room: f64,
}

impl Search<'_> {
    /// Tries all sequences from `stage` on that begin as `first` says; `best` is the most so far and its first rendition.
    fn go(&self, stage: usize, first: Option<usize>, (before, buffer, sum): (f64, f64, f64), best: &mut (f64, usize)) {
        let Some(sizes) = self.sizes.get(stage) else {
            if sum > best.0 {
                *best = (sum, first.unwrap_or(0));
            }
            return;
        };
        let worth = self.segment / 4_000.0;
        let rest = float((self.sizes.len() - stage) as u64) * worth;
        let buffer = f64::min(buffer, f64::max(0.0, self.room));
        for (index, (quality, size)) in self.quality.iter().zip(sizes).enumerate() {
            let taken = size / self.rate;
            let stall = f64::max(0.0, taken - buffer);
            let value = sum + quality * worth - stall / 1_000.0 - (quality - before).abs();
            if value + rest - worth > best.0 {
                let left = f64::max(0.0, buffer - taken) + self.segment;
                self.go(stage + 1, first.or(Some(index)), (*quality, left, value), best);
            }
        }
    }
}

impl Rule for RobustMpc {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        let (Some(current), Some(last)) = (context.current, self.rates.last().copied()) else {
            return Choice::new(0, Reason::Startup);
        };
        if let Some(told) = self.told {
            self.errors.push((told - last).abs() / last);
            if self.errors.len() > PAST {
                self.errors.remove(0);
            }
        }
        let slowness: f64 = self.rates.iter().map(|rate| 1.0 / rate).sum();
        let mean = float(self.rates.len() as u64) / slowness;
        self.told = Some(mean);
        let rate = mean / (1.0 + self.errors.iter().copied().fold(0.0, f64::max));
        let ladder = kbps(context);
        let top = ladder.last().copied().unwrap_or(1.0);
        let quality: Vec<f64> = ladder.iter().map(|kbps| kbps / top).collect();
        let ahead = (0..HORIZON).take_while(|ahead| context.upcoming.length(*ahead).is_some());
        let of = |ahead: usize| {
            (0..ladder.len())
                .map(|rendition| bits(context, ahead, rendition))
                .collect()
        };
        let sizes: Vec<Vec<f64>> = ahead.map(of).collect();
        let segment = millis(context.segment);
        let search = Search {
            sizes: &sizes,
            quality: &quality,
            rate,
            segment,
            room: millis(context.buffer_goal) - segment,
        };
        let mut best = (f64::MIN, 0);
        search.go(0, None, (at(&quality, current), millis(context.buffer), 0.0), &mut best);
        Choice {
            forecast: Forecast {
                low: whole(rate * 1_000.0),
                median: whole(mean * 1_000.0),
                high: whole(mean * 1_000.0),
            },
            ..Choice::new(best.1, Reason::Plan)
        }
    }

    fn observe(&mut self, transfer: &Transfer) {
        let taken = millis(transfer.end.since(transfer.asked));
        if transfer.abandoned || taken <= 0.0 || transfer.bytes == 0 {
            return;
        }
        self.rates.push(float(transfer.bytes.saturating_mul(8)) / taken);
        if self.rates.len() > PAST {
            self.rates.remove(0);
        }
    }
}
