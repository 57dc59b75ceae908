//! From where and how hard: every request of a session, its retries, its fall-backs between locations, and
//! what its transfer says about the network.

mod job;
mod location;
mod request;
mod rng;
mod steering;

pub(crate) use job::Manner;
use job::{Job, Pace, Phase, is_flowing};
pub(crate) use location::Locations;
pub use request::RequestKind;
pub(crate) use request::{Answered, Head, Outcome, Purpose, Source, TextPart};
pub(crate) use rng::Rng;
pub(crate) use steering::usual_pause;

use footlight_dash::Micros;

use crate::abr::Throughput;
use crate::config::Config;
use crate::error::{Action, PlayerError, Severity};
use crate::player::{Fetch, Output, RequestId, TransportFailure};
use crate::time::Instant;

/// What the engine's parts share while they handle one input.
#[derive(Debug)]
pub(crate) struct Io {
    pub(crate) now: Instant,
    pub(crate) outputs: std::collections::VecDeque<Output>,
    pub(crate) rng: Rng,
    pub(crate) next_request: u32,
}

impl Io {
    pub(crate) fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn warn(&mut self, error: &PlayerError) {
        self.push(Output::Event(crate::player::Event::Warning(error.as_warning())));
    }
}

/// Counters for a stats overlay.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: u32,
    pub(crate) failed: u32,
    pub(crate) bytes: u64,
    pub(crate) location: String,
}

/// Progress of a request under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) request: RequestId,
    /// When a good response began.
    pub(crate) head: Option<Instant>,
    pub(crate) started: Instant,
    /// When something last came of it, or it was asked for.
    pub(crate) heard: Instant,
    pub(crate) received: u64,
    pub(crate) length: Option<u64>,
}

/// All requests under way.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    jobs: Vec<Job>,
    pub(crate) throughput: Throughput,
    pub(crate) counters: Counters,
    locations: Locations,
}

impl Delivery {
    /// Starts to fetch a resource from the best of its sources.
    pub(crate) fn start(
        &mut self,
        io: &mut Io,
        purpose: Purpose,
        sources: Vec<Source>,
        range: Option<(u64, Option<u64>)>,
    ) {
        self.start_so(io, purpose, sources, range, Manner::default());
    }

    /// As [`Self::start`], in a manner.
    pub(crate) fn start_so(
        &mut self,
        io: &mut Io,
        purpose: Purpose,
        mut sources: Vec<Source>,
        range: Option<(u64, Option<u64>)>,
        manner: Manner,
    ) {
        debug_assert!(!sources.is_empty());
        self.locations.pathways.extend(&mut sources);
        self.locations.draw(&mut io.rng, &sources);
        let failures = vec![0; sources.len()];
        let mut job = Job {
            purpose,
            source: self.locations.best(io.now, &sources, &failures),
            head_timeout: manner.patience.filter(|_| sources.len() > 1),
            sources,
            range,
            attempts: 0,
            failures,
            phase: Phase::Waiting { until: io.now },
            final_url: String::new(),
            body: Vec::new(),
            date: None,
            pace: if manner.chunked {
                Pace::Chunked { flowing: false }
            } else {
                Pace::Whole
            },
            boxes: manner.boxes,
        };
        self.attempt(io, &mut job);
        self.jobs.push(job);
    }

    /// Whether something for this purpose is under way.
    pub(crate) fn has(&self, purpose: Purpose) -> bool {
        self.jobs.iter().any(|j| j.purpose == purpose)
    }

    /// What a request under way is for.
    pub(crate) fn purpose_of(&self, request: RequestId) -> Option<Purpose> {
        self.position(request)
            .and_then(|at| self.jobs.get(at))
            .map(|job| job.purpose)
    }

    /// How far the request for this purpose is.
    pub(crate) fn progress(&self, purpose: Purpose) -> Option<Progress> {
        self.jobs
            .iter()
            .find(|j| j.purpose == purpose)
            .and_then(|job| match job.phase {
                Phase::Active {
                    request,
                    head,
                    started,
                    progress,
                    received,
                    length,
                } => Some(Progress {
                    request,
                    head,
                    started,
                    heard: progress,
                    received,
                    length,
                }),
                Phase::Waiting { .. } => None,
            })
    }

    /// Ends what is under way and matches, without an outcome.
    pub(crate) fn cancel(&mut self, io: &mut Io, matches: impl Fn(Purpose) -> bool) {
        let mut kept = Vec::with_capacity(self.jobs.len());
        for job in std::mem::take(&mut self.jobs) {
            if matches(job.purpose) {
                self.end_attempt(io, &job, true)
            } else {
                kept.push(job)
            }
        }
        self.jobs = kept;
    }

