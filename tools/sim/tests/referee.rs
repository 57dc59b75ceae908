//! The model by which rules are compared, against sessions computed by hand.

#![allow(clippy::expect_used)]

use std::path::Path;

use footlight_core::Config;
use footlight_core::abr::Algorithm;
use footlight_sim::corpus::{self, Choice};
use footlight_sim::movie::Movie;
use footlight_sim::referee::{Session, play};
use footlight_sim::score::replay;
use footlight_sim::trace::{Period, Trace};

fn movie(kbps: &[f64], segments: usize) -> Movie {
    Movie {
        segment_duration_ms: 2000.0,
        bitrates_kbps: kbps.to_vec(),
        segment_sizes_bits: vec![kbps.iter().map(|kbps| kbps * 2000.0).collect(); segments],
    }
}

fn trace(periods: &[(f64, f64, f64)]) -> Trace {
    let period = |&(duration_ms, bandwidth_kbps, latency_ms)| Period {
        duration_ms,
        bandwidth_kbps,
        latency_ms,
    };
    Trace::new(periods.iter().map(period).collect()).expect("a trace")
}

fn times(session: &Session) -> Vec<(f64, f64, f64)> {
    let of = |s: &footlight_sim::referee::Segment| (s.download_start_ms, s.download_end_ms, s.stall_ms);
    session.segments.iter().map(of).collect()
}

#[test]
fn a_full_buffer_is_asked_for_more_the_moment_a_segment_fits() {
    // 2 Mbit at 4 Mbit/s and 100 ms take 600 ms. The buffer holds two segments: from the third on each is asked for when one
    // more has been played, 2 s after the one before, the first of them at 600 + 2000.
    let session = play(
        &trace(&[(1000.0, 4000.0, 100.0)]),
        &movie(&[1000.0], 5),
        4000.0,
        Config::default(),
    )
    .expect("a session");
    assert_eq!(
        times(&session),
        [
            (0.0, 600.0, 0.0),
            (600.0, 1200.0, 0.0),
            (2600.0, 3200.0, 0.0),
            (4600.0, 5200.0, 0.0),
            (6600.0, 7200.0, 0.0)
        ]
    );
    assert!((session.score.startup_s - 0.6).abs() < 1e-9);
}

#[test]
fn late_segments_stall_for_as_long_as_they_are_late() {
    // 2 Mbit at 0.5 Mbit/s and 50 ms take 4050 ms and last 2000.
    let session = play(
        &trace(&[(1000.0, 500.0, 50.0)]),
        &movie(&[1000.0], 3),
        10_000.0,
        Config::default(),
    )
    .expect("a session");
    assert_eq!(
        times(&session),
        [(0.0, 4050.0, 0.0), (4050.0, 8100.0, 2050.0), (8100.0, 12150.0, 2050.0)]
    );
    assert!((session.score.stalled_s - 4.1).abs() < 1e-9);
}

#[test]
fn a_network_that_is_away_for_minutes_is_waited_for() {
    let session = play(
        &trace(&[(1000.0, 2000.0, 50.0), (200_000.0, 0.0, 50.0), (10_000.0, 2000.0, 50.0)]),
        &movie(&[1000.0], 3),
        10_000.0,
        Config::default(),
    )
    .expect("a session");
    // 1.9 of 2 Mbit come before it goes away.
    assert_eq!(times(&session)[0], (0.0, 201_050.0, 0.0));
    assert_eq!(times(&session)[1], (201_050.0, 202_100.0, 0.0));
}

#[test]
fn what_the_world_plays_is_what_the_book_says() {
    let jagged = trace(&[
        (2000.0, 3000.0, 80.0),
        (3000.0, 400.0, 20.0),
        (500.0, 0.0, 80.0),
        (4000.0, 1500.0, 120.0),
    ]);
    let movie = movie(&[200.0, 500.0, 1200.0, 2500.0], 60);
    // One that never gives a request up: a book knows no dropped ones.
    let config = Config {
        algorithm: Algorithm::RobustMpc,
        ..Config::default()
    };
    for buffer in [5000.0, 10_000.0, 25_000.0] {
        let session = play(&jagged, &movie, buffer, config.clone()).expect("a session");
        let mut segments = session.segments.iter();
        assert!(
            segments.all(|segment| !segment.replaced && segment.wasted.is_empty()),
            "{buffer}"
        );
        let renditions: Vec<usize> = session.segments.iter().map(|segment| segment.quality).collect();
        let book = replay(&jagged, &movie, buffer, &renditions);
        assert!((book.nqoe[0] - session.score.nqoe[0]).abs() < 1e-4, "{buffer}");
        assert!((book.stalled_s - session.score.stalled_s).abs() < 1e-3, "{buffer}");
    }
}

#[test]
fn every_run_is_the_same() {
    let jagged = trace(&[(1300.0, 3000.0, 80.0), (2900.0, 400.0, 20.0)]);
    let movie = movie(&[200.0, 500.0, 1200.0], 40);
    let run = || {
        let session = play(&jagged, &movie, 10_000.0, Config::default()).expect("a session");
        serde_json::to_string(&session.segments).expect("JSON")
    };
    assert_eq!(run(), run());
}

#[test]
fn a_picture_shows_every_request_and_stall() {
    let slow = trace(&[(4000.0, 900.0, 80.0), (9000.0, 300.0, 80.0)]);
    let movie = movie(&[200.0, 500.0, 1200.0], 20);
    let session = play(&slow, &movie, 10_000.0, Config::default()).expect("a session");
    let svg = footlight_sim::plot::Picture {
        title: "slow & <jagged>",
        journal: &session.journal,
        trace: &slow,
        bitrates_kbps: &movie.bitrates_kbps,
        buffer_ms: 10_000.0,
        window: (0.0, session.lasted as f64 / 1e6),
    }
    .svg();
    assert!(svg.contains("slow &amp; &lt;jagged&gt;"));
    assert_eq!(svg.matches("asked for at").count(), session.journal.requests.len());
    assert_eq!(svg.matches("<title>stall of").count(), session.journal.stalls.len());
}

#[test]
fn the_traces_here_are_played_to_their_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let choice = Choice {
        per_family: 1,
        ..Choice::default()
    };
    let cases = corpus::discover(&folder, &choice).expect("a folder");
    assert_eq!(cases.len(), 9, "a trace of each family");
    for case in cases {
        let trace = Trace::parse(&corpus::read(&case.trace_path()).expect("a file")).expect("a trace");
        let movie = Movie::parse(&corpus::read(&case.movie_path()).expect("a file")).expect("a movie");
        let setup = case.setups.last().expect("a buffer");
        let session = play(&trace, &movie, setup.buffer_ms, Config::default()).expect("a session");
        assert_eq!(session.segments.len(), movie.segments());
        let fits = |sample: &footlight_sim::journal::Sample| sample.ahead as f64 <= setup.buffer_ms * 1000.0;
        assert!(
            session.journal.samples.iter().all(fits),
            "{}: over the buffer's limit",
            case.trace
        );
    }
}
