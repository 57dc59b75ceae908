//! The player: inputs, outputs, timers, and the session between them.

mod abandoning;
mod agenda;
mod ahead;
mod caps;
mod choosing;
mod fetching;
mod health;
mod input;
mod live;
mod missing;
mod output;
mod playhead;
mod replacing;
mod rescue;
mod selecting;
mod session;
mod sinking;
mod steering;
mod stream;
mod subtitles;
mod succession;
mod updates;

pub use input::{AppendFailure, Command, Environment, Input, Playback, RequestId, TransportFailure};
pub use output::{Event, Fetch, Output, SinkTrack, State, Stats, StatsRendition, Succession, Thumbnail, WakeReason};

use footlight_dash::{ContentType, Manifest, Micros, Presentation};

use crate::config::Config;
use crate::delivery::{Head, Io, Rng};
use crate::error::{Action, PlayerError, Severity};
use crate::live::Timeline;
use crate::presentation::{Kind, Model, PlayableSet};
use crate::time::Instant;
use crate::tracks::{Preferences, Tracks};
use session::{Session, Stage};

/// The engine. Its methods are of four kinds:
///
/// - getters ([`Self::tracks`], [`Self::stats`], [`Self::presentation`] and the like);
/// - [`Self::handle_input`] for what happened, host commands included;
/// - [`Self::poll_output`] for what to do next, drained until `None` after each input;
/// - [`Self::poll_timeout`] for when to call again with [`Input::Timeout`], and why.
///
/// Time never goes back: an input with an earlier time than the last one's counts as happening at the last
/// one's.
#[derive(Debug)]
pub struct Player {
    config: Config,
    preferences: Preferences,
    environment: Environment,
    rate: u32,
    /// The device's wall clock.
    wall: Option<(Instant, Micros)>,
    io: Io,
    session: Option<Session>,
}

