//! What text tracks hold, and what is said about them.

use footlight_dash::{AdaptationSet, Descriptor, Representation};

const CEA_608: &str = "urn:scte:dash:cc:cea-608:2015";
const CEA_708: &str = "urn:scte:dash:cc:cea-708:2015";

/// How a host reads cues out of a track's segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextFormat {
    /// WebVTT files.
    WebVtt,
    /// WebVTT in ISO BMFF.
    Wvtt,
    /// TTML documents.
    Ttml,
    /// TTML in ISO BMFF.
    Stpp,
    /// CEA-608 captions in video segments: channel 1 to 4.
    Cea608(u8),
    /// CEA-708 captions in video segments: service 1 to 63.
    Cea708(u8),
}

impl TextFormat {
    /// The format of a text representation; none when it is one that nobody reads.
    pub(crate) fn of(rep: &Representation) -> Option<Self> {
        match rep.mime_type.as_str() {
            "text/vtt" => Some(Self::WebVtt),
            "application/ttml+xml" => Some(Self::Ttml),
            _ if rep.codecs.starts_with("wvtt") => Some(Self::Wvtt),
            _ if rep.codecs.starts_with("stpp") => Some(Self::Stpp),
            _ => None,
        }
    }

    /// What it is called, and the number of its channel or service: `cea608`, 1.
    #[must_use]
    pub const fn name(self) -> (&'static str, u8) {
        match self {
            Self::WebVtt => ("vtt", 0),
            Self::Wvtt => ("wvtt", 0),
            Self::Ttml => ("ttml", 0),
            Self::Stpp => ("stpp", 0),
            Self::Cea608(channel) => ("cea608", channel),
            Self::Cea708(service) => ("cea708", service),
        }
    }

    /// Whether it travels in video segments.
    pub(crate) const fn is_in_video(self) -> bool {
        matches!(self, Self::Cea608(_) | Self::Cea708(_))
    }
}

/// What a text track is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextKind {
    /// What is said, for those who do not understand it.
    Subtitles,
    /// What there is to hear, for those who do not hear it.
    Captions,
    /// What those need who understand the rest of the sound: shown when subtitles are off.
    Forced,
}

impl TextKind {
    /// The kind of a set with these roles, in both spellings that are about.
    pub(crate) fn of(roles: &[String]) -> Self {
        let is = |name: &str| roles.iter().any(|role| role == name);
        if is("forced-subtitle") || is("forced_subtitle") {
            Self::Forced
        } else if is("caption") {
            Self::Captions
        } else {
            Self::Subtitles
        }
    }

    /// The name hosts show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subtitles => "subtitles",
            Self::Captions => "captions",
            Self::Forced => "forced",
        }
    }
}

/// The captions that a video set carries, with their languages (ANSI/SCTE 214-1, 7.4).
pub(crate) fn captions(set: &AdaptationSet) -> Vec<(TextFormat, String)> {
    let mut found = Vec::new();
    for descriptor in &set.accessibility {
        match descriptor.scheme.as_str() {
            CEA_608 => services(descriptor, |number| {
                // `CC1=eng;CC3=spa`, or the languages of the first channels of the two fields.
                let channel = match number {
                    Number::Named(name) => small(name.strip_prefix("CC")?)?,
                    Number::At(0) => 1,
                    Number::At(1) => 3,
                    Number::At(_) => return None,
                };
                (1..=4).contains(&channel).then_some(TextFormat::Cea608(channel))
            })
            .for_each(|service| found.push(service)),
            CEA_708 => services(descriptor, |number| {
                // `1=lang:eng;2=lang:deu,war:1,er:1`, or the languages of the services from the first one on.
                let service = match number {
                    Number::Named(name) => small(name)?,
                    Number::At(at) => u8::try_from(at).ok()?.checked_add(1)?,
                };
                (1..=63).contains(&service).then_some(TextFormat::Cea708(service))
            })
            .for_each(|service| found.push(service)),
            _ => {}
        }
    }
    found
}

/// By way of a type whose reading there is code for already.
fn small(text: &str) -> Option<u8> {
    text.parse::<u32>().ok()?.try_into().ok()
}

