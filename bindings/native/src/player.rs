//! A player to command, and what it tells.

use std::sync::Arc;

use footlight_core::{Command, Config, Environment, Event, Instant, Micros, Preferences, Stats, Timeline, Tracks};
use footlight_text::Cue;
use tokio::sync::{mpsc, oneshot};

use crate::clock::Pace;
use crate::host::Host;
use crate::record::Recording;
use crate::sink::MediaSink;
use crate::store::Store;
use crate::transport::Transport;

/// How to set a player up.
#[derive(Default)]
pub struct Options {
    /// Settings of the engine.
    pub config: Config,
    /// Of the engine's jitter: give each player another one.
    pub seed: u64,
    /// How time passes.
    pub pace: Pace,
    /// Languages and text wishes.
    pub preferences: Preferences,
    /// Writes the session down.
    pub recording: Option<Recording>,
    /// Remembers throughput and what the viewer likes: where `config` and `preferences` say nothing about it, the player
    /// begins with that.
    pub store: Option<Arc<dyn Store>>,
}

/// What a player tells.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// Something happened.
    Event(Event),
    /// These cues are on screen now, all of them; none clears.
    Cues(Vec<Arc<Cue>>),
    /// No more of the session is written down, and why. Playback goes on.
    RecordingStopped(String),
}

/// What is the case now.
#[derive(Clone, PartialEq, Debug)]
pub struct Snapshot {
    /// Numbers.
    pub stats: Stats,
    /// What there is to seek in; none before the manifest is there.
    pub timeline: Option<Timeline>,
    /// What there is to choose from; likewise.
    pub tracks: Option<Tracks>,
}

/// What a [`Player`] asks of its task.
pub(crate) enum Order {
    Load(String, Option<Micros>),
    Command(Command<'static>),
    Preferences(Preferences),
    Environment(Environment),
    Snapshot(oneshot::Sender<Snapshot>),
}

/// A player. Its clones command the same one; when the last is dropped the player ends, its requests with it.
#[derive(Clone)]
pub struct Player {
    orders: mpsc::UnboundedSender<Order>,
}

/// What a player tells, in order.
#[derive(Debug)]
pub struct Events(mpsc::UnboundedReceiver<(Instant, Notice)>);

impl Events {
    /// The next thing, and when it happened by the player's clock; `None` when the player has ended and everything was told. Safe
    /// to be cancelled.
    pub async fn next(&mut self) -> Option<(Instant, Notice)> {
        self.0.recv().await
    }
}

/// Starts a player on the current tokio runtime.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn spawn(options: Options, transport: Arc<dyn Transport>, sink: impl MediaSink) -> (Player, Events) {
    let (orders, inbox) = mpsc::unbounded_channel();
    let (notices, events) = mpsc::unbounded_channel();
    let host = Host::new(options, transport, Box::new(sink), notices);
    tokio::spawn(host.run(inbox));
    (Player { orders }, Events(events))
}

impl Player {
    /// Plays this manifest from `start`, or from its beginning or live edge; ends whatever was loaded before.
    pub fn load(&self, url: impl Into<String>, start: Option<Micros>) {
        self.order(Order::Load(url.into(), start));
    }

    /// Plays.
    pub fn play(&self) {
        self.command(Command::Play);
    }

    /// Pauses.
    pub fn pause(&self) {
        self.command(Command::Pause);
    }

    /// Goes to this position.
    pub fn seek(&self, position: Micros) {
        self.command(Command::Seek(position));
    }

    /// Any other command.
    pub fn command(&self, command: Command<'static>) {
        self.order(Order::Command(command));
    }

    /// Languages and text wishes, before a load.
    pub fn set_preferences(&self, preferences: Preferences) {
        self.order(Order::Preferences(preferences));
    }

    /// Where and how the picture is shown.
    pub fn set_environment(&self, environment: Environment) {
        self.order(Order::Environment(environment));
    }

    /// What is the case now; `None` when the player has ended.
    pub async fn snapshot(&self) -> Option<Snapshot> {
        let (answer, answered) = oneshot::channel();
        self.order(Order::Snapshot(answer));
        answered.await.ok()
    }

    fn order(&self, order: Order) {
        // A player whose task has ended does nothing more.
        let _ = self.orders.send(order);
    }
}
