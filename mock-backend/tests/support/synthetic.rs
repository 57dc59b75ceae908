//! A tiny media folder made from nothing: the boxes are real, the samples are not.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]

use std::path::Path;

fn boxed(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let size = u32::try_from(payload.len() + 8).expect("small");
    let mut out = size.to_be_bytes().to_vec();
    out.extend_from_slice(kind);
    out.extend_from_slice(payload);
    out
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn join(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.concat()
}

fn init(timescale: u32, handler: &[u8; 4], codec: &[u8; 4], sample_duration: u32) -> Vec<u8> {
    let tkhd = boxed(b"tkhd", &words(&[3, 0, 0, 1, 0, 0]));
    let mdhd = boxed(b"mdhd", &words(&[0, 0, 0, timescale, 0, 0]));
    let hdlr = boxed(b"hdlr", &join(&[words(&[0, 0]), handler.to_vec(), vec![0; 13]]));
    let stsd = boxed(b"stsd", &join(&[words(&[0, 1]), boxed(codec, &[0; 8])]));
    let minf = boxed(b"minf", &boxed(b"stbl", &stsd));
    let trak = boxed(b"trak", &join(&[tkhd, boxed(b"mdia", &join(&[mdhd, hdlr, minf]))]));
    let trex = boxed(b"trex", &words(&[0, 1, 1, sample_duration, 0, 0]));
    let moov = boxed(b"moov", &join(&[trak, boxed(b"mvex", &trex)]));
    join(&[boxed(b"ftyp", b"iso6\0\0\0\0iso6dash"), moov])
}

fn fragment(number: u32, start: u64, samples: u32, media: &[u8]) -> Vec<u8> {
    let mfhd = boxed(b"mfhd", &words(&[0, number]));
    let tfhd = boxed(b"tfhd", &words(&[0x0002_0000, 1]));
    let tfdt = boxed(b"tfdt", &join(&[words(&[0x0100_0000]), start.to_be_bytes().to_vec()]));
    // The first sample has what is left.
    let length = u32::try_from(media.len()).expect("small");
    let each = length / samples;
    let mut sizes = vec![each; samples as usize];
    sizes[0] += length - each * samples;
    let moof = |data_offset: u32| {
        let trun = boxed(b"trun", &join(&[words(&[0x201, samples, data_offset]), words(&sizes)]));
        let traf = boxed(b"traf", &join(&[tfhd.clone(), tfdt.clone(), trun]));
        boxed(b"moof", &join(&[mfhd.clone(), traf]))
    };
    let size = u32::try_from(moof(0).len()).expect("small");
    join(&[moof(size + 8), boxed(b"mdat", media)])
}

/// Eight fragments of 50 frames at 25 per second, each of about `bytes` bytes.
pub fn video(height: u32, bytes: usize) -> Vec<u8> {
    let mut out = init(12_800, b"vide", b"avc1", 512);
    for number in 0..8_u32 {
        let fill = u8::try_from((height + number) % 251).expect("below 256");
        let media = vec![fill; bytes + 10 * number as usize];
        out.extend(fragment(number + 1, u64::from(number) * 25_600, 50, &media));
    }
    out
}

/// 750 frames of 1024 samples at 48 kHz, in eight fragments of 94 and 93 frames.
pub fn audio() -> Vec<u8> {
    let mut out = init(48_000, b"soun", b"mp4a", 1024);
    let mut start = 0;
    for (number, frames) in (1_u32..).zip([94, 94, 94, 93, 94, 94, 94, 93]) {
        out.extend(fragment(number, start, frames, &vec![7; frames as usize * 2]));
        start += u64::from(frames) * 1024;
    }
    out
}

/// Cues of one loop.
pub const VTT: &str = "WEBVTT\n\n00:01.000 --> 00:03.000 line:85%\n<v Ann>One & two\n\n\
    00:08.000 --> 00:15.000\nThree\n";

/// Writes the folder of title `id` into `media`; with `vp9` it has those renditions too.
pub fn write_title(media: &Path, id: &str, vp9: bool) {
    let folder = media.join(id);
    std::fs::create_dir_all(&folder).expect("a folder for the title");
    let write = |name: &str, data: &[u8]| std::fs::write(folder.join(name), data).expect("a file");
    let mut videos = Vec::new();
    for (height, bytes) in [(180, 2000), (360, 5000), (720, 90_000)] {
        let (name, width) = (format!("video-avc-{height}p.mp4"), height * 16 / 9);
        write(&name, &video(height, bytes));
        videos.push(serde_json::json!({"file": name, "codec": "avc1.64001e", "width": width,
            "height": height, "bitrate": bytes * 4, "frame_rate": 25}));
    }
    let mut audios = Vec::new();
    for (lang, label) in [("en", "English"), ("fr", "Français")] {
        let name = format!("audio-{lang}.mp4");
        write(&name, &audio());
        audios.push(
            serde_json::json!({"file": name, "codec": "mp4a.40.2", "lang": lang, "label": label,
            "channels": 2, "sample_rate": 48_000, "bitrate": 96_000, "role": "main"}),
        );
        write(&format!("text-{lang}.vtt"), VTT.as_bytes());
    }
    if vp9 {
        write("video-vp9-360p.mp4", &video(361, 4000));
        write("audio-opus-en.mp4", &audio());
        videos.push(
            serde_json::json!({"file": "video-vp9-360p.mp4", "codec": "vp09.00.30.08", "width": 640,
            "height": 360, "bitrate": 16_000, "frame_rate": 25}),
        );
        audios.push(
            serde_json::json!({"file": "audio-opus-en.mp4", "codec": "opus", "lang": "en",
            "label": "English", "channels": 2, "sample_rate": 48_000, "bitrate": 64_000, "role": "main"}),
        );
    }
    for name in [
        "thumbs.jpg",
        "poster-300.webp",
        "poster-600.webp",
        "hero-800.webp",
        "hero-1600.webp",
    ] {
        write(name, format!("{id} {name}").as_bytes());
    }
    let title = serde_json::json!({"id": id, "title": format!("The {id}"), "tagline": "A <tag> & a line",
        "synopsis": "Something happens.", "year": 2026, "genres": ["Drama", "Sea"], "rating": "PG",
        "loop_ms": 16_000, "duration_ms": 600_000, "video": videos, "audio": audios,
        "text": [{"file": "text-en.vtt", "lang": "en", "label": "English"},
            {"file": "text-fr.vtt", "lang": "fr", "label": "Français"}],
        "thumbnails": {"file": "thumbs.jpg", "columns": 4, "rows": 4, "tile_width": 160, "tile_height": 90,
            "interval_ms": 1000},
        "posters": [{"file": "poster-300.webp", "width": 300, "height": 450},
            {"file": "poster-600.webp", "width": 600, "height": 900}],
        "heroes": [{"file": "hero-800.webp", "width": 800, "height": 450},
            {"file": "hero-1600.webp", "width": 1600, "height": 900}],
        "accent": "#ffaa33"});
    write("title.json", title.to_string().as_bytes());
}
