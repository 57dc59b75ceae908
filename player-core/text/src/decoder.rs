//! One decoder for all formats.

use footlight_dash::Micros;
use footlight_isobmff::Boxes;
use footlight_isobmff::samples::{self, Track};

use crate::cea::Captions;
use crate::cue::{Cue, Window};
use crate::{Error, iso, ttml, webvtt};

/// What a track's segments hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// WebVTT files.
    WebVtt,
    /// WebVTT in ISO BMFF.
    Wvtt,
    /// TTML documents.
    Ttml,
    /// TTML in ISO BMFF.
    Stpp,
    /// CEA-608 captions in video samples: channel 1 to 4.
    Cea608(u8),
    /// CEA-708 captions in video samples: service 1 to 63.
    Cea708(u8),
}

impl Format {
    /// Reads what the engine calls a format: `vtt`, `wvtt`, `ttml`, `stpp`, `cea608:1`, `cea708:1`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let number = |text: &str, most: u8| text.parse().ok().filter(|number| (1..=most).contains(number));
        match name.split_once(':').unwrap_or((name, "")) {
            ("vtt", "") => Some(Self::WebVtt),
            ("wvtt", "") => Some(Self::Wvtt),
            ("ttml", "") => Some(Self::Ttml),
            ("stpp", "") => Some(Self::Stpp),
            ("cea608", channel) => number(channel, 4).map(Self::Cea608),
            ("cea708", service) => number(service, 63).map(Self::Cea708),
            _ => None,
        }
    }
}

/// Decodes the segments of one track, in order; captions carry over from segment to segment.
#[derive(Debug)]
pub struct Decoder {
    format: Format,
    track: Option<Track>,
    header: webvtt::Header,
    captions: Option<Captions>,
}

impl Decoder {
    /// A decoder that has seen nothing.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            track: None,
            header: webvtt::Header::default(),
            captions: match format {
                Format::Cea608(channel) => Some(Captions::cea608(channel)),
                Format::Cea708(service) => Some(Captions::cea708(service)),
                _ => None,
            },
        }
    }

    /// Takes the initialization segment of what comes next.
    ///
    /// # Errors
    /// When it is damaged, or has no track of this format.
    pub fn init(&mut self, data: &[u8]) -> Result<(), Error> {
        let wanted = |track: &Track| match self.format {
            Format::WebVtt | Format::Ttml => true,
            Format::Wvtt => track.codec.0 == *b"wvtt",
            Format::Stpp => track.codec.0 == *b"stpp",
            Format::Cea608(_) | Format::Cea708(_) => track.handler == *b"vide",
        };
        let track = samples::tracks(data)?.into_iter().find(wanted).ok_or(Error::Codec)?;
        if self.format == Format::Wvtt {
            self.header = iso::webvtt_header(&track);
        }
        self.track = Some(track);
        Ok(())
    }

    /// The cues of a segment on the presentation timeline: `offset` is added to the media's times, what lies outside of
    /// `window` is cut off.
    ///
    /// # Errors
    /// See [`Error`]; the segments after it can still be decoded.
    pub fn decode(&mut self, data: &[u8], offset: Micros, window: Window) -> Result<Vec<Cue>, Error> {
        let mut cues = match self.format {
            Format::WebVtt => webvtt::parse(data, Micros(0))?,
            Format::Ttml => ttml::parse(data, &[])?,
            _ => self.decode_samples(data)?,
        };
        for cue in &mut cues {
            cue.start = cue.start.saturating_add(offset);
            if cue.end != Micros::MAX {
                cue.end = cue.end.saturating_add(offset);
            }
        }
        window.clip(&mut cues);
        Ok(cues)
    }

    fn decode_samples(&mut self, data: &[u8]) -> Result<Vec<Cue>, Error> {
        // A segment may initialize itself.
        if Boxes::new(data).flatten().any(|found| found.kind.0 == *b"moov") {
            self.init(data)?;
        }
        let track = self.track.as_ref().ok_or(Error::NoInit)?;
        let samples = samples::read(data, track)?;
        match &mut self.captions {
            Some(captions) => captions.decode(&samples, track),
            None if self.format == Format::Wvtt => iso::webvtt(&samples, track, &self.header),
            None => iso::ttml(&samples, track),
        }
    }

    /// The next segment is not the one after the last: captions under way are forgotten.
    pub fn reset(&mut self) {
        if let Some(captions) = &mut self.captions {
            captions.reset();
        }
    }
}
