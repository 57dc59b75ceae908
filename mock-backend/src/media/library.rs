//! All titles of a media folder, in memory: they are small, and every byte is shared between responses.

use super::{
    Cues, Loop, TitleFile,
    looped::LoopError,
    title::{AudioFile, PictureFile, TextFile, ThumbnailFile, VideoFile},
};
use crate::{
    http::content::fingerprint,
    text::{Captions, TimedText},
};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Larger files are not sample media.
const MAX_FILE: u64 = 64 << 20;

/// Why media cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// There is no such folder, or nothing in it.
    #[error(
        "no sample media in {folder}: run `cargo xtask media` in a checkout of the project, or name the folder with --media DIR"
    )]
    Missing {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A file that a title needs cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl MediaError {
    fn file(path: &Path, reason: impl ToString) -> Self {
        Self::File {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// One rendition of the picture.
pub(crate) struct VideoRendition {
    pub(crate) id: String,
    pub(crate) file: VideoFile,
    pub(crate) media: Arc<Loop>,
}

/// One rendition of the sound.
pub(crate) struct AudioRendition {
    pub(crate) id: String,
    pub(crate) file: AudioFile,
    pub(crate) media: Arc<Loop>,
}

/// Subtitles in one language.
pub(crate) struct TextTrack {
    pub(crate) id: String,
    pub(crate) file: TextFile,
    pub(crate) cues: Cues,
}

/// The sheet of thumbnails of a loop.
pub(crate) struct Sheet {
    pub(crate) file: ThumbnailFile,
    pub(crate) picture: Picture,
}

impl Sheet {
    /// Milliseconds of pictures on it.
    pub(crate) fn duration(&self) -> u64 {
        u64::from(self.file.columns) * u64::from(self.file.rows) * self.file.interval_ms
    }
}

/// A picture file.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) data: Bytes,
    pub(crate) fingerprint: u64,
}

/// A title's media.
pub(crate) struct Title {
    pub(crate) info: TitleFile,
    pub(crate) video: Vec<VideoRendition>,
    pub(crate) audio: Vec<AudioRendition>,
    pub(crate) text: Vec<Arc<TextTrack>>,
    /// The same in segments, in every form.
    pub(crate) timed: Vec<TimedText>,
    /// The same in the picture.
    pub(crate) captions: Option<Captions>,
    pub(crate) thumbnails: Option<Sheet>,
    /// Posters and heroes by file name.
    pub(crate) pictures: BTreeMap<String, Picture>,
}

impl Title {
    /// The loop of the rendition with this id.
    pub(crate) fn looped(&self, id: &str) -> Option<&Arc<Loop>> {
        let video = self.video.iter().map(|video| (&video.id, &video.media));
        let audio = self.audio.iter().map(|audio| (&audio.id, &audio.media));
        let (_, media) = video.chain(audio).find(|(known, _)| *known == id)?;
        Some(media)
    }

    /// The segmented text with this id.
    pub(crate) fn timed(&self, id: &str) -> Option<&TimedText> {
        self.timed.iter().find(|timed| timed.id == id)
    }

    /// Is there a VP9 encoding?
    pub(crate) fn has_vp9(&self) -> bool {
        self.video.iter().any(VideoRendition::is_vp9)
    }
}

impl VideoRendition {
    /// Is it VP9, and so not for players of the usual variants?
    pub(crate) fn is_vp9(&self) -> bool {
        self.file.codec.starts_with("vp09")
    }
}

impl AudioRendition {
    /// Is it Opus, the sound that goes with VP9?
    pub(crate) fn is_opus(&self) -> bool {
        self.file.codec.eq_ignore_ascii_case("opus")
    }
}

/// All titles.
pub(crate) struct Library {
    titles: BTreeMap<String, Arc<Title>>,
}

impl Library {
    /// Reads every folder with a `title.json`. A title that cannot be read is left out with a warning.
    pub(crate) fn load(folder: &Path) -> Result<Self, MediaError> {
        let missing = || MediaError::Missing {
            folder: folder.to_owned(),
        };
        let entries = fs::read_dir(folder).map_err(|_| missing())?;
        let mut titles = BTreeMap::new();
        for entry in entries.flatten() {
            let path = entry.path();
            if !path.join("title.json").is_file() {
                continue;
            }
            match load_title(&path) {
                Ok(title) => {
                    titles.insert(title.info.id.clone(), Arc::new(title));
                }
                Err(error) => tracing::warn!(%error, "title left out"),
            }
        }
        if titles.is_empty() {
            return Err(missing());
        }
        Ok(Self { titles })
    }

    /// The title with this id.
    pub(crate) fn title(&self, id: &str) -> Option<&Arc<Title>> {
        self.titles.get(id)
    }

    /// All titles, by id.
    pub(crate) fn titles(&self) -> impl Iterator<Item = &Arc<Title>> {
        self.titles.values()
    }
}

fn load_title(folder: &Path) -> Result<Title, MediaError> {
    let path = folder.join("title.json");
    let info: TitleFile = serde_json::from_slice(&read(&path)?).map_err(|error| MediaError::file(&path, error))?;
    check(&info).map_err(|reason| MediaError::file(&path, reason))?;
    let video = info.video.iter().map(|file| {
        Ok(VideoRendition {
            id: stem(&file.file),
            media: load_loop(folder, &file.file, info.loop_ms)?,
            file: file.clone(),
        })
    });
    let audio = info.audio.iter().map(|file| {
        Ok(AudioRendition {
            id: stem(&file.file),
            media: load_loop(folder, &file.file, info.loop_ms)?,
            file: file.clone(),
        })
    });
    let text = info.text.iter().map(|file| load_text(folder, file).map(Arc::new));
    let text = text.collect::<Result<Vec<_>, MediaError>>()?;
    let timed = text.iter().flat_map(|text| TimedText::all(text, info.loop_ms));
    let pictures = info.posters.iter().chain(&info.heroes);
    let pictures = pictures.map(|PictureFile { file, .. }| Ok((file.clone(), load_picture(folder, file)?)));
    let thumbnails = info.thumbnails.as_ref().map(|file| {
        let picture = load_picture(folder, &file.file)?;
        Ok::<_, MediaError>(Sheet {
            file: file.clone(),
            picture,
        })
    });
    Ok(Title {
        video: video.collect::<Result<_, MediaError>>()?,
        audio: audio.collect::<Result<_, MediaError>>()?,
        timed: timed.collect(),
        captions: Captions::new(
            &text,
            info.loop_ms,
            info.video.first().map_or(25, |video| video.frame_rate),
        ),
        text,
        thumbnails: thumbnails.transpose()?,
        pictures: pictures.collect::<Result<_, MediaError>>()?,
        info,
    })
}

/// What the rest relies on.
fn check(info: &TitleFile) -> Result<(), &'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let sheet = info.thumbnails.as_ref();
    let tiles = |sheet: &ThumbnailFile| u64::from(sheet.columns) * u64::from(sheet.rows);
    if info.id.is_empty() || !info.id.bytes().all(plain) {
        Err("id: only letters, digits, '-' and '_'")
    } else if info.video.is_empty() || info.audio.is_empty() {
        Err("video and audio: at least one each")
    } else if !(1000..=3_600_000).contains(&info.loop_ms) || info.duration_ms < 1000 {
        Err("loop_ms and duration_ms: at least a second")
    } else if sheet.is_some_and(|sheet| tiles(sheet).saturating_mul(sheet.interval_ms) == 0) {
        Err("thumbnails: no column, row or interval of zero")
    } else {
        Ok(())
    }
}

fn read(path: &Path) -> Result<Bytes, MediaError> {
    let length = fs::metadata(path).map_err(|error| MediaError::file(path, error))?.len();
    if length > MAX_FILE {
        return Err(MediaError::file(path, "it is larger than sample media is"));
    }
    let data = fs::read(path).map_err(|error| MediaError::file(path, error))?;
    Ok(data.into())
}

/// A file of the folder itself: names with separators or dots in front are refused.
fn inside(folder: &Path, name: &str) -> Result<PathBuf, MediaError> {
    if name.starts_with('.') || name.contains(['/', '\\']) {
        return Err(MediaError::file(folder, format!("'{name}' is not a plain file name")));
    }
    Ok(folder.join(name))
}

fn load_loop(folder: &Path, name: &str, loop_ms: u64) -> Result<Arc<Loop>, MediaError> {
    let path = inside(folder, name)?;
    let looped = Loop::new(read(&path)?).map_err(|error: LoopError| MediaError::file(&path, error))?;
    let expected = looped.ticks(loop_ms);
    if looped.duration().abs_diff(expected) > u64::from(looped.timescale()) / 1000 {
        // Sound and picture would drift apart by this much each time around.
        let lasts = looped.duration() * 1000 / u64::from(looped.timescale());
        tracing::warn!(path = %path.display(), lasts_ms = lasts, loop_ms, "the loop is not as long as the title says");
    }
    Ok(Arc::new(looped))
}

fn load_text(folder: &Path, file: &TextFile) -> Result<TextTrack, MediaError> {
    let path = inside(folder, &file.file)?;
    let data = read(&path)?;
    let cues = std::str::from_utf8(&data).ok().and_then(Cues::parse);
    Ok(TextTrack {
        id: stem(&file.file),
        cues: cues.ok_or_else(|| MediaError::file(&path, "it is not WebVTT"))?,
        file: file.clone(),
    })
}

fn load_picture(folder: &Path, name: &str) -> Result<Picture, MediaError> {
    let data = read(&inside(folder, name)?)?;
    let fingerprint = fingerprint(&data);
    Ok(Picture { data, fingerprint })
}

fn stem(name: &str) -> String {
    name.split_once('.').map_or(name, |(stem, _)| stem).to_owned()
}
