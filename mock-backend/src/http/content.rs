//! Bodies that are known before they are sent: validators, ranges, caching.

use super::range::{self, Requested};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::{convert::Infallible, sync::Arc};

/// Most bytes that go to the connection at once, so that shaping that changes takes effect soon.
const CHUNK: usize = 64 * 1024;

/// A body whose length is known and that can be read anywhere.
pub(crate) trait Source: Send + Sync {
    /// Its length in bytes.
    fn length(&self) -> u64;
    /// Some bytes from `offset` on: at least one before the end, at most `most`.
    fn read(&self, offset: u64, most: usize) -> Bytes;
}

impl Source for Bytes {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, offset: u64, most: usize) -> Bytes {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        self.slice(start..start.saturating_add(most).min(self.len()))
    }
}

/// Parts that follow each other.
#[derive(Clone, Debug)]
pub(crate) struct Spliced(pub(crate) Vec<Bytes>);

impl Source for Spliced {
    fn length(&self) -> u64 {
        self.0.iter().map(Source::length).sum()
    }

    fn read(&self, mut offset: u64, most: usize) -> Bytes {
        for part in &self.0 {
            if offset < part.length() {
                return part.read(offset, most);
            }
            offset -= part.length();
        }
        Bytes::new()
    }
}

/// How long a copy may be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CacheControl {
    /// The URL names its content: for good.
    Immutable,
    /// For so many seconds.
    MaxAge(u32),
    /// Keep it, but ask each time whether it is still right.
    Revalidate,
    /// Not at all.
    NoStore,
}

impl CacheControl {
    fn value(self) -> HeaderValue {
        match self {
            Self::Immutable => HeaderValue::from_static("public, max-age=31536000, immutable"),
            Self::MaxAge(seconds) => HeaderValue::try_from(format!("public, max-age={seconds}"))
                .unwrap_or(HeaderValue::from_static("no-cache")),
            Self::Revalidate => HeaderValue::from_static("no-cache"),
            Self::NoStore => HeaderValue::from_static("no-store"),
        }
    }
}

/// A body with what is said about it.
pub(crate) struct Content {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) media_type: &'static str,
    /// Opaque, without quotes.
    pub(crate) etag: String,
    pub(crate) cache: CacheControl,
}

impl Content {
    /// The answer to a GET or HEAD with these headers.
    pub(crate) fn respond(self, method: &Method, request: &HeaderMap) -> Response {
        let etag = format!("\"{}\"", self.etag);
        let mut headers = HeaderMap::new();
        headers.insert(header::CACHE_CONTROL, self.cache.value());
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Ok(value) = HeaderValue::try_from(&etag) {
            headers.insert(header::ETAG, value);
        }
        if matches_any(request, &etag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        let length = self.source.length();
        let (status, start, end) = match requested(request, &etag, length) {
            Requested::Whole => (StatusCode::OK, 0, length),
            Requested::Part { start, end } => {
                let value = format!("bytes {start}-{}/{length}", end - 1);
                insert(&mut headers, header::CONTENT_RANGE, &value);
                (StatusCode::PARTIAL_CONTENT, start, end)
            }
            Requested::Unsatisfiable => {
                headers.remove(header::CONTENT_TYPE);
                insert(&mut headers, header::CONTENT_RANGE, &format!("bytes */{length}"));
                return (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response();
            }
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(end - start));
        let body = if method == Method::HEAD {
            Body::empty()
        } else {
            body(self.source, start, end)
        };
        (status, headers, body).into_response()
    }
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}

fn text(request: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    request.get(name).and_then(|value| value.to_str().ok())
}

/// Does If-None-Match name this validator? Weak comparison, as it asks for.
fn matches_any(request: &HeaderMap, etag: &str) -> bool {
    text(request, header::IF_NONE_MATCH).is_some_and(|list| {
        list.split(',')
            .map(str::trim)
            .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
    })
}

/// The range asked for, unless If-Range says that it was meant for another version.
fn requested(request: &HeaderMap, etag: &str, length: u64) -> Requested {
    if text(request, header::IF_RANGE).is_some_and(|version| version != etag) {
        return Requested::Whole;
    }
    range::parse(text(request, header::RANGE), length)
}

fn body(source: Arc<dyn Source>, start: u64, end: u64) -> Body {
    let chunks = stream::unfold(start, move |offset| {
        let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let chunk = match left {
            0 => Bytes::new(),
            left => source.read(offset, left.min(CHUNK)),
        };
        let next = offset + chunk.len() as u64;
        std::future::ready((!chunk.is_empty()).then_some((Ok::<_, Infallible>(chunk), next)))
    });
    // Compression asks again after the end.
    Body::from_stream(chunks.fuse())
}

/// FNV-1a, to name content.
pub(crate) fn fingerprint(data: &[u8]) -> u64 {
    data.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        Content {
            source: Arc::new(Spliced(vec![
                Bytes::from_static(b"hello "),
                Bytes::from_static(b"world"),
            ])),
            media_type: "text/plain",
            etag: "v1".to_owned(),
            cache: CacheControl::MaxAge(60),
        }
    }

    async fn ask(headers: &[(header::HeaderName, &'static str)]) -> (Response<()>, Bytes) {
        let request = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect();
        let (parts, body) = content().respond(&Method::GET, &request).into_parts();
        let body = axum::body::to_bytes(body, 1000).await.unwrap();
        (Response::from_parts(parts, ()), body)
    }

    #[tokio::test]
    async fn whole_bodies() {
        let (response, body) = ask(&[]).await;
        assert_eq!(response.status(), 200);
        assert_eq!(body, "hello world");
        assert_eq!(response.headers()[header::CONTENT_LENGTH], "11");
        assert_eq!(response.headers()[header::ETAG], "\"v1\"");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "public, max-age=60");
    }

    #[tokio::test]
    async fn ranges_run_over_the_seams() {
        let (response, body) = ask(&[(header::RANGE, "bytes=4-7")]).await;
        assert_eq!(response.status(), 206);
        assert_eq!(body, "o wo");
        assert_eq!(response.headers()[header::CONTENT_RANGE], "bytes 4-7/11");
        let (response, body) = ask(&[(header::RANGE, "bytes=11-")]).await;
        assert_eq!(response.status(), 416);
        assert_eq!(response.headers()[header::CONTENT_RANGE], "bytes */11");
        assert!(body.is_empty());
    }

    #[tokio::test]
    async fn validators() {
        let (response, body) = ask(&[(header::IF_NONE_MATCH, "\"v0\", W/\"v1\"")]).await;
        assert_eq!(response.status(), 304);
        assert!(body.is_empty());
        let (response, _) = ask(&[(header::IF_NONE_MATCH, "\"v0\"")]).await;
        assert_eq!(response.status(), 200);
        let ranged = (header::RANGE, "bytes=0-0");
        let (response, _) = ask(&[ranged.clone(), (header::IF_RANGE, "\"v1\"")]).await;
        assert_eq!(response.status(), 206);
        let (response, _) = ask(&[ranged, (header::IF_RANGE, "\"v0\"")]).await;
        assert_eq!(response.status(), 200);
    }
}
