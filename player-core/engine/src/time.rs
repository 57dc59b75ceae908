//! The host's clock, as the engine sees it.

use footlight_dash::Micros;

/// A point on the host's monotonic clock, in microseconds from an origin of the host's choice.
///
/// The engine never reads a clock: instants come in with the inputs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(pub u64);

impl Instant {
    /// An instant `millis` milliseconds after the origin.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// This instant moved by `duration` (saturating at both ends of the clock).
    #[must_use]
    pub const fn plus(self, duration: Micros) -> Self {
        Self(self.0.saturating_add_signed(duration.0))
    }

    /// The time from `earlier` to this instant; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Micros {
        Micros(i64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(i64::MAX))
    }
}
