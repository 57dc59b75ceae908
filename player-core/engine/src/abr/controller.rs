//! The default rule: throughput while the buffer is short, BOLA with a throughput guard after.

use footlight_dash::Micros;

use super::{Bola, Choice, Context, Reason, Rule, Running};

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
        let (throughput, reason) = match context.throughput() {
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
        let part = context.segment.0 / i64::from(context.parts.max(1));
        if context.current.is_some() && context.buffer.0 < part {
            let share = context.buffer.0.max(0).unsigned_abs().saturating_mul(100) / part.max(1).unsigned_abs();
            let limited = spend / 100 * share.max(30);
            if limited < spend {
                spend = limited;
                reason = Reason::BufferLow;
            }
        }
        Choice::new(context.within(spend), reason)
    }
}

impl Rule for Controller {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        // Both thresholds scale down with small goals.
        let scale = |threshold: i64| threshold.min(context.buffer_goal.0 / 5 * 2);
        if self.by_buffer && context.buffer < Micros(scale(TO_THROUGHPUT)) {
            self.by_buffer = false;
        } else if !self.by_buffer && context.buffer >= Micros(scale(TO_BOLA)) && context.network.estimate().is_some() {
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
            return Choice::new(sustained.index.max(current), Reason::ThroughputGuard);
        }
        if wanted.index < sustained.index {
            // The buffer grows only as fast as the network allows; what it carries is safe to take.
            return sustained;
        }
        wanted
    }

    fn reconsider(&mut self, context: &Context<'_>, running: &Running) -> Option<usize> {
        too_late(context, running)
    }

    fn reset(&mut self) {
        self.by_buffer = false;
        self.bola.reset();
    }
}

/// What a share of the throughput carries, and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByThroughput;

impl Rule for ByThroughput {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        Controller::by_throughput(context)
    }

    fn reconsider(&mut self, context: &Context<'_>, running: &Running) -> Option<usize> {
        too_late(context, running)
    }
}

/// A transfer must run this long before it is judged.
const ABANDON_AFTER: Micros = Micros(500_000);

/// A smaller rendition for a segment that will come after the buffer has ended, when that one comes clearly sooner
/// (dash.js's abandon request rule).
fn too_late(context: &Context<'_>, running: &Running) -> Option<usize> {
    let rate = context.network.in_flight().filter(|&rate| rate > 0)?;
    let ahead = context.buffer.0;
    let remaining = running.bytes.saturating_sub(running.received);
    if context.now.since(running.asked) < ABANDON_AFTER
        || running.rendition == 0
        || transfer_time(remaining, rate).0 <= ahead.max(1_500_000)
    {
        return None;
    }
    let size = |at: usize| context.upcoming.bytes(0, at).unwrap_or(0);
    let fits = |at: &usize| transfer_time(size(*at), rate).0 <= ahead / 2;
    let target = (0..running.rendition).rev().find(fits).unwrap_or(0);
    (size(target).saturating_mul(10) < remaining.saturating_mul(6)).then_some(target)
}

/// How long `bytes` take at `rate` bits per second.
fn transfer_time(bytes: u64, rate: u64) -> Micros {
    let micros = u128::from(bytes) * 8_000_000 / u128::from(rate.max(1));
    Micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::situation::{LADDER, Situation};
    use super::*;
    use proptest::prelude::*;

    fn chosen(rule: &mut Controller, buffer: i64, throughput: Option<u64>, current: Option<usize>) -> (usize, Reason) {
        let mut situation = Situation::new(buffer, current);
        if let Some(rate) = throughput {
            situation.transferred(rate);
        }
        let choice = rule.choose(&situation.context());
        (choice.index, choice.reason)
    }

    #[test]
    fn the_start_uses_the_assumption() {
        let choice = chosen(&mut Controller::default(), 0, None, None);
        assert_eq!(choice, (3, Reason::Startup));
    }

    #[test]
    fn a_short_buffer_follows_the_throughput() {
        let mut rule = Controller::default();
        assert_eq!(chosen(&mut rule, 6, Some(500_000), Some(5)).0, 2);
        assert_eq!(chosen(&mut rule, 6, Some(10_000_000), Some(0)).0, 5);
    }

    #[test]
    fn an_empty_buffer_spends_less() {
        let (index, reason) = chosen(&mut Controller::default(), 0, Some(1_000_000), Some(3));
        assert_eq!(reason, Reason::BufferLow);
        assert!(index < 3);
    }

    #[test]
    fn bola_may_hold_a_rendition_but_not_climb_past_the_network() {
        let mut rule = Controller::default();
        let guarded = chosen(&mut rule, 28, Some(1_000_000), Some(3));
        assert_eq!(guarded, (3, Reason::ThroughputGuard));
        let held = chosen(&mut rule, 28, Some(500_000), Some(5));
        assert_eq!(held, (5, Reason::Bola));
    }

    proptest! {
        #[test]
        fn a_choice_is_always_on_the_ladder(
            buffer in 0i64..120, throughput in proptest::option::of(0u64..1 << 40), current in proptest::option::of(0usize..6)
        ) {
            let choice = chosen(&mut Controller::default(), buffer, throughput, current);
            prop_assert!(choice.0 < LADDER.len());
        }
    }
}
