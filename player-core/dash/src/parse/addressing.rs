//! Segment information merged over the levels.

use super::{
    Resolver,
    raw::{Fails, Kind, Level, Source},
};
use crate::{
    ByteRange, Failover, Halt, Micros, Resource, Segments,
    index::{Addressing, Place, Scheme},
    template::Template,
    timeline::{Builder, Entries, Entry, Fault, Run, Scale, Timeline},
};
use std::sync::Arc;

/// How many timelines are remembered for other Representations that say the same.
const REMEMBERED: usize = 16;

/// A Representation to be addressed.
pub(super) struct Owner<'l, 'a> {
    /// Where it is in the text.
    pub(super) start: usize,
    pub(super) mime_type: &'l str,
    pub(super) period_start: Micros,
    /// The Period's duration.
    pub(super) limit: Option<Micros>,
    /// The innermost first.
    pub(super) levels: [&'l Level<'a>; 3],
    /// Told by a descriptor.
    pub(super) last_number: Option<u64>,
}

/// Elements of the same kind, the innermost first; what one does not say, the next one may.
struct Chain<'l, 'a>([Option<&'l Source<'a>>; 3]);

impl<'l, 'a> Chain<'l, 'a> {
    fn of(owner: &Owner<'l, 'a>, kind: Option<Kind>) -> Self {
        Self(owner.levels.map(|level| kind.and_then(|kind| level.source(kind))))
    }

    fn sources(&self) -> impl Iterator<Item = &'l Source<'a>> {
        self.0.into_iter().flatten()
    }

    fn get<T>(&self, read: impl Fn(&'l Source<'a>) -> Option<T>) -> Option<T> {
        self.sources().find_map(read)
    }

    fn initialization(&self) -> Result<Option<Place>, Fails> {
        for source in self.sources() {
            if let Some(template) = &source.initialization {
                return Ok(Some(Place::Template(Template::constant(template)?, 0, 0)));
            }
            if let Some(found) = &source.initialization_element {
                return Ok(Some(Place::Known(found.clone())));
            }
        }
        Ok(None)
    }
}

/// Everything that makes a timeline differ from another one made of the same entries.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Frame {
    scale: Scale,
    limit: Option<Micros>,
    start_number: u64,
    end_number: Option<u64>,
    has_parts: bool,
}

/// The timelines made last.
#[derive(Default)]
pub(super) struct Timelines(Vec<(Arc<Entries>, Frame, Timeline)>);

/// `$?` for a failure of one Representation inside of a failure of the manifest.
macro_rules! usable {
    ($outcome:expr) => {
        match $outcome {
            Ok(value) => value,
            Err(fails) => return Ok(Err(fails)),
        }
    };
}

