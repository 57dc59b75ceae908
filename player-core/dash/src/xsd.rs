//! Times as XML Schema writes them: `xs:duration` and `xs:dateTime`, exact to the microsecond.

use crate::Micros;
use thiserror::Error;

/// Why a text is no duration or no date.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum TimeError {
    /// Not of the form that XML Schema defines.
    #[error("not a time as XML Schema writes it")]
    Syntax,
    /// Of the right form, but out of the range of [`Micros`], or no date of the calendar.
    #[error("a time out of range")]
    OutOfRange,
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Reads an `xs:duration`. A year counts 365 days and a month 30; digits after the microsecond are dropped.
///
/// # Errors
/// When the text is none, or does not fit [`Micros`].
pub fn parse_duration(text: &str) -> Result<Micros, TimeError> {
    let text = text.trim_ascii();
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let body = text.strip_prefix('P').ok_or(TimeError::Syntax)?;
    let (date, time) = body
        .split_once('T')
        .map_or((body, None), |(date, time)| (date, Some(time)));
    if date.is_empty() && time.is_none() || time.is_some_and(str::is_empty) {
        return Err(TimeError::Syntax);
    }
    let days = components(date, &[('Y', 365 * DAY), ('M', 30 * DAY), ('D', DAY)])?;
    let clock = components(
        time.unwrap_or_default(),
        &[('H', 3600 * SECOND), ('M', 60 * SECOND), ('S', SECOND)],
    )?;
    let sum = days.checked_add(clock).ok_or(TimeError::OutOfRange)?;
    Ok(Micros(if negative { sum.saturating_neg() } else { sum }))
}

/// Sums numbers followed by unit letters, which must come in the order of `units`.
fn components(text: &str, units: &[(char, i64)]) -> Result<i64, TimeError> {
    let mut sum = 0_i64;
    let mut rest = text;
    let mut units = units.iter();
    while !rest.is_empty() {
        let end = rest
            .find(|letter: char| letter.is_ascii_alphabetic())
            .ok_or(TimeError::Syntax)?;
        let (number, after) = rest.split_at(end);
        let mut letters = after.chars();
        let letter = letters.next().ok_or(TimeError::Syntax)?;
        let (_, scale) = units
            .by_ref()
            .find(|(unit, _)| *unit == letter)
            .ok_or(TimeError::Syntax)?;
        let value = match number.split_once('.') {
            Some((whole, fraction)) if letter == 'S' => {
                let fraction = fraction_micros(fraction)?;
                integer(whole)?
                    .checked_mul(*scale)
                    .and_then(|seconds| seconds.checked_add(fraction))
            }
            _ => integer(number)?.checked_mul(*scale),
        };
        sum = value
            .and_then(|value| sum.checked_add(value))
            .ok_or(TimeError::OutOfRange)?;
        rest = letters.as_str();
    }
    Ok(sum)
}

fn integer(digits: &str) -> Result<i64, TimeError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TimeError::Syntax);
    }
    digits.parse().map_err(|_| TimeError::OutOfRange)
}

/// The digits after a decimal point, as microseconds.
fn fraction_micros(digits: &str) -> Result<i64, TimeError> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TimeError::Syntax);
    }
    let six = digits.bytes().chain(std::iter::repeat(b'0')).take(6);
    Ok(six.fold(0_i64, |sum, digit| {
        sum.saturating_mul(10)
            .saturating_add(i64::from(digit.saturating_sub(b'0')))
    }))
}

/// Reads an `xs:dateTime` as microseconds since 1970-01-01T00:00:00Z. Without a time zone it is UTC.
///
/// # Errors
/// When the text is none, or there is no such time.
pub fn parse_date_time(text: &str) -> Result<Micros, TimeError> {
    let rest = &mut text.trim_ascii();
    let year = match leading_digits(rest) {
        digits if digits.len() >= 4 => integer(digits)?,
        _ => return Err(TimeError::Syntax),
    };
    let (month, day) = (two_digits(rest, '-')?, two_digits(rest, '-')?);
    let (hour, minute, second) = (two_digits(rest, 'T')?, two_digits(rest, ':')?, two_digits(rest, ':')?);
    let fraction = match rest.strip_prefix('.') {
        Some(after) => {
            *rest = after;
            fraction_micros(leading_digits(rest))?
        }
        None => 0,
    };
    let zone = zone(rest)?;
    let midnight_after = hour == 24 && minute == 0 && second == 0 && fraction == 0;
    if !(0..=9999).contains(&year) || hour > 23 && !midnight_after || minute > 59 || second > 59 {
        return Err(TimeError::OutOfRange);
    }
    let days = days_from_civil(year, month, day).ok_or(TimeError::OutOfRange)?;
    let minutes = (days * 24 + hour) * 60 + minute - zone;
    Ok(Micros((minutes * 60 + second) * SECOND + fraction))
}

