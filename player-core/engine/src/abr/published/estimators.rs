//! Other estimates of the throughput than the dual mean, for the rule that spends a share of it.

use std::collections::VecDeque;

use crate::abr::by_throughput::{by_share, too_late};
use crate::abr::{Choice, Context, Rule, Running, Slice};

/// Weight of the samples that the percentile is taken of; each weighs the square root of its bytes.
const MOST_WEIGHT: u64 = 2_000;
/// Samples that the harmonic mean is taken of.
const MEAN_OF: usize = 5;

/// How samples become an estimate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Estimator {
    /// The median of what came of late, large transfers counting for more: the sliding percentile of ExoPlayer's and Media3's
    /// `DefaultBandwidthMeter`.
    SlidingPercentile,
    /// The harmonic mean of the last transfers, which one burst does not raise (FESTIVE: Jiang, Sekar, Zhang, CoNEXT 2012; the
    /// last five, as in MPC: Yin et al., SIGCOMM 2015).
    HarmonicMean,
}

impl Estimator {
    /// Bits per second that these samples (the newest last) tell; `None` without any.
    #[must_use]
    pub fn estimate(self, samples: &VecDeque<Slice>) -> Option<u64> {
        match self {
            Self::SlidingPercentile => percentile(samples),
            Self::HarmonicMean => harmonic(samples),
        }
    }
}

fn percentile(samples: &VecDeque<Slice>) -> Option<u64> {
    let (mut ranked, mut whole) = (Vec::<(u64, u64)>::new(), 0);
    for sample in samples.iter().rev() {
        // The oldest counts for what is left.
        let weight = sample.bytes.isqrt().clamp(1, MOST_WEIGHT - whole);
        whole += weight;
        let at = ranked.partition_point(|(rate, _)| *rate < sample.rate());
        ranked.insert(at, (sample.rate(), weight));
        if whole == MOST_WEIGHT {
            break;
        }
    }
    let mut below = 0;
    let middle = ranked.iter().find(|(_, weight)| {
        below += weight;
        below * 2 >= whole
    });
    middle.map(|(rate, _)| *rate)
}

fn harmonic(samples: &VecDeque<Slice>) -> Option<u64> {
    // Parts of a second that a bit takes, in 2^-96.
    let pace = |sample: &Slice| (1u128 << 96) / u128::from(sample.rate().max(1));
    let (mut count, mut sum) = (0u128, 0u128);
    for sample in samples.iter().rev().take(MEAN_OF) {
        count += 1;
        sum += pace(sample);
    }
    u64::try_from((count << 96).checked_div(sum)?).ok()
}

/// What a share of an estimate carries.
#[derive(Clone, Copy, Debug)]
pub struct ByEstimate(pub Estimator);

impl Rule for ByEstimate {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        let all = self.0.estimate(context.network.samples());
        by_share(context, all.map(|all| context.left_of(all)))
    }

    fn reconsider(&mut self, context: &Context<'_>, running: &Running) -> Option<usize> {
        too_late(context, running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;
    use footlight_dash::Micros;
    use proptest::prelude::*;

    /// Transfers of a second each, in bits per second.
    fn of(rates: &[u64]) -> VecDeque<Slice> {
        let slice = |rate: &u64| Slice {
            end: Instant::default(),
            busy: Micros(1_000_000),
            bytes: rate / 8,
        };
        rates.iter().map(slice).collect()
    }

    #[test]
    fn nothing_is_known_of_nothing() {
        assert_eq!(Estimator::SlidingPercentile.estimate(&of(&[])), None);
        assert_eq!(Estimator::HarmonicMean.estimate(&of(&[])), None);
    }

    #[test]
    fn the_median_does_not_see_what_is_rare_nor_what_is_old() {
        let median = |rates: &[u64]| Estimator::SlidingPercentile.estimate(&of(rates));
        assert_eq!(median(&[800_000; 3]), Some(800_000));
        assert_eq!(median(&[800_000, 80_000, 800_000, 80_000, 800_000]), Some(800_000));
        // 8 Mbit weigh 1000: the last two are all that counts.
        assert_eq!(
            median(&[800_000, 800_000, 800_000, 8_000_000, 8_000_000]),
            Some(8_000_000)
        );
    }

    #[test]
    fn the_harmonic_mean_is_near_what_was_slow() {
        let mean = |rates: &[u64]| Estimator::HarmonicMean.estimate(&of(rates));
        assert_eq!(mean(&[1_000_000, 3_000_000]), Some(1_500_000));
        assert_eq!(
            mean(&[1, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000]),
            Some(1_000_000)
        );
    }

    proptest! {
        #[test]
        fn an_estimate_is_within_what_was_seen(rates in proptest::collection::vec(8u64..1 << 40, 1..40)) {
            for estimator in [Estimator::SlidingPercentile, Estimator::HarmonicMean] {
                let samples = of(&rates);
                let seen = || samples.iter().map(Slice::rate);
                let estimate = estimator.estimate(&samples);
                prop_assert!(estimate >= seen().min() && estimate <= seen().max());
            }
        }
    }
}
