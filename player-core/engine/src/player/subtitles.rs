//! Text of the selected track: fetched a little ahead and given to the host to be read, shown on time. Captions come
//! with the video segments; what of these was in the sink before captions were wanted is fetched again, small, and all is
//! read in its order.

use footlight_dash::{Micros, Resource};

use super::input::RequestId;
use super::output::Output;
use super::session::{Session, to_u32};
use crate::buffering::Entry;
use crate::delivery::{Io, Purpose, TextPart};
use crate::error::{Action, PlayerError, Severity};
use crate::presentation::{Kind, RepKey};
use crate::text::{CueId, CueTimeline, Spans};
use crate::tracks::TextFormat;

/// Two segment borders this close are the same: timescales round.
const BORDER: Micros = Micros(1_000);
/// With more cues than this, those long past are forgotten.
const MANY_CUES: usize = 4_000;
/// Clocks of sinks go in steps: a playhead that is seen this little before where it was has not gone back.
const STEP: Micros = Micros(100_000);
/// How far behind the playhead cues stay then.
const KEPT_BEHIND: Micros = Micros(60_000_000);

/// A segment, where it is from, and when it plays.
#[derive(Clone, Copy, Debug)]
struct Piece {
    rep: RepKey,
    start: Micros,
    end: Micros,
}

#[derive(Debug, Default)]
pub(super) struct Subtitles {
    /// The track that all of this is about.
    track: Option<usize>,
    /// Of its cues, only those that are forced.
    forced_only: bool,
    /// Until when cues have been shown.
    shown: Micros,
    cursor: Micros,
    at_end: bool,
    timeline: CueTimeline,
    /// What was read, or given up.
    seen: Spans,
    fetching: Option<Piece>,
    /// At the host, to be read.
    decoding: Vec<RequestId>,
    /// The initialization segment that the host keeps; without a body where it could not be had.
    init: Option<(RepKey, Option<RequestId>)>,
    /// Video segments that wait for their initialization segment, to be read.
    waiting: Vec<(RequestId, Entry)>,
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

    /// Lets go of everything.
    pub(super) fn reset(&mut self, io: &mut Io, track: Option<usize>, position: Micros) {
        if let Some((_, Some(request))) = self.init.take() {
            io.push(Output::Release(request));
        }
        self.forget(io, Micros::MAX);
        self.track = track;
        self.retarget(position);
        self.seen.clear();
        self.fetching = None;
        self.decoding.clear();
        self.waiting.clear();
    }

    fn forget(&mut self, io: &mut Io, before: Micros) {
        let gone = self.timeline.forget_before(before);
        self.seen.forget_before(before);
        if !gone.is_empty() {
            io.push(Output::ForgetCues(gone));
        }
    }

    /// Whether a segment is the next to be read: captions carry over from one to the next, and what is read out of turn
    /// breaks those under way. What is passed over here is fetched when its turn has come.
    fn is_next(&self, entry: &Entry) -> bool {
        let from = self
            .fetching
            .map_or(self.cursor, |piece| piece.start)
            .saturating_add(BORDER);
        let read = self.seen.end_at(from).unwrap_or(from);
        entry.start <= read.saturating_add(BORDER) && entry.end > from && read < entry.end - BORDER
    }

    fn gave_up(&mut self) {
        if let Some(piece) = self.fetching.take() {
            self.seen.insert(piece.start, piece.end);
        }
    }

    /// The host read a segment: its cues are numbered from `first` on.
    pub(super) fn decoded(&mut self, io: &mut Io, request: RequestId, first: u32, cues: &[(Micros, Micros)]) {
        let numbered = (first..).map(CueId).zip(cues.iter().copied());
        let known = self.decoding.iter().position(|&other| other == request);
        let surplus = if let Some(at) = known {
            self.decoding.remove(at);
            self.timeline.extend(numbered)
        } else {
            numbered.map(|(id, _)| id).collect()
        };
        if !surplus.is_empty() {
            io.push(Output::ForgetCues(surplus));
        }
    }

    /// The host could not read a segment.
    pub(super) fn undecodable(&mut self, io: &mut Io, request: RequestId, message: &str) {
        if let Some(at) = self.decoding.iter().position(|&other| other == request) {
            self.decoding.remove(at);
            io.warn(&PlayerError::new(
                "text.malformed",
                Severity::Warning,
                Action::None,
                message,
            ));
        }
    }

    pub(super) fn next_boundary(&self, position: Micros) -> Option<Micros> {
        self.timeline.next_boundary(position)
    }
}

/// What there is to do next.
enum Step {
    /// Look again.
    Again,
    /// Nothing now.
    Rest,
    Fetch(TextPart, RepKey, Resource),
}

