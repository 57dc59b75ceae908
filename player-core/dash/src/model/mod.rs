//! What an MPD says, with inheritance applied and times resolved.

mod descriptor;
mod details;
mod media;
mod service;
mod timing;

pub use descriptor::{ContentProtection, Descriptor, Label};
pub use details::{Access, Details, ExtendedBandwidth, Metrics, Popularity};
pub(crate) use media::TRICK_MODE;
pub use media::{
    AdaptationSet, BaseUrl, ByteRange, ContentType, Properties, QUERY_HEADER, Representation, Resource,
    SubRepresentation, UrlQuery,
};
pub use service::{ClientDataReporting, ContentSteering, Latency, OperatingPoint, PlaybackRate, ServiceDescription};
pub use timing::{
    AlternativeMpd, Event, EventData, EventStream, Failover, InbandEventStream, LeapSeconds, ProducerReferenceTime,
    Resync,
};

use crate::{Diagnostic, Micros};
use std::sync::Arc;

/// A manifest and what was wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// The manifest.
    pub presentation: Presentation,
    /// What was skipped or assumed, in document order.
    pub diagnostics: Vec<Diagnostic>,
}

/// A media presentation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Presentation {
    /// `MPD@type` is `dynamic`.
    pub dynamic: bool,
    /// `@mediaPresentationDuration`, else the end of the last Period where that is known.
    pub duration: Option<Micros>,
    /// `@minBufferTime`, zero when absent.
    pub min_buffer_time: Micros,
    /// Title and the like, the first ProgramInformation.
    pub program: Option<ProgramInformation>,
    /// The Periods in playing order; never empty, none overlapping another. Shared with the manifest before a
    /// refresh where nothing about them changed.
    pub periods: Vec<Arc<Period>>,
    /// `@id`.
    pub id: Option<String>,
    /// `@profiles`.
    pub profiles: Vec<String>,
    /// `@availabilityStartTime`, since the Unix epoch.
    pub availability_start: Option<Micros>,
    /// `@availabilityEndTime`, since the Unix epoch.
    pub availability_end: Option<Micros>,
    /// `@publishTime`, since the Unix epoch.
    pub publish_time: Option<Micros>,
    /// `@minimumUpdatePeriod`.
    pub minimum_update_period: Option<Micros>,
    /// `@timeShiftBufferDepth`; none: everything since the start stays available.
    pub time_shift_buffer_depth: Option<Micros>,
    /// `@suggestedPresentationDelay`.
    pub suggested_presentation_delay: Option<Micros>,
    /// `@maxSegmentDuration`.
    pub max_segment_duration: Option<Micros>,
    /// Where to fetch the manifest from next time; where it came from when empty.
    pub locations: Vec<Location>,
    /// Where to fetch patches from.
    pub patch_locations: Vec<PatchLocation>,
    /// UTCTiming descriptors, in document order.
    pub utc_timings: Vec<Descriptor>,
    /// LeapSecondInformation.
    pub leap_seconds: Option<LeapSeconds>,
    /// ServiceDescriptions of the MPD; those of a Period come before them.
    pub service_descriptions: Vec<ServiceDescription>,
    /// ContentSteering of the MPD.
    pub content_steering: Option<ContentSteering>,
    /// EssentialProperty descriptors.
    pub essential: Vec<Descriptor>,
    /// SupplementalProperty descriptors.
    pub supplemental: Vec<Descriptor>,
    /// Periods available early: it is not known yet when they start; times in them count from there.
    pub early_periods: Vec<Arc<Period>>,
    /// InitializationSets.
    pub initialization_sets: Vec<InitializationSet>,
    /// InitializationGroups: InitializationSets (`@id`) that can be played together.
    pub initialization_groups: Vec<InitializationGroup>,
    /// InitializationPresentations: InitializationGroups or Sets for a whole experience.
    pub initialization_presentations: Vec<InitializationGroup>,
    /// Absolute URLs of the presentation to go on with at the end (`urn:mpeg:dash:chaining:2016`), best first.
    pub chained_urls: Vec<String>,
    /// Absolute URLs of presentations to go on with on an error (`urn:mpeg:dash:fallback:2016`), best first.
    pub fallback_urls: Vec<String>,
    /// Metrics.
    pub metrics: Vec<Metrics>,
}

