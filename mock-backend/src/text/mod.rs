//! Subtitles in every form, made of the titles' WebVTT: files beside the media, segments of their own, data in the picture.

mod bitmap;
mod captions;
mod cea608;
mod cea708;
mod document;
mod mp4;

pub(crate) use captions::{CAPTIONS_BITRATE, Captions};
pub(crate) use document::document;

use crate::{
    http::Spliced,
    media::{Loop, TextTrack},
};
use footlight_isobmff::Error;
use std::sync::Arc;

/// Segments of text are this long, in milliseconds, which are their ticks.
const SEGMENT_MS: u64 = 2000;

/// A form of text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// A WebVTT file.
    Vtt,
    /// A TTML file.
    Ttml,
    /// WebVTT in ISO BMFF.
    Wvtt,
    /// IMSC text in ISO BMFF; what is not said is forced.
    Stpp,
    /// IMSC pictures in ISO BMFF: the second of the loop in which each began.
    Image,
    /// IMSC text in ISO BMFF: a track of nothing but what is not said.
    Forced,
    /// CEA-608 in the picture.
    Cea608,
    /// CEA-708 in the picture.
    Cea708,
}

impl Form {
    const ALL: [Self; 8] = [
        Self::Vtt,
        Self::Ttml,
        Self::Wvtt,
        Self::Stpp,
        Self::Image,
        Self::Forced,
        Self::Cea608,
        Self::Cea708,
    ];
    const SEGMENTED: [Self; 4] = [Self::Wvtt, Self::Stpp, Self::Image, Self::Forced];

    /// Its name in URLs.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Vtt => "vtt",
            Self::Ttml => "ttml",
            Self::Wvtt => "wvtt",
            Self::Stpp => "stpp",
            Self::Image => "image",
            Self::Forced => "forced",
            Self::Cea608 => "cea608",
            Self::Cea708 => "cea708",
        }
    }

    /// `@codecs` of its segments.
    pub(crate) const fn codecs(self) -> &'static str {
        match self {
            Self::Wvtt => "wvtt",
            Self::Image => "stpp.ttml.im1i",
            _ => "stpp.ttml.im1t",
        }
    }

    /// The role of its sets.
    pub(crate) const fn role(self) -> &'static str {
        match self {
            Self::Forced => "forced-subtitle",
            _ => "subtitle",
        }
    }

    /// Is it a file of its own?
    pub(crate) const fn is_file(self) -> bool {
        matches!(self, Self::Vtt | Self::Ttml)
    }

    /// Is it data in the picture?
    pub(crate) const fn is_in_picture(self) -> bool {
        matches!(self, Self::Cea608 | Self::Cea708)
    }

    /// Reads a list of names with commas; `none` is no form.
    pub(crate) fn list(text: &str) -> Option<Vec<Self>> {
        let names = text.split(',').filter(|name| *name != "none");
        names
            .map(|name| Self::ALL.into_iter().find(|form| form.id() == name))
            .collect()
    }
}

/// Something that is shown for a while. Times are milliseconds of the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// WebVTT cue settings.
    pub(crate) settings: String,
    /// Cue text of WebVTT.
    pub(crate) text: String,
}

impl Moment {
    /// The text without its tags, by lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.text.lines().map(plain).collect()
    }

    /// The text in lines of at most so many characters, words whole.
    fn wrapped(&self, columns: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in self.lines().join(" ").split_whitespace() {
            let word: String = word.chars().take(columns).collect();
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                    line.push(' ');
                    line.push_str(&word);
                }
                _ => lines.push(word),
            }
        }
        lines
    }

    /// Nobody says it: it tells what is written or happens in the picture.
    pub(crate) fn is_forced(&self) -> bool {
        !self.text.contains("<v")
    }
}

fn plain(line: &str) -> String {
    let mut out = String::new();
    for (at, part) in line.split('<').enumerate() {
        let said = if at == 0 {
            part
        } else {
            part.split_once('>').map_or("", |(_, said)| said)
        };
        out.push_str(said);
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// A track of text in segments.
pub(crate) struct TimedText {
    pub(crate) id: String,
    pub(crate) form: Form,
    pub(crate) lang: String,
    pub(crate) label: String,
    /// Where its segments are, and the initialization segment.
    pub(crate) media: Arc<Loop>,
    track: Arc<TextTrack>,
    loop_ms: u64,
}

impl TimedText {
    /// All segmented tracks of a text.
    pub(crate) fn all(track: &Arc<TextTrack>, loop_ms: u64) -> impl Iterator<Item = Self> {
        let forms = Form::SEGMENTED.into_iter();
        forms.filter_map(move |form| Self::new(form, track, loop_ms))
    }

    fn new(form: Form, track: &Arc<TextTrack>, loop_ms: u64) -> Option<Self> {
        let mut file = mp4::init(form);
        for number in 0..loop_ms.div_ceil(SEGMENT_MS) {
            let start = number * SEGMENT_MS;
            let span = start..(start + SEGMENT_MS).min(loop_ms);
            file.extend(write(form, track, loop_ms, number, span));
        }
        Some(Self {
            id: format!("{}-{}", track.id, form.id()),
            form,
            lang: track.file.lang.clone(),
            label: format!("{} ({})", track.file.label, form.id()),
            media: Arc::new(Loop::new(file.into()).ok()?),
            track: Arc::clone(track),
            loop_ms,
        })
    }

    /// Segment `number`, counted from 0. TTML tells the time by itself, so it is written anew.
    pub(crate) fn fragment(&self, number: u64) -> Result<Option<Spliced>, Error> {
        if self.form == Form::Wvtt {
            return self.media.fragment(number);
        }
        Ok(self.media.span(number).map(|span| {
            let times = span.start..span.start + span.duration;
            Spliced(vec![write(self.form, &self.track, self.loop_ms, number, times).into()])
        }))
    }
}

/// A segment: the text of some time of the source.
fn write(form: Form, track: &TextTrack, loop_ms: u64, number: u64, times: std::ops::Range<u64>) -> Vec<u8> {
    let mut moments = track.cues.between(loop_ms, times.start, times.end);
    if form == Form::Forced {
        moments.retain(Moment::is_forced);
    }
    let samples = match form {
        Form::Wvtt => mp4::webvtt(&moments, &times),
        _ => {
            let second = |moment: &Moment| moment.start % loop_ms / 1000;
            let pictures = (form == Form::Image).then(|| moments.iter().map(|m| bitmap::number(second(m))).collect());
            vec![mp4::ttml(
                &moments,
                &track.file.lang,
                pictures.unwrap_or_default(),
                &times,
            )]
        }
    };
    mp4::fragment(number, times.start, &samples)
}

#[cfg(test)]
mod tests;
