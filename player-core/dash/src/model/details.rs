//! What players hand on as it is.

use super::Descriptor;
use crate::Micros;

/// What a set or a Representation says that has no effect on how it is fetched.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// `FramePacking`: how the two pictures of a stereoscopic one are in a frame.
    pub frame_packing: Vec<Descriptor>,
    /// `OutputProtection`: what a display connection must have.
    pub output_protection: Option<Descriptor>,
    /// `Switching`: where one may switch to another Representation.
    pub switching: Vec<Access>,
    /// `RandomAccess`: where one may begin.
    pub random_access: Vec<Access>,
    /// `ContentPopularityRate`: which stretches are in demand.
    pub popularity: Vec<Popularity>,
    /// `ExtendedBandwidth`, of Representations only.
    pub extended_bandwidth: Option<ExtendedBandwidth>,
}

/// `Switching` or `RandomAccess`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Access {
    /// `@interval` between two such places, in ticks of the segments' timescale.
    pub interval: u64,
    /// `@type`: `media` or `bitstream`; `closed`, `open` or `gradual`; may be empty.
    pub kind: String,
    /// `@minBufferTime`.
    pub min_buffer_time: Option<Micros>,
    /// `@bandwidth` in bits per second, with that buffer.
    pub bandwidth: Option<u64>,
}

/// `ContentPopularityRate`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Popularity {
    /// `@source`: who says so; may be empty.
    pub source: String,
    /// `@source_description`, may be empty.
    pub description: String,
    /// `PR`: the rate, 1 to 100, of `@r` more segments than one, from segment number `@start` on where that is told.
    pub rates: Vec<(u32, Option<u64>, u32)>,
}

/// `ExtendedBandwidth`: buffers and the bandwidths that they need.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExtendedBandwidth {
    /// `@vbr`: the bitrate varies.
    pub is_variable: bool,
    /// `ModelPair`: `@bufferTime` and `@bandwidth` in bits per second.
    pub pairs: Vec<(Micros, u64)>,
}

/// `Metrics`: what clients are asked to measure, and whom to tell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Metrics {
    /// `@metrics`: keys of the metrics.
    pub keys: Vec<String>,
    /// `Range`: when to measure, start and duration; always when empty.
    pub ranges: Vec<(Option<Micros>, Option<Micros>)>,
    /// `Reporting`.
    pub reporting: Vec<Descriptor>,
}
