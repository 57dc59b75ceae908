//! What events say, decoded: SCTE 35 and ID3. `presentation.d.ts` says the same in TypeScript; a test compares them.

use footlight_core::events::EventPayload;
use footlight_core::events::id3::{Content, Frame};
use footlight_core::events::scte35::{
    AudioChannel, BreakDuration, Command, ComponentTime, DeliveryRestrictions, Descriptor, Encryption, Pts,
    ScheduledEvent, ScheduledSplice, ScheduledTime, Segmentation, SegmentationEvent, Splice, SpliceInfo, SpliceInsert,
    SpliceTiming, SubSegment, Upid,
};

use crate::json::{Fields, Json, Writer, fields};

/// What an event says, where it is said in fields.
pub(crate) struct Payload(pub(crate) EventPayload);

impl Json for Payload {
    fn write(&self, out: &mut Writer) {
        match &self.0 {
            EventPayload::Scte35(section) => out.object(|out| tagged(out, "scte35", &**section)),
            EventPayload::Id3(frames) => out.object(|out| {
                out.field("type", &"id3");
                out.field("frames", frames);
            }),
            _ => None::<bool>.write(out),
        }
    }
}

fn tagged(out: &mut Writer, kind: &str, fields: &dyn Fields) {
    out.field("type", &kind);
    fields.fields(out);
}

fields! {
    SpliceInfo { sap_type, pts_adjustment, tier, encryption, command, descriptors }
    Encryption { algorithm, control_word }
    ScheduledEvent { event_id, splice }
    ScheduledSplice { out_of_network, time, break_duration, unique_program_id, avail_num, avails_expected }
    SpliceInsert { event_id, splice }
    Splice {
        out_of_network, id_compliant, timing, break_duration, unique_program_id, avail_num, avails_expected,
    }
    ComponentTime { tag, time }
    BreakDuration { auto_return, duration }
    Segmentation { event_id, id_compliant, event }
    SegmentationEvent {
        components, duration, restrictions, upid_type, upids, type_id, segment_num, segments_expected, sub_segment,
    }
    SubSegment { num, expected }
    DeliveryRestrictions { web_delivery_allowed, no_regional_blackout, archive_allowed, device_restrictions }
}

/// Seconds of the media's own clock, which starts again after 26.5 hours.
impl Json for Pts {
    fn write(&self, out: &mut Writer) {
        self.micros().write(out);
    }
}

impl Fields for Command {
    fn fields(&self, out: &mut Writer) {
        match self {
            Self::Null => out.field("type", &"null"),
            Self::Schedule(events) => {
                out.field("type", &"schedule");
                out.field("events", events);
            }
            Self::Insert(insert) => tagged(out, "insert", insert),
            Self::TimeSignal(time) => {
                out.field("type", &"timeSignal");
                out.field("time", time);
            }
            Self::BandwidthReservation => out.field("type", &"bandwidthReservation"),
            Self::Private { identifier, data } => {
                out.field("type", &"private");
                out.field("identifier", identifier);
                out.field("data", data);
            }
            Self::Unknown(command, data) => {
                out.field("type", &"unknown");
                out.field("command", command);
                out.field("data", data);
            }
            Self::Encrypted => out.field("type", &"encrypted"),
        }
    }
}

/// A time of the programme, or of each component by its tag, as seconds since the GPS epoch.
impl Fields for ScheduledTime {
    fn fields(&self, out: &mut Writer) {
        match self {
            Self::Program(time) => out.field("program", time),
            Self::Components(times) => out.field("components", times),
        }
    }
}

impl Fields for SpliceTiming {
    fn fields(&self, out: &mut Writer) {
        match self {
            Self::Immediate => out.field("type", &"immediate"),
            Self::Program(time) => {
                out.field("type", &"program");
                out.field("time", time);
            }
            Self::Components(components) => {
                out.field("type", &"components");
                out.field("components", components);
            }
        }
    }
}

impl Fields for Descriptor {
    fn fields(&self, out: &mut Writer) {
        match self {
            Self::Avail(id) => {
                out.field("type", &"avail");
                out.field("provider_avail_id", id);
            }
            Self::Dtmf { preroll, tones } => {
                out.field("type", &"dtmf");
                out.field("preroll", preroll);
                out.field("tones", tones);
            }
            Self::Segmentation(segmentation) => tagged(out, "segmentation", segmentation),
            Self::Time {
                tai_seconds,
                tai_nanoseconds,
                utc_offset,
            } => {
                out.field("type", &"time");
                out.field("tai_seconds", tai_seconds);
                out.field("tai_nanoseconds", tai_nanoseconds);
                out.field("utc_offset", utc_offset);
            }
            Self::Audio(channels) => {
                out.field("type", &"audio");
                out.field("channels", channels);
            }
            Self::Other { tag, identifier, data } => {
                out.field("type", &"other");
                out.field("tag", tag);
                out.field("identifier", identifier);
                out.field("data", data);
            }
        }
    }
}

impl Fields for AudioChannel {
    fn fields(&self, out: &mut Writer) {
        out.field("component_tag", &self.component_tag);
        out.field("language", &String::from_utf8_lossy(&self.language).into_owned());
        out.field("bit_stream_mode", &self.bit_stream_mode);
        out.field("channels", &self.channels);
        out.field("full_service", &self.full_service);
    }
}

impl Fields for Upid {
    fn fields(&self, out: &mut Writer) {
        out.field("kind", &self.kind);
        out.field("text", &self.text());
        out.field("data", &self.data);
    }
}

impl Fields for Frame {
    fn fields(&self, out: &mut Writer) {
        out.field("id", &String::from_utf8_lossy(&self.id).into_owned());
        match &self.content {
            Content::Text { description, values } => {
                out.field("type", &"text");
                out.field("description", description);
                out.field("values", values);
            }
            Content::Url { description, url } => {
                out.field("type", &"url");
                out.field("description", description);
                out.field("url", url);
            }
            Content::Private { owner, data } => {
                out.field("type", &"private");
                out.field("owner", owner);
                out.field("data", data);
            }
            Content::Binary(data) => {
                out.field("type", &"binary");
                out.field("data", data);
            }
        }
    }
}
