//! The XML form of a section (SCTE 35, 11), as far as events carry it: commands and descriptors with their attributes.

use super::commands::{BreakDuration, Command, Splice, SpliceInsert, SpliceTiming};
use super::descriptors::{DeliveryRestrictions, Descriptor, Segmentation, SegmentationEvent, SubSegment, Upid};
use super::{Pts, SpliceInfo, micros};
use crate::events::fields::from_base64;

/// Tags that are read.
const MAX_TAGS: usize = 4096;

/// A start tag, and the text after it.
#[derive(Clone, Copy)]
struct Tag<'a> {
    /// Without its prefix.
    name: &'a str,
    attributes: &'a str,
    text: &'a str,
}

impl<'a> Tag<'a> {
    /// From what stands between two `<`; none for the end of an element.
    fn new(piece: &'a str) -> Option<Self> {
        let (tag, text) = piece.split_once('>')?;
        if tag.starts_with('/') {
            return None;
        }
        let tag = tag.trim_end_matches('/');
        let (name, attributes) = tag.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((tag, ""));
        let name = name.split_once(':').map_or(name, |(_, local)| local);
        Some(Self { name, attributes, text })
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.attributes;
        loop {
            let (known, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'')?;
            let (value, after) = after.get(1..)?.split_once(quote)?;
            if known.trim() == name {
                return Some(value.trim());
            }
            rest = after;
        }
    }

    fn number<T: TryFrom<u64>>(&self, name: &str) -> Option<T> {
        T::try_from(self.get(name)?.parse().ok()?).ok()
    }

    fn is_set(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1"))
    }
}

/// Reads a `SpliceInfoSection` element; none when there is none. Schedules, and what is not known, are left out.
pub(super) fn parse(xml: &str) -> Option<SpliceInfo> {
    let mut tags = xml.split('<').filter_map(Tag::new).take(MAX_TAGS);
    let head = tags.find(|tag| tag.name == "SpliceInfoSection")?;
    let mut info = SpliceInfo {
        sap_type: head.number("sapType").unwrap_or(3),
        pts_adjustment: Pts::new(head.number("ptsAdjustment").unwrap_or(0)),
        tier: head.number("tier").unwrap_or(0xFFF),
        encryption: None,
        command: Command::Null,
        descriptors: Vec::new(),
    };
    for tag in tags {
        match tag.name {
            "TimeSignal" => info.command = Command::TimeSignal(None),
            "BandwidthReservation" => info.command = Command::BandwidthReservation,
            "PrivateCommand" => {
                info.command = Command::Private {
                    identifier: tag.number("identifier").unwrap_or(0),
                    data: from_hex(tag.text).unwrap_or_default(),
                }
            }
            "SpliceInsert" => info.command = Command::Insert(insert(&tag)?),
            "SpliceTime" => {
                let time = tag
                    .number("ptsTime")
                    .map(|ticks| Pts::new(ticks).wrapping_add(info.pts_adjustment));
                set_time(&mut info.command, time);
            }
            "BreakDuration" => {
                let duration = BreakDuration {
                    auto_return: tag.is_set("autoReturn"),
                    duration: micros(tag.number("duration")?),
                };
                if let Command::Insert(SpliceInsert {
                    splice: Some(splice), ..
                }) = &mut info.command
                {
                    splice.break_duration = Some(duration);
                }
            }
            "AvailDescriptor" => info.descriptors.push(Descriptor::Avail(tag.number("providerAvailId")?)),
            "SegmentationDescriptor" => info.descriptors.push(Descriptor::Segmentation(segmentation(&tag)?)),
            "DeliveryRestrictions" | "SegmentationUpid" => {
                if let Some(Descriptor::Segmentation(Segmentation { event: Some(event), .. })) =
                    info.descriptors.last_mut()
                {
                    add(event, &tag);
                }
            }
            _ => {}
        }
    }
    Some(info)
}

fn insert(tag: &Tag<'_>) -> Option<SpliceInsert> {
    let splice = Splice {
        out_of_network: tag.is_set("outOfNetworkIndicator"),
        id_compliant: tag
            .get("eventIdComplianceFlag")
            .is_some_and(|flag| flag == "false" || flag == "0"),
        timing: if tag.is_set("spliceImmediateFlag") {
            SpliceTiming::Immediate
        } else {
            SpliceTiming::Program(None)
        },
        break_duration: None,
        unique_program_id: tag.number("uniqueProgramId").unwrap_or(0),
        avail_num: tag.number("availNum").unwrap_or(0),
        avails_expected: tag.number("availsExpected").unwrap_or(0),
    };
    Some(SpliceInsert {
        event_id: tag.number("spliceEventId")?,
        splice: (!tag.is_set("spliceEventCancelIndicator")).then_some(splice),
    })
}

/// The first time of a command is that of its programme.
fn set_time(command: &mut Command, time: Option<Pts>) {
    let slot = match command {
        Command::TimeSignal(slot) => slot,
        Command::Insert(SpliceInsert {
            splice: Some(splice), ..
        }) => match &mut splice.timing {
            SpliceTiming::Program(slot) => slot,
            SpliceTiming::Immediate | SpliceTiming::Components(_) => return,
        },
        _ => return,
    };
    *slot = slot.or(time);
}

fn segmentation(tag: &Tag<'_>) -> Option<Segmentation> {
    let sub_segment = tag.number("subSegmentNum").zip(tag.number("subSegmentsExpected"));
    let event = || {
        Some(SegmentationEvent {
            components: None,
            duration: tag.number("segmentationDuration").map(micros),
            restrictions: None,
            upid_type: 0,
            upids: Vec::new(),
            type_id: tag.number("segmentationTypeId")?,
            segment_num: tag.number("segmentNum").unwrap_or(0),
            segments_expected: tag.number("segmentsExpected").unwrap_or(0),
            sub_segment: sub_segment.map(|(num, expected)| SubSegment { num, expected }),
        })
    };
    let compliance = tag.get("segmentationEventIdComplianceIndicator");
    Some(Segmentation {
        event_id: tag.number("segmentationEventId")?,
        id_compliant: compliance.is_some_and(|flag| flag == "false" || flag == "0"),
        event: if tag.is_set("segmentationEventCancelIndicator") {
            None
        } else {
            Some(event()?)
        },
    })
}

fn add(event: &mut SegmentationEvent, tag: &Tag<'_>) {
    if tag.name == "DeliveryRestrictions" {
        event.restrictions = Some(DeliveryRestrictions {
            web_delivery_allowed: tag.is_set("webDeliveryAllowedFlag"),
            no_regional_blackout: tag.is_set("noRegionalBlackoutFlag"),
            archive_allowed: tag.is_set("archiveAllowedFlag"),
            device_restrictions: tag.number("deviceRestrictions").unwrap_or(3),
        });
        return;
    }
    let kind = tag.number("segmentationUpidType").unwrap_or(0);
    let text = tag.text.trim();
    let data = match tag.get("segmentationUpidFormat") {
        Some("text") => Some(text.as_bytes().to_vec()),
        Some("base-64") => from_base64(text),
        // The default.
        _ => from_hex(text),
    };
    // Several are a MID().
    event.upid_type = if event.upids.is_empty() { kind } else { 0x0D };
    event.upids.extend(data.map(|data| Upid { kind, data }));
}

/// The bytes that hexadecimal digits stand for.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| u8::try_from(c.to_digit(16)?).ok())
        .collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| (high << 4) | low).collect())
}
