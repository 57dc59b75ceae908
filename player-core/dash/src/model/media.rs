//! AdaptationSets and Representations.

use super::{
    ContentProtection, Descriptor, Details, Failover, InbandEventStream, Label, ProducerReferenceTime, Resync,
};
use crate::{Micros, SegmentIndex, Segments, template::push_number, uri};
use std::{ops::Deref, sync::Arc};

/// What kind of content an AdaptationSet holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ContentType {
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
    /// Subtitles or captions.
    Text,
    /// Still pictures, such as thumbnails.
    Image,
    /// Anything else.
    Other,
}

/// A set of Representations of the same content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdaptationSet {
    /// `@id`.
    pub id: Option<u32>,
    /// From `@contentType`, the media types or the codecs.
    pub content_type: ContentType,
    /// `@lang`, a BCP 47 tag as written.
    pub lang: Option<String>,
    /// Labels, in document order.
    pub labels: Vec<Label>,
    /// Roles, in document order.
    pub roles: Vec<Descriptor>,
    /// Accessibility descriptors, in document order.
    pub accessibility: Vec<Descriptor>,
    /// EssentialProperty descriptors; all of them known to this crate, others exclude the set.
    pub essential: Vec<Descriptor>,
    /// SupplementalProperty descriptors.
    pub supplemental: Vec<Descriptor>,
    /// ContentProtection descriptors of the set and its Representations, without repetition.
    pub content_protection: Vec<ContentProtection>,
    /// `@selectionPriority`, 1 when absent; higher is preferred.
    pub selection_priority: u32,
    /// `@segmentAlignment` (or `@subsegmentAlignment`): segments of all Representations cut at the same times.
    pub segment_alignment: bool,
    /// The Representations in document order; never empty.
    pub representations: Vec<Representation>,
    /// `@group`.
    pub group: Option<u32>,
    /// Viewpoint descriptors.
    pub viewpoints: Vec<Descriptor>,
    /// Rating descriptors.
    pub ratings: Vec<Descriptor>,
    /// Kinds of events that its segments may carry (`emsg`).
    pub inband_event_streams: Vec<InbandEventStream>,
    /// Wall-clock times of production.
    pub producer_reference_times: Vec<ProducerReferenceTime>,
    /// Where a decoder may start inside of segments.
    pub resyncs: Vec<Resync>,
    /// Stretches in which its segments were replaced by failover content.
    pub failover: Vec<Failover>,
    /// `@id` of the sets one may switch to without a seam (`urn:mpeg:dash:adaptation-set-switching:2016`).
    pub switching: Vec<u32>,
    /// `@id` of the sets that this one is for trick modes of; see [`Self::is_trick_mode`].
    pub trick_mode_of: Vec<u32>,
    /// The Period (`@id`) that this set goes on from without a break: `urn:mpeg:dash:period-continuity:2015`.
    pub period_continuity: Vec<String>,
    /// The Period (`@id`) whose initialization segments serve here too: `urn:mpeg:dash:period-connectivity:2015`.
    pub period_connectivity: Vec<String>,
    /// `@par`, the picture aspect ratio.
    pub par: Option<(u32, u32)>,
    /// `@bitstreamSwitching`: segments of different Representations make one stream without initialization between.
    pub bitstream_switching: bool,
    /// GroupLabels: names for groups of labels.
    pub group_labels: Vec<Label>,
    /// Of `urn:mpeg:dash:ssr:2023`: ids of the sets with sequences of shorter segments to switch or start with.
    pub segment_sequences: Vec<u32>,
    /// Only to be played as part of a Preselection.
    pub preselection_only: bool,
    /// `@initializationSetRef`.
    pub initialization_set_refs: Vec<u32>,
    /// What players hand on as it is.
    pub details: Option<Box<Details>>,
}

impl AdaptationSet {
    /// Is this a set for trick modes (scanning), not for normal playback?
    #[must_use]
    pub fn is_trick_mode(&self) -> bool {
        self.essential
            .iter()
            .chain(&self.supplemental)
            .any(|property| property.scheme == TRICK_MODE)
    }
}

pub(crate) const TRICK_MODE: &str = "http://dashif.org/guidelines/trickmode";

/// One encoding of the content. What it says of itself is read through [`Deref`], as if it were here.
#[derive(Clone)]
pub struct Representation {
    /// Absolute base URLs in order of preference as written; never empty.
    pub base_urls: Arc<[BaseUrl]>,
    /// How the segments are addressed, everything inherited included.
    pub segments: Segments,
    /// Wall-clock times of production, besides those of the set.
    pub producer_reference_times: Vec<ProducerReferenceTime>,
    /// Where a decoder may start inside of segments, besides those of the set.
    pub resyncs: Vec<Resync>,
    /// Stretches in which its segments were replaced by failover content; the set's when it has none of its own.
    pub failover: Vec<Failover>,
}

