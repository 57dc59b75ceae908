//! Numbers, not verdicts: `cargo xtask bench engine` prints how fast the engine reads manifests, decides and
//! plays simulated sessions.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "common/decisions.rs"]
mod decisions;

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::{Harness, film};
use footlight_core::abr::Algorithm;
use footlight_core::{Command, Config, Micros, State};

const URL: &str = "https://a.example/film/manifest.mpd";

fn main() {
    manifest("24 h timeline, 6 renditions, irregular S", &timeline(43_200, true));
    manifest("24 h timeline, 6 renditions, @r", &timeline(43_200, false));
    manifest("2 h film, $Number$", &film::manifest(7_200));
    decisions();
    session();
}

/// The best of some runs of `work`.
fn best(runs: u32, mut work: impl FnMut()) -> Duration {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..runs).map(|_| time(&mut work)).min().unwrap_or_default()
}

fn manifest(name: &str, text: &str) {
    let parse = best(15, || {
        black_box(footlight_dash::parse(black_box(text), URL).is_ok());
    });
    let mega = text.len() as f64 / 1e6;
    println!(
        "manifest  {name}: {:.2} MB in {:.2} ms, {:.0} MB/s",
        mega,
        millis(parse),
        mega / parse.as_secs_f64()
    );
    let Ok(parsed) = footlight_dash::parse(text, URL) else {
        return;
    };
    let Some(rep) = parsed
        .presentation
        .periods
        .first()
        .and_then(|p| p.adaptation_sets.first()?.representations.first())
    else {
        return;
    };
    let index = rep.index();
    let lookups = 100_000i64;
    let find = best(5, || {
        for n in 0..lookups {
            black_box(index.position_at(Micros(n * 863_999)));
        }
    });
    println!(
        "index     {name}: {:.0} ns a look-up",
        find.as_secs_f64() * 1e9 / lookups as f64
    );
}

fn timeline(segments: usize, irregular: bool) -> String {
    let s: String = if irregular {
        (0..segments)
            .map(|n| format!("<S d=\"{}\"/>", 180_000 + n % 2))
            .collect()
    } else {
        format!("<S t=\"0\" d=\"180000\" r=\"{}\"/>", segments - 1)
    };
    let reps: String = film::LADDER
        .iter()
        .map(|(b, h)| {
            format!(r#"<Representation id="v{h}" bandwidth="{b}" width="1920" height="{h}" codecs="avc1.64001f"/>"#)
        })
        .collect();
    film::manifest_with(
        segments as i64 * 2,
        &format!(
            r#"<Period><AdaptationSet contentType="video" mimeType="video/mp4"><SegmentTemplate timescale="90000" initialization="$RepresentationID$/i.mp4" media="$RepresentationID$/$Time$.m4s"><SegmentTimeline>{s}</SegmentTimeline></SegmentTemplate>{reps}</AdaptationSet></Period>"#
        ),
    )
}

fn decisions() {
    let count = 10_000;
    for &algorithm in Algorithm::ALL {
        let time = best(5, || {
            black_box(decisions::choose(black_box(algorithm), count));
        });
        let each = time.as_secs_f64() * 1e6 / f64::from(count);
        println!(
            "decision  {}: {each:.1} us, {:.0} a second",
            algorithm.name(),
            1e6 / each
        );
    }
}

fn session() {
    let length = 3_600;
    let time = best(3, || {
        let mut h = Harness::new(Config::default(), film::server(length));
        h.load(URL);
        h.command(Command::Play);
        assert!(h.run_until(length + 60, |h| h.state() == State::Ended));
    });
    println!(
        "session   an hour of film in {:.0} ms, {:.0} times real time",
        millis(time),
        length as f64 / time.as_secs_f64()
    );
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
