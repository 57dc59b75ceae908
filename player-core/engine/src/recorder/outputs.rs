//! Outputs to bytes.

use super::writer::Writer;
use crate::abr::Decision;
use crate::error::PlayerError;
use crate::events::TimedEvent;
use crate::live::Timeline;
use crate::player::{Event, Output, SinkTrack};
use crate::tracks::Tracks;

impl Writer {
    pub(super) fn output(&mut self, output: &Output) {
        match output {
            Output::Fetch(fetch) => {
                self.byte(0);
                self.unsigned(u64::from(fetch.request.0));
                self.text(&fetch.url);
                self.option(fetch.range, |w, (start, end)| {
                    w.unsigned(start);
                    w.option(end, Self::unsigned);
                });
                self.byte(fetch.kind as u8);
                let flags = [
                    fetch.inspect,
                    fetch.head,
                    fetch.chunked,
                    fetch.boxes,
                    fetch.header.is_some(),
                ];
                self.byte((0..).zip(flags).map(|(bit, flag)| u8::from(flag) << bit).sum());
                fetch.header.iter().for_each(|header| self.text(header));
            }
            Output::Cancel(request) => {
                self.byte(1);
                self.unsigned(u64::from(request.0));
            }
            Output::Release(request) => {
                self.byte(2);
                self.unsigned(u64::from(request.0));
            }
            Output::ProbeSupport(types) => {
                self.byte(3);
                self.texts(types);
            }
            Output::OpenSink { tracks, duration } => {
                self.byte(4);
                self.unsigned(tracks.len() as u64);
                tracks.iter().for_each(|t| self.sink_track(t));
                self.option(*duration, Self::time);
            }
            Output::ChangeType(track) => {
                self.byte(5);
                self.sink_track(track);
            }
            Output::Append {
                track,
                request,
                from,
                to,
                reset,
                timestamp_offset,
                window_start,
                window_end,
            } => {
                self.byte(6);
                self.byte(*track as u8);
                self.unsigned(u64::from(request.0));
                self.unsigned(*from);
                self.option(*to, Self::unsigned);
                self.byte(u8::from(*reset));
                self.time(*timestamp_offset);
                self.time(*window_start);
                self.option(*window_end, Self::time);
            }
            Output::Remove { track, start, end } => {
                self.byte(7);
                self.byte(*track as u8);
                self.time(*start);
                self.option(*end, Self::time);
            }
            Output::EndOfStream => self.byte(8),
            Output::CloseSink => self.byte(9),
            Output::Seek(position) => {
                self.byte(10);
                self.time(*position);
            }
            Output::SetRate(rate) => {
                self.byte(11);
                self.unsigned(u64::from(*rate));
            }
            Output::Cues(cues) => {
                self.byte(12);
                self.unsigned(cues.len() as u64);
                cues.iter().for_each(|cue| self.unsigned(u64::from(cue.0)));
            }
            Output::Event(event) => {
                self.byte(13);
                self.event(event);
            }
            Output::SetDuration(duration) => {
                self.byte(14);
                self.time(*duration);
            }
            Output::DecodeText {
                request,
                track,
                format,
                init,
                forced_only,
                timestamp_offset,
                window_start,
                window_end,
            } => {
                self.byte(15);
                self.unsigned(u64::from(request.0));
                self.unsigned(u64::from(*track));
                let (name, number) = format.name();
                self.text(name);
                self.byte(number);
                self.option(*init, |w, request| w.unsigned(u64::from(request.0)));
                self.byte(u8::from(*forced_only));
                [timestamp_offset, window_start, window_end]
                    .into_iter()
                    .for_each(|time| self.time(*time));
            }
            Output::ForgetCues(cues) => {
                self.byte(16);
                self.unsigned(cues.len() as u64);
                cues.iter().for_each(|cue| self.unsigned(u64::from(cue.0)));
            }
        }
    }