    fn attempt(&mut self, io: &mut Io, job: &mut Job) {
        let request = RequestId(io.next_request);
        io.next_request = io.next_request.wrapping_add(1);
        job.attempts += 1;
        job.body = Vec::new();
        if let Pace::Chunked { flowing } = &mut job.pace {
            *flowing = false;
        }
        job.phase = Phase::Active {
            request,
            head: None,
            started: io.now,
            progress: io.now,
            received: 0,
            length: None,
        };
        self.counters.requests = self.counters.requests.saturating_add(1);
        let source = job.sources.get(job.source);
        io.push(Output::Fetch(Fetch {
            request,
            url: source.map(|s| s.url.clone()).unwrap_or_default(),
            header: source.and_then(|s| s.header.clone()),
            range: job.range(),
            kind: job.purpose.kind(),
            inspect: job.purpose.inspect(),
            head: job.purpose == Purpose::Time(true),
            chunked: job.pace != Pace::Whole,
            boxes: job.boxes,
        }));
    }

    /// Books the end of an attempt; tells the host when it still runs, or what it still keeps.
    fn end_attempt(&mut self, io: &mut Io, job: &Job, running: bool) {
        let Phase::Active { request, head, .. } = job.phase else {
            return;
        };
        if head.is_some() && is_flowing(job) {
            self.throughput.transfer_ended(io.now);
        }
        if running {
            io.push(Output::Cancel(request));
        } else if !job.purpose.inspect() {
            io.push(Output::Release(request));
        }
    }

    fn position(&self, wanted: RequestId) -> Option<usize> {
        self.jobs
            .iter()
            .position(|j| matches!(j.phase, Phase::Active { request, .. } if request == wanted))
    }

    /// A head arrived.
    pub(crate) fn handle_head(
        &mut self,
        io: &mut Io,
        config: &Config,
        id: RequestId,
        response: &Head<'_>,
    ) -> Option<Outcome> {
        let at = self.position(id)?;
        let job = self.jobs.get_mut(at)?;
        job.date = response.date;
        if !response.url.is_empty() {
            response.url.clone_into(&mut job.final_url);
        }
        let status = response.status;
        let good = match (job.range(), status) {
            (Some(_), 206) | (None, 200..=299) => None,
            (Some((0, None)), 200) => None,
            (Some(_), 200) => Some(fault(
                "network.range-ignored",
                "a byte range was asked for and the whole file was answered",
            )),
            _ => Some(PlayerError {
                status,
                ..fault("network.status", format!("the server answered {status}"))
            }),
        };
        if let Some(error) = good {
            return self.fail(io, config, at, error, true);
        }
        if let Phase::Active {
            head,
            progress,
            length: expected,
            ..
        } = &mut job.phase
        {
            *head = Some(io.now);
            *progress = io.now;
            *expected = response.length.filter(|_| job.purpose != Purpose::Time(true));
        }
        if is_flowing(job) {
            self.throughput.transfer_started(io.now);
        }
        None
    }

    /// Bytes arrived: their number, and themselves when the body is inspected.
    pub(crate) fn handle_bytes(
        &mut self,
        io: &mut Io,
        config: &Config,
        id: RequestId,
        count: u64,
        data: &[u8],
        ends_chunk: bool,
    ) -> Option<Outcome> {
        let at = self.position(id)?;
        let job = self.jobs.get_mut(at)?;
        if let Phase::Active { received, progress, .. } = &mut job.phase {
            *received = received.saturating_add(count);
            if count > 0 {
                *progress = io.now;
            }
        }
        self.counters.bytes = self.counters.bytes.saturating_add(count);
        if let Pace::Chunked { flowing } = &mut job.pace {
            // The first bytes after a wait waited too: they only start the clock.
            if *flowing {
                self.throughput.received(io.now, count);
            } else if !ends_chunk {
                self.throughput.transfer_started(io.now);
            }
            if *flowing && ends_chunk {
                self.throughput.transfer_ended(io.now);
            }
            *flowing = !ends_chunk;
        } else if is_flowing(job) || matches!(job.purpose, Purpose::Index(..)) && self.throughput.is_flowing() {
            // An index is too small to tell anything, and yet takes its part of what media has.
            self.throughput.received(io.now, count);
        }
        if job.body.len().saturating_add(data.len()) > config.max_inspected_bytes {
            return self.fail(
                io,
                config,
                at,
                fault("network.too-large", "a body is larger than the engine takes in"),
                true,
            );
        }
        job.body.extend_from_slice(data);
        None
    }

