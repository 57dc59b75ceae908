//! Everything that can happen in a session, one after the other and all at once: it comes to its end, and every run of it is
//! the same.

#![allow(clippy::expect_used)]

use std::path::Path;

use footlight_core::Kind;
use footlight_sim::scenario::{Played, Scenario};

/// Two minutes of a movie, with what `more` adds.
fn play(more: &str) -> Played {
    let json = format!(
        r#"{{"movie": {{"segment_s": 2, "segments": 60, "bitrates_kbps": [200, 600, 1500, 4000], "variation": 0.3}}, {more}}}"#
    );
    Scenario::parse(&json)
        .and_then(|scenario| scenario.play(Path::new(".")))
        .expect("a session")
}

/// As [`play`]; it must end without an error.
fn ends(more: &str) -> Played {
    let played = play(more);
    assert!(
        played.summary.ended && played.summary.errors.is_empty(),
        "{:#?}",
        played.summary
    );
    played
}

const JAGGED: &str = r#""network": {"periods": [
    {"duration_ms": 8000, "bandwidth_kbps": 5000, "latency_ms": 60},
    {"duration_ms": 6000, "bandwidth_kbps": 700, "latency_ms": 90},
    {"duration_ms": 3000, "bandwidth_kbps": 0, "latency_ms": 60}]}"#;
const SOUND: &str = r#""sound": {"bitrates_kbps": [64, 128], "languages": ["en", "fr"]}"#;

