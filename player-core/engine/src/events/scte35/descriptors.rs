//! The descriptors of a `splice_info_section`.

use footlight_dash::Micros;

use super::{Pts, micros};
use crate::events::fields::Fields;

/// `identifier` of the descriptors of SCTE 35: "CUEI".
const CUEI: u32 = 0x4355_4549;
/// Types of segments that may have sub-segments: starts of placement opportunities and of advertisement blocks.
const WITH_SUB_SEGMENTS: [u8; 8] = [0x30, 0x32, 0x34, 0x36, 0x38, 0x3A, 0x44, 0x46];

/// What a section is about (SCTE 35, 10).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Descriptor {
    /// `avail_descriptor`: `provider_avail_id`.
    Avail(u32),
    /// `DTMF_descriptor`.
    Dtmf {
        /// The sequence ends this long before the splice.
        preroll: Micros,
        /// The tones: digits, `*` and `#`.
        tones: String,
    },
    /// `segmentation_descriptor`.
    Segmentation(Segmentation),
    /// `time_descriptor`.
    Time {
        /// TAI since 1970, whole seconds.
        tai_seconds: u64,
        /// And nanoseconds.
        tai_nanoseconds: u32,
        /// Seconds that TAI is ahead of UTC.
        utc_offset: u16,
    },
    /// `audio_descriptor`.
    Audio(Vec<AudioChannel>),
    /// Another one, or one of another owner.
    Other {
        /// `splice_descriptor_tag`.
        tag: u8,
        /// Whose it is.
        identifier: u32,
        /// What it says.
        data: Vec<u8>,
    },
}

/// One channel of an `audio_descriptor`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AudioChannel {
    /// `component_tag`.
    pub component_tag: u8,
    /// ISO 639-2 code of the language.
    pub language: [u8; 3],
    /// `Bit_Stream_Mode` of ATSC A/52.
    pub bit_stream_mode: u8,
    /// `Num_Channels` of ATSC A/52.
    pub channels: u8,
    /// A complete service, not one to be mixed with another.
    pub full_service: bool,
}

/// A `segmentation_descriptor`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segmentation {
    /// `segmentation_event_id`.
    pub event_id: u32,
    /// `segmentation_event_id_compliance_indicator`: the event's id keeps the rules for ids, the encoder promises.
    pub id_compliant: bool,
    /// The segment; none: the event is cancelled.
    pub event: Option<SegmentationEvent>,
}

/// The segment of a [`Segmentation`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentationEvent {
    /// Components that it is about, with their offsets from the time of the command; none: the whole programme.
    pub components: Option<Vec<(u8, Pts)>>,
    /// How long the segment is.
    pub duration: Option<Micros>,
    /// Where it may be delivered; none: everywhere.
    pub restrictions: Option<DeliveryRestrictions>,
    /// `segmentation_upid_type`.
    pub upid_type: u8,
    /// Its identifiers: one, or as many as a `MID()` has.
    pub upids: Vec<Upid>,
    /// `segmentation_type_id`, such as 0x10 programme start, 0x22 break start, 0x34 provider placement opportunity start.
    pub type_id: u8,
    /// `segment_num`.
    pub segment_num: u8,
    /// `segments_expected`.
    pub segments_expected: u8,
    /// Which part of the segment.
    pub sub_segment: Option<SubSegment>,
}

/// Which part of a segment a descriptor is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SubSegment {
    /// `sub_segment_num`.
    pub num: u8,
    /// `sub_segments_expected`.
    pub expected: u8,
}

/// Where a segment may be delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeliveryRestrictions {
    /// Over the web.
    pub web_delivery_allowed: bool,
    /// Everywhere: no region is blacked out.
    pub no_regional_blackout: bool,
    /// From recordings.
    pub archive_allowed: bool,
    /// Groups of devices: 0 to 2 restrict, 3 does not.
    pub device_restrictions: u8,
}

/// An identifier of what a segment holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upid {
    /// `segmentation_upid_type`, such as 3 Ad-ID, 8 TI, 0x0A EIDR, 0x0C MPU, 0x0F URI, 0x10 UUID.
    pub kind: u8,
    /// Its bytes.
    pub data: Vec<u8>,
}

impl Upid {
    /// As one reads it: text where the type is text, a canonical EIDR or UUID, else hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        // User-defined, ISCI, Ad-ID, TID, ADI, ADS information, URI, SCR.
        let textual = matches!(self.kind, 0x01..=0x03 | 0x07 | 0x09 | 0x0E | 0x0F | 0x11);
        match (self.kind, &self.data[..]) {
            (_, data) if textual => String::from_utf8_lossy(data).into_owned(),
            (0x0A, data @ [high, low, id @ ..]) if data.len() == 12 => {
                let prefix = u16::from_be_bytes([*high, *low]);
                format!("10.{prefix}/{}", grouped(id, &[2, 4, 6, 8]))
            }
            (0x10, data) if data.len() == 16 => grouped(data, &[4, 6, 8, 10]),
            (_, data) => grouped(data, &[]),
        }
    }
}

