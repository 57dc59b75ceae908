//! MPEG-DASH manifests: from the text of an MPD to a model with everything inherited and resolved, and
//! segment indexes that are computed, not listed.
//!
//! The crate does no I/O and reads no clock. Times are integers: [`Micros`] outside, ticks of a timescale
//! inside. Input is bounded and never makes it panic.
//!
//! ```
//! let mpd = r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT10S">
//!   <Period><AdaptationSet mimeType="video/mp4">
//!     <SegmentTemplate media="$RepresentationID$/$Number%03d$.m4s" duration="4"/>
//!     <Representation id="v" bandwidth="1000"/>
//!   </AdaptationSet></Period></MPD>"#;
//! let parsed = footlight_dash::parse(mpd, "https://cdn.example/film/manifest.mpd").unwrap();
//! let representation = &parsed.presentation.periods[0].adaptation_sets[0].representations[0];
//! let last = representation.index().segment(2).unwrap();
//! assert_eq!(representation.resolve(0, &last.resource.reference), "https://cdn.example/film/v/003.m4s");
//! assert_eq!(last.end, parsed.presentation.duration.unwrap());
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::cast_possible_truncation, clippy::string_slice)
)]

/// Whether rows that a player only hands on are read too, and what is merely unusual is told: the feature `full`.
pub(crate) const FULL: bool = cfg!(feature = "full");

mod base64;
mod dump;
mod error;
mod index;
mod manifest;
mod micros;
mod model;
mod parse;
pub mod patch;
mod report;
mod rules;
mod scan;
mod subsegments;
mod template;
mod timeline;
mod uri;
pub mod xsd;

pub use base64::decode as decode_base64;
pub use dump::dump;
pub(crate) use error::Halt;
pub use error::{Diagnostic, Error, Severity};
pub use index::{Segment, SegmentIndex, Segments};
pub use manifest::{Manifest, Remote};
pub use micros::Micros;
pub use model::{
    Access, AdaptationSet, AlternativeMpd, BaseUrl, ByteRange, ClientDataReporting, ContentProtection, ContentSteering,
    ContentType, Descriptor, Details, Event, EventData, EventStream, ExtendedBandwidth, Failover, InbandEventStream,
    InitializationGroup, InitializationSet, Label, Latency, LeapSeconds, Location, Metrics, OperatingPoint, Parsed,
    PatchLocation, Period, PlaybackRate, Popularity, Preselection, Presentation, ProducerReferenceTime,
    ProgramInformation, Properties, QUERY_HEADER, Representation, Resource, Resync, ServiceDescription,
    SubRepresentation, UrlQuery,
};
pub use parse::parse;
pub use patch::{PatchError, PatchErrorKind};
pub use template::push_number;
pub use uri::resolve;
