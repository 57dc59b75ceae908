//! Whole manifests, one addressing mode or rule at a time.

use super::*;
use crate::{ByteRange, ContentType, Representation, Resource};

mod bounds;
mod refresh;
mod repeated;

const URL: &str = "https://cdn.example/film/manifest.mpd";

/// An MPD of 10 s with these Periods.
fn mpd(periods: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
         mediaPresentationDuration=\"PT10S\" minBufferTime=\"PT2S\" profiles=\"urn:x\">{periods}</MPD>"
    )
}

/// One Period with one video set and one Representation, with segment information at four levels.
fn levels(period: &str, set: &str, representation: &str) -> String {
    mpd(&format!(
        "<Period>{period}<AdaptationSet mimeType=\"video/mp4\">{set}\
         <Representation id=\"v1\" bandwidth=\"500\" codecs=\"avc1.64001e\">{representation}</Representation>\
         </AdaptationSet></Period>"
    ))
}

fn read(text: &str) -> Parsed {
    parse(text, URL).unwrap()
}

fn codes(parsed: &Parsed) -> Vec<&'static str> {
    parsed.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

fn only(parsed: &Parsed) -> &Representation {
    &parsed.presentation.periods[0].adaptation_sets[0].representations[0]
}

/// Start and end in milliseconds, and what to fetch, of all segments of the only Representation.
fn segments(text: &str) -> Vec<(i64, i64, String)> {
    let parsed = read(text);
    assert_eq!(codes(&parsed), [""; 0]);
    let index = only(&parsed).index();
    (0..index.len().unwrap())
        .map(|position| {
            let found = index.segment(position).unwrap();
            let range = found
                .resource
                .range
                .map_or(String::new(), |range| format!("@{}-{:?}", range.start, range.end));
            (
                found.start.0 / 1000,
                found.end.0 / 1000,
                found.resource.reference + &range,
            )
        })
        .collect()
}

fn row(start: i64, end: i64, reference: &str) -> (i64, i64, String) {
    (start, end, reference.to_owned())
}

#[test]
fn numbers_with_a_duration() {
    let template = "<SegmentTemplate timescale=\"1000\" duration=\"4000\" startNumber=\"7\" \
                    media=\"$RepresentationID$_$Bandwidth$_$Number%03d$.m4s\" initialization=\"$RepresentationID$.mp4\"/>";
    let text = levels("", template, "");
    let expected = [
        row(0, 4000, "v1_500_007.m4s"),
        row(4000, 8000, "v1_500_008.m4s"),
        row(8000, 10_000, "v1_500_009.m4s"),
    ];
    assert_eq!(segments(&text), expected);
    let parsed = read(&text);
    assert_eq!(
        only(&parsed).initialization(),
        Some(Resource {
            reference: "v1.mp4".to_owned(),
            range: None
        })
    );
    assert_eq!(only(&parsed).full_mime(), "video/mp4; codecs=\"avc1.64001e\"");
    let ended = levels("", &template.replace("startNumber", "endNumber=\"8\" startNumber"), "");
    assert_eq!(segments(&ended), expected[..2]);
}

#[test]
fn an_ept_delta_moves_the_first_segment() {
    let template = "<SegmentTemplate timescale=\"1000\" presentationTimeOffset=\"5000\" eptDelta=\"-500\" duration=\"4000\" \
                    media=\"$Number$-$Time$\"/>";
    let expected = [
        row(0, 3500, "1-4500"),
        row(3500, 7500, "2-8500"),
        row(7500, 10_000, "3-12500"),
    ];
    assert_eq!(segments(&levels("", template, "")), expected);
    assert_eq!(
        only(&read(&levels("", template, ""))).timestamp_offset(),
        Micros::from_secs(-5)
    );
}

