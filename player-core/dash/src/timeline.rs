//! Runs of equally long segments: what a `SegmentTimeline` or a `@duration` comes to.
//!
//! Times of segments are compared in microseconds rounded down, the unit that the rest of the player sees;
//! a segment is at least a microsecond long, so no two of them start at the same time.

use crate::Micros;
use std::sync::Arc;

/// The count of a run that nothing ends.
pub(crate) const ENDLESS: u64 = u64::MAX;

/// Segments of the same duration in a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Run {
    /// Media time of the first, in ticks.
    pub(crate) time: i64,
    /// Duration of each, in ticks.
    pub(crate) duration: u64,
    /// How many.
    pub(crate) count: u64,
    /// Position of the first.
    pub(crate) first: u64,
    /// `$Number$` of the first.
    pub(crate) number: u64,
}

/// What ticks mean within a Period.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Scale {
    /// Ticks per second, not zero.
    pub(crate) timescale: u32,
    /// Media time of the Period's start, in ticks.
    pub(crate) offset: u64,
}

impl Scale {
    /// Media time, in ticks, as time from the Period's start.
    pub(crate) fn micros(self, ticks: i128) -> Micros {
        Micros::from_ticks(ticks.saturating_sub(i128::from(self.offset)), u64::from(self.timescale))
    }

    /// How many of the times `time + k * duration`, k from 0, are before `limit`.
    fn starts_before(self, time: i128, duration: u64, limit: Micros) -> u64 {
        let scaled = |ticks: i128| ticks.saturating_mul(1_000_000);
        let span = i128::from(limit.0)
            .saturating_mul(i128::from(self.timescale))
            .saturating_sub(scaled(time.saturating_sub(i128::from(self.offset))));
        let step = scaled(i128::from(duration.max(1)));
        if span <= 0 {
            return 0;
        }
        // Rounded up, both being positive.
        let count = span.saturating_sub(1).div_euclid(step).saturating_add(1);
        u64::try_from(count).unwrap_or(ENDLESS)
    }

    /// Is a segment of this duration too short to tell its start from its end?
    fn is_too_short(self, duration: u64) -> bool {
        u128::from(duration).saturating_mul(1_000_000) < u128::from(self.timescale)
    }
}

impl Run {
    fn time_of(&self, index: u64) -> i128 {
        i128::from(self.time).saturating_add(i128::from(index).saturating_mul(i128::from(self.duration)))
    }

    fn last_time(&self) -> i128 {
        self.time_of(self.count.saturating_sub(1))
    }

    fn next_position(&self) -> u64 {
        self.first.saturating_add(self.count)
    }
}

/// One segment of a timeline; times from the Period's start, clipped to the Period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Timed {
    pub(crate) start: Micros,
    pub(crate) end: Micros,
    /// `$Number$`.
    pub(crate) number: u64,
    /// `$Time$`.
    pub(crate) time: u64,
}

/// Runs in order, none overlapping the next, none outside of the Period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Timeline {
    pub(crate) scale: Scale,
    /// The Period's duration.
    pub(crate) limit: Option<Micros>,
    pub(crate) runs: Arc<[Run]>,
    /// Its segments are told one by one, not by a duration.
    pub(crate) is_listed: bool,
}

impl Timeline {
    /// The number of segments, none when endless.
    pub(crate) fn len(&self) -> Option<u64> {
        match self.runs.last() {
            Some(last) if last.count == ENDLESS => None,
            Some(last) => Some(last.next_position()),
            None => Some(0),
        }
    }

    pub(crate) fn segment(&self, position: u64) -> Option<Timed> {
        let at = self.runs.partition_point(|run| run.first <= position).checked_sub(1)?;
        let run = self.runs.get(at)?;
        let index = position.saturating_sub(run.first);
        if index >= run.count {
            return None;
        }
        let time = run.time_of(index);
        Some(Timed {
            start: self.scale.micros(time).max(Micros::ZERO),
            end: self.end_of(at, run, time),
            number: run.number.saturating_add(index),
            time: u64::try_from(time).unwrap_or(0),
        })
    }

