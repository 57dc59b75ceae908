//! The Footlight player for programs: the engine on tokio.
//!
//! [`spawn`] starts a player and gives back a [`Player`] to command it and the [`Events`] that it tells. Requests
//! go through a [`Transport`] ([`HttpTransport`], or a platform's own), media into a [`MediaSink`]: a platform's decoders, or
//! [`VerifyingSink`], which decodes nothing and checks everything.
//!
//! ```no_run
//! use footlight_native::{Event, HttpTransport, Notice, Options, State, VerifyingSink};
//! use std::sync::Arc;
//!
//! # async fn example() -> Result<(), footlight_native::TransportError> {
//! let transport = Arc::new(HttpTransport::new("my-app/1.0")?);
//! let (sink, findings) = VerifyingSink::new();
//! let (player, mut events) = footlight_native::spawn(Options::default(), transport, sink);
//! player.load("https://cdn.example/film.mpd", None);
//! player.play();
//! while let Some((_, notice)) = events.next().await {
//!     if matches!(notice, Notice::Event(Event::StateChanged(State::Ended | State::Error))) {
//!         break;
//!     }
//! }
//! println!("{} findings", findings.take().len());
//! # Ok(())
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may"))]

mod body;
#[cfg(feature = "http")]
mod cache;
mod clock;
mod host;
#[cfg(feature = "http")]
mod http;
mod player;
mod record;
mod sink;
mod store;
mod text;
mod transport;

#[cfg(feature = "http")]
pub use cache::DiskCache;
pub use clock::Pace;
pub use footlight_core::{
    Action, AppendFailure, AudioTrack, Command, Config, CueId, Environment, Event, Kind, Micros, Output, Playback,
    PlayerError, Preferences, Rendition, RequestKind, Severity, SinkTrack, State, Stats, TextTrack, Timeline, Tracks,
    TransportFailure, VideoTrack, abr,
};
pub use footlight_core::{Instant, recorder};
pub use footlight_text::{Cue, Span};
#[cfg(feature = "http")]
pub use http::{GetError, HttpTransport, TransportError};
pub use player::{Events, Notice, Options, Player, Snapshot, spawn};
pub use record::Recording;
pub use sink::verify::{Finding, Findings, Measured, Problem, VerifyingSink};
pub use sink::{Append, Fragments, MediaSink, SinkReport, media_time};
pub use store::{FileStore, Store};
pub use transport::{Arrival, Arrivals, Head, Reply, Request, Transfer, Transport};
