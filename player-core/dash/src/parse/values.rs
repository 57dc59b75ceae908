//! Attributes read in place.

use super::{Reader, raw::Text};
use crate::{ByteRange, ContentType, Descriptor, FULL, Micros, scan::trimmed, xsd};
use std::str::FromStr;

impl<'a> Reader<'a> {
    /// What a player does not act on: read only with the feature `full`.
    pub(super) fn detail<T: Default>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        if FULL { read(self) } else { T::default() }
    }

    /// An attribute as written, trimmed.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        Some(self.scan.attribute(name)?.value.trim_ascii())
    }

    /// An attribute of another namespace, whatever its prefix.
    pub(super) fn foreign(&mut self, local: &str) -> Option<Text<'a>> {
        let found = self.scan.attributes().iter().find_map(|attribute| {
            let prefix = attribute.name.strip_suffix(local)?.strip_suffix(':')?;
            (prefix != "xmlns").then_some((*attribute, prefix))
        });
        let (attribute, prefix) = found?;
        if !self.scan.is_bound(prefix) {
            self.scan.report.add(attribute.start, "xml.unbound-prefix", prefix);
        }
        Some(trimmed(self.scan.unescape(attribute.value, attribute.start)))
    }

    /// An attribute's text, none when empty.
    pub(super) fn text(&mut self, name: &str) -> Option<Text<'a>> {
        let attribute = self.scan.attribute(name)?;
        let (value, start) = (attribute.value, attribute.start);
        Some(trimmed(self.scan.unescape(value, start))).filter(|text| !text.is_empty())
    }

    pub(super) fn owned(&mut self, name: &str) -> Option<String> {
        self.text(name).map(Text::into_owned)
    }

    /// Says that an attribute of the element at hand is none of what it must be, and counts as absent.
    pub(super) fn invalid(&mut self, name: &str) {
        let at = self.scan.attribute(name).map_or(0, |attribute| attribute.start);
        self.scan.report.add(at, "attribute.invalid", name);
    }

    fn valid<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = read(self.raw(name)?);
        if value.is_none() {
            self.invalid(name);
        }
        value
    }

    pub(super) fn number<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.valid(name, |text| text.parse().ok())
    }

    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        self.valid(name, |text| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// A decimal number in thousandths.
    pub(super) fn thousandths(&mut self, name: &str) -> Option<u32> {
        self.valid(name, |text| u32::try_from(decimal(text, 3)?).ok())
    }

    /// Seconds as a decimal number; [`Micros::MAX`] for infinity.
    pub(super) fn seconds(&mut self, name: &str) -> Option<Micros> {
        self.valid(name, |text| match text {
            "INF" | "+INF" => Some(Micros::MAX),
            _ => decimal(text, 6).map(Micros),
        })
    }

    /// A duration that is not negative.
    pub(super) fn duration(&mut self, name: &str) -> Option<Micros> {
        self.valid(name, |text| {
            let duration = xsd::parse_duration(text).ok();
            duration.filter(|duration| *duration >= Micros::ZERO)
        })
    }

    pub(super) fn date(&mut self, name: &str) -> Option<Micros> {
        self.valid(name, |text| xsd::parse_date_time(text).ok())
    }

    /// Two numbers with a sign between them.
    pub(super) fn pair(&mut self, name: &str, sign: char) -> Option<(u32, u32)> {
        self.valid(name, |text| {
            let (first, second) = text.split_once(sign)?;
            let pair = (first.trim_ascii().parse().ok()?, second.trim_ascii().parse().ok()?);
            (pair.0 > 0 && pair.1 > 0).then_some(pair)
        })
    }

    /// `25` or `30000/1001`.
    pub(super) fn frame_rate(&mut self, name: &str) -> Option<(u32, u32)> {
        self.valid(name, frame_rate)
    }

    pub(super) fn range(&self, name: &str) -> Option<ByteRange> {
        byte_range(self.raw(name)?)
    }

    /// A list of words.
    pub(super) fn words(&mut self, name: &str) -> Vec<String> {
        match self.text(name) {
            Some(text) => words(&text).map(str::to_owned).collect(),
            None => Vec::new(),
        }
    }

    /// A list of numbers.
    pub(super) fn numbers(&mut self, name: &str) -> Vec<u32> {
        let Some(text) = self.raw(name) else {
            return Vec::new();
        };
        let numbers: Vec<u32> = numbers(text).collect();
        if words(text).count() != numbers.len() {
            self.invalid(name);
        }
        numbers
    }
}

/// Words parted by blanks or commas.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', '\n', '\r', ',']).filter(|word| !word.is_empty())
}

pub(super) fn numbers(text: &str) -> impl Iterator<Item = u32> {
    words(text).filter_map(|word| word.parse().ok())
}

