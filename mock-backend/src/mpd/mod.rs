//! MPEG-DASH manifests of the sample media.

mod segments;
mod variant;
mod xml;

pub(crate) use variant::{Addressing, FAULT_AT, Variant};

use crate::media::{AudioRendition, Loop, Sheet, TextTrack, Title, VideoRendition};
use segments::Addressed;
pub(crate) use segments::indexed_file;
use std::{fmt, sync::Arc};
use xml::Xml;

/// Where the Periods of [`Variant::Periods`] start in the endless source. Whole loops, so that every track, thumbnails
/// included, starts afresh there.
const PERIOD_OFFSETS_MS: [u64; 3] = [0, 7_200_000, 32_000];
/// Cuts between those Periods are at multiples of this, where segments of the picture start.
const PERIOD_GRID_MS: u64 = 2000;

/// What a manifest is to be of.
pub(crate) struct Request<'a> {
    pub(crate) title: &'a Title,
    pub(crate) variant: Variant,
    pub(crate) duration_ms: u64,
    /// Service location and URL; empty: everything is relative to the manifest.
    pub(crate) base_urls: Vec<(String, String)>,
}

/// Milliseconds as an xs:duration.
struct Duration(u64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 1000 {
            0 => write!(f, "PT{}S", self.0 / 1000),
            ms => write!(f, "PT{}.{ms:03}S", self.0 / 1000),
        }
    }
}

/// A Period: where on the presentation timeline, and what of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Period {
    start_ms: u64,
    duration_ms: u64,
    offset_ms: u64,
}

/// The manifest.
pub(crate) fn write(request: &Request<'_>) -> String {
    let periods = periods(request.variant, request.duration_ms);
    let profile = match request.variant.addressing() {
        Addressing::Base => "urn:mpeg:dash:profile:isoff-on-demand:2011",
        Addressing::List => "urn:mpeg:dash:profile:isoff-main:2011",
        _ => "urn:mpeg:dash:profile:isoff-live:2011",
    };
    let mut xml = Xml::new();
    xml.element("MPD", |xml| {
        xml.attribute("xmlns", "urn:mpeg:dash:schema:mpd:2011")
            .attribute("profiles", profile)
            .attribute("type", "static")
            .attribute("mediaPresentationDuration", Duration(request.duration_ms))
            .attribute("minBufferTime", Duration(longest_fragment_ms(request)));
        xml.element("ProgramInformation", |xml| {
            xml.text_element("Title", &request.title.info.title);
        });
        for (location, url) in &request.base_urls {
            xml.element("BaseURL", |xml| {
                xml.attribute("serviceLocation", location);
                xml.text(url);
            });
        }
        for (number, period) in (1..).zip(&periods) {
            write_period(xml, request, number, *period);
        }
    });
    let text = xml.finish();
    if request.variant == Variant::Broken {
        // A tag that does not match: no XML parser takes it, wherever it starts.
        return text.replace("</Period>", "</Perod>");
    }
    text
}

/// One Period, or three of which the last has the rest.
fn periods(variant: Variant, duration_ms: u64) -> Vec<Period> {
    if variant != Variant::Periods {
        return vec![Period {
            start_ms: 0,
            duration_ms,
            offset_ms: 0,
        }];
    }
    let third = (duration_ms / 3 / PERIOD_GRID_MS * PERIOD_GRID_MS).max(PERIOD_GRID_MS);
    let starts = [0, third, 2 * third, u64::MAX];
    let offsets = PERIOD_OFFSETS_MS.into_iter();
    starts
        .windows(2)
        .zip(offsets)
        .filter(|(window, _)| window[0] < duration_ms)
        .enumerate()
        .map(|(number, (window, offset_ms))| Period {
            start_ms: window[0],
            duration_ms: if number == 2 {
                duration_ms - window[0]
            } else {
                window[1].min(duration_ms) - window[0]
            },
            offset_ms,
        })
        .collect()
}

/// `@bandwidth` is the peak of any one fragment, so a buffer of one is what it promises to suffice.
fn longest_fragment_ms(request: &Request<'_>) -> u64 {
    let video = request.title.video.iter().map(|video| &video.media);
    let audio = request.title.audio.iter().map(|audio| &audio.media);
    let longest = |media: &Arc<Loop>| {
        let spans = (0..media.per_loop()).filter_map(|number| media.span(number));
        let ticks = spans.map(|span| span.duration).max().unwrap_or_default();
        (ticks * 1000).div_ceil(u64::from(media.timescale()))
    };
    video.chain(audio).map(longest).max().unwrap_or(2000)
}

fn write_period(xml: &mut Xml, request: &Request<'_>, number: usize, period: Period) {
    let vp9 = request.variant == Variant::Vp9;
    let video = request.title.video.iter();
    let video: Vec<_> = video.filter(|video| video.is_vp9() == vp9).collect();
    let audio = request.title.audio.iter();
    let audio = audio.filter(|audio| audio.is_opus() == vp9);
    xml.element("Period", |xml| {
        xml.attribute("id", number)
            .attribute("start", Duration(period.start_ms))
            .attribute("duration", Duration(period.duration_ms));
        let mut id = 1..;
        let mut next_id = || id.next().unwrap_or(0);
        write_video(xml, request, period, next_id(), &video);
        for audio in audio {
            write_audio(xml, request, period, next_id(), audio);
        }
        for text in &request.title.text {
            write_text(xml, request, period, next_id(), text);
        }
        if let Some(sheet) = &request.title.thumbnails {
            write_thumbnails(xml, next_id(), sheet);
        }
    });
}

