//! From the tree of elements to the model.

mod addressing;
mod base_urls;
mod live;
mod sets;
mod values;

use crate::{
    Error, Micros, Parsed, Period, Presentation, ProgramInformation, SegmentIndex, Segments,
    index::Scheme,
    report::{Locator, Report},
    xml::{Document, Element},
    xsd,
};
use addressing::{Addresser, Level};
use std::sync::Arc;

/// The most Representations read.
const MAX_REPRESENTATIONS: usize = 20_000;
/// The most bytes made of inherited and repeated parts (URLs, templates, timelines).
const MAX_EXPANDED_BYTES: usize = 64 << 20;

/// Parses an MPD. `manifest_url` is where it came from (after redirects); relative URLs resolve against it.
///
/// One bad Representation or AdaptationSet is left out and reported, it does not fail the manifest.
///
/// # Errors
/// When the text is not XML, is cut off, is not an MPD, has no usable Period, or exceeds a bound.
pub fn parse(text: &str, manifest_url: &str) -> Result<Parsed, Error> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let document = Document::parse(text)?;
    let mut context = Context {
        locator: Locator::new(text),
        report: Report::default(),
        addresser: Addresser::default(),
        representations: 0,
        expanded: 0,
    };
    let presentation = context.presentation(document.root(), manifest_url)?;
    Ok(Parsed {
        presentation,
        diagnostics: context.report.finish(text),
    })
}

/// What the parts of the parser share.
struct Context<'d> {
    locator: Locator<'d>,
    report: Report,
    addresser: Addresser,
    representations: usize,
    expanded: usize,
}

/// A Period that has a place, and what it inherits.
struct Placed<'d> {
    element: Element<'d>,
    start: Micros,
    /// `@duration`.
    told: Option<Micros>,
}

impl<'d> Context<'d> {
    /// Counts bytes that a small document may make many of.
    fn charge(&mut self, bytes: usize, element: Element<'d>) -> Result<(), Error> {
        self.expanded = self.expanded.saturating_add(bytes);
        if self.expanded > MAX_EXPANDED_BYTES {
            let at = element.offset() as usize;
            return Err(self.locator.too_large("expanded bytes", MAX_EXPANDED_BYTES, at));
        }
        Ok(())
    }

    fn presentation(&mut self, mpd: Element<'d>, manifest_url: &str) -> Result<Presentation, Error> {
        let dynamic = mpd.attribute("type").is_some_and(|kind| kind.trim_ascii() == "dynamic");
        let told = self.duration(mpd, "mediaPresentationDuration");
        let min_buffer_time = self.duration(mpd, "minBufferTime").unwrap_or_default();
        for property in mpd.named("EssentialProperty").take(values::MAX_DESCRIPTORS) {
            let property = values::descriptor(property);
            let message = format!("the MPD asks for {}, which is not known", property.scheme);
            self.report.add(mpd.offset(), "mpd.essential-property", message);
        }
        let base_urls = self.base_urls(&base_urls::of_manifest(manifest_url), mpd);
        let level = Level::of(mpd);
        let placed = self.place_periods(mpd, dynamic);
        let mut periods = Vec::with_capacity(placed.len());
        for (at, period) in placed.iter().enumerate() {
            let next = placed.get(at.saturating_add(1)).map(|next| next.start);
            let duration = self.period_duration(period, next, told);
            if duration.is_some_and(|duration| duration <= Micros::ZERO) {
                self.report.add(
                    period.element.offset(),
                    "period.empty",
                    "a Period has no duration and was left out",
                );
                continue;
            }
            periods.push(Arc::new(self.period(period, duration, &base_urls, level)?));
        }
        let Some(last) = periods.last() else {
            return Err(self.locator.no_periods(mpd.offset() as usize));
        };
        let duration = if dynamic {
            told
        } else {
            last.end().or_else(|| media_end(last))
        };
        if duration.is_none() && !dynamic {
            self.report.add(
                mpd.offset(),
                "mpd.no-duration",
                "the duration of the presentation is not known",
            );
        }
        let program = mpd.named("ProgramInformation").next().map(program_information);
        Ok(Presentation {
            dynamic,
            duration,
            min_buffer_time,
            program,
            periods,
            id: values::text(mpd, "id"),
            profiles: values::list(mpd, "profiles", ','),
            availability_start: self.date(mpd, "availabilityStartTime"),
            availability_end: self.date(mpd, "availabilityEndTime"),
            publish_time: self.date(mpd, "publishTime"),
            minimum_update_period: self.duration(mpd, "minimumUpdatePeriod"),
            time_shift_buffer_depth: self.duration(mpd, "timeShiftBufferDepth"),
            suggested_presentation_delay: self.duration(mpd, "suggestedPresentationDelay"),
            max_segment_duration: self.duration(mpd, "maxSegmentDuration"),
            locations: live::locations(mpd, manifest_url),
            patch_locations: live::patch_locations(mpd, manifest_url),
            utc_timings: values::descriptors(mpd, "UTCTiming"),
            leap_seconds: None,
            service_descriptions: self.service_descriptions(mpd),
            content_steering: None,
            essential: values::descriptors(mpd, "EssentialProperty"),
            supplemental: values::descriptors(mpd, "SupplementalProperty"),
        })
    }

