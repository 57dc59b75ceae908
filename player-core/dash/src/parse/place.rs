//! Periods placed on the presentation timeline, and resolved one by one.

use super::{
    Memory, Outcome, RawMpd, Reader, Remembered, Resolver,
    base_urls::{self, Bases},
    query,
    raw::{self, Common, RawPeriod, RawProtection},
    reuse::starts_with,
    sets::Scope,
    values,
};
use crate::{
    FULL, Halt, Micros, Parsed, Period, Presentation, SegmentIndex, Segments,
    index::Scheme,
    report::{Finding, Locator},
    uri,
};
use std::{ops::Range, sync::Arc};

/// A Period and the text that it was made of, to be used again when neither the text nor what it inherits changes.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Its text.
    text: Range<usize>,
    /// How many elements there are in it.
    elements: usize,
    start: Micros,
    duration: Option<Micros>,
    period: Arc<Period>,
    /// What is wrong with it, placed from its first byte.
    findings: Vec<Finding>,
}

/// How far to look for a Period among those known.
const LOOK_AHEAD: usize = 64;
const END_TAG: &str = "</Period>";

impl<'a> Reader<'a> {
    /// The Period known that is the one at `start`, letter by letter: its number, its number of elements, and where
    /// its content ends.
    pub(super) fn known_at(&mut self, start: usize) -> Option<((usize, usize), usize)> {
        let rest = self.scan.text().get(start..)?.as_bytes();
        let candidates = self.known.get(self.next_known..)?.iter().take(LOOK_AHEAD);
        for (at, known) in candidates.enumerate() {
            let text = self.known_text.get(known.text.clone())?;
            if text.ends_with(END_TAG) && starts_with(rest, text) {
                let number = self.next_known.saturating_add(at);
                // Its timelines may be asked for at the next refresh.
                let before = self.before;
                let from = before.partition_point(|read| read.text.start < known.text.start);
                let within = before.get(from..).unwrap_or_default().iter();
                let moved = |place: usize| place.saturating_sub(known.text.start).saturating_add(start);
                self.next_before = from;
                for read in within.take_while(|read| read.text.end <= known.text.end) {
                    self.next_before = self.next_before.saturating_add(1);
                    let text = moved(read.text.start)..moved(read.text.end);
                    self.timelines.push(Remembered { text, ..read.clone() });
                }
                self.next_known = number.saturating_add(1);
                return Some(((number, known.elements), text.len().saturating_sub(END_TAG.len())));
            }
        }
        None
    }
}

/// A Period that has a place.
struct Placed<'a> {
    raw: RawPeriod<'a>,
    start: Micros,
}

/// What all Periods inherit.
struct Inheritance<'l, 'a> {
    bases: Bases,
    common: &'l Common<'a>,
    definitions: Vec<RawProtection<'a>>,
}

/// Makes the model.
pub(super) fn resolve<'a>(mut reader: Reader<'a>, mut mpd: RawMpd<'a>, memory: &Memory<'a>) -> Result<Outcome, Halt> {
    let text = reader.scan.text();
    let mut resolver = Resolver {
        text,
        url: reader.url,
        dynamic: mpd.presentation.dynamic,
        report: std::mem::take(&mut reader.scan.report),
        timelines: super::addressing::Timelines::default(),
        bases: base_urls::Finished::default(),
        twins: Vec::new(),
        expanded: 0,
    };
    let is_same = !memory.context.is_empty() && mpd.context == memory.context;
    let raws = std::mem::take(&mut mpd.periods);
    let (placed, early) = resolver.place(raws);
    let inheritance = Inheritance {
        bases: base_urls::combine(&base_urls::of_manifest(reader.url), &mpd.common.bases),
        common: &mpd.common,
        definitions: std::mem::take(&mut reader.definitions),
    };
    let starts: Vec<Micros> = placed.iter().map(|placed| placed.start).collect();
    let mut known = Vec::with_capacity(placed.len());
    let mut periods = Vec::with_capacity(placed.len());
    for (at, Placed { raw, start }) in placed.into_iter().enumerate() {
        let duration = resolver.duration(&raw, start, starts.get(at.saturating_add(1)).copied(), mpd.told);
        if duration.is_some_and(|duration| duration <= Micros::ZERO) {
            resolver.report.add(raw.start, "period.empty", "");
            continue;
        }
        let before = raw
            .known
            .and_then(|number| memory.known.get(number))
            .filter(|_| is_same);
        let place = (start, duration);
        let kept = before.filter(|before| (before.start, before.duration) == place);
        periods.push(match kept {
            Some(before) => resolver.keep(before, raw.start, &mut known),
            None => resolver.make(&mut reader, raw, place, &inheritance, &mut known)?,
        });
    }
    let mut presentation = mpd.presentation;
    for raw in early {
        let raw = if raw.known.is_some() { reader.again(raw)? } else { raw };
        let duration = raw.told;
        let period = resolver.period(raw, Micros::ZERO, duration, &inheritance)?;
        presentation.early_periods.push(Arc::new(period));
    }
    presentation.periods = periods;
    let told = mpd.told;
    resolver.finish(&mut presentation, &mpd.common.essential, told, mpd.start)?;
    show(&mut presentation, mpd.common, &mpd.queries, reader.url);
    Ok(Outcome {
        parsed: Parsed {
            presentation,
            diagnostics: resolver.report.finish(text),
        },
        known,
        timelines: if reader.is_dynamic {
            reader.timelines
        } else {
            Vec::new()
        },
        context: mpd.context,
        remotes: reader.remotes,
    })
}

