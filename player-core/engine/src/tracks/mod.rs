//! Which tracks there are, over all periods, and which of them to play.

mod catalog;
mod text;

pub(crate) use catalog::{Catalog, scanned_instead};
pub use text::{TextFormat, TextKind};

/// What the viewer likes, before any choice in a menu.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Preferences {
    /// Audio languages (BCP 47), the best first.
    pub audio_languages: Vec<String>,
    /// Subtitle languages (BCP 47), the best first.
    pub text_languages: Vec<String>,
    /// Whether subtitles are shown.
    pub text_enabled: bool,
}

/// A rendition of a video track.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendition {
    /// Its id within the track: 0 is the smallest.
    pub id: u32,
    /// Bits per second.
    pub bandwidth: u64,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Frames per second as a fraction.
    pub frame_rate: Option<(u32, u32)>,
    /// RFC 6381 codecs.
    pub codecs: String,
    /// It is the one at the playhead.
    pub active: bool,
}

/// A video track.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VideoTrack {
    /// Its id.
    pub id: u32,
    /// It is played.
    pub selected: bool,
    /// Its renditions, ascending by bitrate.
    pub renditions: Vec<Rendition>,
}

/// An audio track.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AudioTrack {
    /// Its id.
    pub id: u32,
    /// BCP 47, empty when unknown.
    pub language: String,
    /// As authored, may be empty.
    pub label: String,
    /// Values of its `Role` descriptors.
    pub roles: Vec<String>,
    /// Number of channels, 0 when unknown.
    pub channels: u32,
    /// RFC 6381 codecs.
    pub codecs: String,
    /// It is played.
    pub selected: bool,
}

/// A text track.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextTrack {
    /// Its id.
    pub id: u32,
    /// BCP 47, empty when unknown.
    pub language: String,
    /// As authored, may be empty.
    pub label: String,
    /// Values of its `Role` descriptors.
    pub roles: Vec<String>,
    /// What it is for.
    pub kind: TextKind,
    /// It is shown.
    pub selected: bool,
}

/// Everything a menu shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tracks {
    /// Video tracks.
    pub video: Vec<VideoTrack>,
    /// Audio tracks.
    pub audio: Vec<AudioTrack>,
    /// Text tracks.
    pub text: Vec<TextTrack>,
    /// There are preview pictures.
    pub thumbnails: bool,
    /// The rendition the viewer fixed, `None` when automatic.
    pub fixed_rendition: Option<u32>,
}
