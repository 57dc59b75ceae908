//! What the tests share: a backend over synthetic media, and requests to it without sockets.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

pub mod synthetic;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode},
};
use http_body_util::BodyExt as _;
use mock_backend::{Config, Routers};
use std::{path::PathBuf, sync::OnceLock};
use tower::ServiceExt as _;

/// Ports that the manifests of [`backend`] name.
pub const EDGE_PORTS: [u16; 2] = [1001, 1002];

/// The folder of synthetic media, written once.
pub fn media() -> PathBuf {
    static MEDIA: OnceLock<PathBuf> = OnceLock::new();
    MEDIA
        .get_or_init(|| {
            let folder = scratch("media");
            synthetic::write_title(&folder, "tidewater", false);
            synthetic::write_title(&folder, "nightline", true);
            folder
        })
        .clone()
}

/// A new folder of this process.
pub fn scratch(name: &str) -> PathBuf {
    let name = format!("{name}-{}", std::process::id());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).expect("a scratch folder");
    folder
}

/// A configuration over synthetic media.
pub fn config() -> Config {
    Config {
        media: media(),
        ..Config::ephemeral()
    }
}

/// Gateway and edges without sockets.
pub fn backend(config: Config) -> Routers {
    mock_backend::routers(config, &EDGE_PORTS).expect("synthetic media")
}

/// An answer with its whole body.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The body ended with an error.
    pub cut: bool,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// Asks a router, and reads the body as far as it goes.
pub async fn ask(router: &Router, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let response = router.clone().oneshot(request).await.expect("infallible");
    let (parts, mut incoming) = response.into_parts();
    let (mut body, mut cut) = (Vec::new(), false);
    while let Some(frame) = incoming.frame().await {
        match frame {
            Ok(frame) => body.extend_from_slice(frame.data_ref().expect("data")),
            Err(_) => cut = true,
        }
    }
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
        cut,
    }
}

/// GET without headers.
pub async fn get(router: &Router, path: &str) -> Answer {
    ask(router, Method::GET, path, &[], "").await
}

/// Shapes an edge.
pub async fn shape(edge: &Router, shaping: &str) {
    let answer = ask(edge, Method::PUT, "/admin/shaping", &[], shaping).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}
