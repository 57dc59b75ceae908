//! The sample media: read once, presented at any length by repeating its loops.

mod cues;
mod index;
mod library;
mod looped;
mod title;
mod virtual_file;

pub(crate) use cues::Cues;
pub(crate) use index::IndexLayout;
pub use library::MediaError;
pub(crate) use library::{AudioRendition, Library, Sheet, TextTrack, Title, VideoRendition};
pub(crate) use looped::Loop;
pub(crate) use title::{PictureFile, TitleFile};
pub(crate) use virtual_file::VirtualFile;

/// Fragments later than this many days into the stream are not made: more than any presentation and its offset.
const MAX_DAYS: u64 = 3;

#[cfg(test)]
#[path = "../../tests/support/synthetic.rs"]
pub(crate) mod synthetic;
