//! The probe plays what the backend serves.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::process::{Command, Output};

use mock_backend::{Config, Server};
use serde_json::Value;

/// The first edge of a backend, for as long as the test runs.
struct Edge {
    runtime: tokio::runtime::Runtime,
    server: Option<Server>,
    origin: String,
}

impl Edge {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let server = runtime.block_on(Server::start(Config::ephemeral())).unwrap();
        let origin = server.addresses().edges[0].clone();
        Self {
            runtime,
            server: Some(server),
            origin,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.runtime.block_on(self.server.take().unwrap().shutdown());
    }
}

fn probe(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_footlight-probe"))
        .args(arguments)
        .output()
        .unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()))
}

#[test]
fn a_film_is_played_recorded_and_replayed() {
    let edge = Edge::start();
    let tape = file("session.flr");
    let url = edge.url("/media/tidewater/timeline/manifest.mpd?duration=40&token=hush");
    let output = probe(&["record", tape.to_str().unwrap(), &url, "--fast", "--json"]);
    let told = objects(&output);
    assert_eq!(output.status.code(), Some(0), "{told:?}");
    let summary = told.last().unwrap();
    assert_eq!(
        (&summary["findings"], &summary["stalls"], &summary["error"]),
        (&0.into(), &0.into(), &Value::Null)
    );
    assert!(summary["seconds"].as_f64().unwrap() < 40.0, "{summary}");
    assert!(told.iter().any(|object| object["event"] == "ended"));

    let output = probe(&["replay", tape.to_str().unwrap(), "--json", "--requests"]);
    let again = objects(&output);
    assert_eq!(output.status.code(), Some(0), "{again:?}");
    assert_eq!(again.last().unwrap()["differs"], false);
    let events = |objects: &[Value]| -> Vec<Value> {
        let kept = objects
            .iter()
            .filter(|object| object["event"] != "summary" && object["event"] != "replayed");
        kept.filter(|object| object["event"] != "fetch")
            .cloned()
            .map(untimed)
            .collect()
    };
    assert_eq!(
        events(&again)[..events(&told).len()],
        events(&told)[..],
        "the same is told"
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains("hush"));

    let mut recording = std::fs::read(&tape).unwrap();
    recording.truncate(recording.len() - 3);
    std::fs::write(&tape, recording).unwrap();
    assert_eq!(
        probe(&["replay", tape.to_str().unwrap()]).status.code(),
        Some(2),
        "one that was cut off"
    );
    std::fs::remove_file(&tape).unwrap();
}

/// Without its time: the clock goes on a little between the engine's word and the telling of it.
fn untimed(mut object: Value) -> Value {
    object.as_object_mut().unwrap().remove("at");
    object
}

#[test]
fn what_is_wrong_with_a_stream_is_told() {
    let edge = Edge::start();
    let output = probe(&["play", &edge.url("/media/tidewater/missing/manifest.mpd"), "--fast"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("404"), "{text}");
    let output = probe(&["play", &edge.url("/media/nobody/number/manifest.mpd")]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn all_that_a_stream_has_is_checked() {
    let edge = Edge::start();
    let report = file("report.xml");
    let junit = ["--junit", report.to_str().unwrap()];
    let url = edge.url("/media/nightline/number/manifest.mpd?duration=12");
    let output = probe(&[&["check", &url][..], &junit].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let passes = text.lines().filter(|line| line.starts_with("ok")).count();
    assert!(passes >= 4 && text.contains("1080p") && text.contains("180p"), "{text}");
    let xml = std::fs::read_to_string(&report).unwrap();
    assert!(xml.contains(&format!("tests=\"{passes}\" failures=\"0\"")), "{xml}");

    let url = edge.url("/media/tidewater/truncated/manifest.mpd?duration=12&baseurls=a");
    let output = probe(&[&["check", &url, "--json"][..], &junit].concat());
    assert_eq!(output.status.code(), Some(1));
    let report_json = &objects(&output)[0];
    assert!(report_json["problems"].as_u64().unwrap() > 0);
    assert!(std::fs::read_to_string(&report).unwrap().contains("<failure message="));
    std::fs::remove_file(&report).unwrap();
}

#[test]
fn the_man_page_and_completions_know_every_command() {
    for arguments in [
        &["man"][..],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["completions", "fish"],
    ] {
        let output = probe(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        for command in ["lint", "play", "check", "record", "replay"] {
            assert!(text.contains(command), "{arguments:?} lack {command}");
        }
    }
    let page = String::from_utf8(probe(&["man", "check"]).stdout).unwrap();
    assert!(page.contains("junit"), "{page}");
    assert_eq!(probe(&["man", "dance"]).status.code(), Some(2));
}
