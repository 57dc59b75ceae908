use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::get;
use footlight_native::{DiskCache, HttpTransport};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{Sender, channel};

use super::*;

/// A service: something that may be kept, something that comes in pieces, something that is elsewhere.
async fn service(times: Arc<AtomicUsize>, pieces: Sender<Sender<io::Result<Bytes>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let film = async move || {
        times.fetch_add(1, Ordering::SeqCst);
        let headers = [
            ("cache-control", "max-age=60"),
            ("date", "Tue, 24 Nov 2026 00:00:00 GMT"),
        ];
        (headers, "film")
    };
    let live = async move || {
        let (sender, mut receiver) = channel(1);
        pieces.send(sender).await.unwrap();
        Body::from_stream(stream::poll_fn(move |context| receiver.poll_recv(context)))
    };
    let moved = async || (StatusCode::FOUND, [("location", "/film")]);
    let routes = Router::new()
        .route("/film", get(film))
        .route("/live", get(live))
        .route("/moved", get(moved));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

struct Answer {
    head: String,
    body: BufReader<TcpStream>,
}

impl Answer {
    async fn rest(mut self) -> String {
        let mut rest = Vec::new();
        let _ = self.body.read_to_end(&mut rest).await;
        String::from_utf8(rest).unwrap()
    }

    fn has(&self, line: &str) -> bool {
        self.head.contains(&format!("{line}\r\n"))
    }
}

async fn ask(loopback: &Loopback, token: &str, origin: &str, order: &Value) -> Answer {
    let mut stream = TcpStream::connect(loopback.address).await.unwrap();
    let body = order.to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: x\r\norigin: {origin}\r\nauthorization: Bearer {token}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut body = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(body.read_line(&mut head).await.unwrap() > 0, "no head: {head}");
    }
    Answer { head, body }
}

async fn asked(loopback: &Loopback, order: &Value) -> Answer {
    ask(loopback, &loopback.token, "tauri://localhost", order).await
}

async fn start(transport: HttpTransport) -> Loopback {
    Loopback::start(transport, Box::new(|_| ())).await.unwrap()
}

#[tokio::test]
async fn media_comes_from_the_service_once_and_then_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let times = Arc::new(AtomicUsize::new(0));
    let service = service(times.clone(), channel(1).0).await;
    let cache = DiskCache::open(folder.path(), 1 << 20).unwrap();
    let loopback = start(HttpTransport::new("test").unwrap().with_cache(cache)).await;
    let order = json!({ "url": format!("{service}/film"), "kind": "video" });
    let first = asked(&loopback, &order).await;
    assert!(
        first.has("HTTP/1.1 200 OK") && first.has("content-length: 4"),
        "{}",
        first.head
    );
    assert!(
        first.has("date: Tue, 24 Nov 2026 00:00:00 GMT"),
        "the service's: {}",
        first.head
    );
    assert!(first.has("access-control-expose-headers: content-length, date"));
    assert!(first.has("access-control-allow-origin: tauri://localhost") && first.has("cache-control: no-store"));
    assert_eq!(first.rest().await, "film");
    // It is written beside the answer.
    while std::fs::read_dir(folder.path())
        .unwrap()
        .flatten()
        .all(|found| found.file_name().to_string_lossy().starts_with('.'))
    {
        tokio::task::yield_now().await;
    }
    let again = asked(&loopback, &order).await;
    assert!(
        again.has("access-control-expose-headers: content-length"),
        "no clock of ours: {}",
        again.head
    );
    assert_eq!(again.rest().await, "film");
    assert_eq!(times.load(Ordering::SeqCst), 1);
    let manifest = json!({ "url": format!("{service}/film"), "kind": "manifest" });
    assert_eq!(asked(&loopback, &manifest).await.rest().await, "film");
    assert_eq!(times.load(Ordering::SeqCst), 2, "manifests are asked for again");
}

#[tokio::test]
async fn pieces_come_as_they_are_made_and_hanging_up_ends_the_request() {
    let (sender, mut live) = channel(1);
    let service = service(Arc::default(), sender).await;
    let loopback = start(HttpTransport::new("test").unwrap()).await;
    let order = json!({ "url": format!("{service}/live"), "kind": "video" });
    let mut answer = asked(&loopback, &order).await;
    let pieces = live.recv().await.unwrap();
    for piece in ["one", "two"] {
        pieces.send(Ok(Bytes::from(piece))).await.unwrap();
        let mut line = String::new();
        while line.trim() != piece {
            line.clear();
            assert!(answer.body.read_line(&mut line).await.unwrap() > 0);
        }
    }
    drop(answer);
    pieces.closed().await;
}

#[tokio::test]
async fn bodies_that_break_off_do_not_end_well() {
    let (sender, mut live) = channel(1);
    let service = service(Arc::default(), sender).await;
    let loopback = start(HttpTransport::new("test").unwrap()).await;
    let answer = asked(&loopback, &json!({ "url": format!("{service}/live") })).await;
    let pieces = live.recv().await.unwrap();
    pieces.send(Err(io::Error::other("broken"))).await.unwrap();
    // A chunked body that is whole has an end.
    assert!(!answer.rest().await.ends_with("0\r\n\r\n"));
}

#[tokio::test]
async fn what_is_elsewhere_says_where() {
    let service = service(Arc::default(), channel(1).0).await;
    let loopback = start(HttpTransport::new("test").unwrap()).await;
    let answer = asked(&loopback, &json!({ "url": format!("{service}/moved"), "head": false })).await;
    assert!(answer.has(&format!("footlight-url: {service}/film")), "{}", answer.head);
    let head = asked(&loopback, &json!({ "url": format!("{service}/film"), "head": true })).await;
    assert!(head.has("HTTP/1.1 200 OK"));
    assert_eq!(head.rest().await, "");
    let missing = asked(&loopback, &json!({ "url": format!("{service}/missing") })).await;
    assert!(missing.has("HTTP/1.1 404 Not Found") && !missing.head.contains("footlight-failure"));
}

#[tokio::test]
async fn only_the_window_gets_answers() {
    let service = service(Arc::default(), channel(1).0).await;
    let loopback = start(HttpTransport::new("test").unwrap()).await;
    let order = json!({ "url": format!("{service}/film") });
    let stranger = ask(&loopback, "guess", "tauri://localhost", &order).await;
    assert!(stranger.has("HTTP/1.1 403 Forbidden"));
    let page = ask(&loopback, &loopback.token, "https://bad.example", &order).await;
    assert!(
        !page.head.contains("access-control-allow-origin"),
        "another page may not read it"
    );
    for order in [
        json!({ "url": "file:///etc/passwd" }),
        json!({ "url": "http://x/", "headers": { "range": "bytes=a-" } }),
        json!([]),
    ] {
        let refused = asked(&loopback, &order).await;
        assert!(refused.has("HTTP/1.1 400 Bad Request"), "{order}: {}", refused.head);
    }
    // Nobody listens on the port of a server that is gone.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let failed = asked(&loopback, &json!({ "url": format!("http://{gone}/") })).await;
    assert!(failed.has("footlight-failure: network"), "{}", failed.head);
}

#[test]
fn ranges_and_kinds_are_read() {
    assert_eq!(range("bytes=0-99"), Some((0, Some(99))));
    assert_eq!(range("bytes=7-"), Some((7, None)));
    assert_eq!(range("bytes=-7"), None);
    assert_eq!(kind("init"), RequestKind::Init);
    assert_eq!(kind("steering"), RequestKind::Callback);
}
