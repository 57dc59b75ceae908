//! Indexes loaded from files made up for the purpose.

use super::*;
use crate::{Resource, SegmentIndex, parse};
use footlight_isobmff::sidx::Reference;
use proptest::prelude::*;

fn boxed(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    [
        &u32::try_from(payload.len() + 8).unwrap().to_be_bytes()[..],
        kind,
        payload,
    ]
    .concat()
}

fn sidx(time: u64, first_offset: u64, references: &[(bool, u32, u32)]) -> Vec<u8> {
    let references = references
        .iter()
        .map(|&(is_index, size, duration)| Reference {
            is_index,
            size,
            duration,
            starts_with_sap: true,
        })
        .collect();
    let sidx = Sidx {
        reference_id: 1,
        timescale: 1000,
        earliest_presentation_time: time,
        first_offset,
        references,
    };
    sidx.write().unwrap()
}

/// The index of a film of 8 s in a Period that starts at 10 s, whose media start at `offset` seconds.
fn index(base: &str, offset: u32) -> SegmentIndex {
    let text = format!(
        "<MPD mediaPresentationDuration='PT18S'><Period start='PT10S'><AdaptationSet mimeType='video/mp4'>\
         <SegmentBase presentationTimeOffset='{offset}' {base}</SegmentBase><Representation id='v' bandwidth='1'/>\
         </AdaptationSet></Period></MPD>"
    );
    parse(&text, "https://cdn.example/film.mpd")
        .unwrap()
        .presentation
        .periods[0]
        .adaptation_sets[0]
        .representations[0]
        .index()
}

/// Answers what is pending from `file`, as a server of ranges does; how often it had to.
fn load(index: &mut SegmentIndex, file: &[u8]) -> Result<usize, Error> {
    let mut rounds = 0;
    while let Some(wanted) = index.pending() {
        let range = wanted.range.unwrap();
        let start = usize::try_from(range.start).unwrap().min(file.len());
        let end = usize::try_from(range.end.unwrap())
            .unwrap()
            .saturating_add(1)
            .min(file.len());
        index.load(&wanted, &file[start..end])?;
        rounds += 1;
        assert!(rounds < 10_000, "it comes to an end");
    }
    Ok(rounds)
}

/// Start and end in milliseconds, first and last byte.
fn listed(index: &SegmentIndex) -> Vec<(i64, i64, u64, u64)> {
    (0..index.len().unwrap())
        .map(|position| {
            let found = index.segment(position).unwrap();
            assert_eq!(index.position_at(found.start), Some(position));
            assert_eq!(index.position_at(found.end - Micros(1)), Some(position));
            let range = found.resource.range.unwrap();
            (
                found.start.0 / 1000,
                found.end.0 / 1000,
                range.start,
                range.end.unwrap(),
            )
        })
        .collect()
}

fn init() -> Vec<u8> {
    [boxed(b"ftyp", &[0; 12]), boxed(b"moov", &[0; 272])].concat()
}

#[test]
fn a_flat_index() {
    let flat = sidx(5000, 20, &[(false, 100, 2000), (false, 50, 3000), (false, 70, 4000)]);
    let file = [init(), flat.clone()].concat();
    let end = 300 + flat.len();
    let base = format!("indexRange='300-{}'>", end - 1);
    let media = end as u64 + 20;
    let expected = [
        (10_000, 12_000, media, media + 99),
        (12_000, 15_000, media + 100, media + 149),
        (15_000, 18_000, media + 150, media + 219),
    ];
    let mut found = index(&base, 5);
    assert_eq!(load(&mut found, &file), Ok(1));
    assert_eq!(listed(&found), expected);
    assert_eq!(found.position_at(Micros::ZERO), Some(0));
    assert_eq!(found.position_at(Micros::from_secs(18)), None);
    // A server that sends all of the file, and a range that is too short.
    let mut whole = index(&base, 5);
    whole.load(&whole.pending().unwrap(), &file).unwrap();
    assert_eq!(listed(&whole), expected);
    let mut short = index("indexRange='300-340'>", 5);
    assert_eq!(load(&mut short, &file), Ok(2));
    assert_eq!(listed(&short), expected);
    // A Period that starts within the media.
    let mut later = index(&base, 8);
    load(&mut later, &file).unwrap();
    assert_eq!(listed(&later)[0], (10_000, 12_000, media + 100, media + 149));
}

