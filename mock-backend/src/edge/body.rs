//! Response bodies on a shaped link: paced, counted, cut.

use super::{
    Edge,
    log::{Key, Outcome, millis},
};
use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::{io, sync::Arc};
use tokio::time::Instant;

/// What becomes of a body.
pub(super) struct Plan {
    /// It waits for the link.
    pub(super) paced: bool,
    /// It is cut after so many bytes.
    pub(super) cut_after: Option<u64>,
    /// Its length, where it is known.
    pub(super) length: Option<u64>,
}

/// Notes the end of a response, however it comes.
struct Record {
    edge: Arc<Edge>,
    key: Key,
    since: Instant,
    sent: u64,
    length: Option<u64>,
    outcome: Outcome,
}

impl Drop for Record {
    fn drop(&mut self) {
        // The connection stops asking as soon as it has all the bytes that were promised.
        if self.outcome == Outcome::Pending {
            let complete = self.length.is_some_and(|length| self.sent >= length);
            self.outcome = if complete { Outcome::Complete } else { Outcome::Aborted };
        }
        self.edge.log.note(self.key, |entry| {
            entry.bytes = self.sent;
            entry.ms = millis(self.since);
            entry.outcome = self.outcome;
            tracing::debug!(edge = %self.edge.id, path = %entry.path, range = entry.range, status = entry.status,
                bytes = entry.bytes, ms = entry.ms, outcome = ?entry.outcome, "served");
        });
    }
}

struct Paced {
    inner: BodyDataStream,
    pending: Bytes,
    plan: Plan,
    record: Record,
}

/// `body` under the plan, recorded as the answer of the request `key`.
pub(super) fn shape(body: Body, plan: Plan, edge: &Arc<Edge>, key: Key, since: Instant) -> Body {
    let record = Record {
        edge: Arc::clone(edge),
        key,
        since,
        sent: 0,
        length: plan.length,
        outcome: Outcome::Pending,
    };
    let paced = Paced {
        inner: body.into_data_stream(),
        pending: Bytes::new(),
        plan,
        record,
    };
    let chunks = stream::unfold(Some(paced), |paced| async {
        let mut paced = paced?;
        match paced.next().await {
            Some(Ok(chunk)) => Some((Ok(chunk), Some(paced))),
            Some(Err(error)) => Some((Err(error), None)),
            None => None,
        }
    });
    Body::from_stream(chunks.fuse())
}

impl Paced {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.plan.cut_after == Some(self.record.sent) {
            return Some(Err(self.cut("this edge was asked to cut it").await));
        }
        while self.pending.is_empty() {
            match self.inner.next().await {
                Some(Ok(data)) => self.pending = data,
                Some(Err(error)) => return Some(Err(io::Error::other(error))),
                None => {
                    self.record.outcome = Outcome::Complete;
                    return None;
                }
            }
        }
        let link = &self.record.edge.link;
        let mut most = self.pending.len();
        if self.plan.paced {
            most = link.chunk().map_or(most, |chunk| most.min(chunk));
        }
        if let Some(end) = self.plan.cut_after {
            let left = end.saturating_sub(self.record.sent);
            most = most.min(usize::try_from(left).unwrap_or(usize::MAX));
        }
        let chunk = self.pending.split_to(most);
        if self.plan.paced && link.carry(chunk.len()).await.is_err() {
            return Some(Err(self.cut("the server ends").await));
        }
        self.record.sent += chunk.len() as u64;
        Some(Ok(chunk))
    }

    /// Ends the body before its length is reached, which closes the connection.
    async fn cut(&mut self, reason: &'static str) -> io::Error {
        self.record.outcome = Outcome::Cut;
        // The connection sends what it has when there is nothing more to read for a moment.
        tokio::task::yield_now().await;
        io::Error::new(io::ErrorKind::ConnectionAborted, reason)
    }
}
