//! What comes next: which segment, of which rendition, and whether there is room for it.

use footlight_dash::{Micros, Segment};

use super::session::{Session, to_u32};
use super::stream::{BORDER, Chosen, Stream};
use crate::buffering::Entry;
use crate::delivery::{Io, Manner, Purpose};
use crate::error::{Action, PlayerError, Severity};
use crate::presentation::{Kind, RepKey};
use crate::time::Instant;

/// Segments that may be waiting for the sink while the next one is fetched.
const READY_AHEAD: usize = 2;
/// Most periods without this track (or empty ones) passed over in one look.
const MAX_SKIPPED_PERIODS: usize = 1_000;
/// With less than this ahead, the playhead is about to stop.
const STARVED: Micros = Micros(1_000_000);
/// How long a place that does not answer is waited for, while there is another one.
const LEAST_PATIENCE: Micros = Micros(1_500_000);
const MOST_PATIENCE: Micros = Micros(6_000_000);

impl Session {
    /// Chooses and fetches the next segment of a track, when there is room and nothing is in the way.
    pub(super) fn fetch_next(&mut self, io: &mut Io, kind: Kind) {
        for _ in 0..MAX_SKIPPED_PERIODS {
            let position = self.position(io);
            let Some(stream) = self.stream_mut(kind) else { return };
            if stream.failed.is_some() || stream.at_end || stream.fetching() || stream.queue.len() >= READY_AHEAD {
                return;
            }
            if stream.not_before.is_some_and(|at| at > io.now) {
                return;
            }
            stream.not_before = None;
            stream.skip_present();
            if kind == Kind::Audio && self.is_ahead_of_video() {
                return;
            }
            let Some(stream) = self.stream_mut(kind) else { return };
            let (cursor, goal) = (stream.cursor, stream.goal);
            // Segments that turned out to hold nothing do not fill the buffer, whatever their times say.
            let starved = stream.queue.is_empty() && stream.operation.is_none() && stream.ahead(position) < STARVED;
            // Nor does the playhead move over a hole of another track before there is something behind it here.
            let held = |s: &Stream| s.ahead(position) < STARVED && !s.expects(position.saturating_add(STARVED));
            let starved = starved || self.streams.iter().any(held);
            let Some((period, end)) = self.period_for(kind, cursor) else {
                return;
            };
            if cursor.0.saturating_sub(position.0) >= goal.0 && !starved {
                return;
            }
            let Some(set) = self.set_at(kind, period) else {
                if self.is_growing(io, period, cursor) {
                    return self.need_manifest(io, cursor, Micros(0));
                }
                self.enter(kind, end);
                continue;
            };
            let key = self.wanted_rep(io, kind, period, set);
            match self.next_segment(io, kind, key, cursor) {
                Next::Wait => return,
                Next::Invalid(Micros::MAX) if self.is_live() => return self.need_manifest(io, cursor, Micros(0)),
                Next::Invalid(to) => self.pass(kind, to, end),
                Next::PeriodEnd if self.is_growing(io, period, cursor) => {
                    let ahead = self.stream(kind).map(|s| s.ahead(position)).unwrap_or_default();
                    return self.need_manifest(io, cursor, ahead);
                }
                Next::PeriodEnd => self.enter(kind, end),
                Next::Later(at) => {
                    if let Some(stream) = self.stream_mut(kind) {
                        stream.not_before = Some(at);
                    }
                    return;
                }
                Next::Segment(segment) => match self.decide(io, kind, period, set, &segment) {
                    Ok(key) => return self.fetch_segment(io, kind, key, cursor),
                    Err(later) => {
                        if let Some(stream) = self.stream_mut(kind) {
                            stream.not_before = Some(later);
                        }
                        return;
                    }
                },
            }
        }
    }

