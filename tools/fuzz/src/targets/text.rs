//! Subtitles and captions.

use footlight_dash::Micros;
use footlight_text::{Decoder, Format, Window};

use crate::signature::Signature;

pub(super) const WEBVTT_WORDS: &[&str] = &[
    "WEBVTT\n\n",
    "\n\n",
    " --> ",
    "00:00:00.000",
    "99:59:59.999",
    "NOTE ",
    "STYLE\n",
    "REGION\n",
    "X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000",
    "::cue(.a) { color: red }",
    " line:-1,end",
    " position:50%,line-left",
    " size:100%",
    " align:start",
    " vertical:rl",
    " region:r",
    "id:r\nwidth:40%\nlines:3\nregionanchor:0%,100%\nviewportanchor:10%,90%\nscroll:up",
    "<b>",
    "</b>",
    "<c.yellow.bg_blue>",
    "<v Ann>",
    "<00:00:01.000>",
    "<lang fr>",
    "<ruby>a<rt>b</rt></ruby>",
    "&amp;",
    "&rlm;",
    "\r\n",
    "\u{feff}",
];

pub(super) const TTML_WORDS: &[&str] = &[
    "<p begin=\"1s\" end=\"2s\">",
    "</p>",
    "<span tts:color=\"red\">",
    "</span>",
    "<br/>",
    "<div>",
    "</div>",
    "<set begin=\"0s\" dur=\"1s\" tts:opacity=\"0\"/>",
    "<region xml:id=\"r\" tts:origin=\"10% 80%\" tts:extent=\"80% 10%\"/>",
    "<style xml:id=\"s\" style=\"s\"/>",
    " style=\"s\"",
    " region=\"r\"",
    " timeContainer=\"seq\"",
    " begin=\"00:00:01:12\"",
    " dur=\"5t\"",
    " ttp:frameRate=\"25\"",
    " ttp:tickRate=\"1\"",
    " ttp:cellResolution=\"1 1\"",
    " tts:fontSize=\"1c 2c\"",
    " tts:lineHeight=\"125%\"",
    " tts:ruby=\"base\"",
    " itts:forcedDisplay=\"true\"",
    " smpte:backgroundImage=\"#i\"",
    "<smpte:image xml:id=\"i\" imageType=\"PNG\" encoding=\"Base64\">iVBORw0KGgo=</smpte:image>",
    "&#x2028;",
    "<![CDATA[",
    "<!--",
];

fn decode(signature: &mut Signature, format: Format, data: &[u8]) {
    let mut decoder = Decoder::new(format);
    let window = Window {
        start: Micros::from_secs(-5),
        end: Micros::from_secs(3600),
    };
    // Twice: captions carry over.
    for offset in [Micros::ZERO, Micros::from_secs(2)] {
        match decoder.decode(data, offset, window) {
            Ok(cues) => {
                signature.count(cues.len() as u64);
                for cue in cues.iter().take(50) {
                    assert!(cue.start < cue.end, "a cue is shown for some time: {cue:?}");
                    assert!(
                        cue.start >= window.start && cue.end <= window.end,
                        "in the window: {cue:?}"
                    );
                    signature.count(cue.lines.len() as u64).variant(&cue.image);
                    let spans = cue.lines.iter().map(|line| line.len() as u64);
                    signature.count(spans.sum());
                }
            }
            Err(error) => {
                signature.variant(&error);
            }
        }
    }
    decoder.reset();
}

pub(super) fn webvtt(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    decode(&mut signature, Format::WebVtt, data);
    signature.finish()
}

pub(super) fn ttml(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    decode(&mut signature, Format::Ttml, data);
    signature.finish()
}

pub(super) fn iso_text(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    decode(&mut signature, Format::Wvtt, data);
    decode(&mut signature, Format::Stpp, data);
    signature.finish()
}

pub(super) fn cea(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    decode(&mut signature, Format::Cea608(1), data);
    decode(&mut signature, Format::Cea708(1), data);
    signature.finish()
}