/// What a device must be able to decode, told before any Period is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InitializationSet {
    /// `@id`.
    pub id: u32,
    /// `@inAllPeriods`; true when absent.
    pub in_all_periods: bool,
    /// `@contentType`.
    pub content_type: Option<String>,
    /// `@mimeType`, may be empty.
    pub mime_type: String,
    /// `@codecs`, may be empty.
    pub codecs: String,
    /// `@par`, the picture aspect ratio.
    pub par: Option<(u32, u32)>,
    /// `@maxWidth` in pixels.
    pub max_width: Option<u32>,
    /// `@maxHeight` in pixels.
    pub max_height: Option<u32>,
    /// `@maxFrameRate` as a fraction.
    pub max_frame_rate: Option<(u32, u32)>,
    /// Absolute URL of an initialization segment.
    pub initialization: Option<String>,
    /// Roles.
    pub roles: Vec<Descriptor>,
    /// Accessibility descriptors.
    pub accessibility: Vec<Descriptor>,
}

/// InitializationGroup or InitializationPresentation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InitializationGroup {
    /// `@id`.
    pub id: u32,
    /// `@contentType`.
    pub content_type: Option<String>,
    /// What belongs to it, by `@id`.
    pub members: Vec<u32>,
}

/// Where to fetch the manifest from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// Absolute URL.
    pub url: String,
    /// `@serviceLocation`.
    pub service_location: Option<String>,
}

/// Where to fetch a patch for this very manifest from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatchLocation {
    /// Absolute URL.
    pub url: String,
    /// `@ttl`: for how long after the manifest's publish time there is a patch.
    pub ttl: Option<Micros>,
    /// `@serviceLocation`.
    pub service_location: Option<String>,
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
    /// `@lang`.
    pub lang: Option<String>,
    /// `@moreInformationURL`.
    pub more_information_url: Option<String>,
}

/// A Period, placed on the presentation timeline.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Period {
    /// `@id`.
    pub id: Option<String>,
    /// PeriodStart.
    pub start: Micros,
    /// Until the next Period's start, or the end of the presentation; none when that is not known.
    pub duration: Option<Micros>,
    /// The sets of interchangeable Representations, in document order.
    pub adaptation_sets: Vec<AdaptationSet>,
    /// ServiceDescriptions of this Period.
    pub service_descriptions: Vec<ServiceDescription>,
    /// Events listed in the manifest.
    pub event_streams: Vec<EventStream>,
    /// What this Period is a part of.
    pub asset_identifier: Option<Descriptor>,
    /// Subsets: when there are any, only the sets (`AdaptationSet@id`) of one of them may be played together.
    pub subsets: Vec<Vec<u32>>,
    /// Preselections: bundles of sets that belong together.
    pub preselections: Vec<Preselection>,
    /// SupplementalProperty descriptors.
    pub supplemental: Vec<Descriptor>,
    /// EssentialProperty descriptors.
    pub essential: Vec<Descriptor>,
    /// GroupLabels: names for the labels (`@id`) of its sets.
    pub group_labels: Vec<Label>,
    /// `@id` of EmptyAdaptationSets: sets that other Periods have and this one has not.
    pub empty_sets: Vec<u32>,
}

/// A bundle of AdaptationSets to be decoded together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Preselection {
    /// `@id`.
    pub id: String,
    /// `@preselectionComponents`: ids of AdaptationSets, the main one first.
    pub components: Vec<String>,
    /// `@lang`.
    pub lang: Option<String>,
    /// `@order`: how the components' samples are to be put together.
    pub order: Option<String>,
    /// Channels told by AudioChannelConfiguration, zero when unknown.
    pub channels: u32,
    /// `@tag`.
    pub tag: Option<String>,
    /// `@selectionPriority`, 1 when absent.
    pub selection_priority: u32,
    /// `@codecs`, may be empty.
    pub codecs: String,
    /// Labels.
    pub labels: Vec<Label>,
    /// Roles.
    pub roles: Vec<Descriptor>,
    /// Accessibility descriptors.
    pub accessibility: Vec<Descriptor>,
}

impl Period {
    /// Where the Period ends on the presentation timeline.
    #[must_use]
    pub fn end(&self) -> Option<Micros> {
        self.duration.map(|duration| self.start + duration)
    }
}
