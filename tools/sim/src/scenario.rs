//! Sessions told in a file: what is streamed, over what network, what goes wrong, what the viewer does.
//!
//! ```json
//! {
//!   "seed": 7,
//!   "movie": {"segment_s": 2, "segments": 150, "bitrates_kbps": [300, 900, 2500], "variation": 0.3},
//!   "sound": {"bitrates_kbps": [64, 128], "languages": ["en", "fr"]},
//!   "network": {"trace": "norway3g/report.json"},
//!   "servers": [{"host": "a.example"}, {"host": "b.example", "latency_ms": 40}],
//!   "tcp": {"initial_window_packets": 10},
//!   "faults": [{"host": "a.example", "from_s": 20, "to_s": 40, "share": 0.5, "what": {"status": 503}}],
//!   "sink": {"capacity_mb": 12, "append_ms": 5},
//!   "viewer": [{"at_s": 30, "does": {"seek_s": 120}}, {"at_s": 60, "does": {"sleep_s": 600}}]
//! }
//! ```
//!
//! Everything but the movie and the network may be left out.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use footlight_core::abr::Algorithm;
use footlight_core::{Config, Fetch, Kind, Micros, RequestKind, State};
use serde::{Deserialize, Serialize};

use crate::corpus::read;
use crate::dice::Dice;
use crate::film::{Addressing, Film, Sound};
use crate::journal::Journal;
use crate::movie::Movie;
use crate::network::{Fate, Network, Route, Tcp};
use crate::sink::Abilities;
use crate::trace::{Period, Trace};
use crate::viewer::{Action, Script};
use crate::world::{Faults, Setting, World};

/// Arriving bytes are told this often, milliseconds.
const TOLD_EVERY: f64 = 100.0;
/// Most hours that a session lasts.
const MOST_HOURS: f64 = 100.0;

/// A session to be played.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Decides everything that is left to chance.
    #[serde(default)]
    pub seed: u64,
    /// What is streamed.
    pub movie: MovieSource,
    /// Its sound, in requests of their own.
    pub sound: Option<SoundSource>,
    /// Sizes are told by an index that has to be fetched, not by the manifest.
    #[serde(default)]
    pub indexed: bool,
    /// The viewer's link.
    pub network: NetworkSource,
    /// Where the movie is, best first; one server when left out.
    #[serde(default)]
    pub servers: Vec<Server>,
    /// Connections start slowly; at once when left out.
    pub tcp: Option<Connection>,
    /// What goes wrong.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What the sink can do.
    #[serde(default)]
    pub sink: SinkSource,
    /// What the viewer does.
    #[serde(default)]
    pub viewer: Vec<Deed>,
    /// After an error the viewer tries again this much later, in seconds.
    pub retries_after_s: Option<f64>,
    /// The rule that chooses renditions.
    pub algorithm: Option<String>,
    /// Seconds to buffer.
    pub buffer_s: Option<f64>,
}

/// Where a movie comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum MovieSource {
    /// A file, relative to the scenario's folder.
    File(String),
    /// Made up.
    Made {
        /// Length of a segment.
        segment_s: f64,
        /// How many.
        segments: usize,
        /// The ladder, ascending.
        bitrates_kbps: Vec<f64>,
        /// How much sizes differ from what bitrates say: 0.3 is up to 30 % either way.
        #[serde(default)]
        variation: f64,
    },
}

/// Sound in constant bitrate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundSource {
    /// The ladder, ascending.
    pub bitrates_kbps: Vec<u32>,
    /// A track each.
    pub languages: Vec<String>,
}

/// Where a network comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkSource {
    /// A file, relative to the scenario's folder.
    Trace(String),
    /// Told here.
    Periods(Vec<Period>),
    /// Always the same kilobits per second, with 20 ms of latency.
    Kbps(f64),
}

/// A server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// Milliseconds more than the link takes.
    #[serde(default)]
    pub latency_ms: f64,
    /// The most that it gives.
    pub limit_kbps: Option<f64>,
}

