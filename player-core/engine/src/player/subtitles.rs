//! Subtitles of the selected track: fetched a little ahead, shown on time.

use footlight_dash::Micros;

use super::output::Output;
use super::session::{Session, to_u32};
use crate::delivery::{Io, Purpose};
use crate::error::{Action, PlayerError, Severity};
use crate::presentation::RepKey;
use crate::text::{CueTimeline, parse_webvtt};

/// Segments of text known to be there or to be missing, at most.
const MAX_SEEN: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Subtitles {
    cursor: Micros,
    at_end: bool,
    timeline: CueTimeline,
    /// Segments read, or given up: a representation and the ordinal in it.
    seen: Vec<(RepKey, u64)>,
    fetching: Option<(RepKey, u64, Micros)>,
}

impl Subtitles {
    /// The playhead went elsewhere.
    pub(super) const fn retarget(&mut self, position: Micros) {
        self.cursor = position;
        self.at_end = false;
    }

    /// A newer manifest may have more.
    pub(super) const fn reopen(&mut self) {
        self.at_end = false;
    }

    /// Another track.
    pub(super) fn reset(&mut self, position: Micros) {
        self.retarget(position);
        self.timeline.clear();
        self.seen.clear();
        self.fetching = None;
    }

    pub(super) fn arrived(&mut self, io: &mut Io, body: &[u8]) {
        let Some((rep, position, offset)) = self.fetching.take() else {
            return;
        };
        self.saw(rep, position);
        match parse_webvtt(body, offset) {
            Ok(cues) => self.timeline.extend(cues),
            Err(error) => io.warn(&PlayerError::new(
                "text.malformed",
                Severity::Warning,
                Action::None,
                error.to_string(),
            )),
        }
    }

    pub(super) fn failed(&mut self) {
        if let Some((rep, position, _)) = self.fetching.take() {
            self.saw(rep, position);
        }
    }

    fn saw(&mut self, rep: RepKey, position: u64) {
        if self.seen.len() < MAX_SEEN {
            self.seen.push((rep, position));
        }
    }

    pub(super) fn next_boundary(&self, position: Micros) -> Option<Micros> {
        self.timeline.next_boundary(position)
    }
}

impl Session {
    /// Fetches the next text segment within the buffer goal, and shows what is due.
    pub(super) fn update_subtitles(&mut self, io: &mut Io) {
        let position = self.position(io);
        while self.fetch_text(io, position) {}
        if let Some(cues) = self.subtitles.timeline.update(position) {
            io.push(Output::Cues(cues));
        }
    }

    /// One step of the cursor; false when there is nothing more to do now.
    fn fetch_text(&mut self, io: &mut Io, position: Micros) -> bool {
        let cursor = self.subtitles.cursor;
        let room = cursor.0 < position.0.saturating_add(self.config.buffer_goal.0);
        if self.subtitles.at_end || self.subtitles.fetching.is_some() || !room || !self.placed {
            return false;
        }
        let (Some(track), Some(model)) = (self.catalog.text, &mut self.model) else {
            return false;
        };
        let period = model.period_at(cursor.saturating_add(Micros(1_000)));
        let Some(set) = model.period(period).and_then(|p| self.catalog.set_in(track, period, p)) else {
            return self.next_text_period(period);
        };
        let key = RepKey {
            period,
            set: to_u32(set),
            rep: 0,
        };
        let found = model.index(key).and_then(|index| {
            let at = index.position_at(cursor)?;
            index.segment(at)
        });
        let Some(segment) = found else {
            return self.next_text_period(period);
        };
        self.subtitles.cursor = segment.end.max(Micros(cursor.0.saturating_add(1_000)));
        if self.subtitles.seen.contains(&(key, segment.position)) {
            return true;
        }
        let (sources, offset) = (
            model.sources(key, &segment.resource),
            model.rep(key).map(|r| r.timestamp_offset()),
        );
        if sources.is_empty() {
            return false;
        }
        self.subtitles.fetching = Some((key, segment.position, offset.unwrap_or_default()));
        self.delivery.start(
            io,
            Purpose::Text,
            sources,
            segment.resource.range.map(|r| (r.start, r.end)),
        );
        false
    }

    fn next_text_period(&mut self, period: u32) -> bool {
        let next = self.model.as_ref().and_then(|m| m.next_period(period)).map(|p| p.start);
        match next {
            Some(start) if start > self.subtitles.cursor => {
                self.subtitles.cursor = start;
                true
            }
            _ => {
                self.subtitles.at_end = true;
                false
            }
        }
    }
}
