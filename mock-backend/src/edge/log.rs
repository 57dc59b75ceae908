//! The last requests of an edge, for tests and the curious.

use serde::Serialize;
use std::{collections::VecDeque, sync::Mutex, sync::PoisonError};
use tokio::time::Instant;
use utoipa::ToSchema;

/// Requests that are remembered.
pub(super) const CAPACITY: usize = 2000;

/// How a response went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// Still under way.
    Pending,
    /// All of it was sent.
    Complete,
    /// Cut by the edge, as it was asked to.
    Cut,
    /// The client went away.
    Aborted,
}

/// A request and what became of it.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    /// Counts up from 0 since the start or the last DELETE.
    pub(crate) id: u64,
    /// When it came, in milliseconds since the edge started.
    pub(crate) at_ms: u64,
    /// Its method.
    pub(crate) method: String,
    /// Its path.
    pub(crate) path: String,
    /// Its query.
    pub(crate) query: Option<String>,
    /// Its Range header.
    pub(crate) range: Option<String>,
    /// Status of the answer; 0 while there is none.
    pub(crate) status: u16,
    /// Bytes of body sent.
    pub(crate) bytes: u64,
    /// Milliseconds from the request to the end of the answer.
    pub(crate) ms: u64,
    /// How it went.
    pub(crate) outcome: Outcome,
}

/// A bounded log.
pub(crate) struct RequestLog {
    started: Instant,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    /// Distinguishes entries of before and after a DELETE.
    generation: u64,
    next: u64,
    entries: VecDeque<Entry>,
}

/// Names an entry, as long as it is remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    generation: u64,
    id: u64,
}

impl RequestLog {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            entries: Mutex::default(),
        }
    }

    /// Remembers a request that has just come.
    pub(crate) fn open(&self, method: &str, uri: &axum::http::Uri, range: Option<String>) -> Key {
        let mut log = self.lock();
        let id = log.next;
        log.next += 1;
        if log.entries.len() == CAPACITY {
            log.entries.pop_front();
        }
        log.entries.push_back(Entry {
            id,
            at_ms: millis(self.started),
            method: method.to_owned(),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
            range,
            status: 0,
            bytes: 0,
            ms: 0,
            outcome: Outcome::Pending,
        });
        Key {
            generation: log.generation,
            id,
        }
    }

    /// Notes something about a request, if it is still remembered.
    pub(crate) fn note(&self, key: Key, note: impl FnOnce(&mut Entry)) {
        let mut log = self.lock();
        let first = log.entries.front().map_or(0, |entry| entry.id);
        let index = key.id.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        if log.generation == key.generation
            && let Some(entry) = index.and_then(|index| log.entries.get_mut(index))
        {
            note(entry);
        }
    }

    /// All that are remembered, oldest first.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.lock().entries.iter().cloned().collect()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        let mut log = self.lock();
        let generation = log.generation + 1;
        *log = Entries {
            generation,
            ..Entries::default()
        };
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Entries> {
        // Nothing that holds it panics half-way.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds since then.
pub(crate) fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Uri;

    #[tokio::test]
    async fn the_oldest_are_forgotten() {
        let log = RequestLog::new();
        let uri = Uri::from_static("/a?b=c");
        let first = log.open("GET", &uri, None);
        let keys: Vec<_> = (0..CAPACITY).map(|_| log.open("GET", &uri, None)).collect();
        log.note(first, |entry| entry.status = 1);
        log.note(keys[0], |entry| entry.status = 2);
        let entries = log.entries();
        assert_eq!((entries.len(), entries[0].status), (CAPACITY, 2));
        assert_eq!(entries[0].query.as_deref(), Some("b=c"));
        log.clear();
        log.open("GET", &uri, None);
        log.note(first, |entry| entry.status = 3);
        assert_eq!(log.entries()[0].status, 0, "that was another request");
    }
}
