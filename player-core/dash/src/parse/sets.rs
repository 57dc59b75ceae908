//! AdaptationSets and Representations, with what they inherit.

use super::{
    Resolver,
    addressing::{self, Owner},
    base_urls::{self, Bases},
    elements::MAX_DESCRIPTORS,
    period::{ids, last_number, values_of},
    raw::{Attributes, Common, Level, RawProtection, RawRepresentation, RawSet, Text},
    values,
};
use crate::{
    AdaptationSet, ContentProtection, FULL, Halt, Micros, ProducerReferenceTime, Properties, Representation, Resync,
    Segments,
    index::Addressing,
    model::{TRICK_MODE, UrlQuery},
};
use std::{rc::Rc, sync::Arc};

/// What a Period hands on to its AdaptationSets.
pub(super) struct Scope<'l, 'a> {
    pub(super) start: Micros,
    pub(super) duration: Option<Micros>,
    pub(super) bases: Bases,
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
    bases: Bases,
    last_number: Option<u64>,
    /// The number of the [`Twin`] that hands on the same.
    twin: usize,
    /// The addressing made last of what is inherited only, and for which media type.
    addressing: Option<(Arc<Addressing>, Arc<Properties>)>,
}

/// What Representations inherit for their properties.
#[derive(PartialEq, Eq)]
struct Outer<'a> {
    attributes: Attributes<'a>,
    channels: u32,
    tile: Option<(u32, u32)>,
    query: Option<UrlQuery>,
    header: Option<UrlQuery>,
}

/// An AdaptationSet that there was: another one that hands on the same makes the same of the same Representations.
pub(super) struct Twin<'a> {
    outer: Rc<Outer<'a>>,
    made: Vec<(Rc<RawRepresentation<'a>>, Arc<Properties>)>,
}

/// The most sets and Representations remembered.
const MAX_TWINS: usize = 16;

fn owned(text: Option<&Text<'_>>) -> String {
    text.map(|text| text.to_string()).unwrap_or_default()
}

