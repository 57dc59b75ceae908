//! One loaded presentation, from its manifest to its end.

use footlight_dash::{Manifest, Micros};

use super::agenda::Agenda;
use super::caps::Decoding;
use super::health::Health;
use super::input::{AppendFailure, Environment, Playback, RequestId};
use super::live::Live;
use super::output::{Event, Output, SinkTrack};
use super::playhead::Playhead;
use super::rescue::Rescues;
use super::steering::Steering;
use super::stream::{Chosen, Stream};
use super::subtitles::Subtitles;
use super::succession::{Lineage, Successor};
use crate::abr::{Decision, Rule};
use crate::buffering::Ranges;
use crate::config::Config;
use crate::delivery::{Answered, Delivery, Io, Outcome, Purpose, Source, parts_of};
use crate::error::{Action, PlayerError, Severity};
use crate::live::Clock;
use crate::presentation::{Kind, Model, RepKey};
use crate::time::Instant;
use crate::tracks::{Catalog, Preferences};

/// How far a load has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// The manifest is on its way.
    Manifest,
    /// The host is asked what it can play.
    Probing,
    /// The sink is opening; segments are already fetched.
    Opening,
    /// Everything is open.
    Streaming,
    /// It ended with an error that only a new load can mend.
    Failed,
}

/// See the module's description. Its other parts: `fetching` (what comes next), `sinking` (appends),
/// `health` (gaps, stalls, state) and `subtitles`.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) url: String,
    pub(super) start: Option<Micros>,
    pub(super) config: Config,
    pub(super) stage: Stage,
    pub(super) delivery: Delivery,
    pub(super) model: Option<Model>,
    /// What the host was asked whether it can play, until it answers.
    probed: Option<Vec<String>>,
    pub(super) clock: Clock,
    pub(super) live: Option<Live>,
    /// Up to where live segments are available, as of the last look.
    pub(super) available: Option<Micros>,
    pub(super) catalog: Catalog,
    pub(super) preferences: Preferences,
    pub(super) streams: Vec<Stream>,
    pub(super) subtitles: Subtitles,
    pub(super) agenda: Agenda,
    pub(super) rescues: Rescues,
    /// What is to be loaded next, at once.
    pub(super) successor: Option<Successor>,
    pub(super) lineage: Lineage,
    pub(super) steering: Option<Steering>,
    pub(super) playhead: Playhead,
    pub(super) health: Health,
    /// Taken while it is asked.
    pub(super) rule: Option<Box<dyn Rule>>,
    /// The rendition the viewer fixed: its height and bitrate, to find its like in other periods.
    pub(super) fixed: Option<(u32, u64)>,
    pub(super) decision: Option<Decision>,
    /// When the segment under way was last doubted because nothing came.
    pub(super) doubted: Instant,
    /// The index that was asked for before it is needed.
    pub(super) early_index: Option<RepKey>,
    /// Indexes that were asked for early in vain.
    pub(super) indexes_given_up: Vec<RepKey>,
    /// Where segments start that were fetched again, or were to be.
    pub(super) replaced: Vec<Micros>,
    pub(super) environment: Environment,
    pub(super) decoding: Decoding,
    /// Speed to play at, in thousandths.
    pub(super) rate: u32,
    /// Whether the position to start at was given to the sink.
    pub(super) placed: bool,
    /// The end of the stream was told to the sink, and nothing was appended since.
    pub(super) ended: bool,
    /// When the first manifest was asked for and answered.
    answered: Answered,
}