#[test]
fn a_place_that_is_not_told_is_found() {
    let flat = sidx(0, 0, &[(false, 100, 8000)]);
    let file = [init(), boxed(b"free", &[0; 8]), flat.clone(), boxed(b"moof", &[0; 92])].concat();
    let mut found = index(">", 0);
    assert_eq!((load(&mut found, &file), found.len()), (Ok(1), Some(1)));
    assert_eq!(
        found.initialization().unwrap().range,
        Some(ByteRange {
            start: 0,
            end: Some(299)
        })
    );
    assert_eq!(listed(&found)[0].2, 300 + 16 + flat.len() as u64);
    // Behind a large moov.
    let large = boxed(b"moov", &[0; 100_000]);
    let file = [large.clone(), flat, boxed(b"moof", &[0; 92])].concat();
    let mut found = index(">", 0);
    assert_eq!((load(&mut found, &file), found.len()), (Ok(2), Some(1)));
    let last = large.len() as u64 - 1;
    assert_eq!(
        found.initialization().unwrap().range,
        Some(ByteRange {
            start: 0,
            end: Some(last)
        })
    );
    // Without one, the file is one segment.
    for file in [[init(), boxed(b"moof", &[0; 92])].concat(), init()] {
        let mut found = index(">", 0);
        assert_eq!((load(&mut found, &file), found.len()), (Ok(1), Some(1)));
        let whole = found.segment(0).unwrap();
        assert_eq!((whole.start, whole.end), (Micros::from_secs(10), Micros::from_secs(18)));
        assert_eq!((whole.resource.range, found.initialization()), (None, None));
        assert_eq!(found.position_at(Micros::from_secs(17)), Some(0));
    }
}

/// Root, then two indexes, each before the media that it indexes.
fn interleaved() -> Vec<u8> {
    let leaf = |time| sidx(time, 0, &[(false, 30_000, 2000), (false, 40_000, 2000)]);
    let length = u32::try_from(leaf(0).len()).unwrap() + 70_000;
    let root = sidx(0, 0, &[(true, length, 4000), (true, length, 4000)]);
    let media = vec![0; 70_000];
    [init(), root, leaf(0), media.clone(), leaf(4000), media].concat()
}

#[test]
fn indexes_inside_an_index() {
    let file = interleaved();
    let mut found = index("indexRange='300-367'>", 0);
    let first = found.pending().unwrap();
    found.load(&first, &file[300..368]).unwrap();
    assert_eq!(found.load(&first, &file[300..368]), Err(Error::NotPending));
    let next = found.pending().unwrap();
    assert_eq!(next.range.unwrap().start, 300 + 56);
    assert_eq!(load(&mut found, &file), Ok(2));
    let times: Vec<_> = listed(&found)
        .into_iter()
        .map(|(start, end, ..)| (start, end))
        .collect();
    assert_eq!(
        times,
        [(10_000, 12_000), (12_000, 14_000), (14_000, 16_000), (16_000, 18_000)]
    );
    let (_, _, first, last) = listed(&found)[3];
    assert_eq!((last - first + 1, last + 1), (40_000, file.len() as u64));
}

#[test]
fn what_is_loaded_is_known_before_the_rest() {
    let file = interleaved();
    let mut found = index("indexRange='300-367'>", 0);
    for _ in 0..2 {
        let wanted = found.pending().unwrap();
        let range = wanted.range.unwrap();
        let (start, end) = (
            usize::try_from(range.start).unwrap(),
            usize::try_from(range.end.unwrap()).unwrap(),
        );
        found.load(&wanted, &file[start..=end]).unwrap();
    }
    assert!(found.pending().is_some());
    assert_eq!(found.len(), None);
    assert_eq!(found.position_at(Micros::from_secs(13)), Some(1));
    assert_eq!(found.position_at(Micros::from_secs(15)), None, "not yet");
}

#[test]
fn indexes_that_come_along_are_not_fetched_again() {
    // All indexes first, then all media: the children refer beyond each other.
    let leaf = |time, first_offset| sidx(time, first_offset, &[(false, 100, 4000)]);
    let length = u32::try_from(leaf(0, 0).len()).unwrap();
    let root = sidx(0, 0, &[(true, length, 4000), (true, length, 4000)]);
    let all = [root, leaf(0, length.into()), leaf(4000, 100)].concat();
    let mut found = index(&format!("indexRange='300-{}'>", 299 + all.len()), 0);
    assert_eq!(load(&mut found, &[init(), all.clone()].concat()), Ok(1));
    let media = 300 + all.len() as u64;
    assert_eq!(
        listed(&found),
        [
            (10_000, 14_000, media, media + 99),
            (14_000, 18_000, media + 100, media + 199)
        ]
    );
}

