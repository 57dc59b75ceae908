//! `title.json`: what a folder of sample media says about itself.

use serde::Deserialize;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TitleFile {
    pub(crate) id: String,
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) tagline: String,
    #[serde(default)]
    pub(crate) synopsis: String,
    #[serde(default)]
    pub(crate) year: u16,
    #[serde(default)]
    pub(crate) genres: Vec<String>,
    #[serde(default)]
    pub(crate) rating: String,
    pub(crate) loop_ms: u64,
    pub(crate) duration_ms: u64,
    #[serde(default)]
    pub(crate) accent: String,
    pub(crate) video: Vec<VideoFile>,
    pub(crate) audio: Vec<AudioFile>,
    #[serde(default)]
    pub(crate) text: Vec<TextFile>,
    pub(crate) thumbnails: Option<ThumbnailFile>,
    #[serde(default)]
    pub(crate) posters: Vec<PictureFile>,
    #[serde(default)]
    pub(crate) heroes: Vec<PictureFile>,
}

/// One rendition of the picture.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct VideoFile {
    pub(crate) file: String,
    pub(crate) codec: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) frame_rate: u32,
}

/// One rendition of the sound.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AudioFile {
    pub(crate) file: String,
    pub(crate) codec: String,
    pub(crate) lang: String,
    pub(crate) label: String,
    pub(crate) channels: u32,
    pub(crate) sample_rate: u32,
    #[serde(default = "main_role")]
    pub(crate) role: String,
}

fn main_role() -> String {
    "main".to_owned()
}

/// Subtitles in one language.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TextFile {
    pub(crate) file: String,
    pub(crate) lang: String,
    pub(crate) label: String,
}

/// The sheet of thumbnails.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ThumbnailFile {
    pub(crate) file: String,
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    pub(crate) tile_width: u32,
    pub(crate) tile_height: u32,
    pub(crate) interval_ms: u64,
}

/// A poster or a hero.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PictureFile {
    pub(crate) file: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}
