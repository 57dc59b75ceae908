//! The player as other languages see it.

use std::fs::File;
use std::io::BufWriter;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use footlight_native::abr::Algorithm;
use footlight_native::{
    Command, Config, Environment, Events, Findings, Notice, Options, Pace, Player, Preferences, Recording, Store,
    Transport, VerifyingSink, recorder,
};
use tokio::runtime::{Builder, Runtime};

use crate::error::FootlightError;
use crate::host::{ForeignSink, ForeignStore, ForeignTransport, HttpStack, MediaOutput, SettingsStore};
use crate::live::Counted;
use crate::types::{PlayerEvent, PlayerSnapshot, micros};

/// No recording is larger.
const MAX_RECORDING: u64 = 256 << 20;

/// All players of a process run here.
static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).thread_name("footlight").enable_all();
    builder.build().ok()
});

/// How to set a player up.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct PlayerOptions {
    /// How renditions are chosen: `ours`, or a published rule; empty: `ours`.
    #[uniffi(default = "")]
    pub algorithm: String,
    /// Bits per second to begin with, such as those of the last session; 0: the default.
    #[uniffi(default = 0)]
    pub initial_bandwidth: u64,
    /// Seconds to buffer ahead; 0: the default.
    #[uniffi(default = 0.0)]
    pub buffer_goal: f64,
    /// Of the engine's jitter: give each player another one.
    #[uniffi(default = 0)]
    pub seed: u64,
    /// Films play as fast as they arrive: for checks, with the verifying output.
    #[uniffi(default = false)]
    pub fast: bool,
    /// Languages of sound, the best first.
    #[uniffi(default = [])]
    pub audio_languages: Vec<String>,
    /// Languages of text, the best first.
    #[uniffi(default = [])]
    pub text_languages: Vec<String>,
    /// Show text.
    #[uniffi(default = false)]
    pub text_enabled: bool,
    /// A file to write the session to, without its secrets; empty: none.
    #[uniffi(default = "")]
    pub record_to: String,
    /// A folder to keep media in that servers allow to be kept, for the player's own HTTP stack; empty: none.
    #[uniffi(default = "")]
    pub cache_in: String,
    /// The most bytes of it.
    #[uniffi(default = 536870912)]
    pub cache_limit: u64,
}

/// A player. Close it, or let go of it, and its requests end.
#[derive(uniffi::Object)]
pub struct MediaPlayer {
    player: Mutex<Option<Player>>,
    events: tokio::sync::Mutex<Events>,
    findings: Option<Findings>,
    _counted: Counted,
}

/// The engine's version.
#[uniffi::export]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Plays a recording to a new engine, and gives back what it answers, as bytes: the same on every platform.
///
/// # Errors
/// [`FootlightError::NoRecording`].
#[uniffi::export]
pub fn replay_recording(recording: &[u8]) -> Result<Vec<u8>, FootlightError> {
    let replay = recorder::replay(recording).map_err(|_| FootlightError::NoRecording)?;
    Ok(replay.answers)
}

#[uniffi::export(async_runtime = "tokio")]
impl MediaPlayer {
    /// A player with nothing loaded. Without `http` it uses a stack of its own; without `output` media is not shown
    /// but verified (see `findings`). With `store` it remembers throughput and the viewer's languages: where the options
    /// say nothing about them, it begins with those.
    ///
    /// # Errors
    /// [`FootlightError::Option`], [`FootlightError::NoHttp`], [`FootlightError::File`].
    #[uniffi::constructor]
    pub fn new(
        options: PlayerOptions,
        http: Option<Arc<dyn HttpStack>>,
        output: Option<Arc<dyn MediaOutput>>,
        store: Option<Arc<dyn SettingsStore>>,
    ) -> Result<Self, FootlightError> {
        let runtime = RUNTIME.as_ref().ok_or_else(|| FootlightError::NoHttp {
            detail: "no threads can be started".to_owned(),
        })?;
        let transport: Arc<dyn Transport> = match http {
            Some(stack) => Arc::new(ForeignTransport(stack)),
            None => own_transport(&options)?,
        };
        let mut options = options.read()?;
        options.store = store.map(|store| Arc::new(ForeignStore(store)) as Arc<dyn Store>);
        let _entered = runtime.enter();
        let (player, events, findings) = match output {
            Some(output) => {
                let (player, events) = footlight_native::spawn(options, transport, ForeignSink::new(output));
                (player, events, None)
            }
            None => {
                let (sink, findings) = VerifyingSink::new();
                let (player, events) = footlight_native::spawn(options, transport, sink);
                (player, events, Some(findings))
            }
        };
        Ok(Self {
            player: Mutex::new(Some(player)),
            events: tokio::sync::Mutex::new(events),
            findings,
            _counted: Counted::new(),
        })
    }

    /// Plays this manifest from `start` seconds, or from its beginning or live edge; ends whatever was loaded.
    pub fn load(&self, url: String, start: Option<f64>) {
        self.with(|player| player.load(url, start.map(micros)));
    }

    /// Forgets what is loaded.
    pub fn unload(&self) {
        self.command(Command::Unload);
    }

    /// Plays.
    pub fn play(&self) {
        self.command(Command::Play);
    }

