//! The web app: files of a folder, and its page for every page route.

use crate::http::{ApiProblem, CacheControl, Content, content::fingerprint, media_type};
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

/// Encodings that may lie beside a file, the best first.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];
/// Paths under these are never pages.
const NOT_PAGES: [&str; 4] = ["/v1/", "/player/", "/assets/", "/media/"];

/// Answers a request that no route took; without a root there is nothing but problems.
pub(super) async fn serve(root: Option<PathBuf>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiProblem::method().into_response();
    }
    let uri = request.uri();
    let Some(root) = root else {
        return ApiProblem::route(uri.path()).into_response();
    };
    for name in [file_name(uri), is_page(uri).then(|| PathBuf::from("index.html"))] {
        let Some(name) = name else { continue };
        if let Some(file) = find(&root, &name, request.headers()).await {
            return file.respond(&name, request.method(), request.headers());
        }
    }
    ApiProblem::route(uri.path()).into_response()
}

/// A file, perhaps in the encoding of the one beside it.
struct Found {
    data: Bytes,
    encoding: Option<&'static str>,
}

impl Found {
    fn respond(self, name: &Path, method: &Method, headers: &HeaderMap) -> Response {
        let name = name.to_string_lossy();
        let content = Content {
            etag: format!("{:016x}", fingerprint(&self.data)),
            source: Arc::new(self.data),
            media_type: media_type::of(&name),
            cache: if is_hashed(&name) {
                CacheControl::Immutable
            } else {
                CacheControl::Revalidate
            },
        };
        let mut response = content.respond(method, headers);
        let out = response.headers_mut();
        out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = self.encoding {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

async fn find(root: &Path, name: &Path, headers: &HeaderMap) -> Option<Found> {
    let path = root.join(name);
    // A precompressed file counts only beside the one that it was made from.
    if !tokio::fs::metadata(&path).await.ok()?.is_file() {
        return None;
    }
    for (encoding, extension) in ENCODINGS {
        if !accepts(headers, encoding) {
            continue;
        }
        let mut beside = path.clone().into_os_string();
        beside.push(".");
        beside.push(extension);
        if let Ok(data) = tokio::fs::read(beside).await {
            return Some(Found {
                data: data.into(),
                encoding: Some(encoding),
            });
        }
    }
    let data = tokio::fs::read(path).await.ok()?.into();
    Some(Found { data, encoding: None })
}

/// Does Accept-Encoding name this encoding, and not to exclude it?
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let zero = |weight: &str| {
            let value = weight.strip_prefix("q=").and_then(|value| value.parse::<f32>().ok());
            value == Some(0.0)
        };
        named && !parts.any(zero)
    })
}

/// The path as a file under the root: percent-decoded, without anything that could lead out of it.
fn file_name(uri: &Uri) -> Option<PathBuf> {
    let decoded = percent_decode(uri.path().trim_start_matches('/'))?;
    let name = PathBuf::from(decoded);
    let inside = name.components().all(|part| match part {
        Component::Normal(part) => !part.to_string_lossy().starts_with('.'),
        _ => false,
    });
    (inside && name.components().next().is_some()).then_some(name)
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        out.push(u8::try_from(value).ok().filter(|&value| value != 0)?);
    }
    String::from_utf8(out).ok()
}

/// Is it a route of the app? Those have no extension; what has one is a file, there or not.
fn is_page(uri: &Uri) -> bool {
    let path = uri.path();
    let last = path.rsplit('/').next().unwrap_or_default();
    !last.contains('.') && !NOT_PAGES.iter().any(|prefix| path.starts_with(prefix))
}

/// Does the name carry a hash of the content, as in `app-1a2b3c4d.js`?
fn is_hashed(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let Some((stem, _)) = file.rsplit_once('.') else {
        return false;
    };
    let hash = stem.rsplit(['-', '.']).next().unwrap_or_default();
    hash.len() >= 8
        && hash.len() < stem.len()
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        && hash.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(path: &str) -> Uri {
        path.parse().unwrap()
    }

    #[test]
    fn names_stay_under_the_root() {
        assert_eq!(file_name(&uri("/a/b%20c.js")), Some("a/b c.js".into()));
        for path in [
            "/",
            "/../x",
            "/a/%2e%2e/x",
            "/a/..%2fx",
            "/%00",
            "/.git/config",
            "/a/%zz",
        ] {
            assert_eq!(file_name(&uri(path)), None, "{path}");
        }
    }

    #[test]
    fn pages_have_no_extension() {
        for path in ["/", "/title/x", "/watch/x?variant=base"] {
            assert!(is_page(&uri(path)), "{path}");
        }
        for path in ["/app.js", "/player/footlight", "/v1/nothing", "/media/x"] {
            assert!(!is_page(&uri(path)), "{path}");
        }
    }

    #[test]
    fn hashed_names_are_known() {
        for name in ["app-1a2b3c4d.js", "x/app.0123456789abcdef.css"] {
            assert!(is_hashed(name), "{name}");
        }
        for name in [
            "app.js",
            "footlight-worker.js",
            "1a2b3c4d.js",
            "app-deadbeefs.js",
            "app_bg.wasm",
        ] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn encodings_are_negotiated() {
        let headers = |value| HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
        assert!(accepts(&headers("gzip, deflate, br"), "br"));
        assert!(accepts(&headers("br;q=0.5"), "br"));
        assert!(!accepts(&headers("gzip, br;q=0"), "br"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
