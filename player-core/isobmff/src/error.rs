//! What can be wrong with boxes.

use crate::boxes::FourCc;
use thiserror::Error;

/// Why boxes cannot be read or patched. Offsets count from the start of the data given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A box says that it is longer than the data there is: fetch more, or fetch again.
    #[error("box {kind} at byte {offset} is cut off: {have} of {need} bytes")]
    Truncated {
        /// Type of the box, zeros when even that is missing.
        kind: FourCc,
        /// Where the box starts.
        offset: u64,
        /// Bytes that the box needs.
        need: u64,
        /// Bytes that there are.
        have: u64,
    },
    /// A box contradicts itself.
    #[error("box {kind} at byte {offset} is malformed: {what}")]
    Malformed {
        /// Type of the box.
        kind: FourCc,
        /// Where the box starts.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A box that must be there is not.
    #[error("box {kind} is missing")]
    Missing {
        /// Type of the box.
        kind: FourCc,
    },
    /// A value does not fit the field it must be written to.
    #[error("{what} does not fit box {kind}")]
    DoesNotFit {
        /// Type of the box.
        kind: FourCc,
        /// The value.
        what: &'static str,
    },
    /// Sound, but more than this crate handles.
    #[error("box {kind}: {what} is not supported")]
    Unsupported {
        /// Type of the box.
        kind: FourCc,
        /// What is not.
        what: &'static str,
    },
}
