//! What manifests cost, and that none of them panics.

use super::*;
use crate::Manifest;
use proptest::prelude::*;
use std::sync::Arc;

/// A day of 2 s segments costs one run, in whichever form it is written.
#[test]
fn a_day_costs_its_s_elements() {
    let day = |timeline: &str| {
        let template = format!(
            "<SegmentTemplate timescale=\"1000\" media=\"$Time$\"><SegmentTimeline>{timeline}</SegmentTimeline></SegmentTemplate>"
        );
        levels("", &template, "").replace("PT10S", "P1D")
    };
    let runs = |parsed: &Parsed| match &only(parsed).segments.addressing.scheme {
        Scheme::Template { timeline, .. } => timeline.runs.len(),
        _ => 0,
    };
    let short = read(&day("<S t=\"0\" d=\"2000\" r=\"43199\"/>"));
    assert_eq!((runs(&short), only(&short).index().len()), (1, Some(43_200)));
    let uneven: String = (0..21_600).map(|_| "<S d=\"2040\"/><S d=\"1960\"/>").collect();
    let long = read(&day(&uneven));
    assert_eq!((runs(&long), only(&long).index().len()), (43_200, Some(43_200)));
    let index = only(&long).index();
    for position in [0, 1, 21_599, 43_199] {
        let found = index.segment(position).unwrap();
        assert_eq!(index.position_at(found.start), Some(position));
        assert_eq!(index.position_at(found.end - Micros(1)), Some(position));
    }
    assert_eq!(index.segment(43_199).unwrap().end, Micros::from_secs(86_400));
}

#[test]
fn representations_share_their_timeline() {
    let representations: String = (0..50)
        .map(|id| format!("<Representation id=\"{id}\" bandwidth=\"{id}\"/>"))
        .collect();
    let text = mpd(&format!(
        "<Period><AdaptationSet mimeType=\"video/mp4\"><SegmentTemplate media=\"$RepresentationID$/$Number$\">\
         <SegmentTimeline><S d=\"2\" r=\"4\"/></SegmentTimeline></SegmentTemplate>{representations}</AdaptationSet></Period>"
    ));
    let parsed = read(&text);
    let set = &parsed.presentation.periods[0].adaptation_sets[0];
    let runs = |representation: &Representation| match &representation.segments.addressing.scheme {
        Scheme::Template { timeline, .. } => timeline.runs.clone(),
        _ => panic!("a template"),
    };
    let first = runs(&set.representations[0]);
    assert!(
        set.representations
            .iter()
            .all(|other| Arc::ptr_eq(&first, &runs(other)))
    );
}

#[test]
fn small_documents_do_not_grow_large() {
    let timeline = "<S t=\"1\" d=\"1\"/><S t=\"3\" d=\"1\"/>".repeat(20_000);
    let representations: String = (1..2000)
        .map(|id| {
            format!(
                "<Representation id=\"{id}\" bandwidth=\"1\"><BaseURL>{}</BaseURL></Representation>",
                "a".repeat(3)
            )
        })
        .collect();
    let base = format!("<BaseURL>{}</BaseURL>", "b/".repeat(2000)).repeat(16);
    let text = mpd(&format!(
        "{base}<Period><AdaptationSet mimeType=\"video/mp4\">{representations}</AdaptationSet></Period>"
    ));
    let outcome = parse(&text.replace("<BaseURL>b", "<BaseURL>c/../b"), URL);
    assert!(
        outcome.is_ok_and(|parsed| only(&parsed).base_urls.len() == 1),
        "the same URL again is no other location"
    );
    let template =
        format!("<SegmentTemplate media=\"$Time$\"><SegmentTimeline>{timeline}</SegmentTimeline></SegmentTemplate>");
    let scaled: String = (1..200)
        .map(|id| {
            format!(
                "<Representation id=\"{id}\" bandwidth=\"1\"><SegmentTemplate timescale=\"{id}\"/></Representation>"
            )
        })
        .collect();
    let grown = mpd(&format!(
        "<Period><AdaptationSet mimeType=\"video/mp4\">{template}{scaled}</AdaptationSet></Period>"
    ));
    assert_eq!(parse(&grown, URL).unwrap_err().code(), "manifest.too-large");
}

