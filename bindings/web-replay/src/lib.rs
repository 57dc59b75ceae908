//! The engine as browsers have it, over recorded sessions. A module of its own, since pages never replay.

use wasm_bindgen::prelude::*;

/// Plays a recording of the flight recorder to a new engine; gives back its outputs as bytes.
///
/// # Errors
/// When the bytes are not a recording.
#[wasm_bindgen]
pub fn replay(recording: &[u8]) -> Result<Vec<u8>, JsError> {
    footlight_core::recorder::replay(recording).map_err(|error| JsError::new(&error.to_string()))
}