/// How connections behave; see [`Tcp`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Connection {
    initial_window_packets: f64,
    idle_reset_ms: f64,
    handshakes: f64,
}

impl Default for Connection {
    fn default() -> Self {
        let Tcp {
            idle_reset_ms,
            handshakes,
            ..
        } = Tcp::default();
        Self {
            initial_window_packets: 10.0,
            idle_reset_ms,
            handshakes,
        }
    }
}

/// Something that goes wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Where; everywhere when left out.
    pub host: Option<String>,
    /// From when.
    #[serde(default)]
    pub from_s: f64,
    /// Until when; to the end when left out.
    pub to_s: Option<f64>,
    /// How many of the requests, 0 to 1; all when left out.
    pub share: Option<f64>,
    /// Only requests for media.
    #[serde(default)]
    pub only_media: bool,
    /// What becomes of them.
    pub what: Trouble,
}

/// What becomes of a request that goes wrong.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It is answered with this status.
    Status(u16),
    /// There is no answer ever.
    Hangs,
    /// There is no connection.
    Refused,
    /// The connection breaks in the middle of the body.
    Breaks,
}

/// What a sink can do; see [`Abilities`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SinkSource {
    /// Megabytes that a track may hold.
    pub capacity_mb: Option<f64>,
    /// Milliseconds that an append takes.
    pub append_ms: f64,
    /// Milliseconds of media that the clock needs to start.
    pub start_ahead_ms: f64,
    /// The highest rendition that is decoded without dropping pictures.
    pub smooth_up_to: Option<usize>,
}

/// One thing that a viewer does.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deed {
    /// When.
    pub at_s: f64,
    /// What.
    pub does: What,
}

/// What a viewer does.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Goes to a second of the movie.
    SeekS(f64),
    /// Plays.
    Play,
    /// Pauses.
    Pause,
    /// Plays at this speed.
    Rate(f64),
    /// Chooses an audio track.
    Audio(u32),
    /// Fixes a rendition, or lets the player choose.
    Rendition(Option<u32>),
    /// Tries again after an error.
    Retry,
    /// Changes the size of the picture, in pixels.
    Size(u32, u32),
    /// Closes the lid for so many seconds.
    SleepS(f64),
}

/// How a session went.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Summary {
    /// What the player was doing at the end.
    pub state: &'static str,
    /// The movie was played to its end.
    pub ended: bool,
    /// Seconds that it took.
    pub lasted_s: f64,
    /// Seconds until the first picture.
    pub startup_s: f64,
    /// Stalls after that, and their seconds.
    pub stalls: usize,
    /// Seconds of stalls.
    pub stalled_s: f64,
    /// Requests for media.
    pub requests: usize,
    /// Those of them that were given up or failed.
    pub dropped: usize,
    /// Megabytes of media.
    pub received_mb: f64,
    /// Changes of the video rendition from one request to the next.
    pub switches: usize,
    /// What stopped playback.
    pub errors: Vec<&'static str>,
    /// What was noticed, and how often.
    pub warnings: Vec<(&'static str, usize)>,
    /// Inputs given to the engine.
    pub inputs: u64,
}

