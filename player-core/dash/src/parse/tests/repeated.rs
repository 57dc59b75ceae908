//! Representations that are written alike are read once: what comes of them is what each alone would make.

use super::*;
use proptest::prelude::*;
use std::sync::Arc;

const REPRESENTATIONS: [&str; 11] = [
    "<Representation id=\"a\" bandwidth=\"1\" ~/>",
    "<Representation id=\"b\" bandwidth=\"2\" width=\"640\" codecs=\"avc1.64001e\" mimeType=\"video/mp4\" ~></Representation>",
    "<Representation id=\"c\" ~/>",
    "<Representation id=\"d\" bandwidth=\"x\" qualityRanking=\"y\" ~/>",
    "<Representation id=\"e\" bandwidth=\"3\" ~><BaseURL>e/</BaseURL></Representation>",
    "<Representation id=\"f\" bandwidth=\"4\" ~><SupplementalProperty \
     schemeIdUri=\"http://dashif.org/guidelines/last-segment-number\" value=\"3\"/></Representation>",
    "<Representation id=\"g\" bandwidth=\"5\" ~><SegmentTemplate endNumber=\"2\" availabilityTimeOffset=\"1\"/></Representation>",
    "<Representation id=\"h\" bandwidth=\"6\" ~><SegmentTemplate timescale=\"1000\"><SegmentTimeline><S d=\"0\"/>\
     <S t=\"1\" d=\"900\"/></SegmentTimeline></SegmentTemplate></Representation>",
    "<Representation id=\"i\" bandwidth=\"7\" ~><EssentialProperty schemeIdUri=\"urn:unknown\"/></Representation>",
    "<Representation id=\"j\" bandwidth=\"8\" ~><ContentProtection schemeIdUri=\"urn:k\" refId=\"k\"/></Representation>",
    "<Representation id=\"k\" bandwidth=\"9\" ~><ContentProtection ref=\"k\"/></Representation>",
];
const SETS: [&str; 6] = [
    "<AdaptationSet mimeType=\"video/mp4\"><SegmentTemplate media=\"$RepresentationID$/$Bandwidth$/$Number$\" \
     initialization=\"$RepresentationID$.mp4\" duration=\"2\"/>",
    "<AdaptationSet mimeType=\"audio/mp4\" codecs=\"mp4a.40.2\"><BaseURL serviceLocation=\"x\">x/</BaseURL>\
     <SegmentTemplate media=\"$Number$\" duration=\"3\" availabilityTimeOffset=\"2\"/>",
    "<AdaptationSet width=\"320\" mimeType=\"video/mp4\">",
    "<AdaptationSet mimeType=\"image/jpeg\"><SegmentTemplate media=\"$Number$\"/><EssentialProperty \
     schemeIdUri=\"http://dashif.org/guidelines/thumbnail_tile\" value=\"2x2\"/>",
    "<AdaptationSet><SegmentTemplate media=\"$Number\" duration=\"1\"/>",
    "<m:AdaptationSet mimeType=\"video/mp4\" xmlns=\"urn:else\" xmlns:m=\"urn:mpeg:dash:schema:mpd:2011\">",
];

proptest! {
    #[test]
    fn what_is_repeated_is_read_as_if_alone(
        periods in prop::collection::vec(
            prop::collection::vec((0..SETS.len(), prop::collection::vec(0..REPRESENTATIONS.len(), 0..5)), 0..4), 1..5,
        ),
    ) {
        let text = |tell_apart: bool| {
            let (mut text, mut count) = (String::new(), 0);
            for (number, sets) in periods.iter().enumerate() {
                text += &format!("<Period start=\"PT{number}S\">");
                for (set, representations) in sets {
                    text += SETS[*set];
                    for at in representations {
                        // Blanks say nothing, but no two tags have as many.
                        count += usize::from(tell_apart);
                        text += &REPRESENTATIONS[*at].replacen('~', &" ".repeat(count), 1);
                    }
                    let is_prefixed = SETS[*set].starts_with("<m:");
                    text += if is_prefixed { "</m:AdaptationSet>" } else { "</AdaptationSet>\n" };
                }
                text += "</Period>";
            }
            mpd(&text)
        };
        let (repeated, alone) = (read(&text(false)), read(&text(true)));
        prop_assert_eq!(&repeated.presentation, &alone.presentation);
        prop_assert_eq!(codes(&repeated), codes(&alone));
        let found = |parsed: &Parsed| parsed.diagnostics.iter().map(|found| found.message.clone()).collect::<Vec<_>>();
        prop_assert_eq!(found(&repeated), found(&alone));
    }
}

#[test]
fn periods_share_what_they_repeat() {
    let set = [SETS[0], REPRESENTATIONS[0], REPRESENTATIONS[1], "</AdaptationSet>"].concat();
    let period = |start: u32| format!("<Period start=\"PT{start}S\">{set}</Period>");
    let parsed = read(&mpd(&[period(0), period(5)].concat()));
    let of = |period: usize| &parsed.presentation.periods[period].adaptation_sets[0].representations;
    for (one, other) in of(0).iter().zip(of(1)) {
        assert!(Arc::ptr_eq(&one.segments.owner, &other.segments.owner));
        assert!(Arc::ptr_eq(&one.base_urls, &other.base_urls));
        assert_ne!(one.segments, other.segments, "each has its own place in time");
    }
    let [first, second] = of(0).as_slice() else {
        panic!("two")
    };
    assert!(Arc::ptr_eq(&first.segments.addressing, &second.segments.addressing));
    let url = |of: &Representation| of.index().segment(0).unwrap().resource.reference;
    assert_eq!((url(first), url(second)), ("a/1/1".to_owned(), "b/2/1".to_owned()));
}
