//! What can be wrong with text.

use thiserror::Error;

/// Why a segment of text cannot be read. The text before it stays good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// It does not start with `WEBVTT`.
    #[error("not a WebVTT file")]
    NotWebVtt,
    /// Its root is not `tt`.
    #[error("not a TTML document")]
    NotTtml,
    /// More elements, depth, cues or work than is handled.
    #[error("the text is larger than what is handled")]
    TooLarge,
    /// Its boxes are damaged.
    #[error(transparent)]
    Boxes(#[from] footlight_isobmff::Error),
    /// A segment came before its initialization segment.
    #[error("there is no initialization segment for this text")]
    NoInit,
    /// The samples are of a codec that this format is not found in.
    #[error("no text of this format is in samples of this codec")]
    Codec,
}

impl Error {
    /// A stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotWebVtt | Self::NotTtml | Self::Boxes(_) => "text.malformed",
            Self::TooLarge => "text.too-large",
            Self::NoInit => "text.no-init",
            Self::Codec => "text.codec",
        }
    }
}