/// How a descriptor names a service.
enum Number<'a> {
    Named(&'a str),
    At(usize),
}

/// Most services of one descriptor.
const MAX_SERVICES: usize = 16;

fn services<'a>(
    descriptor: &'a Descriptor,
    format: impl Fn(Number<'a>) -> Option<TextFormat> + 'a,
) -> impl Iterator<Item = (TextFormat, String)> {
    let parts = descriptor.value.split(';').take(MAX_SERVICES).enumerate();
    parts.filter_map(move |(at, part)| {
        let (number, about) = match part.split_once('=') {
            Some((name, about)) => (Number::Named(name.trim_ascii()), about),
            None => (Number::At(at), part),
        };
        let language = about.split(',').next().unwrap_or_default().trim_ascii();
        let language = language.strip_prefix("lang:").unwrap_or(language);
        Some((format(number)?, short(language).to_owned()))
    })
}

/// The two letters of BCP 47 for the three of ISO 639-2, as far as captions are likely to have them.
fn short(language: &str) -> &str {
    const NAMES: [(&str, &str); 14] = [
        ("eng", "en"),
        ("spa", "es"),
        ("fra", "fr"),
        ("fre", "fr"),
        ("deu", "de"),
        ("ger", "de"),
        ("ita", "it"),
        ("por", "pt"),
        ("jpn", "ja"),
        ("kor", "ko"),
        ("zho", "zh"),
        ("chi", "zh"),
        ("swe", "sv"),
        ("nld", "nl"),
    ];
    NAMES
        .iter()
        .find(|(three, _)| *three == language)
        .map_or(language, |(_, two)| two)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(accessibility: &str) -> AdaptationSet {
        let text = format!(
            r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT4S"><Period>
            <AdaptationSet mimeType="video/mp4" codecs="avc1.64001f">{accessibility}
            <SegmentTemplate media="$Number$" duration="2"/><Representation id="v" bandwidth="1"/></AdaptationSet></Period></MPD>"#
        );
        let parsed = footlight_dash::parse(&text, "https://a.example/").expect("a manifest");
        parsed.presentation.periods[0].adaptation_sets[0].clone()
    }

    fn told(scheme: &str, value: &str) -> Vec<(TextFormat, String)> {
        captions(&set(&format!(
            r#"<Accessibility schemeIdUri="urn:scte:dash:cc:{scheme}:2015" value="{value}"/>"#
        )))
    }

    #[test]
    fn services_are_read_in_all_forms() {
        let named = |all: &[(TextFormat, &str)]| all.iter().map(|(f, l)| (*f, (*l).to_owned())).collect::<Vec<_>>();
        use TextFormat::{Cea608, Cea708};
        let cases = [
            (
                "cea-608",
                "CC1=eng;CC3=swe",
                named(&[(Cea608(1), "en"), (Cea608(3), "sv")]),
            ),
            ("cea-608", "eng;spa;ita", named(&[(Cea608(1), "en"), (Cea608(3), "es")])),
            ("cea-608", "", named(&[(Cea608(1), "")])),
            ("cea-608", "CC5=eng;x=y", vec![]),
            (
                "cea-708",
                "1=lang:eng;2=lang:deu,war:1,er:1",
                named(&[(Cea708(1), "en"), (Cea708(2), "de")]),
            ),
            ("cea-708", "eng;fin", named(&[(Cea708(1), "en"), (Cea708(2), "fin")])),
            ("cea-708", "0=lang:eng;64=lang:eng", vec![]),
        ];
        for (scheme, value, expected) in cases {
            assert_eq!(told(scheme, value), expected, "{scheme} {value}");
        }
    }

    #[test]
    fn roles_tell_the_kind() {
        let kind = |role: &str| TextKind::of(&[role.to_owned()]);
        assert_eq!(kind("forced_subtitle"), TextKind::Forced);
        assert_eq!(kind("forced-subtitle"), TextKind::Forced);
        assert_eq!(kind("caption"), TextKind::Captions);
        assert_eq!(kind("main"), TextKind::Subtitles);
    }
}
