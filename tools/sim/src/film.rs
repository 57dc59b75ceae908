//! A movie as a server offers it: a manifest, and an answer to every request that it leads to.

use std::fmt::Write as _;

use footlight_core::{Fetch, Kind, Micros, RequestKind};

use crate::movie::Movie;

/// Bytes in front of each rendition's media.
const HEADER: u64 = 1000;

/// How the manifest tells where segments are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Addressing {
    /// Listed in the manifest with their byte ranges, without initialization segments: all sizes are known from the start,
    /// and nothing is asked for but the manifest and media.
    #[default]
    List,
    /// By an index (`sidx`) in front of each rendition, which costs a request.
    Index,
}

/// Sound in constant bitrate, in segments as long as the picture's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sound {
    /// Kilobits per second, ascending.
    pub bitrates_kbps: Vec<u32>,
    /// Languages, a track each.
    pub languages: Vec<String>,
}

/// What is offered.
#[derive(Clone, Debug)]
pub struct Film {
    movie: Movie,
    host: String,
    manifest: String,
    renditions: Vec<Rendition>,
}

/// A file of a rendition: header, index, media.
#[derive(Clone, Debug)]
struct Rendition {
    name: String,
    kind: Kind,
    /// In its ladder.
    at: usize,
    bits: Vec<f64>,
    /// First byte of each segment; last, the file's length.
    offsets: Vec<u64>,
    index: Vec<u8>,
}

/// What a request is for, and what answers it.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// Bytes that the engine looks into.
    Text(Vec<u8>),
    /// An initialization segment of so many bytes.
    Init(u64),
    /// A media segment.
    Media(Media),
    /// There is no such thing.
    Missing,
}

/// A media segment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Media {
    /// Picture or sound.
    pub kind: Kind,
    /// Place in the ladder, lowest first.
    pub rendition: usize,
    /// Place in the movie, from 0.
    pub segment: usize,
    /// Size.
    pub bits: f64,
    /// When it plays.
    pub start: Micros,
    /// Until when.
    pub end: Micros,
}

impl Answer {
    /// Size of the body.
    #[must_use]
    pub fn bits(&self) -> f64 {
        match self {
            Self::Text(text) => text.len() as f64 * 8.0,
            Self::Init(bytes) => *bytes as f64 * 8.0,
            Self::Media(media) => media.bits,
            Self::Missing => 0.0,
        }
    }
}

impl Film {
    /// Offers a movie from these hosts, best first.
    #[must_use]
    pub fn new(movie: Movie, sound: Option<&Sound>, addressing: Addressing, hosts: &[&str]) -> Self {
        let mut renditions = Vec::new();
        for at in 0..movie.renditions() {
            let bits = (0..movie.segments()).map(|segment| movie.size(segment, at)).collect();
            renditions.push(Rendition::new(format!("v{at}.mp4"), Kind::Video, at, bits, &movie));
        }
        let mut film = Self {
            manifest: String::new(),
            host: hosts.first().copied().unwrap_or_default().to_owned(),
            renditions,
            movie,
        };
        let mut sets = film.set("video", "", &film.renditions, addressing, |at| {
            (film.movie.bitrates_kbps[at] * 1000.0) as u64
        });
        if let Some(sound) = sound {
            for language in &sound.languages {
                let mut files = Vec::new();
                for (at, kbps) in sound.bitrates_kbps.iter().enumerate() {
                    let bits = vec![f64::from(*kbps) * film.movie.segment_duration_ms; film.movie.segments()];
                    let name = format!("a-{language}-{at}.mp4");
                    files.push(Rendition::new(name, Kind::Audio, at, bits, &film.movie));
                }
                let bandwidth = |at: usize| u64::from(sound.bitrates_kbps[at]) * 1000;
                sets.push_str(&film.set("audio", language, &files, addressing, bandwidth));
                film.renditions.extend(files);
            }
        }
        film.manifest = film.wrap(&sets, hosts);
        film
    }

    fn wrap(&self, sets: &str, hosts: &[&str]) -> String {
        let mut manifest = format!(
            r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT0S" mediaPresentationDuration="PT{}S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">"#,
            self.movie.seconds()
        );
        for host in hosts {
            let _ = write!(
                manifest,
                r#"<BaseURL serviceLocation="{host}">https://{host}/</BaseURL>"#
            );
        }
        manifest + "<Period>" + sets + "</Period></MPD>"
    }

