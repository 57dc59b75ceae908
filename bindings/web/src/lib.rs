//! The Footlight engine in a browser's worker: numbers and strings in, calls on a host object out.
//!
//! The host (TypeScript, in `ts/`) owns fetch and Media Source Extensions. Media bytes do not come here: the
//! engine names bodies by request, and the host appends them.
//!
//! Times cross as milliseconds (`now`) and seconds (media); inside they are integers of microseconds.

mod host;
mod inputs;
mod objects;
mod rehearsal;

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use footlight_core::{Command, Input, Player, Preferences};
use host::{EngineHost, deliver};
use inputs::{instant, micros, ranges};
use wasm_bindgen::prelude::*;

/// The engine and its host.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    /// As long as its worker: code that takes it apart would be loaded for nothing.
    player: ManuallyDrop<RefCell<Player>>,
    host: EngineHost,
    draining: Cell<bool>,
    /// When the last load began: decisions are told in seconds since then.
    loaded: Cell<f64>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine with nothing loaded; `seed` decides the jitter of its retries. A name that is no algorithm's is the
    /// default's; `bandwidth` is assumed before anything is measured, in bits per second, 0: the default.
    #[wasm_bindgen(constructor)]
    pub fn new(host: EngineHost, seed: f64, algorithm: &str, bandwidth: f64) -> Self {
        let player = Player::new(inputs::config(algorithm, bandwidth), seed.to_bits());
        Self {
            player: ManuallyDrop::new(RefCell::new(player)),
            host,
            draining: Cell::new(false),
            loaded: Cell::new(0.0),
        }
    }

    /// Languages and text wishes, for the next load.
    pub fn set_preferences(&self, now: f64, audio: Vec<String>, text: Vec<String>, text_enabled: bool) {
        let wishes = Preferences {
            audio_languages: audio,
            text_languages: text,
            text_enabled,
        };
        self.input(now, Input::Preferences(wishes));
    }

    /// Takes an input that is told by numbers: one of [`inputs`].
    #[allow(clippy::too_many_arguments)] // One call of numbers, not an object, several times a second.
    pub fn numbers(&self, input: u32, now: f64, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64) {
        self.input(now, inputs::numbers(input, [a, b, c, d, e, f]));
    }

    /// Takes an input with a text.
    #[allow(clippy::too_many_arguments)]
    pub fn text(&self, input: u32, now: f64, text: &str, a: f64, b: f64, c: f64, d: f64) {
        let input = inputs::text(input, text, [a, b, c, d]);
        let loads = matches!(input, Input::Command(Command::Load { .. }));
        if loads {
            self.loaded.set(now);
        }
        self.input(now, input);
        if loads {
            rehearsal::rehearse();
        }
    }

    /// Takes an input with times: start, end, start, end in seconds.
    pub fn times(&self, input: u32, now: f64, times: &[f64], a: u32, b: u32) {
        self.input(now, inputs::times(input, &ranges(times), a, b));
    }

    /// Takes an input with bytes.
    pub fn bytes(&self, input: u32, now: f64, data: &[u8], request: u32) {
        let mut flags = Vec::new();
        self.input(now, inputs::bytes(input, data, request, &mut flags));
    }

    /// When `handle_timeout` is due, in milliseconds; Infinity for never.
    #[must_use]
    pub fn timeout(&self) -> f64 {
        let due = self.player.borrow().poll_timeout();
        due.map_or(f64::INFINITY, |(at, _)| (at.0 as f64 / 1000.0).ceil())
    }

    /// Numbers for a stats overlay.
    #[must_use]
    pub fn stats(&self, now: f64) -> JsValue {
        objects::stats(&self.player.borrow().stats(instant(now)), self.loaded.get())
    }

    /// The manifest in force, for the module that says all of it: its address and text, then of each remote element the
    /// address asked for, the one that answered and the text. Empty before it is there.
    #[must_use]
    pub fn manifest(&self) -> JsValue {
        objects::manifest(self.player.borrow().manifest())
    }

    /// The preview picture for a position in seconds, or null.
    #[must_use]
    pub fn thumbnail(&self, position: f64) -> JsValue {
        let thumbnail = self.player.borrow_mut().thumbnail(micros(position));
        thumbnail.map_or(JsValue::NULL, |t| objects::thumbnail(&t))
    }
}

impl Engine {
    /// Hands one input over and delivers what comes out. The engine is not borrowed while the host is called:
    /// a host that calls back is served by the outer loop.
    fn input(&self, now: f64, input: Input<'_>) {
        self.player.borrow_mut().handle_input(instant(now), input);
        if self.draining.replace(true) {
            return;
        }
        loop {
            let next = self.player.borrow_mut().poll_output();
            let Some(output) = next else { break };
            deliver(&self.host, output, self.loaded.get());
        }
        self.draining.set(false);
    }
}
