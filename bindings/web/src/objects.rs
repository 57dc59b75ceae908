//! What the page sees as plain objects: events, tracks, stats. Rare enough to be built field by field.

use footlight_core::abr::Decision;
use footlight_core::dash::Manifest;
use footlight_core::events::TimedEvent;
use footlight_core::{Event, Micros, PlayerError, Stats, Thumbnail, Timeline, Tracks};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

/// An object under construction.
struct Fields(Object);

impl Fields {
    fn new() -> Self {
        Self(Object::new())
    }

    fn set(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Setting a field of a fresh plain object cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }
}

impl From<Fields> for JsValue {
    fn from(fields: Fields) -> Self {
        fields.0.into()
    }
}

fn list<T>(items: &[T], object: impl Fn(&T) -> JsValue) -> Array {
    items.iter().map(object).collect()
}

fn strings(items: &[String]) -> Array {
    list(items, |s| s.as_str().into())
}

/// An event's name and detail, as `FootlightPlayer` dispatches them.
pub(crate) fn event(event: &Event, loaded: f64) -> (&'static str, JsValue) {
    match event {
        Event::PresentationChanged { url, reason } => (
            "presentationchange",
            Fields::new()
                .set("url", url.as_str())
                .set("reason", reason.name())
                .into(),
        ),
        Event::Loaded => ("loaded", Fields::new().into()),
        Event::StateChanged(state) => ("statechange", Fields::new().set("state", state.name()).into()),
        Event::DurationChanged(duration) => (
            "durationchange",
            Fields::new().set("duration", duration.as_secs_f64()).into(),
        ),
        Event::TracksChanged(all) => ("trackschange", Fields::new().set("tracks", tracks(all)).into()),
        Event::RenditionChanged {
            kind,
            id,
            width,
            height,
            bandwidth,
            reason,
        } => {
            let fields = Fields::new()
                .set("kind", kind.name())
                .set("id", *id)
                .set("width", *width)
                .set("height", *height);
            (
                "renditionchange",
                fields.set("bandwidth", *bandwidth as f64).set("reason", *reason).into(),
            )
        }
        Event::Decision(made) => ("decision", decision(made, loaded)),
        Event::StallStarted => ("stall", Fields::new().set("stalled", true).into()),
        Event::StallEnded => ("stall", Fields::new().set("stalled", false).into()),
        Event::Error(found) => ("error", error(found)),
        Event::Warning(found) => ("warning", error(found)),
        Event::Ended => ("ended", Fields::new().into()),
        Event::TimedEventStarted(event) => ("timedevent", timed_event(event, true)),
        Event::TimedEventEnded(event) => ("timedevent", timed_event(event, false)),
        Event::TimelineChanged(now) => ("timelinechange", timeline(now)),
    }
}

/// An event of the manifest or of a segment.
fn timed_event(event: &TimedEvent, active: bool) -> JsValue {
    Fields::new()
        .set("scheme", event.scheme.as_str())
        .set("value", event.value.as_str())
        .set("id", event.id.map_or(JsValue::NULL, JsValue::from))
        .set("start", event.start.as_secs_f64())
        .set("end", event.end().map_or(JsValue::NULL, |end| end.as_secs_f64().into()))
        .set("data", Uint8Array::from(event.data.as_slice()))
        .set("active", active)
        .into()
}

/// The seek range.
fn timeline(now: &Timeline) -> JsValue {
    let seconds = |time: Option<Micros>| time.map_or(JsValue::NULL, |time| time.as_secs_f64().into());
    let seekable = Fields::new()
        .set("start", now.start.as_secs_f64())
        .set("end", now.end.as_secs_f64());
    Fields::new()
        .set("live", now.live)
        .set("seekable", seekable)
        .set("edge", seconds(now.edge))
        .set("latency", seconds(now.latency))
        .set("targetLatency", seconds(now.target_latency))
        .set("wallClockAtZero", seconds(now.epoch))
        .into()
}

fn error(error: &PlayerError) -> JsValue {
    let mut fields = Fields::new()
        .set("code", error.code)
        .set("severity", error.severity.name())
        .set("action", error.action.name())
        .set("message", error.message.as_str());
    if !error.url.is_empty() {
        fields = fields.set("url", error.url.as_str());
    }
    if error.status != 0 {
        fields = fields.set("status", error.status);
    }
    fields.into()
}

