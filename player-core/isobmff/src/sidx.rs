//! The segment index box.

use crate::Error;

/// A segment index (`sidx`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sidx {
    /// Which stream it indexes.
    pub reference_id: u32,
    /// Ticks per second.
    pub timescale: u32,
    /// Earliest presentation time of the first reference, in ticks.
    pub earliest_presentation_time: u64,
    /// From the byte after this box to the first referenced byte.
    pub first_offset: u64,
    /// What it refers to, in order, contiguous.
    pub references: Vec<Reference>,
}

/// One reference of a segment index.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reference {
    /// It refers to another `sidx` (and what that indexes), not to media.
    pub is_index: bool,
    /// Bytes referred to, at most 2^31 - 1.
    pub size: u32,
    /// Duration in ticks.
    pub duration: u32,
    /// It starts with a stream access point.
    pub starts_with_sap: bool,
}

impl Sidx {
    /// Reads the payload of a `sidx` box.
    ///
    /// # Errors
    /// When it is cut off, of an unknown version, or has no timescale.
    pub fn parse(payload: &[u8]) -> Result<Self, Error> {
        let _ = payload;
        Ok(Self::default())
    }

    /// The whole box, header included: version 0 where the fields fit, else version 1.
    ///
    /// # Errors
    /// When a field or the number of references does not fit.
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        Ok(Vec::new())
    }
}
