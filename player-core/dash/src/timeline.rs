//! Runs of equally long segments: what a `SegmentTimeline` or a `@duration` comes to.
//!
//! Times of segments are compared in microseconds rounded down, the unit that the rest of the player sees;
//! a segment is at least a microsecond long, so no two of them start at the same time. [`Scale::bound`] turns such
//! a comparison into one of ticks, so that a long timeline is made without a division for each of its elements.

mod step;

use crate::Micros;
use std::sync::Arc;
pub(crate) use step::Step;
use step::cycle;

/// The count of a run that nothing ends.
pub(crate) const ENDLESS: u32 = u32::MAX;

/// Segments in a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Run {
    /// Media time of the first, in ticks.
    pub(crate) time: i64,
    /// Duration of each, or of each sequence, in ticks.
    pub(crate) duration: u64,
    /// Position of the first.
    pub(crate) first: u64,
    /// `$Number$` of the first.
    pub(crate) number: u64,
    /// How many.
    pub(crate) count: u32,
    /// Which [`Step`], counted from 1; zero when all are equally long.
    pub(crate) step: u32,
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

    /// The first media time, in ticks, that is not before `time` when rounded down to the microsecond.
    pub(crate) fn bound(self, time: Micros) -> i128 {
        let ticks = i128::from(time.0).saturating_mul(i128::from(self.timescale));
        ticks
            .saturating_add(999_999)
            .div_euclid(1_000_000)
            .saturating_add(i128::from(self.offset))
    }

    /// The least duration, in ticks, that tells the start of a segment from its end.
    fn least(self) -> u64 {
        u64::from(self.timescale).div_ceil(1_000_000)
    }
}

/// How many of the multiples of `duration`, from zero, are before `ticks`.
fn multiples_before(duration: u64, ticks: i128) -> u64 {
    match u64::try_from(ticks) {
        Ok(ticks) => ticks.div_ceil(duration.max(1)),
        Err(_) if ticks < 0 => 0,
        Err(_) => {
            let count = ticks.saturating_sub(1).div_euclid(i128::from(duration.max(1)));
            u64::try_from(count).unwrap_or(u64::MAX).saturating_add(1)
        }
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
    /// `$SubNumber$`, zero outside of sequences.
    pub(crate) part: u32,
}

/// Runs in order, none overlapping the next, none outside of the Period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Timeline {
    pub(crate) scale: Scale,
    /// The Period's duration.
    pub(crate) limit: Option<Micros>,
    pub(crate) runs: Arc<Vec<Run>>,
    pub(crate) steps: Arc<[Step]>,
    /// Its segments are told one by one, not by a duration.
    pub(crate) is_listed: bool,
}

fn step_of<'s>(steps: &'s [Step], run: &Run) -> Option<&'s Step> {
    steps.get((run.step as usize).checked_sub(1)?)
}

/// Ticks from the start of a run to its number `index`.
fn offset_of(steps: &[Step], run: &Run, index: u64) -> i128 {
    match step_of(steps, run) {
        None => i128::from(index).saturating_mul(i128::from(run.duration)),
        Some(step) => {
            let phase = step.phase();
            let at = |index| step.at(run.duration, index);
            at(phase.saturating_add(index)).saturating_sub(at(phase))
        }
    }
}

/// How many segments of a run, were it endless, start before `ticks`, a media time.
fn starts_before(steps: &[Step], run: &Run, ticks: i128) -> u64 {
    let ticks = ticks.saturating_sub(i128::from(run.time));
    match step_of(steps, run) {
        _ if ticks <= 0 => 0,
        None => multiples_before(run.duration, ticks),
        Some(step) => {
            let phase = step.phase();
            let ticks = ticks.saturating_add(step.at(run.duration, phase));
            step.before(run.duration, ticks).saturating_sub(phase)
        }
    }
}

fn next_position(run: &Run) -> u64 {
    run.first.saturating_add(u64::from(run.count))
}

impl Timeline {
    /// The number of segments, none when endless.
    pub(crate) fn len(&self) -> Option<u64> {
        match self.runs.last() {
            Some(last) if last.count == ENDLESS => None,
            Some(last) => Some(next_position(last)),
            None => Some(0),
        }
    }