#[test]
fn times_of_a_timeline() {
    let template = "<SegmentTemplate timescale=\"1000\" presentationTimeOffset=\"90000\" media=\"$Time$/$Number$\">\
                    <SegmentTimeline><S t=\"90000\" d=\"2000\" r=\"1\"/><S t=\"95000\" d=\"1500\" r=\"-1\"/></SegmentTimeline>\
                    </SegmentTemplate>";
    let expected = [
        row(0, 2000, "90000/1"),
        row(2000, 4000, "92000/2"),
        row(5000, 6500, "95000/3"),
        row(6500, 8000, "96500/4"),
        row(8000, 9500, "98000/5"),
        row(9500, 10_000, "99500/6"),
    ];
    assert_eq!(segments(&levels(template, "", "")), expected);
    let index = only(&read(&levels(template, "", ""))).index();
    assert_eq!(
        index.position_at(Micros::from_millis(4500)),
        Some(2),
        "the gap leads to what comes after it"
    );
    assert_eq!(index.position_at(Micros::from_millis(-1)), Some(0));
    assert_eq!(index.position_at(Micros::from_secs(10)), None);
    let ended = template.replace("<SegmentTemplate", "<SegmentTemplate startNumber=\"0\" endNumber=\"2\"");
    let cut = segments(&levels(&ended, "", ""));
    assert_eq!(cut.last(), Some(&row(5000, 6500, "95000/2")));
}

#[test]
fn faults_of_a_timeline_are_told() {
    let template = "<SegmentTemplate timescale=\"1000\" media=\"$Time$\"><SegmentTimeline><S t=\"0\" d=\"2000\"/>\n\
                    <S t=\"1500\" d=\"2000\"/><S d=\"0\"/><S t=\"x\" d=\"2000\" r=\"-1\"/><S d=\"100\"/><S t=\"100\" d=\"5\" k=\"2\"/>\
                    </SegmentTimeline></SegmentTemplate>";
    let parsed = read(&levels("", template, ""));
    assert_eq!(
        codes(&parsed),
        [
            "timeline.overlap",
            "timeline.no-duration",
            "timeline.repeat",
            "attribute.invalid",
            "timeline.backwards",
            "timeline.sequence",
        ]
    );
    assert_eq!(parsed.diagnostics[0].line, 3);
    assert_eq!(parsed.diagnostics[3].detail, "t");
    let index = only(&parsed).index();
    assert_eq!(index.segment(0).unwrap().end, Micros::from_millis(1500));
    assert_eq!(index.segment(1).unwrap().start, Micros::from_millis(1500));
}

#[test]
fn lists_with_durations_and_ranges() {
    let list = "<SegmentList timescale=\"10\" duration=\"40\"><Initialization sourceURL=\"init.mp4\" range=\"0-99\"/>\
                <SegmentURL media=\"a.m4s\"/><SegmentURL media=\"b.m4s\" mediaRange=\"5-9\"/><SegmentURL mediaRange=\"10-19\"/>\
                <SegmentURL media=\"beyond.m4s\"/></SegmentList>";
    let text = levels("", "", list);
    let expected = [
        row(0, 4000, "a.m4s"),
        row(4000, 8000, "b.m4s@5-Some(9)"),
        row(8000, 10_000, "@10-Some(19)"),
    ];
    assert_eq!(segments(&text), expected);
    let init = only(&read(&text)).initialization().unwrap();
    assert_eq!(
        (init.reference.as_str(), init.range),
        (
            "init.mp4",
            Some(ByteRange {
                start: 0,
                end: Some(99)
            })
        )
    );
    // URLs outside, durations inside; fewer URLs than the Period is long.
    let period = "<SegmentList duration=\"1\"><SegmentURL media=\"a\"/><SegmentURL media=\"b\"/></SegmentList>";
    let inner = "<SegmentList timescale=\"1000\" startNumber=\"5\"><SegmentTimeline><S t=\"0\" d=\"3000\"/><S d=\"2000\" r=\"9\"/>\
                 </SegmentTimeline></SegmentList>";
    assert_eq!(
        segments(&levels(period, "", inner)),
        [row(0, 3000, "a"), row(3000, 5000, "b")]
    );
    let single = "<SegmentList><SegmentURL media=\"all\"/></SegmentList>";
    assert_eq!(segments(&levels(single, "", "")), [row(0, 10_000, "all")]);
}