/// A decimal number times ten to the power of `digits`, the digits after that dropped.
pub(super) fn decimal(text: &str, digits: u32) -> Option<i64> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (number, is_negative) = match number.strip_prefix('-') {
        Some(number) => (number, true),
        None => (number.strip_prefix('+').unwrap_or(number), false),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exponent: i64 = exponent.parse().ok().filter(|exponent| (-30..=30).contains(exponent))?;
    // Digits from here on count.
    let wanted = usize::try_from(
        exponent
            .saturating_add(i64::from(digits))
            .saturating_add(whole.len() as i64),
    )
    .ok();
    let zeros = std::iter::repeat_n(b'0', 64);
    let mut sum: i64 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
    }
    for digit in whole
        .bytes()
        .chain(fraction.bytes())
        .chain(zeros)
        .take(wanted.unwrap_or(0))
    {
        sum = sum
            .checked_mul(10)?
            .checked_add(i64::from(digit.saturating_sub(b'0')))?;
    }
    Some(if is_negative { sum.saturating_neg() } else { sum })
}

/// `first-last`, or `first-` for all from there on.
pub(super) fn byte_range(text: &str) -> Option<ByteRange> {
    let (start, end) = text.trim_ascii().split_once('-')?;
    let start = start.parse().ok()?;
    let end: Option<u64> = if end.is_empty() { None } else { Some(end.parse().ok()?) };
    end.is_none_or(|end| end >= start).then_some(ByteRange { start, end })
}

fn frame_rate(text: &str) -> Option<(u32, u32)> {
    let (frames, seconds) = text.split_once('/').unwrap_or((text, "1"));
    let rate = (frames.parse().ok()?, seconds.parse().ok()?);
    (rate.0 > 0 && rate.1 > 0).then_some(rate)
}

/// One rate or two, lowest and highest.
pub(super) fn sample_rate(text: &str) -> Option<u32> {
    numbers(text).max()
}

const TILE: [&str; 2] = [
    "http://dashif.org/guidelines/thumbnail_tile",
    "http://dashif.org/thumbnail_tile",
];

/// EssentialProperty schemes that this crate acts on or hands on as data, or that change nothing for a player.
const KNOWN_ESSENTIAL: [&str; 13] = [
    TILE[0],
    TILE[1],
    crate::model::TRICK_MODE,
    "urn:mpeg:dash:ssr:2023",
    "urn:mpeg:dash:pattern:2024",
    "urn:mpeg:dash:urlparam:2014",
    "urn:mpeg:dash:urlparam:2016",
    "urn:mpeg:dash:urlparam:2025",
    "urn:mpeg:dash:preselection:2016",
    "urn:mpeg:dash:adaptation-set-switching:2016",
    "urn:mpeg:dash:period-continuity:2015",
    "urn:mpeg:dash:period-connectivity:2015",
    "http://dashif.org/guidelines/last-segment-number",
];

/// The first unknown EssentialProperty that excludes what carries it. Of properties with the same id, one that is
/// known is enough.
pub(super) fn unknown_essential(essential: &[Descriptor]) -> Option<&Descriptor> {
    let is_known = |property: &Descriptor| {
        KNOWN_ESSENTIAL.contains(&property.scheme.as_str()) || property.scheme.starts_with("urn:mpeg:mpegB:cicp:")
    };
    essential.iter().find(|property| {
        let same = |other: &&Descriptor| property.id.is_some() && other.id == property.id;
        !is_known(property) && !essential.iter().filter(same).any(is_known)
    })
}

/// Columns and rows of thumbnails in an image.
pub(super) fn tile(properties: &[Descriptor]) -> Option<(u32, u32)> {
    let tile = properties
        .iter()
        .find(|property| TILE.contains(&property.scheme.as_str()))?;
    let (columns, rows) = tile.value.split_once('x')?;
    let tile = (columns.trim_ascii().parse().ok()?, rows.trim_ascii().parse().ok()?);
    (tile.0 > 0 && tile.1 > 0).then_some(tile)
}

/// Channels by ISO/IEC 23091-3 ChannelConfiguration.
const CICP_CHANNELS: [u32; 21] = [0, 1, 2, 3, 4, 5, 6, 8, 2, 3, 4, 7, 8, 24, 8, 12, 10, 12, 14, 12, 14];

/// Bits of Dolby's channel map that stand for a pair of loudspeakers.
const DOLBY_PAIRS: u32 = 0x0674;

