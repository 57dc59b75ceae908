//! Timed text in ISO BMFF (ISO/IEC 14496-30).

use super::{Form, Moment, document};
use std::ops::Range;

/// Ticks per second.
const TIMESCALE: u32 = 1000;

/// A sample: how long it is shown, and its parts.
pub(super) struct Sample {
    duration: u64,
    parts: Vec<Vec<u8>>,
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn short(time: u64) -> u32 {
    u32::try_from(time).unwrap_or(u32::MAX)
}

fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    [&size(8 + payload.len()).to_be_bytes()[..], kind, &payload].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// The initialization segment of a form.
pub(super) fn init(form: Form) -> Vec<u8> {
    let (handler, entry) = match form {
        Form::Wvtt => (
            b"text",
            boxed(b"wvtt", &[&[0, 0, 0, 0, 0, 0, 0, 1], &boxed(b"vttC", &[b"WEBVTT"])]),
        ),
        _ => {
            let types: &[u8] = if form == Form::Image { b"image/png\0" } else { b"\0" };
            let namespace = b"http://www.w3.org/ns/ttml\0\0";
            (b"subt", boxed(b"stpp", &[&[0, 0, 0, 0, 0, 0, 0, 1], namespace, types]))
        }
    };
    let empty = |kind| boxed(kind, &[&words(&[0, 0])]);
    let table = boxed(
        b"stbl",
        &[
            &boxed(b"stsd", &[&words(&[0, 1]), &entry]),
            &empty(b"stts"),
            &empty(b"stsc"),
            &boxed(b"stsz", &[&words(&[0, 0, 0])]),
            &empty(b"stco"),
        ],
    );
    let data = boxed(b"dref", &[&words(&[0, 1]), &boxed(b"url ", &[&words(&[1])])]);
    let header = boxed(if form == Form::Wvtt { b"nmhd" } else { b"sthd" }, &[&words(&[0])]);
    let information = boxed(b"minf", &[&header, &boxed(b"dinf", &[&data]), &table]);
    let media = boxed(
        b"mdia",
        &[
            // Of no language: the manifest tells it.
            &boxed(b"mdhd", &[&words(&[0, 0, 0, TIMESCALE, 0, 0x55C4_0000])]),
            &boxed(b"hdlr", &[&words(&[0, 0]), handler, &[0; 13]]),
            &information,
        ],
    );
    let matrix = words(&[0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000]);
    let movie = boxed(
        b"mvhd",
        &[
            &words(&[0, 0, 0, TIMESCALE, 0, 0x1_0000, 0x100_0000, 0, 0]),
            &matrix,
            &words(&[0; 6]),
            &words(&[2]),
        ],
    );
    let track = boxed(
        b"tkhd",
        &[&words(&[3, 0, 0, 1, 0, 0, 0, 0, 0, 0]), &matrix, &words(&[0, 0])],
    );
    let extends = boxed(b"mvex", &[&boxed(b"trex", &[&words(&[0, 1, 1, 0, 0, 0])])]);
    let moov = boxed(b"moov", &[&movie, &boxed(b"trak", &[&track, &media]), &extends]);
    [boxed(b"ftyp", &[b"iso6\0\0\0\0iso6cmfc"]), moov].concat()
}

/// Samples of WebVTT: one for each stretch in which the same cues are shown.
pub(super) fn webvtt(moments: &[Moment], times: &Range<u64>) -> Vec<Sample> {
    let mut borders: Vec<u64> = moments.iter().flat_map(|moment| [moment.start, moment.end]).collect();
    borders.extend([times.start, times.end]);
    borders.retain(|time| (times.start..=times.end).contains(time));
    borders.sort_unstable();
    borders.dedup();
    let stretches = borders.windows(2).map(|pair| pair[0]..pair[1]);
    let samples = stretches.map(|stretch| {
        let shown = moments
            .iter()
            .filter(|moment| moment.start < stretch.end && moment.end > stretch.start);
        let cues: Vec<u8> = shown.flat_map(cue).collect();
        Sample {
            duration: stretch.end - stretch.start,
            parts: vec![if cues.is_empty() { boxed(b"vtte", &[]) } else { cues }],
        }
    });
    samples.collect()
}

fn cue(moment: &Moment) -> Vec<u8> {
    let settings = match moment.settings.trim() {
        "" => Vec::new(),
        settings => boxed(b"sttg", &[settings.as_bytes()]),
    };
    boxed(b"vttc", &[&settings, &boxed(b"payl", &[moment.text.as_bytes()])])
}

/// One document for all of the time, and its pictures.
pub(super) fn ttml(moments: &[Moment], lang: &str, pictures: Vec<Vec<u8>>, times: &Range<u64>) -> Sample {
    let document = document(moments, lang, 0, !pictures.is_empty());
    let mut parts = vec![document.into_bytes()];
    parts.extend(pictures);
    Sample {
        duration: times.end - times.start,
        parts,
    }
}

/// A fragment of samples that starts at a time.
pub(super) fn fragment(number: u64, start: u64, samples: &[Sample]) -> Vec<u8> {
    let media: Vec<u8> = samples.iter().flat_map(|sample| sample.parts.concat()).collect();
    let mut run = Vec::new();
    let mut pieces = words(&[
        0,
        short(samples.iter().filter(|sample| sample.parts.len() > 1).count() as u64),
    ]);
    let mut last = 0;
    for (at, sample) in (1..).zip(samples) {
        run.extend(words(&[
            short(sample.duration),
            size(sample.parts.iter().map(Vec::len).sum()),
        ]));
        if sample.parts.len() > 1 {
            pieces.extend(words(&[at - last]));
            pieces.extend(u16::try_from(sample.parts.len()).unwrap_or(u16::MAX).to_be_bytes());
            for part in &sample.parts {
                pieces.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
                pieces.extend([0; 6]);
            }
            last = at;
        }
    }
    let pieces = if last > 0 {
        boxed(b"subs", &[&pieces])
    } else {
        Vec::new()
    };
    let [high, low] = [short(start >> 32), short(start & 0xFFFF_FFFF)];
    let write = |offset: u32| {
        let run = boxed(b"trun", &[&words(&[0x301, size(samples.len()), offset]), &run]);
        let traf = boxed(
            b"traf",
            &[
                &boxed(b"tfhd", &[&words(&[0x2_0000, 1])]),
                &boxed(b"tfdt", &[&words(&[0x0100_0000, high, low])]),
                &run,
                &pieces,
            ],
        );
        let sequence = short((number + 1) & 0xFFFF_FFFF);
        boxed(b"moof", &[&boxed(b"mfhd", &[&words(&[0, sequence])]), &traf])
    };
    let head = write(0).len();
    [write(size(head + 8)), boxed(b"mdat", &[&media])].concat()
}
