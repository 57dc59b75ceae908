//! Elements as they are read, their text borrowed: what is inherited is still at its level, and nothing is placed
//! in time.

use crate::{
    ByteRange, ContentProtection, Descriptor, Details, Event, InbandEventStream, Label, Micros, Period,
    ProducerReferenceTime, Resource, Resync, SubRepresentation, index::ListedUrl, model::UrlQuery, timeline::Entries,
};
use std::{borrow::Cow, rc::Rc, sync::Arc};

/// Text of the document, copied only when it had references in it.
pub(super) type Text<'a> = Cow<'a, str>;

/// A BaseURL.
#[derive(Debug)]
pub(super) struct RawBase<'a> {
    pub(super) url: Text<'a>,
    pub(super) service_location: Option<Text<'a>>,
    pub(super) priority: Option<u32>,
    pub(super) weight: Option<u32>,
    pub(super) offset: Micros,
    pub(super) complete: Option<bool>,
    pub(super) depth: Option<Micros>,
    pub(super) byte_range: Option<Text<'a>>,
}

/// Which element addresses segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Template,
    List,
    Base,
}

/// Why a Representation cannot be addressed.
pub(super) type Fails = &'static str;

/// One SegmentBase, SegmentList or SegmentTemplate.
#[derive(Debug, Default)]
pub(super) struct Source<'a> {
    /// The first thing wrong with it.
    pub(super) fault: Option<Fails>,
    pub(super) timescale: Option<u32>,
    pub(super) presentation_time_offset: Option<u64>,
    pub(super) presentation_duration: Option<u64>,
    pub(super) ept_delta: Option<i64>,
    pub(super) pd_delta: Option<i64>,
    pub(super) duration: Option<u64>,
    pub(super) start_number: Option<u64>,
    pub(super) end_number: Option<u64>,
    pub(super) index_range: Option<ByteRange>,
    pub(super) time_offset: Option<Micros>,
    pub(super) complete: Option<bool>,
    pub(super) depth: Option<Micros>,
    pub(super) media: Option<Text<'a>>,
    pub(super) index: Option<Text<'a>>,
    pub(super) initialization: Option<Text<'a>>,
    pub(super) initialization_element: Option<Resource>,
    pub(super) representation_index: Option<Resource>,
    pub(super) timeline: Option<Arc<Entries>>,
    pub(super) urls: Option<Arc<[ListedUrl]>>,
    /// Start and duration of sections in ticks, and whether they are valid.
    pub(super) failover: Vec<(u64, Option<u64>, bool)>,
}

/// The segment information that one element carries.
#[derive(Debug, Default)]
pub(super) struct Level<'a> {
    pub(super) template: Option<Box<Source<'a>>>,
    pub(super) list: Option<Box<Source<'a>>>,
    pub(super) base: Option<Box<Source<'a>>>,
}

impl<'a> Level<'a> {
    pub(super) fn kind(&self) -> Option<Kind> {
        let template = self.template.as_ref().map(|_| Kind::Template);
        let list = self.list.as_ref().map(|_| Kind::List);
        template.or(list).or(self.base.as_ref().map(|_| Kind::Base))
    }

    pub(super) fn source(&self, kind: Kind) -> Option<&Source<'a>> {
        match kind {
            Kind::Template => self.template.as_deref(),
            Kind::List => self.list.as_deref(),
            Kind::Base => self.base.as_deref(),
        }
    }
}

/// Attributes of RepresentationBaseType.
#[derive(PartialEq, Eq, Debug, Default)]
pub(super) struct Attributes<'a> {
    pub(super) mime_type: Option<Text<'a>>,
    pub(super) codecs: Option<Text<'a>>,
    pub(super) supplemental_codecs: Option<Text<'a>>,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) sar: Option<(u32, u32)>,
    pub(super) frame_rate: Option<(u32, u32)>,
    pub(super) sample_rate: Option<u32>,
    pub(super) max_playout_rate: Option<u32>,
    pub(super) coding_dependency: Option<bool>,
    pub(super) start_with_sap: Option<u32>,
    pub(super) interlaced: Option<bool>,
    pub(super) selection_priority: Option<u32>,
    pub(super) tag: Option<Text<'a>>,
}