impl<'a> Resolver<'a> {
    /// An AdaptationSet; none when it must not be used, or has nothing usable in it.
    pub(super) fn set(&mut self, mut raw: RawSet<'a>, scope: &Scope<'_, 'a>) -> Result<Option<AdaptationSet>, Halt> {
        if let Some(unknown) = values::unknown_essential(&raw.common.essential) {
            self.report
                .add(raw.start, "adaptation-set.essential-property", &unknown.scheme);
            return Ok(None);
        }
        let read = std::mem::take(&mut raw.representations);
        let selection_priority = raw.common.attributes.selection_priority.unwrap_or(1);
        let attributes = std::mem::take(&mut raw.common.attributes);
        let properties = [&raw.common.essential[..], &raw.common.supplemental[..]];
        let common = &raw.common;
        let outer = Outer {
            attributes,
            channels: common.channels,
            tile: properties.iter().find_map(|list| values::tile(list)),
            query: common.query.as_ref().or(scope.query).cloned(),
            header: common.header.as_ref().or(scope.header).cloned(),
        };
        let mut parent = Parent {
            set: &raw,
            scope,
            bases: base_urls::combine(&scope.bases, &common.bases),
            last_number: properties.iter().find_map(|list| last_number(list)),
            twin: self.twin(outer),
            addressing: None,
        };
        let mut protections = Vec::new();
        self.protections(&mut protections, &common.protections, raw.start, scope)?;
        let mut representations = Vec::with_capacity(read.len());
        for (at, (start, found)) in read.iter().enumerate() {
            if let Some(properties) = self.properties(*start, found, at, &parent)?
                && let Some(representation) = self.representation(*start, found, properties, &mut parent)?
            {
                self.protections(&mut protections, &found.common.protections, *start, scope)?;
                representations.push(representation);
            }
        }
        let start = raw.start;
        let set = describe(raw, selection_priority, representations, protections);
        if set.is_none() {
            self.report.add(start, "adaptation-set.empty", "");
        }
        Ok(set)
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

    /// The number of the set that hands on the same as this one, or of a new one.
    fn twin(&mut self, outer: Outer<'a>) -> usize {
        if let Some(at) = self.twins.iter().rposition(|twin| *twin.outer == outer) {
            return at;
        }
        if self.twins.len() >= MAX_TWINS {
            self.twins.remove(0);
        }
        self.twins.push(Twin {
            outer: Rc::new(outer),
            made: Vec::new(),
        });
        self.twins.len().saturating_sub(1)
    }

    /// Says that a Representation is left out, and why.
    fn leave_out(&mut self, start: usize, raw: &RawRepresentation<'_>, code: &'static str, why: &str) {
        let id: String = raw.id.as_deref().unwrap_or_default().chars().take(64).collect();
        let detail = ["Representation \"", &id, "\" was left out: ", why].concat();
        self.report.add(start, code, &detail);
    }

    /// What a Representation says of itself, `at` its place in the set; none when it cannot be used.
    fn properties(
        &mut self,
        start: usize,
        raw: &Rc<RawRepresentation<'a>>,
        at: usize,
        parent: &Parent<'_, 'a>,
    ) -> Result<Option<Arc<Properties>>, Halt> {
        let Some(twin) = self.twins.get(parent.twin) else {
            return Ok(None);
        };
        let same = |known: &&(Rc<RawRepresentation<'_>>, _)| Rc::ptr_eq(&known.0, raw);
        let made = twin.made.get(at).filter(same).or_else(|| twin.made.iter().find(same));
        if let Some((_, made)) = made {
            return Ok(Some(Arc::clone(made)));
        }
        let outer = Rc::clone(&twin.outer);
        let Some(made) = self.complete(start, raw, &outer)? else {
            return Ok(None);
        };
        let made = Arc::new(made);
        // One that may come again is remembered where it was read, too.
        if Rc::strong_count(raw) > 1
            && let Some(twin) = self.twins.get_mut(parent.twin)
            && twin.made.len() < MAX_TWINS
        {
            twin.made.push((Rc::clone(raw), Arc::clone(&made)));
        }
        Ok(Some(made))
    }

    /// A Representation's properties, completed by what it inherits.
    fn complete(
        &mut self,
        start: usize,
        raw: &RawRepresentation<'_>,
        outer: &Outer<'_>,
    ) -> Result<Option<Properties>, Halt> {
        let Some(mime_type) = self.usable(start, raw, outer) else {
            return Ok(None);
        };
        let (Some(id), Some(bandwidth)) = (raw.id.as_deref(), raw.bandwidth) else {
            return Ok(None);
        };
        let (common, own, above) = (&raw.common, &raw.common.attributes, &outer.attributes);
        let codecs = owned(own.codecs.as_ref().or(above.codecs.as_ref()));
        let supplemental_codecs = owned(own.supplemental_codecs.as_ref().or(above.supplemental_codecs.as_ref()));
        let query = common.query.as_ref().or(outer.query.as_ref());
        let header = common.header.as_ref().or(outer.header.as_ref());
        let bytes = mime_type
            .len()
            .saturating_add(codecs.len())
            .saturating_add(supplemental_codecs.len())
            .saturating_add(query.map_or(0, UrlQuery::weight))
            .saturating_add(header.map_or(0, UrlQuery::weight));
        self.charge(bytes, start)?;
        let tile = values::tile(&common.essential).or_else(|| values::tile(&common.supplemental));
        let for_segments = |query: &&UrlQuery| query.is_for("segment");
        Ok(Some(Properties {
            id: id.to_owned(),
            bandwidth,
            width: own.width.or(above.width).unwrap_or(0),
            height: own.height.or(above.height).unwrap_or(0),
            sar: own.sar.or(above.sar),
            frame_rate: own.frame_rate.or(above.frame_rate),
            sample_rate: own.sample_rate.or(above.sample_rate).unwrap_or(0),
            channels: if common.channels > 0 {
                common.channels
            } else {
                outer.channels
            },
            quality_ranking: raw.quality_ranking,
            supplemental_codecs,
            start_with_sap: own.start_with_sap.or(above.start_with_sap),
            interlaced: own.interlaced.or(above.interlaced).unwrap_or(false),
            tile: tile.or(outer.tile),
            max_playout_rate: own.max_playout_rate.or(above.max_playout_rate),
            coding_dependency: own.coding_dependency.or(above.coding_dependency),
            url_query: query.filter(for_segments).cloned(),
            header_query: header.filter(for_segments).cloned(),
            manifest_origin: query
                .into_iter()
                .chain(header)
                .find(|query| query.same_origin_only)
                .map(|_| crate::uri::origin(self.url)),
            inband_event_streams: common.inband.clone(),
            media_stream_structure: if FULL {
                raw.media_stream_structure.clone()
            } else {
                Default::default()
            },
            associations: if FULL {
                raw.associations.clone()
            } else {
                Default::default()
            },
            sub_representations: if FULL {
                raw.sub_representations.clone()
            } else {
                Default::default()
            },
            details: if FULL {
                common.details.clone()
            } else {
                Default::default()
            },
            essential: common.essential.clone(),
            supplemental: common.supplemental.clone(),
            mime_type,
            codecs,
        }))
    }

    /// A Representation with its place in time and on servers.
    fn representation(
        &mut self,
        start: usize,
        raw: &RawRepresentation<'_>,
        properties: Arc<Properties>,
        parent: &mut Parent<'_, '_>,
    ) -> Result<Option<Representation>, Halt> {
        let common = &raw.common;
        let levels = [&common.level, &parent.set.common.level, parent.scope.level];
        let own_last = last_number(&common.supplemental).or_else(|| last_number(&common.essential));
        let inherits = common.level.kind().is_none() && own_last.is_none();
        let known = parent.addressing.as_ref().filter(|_| inherits);
        let addressing = match known.filter(|(_, of)| of.mime_type == properties.mime_type) {
            Some((known, _)) => Arc::clone(known),
            None => {
                let owner = Owner {
                    start,
                    mime_type: &properties.mime_type,
                    period_start: parent.scope.start,
                    limit: parent.scope.duration,
                    levels,
                    last_number: own_last.or(parent.last_number),
                };
                match self.segments(&owner)? {
                    Ok(made) => made,
                    Err(why) => {
                        self.leave_out(start, raw, "representation.addressing", why);
                        return Ok(None);
                    }
                }
            }
        };
        if inherits {
            parent.addressing = Some((Arc::clone(&addressing), Arc::clone(&properties)));
        }
        let bases = base_urls::combine(&parent.bases, &common.bases);
        let (base_urls, is_new) = self.bases.get(&bases, &levels);
        if is_new {
            self.charge(base_urls::weight(&bases), start)?;
        }
        let segments = Segments {
            addressing,
            owner: properties,
        };
        Ok(Some(Representation {
            base_urls,
            producer_reference_times: references(common, &segments),
            resyncs: resyncs(common, &segments),
            failover: addressing::failover(levels, &segments),
            segments,
        }))
    }

    /// The media type of a Representation that can be used; what cannot is reported.
    fn usable(&mut self, start: usize, raw: &RawRepresentation<'_>, outer: &Outer<'_>) -> Option<String> {
        if raw.id.is_none() {
            self.leave_out(start, raw, "representation.no-id", "it has no id");
            return None;
        }
        if raw.bandwidth.is_none() {
            let why = "its bandwidth is missing, or not a number";
            self.leave_out(start, raw, "representation.no-bandwidth", why);
            return None;
        }
        let told = raw.common.attributes.mime_type.as_ref();
        let Some(mime_type) = told.or(outer.attributes.mime_type.as_ref()) else {
            self.leave_out(start, raw, "representation.no-mime-type", "it has no media type");
            return None;
        };
        if !raw.dependencies.is_empty() {
            self.leave_out(start, raw, "representation.dependent", "it depends on another one");
            return None;
        }
        if let Some(unknown) = values::unknown_essential(&raw.common.essential) {
            let why = ["it asks for ", &unknown.scheme, ", which is not known"].concat();
            self.leave_out(start, raw, "representation.essential-property", &why);
            return None;
        }
        Some(mime_type.split(';').next().unwrap_or_default().trim_ascii().to_owned())
    }
}

/// What an AdaptationSet shows; none without a Representation.
fn describe(
    mut raw: RawSet<'_>,
    selection_priority: u32,
    representations: Vec<Representation>,
    protections: Vec<ContentProtection>,
) -> Option<AdaptationSet> {
    let first = representations.first()?;
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
    Some(AdaptationSet {
        id: raw.id,
        content_type,
        lang: raw.lang,
        selection_priority,
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
    })
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
