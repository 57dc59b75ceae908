//! What the player tells: its tracks, stats, decisions and errors, as plain data.

use serde::Deserialize;

use super::seek::Range;

/// One encoding of the picture.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rendition {
    /// Its number, for selecting it.
    pub id: i64,
    /// Bits per second.
    pub bandwidth: f64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Frames per second.
    pub frame_rate: Option<f64>,
    /// Its codecs string.
    pub codecs: String,
    /// Whether it is the one being fetched.
    pub active: bool,
}

/// A video track.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VideoTrack {
    /// Its number.
    pub id: i64,
    /// Whether it plays.
    pub selected: bool,
    /// Its encodings.
    pub renditions: Vec<Rendition>,
}

/// An audio track.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct AudioTrack {
    /// Its number.
    pub id: i64,
    /// BCP 47.
    pub language: String,
    /// Its name, often empty.
    pub label: String,
    /// `main`, `description`…
    pub roles: Vec<String>,
    /// How many channels.
    pub channels: u32,
    /// Whether it plays.
    pub selected: bool,
}

/// A subtitle track.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TextTrack {
    /// Its number.
    pub id: i64,
    /// BCP 47.
    pub language: String,
    /// Its name, often empty.
    pub label: String,
    /// `subtitles`, `captions` or `forced`.
    pub kind: String,
    /// Whether it shows.
    pub selected: bool,
}

/// What there is to choose from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Tracks {
    /// Pictures.
    pub video: Vec<VideoTrack>,
    /// Sounds.
    pub audio: Vec<AudioTrack>,
    /// Subtitles.
    pub text: Vec<TextTrack>,
    /// Whether there are preview pictures.
    pub thumbnails: bool,
}

impl Tracks {
    /// The encodings of the picture that plays, best first.
    #[must_use]
    pub fn renditions(&self) -> Vec<Rendition> {
        let playing = self.video.iter().find(|track| track.selected);
        let mut renditions = playing
            .or(self.video.first())
            .map(|track| track.renditions.clone())
            .unwrap_or_default();
        renditions.sort_by(|a, b| {
            (b.height, b.bandwidth)
                .partial_cmp(&(a.height, a.bandwidth))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        renditions
    }

    /// Text to choose from: forced text comes with the sound.
    pub fn subtitles(&self) -> impl Iterator<Item = &TextTrack> {
        self.text.iter().filter(|track| track.kind != "forced")
    }

    /// The subtitles that show.
    #[must_use]
    pub fn selected_text(&self) -> Option<&TextTrack> {
        self.text.iter().find(|track| track.selected)
    }
}

/// What there is to seek in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Timeline {
    /// More is still to come.
    pub live: bool,
    /// From the earliest position to the latest.
    pub seekable: JsonRange,
    /// The service's clock as a position.
    pub edge: Option<f64>,
    /// Seconds behind that clock.
    pub latency: Option<f64>,
    /// Seconds behind it that are aimed at.
    pub target_latency: Option<f64>,
    /// The wall clock at position zero, in seconds since the Unix epoch.
    pub wall_clock_at_zero: Option<f64>,
}

/// A choice of rendition, and why.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// Media time.
    pub time: Option<f64>,
    /// `video` or `audio`.
    pub kind: String,
    /// The rendition.
    pub id: i64,
    /// Its bit rate.
    pub bandwidth: f64,
    /// The reason's code.
    pub reason: String,
    /// The estimate it was made with.
    pub throughput: Option<f64>,
    /// The seconds ahead it was made with.
    pub buffer: Option<f64>,
    /// What the network was expected to give.
    pub forecast: Option<Forecast>,
    /// The renditions planned for the segments after it.
    pub plan: Option<Vec<i64>>,
}

/// Bits per second that the network is expected to give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Forecast {
    /// It gives more in nine of ten cases.
    pub low: f64,
    /// As likely more as less.
    pub median: f64,
    /// It gives less in nine of ten cases.
    pub high: f64,
}

/// How many decisions are kept for the stats panel.
const DECISIONS: usize = 40;

impl Decision {
    /// Adds this decision to a list, latest first. A decision is made for every segment: one that says the same as the
    /// last of its kind only brings its numbers up to date, and sound with nothing to choose from is no news.
    pub fn note_in(self, list: &mut Vec<Self>) {
        if self.reason == "only" && self.kind == "audio" {
            return;
        }
        let last = list.iter_mut().find(|other| other.kind == self.kind);
        match last {
            Some(last) if last.id == self.id && last.reason == self.reason => {
                let first_time = last.time;
                *last = self;
                last.time = first_time;
            }
            _ => {
                list.insert(0, self);
                list.truncate(DECISIONS);
            }
        }
    }
}

/// The rendition in [`Stats`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CurrentRendition {
    /// Its number.
    pub id: i64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Bits per second.
    pub bandwidth: f64,
}

