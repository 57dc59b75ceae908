//! HTTP by reqwest: HTTP/2, pooled connections, bodies as they arrive.

use std::time::{Duration, UNIX_EPOCH};

use footlight_core::{Micros, TransportFailure};
use futures_util::StreamExt as _;
use reqwest::header::{DATE, HeaderMap, RANGE};
use reqwest::{Client, Method, Response};

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
        Ok(Self { client })
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
        let task = tokio::spawn(run(self.client.clone(), request, reply));
        Transfer::new(move || task.abort())
    }
}

async fn run(client: Client, request: Request, reply: Reply) {
    let method = if request.head { Method::HEAD } else { Method::GET };
    let mut builder = client.request(method, &request.url);
    if let Some(range) = request.range_header() {
        // Bytes are counted as they are stored: nothing may compress them on the way.
        builder = builder.header(RANGE, range).header("accept-encoding", "identity");
    }
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let response = match builder.send().await {
        Ok(response) => response,
        Err(error) if error.is_timeout() => return reply.failed(TransportFailure::Timeout),
        Err(_) => return reply.failed(TransportFailure::Network),
    };
    reply.head(head(&response, &request.url));
    if request.head {
        return reply.end();
    }
    let mut body = response.bytes_stream();
    while let Some(piece) = body.next().await {
        match piece {
            Ok(bytes) => {
                reply.data(bytes);
            }
            Err(_) => return reply.failed(TransportFailure::Truncated),
        }
    }
    reply.end();
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
