//! A live channel and the service that has it.

#![allow(unreachable_pub)]

use footlight_core::{Fetch, Instant, Micros, RequestKind};

use super::film::{LADDER, bitrate};
use super::{Answer, SECOND};

/// How segments are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Addressing {
    /// `$Number$` and `@duration`.
    Number,
    /// `$Time$` and a SegmentTimeline.
    Timeline,
}

/// A channel that began an hour before the player's clock was zero. Times in microseconds.
#[derive(Clone, Debug)]
pub struct Channel {
    pub addressing: Addressing,
    /// The service's wall clock when the player's is zero.
    pub epoch: i64,
    pub segment: i64,
    /// Time-shift buffer.
    pub depth: i64,
    pub update_period: i64,
    /// Low latency: the length of a chunk.
    pub chunk: Option<i64>,
    pub latency: i64,
    /// A new Period so often.
    pub periods: Option<i64>,
    /// Where it ends on the presentation timeline.
    pub end: Option<i64>,
    /// Segments (by number) that never come.
    pub lost: Vec<(i64, u16)>,
    /// Segments come this much later than told.
    pub late: i64,
    /// There are patches.
    pub patches: bool,
    /// UTCTiming elements.
    pub timing: String,
    /// BaseURL elements.
    pub base_urls: String,
    /// EventStreams of each Period, and InbandEventStreams of the picture.
    pub events: String,
    pub inband: String,
    /// Nothing is made in these stretches; a SegmentTimeline leaves them out.
    pub holes: Vec<(i64, i64)>,
}

/// Where the presentation timeline is when the player's clock is zero.
pub const HOUR: i64 = 3600 * SECOND;

impl Default for Channel {
    fn default() -> Self {
        Self {
            addressing: Addressing::Number,
            epoch: 1_790_000_000 * SECOND,
            segment: 2 * SECOND,
            depth: 300 * SECOND,
            update_period: 4 * SECOND,
            chunk: None,
            latency: 2 * SECOND,
            periods: None,
            end: None,
            lost: Vec::new(),
            late: 0,
            patches: false,
            timing: String::new(),
            base_urls: String::new(),
            events: String::new(),
            inband: String::new(),
            holes: Vec::new(),
        }
    }
}

impl Channel {
    pub fn low_latency() -> Self {
        Self {
            chunk: Some(SECOND / 2),
            ..Self::default()
        }
    }

    /// The service's clock on the presentation timeline.
    pub fn edge(&self, now: Instant) -> i64 {
        HOUR + now.0 as i64
    }

