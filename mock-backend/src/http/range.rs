//! The Range request header (RFC 9110, 14.2), for one range of bytes.

/// What a Range header asks of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Requested {
    /// All of it: no header, another unit, several ranges, or something malformed.
    Whole,
    /// Bytes from `start` up to `end`, exclusive; never empty.
    Part { start: u64, end: u64 },
    /// Bytes that are not there.
    Unsatisfiable,
}

/// Reads a Range header for a body of `length` bytes.
pub(crate) fn parse(header: Option<&str>, length: u64) -> Requested {
    header
        .and_then(|header| parse_one(header, length))
        .unwrap_or(Requested::Whole)
}

fn parse_one(header: &str, length: u64) -> Option<Requested> {
    let (unit, ranges) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = ranges.trim().split_once('-')?;
    let (first, last) = (first.trim_end(), last.trim_start());
    if first.is_empty() {
        let suffix = digits(last)?;
        if suffix == 0 || length == 0 {
            return Some(Requested::Unsatisfiable);
        }
        let start = length.saturating_sub(suffix);
        return Some(Requested::Part { start, end: length });
    }
    let start = digits(first)?;
    let end = if last.is_empty() {
        length
    } else {
        digits(last)?.saturating_add(1)
    };
    if start >= length {
        return Some(Requested::Unsatisfiable);
    }
    // The last byte before the first makes the header malformed, so that it is ignored.
    (start < end).then_some(Requested::Part {
        start,
        end: end.min(length),
    })
}

/// Digits only: no sign, no list.
fn digits(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(start: u64, end: u64) -> Requested {
        Requested::Part { start, end }
    }

    #[test]
    fn one_range_of_each_form() {
        assert_eq!(parse(Some("bytes=0-9"), 100), part(0, 10));
        assert_eq!(parse(Some("bytes=90-"), 100), part(90, 100));
        assert_eq!(parse(Some("bytes=-7"), 100), part(93, 100));
        assert_eq!(parse(Some("Bytes = 5 - 5"), 100), part(5, 6));
    }

    #[test]
    fn ranges_are_cut_to_what_there_is() {
        assert_eq!(parse(Some("bytes=90-1000"), 100), part(90, 100));
        assert_eq!(parse(Some("bytes=-1000"), 100), part(0, 100));
        let huge = "bytes=0-99999999999999999999999";
        assert_eq!(parse(Some(huge), 100), part(0, 100));
    }

    #[test]
    fn what_is_not_there_is_unsatisfiable() {
        for header in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(parse(Some(header), 100), Requested::Unsatisfiable, "{header}");
        }
        assert_eq!(parse(Some("bytes=-1"), 0), Requested::Unsatisfiable);
    }

    #[test]
    fn anything_else_is_ignored() {
        let headers = [
            "bytes=5-2",
            "bytes=0-1,5-6",
            "items=0-1",
            "bytes=a-b",
            "bytes=-",
            "bytes",
            "bytes=+1-2",
        ];
        for header in headers {
            assert_eq!(parse(Some(header), 100), Requested::Whole, "{header}");
        }
        assert_eq!(parse(None, 100), Requested::Whole);
    }
}