    fn end_of(&self, at: usize, run: &Run, time: i128) -> Micros {
        let end = self.scale.micros(time.saturating_add(i128::from(run.duration)));
        let next = self
            .runs
            .get(at.saturating_add(1))
            .map(|next| self.scale.micros(i128::from(next.time)));
        end.min(next.unwrap_or(Micros::MAX))
            .min(self.limit.unwrap_or(Micros::MAX))
    }

    /// The position of the segment that holds `time`, else of the first that starts after it.
    pub(crate) fn position_at(&self, time: Micros) -> Option<u64> {
        let started = self
            .runs
            .partition_point(|run| self.scale.micros(i128::from(run.time)) <= time);
        let Some(at) = started.checked_sub(1) else {
            return self.runs.first().map(|run| run.first);
        };
        let run = self.runs.get(at)?;
        let index = self
            .scale
            .starts_before(i128::from(run.time), run.duration, time + Micros(1))
            .saturating_sub(1)
            .min(run.count.saturating_sub(1));
        if time < self.end_of(at, run, run.time_of(index)) {
            return Some(run.first.saturating_add(index));
        }
        self.runs.get(at.saturating_add(1)).map(|next| next.first)
    }
}

/// An `S` element.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) time: Option<i64>,
    pub(crate) duration: u64,
    /// `@r`, negative: up to the next one or the Period's end.
    pub(crate) repeat: i64,
    pub(crate) number: Option<u64>,
}

/// What a builder says about an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Its `@d` is missing, zero, or less than a microsecond.
    NoDuration,
    /// It starts before the one before it ends, which was cut.
    Overlap,
    /// It starts before the one before it starts, and was left out.
    Backwards,
    /// It repeats up to the next, which does not tell when it starts.
    EndlessBeforeUntimed,
}

/// Makes a timeline of entries.
pub(crate) struct Builder {
    scale: Scale,
    limit: Option<Micros>,
    end_number: Option<u64>,
    runs: Vec<Run>,
    /// Where an entry without `@t` starts.
    next_time: i128,
    next_number: u64,
    /// The last run reaches up to the next one, wherever that starts.
    is_open: bool,
}

impl Builder {
    pub(crate) fn new(scale: Scale, limit: Option<Micros>, start_number: u64, end_number: Option<u64>) -> Self {
        Self {
            scale,
            limit,
            end_number,
            runs: Vec::new(),
            next_time: 0,
            next_number: start_number,
            is_open: false,
        }
    }

    /// Adds an entry; `next` is the one after it in the document.
    pub(crate) fn push(&mut self, entry: &Entry, next: Option<&Entry>) -> Option<Fault> {
        if self.scale.is_too_short(entry.duration) || i64::try_from(entry.duration).is_err() {
            return Some(Fault::NoDuration);
        }
        let start = entry.time.map_or(self.next_time, i128::from);
        let Ok(time) = i64::try_from(start) else {
            return Some(Fault::NoDuration);
        };
        let number = entry.number.unwrap_or(self.next_number);
        let mut fault = None;
        let count = if entry.repeat >= 0 {
            entry.repeat.unsigned_abs().saturating_add(1)
        } else if let Some(next) = next {
            fault = next.time.is_none().then_some(Fault::EndlessBeforeUntimed);
            let until = next.time.map(|next| self.scale.micros(i128::from(next)));
            until
                .map_or(1, |until| self.scale.starts_before(start, entry.duration, until))
                .max(1)
        } else {
            ENDLESS
        };
        let run = Run {
            time,
            duration: entry.duration,
            count,
            first: 0,
            number,
        };
        self.next_time = run.time_of(count);
        self.next_number = number.saturating_add(count);
        self.make_room(&run)
            .or_else(|| {
                let overlap = self.cut_before(&run);
                self.runs.push(run);
                self.is_open = entry.repeat < 0;
                overlap
            })
            .or(fault)
    }

