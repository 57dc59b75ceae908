//! HTTP by reqwest: HTTP/2, pooled connections, bodies as they arrive.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use footlight_core::{Micros, RequestKind, TransportFailure};
use futures_util::StreamExt as _;
use http_cache_semantics::{AfterResponse, BeforeRequest, CachePolicy};
use reqwest::header::{ACCEPT_ENCODING, DATE, HeaderMap, RANGE};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};

use crate::cache::{DiskCache, Entry};
use crate::transport::{Head, Reply, Request, Transfer, Transport};

/// How long to wait for a connection. How long for bytes is the engine's matter.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests may be sent from one place to another so often.
const MAX_REDIRECTS: usize = 10;

/// There can be no HTTP on this machine.
#[derive(Debug, thiserror::Error)]
#[error("HTTP cannot be set up: {0}")]
pub struct TransportError(#[from] reqwest::Error);

/// The transport of desktops and tools. Give every player the same one: its connections are shared.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: Client,
    cache: Option<Arc<DiskCache>>,
}

impl HttpTransport {
    /// A transport that tells servers this name of the program. Proxies are those of the environment.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(user_agent: &str) -> Result<Self, TransportError> {
        // An error means that one is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::limited(MAX_REDIRECTS))
            // Retries are the engine's.
            .retry(reqwest::retry::never())
            .build()?;
        Ok(Self { client, cache: None })
    }

    /// Keeps media on disk, as far as servers allow it.
    #[must_use]
    pub fn with_cache(mut self, cache: DiskCache) -> Self {
        self.cache = Some(Arc::new(cache));
        self
    }

    /// A whole resource, and its URL after redirects: for programs that look at one file.
    ///
    /// # Errors
    /// When it cannot be had, its status is no success, it has more than `max_bytes`, or it takes longer than `timeout`.
    pub async fn get(&self, url: &str, max_bytes: usize, timeout: Duration) -> Result<(String, Vec<u8>), GetError> {
        let response = self.client.get(url).timeout(timeout).send().await?.error_for_status()?;
        let place = response.url().to_string();
        let mut body = response.bytes_stream();
        let mut bytes = Vec::new();
        while let Some(piece) = body.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() > max_bytes {
                return Err(GetError::TooLarge(max_bytes));
            }
        }
        Ok((place, bytes))
    }
}

/// A resource cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GetError {
    /// By HTTP.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// It is larger than asked for.
    #[error("more than {0} bytes")]
    TooLarge(usize),
}

impl Transport for HttpTransport {
    /// Must be called within a tokio runtime.
    fn send(&self, request: Request, reply: Reply) -> Transfer {
        let cache = self.cache.clone().filter(|_| may_be_kept(&request));
        let exchange = Exchange {
            client: self.client.clone(),
            cache: cache.map(|cache| (cache, DiskCache::name(&request.url, request.range))),
            request,
            reply,
        };
        let task = tokio::spawn(exchange.run());
        Transfer::new(move || task.abort())
    }
}

/// Media stays what it is; everything else is asked for again.
fn may_be_kept(request: &Request) -> bool {
    use RequestKind::{Audio, Index, Init, Text, Video};
    !request.head && request.headers.is_empty() && matches!(request.kind, Init | Index | Video | Audio | Text)
}

/// One request.
struct Exchange {
    client: Client,
    /// With its name there.
    cache: Option<(Arc<DiskCache>, String)>,
    request: Request,
    reply: Reply,
}

impl Exchange {
    async fn run(self) {
        let stored = self.stored().await;
        let mut revalidation = HeaderMap::new();
        if let Some(stored) = &stored {
            match stored.policy.before_request(&asked(), SystemTime::now()) {
                BeforeRequest::Fresh(_) => return self.serve(stored),
                BeforeRequest::Stale { request, .. } => revalidation = request.headers,
            }
        }
        let response = match self.builder(revalidation).send().await {
            Ok(response) => response,
            Err(error) if error.is_timeout() => return self.reply.failed(TransportFailure::Timeout),
            Err(_) => return self.reply.failed(TransportFailure::Network),
        };
        if response.status() == StatusCode::NOT_MODIFIED
            && let Some(mut stored) = stored
        {
            let told = answered(&response);
            let (AfterResponse::NotModified(policy, _) | AfterResponse::Modified(policy, _)) =
                stored.policy.after_response(&asked(), &told, SystemTime::now());
            stored.policy = policy;
            self.keep(stored.policy.clone(), stored.status, vec![stored.body.clone()]);
            return self.serve(&stored);
        }
        self.receive(response).await;
    }

