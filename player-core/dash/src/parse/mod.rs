//! From text to the model, in one pass: elements are read as they come ([`Reader`]), and when all Periods are known
//! to have their place each is resolved ([`Resolver`]), since how long it is follows from the next one.

mod addressing;
mod base_urls;
mod details;
mod elements;
mod events;
mod period;
mod place;
mod query;
mod raw;
mod remote;
mod reuse;
mod segments;
mod service;
mod sets;
mod values;

pub(crate) use place::Known;
pub(crate) use query::append as append_query;
pub(crate) use remote::{Answer, is_sound};
pub(crate) use reuse::Remembered;

use crate::{
    Error, FULL, Halt, InitializationGroup, LeapSeconds, Location, Micros, Parsed, PatchLocation, Presentation,
    ProgramInformation,
    manifest::Remote,
    model::UrlQuery,
    report::Report,
    scan::{Scanner, Tag},
    uri,
};
use elements::add;
use raw::{Common, RawPeriod, RawProtection, Text};

/// The most bytes made of inherited and repeated parts (URLs, templates, timelines).
const MAX_EXPANDED_BYTES: usize = 64 << 20;
/// The most Periods read.
const MAX_PERIODS: usize = 1 << 14;

const CHILDREN: [&str; 16] = [
    "ProgramInformation",
    "BaseURL",
    "Location",
    "PatchLocation",
    "ServiceDescription",
    "InitializationSet",
    "InitializationGroup",
    "InitializationPresentation",
    "ContentProtection",
    "ContentSteering",
    "Period",
    "Metrics",
    "EssentialProperty",
    "SupplementalProperty",
    "UTCTiming",
    "LeapSecondInformation",
];

/// Parses an MPD. `manifest_url` is where it came from (after redirects); relative URLs resolve against it.
///
/// One bad Representation or AdaptationSet is left out and reported, it does not fail the manifest.
///
/// # Errors
/// When the text is not XML, is cut off, is not an MPD, has no usable Period, or exceeds a bound.
pub fn parse(text: &str, manifest_url: &str) -> Result<Parsed, Error> {
    Ok(parse_with(text, manifest_url, &Memory::default())?.parsed)
}

/// What is known when a manifest is read.
#[derive(Default)]
pub(crate) struct Memory<'a> {
    /// What links led to.
    pub(crate) answers: &'a [Answer],
    /// The text before a refresh, and the Periods made of it.
    pub(crate) text: &'a str,
    pub(crate) known: &'a [Known],
    /// The timelines in it.
    pub(crate) timelines: &'a [Remembered],
    /// All that the known Periods inherit.
    pub(crate) context: &'a str,
}

/// What comes of reading a manifest.
pub(crate) struct Outcome {
    pub(crate) parsed: Parsed,
    pub(crate) known: Vec<Known>,
    pub(crate) timelines: Vec<Remembered>,
    pub(crate) context: String,
    pub(crate) remotes: Vec<Remote>,
}

pub(crate) fn parse_with<'a>(text: &'a str, url: &'a str, memory: &Memory<'a>) -> Result<Outcome, Halt> {
    let mut reader = Reader {
        scan: Scanner::new(text)?,
        url,
        url_query: url
            .split_once('?')
            .map_or("", |(_, query)| query.split('#').next().unwrap_or_default()),
        answers: memory.answers,
        remotes: Vec::new(),
        path: Vec::new(),
        pending_path: None,
        depth: 0,
        timelines: Vec::new(),
        before: memory.timelines,
        next_before: 0,
        repetitions: reuse::Repetitions::default(),
        is_dynamic: false,
        definitions: Vec::new(),
        known_text: memory.text,
        known: memory.known,
        next_known: 0,
        root: None,
        representations: 0,
        messages: 0,
        linked_bytes: 0,
    };
    let mut root = None;
    while let Some(tag) = reader.scan.child()? {
        if tag.local() != "MPD" {
            return Err(crate::report::Locator::new(text).not_mpd(tag.name, tag.start));
        }
        root = Some(reader.mpd(&tag)?);
    }
    let Some(root) = root else {
        return Err(reader.scan.malformed("there is no element", text.len()));
    };
    place::resolve(reader, root, memory)
}

