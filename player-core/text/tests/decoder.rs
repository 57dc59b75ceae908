//! Segments of fragmented MP4, decoded as a player does: initialization segment, segments, discontinuities.

use footlight_dash::Micros;
use footlight_text::{Cue, Decoder, Error, Format, Window};

fn boxed(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let size = u32::try_from(payload.len() + 8).unwrap_or(u32::MAX);
    [&size.to_be_bytes()[..], kind, payload].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// An initialization segment of one track, 1000 ticks a second.
fn init(handler: &[u8; 4], codec: &[u8; 4], entry: &[u8]) -> Vec<u8> {
    let tkhd = boxed(b"tkhd", &words(&[7, 0, 0, 1, 0, 0]));
    let mdhd = boxed(b"mdhd", &words(&[0, 0, 0, 1000, 0, 0]));
    let hdlr = boxed(b"hdlr", &[&[0; 8][..], handler, &[0; 13]].concat());
    let stsd = boxed(b"stsd", &[&words(&[0, 1])[..], &boxed(codec, entry)].concat());
    let mdia = [mdhd, hdlr, boxed(b"minf", &boxed(b"stbl", &stsd))].concat();
    let trak = boxed(b"trak", &[tkhd, boxed(b"mdia", &mdia)].concat());
    boxed(b"moov", &[boxed(b"mvhd", &[0; 100]), trak].concat())
}

/// Samples: duration, composition offset, data.
fn segment(time: u32, samples: &[(u32, u32, &[u8])], subs: &[u8]) -> Vec<u8> {
    let count = u32::try_from(samples.len()).unwrap_or(0);
    let mut trun = words(&[0x0000_0B00, count]);
    for (duration, offset, data) in samples {
        trun.extend(words(&[*duration, u32::try_from(data.len()).unwrap_or(0), *offset]));
    }
    let traf = [
        boxed(b"tfhd", &words(&[0x02_0000, 1])),
        boxed(b"tfdt", &words(&[0, time])),
        boxed(b"trun", &trun),
        subs.to_vec(),
    ]
    .concat();
    let media: Vec<u8> = samples.iter().flat_map(|(_, _, data)| data.to_vec()).collect();
    [boxed(b"moof", &boxed(b"traf", &traf)), boxed(b"mdat", &media)].concat()
}

fn decoder(format: &str, init: &[u8]) -> Decoder {
    let mut decoder = Decoder::new(Format::parse(format).expect("a format"));
    assert_eq!(decoder.init(init), Ok(()));
    decoder
}

/// Start and end in milliseconds, and the text.
fn told(cues: &[Cue]) -> Vec<(i64, i64, String)> {
    let text = |cue: &Cue| cue.lines.iter().flatten().map(|span| span.text.as_str()).collect();
    cues.iter()
        .map(|cue| (cue.start.0 / 1000, cue.end.0 / 1000, text(cue)))
        .collect()
}

fn cue(start: i64, end: i64, text: &str) -> (i64, i64, String) {
    (start, end, text.to_owned())
}

fn vttc(text: &str) -> Vec<u8> {
    boxed(
        b"vttc",
        &[boxed(b"sttg", b"line:0"), boxed(b"payl", text.as_bytes())].concat(),
    )
}

#[test]
fn wvtt_cues_go_on_from_sample_to_sample() {
    let config = boxed(b"vttC", b"WEBVTT\n\nSTYLE\n::cue{color:red}");
    let mut decoder = decoder("wvtt", &init(b"text", b"wvtt", &[&[0; 8][..], &config].concat()));
    let (a, b) = (vttc("a"), vttc("b"));
    let both = [&a[..], &b].concat();
    let empty = boxed(b"vtte", &[]);
    let segment = segment(
        5000,
        &[(1000, 0, &a), (1000, 0, &both), (1000, 0, &empty), (500, 0, &a)],
        &[],
    );
    let cues = decoder.decode(&segment, Micros(0), Window::ALL).unwrap_or_default();
    assert_eq!(
        told(&cues),
        [cue(5000, 7000, "a"), cue(6000, 7000, "b"), cue(8000, 8500, "a")]
    );
    assert!(
        cues.iter()
            .flat_map(|cue| &cue.lines)
            .flatten()
            .all(|span| span.style.color.is_some())
    );
    // Placed on the presentation timeline, and cut to the period.
    let window = Window {
        start: Micros::ZERO,
        end: Micros::from_millis(1500),
    };
    let cues = decoder
        .decode(&segment, Micros::from_secs(-5), window)
        .unwrap_or_default();
    assert_eq!(told(&cues), [cue(0, 1500, "a"), cue(1000, 1500, "b")]);
}

#[test]
fn stpp_documents_are_cut_to_their_samples() {
    let mut decoder = decoder("stpp", &init(b"subt", b"stpp", &[0; 8]));
    let document = b"<tt><body><p begin='9s' end='11s'>a</p><p begin='12s'>b</p></body></tt>";
    let again = b"<tt><body><p begin='12s'>b</p></body></tt>";
    let samples: [(u32, u32, &[u8]); 2] = [(4000, 0, document), (1000, 0, again)];
    let cues = decoder
        .decode(&segment(10_000, &samples, &[]), Micros(0), Window::ALL)
        .unwrap_or_default();
    assert_eq!(told(&cues), [cue(10_000, 11_000, "a"), cue(12_000, 15_000, "b")]);
    // Times that count from the sample's start.
    let relative = b"<tt><body><p begin='1s' end='2s'>c</p></body></tt>";
    let segment = segment(10_000, &[(4000, 0, relative)], &[]);
    let cues = decoder.decode(&segment, Micros(0), Window::ALL).unwrap_or_default();
    assert_eq!(told(&cues), [cue(11_000, 12_000, "c")]);
}

#[test]
fn stpp_pictures_are_subsamples() {
    let mut decoder = decoder("stpp", &init(b"subt", b"stpp", &[0; 8]));
    let document = b"<tt><body><div begin='0s' smpte:backgroundImage='urn:mpeg:14496-30:subs:1'/></body></tt>";
    let picture = [0x89, b'P', b'N', b'G'];
    let size = u16::try_from(document.len()).unwrap_or(0).to_be_bytes();
    let subs = [&words(&[0, 1, 1])[..], &[0, 2], &size, &[0; 6], &[0, 4], &[0; 6]].concat();
    let sample = [&document[..], &picture].concat();
    let segment = segment(0, &[(2000, 0, &sample)], &boxed(b"subs", &subs));
    let cues = decoder.decode(&segment, Micros(0), Window::ALL).unwrap_or_default();
    assert_eq!(cues.len(), 1);
    assert_eq!(cues[0].image.as_ref().map(|image| &image.data[..]), Some(&picture[..]));
}

/// An H.264 sample with line 21 pairs in field 1.
fn avc(pairs: &[[u8; 2]]) -> Vec<u8> {
    let mut data = b"\xB5\x00\x31GA94\x03".to_vec();
    data.extend([0x40 | u8::try_from(pairs.len()).unwrap_or(0), 0xFF]);
    data.extend(pairs.iter().flat_map(|[first, second]| [0xFC, *first, *second]));
    let mut unit = vec![6, 4, u8::try_from(data.len()).unwrap_or(0)];
    unit.extend(data);
    unit.push(0x80);
    [&u32::try_from(unit.len()).unwrap_or(0).to_be_bytes()[..], &unit].concat()
}

#[test]
fn captions_are_put_in_the_order_of_pictures_and_carry_over() {
    let mut avcc = [0; 5];
    avcc[4] = 0xFF;
    let entry = [&[0; 78][..], &boxed(b"avcC", &avcc)].concat();
    let init = init(b"vide", b"avc1", &entry);
    let mut decoder = decoder("cea608:1", &init);
    let (rcl, eoc, edm) = ([0x94, 0x20], [0x94, 0x2F], [0x94, 0x2C]);
    // Decoded last, shown second.
    let samples: [(u32, u32, &[u8]); 3] = [
        (100, 0, &avc(&[rcl, *b"he"])),
        (100, 200, &avc(&[eoc])),
        (100, 0, &avc(&[*b"y "])),
    ];
    let first = segment(0, &samples, &[]);
    let second = segment(400, &[(100, 0, &avc(&[])), (100, 0, &avc(&[edm]))], &[]);
    let apart = segment(9000, &[(100, 0, &avc(&[]))], &[]);
    let mut decode = |segment: &[u8]| {
        let cues = decoder.decode(segment, Micros(0), Window::ALL).unwrap_or_default();
        told(&cues)
    };
    // Decode times 0, 100, 200 are shown at 0, 300, 200.
    assert_eq!(decode(&first), [cue(300, 400, "hey")]);
    assert_eq!(decode(&second), [cue(400, 500, "hey")]);
    assert_eq!(decode(&first), [cue(300, 400, "hey")]);
    assert_eq!(decode(&apart), []);
}

#[test]
fn faults_are_told() {
    let mut decoder = Decoder::new(Format::Wvtt);
    assert_eq!(
        decoder.decode(&segment(0, &[], &[]), Micros(0), Window::ALL),
        Err(Error::NoInit)
    );
    assert_eq!(decoder.init(&init(b"vide", b"avc1", &[0; 78])), Err(Error::Codec));
    assert!(matches!(decoder.init(b"nonsense"), Err(Error::Boxes(_))));
    let mut captions = Decoder::new(Format::Cea708(1));
    assert_eq!(captions.init(&init(b"vide", b"vp09", &[0; 78])), Ok(()));
    let video = segment(0, &[(1, 0, b"x")], &[]);
    assert_eq!(captions.decode(&video, Micros(0), Window::ALL), Err(Error::Codec));
    for bad in ["", "srt", "cea608:5", "cea708:0", "vtt:1"] {
        assert_eq!(Format::parse(bad), None, "{bad}");
    }
}
