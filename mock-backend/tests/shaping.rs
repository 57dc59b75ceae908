//! What the admin of an edge does to its answers, on a paused clock.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use axum::{Router, http::Method};
use mock_backend::Config;
use serde_json::json;
use std::time::Duration;
use support::{ask, backend, config, get, scratch, shape};
use tokio::time::{Instant, sleep};

const LARGE: &str = "/media/tidewater/number/video-avc-720p/seg-00001.m4s";
const SMALL: &str = "/media/tidewater/number/video-avc-180p/seg-00001.m4s";
const SOUND: &str = "/media/tidewater/number/audio-en/seg-00001.m4s";

/// Seconds on the paused clock, and the bytes that came.
async fn timed(edge: &Router, path: &str) -> (f64, usize) {
    let since = Instant::now();
    let answer = get(edge, path).await;
    (since.elapsed().as_secs_f64(), answer.body.len())
}

/// Within the tolerance of the link's timers.
fn assert_about(seconds: f64, expected: f64) {
    assert!((seconds - expected).abs() < 0.015, "{seconds} s, not {expected}");
}

#[tokio::test(start_paused = true)]
async fn time_is_bytes_over_bandwidth() {
    let edge = &backend(config()).edges[0];
    assert_about(timed(edge, LARGE).await.0, 0.0);
    for kbps in [1000_u32, 500, 250] {
        shape(edge, &json!({"bandwidth_kbps": kbps}).to_string()).await;
        let (seconds, bytes) = timed(edge, LARGE).await;
        assert_about(seconds, bytes as f64 * 8.0 / 1000.0 / f64::from(kbps));
    }
    assert_eq!(ask(edge, Method::DELETE, "/admin/shaping", &[], "").await.status, 204);
    assert_about(timed(edge, LARGE).await.0, 0.0);
}

