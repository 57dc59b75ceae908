//! DYNAMIC: throughput while the buffer is short, BOLA with a throughput guard after.

use footlight_dash::Micros;

use super::by_throughput::{by_throughput, too_late};
use super::{Bola, Choice, Context, Reason, Rule, Running};

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

impl Rule for Controller {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        // Both thresholds scale down with small goals.
        let scale = |threshold: i64| threshold.min(context.buffer_goal.0 / 5 * 2);
        if self.by_buffer && context.buffer < Micros(scale(TO_THROUGHPUT)) {
            self.by_buffer = false;
        } else if !self.by_buffer && context.buffer >= Micros(scale(TO_BOLA)) && context.network.estimate().is_some() {
            self.by_buffer = true;
        }
        let sustained = by_throughput(context);
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
