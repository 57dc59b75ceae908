//! One resource on its way, over all its attempts.

use footlight_dash::Micros;

use super::request::{Purpose, Source};
use crate::config::Config;
use crate::player::RequestId;
use crate::time::Instant;

#[derive(Debug)]
pub(super) enum Phase {
    Active {
        request: RequestId,
        head: Option<Instant>,
        started: Instant,
        progress: Instant,
        received: u64,
        length: Option<u64>,
    },
    Waiting {
        until: Instant,
    },
}

/// One resource on its way, over all its attempts.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) purpose: Purpose,
    pub(super) sources: Vec<Source>,
    pub(super) source: usize,
    pub(super) range: Option<(u64, Option<u64>)>,
    pub(super) attempts: u32,
    /// Failures at each source.
    pub(super) failures: Vec<u32>,
    pub(super) phase: Phase,
    pub(super) final_url: String,
    pub(super) body: Vec<u8>,
    pub(super) date: Option<Micros>,
    pub(super) pace: Pace,
    /// Event messages are looked for.
    pub(super) boxes: bool,
    /// How long to wait for a head where that is not the configured time; half as long again for more of a body.
    pub(super) head_timeout: Option<Micros>,
}

impl Job {
    /// The byte range to ask for at the source at hand.
    pub(super) fn range(&self) -> Option<(u64, Option<u64>)> {
        let source = self.sources.get(self.source)?;
        self.range.filter(|_| !source.has_range)
    }

    /// When the attempt under way counts as hung.
    pub(super) fn hangs_at(&self, config: &Config) -> Option<Instant> {
        let Phase::Active { head, progress, .. } = self.phase else {
            return None;
        };
        // Everything else having failed, the last one gets all the time there is.
        let is_fresh = self.failures.contains(&0);
        let patience = self.head_timeout.filter(|_| is_fresh);
        let patience = match (head, self.pace) {
            (None, _) => patience,
            // What has come of the body would be lost: a little more.
            (_, Pace::Whole) => patience.map(|patience| Micros(patience.0.saturating_add(patience.0 / 2))),
            _ => None,
        };
        let usual = config.response_timeout;
        Some(progress.plus(patience.map_or(usual, |patience| patience.min(usual))))
    }
}

/// What is special about a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Manner {
    /// The body may come chunk by chunk, as it is encoded.
    pub(crate) chunked: bool,
    /// Event messages are looked for in it.
    pub(crate) boxes: bool,
    /// How long to wait for a head while there is another source to try.
    pub(crate) patience: Option<Micros>,
}

/// How a body is expected to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pace {
    /// As fast as the network carries it.
    Whole,
    /// Chunk by chunk, as they are encoded; whether one is coming now. The waits between them say nothing about the
    /// network.
    Chunked { flowing: bool },
}

/// Whether a job's bytes say something about the network now: manifests, indexes and text are too small.
pub(super) const fn is_flowing(job: &Job) -> bool {
    match job.pace {
        Pace::Chunked { flowing } => flowing,
        Pace::Whole => matches!(job.purpose, Purpose::Init(..) | Purpose::Media(_)),
    }
}
