//! Segment indexes that are loaded piece by piece: `sidx` boxes inside each other, the Cues of WebM.

use footlight_dash::{Error, Manifest, Resource, SegmentIndex};

use super::manifests::{URL, look_into};
use crate::signature::Signature;

/// What manifests say of an index: all that there is to say, nothing, that it is elsewhere, nearly nothing.
const SEGMENTS: [&str; 4] = [
    r#"<SegmentBase indexRange="0-119" timescale="1000" presentationTimeOffset="500"/>"#,
    "<SegmentBase/>",
    r#"<SegmentBase><RepresentationIndex sourceURL="index.bin"/></SegmentBase>"#,
    r#"<SegmentBase indexRange="24-"/>"#,
];
/// No index asks so often: more than 4096 boxes are not followed, nor 32 steps to the first one.
const MOST_LOADS: usize = 4200;

/// The first byte says how the manifest and the server are; the others are the file.
pub(super) fn load(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let (&how, file) = data.split_first().unwrap_or((&0, &[]));
    let segments = SEGMENTS[usize::from(how & 3)];
    let text = format!(
        r#"<MPD mediaPresentationDuration="PT1H"><Period><AdaptationSet mimeType="video/mp4"><Representation id="v" bandwidth="1">
        <BaseURL>v.mp4</BaseURL>{segments}</Representation></AdaptationSet></Period></MPD>"#
    );
    let manifest = Manifest::parse(text, URL).unwrap_or_else(|error| panic!("{error}"));
    let representation = &manifest.presentation().periods[0].adaptation_sets[0].representations[0];
    let mut index = representation.index();
    let mut loads = 0;
    while let Some(resource) = index.pending() {
        loads += 1;
        assert!(loads < MOST_LOADS, "it asks for {resource:?}, and never ends");
        let before = index.clone();
        if let Err(error) = index.load(&resource, served(file, &resource, how)) {
            assert!(index == before, "an error changes nothing");
            signature.word(error.code());
            match error {
                Error::UnsupportedIndex { what } => drop(signature.word(what)),
                Error::Index(error) => drop(signature.variant(&error)),
                _ => {}
            }
            break;
        }
    }
    signature.count(loads as u64);
    look_into(representation, &index, &mut signature);
    assert!(is_in_order(&index), "segments follow each other");
    signature.finish()
}

/// A server that knows ranges, one that does not, one that sends less than it was asked for.
fn served<'a>(file: &'a [u8], resource: &Resource, how: u8) -> &'a [u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
    let Some(range) = resource.range.filter(|_| how & 4 == 0) else {
        return file;
    };
    let part = &file[at(range.start)..];
    let length = range
        .end
        .map_or(part.len(), |end| at(end.saturating_sub(range.start).saturating_add(1)));
    let part = &part[..length.min(part.len())];
    if how & 8 == 0 { part } else { &part[..part.len() / 2] }
}

fn is_in_order(index: &SegmentIndex) -> bool {
    let segments: Vec<_> = (0..index.len().unwrap_or(0).min(500))
        .filter_map(|at| index.segment(at))
        .collect();
    segments.windows(2).all(|pair| pair[0].end <= pair[1].start)
}