/// What the MPD's properties say, and parameters for its own requests.
fn show(presentation: &mut Presentation, common: Common<'_>, queries: &[crate::model::UrlQuery], url: &str) {
    let by_scheme = |scheme: &str| {
        let of_scheme = common.supplemental.iter().chain(&common.essential);
        let words = of_scheme.filter(|property| property.scheme == scheme);
        words
            .flat_map(|property| values::words(&property.value))
            .map(|word| uri::resolve(url, word))
            .collect()
    };
    presentation.chained_urls = by_scheme("urn:mpeg:dash:chaining:2016");
    presentation.fallback_urls = by_scheme("urn:mpeg:dash:fallback:2016");
    for query in queries {
        let own = uri::origin(url);
        let add = |url: &mut String| {
            if !query.same_origin_only || uri::origin(url) == own {
                query::append(url, &query.query);
            }
        };
        if query.is_for("mpd") {
            presentation
                .locations
                .iter_mut()
                .for_each(|location| add(&mut location.url));
        }
        if query.is_for("mpdpatch") {
            presentation
                .patch_locations
                .iter_mut()
                .for_each(|location| add(&mut location.url));
        }
        if query.is_for("chaining") {
            presentation.chained_urls.iter_mut().for_each(add);
        }
        if let Some(steering) = presentation
            .content_steering
            .as_mut()
            .filter(|_| query.is_for("steering"))
        {
            add(&mut steering.url);
        }
    }
    presentation.essential = common.essential;
    presentation.supplemental = common.supplemental;
}

impl<'a> Reader<'a> {
    /// Reads a Period after all that was thought to be as before.
    fn again(&mut self, raw: RawPeriod<'a>) -> Result<RawPeriod<'a>, Halt> {
        // They must stay in the order of the text.
        self.timelines.clear();
        if let Some(root) = &self.root {
            self.scan = root.within_root(raw.start);
        }
        match self.scan.child()? {
            Some(tag) => self.period(&tag, false),
            None => Ok(raw),
        }
    }
}

impl<'a> Resolver<'a> {
    /// A Period that is as before, now at another place of the text.
    fn keep(&mut self, before: &Known, from: usize, known: &mut Vec<Known>) -> Arc<Period> {
        let moved = |found: &Finding| Finding {
            offset: found.offset.saturating_add(from),
            ..found.clone()
        };
        self.report.append(before.findings.iter().map(moved));
        known.push(Known {
            text: from..from.saturating_add(before.text.len()),
            ..before.clone()
        });
        Arc::clone(&before.period)
    }

    /// A Period made of what was read.
    fn make(
        &mut self,
        reader: &mut Reader<'a>,
        raw: RawPeriod<'a>,
        (start, duration): (Micros, Option<Micros>),
        mpd: &Inheritance<'_, 'a>,
        known: &mut Vec<Known>,
    ) -> Result<Arc<Period>, Halt> {
        let raw = if raw.known.is_some() { reader.again(raw)? } else { raw };
        let (from, text, elements) = (raw.start, raw.text, raw.elements);
        let outer = std::mem::take(&mut self.report);
        self.report.append(raw.findings.iter().cloned());
        let period = Arc::new(self.period(raw, start, duration, mpd)?);
        let findings = std::mem::replace(&mut self.report, outer).take();
        self.report.append(findings.iter().cloned());
        if let Some(text) = text {
            let relative = |found: Finding| Finding {
                offset: found.offset.saturating_sub(from),
                ..found
            };
            known.push(Known {
                text: from..from.saturating_add(text.len()),
                elements,
                start,
                duration,
                period: Arc::clone(&period),
                findings: findings.into_iter().map(relative).collect(),
            });
        }
        Ok(period)
    }

