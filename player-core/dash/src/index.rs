//! Segments by position and by time.

use crate::{Error, Micros, Resource};

/// How a Representation's segments are addressed. Opaque; see [`crate::Representation::index`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segments {}

impl Segments {
    pub(crate) fn initialization(&self) -> Option<Resource> {
        None
    }

    pub(crate) fn timestamp_offset(&self) -> Micros {
        Micros::ZERO
    }
}

/// A media segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Ordinal in its Representation, from 0.
    pub position: u64,
    /// Start on the presentation timeline (PeriodStart included), not before the Period's.
    pub start: Micros,
    /// End on the presentation timeline, not after the Period's.
    pub end: Micros,
    /// What to fetch.
    pub resource: Resource,
}

/// The segments of a Representation, computed on demand: a timeline costs memory by its `S` elements.
///
/// Cheap to clone. While [`Self::pending`] is not none, only the segments loaded so far are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentIndex {}

impl SegmentIndex {
    pub(crate) fn new(_segments: &Segments) -> Self {
        Self {}
    }

    /// The part of the index that must be fetched next and given to [`Self::load`]; none when complete.
    #[must_use]
    pub fn pending(&self) -> Option<Resource> {
        None
    }

    /// Takes the bytes of the resource that [`Self::pending`] told.
    ///
    /// # Errors
    /// When `resource` was not pending, or `data` is no usable segment index.
    pub fn load(&mut self, _resource: &Resource, _data: &[u8]) -> Result<(), Error> {
        Err(Error::NotPending)
    }

    /// The initialization segment, where it was found only by loading the index.
    #[must_use]
    pub fn initialization(&self) -> Option<Resource> {
        None
    }

    /// The number of segments; none while it is not known (index pending, or no end).
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        None
    }

    /// Is it known that there is no segment?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The segment at `position`.
    #[must_use]
    pub fn segment(&self, _position: u64) -> Option<Segment> {
        None
    }

    /// The position of the segment that holds `time`, else of the first that starts after it; none past the end.
    #[must_use]
    pub fn position_at(&self, _time: Micros) -> Option<u64> {
        None
    }
}