/// A session that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// In short.
    pub summary: Summary,
    /// All of it.
    pub journal: Journal,
    /// What it was.
    pub movie: Movie,
    /// Over what.
    pub trace: Trace,
    /// Milliseconds that were to be buffered.
    pub buffer_ms: f64,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// When the text is none.
    pub fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json).context("not a scenario")
    }

    /// Plays it to its end. Files are relative to `folder`.
    ///
    /// # Errors
    /// When a file cannot be read, a number makes no sense, or the session comes to no end.
    pub fn play(&self, folder: &Path) -> Result<Played> {
        let movie = self.movie(folder)?;
        let trace = self.trace(folder)?;
        let config = self.config()?;
        let buffer_ms = config.buffer_goal.0 as f64 / 1000.0;
        let mut world = World::new(self.setting(&movie, &trace, config)?);
        let limit = (MOST_HOURS * 3.6e9) as u64;
        let retry = self.retries_after_s.map(|seconds| (seconds * 1e6) as u64);
        loop {
            let over = |world: &World| world.state() == State::Ended && world.is_over() || world.error().is_some();
            let done = world.run(limit, over);
            if !done && world.now() >= limit {
                bail!("it goes on for more than {MOST_HOURS} hours");
            }
            match (world.error(), retry) {
                (Some(_), Some(after)) => world.intend(after, Action::Retry),
                // What a viewer does later may mend it.
                (Some(_), None) if world.is_over() => break,
                (Some(_), None) => world.pass_error(),
                _ => break,
            }
        }
        let (state, lasted) = (world.state(), world.now());
        let journal = world.into_journal();
        Ok(Played {
            summary: summarise(&journal, state, lasted),
            journal,
            movie,
            trace,
            buffer_ms,
        })
    }

    fn movie(&self, folder: &Path) -> Result<Movie> {
        match &self.movie {
            MovieSource::File(path) => Movie::parse(&read(&folder.join(path))?),
            MovieSource::Made {
                segment_s,
                segments,
                bitrates_kbps,
                variation,
            } => Movie::made(*segment_s, *segments, bitrates_kbps, *variation, self.seed),
        }
    }

    fn trace(&self, folder: &Path) -> Result<Trace> {
        match &self.network {
            NetworkSource::Trace(path) => Trace::parse(&read(&folder.join(path))?),
            NetworkSource::Periods(periods) => Trace::new(periods.clone()),
            NetworkSource::Kbps(kbps) => Trace::constant(*kbps, 20.0),
        }
    }

    fn config(&self) -> Result<Config> {
        let mut config = Config::default();
        if let Some(name) = &self.algorithm {
            config.algorithm = Algorithm::by_name(name).with_context(|| format!("no algorithm {name}"))?;
        }
        if let Some(seconds) = self.buffer_s {
            ensure!((1.0..=3600.0).contains(&seconds), "a buffer of {seconds} s");
            config.buffer_goal = Micros((seconds * 1e6) as i64);
        }
        Ok(config)
    }

    fn setting(&self, movie: &Movie, trace: &Trace, config: Config) -> Result<Setting> {
        let mut routes: Vec<Route> = Vec::new();
        for server in &self.servers {
            routes.push(Route {
                host: server.host.clone(),
                latency_ms: server.latency_ms,
                limit_kbps: server.limit_kbps.unwrap_or(f64::INFINITY),
            });
        }
        if routes.is_empty() {
            routes.push(Route::near("cdn.example"));
        }
        for route in &routes {
            let positive = route.limit_kbps > 0.0 && route.latency_ms >= 0.0;
            ensure!(positive, "{} has numbers that make no sense", route.host);
        }
        let hosts: Vec<&str> = routes.iter().map(|route| route.host.as_str()).collect();
        let sound = self.sound.as_ref().map(|sound| Sound {
            bitrates_kbps: sound.bitrates_kbps.clone(),
            languages: sound.languages.clone(),
        });
        let addressing = if self.indexed {
            Addressing::Index
        } else {
            Addressing::List
        };
        let tcp = self.tcp.as_ref().map(|tcp| Tcp {
            initial_window_bits: tcp.initial_window_packets * 1460.0 * 8.0,
            idle_reset_ms: tcp.idle_reset_ms,
            handshakes: tcp.handshakes,
        });
        Ok(Setting {
            film: Film::new(movie.clone(), sound.as_ref(), addressing, &hosts),
            network: Network::new(trace.clone(), routes.clone(), tcp, TOLD_EVERY),
            only_media: false,
            faults: self.faults(),
            sink: Abilities {
                capacity_bytes: self.sink.capacity_mb.map_or(u64::MAX, |mb| (mb * 1e6) as u64),
                append_ms: self.sink.append_ms,
                start_ahead_ms: self.sink.start_ahead_ms,
                smooth_up_to: self.sink.smooth_up_to.unwrap_or(usize::MAX),
            },
            script: self.script(),
            config,
            seed: self.seed,
        })
    }

    fn faults(&self) -> Option<Faults> {
        if self.faults.is_empty() {
            return None;
        }
        let (faults, mut dice) = (self.faults.clone(), Dice::new(self.seed ^ 0xfa17));
        Some(Box::new(move |fetch: &Fetch, now: u64| {
            let roll = dice.share();
            let hit = faults.iter().find(|fault| fault.hits(fetch, now as f64 / 1e6, roll));
            hit.map_or(Fate::Body, |fault| match fault.what {
                Trouble::Status(status) => Fate::Status(status),
                Trouble::Hangs => Fate::Hangs,
                Trouble::Refused => Fate::Refused,
                Trouble::Breaks => Fate::Breaks,
            })
        }))
    }

    fn script(&self) -> Script {
        let micros = |seconds: f64| (seconds * 1e6) as u64;
        let action = |deed: &Deed| match deed.does {
            What::SeekS(to) => Action::Seek(Micros((to * 1e6) as i64)),
            What::Play => Action::Play,
            What::Pause => Action::Pause,
            What::Rate(rate) => Action::Rate((rate * 1000.0) as u32),
            What::Audio(id) => Action::Audio(id),
            What::Rendition(id) => Action::Rendition(id),
            What::Retry => Action::Retry,
            What::Size(width, height) => Action::Size(width, height),
            What::SleepS(length) => Action::Sleep(micros(length)),
        };
        Script::new(
            self.viewer
                .iter()
                .map(|deed| (micros(deed.at_s), action(deed)))
                .collect(),
        )
    }
}