/// Hexadecimal digits with a hyphen before each byte of `breaks`.
fn grouped(bytes: &[u8], breaks: &[usize]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2 + breaks.len());
    for (at, byte) in bytes.iter().enumerate() {
        if breaks.contains(&at) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
        }
    }
    text
}

/// The descriptors of a loop; none when one runs over the end.
pub(super) fn parse(bytes: &[u8]) -> Option<Vec<Descriptor>> {
    let mut fields = Fields(bytes);
    let mut all = Vec::new();
    while !fields.0.is_empty() {
        let (tag, length) = (fields.u8()?, fields.u8()?);
        all.push(descriptor(tag, Fields(fields.take(length.into())?))?);
    }
    Some(all)
}

fn descriptor(tag: u8, mut fields: Fields<'_>) -> Option<Descriptor> {
    let identifier = fields.u32()?;
    Some(match (identifier, tag) {
        (CUEI, 0x00) => Descriptor::Avail(fields.u32()?),
        (CUEI, 0x01) => Descriptor::Dtmf {
            preroll: Micros::from_millis(i64::from(fields.u8()?) * 100),
            tones: {
                let count = fields.u8()? >> 5;
                String::from_utf8_lossy(fields.take(count.into())?).into_owned()
            },
        },
        (CUEI, 0x02) => Descriptor::Segmentation(segmentation(fields)?),
        (CUEI, 0x03) => Descriptor::Time {
            tai_seconds: fields.wide(6)?,
            tai_nanoseconds: fields.u32()?,
            utc_offset: fields.u16()?,
        },
        (CUEI, 0x04) => {
            let count = fields.u8()? >> 4;
            Descriptor::Audio((0..count).map(|_| audio(&mut fields)).collect::<Option<_>>()?)
        }
        _ => Descriptor::Other {
            tag,
            identifier,
            data: fields.0.to_vec(),
        },
    })
}

fn audio(fields: &mut Fields<'_>) -> Option<AudioChannel> {
    let (component_tag, language, bits) = (fields.u8()?, fields.array()?, fields.u8()?);
    Some(AudioChannel {
        component_tag,
        language,
        bit_stream_mode: bits >> 5,
        channels: (bits >> 1) & 0xF,
        full_service: bits & 1 == 1,
    })
}

fn segmentation(mut fields: Fields<'_>) -> Option<Segmentation> {
    let (event_id, flags) = (fields.u32()?, fields.u8()?);
    let cancel = flags & 0x80 != 0;
    Some(Segmentation {
        event_id,
        id_compliant: flags & 0x40 == 0,
        event: if cancel {
            None
        } else {
            Some(segmentation_event(&mut fields)?)
        },
    })
}

fn segmentation_event(fields: &mut Fields<'_>) -> Option<SegmentationEvent> {
    let flags = fields.u8()?;
    let restrictions = (flags & 0x20 == 0).then_some(DeliveryRestrictions {
        web_delivery_allowed: flags & 0x10 != 0,
        no_regional_blackout: flags & 0x08 != 0,
        archive_allowed: flags & 0x04 != 0,
        device_restrictions: flags & 0x03,
    });
    let components = if flags & 0x80 == 0 {
        let count = fields.u8()?;
        let component = |_| Some((fields.u8()?, Pts::new(fields.wide(5)?)));
        Some((0..count).map(component).collect::<Option<_>>()?)
    } else {
        None
    };
    let duration = if flags & 0x40 != 0 {
        Some(micros(fields.wide(5)?))
    } else {
        None
    };
    let (upid_type, length) = (fields.u8()?, fields.u8()?);
    let upids = upids(upid_type, fields.take(length.into())?)?;
    let (type_id, segment_num, segments_expected) = (fields.u8()?, fields.u8()?, fields.u8()?);
    // Editions before 2016 have no sub-segments: only where there are bytes for them.
    let sub_segment = match *fields.0 {
        [num, expected, ..] if WITH_SUB_SEGMENTS.contains(&type_id) => Some(SubSegment { num, expected }),
        _ => None,
    };
    Some(SegmentationEvent {
        components,
        duration,
        restrictions,
        upid_type,
        upids,
        type_id,
        segment_num,
        segments_expected,
        sub_segment,
    })
}

fn upids(kind: u8, data: &[u8]) -> Option<Vec<Upid>> {
    let one = |kind, data: &[u8]| Upid {
        kind,
        data: data.to_vec(),
    };
    match kind {
        0x00 => Some(Vec::new()),
        // MID(): several.
        0x0D => {
            let mut fields = Fields(data);
            let mut all = Vec::new();
            while !fields.0.is_empty() {
                let (kind, length) = (fields.u8()?, fields.u8()?);
                all.push(one(kind, fields.take(length.into())?));
            }
            Some(all)
        }
        kind => Some(vec![one(kind, data)]),
    }
}