/// What a Representation says of itself, inherited attributes included. Periods that repeat each other share it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Properties {
    /// `@id`.
    pub id: String,
    /// `@bandwidth` in bits per second.
    pub bandwidth: u64,
    /// `@mimeType`, without parameters.
    pub mime_type: String,
    /// `@codecs`, may be empty.
    pub codecs: String,
    /// `@width` in pixels, zero when absent.
    pub width: u32,
    /// `@height` in pixels, zero when absent.
    pub height: u32,
    /// `@frameRate` as a fraction.
    pub frame_rate: Option<(u32, u32)>,
    /// `@audioSamplingRate` in Hz (the highest of a range), zero when absent.
    pub sample_rate: u32,
    /// Channels told by AudioChannelConfiguration, zero when unknown.
    pub channels: u32,
    /// `@qualityRanking`, lower is better.
    pub quality_ranking: Option<u32>,
    /// Thumbnail tiles in each image: columns and rows.
    pub tile: Option<(u32, u32)>,
    /// EssentialProperty descriptors; all of them known to this crate, others exclude the Representation.
    pub essential: Vec<Descriptor>,
    /// SupplementalProperty descriptors.
    pub supplemental: Vec<Descriptor>,
    /// Kinds of events that its segments may carry, besides those of the set.
    pub inband_event_streams: Vec<InbandEventStream>,
    /// `@sar`, the sample aspect ratio.
    pub sar: Option<(u32, u32)>,
    /// `scte214:supplementalCodecs` or `@supplementalCodecs`: what a device with enhanced decoding makes of it; may be
    /// empty.
    pub supplemental_codecs: String,
    /// `@startWithSAP`.
    pub start_with_sap: Option<u32>,
    /// `@scanType` is `interlaced`.
    pub interlaced: bool,
    /// Query parameters that [`Self::resolve`] adds to URLs.
    pub url_query: Option<UrlQuery>,
    /// Parameters that requests carry in the header field [`QUERY_HEADER`].
    pub header_query: Option<UrlQuery>,
    /// The manifest's origin, where parameters are for that only.
    pub(crate) manifest_origin: Option<String>,
    /// `@maxPlayoutRate` in thousandths.
    pub max_playout_rate: Option<u32>,
    /// `@codingDependency`.
    pub coding_dependency: Option<bool>,
    /// `@mediaStreamStructureId`.
    pub media_stream_structure: Vec<String>,
    /// `@associationId`, with the `@associationType` at the same place.
    pub associations: Vec<(String, String)>,
    /// SubRepresentations.
    pub sub_representations: Vec<SubRepresentation>,
    /// What players hand on as it is.
    pub details: Option<Box<Details>>,
}

impl Deref for Representation {
    type Target = Properties;

    fn deref(&self) -> &Properties {
        &self.segments.owner
    }
}

impl PartialEq for Representation {
    fn eq(&self, other: &Self) -> bool {
        self.segments.owner == other.segments.owner
            && self.segments == other.segments
            && self.base_urls == other.base_urls
            && self.producer_reference_times == other.producer_reference_times
            && self.resyncs == other.resyncs
            && self.failover == other.failover
    }
}

impl Eq for Representation {}

impl Representation {
    /// The initialization segment; none when the media segments initialize themselves, or when the segment
    /// index must be loaded first (see [`SegmentIndex::initialization`]).
    #[must_use]
    pub fn initialization(&self) -> Option<Resource> {
        self.segments.initialization()
    }

    /// The segments, computed on demand.
    #[must_use]
    pub fn index(&self) -> SegmentIndex {
        SegmentIndex::new(&self.segments)
    }

    /// `reference` made absolute against the base URL number `base` (the last one when there are fewer).
    #[must_use]
    pub fn resolve(&self, base: usize, reference: &str) -> String {
        let base = self.base_urls.get(base).or(self.base_urls.last());
        let mut url = uri::resolve(base.map_or("", |base| &base.url), reference);
        if let Some(query) = self.url_query.as_ref().filter(|query| self.is_allowed(query, &url)) {
            crate::parse::append_query(&mut url, &query.query);
        }
        url
    }

    /// The URL of `resource` at the base URL number `base`, and whether it names the range that is wanted: then the
    /// request itself must not (Annex E).
    #[must_use]
    pub fn locate(&self, base: usize, resource: &Resource) -> (String, bool) {
        let url = self.resolve(base, &resource.reference);
        let template = self.base_urls.get(base).and_then(|base| base.byte_range.as_deref());
        let range = resource.range.and_then(|range| Some((range.start, range.end?)));
        let Some((template, (first, last))) = template.zip(range) else {
            return (url, false);
        };
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let mut filled = String::new();
        for piece in template.split('$') {
            match piece {
                "base" => filled.push_str(path),
                "query" => filled.push_str(query),
                "first" => push_number(&mut filled, first, 0),
                "last" => push_number(&mut filled, last, 0),
                other => filled.push_str(other),
            }
        }
        (filled, true)
    }

