//! Errors as the gateway tells them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Media type of a [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Values of [`Problem::code`]. They never change meaning; more may come.
pub mod codes {
    /// There is no such title.
    pub const TITLE_NOT_FOUND: &str = "title.not-found";
    /// The title has no such variant.
    pub const VARIANT_NOT_FOUND: &str = "variant.not-found";
    /// There is no such image.
    pub const IMAGE_NOT_FOUND: &str = "image.not-found";
    /// There is no such route or file.
    pub const ROUTE_NOT_FOUND: &str = "route.not-found";
    /// The route does not take this method.
    pub const METHOD_NOT_ALLOWED: &str = "method.not-allowed";
    /// A parameter of the request is missing or malformed; the detail names it.
    pub const PARAMETER_INVALID: &str = "parameter.invalid";
    /// The body of the request is malformed; the detail says where.
    pub const BODY_INVALID: &str = "body.invalid";
    /// The media of the title cannot be read.
    pub const MEDIA_UNAVAILABLE: &str = "media.unavailable";
    /// The live segment is not there yet.
    pub const SEGMENT_EARLY: &str = "segment.early";
    /// The live segment has left the time-shift buffer.
    pub const SEGMENT_GONE: &str = "segment.gone";
    /// A fault that the operator asked for.
    pub const FAULT_INJECTED: &str = "fault.injected";
}

/// An error in the form of RFC 9457, with a stable code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// URI reference of the kind of problem: `/problems/` and the code.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The kind of problem in a few words; the same for every occurrence.
    #[serde(default)]
    pub title: String,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// What programs decide by: one of [`codes`].
    #[serde(default)]
    pub code: String,
    /// What went wrong this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Problem {
    /// A problem of the kind that `code` names.
    #[must_use]
    pub fn new(status: u16, code: &str, title: &str) -> Self {
        Self {
            kind: format!("/problems/{code}"),
            title: title.to_owned(),
            status,
            code: code.to_owned(),
            detail: None,
        }
    }

    /// The same with what went wrong this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail.as_deref().unwrap_or(&self.title))
    }
}
