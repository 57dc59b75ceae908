//! Which rendition: a throughput estimate, and rules that turn it and the buffer into a choice.
//!
//! All arithmetic is on integers, so that a choice is the same on every platform: `ln` and `pow` of
//! floating point are not.

mod bola;
mod controller;
mod throughput;

pub use bola::Bola;
pub use controller::{Controller, log2_q16};
pub use throughput::Throughput;

use footlight_dash::Micros;

use crate::presentation::Kind;
use crate::time::Instant;

/// What a rule knows when it chooses.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// Bits per second of the allowed renditions, ascending, never empty.
    pub bitrates: &'a [u64],
    /// The rendition in use, an index into `bitrates`; `None` at the start and after a seek to nowhere.
    pub current: Option<usize>,
    /// Media buffered ahead of the playhead.
    pub buffer: Micros,
    /// How far ahead the buffer may grow.
    pub buffer_goal: Micros,
    /// Length of a segment.
    pub segment: Micros,
    /// Estimated throughput for this track, in bits per second; `None` before any measurement.
    pub throughput: Option<u64>,
    /// Throughput assumed before any measurement.
    pub assumed: u64,
}

/// What a rule chose, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Index into [`Context::bitrates`].
    pub index: usize,
    /// Why.
    pub reason: Reason,
}

/// A way to choose a rendition.
pub trait Rule: core::fmt::Debug + Send {
    /// Chooses for the next segment.
    fn choose(&mut self, context: &Context<'_>) -> Choice;
    /// The playhead moved elsewhere: forget what was learnt from the buffer.
    fn reset(&mut self);
}

/// Why a rendition was chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Nothing is measured yet: the assumed throughput.
    Startup,
    /// What the measured throughput carries.
    Throughput,
    /// What the buffer's fill allows (BOLA).
    Bola,
    /// BOLA wanted more; the throughput guard held it.
    ThroughputGuard,
    /// The buffer is close to empty.
    BufferLow,
    /// The viewer's choice.
    Manual,
    /// There is only one.
    Only,
    /// Larger renditions would not be seen at this size.
    Cap,
    /// A segment would have come too late and was given up.
    Abandoned,
    /// A larger rendition failed to load.
    Avoided,
}

impl Reason {
    /// The stable code hosts show.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Throughput => "throughput",
            Self::Bola => "bola",
            Self::ThroughputGuard => "throughput-guard",
            Self::BufferLow => "buffer-low",
            Self::Manual => "manual",
            Self::Only => "only",
            Self::Cap => "cap",
            Self::Abandoned => "abandoned",
            Self::Avoided => "avoided",
        }
    }
}

/// A decision, as told to hosts and recordings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// When.
    pub time: Instant,
    /// For video or audio.
    pub kind: Kind,
    /// The chosen rendition (an id of [`crate::Tracks`]).
    pub id: u32,
    /// Its bits per second.
    pub bandwidth: u64,
    /// Why.
    pub reason: Reason,
    /// Estimated throughput at the time, bits per second; 0 when nothing was measured.
    pub throughput: u64,
    /// Media buffered ahead at the time.
    pub buffer: Micros,
}