/// A time zone in minutes east of UTC; nothing may follow it.
fn zone(rest: &mut &str) -> Result<i64, TimeError> {
    let sign = match *rest {
        "" | "Z" => return Ok(0),
        west if west.starts_with('-') => '-',
        _ => '+',
    };
    let (hours, minutes) = (two_digits(rest, sign)?, two_digits(rest, ':')?);
    match (hours, minutes) {
        _ if !rest.is_empty() => Err(TimeError::Syntax),
        (0..=14, 0..=59) if sign == '-' => Ok(-(hours * 60 + minutes)),
        (0..=14, 0..=59) => Ok(hours * 60 + minutes),
        _ => Err(TimeError::OutOfRange),
    }
}

/// Takes all digits off the front.
fn leading_digits<'a>(rest: &mut &'a str) -> &'a str {
    let end = rest
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, after) = rest.split_at_checked(end).unwrap_or_default();
    *rest = after;
    digits
}

/// Takes a sign and two digits off the front.
fn two_digits(rest: &mut &str, sign: char) -> Result<i64, TimeError> {
    let mut after = rest.strip_prefix(sign).ok_or(TimeError::Syntax)?;
    let digits = after.get(..2).ok_or(TimeError::Syntax)?;
    after = after.get(2..).unwrap_or_default();
    *rest = after;
    integer(digits)
}

/// Days from 1970-01-01 to a date of the Gregorian calendar; years count from March, so that leap days are last.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_exact() {
        let cases = [
            ("PT0S", 0),
            ("PT1.5S", 1_500_000),
            ("PT344S", 344_000_000),
            ("PT0H9M56.46S", 596_460_000),
            ("P1DT2H3M4.000005S", 93_784_000_005),
            (" PT2S\n", 2_000_000),
            ("P1Y", 31_536_000_000_000),
            ("P1M", 2_592_000_000_000),
            ("P0Y0M0DT0H3M30.000S", 210_000_000),
            ("PT1.23456789S", 1_234_567),
            ("-PT1.5S", -1_500_000),
            ("PT1H", 3_600_000_000),
            ("PT86400S", 86_400_000_000),
        ];
        for (text, micros) in cases {
            assert_eq!(parse_duration(text), Ok(Micros(micros)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_told() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "1S",
            "PT1",
            "PT1.5M",
            "PT.5S",
            "PT1.S",
            "PT1Sxyz",
            "PT1S2M",
            "PT1M1M",
            "P1S",
            "PT1D",
            "pt1s",
            "PT-1S",
            "PT+1S",
            "PT1,5S",
            "PT١S",
            "P 1D",
            "PT1S ignored",
        ] {
            assert_eq!(parse_duration(text), Err(TimeError::Syntax), "{text}");
        }
        for text in [
            "PT9999999999999999999M",
            "P999999999999Y",
            "PT9223372036855S",
            "PT9223372036854.775808S",
        ] {
            assert_eq!(parse_duration(text), Err(TimeError::OutOfRange), "{text}");
        }
    }

    #[test]
    fn dates_are_exact() {
        let cases = [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00", 0),
            ("2000-02-29T12:00:00.25Z", 951_825_600_250_000),
            ("2026-11-23T10:20:30+02:00", 1_795_422_030_000_000),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("1970-01-01T24:00:00Z", 86_400_000_000),
            ("1970-01-01T00:00:00-00:30", 1_800_000_000),
        ];
        for (text, micros) in cases {
            assert_eq!(parse_date_time(text), Ok(Micros(micros)), "{text}");
        }
        for text in [
            "",
            "2026-11-23",
            "2026-11-23T10:20Z",
            "2026-1-23T10:20:30Z",
            "2026-11-23T10:20:30.Z",
            "26-11-23T10:20:30Z",
            "2026-11-23T10:20:30+2",
            "T::",
        ] {
            assert_eq!(parse_date_time(text), Err(TimeError::Syntax), "{text}");
        }
        for text in [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:01Z",
            "2026-01-01T00:60:00Z",
        ] {
            assert_eq!(parse_date_time(text), Err(TimeError::OutOfRange), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,30}", timely in "-?P?[0-9YMDTHS.:+Z-]{0,30}") {
            let _ = (parse_duration(&text), parse_duration(&timely));
            let _ = (parse_date_time(&text), parse_date_time(&timely));
        }

        #[test]
        fn written_durations_are_read(micros in 0_i64..i64::MAX) {
            let text = format!("PT{}.{:06}S", micros / 1_000_000, micros % 1_000_000);
            prop_assert_eq!(parse_duration(&text), Ok(Micros(micros)));
        }
    }
}
