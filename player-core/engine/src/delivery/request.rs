//! What is asked for, from where, and what came of it.

use footlight_dash::Micros;

use crate::error::PlayerError;
use crate::player::RequestId;
use crate::presentation::{Kind, RepKey};
use crate::time::Instant;

/// What a request is for, as far as a host's transport cares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestKind {
    /// The manifest.
    Manifest,
    /// An initialization segment.
    Init,
    /// A segment index.
    Index,
    /// A video segment.
    Video,
    /// An audio segment.
    Audio,
    /// Subtitles.
    Text,
    /// What time it is.
    Time,
    /// What an event asks to be requested.
    Callback,
    /// Which locations to prefer.
    Steering,
}

impl RequestKind {
    /// The name hosts show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Init => "init",
            Self::Index => "index",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Text => "text",
            Self::Time => "time",
            Self::Callback => "callback",
            Self::Steering => "steering",
        }
    }
}

/// What a finished request is for, as the session files it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    Manifest,
    /// The manifest again.
    Refresh,
    /// What changed in the manifest.
    Patch,
    /// A remote element of the manifest.
    Remote(usize),
    /// What an event asked to be requested; the answer does not matter.
    Callback,
    /// Which locations to prefer.
    Steering,
    /// What time it is; by HEAD.
    Time(bool),
    Init(Kind, RepKey),
    Index(Kind, RepKey),
    Media(Kind),
    Text(TextPart),
}

/// What of a text track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TextPart {
    Init,
    Index,
    Media,
}

impl Purpose {
    pub(super) const fn kind(self) -> RequestKind {
        match self {
            Self::Manifest | Self::Refresh | Self::Patch | Self::Remote(_) => RequestKind::Manifest,
            Self::Time(_) => RequestKind::Time,
            Self::Callback => RequestKind::Callback,
            Self::Steering => RequestKind::Steering,
            Self::Init(..) => RequestKind::Init,
            Self::Index(..) => RequestKind::Index,
            Self::Media(Kind::Video) => RequestKind::Video,
            Self::Media(Kind::Audio) => RequestKind::Audio,
            Self::Text(_) => RequestKind::Text,
        }
    }

    pub(super) const fn inspect(self) -> bool {
        !matches!(
            self,
            Self::Init(..) | Self::Media(_) | Self::Text(TextPart::Init | TextPart::Media)
        )
    }
}

/// One place where a resource is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Source {
    pub(crate) url: String,
    pub(crate) location: String,
    /// What the manifest wants with a request to it.
    pub(crate) header: Option<String>,
    /// The URL names the byte range that is wanted.
    pub(crate) has_range: bool,
    /// `@dvb:priority` and `@dvb:weight`; weight 0: the manifest's order counts.
    pub(crate) share: (u32, u32),
}

impl Source {
    pub(crate) fn new(url: impl Into<String>, location: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            location: location.into(),
            header: None,
            has_range: false,
            share: (0, 0),
        }
    }
}

/// What a response's head says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) length: Option<u64>,
    pub(crate) url: &'a str,
    pub(crate) date: Option<Micros>,
}

/// When an answer was asked for and given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Answered {
    pub(crate) asked: Instant,
    pub(crate) head: Instant,
    /// The response's `Date`, in microseconds since the Unix epoch.
    pub(crate) date: Option<Micros>,
    /// The body's length.
    pub(crate) bytes: u64,
}

/// How a job ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    Done {
        purpose: Purpose,
        request: RequestId,
        body: Vec<u8>,
        url: String,
        sent: Answered,
    },
    Failed {
        purpose: Purpose,
        error: PlayerError,
    },
}