impl Player {
    /// A player with nothing loaded; `seed` decides its jitter.
    #[must_use]
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            config,
            preferences: Preferences::default(),
            environment: Environment::default(),
            rate: 1000,
            wall: None,
            io: Io {
                now: Instant::default(),
                outputs: std::collections::VecDeque::new(),
                rng: Rng::new(seed),
                next_request: 1,
            },
            session: None,
        }
    }

    /// Something happened at `now`.
    pub fn handle_input(&mut self, now: Instant, input: Input<'_>) {
        self.io.now = self.io.now.max(now);
        match input {
            Input::Command(command) => self.handle_command(command),
            Input::Preferences(preferences) => self.preferences = preferences,
            Input::Environment(environment) => {
                self.environment = environment;
                if let Some(session) = &mut self.session {
                    session.environment = environment;
                }
            }
            Input::WallClock(wall) => {
                self.wall = Some((self.io.now, wall));
                if let Some(session) = &mut self.session {
                    session.clock.observe_device(self.io.now, wall);
                }
            }
            other => {
                if let Some(session) = &mut self.session {
                    handle_session(&mut self.io, session, other);
                }
            }
        }
        if let Some(session) = &mut self.session {
            session.update(&mut self.io);
        }
        self.follow();
    }

    /// The next thing for the host to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.io.outputs.pop_front()
    }

    /// When to call with [`Input::Timeout`], and why; `None`: not before another input.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, WakeReason)> {
        let session = self.session.as_ref().filter(|s| s.stage != Stage::Failed)?;
        let now = self.io.now;
        let (hang, retry) = session.delivery.timers(&session.config);
        let position = session.position(&self.io);
        let arrival = |at: Micros| (at > position).then(|| session.playhead.arrival(now, at)).flatten();
        let open = session.streams.iter().filter(|s| s.failed.is_none());
        let room = open.filter_map(|s| match s.full_until {
            Some((until, anyway)) => Some(arrival(until).map_or(anyway, |at| at.min(anyway))),
            None if s.at_end || s.fetching() || s.not_before.is_some() => None,
            None => arrival(Micros(s.cursor.0.saturating_sub(s.goal.0))),
        });
        let available = session.streams.iter().filter(|s| s.failed.is_none() && !s.fetching());
        let available = available.filter_map(|s| s.not_before).min();
        let (time, manifest) = session.live_timers();
        let cue = session
            .subtitles
            .next_boundary(position)
            .and_then(|at| session.playhead.arrival(now, at));
        [
            (hang, WakeReason::RequestTimeout),
            (retry, WakeReason::RetryBackoff),
            (session.silence_timer(), WakeReason::Silence),
            (room.min(), WakeReason::BufferRoom),
            (cue, WakeReason::CueBoundary),
            (session.clock_timer(), WakeReason::StallCheck),
            (available, WakeReason::SegmentAvailable),
            (manifest, WakeReason::ManifestUpdate),
            (time, WakeReason::ClockSync),
            (session.agenda_timer(now), WakeReason::EventBoundary),
            (session.steering_timer(), WakeReason::Steering),
        ]
        .into_iter()
        .filter_map(|(at, reason)| Some((at?, reason)))
        .min_by_key(|(at, _)| *at)
    }

    /// The manifest in force, with everything that it says; `None` before it is there.
    #[must_use]
    pub fn presentation(&self) -> Option<&Presentation> {
        self.manifest().map(Manifest::presentation)
    }

    /// Its text, refreshed and patched, and where it came from; `None` before it is there.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        Some(self.session.as_ref()?.model.as_ref()?.manifest())
    }

    /// What a menu shows; `None` before the manifest is there.
    #[must_use]
    pub fn tracks(&self) -> Option<Tracks> {
        self.session.as_ref()?.tracks(&self.io)
    }

    /// A snapshot for a stats overlay, as of `now`.
    #[must_use]
    pub fn stats(&self, now: Instant) -> Stats {
        let Some(session) = &self.session else {
            return Stats::default();
        };
        let position = session.playhead.position(now.max(self.io.now));
        let ahead = |kind| session.stream(kind).map(|s| s.ahead(position)).unwrap_or_default();
        let playing = session.stream(Kind::Video).and_then(|s| s.playing(position));
        let rendition = playing.and_then(|(key, _)| session.model.as_ref()?.rep(key).map(|rep| (key, rep)));
        let counters = &session.delivery.counters;
        Stats {
            position,
            video_buffer: ahead(Kind::Video),
            audio_buffer: ahead(Kind::Audio),
            buffer_goal: session
                .streams
                .iter()
                .map(|s| s.goal)
                .min()
                .unwrap_or(session.config.buffer_goal),
            throughput: session.delivery.throughput.estimate().unwrap_or(0),
            rendition: rendition.map(|(key, rep)| StatsRendition {
                id: key.rep,
                width: rep.width,
                height: rep.height,
                bandwidth: rep.bandwidth,
            }),
            decision: session.decision,
            requests: counters.requests,
            failed_requests: counters.failed,
            bytes: counters.bytes,
            stalls: session.health.stalls,
            latency: session.latency(now.max(self.io.now)),
            service_location: counters.location.clone(),
        }
    }

    /// What there is to seek in, as of `now`; `None` before the manifest is there.
    #[must_use]
    pub fn timeline(&self, now: Instant) -> Option<Timeline> {
        let session = self.session.as_ref()?;
        session.model.as_ref()?;
        Some(session.timeline(now.max(self.io.now)))
    }

    /// The preview picture for a position.
    pub fn thumbnail(&mut self, position: Micros) -> Option<Thumbnail> {
        let model = self.session.as_mut()?.model.as_mut()?;
        let period = model.period_at(position);
        let is_sheet =
            |s: PlayableSet<'_>| s.set.content_type == ContentType::Image && s.reps().any(|r| r.tile.is_some());
        let set = model.playable(period)?.sets().position(is_sheet)?;
        let key = crate::RepKey {
            period,
            set: session::to_u32(set),
            rep: 0,
        };
        let index = model.index(key)?;
        let at = index.position_at(position)?;
        let segment = index.segment(at)?;
        let rep = model.rep(key)?;
        let (columns, rows) = rep.tile.filter(|&(c, r)| c > 0 && r > 0)?;
        let length = i128::from((segment.end.0 - segment.start.0).max(1));
        let tiles = i128::from(columns) * i128::from(rows);
        let tile = (i128::from((position.0 - segment.start.0).max(0)) * tiles / length).clamp(0, tiles - 1);
        let (width, height) = (rep.width / columns, rep.height / rows);
        let (column, row) = (tile % i128::from(columns), tile / i128::from(columns));
        Some(Thumbnail {
            url: model.sources(key, &segment.resource).into_iter().next()?.url,
            x: u32::try_from(column).ok()?.checked_mul(width)?,
            y: u32::try_from(row).ok()?.checked_mul(height)?,
            width,
            height,
            sheet_width: rep.width,
            sheet_height: rep.height,
        })
    }

    fn handle_command(&mut self, command: Command<'_>) {
        match command {
            Command::Load { url, start } => self.load(url, start),
            Command::Unload => {
                if let Some(mut session) = self.session.take() {
                    session.close(&mut self.io);
                    self.io.push(Output::Event(Event::StateChanged(State::Idle)));
                }
            }
            Command::Retry => self.retry(),
            Command::SetRate(rate) => {
                self.rate = rate.clamp(62, 16_000);
                if let Some(session) = &mut self.session {
                    session.change_rate(&mut self.io, self.rate);
                }
            }
            other => {
                if let Some(session) = &mut self.session {
                    command_session(&mut self.io, session, other);
                }
            }
        }
    }

    fn load(&mut self, url: &str, start: Option<Micros>) {
        let wants_play = self
            .session
            .as_ref()
            .is_some_and(|s| s.health.wants_play && s.url == url);
        if let Some(mut old) = self.session.take() {
            old.close(&mut self.io);
        }
        let session = Session::new(&mut self.io, &self.config, &self.preferences, url, start);
        self.begin(session, wants_play);
    }

    /// Goes on with the presentation that the one at hand names.
    fn follow(&mut self) {
        let Some(next) = self.session.as_mut().and_then(|session| session.successor.take()) else {
            return;
        };
        let Some(mut old) = self.session.take() else { return };
        old.close(&mut self.io);
        let (url, reason) = (next.url, next.reason);
        self.io.push(Output::Event(Event::PresentationChanged {
            url: url.clone(),
            reason,
        }));
        let mut session = Session::new(&mut self.io, &self.config, &old.likes(), &url, next.start);
        session.lineage = next.lineage;
        self.begin(session, old.health.wants_play);
    }

    fn begin(&mut self, mut session: Session, wants_play: bool) {
        if let Some((at, wall)) = self.wall {
            session.clock.observe_device(at, wall);
        }
        session.environment = self.environment;
        session.health.wants_play = wants_play;
        session.rate = self.rate;
        session.health.state = State::Loading;
        self.io.push(Output::Event(Event::StateChanged(State::Loading)));
        self.session = Some(session);
    }

    fn retry(&mut self) {
        let Some(session) = &mut self.session else { return };
        if session.health.error.is_none() {
            return;
        }
        if session.stage == Stage::Failed {
            let (url, start) = (session.url.clone(), session.start);
            self.load(&url, start);
        } else {
            session.resume(&mut self.io);
        }
    }
}

