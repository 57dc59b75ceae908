//! How requests are made: what a platform's HTTP stack has to offer.

use bytes::Bytes;
use footlight_core::{Fetch, Micros, RequestId, RequestKind, TransportFailure};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A request to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Absolute URL.
    pub url: String,
    /// Ask by `HEAD`.
    pub head: bool,
    /// First and last byte wanted (`Range`), the last open when `None`.
    pub range: Option<(u64, Option<u64>)>,
    /// More header fields, names and values. Values may be secret: not for logs.
    pub headers: Vec<(String, String)>,
    /// What it is for: a transport may set priorities by it.
    pub kind: RequestKind,
}

impl From<Fetch> for Request {
    fn from(fetch: Fetch) -> Self {
        let header = fetch.header.map(|value| (Fetch::HEADER.to_owned(), value));
        Self {
            url: fetch.url,
            head: fetch.head,
            range: fetch.range,
            headers: header.into_iter().collect(),
            kind: fetch.kind,
        }
    }
}

impl Request {
    /// The value of the `Range` header field, when a part is wanted.
    #[must_use]
    pub fn range_header(&self) -> Option<String> {
        let (start, end) = self.range?;
        Some(end.map_or_else(|| format!("bytes={start}-"), |end| format!("bytes={start}-{end}")))
    }
}

/// The head of a response.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Head {
    /// HTTP status.
    pub status: u16,
    /// Bytes of the body as it will be given, when that is known.
    pub length: Option<u64>,
    /// The URL after redirects; empty when the same.
    pub url: String,
    /// Its `Date`, microseconds since the Unix epoch.
    pub date: Option<Micros>,
}

/// Makes requests. All its methods return at once; [`Reply`] may be used from any thread.
pub trait Transport: Send + Sync + 'static {
    /// Begins a request. When the returned [`Transfer`] is dropped, the request ends and frees its connection.
    fn send(&self, request: Request, reply: Reply) -> Transfer;
}

/// A request under way; dropping it ends the request.
#[must_use]
pub struct Transfer(Option<Box<dyn FnOnce() + Send>>);

impl Transfer {
    /// With what ends it.
    pub fn new(cancel: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(cancel)))
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if let Some(cancel) = self.0.take() {
            cancel();
        }
    }
}

/// What a transport tells about one request.
#[derive(Clone, Debug)]
pub enum Arrival {
    /// The head of the response.
    Head(Head),
    /// The next bytes of its body.
    Data(Bytes),
    /// The body is complete.
    End,
    /// There will be no (more) response.
    Failed(TransportFailure),
}

/// What comes of a request that is made without a player.
#[derive(Debug)]
pub struct Arrivals(UnboundedReceiver<(RequestId, Arrival)>);

impl Arrivals {
    /// The next one; none after [`Arrival::End`] or [`Arrival::Failed`].
    pub async fn next(&mut self) -> Option<Arrival> {
        self.0.recv().await.map(|(_, arrival)| arrival)
    }
}

/// Where a transport tells what comes of a request: one head, then data, then the end; or a failure. A reply that is dropped
/// before its end is one that failed.
#[derive(Debug)]
pub struct Reply {
    request: RequestId,
    channel: UnboundedSender<(RequestId, Arrival)>,
    over: bool,
}

impl Reply {
    /// A reply for a program that makes requests of its own, and where they arrive.
    #[must_use]
    pub fn channel() -> (Self, Arrivals) {
        let (channel, arrivals) = unbounded_channel();
        (Self::new(RequestId(0), channel), Arrivals(arrivals))
    }

    pub(crate) const fn new(request: RequestId, channel: UnboundedSender<(RequestId, Arrival)>) -> Self {
        Self {
            request,
            channel,
            over: false,
        }
    }

    /// The head arrived. False: nobody waits any more.
    pub fn head(&self, head: Head) -> bool {
        self.tell(Arrival::Head(head))
    }

    /// The next bytes of the body arrived. False: nobody waits any more.
    pub fn data(&self, bytes: impl Into<Bytes>) -> bool {
        self.tell(Arrival::Data(bytes.into()))
    }

    /// The body is complete.
    pub fn end(mut self) {
        self.over = true;
        self.tell(Arrival::End);
    }

    /// There will be no (more) response.
    pub fn failed(mut self, failure: TransportFailure) {
        self.over = true;
        self.tell(Arrival::Failed(failure));
    }

    fn tell(&self, arrival: Arrival) -> bool {
        self.channel.send((self.request, arrival)).is_ok()
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.over {
            self.tell(Arrival::Failed(TransportFailure::Network));
        }
    }
}
