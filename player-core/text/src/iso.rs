//! Timed text in ISO BMFF (ISO/IEC 14496-30): `wvtt` and `stpp`.

use footlight_dash::Micros;
use footlight_isobmff::samples::{Sample, Track};
use footlight_isobmff::{Boxes, Mp4Box};

use crate::cue::{Cue, Window};
use crate::webvtt::Header;
use crate::{Error, MAX_CUES, join, ttml};

/// The WebVTT header of a `wvtt` sample entry: its `vttC`.
pub(crate) fn webvtt_header(track: &Track) -> Header {
    let boxes = Boxes::new(track.entry.get(8..).unwrap_or_default());
    let config = boxes.flatten().find(|found| found.kind.0 == *b"vttC");
    config
        .and_then(|found| Header::parse(found.payload).ok())
        .unwrap_or_default()
}

/// When a sample is shown, in media time.
pub(crate) fn interval(sample: &Sample<'_>, track: &Track) -> Window {
    let start = sample.presentation_time();
    let end = start.saturating_add(sample.duration.into());
    let at = |ticks| Micros::from_scaled(ticks, track.timescale.into());
    Window {
        start: at(start),
        end: at(end),
    }
}

/// The cues of `wvtt` samples; those that go on from sample to sample are joined.
pub(crate) fn webvtt(samples: &[Sample<'_>], track: &Track, header: &Header) -> Result<Vec<Cue>, Error> {
    let mut cues = Vec::new();
    for sample in samples {
        let Window { start, end } = interval(sample, track);
        for found in Boxes::new(sample.data) {
            let found = found?;
            if found.kind.0 != *b"vttc" || end <= start {
                continue;
            }
            if cues.len() >= MAX_CUES {
                return Err(Error::TooLarge);
            }
            let text = |kind| {
                let inner = found.child(kind).ok();
                String::from_utf8_lossy(inner.as_ref().map_or(&[][..], |inner: &Mp4Box<'_>| inner.payload))
            };
            let payload = text(b"payl").replace("\r\n", "\n").replace('\r', "\n");
            let cue = header.cue(&text(b"iden"), &text(b"sttg"), &payload, start, end);
            join(&mut cues, 0, cue);
        }
    }
    Ok(cues)
}

/// The cues of `stpp` samples: each is a document whose times are those of the track, shown while the sample is.
pub(crate) fn ttml(samples: &[Sample<'_>], track: &Track) -> Result<Vec<Cue>, Error> {
    let mut cues = Vec::new();
    for sample in samples {
        let interval = interval(sample, track);
        let mut pieces = Vec::new();
        let mut rest = sample.data;
        for &size in &sample.subsamples {
            let Some((piece, after)) = rest.split_at_checked(size as usize) else {
                break;
            };
            pieces.push(piece);
            rest = after;
        }
        // The document comes first, its pictures after it.
        let (document, images) = pieces
            .split_first()
            .map_or((sample.data, &[][..]), |(first, rest)| (*first, rest));
        let mut found = ttml::parse(document, images)?;
        if is_relative(&found, interval) {
            for cue in &mut found {
                cue.start = cue.start.saturating_add(interval.start);
                cue.end = cue.end.saturating_add(interval.start);
            }
        }
        interval.clip(&mut found);
        for cue in found {
            if cues.len() >= MAX_CUES {
                return Err(Error::TooLarge);
            }
            join(&mut cues, 0, cue);
        }
    }
    Ok(cues)
}

/// Some packagers count a document's times from its sample's start: then all of them are over before it, and none
/// is longer than it.
fn is_relative(cues: &[Cue], interval: Window) -> bool {
    let length = interval.end.saturating_sub(interval.start);
    let last = cues.iter().map(|cue| cue.end).max();
    last.is_some_and(|last| last <= interval.start && last <= length)
}