#[test]
fn a_list_keeps_its_urls_when_a_period_starts_within() {
    let list = "<SegmentList timescale=\"1\" presentationTimeOffset=\"5\"><SegmentTimeline><S t=\"0\" d=\"4\" r=\"2\"/>\
                </SegmentTimeline><SegmentURL media=\"a\"/><SegmentURL media=\"b\"/><SegmentURL media=\"c\"/></SegmentList>";
    assert_eq!(
        segments(&levels("", "", list)),
        [row(0, 3000, "b"), row(3000, 7000, "c")]
    );
}

#[test]
fn base_urls_alone_are_one_segment() {
    let text = levels("", "", "<BaseURL>film.mp4</BaseURL>");
    assert_eq!(segments(&text), [row(0, 10_000, "")]);
    let parsed = read(&text);
    assert_eq!(only(&parsed).resolve(0, ""), "https://cdn.example/film/film.mp4");
    assert_eq!(only(&parsed).index().pending(), None);
}

#[test]
fn an_index_is_asked_for() {
    let base = "<BaseURL>film.mp4</BaseURL><SegmentBase timescale=\"1000\" indexRange=\"800-899\"/>";
    let parsed = read(&levels("", "", base));
    let index = only(&parsed).index();
    assert_eq!(index.len(), None);
    let range = |start, end| Some(ByteRange { start, end: Some(end) });
    assert_eq!(
        index.pending(),
        Some(Resource {
            reference: String::new(),
            range: range(800, 899)
        })
    );
    assert_eq!(only(&parsed).initialization().unwrap().range, range(0, 799));
    let told = base.replace("/>", "><Initialization range=\"10-20\"/></SegmentBase>");
    assert_eq!(
        only(&read(&levels("", "", &told))).initialization().unwrap().range,
        range(10, 20)
    );
    let own = "<SegmentBase><RepresentationIndex sourceURL=\"film.sidx\"/></SegmentBase>";
    assert_eq!(
        only(&read(&levels("", own, ""))).index().pending().unwrap().reference,
        "film.sidx"
    );
    let untold = only(&read(&levels("", "<SegmentBase/>", ""))).index();
    assert_eq!(untold.pending().unwrap().range, range(0, 65_535));
    let text = levels("", "<SegmentBase/>", "").replace("video/mp4", "text/vtt");
    assert_eq!(only(&read(&text)).index().len(), Some(1));
}

#[test]
fn attributes_are_inherited_one_by_one() {
    let period = "<SegmentTemplate timescale=\"1000\" duration=\"9000\" initialization=\"p.mp4\" startNumber=\"3\"/>";
    let set = "<SegmentTemplate duration=\"5000\" media=\"s$Number$\"/>";
    let inner = "<SegmentTemplate media=\"r$Number$\"/>";
    assert_eq!(
        segments(&levels(period, set, inner)),
        [row(0, 5000, "r3"), row(5000, 10_000, "r4")]
    );
    assert_eq!(
        only(&read(&levels(period, set, inner)))
            .initialization()
            .unwrap()
            .reference,
        "p.mp4"
    );
    // The innermost kind of addressing counts.
    let text = levels(period, set, "<SegmentBase indexRange=\"5-9\"/>");
    assert!(only(&read(&text)).index().pending().is_some());
    // A duration inside beats a timeline outside, and the other way round.
    let timeline =
        "<SegmentTemplate media=\"t$Number$\"><SegmentTimeline><S d=\"10\"/></SegmentTimeline></SegmentTemplate>";
    assert_eq!(
        segments(&levels(timeline, "<SegmentTemplate duration=\"5\"/>", "")).len(),
        2
    );
    assert_eq!(
        segments(&levels("<SegmentTemplate duration=\"5\"/>", timeline, "")).len(),
        1
    );
}

