//! What live presentations say: dates, places, latency, clocks, events.

use super::{Context, values};
use crate::{
    ContentProtection, Event, EventData, EventStream, InbandEventStream, Latency, Location, Micros, PatchLocation,
    PlaybackRate, ProducerReferenceTime, Resync, ServiceDescription, uri, xml::Element, xsd,
};

impl<'d> Context<'d> {
    /// An `xs:dateTime`.
    pub(super) fn date(&mut self, element: Element<'d>, name: &str) -> Option<Micros> {
        let text = element.attribute(name)?;
        let date = xsd::parse_date_time(&text).ok();
        if date.is_none() {
            let message = format!("@{name} is not a date");
            self.report.add(element.offset(), "attribute.invalid", message);
        }
        date
    }

    pub(super) fn service_descriptions(&mut self, parent: Element<'d>) -> Vec<ServiceDescription> {
        let found = parent.named("ServiceDescription").take(values::MAX_DESCRIPTORS);
        found
            .map(|element| ServiceDescription {
                id: self.number(element, "id"),
                scopes: values::descriptors(element, "Scope"),
                latency: element.named("Latency").map(|latency| self.latency(latency)).collect(),
                playback_rates: element
                    .named("PlaybackRate")
                    .map(|rate| PlaybackRate {
                        min: values::thousandths(rate, "min"),
                        max: values::thousandths(rate, "max"),
                    })
                    .collect(),
                ..ServiceDescription::default()
            })
            .collect()
    }

    fn latency(&mut self, element: Element<'d>) -> Latency {
        let mut millis = |name| self.number(element, name).map(Micros::from_millis);
        Latency {
            target: millis("target"),
            min: millis("min"),
            max: millis("max"),
            reference_id: self.number(element, "referenceId"),
            quality: Vec::new(),
        }
    }

    pub(super) fn event_streams(&mut self, period: Element<'d>, start: Micros) -> Vec<EventStream> {
        let found = period.named("EventStream").take(values::MAX_DESCRIPTORS);
        found.map(|element| self.event_stream(element, start)).collect()
    }

    fn event_stream(&mut self, element: Element<'d>, start: Micros) -> EventStream {
        let timescale = self
            .number(element, "timescale")
            .filter(|scale| *scale > 0)
            .unwrap_or(1);
        let offset: u64 = self.number(element, "presentationTimeOffset").unwrap_or(0);
        let scaled = |ticks: i128| Micros::from_ticks(ticks, u64::from(timescale));
        let mut events: Vec<Event> = Vec::new();
        for event in element.named("Event") {
            let time: u64 = self.number(event, "presentationTime").unwrap_or(0);
            let duration: Option<u64> = self.number(event, "duration");
            let message = values::text(event, "messageData").unwrap_or_else(|| event.text().to_owned());
            events.push(Event {
                start: start + scaled(i128::from(time) - i128::from(offset)),
                duration: duration.map(|ticks| scaled(i128::from(ticks))),
                id: self.number(event, "id"),
                data: EventData::Text(message),
                base64: event
                    .attribute("contentEncoding")
                    .is_some_and(|how| how.trim_ascii() == "base64"),
            });
        }
        events.sort_by_key(|event| event.start);
        let kind = values::descriptor(element);
        EventStream {
            scheme: kind.scheme,
            value: kind.value,
            timescale,
            presentation_time_offset: offset,
            events,
        }
    }

    pub(super) fn inband_event_streams(&mut self, parent: Element<'d>) -> Vec<InbandEventStream> {
        let found = parent.named("InbandEventStream").take(values::MAX_DESCRIPTORS);
        found
            .map(|element| {
                let kind = values::descriptor(element);
                InbandEventStream {
                    scheme: kind.scheme,
                    value: kind.value,
                    id: kind.id,
                    timescale: self.number(element, "timescale"),
                }
            })
            .collect()
    }

    pub(super) fn producer_reference_times(
        &mut self,
        parent: Element<'d>,
        to_presentation: impl Fn(u64) -> Micros,
    ) -> Vec<ProducerReferenceTime> {
        let found = parent.named("ProducerReferenceTime").take(values::MAX_DESCRIPTORS);
        found
            .map(|element| ProducerReferenceTime {
                id: self.number(element, "id").unwrap_or(0),
                inband: values::boolean(element, "inband").unwrap_or(false),
                kind: values::text(element, "type").unwrap_or_else(|| "encoder".to_owned()),
                wall_clock: self.date(element, "wallClockTime"),
                presentation_time: to_presentation(self.number(element, "presentationTime").unwrap_or(0)),
                utc_timing: element.named("UTCTiming").next().map(values::descriptor),
            })
            .collect()
    }

    pub(super) fn resyncs(&mut self, parent: Element<'d>, timescale: u32) -> Vec<Resync> {
        let found = parent.named("Resync").take(values::MAX_DESCRIPTORS);
        found
            .map(|element| {
                let interval: Option<u64> = self.number(element, "dT");
                Resync {
                    kind: self.number(element, "type").unwrap_or(0),
                    interval: interval.map(|ticks| Micros::from_ticks(i128::from(ticks), u64::from(timescale))),
                    max_bytes: values::thousandths(element, "dImax"),
                    min_bytes: values::thousandths(element, "dImin"),
                    marker: values::boolean(element, "marker").unwrap_or(false),
                }
            })
            .collect()
    }
}

pub(super) fn locations(mpd: Element<'_>, url: &str) -> Vec<Location> {
    let found = mpd.named("Location").take(values::MAX_DESCRIPTORS);
    found
        .map(|element| Location {
            url: uri::resolve(url, element.text()),
            service_location: values::text(element, "serviceLocation"),
        })
        .collect()
}

pub(super) fn patch_locations(mpd: Element<'_>, url: &str) -> Vec<PatchLocation> {
    let found = mpd.named("PatchLocation").take(values::MAX_DESCRIPTORS);
    found
        .map(|element| PatchLocation {
            url: uri::resolve(url, element.text()),
            ttl: values::decimal_seconds(element, "ttl"),
            service_location: values::text(element, "serviceLocation"),
        })
        .collect()
}

pub(super) fn content_protections(element: Element<'_>) -> Vec<ContentProtection> {
    let found = element.named("ContentProtection").take(values::MAX_DESCRIPTORS);
    found
        .map(|element| {
            let kind = values::descriptor(element);
            ContentProtection {
                scheme: kind.scheme.to_ascii_lowercase(),
                value: kind.value,
                ..ContentProtection::default()
            }
        })
        .collect()
}
