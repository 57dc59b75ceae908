//! Periods, AdaptationSets, Representations read.

use super::{
    Reader, base_urls,
    elements::add,
    raw::{Common, RawPeriod, RawRepresentation, RawSet},
    values,
};
use crate::{FULL, Halt, Micros, Period, Preselection, SubRepresentation, scan::Tag, uri};
use std::rc::Rc;

/// The most Representations read.
pub(super) const MAX_REPRESENTATIONS: usize = 20_000;

const PERIOD: [&str; 15] = [
    "BaseURL",
    "SegmentBase",
    "SegmentList",
    "SegmentTemplate",
    "AssetIdentifier",
    "EventStream",
    "ServiceDescription",
    "ContentProtection",
    "AdaptationSet",
    "Subset",
    "EssentialProperty",
    "SupplementalProperty",
    "EmptyAdaptationSet",
    "GroupLabel",
    "Preselection",
];

const SET: [&str; 26] = [
    "FramePacking",
    "AudioChannelConfiguration",
    "ContentProtection",
    "OutputProtection",
    "EssentialProperty",
    "SupplementalProperty",
    "InbandEventStream",
    "Switching",
    "RandomAccess",
    "GroupLabel",
    "Label",
    "ProducerReferenceTime",
    "ContentPopularityRate",
    "Resync",
    "Accessibility",
    "Role",
    "Rating",
    "Viewpoint",
    "ContentComponent",
    "BaseURL",
    "ExtendedBandwidth",
    "SubRepresentation",
    "SegmentBase",
    "SegmentList",
    "SegmentTemplate",
    "Representation",
];

impl<'a> Reader<'a> {
    /// A Period, or what its link led to; one that is known from before is not read again.
    pub(super) fn periods(&mut self, tag: &Tag<'a>, periods: &mut Vec<RawPeriod<'a>>) -> Result<(), Halt> {
        if let Some(fragment) = self.linked(tag)? {
            let outer = self.enter(fragment, tag)?;
            while let Some(child) = self.scan.child()? {
                if child.mpd() == "Period" {
                    self.periods(&child, periods)?;
                } else {
                    self.skip()?;
                }
            }
            self.leave(outer);
            return Ok(());
        }
        let is_linked = self.foreign("href").is_some();
        let mut period = self.period(tag, self.depth == 0)?;
        period.is_linked |= is_linked;
        periods.push(period);
        Ok(())
    }