/// Commands that need something loaded.
fn command_session(io: &mut Io, session: &mut Session, command: Command<'_>) {
    match command {
        Command::Play => {
            session.health.wants_play = true;
            session.resume_live(io);
            if session.health.state == State::Ended {
                let first = session.model.as_ref().map(Model::start).unwrap_or_default();
                session.seek(io, first);
            }
            io.push(Output::SetRate(session.rate));
        }
        Command::Pause => {
            session.health.wants_play = false;
            io.push(Output::SetRate(0));
        }
        Command::Seek(target) => session.seek(io, target),
        Command::GoLive => session.go_live(io),
        Command::SelectAudio(id) => session.select_audio(io, id),
        Command::SelectText(id) => session.select_text(io, id),
        Command::SelectRendition(id) => session.select_rendition(io, id),
        Command::Load { .. } | Command::Unload | Command::Retry | Command::SetRate(_) => {}
    }
}

/// What happened at the host.
fn handle_session(io: &mut Io, session: &mut Session, input: Input<'_>) {
    let outcome = match input {
        Input::ResponseHead {
            request,
            status,
            length,
            url,
            date,
        } => {
            let head = Head {
                status,
                length,
                url,
                date,
            };
            session.delivery.handle_head(io, &session.config, request, &head)
        }
        Input::Chunk {
            request,
            length,
            ends_chunk,
        } => {
            let outcome =
                session
                    .delivery
                    .handle_bytes(io, &session.config, request, u64::from(length), &[], ends_chunk);
            session.abandon_late(io);
            outcome
        }
        Input::Data { request, data } => {
            let count = u64::try_from(data.len()).unwrap_or(u64::MAX);
            session
                .delivery
                .handle_bytes(io, &session.config, request, count, data, false)
        }
        Input::Boxes { request, data } => {
            session.boxes_arrived(io, request, data);
            None
        }
        Input::ResponseEnd { request } => session.delivery.handle_end(io, &session.config, request),
        Input::ResponseFailed { request, failure } => {
            session.delivery.handle_failed(io, &session.config, request, failure)
        }
        Input::Timeout => {
            for outcome in session.delivery.handle_time(io, &session.config) {
                session.handle_outcome(io, outcome);
            }
            None
        }
        other => {
            handle_sink(io, session, other);
            None
        }
    };
    if let Some(outcome) = outcome {
        session.handle_outcome(io, outcome);
    }
}

/// What happened at the media pipeline.
fn handle_sink(io: &mut Io, session: &mut Session, input: Input<'_>) {
    match input {
        Input::Support(supported) => session.handle_support(io, supported),
        Input::SinkOpened => session.handle_sink_opened(),
        Input::SinkFailed { message } => {
            session.rescue(
                io,
                PlayerError::new("sink.failed", Severity::Recoverable, Action::Retry, message),
            );
        }
        Input::AppendDone { track, buffered } | Input::RemoveDone { track, buffered } => {
            session.handle_appended(io, track, buffered)
        }
        Input::AppendFailed {
            track,
            failure,
            buffered,
        } => session.handle_append_failed(io, track, failure, buffered),
        Input::TextDecoded { request, first, cues } => session.subtitles.decoded(io, request, first, cues),
        Input::TextFailed { request, message } => session.subtitles.undecodable(io, request, message),
        Input::Playback(seen) => session.handle_playback(io, seen),
        Input::MediaError { code, message } => {
            let message = format!("media error {code}: {message}");
            session.rescue(
                io,
                PlayerError::new("sink.decode", Severity::Recoverable, Action::Retry, message),
            );
        }
        _ => {}
    }
}
