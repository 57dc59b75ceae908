use super::{DualMean, at, kbps, millis};
use crate::abr::log::float;
use crate::abr::{Choice, Context, Reason, Rule, Transfer};

/// The cautiousness of the paper, 4 to the power of 0.99: how soon a debt of buffer counts.
const CAUTION: f64 = 3.944_930_8;
/// Learning begins with so many milliseconds in the buffer.
const STEADY: f64 = 1_500.0;
/// Share of the throughput that is spent before that.
const SAFETY: f64 = 0.9;

/// L2A-LL: Karagkioulis, Mekuria, Griffioen, Wagenaar, "Online learning for low-latency adaptive streaming", MMSys 2020,
/// with the constants of dash.js: gradient descent over shares of the ladder, where a debt of buffer is the constraint.
/// Its control of playback speed is left to the player's own.
#[derive(Clone, Debug, Default)]
pub struct L2aLl {
    mean: DualMean,
    segment: f64,
    /// Bits per millisecond of the last transfer.
    last: f64,
    /// The share of each rendition; empty before the buffer is steady.
    shares: Vec<f64>,
    /// The multiplier of the constraint.
    debt: f64,
}

/// The nearest point whose coordinates are not negative and add up to one.
fn onto_simplex(point: &mut [f64]) {
    let mut sorted = point.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut count) = (0.0, 0.0);
    let mut shift = 0.0;
    for (place, value) in sorted.iter().enumerate() {
        sum += value;
        count += 1.0;
        shift = (sum - 1.0) / count;
        if sorted.get(place + 1).is_none_or(|next| shift >= *next) {
            break;
        }
    }
    for value in point {
        *value = f64::max(*value - shift, 0.0);
    }
}

impl L2aLl {
    /// One step of the descent, and the rendition that its mean bit rate is closest to.
    fn learn(&mut self, ladder: &[f64], current: usize) -> usize {
        let seconds = self.segment / 1000.0;
        let rate = f64::max(1.0, self.last);
        let step = seconds / (2.0 * f64::max(4.0, 2.0 * CAUTION)) * (self.debt + CAUTION) / rate;
        let before = self.shares.clone();
        // Renditions that the network carries gain, the others lose.
        for (share, kbps) in self.shares.iter_mut().zip(ladder) {
            *share += if *kbps > rate { -step * kbps } else { step * kbps };
        }
        onto_simplex(&mut self.shares);
        let mean: f64 = self.shares.iter().zip(ladder).map(|(share, kbps)| share * kbps).sum();
        let moved = self.shares.iter().zip(&before).zip(ladder);
        let drift: f64 = moved.map(|((now, before), kbps)| (now - before) * kbps).sum();
        self.debt = f64::max(0.0, self.debt - seconds + seconds * (mean + drift) / rate);
        let away = |at: &usize| (ladder.get(*at).copied().unwrap_or(0.0) - mean).abs();
        let nearest = (0..ladder.len()).min_by(|a, b| away(a).total_cmp(&away(b)));
        let mut index = nearest.unwrap_or(0);
        if index > current && at(ladder, current + 1) <= rate {
            index = current + 1;
        }
        if at(ladder, index) >= rate {
            self.debt = 2.0 * f64::max(CAUTION, self.debt);
        }
        index
    }
}

impl Rule for L2aLl {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        self.segment = millis(context.segment);
        let Some(current) = context.current else {
            self.shares.clear();
            return Choice::new(0, Reason::Startup);
        };
        let ladder = kbps(context);
        if self.shares.len() != ladder.len() {
            let spend = SAFETY * self.mean.rate;
            let index = ladder.iter().rposition(|kbps| *kbps <= spend).unwrap_or(0);
            self.shares.clear();
            if millis(context.buffer) >= STEADY {
                self.debt = CAUTION;
                let of = |place| float(u64::from(place == index));
                self.shares = (0..ladder.len()).map(of).collect();
            }
            return Choice::new(index, Reason::Throughput);
        }
        Choice::new(self.learn(&ladder, current), Reason::Plan)
    }

    fn observe(&mut self, transfer: &Transfer) {
        self.mean.add(transfer, self.segment);
        let busy = millis(transfer.end.since(transfer.head));
        if busy > 0.0 {
            self.last = float(transfer.bytes.saturating_mul(8)) / busy;
        }
    }

    fn reset(&mut self) {
        self.shares.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::onto_simplex;
    use proptest::prelude::*;

    #[test]
    fn what_is_on_the_simplex_stays() {
        let mut point = [0.25, 0.5, 0.25];
        onto_simplex(&mut point);
        assert_eq!(point, [0.25, 0.5, 0.25]);
        let mut far = [3.0, 0.0, 0.0];
        onto_simplex(&mut far);
        assert_eq!(far, [1.0, 0.0, 0.0]);
    }

    proptest! {
        #[test]
        fn shares_add_up_to_one(mut point in proptest::collection::vec(-50.0f64..50.0, 1..9)) {
            onto_simplex(&mut point);
            let sum: f64 = point.iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-9 && point.iter().all(|share| *share >= 0.0), "{point:?}");
        }
    }
}
