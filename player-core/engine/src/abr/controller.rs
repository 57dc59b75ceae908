//! The default rule: throughput while the buffer is short, BOLA with a throughput guard after.

use footlight_dash::Micros;

use super::{Bola, Choice, Context, Reason, Rule};

/// Share of the estimate that may be spent, in percent.
const SAFETY: u64 = 85;
/// The same where the buffer can never be more than this: close to the live edge nothing makes up for a dip.
const SAFETY_SHORT: u64 = 60;
const SHORT: Micros = Micros(5_000_000);
/// Below this buffer the throughput decides; above, BOLA. With hysteresis, as dash.js's DYNAMIC
/// (Spiteri, Sitaraman, Sparacio, "From Theory to Practice", MMSys 2018).
const TO_BOLA: i64 = 12_000_000;
const TO_THROUGHPUT: i64 = 8_000_000;

/// See the module's description.
#[derive(Debug, Default)]
pub struct Controller {
    bola: Bola,
    by_buffer: bool,
}

impl Controller {
    /// The largest rendition within a share of the throughput.
    fn by_throughput(context: &Context<'_>) -> Choice {
        let (throughput, reason) = match context.throughput {
            Some(measured) => (measured, Reason::Throughput),
            None => (context.assumed, Reason::Startup),
        };
        let safety = if context.buffer_goal < SHORT {
            SAFETY_SHORT
        } else {
            SAFETY
        };
        let mut spend = throughput / 100 * safety;
        let mut reason = reason;
        // With little in the buffer a segment must arrive before the buffer ends (dash.js's insufficient
        // buffer rule): spend in proportion.
        if context.current.is_some() && context.buffer.0 < context.segment.0 {
            let share =
                context.buffer.0.max(0).unsigned_abs().saturating_mul(100) / context.segment.0.max(1).unsigned_abs();
            let limited = spend / 100 * share.max(30);
            if limited < spend {
                spend = limited;
                reason = Reason::BufferLow;
            }
        }
        let index = context
            .bitrates
            .iter()
            .rposition(|&bitrate| bitrate <= spend)
            .unwrap_or(0);
        Choice { index, reason }
    }
}

impl Rule for Controller {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        if context.bitrates.len() == 1 {
            return Choice {
                index: 0,
                reason: Reason::Only,
            };
        }
        // Both thresholds scale down with small goals.
        let scale = |threshold: i64| threshold.min(context.buffer_goal.0 / 5 * 2);
        if self.by_buffer && context.buffer < Micros(scale(TO_THROUGHPUT)) {
            self.by_buffer = false;
        } else if !self.by_buffer && context.buffer >= Micros(scale(TO_BOLA)) && context.throughput.is_some() {
            self.by_buffer = true;
        }
        let sustained = Self::by_throughput(context);
        if !self.by_buffer {
            return sustained;
        }
        let wanted = self.bola.choose(context);
        let current = context.current.unwrap_or(0);
        if wanted.index > current && wanted.index > sustained.index {
            // BOLA-O: never climb past what the network carries, nor fall for it.
            return Choice {
                index: sustained.index.max(current),
                reason: Reason::ThroughputGuard,
            };
        }
        if wanted.index < sustained.index {
            // The buffer grows only as fast as the network allows; what it carries is safe to take.
            return sustained;
        }
        wanted
    }

    fn reset(&mut self) {
        self.by_buffer = false;
        self.bola.reset();
    }
}

/// log2 in 16.16 fixed point, exact to the last place on every platform (0 for 0).
#[must_use]
pub fn log2_q16(value: u64) -> i64 {
    if value == 0 {
        return 0;
    }
    let whole = 63 - value.leading_zeros();
    // Mantissa in [1, 2) with 31 fractional bits, squared bit by bit.
    let mut mantissa = if whole >= 31 {
        value >> (whole - 31)
    } else {
        value << (31 - whole)
    };
    let mut result = i64::from(whole) << 16;
    for bit in (0..16).rev() {
        mantissa = (mantissa * mantissa) >> 31;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            result |= 1 << bit;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LADDER: [u64; 6] = [120_000, 240_000, 420_000, 800_000, 1_400_000, 2_400_000];

    fn context(buffer: i64, throughput: Option<u64>, current: Option<usize>) -> Context<'static> {
        Context {
            bitrates: &LADDER,
            current,
            buffer: Micros(buffer * 1_000_000),
            buffer_goal: Micros(30_000_000),
            segment: Micros(2_000_000),
            throughput,
            assumed: 1_000_000,
        }
    }

    #[test]
    fn the_start_uses_the_assumption() {
        let choice = Controller::default().choose(&context(0, None, None));
        assert_eq!(
            choice,
            Choice {
                index: 3,
                reason: Reason::Startup
            }
        );
    }

    #[test]
    fn a_short_buffer_follows_the_throughput() {
        let mut rule = Controller::default();
        assert_eq!(rule.choose(&context(6, Some(500_000), Some(5))).index, 2);
        assert_eq!(rule.choose(&context(6, Some(10_000_000), Some(0))).index, 5);
    }

    #[test]
    fn an_empty_buffer_spends_less() {
        let choice = Controller::default().choose(&context(0, Some(1_000_000), Some(3)));
        assert_eq!(choice.reason, Reason::BufferLow);
        assert!(choice.index < 3);
    }

    #[test]
    fn bola_may_hold_a_rendition_but_not_climb_past_the_network() {
        let mut rule = Controller::default();
        let choice = rule.choose(&context(28, Some(1_000_000), Some(3)));
        assert_eq!(
            choice,
            Choice {
                index: 3,
                reason: Reason::ThroughputGuard
            }
        );
        let held = rule.choose(&context(28, Some(500_000), Some(5)));
        assert_eq!(
            held,
            Choice {
                index: 5,
                reason: Reason::Bola
            }
        );
    }

    proptest! {
        #[test]
        fn log2_is_close_and_monotone(a in 1u64.., b in 1u64..) {
            let exact = (a as f64).log2() * 65536.0;
            prop_assert!((log2_q16(a) as f64 - exact).abs() < 4.0);
            if a <= b { prop_assert!(log2_q16(a) <= log2_q16(b)); }
        }

        #[test]
        fn a_choice_is_always_on_the_ladder(
            buffer in 0i64..120, throughput in proptest::option::of(0u64..1 << 40), current in proptest::option::of(0usize..6)
        ) {
            let choice = Controller::default().choose(&context(buffer, throughput, current));
            prop_assert!(choice.index < LADDER.len());
        }
    }
}
