//! The manifest as a page sees it. `presentation.d.ts` says the same in TypeScript; a test compares them.

use footlight_dash::{
    Access, AdaptationSet, AlternativeMpd, BaseUrl, ByteRange, ClientDataReporting, ContentProtection, ContentSteering,
    ContentType, Descriptor, Details, Diagnostic, Event, EventData, EventStream, ExtendedBandwidth, Failover,
    InbandEventStream, InitializationGroup, InitializationSet, Label, Latency, LeapSeconds, Location, Metrics,
    OperatingPoint, PatchLocation, Period, PlaybackRate, Popularity, Preselection, Presentation, ProducerReferenceTime,
    ProgramInformation, Representation, Resource, Resync, Segment, ServiceDescription, Severity, SubRepresentation,
    UrlQuery, resolve,
};

use crate::json::{Fields, Json, Writer, fields, names};

fields! {
    Presentation {
        dynamic, duration, min_buffer_time, program, periods, id, profiles, availability_start, availability_end,
        publish_time, minimum_update_period, time_shift_buffer_depth, suggested_presentation_delay,
        max_segment_duration, locations, patch_locations, utc_timings, leap_seconds, service_descriptions,
        content_steering, essential, supplemental, early_periods, initialization_sets, initialization_groups,
        initialization_presentations, chained_urls, fallback_urls, metrics,
    }
    InitializationSet {
        id, in_all_periods, content_type, mime_type, codecs, par, max_width, max_height, max_frame_rate,
        initialization, roles, accessibility,
    }
    InitializationGroup { id, content_type, members }
    Location { url, service_location }
    PatchLocation { url, ttl, service_location }
    ProgramInformation { title, source, copyright, lang, more_information_url }
    Period {
        id, start, duration, adaptation_sets, service_descriptions, event_streams, asset_identifier, subsets,
        preselections, supplemental, essential, group_labels, empty_sets,
    }
    Preselection {
        id, components, lang, order, channels, tag, selection_priority, codecs, labels, roles, accessibility,
    }
    AdaptationSet {
        id, content_type, lang, labels, roles, accessibility, essential, supplemental, content_protection,
        selection_priority, segment_alignment, representations, group, viewpoints, ratings, inband_event_streams,
        producer_reference_times, resyncs, failover, switching, trick_mode_of, period_continuity, period_connectivity,
        par, bitstream_switching, group_labels, segment_sequences, preselection_only, initialization_set_refs, details,
    }
    BaseUrl {
        url, service_location, priority, weight, availability_time_offset, availability_time_complete,
        time_shift_buffer_depth, byte_range,
    }
    SubRepresentation { level, dependency_levels, bandwidth, content_components, codecs }
    ByteRange { start, end }
    Label { id, lang, text }
    Descriptor { scheme, value, id }
    ContentProtection {
        scheme, value, default_kids, pssh, playready_object, licence_urls, authorization_urls, robustness,
    }
    Details { frame_packing, output_protection, switching, random_access, popularity, extended_bandwidth }
    Access { interval, kind, min_buffer_time, bandwidth }
    Popularity { source, description, rates }
    ExtendedBandwidth { is_variable, pairs }
    Metrics { keys, ranges, reporting }
    ServiceDescription {
        id, scopes, latency, playback_rates, operating_quality, operating_bandwidth, content_steering,
        client_data_reporting,
    }
    Latency { reference_id, target, min, max, quality }
    PlaybackRate { min as thousandths, max as thousandths }
    OperatingPoint { media_type, min, max, target, metric, max_difference }
    ContentSteering {
        url, default_service_locations, query_before_start, proxy_server_url, client_requirement,
    }
    ClientDataReporting {
        service_locations, adaptation_sets, version, mode, include_in_requests, keys, content_id, session_id,
    }
    EventStream { scheme, value, timescale, presentation_time_offset, events }
    Event { start, duration, id, data, base64, alternative }
    AlternativeMpd {
        url, replace, earliest_resolution_offset, max_duration, return_offset, clip, start_with_offset, execute_once,
        no_jump, skip_after, service_description,
    }
    InbandEventStream { scheme, value, id, timescale }
    ProducerReferenceTime { id, inband, kind, wall_clock, presentation_time, utc_timing }
    Resync { kind, interval, max_bytes as thousandths, min_bytes as thousandths, marker }
    Failover { start, duration, valid }
    LeapSeconds { start_offset, next_offset, next_change }
    Diagnostic { code, severity, line, column, message, detail, clause }
}

