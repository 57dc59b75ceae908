//! Requests that the window wants made, over HTTP on this machine: bodies go to it as they come, and the program's transport
//! keeps media on disk and connections open. Of all ways into a webview this is the one that streams, and the fastest.
//!
//! A request is a `POST` with a description in JSON; the answer has the status, length and date of what was asked
//! for, and its body. Whoever asks must know this run's token, which is in a header and never in an address.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use footlight_native::{Arrival, Arrivals, Head, Reply, Request, RequestKind, Transfer, Transport, TransportFailure};
use futures_util::stream;
use serde::Deserialize;
use tokio::net::TcpListener;

/// The final address of what was asked for, where it is another.
const ADDRESS: &str = "footlight-url";
/// There is no response, and why.
const FAILURE: &str = "footlight-failure";
/// Descriptions of requests are not longer.
const MAX_ORDER: usize = 64 << 10;
/// Seconds for which a webview need not ask again whether it may ask.
const PREFLIGHT_SECONDS: &str = "7200";
/// What links may be opened by: see [`crate::instance`].
pub(crate) const OPEN: &str = "/open";

/// Called with a page to show, if any, when another start of the program asks for this one.
pub type Opened = Box<dyn Fn(Option<String>) + Send + Sync>;

/// The server. It runs until the runtime ends.
#[derive(Clone, Debug)]
pub struct Loopback {
    /// Where it listens.
    pub address: SocketAddr,
    /// What the window says with each request.
    pub token: String,
    /// What another start of the program says.
    pub instance_token: String,
}

struct Shared {
    transport: Box<dyn Transport>,
    token: String,
    instance_token: String,
    opened: Opened,
}

/// What the window asks for.
#[derive(Deserialize)]
struct Order {
    url: String,
    #[serde(default)]
    head: bool,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl Loopback {
    /// Starts it on a free port, within a tokio runtime.
    ///
    /// # Errors
    /// When there is no port, or no random numbers.
    pub async fn start(transport: impl Transport, opened: Opened) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (token, instance_token) = (crate::secret()?, crate::secret()?);
        let shared = Arc::new(Shared {
            transport: Box::new(transport),
            token: token.clone(),
            instance_token: instance_token.clone(),
            opened,
        });
        let routes = Router::new()
            .fallback(serve)
            .layer(DefaultBodyLimit::max(MAX_ORDER))
            .with_state(shared);
        tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                tracing::error!(%error, "the window's requests are no longer served");
            }
        });
        Ok(Self {
            address,
            token,
            instance_token,
        })
    }
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut response = match method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        Method::POST if uri.path() == OPEN => open(&shared, &headers, &body),
        Method::POST if knows(&headers, &shared.token) => match serde_json::from_slice(&body) {
            Ok(order) => make(&*shared.transport, order).await,
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        },
        Method::POST => StatusCode::FORBIDDEN.into_response(),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    allow(&mut response, &headers);
    response
}

fn knows(headers: &HeaderMap, token: &str) -> bool {
    let said = headers.get(header::AUTHORIZATION).and_then(|said| said.to_str().ok());
    said.and_then(|said| said.strip_prefix("Bearer ")) == Some(token)
}

/// Lets our window see the answer; other pages have no business here.
fn allow(response: &mut Response, asked: &HeaderMap) {
    let ours = ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"];
    let told = response.headers_mut();
    if let Some(origin) = asked
        .get(header::ORIGIN)
        .filter(|origin| ours.iter().any(|our| origin == our))
    {
        told.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        let may = |text| HeaderValue::from_static(text);
        told.insert(header::ACCESS_CONTROL_ALLOW_METHODS, may("POST"));
        told.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, may("authorization"));
        told.insert(header::ACCESS_CONTROL_MAX_AGE, may(PREFLIGHT_SECONDS));
    }
    told.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn open(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Response {
    if !knows(headers, &shared.instance_token) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let link = std::str::from_utf8(body).unwrap_or_default();
    (shared.opened)(crate::link::page(link));
    StatusCode::NO_CONTENT.into_response()
}

/// Makes a request and answers with what comes of it.
async fn make(transport: &dyn Transport, order: Order) -> Response {
    let Some(request) = request(order) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let is_head = request.head;
    let (reply, mut arrivals) = Reply::channel();
    let transfer = transport.send(request, reply);
    match arrivals.next().await {
        Some(Arrival::Head(head)) => answer(&head, is_head, arrivals, transfer),
        Some(Arrival::Failed(TransportFailure::Timeout)) => failed("timeout"),
        _ => failed("network"),
    }
}

fn failed(why: &'static str) -> Response {
    let expose = (header::ACCESS_CONTROL_EXPOSE_HEADERS.as_str(), FAILURE);
    (StatusCode::BAD_GATEWAY, [expose, (FAILURE, why)]).into_response()
}

fn request(order: Order) -> Option<Request> {
    let known = ["http://", "https://"];
    if !known.iter().any(|scheme| order.url.starts_with(scheme)) {
        return None;
    }
    let (ranges, headers): (Vec<_>, Vec<_>) = order
        .headers
        .into_iter()
        .partition(|(name, _)| name.eq_ignore_ascii_case("range"));
    let range = match ranges.first() {
        Some((_, text)) => Some(range(text)?),
        None => None,
    };
    Some(Request {
        url: order.url,
        head: order.head,
        range,
        headers,
        kind: kind(&order.kind),
    })
}

fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (start, end) = text.strip_prefix("bytes=")?.split_once('-')?;
    let end = if end.is_empty() { None } else { Some(end.parse().ok()?) };
    Some((start.parse().ok()?, end))
}

/// What is not known is not kept.
fn kind(name: &str) -> RequestKind {
    use RequestKind::{Audio, Callback, Index, Init, Text, Video};
    let kept = [Init, Index, Video, Audio, Text];
    kept.into_iter().find(|kind| kind.name() == name).unwrap_or(Callback)
}

fn answer(head: &Head, is_head: bool, arrivals: Arrivals, transfer: Transfer) -> Response {
    let Ok(status) = StatusCode::from_u16(head.status) else {
        return failed("network");
    };
    // The transfer lives as long as the body: when the window hangs up, both end.
    let body = stream::unfold((arrivals, transfer), |(mut arrivals, transfer)| async {
        match arrivals.next().await? {
            Arrival::Data(bytes) => Some((Ok(bytes), (arrivals, transfer))),
            Arrival::End => None,
            _ => Some((Err(io::Error::other("truncated")), (arrivals, transfer))),
        }
    });
    let mut response = Response::new(if is_head {
        Body::empty()
    } else {
        Body::from_stream(body)
    });
    *response.status_mut() = status;
    let told = response.headers_mut();
    if let Some(length) = head.length.filter(|_| !is_head) {
        told.insert(header::CONTENT_LENGTH, length.into());
    }
    let mut exposed = vec!["content-length"];
    if let Ok(address) = HeaderValue::from_str(&head.url)
        && !head.url.is_empty()
    {
        told.insert(ADDRESS, address);
        exposed.push(ADDRESS);
    }
    // Ours, which every answer has, is not the service's: that must not be taken for its clock.
    let since = head.date.and_then(|date| u64::try_from(date.0).ok());
    if let Some(date) = since.map(|micros| UNIX_EPOCH + Duration::from_micros(micros))
        && let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(date))
    {
        told.insert(header::DATE, date);
        exposed.push("date");
    }
    if let Ok(exposed) = HeaderValue::from_str(&exposed.join(", ")) {
        told.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    response
}

#[cfg(test)]
mod tests;