#[test]
fn common_attributes_are_inherited() {
    let text = mpd(
        "<Period id=\"p\"><AdaptationSet id=\"4\" contentType=\"audio\" lang=\"fr\" mimeType=\"audio/mp4\" \
        codecs=\"mp4a.40.2\" audioSamplingRate=\"48000\" segmentAlignment=\"true\" selectionPriority=\"3\">\
        <Label>Fran&#231;ais &amp; <![CDATA[<co>]]></Label><Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\
        <AudioChannelConfiguration schemeIdUri=\"urn:mpeg:mpegB:cicp:ChannelConfiguration\" value=\"6\"/>\
        <Representation id=\"a\" bandwidth=\"1\"/>\
        <Representation id=\"b\" bandwidth=\"2\" codecs=\"ec-3\" qualityRanking=\"1\">\
        <AudioChannelConfiguration schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"2\"/>\
        <ContentProtection schemeIdUri=\"urn:mpeg:dash:mp4protection:2011\" value=\"cenc\"/></Representation>\
        </AdaptationSet></Period>",
    );
    let parsed = read(&text);
    let set = &parsed.presentation.periods[0].adaptation_sets[0];
    assert_eq!(
        (set.id, set.content_type, set.lang.as_deref()),
        (Some(4), ContentType::Audio, Some("fr"))
    );
    assert_eq!((set.selection_priority, set.segment_alignment), (3, true));
    assert_eq!(set.labels[0].text, "Français & <co>");
    assert_eq!(set.roles[0].value, "main");
    assert_eq!(set.content_protection.len(), 1);
    let [a, b] = &set.representations[..] else {
        panic!("two")
    };
    assert_eq!((a.codecs.as_str(), a.channels, a.sample_rate), ("mp4a.40.2", 6, 48_000));
    assert_eq!((b.codecs.as_str(), b.channels, b.quality_ranking), ("ec-3", 2, Some(1)));
}

#[test]
fn base_urls_combine_over_the_levels() {
    let text = levels("<BaseURL>../x/</BaseURL>", "", "<BaseURL>v/</BaseURL><BaseURL serviceLocation=\"s\">https://other/</BaseURL>")
        .replacen(
            "<Period>",
            "<BaseURL serviceLocation=\"a\">https://a.example/m/</BaseURL>\
             <BaseURL serviceLocation=\"b\" dvb:priority=\"2\" dvb:weight=\"7\"> https://b.example/m/ </BaseURL><Period>",
            1,
        );
    let parsed = read(&text);
    let bases: Vec<_> = only(&parsed)
        .base_urls
        .iter()
        .map(|base| {
            (
                base.url.as_str(),
                base.service_location.as_str(),
                base.priority,
                base.weight,
            )
        })
        .collect();
    assert_eq!(
        bases,
        [
            ("https://a.example/x/v/", "a", 1, 1),
            ("https://other/", "s", 1, 1),
            ("https://b.example/x/v/", "b", 2, 7),
        ]
    );
    assert_eq!(only(&parsed).resolve(2, "1.m4s"), "https://b.example/x/v/1.m4s");
    assert_eq!(only(&parsed).resolve(9, "/1.m4s"), "https://b.example/1.m4s");
    let plain = read(&levels("", "", ""));
    assert_eq!(only(&plain).base_urls[0].service_location, "https://cdn.example");
}

#[test]
fn periods_are_placed() {
    let inner = "<AdaptationSet mimeType=\"video/mp4\"><SegmentTemplate media=\"$Number$\" duration=\"2\"/>\
                 <Representation id=\"v\" bandwidth=\"1\"/></AdaptationSet></Period>";
    let text = mpd(&format!(
        "<Period duration=\"PT3S\">{inner}<Period id=\"two\">{inner}<Period start=\"PT7S\" duration=\"PT2S\">{inner}\
         <Period duration=\"PT1S\">{inner}"
    ));
    let places = |text: &str| {
        let parsed = read(text);
        let places: Vec<_> = parsed
            .presentation
            .periods
            .iter()
            .map(|p| (p.start.0 / 1000, p.duration.map(|d| d.0 / 1000)))
            .collect();
        (places, parsed.presentation.duration.map(|d| d.0 / 1000), codes(&parsed))
    };
    let all = vec![
        (0, Some(3000)),
        (3000, Some(4000)),
        (7000, Some(2000)),
        (9000, Some(1000)),
    ];
    assert_eq!(places(&text), (all.clone(), Some(10_000), vec![]));
    assert_eq!(
        places(&text.replace(" mediaPresentationDuration=\"PT10S\"", "")),
        (all, Some(10_000), vec![])
    );
    let parsed = read(&text);
    let second = &parsed.presentation.periods[1].adaptation_sets[0].representations[0];
    let last = second.index().segment(1).unwrap();
    assert_eq!((last.start, last.end), (Micros::from_secs(5), Micros::from_secs(7)));
    assert_eq!(second.timestamp_offset(), Micros::from_secs(3));
    // Unplaced, backwards, and a remote one that resolves to nothing.
    let text = mpd(&format!(
        "<Period start=\"PT1S\">{inner}<Period>{inner}<Period start=\"PT0S\">{inner}\
         <Period xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:href=\"urn:mpeg:dash:resolve-to-zero:2013\"/>"
    ));
    assert_eq!(
        places(&text),
        (
            vec![(1000, Some(9000))],
            Some(10_000),
            vec!["period.no-start", "period.order"]
        )
    );
}

