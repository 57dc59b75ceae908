//! Numbers in text, as integers: no floats, no rounding that differs between platforms.

/// Reads the decimal number that `text` starts with (`-12.5`): its value in units of 10^-`places`, further digits cut
/// off, and what follows it. None without a digit, or with more than 12 before the point.
pub(crate) fn decimal(text: &str, places: u32) -> Option<(i64, &str)> {
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut value = 0_i64;
    let (mut digits, mut decimals, mut point) = (0_u32, 0_u32, false);
    let mut end = body.len();
    for (at, byte) in body.bytes().enumerate() {
        match byte {
            b'0'..=b'9' if point && decimals >= places => digits = digits.saturating_add(1),
            b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                digits = digits.saturating_add(1);
                decimals = decimals.saturating_add(u32::from(point));
                if !point && digits > 12 {
                    return None;
                }
            }
            b'.' if !point => point = true,
            _ => {
                end = at;
                break;
            }
        }
    }
    if digits == 0 {
        return None;
    }
    for _ in decimals..places {
        value = value.checked_mul(10)?;
    }
    Some((if negative { -value } else { value }, body.get(end..)?))
}

/// A decimal number and nothing else, without a sign, of at most `digits` digits.
pub(crate) fn whole(text: &str, digits: usize) -> Option<i64> {
    let good = !text.is_empty() && text.len() <= digits && text.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(decimal("12.345px", 2), Some((1234, "px")));
        assert_eq!(decimal("-.5%", 2), Some((-50, "%")));
        assert_eq!(decimal("7", 3), Some((7000, "")));
        assert_eq!(decimal("1.2.3", 1), Some((12, ".3")));
        for bad in ["", ".", "-", "px", "1234567890123"] {
            assert_eq!(decimal(bad, 2), None, "{bad}");
        }
    }
}