    /// Says when there is no place for `run`, since it starts no later than the one before it.
    fn make_room(&self, run: &Run) -> Option<Fault> {
        let last = self.runs.last()?;
        let (start, before) = (
            self.scale.micros(i128::from(run.time)),
            self.scale.micros(i128::from(last.time)),
        );
        (start <= before).then_some(Fault::Backwards)
    }

    /// Takes out of the last run the segments that start no earlier than `run`.
    fn cut_before(&mut self, run: &Run) -> Option<Fault> {
        let scale = self.scale;
        let last = self.runs.last_mut()?;
        let start = i128::from(run.time);
        let end = last.last_time().saturating_add(i128::from(last.duration));
        let fits = scale.starts_before(i128::from(last.time), last.duration, scale.micros(start));
        last.count = last.count.min(fits);
        (end > start && !self.is_open).then_some(Fault::Overlap)
    }

    /// The timeline: what is outside of the Period, or after the last number, taken out.
    pub(crate) fn finish(self) -> Timeline {
        let mut runs: Vec<Run> = Vec::with_capacity(self.runs.len());
        let mut first = 0_u64;
        let mut all = self.runs.iter().peekable();
        while let Some(run) = all.next() {
            let mut run = *run;
            let next = all.peek().map(|next| self.scale.micros(i128::from(next.time)));
            if next.is_some_and(|next| next <= Micros::ZERO) {
                continue;
            }
            if let Some(end_number) = self.end_number {
                run.count = run.count.min(end_number.saturating_add(1).saturating_sub(run.number));
            }
            if let Some(limit) = self.limit {
                run.count = run
                    .count
                    .min(self.scale.starts_before(i128::from(run.time), run.duration, limit));
            }
            // Those that end before the Period starts.
            let skipped = self
                .scale
                .starts_before(run.time_of(1), run.duration, Micros(1))
                .min(run.count);
            if run.count != ENDLESS {
                run.count = run.count.saturating_sub(skipped);
            }
            let Ok(time) = i64::try_from(run.time_of(skipped)) else {
                continue;
            };
            run.time = time;
            run.number = run.number.saturating_add(skipped);
            run.first = first;
            if run.count > 0 {
                first = run.next_position();
                runs.push(run);
            }
        }
        Timeline {
            scale: self.scale,
            limit: self.limit,
            runs: runs.into(),
            is_listed: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn build(
        scale: Scale,
        limit: Option<i64>,
        end_number: Option<u64>,
        entries: &[Entry],
    ) -> (Timeline, Vec<Option<Fault>>) {
        let mut builder = Builder::new(scale, limit.map(Micros), 1, end_number);
        let faults = entries
            .iter()
            .enumerate()
            .map(|(at, entry)| builder.push(entry, entries.get(at + 1)))
            .collect();
        (builder.finish(), faults)
    }

    fn s(time: Option<i64>, duration: u64, repeat: i64) -> Entry {
        Entry {
            time,
            duration,
            repeat,
            number: None,
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
        let time =
            prop_oneof![3 => Just(None), 1 => (0_i64..2_000_000).prop_map(Some), 1 => any::<i64>().prop_map(Some)];
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
            let count = timeline.len().unwrap_or(ENDLESS);
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

        #[test]
        fn one_duration_tiles_the_period(
            timescale in 1_u32..100_000_000,
            offset in 0_u64..1 << 40,
            duration in 1_u64..1 << 40,
            limit in 1_i64..1_000_000_000_000,
        ) {
            let scale = Scale { timescale, offset };
            prop_assume!(!scale.is_too_short(duration));
            let entry = Entry { time: Some(i64::try_from(offset).unwrap()), duration, repeat: -1, number: None };
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
}
