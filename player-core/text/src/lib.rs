//! Subtitles and captions, from bytes to cues with their layout.
//!
//! [`Decoder`] reads WebVTT (files, and `wvtt` in ISO BMFF), TTML and IMSC 1 text and image (files, and `stpp`), CEA-608
//! and CEA-708 (in H.264, H.265 and AV1) into one form, [`Cue`]. The crate does no I/O and reads no clock;
//! input is bounded and never makes it panic.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::cast_possible_truncation, clippy::string_slice)
)]

mod cea;
mod color;
mod cue;
mod decoder;
mod error;
mod iso;
mod num;
mod references;
pub mod ttml;
pub mod webvtt;
mod xml;

pub use cue::{
    BlockAlign, Cue, Direction, Edge, EdgeKind, Image, Layout, Line, Percent, Place, Rgba, Span, Style, TextAlign,
    Window, WritingMode,
};
pub use decoder::{Decoder, Format};
pub use error::Error;

/// More cues than this in one segment are not read; a feature film has about 2,000.
pub const MAX_CUES: usize = 50_000;

/// Adds a cue to `cues`; where it only goes on with one of the last few, from number `from` on, that one is
/// made longer.
fn join(cues: &mut Vec<Cue>, from: usize, cue: Cue) {
    let from = from.max(cues.len().saturating_sub(16));
    let before = cues
        .iter_mut()
        .skip(from)
        .find(|before| before.end == cue.start && before.shows_the_same(&cue));
    match before {
        Some(before) => before.end = cue.end,
        None => cues.push(cue),
    }
}
