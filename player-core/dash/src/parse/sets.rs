//! AdaptationSets and Representations, with what they inherit.

use super::{
    Resolver,
    addressing::{self, Owner},
    base_urls::{self, Inherited},
    elements::MAX_DESCRIPTORS,
    period::{ids, last_number, values_of},
    raw::{Common, Level, RawProtection, RawRepresentation, RawSet, Text},
    values,
};
use crate::{
    AdaptationSet, ContentProtection, FULL, Halt, Micros, ProducerReferenceTime, Representation, Resync, Segments,
    model::{TRICK_MODE, UrlQuery},
};

/// What a Period hands on to its AdaptationSets.
pub(super) struct Scope<'l, 'a> {
    pub(super) start: Micros,
    pub(super) duration: Option<Micros>,
    pub(super) bases: Vec<Inherited>,
    pub(super) level: &'l Level<'a>,
    pub(super) query: Option<&'l UrlQuery>,
    pub(super) header: Option<&'l UrlQuery>,
    /// ContentProtection that may be referred to.
    pub(super) definitions: Vec<RawProtection<'a>>,
}

/// An AdaptationSet as its Representations see it.
struct Parent<'l, 'a> {
    set: &'l RawSet<'a>,
    scope: &'l Scope<'l, 'a>,
    bases: Vec<Inherited>,
    tile: Option<(u32, u32)>,
    last_number: Option<u64>,
}

fn owned(text: Option<&Text<'_>>) -> String {
    text.map(|text| text.to_string()).unwrap_or_default()
}

