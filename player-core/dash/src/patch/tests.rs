use super::{diff::diff, *};
use crate::{Manifest, scan::Event, scan::Scanner};
use proptest::prelude::*;

const MPD: &str = r#"<?xml version="1.0"?>
<!-- made by hand -->
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" id="m" type="dynamic" publishTime="2026-01-01T00:00:00Z"
    availabilityStartTime="2026-01-01T00:00:00Z" minimumUpdatePeriod="PT2S">
  <Location>https://a.example/live.mpd</Location>
  <Period id="p1" start="PT0S">
    <AdaptationSet id="1" mimeType="video/mp4">
      <SegmentTemplate media="$Time$.m4s" timescale="1">
        <SegmentTimeline>
          <S t="0" d="4" r="2"/>
          <S d="5"/>
        </SegmentTimeline>
      </SegmentTemplate>
      <Representation id="v" bandwidth="1"/>
    </AdaptationSet>
  </Period>
</MPD>
"#;
const TIMELINE: &str = "/MPD/Period[@id='p1']/AdaptationSet[@id='1']/SegmentTemplate/SegmentTimeline";

/// A patch of [`MPD`] that does this.
fn patch_of(operations: &str) -> String {
    format!(
        "<Patch xmlns='urn:mpeg:dash:schema:mpd-patch:2020' mpdId='m' originalPublishTime='2026-01-01T01:00:00+01:00'\n \
         publishTime='2026-01-01T00:00:02Z' xmlns:cenc='urn:mpeg:cenc:2013'>\n{operations}\n</Patch>"
    )
}

fn applied(operations: &str) -> Result<String, PatchError> {
    apply(MPD, &patch_of(operations))
}

/// What a document says: no blanks between elements, no comments, one way to write tags.
fn canonical(document: &str) -> String {
    let mut scanner = Scanner::new(document).unwrap();
    let mut out = String::new();
    loop {
        match scanner.next().unwrap() {
            Event::Start(tag) => {
                let mut attributes: Vec<_> = scanner.attributes().iter().map(|a| (a.name, a.value)).collect();
                attributes.sort_unstable();
                let values = attributes
                    .into_iter()
                    .map(|(name, value)| (name, scanner.unescape(value, 0)));
                out += &format!("<{} {:?}>", tag.name, values.collect::<Vec<_>>());
            }
            Event::End { .. } => out += "</>",
            Event::Text { text, .. } => out += scanner.unescape(text.trim_ascii(), 0).as_ref(),
            Event::Eof => return out,
        }
    }
}

/// The manifest with its new publish time, and with `from` replaced by `to`.
fn edited(from: &str, to: &str) -> String {
    assert!(MPD.contains(from), "{from}");
    MPD.replacen(from, to, 1)
        .replacen("2026-01-01T00:00:00Z", "2026-01-01T00:00:02Z", 1)
}

