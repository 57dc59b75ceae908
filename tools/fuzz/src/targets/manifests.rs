//! MPDs.

use footlight_dash::{Manifest, Micros, Presentation, Representation, SegmentIndex, dump, patch};

use crate::signature::Signature;

pub(super) const URL: &str = "https://cdn.example/live/manifest.mpd";
/// Of periods, sets, representations: how many are looked at.
const LOOK_AT: usize = 6;

pub(super) const WORDS: &[&str] = &[
    "<Period>",
    "</Period>",
    "<Period id=\"x\" start=\"PT4S\" duration=\"PT2S\">",
    "<AdaptationSet>",
    "</AdaptationSet>",
    "<Representation id=\"a\" bandwidth=\"1\">",
    "</Representation>",
    "<SegmentTimeline>",
    "<S d=\"2\"/>",
    "<S t=\"0\" d=\"2\" r=\"-1\"/>",
    "<SegmentTemplate media=\"$Number$\" duration=\"2\"/>",
    "<SegmentList>",
    "<SegmentURL mediaRange=\"0-9\"/>",
    "<SegmentBase indexRange=\"0-9\"/>",
    "<BaseURL>../x/</BaseURL>",
    "<EventStream schemeIdUri=\"u\" timescale=\"3\">",
    "<Event presentationTime=\"1\">",
    " timescale=\"",
    " startNumber=\"",
    " endNumber=\"",
    " presentationTimeOffset=\"",
    " availabilityTimeOffset=\"INF\"",
    " xlink:href=\"#\" xlink:actuate=\"onLoad\"",
    " xmlns=\"",
    " k=\"",
    "PT1H",
    "P1Y",
    "2026-01-01T00:00:00Z",
    "$RepresentationID$",
    "$Time%09d$",
    "$Bandwidth$",
    "$SubNumber$",
    "$$",
    "&amp;",
    "&#x",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!DOCTYPE",
    "/>",
    "\0",
    "\u{feff}",
];

pub(super) const PATCH_WORDS: &[&str] = &[
    "<add sel=\"/MPD\">",
    "</add>",
    "<replace sel=\"/MPD/Period[1]/@id\">",
    "</replace>",
    "<remove sel=\"/MPD/Period/text()\"/>",
    " pos=\"before\"",
    " pos=\"prepend\"",
    " type=\"@x\"",
    " type=\"namespace::y\"",
    "[@id='p0']",
    "[1]",
    "[.='x']",
    "[S='x']",
    "/*",
    "/text()",
    "/@t",
    "<Period id=\"x\"/>",
    "<S d=\"2\"/>",
    " publishTime=\"1\"",
    "\0",
];

pub(super) fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// Two texts with a NUL between them.
fn two(data: &[u8]) -> (String, String) {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (first, second) = data.split_at(at);
    (text(first), text(second.get(1..).unwrap_or_default()))
}

pub(super) fn parse(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    match Manifest::parse(text(data), URL) {
        Ok(manifest) => describe(&manifest, &mut signature),
        Err(error) => {
            signature.word(error.code());
        }
    }
    signature.finish()
}

