//! EventStreams.

use super::{Reader, raw::Text};
use crate::{AlternativeMpd, Event, EventData, EventStream, Halt, Micros, scan::Tag, uri};

/// The most events read of a stream.
const MAX_EVENTS: usize = 1 << 16;
/// The most bytes of messages kept of a document, markup included.
const MAX_MESSAGE_BYTES: usize = 16 << 20;

const INSERT: &str = "urn:mpeg:dash:event:alternativeMPD:insert:2025";
const REPLACE: &str = "urn:mpeg:dash:event:alternativeMPD:replace:2025";

/// What a stream says about its events.
#[derive(Clone, Copy)]
struct Clock {
    timescale: u32,
    offset: u64,
    is_replace: bool,
}

impl Clock {
    fn micros(self, ticks: u64) -> Micros {
        Micros::from_ticks(i128::from(ticks), u64::from(self.timescale))
    }
}

impl<'a> Reader<'a> {
    /// An EventStream, or what its link led to. Times count from the Period's start.
    pub(super) fn event_streams(&mut self, tag: &Tag<'a>, streams: &mut Vec<EventStream>) -> Result<(), Halt> {
        if let Some(fragment) = self.linked(tag)? {
            let outer = self.enter(fragment, tag)?;
            while let Some(child) = self.scan.child()? {
                if child.mpd() == "EventStream" {
                    self.event_streams(&child, streams)?;
                } else {
                    self.skip()?;
                }
            }
            self.leave(outer);
            return Ok(());
        }
        let stream = self.event_stream(tag)?;
        super::elements::add(streams, stream);
        Ok(())
    }

    fn event_stream(&mut self, tag: &Tag<'a>) -> Result<EventStream, Halt> {
        let timescale = self.number("timescale").filter(|scale| *scale > 0).unwrap_or(1);
        let scheme = self.owned("schemeIdUri");
        if scheme.is_none() {
            self.scan.report.add(tag.start, "descriptor.no-scheme", tag.local());
        }
        let mut stream = EventStream {
            scheme: scheme.unwrap_or_default(),
            value: self.owned("value").unwrap_or_default(),
            timescale,
            presentation_time_offset: self.number("presentationTimeOffset").unwrap_or(0),
            events: Vec::new(),
        };
        let clock = Clock {
            timescale,
            offset: stream.presentation_time_offset,
            is_replace: stream.scheme == REPLACE,
        };
        let is_alternative = clock.is_replace || stream.scheme == INSERT;
        while let Some(child) = self.scan.child()? {
            if child.mpd() == "Event" && stream.events.len() < MAX_EVENTS {
                let event = self.event(&child, clock, is_alternative)?;
                stream.events.push(event);
            } else {
                self.skip()?;
            }
        }
        Ok(stream)
    }

    fn event(&mut self, tag: &Tag<'a>, clock: Clock, is_alternative: bool) -> Result<Event, Halt> {
        let time: u64 = self.number("presentationTime").unwrap_or(0);
        let ticks = i128::from(time).saturating_sub(i128::from(clock.offset));
        let mut event = Event {
            start: Micros::from_ticks(ticks, u64::from(clock.timescale)),
            duration: self.number("duration").map(|ticks| clock.micros(ticks)),
            id: self.number("id"),
            data: EventData::Text(self.owned("messageData").unwrap_or_default()),
            base64: self.raw("contentEncoding") == Some("base64"),
            alternative: None,
        };
        let start = tag.end;
        if is_alternative {
            while let Some(child) = self.scan.child()? {
                if matches!(
                    child.local(),
                    "InsertPresentation" | "ReplacePresentation" | "AlternativeMPD"
                ) {
                    event.alternative = self.alternative(clock).map(Box::new);
                }
                self.skip()?;
            }
            if event.alternative.is_none() {
                self.scan.report.add(tag.start, "event.alternative", "");
            }
        }
        let (end, has_elements) = if is_alternative {
            (self.scan.at(), false)
        } else {
            self.scan.skip()?
        };
        let content = self.scan.text().get(start..end).unwrap_or_default().trim_ascii();
        self.messages = self.messages.saturating_add(content.len());
        if self.messages > MAX_MESSAGE_BYTES {
            return Err(self.scan.too_large("bytes of events", MAX_MESSAGE_BYTES, tag.start));
        }
        if has_elements {
            event.data = EventData::Xml(content.to_owned());
        } else if !content.is_empty() && !is_alternative {
            event.data = EventData::Text(self.plain(content, start).into_owned());
        }
        Ok(event)
    }

    /// Text as it was meant: a CDATA section, or with references.
    fn plain(&mut self, content: &'a str, start: usize) -> Text<'a> {
        let section = content
            .strip_prefix("<![CDATA[")
            .and_then(|content| content.strip_suffix("]]>"))
            .filter(|content| !content.as_bytes().windows(3).any(|end| end == b"]]>"));
        match section {
            Some(text) => Text::Borrowed(text.trim_ascii()),
            None => self.scan.unescape(content, start),
        }
    }

    /// The presentation that an event wants played.
    fn alternative(&mut self, clock: Clock) -> Option<AlternativeMpd> {
        let url = self.text("uri").or_else(|| self.text("url"))?;
        Some(AlternativeMpd {
            url: uri::resolve(self.url, &url),
            replace: clock.is_replace,
            earliest_resolution_offset: self
                .number("earliestResolutionTimeOffset")
                .map(|ticks| clock.micros(ticks)),
            max_duration: self.number("maxDuration").map(|ticks| clock.micros(ticks)),
            return_offset: self.number("returnOffset").map(|ticks| clock.micros(ticks)),
            clip: self.boolean("clip").unwrap_or(true),
            start_with_offset: self.boolean("startWithOffset").unwrap_or(false),
            execute_once: self.boolean("executeOnce").unwrap_or(false),
            no_jump: self.number("noJump").unwrap_or(0),
            skip_after: self.duration("skipAfter"),
            service_description: self.number("serviceDescriptionId"),
        })
    }
}