    fn wall(&self, position: i64) -> String {
        let seconds = (self.epoch - HOUR + position).div_euclid(SECOND);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        // Days to a date: Howard Hinnant's algorithm.
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
        let year = yoe + era * 400 + i64::from(month <= 2);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// The date of a response at `now`.
    pub fn date(&self, now: Instant) -> Micros {
        Micros((self.epoch + now.0 as i64) / SECOND * SECOND)
    }

    pub fn manifest(&self, now: Instant) -> String {
        let edge = self.edge(now);
        let ended = self.end.filter(|end| edge >= *end);
        let kind = if ended.is_some() { "static" } else { "dynamic" };
        let duration = ended.map(|end| format!(r#" mediaPresentationDuration="{}""#, time(end)));
        let update = format!(r#" minimumUpdatePeriod="{}""#, time(self.update_period));
        let update = if ended.is_some() { String::new() } else { update };
        let service = self.chunk.map(|_| {
            let (target, max) = (self.latency / 1000, self.latency / 1000 + 4000);
            format!(
                r#"<ServiceDescription id="0"><Latency target="{target}" max="{max}"/><PlaybackRate min="0.96" max="1.04"/></ServiceDescription>"#
            )
        });
        format!(
            r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" id="channel" type="{kind}" availabilityStartTime="{}" publishTime="{}"{update}{} timeShiftBufferDepth="{}" minBufferTime="PT2S" maxSegmentDuration="{}">{}{}{}{}{}</MPD>"#,
            self.wall(0),
            self.wall(edge),
            duration.unwrap_or_default(),
            time(self.depth),
            time(self.segment),
            self.patch_location(now),
            self.base_urls,
            service.unwrap_or_default(),
            self.periods_xml(edge),
            self.timing,
        )
    }

    fn patch_location(&self, now: Instant) -> String {
        if !self.patches {
            return String::new();
        }
        format!(r#"<PatchLocation ttl="60">patch.mpp?since={}</PatchLocation>"#, now.0)
    }

    fn patch(&self, since: Instant, now: Instant) -> String {
        let made = footlight_dash::patch::diff::diff(&self.manifest(since), &self.manifest(now));
        made.expect("well-formed manifests").expect("two versions of one")
    }

    fn periods_xml(&self, edge: i64) -> String {
        let Some(every) = self.periods else {
            return self.period(0, None, edge);
        };
        let first = (edge - self.depth).max(0) / every * every;
        let mut all = String::new();
        let mut start = first;
        while start <= edge {
            let next = start + every;
            all += &self.period(start, (next <= edge).then_some(next), edge);
            start = next;
        }
        all
    }

    fn period(&self, start: i64, end: Option<i64>, edge: i64) -> String {
        let reps: String = LADDER
            .iter()
            .map(|(b, h)| {
                format!(
                    r#"<Representation id="v{h}" bandwidth="{b}" width="{}" height="{h}" codecs="avc1.64001f"/>"#,
                    h * 16 / 9
                )
            })
            .collect();
        let template = |folder: &str| {
            let early = self.chunk.map(|chunk| {
                let offset = (self.segment - chunk) as f64 / 1e6;
                format!(r#" availabilityTimeOffset="{offset}" availabilityTimeComplete="false""#)
            });
            let common = format!(
                r#"timescale="1000000" presentationTimeOffset="{start}" initialization="{folder}/$RepresentationID$/init.mp4"{}"#,
                early.unwrap_or_default()
            );
            match self.addressing {
                Addressing::Number => format!(
                    r#"<SegmentTemplate {common} duration="{}" startNumber="{}" media="{folder}/$RepresentationID$/$Number$.m4s"/>"#,
                    self.segment,
                    start / self.segment,
                ),
                Addressing::Timeline => {
                    let until = end.unwrap_or(edge).min(self.end.unwrap_or(i64::MAX));
                    let list: String = self
                        .listed(start, until, edge)
                        .map(|t| format!(r#"<S t="{t}" d="{}"/>"#, self.segment))
                        .collect();
                    format!(
                        r#"<SegmentTemplate {common} media="{folder}/$RepresentationID$/t$Time$.m4s"><SegmentTimeline>{list}</SegmentTimeline></SegmentTemplate>"#
                    )
                }
            }
        };
        format!(
            r#"<Period id="p{start}" start="{}">{}<AdaptationSet contentType="video" mimeType="video/mp4" segmentAlignment="true">{}{}{reps}</AdaptationSet>
<AdaptationSet contentType="audio" mimeType="audio/mp4" lang="en">{}<Representation id="a-en" bandwidth="64000" codecs="mp4a.40.2" audioSamplingRate="48000"/></AdaptationSet></Period>"#,
            time(start),
            self.events,
            self.inband,
            template("v"),
            template("a"),
        )
    }

    /// Start times of the segments that are there.
    fn listed(&self, start: i64, until: i64, edge: i64) -> impl Iterator<Item = i64> {
        let first = (edge - self.depth).max(start) / self.segment;
        let (segment, early) = (self.segment, self.chunk.map_or(0, |chunk| self.segment - chunk));
        let holes = self.holes.clone();
        let last = until + early;
        (first..)
            .map(move |number| number * segment)
            .take_while(move |t| t + segment <= last)
            .filter(move |t| !holes.iter().any(|(from, to)| from <= t && t < to))
    }

    /// The answer of a service whose clock is right.
    pub fn answer(&self, fetch: &Fetch, now: Instant) -> Answer {
        match fetch.kind {
            RequestKind::Manifest if fetch.url.contains("patch.mpp") => {
                let since = fetch.url.rsplit('=').next().and_then(|text| text.parse().ok());
                return Answer::Text(self.patch(Instant(since.unwrap_or(0)), now).into_bytes());
            }
            RequestKind::Manifest => return Answer::Text(self.manifest(now).into_bytes()),
            RequestKind::Time if fetch.head => return Answer::Text(Vec::new()),
            RequestKind::Time => {
                return Answer::Text(self.wall(self.edge(now)).into_bytes());
            }
            _ => {}
        }
        if fetch.url.ends_with("init.mp4") {
            return Answer::Media {
                bytes: 800,
                start: Micros(0),
                end: Micros(0),
            };
        }
        let name = fetch
            .url
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".m4s");
        let number: i64 = match name.strip_prefix('t') {
            Some(time) => time.parse::<i64>().map_or(-1, |t| t / self.segment),
            None => name.parse().unwrap_or(-1),
        };
        let (start, end) = (number * self.segment, (number + 1) * self.segment);
        if let Some((_, status)) = self.lost.iter().find(|(lost, _)| *lost == number) {
            return Answer::Status(*status);
        }
        let edge = self.edge(now) - self.late;
        let early = self.chunk.map_or(0, |chunk| self.segment - chunk);
        let is_over = self.end.is_some_and(|last| start >= last);
        let is_hole = self.holes.iter().any(|(from, to)| *from <= start && start < *to);
        if is_over || is_hole || end - early > edge || end < edge - self.depth - 10 * SECOND {
            return Answer::Status(404);
        }
        let bytes = bitrate(&fetch.url) * self.segment as u64 / 8 / SECOND as u64;
        match self.chunk {
            Some(chunk) if end > edge => Answer::Chunked {
                bytes,
                start: Micros(start),
                end: Micros(end),
                chunk: Micros(chunk),
                // When the first of them is ready.
                first: Instant((start + chunk + self.late - HOUR).max(0) as u64),
            },
            _ => Answer::Media {
                bytes,
                start: Micros(start),
                end: Micros(end),
            },
        }
    }
}

fn time(micros: i64) -> String {
    format!("PT{}.{:06}S", micros / SECOND, micros % SECOND)
}
