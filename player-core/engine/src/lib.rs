//! The Footlight engine: everything a player decides, as a sans-IO state machine.
//!
//! A host feeds [`Player::handle_input`] with [`Input`]s and the time at which they happened, drains
//! [`Player::poll_output`] until it is empty, and calls again with [`Input::Timeout`] at
//! [`Player::poll_timeout`]. The engine opens no socket, reads no clock and draws no random number of its
//! own: the same inputs give the same outputs, byte for byte, on every platform.
//!
//! Media bytes stay with the host. A request is `inspect`ed only when the engine has to look inside
//! (manifests, segment indexes); every other body is named by its [`RequestId`] until
//! [`Output::Release`].
//!
//! ```
//! use footlight_core::{Command, Config, Input, Instant, Output, Player};
//!
//! let mut player = Player::new(Config::default(), 7);
//! player.handle_input(
//!     Instant::from_millis(0),
//!     Input::Command(Command::Load { url: "https://cdn.example/film.mpd", start: None }),
//! );
//! let mut fetched = None;
//! while let Some(output) = player.poll_output() {
//!     if let Output::Fetch(fetch) = output {
//!         fetched = Some(fetch.url);
//!     }
//! }
//! assert_eq!(fetched.as_deref(), Some("https://cdn.example/film.mpd"));
//! ```

pub mod abr;
pub mod buffering;
mod config;
mod delivery;
mod error;
pub mod events;
mod live;
mod player;
mod presentation;
pub mod recorder;
mod text;
mod time;
mod tracks;

pub use config::Config;
pub use delivery::RequestKind;
pub use error::{Action, PlayerError, Severity};
pub use footlight_dash as dash;
pub use footlight_dash::Micros;
pub use live::Timeline;
pub use player::{
    AppendFailure, Command, Environment, Event, Fetch, Input, Output, Playback, Player, RequestId, SinkTrack, State,
    Stats, StatsRendition, Succession, Thumbnail, TransportFailure, WakeReason,
};
pub use presentation::{Kind, RepKey};
pub use text::CueId;
pub use time::Instant;
pub use tracks::{AudioTrack, Preferences, Rendition, TextFormat, TextKind, TextTrack, Tracks, VideoTrack};
