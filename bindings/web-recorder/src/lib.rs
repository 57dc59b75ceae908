//! The flight recorder for browsers. The player's worker notes what its engine is told; this module, loaded when a page asks
//! for the recording, tells it to an engine of its own and writes down both sides. Engines answer the same to the same: what
//! a page pays for being able to ask is the notes alone.
//!
//! It also plays recordings, to show that browsers' engines answer as all others do.

#[cfg(feature = "measured")]
#[path = "../../../player-core/engine/benches/common/decisions.rs"]
mod decisions;
#[path = "../../web/src/inputs.rs"]
mod inputs;

use footlight_core::recorder::Recorder;
use footlight_core::{Input, Player, Preferences};
use inputs::{instant, ranges};
use wasm_bindgen::prelude::*;

/// An engine whose inputs and answers are written down. Its inputs are those of the player's engine.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    player: Player,
    recorder: Recorder,
}

#[wasm_bindgen]
impl Engine {
    /// Made as the session's engine was.
    #[wasm_bindgen(constructor)]
    pub fn new(seed: f64, algorithm: &str, bandwidth: f64) -> Self {
        let config = inputs::config(algorithm, bandwidth);
        Self {
            recorder: Recorder::redacting(&config, seed.to_bits()),
            player: Player::new(config, seed.to_bits()),
        }
    }

    /// Languages and text wishes.
    pub fn set_preferences(&mut self, now: f64, audio: Vec<String>, text: Vec<String>, text_enabled: bool) {
        let wishes = Preferences {
            audio_languages: audio,
            text_languages: text,
            text_enabled,
        };
        self.input(now, Input::Preferences(wishes));
    }

    /// An input that is told by numbers.
    #[allow(clippy::too_many_arguments)] // As the player's engine has it.
    pub fn numbers(&mut self, input: u32, now: f64, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64) {
        self.input(now, inputs::numbers(input, [a, b, c, d, e, f]));
    }

    /// An input with a text.
    #[allow(clippy::too_many_arguments)]
    pub fn text(&mut self, input: u32, now: f64, text: &str, a: f64, b: f64, c: f64, d: f64) {
        self.input(now, inputs::text(input, text, [a, b, c, d]));
    }

    /// An input with times.
    pub fn times(&mut self, input: u32, now: f64, times: &[f64], a: u32, b: u32) {
        self.input(now, inputs::times(input, &ranges(times), a, b));
    }

    /// An input with bytes.
    pub fn bytes(&mut self, input: u32, now: f64, data: &[u8], request: u32) {
        let mut flags = Vec::new();
        self.input(now, inputs::bytes(input, data, request, &mut flags));
    }

    /// The recording.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        self.recorder.take()
    }

    /// How many requests were made: as many as in the session, if it was the same.
    #[must_use]
    pub fn requests(&self, now: f64) -> u32 {
        self.player.stats(instant(now)).requests
    }
}

impl Engine {
    fn input(&mut self, now: f64, input: Input<'_>) {
        let now = instant(now);
        self.recorder.record(now, &input);
        self.player.handle_input(now, input);
        while let Some(output) = self.player.poll_output() {
            self.recorder.output(&output);
        }
        self.recorder.settle(self.player.poll_timeout());
    }
}

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
#[cfg(feature = "measured")]
#[wasm_bindgen]
#[must_use]
pub fn decide(count: u32) -> u32 {
    let chosen = decisions::choose(footlight_core::abr::Algorithm::default(), count);
    u32::try_from(chosen).unwrap_or(u32::MAX)
}