/// Requests in [`Stats`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Requests {
    /// How many.
    pub count: f64,
    /// How much they brought.
    pub bytes: f64,
    /// How many failed.
    pub failed: f64,
}

/// How the player is doing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Stats {
    /// Media time.
    pub position: Option<f64>,
    /// Seconds of video ahead.
    pub video_buffer: Option<f64>,
    /// Seconds of audio ahead.
    pub audio_buffer: Option<f64>,
    /// Seconds the player wants ahead.
    pub buffer_goal: Option<f64>,
    /// Estimate, bits per second.
    pub throughput: Option<f64>,
    /// What plays.
    pub rendition: Option<CurrentRendition>,
    /// The last choice.
    pub decision: Option<Decision>,
    /// Frames not shown.
    pub dropped_frames: f64,
    /// Frames decoded.
    pub decoded_frames: f64,
    /// Requests so far.
    pub requests: Requests,
    /// Seconds behind the service's clock, live.
    pub latency: Option<f64>,
    /// Times playback ran dry.
    pub stalls: f64,
    /// From loading to the first frame.
    pub first_frame_ms: Option<f64>,
    /// The CDN in use.
    pub service_location: Option<String>,
    /// Where the media source lives.
    pub mse: String,
}

/// A preview picture: a part of a sheet.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Thumbnail {
    /// The sheet.
    pub url: String,
    /// Left edge in the sheet.
    pub x: f64,
    /// Top edge in the sheet.
    pub y: f64,
    /// Width of the picture.
    pub width: f64,
    /// Height of the picture.
    pub height: f64,
    /// Width of the sheet.
    pub sheet_width: f64,
    /// Height of the sheet.
    pub sheet_height: f64,
}

/// What went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The stable code.
    pub code: String,
    /// `fatal`, `recoverable`, `warning`.
    pub severity: String,
    /// `retry`, `go-back`, `check-network`, `none`.
    pub action: String,
    /// The technical sentence.
    pub message: String,
    /// What it is about.
    pub url: Option<String>,
    /// Its HTTP status.
    pub status: Option<u16>,
}

/// What the player is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Nothing loaded.
    #[default]
    Idle,
    /// Reading the manifest, waiting for the first frame.
    Loading,
    /// Ready to play.
    Ready,
    /// Playing.
    Playing,
    /// Paused.
    Paused,
    /// Out of media.
    Buffering,
    /// On its way to another position.
    Seeking,
    /// At the end.
    Ended,
    /// Stopped by an error.
    Error,
}

impl State {
    /// Reads a state's name.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "loading" => Self::Loading,
            "ready" => Self::Ready,
            "playing" => Self::Playing,
            "paused" => Self::Paused,
            "buffering" => Self::Buffering,
            "seeking" => Self::Seeking,
            "ended" => Self::Ended,
            "error" => Self::Error,
            _ => Self::Idle,
        }
    }

    /// Whether the viewer waits for media.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Loading | Self::Buffering | Self::Seeking)
    }
}

/// A range as the player gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct JsonRange {
    start: f64,
    end: f64,
}

impl JsonRange {
    /// Where it begins.
    #[must_use]
    pub const fn start(self) -> f64 {
        self.start
    }
}

impl From<JsonRange> for Range {
    fn from(range: JsonRange) -> Self {
        Self {
            start: range.start,
            end: range.end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(kind: &str, id: i64, reason: &str, buffer: f64) -> Decision {
        Decision {
            time: Some(buffer),
            kind: kind.to_owned(),
            id,
            reason: reason.to_owned(),
            buffer: Some(buffer),
            ..Decision::default()
        }
    }

    #[test]
    fn repeated_decisions_are_told_once() {
        let mut list = Vec::new();
        made("video", 1, "startup", 0.0).note_in(&mut list);
        made("audio", 9, "only", 0.0).note_in(&mut list);
        made("video", 4, "throughput", 4.0).note_in(&mut list);
        made("audio", 8, "throughput", 5.0).note_in(&mut list);
        made("video", 4, "throughput", 6.0).note_in(&mut list);
        let told: Vec<_> = list.iter().map(|d| (d.kind.as_str(), d.id, d.time, d.buffer)).collect();
        assert_eq!(
            told,
            [
                ("audio", 8, Some(5.0), Some(5.0)),
                ("video", 4, Some(4.0), Some(6.0)),
                ("video", 1, Some(0.0), Some(0.0))
            ]
        );
    }

    #[test]
    fn renditions_come_best_first() {
        let tracks: Tracks = serde_json::from_slice(
            br#"{"video":[{"id":0,"selected":true,"renditions":[{"id":0,"height":180},{"id":1,"height":720,"frameRate":null}]}]}"#,
        )
        .unwrap_or_default();
        let heights: Vec<u32> = tracks.renditions().iter().map(|rendition| rendition.height).collect();
        assert_eq!(heights, [720, 180]);
    }
}