names!(ContentType {
    Video: "video",
    Audio: "audio",
    Text: "text",
    Image: "image",
    Other: "other"
});
names!(Severity {
    Info: "info",
    Warning: "warning",
    Error: "error"
});

impl Json for Box<Details> {
    fn write(&self, out: &mut Writer) {
        (**self).write(out);
    }
}

impl Json for Box<AlternativeMpd> {
    fn write(&self, out: &mut Writer) {
        (**self).write(out);
    }
}

impl Json for EventData {
    /// Text, whether it has markup or not.
    fn write(&self, out: &mut Writer) {
        let (Self::Text(text) | Self::Xml(text)) = self;
        text.write(out);
    }
}

/// What parameters requests carry is between the player and the server: they may be a token.
impl Fields for UrlQuery {
    fn fields(&self, out: &mut Writer) {
        out.field("requests", &self.requests);
        out.field("same_origin_only", &self.same_origin_only);
    }
}

impl Fields for Representation {
    #[rustfmt::skip]
    fn fields(&self, out: &mut Writer) {
        macro_rules! all {
            ($($field:ident),* $(,)?) => { $(out.field(stringify!($field), &self.$field);)* };
        }
        all!(
            id, bandwidth, mime_type, codecs, width, height, frame_rate, sample_rate, channels, quality_ranking,
            base_urls, tile, essential, supplemental, inband_event_streams, producer_reference_times, resyncs,
            failover, sar, supplemental_codecs, start_with_sap, interlaced, url_query, header_query,
            coding_dependency, media_stream_structure, associations, sub_representations, details,
        );
        out.field("max_playout_rate", &self.max_playout_rate.map(crate::json::Thousandths));
        out.field("segments", &Addressed(self));
    }
}

/// How a Representation's segments are addressed.
struct Addressed<'a>(&'a Representation);

impl Fields for Addressed<'_> {
    fn fields(&self, out: &mut Writer) {
        let index = self.0.index();
        let count = index.len();
        let place = |resource: Resource| Place {
            representation: self.0,
            resource,
        };
        let shown = |at| {
            index.segment(at).map(|segment| Shown {
                representation: self.0,
                segment,
            })
        };
        out.field("timestamp_offset", &self.0.timestamp_offset());
        out.field("initialization", &self.0.initialization().map(place));
        out.field("index", &index.pending().map(place));
        out.field("is_explicit", &index.is_explicit());
        out.field("count", &count);
        out.field("first", &shown(0));
        out.field("last", &count.and_then(|count| shown(count.checked_sub(1)?)));
    }
}

/// Something to fetch, at the first of the base URLs.
struct Place<'a> {
    representation: &'a Representation,
    resource: Resource,
}

impl Fields for Place<'_> {
    fn fields(&self, out: &mut Writer) {
        let base = self.representation.base_urls.first().map(|base| base.url.as_str());
        out.field("url", &resolve(base.unwrap_or_default(), &self.resource.reference));
        out.field("range", &self.resource.range);
    }
}

/// A segment.
struct Shown<'a> {
    representation: &'a Representation,
    segment: Segment,
}

impl Fields for Shown<'_> {
    fn fields(&self, out: &mut Writer) {
        out.field("start", &self.segment.start);
        out.field("end", &self.segment.end);
        let place = Place {
            representation: self.representation,
            resource: self.segment.resource.clone(),
        };
        place.fields(out);
        out.field("sub_number", &self.segment.sub_number);
    }
}
