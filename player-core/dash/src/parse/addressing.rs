//! SegmentBase, SegmentList and SegmentTemplate, merged over the levels.

use super::{Context, values};
use crate::{
    ByteRange, Error, Micros, Resource, Segments,
    index::{Addressing, Scheme},
    template::Template,
    timeline::{Builder, Entry, Fault, Run, Scale, Timeline},
    xml::Element,
};
use std::{borrow::Cow, collections::BTreeMap, str::FromStr, sync::Arc};

/// Why a Representation cannot be addressed.
type Fails = &'static str;

/// One SegmentBase, SegmentList or SegmentTemplate.
#[derive(Clone, Copy)]
struct Source<'d> {
    element: Element<'d>,
    initialization: Option<Element<'d>>,
    representation_index: Option<Element<'d>>,
    timeline: Option<Element<'d>>,
    has_urls: bool,
}

impl<'d> Source<'d> {
    fn of(element: Element<'d>) -> Self {
        let (mut initialization, mut representation_index, mut timeline) = (None, None, None);
        let mut has_urls = false;
        for child in element.children() {
            let slot = match child.name() {
                "Initialization" => &mut initialization,
                "RepresentationIndex" => &mut representation_index,
                "SegmentTimeline" => &mut timeline,
                "SegmentURL" => {
                    has_urls = true;
                    continue;
                }
                _ => continue,
            };
            *slot = slot.or(Some(child));
        }
        Self {
            element,
            initialization,
            representation_index,
            timeline,
            has_urls,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Template,
    List,
    Base,
}

/// The segment information that one element carries.
#[derive(Clone, Copy, Default)]
pub(super) struct Level<'d> {
    template: Option<Source<'d>>,
    list: Option<Source<'d>>,
    base: Option<Source<'d>>,
}

impl<'d> Level<'d> {
    pub(super) fn of(element: Element<'d>) -> Self {
        let mut level = Self::default();
        for child in element.children() {
            let slot = match child.name() {
                "SegmentTemplate" => &mut level.template,
                "SegmentList" => &mut level.list,
                "SegmentBase" => &mut level.base,
                _ => continue,
            };
            if slot.is_none() {
                *slot = Some(Source::of(child));
            }
        }
        level
    }

    pub(super) fn availability_time_offset(&self) -> Micros {
        let source = self.kind().and_then(|kind| self.source(kind));
        let told = source.and_then(|source| values::decimal_seconds(source.element, "availabilityTimeOffset"));
        told.unwrap_or_default()
    }

    pub(super) fn availability_time_complete(&self) -> Option<bool> {
        let source = self.kind().and_then(|kind| self.source(kind))?;
        values::boolean(source.element, "availabilityTimeComplete")
    }

    fn kind(&self) -> Option<Kind> {
        let template = self.template.map(|_| Kind::Template);
        template
            .or(self.list.map(|_| Kind::List))
            .or(self.base.map(|_| Kind::Base))
    }

    const fn source(&self, kind: Kind) -> Option<Source<'d>> {
        match kind {
            Kind::Template => self.template,
            Kind::List => self.list,
            Kind::Base => self.base,
        }
    }
}

/// A Representation to be addressed.
pub(super) struct Owner<'d, 's> {
    pub(super) element: Element<'d>,
    pub(super) id: &'s str,
    pub(super) bandwidth: u64,
    pub(super) mime_type: &'s str,
    pub(super) period_start: Micros,
    /// The Period's duration.
    pub(super) limit: Option<Micros>,
    /// The innermost first.
    pub(super) levels: [Level<'d>; 4],
}

/// Elements of the same kind, the innermost first; what one does not say, the next one may.
struct Chain<'d>(Vec<Source<'d>>);