/// The number of channels that an AudioChannelConfiguration tells, zero when it is not understood.
pub(super) fn channels(configuration: &Descriptor) -> u32 {
    let value = configuration.value.as_str();
    match configuration.scheme.as_str() {
        "urn:mpeg:dash:23003:3:audio_channel_configuration:2011" | "urn:dts:dash:audio_channel_configuration:2012" => {
            value.parse().unwrap_or(0)
        }
        "urn:mpeg:mpegB:cicp:ChannelConfiguration" => value
            .parse()
            .ok()
            .and_then(|at: usize| CICP_CHANNELS.get(at).copied())
            .unwrap_or(0),
        "tag:dolby.com,2014:dash:audio_channel_configuration:2011"
        | "urn:dolby:dash:audio_channel_configuration:2011" => {
            let map = u32::from_str_radix(value, 16).unwrap_or(0) & 0xFFFF;
            map.count_ones().saturating_add((map & DOLBY_PAIRS).count_ones())
        }
        _ => 0,
    }
}

/// What `@contentType` says, or the media type, or the codecs.
pub(super) fn content_type(told: Option<&str>, mime_type: &str, codecs: &str) -> ContentType {
    let by_name = |name: &str| match name {
        "video" => ContentType::Video,
        "audio" => ContentType::Audio,
        "text" => ContentType::Text,
        "image" => ContentType::Image,
        _ => ContentType::Other,
    };
    let told = by_name(told.unwrap_or_default());
    if told != ContentType::Other {
        return told;
    }
    if mime_type == "application/ttml+xml" {
        return ContentType::Text;
    }
    let by_type = by_name(mime_type.split('/').next().unwrap_or_default());
    if by_type != ContentType::Other {
        return by_type;
    }
    let codec = codecs.split([',', '.']).next().unwrap_or_default().trim_ascii();
    match codec {
        "stpp" | "wvtt" | "c608" | "c708" => ContentType::Text,
        "mp4a" | "ac-3" | "ec-3" | "ac-4" | "Opus" | "opus" | "fLaC" | "flac" | "dtsc" | "dtse" | "dtsx" | "mhm1" => {
            ContentType::Audio
        }
        "avc1" | "avc3" | "hvc1" | "hev1" | "vp8" | "vp9" | "vp08" | "vp09" | "av01" | "vvc1" | "vvi1" | "dvh1"
        | "dvhe" => ContentType::Video,
        _ => ContentType::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        assert_eq!(
            byte_range("0-99"),
            Some(ByteRange {
                start: 0,
                end: Some(99)
            })
        );
        assert_eq!(byte_range(" 7- "), Some(ByteRange { start: 7, end: None }));
        for text in ["", "-", "-5", "9-8", "a-b", "1", "0-99,200-"] {
            assert_eq!(byte_range(text), None, "{text}");
        }
        assert_eq!(frame_rate("30000/1001"), Some((30_000, 1001)));
        assert_eq!(
            (frame_rate("25"), frame_rate("0"), frame_rate("25/0"), frame_rate("x")),
            (Some((25, 1)), None, None, None)
        );
        assert_eq!(
            (sample_rate("48000"), sample_rate("44100 48000"), sample_rate("x")),
            (Some(48_000), Some(48_000), None)
        );
    }

    #[test]
    fn channels_are_counted() {
        let count = |scheme: &str, value: &str| {
            channels(&Descriptor {
                scheme: scheme.to_owned(),
                value: value.to_owned(),
                id: None,
            })
        };
        assert_eq!(count("urn:mpeg:dash:23003:3:audio_channel_configuration:2011", "6"), 6);
        assert_eq!(count("urn:mpeg:mpegB:cicp:ChannelConfiguration", "7"), 8);
        assert_eq!(count("urn:mpeg:mpegB:cicp:ChannelConfiguration", "99"), 0);
        assert_eq!(
            count("tag:dolby.com,2014:dash:audio_channel_configuration:2011", "F801"),
            6
        );
        assert_eq!(count("urn:dolby:dash:audio_channel_configuration:2011", "FA01"), 8);
        assert_eq!(count("urn:else", "2"), 0);
    }

    #[test]
    fn content_is_told_by_type_or_codecs() {
        let cases = [
            ((Some("audio"), "video/mp4", ""), ContentType::Audio),
            ((None, "video/mp4", "mp4a.40.2"), ContentType::Video),
            ((None, "application/mp4", "stpp.ttml.im1t"), ContentType::Text),
            ((None, "application/ttml+xml", ""), ContentType::Text),
            ((None, "application/mp4", "avc1.64001e"), ContentType::Video),
            ((Some("application"), "image/jpeg", ""), ContentType::Image),
            ((None, "application/x", ""), ContentType::Other),
        ];
        for ((told, mime_type, codecs), expected) in cases {
            assert_eq!(content_type(told, mime_type, codecs), expected);
        }
    }
}
