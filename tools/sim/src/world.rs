//! The engine and everything around it, in virtual time: whatever is due next happens next.

use std::collections::VecDeque;

use footlight_core::{
    AppendFailure, Command, Config, Environment, Event, Fetch, Input, Instant, Kind, Micros, Output, Playback, Player,
    PlayerError, RequestId, State,
};

use crate::film::{Answer, Film};
use crate::journal::Journal;
use crate::network::{Arrival, Fate, Network};
use crate::sink::{Abilities, Piece, Sink};
use crate::viewer::{Action, Script};

/// The playhead is observed this often while it moves, microseconds.
const OBSERVED_EVERY: u64 = 250_000;
/// Where the manifest is.
const MANIFEST: &str = "film.mpd";

/// Decides what becomes of a request, made at a time in microseconds.
pub type Faults = Box<dyn FnMut(&Fetch, u64) -> Fate + Send>;

/// A world to play in.
pub struct Setting {
    /// What the server has.
    pub film: Film,
    /// How to get it.
    pub network: Network,
    /// Requests other than for media take no time and no bandwidth.
    pub only_media: bool,
    /// What goes wrong.
    pub faults: Option<Faults>,
    /// What the sink can do.
    pub sink: Abilities,
    /// What the viewer does.
    pub script: Script,
    /// Settings of the engine.
    pub config: Config,
    /// Of the engine's jitter.
    pub seed: u64,
}

/// A transfer, or the body that it brought.
#[derive(Clone, Debug)]
struct Body {
    request: RequestId,
    answer: Answer,
    /// A part of a resource was asked for.
    ranged: bool,
    /// Bytes of a text that were given to the engine.
    given: usize,
}

/// Something that the engine has yet to hear.
#[derive(Clone, Copy, Debug)]
enum News {
    Support(usize),
    Arrived(Arrival),
    Opened,
    Appended(Kind),
    Full(Kind),
    Removed(Kind),
}

/// A session under way.
pub struct World {
    player: Player,
    film: Film,
    network: Network,
    only_media: bool,
    faults: Option<Faults>,
    sink: Sink,
    append_us: u64,
    script: Script,
    now: u64,
    bodies: Vec<Body>,
    /// To be told now, in this order.
    inbox: VecDeque<News>,
    /// To be told then.
    later: Vec<(u64, News)>,
    observe_at: u64,
    /// What was seen when the playhead was last observed; none: it is to be observed at once.
    seen: Option<Playback>,
    state: State,
    error: Option<PlayerError>,
    journal: Journal,
}

impl World {
    /// Loads the film and plays.
    #[must_use]
    pub fn new(setting: Setting) -> Self {
        let mut world = Self {
            player: Player::new(setting.config, setting.seed),
            film: setting.film,
            network: setting.network,
            only_media: setting.only_media,
            faults: setting.faults,
            append_us: (setting.sink.append_ms * 1000.0) as u64,
            sink: Sink::new(setting.sink),
            script: setting.script,
            now: 0,
            bodies: Vec::new(),
            inbox: VecDeque::new(),
            later: Vec::new(),
            observe_at: 0,
            seen: Some(Playback::default()),
            state: State::Idle,
            error: None,
            journal: Journal::default(),
        };
        let url = format!("https://{}/{MANIFEST}", world.film.host());
        world.give(Input::Environment(Environment::default()));
        world.command(Command::Load { url: &url, start: None });
        world.command(Command::Play);
        world.settle();
        world
    }

    /// Microseconds since the load.
    #[must_use]
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// What has happened so far.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What has happened, at the end.
    #[must_use]
    pub fn into_journal(self) -> Journal {
        let mut journal = self.journal;
        journal.started_at = self.sink.started_at;
        journal.stalls.clone_from(&self.sink.stalls);
        journal
    }

    /// The sink.
    #[must_use]
    pub const fn sink(&self) -> &Sink {
        &self.sink
    }

    /// The engine.
    #[must_use]
    pub const fn player(&self) -> &Player {
        &self.player
    }

    /// What the player says that it is doing.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Why playback stopped, when it did.
    #[must_use]
    pub const fn error(&self) -> Option<&PlayerError> {
        self.error.as_ref()
    }

