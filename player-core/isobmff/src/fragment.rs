//! Movie fragments: found, measured, moved in time.

use crate::{Error, FourCc, init::TrackInfo};

/// A `moof` with the `mdat` after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fragment {
    /// Where the `moof` starts in the data given.
    pub offset: u64,
    /// From there to the end of the `mdat`.
    pub size: u64,
    /// Length of the `moof` box alone.
    pub moof_size: u64,
    /// `mfhd` sequence number.
    pub sequence_number: u32,
    /// Its track fragments, in order.
    pub tracks: Vec<TrackFragment>,
}

/// What a fragment holds of one track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrackFragment {
    /// Which track.
    pub track_id: u32,
    /// `tfdt` base media decode time, in ticks.
    pub base_decode_time: u64,
    /// Sum of the sample durations, in ticks.
    pub duration: u64,
    /// Number of samples.
    pub samples: u64,
}

/// Iterates over the fragments of a file or a segment; a `moov` in it tells the default durations.
#[derive(Clone, Debug)]
pub struct Fragments<'a> {
    data: &'a [u8],
}

impl<'a> Fragments<'a> {
    /// The fragments in `data`.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Self {
        Self { data }
    }

    /// The same, with the tracks of an initialization segment that is kept elsewhere.
    #[must_use]
    pub fn with_tracks(data: &'a [u8], _tracks: &[TrackInfo]) -> Self {
        Self { data }
    }
}

impl Iterator for Fragments<'_> {
    type Item = Result<Fragment, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = self.data;
        None
    }
}

/// Gives the first fragment in `data` (which may end anywhere after its `moof`) a new sequence number and a
/// new base media decode time, in place. Nothing changes its length.
///
/// # Errors
/// When there is no whole `moof` with one track fragment and a `tfdt`, or the time does not fit a version 0 `tfdt`.
pub fn rewrite(data: &mut [u8], sequence_number: u32, base_decode_time: u64) -> Result<(), Error> {
    let _ = (data, sequence_number, base_decode_time);
    Err(Error::Missing { kind: FourCc(*b"moof") })
}