impl<'d> Chain<'d> {
    fn attribute(&self, name: &str) -> Option<Cow<'d, str>> {
        self.0.iter().find_map(|source| source.element.attribute(name))
    }

    fn number<T: FromStr>(&self, name: &str, fails: Fails) -> Result<Option<T>, Fails> {
        self.attribute(name)
            .map(|text| text.trim_ascii().parse().map_err(|_| fails))
            .transpose()
    }

    fn scale(&self) -> Result<Scale, Fails> {
        let timescale = self.number("timescale", "its timescale is not a number")?.unwrap_or(1);
        if timescale == 0 {
            return Err("its timescale is zero");
        }
        let offset = self.number("presentationTimeOffset", "its presentation time offset is not a number")?;
        Ok(Scale {
            timescale,
            offset: offset.unwrap_or(0),
        })
    }

    fn initialization(&self, owner: &Owner<'_, '_>) -> Result<Option<Resource>, Fails> {
        for source in &self.0 {
            if let Some(template) = source.element.attribute("initialization") {
                let reference = Template::parse(&template, owner.id, owner.bandwidth)?.constant()?;
                return Ok(Some(Resource { reference, range: None }));
            }
            if let Some(element) = source.initialization
                && let Some(found) = resource(element, "sourceURL", "range")?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// What two attributes name together; none when both are absent.
fn resource(element: Element<'_>, url: &str, range: &str) -> Result<Option<Resource>, Fails> {
    let reference = element.attribute(url);
    let range = element
        .attribute(range)
        .map(|text| values::byte_range(&text).ok_or("it has a malformed byte range"));
    let range = range.transpose()?;
    if reference.is_none() && range.is_none() {
        return Ok(None);
    }
    Ok(Some(Resource {
        reference: reference.unwrap_or_default().trim_ascii().to_owned(),
        range,
    }))
}

/// Everything that makes a timeline differ from another one made of the same element.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct TimelineKey {
    element: u32,
    scale: Scale,
    limit: Option<Micros>,
    start_number: u64,
    end_number: Option<u64>,
}

/// Remembers what Representations of a set share.
#[derive(Default)]
pub(super) struct Addresser {
    entries: BTreeMap<u32, Arc<[(Entry, u32)]>>,
    timelines: BTreeMap<TimelineKey, Timeline>,
    lists: BTreeMap<u32, Result<Arc<[Resource]>, Fails>>,
}

/// `$?` for a failure of one Representation inside of a failure of the manifest.
macro_rules! usable {
    ($outcome:expr) => {
        match $outcome {
            Ok(value) => value,
            Err(fails) => return Ok(Err(fails)),
        }
    };
}

impl<'d> Context<'d> {
    /// How a Representation's segments are addressed, or why it cannot be used.
    pub(super) fn segments(&mut self, owner: &Owner<'d, '_>) -> Result<Result<Segments, Fails>, Error> {
        let kind = owner.levels.iter().find_map(Level::kind);
        let chain = Chain(kind.map_or_else(Vec::new, |kind| {
            owner.levels.iter().filter_map(|level| level.source(kind)).collect()
        }));
        let scale = usable!(chain.scale());
        let mut initialization = usable!(chain.initialization(owner));
        let scheme = match kind {
            None => Scheme::Single(Resource {
                reference: String::new(),
                range: None,
            }),
            Some(Kind::Template) => usable!(self.template(owner, &chain, scale)?),
            Some(Kind::List) => usable!(self.list(owner, &chain, scale)?),
            Some(Kind::Base) => {
                let scheme = usable!(base(owner, &chain));
                initialization = initialization.or_else(|| before_index(&scheme));
                scheme
            }
        };
        if let Scheme::Template { timeline, .. } | Scheme::List { timeline, .. } = &scheme
            && timeline.len() == Some(0)
        {
            return Ok(Err("it has no segment in its Period"));
        }
        let addressing = Addressing {
            period_start: owner.period_start,
            limit: owner.limit,
            scale,
            initialization,
            scheme,
        };
        Ok(Ok(Segments(Arc::new(addressing))))
    }

    fn template(
        &mut self,
        owner: &Owner<'d, '_>,
        chain: &Chain<'d>,
        scale: Scale,
    ) -> Result<Result<Scheme, Fails>, Error> {
        let Some(media) = chain.attribute("media") else {
            return Ok(Err("its SegmentTemplate has no media template"));
        };
        let media = usable!(Template::parse(&media, owner.id, owner.bandwidth));
        self.charge(media.weight(), owner.element)?;
        let start_number = usable!(chain.number("startNumber", "its start number is not a number")).unwrap_or(1);
        let end_number = usable!(chain.number("endNumber", "its end number is not a number"));
        let timeline = usable!(self.timeline(owner, chain, scale, start_number, end_number)?);
        Ok(Ok(match timeline {
            Some(timeline) => Scheme::Template { media, timeline },
            None => Scheme::Single(Resource {
                reference: media.expand(start_number, scale.offset),
                range: None,
            }),
        }))
    }

    fn list(&mut self, owner: &Owner<'d, '_>, chain: &Chain<'d>, scale: Scale) -> Result<Result<Scheme, Fails>, Error> {
        let Some(source) = chain.0.iter().find(|source| source.has_urls) else {
            return Ok(Err("its SegmentList has no SegmentURL"));
        };
        let urls = usable!(self.urls(source.element)?);
        let start_number = usable!(chain.number("startNumber", "its start number is not a number")).unwrap_or(1);
        let told: Option<u64> = usable!(chain.number("endNumber", "its end number is not a number"));
        let last = (urls.len() as u64).saturating_add(start_number).saturating_sub(1);
        let end_number = told.unwrap_or(last).min(last);
        let timeline = usable!(self.timeline(owner, chain, scale, start_number, Some(end_number))?);
        Ok(match (timeline, urls.first()) {
            (Some(timeline), _) => Ok(Scheme::List {
                urls,
                start_number,
                timeline,
            }),
            (None, Some(only)) if urls.len() == 1 => Ok(Scheme::Single(only.clone())),
            (None, _) => Err("its SegmentList has several segments, and no duration"),
        })
    }

    /// The SegmentURLs of a SegmentList.
    fn urls(&mut self, list: Element<'d>) -> Result<Result<Arc<[Resource]>, Fails>, Error> {
        if let Some(known) = self.addresser.lists.get(&list.id()) {
            return Ok(known.clone());
        }
        let read = |url| {
            Ok(resource(url, "media", "mediaRange")?.unwrap_or(Resource {
                reference: String::new(),
                range: None,
            }))
        };
        let urls: Result<Arc<[Resource]>, Fails> = list.named("SegmentURL").map(read).collect();
        let bytes = urls
            .as_ref()
            .map_or(0, |urls| urls.len().saturating_mul(size_of::<Resource>()));
        self.charge(bytes, list)?;
        self.addresser.lists.insert(list.id(), urls.clone());
        Ok(urls)
    }

    /// The timeline that the innermost of `@duration` and SegmentTimeline tells; none when there is neither.
    fn timeline(
        &mut self,
        owner: &Owner<'d, '_>,
        chain: &Chain<'d>,
        scale: Scale,
        start_number: u64,
        end_number: Option<u64>,
    ) -> Result<Result<Option<Timeline>, Fails>, Error> {
        for source in &chain.0 {
            if let Some(element) = source.timeline {
                let key = TimelineKey {
                    element: element.id(),
                    scale,
                    limit: owner.limit,
                    start_number,
                    end_number,
                };
                return self.listed(element, key).map(|timeline| Ok(Some(timeline)));
            }
            if let Some(duration) = source.element.attribute("duration") {
                let duration = usable!(
                    duration
                        .trim_ascii()
                        .parse()
                        .map_err(|_| "its segment duration is no number")
                );
                let delta: Option<i64> = usable!(chain.number("eptDelta", "its eptDelta is not a number"));
                let time = i64::try_from(scale.offset)
                    .ok()
                    .and_then(|time| time.checked_add(delta.unwrap_or(0)));
                if time.is_none() {
                    return Ok(Err("its first segment's time is out of range"));
                }
                let mut builder = Builder::new(scale, owner.limit, start_number, end_number);
                let entry = Entry {
                    time,
                    duration,
                    repeat: -1,
                    number: None,
                };
                if builder.push(&entry, None).is_some() {
                    return Ok(Err("its segment duration is zero, or out of range"));
                }
                return Ok(Ok(Some(Timeline {
                    is_listed: false,
                    ..builder.finish()
                })));
            }
        }
        Ok(Ok(None))
    }

    /// The timeline of a SegmentTimeline element.
    fn listed(&mut self, element: Element<'d>, key: TimelineKey) -> Result<Timeline, Error> {
        if let Some(known) = self.addresser.timelines.get(&key) {
            return Ok(known.clone());
        }
        let entries = self.entries(element);
        // What is made of it, and the work of making it.
        self.charge(entries.len().saturating_mul(size_of::<Run>()), element)?;
        let mut builder = Builder::new(key.scale, key.limit, key.start_number, key.end_number);
        let mut told = [false; 4];
        for (at, (entry, offset)) in entries.iter().enumerate() {
            let next = entries.get(at.saturating_add(1)).map(|(next, _)| next);
            let Some((kind, code, message)) = builder.push(entry, next).map(describe) else {
                continue;
            };
            // The first of each kind is enough.
            if let Some(told) = told.get_mut(kind).filter(|told| !**told) {
                *told = true;
                self.report.add(*offset, code, message);
            }
        }
        let timeline = builder.finish();
        self.addresser.timelines.insert(key, timeline.clone());
        Ok(timeline)
    }

    /// The S elements of a SegmentTimeline, and where they are.
    fn entries(&mut self, element: Element<'d>) -> Arc<[(Entry, u32)]> {
        if let Some(known) = self.addresser.entries.get(&element.id()) {
            return Arc::clone(known);
        }
        let mut entries = Vec::new();
        let mut has_sequences = false;
        for s in element.named("S") {
            has_sequences |= s.attribute("k").is_some_and(|count| count.trim_ascii() != "1");
            let entry = Entry {
                time: self.number(s, "t"),
                duration: self.number(s, "d").unwrap_or(0),
                repeat: self.number(s, "r").unwrap_or(0),
                number: self.number(s, "n"),
            };
            entries.push((entry, s.offset()));
        }
        if has_sequences {
            let message = "segment sequences (S@k) are not supported; each is taken as one segment";
            self.report.add(element.offset(), "timeline.sequence", message);
        }
        let entries: Arc<[_]> = entries.into();
        self.addresser.entries.insert(element.id(), Arc::clone(&entries));
        entries
    }
}

const fn describe(fault: Fault) -> (usize, &'static str, &'static str) {
    match fault {
        Fault::NoDuration => (0, "timeline.no-duration", "an S without a usable duration was left out"),
        Fault::Overlap => (
            1,
            "timeline.overlap",
            "an S starts before the one before it ends, which was cut",
        ),
        Fault::Backwards => (
            2,
            "timeline.backwards",
            "an S that starts no later than the one before it was left out",
        ),
        Fault::EndlessBeforeUntimed => (
            3,
            "timeline.repeat",
            "an S repeats up to the next one, which does not tell its time; it is taken once",
        ),
    }
}

/// A SegmentBase: where its index is. What cannot have one is a single segment.
fn base(owner: &Owner<'_, '_>, chain: &Chain<'_>) -> Result<Scheme, Fails> {
    let told = chain.attribute("indexRange");
    let range = told
        .map(|text| values::byte_range(&text).ok_or("its index range is malformed"))
        .transpose()?;
    if range.is_some() {
        return Ok(Scheme::Base { index: None, range });
    }
    if let Some(element) = chain.0.iter().find_map(|source| source.representation_index)
        && let Some(Resource { reference, range }) = resource(element, "sourceURL", "range")?
    {
        return Ok(Scheme::Base {
            index: Some(reference).filter(|url| !url.is_empty()),
            range,
        });
    }
    let has_boxes = owner.mime_type.starts_with("video/") || owner.mime_type.starts_with("audio/");
    if has_boxes || owner.mime_type == "application/mp4" {
        return Ok(Scheme::Base {
            index: None,
            range: None,
        });
    }
    Ok(Scheme::Single(Resource {
        reference: String::new(),
        range: None,
    }))
}

/// The initialization segment is what comes before the index, where nothing else is said.
fn before_index(scheme: &Scheme) -> Option<Resource> {
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
    Some(Resource {
        reference: String::new(),
        range: Some(range),
    })
}
