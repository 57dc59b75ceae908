//! A film and the server that has it.

#![allow(unreachable_pub)]

use footlight_core::{Fetch, Instant, Micros, RequestKind};

use super::{Answer, SECOND};

/// Bits per second of the video renditions.
pub const LADDER: [(u64, u32); 6] = [
    (120_000, 180),
    (250_000, 270),
    (450_000, 360),
    (900_000, 540),
    (1_600_000, 720),
    (2_800_000, 1080),
];

/// A film of `seconds` in segments of two seconds, `$Number$` addressed, on two locations.
pub fn manifest(seconds: i64) -> String {
    manifest_with(seconds, &period(None, seconds))
}

pub fn manifest_with(seconds: i64, periods: &str) -> String {
    format!(
        r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT2S" mediaPresentationDuration="PT{seconds}S" profiles="urn:mpeg:dash:profile:isoff-live:2011">
<BaseURL serviceLocation="a">https://a.example/film/</BaseURL><BaseURL serviceLocation="b">https://b.example/film/</BaseURL>{periods}</MPD>"#
    )
}

pub fn period(duration: Option<i64>, _seconds: i64) -> String {
    let reps: String = LADDER
        .iter()
        .map(|(b, h)| {
            format!(
                r#"<Representation id="v{h}" bandwidth="{b}" width="{}" height="{h}" codecs="avc1.64001f"/>"#,
                h * 16 / 9
            )
        })
        .collect();
    let duration = duration.map(|d| format!(r#" duration="PT{d}S""#)).unwrap_or_default();
    let template = |d: &str| {
        format!(
            r#"<SegmentTemplate timescale="1000" duration="2000" startNumber="0" initialization="{d}/$RepresentationID$/init.mp4" media="{d}/$RepresentationID$/$Number$.m4s"/>"#
        )
    };
    let audio: String = ["en", "fr"]
        .iter()
        .map(|l| {
            format!(
                r#"<AdaptationSet contentType="audio" mimeType="audio/mp4" lang="{l}">{}<Representation id="a-{l}" bandwidth="64000" codecs="mp4a.40.2" audioSamplingRate="48000"/></AdaptationSet>"#,
                template("a")
            )
        })
        .collect();
    format!(
        r#"<Period{duration}><AdaptationSet contentType="video" mimeType="video/mp4">{}{reps}</AdaptationSet>{audio}
<AdaptationSet contentType="text" mimeType="text/vtt" lang="en"><Representation id="t-en" bandwidth="100"><BaseURL>t/en.vtt</BaseURL></Representation></AdaptationSet></Period>"#,
        template("v")
    )
}

/// Cues as [`super::Harness`] reads them.
pub const VTT: &str = "1000 3000 first\n2500 4000 second\n10000 11000 third\n";

/// Answers for [`manifest`] and its segments.
pub fn answer(manifest: &str, fetch: &Fetch) -> Answer {
    if fetch.kind == RequestKind::Manifest {
        return Answer::Text(manifest.as_bytes().to_vec());
    }
    if fetch.url.ends_with(".vtt") {
        return Answer::Text(VTT.as_bytes().to_vec());
    }
    let none = Micros(0);
    if fetch.url.ends_with("init.mp4") {
        return Answer::Media {
            bytes: 800,
            start: none,
            end: none,
        };
    }
    let number: i64 = fetch
        .url
        .rsplit('/')
        .next()
        .and_then(|f| f.split('.').next())
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    let (start, end) = (Micros(number * 2 * SECOND), Micros((number + 1) * 2 * SECOND));
    Answer::Media {
        bytes: bitrate(&fetch.url) / 4,
        start,
        end,
    }
}

/// The bitrate of the rendition in a URL.
pub fn bitrate(url: &str) -> u64 {
    LADDER
        .iter()
        .find(|(_, h)| url.contains(&format!("/v{h}/")))
        .map_or(64_000, |(b, _)| *b)
}

/// A server of a film without faults.
pub fn server(seconds: i64) -> impl FnMut(&Fetch, Instant) -> Answer {
    let manifest = manifest(seconds);
    move |fetch, _| answer(&manifest, fetch)
}
