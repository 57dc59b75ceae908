//! Inputs as the host writes them: a number that says which (`INPUTS` in `ts/inputs.ts` has the same order), then numbers,
//! and a text, times or bytes. A call of its own for each would be much of what a browser loads.

use footlight_core::abr::Algorithm;
use footlight_core::{
    AppendFailure, Command, Config, Environment, Input, Instant, Kind, Micros, Playback, RequestId, TransportFailure,
};

/// What an engine is made with. A name that is no algorithm's is the default's; `bandwidth` is assumed before anything is
/// measured, in bits per second, 0: the default.
pub(crate) fn config(algorithm: &str, bandwidth: f64) -> Config {
    let mut config = Config {
        algorithm: Algorithm::by_name(algorithm).unwrap_or_default(),
        ..Config::default()
    };
    if bandwidth > 0.0 {
        config.initial_bandwidth = bandwidth as u64;
    }
    config
}

/// What numbers say; those that are not given are NaN.
pub(crate) fn numbers(input: u32, [a, b, c, d, e, f]: [f64; 6]) -> Input<'static> {
    let request = RequestId(a as u32);
    let id = (a >= 0.0).then_some(a as u32);
    let flags = c as u32;
    match input {
        3 => Input::ResponseEnd { request },
        // How many bytes, and whether a chunk ends with them.
        4 => Input::Chunk {
            request,
            length: b as u32,
            ends_chunk: c > 0.0,
        },
        5 => Input::ResponseFailed {
            request,
            failure: match b as u32 {
                1 => TransportFailure::Timeout,
                2 => TransportFailure::Truncated,
                _ => TransportFailure::Network,
            },
        },
        // The media element's position in seconds, its rate; flags: 1 paused, 2 seeking, 4 ended.
        6 => Input::Playback(Playback {
            position: micros(a),
            rate: thousandths(b),
            paused: flags & 1 != 0,
            seeking: flags & 2 != 0,
            ended: flags & 4 != 0,
            ready_state: d as u8,
            decoded_frames: e as u32,
            dropped_frames: f as u32,
        }),
        // The picture's size in device pixels; flags: 1 it is seen, 2 there is a network, 4 data is to be saved, 8 the
        // battery is low; the most lines and bits per second that are wanted, 0: no limit.
        7 => Input::Environment(Environment {
            width: a as u32,
            height: b as u32,
            visible: flags & 1 != 0,
            online: flags & 2 != 0,
            save_data: flags & 4 != 0,
            low_power: flags & 8 != 0,
            max_height: d as u32,
            max_bitrate: e as u64,
        }),
        // The device's clock, in milliseconds since the Unix epoch.
        8 => Input::WallClock(micros(a / 1000.0)),
        9 => Input::SinkOpened,
        10 => Input::Timeout,
        _ => Input::Command(match input {
            11 => Command::Unload,
            12 => Command::Retry,
            13 => Command::Play,
            15 => Command::Seek(micros(a)),
            16 => Command::GoLive,
            17 => Command::SetRate(thousandths(a)),
            18 => Command::SelectAudio(a as u32),
            // Negative: none.
            19 => Command::SelectText(id),
            // Negative: which is best.
            20 => Command::SelectRendition(id),
            _ => Command::Pause,
        }),
    }
}

/// What a text and numbers say.
pub(crate) fn text(input: u32, text: &str, [a, b, c, d]: [f64; 4]) -> Input<'_> {
    let request = RequestId(a as u32);
    let message = text;
    match input {
        // Where to start, in seconds; NaN: at the beginning.
        21 => Input::Command(Command::Load {
            url: text,
            start: (!a.is_nan()).then(|| micros(a)),
        }),
        // A length that is negative is not known; a date, in milliseconds since the Unix epoch, that is NaN neither.
        22 => Input::ResponseHead {
            request,
            status: b as u16,
            length: (c >= 0.0).then_some(c as u64),
            url: text,
            date: (!d.is_nan()).then(|| micros(d / 1000.0)),
        },
        23 => Input::TextFailed { request, message },
        24 => Input::MediaError {
            code: a as u16,
            message,
        },
        _ => Input::SinkFailed { message },
    }
}

/// What times and numbers say.
pub(crate) fn times(input: u32, buffered: &[(Micros, Micros)], a: u32, b: u32) -> Input<'_> {
    let track = if a == 0 { Kind::Video } else { Kind::Audio };
    match input {
        26 => Input::AppendDone { track, buffered },
        27 => Input::AppendFailed {
            track,
            failure: if b == 0 {
                AppendFailure::Quota
            } else {
                AppendFailure::Other
            },
            buffered,
        },
        28 => Input::RemoveDone { track, buffered },
        _ => Input::TextDecoded {
            request: RequestId(a),
            first: b,
            cues: buffered,
        },
    }
}

/// What bytes say, and the request that they are of; `flags` is room for those of [`Input::Support`].
pub(crate) fn bytes<'a>(input: u32, data: &'a [u8], request: u32, flags: &'a mut Vec<bool>) -> Input<'a> {
    let request = RequestId(request);
    match input {
        0 => Input::Boxes { request, data },
        1 => Input::Data { request, data },
        _ => {
            flags.extend(data.iter().map(|&flag| flag != 0));
            Input::Support(flags)
        }
    }
}

pub(crate) fn instant(now: f64) -> Instant {
    Instant((now.max(0.0) * 1000.0) as u64)
}

pub(crate) fn micros(seconds: f64) -> Micros {
    Micros((seconds * 1_000_000.0).round() as i64)
}

pub(crate) fn ranges(buffered: &[f64]) -> Vec<(Micros, Micros)> {
    buffered
        .chunks_exact(2)
        .filter_map(|pair| Some((micros(*pair.first()?), micros(*pair.get(1)?))))
        .collect()
}

fn thousandths(rate: f64) -> u32 {
    (rate * 1000.0).round() as u32
}
