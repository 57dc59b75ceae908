use super::*;
use crate::media::{Library, synthetic};
use footlight_dash::Micros;
use footlight_text::{Cue, Decoder, Format, Window};

fn library() -> (Library, std::path::PathBuf) {
    let folder = std::env::temp_dir().join(format!(
        "footlight-text-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    synthetic::write_title(&folder, "one", false);
    (Library::load(&folder).unwrap(), folder)
}

fn said(cues: &[Cue]) -> Vec<(i64, i64, String)> {
    let text = |cue: &Cue| {
        let lines = cue
            .lines
            .iter()
            .map(|line| line.iter().map(|span| span.text.as_str()).collect::<String>());
        lines.collect::<Vec<_>>().join("|")
    };
    cues.iter()
        .map(|cue| (cue.start.0 / 1000, cue.end.0 / 1000, text(cue)))
        .collect()
}

fn decoded(format: Format, init: &[u8], segments: impl Iterator<Item = Vec<u8>>) -> Vec<(i64, i64, String)> {
    let mut decoder = Decoder::new(format);
    decoder.init(init).unwrap();
    let window = Window {
        start: Micros(0),
        end: Micros::MAX,
    };
    let mut all: Vec<(i64, i64, String)> = Vec::new();
    for segment in segments {
        for cue in said(&decoder.decode(&segment, Micros(0), window).unwrap()) {
            match all.last_mut() {
                // What goes on in the next segment.
                Some(last) if last.1 == cue.0 && last.2 == cue.2 => last.1 = cue.1,
                _ => all.push(cue),
            }
        }
    }
    all
}

#[test]
fn segments_say_what_the_file_says() {
    let (library, folder) = library();
    let title = library.title("one").unwrap();
    // The second turn of the loop.
    for (form, format, expected) in [
        (
            Form::Wvtt,
            Format::Wvtt,
            vec![(17_000, 19_000, "One & two"), (24_000, 31_000, "Three")],
        ),
        (
            Form::Stpp,
            Format::Stpp,
            vec![(17_000, 19_000, "One & two"), (24_000, 31_000, "Three")],
        ),
        (Form::Forced, Format::Stpp, vec![(24_000, 31_000, "Three")]),
        (
            Form::Image,
            Format::Stpp,
            vec![(17_000, 19_000, ""), (24_000, 31_000, "")],
        ),
    ] {
        let text = title.timed.iter().find(|text| text.form == form).unwrap();
        let segments = (8..16).map(|number| text.fragment(number).unwrap().unwrap().0.concat());
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(from, to, text)| (from, to, text.to_owned()))
            .collect();
        assert_eq!(decoded(format, text.media.init(), segments), expected, "{form:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn pictures_are_png() {
    let mut decoder = Decoder::new(Format::Stpp);
    let (library, folder) = library();
    let text = library.title("one").unwrap().timed("text-en-image").unwrap();
    decoder.init(text.media.init()).unwrap();
    let segment = text.fragment(4).unwrap().unwrap().0.concat();
    let window = Window {
        start: Micros(0),
        end: Micros::MAX,
    };
    let cues = decoder.decode(&segment, Micros(0), window).unwrap();
    let image = cues[0].image.as_ref().unwrap();
    assert_eq!((image.mime.as_str(), &image.data), ("image/png", &bitmap::number(8)));
    assert_ne!(bitmap::number(8), bitmap::number(9));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn captions_say_what_the_file_says() {
    let media = concat!(env!("CARGO_MANIFEST_DIR"), "/../media");
    let library = Library::load(media.as_ref()).unwrap();
    let title = library.title("nightline").unwrap();
    let captions = title.captions.as_ref().unwrap();
    let video = &title.video.iter().find(|video| !video.is_vp9()).unwrap().media;
    for (format, track) in [(Format::Cea608(1), &title.text[0]), (Format::Cea708(1), &title.text[1])] {
        let segments = (0..16).map(|number| {
            let fragment = video.fragment(number).unwrap().unwrap();
            captions.insert(video, &fragment).unwrap().0.concat()
        });
        let found = decoded(format, video.init(), segments);
        // A loop later, so that what is sent before its time has come.
        let expected = track.cues.between(16_000, 16_000, 32_000);
        let second: Vec<_> = found.into_iter().filter(|(start, ..)| *start >= 16_000).collect();
        assert_eq!(second.len(), expected.len(), "{second:?}");
        for ((start, end, text), moment) in second.iter().zip(&expected) {
            let near = |at: i64, wanted: u64| (at - i64::try_from(wanted).unwrap()).abs() <= 80;
            assert!(near(*start, moment.start) && near(*end, moment.end), "{second:?}");
            let words = text.replace(['|', '\u{a0}'], " ").replace('\u{2019}', "'");
            let words: Vec<_> = words.split_whitespace().collect();
            assert_eq!(words.join(" "), moment.lines().join(" "), "{format:?}");
        }
    }
}