impl Resolver<'_> {
    /// How a Representation's segments are addressed, or why it cannot be used.
    pub(super) fn segments(&mut self, owner: &Owner<'_, '_>) -> Result<Result<Arc<Addressing>, Fails>, Halt> {
        let kind = owner.levels.iter().find_map(|level| level.kind());
        let chain = Chain::of(owner, kind);
        if let Some(fault) = chain.get(|source| source.fault) {
            return Ok(Err(fault));
        }
        let scale = Scale {
            timescale: chain.get(|source| source.timescale).unwrap_or(1),
            offset: chain.get(|source| source.presentation_time_offset).unwrap_or(0),
        };
        let limit = limit(&chain, owner, scale);
        let mut initialization = usable!(chain.initialization());
        let scheme = match kind {
            None => Scheme::Single(Place::Known(whole())),
            Some(Kind::Template) => usable!(self.template(owner, &chain, scale, limit)?),
            Some(Kind::List) => usable!(self.list(owner, &chain, scale, limit)?),
            Some(Kind::Base) => {
                let scheme = base(owner, &chain);
                initialization = initialization.or_else(|| before_index(&scheme));
                scheme
            }
        };
        if let Scheme::Template { timeline, .. } | Scheme::List { timeline, .. } = &scheme
            && timeline.len() == Some(0)
            && !(self.dynamic && timeline.is_listed)
        {
            return Ok(Err("it has no segment in its Period"));
        }
        let addressing = Addressing {
            period_start: owner.period_start,
            limit,
            scale,
            initialization,
            scheme,
        };
        Ok(Ok(Arc::new(addressing)))
    }

    fn template(
        &mut self,
        owner: &Owner<'_, '_>,
        chain: &Chain<'_, '_>,
        scale: Scale,
        limit: Option<Micros>,
    ) -> Result<Result<Scheme, Fails>, Halt> {
        let Some(media) = chain.get(|source| source.media.as_deref()) else {
            return Ok(Err("its SegmentTemplate has no media template"));
        };
        let media = usable!(Template::parse(media));
        let index = chain.get(|source| source.index.as_deref());
        let index = usable!(index.map(Template::parse).transpose());
        self.charge(media.weight(), owner.start)?;
        let end_number = chain.get(|source| source.end_number);
        let frame = Frame {
            scale,
            limit,
            start_number: chain.get(|source| source.start_number).unwrap_or(1),
            end_number: match (end_number, owner.last_number) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
            has_parts: media.has_parts(),
        };
        Ok(Ok(match usable!(self.timeline(owner, chain, frame)?) {
            Some(timeline) => Scheme::Template { media, index, timeline },
            None => Scheme::Single(Place::Template(media, frame.start_number, scale.offset)),
        }))
    }

    fn list(
        &mut self,
        owner: &Owner<'_, '_>,
        chain: &Chain<'_, '_>,
        scale: Scale,
        limit: Option<Micros>,
    ) -> Result<Result<Scheme, Fails>, Halt> {
        let Some(urls) = chain.get(|source| source.urls.as_ref()) else {
            return Ok(Err("its SegmentList has no SegmentURL"));
        };
        let start_number = chain.get(|source| source.start_number).unwrap_or(1);
        let last = (urls.len() as u64).saturating_add(start_number).saturating_sub(1);
        let frame = Frame {
            scale,
            limit,
            start_number,
            end_number: Some(chain.get(|source| source.end_number).unwrap_or(last).min(last)),
            has_parts: false,
        };
        let timeline = usable!(self.timeline(owner, chain, frame)?);
        Ok(match (timeline, urls.first()) {
            (Some(timeline), _) => Ok(Scheme::List {
                urls: Arc::clone(urls),
                start_number,
                timeline,
            }),
            (None, Some(only)) if urls.len() == 1 => Ok(Scheme::Single(Place::Known(only.media.clone()))),
            (None, _) => Err("its SegmentList has several segments, and no duration"),
        })
    }

    /// The timeline that the innermost of `@duration` and SegmentTimeline tells; none when there is neither.
    fn timeline(
        &mut self,
        owner: &Owner<'_, '_>,
        chain: &Chain<'_, '_>,
        frame: Frame,
    ) -> Result<Result<Option<Timeline>, Fails>, Halt> {
        for source in chain.sources() {
            if let Some(entries) = &source.timeline {
                return self
                    .listed(owner.start, entries, frame)
                    .map(|timeline| Ok(Some(timeline)));
            }
            if let Some(duration) = source.duration {
                let delta = chain.get(|source| source.ept_delta).unwrap_or(0);
                return Ok(even(duration, delta, frame).map(Some));
            }
        }
        Ok(Ok(None))
    }

    /// The timeline of a SegmentTimeline element.
    fn listed(&mut self, start: usize, entries: &Arc<Entries>, frame: Frame) -> Result<Timeline, Halt> {
        let same = |known: &&(Arc<Entries>, Frame, Timeline)| known.1 == frame && Arc::ptr_eq(&known.0, entries);
        if let Some((.., known)) = self.timelines.0.iter().find(same) {
            return Ok(known.clone());
        }
        // What is made of it, and the work of making it.
        self.charge(entries.list.len().saturating_mul(size_of::<Run>()), start)?;
        let mut builder =
            Builder::new(frame.scale, frame.limit, frame.start_number, frame.end_number).with_parts(frame.has_parts);
        builder.reserve(entries.list.len());
        let mut told = [false; 4];
        for at in 0..entries.list.len() {
            let Some((kind, code)) = builder.push(entries, at).map(describe) else {
                continue;
            };
            // The first of each kind is enough.
            if let Some(told) = told.get_mut(kind).filter(|told| !**told) {
                *told = true;
                let offset = entries.list.get(at).map_or(0, |entry| entry.offset);
                self.report.add(offset as usize, code, "");
            }
        }
        let timeline = builder.finish();
        if self.timelines.0.len() >= REMEMBERED {
            self.timelines.0.remove(0);
        }
        self.timelines.0.push((Arc::clone(entries), frame, timeline.clone()));
        let is_sequence = |entry: &&Entry| {
            let extra = (entry.extra as usize)
                .checked_sub(1)
                .and_then(|at| entries.extras.get(at));
            extra.is_some_and(|extra| extra.parts > 1)
        };
        if !frame.has_parts
            && let Some(entry) = entries.list.iter().find(is_sequence)
        {
            self.report.add(entry.offset as usize, "timeline.sequence", "");
        }
        Ok(timeline)
    }
}

