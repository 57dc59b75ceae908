//! Timelines made of entries, and found again by time.

use super::*;
use proptest::prelude::*;

fn build(
    scale: Scale,
    limit: Option<i64>,
    end_number: Option<u64>,
    entries: &[Entry],
) -> (Timeline, Vec<Option<Fault>>) {
    let mut builder = Builder::new(scale, limit.map(Micros), 1, end_number);
    let entries = Entries {
        list: entries.to_vec(),
        ..Entries::default()
    };
    let faults = (0..entries.list.len()).map(|at| builder.push(&entries, at)).collect();
    (builder.finish(), faults)
}

fn s(time: Option<i64>, duration: u64, repeat: i64) -> Entry {
    Entry {
        time: time.unwrap_or(NO_TIME),
        duration,
        repeat: i32::try_from(repeat).unwrap_or(if repeat < 0 { i32::MIN } else { i32::MAX }),
        extra: 0,
        offset: 0,
    }
}

const MILLIS: Scale = Scale {
    timescale: 1000,
    offset: 0,
};

fn listed(timeline: &Timeline) -> Vec<(i64, i64, u64, u64)> {
    let segments = (0..timeline.len().unwrap()).map(|position| timeline.segment(position).unwrap());
    segments
        .map(|found| (found.start.0 / 1000, found.end.0 / 1000, found.number, found.time))
        .collect()
}

#[test]
fn repeats_reach_to_the_next_entry_and_to_the_end() {
    let entries = [s(Some(0), 1000, -1), s(Some(2500), 2000, -1)];
    let (timeline, faults) = build(MILLIS, Some(6_000_000), None, &entries);
    assert_eq!(faults, [None, None]);
    assert_eq!(
        listed(&timeline),
        [
            (0, 1000, 1, 0),
            (1000, 2000, 2, 1000),
            (2000, 2500, 3, 2000),
            (2500, 4500, 4, 2500),
            (4500, 6000, 5, 4500)
        ]
    );
    let (endless, _) = build(MILLIS, None, None, &entries);
    assert_eq!(endless.len(), None);
    assert_eq!(endless.position_at(Micros::from_secs(86_400)), Some(3 + 43_198));
    assert!(endless.segment(u64::MAX - 1).is_some());
    assert_eq!(build(MILLIS, None, Some(4), &entries).0.len(), Some(4));
}

#[test]
fn gaps_are_stepped_over() {
    let entries = [s(Some(0), 1000, 1), s(Some(5000), 1000, 0), s(None, 500, 0)];
    let (timeline, faults) = build(MILLIS, None, None, &entries);
    assert_eq!(faults, [None, None, None]);
    assert_eq!(
        listed(&timeline),
        [
            (0, 1000, 1, 0),
            (1000, 2000, 2, 1000),
            (5000, 6000, 3, 5000),
            (6000, 6500, 4, 6000)
        ]
    );
    for (millis, position) in [
        (0, Some(0)),
        (1999, Some(1)),
        (2000, Some(2)),
        (4999, Some(2)),
        (6499, Some(3)),
        (6500, None),
    ] {
        assert_eq!(timeline.position_at(Micros::from_millis(millis)), position, "{millis}");
    }
}

#[test]
fn overlaps_are_cut_and_told() {
    let entries = [
        s(Some(0), 1000, 3),
        s(Some(2500), 1000, 0),
        s(Some(100), 50, 0),
        s(Some(3500), 1000, 0),
    ];
    let (timeline, faults) = build(MILLIS, None, None, &entries);
    assert_eq!(faults, [None, Some(Fault::Overlap), Some(Fault::Backwards), None]);
    assert_eq!(
        listed(&timeline),
        [
            (0, 1000, 1, 0),
            (1000, 2000, 2, 1000),
            (2000, 2500, 3, 2000),
            (2500, 3500, 5, 2500),
            (3500, 4500, 7, 3500)
        ]
    );
}

#[test]
fn what_is_outside_of_the_period_is_left_out() {
    let scale = Scale {
        timescale: 1000,
        offset: 2500,
    };
    let (timeline, _) = build(scale, Some(3_200_000), None, &[s(Some(0), 1000, 9)]);
    assert_eq!(
        listed(&timeline),
        [
            (0, 500, 3, 2000),
            (500, 1500, 4, 3000),
            (1500, 2500, 5, 4000),
            (2500, 3200, 6, 5000)
        ]
    );
    let (timeline, _) = build(
        scale,
        None,
        None,
        &[s(Some(0), 1000, 0), s(Some(5000), 0, 0), s(Some(9000), 1, 0)],
    );
    assert_eq!(listed(&timeline), [(6500, 6501, 2, 9000)]);
}

fn entry() -> impl Strategy<Value = Entry> {
    let time = prop_oneof![3 => Just(None), 1 => (0_i64..2_000_000).prop_map(Some), 1 => any::<i64>().prop_map(Some)];
    let duration = prop_oneof![5 => 1_u64..400_000, 1 => any::<u64>()];
    let repeat = prop_oneof![4 => -1_i64..20, 1 => any::<i64>()];
    (time, duration, repeat).prop_map(|(time, duration, repeat)| s(time, duration, repeat))
}

