//! Inputs to bytes.

use footlight_dash::Micros;

use crate::config::Config;
use crate::player::{Command, Input};

/// Appends values to a buffer.
#[derive(Clone, Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn unsigned(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(super) fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    pub(super) fn time(&mut self, value: Micros) {
        self.signed(value.0);
    }

    pub(super) fn data(&mut self, value: &[u8]) {
        self.unsigned(value.len() as u64);
        self.raw(value);
    }

    pub(super) fn text(&mut self, value: &str) {
        self.data(value.as_bytes());
    }

    pub(super) fn texts(&mut self, values: &[String]) {
        self.unsigned(values.len() as u64);
        for value in values {
            self.text(value);
        }
    }

    /// 0 for nothing, else 1 and the value.
    pub(super) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn ranges(&mut self, ranges: &[(Micros, Micros)]) {
        self.unsigned(ranges.len() as u64);
        for (start, end) in ranges {
            self.time(*start);
            self.time(*end);
        }
    }

    pub(super) fn config(&mut self, config: &Config) {
        self.time(config.buffer_goal);
        self.time(config.buffer_behind);
        self.unsigned(config.initial_bandwidth);
        self.text(config.algorithm.name());
        self.time(config.response_timeout);
        self.unsigned(u64::from(config.max_attempts));
        self.time(config.backoff_base);
        self.time(config.backoff_max);
        self.time(config.location_penalty);
        self.unsigned(config.max_inspected_bytes as u64);
        self.byte(u8::from(config.has_ntp));
    }

    fn command(&mut self, command: &Command<'_>) {
        match command {
            Command::Load { url, start } => {
                self.byte(0);
                self.text(url);
                self.option(*start, Self::time);
            }
            Command::Unload => self.byte(1),
            Command::Retry => self.byte(2),
            Command::Play => self.byte(3),
            Command::Pause => self.byte(4),
            Command::Seek(position) => {
                self.byte(5);
                self.time(*position);
            }
            Command::SetRate(rate) => {
                self.byte(6);
                self.unsigned(u64::from(*rate));
            }
            Command::SelectAudio(id) => {
                self.byte(7);
                self.unsigned(u64::from(*id));
            }
            Command::SelectText(id) => {
                self.byte(8);
                self.option(*id, |w, id| w.unsigned(u64::from(id)));
            }
            Command::SelectRendition(id) => {
                self.byte(9);
                self.option(*id, |w, id| w.unsigned(u64::from(id)));
            }
            Command::GoLive => self.byte(10),
        }
    }

    pub(super) fn input(&mut self, input: &Input<'_>) {
        match input {
            Input::Command(command) => {
                self.byte(0);
                self.command(command);
            }
            Input::Preferences(preferences) => {
                self.byte(1);
                self.texts(&preferences.audio_languages);
                self.texts(&preferences.text_languages);
                self.byte(u8::from(preferences.text_enabled));
            }
            Input::ResponseHead {
                request,
                status,
                length,
                url,
                date,
            } => {
                self.byte(2);
                self.unsigned(u64::from(request.0));
                self.unsigned(u64::from(*status));
                self.option(*length, Self::unsigned);
                self.text(url);
                self.option(*date, Self::time);
            }
            Input::Chunk {
                request,
                length,
                ends_chunk,
            } => {
                self.byte(3);
                self.unsigned(u64::from(request.0));
                self.unsigned(u64::from(*length) << 1 | u64::from(*ends_chunk));
            }
            Input::Boxes { request, data } => {
                self.byte(17);
                self.unsigned(u64::from(request.0));
                self.data(data);
            }
            Input::WallClock(wall) => {
                self.byte(18);
                self.time(*wall);
            }
            Input::Data { request, data } => {
                self.byte(4);
                self.unsigned(u64::from(request.0));
                self.data(data);
            }
            Input::ResponseEnd { request } => {
                self.byte(5);
                self.unsigned(u64::from(request.0));
            }
            Input::ResponseFailed { request, failure } => {
                self.byte(6);
                self.unsigned(u64::from(request.0));
                self.byte(*failure as u8);
            }
            Input::Environment(environment) => {
                self.byte(7);
                self.unsigned(u64::from(environment.width));
                self.unsigned(u64::from(environment.height));
                let flags = [
                    environment.visible,
                    environment.online,
                    environment.save_data,
                    environment.low_power,
                ];
                self.byte(flags.iter().rev().fold(0, |byte, &flag| byte << 1 | u8::from(flag)));
                self.unsigned(u64::from(environment.max_height));
                self.unsigned(environment.max_bitrate);
            }
            Input::Timeout => self.byte(8),
            sink => self.sink(sink),
        }
    }

    fn sink(&mut self, input: &Input<'_>) {
        match input {
            Input::Support(flags) => {
                self.byte(9);
                self.data(&flags.iter().map(|&f| u8::from(f)).collect::<Vec<_>>());
            }
            Input::SinkOpened => self.byte(10),
            Input::SinkFailed { message } => {
                self.byte(11);
                self.text(message);
            }
            Input::AppendDone { track, buffered } => {
                self.byte(12);
                self.byte(*track as u8);
                self.ranges(buffered);
            }
            Input::AppendFailed {
                track,
                failure,
                buffered,
            } => {
                self.byte(13);
                self.byte(*track as u8);
                self.byte(*failure as u8);
                self.ranges(buffered);
            }
            Input::RemoveDone { track, buffered } => {
                self.byte(14);
                self.byte(*track as u8);
                self.ranges(buffered);
            }
            Input::Playback(seen) => {
                self.byte(15);
                self.time(seen.position);
                self.unsigned(u64::from(seen.rate));
                self.byte(u8::from(seen.paused) | u8::from(seen.seeking) << 1 | u8::from(seen.ended) << 2);
                self.byte(seen.ready_state);
                self.unsigned(u64::from(seen.decoded_frames));
                self.unsigned(u64::from(seen.dropped_frames));
            }
            Input::MediaError { code, message } => {
                self.byte(16);
                self.unsigned(u64::from(*code));
                self.text(message);
            }
            Input::TextDecoded { request, first, cues } => {
                self.byte(19);
                self.unsigned(u64::from(request.0));
                self.unsigned(u64::from(*first));
                self.ranges(cues);
            }
            Input::TextFailed { request, message } => {
                self.byte(20);
                self.unsigned(u64::from(request.0));
                self.text(message);
            }
            // All others are written by `input`.
            _ => {}
        }
    }
}
