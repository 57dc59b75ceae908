//! Whether it plays: gaps, stalls, errors, and the one word for all of it.

use footlight_dash::Micros;

use super::output::{Event, Output, State};
use super::session::{Session, Stage};
use super::stream::BRIDGED;
use crate::abr::Reason;
use crate::delivery::Io;
use crate::error::{PlayerError, Severity};
use crate::presentation::{Kind, RepKey};
use crate::time::Instant;

/// A jump lands this far inside the next range, past rounding.
const INSIDE: Micros = Micros(1_000);
/// With this much in the buffer the clock has no reason to stand still.
const PLENTY: Micros = Micros(1_000_000);
/// A clock that stands still over a full buffer is nudged after this.
const PATIENCE: Micros = Micros(3_000_000);
/// How far a nudge moves the playhead, and how often it is tried in one place.
const NUDGE: Micros = Micros(100_000);
const MAX_NUDGES: u32 = 3;
/// Media pipelines stop with this much left before a hole, and do not say why.
const CRUMBS: Micros = Micros(250_000);
/// A track that failed ends playback when less than this is left of it.
const DRY: Micros = Micros(300_000);

/// What is known about how playback goes.
#[derive(Debug, Default)]
pub(super) struct Health {
    pub(super) state: State,
    pub(super) error: Option<PlayerError>,
    pub(super) stalls: u32,
    /// The host was told to play.
    pub(super) wants_play: bool,
    first_frame: bool,
    played: bool,
    stalled: bool,
    /// The clock stands still though there is plenty to play, since then.
    frozen: Option<Instant>,
    nudges: u32,
    playing: [Option<RepKey>; 2],
    reasons: [Option<Reason>; 2],
}

impl Health {
    /// The rendition at the playhead, as last told.
    pub(super) const fn playing(&self, kind: Kind) -> Option<RepKey> {
        self.playing[kind as usize]
    }

    /// A decision was made.
    pub(super) const fn chose(&mut self, kind: Kind, reason: Reason) {
        self.reasons[kind as usize] = Some(reason);
    }

    /// Why the last choice was made.
    pub(super) fn reason(&self, kind: Kind) -> Reason {
        self.reasons[kind as usize].unwrap_or(Reason::Startup)
    }

    /// Another pipeline has yet to show its first frame.
    pub(super) const fn restart(&mut self) {
        self.first_frame = false;
        self.moved();
    }

    /// The playhead went elsewhere.
    pub(super) const fn moved(&mut self) {
        self.frozen = None;
        self.nudges = 0;
    }
}

impl Session {
    /// Playback stops with an error; what runs is ended.
    pub(super) fn fail(&mut self, io: &mut Io, error: PlayerError) {
        let position = self.position(io);
        self.close(io);
        if self.fall_back(io, &error) {
            return;
        }
        self.start = Some(position);
        self.health.error = Some(error.clone());
        self.set_state(io, State::Error);
        io.push(Output::Event(Event::Error(error)));
    }

    /// Looks at everything once the input is handled.
    pub(super) fn update_health(&mut self, io: &mut Io) {
        if self.stage == Stage::Failed {
            return;
        }
        let seen = *self.playhead.seen();
        self.health.first_frame |= self.placed && seen.ready_state >= 2 && !self.playhead.seeking();
        self.raise_failure(io);
        self.jump_gap(io);
        self.watch_clock(io);
        self.tell_renditions(io);
        let state = self.state(self.position(io));
        if state == State::Ended && self.health.played && self.chain() {
            return;
        }
        self.set_state(io, state);
    }

    fn state(&self, position: Micros) -> State {
        let seen = self.playhead.seen();
        match () {
            () if self.health.error.is_some() => State::Error,
            () if self.nothing_left(position) => State::Ended,
            () if !self.health.first_frame => State::Loading,
            () if seen.ended && !self.playhead.seeking() => State::Ended,
            () if self.playhead.seeking() => State::Seeking,
            () if seen.paused && !self.health.played => State::Ready,
            () if seen.paused => State::Paused,
            () if seen.ready_state < 3 && !self.at_last_frame(position) => State::Buffering,
            () => State::Playing,
        }
    }

    /// The end is told to the sink and the playhead is about there: no data will come, and none is missing.
    fn at_last_frame(&self, position: Micros) -> bool {
        self.ended && self.streams.iter().all(|s| s.ahead(position) < DRY)
    }

    /// The end is told to the sink, which holds nothing from the playhead on: media that is shorter than its
    /// manifest says has no last frame for the sink to end on.
    fn nothing_left(&self, position: Micros) -> bool {
        let none =
            |s: &super::stream::Stream| s.ahead(position) == Micros(0) && s.buffered.next_start(position).is_none();
        self.ended && self.streams.iter().all(none)
    }

    fn set_state(&mut self, io: &mut Io, state: State) {
        let stalled = state == State::Buffering && self.health.played;
        if stalled != self.health.stalled {
            self.health.stalled = stalled;
            self.health.stalls = self.health.stalls.saturating_add(u32::from(stalled));
            io.push(Output::Event(if stalled {
                Event::StallStarted
            } else {
                Event::StallEnded
            }));
        }
        if state == self.health.state {
            return;
        }
        self.health.state = state;
        self.health.played |= state == State::Playing;
        io.push(Output::Event(Event::StateChanged(state)));
        if state == State::Ended {
            io.push(Output::Event(Event::Ended));
        }
    }