    /// What a request for `url` carries in the header field [`QUERY_HEADER`]. It may be a token: not for logs.
    #[must_use]
    pub fn header(&self, url: &str) -> Option<&str> {
        let is_sendable = |query: &&UrlQuery| query.query.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let query = self.header_query.as_ref().filter(is_sendable)?;
        self.is_allowed(query, url).then_some(&query.query)
    }

    fn is_allowed(&self, query: &UrlQuery, url: &str) -> bool {
        !query.same_origin_only || self.manifest_origin.as_ref() == Some(&uri::origin(url))
    }

    /// What to add to the media's own timestamps to place it on the presentation timeline: PeriodStart less
    /// the presentation time offset.
    #[must_use]
    pub fn timestamp_offset(&self) -> Micros {
        self.segments.timestamp_offset()
    }

    /// Is this what [`Self::full_mime`] gives?
    #[must_use]
    pub fn is_mime(&self, full: &str) -> bool {
        let Some(rest) = full.strip_prefix(self.mime_type.as_str()) else {
            return false;
        };
        let codecs = rest.strip_prefix("; codecs=\"").and_then(|rest| rest.strip_suffix('"'));
        match codecs {
            Some(codecs) => !codecs.is_empty() && codecs == self.codecs,
            None => rest.is_empty() && self.codecs.is_empty(),
        }
    }

    /// Media type and codecs in one string, as `MediaSource.isTypeSupported` takes it.
    #[must_use]
    pub fn full_mime(&self) -> String {
        if self.codecs.is_empty() {
            self.mime_type.clone()
        } else {
            format!("{}; codecs=\"{}\"", self.mime_type, self.codecs)
        }
    }
}

/// The header field that carries [`Representation::header_query`] (ISO/IEC 23009-1, I.3).
pub const QUERY_HEADER: &str = "MPEG-DASH-Param";

/// Parameters that the manifest wants with requests (ISO/IEC 23009-1, Annex I).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UrlQuery {
    /// The parameters, without `?`.
    pub query: String,
    /// `@includeInRequests`: `segment`, `mpd`, `steering` and the like, or `*`.
    pub requests: Vec<String>,
    /// `@sameOriginOnly`: only for URLs of the manifest's origin.
    pub same_origin_only: bool,
}

impl UrlQuery {
    /// Bytes of it, and of the origin that may go with it.
    pub(crate) fn weight(&self) -> usize {
        let requests: usize = self.requests.iter().map(String::len).sum();
        self.query.len().saturating_add(requests).saturating_add(64)
    }

    /// Is it for requests of this kind?
    #[must_use]
    pub fn is_for(&self, kind: &str) -> bool {
        self.requests.iter().any(|wanted| wanted == kind || wanted == "*")
    }
}

/// One place to fetch from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaseUrl {
    /// Absolute URL (as far as the manifest's own is).
    pub url: String,
    /// `@serviceLocation`; the URL's origin when absent.
    pub service_location: String,
    /// `@dvb:priority`, 1 when absent; lower is preferred.
    pub priority: u32,
    /// `@dvb:weight`, 1 when absent.
    pub weight: u32,
    /// How much earlier than complete segments are available here: the sum of `@availabilityTimeOffset` over all
    /// levels, that of the segment information included; [`Micros::MAX`] for `INF`.
    pub availability_time_offset: Micros,
    /// `@availabilityTimeComplete`: at that adjusted time a segment is there as a whole.
    pub availability_time_complete: bool,
    /// `@timeShiftBufferDepth` of this place, where it differs from the MPD's.
    pub time_shift_buffer_depth: Option<Micros>,
    /// `@byteRange`: how URLs name ranges here, where byte range requests are not to be made (Annex E).
    pub byte_range: Option<String>,
}

/// One of the streams multiplexed into a Representation, or a layer of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubRepresentation {
    /// `@level`.
    pub level: Option<u32>,
    /// `@dependencyLevel`.
    pub dependency_levels: Vec<u32>,
    /// `@bandwidth` in bits per second.
    pub bandwidth: Option<u64>,
    /// `@contentComponent`.
    pub content_components: Vec<String>,
    /// `@codecs`, the Representation's when absent.
    pub codecs: String,
}

/// Bytes of a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ByteRange {
    /// First byte.
    pub start: u64,
    /// Last byte, inclusive; none: to the end.
    pub end: Option<u64>,
}

/// Something to fetch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resource {
    /// A URL reference for [`Representation::resolve`], templates expanded; empty is the base URL itself.
    pub reference: String,
    /// Which bytes of it; none: all.
    pub range: Option<ByteRange>,
}
