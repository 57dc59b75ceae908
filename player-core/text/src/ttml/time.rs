//! Time expressions (TTML2, 12.3) and what they are counted in.

use footlight_dash::Micros;

use super::tree::Tree;
use crate::num;

/// The document's `ttp:*` time parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Clock {
    /// Frames of a second as labelled.
    frames: i64,
    /// Effective frame rate = frames × multiplier.
    multiplier: (i64, i64),
    sub_frames: i64,
    ticks: i64,
    /// `timeBase="smpte"`: seconds count frames, not time.
    smpte: bool,
    /// Labels dropped a minute, none every tenth.
    dropped: i64,
}

impl Clock {
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let number = |name: &str| {
            let value = num::whole(tree.attribute(0, name)?, 9)?;
            (value > 0).then_some(value)
        };
        let given = number("frameRate");
        let sub_frames = number("subFrameRate").unwrap_or(1);
        let multiplier = tree.attribute(0, "frameRateMultiplier").and_then(|text| {
            let (above, below) = text.split_once([' ', ':'])?;
            let pair = (num::whole(above.trim(), 9)?, num::whole(below.trim(), 9)?);
            (pair.0 > 0 && pair.1 > 0).then_some(pair)
        });
        let frames = given.unwrap_or(30);
        let ticks = number("tickRate").unwrap_or(if given.is_some() {
            frames.saturating_mul(sub_frames)
        } else {
            1
        });
        Self {
            frames,
            multiplier: multiplier.unwrap_or((1, 1)),
            sub_frames,
            ticks,
            smpte: tree.attribute(0, "timeBase") == Some("smpte"),
            dropped: match tree.attribute(0, "dropMode") {
                Some("dropNTSC") => 2,
                Some("dropPAL") => 4,
                _ => 0,
            },
        }
    }

    /// `01:02:03.4`, `01:02:03:04.1`, `12.5s`, `300f`, `9000t`.
    pub(super) fn parse(&self, text: &str) -> Option<Micros> {
        let text = text.trim();
        if text.contains(':') {
            return self.parse_clock(text);
        }
        let (value, unit) = num::decimal(text, 6)?;
        let value = i128::from(value.max(0));
        let micros = match unit.trim() {
            "h" => value * 3_600,
            "m" => value * 60,
            "s" => value,
            "ms" => value / 1_000,
            "f" => self.frames_to_micros(value) / 1_000_000,
            "t" => value / i128::from(self.ticks),
            _ => return None,
        };
        Some(Micros(i64::try_from(micros).ok()?))
    }

    fn parse_clock(&self, text: &str) -> Option<Micros> {
        let mut parts = text.split(':');
        let (hours, minutes) = (num::whole(parts.next()?, 6)?, num::whole(parts.next()?, 2)?);
        let (seconds, rest) = num::decimal(parts.next()?, 6)?;
        let minutes = hours * 60 + minutes;
        let seconds = minutes * 60_000_000 + seconds;
        let Some(frames) = parts.next() else {
            return rest.is_empty().then(|| self.seconds(minutes, seconds, 0));
        };
        // Frames, and subframes after a point.
        let (frames, sub) = frames.split_once('.').unwrap_or((frames, "0"));
        let frames = num::whole(frames, 6)? * 1_000_000 + num::whole(sub, 6)? * 1_000_000 / self.sub_frames;
        (rest.is_empty() && parts.next().is_none()).then(|| self.seconds(minutes, seconds, frames))
    }

    /// Seconds and frames in millionths.
    fn seconds(&self, minutes: i64, seconds: i64, frames: i64) -> Micros {
        let (seconds, frames) = (i128::from(seconds), i128::from(frames));
        let micros = if self.smpte {
            let dropped = i128::from(self.dropped) * i128::from(minutes - minutes / 10);
            self.frames_to_micros(seconds * i128::from(self.frames) + frames - dropped * 1_000_000) / 1_000_000
        } else {
            seconds + self.frames_to_micros(frames) / 1_000_000
        };
        Micros(i64::try_from(micros.max(0)).unwrap_or(i64::MAX))
    }

    fn frames_to_micros(&self, frames: i128) -> i128 {
        let (above, below) = self.multiplier;
        frames * 1_000_000 * i128::from(below) / (i128::from(self.frames) * i128::from(above))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(attributes: &str, cases: &[(&str, i64)]) {
        let text = format!("<tt {attributes}/>");
        let clock = Clock::of(&Tree::parse(&text).unwrap());
        for (text, micros) in cases {
            assert_eq!(clock.parse(text), Some(Micros(*micros)), "{text} with {attributes}");
        }
        for bad in ["", "1", "1:2", "a:b:c", "00:00:01x", "00:00:01:02:03", "1w"] {
            assert_eq!(clock.parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn expressions_of_all_kinds() {
        read(
            "",
            &[
                ("01:02:03.4", 3_723_400_000),
                ("00:00:01:15", 1_500_000),
                ("12.5s", 12_500_000),
                ("1.5h", 5_400_000_000),
                ("2m", 120_000_000),
                ("40ms", 40_000),
                ("30f", 1_000_000),
                ("7t", 7_000_000),
            ],
        );
        read(
            "ttp:frameRate='24' ttp:frameRateMultiplier='1000 1001' ttp:tickRate='10000000'",
            &[("24f", 1_001_000), ("00:00:00:12", 500_500), ("15000000t", 1_500_000)],
        );
        read(
            "frameRate='25' subFrameRate='2'",
            &[("50t", 1_000_000), ("00:00:00:00.1", 20_000)],
        );
    }

    #[test]
    fn smpte_labels_count_frames() {
        read(
            "timeBase='smpte' frameRate='30' frameRateMultiplier='1000 1001' dropMode='dropNTSC'",
            &[("00:01:00:02", 60_060_000), ("00:10:00:00", 599_999_400)],
        );
        read("timeBase='smpte' frameRate='25'", &[("10:00:00:05", 36_000_200_000)]);
    }
}
