//! BaseURL elements of all levels, combined.

use super::{
    elements::MAX_BASE_URLS,
    raw::{Level, RawBase},
};
use crate::{BaseUrl, Micros, uri};

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

/// The manifest's own URL, which all others are relative to.
pub(super) fn of_manifest(url: &str) -> Vec<Inherited> {
    vec![Inherited {
        url: uri::resolve(url, ""),
        ..Inherited::default()
    }]
}

/// The base URLs of an element: its own, each resolved against each of the outer ones, the first of the first ones
/// first; the outer ones when it has none.
pub(super) fn combine(outer: &[Inherited], own: &[RawBase<'_>]) -> Vec<Inherited> {
    if own.is_empty() {
        return outer.to_vec();
    }
    let mut all: Vec<Inherited> = Vec::new();
    for outer in outer {
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
    all
}

/// What a Representation shows, the preferred ones (`@dvb:priority`) first; the segment information of its levels, the innermost first, has a say in when.
pub(super) fn finish(inherited: Vec<Inherited>, levels: &[&Level<'_>]) -> Vec<BaseUrl> {
    let mut offset = Micros::ZERO;
    let (mut complete, mut depth) = (None, None);
    for level in levels {
        if let Some(source) = level.kind().and_then(|kind| level.source(kind)) {
            offset += source.time_offset.unwrap_or_default();
            complete = complete.or(source.complete);
            depth = depth.or(source.depth);
        }
    }
    let show = |base: Inherited| BaseUrl {
        service_location: base.service_location.unwrap_or_else(|| uri::origin(&base.url)),
        url: base.url,
        priority: base.priority.unwrap_or(1),
        weight: base.weight.unwrap_or(1),
        availability_time_offset: base.offset + offset,
        availability_time_complete: complete.or(base.complete).unwrap_or(true),
        time_shift_buffer_depth: depth.or(base.depth),
        byte_range: base.byte_range,
    };
    let mut all: Vec<BaseUrl> = Vec::with_capacity(inherited.len());
    for base in inherited.into_iter().map(show) {
        let at = all.partition_point(|other| other.priority <= base.priority);
        all.insert(at, base);
    }
    all
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
