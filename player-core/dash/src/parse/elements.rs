//! Small elements that occur in many places.

use super::{
    Reader,
    raw::{Attributes, Common, RawBase, RawProtection, Text},
    values,
};
use crate::{
    ContentProtection, Descriptor, FULL, Halt, InbandEventStream, Label, Micros, ProducerReferenceTime, Resync, base64,
    scan::Tag,
};
use std::rc::Rc;

/// The most descriptors of one kind read of one element.
pub(super) const MAX_DESCRIPTORS: usize = 128;
/// The most ContentProtection elements that may be referred to at once.
const MAX_DEFINITIONS: usize = 64;
/// The most base URLs of an element.
pub(super) const MAX_BASE_URLS: usize = 16;
/// The longest BaseURL read, in bytes.
const MAX_URL_BYTES: usize = 4096;
/// The most bytes of key system data in an element.
const MAX_PROTECTION_BYTES: usize = 1 << 20;

/// Adds to a list that must not grow without end.
pub(super) fn add<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MAX_DESCRIPTORS {
        list.push(item);
    }
}

impl<'a> Reader<'a> {
    /// Says so when an element comes before one that must precede it, or is none of its parent's.
    pub(super) fn order(&mut self, names: &'static [&'static str], tag: &Tag<'a>, last: &mut usize) {
        if !FULL {
            return;
        }
        let name = tag.mpd();
        // Of the newest elements the order is not settled.
        if matches!(name, "" | "RequestParam" | "ImportedMPD") {
            return;
        }
        match names.iter().position(|known| *known == name) {
            Some(at) if at < *last => self.scan.report.add(tag.start, "element.order", name),
            Some(at) => *last = at,
            None => self.scan.report.add(tag.start, "element.unknown", name),
        }
    }

    /// Passes over the element started last.
    pub(super) fn skip(&mut self) -> Result<(), Halt> {
        self.scan.skip().map(|_| ())
    }

    fn descriptor_attributes(&mut self, tag: &Tag<'a>) -> Descriptor {
        let scheme = self.owned("schemeIdUri");
        if scheme.is_none() {
            self.scan.report.add(tag.start, "descriptor.no-scheme", tag.local());
        }
        Descriptor {
            scheme: scheme.unwrap_or_default(),
            value: self.owned("value").unwrap_or_default(),
            id: self.owned("id"),
        }
    }

    pub(super) fn descriptor(&mut self, tag: &Tag<'a>) -> Result<Descriptor, Halt> {
        let descriptor = self.descriptor_attributes(tag);
        self.skip()?;
        Ok(descriptor)
    }

    /// A descriptor, into a list.
    pub(super) fn descriptor_to(&mut self, tag: &Tag<'a>, list: &mut Vec<Descriptor>) -> Result<(), Halt> {
        let descriptor = self.descriptor(tag)?;
        add(list, descriptor);
        Ok(())
    }

    /// An EssentialProperty or a SupplementalProperty, and the query parameters that it may ask for.
    pub(super) fn property(&mut self, tag: &Tag<'a>, is_essential: bool, common: &mut Common<'a>) -> Result<(), Halt> {
        let descriptor = self.descriptor_attributes(tag);
        while let Some(child) = self.scan.child()? {
            match child.local() {
                "UrlQueryInfo" | "ExtUrlQueryInfo" => self.query(&mut common.query),
                "ExtHttpHeaderInfo" => self.query(&mut common.header),
                _ => {}
            }
            self.skip()?;
        }
        let list = if is_essential {
            &mut common.essential
        } else {
            &mut common.supplemental
        };
        add(list, descriptor);
        Ok(())
    }

    pub(super) fn label(&mut self) -> Result<Label, Halt> {
        Ok(Label {
            id: self.number("id").unwrap_or(0),
            lang: self.owned("lang"),
            text: self.scan.content()?.into_owned(),
        })
    }

    pub(super) fn base_url(&mut self, tag: &Tag<'a>, list: &mut Vec<RawBase<'a>>) -> Result<(), Halt> {
        let service_location = self.text("serviceLocation");
        let priority = self.foreign("priority").and_then(|text| text.parse().ok());
        let weight = self.foreign("weight").and_then(|text| text.parse().ok());
        let offset = self.seconds("availabilityTimeOffset").unwrap_or_default();
        let complete = self.boolean("availabilityTimeComplete");
        let depth = self.duration("timeShiftBufferDepth");
        let byte_range = self.text("byteRange");
        let url = self.url_content(tag)?;
        if url.len() > MAX_URL_BYTES || list.len() >= MAX_BASE_URLS {
            self.scan.report.add(tag.start, "base-url.limit", "");
            return Ok(());
        }
        list.push(RawBase {
            url,
            service_location,
            priority,
            weight,
            offset,
            complete,
            depth,
            byte_range,
        });
        Ok(())
    }

    /// The content of an element that is a URL.
    pub(super) fn url_content(&mut self, tag: &Tag<'a>) -> Result<Text<'a>, Halt> {
        let url = self.scan.content()?;
        self.check_url(tag.end, &url);
        Ok(url)
    }

    pub(super) fn check_url(&mut self, at: usize, url: &str) {
        if url
            .bytes()
            .any(|byte| byte <= b' ' || matches!(byte, b'<' | b'>' | b'"' | b'\\' | 0x7F))
        {
            self.scan.report.add(at, "url.invalid", "");
        }
    }

    pub(super) fn content_protection(&mut self, tag: &Tag<'a>) -> Result<RawProtection<'a>, Halt> {
        let (reference, ref_id) = (self.text("ref"), self.text("refId"));
        let mut protection = ContentProtection {
            scheme: self.owned("schemeIdUri").unwrap_or_default().to_ascii_lowercase(),
            value: self.owned("value").unwrap_or_default(),
            robustness: self.detail(|it| it.owned("robustness")),
            ..ContentProtection::default()
        };
        if protection.scheme.is_empty() && reference.is_none() {
            self.scan.report.add(tag.start, "descriptor.no-scheme", tag.local());
        }
        if let Some(ids) = self.foreign("default_KID") {
            protection.default_kids = values::words(&ids).filter_map(key_id).take(MAX_DESCRIPTORS).collect();
            if protection.default_kids.is_empty() {
                self.scan.report.add(tag.start, "attribute.invalid", "default_KID");
            }
        }
        let mut bytes = 0_usize;
        while let Some(child) = self.scan.child()? {
            let name = child.local();
            let is_detail = matches!(name, "pro" | "Authzurl" | "authzurl");
            if !(matches!(name, "pssh" | "Laurl" | "laurl") || FULL && is_detail) {
                self.skip()?;
                continue;
            }
            let text = self.scan.content()?;
            bytes = bytes.saturating_add(text.len());
            if bytes > MAX_PROTECTION_BYTES {
                return Err(self
                    .scan
                    .too_large("bytes of key system data", MAX_PROTECTION_BYTES, child.start));
            }
            match name {
                "Laurl" | "laurl" => add(&mut protection.licence_urls, text.into_owned()),
                "Authzurl" | "authzurl" if FULL => add(&mut protection.authorization_urls, text.into_owned()),
                _ => match base64::decode(&text) {
                    Some(data) if name == "pssh" => add(&mut protection.pssh, data),
                    Some(data) if FULL => protection.playready_object = Some(data),
                    Some(_) => {}
                    None => self.scan.report.add(child.start, "content-protection.base64", name),
                },
            }
        }
        let found = RawProtection {
            protection: Rc::new(protection),
            reference,
            ref_id,
        };
        if found.ref_id.is_some() && self.definitions.len() < MAX_DEFINITIONS {
            self.definitions.push(found.clone());
        }
        Ok(found)
    }

    pub(super) fn inband_event_stream(&mut self, tag: &Tag<'a>) -> Result<InbandEventStream, Halt> {
        let timescale = self.number("timescale");
        let Descriptor { scheme, value, id } = self.descriptor(tag)?;
        Ok(InbandEventStream {
            scheme,
            value,
            id,
            timescale,
        })
    }

    /// With the media time that it tells, in ticks.
    pub(super) fn producer_reference_time(&mut self) -> Result<(ProducerReferenceTime, u64), Halt> {
        let ticks = self.number("presentationTime").unwrap_or(0);
        let mut time = ProducerReferenceTime {
            id: self.number("id").unwrap_or(0),
            inband: self.boolean("inband").unwrap_or(false),
            kind: self.owned("type").unwrap_or_else(|| "encoder".to_owned()),
            wall_clock: self.date("wallClockTime"),
            presentation_time: Micros::ZERO,
            utc_timing: None,
        };
        while let Some(child) = self.scan.child()? {
            if child.mpd() == "UTCTiming" {
                time.utc_timing = Some(self.descriptor(&child)?);
            } else {
                self.skip()?;
            }
        }
        Ok((time, ticks))
    }

    /// With `@dT`, in ticks.
    pub(super) fn resync(&mut self) -> Result<(Resync, Option<u64>), Halt> {
        let resync = Resync {
            kind: self.number("type").unwrap_or(0),
            interval: None,
            max_bytes: self.thousandths("dImax"),
            min_bytes: self.thousandths("dImin"),
            marker: self.boolean("marker").unwrap_or(false),
        };
        let interval = self.number("dT");
        self.skip()?;
        Ok((resync, interval))
    }

    /// The attributes of RepresentationBaseType.
    pub(super) fn common(&mut self) -> Common<'a> {
        let attributes = Attributes {
            mime_type: self.text("mimeType"),
            codecs: self.text("codecs"),
            supplemental_codecs: self.detail(|it| {
                it.text("supplementalCodecs")
                    .or_else(|| it.foreign("supplementalCodecs"))
            }),
            width: self.number("width"),
            height: self.number("height"),
            sar: self.detail(|it| it.pair("sar", ':')),
            frame_rate: self.frame_rate("frameRate"),
            sample_rate: self.raw("audioSamplingRate").and_then(values::sample_rate),
            max_playout_rate: self.thousandths("maxPlayoutRate"),
            coding_dependency: self.detail(|it| it.boolean("codingDependency")),
            start_with_sap: self.detail(|it| it.number("startWithSAP")),
            interlaced: self.detail(|it| it.raw("scanType").map(|kind| kind == "interlaced")),
            selection_priority: self.number("selectionPriority"),
            tag: self.text("tag"),
        };
        Common {
            attributes,
            ..Common::default()
        }
    }

    /// An element of RepresentationBaseType, or segment information; says whether it was one.
    pub(super) fn common_child(&mut self, tag: &Tag<'a>, common: &mut Common<'a>) -> Result<bool, Halt> {
        match tag.mpd() {
            "BaseURL" => self.base_url(tag, &mut common.bases)?,
            "SegmentTemplate" | "SegmentList" | "SegmentBase" => self.segments(tag, &mut common.level)?,
            "EssentialProperty" => self.property(tag, true, common)?,
            "SupplementalProperty" => self.property(tag, false, common)?,
            "AudioChannelConfiguration" => {
                let channels = values::channels(&self.descriptor(tag)?);
                if common.channels == 0 {
                    common.channels = channels;
                }
            }
            "ContentProtection" => {
                let protection = self.content_protection(tag)?;
                add(&mut common.protections, protection);
            }
            "InbandEventStream" => {
                let stream = self.inband_event_stream(tag)?;
                add(&mut common.inband, stream);
            }
            "Label" => {
                let label = self.label()?;
                add(&mut common.labels, label);
            }
            "GroupLabel" if FULL => {
                let label = self.label()?;
                add(&mut common.group_labels, label);
            }
            "ProducerReferenceTime" => {
                let time = self.producer_reference_time()?;
                add(&mut common.references, time);
            }
            "Resync" if FULL => {
                let resync = self.resync()?;
                add(&mut common.resyncs, resync);
            }
            "RequestParam" => {
                self.query(&mut common.query);
                self.skip()?;
            }
            _ => return Ok(FULL && self.detail_child(tag, common)?),
        }
        Ok(true)
    }
}

/// A key's identifier: a UUID, dashes or not.
fn key_id(text: &str) -> Option<[u8; 16]> {
    let mut id = [0_u8; 16];
    let mut digits = text.bytes().filter(|byte| *byte != b'-');
    for byte in &mut id {
        let mut digit = || {
            char::from(digits.next()?)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        *byte = digit()?.checked_shl(4)? | digit()?;
    }
    digits.next().is_none().then_some(id)
}
