//! The sink: all media is verified, sound is decoded a little ahead of the playhead and played.

use std::collections::BTreeMap;

use bytes::Bytes;
use footlight_isobmff::samples::{self, Track};
use footlight_native::{
    Append, Findings, Fragments, Instant, Kind, MediaSink, Micros, Playback, SinkReport, SinkTrack, VerifyingSink,
    media_time,
};

use crate::decoder::Decoder;
use crate::output::Output;

/// Sound is decoded so far ahead of the playhead.
const AHEAD: Micros = Micros(1_500_000);
/// Units so far apart do not follow on each other.
const APART: Micros = Micros(5_000);
/// What is heard may be so far off the playhead before it is moved, in seconds.
const OFF: f64 = 0.05;
/// `MediaError.MEDIA_ERR_DECODE`.
const DECODE: u16 = 3;

/// An access unit.
struct Unit {
    data: Bytes,
    duration: Micros,
}

/// A [`VerifyingSink`] that is heard.
pub struct ListeningSink {
    inner: VerifyingSink,
    output: Output,
    report: Option<SinkReport>,
    pending: Fragments,
    track: Option<Track>,
    decoder: Option<Decoder>,
    units: BTreeMap<Micros, Unit>,
    /// Where the sound ends that was decoded; `None`: it begins at the playhead.
    decoded: Option<Micros>,
    /// By how much the host's clock is ahead of the device's.
    skew: Micros,
}

impl ListeningSink {
    /// A closed sink, and what it will find.
    #[must_use]
    pub fn new(output: Output) -> (Self, Findings) {
        let (inner, findings) = VerifyingSink::new();
        let sink = Self {
            inner,
            output,
            report: None,
            pending: Fragments::default(),
            track: None,
            decoder: None,
            units: BTreeMap::new(),
            decoded: None,
            skew: Micros(0),
        };
        (sink, findings)
    }

    fn time(&mut self, now: Instant) -> Instant {
        let time = self.output.clock(now);
        self.skew = now.since(time);
        time
    }

    fn frame(&self, time: Micros) -> i64 {
        let frames = i128::from(time.0) * i128::from(self.output.rate()) / 1_000_000;
        i64::try_from(frames).unwrap_or(i64::MAX)
    }

    /// Keeps the units of a segment. What is damaged the verifying sink has told already.
    fn take(&mut self, append: &Append) {
        if append.reset {
            self.pending = Fragments::default();
        }
        let data = self.pending.push(&append.pieces);
        if append.completes {
            self.pending = Fragments::default();
        }
        let sound = |track: &Track| track.handler == *b"soun";
        if let Some(track) = samples::tracks(&data).ok().and_then(|all| all.into_iter().find(sound))
            && self
                .track
                .as_ref()
                .is_none_or(|known| known.entry != track.entry || known.timescale != track.timescale)
        {
            (self.track, self.decoder) = (Some(track), None);
        }
        let Some(track) = &self.track else { return };
        let micros = |ticks: i128| media_time(ticks, track.timescale);
        for sample in samples::read(&data, track).unwrap_or_default() {
            let at = micros(sample.presentation_time().into()).saturating_add(append.timestamp_offset);
            if at >= append.window_start && append.window_end.is_none_or(|end| at < end) {
                let unit = Unit {
                    data: data.slice_ref(sample.data),
                    duration: micros(sample.duration.into()),
                };
                self.units.insert(at, unit);
            }
        }
    }

    /// Decodes what will be heard soon.
    fn decode(&mut self, position: Micros) {
        let until = position.saturating_add(AHEAD);
        if self.decoder.is_none() && !self.units.is_empty() {
            self.make_decoder();
        }
        let Some(mut decoder) = self.decoder.take() else { return };
        loop {
            let from = self.decoded.unwrap_or_else(|| {
                // The unit before warms the decoder up: each overlaps with the next.
                let before = self.units.range(..=position).rev().take(2).last();
                before.map_or(position, |(&at, _)| at)
            });
            let next = self.units.range(Micros(from.0.saturating_sub(APART.0))..).next();
            let Some((&at, unit)) = next.filter(|&(&at, _)| at < until) else {
                break;
            };
            let follows = self.decoded.is_some_and(|end| at.0.saturating_sub(end.0) <= APART.0);
            if !follows {
                decoder.reset();
            }
            let sound = decoder.decode(&unit.data);
            let after = at.saturating_add(unit.duration.max(Micros(2 * APART.0)));
            let mut queue = self.output.mixer.lock();
            let place = if follows { queue.end() } else { self.frame(at) };
            queue.push(place, &sound);
            self.decoded = Some(after);
        }
        self.decoder = Some(decoder);
    }

