//! BaseURL elements of all levels, combined.

use super::{
    elements::MAX_BASE_URLS,
    raw::{Level, RawBase},
};
use crate::{BaseUrl, Micros, uri};
use std::{rc::Rc, sync::Arc};

/// A base URL as a level hands it on; what it does not say, an outer level may have said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Inherited {
    url: String,
    service_location: Option<String>,
    priority: Option<u32>,
    weight: Option<u32>,
    /// The sum over the levels.
    offset: Micros,
    complete: Option<bool>,
    depth: Option<Micros>,
    byte_range: Option<String>,
}

/// What one level after another hands on; the same where a level says nothing.
pub(crate) type Bases = Rc<[Inherited]>;

/// The manifest's own URL, which all others are relative to.
pub(super) fn of_manifest(url: &str) -> Bases {
    Rc::new([Inherited {
        url: uri::resolve(url, ""),
        ..Inherited::default()
    }])
}

/// The base URLs of an element: its own, each resolved against each of the outer ones, the first of the first ones
/// first; the outer ones when it has none.
pub(super) fn combine(outer: &Bases, own: &[RawBase<'_>]) -> Bases {
    if own.is_empty() {
        return Rc::clone(outer);
    }
    let mut all: Vec<Inherited> = Vec::new();
    for outer in outer.iter() {
        for own in own {
            let url = uri::resolve(&outer.url, &own.url);
            let service_location = own.service_location.as_deref().or(outer.service_location.as_deref());
            let is_new = !all
                .iter()
                .any(|base| base.url == url && base.service_location.as_deref() == service_location);
            if is_new && all.len() < MAX_BASE_URLS {
                all.push(Inherited {
                    service_location: service_location.map(str::to_owned),
                    priority: own.priority.or(outer.priority),
                    weight: own.weight.or(outer.weight),
                    offset: outer.offset + own.offset,
                    complete: own.complete.or(outer.complete),
                    depth: own.depth.or(outer.depth),
                    byte_range: own
                        .byte_range
                        .as_deref()
                        .or(outer.byte_range.as_deref())
                        .map(str::to_owned),
                    url,
                });
            }
        }
    }
    all.into()
}

/// What segment information says of when segments are there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Available {
    offset: Micros,
    complete: Option<bool>,
    depth: Option<Micros>,
}

impl Available {
    /// The innermost level first.
    fn of(levels: &[&Level<'_>]) -> Self {
        let mut all = Self {
            offset: Micros::ZERO,
            complete: None,
            depth: None,
        };
        for level in levels {
            if let Some(source) = level.kind().and_then(|kind| level.source(kind)) {
                all.offset += source.time_offset.unwrap_or_default();
                all.complete = all.complete.or(source.complete);
                all.depth = all.depth.or(source.depth);
            }
        }
        all
    }
}

/// How many lists are remembered for other Representations.
const REMEMBERED: usize = 4;

/// Lists of base URLs as Representations show them, the last ones made.
#[derive(Debug, Default)]
pub(super) struct Finished(Vec<(Bases, Available, Arc<[BaseUrl]>)>);

impl Finished {
    /// What a Representation shows, the preferred ones (`@dvb:priority`) first; the segment information of its levels, the
    /// innermost first, has a say in when. Says whether the list is new.
    pub(super) fn get(&mut self, inherited: &Bases, levels: &[&Level<'_>]) -> (Arc<[BaseUrl]>, bool) {
        let available = Available::of(levels);
        let same = |known: &&(Bases, Available, _)| Rc::ptr_eq(&known.0, inherited) && known.1 == available;
        if let Some((.., known)) = self.0.iter().rev().find(same) {
            return (Arc::clone(known), false);
        }
        let made = finish(inherited, available);
        if self.0.len() >= REMEMBERED {
            self.0.remove(0);
        }
        self.0.push((Rc::clone(inherited), available, Arc::clone(&made)));
        (made, true)
    }
}

fn finish(inherited: &[Inherited], available: Available) -> Arc<[BaseUrl]> {
    let show = |base: &Inherited| BaseUrl {
        service_location: base.service_location.clone().unwrap_or_else(|| uri::origin(&base.url)),
        url: base.url.clone(),
        priority: base.priority.unwrap_or(1),
        weight: base.weight.unwrap_or(1),
        availability_time_offset: base.offset + available.offset,
        availability_time_complete: available.complete.or(base.complete).unwrap_or(true),
        time_shift_buffer_depth: available.depth.or(base.depth),
        byte_range: base.byte_range.clone(),
    };
    let mut all: Vec<BaseUrl> = Vec::with_capacity(inherited.len());
    for base in inherited.iter().map(show) {
        let at = all.partition_point(|other| other.priority <= base.priority);
        all.insert(at, base);
    }
    all.into()
}

pub(super) fn weight(base_urls: &[Inherited]) -> usize {
    let bytes = |base: &Inherited| {
        base.url
            .len()
            .saturating_add(base.service_location.as_ref().map_or(0, String::len))
            .saturating_add(base.byte_range.as_ref().map_or(0, String::len))
    };
    base_urls.iter().map(bytes).sum()
}
