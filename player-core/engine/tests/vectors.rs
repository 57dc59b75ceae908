//! Recorded sessions, replayed: the same bytes go in and the same come out, here and on every other host.
//! The browser's test replays the same files in WebAssembly. `UPDATE_VECTORS=1` makes them anew.

mod common;

use std::path::PathBuf;

use common::channel::{Addressing, Channel};
use common::{Answer, Harness, SECOND, film};
use footlight_core::recorder::replay;
use footlight_core::{Command, Config, Input, Micros, Preferences, RequestKind, State};

const URL: &str = "https://a.example/film/manifest.mpd";

fn check(name: &str, harness: &Harness) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let (input, output) = (
        folder.join(format!("{name}.inputs")),
        folder.join(format!("{name}.outputs")),
    );
    let recorded = harness.recorder.bytes();
    let replayed = replay(recorded).expect("our own recording").answers;
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::create_dir_all(&folder).expect("the vectors' folder");
        std::fs::write(&input, recorded).expect("a file to write");
        std::fs::write(&output, &replayed).expect("a file to write");
    }
    let stored = std::fs::read(&input).expect("UPDATE_VECTORS=1 makes the vectors");
    let expected = std::fs::read(&output).expect("UPDATE_VECTORS=1 makes the vectors");
    assert!(
        replay(&stored).expect("a stored recording").answers == expected,
        "{name}: the engine answers differently than recorded"
    );
    assert!(
        stored == recorded,
        "{name}: the session goes differently: look why, then UPDATE_VECTORS=1"
    );
}

#[test]
fn a_session_with_seeks_and_switches() {
    let mut h = Harness::new(Config::default(), film::server(40));
    let preferences = Preferences {
        audio_languages: vec!["fr".into()],
        text_languages: vec!["en".into()],
        text_enabled: true,
    };
    h.input(Input::Preferences(preferences));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(5, |h| h.state() == State::Playing));
    h.bandwidth = 1_000_000;
    h.run(3);
    h.command(Command::Seek(Micros(30 * SECOND)));
    h.run(2);
    h.command(Command::SelectAudio(1));
    h.command(Command::SelectRendition(Some(2)));
    assert!(h.run_until(20, |h| h.state() == State::Ended));
    check("switches", &h);
}

#[test]
fn a_session_with_faults() {
    let manifest = film::manifest(16);
    let mut count = 0;
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        count += 1;
        match count % 7 {
            3 if fetch.kind != RequestKind::Manifest => Answer::Status(503),
            5 if fetch.kind != RequestKind::Manifest => Answer::Truncated { bytes: 9_000 },
            _ => film::answer(&manifest, fetch),
        }
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(40, |h| h.state() == State::Ended), "{:?}", h.state());
    check("faults", &h);
}

fn tuned(channel: &Channel) -> Harness {
    let service = channel.clone();
    let mut h = Harness::new(Config::default(), move |fetch, now| service.answer(fetch, now));
    h.input(Input::WallClock(Micros(channel.epoch + h.now.0 as i64)));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(10, |h| h.state() == State::Playing));
    h
}

#[test]
fn a_live_session_with_a_way_back_to_the_edge() {
    let channel = Channel {
        addressing: Addressing::Timeline,
        depth: 40 * SECOND,
        periods: Some(14 * SECOND),
        ..Channel::default()
    };
    let mut h = tuned(&channel);
    h.run(5);
    h.command(Command::Seek(Micros(h.position.0 - 20 * SECOND)));
    h.run(5);
    h.command(Command::GoLive);
    h.run(10);
    check("live", &h);
}

#[test]
fn a_low_latency_session() {
    let mut h = tuned(&Channel::low_latency());
    h.run(10);
    h.bandwidth = 1_000_000;
    h.run(10);
    check("low-latency", &h);
}
