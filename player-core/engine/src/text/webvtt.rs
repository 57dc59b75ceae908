//! WebVTT files (W3C WebVTT, section 6.1 "WebVTT file parsing").

use footlight_dash::Micros;

use crate::player::Cue;

/// Longest text of one cue that is kept, in bytes.
const MAX_CUE_TEXT: usize = 16 * 1024;

/// The input is not WebVTT: it does not start with `WEBVTT`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a WebVTT file")]
pub struct Malformed;

/// Reads the cues of a file; each starts `offset` later than written. As the specification asks, a
/// malformed cue is skipped and the file goes on.
///
/// # Errors
/// [`Malformed`] when the signature is missing.
pub fn parse_webvtt(data: &[u8], offset: Micros) -> Result<Vec<Cue>, Malformed> {
    let text = String::from_utf8_lossy(data);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let rest = text.strip_prefix("WEBVTT").ok_or(Malformed)?;
    if !(rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r'])) {
        return Err(Malformed);
    }
    let mut lines = lines(rest);
    let mut cues = Vec::new();
    // The header runs to the first blank line; a cue without one before it is tolerated.
    let mut pending = lines.by_ref().skip(1).find(|l| l.is_empty() || l.contains("-->"));
    while let Some(line) = pending.take().or_else(|| lines.next()) {
        if !line.contains("-->") {
            continue;
        }
        let Some((start, end, settings)) = timing(line) else {
            continue;
        };
        let mut text = String::new();
        for line in lines.by_ref() {
            if line.is_empty() {
                break;
            }
            if line.contains("-->") {
                pending = Some(line);
                break;
            }
            if text.len().saturating_add(line.len()) < MAX_CUE_TEXT {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(line);
            }
        }
        if end > start {
            cues.push(Cue {
                start: start.saturating_add(offset),
                end: end.saturating_add(offset),
                text,
                settings: settings.to_owned(),
            });
        }
    }
    Ok(cues)
}

/// Lines ended by LF, CRLF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let (line, tail) = text.split_at(at);
        rest = Some(
            tail.strip_prefix("\r\n")
                .unwrap_or_else(|| tail.get(1..).unwrap_or_default()),
        );
        Some(line)
    })
}

/// `00:01.000 --> 00:02.500 align:start`.
fn timing(line: &str) -> Option<(Micros, Micros, &str)> {
    let (start, rest) = line.split_once("-->")?;
    let rest = rest.trim_start();
    let (end, settings) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    Some((timestamp(start.trim())?, timestamp(end.trim())?, settings.trim()))
}

/// `[hours:]mm:ss.ttt`.
fn timestamp(text: &str) -> Option<Micros> {
    let (clock, millis) = text.split_once('.')?;
    if millis.len() != 3 {
        return None;
    }
    let mut parts = clock.rsplit(':');
    let (seconds, minutes) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let hours = parts.next().map_or(Some(0), |h| number(h, 6))?;
    if parts.next().is_some() || seconds > 59 || minutes > 59 {
        return None;
    }
    Some(Micros(
        (((hours * 60 + minutes) * 60 + seconds) * 1000 + number(millis, 3)?) * 1000,
    ))
}

/// A decimal number of at most `digits` digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    (!text.is_empty() && text.len() <= digits && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Vec<Cue> {
        parse_webvtt(text.as_bytes(), Micros(0)).unwrap_or_default()
    }

    #[test]
    fn cues_with_ids_settings_and_notes() {
        let cues = parse(
            "\u{feff}WEBVTT - title\r\n\r\nNOTE not --a cue\r\n\r\n1\r\n00:01.000 --> 00:02.500 line:0 align:start\r\n<i>one</i>\r\ntwo\r\n\r\n01:00:00.000 --> 01:00:01.000\r\nlate\r\n",
        );
        assert_eq!(cues.len(), 2);
        assert_eq!(cues[0].text, "<i>one</i>\ntwo");
        assert_eq!(cues[0].settings, "line:0 align:start");
        assert_eq!((cues[0].start, cues[0].end), (Micros(1_000_000), Micros(2_500_000)));
        assert_eq!(cues[1].start, Micros(3_600_000_000));
    }

    #[test]
    fn a_malformed_cue_costs_only_itself() {
        let cues = parse(
            "WEBVTT\n\n00:99.000 --> 00:02.000\nbad\n\n00:03.000 --> 00:04.000\ngood\n00:05.000 --> 00:06.000\nno blank line before\n",
        );
        let texts: Vec<_> = cues.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(texts, ["good", "no blank line before"]);
    }

    #[test]
    fn a_cue_right_after_the_header_line_is_read() {
        assert_eq!(parse("WEBVTT\n00:00.000 --> 00:01.000\na").len(), 1);
        assert_eq!(parse("WEBVTT").len(), 0);
    }

    #[test]
    fn anything_else_is_not_webvtt() {
        assert_eq!(parse_webvtt(b"<html>", Micros(0)), Err(Malformed));
        assert_eq!(parse_webvtt(b"WEBVTTX", Micros(0)), Err(Malformed));
        assert_eq!(parse_webvtt(b"", Micros(0)), Err(Malformed));
    }

    #[test]
    fn the_offset_moves_cues() {
        let cues = parse_webvtt(b"WEBVTT\n\n00:00.000 --> 00:01.000\na", Micros(5)).unwrap_or_default();
        assert_eq!(cues[0].start, Micros(5));
    }

    proptest! {
        #[test]
        fn no_input_panics(body in "\\PC*") {
            let _ = parse_webvtt(format!("WEBVTT\n\n{body}").as_bytes(), Micros(i64::MAX));
        }

        #[test]
        fn no_bytes_panic(data: Vec<u8>) {
            let _ = parse_webvtt(&data, Micros(0));
        }
    }
}
