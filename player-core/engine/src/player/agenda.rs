//! Timed events: gathered from the manifest and from segments, told when the playhead gets to them, and those that are
//! for the player itself obeyed.

use std::sync::{Arc, Weak};

use footlight_dash::{InbandEventStream, Micros, Period};
use footlight_isobmff::Boxes;
use footlight_isobmff::events::EventMessage;

use super::input::RequestId;
use super::output::{Event, Output};
use super::session::Session;
use crate::delivery::{Answered, Io, Purpose, Source};
use crate::events::{CALLBACK, MPD_EVENT, ManifestExpiry, ManifestUpdate, TimedEvent, callback};
use crate::presentation::RepKey;
use crate::time::Instant;

/// The most events kept at once.
const MAX_EVENTS: usize = 4096;
/// Events that are over for this long are forgotten.
const MEMORY: Micros = Micros(3_600_000_000);
/// An event whose end nobody knows is told when the playhead comes to it, or this soon after.
const LATE: Micros = Micros(1_000_000);

#[derive(Debug)]
struct Item {
    event: TimedEvent,
    is_told: bool,
}

/// The events that are known.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// By their start.
    items: Vec<Item>,
    /// Periods whose events are in.
    gathered: Vec<Weak<Period>>,
}

impl Agenda {
    /// Adds an event; false when it is known, or there are too many.
    fn add(&mut self, event: TimedEvent) -> bool {
        if self.items.len() >= MAX_EVENTS || self.items.iter().any(|item| item.event.repeats(&event)) {
            return false;
        }
        let at = self.items.partition_point(|item| item.event.start <= event.start);
        self.items.insert(at, Item { event, is_told: false });
        true
    }

    /// The playhead went elsewhere: what it comes to is told again.
    pub(super) fn moved(&mut self) {
        for item in &mut self.items {
            item.is_told = false;
        }
    }

    /// When the next event starts or ends.
    pub(super) fn next_boundary(&self, position: Micros) -> Option<Micros> {
        let boundary = |item: &Item| {
            if item.is_told {
                item.event.end()
            } else {
                Some(item.event.start)
            }
        };
        self.items.iter().filter_map(boundary).filter(|at| *at > position).min()
    }

    /// What starts and what ends at `position`.
    fn step(&mut self, position: Micros) -> Vec<(bool, TimedEvent)> {
        let mut changes = Vec::new();
        for item in &mut self.items {
            let end = item.event.end().unwrap_or(item.event.start + LATE);
            let is_on = item.event.start <= position && position < end.max(item.event.start + LATE);
            if is_on && !item.is_told {
                item.is_told = true;
                changes.push((true, item.event.clone()));
            } else if item.is_told && !is_on {
                item.is_told = false;
                if item.event.duration.is_some() {
                    changes.push((false, item.event.clone()));
                }
            }
        }
        self.items
            .retain(|item| item.event.end().unwrap_or(item.event.start) + MEMORY > position);
        changes
    }
}

impl Session {
    /// Takes the events that the manifest lists in Periods that are not as they were.
    pub(super) fn gather_events(&mut self, io: &mut Io) {
        let Some(model) = &self.model else { return };
        let all = model.presentation().periods.iter();
        let all: Vec<_> = all.filter(|period| !period.event_streams.is_empty()).collect();
        let known = std::mem::take(&mut self.agenda.gathered);
        self.agenda.gathered = all.iter().map(|period| Arc::downgrade(period)).collect();
        let is_new = |period: &&Arc<Period>| !known.iter().any(|known| known.as_ptr() == Arc::as_ptr(period));
        let streams = all.into_iter().filter(is_new).flat_map(|period| &period.event_streams);
        let listed = streams.flat_map(|stream| stream.events.iter().map(move |e| TimedEvent::from_manifest(stream, e)));
        for event in listed.take(MAX_EVENTS).collect::<Vec<_>>() {
            self.take_event(io, event);
        }
        if self.agenda.items.len() >= MAX_EVENTS {
            self.agenda.gathered.clear();
        }
    }