fn decision(made: &Decision, loaded: f64) -> JsValue {
    let forecast = Some(made.forecast).filter(|forecast| forecast.median > 0);
    let forecast = forecast.map_or(JsValue::NULL, |forecast| {
        Fields::new()
            .set("low", forecast.low as f64)
            .set("median", forecast.median as f64)
            .set("high", forecast.high as f64)
            .into()
    });
    Fields::new()
        .set("forecast", forecast)
        .set(
            "plan",
            made.plan
                .map_or(JsValue::NULL, |plan| list(&plan, |&id| id.into()).into()),
        )
        .set("time", (made.time.0 as f64 / 1000.0 - loaded) / 1000.0)
        .set("kind", made.kind.name())
        .set("id", made.id)
        .set("bandwidth", made.bandwidth as f64)
        .set("reason", made.reason.code())
        .set("throughput", made.throughput as f64)
        .set("buffer", made.buffer.as_secs_f64())
        .into()
}

/// `Tracks` of the TypeScript API.
pub(crate) fn tracks(tracks: &Tracks) -> JsValue {
    let renditions = |track: &footlight_core::VideoTrack| {
        list(&track.renditions, |r| {
            let rate = r
                .frame_rate
                .map_or(0.0, |(frames, per)| f64::from(frames) / f64::from(per.max(1)));
            Fields::new()
                .set("id", r.id)
                .set("bandwidth", r.bandwidth as f64)
                .set("width", r.width)
                .set("height", r.height)
                .set("frameRate", rate)
                .set("codecs", r.codecs.as_str())
                .set("active", r.active)
                .into()
        })
    };
    let video = list(&tracks.video, |t| {
        Fields::new()
            .set("id", t.id)
            .set("selected", t.selected)
            .set("renditions", renditions(t))
            .into()
    });
    let audio = list(&tracks.audio, |t| {
        Fields::new()
            .set("id", t.id)
            .set("language", t.language.as_str())
            .set("label", t.label.as_str())
            .set("roles", strings(&t.roles))
            .set("channels", t.channels)
            .set("codecs", t.codecs.as_str())
            .set("selected", t.selected)
            .into()
    });
    let text = list(&tracks.text, |t| {
        Fields::new()
            .set("id", t.id)
            .set("language", t.language.as_str())
            .set("label", t.label.as_str())
            .set("roles", strings(&t.roles))
            .set("kind", t.kind.name())
            .set("selected", t.selected)
            .into()
    });
    let fixed = tracks.fixed_rendition.map_or(JsValue::NULL, JsValue::from);
    Fields::new()
        .set("video", video)
        .set("audio", audio)
        .set("text", text)
        .set("thumbnails", tracks.thumbnails)
        .set("fixedRendition", fixed)
        .into()
}

/// `Stats` of the TypeScript API, less what only the page knows.
pub(crate) fn stats(stats: &Stats, loaded: f64) -> JsValue {
    let rendition = stats.rendition.map_or(JsValue::NULL, |r| {
        Fields::new()
            .set("id", r.id)
            .set("width", r.width)
            .set("height", r.height)
            .set("bandwidth", r.bandwidth as f64)
            .into()
    });
    let requests = Fields::new()
        .set("count", stats.requests)
        .set("bytes", stats.bytes as f64)
        .set("failed", stats.failed_requests);
    Fields::new()
        .set("position", stats.position.as_secs_f64())
        .set("videoBuffer", stats.video_buffer.as_secs_f64())
        .set("audioBuffer", stats.audio_buffer.as_secs_f64())
        .set("bufferGoal", stats.buffer_goal.as_secs_f64())
        .set("throughput", stats.throughput as f64)
        .set("rendition", rendition)
        .set(
            "decision",
            stats.decision.as_ref().map_or(JsValue::NULL, |d| decision(d, loaded)),
        )
        .set("requests", requests)
        .set("stalls", stats.stalls)
        .set(
            "latency",
            stats.latency.map_or(JsValue::NULL, |(now, _)| now.as_secs_f64().into()),
        )
        .set("serviceLocation", stats.service_location.as_str())
        .into()
}

/// A manifest's address and text, and what completes it.
pub(crate) fn manifest(manifest: Option<&Manifest>) -> JsValue {
    let parts = Array::new();
    if let Some(manifest) = manifest {
        let add = |part: &str| {
            parts.push(&part.into());
        };
        add(manifest.url());
        add(manifest.text());
        manifest.answers().flatten().for_each(add);
    }
    parts.into()
}

/// A tile of a preview sheet.
pub(crate) fn thumbnail(thumbnail: &Thumbnail) -> JsValue {
    Fields::new()
        .set("url", thumbnail.url.as_str())
        .set("x", thumbnail.x)
        .set("y", thumbnail.y)
        .set("width", thumbnail.width)
        .set("height", thumbnail.height)
        .set("sheetWidth", thumbnail.sheet_width)
        .set("sheetHeight", thumbnail.sheet_height)
        .into()
}
