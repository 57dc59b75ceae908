//! What reading manifests costs: `cargo bench -p footlight-dash`. Prints; judges nothing.

use footlight_dash::{Manifest, Micros};
use std::{fmt::Write, fs, hint::black_box, process::Command, time::Instant};

const URL: &str = "https://cdn.example/live/manifest.mpd";

/// Bytes that the process holds (`VmRSS`), or the most that it held (`VmHWM`), where the system tells.
fn memory(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    Some(line.trim_matches([':', ' ', '\t', 'k', 'B']).parse::<u64>().ok()? * 1024)
}

/// The first run's memory, the best run's time.
fn measure(name: &str, bytes: usize, rounds: u32, mut run: impl FnMut() -> f64) {
    let before = memory("VmRSS");
    let mut best = run();
    let peak = memory("VmHWM")
        .zip(before)
        .map(|(peak, before)| peak.saturating_sub(before));
    for _ in 1..rounds {
        best = best.min(run());
    }
    let rate = bytes as f64 / 1e6 / best;
    let peak = peak.unwrap_or(0) as f64 / 1e6;
    println!(
        "{name:<42} {:>7.3} MB {:>9.3} ms {rate:>8.0} MB/s   peak {peak:>6.1} MB",
        bytes as f64 / 1e6,
        best * 1e3
    );
}

/// Segments of about 2 s whose lengths never are the one before; `shift` makes timelines of Representations differ.
fn timeline(first: usize, count: usize, shift: usize) -> String {
    let lengths = [95_232, 96_256, 97_280];
    let length = |at: usize| lengths[(at * 7 + at / 5 + shift) % 3];
    let start: usize = (0..first).map(length).sum();
    let mut out = format!("<S t=\"{start}\" d=\"{}\"/>", length(first));
    for at in first + 1..first + count {
        let _ = write!(out, "<S d=\"{}\"/>", length(at));
    }
    out
}

fn live(periods: &str, publish: usize) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"dynamic\" \
         availabilityStartTime=\"2026-01-01T00:00:00Z\" publishTime=\"2026-01-02T00:00:{publish:02}Z\" minimumUpdatePeriod=\"PT2S\" \
         minBufferTime=\"PT2S\" profiles=\"urn:mpeg:dash:profile:isoff-live:2011\">{periods}</MPD>"
    )
}

/// A day of segments in six Representations, each with a timeline of its own.
fn day(first: usize, differ: bool, publish: usize) -> String {
    let representations: String = (0..6)
        .map(|at| {
            let list = timeline(first, 43_200, if differ { at } else { 0 });
            format!(
                "<Representation id=\"v{at}\" bandwidth=\"{}00000\" codecs=\"avc1.64001f\" width=\"1280\" height=\"720\">\
                 <SegmentTemplate timescale=\"48000\" initialization=\"$RepresentationID$/i.mp4\" media=\"$RepresentationID$/$Time$.m4s\">\
                 <SegmentTimeline>{list}</SegmentTimeline></SegmentTemplate></Representation>",
                at + 5
            )
        })
        .collect();
    let set =
        format!("<AdaptationSet mimeType=\"video/mp4\" segmentAlignment=\"true\">{representations}</AdaptationSet>");
    live(&format!("<Period id=\"1\" start=\"PT0S\">{set}</Period>"), publish)
}

