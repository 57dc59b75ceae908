//! A sink that decodes nothing and checks everything.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use footlight_core::buffering::Ranges;
use footlight_core::{Instant, Kind, Micros, Playback, SinkTrack};
use footlight_isobmff::samples::{self, Sample, Track};

use super::{Append, MediaSink, SinkReport, media_time};
use crate::sink::fragments::Fragments;

/// Media pipelines play over a break this short.
const BRIDGED: Micros = Micros(100_000);
/// Media may begin so much off where the media before it ends: encoders round, and frames of sound cross borders.
const TOLERANCE: Micros = Micros(50_000);
/// More findings than this are not kept.
const MAX_FINDINGS: usize = 1000;

/// What is wrong with media.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing is shown for so long, though the media follows on.
    Gap(Micros),
    /// What was there is there again, for so long.
    Overlap(Micros),
    /// A segment of pictures begins with one that cannot be decoded alone.
    NoSyncSample,
    /// Decode times go back within a segment.
    TimeGoesBack,
    /// A sample entry that is not what the manifest's `codecs` say.
    OtherCodec,
    /// Bytes that are no media, or damaged media.
    Damaged,
    /// A segment without a sample.
    Empty,
    /// All of a segment lies outside of its Period.
    OutsidePeriod,
}

impl Problem {
    /// A stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gap(_) => "media.gap",
            Self::Overlap(_) => "media.overlap",
            Self::NoSyncSample => "media.no-sync-sample",
            Self::TimeGoesBack => "media.time-goes-back",
            Self::OtherCodec => "media.other-codec",
            Self::Damaged => "media.damaged",
            Self::Empty => "media.empty",
            Self::OutsidePeriod => "media.outside-period",
        }
    }
}

/// Something wrong, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// In which track.
    pub track: Kind,
    /// On the presentation timeline.
    pub at: Micros,
    /// What.
    pub problem: Problem,
    /// More about it, in words.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let track = match self.track {
            Kind::Video => "video",
            Kind::Audio => "audio",
        };
        let at = self.at.as_secs_f64();
        write!(f, "{}: {track} at {at:.3} s: {}", self.problem.code(), self.detail)
    }
}

/// What was found so far.
#[derive(Clone, Debug, Default)]
pub struct Findings(Arc<Mutex<Found>>);

#[derive(Debug, Default)]
struct Found {
    findings: Vec<Finding>,
    measured: Measured,
}

/// How much was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Measured {
    /// Media segments, or parts of them.
    pub appends: u64,
    /// Samples (pictures, frames of sound).
    pub samples: u64,
    /// Bytes, initialization segments included.
    pub bytes: u64,
}

impl Found {
    fn tell(&mut self, track: Kind, at: Micros, problem: Problem, detail: String) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding {
                track,
                at,
                problem,
                detail,
            });
        }
    }
}

impl Findings {
    /// What was found since it was taken last; at most 1,000 are kept.
    #[must_use]
    pub fn take(&self) -> Vec<Finding> {
        std::mem::take(&mut self.lock().findings)
    }