    /// A body is complete.
    pub(crate) fn handle_end(&mut self, io: &mut Io, config: &Config, id: RequestId) -> Option<Outcome> {
        let at = self.position(id)?;
        let job = self.jobs.get(at)?;
        if let Phase::Active {
            received,
            length: Some(length),
            ..
        } = job.phase
            && received < length
        {
            return self.fail(
                io,
                config,
                at,
                fault("network.truncated", "a body ended before its announced length"),
                false,
            );
        }
        let job = self.jobs.remove(at);
        let Phase::Active {
            request,
            head,
            started,
            received,
            ..
        } = job.phase
        else {
            return None;
        };
        if head.is_some() && is_flowing(&job) {
            self.throughput.transfer_ended(io.now);
        }
        let source = job.sources.get(job.source);
        if let (Some(source), Purpose::Media(_)) = (source, job.purpose) {
            self.locations.succeeded(&source.location);
            source.location.clone_into(&mut self.counters.location);
        }
        let url = if job.final_url.is_empty() {
            source.map(|s| s.url.clone()).unwrap_or_default()
        } else {
            job.final_url
        };
        Some(Outcome::Done {
            purpose: job.purpose,
            request,
            body: job.body,
            url,
            sent: Answered {
                asked: started,
                head: head.unwrap_or(io.now),
                date: job.date,
                bytes: received,
            },
        })
    }

    /// A request ended without a whole response.
    pub(crate) fn handle_failed(
        &mut self,
        io: &mut Io,
        config: &Config,
        id: RequestId,
        failure: TransportFailure,
    ) -> Option<Outcome> {
        let at = self.position(id)?;
        let error = match failure {
            TransportFailure::Network => fault("network.unreachable", "no response from the server"),
            TransportFailure::Timeout => fault("network.timeout", "no response in time"),
            TransportFailure::Truncated => fault("network.truncated", "a body ended before its announced length"),
        };
        self.fail(io, config, at, error, false)
    }

    /// Time passed: ends hung requests, starts those due again.
    pub(crate) fn handle_time(&mut self, io: &mut Io, config: &Config) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let now = io.now;
        let hung = |j: &Job| j.hangs_at(config).is_some_and(|at| at <= now);
        while let Some(at) = self.jobs.iter().position(hung) {
            outcomes.extend(self.fail(io, config, at, fault("network.timeout", "no response in time"), true));
        }
        while let Some(at) = self
            .jobs
            .iter()
            .position(|j| matches!(j.phase, Phase::Waiting { until } if until <= io.now))
        {
            let mut job = self.jobs.remove(at);
            self.attempt(io, &mut job);
            self.jobs.insert(at, job);
        }
        outcomes
    }

    /// When [`Self::handle_time`] has something to do: hung requests, then retries.
    pub(crate) fn timers(&self, config: &Config) -> (Option<Instant>, Option<Instant>) {
        let hang = self.jobs.iter().filter_map(|j| j.hangs_at(config));
        let retry = self.jobs.iter().filter_map(|j| match j.phase {
            Phase::Waiting { until } => Some(until),
            Phase::Active { .. } => None,
        });
        (hang.min(), retry.min())
    }

    /// One attempt failed: another one, elsewhere or later, or the end of the job.
    fn fail(&mut self, io: &mut Io, config: &Config, at: usize, error: PlayerError, running: bool) -> Option<Outcome> {
        let mut job = self.jobs.remove(at);
        self.end_attempt(io, &job, running);
        self.counters.failed = self.counters.failed.saturating_add(1);
        let failed = job.sources.get(job.source)?.clone();
        let error = error.at(&failed.url);
        if let Some(count) = job.failures.get_mut(job.source) {
            *count += 1;
        }
        self.locations.failed(io.now, &failed.location, config.location_penalty);
        let gone =
            matches!(error.status, 400..=499) && error.status != 408 && error.status != 425 && error.status != 429;
        // A definite answer is asked for again once elsewhere, not twice in the same place.
        let tried_all = job.failures.iter().all(|&n| n > 0);
        if job.attempts >= config.max_attempts || (gone && tried_all) || error.code == "network.too-large" {
            return Some(Outcome::Failed {
                purpose: job.purpose,
                error,
            });
        }
        io.warn(&error);
        job.source = self.locations.best(io.now, &job.sources, &job.failures);
        if job.failures.get(job.source).is_some_and(|&n| n == 0) {
            self.attempt(io, &mut job);
        } else {
            let round = job.failures.iter().copied().min().unwrap_or(0).clamp(1, 16);
            let delay = config
                .backoff_base
                .0
                .saturating_mul(1 << (round - 1))
                .min(config.backoff_max.0);
            // Full jitter over the upper half: clients that failed together do not return together.
            let jitter = io.rng.below(u64::try_from(delay / 2).unwrap_or(0) + 1);
            let until = io.now.plus(Micros(delay / 2 + i64::try_from(jitter).unwrap_or(0)));
            job.phase = Phase::Waiting { until };
        }
        self.jobs.insert(at.min(self.jobs.len()), job);
        None
    }
}

/// The scheme of a URL, and what follows it and two slashes.
pub(crate) fn parts_of(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    Some((scheme, rest.strip_prefix("//")?))
}

fn fault(code: &'static str, message: impl Into<String>) -> PlayerError {
    let action = if matches!(code.as_bytes(), b"network.unreachable" | b"network.timeout") {
        Action::CheckNetwork
    } else {
        Action::Retry
    };
    PlayerError::new(code, Severity::Recoverable, action, message)
}