    pub(super) fn period(&mut self, tag: &Tag<'a>, may_be_known: bool) -> Result<RawPeriod<'a>, Halt> {
        let before = self.scan.elements();
        let found = self.scan.report.findings().len();
        let mut raw = RawPeriod {
            start: tag.start,
            text: None,
            elements: 0,
            told_start: self.duration("start"),
            told: self.duration("duration"),
            known: None,
            period: Period {
                id: self.owned("id"),
                ..Period::default()
            },
            imported_bases: None,
            common: Common::default(),
            sets: Vec::new(),
            definitions: Vec::new(),
            findings: Vec::new(),
            is_linked: false,
        };
        let defined = self.definitions.len();
        if may_be_known && let Some((known, content)) = self.known_at(tag.start) {
            self.scan.jump(tag.start.saturating_add(content), known.1);
            self.skip()?;
            raw.known = Some(known.0);
        } else {
            self.period_children(&mut raw)?;
        }
        raw.definitions.append(&mut self.definitions.split_off(defined));
        raw.elements = self.scan.elements().saturating_sub(before);
        if self.depth == 0 {
            raw.text = self.scan.text().get(tag.start..self.scan.at());
            raw.findings = self.scan.report.split_off(found);
        }
        Ok(raw)
    }

    fn period_children(&mut self, raw: &mut RawPeriod<'a>) -> Result<(), Halt> {
        let mut last = 0;
        while let Some(child) = self.scan.child()? {
            self.order(&PERIOD, &child, &mut last);
            match child.mpd() {
                "AdaptationSet" => self.sets(&child, &mut raw.sets)?,
                "EventStream" => self.event_streams(&child, &mut raw.period.event_streams)?,
                "ServiceDescription" => {
                    let service = self.service_description()?;
                    add(&mut raw.period.service_descriptions, service);
                }
                "AssetIdentifier" if FULL => raw.period.asset_identifier = Some(self.descriptor(&child)?),
                "Subset" => {
                    let ids = self.numbers("contains");
                    add(&mut raw.period.subsets, ids);
                    self.skip()?;
                }
                "Preselection" => {
                    let preselection = self.preselection()?;
                    add(&mut raw.period.preselections, preselection);
                }
                "EmptyAdaptationSet" => {
                    let set = self.set(&child)?;
                    raw.period.empty_sets.extend(set.id);
                }
                "ImportedMPD" => self.imported(&child, raw)?,
                _ if self.common_child(&child, &mut raw.common)? => {}
                _ => self.skip()?,
            }
        }
        Ok(())
    }

    /// An ImportedMPD: the only Period of another manifest, in place of what is here.
    fn imported(&mut self, tag: &Tag<'a>, raw: &mut RawPeriod<'a>) -> Result<(), Halt> {
        raw.is_linked = true;
        let told = self.text("uri");
        let content = self.scan.content()?;
        let reference = told.unwrap_or(content);
        let url = uri::resolve(self.url, &reference);
        let Some((text, url)) = self.remote(url, tag, false) else {
            return Ok(());
        };
        let outer_url = std::mem::replace(&mut self.url, url);
        let outer = self.enter(text, tag)?;
        let mut mpd = Common::default();
        let mut periods = Vec::new();
        let mut is_static = true;
        while let Some(root) = self.scan.child()? {
            if root.mpd() != "MPD" {
                self.skip()?;
                continue;
            }
            is_static = self.raw("type").is_none_or(|kind| kind == "static");
            while let Some(child) = self.scan.child()? {
                match child.mpd() {
                    "Period" if periods.len() < 2 => periods.push(self.period(&child, false)?),
                    "BaseURL" | "EssentialProperty" | "SupplementalProperty" => {
                        self.common_child(&child, &mut mpd)?;
                    }
                    _ => self.skip()?,
                }
            }
        }
        self.leave(outer);
        self.url = outer_url;
        match (periods.pop(), periods.is_empty() && is_static) {
            (Some(period), true) => {
                merge(raw, period, mpd, url);
            }
            _ => self.scan.report.add(tag.start, "remote.failed", url),
        }
        Ok(())
    }

    fn sets(&mut self, tag: &Tag<'a>, sets: &mut Vec<RawSet<'a>>) -> Result<(), Halt> {
        if let Some(fragment) = self.linked(tag)? {
            let outer = self.enter(fragment, tag)?;
            while let Some(child) = self.scan.child()? {
                if child.mpd() == "AdaptationSet" {
                    self.sets(&child, sets)?;
                } else {
                    self.skip()?;
                }
            }
            self.leave(outer);
            return Ok(());
        }
        let set = self.set(tag)?;
        sets.push(set);
        Ok(())
    }

    fn set(&mut self, tag: &Tag<'a>) -> Result<RawSet<'a>, Halt> {
        let aligned = ["segmentAlignment", "subsegmentAlignment"].into_iter().any(|name| {
            // Numbers are legal: any but zero (and false) tells of alignment.
            self.raw(name).is_some_and(|text| text != "false" && text != "0")
        });
        let mut set = RawSet {
            start: tag.start,
            id: self.number("id"),
            group: self.detail(|it| it.number("group")),
            content_type: self.text("contentType"),
            components: Vec::new(),
            lang: self.owned("lang"),
            par: self.detail(|it| it.pair("par", ':')),
            aligned,
            bitstream_switching: self.detail(|it| it.boolean("bitstreamSwitching")),
            initialization_set_refs: self.detail(|it| it.numbers("initializationSetRef")),
            roles: Vec::new(),
            accessibility: Vec::new(),
            viewpoints: Vec::new(),
            ratings: Vec::new(),
            common: self.common(),
            representations: Vec::new(),
        };
        let mut last = 0;
        loop {
            while let Some(known) = self.repeated() {
                set.representations.push(known);
                last = SET.len().saturating_sub(1);
            }
            let Some(child) = self.scan.child()? else { break };
            self.order(&SET, &child, &mut last);
            match child.mpd() {
                "Representation" => {
                    let before = self.mark();
                    let found = Rc::new(self.representation(&child)?);
                    self.remember(&child, before, &found);
                    set.representations.push((child.start, found));
                }
                "Role" => self.descriptor_to(&child, &mut set.roles)?,
                "Accessibility" => self.descriptor_to(&child, &mut set.accessibility)?,
                "Viewpoint" if FULL => self.descriptor_to(&child, &mut set.viewpoints)?,
                "Rating" if FULL => self.descriptor_to(&child, &mut set.ratings)?,
                "ContentComponent" => {
                    let kind = self.text("contentType").unwrap_or_default();
                    add(&mut set.components, kind);
                    self.skip()?;
                }
                _ if self.common_child(&child, &mut set.common)? => {}
                _ => self.skip()?,
            }
        }
        Ok(set)
    }

    fn representation(&mut self, tag: &Tag<'a>) -> Result<RawRepresentation<'a>, Halt> {
        self.representations = self.representations.saturating_add(1);
        if self.representations > MAX_REPRESENTATIONS {
            return Err(self.scan.too_large("Representations", MAX_REPRESENTATIONS, tag.start));
        }
        let mut representation = RawRepresentation {
            id: self.text("id"),
            bandwidth: self.raw("bandwidth").and_then(|text| text.parse().ok()),
            quality_ranking: self.number("qualityRanking"),
            dependencies: self.words("dependencyId"),
            associations: self.detail(Self::associations),
            media_stream_structure: self.detail(|it| it.words("mediaStreamStructureId")),
            sub_representations: Vec::new(),
            common: self.common(),
        };
        let mut last = 0;
        while let Some(child) = self.scan.child()? {
            self.order(&SET, &child, &mut last);
            match child.mpd() {
                "SubRepresentation" if FULL => {
                    let sub = SubRepresentation {
                        level: self.number("level"),
                        dependency_levels: self.numbers("dependencyLevel"),
                        bandwidth: self.number("bandwidth"),
                        content_components: self.words("contentComponent"),
                        codecs: self.owned("codecs").unwrap_or_default(),
                    };
                    add(&mut representation.sub_representations, sub);
                    self.skip()?;
                }
                _ if self.common_child(&child, &mut representation.common)? => {}
                _ => self.skip()?,
            }
        }
        Ok(representation)
    }

    /// What a Representation belongs to, and how.
    fn associations(&mut self) -> Vec<(String, String)> {
        let types = self.words("associationType");
        let types = types.into_iter().chain(std::iter::repeat(String::new()));
        self.words("associationId").into_iter().zip(types).collect()
    }

    fn preselection(&mut self) -> Result<Preselection, Halt> {
        let mut common = self.common();
        let mut preselection = Preselection {
            id: self.owned("id").unwrap_or_else(|| "1".to_owned()),
            components: self.words("preselectionComponents"),
            lang: self.owned("lang"),
            order: self.owned("order"),
            tag: common.attributes.tag.take().map(super::raw::Text::into_owned),
            selection_priority: common.attributes.selection_priority.unwrap_or(1),
            codecs: common.attributes.codecs.take().unwrap_or_default().into_owned(),
            ..Preselection::default()
        };
        while let Some(child) = self.scan.child()? {
            match child.mpd() {
                "Role" => self.descriptor_to(&child, &mut preselection.roles)?,
                "Accessibility" => self.descriptor_to(&child, &mut preselection.accessibility)?,
                _ if self.common_child(&child, &mut common)? => {}
                _ => self.skip()?,
            }
        }
        preselection.channels = common.channels;
        preselection.labels = common.labels;
        Ok(preselection)
    }
}

/// Puts an imported Period in the place of the one that linked to it (6th edition, 5.3.2.6.3): what both have, the
/// imported one says, except for identity and place.
fn merge<'a>(raw: &mut RawPeriod<'a>, mut imported: RawPeriod<'a>, mut mpd: Common<'a>, url: &str) {
    let own = std::mem::take(&mut raw.period);
    let period = &mut imported.period;
    for stream in own.event_streams {
        let same = |other: &crate::EventStream| other.scheme == stream.scheme && other.value == stream.value;
        if !period.event_streams.iter().any(same) {
            period.event_streams.push(stream);
        }
    }
    for service in own.service_descriptions {
        if !period.service_descriptions.iter().any(|other| other.id == service.id) {
            period.service_descriptions.push(service);
        }
    }
    period.id = own.id;
    raw.told = match (raw.told, imported.told) {
        (Some(own), Some(imported)) => Some(own.min(imported)),
        (own, imported) => own.or(imported),
    };
    let level = base_urls::of_manifest(url);
    let bases = base_urls::combine(&base_urls::combine(&level, &mpd.bases), &imported.common.bases);
    imported.common.bases = Vec::new();
    imported.common.supplemental.append(&mut mpd.supplemental);
    imported.common.supplemental.append(&mut raw.common.supplemental);
    imported.common.essential.append(&mut mpd.essential);
    imported.common.query = imported.common.query.or(raw.common.query.take());
    raw.imported_bases = Some(bases);
    raw.period = imported.period;
    raw.common = imported.common;
    raw.sets = imported.sets;
    raw.definitions = imported.definitions;
    raw.is_linked = false;
}

/// What an AdaptationSet's properties say of other sets.
pub(super) fn ids(properties: &[crate::Descriptor], scheme: &str) -> Vec<u32> {
    let of_scheme = properties.iter().filter(|property| property.scheme == scheme);
    of_scheme
        .flat_map(|property| values::numbers(&property.value))
        .collect()
}

/// What descriptors of a scheme say.
pub(super) fn values_of(properties: &[crate::Descriptor], scheme: &str) -> Vec<String> {
    let of_scheme = properties.iter().filter(|property| property.scheme == scheme);
    of_scheme.map(|property| property.value.clone()).collect()
}

/// The number of the last segment, where a descriptor tells it.
pub(super) fn last_number(properties: &[crate::Descriptor]) -> Option<u64> {
    let property = properties
        .iter()
        .find(|property| property.scheme == "http://dashif.org/guidelines/last-segment-number")?;
    property.value.trim_ascii().parse().ok()
}

/// Where what is told in ticks of a level ends up: nowhere before zero.
pub(super) fn ticks(ticks: Option<u64>, timescale: u32) -> Option<Micros> {
    ticks.map(|ticks| Micros::from_ticks(i128::from(ticks), u64::from(timescale)))
}