    fn set(
        &self,
        kind: &str,
        language: &str,
        files: &[Rendition],
        addressing: Addressing,
        bandwidth: impl Fn(usize) -> u64,
    ) -> String {
        let language = if language.is_empty() {
            String::new()
        } else {
            format!(r#" lang="{language}""#)
        };
        let codecs = if kind == "video" { "avc1.64001f" } else { "mp4a.40.2" };
        let mut set = format!(
            r#"<AdaptationSet contentType="{kind}" mimeType="{kind}/mp4" codecs="{codecs}" segmentAlignment="true"{language}>"#
        );
        for file in files {
            let size = if kind == "video" {
                // Heights that tell renditions apart.
                let height = 180 + 90 * file.at;
                format!(r#" width="{}" height="{height}""#, height * 16 / 9)
            } else {
                String::new()
            };
            let _ = write!(
                set,
                r#"<Representation id="{}" bandwidth="{}"{size}><BaseURL>{}</BaseURL>"#,
                file.name,
                bandwidth(file.at),
                file.name
            );
            file.address(&mut set, addressing, self.movie.segment_duration_ms);
            set.push_str("</Representation>");
        }
        set + "</AdaptationSet>"
    }

    /// The first host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The movie that is offered.
    #[must_use]
    pub const fn movie(&self) -> &Movie {
        &self.movie
    }

    /// Answers a request of the engine.
    #[must_use]
    pub fn answer(&self, fetch: &Fetch) -> Answer {
        if fetch.kind == RequestKind::Manifest {
            return Answer::Text(self.manifest.clone().into_bytes());
        }
        let name = fetch.url.rsplit('/').next().unwrap_or_default();
        let Some(file) = self.renditions.iter().find(|file| file.name == name) else {
            return Answer::Missing;
        };
        let start = fetch.range.map_or(0, |(start, _)| start);
        match fetch.kind {
            RequestKind::Init => Answer::Init(HEADER),
            RequestKind::Index => Answer::Text(file.index.clone()),
            RequestKind::Video | RequestKind::Audio => match file.offsets.binary_search(&start) {
                Ok(segment) if segment < file.bits.len() => Answer::Media(self.media(file, segment)),
                _ => Answer::Missing,
            },
            _ => Answer::Missing,
        }
    }

    fn media(&self, file: &Rendition, segment: usize) -> Media {
        let micros = |segment: usize| Micros((self.movie.segment_duration_ms * 1000.0 * segment as f64) as i64);
        Media {
            kind: file.kind,
            rendition: file.at,
            segment,
            bits: file.bits[segment],
            start: micros(segment),
            end: micros(segment + 1),
        }
    }
}

impl Rendition {
    fn new(name: String, kind: Kind, at: usize, bits: Vec<f64>, movie: &Movie) -> Self {
        let bytes: Vec<u64> = bits.iter().map(|bits| (bits / 8.0).ceil() as u64).collect();
        let index = sidx(&bytes, movie.segment_duration_ms as u32);
        let mut offsets = vec![HEADER + index.len() as u64];
        let mut end = offsets[0];
        offsets.extend(bytes.iter().map(|bytes| {
            end += bytes;
            end
        }));
        Self {
            name,
            kind,
            at,
            bits,
            offsets,
            index,
        }
    }

    fn address(&self, text: &mut String, addressing: Addressing, duration_ms: f64) {
        match addressing {
            Addressing::List => {
                let _ = write!(text, r#"<SegmentList timescale="1000" duration="{duration_ms}">"#);
                for pair in self.offsets.windows(2) {
                    let _ = write!(text, r#"<SegmentURL mediaRange="{}-{}"/>"#, pair[0], pair[1] - 1);
                }
                text.push_str("</SegmentList>");
            }
            Addressing::Index => {
                let (init, end) = (HEADER - 1, self.offsets[0] - 1);
                let _ = write!(
                    text,
                    r#"<SegmentBase indexRange="{HEADER}-{end}"><Initialization range="0-{init}"/></SegmentBase>"#
                );
            }
        }
    }
}

/// A segment index (ISO/IEC 14496-12, 8.16.3) of subsegments of these sizes and of one duration, at 1000 ticks a second.
fn sidx(bytes: &[u64], duration: u32) -> Vec<u8> {
    let mut data = Vec::with_capacity(32 + 12 * bytes.len());
    let length = 32 + 12 * bytes.len();
    data.extend((length as u32).to_be_bytes());
    data.extend(b"sidx");
    // Version and flags, reference_ID, timescale, earliest_presentation_time, first_offset.
    for word in [0u32, 1, 1000, 0, 0] {
        data.extend(word.to_be_bytes());
    }
    data.extend([0, 0]);
    data.extend((bytes.len() as u16).to_be_bytes());
    for &size in bytes {
        data.extend((size as u32 & 0x7fff_ffff).to_be_bytes());
        data.extend(duration.to_be_bytes());
        // Starts with a stream access point of type 1.
        data.extend(0x9000_0000u32.to_be_bytes());
    }
    data
}
