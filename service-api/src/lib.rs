//! What the Footlight gateway says: the types of its JSON, and a typed client for them.
//!
//! The types are shared by the apps and the server. The client ([`Client`]) does no I/O of its own: the host
//! brings a [`Transport`], so that it is the same in a browser, on a phone and in a test.

mod client;
mod problem;
mod types;

pub use client::{Client, Error, PlaybackOptions, Response, Transport, TransportError, encode_component};
pub use problem::{PROBLEM_JSON, Problem, codes};
pub use types::{
    Catalogue, Channel, Channels, Image, Language, Playback, Programme, Quality, Row, SearchResults, TitleCard,
    TitleDetails, Variant, VariantSummary,
};