/// Periods as an ad inserter writes them, from number `first` on; the last one has `segments` segments.
fn inserted(first: usize, count: usize, segments: usize) -> String {
    let mut periods = String::new();
    for at in first..first + count {
        let segments = if at + 1 == first + count { segments } else { 15 };
        let _ = write!(
            periods,
            "<Period id=\"{at}\" start=\"PT{}S\"><BaseURL>https://cdn.example/content/{at}/</BaseURL>\
             <EventStream schemeIdUri=\"urn:scte:scte35:2014:xml+bin\" timescale=\"90000\"><Event presentationTime=\"0\" duration=\"2700000\" id=\"{at}\">\
             <Signal xmlns=\"http://www.scte.org/schemas/35/2016\"><Binary>/DAWAAAAAAAAAP/wBQb+AKmKxwAACzuu2Q==</Binary></Signal></Event></EventStream>",
            at * 30
        );
        for (kind, renditions) in [("video", 5), ("audio", 1)] {
            let _ = write!(
                periods,
                "<AdaptationSet mimeType=\"{kind}/mp4\" segmentAlignment=\"true\" startWithSAP=\"1\" lang=\"en\">\
                 <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/><SegmentTemplate timescale=\"48000\" presentationTimeOffset=\"{}\" \
                 initialization=\"$RepresentationID$/init.mp4\" media=\"$RepresentationID$/seg-$Time$.m4s\"><SegmentTimeline><S t=\"{}\" d=\"96000\" r=\"{}\"/>\
                 </SegmentTimeline></SegmentTemplate>",
                at * 1_440_000,
                at * 1_440_000,
                segments.max(1) - 1
            );
            for rendition in 0..renditions {
                let _ = write!(
                    periods,
                    "<Representation id=\"{kind}-{rendition}\" bandwidth=\"{}\" codecs=\"avc1.64001f\" width=\"1920\" height=\"1080\" frameRate=\"30000/1001\"/>",
                    1_000_000 * (rendition + 1)
                );
            }
            periods.push_str("</AdaptationSet>");
        }
        periods.push_str("</Period>");
    }
    live(&periods, segments)
}

fn parse(name: &str, text: &str, rounds: u32) {
    measure(name, text.len(), rounds, || {
        let text = text.to_owned();
        let start = Instant::now();
        let manifest = Manifest::parse(text, URL);
        let took = start.elapsed().as_secs_f64();
        assert!(manifest.is_ok(), "the manifest is good");
        black_box(manifest.is_ok());
        took
    });
}

fn refresh(name: &str, before: &str, after: &str, rounds: u32) {
    measure(name, after.len(), rounds, || {
        let mut manifest = Manifest::parse(before.to_owned(), URL).ok();
        let text = after.to_owned();
        let start = Instant::now();
        let outcome = manifest.as_mut().map(|manifest| manifest.refresh(text, URL).is_ok());
        let took = start.elapsed().as_secs_f64();
        assert_eq!(outcome, Some(true), "the manifest is good");
        took
    });
}

/// Each in a process of its own, so that the peak of memory is its own.
fn run(case: &str) {
    let periods = || inserted(0, 500, 8);
    match case {
        "0" => parse("24 h x 6, timelines differ", &day(0, true, 0), 12),
        "1" => parse("24 h x 6, timelines are the same", &day(0, false, 0), 12),
        "2" => refresh(
            "  refresh: a segment came, one went",
            &day(0, true, 0),
            &day(1, true, 2),
            8,
        ),
        "3" => parse("500 periods", &periods(), 20),
        "4" => refresh("  refresh: a segment came", &periods(), &inserted(0, 500, 9), 20),
        "5" => refresh(
            "  refresh: a period came, one went",
            &periods(),
            &inserted(1, 500, 1),
            20,
        ),
        "6" => parse("2 periods", &inserted(0, 2, 15), 500),
        _ => lookup(),
    }
}

fn lookup() {
    let Ok(manifest) = Manifest::parse(day(0, true, 0), URL) else {
        return;
    };
    let index = manifest.presentation().periods[0].adaptation_sets[0].representations[0].index();
    let start = Instant::now();
    for second in 0..86_000 {
        black_box(
            index
                .position_at(Micros::from_secs(second))
                .and_then(|at| index.segment(at)),
        );
    }
    let each = start.elapsed().as_secs_f64() * 1e9 / 86_000.0;
    println!("a segment of 43200 found by its time: {each:.0} ns");
}

fn main() {
    if let Ok(case) = std::env::var("CASE") {
        return run(&case);
    }
    let Ok(program) = std::env::current_exe() else { return };
    for case in 0..8 {
        let _ = Command::new(&program).env("CASE", case.to_string()).status();
    }
}
