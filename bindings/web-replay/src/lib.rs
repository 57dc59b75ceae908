//! The engine as browsers have it, over recorded sessions, and its decisions to measure. A module of its own, since pages
//! never replay.

#[path = "../../../player-core/engine/benches/common/decisions.rs"]
mod decisions;

use footlight_core::abr::Algorithm;
use wasm_bindgen::prelude::*;

/// Plays a recording of the flight recorder to a new engine; gives back its outputs as bytes.
///
/// # Errors
/// When the bytes are not a recording.
#[wasm_bindgen]
pub fn replay(recording: &[u8]) -> Result<Vec<u8>, JsError> {
    match footlight_core::recorder::replay(recording) {
        Ok(replay) => Ok(replay.answers),
        Err(error) => Err(JsError::new(&error.to_string())),
    }
}

/// Lets the default rule choose so often, to measure how long it takes; gives back the sum of its choices.
#[wasm_bindgen]
#[must_use]
pub fn decide(count: u32) -> u32 {
    u32::try_from(decisions::choose(Algorithm::default(), count)).unwrap_or(u32::MAX)
}