impl Session {
    /// Fetches the next text segment within the buffer goal, and shows what is due.
    pub(super) fn update_subtitles(&mut self, io: &mut Io) {
        let position = self.position(io);
        let shown = self.catalog.shown_text();
        let (track, forced_only) = (shown.map(|(track, _)| track), shown.is_some_and(|(_, forced)| forced));
        if track != self.subtitles.track || forced_only != self.subtitles.forced_only {
            self.delivery.cancel(io, |p| matches!(p, Purpose::Text(_)));
            self.subtitles.reset(io, track, position);
            self.subtitles.forced_only = forced_only;
        }
        loop {
            match self.next_text(io, position) {
                Step::Again => {}
                Step::Rest => break,
                Step::Fetch(part, rep, resource) => {
                    let sources = self
                        .model
                        .as_ref()
                        .map(|m| m.sources(rep, &resource))
                        .unwrap_or_default();
                    if sources.is_empty() {
                        self.subtitles.gave_up();
                        break;
                    }
                    let range = resource.range.map(|r| (r.start, r.end));
                    self.delivery.start(io, Purpose::Text(part), sources, range);
                    break;
                }
            }
        }
        if self.subtitles.timeline.len() > MANY_CUES {
            self.subtitles.forget(io, position - KEPT_BEHIND);
        }
        let before = self.subtitles.shown;
        if position > before || position < before - STEP {
            self.subtitles.shown = position;
        }
        if let Some(cues) = self.subtitles.timeline.update(self.subtitles.shown) {
            io.push(Output::Cues(cues));
        }
    }

    /// Looks at the cursor.
    fn next_text(&mut self, io: &Io, position: Micros) -> Step {
        let cursor = self.subtitles.cursor;
        let room = cursor.0 < position.0.saturating_add(self.config.buffer_goal.0);
        let busy = self.subtitles.fetching.is_some();
        let Some(track) = self
            .subtitles
            .track
            .filter(|_| room && !busy && !self.subtitles.at_end && self.placed)
        else {
            return Step::Rest;
        };
        if let Some(end) = self.subtitles.seen.end_at(cursor.saturating_add(BORDER)) {
            self.subtitles.cursor = end;
            return Step::Again;
        }
        let is_in_video = self.catalog.text_format(track).is_some_and(TextFormat::is_in_video);
        if is_in_video && self.comes_with_video(cursor) {
            return Step::Rest;
        }
        let Some(model) = &mut self.model else {
            return Step::Rest;
        };
        let period = model.period_at(cursor.saturating_add(BORDER));
        let set = model
            .playable(period)
            .and_then(|p| self.catalog.set_in(track, period, p));
        let Some(set) = set else {
            return self.next_text_period(io, period);
        };
        let rep = RepKey {
            period,
            set: to_u32(set),
            rep: 0,
        };
        self.text_of(io, rep, cursor)
    }

    /// Captions from here on come with the video that is still to be fetched, or on its way.
    fn comes_with_video(&self, cursor: Micros) -> bool {
        let Some(stream) = self.stream(Kind::Video) else {
            return true;
        };
        let cursor = cursor.saturating_add(BORDER);
        let on_its_way = |entry: &Entry| entry.start <= cursor && cursor < entry.end;
        let waits = self.subtitles.waiting.iter().any(|(_, entry)| on_its_way(entry));
        let fetching = stream.queue.back().filter(|chosen| chosen.body.is_none());
        waits || stream.cursor <= cursor || fetching.is_some_and(|chosen| on_its_way(&chosen.entry))
    }

    /// What is missing to read the segment of `rep` at the cursor.
    fn text_of(&mut self, io: &Io, rep: RepKey, cursor: Micros) -> Step {
        let Some(index) = self.model.as_mut().and_then(|m| m.index(rep)) else {
            return self.next_text_period(io, rep.period);
        };
        let piece = Piece {
            rep,
            start: cursor,
            end: cursor.saturating_add(BORDER),
        };
        if let Some(resource) = index.pending() {
            self.subtitles.fetching = Some(piece);
            return Step::Fetch(TextPart::Index, rep, resource);
        }
        let found = index.position_at(cursor).and_then(|at| index.segment(at));
        let is_explicit = index.is_explicit();
        let Some(segment) = found else {
            return self.next_text_period(io, rep.period);
        };
        if self.available_at(io, rep, &segment, is_explicit).is_some() {
            return Step::Rest;
        }
        let end = segment.end.max(piece.end);
        let piece = Piece { end, ..piece };
        let has_init = self.subtitles.init.is_some_and(|(of, _)| of == rep);
        let init = self.model.as_mut().and_then(|m| m.initialization(rep));
        self.subtitles.fetching = Some(piece);
        if let (Some(resource), false) = (init, has_init) {
            return Step::Fetch(TextPart::Init, rep, resource);
        }
        self.subtitles.cursor = end;
        Step::Fetch(TextPart::Media, rep, segment.resource)
    }

