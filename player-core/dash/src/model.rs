//! What an MPD says, with inheritance applied and times resolved.

use crate::{Diagnostic, Micros, SegmentIndex, Segments, uri};

/// A manifest and what was wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// The manifest.
    pub presentation: Presentation,
    /// What was skipped or assumed, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

/// A media presentation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Presentation {
    /// `MPD@type` is `dynamic`.
    pub dynamic: bool,
    /// `@mediaPresentationDuration`, else the end of the last Period where that is known.
    pub duration: Option<Micros>,
    /// `@minBufferTime`, zero when absent.
    pub min_buffer_time: Micros,
    /// Title and the like, the first ProgramInformation.
    pub program: Option<ProgramInformation>,
    /// The Periods in playing order; never empty, none overlapping another.
    pub periods: Vec<Period>,
}

/// Descriptive information about the programme.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProgramInformation {
    /// `Title`.
    pub title: Option<String>,
    /// `Source`.
    pub source: Option<String>,
    /// `Copyright`.
    pub copyright: Option<String>,
}

/// A Period, placed on the presentation timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Period {
    /// `@id`.
    pub id: Option<String>,
    /// PeriodStart.
    pub start: Micros,
    /// Until the next Period's start, or the end of the presentation; none when that is not known.
    pub duration: Option<Micros>,
    /// The sets of interchangeable Representations, in document order.
    pub adaptation_sets: Vec<AdaptationSet>,
}

impl Period {
    /// Where the Period ends on the presentation timeline.
    #[must_use]
    pub fn end(&self) -> Option<Micros> {
        self.duration.map(|duration| self.start + duration)
    }
}

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

/// A human-readable name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// `@id`, zero when absent.
    pub id: u32,
    /// `@lang`.
    pub lang: Option<String>,
    /// The name.
    pub text: String,
}

/// A DescriptorType: Role, Accessibility, EssentialProperty, ContentProtection and others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Descriptor {
    /// `@schemeIdUri`.
    pub scheme: String,
    /// `@value`, empty when absent.
    pub value: String,
    /// `@id`.
    pub id: Option<String>,
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
    pub content_protection: Vec<Descriptor>,
    /// `@selectionPriority`, 1 when absent; higher is preferred.
    pub selection_priority: u32,
    /// `@segmentAlignment` (or `@subsegmentAlignment`): segments of all Representations cut at the same times.
    pub segment_alignment: bool,
    /// The Representations in document order; never empty.
    pub representations: Vec<Representation>,
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

/// One encoding of the content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Representation {
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
    /// Absolute base URLs in order of preference as written; never empty.
    pub base_urls: Vec<BaseUrl>,
    /// Thumbnail tiles in each image: columns and rows.
    pub tile: Option<(u32, u32)>,
    /// EssentialProperty descriptors; all of them known to this crate, others exclude the Representation.
    pub essential: Vec<Descriptor>,
    /// SupplementalProperty descriptors.
    pub supplemental: Vec<Descriptor>,
    /// How the segments are addressed, everything inherited included.
    pub segments: Segments,
}

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
        uri::resolve(base.map_or("", |base| &base.url), reference)
    }

    /// What to add to the media's own timestamps to place it on the presentation timeline: PeriodStart less
    /// the presentation time offset.
    #[must_use]
    pub fn timestamp_offset(&self) -> Micros {
        self.segments.timestamp_offset()
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