fn write_video(xml: &mut Xml, request: &Request<'_>, period: Period, id: u32, video: &[&VideoRendition]) {
    let loops: Vec<_> = video.iter().map(|video| &video.media).collect();
    let addressed = Addressed::new(request.variant, period, &loops);
    let most = |of: fn(&VideoRendition) -> u32| video.iter().map(|video| of(video)).max();
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "video")
            .attribute("mimeType", "video/mp4")
            .attribute(addressed.alignment(), true)
            .attribute("startWithSAP", 1)
            .attribute("par", "16:9")
            .optional("maxWidth", most(|video| video.file.width))
            .optional("maxHeight", most(|video| video.file.height))
            .optional("maxFrameRate", most(|video| video.file.frame_rate));
        descriptor(xml, "Role", "urn:mpeg:dash:role:2011", "main");
        addressed.write_shared(xml);
        for video in video {
            xml.element("Representation", |xml| {
                xml.attribute("id", &video.id)
                    .attribute("bandwidth", video.media.peak_bitrate())
                    .attribute("codecs", &video.file.codec)
                    .attribute("width", video.file.width)
                    .attribute("height", video.file.height)
                    .attribute("frameRate", video.file.frame_rate)
                    .attribute("sar", "1:1");
                addressed.write_own(xml, &video.id, &video.media);
            });
        }
    });
}

fn write_audio(xml: &mut Xml, request: &Request<'_>, period: Period, id: u32, audio: &AudioRendition) {
    let addressed = Addressed::new(request.variant, period, &[&audio.media]);
    let file = &audio.file;
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "audio")
            .attribute("mimeType", "audio/mp4")
            .attribute("lang", &file.lang)
            .attribute(addressed.alignment(), true)
            .attribute("startWithSAP", 1);
        let scheme = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011";
        descriptor(xml, "AudioChannelConfiguration", scheme, file.channels);
        xml.text_element("Label", &file.label);
        descriptor(xml, "Role", "urn:mpeg:dash:role:2011", &file.role);
        addressed.write_shared(xml);
        xml.element("Representation", |xml| {
            xml.attribute("id", &audio.id)
                .attribute("bandwidth", audio.media.peak_bitrate())
                .attribute("codecs", &file.codec)
                .attribute("audioSamplingRate", file.sample_rate);
            addressed.write_own(xml, &audio.id, &audio.media);
        });
    });
}

/// A sidecar file for the whole Period: no segments.
fn write_text(xml: &mut Xml, request: &Request<'_>, period: Period, id: u32, text: &TextTrack) {
    let mut name = format!("{}.vtt?duration={}", text.id, segments::Seconds(period.duration_ms));
    if period.offset_ms != 0 {
        name.push_str(&format!("&offset={}", segments::Seconds(period.offset_ms)));
    }
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "text")
            .attribute("mimeType", "text/vtt")
            .attribute("lang", &text.file.lang);
        xml.text_element("Label", &text.file.label);
        descriptor(xml, "Role", "urn:mpeg:dash:role:2011", "subtitle");
        xml.element("Representation", |xml| {
            let bitrate = text.cues.bitrate(request.title.info.loop_ms);
            xml.attribute("id", &text.id).attribute("bandwidth", bitrate.max(1));
            xml.text_element("BaseURL", name);
        });
    });
}

/// The same sheet again and again, as the pictures are.
fn write_thumbnails(xml: &mut Xml, id: u32, sheet: &Sheet) {
    let file = &sheet.file;
    let duration = u64::from(file.columns) * u64::from(file.rows) * file.interval_ms;
    let bits = sheet.picture.data.len() as u64 * 8;
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "image")
            .attribute("mimeType", "image/jpeg");
        xml.element("SegmentTemplate", |xml| {
            xml.attribute("media", "$RepresentationID$/$Number$.jpg")
                .attribute("timescale", 1000)
                .attribute("duration", duration)
                .attribute("startNumber", 1);
        });
        xml.element("Representation", |xml| {
            xml.attribute("id", "thumbs")
                .attribute("bandwidth", (bits * 1000).div_ceil(duration).max(1))
                .attribute("width", file.columns * file.tile_width)
                .attribute("height", file.rows * file.tile_height);
            let tiles = format!("{}x{}", file.columns, file.rows);
            let scheme = "http://dashif.org/guidelines/thumbnail_tile";
            descriptor(xml, "EssentialProperty", scheme, tiles);
        });
    });
}

fn descriptor(xml: &mut Xml, name: &'static str, scheme: &str, value: impl fmt::Display) {
    xml.element(name, |xml| {
        xml.attribute("schemeIdUri", scheme).attribute("value", value);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        assert_eq!(Duration(40_000).to_string(), "PT40S");
        assert_eq!(Duration(1050).to_string(), "PT1.050S");
    }

    #[test]
    fn periods_tile_the_presentation() {
        for duration_ms in [1000, 2000, 3000, 5000, 12_000, 13_500, 40_000, 86_400_000] {
            let periods = periods(Variant::Periods, duration_ms);
            let mut at = 0;
            for period in &periods {
                assert_eq!(period.start_ms, at);
                assert!(period.duration_ms > 0);
                at += period.duration_ms;
            }
            assert_eq!(at, duration_ms);
            assert_eq!(
                periods.len(),
                usize::try_from(duration_ms.div_ceil(2000).min(3)).unwrap()
            );
        }
    }
}
