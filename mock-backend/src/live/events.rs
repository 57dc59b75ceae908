//! What the channel tells of itself besides its media: ad breaks, and manifests that expire.

use super::{GRID_MS, Live, Slot, schedule::Break, scte35, track::Track};
use crate::{clock::DateTime, mpd::Xml};
use footlight_isobmff::{
    Error,
    events::{EventMessage, EventTime},
};

/// Ad breaks are told of so long before they start.
const NOTICE_MS: u64 = 4000;
const SCTE35_BINARY: &str = "urn:scte:scte35:2013:bin";
const SCTE35_XML_BINARY: &str = "urn:scte:scte35:2014:xml+bin";
const DASH: &str = "urn:mpeg:dash:event:2012";

/// Ticks of 90 kHz at a time, as 33 bits of SCTE-35 have them.
fn pts(time: u64) -> u64 {
    time.wrapping_mul(90)
}

impl Live {
    /// When a manifest tells of ad breaks around a time: the last one.
    pub(super) fn told_of_break(&self, now: u64) -> Option<u64> {
        let told = |time: u64| time.saturating_sub(NOTICE_MS);
        let pause = self.schedule.pause_before(now + NOTICE_MS)?;
        self.settings.events.mpd.then(|| told(pause.start))
    }

    /// The EventStream of a Period: the breaks that start in it, if a manifest of this time knows them.
    pub(super) fn write_events(&self, xml: &mut Xml, slot: &Slot, since: u64, published: u64) {
        if !self.settings.events.mpd {
            return;
        }
        let end = slot.end.unwrap_or(u64::MAX).min(published + NOTICE_MS + 1);
        let mut breaks = self.schedule.pauses(since.max(slot.start), end).peekable();
        if breaks.peek().is_none() {
            return;
        }
        xml.element("EventStream", |xml| {
            xml.attribute("schemeIdUri", SCTE35_XML_BINARY)
                .attribute("timescale", 1000);
            for pause in breaks {
                xml.element("Event", |xml| {
                    xml.attribute("presentationTime", pause.start - slot.start)
                        .attribute("duration", pause.duration)
                        .attribute("id", pause.number);
                    xml.element("Signal", |xml| {
                        xml.attribute("xmlns", "http://www.scte.org/schemas/35/2016");
                        let section = scte35::break_starts(&pause, pts(pause.start));
                        xml.text_element("Binary", scte35::base64(&section));
                    });
                });
            }
        });
    }

    /// The InbandEventStreams of a set that has them.
    pub(super) fn write_inband_streams(&self, xml: &mut Xml) {
        let events = self.settings.events;
        if events.validity {
            crate::mpd::descriptor(xml, "InbandEventStream", DASH, 1);
        }
        if events.emsg {
            xml.element("InbandEventStream", |xml| {
                xml.attribute("schemeIdUri", SCTE35_BINARY);
            });
        }
    }

    /// The event messages in front of a segment of the picture.
    pub(super) fn messages(&self, track: &Track<'_>, slot: &Slot, number: u64) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        let span = track.span(number);
        if self.settings.events.emsg {
            for pause in self.schedule.pauses(span.start + NOTICE_MS, span.end + NOTICE_MS) {
                out.extend(break_message(&pause, track)?);
            }
        }
        if self.settings.events.validity
            && let Some(next) = self.schedule.between(slot.end.unwrap_or(u64::MAX), u64::MAX).first()
            && self.announced(next) < span.end
        {
            let id = u32::try_from((next.start / GRID_MS) & 0xFFFF_FFFF).unwrap_or_default();
            let published = DateTime(self.announced(next)).to_string();
            out.extend(
                EventMessage {
                    scheme: DASH,
                    value: "1",
                    timescale: track.timescale(),
                    time: EventTime::Media(track.ticks(next.start)),
                    duration: None,
                    id,
                    data: published.as_bytes(),
                }
                .write()?,
            );
        }
        Ok(out)
    }
}

fn break_message(pause: &Break, track: &Track<'_>) -> Result<Vec<u8>, Error> {
    let message = EventMessage {
        scheme: SCTE35_BINARY,
        value: "",
        timescale: track.timescale(),
        time: EventTime::Media(track.ticks(pause.start)),
        duration: u32::try_from(pause.duration * u64::from(track.timescale()) / 1000).ok(),
        id: u32::try_from(pause.number & 0xFFFF_FFFF).unwrap_or_default(),
        data: &scte35::break_starts(pause, pts(pause.start)),
    };
    message.write()
}