    /// A track that cannot go on stops playback when the playhead gets there, not before.
    fn raise_failure(&mut self, io: &mut Io) {
        if self.health.error.is_some() {
            return;
        }
        let position = self.position(io);
        let dry = |s: &&super::stream::Stream| {
            s.failed.is_some() && s.ahead(position) < DRY && s.operation.is_none() && s.queue.is_empty()
        };
        if let Some(error) = self.streams.iter().find(dry).and_then(|s| s.failed.clone()) {
            self.raise(io, error);
        }
    }

    fn raise(&mut self, io: &mut Io, error: PlayerError) {
        if self.fall_back(io, &error) {
            return;
        }
        let error = PlayerError {
            severity: Severity::Recoverable,
            ..error
        };
        self.health.error = Some(error.clone());
        self.set_state(io, State::Error);
        io.push(Output::Event(Event::Error(error)));
    }

    /// After an error that left the session whole: try again where it stopped.
    pub(super) fn resume(&mut self, io: &mut Io) {
        self.health.error = None;
        let position = self.position(io);
        for stream in &mut self.streams {
            stream.retarget(io, &mut self.delivery, position);
        }
    }

    /// Past a hole that nothing will fill: to where all tracks have media again. A jump always goes forward
    /// and always lands in the buffer, so jumps cannot loop.
    fn jump_gap(&mut self, io: &mut Io) {
        let seen = self.playhead.seen();
        if !self.placed || seen.ready_state >= 3 || seen.ended || self.health.error.is_some() {
            return;
        }
        let position = self.position(io);
        let mut target = position;
        for _ in 0..4 {
            let before = target;
            for stream in &self.streams {
                let near = stream.buffered.holding(target, BRIDGED);
                if near.is_some_and(|(start, end)| start <= target && end > target.saturating_add(CRUMBS)) {
                    continue;
                }
                // Closer than anybody sees: not worth waiting for data, which a full sink may not take.
                if let Some((start, _)) = near.filter(|&(start, _)| start > target) {
                    target = start.saturating_add(INSIDE);
                    continue;
                }
                // What is left here is too little to play: what counts is what comes after it.
                let left = near.map_or(target, |(_, end)| end.max(target));
                if stream.expects(left) {
                    // Beyond a hole of one track another one cannot go on: nothing is left to wait for.
                    let failed = stream.failed.clone().filter(|_| target > position);
                    return failed.into_iter().for_each(|error| self.raise(io, error));
                }
                match stream.buffered.next_start(left) {
                    Some(start) => target = start.saturating_add(INSIDE),
                    // Nothing more of this track: it is over, and the other one plays on.
                    None if stream.at_end => {}
                    None => return,
                }
            }
            if target == before {
                break;
            }
        }
        if target > position {
            self.playhead.aim(io.now, target);
            io.push(Output::Seek(target));
            self.subtitles.retarget(target);
        }
    }

    /// A clock that stands still over a full buffer: nudge it.
    fn watch_clock(&mut self, io: &mut Io) {
        let seen = *self.playhead.seen();
        let position = self.position(io);
        let full = !self.streams.is_empty() && self.streams.iter().all(|s| s.ahead(position) >= PLENTY);
        let frozen =
            self.health.first_frame && full && seen.ready_state < 3 && !seen.paused && !seen.ended && !seen.seeking;
        if !frozen {
            self.health.frozen = None;
            return;
        }
        let since = *self.health.frozen.get_or_insert(io.now);
        if io.now.since(since) >= PATIENCE && self.health.nudges < MAX_NUDGES {
            self.health.nudges += 1;
            self.health.frozen = Some(io.now);
            let target = position.saturating_add(NUDGE);
            self.playhead.aim(io.now, target);
            io.push(Output::Seek(target));
        }
    }

    /// When [`Self::watch_clock`] wants to look again.
    pub(super) fn clock_timer(&self) -> Option<Instant> {
        self.health
            .frozen
            .filter(|_| self.health.nudges < MAX_NUDGES)
            .map(|since| since.plus(PATIENCE))
    }

    /// Tells when another rendition comes to the playhead.
    fn tell_renditions(&mut self, io: &mut Io) {
        let position = self.position(io);
        for kind in Kind::ALL {
            let Some((key, reason)) = self.stream(kind).and_then(|s| s.playing(position)) else {
                continue;
            };
            if self.health.playing[kind as usize].replace(key) == Some(key) {
                continue;
            }
            let Some(rep) = self.model.as_ref().and_then(|m| m.rep(key)) else {
                continue;
            };
            io.push(Output::Event(Event::RenditionChanged {
                kind,
                id: key.rep,
                width: rep.width,
                height: rep.height,
                bandwidth: rep.bandwidth,
                reason: reason.code(),
            }));
            self.tell_tracks(io);
        }
    }
}
