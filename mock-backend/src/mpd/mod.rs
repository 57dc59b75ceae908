//! MPEG-DASH manifests of the sample media.

mod segments;
mod sets;
mod variant;
mod xml;

pub(crate) use sets::{Addresses, descriptor, write_audio, write_captions, write_timed_text, write_video};
pub(crate) use variant::{Addressing, FAULT_AT, Variant};
pub(crate) use xml::Xml;

use crate::{
    media::{Loop, Sheet, TextTrack, Title, VideoRendition},
    text::Form,
};
use segments::Addressed;
pub(crate) use segments::{INIT, Run, Seconds, indexed_file, runs, same_timing, write_timeline};
use std::{fmt, sync::Arc};

/// Where the Periods of [`Variant::Periods`] start in the endless source. Whole loops, so that every track, thumbnails
/// included, starts afresh there.
const PERIOD_OFFSETS_MS: [u64; 3] = [0, 7_200_000, 32_000];
/// Cuts between those Periods are at multiples of this, where segments of the picture start.
const PERIOD_GRID_MS: u64 = 2000;

const CHAINING: &str = "urn:mpeg:dash:chaining:2016";
const FALLBACK: &str = "urn:mpeg:dash:fallback:2016";

/// What a manifest is to be of.
pub(crate) struct Request<'a> {
    pub(crate) title: &'a Title,
    pub(crate) variant: Variant,
    pub(crate) duration_ms: u64,
    /// Service location and URL; empty: everything is relative to the manifest.
    pub(crate) base_urls: Vec<(String, String)>,
    /// Which text there is.
    pub(crate) text: Vec<Form>,
    /// The smallest picture is one for trick modes.
    pub(crate) trick: bool,
    /// What to play at the end, and instead of an error: URL references.
    pub(crate) chain: Option<&'a str>,
    pub(crate) fallback: Option<&'a str>,
}

