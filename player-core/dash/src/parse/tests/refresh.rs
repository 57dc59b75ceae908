//! What a refresh makes is what the text alone makes, for less.

use super::*;
use crate::Manifest;
use proptest::prelude::*;
use std::sync::Arc;

const STEADY: &str = "<Period id=\"a\" start=\"PT0S\"><AdaptationSet mimeType=\"video/mp4\">\
    <SegmentTemplate media=\"$Number$\" duration=\"2\"/><Representation id=\"v\" bandwidth=\"1\" width=\"x\"/>\
    </AdaptationSet></Period>";

fn live(attributes: &str, periods: &str) -> String {
    format!(
        "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:x\" minBufferTime=\"PT1S\" {attributes}>{periods}</MPD>"
    )
}

/// However a refresh comes to its model, it must be the one that the text alone makes.
fn refreshed(manifest: &mut Manifest, text: &str) {
    manifest.refresh(text.to_owned(), URL).unwrap();
    let alone = read(text);
    assert_eq!(*manifest.presentation(), alone.presentation);
    assert_eq!(manifest.diagnostics(), alone.diagnostics);
}

#[test]
fn a_refresh_keeps_what_did_not_change() {
    let dynamic =
        "type=\"dynamic\" availabilityStartTime=\"2026-01-01T00:00:00Z\" publishTime=\"2026-01-01T00:00:00Z\"";
    let second = STEADY.replace("\"a\"", "\"b\"").replace("PT0S", "PT60S");
    let third = STEADY.replace("\"a\"", "\"c\"").replace("PT0S", "PT90S");
    let text = live(dynamic, &format!("{STEADY}{second}"));
    let mut manifest = Manifest::parse(text, URL).unwrap();
    let first = Arc::clone(&manifest.presentation().periods[0]);
    // One Period comes: the last one before it has an end now.
    let grown = live(
        &dynamic.replace("00Z\"", "07Z\""),
        &format!("{STEADY}\n{second}{third}"),
    );
    refreshed(&mut manifest, &grown);
    assert!(Arc::ptr_eq(&first, &manifest.presentation().periods[0]));
    assert_eq!(manifest.presentation().periods[1].duration, Some(Micros::from_secs(30)));
    // The first one goes.
    let second_before = Arc::clone(&manifest.presentation().periods[1]);
    refreshed(&mut manifest, &live(dynamic, &format!("{second}{third}")));
    assert!(Arc::ptr_eq(&second_before, &manifest.presentation().periods[0]));
    // It ends: nothing inherited is the same.
    refreshed(
        &mut manifest,
        &live("mediaPresentationDuration=\"PT100S\"", &format!("{second}{third}")),
    );
    // What is inherited changes.
    refreshed(
        &mut manifest,
        &live(dynamic, &format!("<BaseURL>x/</BaseURL>{second}{third}")),
    );
    let kept = manifest.presentation().clone();
    assert_eq!(
        manifest
            .refresh(grown[..grown.len() - 3].to_owned(), URL)
            .unwrap_err()
            .code(),
        "manifest.malformed"
    );
    assert_eq!(*manifest.presentation(), kept, "what was cut off changes nothing");
}

/// A live timeline from segment `first` on, its elements parted by `between`; the first may be the rest of a run.
fn window(lengths: &[(u64, u64)], first: usize, cut: u64, between: &str) -> String {
    let start: u64 = lengths[..first].iter().map(|(d, r)| d * (r + 1)).sum();
    let mut out = String::new();
    for (at, (duration, repeat)) in lengths.iter().enumerate().skip(first) {
        let cut = if at == first { cut.min(*repeat) } else { 0 };
        let time = if at == first {
            format!(" t=\"{}\"", start + cut * duration)
        } else {
            String::new()
        };
        let repeat = if *repeat > cut {
            format!(" r=\"{}\"", repeat - cut)
        } else {
            String::new()
        };
        out += &format!("{between}<S{time} d=\"{duration}\"{repeat}/>");
    }
    out + between
}

/// Timelines of a Period that moved within the text are found where they are now.
#[test]
fn what_moved_is_not_mistaken() {
    let mut lengths = vec![(2000, 0); 120];
    lengths[60] = (2100, 0);
    let text = |first: usize, last: usize, id: &str| {
        let list = window(&lengths[..last], first, 0, "");
        live(
            &format!("type=\"dynamic\" id=\"{id}\""),
            &format!(
                "<Period id=\"p\" start=\"PT0S\"><AdaptationSet mimeType=\"video/mp4\"><SegmentTemplate timescale=\"1000\" \
                 media=\"$Time$\"><SegmentTimeline>{list}</SegmentTimeline></SegmentTemplate><Representation id=\"v\" bandwidth=\"1\"/>\
                 </AdaptationSet></Period>"
            ),
        )
    };
    let element = "<S d='2000'/>".len();
    for shift in [element, 2 * element, 0] {
        let mut manifest = Manifest::parse(text(0, 100, &"x".repeat(element)), URL).unwrap();
        refreshed(&mut manifest, &text(0, 100, &"x".repeat(shift)));
        refreshed(&mut manifest, &text(1, 101, &"x".repeat(shift)));
        refreshed(&mut manifest, &text(1, 101, ""));
        refreshed(&mut manifest, &text(4, 110, ""));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// However timelines slide, grow and change, a refresh makes what the text alone makes.
    #[test]
    fn sliding_timelines_are_read_as_they_are(
        lengths in prop::collection::vec((1900_u64..2100, prop_oneof![4 => Just(0_u64), 1 => 0_u64..4]), 60..120),
        steps in prop::collection::vec((0_usize..4, 0_usize..4, 0_u64..3, 0_usize..6), 1..6),
        between in prop_oneof![Just(""), Just("\n  "), Just("<!-- c -->"), Just(" x ")],
    ) {
        let text = |first: usize, last: usize, cut: u64, odd: usize| {
            let video = window(&lengths[..last], first, cut, between);
            let audio = window(&lengths[..last], first, 0, "").replace("d=\"19", "d=\"20");
            // Something in the middle is another thing now.
            let video = if odd == 5 { video.replacen("d=\"2050\"", "d=\"2051\" n=\"900\"", 1) } else { video };
            let sets: String = [video, audio].iter().enumerate().map(|(at, list)| format!(
                "<AdaptationSet mimeType=\"video/mp4\"><SegmentTemplate timescale=\"1000\" media=\"{at}-$Time$-$Number$\">\
                 <SegmentTimeline>{list}</SegmentTimeline></SegmentTemplate><Representation id=\"v{at}\" bandwidth=\"1\"/></AdaptationSet>"
            )).collect();
            // The text moves, and now and then a Period after it tells how long the first one is.
            let moved = format!("type=\"dynamic\" id=\"{}\"", "x".repeat(odd));
            let after = if odd == 4 { STEADY.replace("PT0S", "PT500S") } else { String::new() };
            live(&moved, &format!("<Period id=\"p\" start=\"PT0S\">{sets}</Period>{after}"))
        };
        let (mut first, mut last) = (0, 40);
        let mut manifest = Manifest::parse(text(first, last, 0, 0), URL).unwrap();
        for (gone, come, cut, odd) in steps {
            (first, last) = (first + gone, (last + come).min(lengths.len()));
            refreshed(&mut manifest, &text(first, last, cut, odd));
        }
    }
}
