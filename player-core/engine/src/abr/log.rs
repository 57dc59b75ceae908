//! Logarithm and power of two, the same on every platform.

/// log2 in 16.16 fixed point, exact to the last place on every platform (0 for 0).
#[must_use]
pub fn log2_q16(value: u64) -> i64 {
    if value == 0 {
        return 0;
    }
    let whole = 63 - value.leading_zeros();
    // Mantissa in [1, 2) with 31 fractional bits, squared bit by bit.
    let mut mantissa = if whole >= 31 {
        value >> (whole - 31)
    } else {
        value << (31 - whole)
    };
    let mut result = i64::from(whole) << 16;
    for bit in (0..16).rev() {
        mantissa = (mantissa * mantissa) >> 31;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            result |= 1 << bit;
        }
    }
    result
}

/// 2^(1/2), 2^(1/4), 2^(1/8) and so on, with 31 fractional bits.
const ROOTS: [u64; 16] = [
    0xb504_f334,
    0x9837_f052,
    0x8b95_c1e4,
    0x85aa_c368,
    0x82cd_8699,
    0x8164_d1f4,
    0x80b1_ed50,
    0x8058_d7d3,
    0x802c_6437,
    0x8016_302f,
    0x800b_179d,
    0x8005_8baf,
    0x8002_c5d0,
    0x8001_62e6,
    0x8000_b173,
    0x8000_58b9,
];

/// 2 to the power of `exponent` (16.16 fixed point), with 16 fractional bits: the inverse of [`log2_q16`], rounded down.
#[must_use]
pub fn exp2_q16(exponent: i64) -> u64 {
    let (whole, fraction) = (exponent >> 16, exponent & 0xffff);
    let mut mantissa = 1u64 << 31;
    for (bit, root) in ROOTS.iter().enumerate() {
        if fraction & (0x8000 >> bit) != 0 {
            mantissa = (mantissa * root) >> 31;
        }
    }
    // The mantissa is in [1, 2) with 31 fractional bits; 16 are wanted.
    match whole - 15 {
        shift @ 0..=31 => mantissa << shift,
        shift @ -63..0 => mantissa >> -shift,
        32.. => u64::MAX,
        _ => 0,
    }
}

/// A whole number as a float; exact up to 2^53.
#[expect(clippy::cast_precision_loss)] // Beyond that the last places do not matter, and are the same everywhere.
pub(super) fn float(value: u64) -> f64 {
    value as f64
}

/// 2 to the power of `exponent`.
#[expect(clippy::cast_possible_truncation)] // Saturates, and so does the power.
pub(super) fn exp2(exponent: f64) -> f64 {
    float(exp2_q16((exponent * 65_536.0) as i64)) / 65_536.0
}

/// log2 of a positive number; 0 below 1.
pub(super) fn log2(value: f64) -> f64 {
    float(log2_q16(whole(value)).unsigned_abs()) / 65_536.0
}

/// The whole part of a positive number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates at both ends.
pub(super) fn whole(value: f64) -> u64 {
    value as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn log2_is_close_and_monotone(a in 1u64.., b in 1u64..) {
            let exact = (a as f64).log2() * 65536.0;
            prop_assert!((log2_q16(a) as f64 - exact).abs() < 4.0);
            if a <= b { prop_assert!(log2_q16(a) <= log2_q16(b)); }
        }

        #[test]
        fn exp2_undoes_log2(value in 1u64..1 << 40) {
            let back = exp2_q16(log2_q16(value)) as f64 / 65536.0;
            prop_assert!((back / value as f64 - 1.0).abs() < 1e-4, "{back} {value}");
        }

        #[test]
        fn exp2_takes_every_exponent(exponent in proptest::num::i64::ANY) {
            prop_assert!(exp2_q16(exponent) <= exp2_q16(exponent.saturating_add(1)));
        }
    }
}