impl Resolver<'_> {
    /// An AdaptationSet; none when it must not be used, or has nothing usable in it.
    pub(super) fn set(&mut self, mut raw: RawSet<'_>, scope: &Scope<'_, '_>) -> Result<Option<AdaptationSet>, Halt> {
        if let Some(unknown) = values::unknown_essential(&raw.common.essential) {
            self.report
                .add(raw.start, "adaptation-set.essential-property", &unknown.scheme);
            return Ok(None);
        }
        let read = std::mem::take(&mut raw.representations);
        let properties = [&raw.common.essential[..], &raw.common.supplemental[..]];
        let parent = Parent {
            set: &raw,
            scope,
            bases: base_urls::combine(&scope.bases, &raw.common.bases),
            tile: properties.iter().find_map(|list| values::tile(list)),
            last_number: properties.iter().find_map(|list| last_number(list)),
        };
        let mut protections = Vec::new();
        self.protections(&mut protections, &raw.common.protections, raw.start, scope)?;
        let mut representations = Vec::with_capacity(read.len());
        for mut found in read {
            let (own, start) = (std::mem::take(&mut found.common.protections), found.start);
            if let Some(representation) = self.representation(found, &parent)? {
                self.protections(&mut protections, &own, start, scope)?;
                representations.push(representation);
            }
        }
        let Some(first) = representations.first() else {
            self.report.add(raw.start, "adaptation-set.empty", "");
            return Ok(None);
        };
        let component = match raw.components.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        let told = raw.content_type.as_ref().or(component).map(|text| &**text);
        let content_type = values::content_type(told, &first.mime_type, &first.codecs);
        let common = std::mem::take(&mut raw.common);
        let listed = |scheme: &str| [ids(&common.essential, scheme), ids(&common.supplemental, scheme)].concat();
        let continued = |scheme: &str| {
            if FULL {
                values_of(&common.supplemental, scheme)
            } else {
                Vec::new()
            }
        };
        Ok(Some(AdaptationSet {
            id: raw.id,
            content_type,
            lang: raw.lang,
            selection_priority: common.selection_priority.unwrap_or(1),
            segment_alignment: raw.aligned,
            group: raw.group,
            par: raw.par,
            bitstream_switching: raw.bitstream_switching.unwrap_or(false),
            producer_reference_times: references(&common, &first.segments),
            resyncs: resyncs(&common, &first.segments),
            failover: Vec::new(),
            trick_mode_of: listed(TRICK_MODE),
            switching: listed("urn:mpeg:dash:adaptation-set-switching:2016"),
            segment_sequences: if FULL {
                listed("urn:mpeg:dash:ssr:2023")
            } else {
                Vec::new()
            },
            period_continuity: continued("urn:mpeg:dash:period-continuity:2015"),
            period_connectivity: continued("urn:mpeg:dash:period-connectivity:2015"),
            preselection_only: common
                .essential
                .iter()
                .any(|property| property.scheme == "urn:mpeg:dash:preselection:2016"),
            initialization_set_refs: raw.initialization_set_refs,
            content_protection: protections,
            labels: common.labels,
            group_labels: common.group_labels,
            details: common.details,
            roles: raw.roles,
            accessibility: raw.accessibility,
            viewpoints: raw.viewpoints,
            ratings: raw.ratings,
            inband_event_streams: common.inband,
            essential: common.essential,
            supplemental: common.supplemental,
            representations,
        }))
    }

    /// Adds descriptors, each once, completed by what they refer to.
    fn protections(
        &mut self,
        list: &mut Vec<ContentProtection>,
        found: &[RawProtection<'_>],
        start: usize,
        scope: &Scope<'_, '_>,
    ) -> Result<(), Halt> {
        for raw in found {
            let mut protection = ContentProtection::clone(&raw.protection);
            let named = raw.reference.as_ref().and_then(|reference| {
                let mut definitions = scope.definitions.iter();
                definitions.find(|definition| definition.ref_id.as_ref() == Some(reference))
            });
            if let Some(definition) = named {
                protection.complete(&definition.protection);
                self.charge(protection.weight(), start)?;
            }
            if list.len() < MAX_DESCRIPTORS && !list.contains(&protection) {
                list.push(protection);
            }
        }
        Ok(())
    }

    /// Says that a Representation is left out, and why.
    fn leave_out(&mut self, raw: &RawRepresentation<'_>, code: &'static str, why: &str) {
        let id: String = raw.id.as_deref().unwrap_or_default().chars().take(64).collect();
        let detail = ["Representation \"", &id, "\" was left out: ", why].concat();
        self.report.add(raw.start, code, &detail);
    }

    fn representation(
        &mut self,
        raw: RawRepresentation<'_>,
        parent: &Parent<'_, '_>,
    ) -> Result<Option<Representation>, Halt> {
        let Some(mime_type) = self.usable(&raw, parent) else {
            return Ok(None);
        };
        let (Some(id), Some(bandwidth)) = (raw.id.as_deref(), raw.bandwidth) else {
            return Ok(None);
        };
        let (common, outer) = (&raw.common, &parent.set.common);
        let codecs = owned(common.codecs.as_ref().or(outer.codecs.as_ref()));
        let supplemental_codecs = owned(
            common
                .supplemental_codecs
                .as_ref()
                .or(outer.supplemental_codecs.as_ref()),
        );
        let query = common.query.as_ref().or(outer.query.as_ref()).or(parent.scope.query);
        let header = common.header.as_ref().or(outer.header.as_ref()).or(parent.scope.header);
        let bases = base_urls::combine(&parent.bases, &common.bases);
        let bytes = base_urls::weight(&bases)
            .saturating_add(mime_type.len())
            .saturating_add(codecs.len())
            .saturating_add(supplemental_codecs.len())
            .saturating_add(query.map_or(0, UrlQuery::weight))
            .saturating_add(header.map_or(0, UrlQuery::weight));
        self.charge(bytes, raw.start)?;
        let owner = Owner {
            start: raw.start,
            id,
            bandwidth,
            mime_type: &mime_type,
            period_start: parent.scope.start,
            limit: parent.scope.duration,
            levels: [&common.level, &outer.level, parent.scope.level],
            last_number: last_number(&common.supplemental)
                .or_else(|| last_number(&common.essential))
                .or(parent.last_number),
        };
        let segments = match self.segments(&owner)? {
            Ok(segments) => segments,
            Err(why) => {
                self.leave_out(&raw, "representation.addressing", why);
                return Ok(None);
            }
        };
        let tile = values::tile(&common.essential).or_else(|| values::tile(&common.supplemental));
        let for_segments = |query: &&UrlQuery| query.is_for("segment");
        Ok(Some(Representation {
            id: id.to_owned(),
            bandwidth,
            width: common.width.or(outer.width).unwrap_or(0),
            height: common.height.or(outer.height).unwrap_or(0),
            sar: common.sar.or(outer.sar),
            frame_rate: common.frame_rate.or(outer.frame_rate),
            sample_rate: common.sample_rate.or(outer.sample_rate).unwrap_or(0),
            channels: if common.channels > 0 {
                common.channels
            } else {
                outer.channels
            },
            quality_ranking: raw.quality_ranking,
            supplemental_codecs,
            start_with_sap: common.start_with_sap.or(outer.start_with_sap),
            interlaced: common.interlaced.or(outer.interlaced).unwrap_or(false),
            base_urls: base_urls::finish(bases, &owner.levels),
            tile: tile.or(parent.tile),
            producer_reference_times: references(common, &segments),
            resyncs: resyncs(common, &segments),
            failover: addressing::failover(owner.levels, &segments),
            max_playout_rate: common.max_playout_rate.or(outer.max_playout_rate),
            coding_dependency: common.coding_dependency.or(outer.coding_dependency),
            url_query: query.filter(for_segments).cloned(),
            header_query: header.filter(for_segments).cloned(),
            manifest_origin: query
                .into_iter()
                .chain(header)
                .find(|query| query.same_origin_only)
                .map(|_| crate::uri::origin(self.url)),
            inband_event_streams: raw.common.inband,
            media_stream_structure: raw.media_stream_structure,
            associations: raw.associations,
            sub_representations: raw.sub_representations,
            details: raw.common.details,
            essential: raw.common.essential,
            supplemental: raw.common.supplemental,
            mime_type,
            codecs,
            segments,
        }))
    }

    /// The media type of a Representation that can be used; what cannot is reported.
    fn usable(&mut self, raw: &RawRepresentation<'_>, parent: &Parent<'_, '_>) -> Option<String> {
        if raw.id.is_none() {
            self.leave_out(raw, "representation.no-id", "it has no id");
            return None;
        }
        if raw.bandwidth.is_none() {
            let why = "its bandwidth is missing, or not a number";
            self.leave_out(raw, "representation.no-bandwidth", why);
            return None;
        }
        let told = raw.common.mime_type.as_ref().or(parent.set.common.mime_type.as_ref());
        let Some(mime_type) = told else {
            self.leave_out(raw, "representation.no-mime-type", "it has no media type");
            return None;
        };
        if !raw.dependencies.is_empty() {
            self.leave_out(raw, "representation.dependent", "it depends on another one");
            return None;
        }
        if let Some(unknown) = values::unknown_essential(&raw.common.essential) {
            let why = ["it asks for ", &unknown.scheme, ", which is not known"].concat();
            self.leave_out(raw, "representation.essential-property", &why);
            return None;
        }
        Some(mime_type.split(';').next().unwrap_or_default().trim_ascii().to_owned())
    }
}

fn references(common: &Common<'_>, segments: &Segments) -> Vec<ProducerReferenceTime> {
    let place = |(time, ticks): &(ProducerReferenceTime, u64)| ProducerReferenceTime {
        presentation_time: segments.presentation_time(*ticks),
        ..time.clone()
    };
    common.references.iter().map(place).collect()
}

fn resyncs(common: &Common<'_>, segments: &Segments) -> Vec<Resync> {
    if !FULL {
        return Vec::new();
    }
    let scale = |(resync, ticks): &(Resync, Option<u64>)| Resync {
        interval: super::period::ticks(*ticks, segments.timescale()),
        ..*resync
    };
    common.resyncs.iter().map(scale).collect()
}