#[test]
fn a_duration_may_come_from_the_media() {
    let template = "<SegmentTemplate media=\"$Number$\" endNumber=\"6\" duration=\"2\"/>";
    let text = levels("", template, "").replace(" mediaPresentationDuration=\"PT10S\"", "");
    assert_eq!(read(&text).presentation.duration, Some(Micros::from_secs(12)));
    let endless = text.replace(" endNumber=\"6\"", "");
    let parsed = read(&endless);
    assert_eq!(
        (parsed.presentation.duration, only(&parsed).index().len()),
        (None, None)
    );
    assert_eq!(codes(&parsed), ["mpd.no-duration"]);
    let live = endless.replace(
        "\"static\"",
        "\"dynamic\" availabilityStartTime=\"2026-01-01T00:00:00Z\" publishTime=\"2026-01-01T00:00:00Z\"",
    );
    assert_eq!(
        parse(&live, URL).unwrap_err().code(),
        "manifest.no-periods",
        "when it starts is not known yet"
    );
    let live = read(&live.replace("<Period>", "<Period start=\"PT0S\">"));
    assert!(live.presentation.dynamic);
    assert_eq!((live.presentation.duration, codes(&live)), (None, vec![]));
}

#[test]
fn bad_parts_are_left_out_and_told() {
    let text = mpd("<Period><AdaptationSet mimeType=\"video/mp4\">\
        <Representation bandwidth=\"1\"/>\n<Representation id=\"a\" bandwidth=\"abc\"/>\
        <Representation id=\"b\" bandwidth=\"1\"><SegmentTemplate media=\"$Foo$\" duration=\"1\"/></Representation>\
        <Representation id=\"c\" bandwidth=\"1\"><SegmentBase indexRange=\"9-1\"/></Representation>\
        <Representation id=\"d\" bandwidth=\"1\" width=\"-5\" frameRate=\"30000/1001\"/>\
        <Representation id=\"e\" bandwidth=\"1\"><EssentialProperty schemeIdUri=\"urn:unknown\"/></Representation>\
        <Representation id=\"f\" bandwidth=\"1\" dependencyId=\"d\"/>\
        <x:Representation xmlns:x=\"urn:foreign\" id=\"g\"/>\
        </AdaptationSet><AdaptationSet mimeType=\"video/mp4\"><EssentialProperty schemeIdUri=\"urn:unknown\"/>\
        <Representation id=\"h\" bandwidth=\"1\"/></AdaptationSet><AdaptationSet><Representation id=\"i\" bandwidth=\"1\"/>\
        </AdaptationSet><AdaptationSet mimeType=\"video/mp4\">\
        <EssentialProperty schemeIdUri=\"http://dashif.org/guidelines/trickmode\" value=\"0\"/>\
        <Representation id=\"j\" bandwidth=\"1\"/></AdaptationSet></Period>");
    let parsed = read(&text);
    assert_eq!(
        codes(&parsed),
        [
            "representation.no-id",
            "representation.no-bandwidth",
            "representation.addressing",
            "representation.addressing",
            "attribute.invalid",
            "representation.essential-property",
            "representation.dependent",
            "adaptation-set.essential-property",
            "adaptation-set.empty",
            "representation.no-mime-type",
        ]
    );
    assert_eq!((parsed.diagnostics[1].line, parsed.diagnostics[1].column), (3, 1));
    let sets = &parsed.presentation.periods[0].adaptation_sets;
    assert_eq!(sets.len(), 2);
    assert_eq!(sets[0].representations.len(), 1);
    assert_eq!(
        (only(&parsed).id.as_str(), only(&parsed).frame_rate),
        ("d", Some((30_000, 1001)))
    );
    assert!(!sets[0].is_trick_mode() && sets[1].is_trick_mode());
}