    /// The viewer has nothing more to do.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.script.next().is_none()
    }

    /// The viewer will do this, so many microseconds from now.
    pub fn intend(&mut self, after: u64, action: Action) {
        self.error = None;
        self.script.add(self.now.saturating_add(after), action);
    }

    /// The viewer leaves an error as it is.
    pub fn pass_error(&mut self) {
        self.error = None;
    }

    /// Runs until `done`, or up to a time in microseconds, or until nothing more will happen; says whether it was done.
    pub fn run(&mut self, limit: u64, mut done: impl FnMut(&Self) -> bool) -> bool {
        while !done(self) {
            if !self.step(limit) {
                return false;
            }
        }
        true
    }

    /// Goes to what is due next, if that is before `limit`.
    fn step(&mut self, limit: u64) -> bool {
        let timeout = self.player.poll_timeout().map(|(at, _)| at.0.max(self.now + 1));
        let arrival = self.network.next().map(micros);
        let later = self.later.iter().map(|(at, _)| *at).min();
        let observation = self.sink.is_moving().then_some(self.observe_at);
        let due = [
            timeout,
            arrival,
            later,
            observation,
            self.sink.next(),
            self.script.next(),
        ];
        let Some(next) = due.into_iter().flatten().min().filter(|&next| next <= limit) else {
            return false;
        };
        self.now = self.now.max(next);
        self.sink.advance(self.now);
        let arrivals = self.network.advance(self.now as f64 / 1000.0);
        self.look();
        self.inbox.extend(arrivals.into_iter().map(News::Arrived));
        while let Some(at) = self.later.iter().position(|(at, _)| *at <= self.now) {
            let (_, news) = self.later.remove(at);
            self.inbox.push_back(news);
        }
        self.settle();
        while let Some(action) = self.script.take(self.now) {
            self.act(&action);
            self.settle();
        }
        if timeout.is_some_and(|at| at <= self.now) {
            self.give(Input::Timeout);
            self.settle();
        }
        true
    }

    /// Tells the engine all that it has yet to hear.
    fn settle(&mut self) {
        while let Some(news) = self.inbox.pop_front() {
            self.tell(news);
        }
        self.look();
    }

    /// Observes the playhead when it is time, or when the clock has started or stopped.
    fn look(&mut self) {
        let seen = self.sink.observe();
        // While the clock moves, where it is is no news.
        let news = |seen: &Playback| (seen.rate, seen.paused, seen.seeking, seen.ended, seen.ready_state);
        let is_news = self.seen.as_ref().map(news) != Some(news(&seen));
        if is_news || (self.sink.is_moving() && self.now >= self.observe_at) {
            self.seen = Some(seen);
            self.observe_at = self.now + OBSERVED_EVERY;
            self.journal.sample(self.now, &self.sink);
            self.give(Input::Playback(seen));
        }
    }

    fn command(&mut self, command: Command<'_>) {
        self.give(Input::Command(command));
    }

    /// Tells the engine something and does what it asks for.
    fn give(&mut self, input: Input<'_>) {
        self.player.handle_input(Instant(self.now), input);
        self.journal.inputs += 1;
        while let Some(output) = self.player.poll_output() {
            self.apply(output);
        }
    }

    fn tell(&mut self, news: News) {
        match news {
            News::Support(count) => self.give(Input::Support(&vec![true; count])),
            News::Arrived(arrival) => self.arrive(arrival),
            News::Opened => self.give(Input::SinkOpened),
            News::Appended(track) => {
                self.journal.sample(self.now, &self.sink);
                let buffered = self.sink.buffered(track);
                self.give(Input::AppendDone {
                    track,
                    buffered: &buffered,
                });
            }
            News::Full(track) => {
                self.journal.refused += 1;
                let (buffered, failure) = (self.sink.buffered(track), AppendFailure::Quota);
                self.give(Input::AppendFailed {
                    track,
                    failure,
                    buffered: &buffered,
                });
            }
            News::Removed(track) => {
                let buffered = self.sink.buffered(track);
                self.give(Input::RemoveDone {
                    track,
                    buffered: &buffered,
                });
            }
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        let Some(at) = self.bodies.iter().position(|body| body.request == arrival.request()) else {
            return;
        };
        let body = &mut self.bodies[at];
        match arrival {
            Arrival::Head(request, status) => {
                let length = (status == 200).then(|| bytes(body.answer.bits()));
                let status = if body.ranged && status == 200 { 206 } else { status };
                self.give(Input::ResponseHead {
                    request,
                    status,
                    length,
                    url: "",
                    date: None,
                });
            }
            Arrival::Bytes(request, length) => match &body.answer {
                Answer::Text(text) => {
                    let to = (body.given + length as usize).min(text.len());
                    let data = text[body.given..to].to_vec();
                    body.given = to;
                    self.give(Input::Data { request, data: &data });
                }
                _ => self.give(Input::Chunk {
                    request,
                    length,
                    ends_chunk: false,
                }),
            },
            Arrival::End(request) => {
                self.journal.end(request, self.now, None);
                self.give(Input::ResponseEnd { request });
            }
            Arrival::Failed(request, failure) => {
                self.journal.end(request, self.now, Some(0.0));
                self.bodies.remove(at);
                self.give(Input::ResponseFailed { request, failure });
            }
        }
    }

    fn apply(&mut self, output: Output) {
        match output {
            Output::Fetch(fetch) => self.fetch(&fetch),
            Output::Cancel(request) => {
                let bits = self.network.cancel(request).unwrap_or(0.0);
                self.bodies.retain(|body| body.request != request);
                self.journal.end(request, self.now, Some(bits));
            }
            Output::Release(request) => self.bodies.retain(|body| body.request != request),
            Output::ProbeSupport(types) => self.inbox.push_back(News::Support(types.len())),
            Output::OpenSink { tracks, .. } => {
                self.sink.open(tracks.iter().map(|track| track.track));
                self.after(News::Opened);
            }
            Output::Append { track, request, .. } => self.append(track, request),
            Output::Remove { track, start, end } => {
                self.sink.remove(track, start.0, end.unwrap_or(Micros::MAX).0);
                self.after(News::Removed(track));
            }
            Output::EndOfStream => self.sink.end_of_stream(),
            Output::CloseSink => {
                self.sink.close();
                self.later.clear();
            }
            Output::Seek(position) => {
                self.journal.seeks.push((self.now, position));
                self.sink.seek(position);
                self.seen = None;
            }
            Output::SetRate(rate) => self.sink.set_rate(rate),
            Output::Event(event) => self.note(event),
            _ => {}
        }
    }

    /// The sink is done with something, once it has taken its time.
    fn after(&mut self, news: News) {
        if self.append_us == 0 {
            self.inbox.push_back(news);
        } else {
            self.later.push((self.now + self.append_us, news));
        }
    }

    fn fetch(&mut self, fetch: &Fetch) {
        let request = fetch.request;
        let answer = self.film.answer(fetch);
        let fate = match (&mut self.faults, &answer) {
            (_, Answer::Missing) => Fate::Status(404),
            (Some(faults), _) => faults(fetch, self.now),
            (None, _) => Fate::Body,
        };
        let mut is_free = self.only_media;
        if let Answer::Media(media) = answer {
            self.journal.begin(request, media, self.now);
            is_free = false;
        }
        let bits = answer.bits();
        self.bodies.push(Body {
            request,
            answer,
            ranged: fetch.range.is_some(),
            given: 0,
        });
        if is_free {
            let length = u32::try_from(bytes(bits)).unwrap_or(u32::MAX);
            let whole = [
                Arrival::Head(request, 200),
                Arrival::Bytes(request, length),
                Arrival::End(request),
            ];
            self.inbox.extend(whole.map(News::Arrived));
        } else {
            let host = fetch.url.split('/').nth(2).unwrap_or_default();
            self.network.start(request, host, bits, fate);
        }
    }

    fn append(&mut self, track: Kind, request: RequestId) {
        let body = self.bodies.iter().find(|body| body.request == request);
        let fits = match body.map(|body| &body.answer) {
            Some(Answer::Media(media)) => {
                let piece = Piece {
                    start: media.start.0,
                    end: media.end.0,
                    bytes: bytes(media.bits),
                    rendition: media.rendition,
                };
                self.sink.append(track, piece)
            }
            _ => true,
        };
        self.after(if fits { News::Appended(track) } else { News::Full(track) });
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Decision(decision) => self.journal.decisions.push(decision),
            Event::StateChanged(state) => self.state = state,
            Event::Error(error) => {
                self.journal.errors.push((self.now, error.code));
                self.error = Some(error);
            }
            Event::Warning(warning) => self.journal.warnings.push((self.now, warning.code)),
            _ => {}
        }
    }

    fn act(&mut self, action: &Action) {
        self.journal.actions.push((self.now, action.clone()));
        match *action {
            Action::Seek(to) => self.command(Command::Seek(to)),
            Action::Play => self.command(Command::Play),
            Action::Pause => self.command(Command::Pause),
            Action::Rate(rate) => self.command(Command::SetRate(rate)),
            Action::Audio(id) => self.command(Command::SelectAudio(id)),
            Action::Rendition(id) => self.command(Command::SelectRendition(id)),
            Action::Retry => self.command(Command::Retry),
            Action::Size(width, height) => self.give(Input::Environment(Environment {
                width,
                height,
                ..Environment::default()
            })),
            Action::Sleep(length) => {
                let severed = self.network.sever();
                self.now = self.now.saturating_add(length);
                self.sink.sleep(self.now);
                self.inbox.extend(severed.into_iter().map(News::Arrived));
                self.inbox.extend(
                    self.network
                        .advance(self.now as f64 / 1000.0)
                        .into_iter()
                        .map(News::Arrived),
                );
            }
        }
    }
}

/// The next whole microsecond at or after a time in milliseconds, rounding errors aside.
fn micros(ms: f64) -> u64 {
    (ms * 1000.0 - 1e-4).ceil() as u64
}

fn bytes(bits: f64) -> u64 {
    (bits / 8.0).ceil() as u64
}