    pub(crate) fn segment(&self, position: u64) -> Option<Timed> {
        let at = self.runs.partition_point(|run| run.first <= position).checked_sub(1)?;
        let run = self.runs.get(at)?;
        let index = position.saturating_sub(run.first);
        if run.count != ENDLESS && index >= u64::from(run.count) {
            return None;
        }
        let start = i128::from(run.time);
        let time_of = |index| start.saturating_add(offset_of(&self.steps, run, index));
        let (mut number, mut time, mut part) = (run.number.saturating_add(index), time_of(index), 0);
        if let Some(step @ Step::Parts { parts, phase }) = step_of(&self.steps, run) {
            let parts = u64::from((*parts).max(1));
            let index = index.saturating_add(u64::from(*phase));
            number = run.number.saturating_add(index / parts);
            part = u32::try_from(index % parts).unwrap_or(0).saturating_add(1);
            let at = |index| step.at(run.duration, index);
            time = start
                .saturating_add(at(index / parts * parts))
                .saturating_sub(at(u64::from(*phase)));
        }
        Some(Timed {
            start: self.scale.micros(time_of(index)).max(Micros::ZERO),
            end: self.end_of(at, time_of(index.saturating_add(1))),
            number,
            time: u64::try_from(time).unwrap_or(0),
            part,
        })
    }

    /// When a segment of run `at` ends that, by its duration, ends at `end`.
    fn end_of(&self, at: usize, end: i128) -> Micros {
        let next = self.runs.get(at.saturating_add(1)).map(|next| i128::from(next.time));
        let end = self.scale.micros(end.min(next.unwrap_or(i128::MAX)));
        end.min(self.limit.unwrap_or(Micros::MAX))
    }

    /// The position of the segment that holds `time`, else of the first that starts after it.
    pub(crate) fn position_at(&self, time: Micros) -> Option<u64> {
        let after = self.scale.bound(time + Micros(1));
        let started = self.runs.partition_point(|run| i128::from(run.time) < after);
        let Some(at) = started.checked_sub(1) else {
            return self.runs.first().map(|run| run.first);
        };
        let run = self.runs.get(at)?;
        let mut index = starts_before(&self.steps, run, after).saturating_sub(1);
        if run.count != ENDLESS {
            index = index.min(u64::from(run.count).saturating_sub(1));
        }
        let end = offset_of(&self.steps, run, index.saturating_add(1)).saturating_add(i128::from(run.time));
        if time < self.end_of(at, end) {
            return Some(run.first.saturating_add(index));
        }
        self.runs.get(at.saturating_add(1)).map(|next| next.first)
    }
}

/// [`Entry::time`] of an entry that does not tell it.
pub(crate) const NO_TIME: i64 = i64::MIN;

/// An `S` element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    pub(crate) time: i64,
    pub(crate) duration: u64,
    /// `@r`, negative: up to the next one or the Period's end.
    pub(crate) repeat: i32,
    /// Which of [`Entries::extras`], counted from 1; zero: none.
    pub(crate) extra: u32,
    /// Where it is in the text.
    pub(crate) offset: u32,
}

/// What few `S` elements say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Extra {
    pub(crate) number: Option<u64>,
    /// `@k`, zero when absent.
    pub(crate) parts: u32,
    /// Which of [`Entries::patterns`], counted from 1; zero: none.
    pub(crate) pattern: u32,
    /// `@pE`.
    pub(crate) phase: u64,
}

/// A `SegmentTimeline`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Entries {
    pub(crate) list: Vec<Entry>,
    pub(crate) extras: Vec<Extra>,
    /// Sums of the durations of patterns, from zero on.
    pub(crate) patterns: Vec<Arc<[u64]>>,
    /// Between and in the elements there was nothing out of the ordinary.
    pub(crate) is_plain: bool,
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
    /// `S@k` counts: URLs tell the parts of sequences apart.
    has_parts: bool,
    least: u64,
    runs: Vec<Run>,
    steps: Vec<Step>,
    /// Where an entry without `@t` starts: the end of the last run, whose duration it is.
    next_time: i128,
    next_number: u64,
    /// The last run reaches up to the next one, wherever that starts.
    is_open: bool,
    /// The last entry was left out.
    is_out: bool,
}

impl Builder {
    pub(crate) fn new(scale: Scale, limit: Option<Micros>, start_number: u64, end_number: Option<u64>) -> Self {
        Self {
            scale,
            limit,
            end_number,
            has_parts: false,
            least: scale.least(),
            runs: Vec::new(),
            steps: Vec::new(),
            next_time: 0,
            next_number: start_number,
            is_open: false,
            is_out: false,
        }
    }

