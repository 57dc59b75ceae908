//! Attributes and descriptors read.

use super::Context;
use crate::{ByteRange, ContentType, Descriptor, Label, Micros, model::TRICK_MODE, xml::Element};
use std::str::FromStr;

/// The most descriptors of one kind read of one element.
pub(super) const MAX_DESCRIPTORS: usize = 128;

const TILE: [&str; 2] = [
    "http://dashif.org/guidelines/thumbnail_tile",
    "http://dashif.org/thumbnail_tile",
];

/// EssentialProperty schemes that this player handles, or that change nothing for it.
const KNOWN_ESSENTIAL: [&str; 7] = [
    TILE[0],
    TILE[1],
    TRICK_MODE,
    "urn:mpeg:mpegB:cicp:ColourPrimaries",
    "urn:mpeg:mpegB:cicp:TransferCharacteristics",
    "urn:mpeg:mpegB:cicp:MatrixCoefficients",
    "urn:mpeg:mpegB:cicp:VideoFullRangeFlag",
];

impl<'d> Context<'d> {
    /// The attribute as a number; one that is none is reported and counts as absent.
    pub(super) fn number<T: FromStr>(&mut self, element: Element<'d>, name: &str) -> Option<T> {
        let text = element.attribute(name)?;
        let number = text.trim_ascii().parse().ok();
        if number.is_none() {
            self.report.add(
                element.offset(),
                "attribute.invalid",
                format!("@{name} is not a number in its range"),
            );
        }
        number
    }

    /// The first unknown EssentialProperty that excludes what carries it. Of properties with the same id, one
    /// that is known is enough.
    pub(super) fn unknown_essential(essential: &[Descriptor]) -> Option<&Descriptor> {
        let is_known = |property: &Descriptor| KNOWN_ESSENTIAL.contains(&property.scheme.as_str());
        essential.iter().find(|property| {
            let same = |other: &&Descriptor| property.id.is_some() && other.id == property.id;
            !is_known(property) && !essential.iter().filter(same).any(is_known)
        })
    }
}

pub(super) fn text(element: Element<'_>, name: &str) -> Option<String> {
    element
        .attribute(name)
        .map(|text| text.trim_ascii().to_owned())
        .filter(|text| !text.is_empty())
}

/// A decimal number in thousandths.
pub(super) fn thousandths(element: Element<'_>, name: &str) -> Option<u32> {
    decimal(element, name, 3).and_then(|number| u32::try_from(number).ok())
}

/// Seconds as a decimal number; [`Micros::MAX`] for `INF`.
pub(super) fn decimal_seconds(element: Element<'_>, name: &str) -> Option<Micros> {
    if element.attribute(name)?.trim_ascii() == "INF" {
        return Some(Micros::MAX);
    }
    decimal(element, name, 6).map(Micros)
}

/// A decimal number times ten to the power of `digits`, the digits after that dropped.
fn decimal(element: Element<'_>, name: &str, digits: usize) -> Option<i64> {
    let text = element.attribute(name)?;
    let text = text.trim_ascii();
    let (text, sign) = text.strip_prefix('-').map_or((text, 1), |text| (text, -1));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut sum: i64 = 0;
    for digit in whole
        .bytes()
        .chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(digits))
    {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10)?;
        sum = sum.checked_mul(10)?.checked_add(i64::from(digit))?;
    }
    Some(sum.saturating_mul(sign))
}

/// A list of words.
pub(super) fn list(element: Element<'_>, name: &str, separator: char) -> Vec<String> {
    let text = element.attribute(name).unwrap_or_default();
    let words = text
        .split(separator)
        .map(str::trim_ascii)
        .filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

pub(super) fn boolean(element: Element<'_>, name: &str) -> Option<bool> {
    element
        .attribute(name)
        .map(|text| matches!(text.trim_ascii(), "true" | "1"))
}

pub(super) fn descriptor(element: Element<'_>) -> Descriptor {
    Descriptor {
        scheme: text(element, "schemeIdUri").unwrap_or_default(),
        value: text(element, "value").unwrap_or_default(),
        id: text(element, "id"),
    }
}

pub(super) fn descriptors(element: Element<'_>, name: &'static str) -> Vec<Descriptor> {
    element.named(name).take(MAX_DESCRIPTORS).map(descriptor).collect()
}

pub(super) fn labels(element: Element<'_>) -> Vec<Label> {
    let read = |label: Element<'_>| Label {
        id: text(label, "id").and_then(|id| id.parse().ok()).unwrap_or(0),
        lang: text(label, "lang"),
        text: label.text().to_owned(),
    };
    element.named("Label").take(MAX_DESCRIPTORS).map(read).collect()
}

/// `first-last`, or `first-` for all from there on.
pub(super) fn byte_range(text: &str) -> Option<ByteRange> {
    let (start, end) = text.trim_ascii().split_once('-')?;
    let start = start.parse().ok()?;
    let end: Option<u64> = if end.is_empty() { None } else { Some(end.parse().ok()?) };
    end.is_none_or(|end| end >= start).then_some(ByteRange { start, end })
}

/// `25` or `30000/1001`.
pub(super) fn frame_rate(text: &str) -> Option<(u32, u32)> {
    let (frames, seconds) = text.trim_ascii().split_once('/').unwrap_or((text.trim_ascii(), "1"));
    let rate = (frames.parse().ok()?, seconds.parse().ok()?);
    (rate.0 > 0 && rate.1 > 0).then_some(rate)
}

/// One rate or two, lowest and highest.
pub(super) fn sample_rate(text: &str) -> Option<u32> {
    text.split_ascii_whitespace().filter_map(|rate| rate.parse().ok()).max()
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
