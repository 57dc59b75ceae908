//! What gateway and edges share of HTTP: content with ranges and validators, problems, media types.

pub(crate) mod content;
pub(crate) mod host;
pub(crate) mod media_type;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod range;

pub(crate) use content::{CacheControl, Content, Source, Spliced};
pub(crate) use problem::ApiProblem;