    /// Boxes were found in a segment that is arriving.
    pub(super) fn boxes_arrived(&mut self, io: &mut Io, request: RequestId, data: &[u8]) {
        let Some(Purpose::Media(kind)) = self.delivery.purpose_of(request) else {
            return;
        };
        let Some(entry) = self.stream(kind).and_then(|s| s.queue.back()).map(|c| c.entry) else {
            return;
        };
        let Some(rep) = self.model.as_ref().and_then(|m| m.rep(entry.rep)) else {
            return;
        };
        let offset = rep.timestamp_offset();
        let boxes = Boxes::new(data).map_while(Result::ok).take(MAX_EVENTS);
        let messages = boxes.filter(|found| found.kind.0 == *b"emsg");
        let declared = messages
            .filter_map(|found| EventMessage::parse(found.payload).ok())
            .filter(|message| {
                let says = |s: &InbandEventStream| {
                    s.scheme == message.scheme && (s.value.is_empty() || s.value == message.value)
                };
                self.inband_streams(entry.rep).any(says)
            });
        let events: Vec<_> = declared
            .map(|message| TimedEvent::from_message(&message, entry.start, offset))
            .collect();
        for event in events {
            self.take_event(io, event);
        }
    }

    /// The events that segments of a representation may carry.
    pub(super) fn inband_streams(&self, key: RepKey) -> impl Iterator<Item = &InbandEventStream> {
        let model = self.model.as_ref();
        let set = model.and_then(|m| m.set(key.period, key.set as usize));
        let set = set.map(|set| set.set.inband_event_streams.as_slice());
        let rep = model
            .and_then(|m| m.rep(key))
            .map(|rep| rep.inband_event_streams.as_slice());
        set.unwrap_or_default().iter().chain(rep.unwrap_or_default())
    }

    fn take_event(&mut self, io: &mut Io, event: TimedEvent) {
        let for_player = event.scheme == MPD_EVENT;
        let expiry = for_player
            .then(|| ManifestExpiry::parse(&event.value, &event.data))
            .flatten();
        if self.agenda.add(event)
            && let Some(expiry) = expiry
        {
            self.manifest_expires(io, expiry);
        }
    }

    /// The service says that the manifest will not be valid any more, and may bring what follows it.
    fn manifest_expires(&mut self, io: &mut Io, expiry: ManifestExpiry) {
        let known = self.model.as_ref().and_then(|model| model.presentation().publish_time);
        if !self.is_live()
            || expiry
                .publish_time
                .is_some_and(|of| known.is_some_and(|known| known > of))
        {
            return;
        }
        let url = self
            .model
            .as_ref()
            .map(|model| model.manifest().url().to_owned())
            .unwrap_or_default();
        let sent = Answered::default();
        match expiry.update {
            ManifestUpdate::None => self.manifest_expired(),
            ManifestUpdate::Patch(text) => self.update_arrived(io, Purpose::Patch, Some((text.as_bytes(), &url, sent))),
            ManifestUpdate::Manifest(text) => {
                self.update_arrived(io, Purpose::Refresh, Some((text.as_bytes(), &url, sent)));
            }
        }
    }

    /// Tells what the playhead has come to, and what it has left.
    pub(super) fn update_agenda(&mut self, io: &mut Io) {
        if !self.placed || self.playhead.seeking() {
            return;
        }
        let position = self.position(io);
        for (starts, event) in self.agenda.step(position) {
            if starts
                && event.scheme == CALLBACK
                && let Some(url) = callback(&event.data).filter(|url| url.starts_with("http"))
            {
                self.delivery
                    .start(io, Purpose::Callback, vec![Source::new(url, "")], None);
            }
            io.push(Output::Event(if starts {
                Event::TimedEventStarted(Box::new(event))
            } else {
                Event::TimedEventEnded(Box::new(event))
            }));
        }
    }

    /// When [`Self::update_agenda`] has something to tell.
    pub(super) fn agenda_timer(&self, now: Instant) -> Option<Instant> {
        let next = self.agenda.next_boundary(self.playhead_at(now))?;
        self.playhead.arrival(now, next)
    }
}