pub(super) fn describe(manifest: &Manifest, signature: &mut Signature) {
    let mut codes: Vec<_> = manifest.diagnostics().iter().map(|d| d.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().for_each(|code| {
        signature.word(code);
    });
    let model = dump(manifest.presentation());
    signature.count(model.lines().count() as u64);
    walk(manifest.presentation(), signature);
}

/// Looks at what a player looks at; what must hold of any manifest is asserted.
fn walk(presentation: &Presentation, signature: &mut Signature) {
    signature.count(presentation.periods.len() as u64);
    let mut before = Micros::MIN;
    for period in presentation.periods.iter().take(LOOK_AT) {
        assert!(before <= period.start, "periods are in order");
        before = period.start;
        signature
            .count(period.adaptation_sets.len() as u64)
            .count(period.event_streams.len() as u64);
        for set in period.adaptation_sets.iter().take(LOOK_AT) {
            signature
                .variant(&set.content_type)
                .count(set.representations.len() as u64);
            for representation in set.representations.iter().take(LOOK_AT) {
                look_at(representation, signature);
            }
        }
    }
}

fn look_at(representation: &Representation, signature: &mut Signature) {
    look_into(representation, &representation.index(), signature);
}

/// What must hold of any index, complete or not.
pub(super) fn look_into(representation: &Representation, index: &SegmentIndex, signature: &mut Signature) {
    signature
        .count(u64::from(index.is_explicit()))
        .count(index.len().unwrap_or(u64::MAX));
    if let Some(initialization) = index.initialization() {
        let _ = representation.resolve(0, &initialization.reference);
    }
    let last = index.len().map_or(u64::MAX, |length| length.saturating_sub(1));
    for position in [0, 1, last / 2, last] {
        let Some(segment) = index.segment(position) else {
            continue;
        };
        assert_eq!(segment.position, position, "a segment knows its place");
        assert!(
            segment.start <= segment.end,
            "a segment does not end before it starts: {segment:?}"
        );
        let _ = representation.resolve(usize::MAX, &segment.resource.reference);
        if segment.start < segment.end {
            let found = index.position_at(segment.start);
            assert!(
                found.is_some_and(|found| found <= position),
                "{found:?} at the start of {segment:?}"
            );
        }
    }
    for time in [Micros::MIN, Micros::ZERO, Micros::MAX] {
        signature.count(index.position_at(time).map_or(0, |at| at.saturating_add(1)));
    }
}

/// A refresh must leave what a fresh start would find.
pub(super) fn refresh(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let (first, second) = two(data);
    let Ok(mut manifest) = Manifest::parse(first.clone(), URL) else {
        return signature.word("unreadable").finish();
    };
    let outcome = manifest.refresh(second.clone(), URL);
    match (outcome, Manifest::parse(second, URL)) {
        (Ok(()), Ok(fresh)) => {
            assert_eq!(manifest.presentation(), fresh.presentation());
            assert_eq!(manifest.diagnostics(), fresh.diagnostics());
            describe(&manifest, &mut signature);
        }
        (Err(error), Err(fresh)) => {
            assert_eq!(error, fresh);
            assert_eq!(manifest.text(), first);
            signature.word(error.code());
        }
        (outcome, fresh) => panic!("refreshed: {outcome:?}, fresh: {:?}", fresh.map(|_| ())),
    }
    signature.finish()
}

/// It is XML as it should be: what the parser forgives need not survive a patch.
fn is_tidy(manifest: &str) -> bool {
    let read = Manifest::parse(manifest.to_owned(), URL);
    read.is_ok_and(|manifest| manifest.diagnostics().iter().all(|d| !d.code.starts_with("xml.")))
}

/// A manifest with a patch, or with another manifest: then the patch between them is made.
pub(super) fn patch(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let (manifest, other) = two(data);
    match patch::apply(&manifest, &other) {
        Ok(patched) => signature.word("applied").count(patched.len() as u64),
        Err(error) => signature.word(error.code()),
    };
    match patch::diff::diff(&manifest, &other) {
        Ok(Some(difference)) if is_tidy(&manifest) && is_tidy(&other) => {
            let patched = patch::apply(&manifest, &difference);
            let patched = patched.unwrap_or_else(|error| panic!("{error} in\n{difference}"));
            let rest = patch::diff::diff(&patched, &other);
            let is_same = rest
                .as_ref()
                .is_ok_and(|rest| rest.as_ref().is_some_and(|rest| !rest.contains("sel=")));
            assert!(is_same, "{rest:?} is left of\n{difference}");
            signature.word("made").count(difference.matches("sel=").count() as u64);
        }
        Ok(_) => {
            signature.word("no patch");
        }
        Err(error) => {
            signature.word(error.code());
        }
    }
    signature.finish()
}