    /// PeriodStart of every Period (ISO/IEC 23009-1, 5.3.2.1); those without one come apart: in a live presentation
    /// they are available early, otherwise they are left out.
    fn place(&mut self, raws: Vec<RawPeriod<'a>>) -> (Vec<Placed<'a>>, Vec<RawPeriod<'a>>) {
        let mut placed: Vec<Placed<'a>> = Vec::with_capacity(raws.len());
        let mut early = Vec::new();
        // Where the next Period starts when it does not say so.
        let mut follows = (!self.dynamic).then_some(Micros::ZERO);
        for raw in raws {
            if raw.is_linked && raw.sets.is_empty() && raw.known.is_none() {
                if FULL {
                    self.report.add(raw.start, "period.linked", "");
                }
                continue;
            }
            let Some(start) = raw.told_start.or(follows) else {
                if self.dynamic {
                    early.push(raw);
                } else {
                    self.report.add(raw.start, "period.no-start", "");
                }
                continue;
            };
            follows = raw.told.map(|duration| start + duration);
            if placed
                .last()
                .is_some_and(|before| start <= before.start && before.raw.told != Some(Micros::ZERO))
            {
                self.report.add(raw.start, "period.order", "");
                continue;
            }
            placed.push(Placed { raw, start });
        }
        (placed, early)
    }

    /// Up to the next Period; the last one up to the end of the presentation or its own, whichever is first.
    fn duration(
        &mut self,
        raw: &RawPeriod<'_>,
        start: Micros,
        next: Option<Micros>,
        mpd: Option<Micros>,
    ) -> Option<Micros> {
        let Some(next) = next else {
            let left = mpd.map(|end| end - start);
            return match (left, raw.told) {
                (Some(left), Some(told)) => Some(left.min(told)),
                (left, told) => left.or(told),
            };
        };
        let duration = next - start;
        if raw.told.is_some_and(|told| told > Micros::ZERO && told != duration) {
            self.report.add(raw.start, "period.duration", "");
        }
        Some(duration)
    }

    fn period(
        &mut self,
        raw: RawPeriod<'a>,
        start: Micros,
        duration: Option<Micros>,
        mpd: &Inheritance<'_, 'a>,
    ) -> Result<Period, Halt> {
        let outer = raw.imported_bases.as_ref().unwrap_or(&mpd.bases);
        let scope = Scope {
            start,
            duration,
            bases: base_urls::combine(outer, &raw.common.bases),
            level: &raw.common.level,
            query: raw.common.query.as_ref().or(mpd.common.query.as_ref()),
            header: raw.common.header.as_ref().or(mpd.common.header.as_ref()),
            definitions: [&mpd.definitions[..], &raw.definitions].concat(),
        };
        let mut period = raw.period;
        period.start = start;
        period.duration = duration;
        for stream in &mut period.event_streams {
            raw::shift(&mut stream.events, start);
        }
        period.adaptation_sets.reserve_exact(raw.sets.len());
        for set in raw.sets {
            period.adaptation_sets.extend(self.set(set, &scope)?);
        }
        if period.adaptation_sets.is_empty() && period.empty_sets.is_empty() {
            self.report.add(raw.start, "period.no-media", "");
        }
        if let Some(unknown) = values::unknown_essential(&raw.common.essential) {
            self.report.add(raw.start, "period.essential-property", &unknown.scheme);
        }
        period.supplemental = raw.common.supplemental;
        period.essential = raw.common.essential;
        period.group_labels = raw.common.group_labels;
        Ok(period)
    }

    /// What follows from all Periods together.
    fn finish(
        &mut self,
        presentation: &mut Presentation,
        essential: &[crate::Descriptor],
        told: Option<Micros>,
        start: usize,
    ) -> Result<(), Halt> {
        let Some(last) = presentation.periods.last() else {
            return Err(Locator::new(self.text).no_periods(start));
        };
        presentation.duration = if presentation.dynamic {
            told
        } else {
            last.end().or_else(|| media_end(last))
        };
        if let Some(unknown) = values::unknown_essential(essential) {
            self.report.add(start, "mpd.essential-property", &unknown.scheme);
        }
        if presentation.duration.is_none() && !presentation.dynamic {
            self.report.add(start, "mpd.no-duration", "");
        }
        Ok(())
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
    match segments.addressing.scheme {
        Scheme::Single(_) | Scheme::Base { .. } => None,
        Scheme::Template { .. } | Scheme::List { .. } => {
            let index = SegmentIndex::new(segments);
            Some(index.segment(index.len()?.checked_sub(1)?)?.end)
        }
    }
}