/// What AdaptationSets and Representations have in common.
#[derive(Debug, Default)]
pub(super) struct Common<'a> {
    pub(super) attributes: Attributes<'a>,
    /// Channels told by AudioChannelConfiguration, zero when it is not there.
    pub(super) channels: u32,
    pub(super) essential: Vec<Descriptor>,
    pub(super) supplemental: Vec<Descriptor>,
    pub(super) protections: Vec<RawProtection<'a>>,
    pub(super) inband: Vec<InbandEventStream>,
    pub(super) labels: Vec<Label>,
    pub(super) group_labels: Vec<Label>,
    /// With the media time, in ticks.
    pub(super) references: Vec<(ProducerReferenceTime, u64)>,
    /// With `@dT`, in ticks.
    pub(super) resyncs: Vec<(Resync, Option<u64>)>,
    pub(super) details: Option<Box<Details>>,
    pub(super) query: Option<UrlQuery>,
    pub(super) header: Option<UrlQuery>,
    pub(super) bases: Vec<RawBase<'a>>,
    pub(super) level: Level<'a>,
}

/// A ContentProtection that may refer to another one.
#[derive(Clone, Debug)]
pub(super) struct RawProtection<'a> {
    pub(super) protection: Rc<ContentProtection>,
    pub(super) reference: Option<Text<'a>>,
    pub(super) ref_id: Option<Text<'a>>,
}

/// A Representation; one that is written like another one is that.
#[derive(Debug)]
pub(super) struct RawRepresentation<'a> {
    pub(super) id: Option<Text<'a>>,
    pub(super) bandwidth: Option<u64>,
    pub(super) quality_ranking: Option<u32>,
    pub(super) dependencies: Vec<String>,
    pub(super) associations: Vec<(String, String)>,
    pub(super) media_stream_structure: Vec<String>,
    pub(super) sub_representations: Vec<SubRepresentation>,
    pub(super) common: Common<'a>,
}

/// An AdaptationSet.
#[derive(Debug)]
pub(super) struct RawSet<'a> {
    pub(super) start: usize,
    pub(super) id: Option<u32>,
    pub(super) group: Option<u32>,
    pub(super) content_type: Option<Text<'a>>,
    /// Types of its ContentComponents.
    pub(super) components: Vec<Text<'a>>,
    pub(super) lang: Option<String>,
    pub(super) par: Option<(u32, u32)>,
    pub(super) aligned: bool,
    pub(super) bitstream_switching: Option<bool>,
    pub(super) initialization_set_refs: Vec<u32>,
    pub(super) roles: Vec<Descriptor>,
    pub(super) accessibility: Vec<Descriptor>,
    pub(super) viewpoints: Vec<Descriptor>,
    pub(super) ratings: Vec<Descriptor>,
    pub(super) common: Common<'a>,
    /// With where they are in the text.
    pub(super) representations: Vec<(usize, Rc<RawRepresentation<'a>>)>,
}

/// A Period.
#[derive(Debug)]
pub(super) struct RawPeriod<'a> {
    pub(super) start: usize,
    /// Its text; none when it came from elsewhere.
    pub(super) text: Option<&'a str>,
    /// Elements in it.
    pub(super) elements: usize,
    /// `@start`.
    pub(super) told_start: Option<Micros>,
    /// `@duration`.
    pub(super) told: Option<Micros>,
    /// It is, letter by letter, this one of the Periods known.
    pub(super) known: Option<usize>,
    /// What is to be shown of it already; times of its events count from its start.
    pub(super) period: Period,
    /// Base URLs of an imported MPD, which come in place of those of the MPD.
    pub(super) imported_bases: Option<super::base_urls::Bases>,
    pub(super) common: Common<'a>,
    pub(super) sets: Vec<RawSet<'a>>,
    /// ContentProtection in it that others may refer to.
    pub(super) definitions: Vec<RawProtection<'a>>,
    /// Diagnostics found in it.
    pub(super) findings: Vec<crate::report::Finding>,
    pub(super) is_linked: bool,
}

/// Moves events, whose times count from the Period's start, to where that is.
pub(super) fn shift(events: &mut [Event], by: Micros) {
    for event in events {
        event.start += by;
    }
}
