//! Timed events, from the manifest and from segments, with what they carry decoded.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod fields;
pub mod id3;
pub mod scte35;

use footlight_dash::{Event, EventData, EventStream, Micros, xsd};
use footlight_isobmff::events::{EventMessage, EventTime};

/// Scheme of the events with which a live service tells clients about its manifest.
pub(crate) const MPD_EVENT: &str = "urn:mpeg:dash:event:2012";
/// Scheme of the events that ask for a request to be sent.
pub(crate) const CALLBACK: &str = "urn:mpeg:dash:event:callback:2015";
/// What the schemes of SCTE 35 start with.
const SCTE35: &str = "urn:scte:scte35:";
/// Schemes of ID3 tags.
const ID3: [&str; 3] = [
    "https://aomedia.org/emsg/ID3",
    "https://developer.apple.com/streaming/emsg-id3",
    "http://www.id3.org/",
];

/// Something that happens at a time of the presentation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimedEvent {
    /// `@schemeIdUri`: whose kind of event it is.
    pub scheme: String,
    /// `@value`: which kind.
    pub value: String,
    /// Events of one scheme and value with the same id are the same event.
    pub id: Option<u32>,
    /// When it starts, on the presentation timeline.
    pub start: Micros,
    /// How long it lasts; none when that is not known.
    pub duration: Option<Micros>,
    /// What it says, as bytes; base64 of the manifest is taken off.
    pub data: Vec<u8>,
}

/// What an event says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EventPayload {
    /// `urn:mpeg:dash:event:2012`: the manifest is not valid after the event's start.
    ManifestExpires(ManifestExpiry),
    /// `urn:mpeg:dash:event:callback:2015`: this URL is to be requested, its answer ignored.
    Callback(String),
    /// `urn:scte:scte35:*`, decoded.
    Scte35(Box<scte35::SpliceInfo>),
    /// An ID3 tag's frames.
    Id3(Vec<id3::Frame>),
    /// Text of a scheme that is not known here, or XML.
    Text(String),
    /// Bytes of a scheme that is not known here, or that are not what their scheme says.
    Binary(Vec<u8>),
}

/// A manifest that is no longer valid from some time on (ISO/IEC 23009-1, 5.10.4).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ManifestExpiry {
    /// `MPD@publishTime` of the manifests that expire, since the Unix epoch.
    pub publish_time: Option<Micros>,
    /// What comes with the message in place of a request.
    pub update: ManifestUpdate,
}

/// What an event brings of a newer manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ManifestUpdate {
    /// Nothing (`@value` 1): it must be fetched.
    None,
    /// A patch of it (`@value` 2).
    Patch(String),
    /// All of it (`@value` 3).
    Manifest(String),
}

impl TimedEvent {
    /// From an event of the manifest.
    #[must_use]
    pub fn from_manifest(stream: &EventStream, event: &Event) -> Self {
        let decoded = match &event.data {
            EventData::Text(text) if event.base64 => fields::from_base64(text),
            EventData::Text(_) | EventData::Xml(_) => None,
        };
        let bytes = match &event.data {
            EventData::Text(text) | EventData::Xml(text) => decoded.as_deref().unwrap_or(text.as_bytes()),
        };
        Self {
            scheme: stream.scheme.clone(),
            value: stream.value.clone(),
            id: event.id,
            start: event.start,
            duration: event.duration,
            data: bytes.to_vec(),
        }
    }

    /// From an `emsg` box. `segment_start` is the earliest presentation time of the segment it stands in, and
    /// `offset` what takes media times of its representation to the presentation timeline.
    #[must_use]
    pub fn from_message(message: &EventMessage<'_>, segment_start: Micros, offset: Micros) -> Self {
        let timescale = message.timescale.into();
        let start = match message.time {
            EventTime::SinceSegment(delta) => segment_start + Micros::from_scaled(delta.into(), timescale),
            EventTime::Media(time) => Micros::from_scaled(i64::try_from(time).unwrap_or(i64::MAX), timescale) + offset,
        };
        let duration = message.duration.map(|d| Micros::from_scaled(d.into(), timescale));
        Self {
            scheme: message.scheme.to_owned(),
            value: message.value.to_owned(),
            id: Some(message.id),
            start,
            duration,
            data: message.data.to_vec(),
        }
    }

