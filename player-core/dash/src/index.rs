//! Segments by position and by time.

use crate::{
    ByteRange, Error, Micros, Properties, Resource,
    subsegments::{Frame, Subsegments},
    template::{Filling, Template},
    timeline::{Scale, Timed, Timeline},
};
use std::sync::Arc;

/// How a Representation's segments are addressed. Opaque; see [`crate::Representation::index`].
#[derive(Clone)]
pub struct Segments {
    pub(crate) addressing: Arc<Addressing>,
    /// What templates are filled in with.
    pub(crate) owner: Arc<Properties>,
}

impl PartialEq for Segments {
    fn eq(&self, other: &Self) -> bool {
        let is_same_owner = self.owner.id == other.owner.id && self.owner.bandwidth == other.owner.bandwidth;
        is_same_owner && self.addressing == other.addressing
    }
}

impl Eq for Segments {}

/// Addressing with everything inherited, which the Representations of a set share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Addressing {
    pub(crate) period_start: Micros,
    /// The Period's duration.
    pub(crate) limit: Option<Micros>,
    pub(crate) scale: Scale,
    pub(crate) initialization: Option<Place>,
    pub(crate) scheme: Scheme,
}

/// Where a single resource is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Known(Resource),
    /// By a template, with a number and a time.
    Template(Template, u64, u64),
}

impl Place {
    fn resource(&self, owner: &Properties) -> Resource {
        match self {
            Self::Known(resource) => resource.clone(),
            Self::Template(template, number, time) => expand(template, owner, (*number, *time, 1)),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Scheme {
    /// One segment, as long as the Period.
    Single(Place),
    /// URLs made from a template.
    Template {
        media: Template,
        /// `@index`: an index for each segment.
        index: Option<Template>,
        timeline: Timeline,
    },
    /// URLs listed, the first for `start_number`.
    List {
        urls: Arc<[ListedUrl]>,
        start_number: u64,
        timeline: Timeline,
    },
    /// An index to load: the URL reference of a resource of its own, its place.
    Base {
        index: Option<String>,
        range: Option<ByteRange>,
    },
}

/// A SegmentURL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ListedUrl {
    pub(crate) media: Resource,
    pub(crate) index: Option<Resource>,
}

impl Segments {
    pub(crate) fn initialization(&self) -> Option<Resource> {
        let place = self.addressing.initialization.as_ref()?;
        Some(place.resource(&self.owner))
    }

    pub(crate) fn timescale(&self) -> u32 {
        self.addressing.scale.timescale
    }

    /// Media time, in ticks, on the presentation timeline.
    pub(crate) fn presentation_time(&self, ticks: u64) -> Micros {
        self.addressing.period_start + self.addressing.scale.micros(i128::from(ticks))
    }

    pub(crate) fn timestamp_offset(&self) -> Micros {
        let Scale { timescale, offset } = self.addressing.scale;
        self.addressing.period_start - Micros::from_ticks(i128::from(offset), u64::from(timescale))
    }
}

/// A media segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    /// Ordinal in its Representation, from 0.
    pub position: u64,
    /// Start on the presentation timeline (PeriodStart included), not before the Period's.
    pub start: Micros,
    /// End on the presentation timeline, not after the Period's; [`Micros::MAX`] when neither is known.
    pub end: Micros,
    /// What to fetch.
    pub resource: Resource,
    /// `$SubNumber$`: which part of a segment sequence this is, from 1; none outside of sequences.
    pub sub_number: Option<u32>,
    /// It starts a segment sequence, or is a segment of its own: one may switch or start here.
    pub starts_sequence: bool,
}

/// The segments of a Representation, computed on demand: a timeline costs memory by its `S` elements.
///
/// Cheap to clone. While [`Self::pending`] is not none, only the segments loaded so far are known; those
/// keep their positions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentIndex {
    segments: Segments,
    /// For [`Scheme::Base`].
    subsegments: Option<Subsegments>,
}

