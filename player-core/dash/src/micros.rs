//! Media time in microseconds.

use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A media time or duration in microseconds. Arithmetic saturates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Micros(pub i64);

impl Micros {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// The latest time there is.
    pub const MAX: Self = Self(i64::MAX);
    /// The earliest time there is.
    pub const MIN: Self = Self(i64::MIN);
    /// One second.
    pub const SECOND: Self = Self(1_000_000);

    /// A whole number of seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// A whole number of milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// `ticks / timescale` seconds, rounded down (towards negative infinity) to the microsecond.
    ///
    /// Rounding down keeps the order of ticks, so segments that abut in ticks abut in microseconds. A
    /// timescale of zero counts as one.
    #[must_use]
    pub fn from_scaled(ticks: i64, timescale: u64) -> Self {
        Self::from_ticks(i128::from(ticks), timescale)
    }

    /// As [`Self::from_scaled`], for differences that do not fit 64 bits.
    pub(crate) fn from_ticks(ticks: i128, timescale: u64) -> Self {
        let micros = ticks.saturating_mul(1_000_000).div_euclid(i128::from(timescale.max(1)));
        Self(i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX }))
    }

    /// The number of ticks of `timescale` up to this time, rounded down; saturates.
    #[must_use]
    pub fn to_scaled(self, timescale: u64) -> i64 {
        let ticks = i128::from(self.0)
            .saturating_mul(i128::from(timescale))
            .div_euclid(1_000_000);
        i64::try_from(ticks).unwrap_or(if ticks < 0 { i64::MIN } else { i64::MAX })
    }

    /// Seconds, for hosts whose APIs take them; not for decisions.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "2^53 µs is 285 years")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Sum, saturating.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Difference, saturating.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}

impl Neg for Micros {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl AddAssign for Micros {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Micros {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_times_round_down_and_saturate() {
        assert_eq!(Micros::from_scaled(1, 3), Micros(333_333));
        assert_eq!(Micros::from_scaled(-1, 3), Micros(-333_334));
        assert_eq!(Micros::from_scaled(96_256, 48_000), Micros(2_005_333));
        assert_eq!(Micros::from_scaled(5, 0), Micros::from_secs(5));
        assert_eq!(Micros::from_scaled(i64::MAX, 1), Micros::MAX);
        assert_eq!(Micros::from_scaled(i64::MIN, 1), Micros::MIN);
        assert_eq!(Micros::from_scaled(i64::MAX, u64::MAX), Micros(499_999));
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Micros::MAX + Micros(1), Micros::MAX);
        assert_eq!(Micros::MIN - Micros(1), Micros::MIN);
        assert_eq!(-Micros::MIN, Micros::MAX);
        assert_eq!(Micros::MAX.to_scaled(u64::MAX), i64::MAX);
        assert_eq!(Micros::from_millis(1500).to_scaled(90_000), 135_000);
    }
}