    pub(crate) const fn with_parts(mut self, has_parts: bool) -> Self {
        self.has_parts = has_parts;
        self
    }

    pub(crate) fn reserve(&mut self, entries: usize) {
        self.runs.reserve_exact(entries);
    }

    /// Adds entry number `at`.
    pub(crate) fn push(&mut self, entries: &Entries, at: usize) -> Option<Fault> {
        let entry = entries.list.get(at)?;
        if entry.extra == 0 && entry.time == NO_TIME && entry.repeat == 0 && self.follow(entry.duration) {
            return None;
        }
        let next = entries.list.get(at.saturating_add(1));
        let extra = (entry.extra as usize)
            .checked_sub(1)
            .and_then(|extra| entries.extras.get(extra));
        let extra = extra.copied().unwrap_or_default();
        self.push_any(entry, extra, entries, next.map(|next| next.time))
    }

    /// The most frequent case: one more segment after the last one.
    fn follow(&mut self, duration: u64) -> bool {
        let Some(last) = self.runs.last_mut() else { return false };
        let Ok(time) = i64::try_from(self.next_time) else {
            return false;
        };
        if duration < self.least || i64::try_from(duration).is_err() || self.is_open || self.is_out || last.step != 0 {
            return false;
        }
        let number = self.next_number;
        if last.duration == duration && last.count < ENDLESS.saturating_sub(1) && contiguous(last, time, number) {
            last.count = last.count.saturating_add(1);
        } else {
            self.runs.push(Run {
                time,
                duration,
                first: 0,
                number,
                count: 1,
                step: 0,
            });
        }
        self.next_time = self.next_time.saturating_add(i128::from(duration));
        self.next_number = number.saturating_add(1);
        true
    }

    fn push_any(&mut self, entry: &Entry, extra: Extra, entries: &Entries, next: Option<i64>) -> Option<Fault> {
        let pattern = (extra.pattern as usize)
            .checked_sub(1)
            .and_then(|at| entries.patterns.get(at));
        let duration = pattern.map_or(Some(entry.duration), |sums| sums.last().copied())?;
        let parts = if self.has_parts { extra.parts.max(1) } else { 1 };
        let shortest = pattern.map_or(duration / u64::from(parts), |sums| {
            sums.windows(2)
                .filter_map(|pair| pair.last()?.checked_sub(*pair.first()?))
                .min()
                .unwrap_or(0)
        });
        if shortest < self.least || i64::try_from(duration).is_err() {
            return Some(Fault::NoDuration);
        }
        let start = if entry.time == NO_TIME {
            self.next_time
        } else {
            i128::from(entry.time)
        };
        let Ok(time) = i64::try_from(start) else {
            return Some(Fault::NoDuration);
        };
        let number = extra.number.unwrap_or(self.next_number);
        let mut run = Run {
            time,
            duration,
            first: 0,
            number,
            count: 1,
            step: 0,
        };
        run.step = self.step_for(pattern, parts, extra.phase);
        let per = if pattern.is_none() { parts } else { 1 };
        let mut fault = None;
        run.count = if entry.repeat >= 0 {
            entry
                .repeat
                .unsigned_abs()
                .saturating_add(1)
                .saturating_mul(per)
                .min(ENDLESS.saturating_sub(1))
        } else if let Some(next) = next {
            if next == NO_TIME {
                fault = Some(Fault::EndlessBeforeUntimed);
                per
            } else {
                let until = self.scale.bound(self.scale.micros(i128::from(next)));
                capped(starts_before(&self.steps, &run, until)).max(1)
            }
        } else {
            ENDLESS
        };
        self.next_time = start.saturating_add(offset_of(&self.steps, &run, u64::from(run.count)));
        self.next_number = number.saturating_add(u64::from(run.count / per));
        let no_room = self.make_room(&run);
        self.is_out = no_room.is_some();
        no_room
            .or_else(|| {
                let overlap = self.cut_before(&run);
                self.runs.push(run);
                self.is_open = entry.repeat < 0;
                overlap
            })
            .or(fault)
    }

    /// The step of a run, zero when all segments are equally long.
    fn step_for(&mut self, pattern: Option<&Arc<[u64]>>, parts: u32, phase: u64) -> u32 {
        match pattern {
            Some(sums) => self.step(Step::Pattern {
                phase: phase % cycle(sums),
                sums: Arc::clone(sums),
            }),
            None if parts > 1 => self.step(Step::Parts { parts, phase: 0 }),
            None => 0,
        }
    }

