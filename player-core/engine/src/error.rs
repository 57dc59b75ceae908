//! Errors as values: a stable code, how bad it is, and what the viewer or the host can do.

use crate::delivery::parts_of;

/// How bad an error is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// Playback goes on; told for diagnosis.
    Warning,
    /// Playback stopped, and [`crate::Command::Retry`] may bring it back.
    Recoverable,
    /// Playback stopped, and the same title will fail again.
    Fatal,
}

impl Severity {
    /// The name hosts show: `warning`, `recoverable` or `fatal`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Recoverable => "recoverable",
            Self::Fatal => "fatal",
        }
    }
}

/// What the viewer or the host can do about an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Try again ([`crate::Command::Retry`]).
    Retry,
    /// Look at the network connection, then try again.
    CheckNetwork,
    /// Leave this title; trying again will not help.
    GoBack,
    /// Nothing to do.
    None,
}

impl Action {
    /// The name hosts show: `retry`, `check-network`, `go-back` or `none`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::CheckNetwork => "check-network",
            Self::GoBack => "go-back",
            Self::None => "none",
        }
    }
}

/// An error the host is told, with a code that stays the same between releases.
///
/// | code | meaning |
/// |---|---|
/// | `manifest.*` | the manifest cannot be read (codes of `footlight-dash`) |
/// | `manifest.unreachable` | a live manifest could not be fetched again; what is known of it is played |
/// | `manifest.nothing-playable` | no rendition that this device can decode |
/// | `network.unreachable` | no response at all |
/// | `network.timeout` | no response, or no further byte, in time |
/// | `network.status` | a response with an error status |
/// | `network.truncated` | a body shorter than announced |
/// | `network.range-ignored` | a byte range was asked, the whole file answered |
/// | `network.too-large` | a body over the engine's limit |
/// | `index.*` | a segment index cannot be read |
/// | `text.malformed` | subtitles that are not WebVTT |
/// | `sink.failed`, `sink.append`, `sink.decode` | the media pipeline refused |
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlayerError {
    /// The stable code.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What can be done.
    pub action: Action,
    /// One sentence for a log.
    pub message: String,
    /// The URL concerned, without query and fragment (they may carry tokens); empty when none.
    pub url: String,
    /// The HTTP status, 0 when none.
    pub status: u16,
}

impl PlayerError {
    pub(crate) fn new(code: &'static str, severity: Severity, action: Action, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            action,
            message: message.into(),
            url: String::new(),
            status: 0,
        }
    }

    pub(crate) fn at(mut self, url: &str) -> Self {
        self.url = redact(url);
        self
    }

    pub(crate) fn as_warning(&self) -> Self {
        Self {
            severity: Severity::Warning,
            action: Action::None,
            ..self.clone()
        }
    }
}

impl core::fmt::Display for PlayerError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for PlayerError {}

/// A URL without user info, query and fragment: those may carry credentials.
fn redact(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    match parts_of(path) {
        Some((scheme, rest)) => {
            let (authority, tail) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{tail}")
        }
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_never_carries_credentials() {
        assert_eq!(
            redact("https://u:p@cdn.example/a/b.mpd?token=1#x"),
            "https://cdn.example/a/b.mpd"
        );
        assert_eq!(redact("/a.mpd?sig=2"), "/a.mpd");
        assert_eq!(redact("https://cdn.example?x"), "https://cdn.example");
    }
}