/// The MPD as it is read.
struct RawMpd<'a> {
    start: usize,
    told: Option<Micros>,
    presentation: Presentation,
    common: Common<'a>,
    periods: Vec<RawPeriod<'a>>,
    /// All that Periods inherit, in one string.
    context: String,
    /// Places of `Location`s and `PatchLocation`s want parameters too.
    queries: Vec<UrlQuery>,
}

/// Reads elements.
struct Reader<'a> {
    scan: Scanner<'a>,
    /// What relative URLs of links resolve against.
    url: &'a str,
    /// The query of the manifest's URL.
    url_query: &'a str,
    answers: &'a [Answer],
    remotes: Vec<Remote>,
    /// URLs of the fragments that lead here.
    path: Vec<String>,
    pending_path: Option<String>,
    depth: usize,
    /// Timelines read: all of them when a refresh may come, else the last ones.
    timelines: Vec<Remembered>,
    /// Timelines of the text before a refresh.
    before: &'a [Remembered],
    next_before: usize,
    repetitions: reuse::Repetitions<'a>,
    is_dynamic: bool,
    /// ContentProtection that others may refer to, of the Period at hand and of what is around it.
    definitions: Vec<RawProtection<'a>>,
    known_text: &'a str,
    known: &'a [Known],
    next_known: usize,
    /// Where the root has just started, for Periods that are read late.
    root: Option<Scanner<'a>>,
    representations: usize,
    messages: usize,
    linked_bytes: usize,
}

