//! What a host may tune. All durations are media or wall time in microseconds.

use footlight_dash::Micros;

use crate::abr::Algorithm;

/// Settings of a [`crate::Player`]; the defaults suit video on demand on a phone, a desktop or a TV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How far ahead of the playhead to buffer. Range: 4 s and up. Shrinks by itself when the sink says
    /// that it is full.
    pub buffer_goal: Micros,
    /// How much to keep behind the playhead for seeking back.
    pub buffer_behind: Micros,
    /// Throughput assumed before the first measurement, in bits per second.
    pub initial_bandwidth: u64,
    /// How the rendition of a video segment is chosen.
    pub algorithm: Algorithm,
    /// How long to wait for a response's head, and then for each next byte of its body.
    pub response_timeout: Micros,
    /// Attempts at one resource before it counts as failed, the first included.
    pub max_attempts: u32,
    /// First delay before an attempt at the same location again; doubles with each, with jitter.
    pub backoff_base: Micros,
    /// Upper bound of that delay.
    pub backoff_max: Micros,
    /// How long a location that failed is avoided while another one works.
    pub location_penalty: Micros,
    /// Largest body the engine takes in to look inside (manifest, index, subtitles), in bytes.
    pub max_inspected_bytes: usize,
    /// The host can ask NTP servers (`ntp://` URLs in [`crate::Fetch`]); browsers cannot.
    pub has_ntp: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            buffer_goal: Micros(30_000_000),
            buffer_behind: Micros(30_000_000),
            initial_bandwidth: 1_500_000,
            algorithm: Algorithm::default(),
            response_timeout: Micros(10_000_000),
            max_attempts: 4,
            backoff_base: Micros(400_000),
            backoff_max: Micros(8_000_000),
            location_penalty: Micros(60_000_000),
            max_inspected_bytes: 64 << 20,
            has_ntp: false,
        }
    }
}
