//! BaseURL elements of all levels, combined.

use super::{Context, addressing::Level, values};
use crate::{BaseUrl, Micros, uri, xml::Element};

/// The most base URLs of a Representation.
const MAX_BASE_URLS: usize = 16;
/// The longest BaseURL read, in bytes.
const MAX_URL_BYTES: usize = 4096;

/// A base URL as a level hands it on; what it does not say, an outer level may have said.
#[derive(Clone, Debug, Default)]
pub(super) struct Inherited {
    url: String,
    service_location: Option<String>,
    priority: Option<u32>,
    weight: Option<u32>,
    /// Sum over the levels.
    offset: Micros,
    complete: Option<bool>,
    depth: Option<Micros>,
}

/// The manifest's own URL, which all others are relative to.
pub(super) fn of_manifest(url: &str) -> Vec<Inherited> {
    vec![Inherited {
        url: uri::resolve(url, ""),
        ..Inherited::default()
    }]
}

/// What a Representation shows.
pub(super) fn finish(inherited: Vec<Inherited>, levels: &[Level<'_>]) -> Vec<BaseUrl> {
    let offset = levels
        .iter()
        .fold(Micros::ZERO, |sum, level| sum + level.availability_time_offset());
    let complete = levels.iter().find_map(Level::availability_time_complete);
    let show = |base: Inherited| BaseUrl {
        service_location: base.service_location.unwrap_or_else(|| uri::origin(&base.url)),
        url: base.url,
        priority: base.priority.unwrap_or(1),
        weight: base.weight.unwrap_or(1),
        availability_time_offset: base.offset + offset,
        availability_time_complete: complete.or(base.complete).unwrap_or(true),
        time_shift_buffer_depth: base.depth,
    };
    inherited.into_iter().map(show).collect()
}

pub(super) fn weight(base_urls: &[Inherited]) -> usize {
    let bytes = |base: &Inherited| {
        base.url
            .len()
            .saturating_add(base.service_location.as_ref().map_or(0, String::len))
    };
    base_urls.iter().map(bytes).sum()
}

impl<'d> Context<'d> {
    /// The base URLs of an element: its own, each resolved against each of the outer ones, the first of the
    /// first ones first; the outer ones when it has none.
    pub(super) fn base_urls(&mut self, outer: &[Inherited], element: Element<'d>) -> Vec<Inherited> {
        let mut own = Vec::new();
        for found in element.named("BaseURL") {
            if found.text().len() > MAX_URL_BYTES || own.len() >= MAX_BASE_URLS {
                self.report.add(
                    found.offset(),
                    "base-url.limit",
                    "a BaseURL too long or too many was left out",
                );
                continue;
            }
            own.push((found.text(), values::text(found, "serviceLocation"), found));
        }
        if own.is_empty() {
            return outer.to_vec();
        }
        let mut all: Vec<Inherited> = Vec::new();
        for outer in outer {
            for (reference, service_location, found) in &own {
                let url = uri::resolve(&outer.url, reference);
                let service_location = service_location.clone().or_else(|| outer.service_location.clone());
                let is_new = !all
                    .iter()
                    .any(|base| base.url == url && base.service_location == service_location);
                if is_new && all.len() < MAX_BASE_URLS {
                    let priority = self.number(*found, "dvb:priority").or(outer.priority);
                    let weight = self.number(*found, "dvb:weight").or(outer.weight);
                    let offset = values::decimal_seconds(*found, "availabilityTimeOffset").unwrap_or_default();
                    all.push(Inherited {
                        url,
                        service_location,
                        priority,
                        weight,
                        offset: outer.offset + offset,
                        complete: values::boolean(*found, "availabilityTimeComplete").or(outer.complete),
                        depth: self.duration(*found, "timeShiftBufferDepth").or(outer.depth),
                    });
                }
            }
        }
        all
    }
}