impl Session {
    /// Starts a load: asks for the manifest.
    pub(super) fn new(
        io: &mut Io,
        config: &Config,
        preferences: &Preferences,
        url: &str,
        start: Option<Micros>,
    ) -> Self {
        let mut delivery = Delivery::default();
        delivery.start(io, Purpose::Manifest, vec![Source::new(url, host_of(url))], None);
        Self {
            url: url.to_owned(),
            start,
            config: config.clone(),
            stage: Stage::Manifest,
            delivery,
            model: None,
            probed: None,
            clock: Clock::default(),
            live: None,
            available: None,
            catalog: Catalog::default(),
            preferences: preferences.clone(),
            streams: Vec::new(),
            subtitles: Subtitles::default(),
            agenda: Agenda::default(),
            rescues: Rescues::default(),
            successor: None,
            lineage: Lineage::default(),
            steering: None,
            playhead: Playhead::default(),
            health: Health::default(),
            rule: Some(config.algorithm.rule()),
            fixed: None,
            decision: None,
            doubted: Instant::default(),
            early_index: None,
            indexes_given_up: Vec::new(),
            replaced: Vec::new(),
            environment: Environment::default(),
            decoding: Decoding::default(),
            rate: 1000,
            placed: false,
            ended: false,
            answered: Answered::default(),
        }
    }

    /// Ends everything that runs at the host.
    pub(super) fn close(&mut self, io: &mut Io) {
        self.delivery.cancel(io, |_| true);
        self.subtitles.reset(io, None, Micros(0));
        if !self.streams.is_empty() {
            self.release_media(io);
            io.push(Output::CloseSink);
        }
        self.stage = Stage::Failed;
    }

    /// Gives up all that is on its way to the sink, and what the host keeps of it.
    pub(super) fn release_media(&mut self, io: &mut Io) {
        self.delivery.cancel(io, |p| {
            matches!(p, Purpose::Media(_) | Purpose::Init(..) | Purpose::Index(..))
        });
        for stream in &mut self.streams {
            for chosen in stream.queue.drain(..) {
                if let Some(request) = chosen.body {
                    io.push(Output::Release(request));
                }
            }
            for (_, request) in stream.inits.drain(..) {
                io.push(Output::Release(request));
            }
        }
        self.streams.clear();
    }

    pub(super) fn position(&self, io: &Io) -> Micros {
        self.playhead_at(io.now)
    }

    pub(super) fn playhead_at(&self, now: Instant) -> Micros {
        if self.placed || self.playhead.seeking() {
            self.playhead.position(now)
        } else {
            self.start.unwrap_or_default()
        }
    }

    pub(super) fn stream(&self, kind: Kind) -> Option<&Stream> {
        self.streams.iter().find(|s| s.kind == kind)
    }