    /// What it says, decoded as its scheme asks.
    #[must_use]
    pub fn payload(&self) -> EventPayload {
        EventPayload::decode(&self.scheme, &self.value, &self.data)
    }

    /// When it is over; none when nobody knows.
    #[must_use]
    pub fn end(&self) -> Option<Micros> {
        self.duration.map(|duration| self.start + duration)
    }

    /// Whether it is `other`, said again: it need not be handled twice. Without an id, all that it says must be equal.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        if self.id.is_none() || other.id.is_none() {
            return self == other;
        }
        (self.id, &self.value, &self.scheme) == (other.id, &other.value, &other.scheme)
    }
}

impl EventPayload {
    /// What `data` says under a scheme.
    #[must_use]
    pub fn decode(scheme: &str, value: &str, data: &[u8]) -> Self {
        let known = match scheme {
            MPD_EVENT => ManifestExpiry::parse(value, data).map(Self::ManifestExpires),
            CALLBACK => callback(data).map(|url| Self::Callback(url.to_owned())),
            _ if scheme.starts_with(SCTE35) => {
                let section = scte35::SpliceInfo::from_payload(data).ok();
                section.map(|section| Self::Scte35(Box::new(section)))
            }
            _ if ID3.contains(&scheme) => Some(id3::parse(data)).filter(|f| !f.is_empty()).map(Self::Id3),
            _ => None,
        };
        known
            .or_else(|| text(data).map(|text| Self::Text(text.to_owned())))
            .unwrap_or_else(|| Self::Binary(data.to_vec()))
    }
}

/// Text that may have a NUL after it; none when it has control characters, as bytes that mean something else do.
fn text(data: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(data.strip_suffix(&[0]).unwrap_or(data)).ok()?;
    let is_text = |c: char| !c.is_control() || c.is_ascii_whitespace();
    text.chars().all(is_text).then_some(text)
}

/// The URL to request.
pub(crate) fn callback(data: &[u8]) -> Option<&str> {
    text(data).map(str::trim)
}

