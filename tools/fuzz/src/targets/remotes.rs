//! Manifests with elements that are elsewhere (xlink).

use footlight_dash::Manifest;

use super::manifests::{URL, describe, text};
use crate::signature::Signature;

pub(super) const WORDS: &[&str] = &[
    "\0",
    "<Period xlink:href=\"a.xml\" xlink:actuate=\"onLoad\"/>",
    "<Period xlink:href=\"bb.xml\" xlink:actuate=\"onRequest\">",
    "<AdaptationSet xlink:href=\"ccc.xml\" xlink:actuate=\"onLoad\"/>",
    "<EventStream schemeIdUri=\"u\" xlink:href=\"dddd.xml\"/>",
    "<SegmentList xlink:href=\"a.xml\"/>",
    " xlink:href=\"#\" xlink:actuate=\"onLoad\"",
    "urn:mpeg:dash:resolve-to-zero:2013",
    "xmlns:xlink=\"http://www.w3.org/1999/xlink\"",
    "<Period id=\"x\" duration=\"PT2S\">",
    "</Period>",
    "<AdaptationSet mimeType=\"video/mp4\">",
    "</AdaptationSet>",
    "<Representation id=\"a\" bandwidth=\"1\"/>",
    "<SegmentTemplate media=\"$Number$\" duration=\"2\"/>",
    "<Event presentationTime=\"1\"/>",
    "<ImportedMPD earliestResolutionTimeOffset=\"1\">a.mpd</ImportedMPD>",
    "&amp;",
    "<!--",
    "-->",
];
/// More answers than this are an endless chain.
const MOST_ANSWERS: usize = 2000;

/// A manifest, then what is elsewhere, with NULs between them. A URL leads to one of these by its length, or nowhere.
pub(super) fn resolve(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let texts: Vec<String> = data.split(|byte| *byte == 0).take(8).map(text).collect();
    let (manifest, answers) = texts.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
    let Some((forwards, count)) = follow(manifest, answers, false) else {
        return signature.word("unreadable").finish();
    };
    let backwards = follow(manifest, answers, true).map(|(backwards, _)| backwards);
    let backwards = backwards.unwrap_or_else(|| panic!("it was readable"));
    assert_eq!(
        forwards.presentation(),
        backwards.presentation(),
        "answers come in any order"
    );
    signature.count(count as u64);
    describe(&forwards, &mut signature);
    signature.finish()
}

/// Answers all that is asked, round after round; the manifest, and how often it asked.
fn follow(manifest: &str, answers: &[String], backwards: bool) -> Option<(Manifest, usize)> {
    let mut manifest = Manifest::parse(manifest.to_owned(), URL).ok()?;
    let mut count = 0;
    loop {
        let urls: Vec<_> = manifest.remotes().iter().map(|remote| remote.url.clone()).collect();
        let waiting = manifest.remotes().iter().filter(|remote| !remote.is_answered).count();
        if waiting == 0 {
            return Some((manifest, count));
        }
        count += waiting;
        assert!(count < MOST_ANSWERS, "it asks for {urls:?}, and never ends");
        let mut numbered: Vec<_> = urls.iter().enumerate().collect();
        if backwards {
            numbered.reverse();
        }
        for (number, url) in numbered {
            let answer = answers.get(url.len() % (answers.len() + 1));
            manifest.resolve(number, answer.map(|text| (text.as_str(), url.as_str())));
        }
    }
}
