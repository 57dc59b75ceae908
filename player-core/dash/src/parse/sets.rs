//! AdaptationSets and Representations.

use super::{
    Context, MAX_REPRESENTATIONS,
    addressing::{Level, Owner},
    base_urls::{self, Inherited},
    live, values,
};
use crate::{AdaptationSet, Descriptor, Error, Micros, Representation, model::TRICK_MODE, xml::Element};

/// What a Period hands on to its AdaptationSets.
pub(super) struct Scope<'d> {
    pub(super) start: Micros,
    pub(super) duration: Option<Micros>,
    pub(super) base_urls: Vec<Inherited>,
    /// Segment information of the MPD and of the Period.
    pub(super) levels: [Level<'d>; 2],
}

/// An AdaptationSet as its Representations see it.
struct Parent<'d, 's> {
    element: Element<'d>,
    scope: &'s Scope<'d>,
    base_urls: Vec<Inherited>,
    level: Level<'d>,
    channels: u32,
    properties: Vec<Descriptor>,
}

impl<'d> Context<'d> {
    /// Reads an AdaptationSet; none when it must not be used, or has nothing usable in it.
    pub(super) fn adaptation_set(
        &mut self,
        element: Element<'d>,
        scope: &Scope<'d>,
    ) -> Result<Option<AdaptationSet>, Error> {
        let essential = values::descriptors(element, "EssentialProperty");
        if let Some(unknown) = Self::unknown_essential(&essential) {
            let message = format!(
                "an AdaptationSet asks for {}, which is not known, and was left out",
                unknown.scheme
            );
            self.report
                .add(element.offset(), "adaptation-set.essential-property", message);
            return Ok(None);
        }
        let supplemental = values::descriptors(element, "SupplementalProperty");
        let parent = Parent {
            element,
            scope,
            base_urls: self.base_urls(&scope.base_urls, element),
            level: Level::of(element),
            channels: channels(element).unwrap_or(0),
            properties: [&essential[..], &supplemental[..]].concat(),
        };
        let mut content_protection = live::content_protections(element);
        let mut representations = Vec::new();
        for found in element.named("Representation") {
            if let Some(representation) = self.representation(found, &parent)? {
                for protection in live::content_protections(found) {
                    if content_protection.len() < values::MAX_DESCRIPTORS && !content_protection.contains(&protection) {
                        content_protection.push(protection);
                    }
                }
                representations.push(representation);
            }
        }
        let Some(first) = representations.first() else {
            let message = "an AdaptationSet without a usable Representation was left out";
            self.report.add(element.offset(), "adaptation-set.empty", message);
            return Ok(None);
        };
        let told = values::text(element, "contentType").or_else(|| component_type(element));
        let content_type = values::content_type(told.as_deref(), &first.mime_type, &first.codecs);
        let aligned = ["segmentAlignment", "subsegmentAlignment"].into_iter().any(|name| {
            // Numbers are legal: any but zero (and false) tells of alignment.
            values::text(element, name).is_some_and(|text| text != "false" && text != "0")
        });
        Ok(Some(AdaptationSet {
            id: self.number(element, "id"),
            content_type,
            lang: values::text(element, "lang"),
            labels: values::labels(element),
            roles: values::descriptors(element, "Role"),
            accessibility: values::descriptors(element, "Accessibility"),
            content_protection,
            selection_priority: self.number(element, "selectionPriority").unwrap_or(1),
            segment_alignment: aligned,
            group: self.number(element, "group"),
            viewpoints: values::descriptors(element, "Viewpoint"),
            ratings: values::descriptors(element, "Rating"),
            inband_event_streams: self.inband_event_streams(element),
            producer_reference_times: self
                .producer_reference_times(element, |ticks| first.segments.presentation_time(ticks)),
            resyncs: self.resyncs(element, first.segments.timescale()),
            failover: Vec::new(),
            switching: ids(&supplemental, "urn:mpeg:dash:adaptation-set-switching:2016"),
            trick_mode_of: [&essential[..], &supplemental[..]]
                .concat()
                .iter()
                .filter(|property| property.scheme == TRICK_MODE)
                .flat_map(|property| numbers(&property.value))
                .collect(),
            period_continuity: periods(&supplemental, "urn:mpeg:dash:period-continuity:2015"),
            period_connectivity: periods(&supplemental, "urn:mpeg:dash:period-connectivity:2015"),
            initialization_set_refs: Vec::new(),
            essential,
            supplemental,
            representations,
        }))
    }

    /// Says that a Representation is left out, and why.
    fn leave_out(&mut self, element: Element<'d>, code: &'static str, why: &str) {
        let id = element.attribute("id").unwrap_or_default();
        let id: String = id.chars().take(64).collect();
        self.report.add(
            element.offset(),
            code,
            format!("Representation {id:?} was left out: {why}"),
        );
    }