impl ManifestExpiry {
    /// The message of an event of the scheme.
    pub(crate) fn parse(value: &str, data: &[u8]) -> Option<Self> {
        // The publish time ends with a NUL where something follows it.
        let split = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
        let (time, rest) = data.split_at_checked(split)?;
        let rest = text(rest.strip_prefix(&[0]).unwrap_or(rest))?.to_owned();
        let update = match value {
            "1" => ManifestUpdate::None,
            "2" => ManifestUpdate::Patch(rest),
            "3" => ManifestUpdate::Manifest(rest),
            _ => return None,
        };
        Some(Self {
            publish_time: xsd::parse_date_time(text(time)?).ok(),
            update,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPLICE: &str = "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=";

    fn message<'a>(scheme: &'a str, value: &'a str, data: &'a [u8]) -> EventMessage<'a> {
        EventMessage {
            scheme,
            value,
            timescale: 1000,
            time: EventTime::SinceSegment(500),
            duration: Some(2000),
            id: 9,
            data,
        }
    }

    #[test]
    fn messages_are_placed_on_the_presentation_timeline() {
        let (segment, offset) = (Micros::from_secs(60), Micros::from_secs(-10));
        let early = message("urn:x", "", b"hi");
        let event = TimedEvent::from_message(&early, segment, offset);
        assert_eq!(
            (event.start, event.end()),
            (Micros(60_500_000), Some(Micros(62_500_000)))
        );
        assert_eq!((event.id, event.payload()), (Some(9), EventPayload::Text("hi".into())));
        let late = EventMessage {
            time: EventTime::Media(75_000),
            duration: None,
            ..early
        };
        let later = TimedEvent::from_message(&late, segment, offset);
        assert_eq!((later.start, later.end()), (Micros::from_secs(65), None));
        assert!(later.repeats(&event), "one id is one event");
    }

    #[test]
    fn events_without_an_id_repeat_only_what_is_equal() {
        let stream = EventStream {
            scheme: "urn:x".into(),
            ..EventStream::default()
        };
        let event = |start| {
            let event = Event {
                start,
                duration: None,
                id: None,
                data: EventData::Text("a".into()),
                base64: false,
                alternative: None,
            };
            TimedEvent::from_manifest(&stream, &event)
        };
        assert!(event(Micros(1)).repeats(&event(Micros(1))));
        assert!(!event(Micros(1)).repeats(&event(Micros(2))));
    }

    #[test]
    fn manifests_say_the_same_in_text_base64_and_xml() {
        let stream = EventStream {
            scheme: "urn:scte:scte35:2014:xml+bin".into(),
            ..EventStream::default()
        };
        let payload = |data, base64| {
            let event = Event {
                start: Micros::ZERO,
                duration: None,
                id: Some(1),
                data,
                base64,
                alternative: None,
            };
            TimedEvent::from_manifest(&stream, &event).payload()
        };
        let xml = format!("<Signal><Binary>{SPLICE}</Binary></Signal>");
        let decoded = payload(EventData::Xml(xml), false);
        assert!(matches!(decoded, EventPayload::Scte35(_)), "{decoded:?}");
        assert_eq!(payload(EventData::Text(SPLICE.into()), true), decoded);
        assert_eq!(payload(EventData::Text(SPLICE.into()), false), decoded);
        let other = payload(EventData::Text("not base64!".into()), true);
        assert_eq!(other, EventPayload::Text("not base64!".into()));
    }

    #[test]
    fn schemes_that_are_known_are_decoded() {
        let decode = |scheme, value, data: &[u8]| EventPayload::decode(scheme, value, data);
        let expiry = |update| {
            EventPayload::ManifestExpires(ManifestExpiry {
                publish_time: Some(Micros::from_secs(86_400)),
                update,
            })
        };
        let time = b"1970-01-02T00:00:00Z";
        assert_eq!(decode(MPD_EVENT, "1", time), expiry(ManifestUpdate::None));
        assert_eq!(
            decode(MPD_EVENT, "1", &[&time[..], b"\0"].concat()),
            expiry(ManifestUpdate::None)
        );
        let with = |text: &str| [&time[..], b"\0", text.as_bytes(), b"\0"].concat();
        assert_eq!(
            decode(MPD_EVENT, "2", &with("<Patch/>")),
            expiry(ManifestUpdate::Patch("<Patch/>".into()))
        );
        assert_eq!(
            decode(MPD_EVENT, "3", &with("<MPD/>")),
            expiry(ManifestUpdate::Manifest("<MPD/>".into()))
        );
        assert_eq!(decode(MPD_EVENT, "9", b"x"), EventPayload::Text("x".into()));
        assert_eq!(
            decode(CALLBACK, "1", b"https://a.example/\0"),
            EventPayload::Callback("https://a.example/".into())
        );
        let tag = b"ID3\x04\0\0\0\0\0\x0ETIT2\0\0\0\x04\0\0\x03abc";
        assert!(matches!(&decode(ID3[0], "", tag), EventPayload::Id3(frames) if frames.len() == 1));
        assert_eq!(decode(ID3[0], "", &[0, 1]), EventPayload::Binary(vec![0, 1]));
        assert_eq!(
            decode("urn:scte:scte35:2013:bin", "", b"\xFC\0"),
            EventPayload::Binary(b"\xFC\0".to_vec())
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(data: Vec<u8>, value in "[0-3]?") {
            for scheme in [MPD_EVENT, CALLBACK, "urn:scte:scte35:2013:bin", ID3[0], "urn:x"] {
                let _ = EventPayload::decode(scheme, &value, &data);
            }
        }
    }
}