    fn make_decoder(&mut self) {
        let Some(track) = &self.track else { return };
        match Decoder::new(track, self.output.rate()) {
            Ok(decoder) => self.decoder = Some(decoder),
            Err(error) => {
                self.units.clear();
                if let Some(report) = &self.report {
                    report.broke(DECODE, error.to_string());
                }
            }
        }
    }

    /// Forgets what was decoded.
    fn silence(&mut self, position: Micros) {
        self.decoded = None;
        let first = self.frame(position);
        self.output.mixer.lock().clear(first);
    }

    /// Makes what is heard follow the playhead.
    fn follow(&mut self, playback: &Playback) {
        self.decode(playback.position);
        let moves = !playback.paused && !playback.seeking && !playback.ended && playback.ready_state > 2;
        let rate = if moves { playback.rate } else { 0 };
        let ahead = self.output.latency() * f64::from(rate) / 1000.0;
        let wanted = self.frame(playback.position) as f64 + ahead;
        let mut queue = self.output.mixer.lock();
        let off = (queue.head() - wanted).abs() / f64::from(self.output.rate());
        let head = if moves && off < OFF { queue.head() } else { wanted };
        queue.play(head, rate);
    }
}

impl MediaSink for ListeningSink {
    fn supports(&mut self, mime: &str) -> bool {
        let is_heard = || mime.contains("mp4a.40.2") || !mime.contains("codecs");
        self.inner.supports(mime) && (!mime.starts_with("audio/") || is_heard())
    }

    fn open(&mut self, tracks: &[SinkTrack], duration: Option<Micros>, report: SinkReport) {
        self.report = Some(report.clone());
        self.inner.open(tracks, duration, report);
    }

    fn change_type(&mut self, track: &SinkTrack) {
        self.inner.change_type(track);
    }

    fn append(&mut self, append: Append) {
        if append.track == Kind::Audio {
            self.take(&append);
        }
        self.inner.append(append);
    }

    fn remove(&mut self, track: Kind, start: Micros, end: Option<Micros>) {
        if track == Kind::Audio {
            let end = end.unwrap_or(Micros::MAX);
            self.units.retain(|&at, _| at < start || at >= end);
            // Sound in another language comes in its place.
            if self.decoded.is_some_and(|decoded| decoded > start) {
                self.silence(start);
            }
        }
        self.inner.remove(track, start, end);
    }

    fn end_of_stream(&mut self) {
        self.inner.end_of_stream();
    }

    fn set_duration(&mut self, duration: Micros) {
        self.inner.set_duration(duration);
    }

    fn seek(&mut self, now: Instant, position: Micros) {
        let now = self.time(now);
        self.inner.seek(now, position);
        self.silence(position);
    }

    fn set_rate(&mut self, now: Instant, rate: u32) {
        let now = self.time(now);
        self.inner.set_rate(now, rate);
        let playback = self.inner.observe(now);
        self.follow(&playback);
    }

    fn close(&mut self) {
        self.inner.close();
        self.units.clear();
        (self.report, self.track, self.decoder) = (None, None, None);
        self.silence(Micros(0));
        self.output.mixer.lock().play(0.0, 0);
    }

    fn observe(&mut self, now: Instant) -> Playback {
        let now = self.time(now);
        let playback = self.inner.observe(now);
        self.follow(&playback);
        playback
    }

    fn due(&mut self) -> Option<Instant> {
        self.inner.due().map(|due| due.plus(self.skew))
    }
}

#[cfg(test)]
mod tests;