    fn sink_track(&mut self, track: &SinkTrack) {
        self.byte(track.track as u8);
        self.text(&track.mime);
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Loaded => self.byte(0),
            Event::StateChanged(state) => {
                self.byte(1);
                self.byte(*state as u8);
            }
            Event::DurationChanged(duration) => {
                self.byte(2);
                self.time(*duration);
            }
            Event::TracksChanged(tracks) => {
                self.byte(3);
                self.tracks(tracks);
            }
            Event::RenditionChanged {
                kind,
                id,
                width,
                height,
                bandwidth,
                reason,
            } => {
                self.byte(4);
                self.byte(*kind as u8);
                [u64::from(*id), u64::from(*width), u64::from(*height), *bandwidth]
                    .into_iter()
                    .for_each(|n| self.unsigned(n));
                self.text(reason);
            }
            Event::Decision(decision) => {
                self.byte(5);
                self.decision(decision);
            }
            Event::StallStarted => self.byte(6),
            Event::StallEnded => self.byte(7),
            Event::Error(error) => {
                self.byte(8);
                self.error(error);
            }
            Event::Warning(error) => {
                self.byte(9);
                self.error(error);
            }
            Event::Ended => self.byte(10),
            Event::TimelineChanged(timeline) => {
                self.byte(11);
                self.timeline(timeline);
            }
            Event::TimedEventStarted(event) => {
                self.byte(12);
                self.timed_event(event);
            }
            Event::TimedEventEnded(event) => {
                self.byte(13);
                self.timed_event(event);
            }
            Event::PresentationChanged { url, reason } => {
                self.byte(14);
                self.text(url);
                self.byte(*reason as u8);
            }
        }
    }

    fn timeline(&mut self, timeline: &Timeline) {
        self.byte(u8::from(timeline.live));
        self.time(timeline.start);
        self.time(timeline.end);
        [timeline.edge, timeline.latency, timeline.target_latency, timeline.epoch]
            .into_iter()
            .for_each(|time| self.option(time, Self::time));
    }

    fn timed_event(&mut self, event: &TimedEvent) {
        self.text(&event.scheme);
        self.text(&event.value);
        self.option(event.id, |w, id| w.unsigned(u64::from(id)));
        self.time(event.start);
        self.option(event.duration, Self::time);
        self.data(&event.data);
    }

    fn decision(&mut self, decision: &Decision) {
        self.unsigned(decision.time.0);
        self.byte(decision.kind as u8);
        self.unsigned(u64::from(decision.id));
        self.unsigned(decision.bandwidth);
        self.byte(decision.reason as u8);
        self.unsigned(decision.throughput);
        self.time(decision.buffer);
        self.unsigned(decision.forecast.low);
        self.unsigned(decision.forecast.median);
        self.unsigned(decision.forecast.high);
        self.option(decision.plan, |w, plan| {
            plan.iter().for_each(|&id| w.unsigned(u64::from(id)));
        });
    }

    fn error(&mut self, error: &PlayerError) {
        self.text(error.code);
        self.byte(error.severity as u8);
        self.byte(error.action as u8);
        self.text(&error.message);
        self.text(&error.url);
        self.unsigned(u64::from(error.status));
    }

    fn tracks(&mut self, tracks: &Tracks) {
        self.unsigned(tracks.video.len() as u64);
        for track in &tracks.video {
            self.unsigned(u64::from(track.id));
            self.byte(u8::from(track.selected));
            self.unsigned(track.renditions.len() as u64);
            for r in &track.renditions {
                [u64::from(r.id), r.bandwidth, u64::from(r.width), u64::from(r.height)]
                    .into_iter()
                    .for_each(|n| self.unsigned(n));
                self.option(r.frame_rate, |w, (frames, per)| {
                    w.unsigned(u64::from(frames));
                    w.unsigned(u64::from(per));
                });
                self.text(&r.codecs);
                self.byte(u8::from(r.active));
            }
        }
        self.unsigned(tracks.audio.len() as u64);
        for track in &tracks.audio {
            self.unsigned(u64::from(track.id));
            self.text(&track.language);
            self.text(&track.label);
            self.texts(&track.roles);
            self.unsigned(u64::from(track.channels));
            self.text(&track.codecs);
            self.byte(u8::from(track.selected));
        }
        self.unsigned(tracks.text.len() as u64);
        for track in &tracks.text {
            self.unsigned(u64::from(track.id));
            self.text(&track.language);
            self.text(&track.label);
            self.texts(&track.roles);
            self.byte(track.kind as u8);
            self.byte(u8::from(track.selected));
        }
        self.byte(u8::from(tracks.thumbnails));
        self.option(tracks.fixed_rendition, |w, id| w.unsigned(u64::from(id)));
    }
}