    fn representation(
        &mut self,
        element: Element<'d>,
        parent: &Parent<'d, '_>,
    ) -> Result<Option<Representation>, Error> {
        self.representations = self.representations.saturating_add(1);
        if self.representations > MAX_REPRESENTATIONS {
            let at = element.offset() as usize;
            return Err(self.locator.too_large("Representations", MAX_REPRESENTATIONS, at));
        }
        let Some(id) = values::text(element, "id") else {
            self.leave_out(element, "representation.no-id", "it has no id");
            return Ok(None);
        };
        let bandwidth = element
            .attribute("bandwidth")
            .and_then(|text| text.trim_ascii().parse::<u64>().ok());
        let Some(bandwidth) = bandwidth else {
            self.leave_out(
                element,
                "representation.no-bandwidth",
                "its bandwidth is missing, or not a number",
            );
            return Ok(None);
        };
        let inherited = |name| values::text(element, name).or_else(|| values::text(parent.element, name));
        let Some(mime_type) = inherited("mimeType") else {
            self.leave_out(element, "representation.no-mime-type", "it has no media type");
            return Ok(None);
        };
        if element.attribute("dependencyId").is_some() {
            self.leave_out(element, "representation.dependent", "it depends on another one");
            return Ok(None);
        }
        let essential = values::descriptors(element, "EssentialProperty");
        if let Some(unknown) = Self::unknown_essential(&essential) {
            let why = format!("it asks for {}, which is not known", unknown.scheme);
            self.leave_out(element, "representation.essential-property", &why);
            return Ok(None);
        }
        let mime_type = mime_type.split(';').next().unwrap_or_default().trim_ascii().to_owned();
        let codecs = inherited("codecs").unwrap_or_default();
        let base_urls = self.base_urls(&parent.base_urls, element);
        let bytes = base_urls::weight(&base_urls)
            .saturating_add(mime_type.len())
            .saturating_add(codecs.len());
        self.charge(bytes, element)?;
        let [mpd, period] = parent.scope.levels;
        let owner = Owner {
            element,
            id: &id,
            bandwidth,
            mime_type: &mime_type,
            period_start: parent.scope.start,
            limit: parent.scope.duration,
            levels: [Level::of(element), parent.level, period, mpd],
        };
        let segments = match self.segments(&owner)? {
            Ok(segments) => segments,
            Err(why) => {
                self.leave_out(element, "representation.addressing", why);
                return Ok(None);
            }
        };
        let supplemental = values::descriptors(element, "SupplementalProperty");
        let tile = values::tile(&essential).or_else(|| values::tile(&supplemental));
        Ok(Some(Representation {
            bandwidth,
            width: self.inherited_number(element, parent, "width").unwrap_or(0),
            height: self.inherited_number(element, parent, "height").unwrap_or(0),
            frame_rate: inherited("frameRate").and_then(|text| values::frame_rate(&text)),
            sample_rate: inherited("audioSamplingRate")
                .and_then(|text| values::sample_rate(&text))
                .unwrap_or(0),
            channels: channels(element).unwrap_or(parent.channels),
            quality_ranking: self.number(element, "qualityRanking"),
            base_urls: base_urls::finish(base_urls, &owner.levels),
            inband_event_streams: self.inband_event_streams(element),
            producer_reference_times: self.producer_reference_times(element, |ticks| segments.presentation_time(ticks)),
            resyncs: self.resyncs(element, segments.timescale()),
            failover: Vec::new(),
            max_playout_rate: values::thousandths(element, "maxPlayoutRate")
                .or_else(|| values::thousandths(parent.element, "maxPlayoutRate")),
            coding_dependency: values::boolean(element, "codingDependency")
                .or_else(|| values::boolean(parent.element, "codingDependency")),
            media_stream_structure: values::list(element, "mediaStreamStructureId", ' '),
            associations: Vec::new(),
            sub_representations: Vec::new(),
            tile: tile.or_else(|| values::tile(&parent.properties)),
            essential,
            supplemental,
            segments,
            id,
            mime_type,
            codecs,
        }))
    }

    fn inherited_number(&mut self, element: Element<'d>, parent: &Parent<'d, '_>, name: &str) -> Option<u32> {
        self.number(element, name).or_else(|| self.number(parent.element, name))
    }
}

/// Channels told by the first AudioChannelConfiguration that is understood.
fn channels(element: Element<'_>) -> Option<u32> {
    let told = values::descriptors(element, "AudioChannelConfiguration");
    told.iter().map(values::channels).find(|channels| *channels > 0)
}

fn numbers(text: &str) -> impl Iterator<Item = u32> {
    text.split([',', ' ']).filter_map(|id| id.trim_ascii().parse().ok())
}

fn ids(properties: &[Descriptor], scheme: &str) -> Vec<u32> {
    let of_scheme = properties.iter().filter(|property| property.scheme == scheme);
    of_scheme.flat_map(|property| numbers(&property.value)).collect()
}

/// Periods that descriptors of a scheme name.
fn periods(properties: &[Descriptor], scheme: &str) -> Vec<String> {
    let of_scheme = properties.iter().filter(|property| property.scheme == scheme);
    of_scheme.map(|property| property.value.clone()).collect()
}

/// The type of the only ContentComponent.
fn component_type(element: Element<'_>) -> Option<String> {
    let mut components = element.named("ContentComponent");
    let only = components.next()?;
    if components.next().is_some() {
        return None;
    }
    values::text(only, "contentType")
}