#[test]
fn references_and_links_do_not_multiply() {
    // One large key system header, referred to by many.
    let large = "A".repeat(900_000);
    let representations: String = (0..400)
        .map(|id| format!("<Representation id=\"{id}\" bandwidth=\"1\"><ContentProtection ref=\"a\" value=\"{id}\"/></Representation>"))
        .collect();
    let text = mpd(&format!(
        "<ContentProtection schemeIdUri=\"urn:x\" refId=\"a\"><pssh>{large}</pssh></ContentProtection>\
         <Period><AdaptationSet mimeType=\"video/mp4\">{representations}</AdaptationSet></Period>"
    ));
    assert_eq!(parse(&text, URL).unwrap_err().code(), "manifest.too-large");
    // One large remote Period, linked to by many.
    let link = "<Period xlink:href=\"far.xml\" duration=\"PT1S\"/>".repeat(200);
    let mut manifest = Manifest::parse(mpd(&format!("<Period duration=\"PT1S\"/>{link}")), URL).unwrap();
    assert_eq!(manifest.remotes().len(), 1);
    let before = manifest.presentation().clone();
    let far = format!("<!--{}--><Period duration=\"PT1S\"/>", " ".repeat(1 << 20));
    manifest.resolve(0, Some((&far, "https://far.example/far.xml")));
    assert_eq!((manifest.presentation(), manifest.remotes()), (&before, &[][..]));
}

#[test]
fn what_is_said_often_does_not_hide_the_rest() {
    let wrong = "<Role/>".repeat(300);
    let text = mpd(&format!(
        "<Period><AdaptationSet mimeType=\"video/mp4\">{wrong}<Representation bandwidth=\"1\"/></AdaptationSet></Period>"
    ));
    assert!(codes(&read(&text)).contains(&"representation.no-id"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}", inner in "[<>/=\"'&;$%a-z0-9 -]{0,120}") {
        let _ = parse(&text, URL);
        let _ = parse(&levels(&inner, "", ""), &inner);
    }

    /// Any attribute may say anything.
    #[test]
    fn no_damage_panics(at: prop::sample::Index, with in "\\PC{0,12}", which in 0_usize..4, probe: i64, position: u64) {
        let template = "<SegmentTemplate timescale=\"1000\" presentationTimeOffset=\"90000\" startNumber=\"1\" endNumber=\"99\" \
                        eptDelta=\"0\" duration=\"4000\" media=\"$Time%05d$-$Number$\" initialization=\"i\"/>";
        let timeline = "<SegmentTemplate timescale=\"1000\" media=\"$Time$\"><SegmentTimeline><S t=\"90000\" d=\"2000\" r=\"1\" \
                        n=\"2\" k=\"1\"/><S t=\"95000\" d=\"1500\" r=\"-1\"/></SegmentTimeline></SegmentTemplate>";
        let list = "<SegmentList timescale=\"10\" duration=\"40\"><SegmentURL media=\"a\" mediaRange=\"5-9\"/></SegmentList>";
        let base = "<SegmentBase timescale=\"10\" indexRange=\"5-9\"><Initialization range=\"0-4\"/></SegmentBase>";
        let text = levels("", [template, timeline, list, base][which], "");
        let values: Vec<_> = text.match_indices('"').map(|(at, _)| at).collect();
        let value = at.index(values.len() / 2) * 2;
        let damaged = [&text[..=values[value]], &with, &text[values[value + 1]..]].concat();
        if let Ok(parsed) = parse(&damaged, &with)
            && let Some(set) = parsed.presentation.periods[0].adaptation_sets.first()
        {
            let representation = &set.representations[0];
            let index = representation.index();
            let _ = (index.len(), index.position_at(Micros(probe)), index.segment(position), index.pending());
            let _ = (representation.initialization(), representation.timestamp_offset(), representation.resolve(0, &with));
        }
    }
}