fn whole() -> Resource {
    Resource {
        reference: String::new(),
        range: None,
    }
}

/// Where the media end within the Period: at its end, or where the segment information says so.
fn limit(chain: &Chain<'_, '_>, owner: &Owner<'_, '_>, scale: Scale) -> Option<Micros> {
    let micros = |ticks: i128| Micros::from_ticks(ticks, u64::from(scale.timescale));
    let told = chain
        .get(|source| source.presentation_duration)
        .map(|ticks| micros(i128::from(ticks)));
    let delta = chain
        .get(|source| source.pd_delta)
        .map(|ticks| micros(i128::from(ticks)));
    let shorter = owner.limit.zip(delta).map(|(limit, delta)| limit + delta);
    let told = told.or(shorter).filter(|told| *told > Micros::ZERO);
    match (owner.limit, told) {
        (Some(limit), Some(told)) => Some(limit.min(told)),
        (limit, told) => limit.or(told),
    }
}

/// Segments of the same duration.
fn even(duration: u64, delta: i64, frame: Frame) -> Result<Timeline, Fails> {
    let time = i64::try_from(frame.scale.offset)
        .ok()
        .and_then(|time| time.checked_add(delta));
    let Some(time) = time else {
        return Err("its first segment's time is out of range");
    };
    let entry = Entry {
        time,
        duration,
        repeat: -1,
        extra: 0,
        offset: 0,
    };
    let entries = Entries {
        list: vec![entry],
        ..Entries::default()
    };
    let mut builder = Builder::new(frame.scale, frame.limit, frame.start_number, frame.end_number);
    if builder.push(&entries, 0).is_some() {
        return Err("its segment duration is zero, or out of range");
    }
    Ok(Timeline {
        is_listed: false,
        ..builder.finish()
    })
}

const fn describe(fault: Fault) -> (usize, &'static str) {
    match fault {
        Fault::NoDuration => (0, "timeline.no-duration"),
        Fault::Overlap => (1, "timeline.overlap"),
        Fault::Backwards => (2, "timeline.backwards"),
        Fault::EndlessBeforeUntimed => (3, "timeline.repeat"),
    }
}

/// A SegmentBase: where its index is. What cannot have one is a single segment.
fn base(owner: &Owner<'_, '_>, chain: &Chain<'_, '_>) -> Scheme {
    let range = chain.get(|source| source.index_range);
    if range.is_some() {
        return Scheme::Base { index: None, range };
    }
    if let Some(Resource { reference, range }) = chain.get(|source| source.representation_index.as_ref()) {
        return Scheme::Base {
            index: Some(reference.clone()).filter(|url| !url.is_empty()),
            range: *range,
        };
    }
    let has_boxes = owner.mime_type.starts_with("video/") || owner.mime_type.starts_with("audio/");
    if has_boxes || owner.mime_type == "application/mp4" {
        return Scheme::Base {
            index: None,
            range: None,
        };
    }
    Scheme::Single(Place::Known(whole()))
}

/// The initialization segment is what comes before the index, where nothing else is said.
fn before_index(scheme: &Scheme) -> Option<Place> {
    let Scheme::Base {
        index: None,
        range: Some(ByteRange { start, .. }),
    } = scheme
    else {
        return None;
    };
    let range = ByteRange {
        start: 0,
        end: Some(start.checked_sub(1)?),
    };
    Some(Place::Known(Resource {
        reference: String::new(),
        range: Some(range),
    }))
}

/// Stretches of failover content, on the presentation timeline.
pub(super) fn failover(levels: [&Level<'_>; 3], segments: &Segments) -> Vec<Failover> {
    let source = levels.iter().find_map(|level| {
        let source = level.kind().and_then(|kind| level.source(kind))?;
        (!source.failover.is_empty()).then_some(source)
    });
    let sections = source.map(|source| source.failover.as_slice()).unwrap_or_default();
    sections
        .iter()
        .map(|(time, duration, valid)| Failover {
            start: segments.presentation_time(*time),
            duration: super::period::ticks(*duration, segments.timescale()),
            valid: *valid,
        })
        .collect()
}