    pub(super) fn stream_mut(&mut self, kind: Kind) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|s| s.kind == kind)
    }

    /// A request came to its end.
    pub(super) fn handle_outcome(&mut self, io: &mut Io, outcome: Outcome) {
        match outcome {
            Outcome::Done {
                purpose,
                request,
                body,
                url,
                sent,
            } => match purpose {
                Purpose::Manifest => self.manifest_arrived(io, body, &url, sent),
                Purpose::Refresh | Purpose::Patch => self.update_arrived(io, purpose, Some((&body, &url, sent))),
                Purpose::Remote(at) => {
                    let text = String::from_utf8_lossy(&body);
                    self.remote_arrived(io, at, Some((&text, &url)));
                }
                Purpose::Time(_) => self.time_arrived(io, Some((&body, sent))),
                Purpose::Callback => {}
                Purpose::Steering => self.steering_arrived(io, Ok((&body, &url))),
                Purpose::Init(kind, rep) => {
                    if let Some(stream) = self.stream_mut(kind) {
                        stream.inits.push((rep, request));
                        self.read_captions(io);
                    } else {
                        io.push(Output::Release(request));
                    }
                }
                Purpose::Index(kind, rep) => self.index_arrived(io, kind, rep, &body),
                Purpose::Media(kind) => self.media_arrived(io, kind, request, sent),
                Purpose::Text(part) => self.text_arrived(io, part, request, &body),
            },
            Outcome::Failed { purpose, error } => match purpose {
                Purpose::Manifest => self.fail(io, error),
                Purpose::Refresh | Purpose::Patch => self.update_arrived(io, purpose, None),
                Purpose::Remote(at) => self.remote_arrived(io, at, None),
                Purpose::Time(_) => self.time_arrived(io, None),
                Purpose::Callback => io.warn(&error),
                Purpose::Steering => {
                    io.warn(&error);
                    self.steering_arrived(io, Err(&error));
                }
                Purpose::Text(part) => self.text_failed(io, part, &error),
                Purpose::Init(kind, rep) => self.stream_failed(io, kind, Some(rep), error),
                Purpose::Index(kind, rep) => self.rep_failed(io, kind, rep, error),
                Purpose::Media(kind) if self.replacement_failed(io, kind, &error) => {}
                Purpose::Media(kind) => self.stream_failed(io, kind, None, error),
            },
        }
    }

    fn media_arrived(&mut self, io: &mut Io, kind: Kind, request: RequestId, sent: Answered) {
        let Some(stream) = self.stream_mut(kind) else { return };
        stream.passed = None;
        stream.lost = 0;
        stream.vain = 0;
        let Some(last) = stream.queue.back_mut() else { return };
        last.body = Some(request);
        let (entry, failures, replaces) = (last.entry, last.failures, last.replaces);
        self.came(sent.asked, entry.rep, entry.end, failures);
        self.learn(io, kind, entry.rep, Micros(entry.end.0 - entry.start.0), sent);
        // Its captions are those of what it replaces.
        if kind == Kind::Video && !replaces {
            self.captions_arrived(io, request, entry);
        }
    }

    fn manifest_arrived(&mut self, io: &mut Io, body: Vec<u8>, url: &str, sent: Answered) {
        let text = String::from_utf8(body).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
        let manifest = match Manifest::parse(text, url) {
            Ok(manifest) => manifest,
            Err(error) => {
                let error = PlayerError::new(error.code(), Severity::Fatal, Action::GoBack, error.to_string()).at(url);
                return self.fail(io, error);
            }
        };
        self.model = Some(Model::new(manifest));
        self.answered = sent;
        self.complete_manifest(io);
    }

    /// Fetches what the manifest refers to, one after another, then goes on with the whole.
    fn complete_manifest(&mut self, io: &mut Io) {
        let Some(model) = &self.model else { return };
        if let Some(remote) = model.manifest().remotes().first() {
            let source = Source::new(&remote.url, host_of(&remote.url));
            return self.delivery.start(io, Purpose::Remote(0), vec![source], None);
        }
        let url = model.manifest().url();
        let diagnostics = model.manifest().diagnostics().iter();
        for diagnostic in diagnostics.filter(|found| found.severity > footlight_dash::Severity::Info) {
            // The code says what is wrong: the texts would be much of what a browser loads.
            let (line, column) = (diagnostic.line, diagnostic.column);
            let place = format!("line {line}, column {column}: {}", diagnostic.detail);
            io.warn(&PlayerError::new(diagnostic.code, Severity::Warning, Action::None, place).at(url));
        }
        let is_first = self.stage == Stage::Manifest;
        if is_first {
            self.stage = Stage::Probing;
        }
        self.manifest_in_force(io, self.answered, true);
        if is_first {
            self.probe(io);
        } else {
            self.manifest_changed(io);
        }
    }

    fn remote_arrived(&mut self, io: &mut Io, at: usize, answer: Option<(&str, &str)>) {
        if let Some(model) = &mut self.model {
            model.resolve(at, answer);
        }
        self.complete_manifest(io);
    }

    /// Asks the host what it can play of what it was not asked about yet.
    fn probe(&mut self, io: &mut Io) {
        let Some(model) = &self.model else { return };
        let types = model.unknown_types();
        if self.probed.is_none() && (!types.is_empty() || self.stage == Stage::Probing) {
            io.push(Output::ProbeSupport(types.clone()));
            self.probed = Some(types);
        }
    }

    /// The host said what it can play.
    pub(super) fn handle_support(&mut self, io: &mut Io, supported: &[bool]) {
        let (Some(types), Some(model)) = (self.probed.take(), &mut self.model) else {
            return;
        };
        model.learn(types, supported);
        if self.stage != Stage::Probing {
            self.manifest_changed(io);
        }
    }

    /// A live manifest changed, or more of it turned out to be playable.
    pub(super) fn manifest_changed(&mut self, io: &mut Io) {
        let Some(model) = &self.model else { return };
        if self.stage == Stage::Probing {
            return;
        }
        let known = self.catalog.len();
        self.catalog.update(model.periods());
        let is_more = self.catalog.len() > known;
        self.aim_latency(io.now);
        let end = self.duration().unwrap_or(Micros::MAX);
        let Some(model) = &self.model else { return };
        for stream in &mut self.streams {
            stream.at_end = false;
            // What was chosen in a period that turned out to end before it belongs to the next one.
            let ends = |c: &Chosen| {
                model
                    .next_period(c.entry.rep.period)
                    .and_then(|next| (next.start <= c.entry.start).then_some(next.start))
            };
            let end = stream.queue.iter().find_map(ends).unwrap_or(end).min(end);
            stream.drop_from(io, &mut self.delivery, end);
        }
        self.subtitles.reopen();
        self.gather_events(io);
        self.probe(io);
        if is_more {
            self.tell_tracks(io);
        }
    }

    /// Chooses tracks, opens the sink, and fetches at once.
    fn open(&mut self, io: &mut Io) {
        let Some(model) = &self.model else { return };
        self.catalog = Catalog::new(model.periods(), &self.preferences);
        self.start = Some(self.starting_position(io.now));
        self.open_sink(io);
        if self.stage == Stage::Failed {
            return;
        }
        if let Some(duration) = self.duration() {
            io.push(Output::Event(Event::DurationChanged(duration)));
        }
        self.tell_tracks(io);
        io.push(Output::Event(Event::TimelineChanged(self.timeline(io.now))));
        io.push(Output::Event(Event::Loaded));
        self.gather_events(io);
    }

    /// Opens a sink for what plays at the start.
    pub(super) fn open_sink(&mut self, io: &mut Io) {
        let start = self.start.unwrap_or_default();
        self.subtitles.retarget(start);
        let Some(model) = &self.model else { return };
        let goal = Micros(self.config.buffer_goal.0.max(model.min_buffer_time().0.min(60_000_000)));
        let mut sink = Vec::new();
        for kind in Kind::ALL {
            let Some(mime) = self.first_mime(kind, start) else {
                continue;
            };
            let mut stream = Stream::new(kind, start, goal, self.config.buffer_behind);
            stream.sink_mime.clone_from(&mime);
            self.streams.push(stream);
            sink.push(SinkTrack { track: kind, mime });
        }
        if sink.is_empty() {
            let message = "this device can play none of the renditions";
            return self.fail(
                io,
                PlayerError::new("manifest.nothing-playable", Severity::Fatal, Action::GoBack, message),
            );
        }
        self.stage = Stage::Opening;
        let duration = self.duration();
        io.push(Output::OpenSink { tracks: sink, duration });
    }

    fn starting_position(&mut self, now: Instant) -> Micros {
        self.aim_latency(now);
        if let Some(start) = self.live_start(now) {
            return start;
        }
        let first = self.model.as_ref().map(Model::start).unwrap_or_default();
        let last = self
            .duration()
            .map_or(Micros(i64::MAX), |d| Micros(d.0.saturating_sub(1_000_000).max(first.0)));
        self.start.unwrap_or(first).clamp(first, last)
    }

    /// The MIME type of the smallest rendition of a track at `time`.
    fn first_mime(&self, kind: Kind, time: Micros) -> Option<String> {
        let model = self.model.as_ref()?;
        let period = model.period_at(time);
        let set = self.set_at(kind, period)?;
        let key = RepKey {
            period,
            set: to_u32(set),
            rep: 0,
        };
        Some(model.rep(key)?.full_mime())
    }

    pub(super) fn duration(&self) -> Option<Micros> {
        self.model.as_ref()?.duration()
    }

    pub(super) fn handle_playback(&mut self, io: &mut Io, seen: Playback) {
        let playing = self
            .stream(Kind::Video)
            .and_then(|s| s.playing(seen.position))
            .and_then(|(key, _)| self.model.as_ref()?.rep(key));
        self.decoding.watch(io.now, &seen, self.environment.visible, playing);
        if let Some(target) = self.playhead.observe(io.now, seen)
            && self.placed
        {
            self.go_to(io, target);
        }
    }

    /// The viewer wants another position.
    pub(super) fn seek(&mut self, io: &mut Io, target: Micros) {
        let target = if self.is_live() {
            let timeline = self.timeline(io.now);
            target.clamp(timeline.start, timeline.end)
        } else {
            let last = self
                .duration()
                .map_or(Micros(i64::MAX), |d| Micros(d.0.saturating_sub(100_000)));
            Micros(target.0.clamp(0, last.0.max(0)))
        };
        if self.stage == Stage::Failed {
            // Only another load mends it; that one starts there.
            self.start = Some(target);
            return;
        }
        self.follow_from(io.now, target);
        self.playhead.aim(io.now, target);
        if self.placed {
            io.push(Output::Seek(target));
        } else {
            self.start = Some(target);
        }
        self.go_to(io, target);
    }

    /// The playhead is (or will be) elsewhere: choose from there.
    fn go_to(&mut self, io: &mut Io, target: Micros) {
        // Elsewhere may be well: what stopped playback here does not count there.
        self.health.error = None;
        self.health.moved();
        self.agenda.moved();
        if let Some(rule) = &mut self.rule {
            rule.reset();
        }
        self.subtitles.retarget(target);
        for stream in &mut self.streams {
            stream.retarget(io, &mut self.delivery, target);
        }
    }

    pub(super) fn handle_sink_opened(&mut self) {
        if self.stage == Stage::Opening {
            self.stage = Stage::Streaming;
        }
    }

    pub(super) fn handle_appended(&mut self, io: &mut Io, kind: Kind, buffered: &[(Micros, Micros)]) {
        self.append_done(io, kind, Ranges::new(buffered));
    }

    pub(super) fn handle_append_failed(
        &mut self,
        io: &mut Io,
        kind: Kind,
        failure: AppendFailure,
        buffered: &[(Micros, Micros)],
    ) {
        match failure {
            AppendFailure::Quota => self.sink_full(io, kind, Ranges::new(buffered)),
            AppendFailure::Other => {
                let message = format!("the media pipeline refused a {} segment", kind.name());
                self.rescue(
                    io,
                    PlayerError::new("sink.append", Severity::Recoverable, Action::Retry, message),
                );
            }
        }
    }

    /// Does whatever the new situation asks for. Called once after every input.
    pub(super) fn update(&mut self, io: &mut Io) {
        self.ask_steering(io);
        let is_ready = self.knows_the_time(io.now) && !self.awaits_steering();
        if self.stage == Stage::Probing && self.probed.is_none() && is_ready {
            self.open(io);
        }
        self.update_live(io);
        if matches!(self.stage, Stage::Opening | Stage::Streaming) {
            self.watch_silence(io);
            for kind in Kind::ALL {
                self.fetch_next(io, kind);
                if self.stage == Stage::Streaming {
                    self.feed_sink(io, kind);
                }
            }
            self.index_ahead(io);
            self.replace_poor(io);
            self.update_subtitles(io);
            self.update_agenda(io);
            self.finish_stream(io);
        }
        self.update_health(io);
    }
}

/// The host part of a URL: the location's name where a manifest gives none.
fn host_of(url: &str) -> &str {
    let rest = parts_of(url).map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

pub(super) fn to_u32(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