#[test]
fn a_plain_session() {
    let played = ends(r#""network": {"kbps": 3000}, "algorithm": "throughput""#);
    assert_eq!((played.summary.stalls, played.summary.dropped), (0, 0));
    assert!(
        (120.0..125.0).contains(&played.summary.lasted_s),
        "{:#?}",
        played.summary
    );
}

#[test]
fn a_network_that_comes_and_goes_is_played_at_its_mean() {
    let movie = r#""movie": {"segment_s": 2, "segments": 150, "bitrates_kbps": [190, 480, 800, 1300, 2500, 4500]}"#;
    let played = Scenario::parse(&format!("{{{movie}, {JAGGED}, \"buffer_s\": 25}}"))
        .and_then(|scenario| scenario.play(Path::new(".")))
        .expect("a session");
    // Following its turns takes 84.
    assert!(
        played.summary.switches <= 30 && played.summary.stalled_s < 4.0,
        "{:#?}",
        played.summary
    );
}

#[test]
fn sound_and_picture_share_the_link() {
    let played = ends(&format!("{JAGGED}, {SOUND}"));
    let of = |kind| {
        played
            .journal
            .requests
            .iter()
            .filter(move |r| r.media.kind == kind && r.is_complete())
    };
    assert!(of(Kind::Audio).count() >= 60 && of(Kind::Video).count() >= 60);
    assert!(of(Kind::Audio).any(|a| of(Kind::Video).any(|v| v.start <= a.start && a.start < v.end.unwrap_or(0))));
}

#[test]
fn indexes_that_have_to_be_fetched() {
    ends(&format!(r#"{JAGGED}, {SOUND}, "indexed": true"#));
}

#[test]
fn connections_that_start_slowly() {
    let network = r#""network": {"periods": [{"duration_ms": 1000, "bandwidth_kbps": 20000, "latency_ms": 100}]}"#;
    let (fast, slow) = (ends(network), ends(&format!(r#"{network}, "tcp": {{}}"#)));
    // Two more round trips for the manifest, and windows that have to grow.
    assert!(slow.summary.startup_s > fast.summary.startup_s + 0.2);
}

#[test]
fn a_server_that_fails_is_left_for_another() {
    let servers = r#""servers": [{"host": "a.example"}, {"host": "b.example", "latency_ms": 50}]"#;
    for what in [
        r#"{"status": 503}"#,
        r#"{"status": 404}"#,
        r#""hangs""#,
        r#""refused""#,
        r#""breaks""#,
    ] {
        let fault = format!(r#""faults": [{{"host": "a.example", "from_s": 10, "what": {what}}}]"#);
        let played = ends(&format!(r#""network": {{"kbps": 3000}}, {servers}, {fault}"#));
        assert!(played.summary.dropped > 0, "{what}: {:#?}", played.summary);
    }
}

#[test]
fn a_network_that_is_away_stops_the_player_until_the_viewer_tries_again() {
    let fault = r#""faults": [{"from_s": 20, "to_s": 110, "what": "refused"}]"#;
    let played = play(&format!(
        r#""network": {{"kbps": 3000}}, {fault}, "retries_after_s": 10"#
    ));
    assert!(
        played.summary.ended && !played.summary.errors.is_empty(),
        "{:#?}",
        played.summary
    );
    let left = play(&format!(r#""network": {{"kbps": 3000}}, {fault}"#));
    assert_eq!((left.summary.ended, left.summary.state), (false, "error"));
}

#[test]
fn a_sink_that_is_full() {
    let played = ends(r#""network": {"kbps": 9000}, "sink": {"capacity_mb": 8, "append_ms": 15}"#);
    assert_eq!(played.summary.stalls, 0, "{:#?}", played.summary);
    assert!(played.journal.refused > 0);
}

#[test]
fn a_sink_smaller_than_large_segments() {
    let played = ends(r#""network": {"kbps": 9000}, "sink": {"capacity_mb": 0.7}"#);
    let mut complete = played.journal.requests.iter().rev().filter(|r| r.is_complete());
    let largest = complete.next().map(|r| r.media.rendition);
    assert!(largest <= Some(2), "{:#?}", played.summary);
}

#[test]
fn a_seek_to_the_end_before_anything_is_there() {
    let viewer = r#""viewer": [{"at_s": 0.05, "does": {"seek_s": 1000}}]"#;
    let played = ends(&format!(r#""network": {{"kbps": 3000}}, {viewer}"#));
    assert!(played.summary.lasted_s < 10.0, "{:#?}", played.summary);
}

#[test]
fn a_seek_does_not_take_the_error_of_a_load_away() {
    let fault = r#""faults": [{"to_s": 15, "what": "refused"}], "retries_after_s": 20"#;
    let viewer = r#""viewer": [{"at_s": 10, "does": {"seek_s": 60}}]"#;
    let played = play(&format!(r#""network": {{"kbps": 3000}}, {fault}, {viewer}"#));
    assert!(
        played.summary.ended && played.summary.errors.len() == 1,
        "{:#?}",
        played.summary
    );
    assert_eq!(played.journal.requests.first().map(|r| r.media.segment), Some(30));
}

#[test]
fn a_clock_that_needs_media_ahead_and_pictures_that_are_dropped() {
    ends(&format!(
        r#"{JAGGED}, "sink": {{"start_ahead_ms": 1500, "smooth_up_to": 2}}"#
    ));
}

#[test]
fn a_viewer_who_seeks_pauses_and_changes_tracks() {
    let viewer = r#""viewer": [
        {"at_s": 10, "does": {"seek_s": 80}}, {"at_s": 14, "does": {"seek_s": 81}}, {"at_s": 20, "does": "pause"},
        {"at_s": 22, "does": {"seek_s": 20}}, {"at_s": 60, "does": "play"}, {"at_s": 70, "does": {"rate": 2}},
        {"at_s": 80, "does": {"rendition": 3}}, {"at_s": 84, "does": {"rendition": null}},
        {"at_s": 85, "does": {"size": [320, 180]}}]"#;
    let played = ends(&format!("{JAGGED}, {SOUND}, {viewer}"));
    assert!(played.journal.seeks.len() >= 3);
}

#[test]
fn a_lid_that_is_closed_and_opened() {
    for at in [0.05, 3.0, 30.0] {
        let viewer = format!(r#""viewer": [{{"at_s": {at}, "does": {{"sleep_s": 3600}}}}]"#);
        let played = ends(&format!("{JAGGED}, {SOUND}, {viewer}"));
        assert!(played.summary.lasted_s > 3600.0);
    }
}

fn everything(seed: u64) -> Played {
    play(&format!(
        r#""seed": {seed}, {JAGGED}, {SOUND}, "indexed": true, "tcp": {{}}, "retries_after_s": 5,
        "servers": [{{"host": "a.example", "limit_kbps": 4000}}, {{"host": "b.example", "latency_ms": 70}}],
        "faults": [{{"share": 0.1, "only_media": true, "what": {{"status": 503}}}},
                   {{"share": 0.15, "only_media": true, "what": "breaks"}},
                   {{"host": "b.example", "share": 0.2, "only_media": true, "what": "hangs"}}],
        "sink": {{"capacity_mb": 10, "append_ms": 8, "start_ahead_ms": 300}},
        "viewer": [{{"at_s": 25, "does": {{"seek_s": 70}}}}, {{"at_s": 40, "does": {{"sleep_s": 100}}}},
                   {{"at_s": 160, "does": {{"seek_s": 5}}}}]"#
    ))
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for seed in 0..8 {
        let (one, other) = (everything(seed), everything(seed));
        assert!(one.summary.ended, "{seed}: {:#?}", one.summary);
        assert_eq!(format!("{:?}", one.journal), format!("{:?}", other.journal));
    }
    assert_ne!(
        format!("{:?}", everything(1).journal),
        format!("{:?}", everything(2).journal)
    );
}

#[test]
fn nonsense_is_refused() {
    for json in [
        "{}",
        r#"{"movie": {"segment_s": 2, "segments": 60, "bitrates_kbps": [200]}, "network": {"kbps": 0}}"#,
        r#"{"movie": {"segment_s": 0, "segments": 60, "bitrates_kbps": [200]}, "network": {"kbps": 100}}"#,
        r#"{"movie": "nowhere.json", "network": {"kbps": 100}}"#,
        r#"{"movie": {"segment_s": 2, "segments": 60, "bitrates_kbps": [200]}, "network": {"kbps": 100}, "colour": 1}"#,
        r#"{"movie": {"segment_s": 2, "segments": 60, "bitrates_kbps": [200]}, "network": {"kbps": 100},
            "algorithm": "none"}"#,
    ] {
        let played = Scenario::parse(json).and_then(|scenario| scenario.play(Path::new(".")));
        assert!(played.is_err(), "{json}");
    }
}