    /// Sound is there for as long as the picture that is on its way: more of it would only make that come later.
    fn is_ahead_of_video(&self) -> bool {
        let coming = self.stream(Kind::Video).and_then(|s| s.queue.back());
        let coming = coming.filter(|c| c.body.is_none() && !c.progressive && !c.replaces);
        let sound = self.stream(Kind::Audio).map_or(Micros(0), |s| s.cursor);
        coming.is_some_and(|c| sound >= c.entry.end)
    }

    /// The period at the cursor, and its end. `None`: the presentation ends here.
    fn period_for(&mut self, kind: Kind, cursor: Micros) -> Option<(u32, Option<Micros>)> {
        let (model, duration) = (self.model.as_ref()?, self.duration());
        // A cursor at a border belongs to what follows it.
        let period = model.period_at(cursor.saturating_add(Micros(1_000)));
        let end = model.period_end(period);
        if duration.is_some_and(|d| cursor.0 >= d.0 - 1_000) {
            self.stream_mut(kind)?.at_end = true;
            return None;
        }
        Some((period, end))
    }

    /// Goes on at a period's end; the last one's is the end of the track.
    pub(super) fn enter(&mut self, kind: Kind, end: Option<Micros>) {
        let last = self
            .model
            .as_ref()
            .and_then(|m| m.periods().next_back())
            .map(|(_, p)| p.period.start)
            .unwrap_or_default();
        if let Some(stream) = self.stream_mut(kind) {
            match end {
                Some(end) if end <= last && end > stream.cursor => stream.cursor = end,
                _ => stream.at_end = true,
            }
        }
    }

    /// The representation in use, or the smallest when another set begins: its index tells what is next.
    fn wanted_rep(&self, io: &Io, kind: Kind, period: u32, set: usize) -> RepKey {
        let set = to_u32(set);
        let current = self
            .stream(kind)
            .and_then(|s| s.rep)
            .filter(|r| r.period == period && r.set == set);
        current.unwrap_or_else(|| RepKey {
            period,
            set,
            rep: self.start_rep(io, kind, period, set),
        })
    }

    /// The segment at the cursor, once the index is there; asks for it when it is not.
    fn next_segment(&mut self, io: &mut Io, kind: Kind, key: RepKey, cursor: Micros) -> Next {
        let Some(index) = self.model.as_mut().and_then(|m| m.index(key)) else {
            return Next::PeriodEnd;
        };
        if index.pending().is_some() {
            if self.early_index == Some(key) {
                // It is not early any more.
                self.early_index = None;
            }
            if !self.delivery.has(Purpose::Index(kind, key)) && !self.fetch_index(io, kind, key) {
                return Next::PeriodEnd;
            }
            // The initialization segment is needed whatever the index says.
            self.fetch_init(io, kind, key);
            return Next::Wait;
        }
        let Some(at) = index.position_at(cursor) else {
            return Next::PeriodEnd;
        };
        let Some(segment) = index.segment(at) else {
            return Next::PeriodEnd;
        };
        // What remains of a segment after the cursor may be no more than a rounding of timescales.
        let tolerance = BORDER.0.min((segment.end.0 - segment.start.0) / 4);
        let segment = if segment.start < cursor && segment.end.0 - cursor.0 < tolerance {
            index.segment(at.saturating_add(1))
        } else {
            Some(segment)
        };
        let is_explicit = index.is_explicit();
        let Some(segment) = segment else { return Next::PeriodEnd };
        match self.available_at(io, key, &segment, is_explicit) {
            Some(at) => Next::Later(at),
            None => self
                .invalid_until(key, &segment)
                .map_or(Next::Segment(segment), Next::Invalid),
        }
    }

    /// Asks for what is missing of an index; false when it is nowhere.
    pub(super) fn fetch_index(&mut self, io: &mut Io, kind: Kind, key: RepKey) -> bool {
        let Some(model) = &mut self.model else { return false };
        let Some(resource) = model.index(key).and_then(|index| index.pending()) else {
            return false;
        };
        let sources = model.sources(key, &resource);
        let is_somewhere = !sources.is_empty();
        if is_somewhere {
            let range = resource.range.map(|r| (r.start, r.end));
            self.delivery.start(io, Purpose::Index(kind, key), sources, range);
        }
        is_somewhere
    }

