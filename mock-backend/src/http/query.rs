//! Query parameters, typed by hand so that a bad one is told by its name.

use crate::http::ApiProblem;
use axum::extract::Query;
use std::collections::BTreeMap;

/// Longest presentation that is made.
pub(crate) const MAX_DURATION_MS: u64 = 24 * 3600 * 1000;
/// Shortest presentation that is made.
pub(crate) const MIN_DURATION_MS: u64 = 1000;

/// The parameters of a request, as an extractor.
pub(crate) type Parameters = Query<BTreeMap<String, String>>;

/// A time in seconds with up to three decimals, in milliseconds.
pub(crate) fn seconds(parameters: &BTreeMap<String, String>, name: &str) -> Result<Option<u64>, ApiProblem> {
    let Some(text) = parameters.get(name) else {
        return Ok(None);
    };
    parse_seconds(text)
        .map(Some)
        .ok_or_else(|| ApiProblem::parameter(format!("{name}: '{text}' is not a number of seconds")))
}

/// The length of a presentation in milliseconds, between a second and a day.
pub(crate) fn duration(parameters: &BTreeMap<String, String>) -> Result<Option<u64>, ApiProblem> {
    let duration = seconds(parameters, "duration")?;
    match duration {
        Some(ms) if !(MIN_DURATION_MS..=MAX_DURATION_MS).contains(&ms) => Err(ApiProblem::parameter(
            "duration: it must be between 1 and 86400 seconds",
        )),
        _ => Ok(duration),
    }
}

/// Whether something is wanted: `1`.
pub(crate) fn flag(parameters: &BTreeMap<String, String>, name: &str) -> Result<bool, ApiProblem> {
    match parameters.get(name).map(String::as_str) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(ApiProblem::parameter(format!("{name}: 0 or 1"))),
    }
}

pub(crate) fn parse_seconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let sound =
        |digits: &str, most| (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !sound(whole, 10) || !sound(fraction, 3) {
        return None;
    }
    let millis: u64 = format!("{fraction:0<3}").parse().ok()?;
    Some(whole.parse::<u64>().ok()? * 1000 + millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_up_to_three_decimals() {
        assert_eq!(parse_seconds("40"), Some(40_000));
        assert_eq!(parse_seconds("1.5"), Some(1500));
        assert_eq!(parse_seconds("0.004"), Some(4));
        for text in ["", "-1", "1.", ".5", "1e3", "1.2345", "99999999999"] {
            assert_eq!(parse_seconds(text), None, "{text}");
        }
    }
}
