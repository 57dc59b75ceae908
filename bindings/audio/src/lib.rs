//! Sound for programs that have no platform's player: AAC-LC decoded, resampled to the device's rate and played, with the
//! device's clock as the player's.
//!
//! [`ListeningSink`] is [`footlight_native::VerifyingSink`] with ears: it checks all media and plays the sound. Where there is
//! no device (or the feature `device` is off), sound is decoded all the same, and time passes as the host's clock says.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may"))]

mod decoder;
#[cfg(feature = "device")]
mod device;
mod mixer;
mod output;
mod sink;

pub use output::{NoDevice, Output};
pub use sink::ListeningSink;