proptest! {
    #[test]
    fn segments_are_in_order_and_found_again(
        entries in prop::collection::vec(entry(), 0..12),
        timescale in prop_oneof![Just(1_u32), Just(90_000), Just(10_000_000), 1_u32..],
        offset in prop_oneof![Just(0_u64), 0_u64..1_000_000, any::<u64>()],
        limit in prop::option::of(prop_oneof![1_i64..100_000_000, 1_i64..]),
        end_number in prop::option::of(0_u64..200),
        probe: i64,
    ) {
        let (timeline, _) = build(Scale { timescale, offset }, limit, end_number, &entries);
        let count = timeline.len().unwrap_or(u64::MAX);
        let positions = (0..count.min(60)).chain(count.saturating_sub(20).max(60)..count.min(u64::MAX - 2));
        let mut before: Option<(u64, Timed)> = None;
        for position in positions.take(90) {
            let found = timeline.segment(position).unwrap();
            if found.end == Micros::MAX {
                break;
            }
            prop_assert!(found.start < found.end, "{found:?}");
            prop_assert!(found.start >= Micros::ZERO && found.end.0 <= limit.unwrap_or(i64::MAX));
            prop_assert_eq!(timeline.position_at(found.start), Some(position));
            prop_assert_eq!(timeline.position_at(found.end - Micros(1)), Some(position));
            if let Some((_, before)) = before.filter(|(at, _)| at + 1 == position) {
                prop_assert!(before.end <= found.start);
                if before.end < found.start {
                    prop_assert_eq!(timeline.position_at(before.end), Some(position));
                }
            }
            before = Some((position, found));
        }
        let _ = timeline.position_at(Micros(probe));
    }

    /// Sequences and patterns: positions, starts and numbers stay in step.
    #[test]
    fn parts_and_patterns_are_in_order_and_found_again(
        list in prop::collection::vec((0_usize..4, 1_u64..9000, -1_i32..12, 1_u32..7, 0_u64..9, prop::option::of(0_i64..200_000)), 1..8),
        pattern in prop::collection::vec(2_u64..900, 1..6),
        offset in prop_oneof![Just(0_u64), 0_u64..60_000],
        limit in prop::option::of(1_000_i64..90_000_000),
        end_number in prop::option::of(0_u64..60),
        has_parts: bool,
    ) {
        let sums = std::iter::once(0).chain(pattern.iter().scan(0, |sum, next| { *sum += next; Some(*sum) }));
        let mut entries = Entries { patterns: vec![sums.collect()], ..Entries::default() };
        for (kind, duration, repeat, parts, phase, time) in list {
            let extra = Extra { number: None, parts, pattern: u32::from(kind == 0), phase };
            entries.extras.push(extra);
            entries.list.push(Entry {
                time: time.unwrap_or(NO_TIME),
                duration: duration.max(u64::from(parts)),
                repeat,
                extra: if kind < 3 { u32::try_from(entries.extras.len()).unwrap() } else { 0 },
                offset: 0,
            });
        }
        let scale = Scale { timescale: 1000, offset };
        let mut builder = Builder::new(scale, limit.map(Micros), 1, end_number).with_parts(has_parts);
        for at in 0..entries.list.len() {
            builder.push(&entries, at);
        }
        let timeline = builder.finish();
        let mut before: Option<Timed> = None;
        for position in 0..timeline.len().unwrap_or(u64::MAX).min(300) {
            let found = timeline.segment(position).unwrap();
            prop_assert!(found.start < found.end, "{found:?}");
            prop_assert!(found.end.0 <= limit.unwrap_or(i64::MAX));
            prop_assert_eq!(timeline.position_at(found.start), Some(position));
            prop_assert_eq!(timeline.position_at(found.end - Micros(1)), Some(position));
            prop_assert!(end_number.is_none_or(|end| found.number <= end));
            if let Some(before) = before {
                prop_assert!(before.end <= found.start && before.number <= found.number);
                let is_next_part = found.part > 1 && before.part > 0;
                prop_assert!(!is_next_part || (before.number == found.number && before.time == found.time && before.part + 1 == found.part));
            }
            before = Some(found);
        }
    }

    #[test]
    fn one_duration_tiles_the_period(
        timescale in 1_u32..100_000_000,
        offset in 0_u64..1 << 40,
        duration in 1_u64..1 << 40,
        limit in 1_i64..1_000_000_000_000,
    ) {
        let scale = Scale { timescale, offset };
        prop_assume!(duration >= scale.least());
        let entry = s(Some(i64::try_from(offset).unwrap()), duration, -1);
        let (timeline, _) = build(scale, Some(limit), None, &[entry]);
        let count = timeline.len().unwrap();
        let expected = (i128::from(limit) * i128::from(timescale) + i128::from(duration) * 1_000_000 - 1)
            / (i128::from(duration) * 1_000_000);
        prop_assert_eq!(i128::from(count), expected, "the Period's duration by the segment's, rounded up");
        prop_assert_eq!(timeline.segment(0).unwrap().start, Micros::ZERO);
        prop_assert_eq!(timeline.segment(count - 1).unwrap().end, Micros(limit));
        for position in 1..count.min(50) {
            prop_assert_eq!(timeline.segment(position - 1).unwrap().end, timeline.segment(position).unwrap().start);
        }
    }
}