#[test]
fn an_index_of_its_own_resource() {
    let mut found = index("><RepresentationIndex sourceURL='film.sidx'/>", 0);
    let data = sidx(0, 300, &[(false, 100, 8000)]);
    assert_eq!(load(&mut found, &data), Ok(1));
    assert_eq!(listed(&found), [(10_000, 18_000, 300, 399)]);
    assert_eq!(found.segment(0).unwrap().resource.reference, "");
}

#[test]
fn faults_are_told_and_change_nothing() {
    let start = index("indexRange='300-399'>", 0);
    let fails = |data: &[u8]| {
        let mut found = start.clone();
        let error = found.load(&start.pending().unwrap(), data).unwrap_err();
        assert_eq!(found, start);
        error.code()
    };
    assert_eq!(fails(b""), "index.malformed");
    assert_eq!(fails(&[0; 100]), "index.malformed");
    assert_eq!(fails(&boxed(b"free", &[0; 92])), "index.malformed");
    assert_eq!(fails(&boxed(b"moof", &[0; 92])), "index.malformed");
    assert_eq!(fails(&boxed(b"sidx", &[0; 92])), "index.malformed");
    assert_eq!(
        fails(&[&[0x1C, 0x53, 0xBB, 0x6B][..], &[0; 96]].concat()),
        "index.unsupported"
    );
    assert_eq!(fails(&sidx(0, u64::MAX, &[(false, 100, 8000)])), "index.unsupported");
    assert_eq!(fails(&sidx(u64::MAX, 0, &[(false, 100, 8000)])), "index.unsupported");
    let other = Resource {
        reference: "other".to_owned(),
        range: None,
    };
    assert_eq!(start.clone().load(&other, &[]), Err(Error::NotPending));
    // Cut off by the end of the file.
    let whole = sidx(0, 0, &[(false, 1, 1); 20]);
    let mut found = index("indexRange='0-99'>", 0);
    assert_eq!(load(&mut found, &whole[..150]).unwrap_err().code(), "index.malformed");
    // Ever deeper: each index refers to the next one.
    let deep: Vec<u8> = std::iter::repeat_n(sidx(0, 0, &[(true, 44, 8000)]), 50)
        .flatten()
        .collect();
    assert_eq!(
        load(&mut index("indexRange='0-43'>", 0), &deep).unwrap_err().code(),
        "index.unsupported"
    );
}

proptest! {
    #[test]
    fn no_bytes_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        noise: Vec<u8>,
        told: bool,
    ) {
        let mut file = interleaved();
        for (at, value) in damage {
            // Boxes, not the media between them.
            let at = at.index(480);
            file[at] = value;
        }
        let base = if told { "indexRange='300-367'>" } else { ">" };
        let mut found = index(base, 0);
        if load(&mut found, &file).is_ok() {
            let mut before = Micros::ZERO;
            for position in 0..found.len().unwrap() {
                let segment = found.segment(position).unwrap();
                prop_assert!(segment.start < segment.end && before <= segment.start);
                before = segment.end;
            }
        }
        let _ = load(&mut index(base, 0), &noise);
    }
}

/// An EBML element.
fn ebml(id: &[u8], content: &[u8]) -> Vec<u8> {
    let size = (1_u64 << 56 | content.len() as u64).to_be_bytes();
    [id, &size, content].concat()
}

