//! BOLA: the rendition that balances utility against buffer occupancy.

use super::{Choice, Context, Reason, Rule, log2_q16};

/// Buffer from which on the smallest rendition is not worth its bits, µs (dash.js and Sabre use 10 s).
const MIN_BUFFER: i128 = 10_000_000;

/// BOLA-BASIC with the parameters derived from the buffer's size: Spiteri, Urgaonkar, Sitaraman, "BOLA:
/// Near-Optimal Bitrate Adaptation for Online Videos", INFOCOM 2016, section IV.
///
/// The score of rendition *m* at buffer *Q* is (V·(u_m + γ) − Q) / S_m with utilities u_m = ln(S_m / S_0).
/// V and γ follow from two wishes: at the minimum buffer the smallest rendition's score is zero, at the
/// target the largest one's is (V·γ = Q_min, V·(u_M + γ) = Q_target).
#[derive(Clone, Copy, Debug, Default)]
pub struct Bola;

impl Bola {
    /// The index that BOLA prefers at `buffer`.
    fn best(context: &Context<'_>) -> usize {
        let lowest = context.renditions.first().map_or(0, |r| log2_q16(r.bitrate));
        let utility = |bitrate: u64| i128::from(log2_q16(bitrate).saturating_sub(lowest));
        let top = context.renditions.last().map_or(1, |r| utility(r.bitrate)).max(1);
        // The minimum may not exceed 3/5 of the goal, else small buffers never leave the floor.
        let target = i128::from(context.buffer_goal.0).max(4_000_000);
        let minimum = MIN_BUFFER.min(target * 3 / 5);
        let buffer = i128::from(context.buffer.0);
        let mut best = (0, i128::MIN);
        for (index, bitrate) in context.renditions.iter().map(|r| r.bitrate).enumerate() {
            // V·(u + γ) = minimum + u/top · (target − minimum), in µs.
            let value = minimum + utility(bitrate) * (target - minimum) / top;
            // Scaled so that the division by the bitrate keeps its digits.
            let score = ((value - buffer) << 20) / i128::from(bitrate.max(1));
            if score > best.1 {
                best = (index, score);
            }
        }
        best.0
    }
}

impl Rule for Bola {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        Choice::new(Self::best(context), Reason::Bola)
    }
}

#[cfg(test)]
mod tests {
    use super::super::situation::{LADDER, Situation};
    use super::*;

    fn at(buffer_seconds: i64) -> usize {
        Bola::best(&Situation::new(buffer_seconds, None).context())
    }

    #[test]
    fn a_fuller_buffer_never_chooses_less() {
        let choices: Vec<_> = (0..=30).map(at).collect();
        assert!(choices.windows(2).all(|w| w[0] <= w[1]), "{choices:?}");
        assert_eq!(choices[0], 0);
        assert_eq!(choices[30], LADDER.len() - 1);
    }

    #[test]
    fn the_smallest_is_left_before_the_minimum_buffer() {
        assert_eq!(at(3), 0);
        assert!(at(10) > 0);
    }
}
