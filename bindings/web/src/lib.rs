//! The Footlight engine in a browser's worker: numbers and strings in, calls on a host object out.
//!
//! The host (TypeScript, in `ts/`) owns fetch and Media Source Extensions. Media bytes do not come here: the
//! engine names bodies by request, and the host appends them.
//!
//! Times cross as milliseconds (`now`) and seconds (media); inside they are integers of microseconds.

mod host;
mod objects;
mod rehearsal;

use std::cell::{Cell, RefCell};

use footlight_core::abr::Algorithm;
use footlight_core::{
    AppendFailure, Command, Config, Environment, Input, Instant, Kind, Micros, Playback, Player, Preferences,
    RequestId, TransportFailure,
};
use host::{EngineHost, deliver};
use wasm_bindgen::prelude::*;

/// The engine and its host.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    player: RefCell<Player>,
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
        let mut config = Config {
            algorithm: Algorithm::by_name(algorithm).unwrap_or_default(),
            ..Config::default()
        };
        if bandwidth > 0.0 {
            config.initial_bandwidth = bandwidth as u64;
        }
        let player = RefCell::new(Player::new(config, seed.to_bits()));
        Self {
            player,
            host,
            draining: Cell::new(false),
            loaded: Cell::new(0.0),
        }
    }

    /// Languages and text wishes, for the next load.
    pub fn set_preferences(&self, audio_languages: Vec<String>, text_languages: Vec<String>, text_enabled: bool) {
        self.at_last(Input::Preferences(Preferences {
            audio_languages,
            text_languages,
            text_enabled,
        }));
    }

    /// Loads a manifest; `start` in seconds, NaN for the beginning.
    pub fn load(&self, now: f64, url: &str, start: f64) {
        self.loaded.set(now);
        let start = (!start.is_nan()).then(|| micros(start));
        self.command(now, Command::Load { url, start });
        rehearsal::rehearse();
    }

    /// Forgets what is loaded.
    pub fn unload(&self, now: f64) {
        self.command(now, Command::Unload);
    }

    /// Goes on after an error.
    pub fn retry(&self, now: f64) {
        self.command(now, Command::Retry);
    }

    /// Plays.
    pub fn play(&self, now: f64) {
        self.command(now, Command::Play);
    }

    /// Pauses.
    pub fn pause(&self, now: f64) {
        self.command(now, Command::Pause);
    }

    /// Seeks to a position in seconds.
    pub fn seek(&self, now: f64, position: f64) {
        self.command(now, Command::Seek(micros(position)));
    }

    /// Goes to the live edge.
    pub fn go_live(&self, now: f64) {
        self.command(now, Command::GoLive);
    }

    /// Sets the speed; 1 is normal.
    pub fn set_rate(&self, now: f64, rate: f64) {
        self.command(now, Command::SetRate(thousandths(rate)));
    }

    /// Plays an audio track.
    pub fn select_audio(&self, now: f64, id: u32) {
        self.command(now, Command::SelectAudio(id));
    }

    /// Shows a text track; a negative id shows none.
    pub fn select_text(&self, now: f64, id: i32) {
        self.command(now, Command::SelectText(u32::try_from(id).ok()));
    }

    /// Keeps a rendition; a negative id chooses automatically.
    pub fn select_rendition(&self, now: f64, id: i32) {
        self.command(now, Command::SelectRendition(u32::try_from(id).ok()));
    }

    /// The device's wall clock, in milliseconds since the Unix epoch.
    pub fn handle_wall_clock(&self, now: f64, wall: f64) {
        self.input(now, Input::WallClock(micros(wall / 1000.0)));
    }

    /// A response's head; `length` is negative when unknown, `date` (milliseconds since the Unix epoch) NaN.
    pub fn handle_head(&self, now: f64, request: u32, status: u16, length: f64, url: &str, date: f64) {
        let length = (length >= 0.0).then_some(length as u64);
        let date = (!date.is_nan()).then(|| micros(date / 1000.0));
        self.input(
            now,
            Input::ResponseHead {
                request: RequestId(request),
                status,
                length,
                url,
                date,
            },
        );
    }

    /// Bytes that stay with the host.
    pub fn handle_chunk(&self, now: f64, request: u32, length: u32, ends_chunk: bool) {
        self.input(
            now,
            Input::Chunk {
                request: RequestId(request),
                length,
                ends_chunk,
            },
        );
    }

    /// Event messages and reference times found in a body.
    pub fn handle_boxes(&self, now: f64, request: u32, data: &[u8]) {
        self.input(
            now,
            Input::Boxes {
                request: RequestId(request),
                data,
            },
        );
    }

    /// Bytes that the engine looks into.
    pub fn handle_data(&self, now: f64, request: u32, data: &[u8]) {
        self.input(
            now,
            Input::Data {
                request: RequestId(request),
                data,
            },
        );
    }

    /// A body is complete.
    pub fn handle_end(&self, now: f64, request: u32) {
        self.input(
            now,
            Input::ResponseEnd {
                request: RequestId(request),
            },
        );
    }

    /// A request failed: 0 network, 1 timeout, 2 truncated.
    pub fn handle_failed(&self, now: f64, request: u32, kind: u32) {
        let failure = match kind {
            1 => TransportFailure::Timeout,
            2 => TransportFailure::Truncated,
            _ => TransportFailure::Network,
        };
        self.input(
            now,
            Input::ResponseFailed {
                request: RequestId(request),
                failure,
            },
        );
    }

    /// Which of the probed types can be played: a byte each.
    pub fn handle_support(&self, now: f64, flags: &[u8]) {
        let supported: Vec<bool> = flags.iter().map(|&f| f != 0).collect();
        self.input(now, Input::Support(&supported));
    }

    /// The sink is open.
    pub fn handle_sink_opened(&self, now: f64) {
        self.input(now, Input::SinkOpened);
    }

    /// The sink cannot be opened.
    pub fn handle_sink_failed(&self, now: f64, message: &str) {
        self.input(now, Input::SinkFailed { message });
    }

    /// An append is done; `buffered` holds start, end, start, end in seconds.
    pub fn handle_append_done(&self, now: f64, track: u32, buffered: &[f64]) {
        self.input(
            now,
            Input::AppendDone {
                track: kind(track),
                buffered: &ranges(buffered),
            },
        );
    }

    /// An append was refused: 0 the sink is full, 1 anything else.
    pub fn handle_append_failed(&self, now: f64, track: u32, reason: u32, buffered: &[f64]) {
        let failure = if reason == 0 {
            AppendFailure::Quota
        } else {
            AppendFailure::Other
        };
        self.input(
            now,
            Input::AppendFailed {
                track: kind(track),
                failure,
                buffered: &ranges(buffered),
            },
        );
    }

    /// A removal is done.
    pub fn handle_remove_done(&self, now: f64, track: u32, buffered: &[f64]) {
        self.input(
            now,
            Input::RemoveDone {
                track: kind(track),
                buffered: &ranges(buffered),
            },
        );
    }

    /// Cues were read out of a body; `spans` holds start, end, start, end in seconds, of the cues numbered from `first` on.
    pub fn handle_text_decoded(&self, now: f64, request: u32, first: u32, spans: &[f64]) {
        self.input(
            now,
            Input::TextDecoded {
                request: RequestId(request),
                first,
                cues: &ranges(spans),
            },
        );
    }

    /// No cues could be read out of a body.
    pub fn handle_text_failed(&self, now: f64, request: u32, message: &str) {
        let request = RequestId(request);
        self.input(now, Input::TextFailed { request, message });
    }

    /// The media element was observed; `flags`: 1 paused, 2 seeking, 4 ended.
    #[allow(clippy::too_many_arguments)] // One call of numbers, not an object, several times a second.
    pub fn handle_playback(
        &self,
        now: f64,
        position: f64,
        rate: f64,
        flags: u32,
        ready_state: u8,
        decoded: u32,
        dropped: u32,
    ) {
        self.input(
            now,
            Input::Playback(Playback {
                position: micros(position),
                rate: thousandths(rate),
                paused: flags & 1 != 0,
                seeking: flags & 2 != 0,
                ended: flags & 4 != 0,
                ready_state,
                decoded_frames: decoded,
                dropped_frames: dropped,
            }),
        );
    }

    /// The media element broke.
    pub fn handle_media_error(&self, now: f64, code: u16, message: &str) {
        self.input(now, Input::MediaError { code, message });
    }

    /// The picture's size in device pixels; flags: 1 it is seen, 2 there is a network, 4 data is to be saved, 8 the
    /// battery is low; the most lines and bits per second that are wanted, 0: no limit.
    pub fn handle_environment(&self, now: f64, width: f64, height: f64, flags: u32, max_height: f64, max_bitrate: f64) {
        let environment = Environment {
            width: width as u32,
            height: height as u32,
            visible: flags & 1 != 0,
            online: flags & 2 != 0,
            save_data: flags & 4 != 0,
            low_power: flags & 8 != 0,
            max_height: max_height as u32,
            max_bitrate: max_bitrate as u64,
        };
        self.input(now, Input::Environment(environment));
    }

    /// The time of [`Self::timeout`] came.
    pub fn handle_timeout(&self, now: f64) {
        self.input(now, Input::Timeout);
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

    /// Tracks and renditions.
    #[must_use]
    pub fn tracks(&self) -> JsValue {
        objects::tracks(&self.player.borrow().tracks().unwrap_or_default())
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
    fn command(&self, now: f64, command: Command<'_>) {
        self.input(now, Input::Command(command));
    }

    fn at_last(&self, input: Input<'_>) {
        self.player.borrow_mut().handle_input(Instant::default(), input);
    }

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

fn instant(now: f64) -> Instant {
    Instant((now.max(0.0) * 1000.0) as u64)
}

fn micros(seconds: f64) -> Micros {
    Micros((seconds * 1_000_000.0).round() as i64)
}

fn thousandths(rate: f64) -> u32 {
    (rate * 1000.0).round() as u32
}

const fn kind(track: u32) -> Kind {
    if track == 0 { Kind::Video } else { Kind::Audio }
}

fn ranges(buffered: &[f64]) -> Vec<(Micros, Micros)> {
    buffered
        .chunks_exact(2)
        .filter_map(|pair| Some((micros(*pair.first()?), micros(*pair.get(1)?))))
        .collect()
}