    /// Pauses.
    pub fn pause(&self) {
        self.command(Command::Pause);
    }

    /// After an error: goes on from the same position.
    pub fn retry(&self) {
        self.command(Command::Retry);
    }

    /// Goes to this position, in seconds.
    pub fn seek(&self, position: f64) {
        self.command(Command::Seek(micros(position)));
    }

    /// Goes to the live edge.
    pub fn go_live(&self) {
        self.command(Command::GoLive);
    }

    /// Plays at this speed, from 0.062 to 16.
    pub fn set_rate(&self, rate: f64) {
        self.command(Command::SetRate((rate * 1000.0).round() as u32));
    }

    /// Plays this sound track.
    pub fn select_audio(&self, id: u32) {
        self.command(Command::SelectAudio(id));
    }

    /// Shows this text track, or none.
    pub fn select_text(&self, id: Option<u32>) {
        self.command(Command::SelectText(id));
    }

    /// Keeps to this rendition, or chooses automatically.
    pub fn select_rendition(&self, id: Option<u32>) {
        self.command(Command::SelectRendition(id));
    }

    /// Where the picture is shown, in device pixels (0: unknown), and how much of it is wanted.
    pub fn set_surroundings(&self, width: u32, height: u32, visible: bool, online: bool, save_data: bool) {
        self.with(|player| {
            player.set_environment(Environment {
                width,
                height,
                visible,
                online,
                save_data,
                ..Environment::default()
            });
        });
    }

    /// The next thing that happens; none when the player was closed and everything was told. May be cancelled:
    /// nothing is lost.
    pub async fn next_event(&self) -> Option<PlayerEvent> {
        let mut events = self.events.lock().await;
        loop {
            let event = match events.next().await?.1 {
                Notice::Event(event) => PlayerEvent::of(&event),
                Notice::Cues(cues) => Some(PlayerEvent::Cues {
                    cues: cues.iter().map(|cue| (&**cue).into()).collect(),
                }),
                Notice::RecordingStopped(reason) => Some(PlayerEvent::RecordingStopped { reason }),
                _ => None,
            };
            if event.is_some() {
                return event;
            }
        }
    }

    /// What is the case now; none when the player was closed.
    pub async fn snapshot(&self) -> Option<PlayerSnapshot> {
        let player = self.player.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        player.snapshot().await.map(Into::into)
    }

    /// What the verifying output found since it was asked last, a line each.
    pub fn findings(&self) -> Vec<String> {
        let found = self.findings.as_ref().map(Findings::take).unwrap_or_default();
        found.iter().map(ToString::to_string).collect()
    }

    /// Ends playback and requests. Nothing may be asked of the player after it; what has happened is still told.
    pub fn close(&self) {
        self.player.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl MediaPlayer {
    fn command(&self, command: Command<'static>) {
        self.with(|player| player.command(command));
    }

    fn with(&self, act: impl FnOnce(&Player)) {
        if let Some(player) = &*self.player.lock().unwrap_or_else(PoisonError::into_inner) {
            act(player);
        }
    }
}

#[cfg(feature = "http")]
fn own_transport(options: &PlayerOptions) -> Result<Arc<dyn Transport>, FootlightError> {
    let agent = concat!("footlight/", env!("CARGO_PKG_VERSION"));
    let transport = footlight_native::HttpTransport::new(agent).map_err(|error| FootlightError::NoHttp {
        detail: error.to_string(),
    })?;
    if options.cache_in.is_empty() {
        return Ok(Arc::new(transport));
    }
    let cache = footlight_native::DiskCache::open(&options.cache_in, options.cache_limit).map_err(|error| {
        FootlightError::File {
            detail: format!("{}: {error}", options.cache_in),
        }
    })?;
    Ok(Arc::new(transport.with_cache(cache)))
}

#[cfg(not(feature = "http"))]
fn own_transport(_: &PlayerOptions) -> Result<Arc<dyn Transport>, FootlightError> {
    Err(FootlightError::NoHttp {
        detail: "this library was built without one".to_owned(),
    })
}

impl PlayerOptions {
    fn read(self) -> Result<Options, FootlightError> {
        let mut config = Config::default();
        if !self.algorithm.is_empty() {
            config.algorithm = Algorithm::by_name(&self.algorithm).ok_or(FootlightError::Option {
                option: "algorithm".to_owned(),
                value: self.algorithm,
            })?;
        }
        if self.initial_bandwidth > 0 {
            config.initial_bandwidth = self.initial_bandwidth;
        }
        if self.buffer_goal > 0.0 {
            config.buffer_goal = micros(self.buffer_goal);
        }
        let recording = if self.record_to.is_empty() {
            None
        } else {
            let file = File::create(&self.record_to).map_err(|error| FootlightError::File {
                detail: format!("{}: {error}", self.record_to),
            })?;
            Some(Recording::new(BufWriter::new(file), MAX_RECORDING))
        };
        Ok(Options {
            config,
            seed: self.seed,
            pace: if self.fast { Pace::Fast } else { Pace::Real },
            preferences: Preferences {
                audio_languages: self.audio_languages,
                text_languages: self.text_languages,
                text_enabled: self.text_enabled,
            },
            recording,
            store: None,
        })
    }
}