    /// Fetches the segment at the cursor in the decided rendition.
    pub(super) fn fetch_segment(&mut self, io: &mut Io, kind: Kind, key: RepKey, cursor: Micros) {
        let Next::Segment(segment) = self.next_segment(io, kind, key, cursor) else {
            return;
        };
        let Some(model) = &self.model else { return };
        let sources = model.sources(key, &segment.resource);
        if sources.is_empty() {
            return;
        }
        let reason = self.health.reason(kind);
        self.fetch_init(io, kind, key);
        let position = self.position(io);
        // What is complete by now comes as fast as the network carries it.
        let chunked = self.is_chunked(key) && self.edge(io.now).is_some_and(|edge| edge < segment.end);
        let boxes = self.inband_streams(key).next().is_some();
        let Some(stream) = self.stream_mut(kind) else { return };
        // A place that does not answer is left while there is still something to play.
        let patience = Micros((stream.ahead(position).0 / 2).clamp(LEAST_PATIENCE.0, MOST_PATIENCE.0));
        let failures = if stream.missed.0 == segment.start {
            stream.missed.1
        } else {
            0
        };
        let manner = Manner {
            chunked,
            boxes,
            patience: Some(patience),
        };
        self.delivery.start_so(
            io,
            Purpose::Media(kind),
            sources,
            segment.resource.range.map(|r| (r.start, r.end)),
            manner,
        );
        if let Some(stream) = self.stream_mut(kind) {
            let entry = Entry {
                start: segment.start,
                end: segment.end,
                rep: key,
                reason,
            };
            stream.queue.push_back(Chosen {
                entry,
                body: None,
                progressive: chunked,
                appended: None,
                failures,
                replaces: false,
            });
            stream.cursor = segment.end;
        }
    }

    /// Fetches an initialization segment, unless it is there or there is none.
    pub(super) fn fetch_init(&mut self, io: &mut Io, kind: Kind, key: RepKey) {
        let purpose = Purpose::Init(kind, key);
        if self.delivery.has(purpose) || self.stream(kind).is_none_or(|s| s.init(key).is_some()) {
            return;
        }
        let Some(model) = &mut self.model else { return };
        let Some(resource) = model.initialization(key) else {
            return;
        };
        let sources = model.sources(key, &resource);
        if !sources.is_empty() {
            let manner = Manner {
                patience: Some(LEAST_PATIENCE),
                ..Manner::default()
            };
            let range = resource.range.map(|r| (r.start, r.end));
            self.delivery.start_so(io, purpose, sources, range, manner);
        }
    }

    /// What a representation cannot be played without cannot be had.
    pub(super) fn rep_failed(&mut self, io: &mut Io, kind: Kind, key: RepKey, error: PlayerError) {
        if self.early_index_failed(key) {
            io.warn(&error);
        } else {
            self.stream_failed(io, kind, Some(key), error);
        }
    }

    pub(super) fn index_arrived(&mut self, io: &mut Io, kind: Kind, key: RepKey, body: &[u8]) {
        let Some(index) = self.model.as_mut().and_then(|m| m.index(key)) else {
            return;
        };
        let Some(resource) = index.pending() else { return };
        if let Err(error) = index.load(&resource, body) {
            let error = PlayerError::new(error.code(), Severity::Recoverable, Action::Retry, error.to_string());
            self.rep_failed(io, kind, key, error);
        }
    }
}

enum Next {
    /// An index is on its way.
    Wait,
    /// It will be available then.
    Later(Instant),
    /// Nothing more in this period.
    PeriodEnd,
    /// Nothing until then.
    Invalid(Micros),
    Segment(Segment),
}