impl Fault {
    fn hits(&self, fetch: &Fetch, now: f64, roll: f64) -> bool {
        let host = fetch.url.split('/').nth(2).unwrap_or_default();
        let is_media = matches!(fetch.kind, RequestKind::Video | RequestKind::Audio);
        self.host.as_deref().is_none_or(|own| own == host)
            && (is_media || !self.only_media)
            && now >= self.from_s
            && self.to_s.is_none_or(|to| now < to)
            && self.share.is_none_or(|share| roll < share)
    }
}

fn summarise(journal: &Journal, state: State, lasted: u64) -> Summary {
    let seconds = |micros: u64| micros as f64 / 1e6;
    let video: Vec<usize> = journal
        .requests
        .iter()
        .filter(|request| request.media.kind == Kind::Video && request.is_complete())
        .map(|request| request.media.rendition)
        .collect();
    let received = |request: &crate::journal::Request| request.dropped.unwrap_or(request.media.bits);
    let mut warnings: Vec<(&'static str, usize)> = Vec::new();
    for (_, code) in &journal.warnings {
        match warnings.iter_mut().find(|(known, _)| known == code) {
            Some((_, count)) => *count += 1,
            None => warnings.push((code, 1)),
        }
    }
    Summary {
        state: state.name(),
        ended: state == State::Ended,
        lasted_s: seconds(lasted),
        startup_s: journal.started_at.map_or(0.0, seconds),
        stalls: journal.stalls.len(),
        stalled_s: journal.stalls.iter().map(|(from, to)| seconds(to - from)).sum(),
        requests: journal.requests.len(),
        dropped: journal
            .requests
            .iter()
            .filter(|request| request.dropped.is_some())
            .count(),
        received_mb: journal.requests.iter().map(received).sum::<f64>() / 8e6,
        switches: video.windows(2).filter(|pair| pair[0] != pair[1]).count(),
        errors: journal.errors.iter().map(|(_, code)| *code).collect(),
        warnings,
        inputs: journal.inputs,
    }
}