/// Milliseconds as an xs:duration.
pub(crate) struct Duration(pub(crate) u64);

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
            .attribute("minBufferTime", Duration(longest_fragment_ms(request.title)));
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
        for (scheme, urls) in [(CHAINING, request.chain), (FALLBACK, request.fallback)] {
            if let Some(urls) = urls {
                descriptor(xml, "SupplementalProperty", scheme, urls);
            }
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
pub(crate) fn longest_fragment_ms(title: &Title) -> u64 {
    let video = title.video.iter().map(|video| &video.media);
    let audio = title.audio.iter().map(|audio| &audio.media);
    let longest = |media: &Arc<Loop>| {
        let spans = (0..media.per_loop()).filter_map(|number| media.span(number));
        let ticks = spans.map(|span| span.duration).max().unwrap_or_default();
        (ticks * 1000).div_ceil(u64::from(media.timescale()))
    };
    video.chain(audio).map(longest).max().unwrap_or(2000)
}

const fn height(video: &VideoRendition) -> u32 {
    video.file.height
}

fn write_period(xml: &mut Xml, request: &Request<'_>, number: usize, period: Period) {
    let vp9 = request.variant == Variant::Vp9;
    let video = request.title.video.iter();
    let mut video: Vec<_> = video.filter(|video| video.is_vp9() == vp9).collect();
    let smallest = video.iter().map(|video| height(video)).min();
    let is_scanned = |video: &mut &_| request.trick && Some(height(video)) == smallest;
    let scanned: Vec<_> = video.extract_if(.., is_scanned).collect();
    let audio = request.title.audio.iter();
    let audio = audio.filter(|audio| audio.is_opus() == vp9);
    xml.element("Period", |xml| {
        xml.attribute("id", number)
            .attribute("start", Duration(period.start_ms))
            .attribute("duration", Duration(period.duration_ms));
        let mut id = 1..;
        let mut next_id = || id.next().unwrap_or(0);
        let loops: Vec<_> = video.iter().map(|video| &video.media).collect();
        let captions = request.title.captions.as_ref().filter(|_| !vp9);
        let addressed = Addressed::new(request.variant, period, &loops).with_captions(&request.text, captions);
        let main = next_id();
        write_video(xml, &addressed, main, &video);
        if !scanned.is_empty() {
            let loops: Vec<_> = scanned.iter().map(|video| &video.media).collect();
            let addressed = Addressed::new(request.variant, period, &loops).for_trick_modes_of(main);
            write_video(xml, &addressed, next_id(), &scanned);
        }
        for audio in audio {
            let addressed = Addressed::new(request.variant, period, &[&audio.media]);
            write_audio(xml, &addressed, next_id(), audio);
        }
        let files = request.text.iter().filter(|form| form.is_file());
        for (form, text) in files.flat_map(|form| request.title.text.iter().map(move |text| (*form, text))) {
            write_text(xml, request, period, next_id(), form, text);
        }
        // Files with an index are made of the loops as they are.
        let is_indexed = request.variant.addressing() == Addressing::Base;
        let timed = request
            .title
            .timed
            .iter()
            .filter(|text| request.text.contains(&text.form));
        for text in timed.filter(|text| !is_indexed || text.form == Form::Wvtt) {
            let addressed = Addressed::new(request.variant, period, &[&text.media]);
            write_timed_text(xml, &addressed, next_id(), text);
        }
        if let Some(sheet) = &request.title.thumbnails {
            write_thumbnails(xml, next_id(), sheet);
        }
    });
}

/// A sidecar file for the whole Period: no segments.
fn write_text(xml: &mut Xml, request: &Request<'_>, period: Period, id: u32, form: Form, text: &TextTrack) {
    let mut name = format!("{}.{}?duration={}", text.id, form.id(), Seconds(period.duration_ms));
    if period.offset_ms != 0 {
        name.push_str(&format!("&offset={}", Seconds(period.offset_ms)));
    }
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "text")
            .attribute(
                "mimeType",
                if form == Form::Vtt {
                    "text/vtt"
                } else {
                    "application/ttml+xml"
                },
            )
            .attribute("lang", &text.file.lang);
        match form {
            Form::Vtt => xml.text_element("Label", &text.file.label),
            _ => xml.text_element("Label", format_args!("{} ({})", text.file.label, form.id())),
        }
        descriptor(xml, "Role", "urn:mpeg:dash:role:2011", "subtitle");
        xml.element("Representation", |xml| {
            let bitrate = text.cues.bitrate(request.title.info.loop_ms);
            match form {
                Form::Vtt => xml.attribute("id", &text.id),
                _ => xml.attribute("id", format_args!("{}-{}", text.id, form.id())),
            };
            xml.attribute("bandwidth", bitrate.max(1));
            xml.text_element("BaseURL", name);
        });
    });
}

/// The same sheet again and again, as the pictures are.
fn write_thumbnails(xml: &mut Xml, id: u32, sheet: &Sheet) {
    let duration = sheet.duration();
    write_tiles(xml, id, sheet, |xml| {
        xml.element("SegmentTemplate", |xml| {
            xml.attribute("media", "$RepresentationID$/$Number$.jpg")
                .attribute("timescale", 1000)
                .attribute("duration", duration)
                .attribute("startNumber", 1);
        });
    });
}

/// A set of sheets of thumbnails, with its segments.
pub(crate) fn write_tiles(xml: &mut Xml, id: u32, sheet: &Sheet, segments: impl FnOnce(&mut Xml)) {
    let file = &sheet.file;
    let bits = sheet.picture.data.len() as u64 * 8;
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "image")
            .attribute("mimeType", "image/jpeg");
        segments(xml);
        xml.element("Representation", |xml| {
            xml.attribute("id", "thumbs")
                .attribute("bandwidth", (bits * 1000).div_ceil(sheet.duration()).max(1))
                .attribute("width", file.columns * file.tile_width)
                .attribute("height", file.rows * file.tile_height);
            let tiles = format!("{}x{}", file.columns, file.rows);
            let scheme = "http://dashif.org/guidelines/thumbnail_tile";
            descriptor(xml, "EssentialProperty", scheme, tiles);
        });
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