    fn next_text_period(&mut self, io: &Io, period: u32) -> Step {
        if self.is_growing(io, period, self.subtitles.cursor) {
            return Step::Rest;
        }
        let next = self.model.as_ref().and_then(|m| m.next_period(period)).map(|p| p.start);
        match next {
            Some(start) if start > self.subtitles.cursor => {
                self.subtitles.cursor = start;
                Step::Again
            }
            _ => {
                self.subtitles.at_end = true;
                Step::Rest
            }
        }
    }

    /// A part of a text track came.
    pub(super) fn text_arrived(&mut self, io: &mut Io, part: TextPart, request: RequestId, body: &[u8]) {
        let Some(piece) = self.subtitles.fetching.take() else {
            if part != TextPart::Index {
                io.push(Output::Release(request));
            }
            return;
        };
        match part {
            TextPart::Index => {
                let index = self.model.as_mut().and_then(|m| m.index(piece.rep));
                let loaded = index.and_then(|index| Some(index.load(&index.pending()?, body)));
                if let Some(Err(error)) = loaded {
                    self.text_failed(io, part, &text_error(error.code(), error.to_string()));
                    self.subtitles.at_end = true;
                }
            }
            TextPart::Init => {
                if let Some((_, Some(old))) = self.subtitles.init.replace((piece.rep, Some(request))) {
                    io.push(Output::Release(old));
                }
            }
            TextPart::Media => {
                let init = self.subtitles.init.filter(|(of, _)| *of == piece.rep);
                self.subtitles.seen.insert(piece.start, piece.end);
                self.decode_text(io, request, piece.rep, init.and_then(|(_, request)| request));
                io.push(Output::Release(request));
            }
        }
    }

    /// A part of a text track could not be had.
    pub(super) fn text_failed(&mut self, io: &mut Io, part: TextPart, error: &PlayerError) {
        io.warn(error);
        match (part, self.subtitles.fetching) {
            // Nothing of this track can be read without it.
            (TextPart::Index, _) => self.subtitles.at_end = true,
            (TextPart::Init, Some(piece)) => self.subtitles.init = Some((piece.rep, None)),
            _ => {}
        }
        self.subtitles.gave_up();
    }

    /// Has the host read a body that it has.
    fn decode_text(&mut self, io: &mut Io, request: RequestId, rep: RepKey, init: Option<RequestId>) {
        let (Some(track), Some(model)) = (self.subtitles.track, &self.model) else {
            return;
        };
        let Some(representation) = model.rep(rep) else { return };
        let Some(format) = self
            .catalog
            .text_format(track)
            .or_else(|| TextFormat::of(representation))
        else {
            return;
        };
        let start = model.period(rep.period).map(|p| p.start).unwrap_or_default();
        let end = model.period_end(rep.period).unwrap_or(Micros::MAX);
        self.subtitles.decoding.push(request);
        io.push(Output::DecodeText {
            request,
            track: to_u32(track),
            format,
            init,
            forced_only: self.subtitles.forced_only,
            timestamp_offset: representation.timestamp_offset(),
            window_start: start,
            window_end: end,
        });
    }

    /// A video segment came: it may carry the captions that are wanted.
    pub(super) fn captions_arrived(&mut self, io: &mut Io, request: RequestId, entry: Entry) {
        let format = self.subtitles.track.and_then(|track| self.catalog.text_format(track));
        if format.is_some_and(TextFormat::is_in_video) {
            self.subtitles.waiting.push((request, entry));
            self.read_captions(io);
        }
    }

    /// Has the host read the video segments whose initialization segments are there.
    pub(super) fn read_captions(&mut self, io: &mut Io) {
        for (request, entry) in std::mem::take(&mut self.subtitles.waiting) {
            let has_init = self.model.as_mut().and_then(|m| m.initialization(entry.rep)).is_some();
            let Some(stream) = self.stream(Kind::Video) else { return };
            let init = stream.init(entry.rep);
            let is_here = stream.queue.iter().any(|chosen| chosen.body == Some(request));
            if !is_here {
                continue;
            }
            if has_init && init.is_none() {
                self.subtitles.waiting.push((request, entry));
                continue;
            }
            if self.subtitles.is_next(&entry) {
                self.subtitles.seen.insert(entry.start, entry.end);
                self.decode_text(io, request, entry.rep, init);
            }
        }
    }
}

fn text_error(code: &'static str, message: String) -> PlayerError {
    PlayerError::new(code, Severity::Warning, Action::None, message)
}
