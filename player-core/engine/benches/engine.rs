//! Numbers, not verdicts: `cargo xtask bench engine` prints how fast the engine reads manifests, decides and
//! plays simulated sessions.

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::{Harness, film};
use footlight_core::abr::{Algorithm, Context, Rendition, Throughput, Upcoming, utility};
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

/// Ten segments of two seconds, as large as their bitrates say.
#[derive(Debug)]
struct Even;

impl Upcoming for Even {
    fn bytes(&self, ahead: usize, rendition: usize) -> Option<u64> {
        (ahead < 10).then(|| film::LADDER[rendition].0 / 4)
    }

    fn length(&self, ahead: usize) -> Option<Micros> {
        (ahead < 10).then_some(Micros(2_000_000))
    }
}

fn decisions() {
    let bitrates = film::LADDER.map(|(bitrate, _)| bitrate);
    let renditions = bitrates.map(|bitrate| Rendition {
        bitrate,
        utility: utility(bitrate, bitrates[0], bitrates[bitrates.len() - 1]),
    });
    let mut network = Throughput::default();
    for n in 0..50u64 {
        network.transfer_started(footlight_core::Instant(n * 2_000_000));
        let end = footlight_core::Instant(n * 2_000_000 + 500_000);
        network.received(end, 50_000 + n * 97_000 % 70_000);
        network.transfer_ended(end);
    }
    for algorithm in Algorithm::ALL {
        let mut rule = algorithm.rule();
        let count = 10_000i64;
        let time = best(5, || {
            for n in 0..count {
                let context = Context {
                    now: footlight_core::Instant(100_000_000),
                    renditions: &renditions,
                    current: Some((n % 6) as usize),
                    buffer: Micros(n * 3_000 % 30_000_000),
                    buffer_goal: Micros(30_000_000),
                    segment: Micros(2_000_000),
                    parts: 1,
                    upcoming: &Even,
                    left: None,
                    network: &network,
                    reserved: 0,
                    assumed: 1_000_000,
                    playing: true,
                    latency: None,
                    rate: 1000,
                };
                black_box(rule.choose(black_box(&context)));
            }
        });
        let each = time.as_secs_f64() * 1e9 / count as f64;
        println!("decision  {}: {each:.0} ns", algorithm.name());
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
