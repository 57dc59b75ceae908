//! What the service says about how it wants to be played.

use super::Descriptor;
use crate::Micros;

/// A ServiceDescription.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServiceDescription {
    /// `@id`.
    pub id: Option<u32>,
    /// For which clients it is; for all when empty.
    pub scopes: Vec<Descriptor>,
    /// `Latency`.
    pub latency: Vec<Latency>,
    /// `PlaybackRate`.
    pub playback_rates: Vec<PlaybackRate>,
    /// `OperatingQuality`.
    pub operating_quality: Vec<OperatingPoint>,
    /// `OperatingBandwidth`.
    pub operating_bandwidth: Vec<OperatingPoint>,
    /// `ContentSteering`.
    pub content_steering: Option<ContentSteering>,
    /// `ClientDataReporting`.
    pub client_data_reporting: Vec<ClientDataReporting>,
}

/// A wanted latency between production and presentation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Latency {
    /// `@referenceId`: the [`super::ProducerReferenceTime`] it counts from.
    pub reference_id: Option<u32>,
    /// `@target`.
    pub target: Option<Micros>,
    /// `@min`.
    pub min: Option<Micros>,
    /// `@max`.
    pub max: Option<Micros>,
    /// `QualityLatency`: ranks of quality and the latency each is worth.
    pub quality: Vec<(u32, Micros)>,
}

/// Playback rates that the service allows for control of the latency.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PlaybackRate {
    /// `@min` in thousandths.
    pub min: Option<u32>,
    /// `@max` in thousandths.
    pub max: Option<u32>,
}

/// Bounds of quality or of bandwidth.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OperatingPoint {
    /// `@mediaType`: `video`, `audio`, `any`, `all`.
    pub media_type: Option<String>,
    /// `@min`: a quality ranking, or bits per second.
    pub min: Option<u64>,
    /// `@max`.
    pub max: Option<u64>,
    /// `@target`.
    pub target: Option<u64>,
    /// `@type`: the metric of a quality.
    pub metric: Option<String>,
    /// `@maxDifference`: how far the qualities of two media types may be apart.
    pub max_difference: Option<u64>,
}

/// A `ContentSteering` element: who says which service location to use.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ContentSteering {
    /// URL of the steering server.
    pub url: String,
    /// `@defaultServiceLocation`, best first.
    pub default_service_locations: Vec<String>,
    /// `@queryBeforeStart`.
    pub query_before_start: bool,
    /// `@proxyServerURL`.
    pub proxy_server_url: Option<String>,
    /// `@clientRequirement`; true when absent.
    pub client_requirement: bool,
}

/// `ClientDataReporting`: the CMCD that the service asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientDataReporting {
    /// `@serviceLocations`; all when empty.
    pub service_locations: Vec<String>,
    /// `@adaptationSets`; all when empty.
    pub adaptation_sets: Vec<u32>,
    /// `CMCDParameters@version`.
    pub version: Option<u32>,
    /// `CMCDParameters@mode`, `query` or `header`.
    pub mode: Option<String>,
    /// `CMCDParameters@includeInRequests`.
    pub include_in_requests: Vec<String>,
    /// `CMCDParameters@keys`.
    pub keys: Vec<String>,
    /// `CMCDParameters@contentID`.
    pub content_id: Option<String>,
    /// `CMCDParameters@sessionID`.
    pub session_id: Option<String>,
}