    /// An `xs:duration` that is not negative.
    pub(super) fn duration(&mut self, element: Element<'d>, name: &str) -> Option<Micros> {
        let text = element.attribute(name)?;
        match xsd::parse_duration(&text) {
            Ok(duration) if duration >= Micros::ZERO => Some(duration),
            _ => {
                let message = format!("@{name} is not a duration");
                self.report.add(element.offset(), "attribute.invalid", message);
                None
            }
        }
    }

    /// PeriodStart of every Period (ISO/IEC 23009-1, 5.3.2.1); those without one are left out.
    fn place_periods(&mut self, mpd: Element<'d>, dynamic: bool) -> Vec<Placed<'d>> {
        let mut placed: Vec<Placed<'d>> = Vec::new();
        // Where the next Period starts when it does not say so.
        let mut follows = (!dynamic).then_some(Micros::ZERO);
        for element in mpd.named("Period") {
            if let Some(link) = element.attribute("xlink:href") {
                if link.trim_ascii() == "urn:mpeg:dash:resolve-to-zero:2013" {
                    continue;
                }
                self.report.add(
                    element.offset(),
                    "period.remote",
                    "a remote Period was read as it is here",
                );
            }
            let told = self.duration(element, "duration");
            let Some(start) = self.duration(element, "start").or(follows) else {
                self.report.add(
                    element.offset(),
                    "period.no-start",
                    "a Period without a start was left out",
                );
                continue;
            };
            follows = told.map(|duration| start + duration);
            if placed
                .last()
                .is_some_and(|before| start <= before.start && before.told != Some(Micros::ZERO))
            {
                let message = "a Period that starts no later than the one before it was left out";
                self.report.add(element.offset(), "period.order", message);
                continue;
            }
            placed.push(Placed { element, start, told });
        }
        placed
    }

    /// Up to the next Period; the last one up to the end of the presentation or its own, whichever is first.
    fn period_duration(&mut self, period: &Placed<'d>, next: Option<Micros>, mpd: Option<Micros>) -> Option<Micros> {
        let Some(next) = next else {
            let left = mpd.map(|end| end - period.start);
            return match (left, period.told) {
                (Some(left), Some(told)) => Some(left.min(told)),
                (left, told) => left.or(told),
            };
        };
        let duration = next - period.start;
        if period.told.is_some_and(|told| told > Micros::ZERO && told != duration) {
            let message = "a Period's duration is not the time to the next Period's start, which counts";
            self.report.add(period.element.offset(), "period.duration", message);
        }
        Some(duration)
    }

    fn period(
        &mut self,
        placed: &Placed<'d>,
        duration: Option<Micros>,
        base_urls: &[base_urls::Inherited],
        mpd: Level<'d>,
    ) -> Result<Period, Error> {
        let element = placed.element;
        let mut period = Period {
            id: element.attribute("id").map(Into::into),
            start: placed.start,
            duration,
            adaptation_sets: Vec::new(),
            service_descriptions: self.service_descriptions(element),
            event_streams: self.event_streams(element, placed.start),
            asset_identifier: element.named("AssetIdentifier").next().map(values::descriptor),
            subsets: Vec::new(),
            preselections: Vec::new(),
            supplemental: values::descriptors(element, "SupplementalProperty"),
        };
        let scope = sets::Scope {
            start: placed.start,
            duration,
            base_urls: self.base_urls(base_urls, element),
            levels: [mpd, Level::of(element)],
        };
        for set in element.named("AdaptationSet") {
            period.adaptation_sets.extend(self.adaptation_set(set, &scope)?);
        }
        if period.adaptation_sets.is_empty() {
            self.report
                .add(element.offset(), "period.no-media", "a Period has nothing to play");
        }
        Ok(period)
    }
}

/// Where the media of a Period end, as far as its timelines tell.
fn media_end(period: &Period) -> Option<Micros> {
    let representations = period.adaptation_sets.iter().flat_map(|set| &set.representations);
    representations
        .filter_map(|representation| end_of(&representation.segments))
        .max()
}

fn end_of(segments: &Segments) -> Option<Micros> {
    match segments.0.scheme {
        Scheme::Single(_) | Scheme::Base { .. } => None,
        Scheme::Template { .. } | Scheme::List { .. } => {
            let index = SegmentIndex::new(segments);
            Some(index.segment(index.len()?.checked_sub(1)?)?.end)
        }
    }
}

fn program_information(element: Element<'_>) -> ProgramInformation {
    let text = |name| {
        let text = element.named(name).next().map(|found| found.text().to_owned());
        text.filter(|text| !text.is_empty())
    };
    ProgramInformation {
        title: text("Title"),
        source: text("Source"),
        copyright: text("Copyright"),
    }
}

#[cfg(test)]
mod tests;