    /// How much was looked at.
    #[must_use]
    pub fn measured(&self) -> Measured {
        self.lock().measured
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One track of the sink.
struct Buffer {
    kind: Kind,
    mime: String,
    /// What is not whole yet.
    pending: Fragments,
    tracks: Vec<Track>,
    ranges: Ranges,
    /// Where the last fragment ended in decode order, when the next one should begin there.
    end: Option<Micros>,
    /// With which timestamp offset.
    offset: Micros,
}

/// A sink that plays by the host's clock. It takes all codecs in ISO BMFF.
pub struct VerifyingSink {
    findings: Findings,
    report: Option<SinkReport>,
    buffers: Vec<Buffer>,
    complete: bool,
    clock: Playhead,
}

/// Where playback is.
#[derive(Default)]
struct Playhead {
    now: Instant,
    position: Micros,
    rate: u32,
    moving: bool,
    seeking: bool,
    ended: bool,
}

impl VerifyingSink {
    /// A closed sink, and what it will find.
    #[must_use]
    pub fn new() -> (Self, Findings) {
        let findings = Findings::default();
        let sink = Self {
            findings: findings.clone(),
            report: None,
            buffers: Vec::new(),
            complete: false,
            clock: Playhead::default(),
        };
        (sink, findings)
    }

    fn buffered(&self, kind: Kind) -> Vec<(Micros, Micros)> {
        let buffer = self.buffers.iter().find(|buffer| buffer.kind == kind);
        buffer
            .map(|buffer| buffer.ranges.as_slice().to_vec())
            .unwrap_or_default()
    }

    /// Media ahead of the playhead in all tracks.
    fn ahead(&self) -> Micros {
        let position = self.clock.position;
        let mut least = None;
        for buffer in &self.buffers {
            let ahead = buffer.ranges.ahead(position, BRIDGED);
            let end = Micros(position.0.saturating_add(ahead.0));
            // A track that is shorter than the others does not hold them up at the end.
            let is_over = self.complete && buffer.ranges.as_slice().last().is_none_or(|last| last.1 <= end);
            if !is_over {
                least = Some(least.map_or(ahead, |least: Micros| least.min(ahead)));
            }
        }
        let ends = self.buffers.iter().filter_map(|buffer| buffer.ranges.as_slice().last());
        let last = ends.map(|last| last.1).max().unwrap_or(position);
        least.unwrap_or(Micros(last.0.saturating_sub(position.0).max(0)))
    }

    /// Lets the clock run up to `now`.
    fn advance(&mut self, now: Instant) {
        let ahead = self.ahead();
        let clock = &mut self.clock;
        if clock.moving {
            let passed = i128::from(now.since(clock.now).0) * i128::from(clock.rate) / 1000;
            let step = i64::try_from(passed).unwrap_or(i64::MAX).min(ahead.0);
            clock.position = clock.position.saturating_add(Micros(step));
        }
        clock.now = clock.now.max(now);
        self.settle();
    }

    /// Whether the clock moves, now that something has changed.
    fn settle(&mut self) {
        let ahead = self.ahead();
        let is_over = self.complete && ahead.0 == 0 && !self.buffers.is_empty();
        let clock = &mut self.clock;
        if ahead.0 > 0 || is_over {
            clock.seeking = false;
        }
        clock.moving = clock.rate > 0 && ahead.0 > 0 && !clock.seeking;
        clock.ended = is_over && (clock.ended || clock.rate > 0);
    }
}

impl MediaSink for VerifyingSink {
    fn supports(&mut self, mime: &str) -> bool {
        ["video/mp4", "audio/mp4"].iter().any(|known| mime.starts_with(known))
    }

    fn open(&mut self, tracks: &[SinkTrack], _: Option<Micros>, report: SinkReport) {
        let buffer = |track: &SinkTrack| Buffer {
            kind: track.track,
            mime: track.mime.clone(),
            pending: Fragments::default(),
            tracks: Vec::new(),
            ranges: Ranges::default(),
            end: None,
            offset: Micros(0),
        };
        self.buffers = tracks.iter().map(buffer).collect();
        (self.complete, self.clock.ended) = (false, false);
        report.opened();
        self.report = Some(report);
    }

    fn change_type(&mut self, track: &SinkTrack) {
        if let Some(buffer) = self.buffers.iter_mut().find(|buffer| buffer.kind == track.track) {
            buffer.mime.clone_from(&track.mime);
        }
    }

    fn append(&mut self, append: Append) {
        let kind = append.track;
        self.complete = false;
        if let Some(buffer) = self.buffers.iter_mut().find(|buffer| buffer.kind == kind) {
            let mut found = self.findings.lock();
            if append.reset {
                buffer.pending = Fragments::default();
                buffer.end = None;
            }
            let data = buffer.pending.push(&append.pieces);
            if !data.is_empty() {
                found.measured.bytes += data.len() as u64;
                buffer.take(&append, &data, &mut found);
            }
            let left = buffer.pending.pending();
            if append.completes && left > 0 {
                let detail = format!("the last {left} bytes of a segment make no box or fragment");
                let at = buffer.end.unwrap_or(append.window_start);
                found.tell(kind, at, Problem::Damaged, detail);
                buffer.pending = Fragments::default();
            }
        }
        self.settle();
        if let Some(report) = &self.report {
            report.append_done(kind, self.buffered(kind));
        }
    }

    fn remove(&mut self, kind: Kind, start: Micros, end: Option<Micros>) {
        self.complete = false;
        let end = end.unwrap_or(Micros::MAX);
        if let Some(buffer) = self.buffers.iter_mut().find(|buffer| buffer.kind == kind) {
            let left = buffer.ranges.as_slice().iter();
            let left = left.flat_map(|range| [(range.0, range.1.min(start)), (range.0.max(end), range.1)]);
            buffer.ranges = Ranges::new(&left.collect::<Vec<_>>());
            buffer.end = buffer.end.filter(|&at| at < start || at >= end);
        }
        self.settle();
        if let Some(report) = &self.report {
            report.remove_done(kind, self.buffered(kind));
        }
    }

    fn end_of_stream(&mut self) {
        self.complete = true;
        self.settle();
    }

    fn set_duration(&mut self, _: Micros) {}

    fn seek(&mut self, now: Instant, position: Micros) {
        self.advance(now);
        (self.clock.position, self.clock.seeking, self.clock.ended) = (position, true, false);
        for buffer in &mut self.buffers {
            buffer.end = None;
        }
        self.settle();
    }

    fn set_rate(&mut self, now: Instant, rate: u32) {
        self.advance(now);
        self.clock.rate = rate;
        self.settle();
    }

    fn close(&mut self) {
        self.buffers.clear();
        self.report = None;
        self.settle();
    }

    fn observe(&mut self, now: Instant) -> Playback {
        self.advance(now);
        let clock = &self.clock;
        let ready_state = if self.buffers.iter().all(|buffer| buffer.ranges.as_slice().is_empty()) {
            0
        } else if clock.seeking {
            1
        } else if clock.moving || clock.rate == 0 && self.ahead().0 > 0 {
            4
        } else {
            2
        };
        Playback {
            position: clock.position,
            rate: if clock.rate == 0 { 1000 } else { clock.rate },
            paused: clock.rate == 0,
            seeking: clock.seeking,
            ended: clock.ended,
            ready_state,
            decoded_frames: 0,
            dropped_frames: 0,
        }
    }

    fn due(&mut self) -> Option<Instant> {
        let clock = &self.clock;
        if !clock.moving {
            return None;
        }
        let wait = i128::from(self.ahead().0) * 1000 / i128::from(clock.rate.max(1));
        Some(clock.now.plus(Micros(i64::try_from(wait).unwrap_or(i64::MAX))))
    }
}

impl Buffer {
    /// Reads what is appended, and says what is wrong with it.
    fn take(&mut self, append: &Append, data: &[u8], found: &mut Found) {
        let kind = self.kind;
        let here = self.end.unwrap_or(append.window_start);
        let mut tell = |at, problem, detail| found.tell(kind, at, problem, detail);
        if let Ok(tracks) = samples::tracks(data) {
            self.take_init(tracks, here, &mut tell);
        }
        let handler = if kind == Kind::Video { *b"vide" } else { *b"soun" };
        let Some(track) = self.tracks.iter().find(|track| track.handler == handler) else {
            let detail = "there is no initialization segment with such a track".to_owned();
            return tell(here, Problem::Damaged, detail);
        };
        let read = match samples::read(data, track) {
            Ok(read) => read,
            Err(error) => return tell(here, Problem::Damaged, error.to_string()),
        };
        let (first, last) = match (read.first(), read.last()) {
            (Some(first), Some(last)) => (first, last),
            _ if samples::tracks(data).is_ok() => return,
            _ => return tell(here, Problem::Empty, "no sample of the track in it".to_owned()),
        };
        let scale = Scale {
            timescale: track.timescale,
            offset: append.timestamp_offset,
        };
        let (begins, ends) = scale.decode_span(first, last);
        check_samples(&read, kind, begins, append.continues, &mut tell);
        if self.offset == append.timestamp_offset
            && let Some(end) = self.end
        {
            let off = Micros(begins.0.saturating_sub(end.0));
            if off > TOLERANCE {
                tell(
                    end,
                    Problem::Gap(off),
                    format!("{:.3} s are missing", off.as_secs_f64()),
                );
            } else if off.0 < -TOLERANCE.0 && off.0 > -10_000_000 {
                let off = Micros(off.0.saturating_neg());
                let detail = format!("{:.3} s are there twice", off.as_secs_f64());
                tell(begins, Problem::Overlap(off), detail);
            }
        }
        (self.end, self.offset) = (Some(ends), append.timestamp_offset);
        let shown = scale.shown_span(&read);
        let window_end = append.window_end.unwrap_or(Micros::MAX);
        let (start, end) = (shown.0.max(append.window_start), shown.1.min(window_end));
        if start >= end {
            let detail = format!(
                "it plays from {:.3} s to {:.3} s",
                shown.0.as_secs_f64(),
                shown.1.as_secs_f64()
            );
            tell(begins, Problem::OutsidePeriod, detail);
        }
        let mut ranges = self.ranges.as_slice().to_vec();
        ranges.push((start, end));
        self.ranges = Ranges::new(&ranges);
        found.measured.appends += 1;
        found.measured.samples += read.len() as u64;
    }

    fn take_init(&mut self, tracks: Vec<Track>, at: Micros, tell: &mut dyn FnMut(Micros, Problem, String)) {
        // `video/mp4; codecs="avc1.64001e"`
        let codecs = self.mime.split("codecs=").nth(1).unwrap_or_default();
        let announced = codecs.trim_matches(['"', ' ', ';']);
        let handler = if self.kind == Kind::Video { *b"vide" } else { *b"soun" };
        for track in tracks.iter().filter(|track| track.handler == handler) {
            let codec = String::from_utf8_lossy(&track.codec.0).into_owned();
            let is_it = announced.split(',').any(|name| name.trim().starts_with(codec.trim()));
            if !announced.is_empty() && !is_it {
                let detail = format!("the sample entry is {codec}, the manifest says {announced}");
                tell(at, Problem::OtherCodec, detail);
            }
        }
        self.tracks = tracks;
        self.end = None;
    }
}

fn check_samples(
    read: &[Sample<'_>],
    kind: Kind,
    at: Micros,
    continues: bool,
    tell: &mut dyn FnMut(Micros, Problem, String),
) {
    if kind == Kind::Video && !continues && read.first().is_some_and(|first| !first.is_sync) {
        let detail = "it begins with a picture that needs others".to_owned();
        tell(at, Problem::NoSyncSample, detail);
    }
    let goes_back = read
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if b.decode_time < a.decode_time));
    if goes_back {
        let detail = "a sample is to be decoded before the one in front of it".to_owned();
        tell(at, Problem::TimeGoesBack, detail);
    }
}

/// From a track's ticks to the presentation timeline.
struct Scale {
    timescale: u32,
    offset: Micros,
}

impl Scale {
    fn time(&self, ticks: i128) -> Micros {
        media_time(ticks, self.timescale).saturating_add(self.offset)
    }

    /// From where to where it is decoded.
    fn decode_span(&self, first: &Sample<'_>, last: &Sample<'_>) -> (Micros, Micros) {
        let end = i128::from(last.decode_time) + i128::from(last.duration);
        (self.time(first.decode_time.into()), self.time(end))
    }

    /// From where to where it is shown.
    fn shown_span(&self, read: &[Sample<'_>]) -> (Micros, Micros) {
        let starts = read.iter().map(|sample| i128::from(sample.presentation_time()));
        let ends = read
            .iter()
            .map(|sample| i128::from(sample.presentation_time()) + i128::from(sample.duration));
        let (start, end) = (starts.min().unwrap_or(0), ends.max().unwrap_or(0));
        (self.time(start), self.time(end))
    }
}

#[cfg(test)]
mod tests;
