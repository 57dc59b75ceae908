//! Events, clocks and points of entry.

use super::Descriptor;
use crate::Micros;

/// An EventStream of a Period.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct EventStream {
    /// `@schemeIdUri`.
    pub scheme: String,
    /// `@value`, empty when absent.
    pub value: String,
    /// `@timescale`, 1 when absent.
    pub timescale: u32,
    /// `@presentationTimeOffset` in ticks.
    pub presentation_time_offset: u64,
    /// The events, in document order: that of their start, as it should be.
    pub events: Vec<Event>,
}

/// An Event of an [`EventStream`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Start on the presentation timeline.
    pub start: Micros,
    /// `@duration`; none when it is not known.
    pub duration: Option<Micros>,
    /// `@id`.
    pub id: Option<u32>,
    /// The message.
    pub data: EventData,
    /// `@contentEncoding` is `base64`: the message is text that stands for bytes.
    pub base64: bool,
    /// The presentation that an `alternativeMPD` event wants played.
    pub alternative: Option<Box<AlternativeMpd>>,
}

/// Another presentation to be played instead of a stretch of this one, or in between.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AlternativeMpd {
    /// Absolute URL of its manifest.
    pub url: String,
    /// It replaces what it covers; else it is inserted.
    pub replace: bool,
    /// `@earliestResolutionTimeOffset`: not to be fetched longer than this before its start.
    pub earliest_resolution_offset: Option<Micros>,
    /// `@maxDuration`: how much of it to play.
    pub max_duration: Option<Micros>,
    /// `@returnOffset`: where to go on, counted from its start.
    pub return_offset: Option<Micros>,
    /// `@clip`: it ends when what it replaces ends.
    pub clip: bool,
    /// `@startWithOffset`: who comes late starts in the middle of it.
    pub start_with_offset: bool,
    /// `@executeOnce`.
    pub execute_once: bool,
    /// `@noJump`: which of the events that a seek passes over must be played: 1 the first one, 2 the last one.
    pub no_jump: u32,
    /// `@skipAfter`: from when on it may be skipped.
    pub skip_after: Option<Micros>,
    /// `@serviceDescriptionId`.
    pub service_description: Option<u32>,
}

/// The message of an [`Event`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EventData {
    /// `@messageData`, or text.
    Text(String),
    /// The elements in it, as they are in the manifest.
    Xml(String),
}

/// InbandEventStream: events of this kind are in the segments.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InbandEventStream {
    /// `@schemeIdUri`.
    pub scheme: String,
    /// `@value`, empty when absent.
    pub value: String,
    /// `@id`.
    pub id: Option<String>,
    /// `@timescale`.
    pub timescale: Option<u32>,
}

/// ProducerReferenceTime: the wall-clock time that belongs to a media time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProducerReferenceTime {
    /// `@id`.
    pub id: u32,
    /// `@inband`: segments carry `prft` boxes too.
    pub inband: bool,
    /// `@type`: `encoder`, `captured` or `application`.
    pub kind: String,
    /// `@wallClockTime`, as written when it is no date.
    pub wall_clock: Option<Micros>,
    /// `@presentationTime`, as time on the presentation timeline.
    pub presentation_time: Micros,
    /// How the wall clock was read.
    pub utc_timing: Option<Descriptor>,
}

/// Resync: where in a segment a decoder may start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Resync {
    /// `@type`, 0 to 3: the stream access points at its start.
    pub kind: u32,
    /// `@dT`: the most time between two of them.
    pub interval: Option<Micros>,
    /// `@dImax`: the most bytes between two of them, as a share of the bandwidth, in thousandths.
    pub max_bytes: Option<u32>,
    /// `@dImin`, likewise.
    pub min_bytes: Option<u32>,
    /// `@marker`: each starts with a marker that can be searched for.
    pub marker: bool,
}

/// FailoverContent section: from when on, for how long, the media were replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failover {
    /// Start on the presentation timeline.
    pub start: Micros,
    /// Until the next one, or unknown, when none.
    pub duration: Option<Micros>,
    /// `@valid`: there are segments to fetch (failover content); else there are none.
    pub valid: bool,
}

/// LeapSecondInformation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LeapSeconds {
    /// `@availabilityStartLeapOffset` in seconds.
    pub start_offset: i64,
    /// `@nextAvailabilityStartLeapOffset` in seconds.
    pub next_offset: Option<i64>,
    /// `@nextLeapChangeTime`, since the Unix epoch.
    pub next_change: Option<Micros>,
}
