//! WebVTT of one loop, repeated: cues moved in time, everything else as it was.

use crate::text::Moment;
use std::fmt::Write as _;

/// A cue: its times in milliseconds, its settings, its lines.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Cue {
    id: Option<String>,
    start: u64,
    end: u64,
    settings: String,
    text: String,
}

/// A parsed WebVTT file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Cues {
    /// STYLE, REGION and NOTE blocks before the first cue.
    preamble: String,
    cues: Vec<Cue>,
}

impl Cues {
    /// Reads a file; none when it is not WebVTT. Blocks that are no cues are kept only before the first cue.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let mut blocks = text.split("\n\n").map(|block| block.trim_matches('\n'));
        let head = blocks.next()?;
        if !head.starts_with("WEBVTT") {
            return None;
        }
        let mut cues = Self::default();
        for block in blocks.filter(|block| !block.is_empty()) {
            if let Some(cue) = parse_cue(block) {
                cues.cues.push(cue);
            } else if cues.cues.is_empty() {
                cues.preamble.push_str(block);
                cues.preamble.push_str("\n\n");
            }
        }
        Some(cues)
    }

    /// `duration_ms` of the cues repeated every `loop_ms`, from `offset_ms` on, which becomes time zero.
    pub(crate) fn repeat(&self, loop_ms: u64, offset_ms: u64, duration_ms: u64) -> String {
        let mut out = format!("WEBVTT\n\n{}", self.preamble);
        let end = offset_ms + duration_ms;
        for turn in offset_ms / loop_ms..end.div_ceil(loop_ms) {
            let shift = turn * loop_ms;
            for cue in &self.cues {
                let start = shift + cue.start.max(offset_ms.saturating_sub(shift));
                let until = (shift + cue.end.min(loop_ms)).min(end);
                if start < until {
                    cue.write(&mut out, turn, shift, offset_ms, start..until);
                }
            }
        }
        out
    }

    /// The cues shown between two times of the loop repeated every `loop_ms`, whole but for the loop's ends.
    pub(crate) fn between(&self, loop_ms: u64, from: u64, to: u64) -> Vec<Moment> {
        let turns = from / loop_ms..to.div_ceil(loop_ms);
        let cues = turns.flat_map(|turn| self.cues.iter().map(move |cue| (turn * loop_ms, cue)));
        let moments = cues.map(|(shift, cue)| Moment {
            start: shift + cue.start,
            end: shift + cue.end.min(loop_ms),
            settings: cue.settings.clone(),
            text: cue.text.clone(),
        });
        moments
            .filter(|moment| moment.start < moment.end && moment.start < to && moment.end > from)
            .collect()
    }

    /// Bits per second of the repeated text, rounded up.
    pub(crate) fn bitrate(&self, loop_ms: u64) -> u64 {
        let bytes = self.repeat(loop_ms, 0, loop_ms).len() as u64;
        (bytes * 8 * 1000).div_ceil(loop_ms.max(1))
    }
}

impl Cue {
    fn write(&self, out: &mut String, turn: u64, shift: u64, offset: u64, times: std::ops::Range<u64>) {
        // Writing to a string does not fail.
        if let Some(id) = &self.id {
            let _ = writeln!(out, "{id}-{turn}");
        }
        let (start, end) = (stamp(times.start - offset), stamp(times.end - offset));
        let settings = &self.settings;
        let text = move_stamps(&self.text, shift, offset);
        let _ = writeln!(out, "{start} --> {end}{settings}\n{text}\n");
    }
}

fn parse_cue(block: &str) -> Option<Cue> {
    let (id, rest) = match block.split_once('\n') {
        Some((first, rest)) if !first.contains("-->") => (Some(first.to_owned()), rest),
        _ => (None, block),
    };
    let (timing, text) = rest.split_once('\n').unwrap_or((rest, ""));
    let (start, rest) = timing.split_once("-->")?;
    let rest = rest.trim_start();
    let (end, settings) = rest.split_at(rest.find([' ', '\t']).unwrap_or(rest.len()));
    let (start, end) = (parse_stamp(start.trim())?, parse_stamp(end)?);
    let settings = match settings.trim() {
        "" => String::new(),
        settings => format!(" {settings}"),
    };
    Some(Cue {
        id,
        start,
        end,
        settings,
        text: text.to_owned(),
    })
}

/// `mm:ss.mmm` or `h…h:mm:ss.mmm`.
fn parse_stamp(text: &str) -> Option<u64> {
    let (clock, millis) = text.split_once('.')?;
    let number = |digits: &str| {
        let sound = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        sound.then(|| digits.parse::<u64>().ok()).flatten()
    };
    let millis = (millis.len() == 3).then(|| number(millis)).flatten()?;
    let mut total = 0;
    let parts: Vec<_> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in parts {
        total = total * 60 + number(part)?;
    }
    Some(total * 1000 + millis)
}

fn stamp(ms: u64) -> String {
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{ms:03}")
}

/// Moves the timestamps inside a cue's text, which say when each part of it is spoken.
fn move_stamps(text: &str, shift: u64, offset: u64) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        out.push('<');
        rest = tag;
        if let Some((inside, after)) = tag.split_once('>')
            && let Some(time) = parse_stamp(inside)
        {
            out.push_str(&stamp((shift + time).saturating_sub(offset)));
            out.push('>');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\u{feff}WEBVTT - test\r\nKind: captions\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n\
        first\r\n00:01.000 --> 00:03.500 line:80% align:start\r\n<v Ann>Hello <00:02.000><i>you</i>\r\nthere\r\n\r\n\
        NOTE aside\r\n\r\n00:00:15.000 --> 00:00:18.000\r\nLate\r\n";

    #[test]
    fn cues_repeat_with_all_that_belongs_to_them() {
        let text = Cues::parse(FILE).unwrap().repeat(16_000, 0, 40_000);
        let expected = "WEBVTT\n\nSTYLE\n::cue { color: red }\n\n\
            first-0\n00:00:01.000 --> 00:00:03.500 line:80% align:start\n<v Ann>Hello <00:00:02.000><i>you</i>\nthere\n\n\
            00:00:15.000 --> 00:00:16.000\nLate\n\n\
            first-1\n00:00:17.000 --> 00:00:19.500 line:80% align:start\n<v Ann>Hello <00:00:18.000><i>you</i>\nthere\n\n\
            00:00:31.000 --> 00:00:32.000\nLate\n\n\
            first-2\n00:00:33.000 --> 00:00:35.500 line:80% align:start\n<v Ann>Hello <00:00:34.000><i>you</i>\nthere\n\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_presentation_may_start_anywhere() {
        let text = Cues::parse(FILE).unwrap().repeat(16_000, 7_202_000, 2000);
        assert!(text.contains("first-450\n00:00:00.000 --> 00:00:01.500"), "{text}");
        assert_eq!(text.matches("-->").count(), 1);
    }

    #[test]
    fn hours_are_written() {
        let text = Cues::parse(FILE).unwrap().repeat(16_000, 0, 86_400_000);
        assert!(text.contains("23:59:59.000 --> 24:00:00.000"));
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(Cues::parse("1\n00:00:01,000 --> 00:00:02,000\nsrt"), None);
        assert_eq!(Cues::parse(""), None);
    }
}
