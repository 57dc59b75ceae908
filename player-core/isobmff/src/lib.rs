//! ISO base media file format boxes, read and written: the few that a DASH player looks into.
//!
//! No I/O, no copies of media, no panic on any input. Sizes and counts are bounded by the data itself.

mod bytes;
mod error;
pub mod boxes;
pub mod fragment;
pub mod init;
pub mod sidx;

pub use boxes::{Boxes, FourCc, Mp4Box};
pub use error::Error;