impl SegmentIndex {
    pub(crate) fn new(segments: &Segments) -> Self {
        let subsegments = match &segments.addressing.scheme {
            Scheme::Base { index, range } => Some(Subsegments::new(*range, index.is_some())),
            _ => None,
        };
        Self {
            segments: segments.clone(),
            subsegments,
        }
    }

    /// The part of the index that must be fetched next and given to [`Self::load`]; none when complete.
    #[must_use]
    pub fn pending(&self) -> Option<Resource> {
        let Scheme::Base { index, .. } = &self.segments.addressing.scheme else {
            return None;
        };
        let range = self.subsegments.as_ref()?.pending()?;
        Some(Resource {
            reference: index.clone().unwrap_or_default(),
            range: Some(range),
        })
    }

    /// Takes the bytes of the resource that [`Self::pending`] told. Fewer than asked for means that the
    /// resource ends there; more (a server that ignores ranges) is fine.
    ///
    /// # Errors
    /// When `resource` was not pending, or `data` is no usable segment index. The index is as before then.
    pub fn load(&mut self, resource: &Resource, data: &[u8]) -> Result<(), Error> {
        if self.pending().as_ref() != Some(resource) {
            return Err(Error::NotPending);
        }
        let frame = Frame {
            scale: self.segments.addressing.scale,
            limit: self.segments.addressing.limit,
        };
        self.subsegments.as_mut().ok_or(Error::NotPending)?.load(data, frame)
    }

    /// The initialization segment: the Representation's, or where loading the index has found it.
    #[must_use]
    pub fn initialization(&self) -> Option<Resource> {
        self.segments.initialization().or_else(|| {
            let found = self
                .subsegments
                .as_ref()
                .filter(|found| !found.is_whole() && found.pending().is_none())?;
            Some(Resource {
                reference: String::new(),
                range: Some(found.initialization()?),
            })
        })
    }

