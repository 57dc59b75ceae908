use super::super::situation::{LADDER, Situation};
use super::course::Course;
use super::plan::Outages;
use super::*;
use crate::abr::Upcoming;
use crate::time::Instant;
use proptest::prelude::*;

fn choose(situation: &Situation) -> Choice {
    Ours::default().choose(&situation.context())
}

#[test]
fn nothing_known_starts_small() {
    let choice = choose(&Situation::new(0, None));
    assert_eq!(choice.reason, Reason::Startup);
    assert!(choice.index <= 2, "{choice:?}");
    assert_eq!(choice.forecast.median.abs_diff(1_000_000) / 1_000, 0);
}

#[test]
fn a_fast_network_remembered_starts_larger_than_a_slow_one() {
    let start = |assumed: u64| {
        let situation = Situation::new(0, None);
        let context = Context {
            assumed,
            ..situation.context()
        };
        Ours::default().choose(&context).index
    };
    assert_eq!(start(100_000), 0);
    assert!(start(1_000_000_000) > start(300_000));
}

#[test]
fn a_fuller_buffer_dares_more() {
    let at = |buffer: i64| {
        let mut situation = Situation::new(buffer, Some(2));
        for _ in 0..8 {
            situation.transferred(900_000);
        }
        choose(&situation).index
    };
    assert!(at(1) < at(25), "{} {}", at(1), at(25));
    assert!((1..30).all(|buffer| at(buffer) <= at(buffer + 1)));
}

#[test]
fn an_unsteady_network_gets_less_than_a_steady_one() {
    let after = |rates: [u64; 2]| {
        let (mut rule, mut situation) = (Ours::default(), Situation::new(4, Some(3)));
        let mut low = u64::MAX;
        for _ in 0..10 {
            for rate in rates {
                situation.transferred(rate);
                low = rule.choose(&situation.context()).forecast.low;
            }
        }
        low
    };
    assert!(after([1_000_000, 1_000_000]) > after([300_000, 1_700_000]));
}

#[test]
fn large_segments_to_come_are_seen() {
    /// Every segment, or the first, is four times what its bitrate says.
    struct Heavy<'a>(&'a Situation);
    impl Upcoming for Heavy<'_> {
        fn bytes(&self, ahead: usize, rendition: usize) -> Option<u64> {
            Some(self.0.bytes(ahead, rendition)? * 4)
        }
        fn length(&self, ahead: usize) -> Option<Micros> {
            self.0.length(ahead)
        }
    }
    let mut situation = Situation::new(6, Some(3));
    for _ in 0..8 {
        situation.transferred(2_000_000);
    }
    let context = situation.context();
    let heavy = Heavy(&situation);
    let heavy = Context {
        upcoming: &heavy,
        ..context
    };
    assert!(Ours::default().choose(&heavy).index < Ours::default().choose(&context).index);
}

#[test]
fn what_cannot_come_in_time_is_given_up_and_what_can_is_not() {
    let asks = |rate: u64| {
        let mut situation = Situation::new(2, Some(5));
        let mut rule = Ours::default();
        for _ in 0..4 {
            situation.transferred(4_000_000);
        }
        rule.choose(&situation.context());
        let running = Running {
            rendition: 5,
            bytes: LADDER[5] / 4,
            received: rate / 8,
            asked: situation.now,
            head: Some(situation.now),
        };
        for _ in 0..3 {
            situation.transferred(rate);
        }
        situation.buffer = Micros(500_000);
        rule.reconsider(&situation.context(), &running)
    };
    assert!(asks(100_000).is_some_and(|to| to < 3), "{:?}", asks(100_000));
    assert_eq!(asks(20_000_000), None);
}

#[test]
fn outages_are_counted_when_they_are_over() {
    let (mut situation, mut forecaster) = (Situation::new(10, Some(3)), Forecaster::default());
    let mut seconds = |count: usize, rate: u64| {
        for _ in 0..count {
            situation.transferred(rate);
        }
        forecaster.learn(&situation.context());
        forecaster.outages()
    };
    assert!(seconds(20, 2_000_000).often <= 0.0);
    assert!(seconds(9, 1_000).often <= 0.0);
    let outages = seconds(5, 2_000_000);
    assert!(
        outages.often > 0.0 && (8.0..=9.0).contains(&outages.long),
        "{outages:?}"
    );
}

#[test]
fn where_there_are_outages_the_buffer_is_filled_first() {
    let choices = |often: f64| {
        let at = |buffer: i64| {
            let (situation, mut planner) = (Situation::new(buffer, Some(3)), Planner::default());
            let outlook = Outlook {
                rates: [0.6e6, 0.8e6, 1e6, 1.2e6, 1.4e6],
                course: Course::default(),
                outages: Outages { often, long: 8.0 },
                latency: 0.05,
            };
            planner.prepare(&situation.context(), &outlook);
            planner.best(LADDER.len()).0
        };
        (1..25).map(at).collect::<Vec<_>>()
    };
    let (calm, rough) = (choices(0.0), choices(0.02));
    assert!(
        calm.iter().zip(&rough).all(|(calm, rough)| calm >= rough) && calm > rough,
        "{calm:?} {rough:?}"
    );
}

#[test]
fn the_last_segments_are_planned_too() {
    let mut situation = Situation::new(10, Some(5));
    situation.transferred(50_000_000);
    for left in 1..13 {
        situation.left = left;
        assert_eq!(choose(&situation).index, 5, "{left} left");
    }
}

proptest! {
    #[test]
    fn any_situation_has_a_choice(
        buffer in -5i64..200,
        rates in proptest::collection::vec(0u64..1 << 40, 0..40),
        current in proptest::option::of(0usize..9),
        goal in 0i64..100_000_000,
        left in 0usize..20,
        parts in 0u32..10,
        reserved in 0u64..1 << 50,
        rate in 0u32..20_000,
    ) {
        let mut situation = Situation::new(buffer, current);
        situation.left = left;
        situation.buffer_goal = Micros(goal);
        for rate in rates {
            situation.transferred(rate);
        }
        let context = Context { parts, reserved, rate, ..situation.context() };
        let mut rule = Ours::default();
        let choice = rule.choose(&context);
        prop_assert!(choice.index < LADDER.len());
        prop_assert!(choice.plan.is_some_and(|plan| plan.iter().all(|at| usize::from(*at) < LADDER.len())));
        prop_assert!(choice.forecast.low <= choice.forecast.median && choice.forecast.median <= choice.forecast.high);
        let running = Running { rendition: 5, bytes: 1 << 20, received: 1 << 10, asked: Instant(0), head: None };
        prop_assert!(rule.reconsider(&context, &running).is_none_or(|to| to < 5));
    }
}