    /// The number of a step, the last one's when it is the same.
    fn step(&mut self, step: Step) -> u32 {
        if self.steps.last() != Some(&step) {
            self.steps.push(step);
        }
        u32::try_from(self.steps.len()).unwrap_or(0)
    }

    /// Says when there is no place for `run`, since it starts no later than the one before it.
    fn make_room(&self, run: &Run) -> Option<Fault> {
        let last = self.runs.last()?;
        let micros = |run: &Run| self.scale.micros(i128::from(run.time));
        (run.time <= last.time || micros(run) <= micros(last)).then_some(Fault::Backwards)
    }

    /// Takes out of the last run the segments that start no earlier than `run`.
    fn cut_before(&mut self, run: &Run) -> Option<Fault> {
        let steps = &self.steps;
        let last = self.runs.last_mut()?;
        let start = i128::from(run.time);
        let end = offset_of(steps, last, u64::from(last.count)).saturating_add(i128::from(last.time));
        if end <= start && last.count != ENDLESS {
            return None;
        }
        let fits = starts_before(steps, last, self.scale.bound(self.scale.micros(start)));
        last.count = last.count.min(capped(fits));
        (!self.is_open).then_some(Fault::Overlap)
    }

    /// The timeline: what is outside of the Period, or after the last number, taken out.
    pub(crate) fn finish(mut self) -> Timeline {
        let mut runs = std::mem::take(&mut self.runs);
        let low = self.scale.bound(Micros(1));
        let high = self.limit.map_or(i128::MAX, |limit| self.scale.bound(limit));
        // Only the last run that starts before the Period may reach into it.
        let passed = runs.partition_point(|run| i128::from(run.time) < low).saturating_sub(1);
        runs.drain(..passed);
        let mut first = 0_u64;
        runs.retain_mut(|run| {
            self.clip(run, low, high);
            run.first = first;
            first = next_position(run);
            run.count > 0
        });
        Timeline {
            scale: self.scale,
            limit: self.limit,
            runs: Arc::new(runs),
            steps: self.steps.into(),
            is_listed: true,
        }
    }

    fn clip(&mut self, run: &mut Run, low: i128, high: i128) {
        let time = i128::from(run.time);
        if let Some(end_number) = self.end_number {
            let numbers = end_number.saturating_add(1).saturating_sub(run.number);
            let per = match step_of(&self.steps, run) {
                Some(Step::Parts { parts, .. }) => u64::from(*parts),
                _ => 1,
            };
            run.count = run.count.min(capped(numbers.saturating_mul(per)));
        }
        let end = time.saturating_add(offset_of(&self.steps, run, u64::from(run.count)));
        if run.count == ENDLESS || end > high {
            let fits = starts_before(&self.steps, run, high);
            // What nothing ends stays endless.
            if high != i128::MAX {
                run.count = run.count.min(capped(fits));
            }
        }
        if time >= low {
            return;
        }
        // Those that end before the Period starts.
        let mut skipped = starts_before(&self.steps, run, low).saturating_sub(1);
        if run.count != ENDLESS {
            skipped = skipped.min(u64::from(run.count));
            run.count = run.count.saturating_sub(capped(skipped));
        }
        let Ok(moved) = i64::try_from(time.saturating_add(offset_of(&self.steps, run, skipped))) else {
            run.count = 0;
            return;
        };
        let (mut numbers, step) = (
            skipped,
            step_of(&self.steps, run).map(|step| (step.moved(skipped), step.phase())),
        );
        if let Some((step, phase)) = step {
            if let Step::Parts { parts, .. } = &step {
                numbers = skipped.saturating_add(phase) / u64::from((*parts).max(1));
            }
            run.step = self.step(step);
        }
        run.time = moved;
        run.number = run.number.saturating_add(numbers);
    }
}

/// Does a segment at `time`, with `number`, go on where a run ends?
fn contiguous(run: &Run, time: i64, number: u64) -> bool {
    let count = u64::from(run.count);
    run.number.checked_add(count) == Some(number)
        && count
            .checked_mul(run.duration)
            .and_then(|span| run.time.checked_add_unsigned(span))
            == Some(time)
}

/// A count that is not endless.
fn capped(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(ENDLESS).min(ENDLESS.saturating_sub(1))
}

#[cfg(test)]
mod tests;