    /// The number of segments; none while it is not known (index pending, or no end).
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match (&self.segments.addressing.scheme, &self.subsegments) {
            (Scheme::Single(_), _) => Some(1),
            (Scheme::Template { timeline, .. } | Scheme::List { timeline, .. }, _) => timeline.len(),
            (Scheme::Base { .. }, Some(loaded)) if loaded.pending().is_some() => None,
            (Scheme::Base { .. }, Some(loaded)) if loaded.is_whole() => Some(1),
            (Scheme::Base { .. }, Some(loaded)) => Some(loaded.media().len() as u64),
            (Scheme::Base { .. }, None) => None,
        }
    }

    /// Is it known that there is no segment?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// The segment at `position`.
    #[must_use]
    pub fn segment(&self, position: u64) -> Option<Segment> {
        let mut sub_number = None;
        let (start, end, resource) = match &self.segments.addressing.scheme {
            Scheme::Single(place) => self.single(position, place.resource(&self.segments.owner))?,
            Scheme::Template { media, timeline, .. } => {
                let found = timeline.segment(position)?;
                sub_number = Some(found.part).filter(|part| *part > 0);
                (found.start, found.end, self.expand(media, &found))
            }
            Scheme::List {
                urls,
                start_number,
                timeline,
            } => {
                let Timed { start, end, number, .. } = timeline.segment(position)?;
                let at = usize::try_from(number.checked_sub(*start_number)?).ok()?;
                (start, end, urls.get(at)?.media.clone())
            }
            Scheme::Base { .. } => {
                let loaded = self.subsegments.as_ref()?;
                if loaded.is_whole() {
                    self.single(
                        position,
                        Resource {
                            reference: String::new(),
                            range: None,
                        },
                    )?
                } else {
                    let found = loaded.media().get(usize::try_from(position).ok()?)?;
                    (
                        found.start,
                        found.end,
                        Resource {
                            reference: String::new(),
                            range: Some(found.range()),
                        },
                    )
                }
            }
        };
        let shift = self.segments.addressing.period_start;
        let end = if end == Micros::MAX { end } else { shift + end };
        Some(Segment {
            position,
            start: shift + start,
            end,
            resource,
            sub_number,
            starts_sequence: sub_number.is_none_or(|part| part == 1),
        })
    }

    /// The index of the segment at `position` (`@index`), where segments have indexes of their own.
    #[must_use]
    pub fn segment_index(&self, position: u64) -> Option<Resource> {
        match &self.segments.addressing.scheme {
            Scheme::Template { index, timeline, .. } => {
                Some(self.expand(index.as_ref()?, &timeline.segment(position)?))
            }
            Scheme::List {
                urls,
                start_number,
                timeline,
            } => {
                let number = timeline.segment(position)?.number;
                let at = usize::try_from(number.checked_sub(*start_number)?).ok()?;
                urls.get(at)?.index.clone()
            }
            Scheme::Single(_) | Scheme::Base { .. } => None,
        }
    }

    /// Length, and size in bytes, of the segment at `position`: where an index that was loaded, or a list, tells them.
    #[must_use]
    pub fn measure(&self, position: u64) -> Option<(Micros, u64)> {
        let (length, size) = match (&self.segments.addressing.scheme, &self.subsegments) {
            (Scheme::Base { .. }, Some(loaded)) => {
                let found = loaded.media().get(usize::try_from(position).ok()?)?;
                (found.end - found.start, found.size)
            }
            (
                Scheme::List {
                    urls,
                    start_number,
                    timeline,
                },
                _,
            ) => {
                let found = timeline.segment(position)?;
                let at = usize::try_from(found.number.checked_sub(*start_number)?).ok()?;
                let range = urls.get(at)?.media.range?;
                (
                    found.end - found.start,
                    range.end?.checked_sub(range.start)?.saturating_add(1),
                )
            }
            _ => return None,
        };
        (size > 0).then_some((length, size))
    }

    /// Are the segments listed (by a timeline, a list or an index), not computed from a duration?
    #[must_use]
    pub fn is_explicit(&self) -> bool {
        match &self.segments.addressing.scheme {
            Scheme::Template { timeline, .. } => timeline.is_listed,
            Scheme::Single(_) | Scheme::List { .. } | Scheme::Base { .. } => true,
        }
    }

    fn expand(&self, template: &Template, of: &Timed) -> Resource {
        expand(template, &self.segments.owner, (of.number, of.time, of.part))
    }

    fn single(&self, position: u64, resource: Resource) -> Option<(Micros, Micros, Resource)> {
        (position == 0).then(|| {
            (
                Micros::ZERO,
                self.segments.addressing.limit.unwrap_or(Micros::MAX),
                resource,
            )
        })
    }

    /// The position of the segment that holds `time`, else of the first that starts after it; none past the end.
    #[must_use]
    pub fn position_at(&self, time: Micros) -> Option<u64> {
        let time = time - self.segments.addressing.period_start;
        let of_single = || (time < self.segments.addressing.limit.unwrap_or(Micros::MAX)).then_some(0);
        match &self.segments.addressing.scheme {
            Scheme::Single(_) => of_single(),
            Scheme::Template { timeline, .. } | Scheme::List { timeline, .. } => timeline.position_at(time),
            Scheme::Base { .. } => {
                let loaded = self.subsegments.as_ref()?;
                if loaded.is_whole() {
                    return of_single();
                }
                let at = loaded.media().partition_point(|found| found.end <= time);
                (at < loaded.media().len()).then_some(at as u64)
            }
        }
    }
}

fn expand(template: &Template, owner: &Properties, (number, time, sub_number): (u64, u64, u32)) -> Resource {
    let with = Filling {
        id: &owner.id,
        bandwidth: owner.bandwidth,
        number,
        time,
        sub_number,
    };
    Resource {
        reference: template.expand(with),
        range: None,
    }
}
