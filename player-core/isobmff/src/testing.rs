//! Small files for the tests.

pub(crate) fn boxed(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let size = u32::try_from(payload.len() + 8).unwrap();
    [&size.to_be_bytes()[..], kind, payload].concat()
}

/// Track id, timescale, handler, codec, default sample duration.
pub(crate) type Track = (u32, u32, [u8; 4], [u8; 4], u32);

pub(crate) fn moov(tracks: &[Track]) -> Vec<u8> {
    let mut payload = boxed(b"mvhd", &[0; 100]);
    let mut mvex = Vec::new();
    for &(id, timescale, handler, codec, duration) in tracks {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
        let tkhd = boxed(b"tkhd", &words(&[7, 0, 0, id, 0, 0]));
        // Version 1: 64-bit times.
        let mdhd = boxed(b"mdhd", &words(&[1 << 24, 0, 0, 0, 0, timescale, 0, 0, 0]));
        let hdlr = boxed(b"hdlr", &[&[0; 8][..], &handler, &[0; 13]].concat());
        let stsd = boxed(b"stsd", &[&words(&[0, 1])[..], &boxed(&codec, &[0; 8])].concat());
        let minf = boxed(b"minf", &boxed(b"stbl", &stsd));
        let mdia = boxed(b"mdia", &[mdhd, hdlr, minf].concat());
        payload.extend(boxed(b"trak", &[tkhd, mdia].concat()));
        mvex.extend(boxed(b"trex", &words(&[0, id, 1, duration, 0, 0])));
    }
    payload.extend(boxed(b"mvex", &mvex));
    boxed(b"moov", &payload)
}

pub(crate) fn fragment(
    track: u32,
    sequence: u32,
    time: u64,
    version: u8,
    samples: u32,
    duration: Option<u32>,
) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    let mfhd = boxed(b"mfhd", &words(&[0, sequence]));
    let tfhd = boxed(b"tfhd", &words(&[0x02_0000, track]));
    let tfdt = match version {
        0 => boxed(b"tfdt", &words(&[0, u32::try_from(time).unwrap()])),
        _ => boxed(b"tfdt", &[&words(&[1 << 24])[..], &time.to_be_bytes()].concat()),
    };
    // Sizes, and durations when given.
    let mut trun = words(&[0x201 | if duration.is_some() { 0x100 } else { 0 }, samples, 0]);
    for _ in 0..samples {
        trun.extend(duration.iter().flat_map(|duration| duration.to_be_bytes()));
        trun.extend(2_u32.to_be_bytes());
    }
    let traf = boxed(b"traf", &[tfhd, tfdt, boxed(b"trun", &trun)].concat());
    let media = vec![0xAB; samples as usize * 2];
    [boxed(b"moof", &[mfhd, traf].concat()), boxed(b"mdat", &media)].concat()
}
