//! The Footlight player for Kotlin, Swift and Python, by UniFFI: [`MediaPlayer`], and what hosts implement.
//!
//! Times are seconds, speeds are factors. Callbacks come one at a time from the player's own thread, and what they call on
//! the player only takes effect after they have returned: nothing is entered again.

mod error;
mod host;
mod live;
mod player;
mod types;

pub use error::FootlightError;
pub use host::{
    HeaderField, HttpFailure, HttpReply, HttpRequest, HttpStack, MediaOutput, OutputReport, SinkAppend, SinkState,
    SinkTrackInfo, TimeSpan,
};
pub use live::live_objects;
pub use player::{MediaPlayer, PlayerOptions, replay_recording, version};
pub use types::*;

uniffi::setup_scaffolding!();
