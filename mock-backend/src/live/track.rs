//! One track of a slot: which segments it has, and when each is there.

use super::{GRID_MS, Live, Slot, settings::Deep};
use crate::{
    media::Loop,
    mpd::{Run, runs},
};
use std::ops::Range;

/// A source within a slot. Points in time are milliseconds since the Unix epoch, segments are counted from 0 at the
/// source's origin.
pub(super) struct Track<'a> {
    live: &'a Live,
    slot: &'a Slot,
    media: &'a Loop,
}

impl<'a> Track<'a> {
    pub(super) fn new(live: &'a Live, slot: &'a Slot, media: &'a Loop) -> Self {
        Self { live, slot, media }
    }

    /// The media time that is shown at the start of the slot, in ticks.
    pub(super) fn origin(&self) -> u64 {
        self.media.ticks(self.slot.offset)
    }

    /// The first segment, which starts at the start of the slot or, with frames of sound, right after it.
    pub(super) fn first(&self) -> u64 {
        self.media.count_before(self.origin())
    }

    /// One past the last segment.
    fn end(&self) -> u64 {
        self.slot.end.map_or(u64::MAX, |end| self.before(end))
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        (self.first()..self.end()).contains(&number)
    }

    /// When a media time is on.
    pub(super) fn time(&self, ticks: u64) -> u64 {
        self.slot.start + ticks.saturating_sub(self.origin()) * 1000 / u64::from(self.media.timescale())
    }

    /// The media time that is on at a time.
    pub(super) fn ticks(&self, time: u64) -> u64 {
        let within = time.saturating_sub(self.slot.start);
        self.media.ticks(self.slot.offset + within)
    }

    pub(super) fn timescale(&self) -> u32 {
        self.media.timescale()
    }

    /// How many segments of the source start before a time.
    fn before(&self, time: u64) -> u64 {
        self.media.count_before(self.ticks(time))
    }

    /// From when to when a segment is on.
    pub(super) fn span(&self, number: u64) -> Range<u64> {
        let span = self.media.span(number);
        span.map_or(0..0, |span| {
            self.time(span.start)..self.time(span.start + span.duration)
        })
    }

    /// How late a segment is.
    pub(super) fn delay(&self, number: u64) -> u64 {
        match self.live.settings.jitter {
            0 => 0,
            most => number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (most + 1),
        }
    }

    /// From when on a segment can be asked for.
    pub(super) fn ready(&self, number: u64) -> u64 {
        let span = self.span(number);
        let complete = match self.live.settings.low_latency {
            true => span.end.min(span.start + self.live.settings.chunk),
            false => span.end,
        };
        complete + self.delay(number)
    }

    /// Was this segment never made?
    pub(super) fn is_hole(&self, number: u64) -> bool {
        // Sound starts up to a frame after the picture.
        let on_grid = (self.span(number).start + GRID_MS / 2) / GRID_MS * GRID_MS;
        self.live
            .settings
            .gaps
            .is_some_and(|cycle| on_grid.is_multiple_of(cycle))
    }

    /// The segments that a manifest of a time knows: those that are there, back to `since`.
    pub(super) fn listed(&self, since: u64, time: u64) -> Range<u64> {
        let (first, end) = (self.first(), self.end());
        let oldest = self.before(since).saturating_sub(1).clamp(first, end);
        if self.live.schedule.stop().is_some_and(|stop| time >= stop) {
            return oldest..end;
        }
        let sure = time.saturating_sub(self.live.settings.jitter + 2 * GRID_MS);
        let mut next = self.before(sure).saturating_sub(1).clamp(first, end);
        while next < end && self.ready(next) <= time {
            next += 1;
        }
        oldest..next.max(oldest)
    }

    /// The same as a SegmentTimeline.
    pub(super) fn runs(&self, since: u64, time: u64) -> Vec<Run> {
        let listed = self.listed(since, time);
        let Some(deep) = self.live.settings.deep else {
            let there = listed.filter(|&number| !self.is_hole(number));
            return runs(there.filter_map(|number| self.media.span(number)));
        };
        let count = i64::try_from(listed.end.saturating_sub(self.first())).unwrap_or(i64::MAX);
        if count == 0 {
            return Vec::new();
        }
        let duration = self.media.nominal_duration();
        vec![Run {
            time: Some(self.first() * duration),
            duration,
            count: match deep {
                Deep::Counted => count,
                Deep::Open => 0,
            },
        }]
    }

    /// The segment that a `$Time$` means.
    pub(super) fn starting_at(&self, ticks: u64) -> Option<u64> {
        let nominal = self.media.nominal_duration();
        match self.live.settings.deep {
            // Its times are nominal.
            Some(_) => Some((ticks + nominal / 2) / nominal),
            None => self.media.starting_at(ticks),
        }
    }
}