/// A WebM file with Clusters at 0, 2 and 5 s; the Cues before or after them. Where the Cues and the Clusters are.
fn webm(cues_first: bool, seek: bool) -> (Vec<u8>, usize, Vec<usize>) {
    let info = ebml(
        &[0x15, 0x49, 0xA9, 0x66],
        &ebml(&[0x2A, 0xD7, 0xB1], &500_000_u32.to_be_bytes()),
    );
    let clusters: Vec<Vec<u8>> = [700, 900, 400]
        .map(|size| ebml(&[0x1F, 0x43, 0xB6, 0x75], &vec![7; size]))
        .into();
    let cues = |places: &[usize]| {
        let points = places.iter().zip([0_u32, 4000, 10_000]).map(|(place, time)| {
            let place = ebml(&[0xF1], &u32::try_from(*place).unwrap().to_be_bytes());
            ebml(
                &[0xBB],
                &[ebml(&[0xB3], &time.to_be_bytes()), ebml(&[0xB7], &place)].concat(),
            )
        });
        ebml(&[0x1C, 0x53, 0xBB, 0x6B], &points.collect::<Vec<_>>().concat())
    };
    let head = |cues: usize| {
        let position = ebml(&[0x53, 0xAC], &u32::try_from(cues).unwrap().to_be_bytes());
        let entry = [ebml(&[0x53, 0xAB], &[0x1C, 0x53, 0xBB, 0x6B]), position].concat();
        if seek {
            ebml(&[0x11, 0x4D, 0x9B, 0x74], &ebml(&[0x4D, 0xBB], &entry))
        } else {
            Vec::new()
        }
    };
    let before = head(0).len() + info.len();
    let (length, media) = (cues(&[0, 0, 0]).len(), clusters.concat().len());
    let first = if cues_first { before + length } else { before };
    let places = [
        first,
        first + clusters[0].len(),
        first + clusters[0].len() + clusters[1].len(),
    ];
    let at = if cues_first { before } else { before + media };
    let media = clusters.concat();
    let parts = if cues_first {
        [cues(&places), media]
    } else {
        [media, cues(&places)]
    };
    let content = [head(at), info, parts.concat()].concat();
    let file = [
        ebml(&[0x1A, 0x45, 0xDF, 0xA3], b"head"),
        ebml(&[0x18, 0x53, 0x80, 0x67], &content),
    ]
    .concat();
    let origin = file.len() - content.len();
    (file, origin + at, places.map(|place| origin + place).to_vec())
}

#[test]
fn the_cues_of_webm_are_an_index() {
    for (cues_first, told) in [(true, true), (false, true), (true, false), (false, false)] {
        let (file, cues, clusters) = webm(cues_first, !told);
        let range = if told {
            format!("indexRange='{cues}-{}'", cues + 40)
        } else {
            String::new()
        };
        let mut index = index(&format!("{range}>"), 0);
        let rounds = load(&mut index, &file).unwrap();
        assert!(rounds <= 3, "{rounds}");
        let found: Vec<_> = (0..3).map(|at| index.segment(at).unwrap()).collect();
        assert_eq!(index.len(), Some(3));
        let times = |segment: &crate::Segment| (segment.start.0 / 1_000_000, segment.end.0 / 1_000_000);
        assert_eq!(
            found.iter().map(times).collect::<Vec<_>>(),
            [(10, 12), (12, 15), (15, 18)]
        );
        for (at, segment) in found.iter().enumerate() {
            let range = segment.resource.range.unwrap();
            assert_eq!(range.start, clusters[at] as u64);
            let next = clusters.get(at + 1).map_or(file.len(), |next| *next);
            assert_eq!(range.end, Some(next as u64 - 1));
        }
        let start = index.initialization().unwrap().range.unwrap();
        // What the manifest tells of the index lets one think that all before it initializes.
        let end = if told && !cues_first { cues } else { clusters[0] };
        assert!(start.start == 0 && start.end.unwrap() < end as u64);
    }
}

#[test]
fn fronts_of_webm_that_lead_to_each_other_are_no_index() {
    // Where Cues should be, there is another front, which says the same.
    let seek = |cues: usize| {
        let position = ebml(&[0x53, 0xAC], &u32::try_from(cues).unwrap().to_be_bytes());
        let entry = [ebml(&[0x53, 0xAB], &[0x1C, 0x53, 0xBB, 0x6B]), position].concat();
        ebml(&[0x11, 0x4D, 0x9B, 0x74], &ebml(&[0x4D, 0xBB], &entry))
    };
    let head = ebml(&[0x1A, 0x45, 0xDF, 0xA3], b"head");
    let front = [head, ebml(&[0x18, 0x53, 0x80, 0x67], &seek(seek(0).len()))].concat();
    let error = load(&mut index(">", 0), &[&front[..], &front].concat()).unwrap_err();
    assert_eq!(error.code(), "index.unsupported");
}

proptest! {
    #[test]
    fn damaged_webm_does_not_panic(at: prop::sample::Index, byte: u8, cut: prop::sample::Index, told: bool) {
        let (mut file, cues, _) = webm(true, !told);
        let at = at.index(file.len());
        file[at] = byte;
        file.truncate(cut.index(file.len()) + 1);
        let range = if told { format!("indexRange='{cues}-{}'", cues + 40) } else { String::new() };
        let mut index = index(&format!("{range}>"), 0);
        for _ in 0..40 {
            let Some(wanted) = index.pending() else { break };
            let range = wanted.range.unwrap();
            let start = usize::try_from(range.start).unwrap_or(usize::MAX).min(file.len());
            if index.load(&wanted, &file[start..]).is_err() {
                break;
            }
        }
        let _ = (index.len(), index.initialization(), index.segment(0));
    }
}
