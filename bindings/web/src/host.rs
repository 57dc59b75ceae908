//! The host object, and how each output reaches it.

use footlight_core::{CueId, Kind, Micros, Output};
use wasm_bindgen::prelude::*;

use crate::objects;

#[wasm_bindgen]
extern "C" {
    /// What a host implements; see `ts/engine-host.ts`.
    #[wasm_bindgen(typescript_type = "EngineHost")]
    #[derive(Debug)]
    pub type EngineHost;

    #[wasm_bindgen(method, structural)]
    #[allow(clippy::too_many_arguments)]
    fn fetch(this: &EngineHost, request: u32, url: &str, start: f64, end: f64, kind: &str, flags: u32, header: &str);
    #[wasm_bindgen(method, structural)]
    fn cancel(this: &EngineHost, request: u32);
    #[wasm_bindgen(method, structural)]
    fn release(this: &EngineHost, request: u32);
    #[wasm_bindgen(method, structural, js_name = probeSupport)]
    fn probe_support(this: &EngineHost, types: Vec<String>);
    #[wasm_bindgen(method, structural, js_name = openSink)]
    fn open_sink(this: &EngineHost, tracks: Vec<u32>, types: Vec<String>, duration: f64);
    #[wasm_bindgen(method, structural, js_name = changeType)]
    fn change_type(this: &EngineHost, track: u32, mime: &str);
    #[wasm_bindgen(method, structural)]
    #[allow(clippy::too_many_arguments)] // One call of numbers, not an object.
    fn append(
        this: &EngineHost,
        track: u32,
        request: u32,
        from: f64,
        to: f64,
        reset: bool,
        offset: f64,
        start: f64,
        end: f64,
    );
    #[wasm_bindgen(method, structural)]
    fn remove(this: &EngineHost, track: u32, start: f64, end: f64);
    #[wasm_bindgen(method, structural, js_name = setDuration)]
    fn set_duration(this: &EngineHost, duration: f64);
    #[wasm_bindgen(method, structural, js_name = endOfStream)]
    fn end_of_stream(this: &EngineHost);
    #[wasm_bindgen(method, structural, js_name = closeSink)]
    fn close_sink(this: &EngineHost);
    #[wasm_bindgen(method, structural)]
    fn seek(this: &EngineHost, position: f64);
    #[wasm_bindgen(method, structural, js_name = setRate)]
    fn set_rate(this: &EngineHost, rate: f64);
    #[wasm_bindgen(method, structural)]
    fn cues(this: &EngineHost, ids: Vec<u32>);
    #[wasm_bindgen(method, structural, js_name = forgetCues)]
    fn forget_cues(this: &EngineHost, ids: Vec<u32>);
    #[wasm_bindgen(method, structural, js_name = decodeText)]
    #[allow(clippy::too_many_arguments)]
    fn decode_text(
        this: &EngineHost,
        request: u32,
        track: u32,
        format: &str,
        number: u8,
        init: f64,
        forced: bool,
        offset: f64,
        start: f64,
        end: f64,
    );
    #[wasm_bindgen(method, structural)]
    fn event(this: &EngineHost, name: &str, detail: JsValue);
}

/// Makes one call on the host; `loaded` is when the load began, in milliseconds.
pub(crate) fn deliver(host: &EngineHost, output: Output, loaded: f64) {
    match output {
        Output::Fetch(fetch) => {
            let (start, end) = match fetch.range {
                Some((start, end)) => (start as f64, end.map_or(-1.0, |e| e as f64)),
                None => (-1.0, -1.0),
            };
            host.fetch(
                fetch.request.0,
                &fetch.url,
                start,
                end,
                fetch.kind.name(),
                u32::from(fetch.inspect)
                    | u32::from(fetch.head) << 1
                    | u32::from(fetch.chunked) << 2
                    | u32::from(fetch.boxes) << 3,
                fetch.header.as_deref().unwrap_or_default(),
            );
        }
        Output::Cancel(request) => host.cancel(request.0),
        Output::Release(request) => host.release(request.0),
        Output::ProbeSupport(types) => host.probe_support(types),
        Output::OpenSink { tracks, duration } => {
            let kinds = tracks.iter().map(|t| track(t.track)).collect();
            let types = tracks.into_iter().map(|t| t.mime).collect();
            host.open_sink(kinds, types, open_end(duration));
        }
        Output::ChangeType(to) => host.change_type(track(to.track), &to.mime),
        Output::Append {
            track: kind,
            request,
            from,
            to,
            reset,
            timestamp_offset,
            window_start,
            window_end,
        } => {
            let (offset, start) = (timestamp_offset.as_secs_f64(), window_start.as_secs_f64());
            let to = to.map_or(f64::INFINITY, |to| to as f64);
            let end = open_end(window_end);
            host.append(track(kind), request.0, from as f64, to, reset, offset, start, end);
        }
        Output::SetDuration(duration) => host.set_duration(duration.as_secs_f64()),
        Output::Remove {
            track: kind,
            start,
            end,
        } => host.remove(track(kind), start.as_secs_f64(), open_end(end)),
        Output::EndOfStream => host.end_of_stream(),
        Output::CloseSink => host.close_sink(),
        Output::Seek(position) => host.seek(position.as_secs_f64()),
        Output::SetRate(rate) => host.set_rate(f64::from(rate) / 1000.0),
        Output::DecodeText {
            request,
            track,
            format,
            init,
            forced_only,
            timestamp_offset,
            window_start,
            window_end,
        } => {
            let (name, number) = format.name();
            let init = init.map_or(-1.0, |request| f64::from(request.0));
            let (offset, start) = (timestamp_offset.as_secs_f64(), window_start.as_secs_f64());
            let end = open_end(Some(window_end).filter(|&end| end != Micros::MAX));
            host.decode_text(request.0, track, name, number, init, forced_only, offset, start, end);
        }
        Output::Cues(cues) => host.cues(ids(&cues)),
        Output::ForgetCues(cues) => host.forget_cues(ids(&cues)),
        Output::Event(event) => {
            let (name, detail) = objects::event(&event, loaded);
            host.event(name, detail);
        }
    }
}

const fn track(kind: Kind) -> u32 {
    match kind {
        Kind::Video => 0,
        Kind::Audio => 1,
    }
}

fn open_end(end: Option<Micros>) -> f64 {
    end.map_or(f64::INFINITY, Micros::as_secs_f64)
}

fn ids(cues: &[CueId]) -> Vec<u32> {
    cues.iter().map(|cue| cue.0).collect()
}
