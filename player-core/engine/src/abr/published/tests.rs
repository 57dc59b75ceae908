use crate::abr::situation::{LADDER, Situation};
use crate::abr::{Algorithm, Transfer};
use footlight_dash::Micros;

/// What a rule chooses after transfers at `rate`, with so many seconds in the buffer.
fn after(algorithm: Algorithm, rate: u64, buffer: i64) -> usize {
    let (mut rule, mut situation) = (algorithm.rule(), Situation::new(0, None));
    let mut last = rule.choose(&situation.context()).index;
    for _ in 0..40 {
        let asked = situation.now;
        situation.transferred(rate);
        rule.observe(&Transfer {
            rendition: last,
            bytes: rate / 8,
            asked,
            head: asked,
            end: situation.now,
            abandoned: false,
            buffer: Micros(buffer * 1_000_000),
        });
        situation.buffer = Micros(buffer * 1_000_000);
        situation.current = Some(last);
        let choice = rule.choose(&situation.context());
        last = choice.index;
        assert!(last < LADDER.len(), "{algorithm:?}");
    }
    last
}

#[test]
fn a_fast_network_and_a_full_buffer_take_the_largest() {
    for algorithm in Algorithm::ALL {
        assert_eq!(after(*algorithm, 50_000_000, 28), LADDER.len() - 1, "{algorithm:?}");
    }
}

#[test]
fn a_slow_network_and_an_empty_buffer_take_the_smallest() {
    for algorithm in Algorithm::ALL {
        assert_eq!(after(*algorithm, 100_000, 1), 0, "{algorithm:?}");
    }
}

#[test]
fn names_lead_back_to_their_rules() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::by_name(algorithm.name()), Some(*algorithm));
    }
    assert_eq!(Algorithm::by_name("none"), None);
}
