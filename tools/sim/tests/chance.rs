//! Sessions made by chance: whatever happens, each comes to its end. `SCENARIOS=1000` tries more of them.

#![allow(clippy::expect_used)]

use std::fmt::Write as _;
use std::path::Path;

use footlight_sim::dice::Dice;
use footlight_sim::scenario::Scenario;

/// A scenario in which a bit of everything goes wrong. What goes wrong ends, and the viewer tries again after errors.
fn scenario(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let mut pick = |options: &[&str]| options[dice.below(options.len() as u64) as usize].to_owned();
    let mut json = format!(r#"{{"seed": {seed}, "retries_after_s": 7"#);
    let movie = pick(&["2", "4", "1", "6.006"]);
    let _ = write!(
        json,
        r#", "movie": {{"segment_s": {movie}, "segments": {}, "bitrates_kbps": [150, 400, 900, 2000, 5000], "variation": 0.4}}"#,
        pick(&["1", "7", "30", "60"])
    );
    json += &pick(&[
        "",
        r#", "sound": {"bitrates_kbps": [64, 192], "languages": ["en", "fr"]}"#,
    ]);
    json += &pick(&["", r#", "indexed": true"#]);
    json += &pick(&["", r#", "tcp": {}"#, r#", "tcp": {"idle_reset_ms": 200}"#]);
    json += &pick(&["", r#", "buffer_s": 6"#, r#", "buffer_s": 60"#]);
    json += &pick(&["", r#", "algorithm": "throughput""#]);
    json += &pick(&[
        r#", "servers": [{"host": "a"}]"#,
        r#", "servers": [{"host": "a"}, {"host": "b", "latency_ms": 80}]"#,
        r#", "servers": [{"host": "a", "limit_kbps": 900}, {"host": "b"}, {"host": "c", "latency_ms": 300}]"#,
    ]);
    json += &pick(&[
        "",
        r#", "sink": {"capacity_mb": 12, "append_ms": 5}"#,
        r#", "sink": {"append_ms": 120, "start_ahead_ms": 900}"#,
        r#", "sink": {"capacity_mb": 9, "start_ahead_ms": 100, "smooth_up_to": 1}"#,
    ]);
    json += r#", "network": {"periods": ["#;
    for at in 0..6 {
        // It carries something most of the time: what never arrives within a time-out never will.
        let rates = if at % 2 == 0 {
            &["300", "900", "3000", "12000"][..]
        } else {
            &["0", "100", "12000"]
        };
        let lengths = if at % 2 == 0 {
            &["3000", "15000"]
        } else {
            &["700", "3000"]
        };
        let (kbps, length, latency) = (pick(rates), pick(lengths), pick(&["20", "90", "400"]));
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            json,
            r#"{comma}{{"duration_ms": {length}, "bandwidth_kbps": {kbps}, "latency_ms": {latency}}}"#
        );
    }
    json += r#"]}, "faults": ["#;
    for at in 0..3 {
        let what = pick(&[
            r#"{"status": 503}"#,
            r#"{"status": 404}"#,
            r#""hangs""#,
            r#""refused""#,
            r#""breaks""#,
        ]);
        let (share, from, to) = (
            pick(&["0.05", "0.3", "1"]),
            pick(&["0", "4", "20"]),
            pick(&["24", "60"]),
        );
        let (comma, host) = (if at == 0 { "" } else { "," }, pick(&["", r#""host": "a", "#]));
        let _ = write!(
            json,
            r#"{comma}{{{host}"share": {share}, "from_s": {from}, "to_s": {to}, "what": {what}}}"#
        );
    }
    json += r#"], "viewer": ["#;
    for at in 0..4 {
        let does = pick(&[
            r#"{"seek_s": 1}"#,
            r#"{"seek_s": 33.3}"#,
            r#"{"seek_s": 100000}"#,
            r#""pause""#,
            r#"{"rate": 2}"#,
            r#"{"rate": 0.5}"#,
            r#"{"audio": 1}"#,
            r#"{"rendition": 4}"#,
            r#"{"rendition": null}"#,
            r#"{"size": [320, 180]}"#,
            r#"{"sleep_s": 3}"#,
            r#"{"sleep_s": 4000}"#,
        ]);
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            json,
            r#"{comma}{{"at_s": {}, "does": {does}}}"#,
            pick(&["0", "0.3", "5", "21", "44"])
        );
    }
    // Whatever was paused goes on.
    json + r#", {"at_s": 70, "does": "play"}]}"#
}

#[test]
fn every_session_ends() {
    let count = std::env::var("SCENARIOS")
        .ok()
        .and_then(|count| count.parse().ok())
        .unwrap_or(60);
    for seed in 0..count {
        let json = scenario(seed);
        let played = Scenario::parse(&json).and_then(|scenario| scenario.play(Path::new(".")));
        let summary = played.expect(&json).summary;
        assert!(summary.ended, "{json}\n{summary:#?}");
        assert!(summary.lasted_s < 10_000.0 + 4.0 * 4000.0, "{json}\n{summary:#?}");
    }
}
