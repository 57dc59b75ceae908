//! What can go wrong in a call; what goes wrong in playback is told as an event.

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error, uniffi::Error)]
#[non_exhaustive]
pub enum FootlightError {
    /// The player has no HTTP stack of its own and none was given.
    #[error("no HTTP stack: {detail}")]
    NoHttp {
        /// More about it.
        detail: String,
    },
    /// An option has a value that it cannot have.
    #[error("{option} cannot be {value}")]
    Option {
        /// Which.
        option: String,
        /// Its value.
        value: String,
    },
    /// A file cannot be written or read.
    #[error("{detail}")]
    File {
        /// More about it.
        detail: String,
    },
    /// The bytes are no recording.
    #[error("not a recording, or an incomplete one")]
    NoRecording,
    /// A callback of the host failed.
    #[error("a callback failed: {detail}")]
    Callback {
        /// The host's words.
        detail: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for FootlightError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Callback { detail: error.reason }
    }
}