    /// What is on disk of it.
    async fn stored(&self) -> Option<Entry> {
        let (cache, name) = self.cache.clone()?;
        tokio::task::spawn_blocking(move || cache.read(&name)).await.ok()?
    }

    fn serve(self, stored: &Entry) {
        self.reply.head(Head {
            status: stored.status,
            length: Some(stored.body.len() as u64),
            url: String::new(),
            date: None,
        });
        self.reply.data(stored.body.clone());
        self.reply.end();
    }

    fn builder(&self, more: HeaderMap) -> RequestBuilder {
        let method = if self.request.head { Method::HEAD } else { Method::GET };
        let mut builder = self.client.request(method, &self.request.url).headers(more);
        if let Some(range) = self.request.range_header() {
            // Bytes are counted as they are stored: nothing may compress them on the way.
            builder = builder.header(RANGE, range).header(ACCEPT_ENCODING, "identity");
        }
        for (name, value) in &self.request.headers {
            builder = builder.header(name, value);
        }
        builder
    }

    async fn receive(self, response: Response) {
        let head = head(&response, &self.request.url);
        let status = head.status;
        let is_whole = matches!(status, 200 | 206) && head.url.is_empty();
        let policy = CachePolicy::new_options(&asked(), &answered(&response), SystemTime::now(), DiskCache::options());
        let kept = self.cache.is_some() && is_whole && policy.is_storable();
        self.reply.head(head);
        if self.request.head {
            return self.reply.end();
        }
        let mut pieces = Vec::new();
        let mut body = response.bytes_stream();
        while let Some(piece) = body.next().await {
            let Ok(bytes) = piece else {
                return self.reply.failed(TransportFailure::Truncated);
            };
            if kept {
                pieces.push(bytes.clone());
            }
            self.reply.data(bytes);
        }
        if kept {
            self.keep(policy, status, pieces);
        }
        self.reply.end();
    }

    /// Writes it down, beside whatever goes on. A disk that is full keeps nothing, and playback goes on.
    fn keep(&self, policy: CachePolicy, status: u16, body: Vec<Bytes>) {
        if let Some((cache, name)) = self.cache.clone() {
            let entry = Entry {
                policy,
                status,
                body: Bytes::new(),
            };
            tokio::task::spawn_blocking(move || drop(cache.write(&name, &entry, &body)));
        }
    }
}

/// The request as the rules of caching see it: entries go by name, so that URLs stay off the disk.
fn asked() -> http::Request<()> {
    http::Request::new(())
}

/// The response, likewise: a part counts as a resource of its own.
fn answered(response: &Response) -> http::Response<()> {
    let mut told = http::Response::new(());
    *told.headers_mut() = response.headers().clone();
    *told.status_mut() = match response.status() {
        StatusCode::PARTIAL_CONTENT => StatusCode::OK,
        other => other,
    };
    told
}

fn head(response: &Response, asked: &str) -> Head {
    let url = response.url().as_str();
    Head {
        status: response.status().as_u16(),
        length: response.content_length(),
        url: if url == asked { String::new() } else { url.to_owned() },
        date: date(response.headers()),
    }
}