impl<'a> Reader<'a> {
    fn mpd(&mut self, tag: &Tag<'a>) -> Result<RawMpd<'a>, Halt> {
        if !tag.is_mpd {
            self.scan.adopt(tag);
        }
        let mut mpd = self.mpd_attributes(tag);
        if !self.known.is_empty() {
            self.root = Some(self.scan.within_root(tag.end));
        }
        let mut last = 0;
        while let Some(child) = self.scan.child()? {
            self.order(&CHILDREN, &child, &mut last);
            if child.mpd() == "Period" {
                if mpd.periods.len() >= MAX_PERIODS {
                    return Err(self.scan.too_large("Periods", MAX_PERIODS, child.start));
                }
                self.periods(&child, &mut mpd.periods)?;
                continue;
            }
            let is_inherited = matches!(
                child.mpd(),
                "BaseURL" | "ContentProtection" | "EssentialProperty" | "SupplementalProperty" | "RequestParam"
            );
            self.mpd_child(&child, &mut mpd)?;
            if is_inherited {
                let text = self.scan.text().get(child.start..self.scan.at());
                mpd.context.push_str(text.unwrap_or_default());
            }
        }
        mpd.queries.extend(mpd.common.query.clone());
        Ok(mpd)
    }

    fn mpd_attributes(&mut self, tag: &Tag<'a>) -> RawMpd<'a> {
        let kind = self.raw("type").unwrap_or("static");
        if !matches!(kind, "static" | "dynamic" | "list") {
            self.invalid("type");
        }
        let dynamic = kind == "dynamic";
        self.is_dynamic = dynamic;
        let required = ["profiles", "minBufferTime", "availabilityStartTime", "publishTime"];
        for name in required.into_iter().take(if dynamic { 4 } else { 2 }) {
            if FULL && self.raw(name).is_none() {
                self.scan.report.add(tag.start, "attribute.missing", name);
            }
        }
        let mut context = String::new();
        for (prefix, is_mpd) in self.scan.scope() {
            context.push_str(prefix);
            context.push(if is_mpd { '!' } else { ':' });
        }
        context.push_str(self.url);
        context.push(if dynamic { '!' } else { ':' });
        let profiles = self.text("profiles").unwrap_or_default();
        RawMpd {
            start: tag.start,
            told: self.duration("mediaPresentationDuration"),
            presentation: Presentation {
                dynamic,
                min_buffer_time: self.duration("minBufferTime").unwrap_or_default(),
                id: self.owned("id"),
                profiles: service::profiles(&profiles),
                availability_start: self.date("availabilityStartTime"),
                availability_end: self.date("availabilityEndTime"),
                publish_time: self.date("publishTime"),
                minimum_update_period: self.duration("minimumUpdatePeriod"),
                time_shift_buffer_depth: self.duration("timeShiftBufferDepth"),
                suggested_presentation_delay: self.duration("suggestedPresentationDelay"),
                max_segment_duration: self.duration("maxSegmentDuration"),
                ..Presentation::default()
            },
            common: Common::default(),
            periods: Vec::new(),
            context,
            queries: Vec::new(),
        }
    }

    fn mpd_child(&mut self, child: &Tag<'a>, mpd: &mut RawMpd<'a>) -> Result<(), Halt> {
        let shown = &mut mpd.presentation;
        match child.mpd() {
            "ProgramInformation" if FULL => {
                let program = self.program_information()?;
                shown.program.get_or_insert(program);
            }
            "Location" => {
                let service_location = self.owned("serviceLocation");
                let url = uri::resolve(self.url, &self.url_content(child)?);
                add(&mut shown.locations, Location { url, service_location });
            }
            "PatchLocation" => {
                let (ttl, service_location) = (self.seconds("ttl"), self.owned("serviceLocation"));
                let url = uri::resolve(self.url, &self.url_content(child)?);
                let location = PatchLocation {
                    url,
                    ttl,
                    service_location,
                };
                add(&mut shown.patch_locations, location);
            }
            "ServiceDescription" => {
                let service = self.service_description()?;
                add(&mut shown.service_descriptions, service);
            }
            "InitializationSet" if FULL => {
                let set = self.initialization_set()?;
                add(&mut shown.initialization_sets, set);
            }
            "InitializationGroup" | "InitializationPresentation" if FULL => {
                let group = InitializationGroup {
                    id: self.number("id").unwrap_or(0),
                    content_type: self.owned("contentType"),
                    members: values::numbers(&self.scan.content()?).collect(),
                };
                add(
                    if child.mpd() == "InitializationGroup" {
                        &mut shown.initialization_groups
                    } else {
                        &mut shown.initialization_presentations
                    },
                    group,
                );
            }
            "ContentSteering" => shown.content_steering = Some(self.content_steering(child)?),
            "UTCTiming" => self.descriptor_to(child, &mut shown.utc_timings)?,
            "Metrics" if FULL => {
                let metrics = self.metrics()?;
                add(&mut shown.metrics, metrics);
            }
            "LeapSecondInformation" if FULL => {
                shown.leap_seconds = Some(LeapSeconds {
                    start_offset: self.number("availabilityStartLeapOffset").unwrap_or(0),
                    next_offset: self.number("nextAvailabilityStartLeapOffset"),
                    next_change: self.date("nextLeapChangeTime"),
                });
                self.skip()?;
            }
            "RequestParam" => {
                let mut query = None;
                self.query(&mut query);
                self.skip()?;
                if let Some(query) = query {
                    if query.is_for("segment") {
                        mpd.common.query = Some(query);
                    } else if mpd.queries.len() < MAX_QUERIES {
                        mpd.queries.push(query);
                    }
                }
            }
            _ if self.common_child(child, &mut mpd.common)? => {}
            _ => self.skip()?,
        }
        Ok(())
    }

    fn program_information(&mut self) -> Result<ProgramInformation, Halt> {
        let mut program = ProgramInformation {
            lang: self.owned("lang"),
            more_information_url: self.owned("moreInformationURL"),
            ..ProgramInformation::default()
        };
        while let Some(child) = self.scan.child()? {
            let slot = match child.mpd() {
                "Title" => &mut program.title,
                "Source" => &mut program.source,
                "Copyright" => &mut program.copyright,
                _ => {
                    self.skip()?;
                    continue;
                }
            };
            let text = Some(self.scan.content()?).filter(|text| !text.is_empty());
            *slot = slot.take().or(text.map(Text::into_owned));
        }
        Ok(program)
    }
}

/// The most RequestParams of an MPD.
const MAX_QUERIES: usize = 16;

/// Makes the model of what was read.
struct Resolver<'a> {
    text: &'a str,
    url: &'a str,
    dynamic: bool,
    report: Report,
    timelines: addressing::Timelines,
    bases: base_urls::Finished,
    twins: Vec<sets::Twin<'a>>,
    expanded: usize,
}

impl Resolver<'_> {
    /// Counts bytes that a small document may make many of.
    fn charge(&mut self, bytes: usize, start: usize) -> Result<(), Halt> {
        self.expanded = self.expanded.saturating_add(bytes);
        if self.expanded > MAX_EXPANDED_BYTES {
            let locator = crate::report::Locator::new(self.text);
            return Err(locator.too_large("expanded bytes", MAX_EXPANDED_BYTES, start));
        }
        Ok(())
    }
}

#[cfg(test)]
use crate::index::Scheme;
#[cfg(test)]
mod tests;
