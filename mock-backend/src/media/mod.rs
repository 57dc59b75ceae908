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
pub(crate) use looped::{Loop, Span, segment_number};
pub(crate) use title::{PictureFile, TitleFile};
pub(crate) use virtual_file::VirtualFile;

/// Fragments later than this many days into the stream are not made. Live streams start in 1970: this is far enough for
/// them, and sequence numbers still fit.
const MAX_DAYS: u64 = 90_000;

#[cfg(test)]
#[path = "../../tests/support/synthetic.rs"]
pub(crate) mod synthetic;