#[tokio::test(start_paused = true)]
async fn edges_are_shaped_apart_and_their_responses_together() {
    let backend = backend(config());
    let [one, other] = &backend.edges[..] else { panic!() };
    shape(one, r#"{"bandwidth_kbps":1000}"#).await;
    let ((first, bytes), (second, _), (free, _)) =
        tokio::join!(timed(one, LARGE), timed(one, LARGE), timed(other, LARGE));
    let together = bytes as f64 * 2.0 * 8.0 / 1e6;
    assert_about(first.max(second), together);
    assert!(
        (first - second).abs() < 0.15,
        "they end about together: {first}, {second}"
    );
    assert_about(free, 0.0);
}

#[tokio::test(start_paused = true)]
async fn changes_apply_to_answers_under_way() {
    let edge = &backend(config()).edges[0];
    shape(edge, r#"{"bandwidth_kbps":100}"#).await;
    let change = async {
        sleep(Duration::from_secs(2)).await;
        shape(edge, r#"{"bandwidth_kbps":1000}"#).await;
    };
    let ((seconds, bytes), ()) = tokio::join!(timed(edge, LARGE), change);
    assert_about(seconds, 2.0 + (bytes as f64 * 8.0 - 200_000.0) / 1e6);
}

#[tokio::test(start_paused = true)]
async fn traces_and_latency() {
    let folder = scratch("traces");
    std::fs::write(folder.join("train.txt"), "# seconds kbps\n1 400\n1 0\n").unwrap();
    let config = Config {
        traces: Some(folder),
        ..config()
    };
    let edge = &backend(config).edges[0];
    for trace in [json!([[1, 400], [1, 0]]), json!({"trace_file": "train.txt"})] {
        shape(edge, &json!({"trace": trace, "latency_ms": 0}).to_string()).await;
        let (seconds, bytes) = timed(edge, LARGE).await;
        let busy = bytes as f64 * 8.0 / 400_000.0;
        assert_about(seconds, busy + busy.floor());
    }
    shape(edge, r#"{"latency_ms":300,"match":"video"}"#).await;
    assert_about(timed(edge, LARGE).await.0, 0.3);
    assert_about(timed(edge, SOUND).await.0, 0.0);
}

#[tokio::test]
async fn failures_are_repeatable_and_typed() {
    let edge = &backend(config()).edges[0];
    let mut runs = Vec::new();
    for _ in 0..2 {
        shape(edge, r#"{"fail_rate":0.5,"fail_status":502,"seed":7}"#).await;
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(get(edge, SMALL).await.status.as_u16());
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    let failed = runs[0].iter().filter(|status| **status == 502).count();
    assert!((10..=30).contains(&failed), "{failed} of 40");
    shape(edge, r#"{"fail_rate":1,"match":"/video"}"#).await;
    let answer = get(edge, SMALL).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (503, Some("fault.injected"))
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(get(edge, SOUND).await.status, 200);
    assert_eq!(get(edge, "/healthz").await.status, 200);
}

#[tokio::test]
async fn bodies_are_cut_where_asked() {
    let edge = &backend(config()).edges[0];
    let whole = get(edge, LARGE).await.body;
    shape(edge, r#"{"fail_after_bytes":70000}"#).await;
    let answer = get(edge, LARGE).await;
    assert!(answer.cut);
    assert_eq!(answer.header("content-length"), whole.len().to_string());
    assert_eq!(answer.body, whole[..70_000]);
    assert!(!get(edge, SMALL).await.cut, "it is shorter");
    let head = ask(edge, Method::HEAD, LARGE, &[], "").await;
    assert!(!head.cut);
}

#[tokio::test]
async fn requests_are_logged() {
    let edge = &backend(config()).edges[0];
    get(edge, SOUND).await;
    ask(
        edge,
        Method::GET,
        &format!("{LARGE}?x=1"),
        &[("range", "bytes=10-19")],
        "",
    )
    .await;
    shape(edge, r#"{"fail_after_bytes":5}"#).await;
    get(edge, LARGE).await;
    get(edge, "/media/none/number/manifest.mpd").await;
    let log = get(edge, "/admin/requests").await.json();
    let seen: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            json!([
                entry["path"],
                entry["query"],
                entry["range"],
                entry["status"],
                entry["outcome"]
            ])
        })
        .collect();
    let none = serde_json::Value::Null;
    assert_eq!(seen[0], json!([SOUND, none, none, 200, "complete"]));
    assert_eq!(seen[1], json!([LARGE, "x=1", "bytes=10-19", 206, "complete"]));
    assert_eq!(seen[2], json!([LARGE, none, none, 200, "cut"]));
    assert_eq!(seen[3][3], 404);
    assert_eq!((&log[1]["bytes"], &log[2]["bytes"]), (&json!(10), &json!(5)));
    assert!(log[0]["ms"].is_u64());
    assert_eq!(ask(edge, Method::DELETE, "/admin/requests", &[], "").await.status, 204);
    assert_eq!(get(edge, "/admin/requests").await.json(), json!([]));
}

#[tokio::test]
async fn the_admin_tells_what_is_in_force_and_refuses_nonsense() {
    let edge = &backend(config()).edges[0];
    shape(edge, r#"{"bandwidth_kbps":800,"latency_ms":20,"match":"audio"}"#).await;
    let shaping = get(edge, "/admin/shaping").await.json();
    assert_eq!(
        (&shaping["bandwidth_kbps"], &shaping["match"]),
        (&json!(800.0), &json!("audio"))
    );
    for body in [
        r#"{"bandwidth_kbps":-5}"#,
        r#"{"speed":1}"#,
        "",
        r#"{"trace":{"trace_file":"../x"}}"#,
    ] {
        let answer = ask(edge, Method::PUT, "/admin/shaping", &[], body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (400, Some("body.invalid"))
        );
    }
    assert_eq!(
        get(edge, "/admin/shaping").await.json(),
        shaping,
        "what was refused changes nothing"
    );
}