#[test]
fn every_operation_does_what_it_says() {
    let cases = [
        (
            format!("<add sel=\"{TIMELINE}\"><S d='6'/></add>"),
            r#"<S d="5"/>"#,
            r#"<S d="5"/><S d="6"/>"#,
        ),
        (
            format!("<add sel=\"{TIMELINE}\" pos='prepend'><S t='9' d='1'/><S d='2'/></add>"),
            r#"<S t="0" d="4" r="2"/>"#,
            r#"<S t="9" d="1"/><S d="2"/><S t="0" d="4" r="2"/>"#,
        ),
        (
            format!("<add sel=\"{TIMELINE}/S[1]\" pos='after'><S t='9' d='1'/></add>"),
            r#"<S d="5"/>"#,
            r#"<S t="9" d="1"/><S d="5"/>"#,
        ),
        (
            format!("<add sel=\"{TIMELINE}/S[@d='5']\" pos='before'><S t='9' d='1'/></add>"),
            r#"<S d="5"/>"#,
            r#"<S t="9" d="1"/><S d="5"/>"#,
        ),
        (
            format!("<add sel=\"{TIMELINE}/S[2]\" type='@r'> 7\n</add>"),
            r#"<S d="5"/>"#,
            r#"<S d="5" r="7"/>"#,
        ),
        (
            format!("<replace sel=\"{TIMELINE}/S[1]/@r\">7</replace>"),
            r#"r="2""#,
            r#"r="7""#,
        ),
        (
            format!("<replace sel=\"{TIMELINE}/S[1]\"> <S d='1'/> </replace>"),
            r#"<S t="0" d="4" r="2"/>"#,
            r#"<S d="1"/>"#,
        ),
        (
            format!("<remove sel=\"{TIMELINE}/S[1]\" ws='both'/>"),
            r#"<S t="0" d="4" r="2"/>"#,
            "",
        ),
        (format!("<remove sel=\"{TIMELINE}/S[1]/@r\"/>"), r#" r="2""#, ""),
        (
            "<replace sel='/MPD/Location/text()'>https://b.example/?a&amp;b</replace>".into(),
            "https://a.example/live.mpd",
            "https://b.example/?a&amp;b",
        ),
        (
            "<remove sel='/MPD/Location/text()'/>".into(),
            "https://a.example/live.mpd",
            "",
        ),
        (
            "<add sel=\"//MPD\"/>".replace("//", "/") + "<add sel='/MPD' type='@minBufferTime'>PT\"1\"S</add>",
            r#"id="m""#,
            r#"id="m" minBufferTime="PT&quot;1&quot;S""#,
        ),
        (
            "<add sel='/MPD/Location' pos='before'><BaseURL>https://c.example/</BaseURL></add>".into(),
            "<Location>",
            "<BaseURL>https://c.example/</BaseURL><Location>",
        ),
        (
            "<add sel=\"/MPD/Period/AdaptationSet/Representation\"><BaseURL/>\n</add>\
             <add sel=\"/MPD/Period/AdaptationSet/Representation/BaseURL\">v/</add>"
                .into(),
            r#"<Representation id="v" bandwidth="1"/>"#,
            r#"<Representation id="v" bandwidth="1"><BaseURL>v/</BaseURL></Representation>"#,
        ),
        (
            "<add sel=\"/MPD/Period/AdaptationSet[@id='1']\" pos=\"prepend\"><ContentProtection schemeIdUri='u' \
             cenc:default_KID='k'/></add>"
                .into(),
            r#"<SegmentTemplate "#,
            "<ContentProtection schemeIdUri='u' cenc:default_KID='k' xmlns:cenc='urn:mpeg:cenc:2013'/><SegmentTemplate ",
        ),
    ];
    for (operations, from, to) in cases {
        let result = applied(&operations).unwrap_or_else(|error| panic!("{operations}: {error}"));
        assert_eq!(canonical(&result), canonical(&edited(from, to)), "{operations}");
    }
}

#[test]
fn what_is_not_touched_keeps_every_byte() {
    let result = applied("<replace sel='/MPD/@publishTime'>2026-01-01T00:00:02Z</replace>").unwrap();
    assert_eq!(result, MPD.replacen("2026-01-01T00:00:00Z", "2026-01-01T00:00:02Z", 1));
    // Where no operation sets it, the patch's own does.
    assert_eq!(applied("").unwrap(), result);
}

#[test]
fn manifests_with_a_prefix_of_their_own_take_elements_without() {
    let manifest = "<d:MPD xmlns:d='urn:mpeg:dash:schema:mpd:2011' id='m' publishTime='1'><d:Period/></d:MPD>";
    let patch =
        "<Patch mpdId='m' originalPublishTime='1' publishTime='2'><add sel='/MPD'><Period id='2'/></add></Patch>";
    let expected = "<d:MPD xmlns:d='urn:mpeg:dash:schema:mpd:2011' id='m' publishTime=\"2\"><d:Period/>\
        <Period id='2' xmlns=\"urn:mpeg:dash:schema:mpd:2011\"/></d:MPD>";
    assert_eq!(apply(manifest, patch).unwrap(), expected);
}

#[test]
fn faults_are_told_and_the_manifest_stays() {
    use PatchErrorKind as Kind;
    let long = "<remove sel='/MPD/x'/>".repeat(MAX_OPERATIONS + 1);
    let with = |from: &str, to: &str| patch_of("").replace(from, to);
    let cases = [
        ("<Patch".into(), Kind::Malformed, "patch.malformed", 1),
        ("<html/>".into(), Kind::NotAPatch, "patch.not-a-patch", 1),
        (with("'m'", "'n'"), Kind::OtherManifest, "patch.other-manifest", 1),
        (with("mpdId='m'", ""), Kind::OtherManifest, "patch.other-manifest", 1),
        (
            with("01:00:00+", "01:00:01+"),
            Kind::OtherVersion,
            "patch.other-version",
            1,
        ),
        (
            with(" publishTime=", " published="),
            Kind::PublishTime,
            "patch.publish-time",
            1,
        ),
        (
            patch_of("<replace sel='/MPD/@publishTime'>2026-01-01T00:00:03Z</replace>"),
            Kind::PublishTime,
            "patch.publish-time",
            1,
        ),
        (patch_of("<add sel='MPD'/>"), Kind::Selector, "patch.selector", 3),
        (patch_of("<add/>"), Kind::Selector, "patch.selector", 3),
        (
            patch_of("<remove sel='/MPD/Period[9]'/>"),
            Kind::NotFound,
            "patch.not-found",
            3,
        ),
        (
            patch_of(&format!("<remove sel=\"{TIMELINE}/S\"/>")),
            Kind::Ambiguous,
            "patch.ambiguous",
            3,
        ),
        (
            patch_of("<move sel='/MPD/Period'/>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (patch_of("<remove sel='/MPD'/>"), Kind::Operation, "patch.operation", 3),
        (
            patch_of("<remove sel='/MPD/@none'/>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (
            patch_of("<replace sel='/MPD/@none'>x</replace>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (
            patch_of("<replace sel='/MPD/Period'/>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (
            patch_of("<replace sel='/MPD'><MPD/></replace>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (
            patch_of("<add sel='/MPD' pos='beside'><Period/></add>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (
            patch_of("<add sel='/MPD' pos='after'><Period/></add>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (
            patch_of("<add sel='/MPD' type='@a b'>1</add>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (
            patch_of("<add sel='/MPD' type='a'>1</add>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (
            patch_of("<remove sel='/MPD/Period/text()'/>"),
            Kind::Operation,
            "patch.operation",
            3,
        ),
        (patch_of(&long), Kind::TooLarge, "patch.too-large", 1),
        (patch_of("<remove sel='/MPD/Period'/>"), Kind::Result, "patch.result", 3),
    ];
    let mut manifest = Manifest::parse(MPD.into(), "https://a.example/live.mpd").unwrap();
    for (patch, kind, code, line) in cases {
        let error = manifest.patch(&patch).unwrap_err();
        assert_eq!(
            (error.kind, error.code(), error.line),
            (kind, code, line),
            "{error}: {}",
            &patch[..patch.len().min(400)]
        );
        assert_eq!(manifest.text(), MPD);
    }
    manifest
        .patch(&patch_of(&format!("<add sel=\"{TIMELINE}\"><S d='6'/></add>")))
        .unwrap();
    let index = manifest.presentation().periods[0].adaptation_sets[0].representations[0].index();
    assert_eq!(index.len(), Some(5));
}

#[test]
fn work_is_bounded() {
    let segments = "<S/>".repeat(100_000);
    let manifest = format!("<MPD id='m' publishTime='1'>{segments}</MPD>");
    let operations = "<add sel=\"/MPD/S[@d='1']\"/>".repeat(60_000);
    let patch = format!(
        "<Patch mpdId='m' originalPublishTime='1' publishTime='2'><add sel='/MPD'><S d='1'/></add>{operations}</Patch>"
    );
    let error = apply(&manifest, &patch).unwrap_err();
    assert_eq!(error.kind, PatchErrorKind::TooLarge);
}

#[test]
fn growth_of_a_timeline_makes_small_patches() {
    let middle: String = (0..100).map(|at| format!("<S d=\"{}\"/>", 6 + at % 2)).collect();
    let long = |first: &str, last: &str| format!("{first}{middle}{last}");
    let (first, last) = (r#"<S t="0" d="4" r="2"/>"#, r#"<S d="5"/>"#);
    let old = MPD.replace(first, &long(first, ""));
    let new = edited(first, &long(r#"<S t="4" d="4" r="1"/>"#, "")).replace(last, r#"<S d="5" r="1"/><S d="7"/>"#);
    let patch = diff(&old, &new).unwrap().unwrap();
    assert_eq!(canonical(&apply(&old, &patch).unwrap()), canonical(&new), "{patch}");
    let timeline = TIMELINE
        .replace("/SegmentT", "[1]/SegmentT")
        .replacen("'1'][1]", "'1']", 1)
        + "[1]";
    let expected = [
        r#"<replace sel="/MPD/@publishTime">2026-01-01T00:00:02Z</replace>"#.to_owned(),
        format!(r#"<remove sel="{timeline}/S[1]"/>"#),
        format!(r#"<add sel="{timeline}" pos="prepend">"#),
        r#"          <S t="4" d="4" r="1"/></add>"#.to_owned(),
        format!(r#"<add sel="{timeline}"><S d="7"/></add>"#),
        format!(r#"<add sel="{timeline}/S[102]" type="@r">1</add>"#),
        "</Patch>".to_owned(),
    ];
    assert_eq!(patch.lines().skip(2).collect::<Vec<_>>(), expected);
}

#[test]
fn versions_that_cannot_be_patched_have_no_patch() {
    assert_eq!(diff(MPD, &MPD.replace(r#"id="m""#, r#"id="n""#)), Ok(None));
    assert_eq!(diff(MPD, &MPD.replace("publishTime", "published")), Ok(None));
    assert_eq!(diff(MPD, &MPD.replace("id=\"v\"", "id=\"v\" x[1=\"\"")), Ok(None));
    assert!(diff(MPD, "<MPD>").is_err());
}

/// An element with all in it.
fn element(depth: u32) -> BoxedStrategy<String> {
    let name = prop_oneof![Just("Period"), Just("S"), Just("BaseURL"), Just("x:Other")];
    let attributes = prop::collection::btree_map("id|t|d|r|x:a", "[0-3]|a&amp;b|&lt;'", 0..3).prop_map(|all| {
        all.iter()
            .map(|(name, value)| format!(" {name}=\"{value}\""))
            .collect::<String>()
    });
    let content = if depth == 0 {
        prop_oneof![
            Just(String::new()),
            Just("text".to_owned()),
            Just(" a &amp; <!-- c --> ".to_owned())
        ]
        .boxed()
    } else {
        let children = prop::collection::vec(element(depth - 1), 0..5);
        let blank = prop_oneof![Just(""), Just("\n  "), Just("<!-- c -->")];
        (children, blank)
            .prop_map(|(children, blank)| children.join(blank))
            .boxed()
    };
    (name, attributes, content)
        .prop_map(|(name, attributes, content)| format!("<{name}{attributes}>{content}</{name}>"))
        .boxed()
}

fn manifest() -> impl Strategy<Value = String> {
    (prop::collection::vec(element(2), 0..5), any::<bool>(), 0_u8..3).prop_map(|(children, more, time)| {
        let more = if more { " type='static' xmlns:y='urn:y'" } else { "" };
        format!(
            "<MPD xmlns='urn:mpeg:dash:schema:mpd:2011' xmlns:x='urn:x' id='m'{more} publishTime='{time}'>{}</MPD>",
            children.concat()
        )
    })
}

proptest! {
    #[test]
    fn a_patch_makes_one_version_of_the_other(old in manifest(), new in manifest()) {
        let patch = diff(&old, &new).unwrap().unwrap();
        let result = apply(&old, &patch);
        prop_assert_eq!(result.map(|text| canonical(&text)), Ok(canonical(&new)), "{}", patch);
    }

    #[test]
    fn no_patch_panics(manifest in manifest(), other in manifest(), operations in prop::collection::vec(
        ("add|replace|remove", "(/(MPD|Period|S|[*])(\\[([0-3]|@id='1'|S='x'|[.]='text')\\])?){1,4}(/@id|/text\\(\\))?",
         "| type='@t'| pos='before'| pos='after'| pos='prepend'"), 0..8)
    ) {
        let mut patch = String::new();
        for (name, selector, more) in operations {
            patch += &format!("<{name} sel=\"{selector}\"{more}>{other}</{name}>");
        }
        let patch = format!("<Patch mpdId='m' originalPublishTime='0' publishTime='9'>{patch}</Patch>");
        if let Ok(text) = apply(&manifest, &patch) {
            prop_assert!(Scanner::new(&text).is_ok());
            canonical(&text);
        }
    }
}
