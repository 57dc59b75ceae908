//! ISO base media file format boxes, read and written: the few that a DASH player looks into.
//!
//! No I/O, no copies of media, no panic on any input. Sizes and counts are bounded by the data itself.

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation
    )
)]

pub mod boxes;
mod bytes;
pub mod cenc;
pub mod chunk;
mod error;
pub mod events;
pub mod fragment;
pub mod init;
pub mod samples;
pub mod scanner;
pub mod sidx;
#[cfg(test)]
mod testing;

pub use boxes::{Boxes, FourCc, Mp4Box};
pub use error::Error;
