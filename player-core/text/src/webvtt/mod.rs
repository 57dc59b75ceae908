//! WebVTT (W3C WebVTT: The Web Video Text Tracks Format).

mod css;
mod markup;
mod settings;

use footlight_dash::Micros;

use crate::cue::Cue;
use crate::{Error, MAX_CUES, num};
use css::Rule;
pub(crate) use css::family;
use settings::Region;

/// Longest text of one cue that is kept, in bytes.
const MAX_CUE_TEXT: usize = 16 * 1024;
/// Most regions and style rules of a file that are kept.
const MAX_REGIONS: usize = 256;
const MAX_RULES: usize = 256;

/// What the header of a file says for all cues: regions and style sheets. In ISO BMFF it stands in the
/// sample entry.
#[derive(Clone, Debug, Default)]
pub struct Header {
    regions: Vec<Region>,
    rules: Vec<Rule>,
    /// Added to the times of cues: `X-TIMESTAMP-MAP`.
    shift: Micros,
}

/// Reads the cues of a file; each starts `offset` later than written. As the specification asks, a
/// malformed cue is skipped and the file goes on.
///
/// # Errors
/// [`Error::NotWebVtt`] when the signature is missing.
pub fn parse(data: &[u8], offset: Micros) -> Result<Vec<Cue>, Error> {
    let mut header = Header::default();
    let mut cues = Vec::new();
    read(data, &mut header, offset, &mut cues)?;
    Ok(cues)
}

impl Header {
    /// Reads the header that a `vttC` box holds.
    ///
    /// # Errors
    /// [`Error::NotWebVtt`] when the signature is missing.
    pub fn parse(data: &[u8]) -> Result<Self, Error> {
        let mut header = Self::default();
        read(data, &mut header, Micros(0), &mut Vec::new())?;
        Ok(header)
    }

    /// A cue out of its parts.
    #[must_use]
    pub fn cue(&self, id: &str, settings: &str, payload: &str, start: Micros, end: Micros) -> Cue {
        Cue {
            start,
            end,
            id: id.to_owned(),
            layout: settings::layout(settings, &self.regions),
            lines: markup::lines(payload, id, &self.rules),
            image: None,
            forced: false,
        }
    }
}

fn read(data: &[u8], header: &mut Header, offset: Micros, cues: &mut Vec<Cue>) -> Result<(), Error> {
    let text = String::from_utf8_lossy(data);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let rest = text.strip_prefix("WEBVTT").ok_or(Error::NotWebVtt)?;
    if !(rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r'])) {
        return Err(Error::NotWebVtt);
    }
    let mut lines = lines(rest).skip(1);
    // The header runs to the first blank line; a cue without one before it is tolerated.
    let mut pending = None;
    for line in lines.by_ref() {
        if line.is_empty() || line.contains("-->") {
            pending = Some(line);
            break;
        }
        if let Some(map) = line.strip_prefix("X-TIMESTAMP-MAP=") {
            header.shift = timestamp_map(map).unwrap_or(header.shift);
        }
    }
    let mut id = "";
    while let Some(line) = pending.take().or_else(|| lines.next()) {
        let named = |name| line.strip_prefix(name).is_some_and(|rest| rest.trim().is_empty());
        if !line.contains("-->") {
            if named("STYLE") || named("REGION") {
                let (block, next) = block(&mut lines);
                pending = next;
                if named("STYLE") {
                    css::parse(&block, &mut header.rules);
                } else if header.regions.len() < MAX_REGIONS {
                    header.regions.push(Region::parse(&block));
                }
                continue;
            }
            id = line;
            continue;
        }
        let named = std::mem::take(&mut id);
        let Some((start, end, settings)) = timing(line) else {
            continue;
        };
        let (payload, next) = block(&mut lines);
        pending = next;
        if end > start && cues.len() < MAX_CUES {
            let shift = header.shift.saturating_add(offset);
            let (start, end) = (start.saturating_add(shift), end.saturating_add(shift));
            cues.push(header.cue(named, settings, &payload, start, end));
        }
    }
    Ok(())
}

/// The lines up to a blank one, and the line that ended them if it is the timing of the next cue.
fn block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> (String, Option<&'a str>) {
    let mut text = String::new();
    for line in lines.by_ref() {
        if line.is_empty() {
            break;
        }
        if line.contains("-->") {
            return (text, Some(line));
        }
        if text.len().saturating_add(line.len()) < MAX_CUE_TEXT {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    }
    (text, None)
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
    let (seconds, minutes) = (num::whole(parts.next()?, 2)?, num::whole(parts.next()?, 2)?);
    let hours = parts.next().map_or(Some(0), |h| num::whole(h, 6))?;
    if parts.next().is_some() || seconds > 59 || minutes > 59 {
        return None;
    }
    Some(Micros(
        (((hours * 60 + minutes) * 60 + seconds) * 1000 + num::whole(millis, 3)?) * 1000,
    ))
}

/// `MPEGTS:900000,LOCAL:00:00:00.000`, its parts in any order: where the file's zero is in the media.
fn timestamp_map(map: &str) -> Option<Micros> {
    let (mut ticks, mut local) = (None, None);
    for part in map.split(',') {
        match part.trim().split_once(':')? {
            ("MPEGTS", value) => ticks = num::whole(value.trim(), 12),
            ("LOCAL", value) => local = timestamp(value.trim()),
            _ => {}
        }
    }
    Some(Micros::from_scaled(ticks?, 90_000).saturating_sub(local?))
}

#[cfg(test)]
mod tests;