#[test]
fn thumbnails_tell_their_tiles() {
    let text = mpd("<Period><AdaptationSet mimeType=\"image/jpeg\">\
        <SegmentTemplate media=\"t$Number$.jpg\" duration=\"5\"/><Representation id=\"t\" bandwidth=\"1\" width=\"640\" height=\"360\">\
        <EssentialProperty schemeIdUri=\"http://dashif.org/guidelines/thumbnail_tile\" value=\"4x3\"/></Representation>\
        </AdaptationSet></Period>");
    let parsed = read(&text);
    assert_eq!((only(&parsed).tile, only(&parsed).width), (Some((4, 3)), 640));
    assert_eq!(
        parsed.presentation.periods[0].adaptation_sets[0].content_type,
        ContentType::Image
    );
}

#[test]
fn what_is_no_manifest_is_told() {
    let fails = |text: &str| parse(text, URL).unwrap_err();
    let whole = levels("", "<SegmentTemplate media=\"$Number$\" duration=\"2\"/>", "");
    for end in 0..whole.len() {
        let error = fails(&whole[..end]);
        assert_eq!(error.code(), "manifest.malformed", "{end}: {error}");
    }
    let cases = [
        ("", "manifest.malformed"),
        ("not a manifest", "manifest.malformed"),
        ("<!DOCTYPE html>\n<html><body>502<br></body></html>", "manifest.not-mpd"),
        ("{\"error\": 404}", "manifest.malformed"),
        ("<MPD xmlns=\"urn:other\"/>", "manifest.no-periods"),
        ("<SmoothStreamingMedia/>", "manifest.not-mpd"),
        ("<MPD/>", "manifest.no-periods"),
        ("<MPD></MPD><MPD/>", "manifest.malformed"),
        ("<MPD a=\"1\" a=\"2\"/>", "manifest.no-periods"),
        ("<MPD a=\"&unknown;\"/>", "manifest.no-periods"),
        ("<MPD>&unknown;</MPD>", "manifest.no-periods"),
        ("<MPD><Period></MPD>", "manifest.malformed"),
    ];
    for (text, code) in cases {
        assert_eq!(fails(text).code(), code, "{text}");
    }
    let error = fails("<!DOCTYPE html>\n  <html>");
    assert_eq!(error.position(), Some((2, 3)));
    let deep = format!("<MPD>{}", "<a>".repeat(5000));
    assert_eq!(fails(&deep).code(), "manifest.too-large");
    let wide = format!("<MPD {}=\"\"/>", "a".repeat(100_000));
    assert_eq!(fails(&wide).code(), "manifest.too-large");
}

#[test]
fn shapes_of_xml_do_not_matter() {
    let bare = "\u{FEFF}<MPD mediaPresentationDuration='PT4S'><!-- c --><Period><AdaptationSet mimeType='video/mp4'>\
                <Representation id=' v ' bandwidth=' 5 '/></AdaptationSet></Period></MPD>\n<!-- end -->";
    assert_eq!(only(&read(bare)).id, "v");
    let prefixed = "<d:MPD xmlns:d=\"urn:mpeg:DASH:schema:MPD:2011\" mediaPresentationDuration=\"PT4S\"><Period/><d:Period>\
                    <d:AdaptationSet mimeType=\"video/mp4\"><d:Representation id=\"v\" bandwidth=\"5\"/></d:AdaptationSet>\
                    </d:Period></d:MPD>";
    let parsed = read(prefixed);
    assert_eq!((parsed.presentation.periods.len(), only(&parsed).id.as_str()), (1, "v"));
}
