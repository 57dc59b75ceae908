//! What can be wrong with a manifest or an index, as values.

use thiserror::Error;

/// Why a manifest or a segment index cannot be used at all.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Not well-formed XML, or cut off. Fetching it again may help.
    #[error("malformed manifest at line {line}, column {column}: {message}")]
    Malformed {
        /// What is wrong.
        message: String,
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// Well-formed so far, but not an MPD: an error page, another format.
    #[error("not an MPD: the document starts with <{root}> (line {line}, column {column})")]
    NotMpd {
        /// The root element's name.
        root: String,
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// The MPD has no Period that can be placed on the timeline.
    #[error("the manifest has no usable Period (line {line}, column {column})")]
    NoPeriods {
        /// Line of the MPD element, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// A bound of this crate was exceeded.
    #[error("the manifest exceeds a limit: {what} over {limit} (line {line}, column {column})")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
        /// Line, from 1.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// The bytes given as a segment index are none, or damaged. Fetching them again may help.
    #[error("malformed segment index: {0}")]
    Index(#[from] footlight_isobmff::Error),
    /// The segment index is sound, but this crate cannot follow it.
    #[error("unsupported segment index: {what}")]
    UnsupportedIndex {
        /// What is not supported.
        what: &'static str,
    },
    /// [`crate::SegmentIndex::load`] was given a resource that [`crate::SegmentIndex::pending`] did not ask for.
    #[error("a segment index was loaded that was not pending")]
    NotPending,
}

impl Error {
    /// A stable name for hosts, logs and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "manifest.malformed",
            Self::NotMpd { .. } => "manifest.not-mpd",
            Self::NoPeriods { .. } => "manifest.no-periods",
            Self::TooLarge { .. } => "manifest.too-large",
            Self::Index(_) => "index.malformed",
            Self::UnsupportedIndex { .. } => "index.unsupported",
            Self::NotPending => "index.not-pending",
        }
    }

    /// Line and column in the manifest, from 1; none for errors of a segment index.
    #[must_use]
    pub const fn position(&self) -> Option<(u32, u32)> {
        match self {
            Self::Malformed { line, column, .. }
            | Self::NotMpd { line, column, .. }
            | Self::NoPeriods { line, column }
            | Self::TooLarge { line, column, .. } => Some((*line, *column)),
            Self::Index(_) | Self::UnsupportedIndex { .. } | Self::NotPending => None,
        }
    }
}

/// An error on its way out: as small as it can be, since every step passes it on.
pub(crate) type Halt = Box<Error>;

impl From<Box<Self>> for Error {
    fn from(halt: Box<Self>) -> Self {
        *halt
    }
}

/// Something wrong that did not stop the parser: what it skipped or assumed, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// A stable name, like `representation.no-bandwidth`.
    pub code: &'static str,
    /// For a human; empty without the feature `full`.
    pub message: String,
    /// What it is about: a name, a scheme, a URL; may be empty.
    pub detail: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// How bad it is; never worse than a warning without the feature `full`.
    pub severity: Severity,
    /// The rule, like `ISO/IEC 23009-1, 5.3.9.6`; empty when it is one of this crate.
    pub clause: &'static str,
}

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Against a rule, but its meaning is clear.
    Warning,
    /// Something could not be used.
    Error,
}