fn date(headers: &HeaderMap) -> Option<Micros> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let since = date.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Arrival;
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    /// A server that answers one request after another, and what it was asked.
    async fn server(answers: Vec<&'static str>) -> (String, UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/1.m4s?token=abc", listener.local_addr().unwrap());
        let (asked, heard) = unbounded_channel();
        tokio::spawn(async move {
            for answer in answers {
                let (socket, _) = listener.accept().await.unwrap();
                let mut socket = BufReader::new(socket);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    socket.read_line(&mut head).await.unwrap();
                }
                asked.send(head.to_ascii_lowercase()).unwrap();
                socket.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        (url, heard)
    }

    /// Status, body, and how it ended.
    async fn fetch(transport: &HttpTransport, url: &str, kind: RequestKind) -> (u16, Vec<u8>, bool) {
        let (reply, mut arrivals) = Reply::channel();
        let request = Request {
            url: url.to_owned(),
            head: false,
            range: Some((0, Some(4))),
            headers: Vec::new(),
            kind,
        };
        let _transfer = transport.send(request, reply);
        let (mut status, mut body) = (0, Vec::new());
        loop {
            match arrivals.next().await.unwrap() {
                Arrival::Head(head) => status = head.status,
                Arrival::Data(bytes) => body.extend_from_slice(&bytes),
                Arrival::End => return (status, body, true),
                Arrival::Failed(_) => return (status, body, false),
            }
        }
    }

    /// When the disk has it: writing goes on beside the answer.
    async fn written(transport: &HttpTransport) {
        let cache = transport.cache.clone().unwrap();
        while cache.held() == 0 {
            tokio::task::yield_now().await;
        }
    }

    fn cached(folder: &tempfile::TempDir) -> HttpTransport {
        let cache = DiskCache::open(folder.path(), 1 << 20).unwrap();
        HttpTransport::new("test").unwrap().with_cache(cache)
    }

    #[tokio::test]
    async fn what_may_be_kept_is_fetched_once() {
        let folder = tempfile::tempdir().unwrap();
        let answer = "HTTP/1.1 206 Partial Content\r\ncontent-length: 5\r\ncache-control: max-age=60\r\n\r\nabcde";
        let (url, mut asked) = server(vec![answer]).await;
        let transport = cached(&folder);
        let whole = (206, b"abcde".to_vec(), true);
        assert_eq!(fetch(&transport, &url, RequestKind::Video).await, whole);
        written(&transport).await;
        assert_eq!(fetch(&transport, &url, RequestKind::Video).await, whole);
        assert_eq!(
            fetch(&cached(&folder), &url, RequestKind::Video).await,
            whole,
            "another run of the program"
        );
        assert!(asked.recv().await.unwrap().contains("range: bytes=0-4"));
        assert!(asked.try_recv().is_err(), "asked once");
    }

    #[tokio::test]
    async fn what_is_old_is_asked_about_and_what_changes_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let old = "HTTP/1.1 206 Partial Content\r\ncontent-length: 5\r\ncache-control: max-age=0\r\netag: \"a\"\r\nconnection: close\r\n\r\nabcde";
        let same = "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\ncache-control: max-age=60\r\nconnection: close\r\n\r\n";
        let manifest =
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncache-control: max-age=60\r\nconnection: close\r\n\r\nhi";
        let (url, mut asked) = server(vec![old, same, manifest, manifest]).await;
        let transport = cached(&folder);
        let whole = (206, b"abcde".to_vec(), true);
        assert_eq!(fetch(&transport, &url, RequestKind::Audio).await, whole);
        written(&transport).await;
        assert_eq!(fetch(&transport, &url, RequestKind::Audio).await, whole);
        asked.recv().await.unwrap();
        assert!(asked.recv().await.unwrap().contains("if-none-match: \"a\""));
        for _ in 0..2 {
            let manifest = fetch(&transport, &url, RequestKind::Manifest).await;
            assert_eq!(manifest, (200, b"hi".to_vec(), true));
            asked.recv().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_body_that_is_cut_off_is_neither_whole_nor_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cut = "HTTP/1.1 206 Partial Content\r\ncontent-length: 5\r\ncache-control: max-age=60\r\nconnection: close\r\n\r\nab";
        let whole = "HTTP/1.1 206 Partial Content\r\ncontent-length: 5\r\nconnection: close\r\n\r\nabcde";
        let (url, _asked) = server(vec![cut, whole]).await;
        let transport = cached(&folder);
        assert_eq!(
            fetch(&transport, &url, RequestKind::Video).await,
            (206, b"ab".to_vec(), false)
        );
        assert_eq!(
            fetch(&transport, &url, RequestKind::Video).await,
            (206, b"abcde".to_vec(), true)
        );
    }
}
