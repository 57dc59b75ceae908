//! What there is to play: one model of periods, tracks' sets and segments, filtered to what this device can
//! decode.

use std::{collections::BTreeMap, sync::Arc};

use footlight_dash::{
    AdaptationSet, ContentType, Micros, Period, Presentation, Representation, Resource, SegmentIndex,
};

use crate::delivery::Source;

/// A track of the sink.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Moving pictures.
    Video,
    /// Sound.
    Audio,
}

impl Kind {
    /// Both, in the order in which they are asked for: sound is small and the picture waits for it.
    pub(crate) const ALL: [Self; 2] = [Self::Video, Self::Audio];

    /// The name hosts show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
        }
    }
}

/// Where a representation is in the model: indexes of its period, adaptation set and itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RepKey {
    /// Period.
    pub period: u32,
    /// Adaptation set within the period.
    pub set: u32,
    /// Representation within the set.
    pub rep: u32,
}

/// The presentation and the segment indexes made from it.
#[derive(Debug)]
pub(crate) struct Model {
    presentation: Presentation,
    indexes: BTreeMap<RepKey, SegmentIndex>,
}

impl Model {
    pub(crate) fn new(presentation: Presentation) -> Self {
        Self {
            presentation,
            indexes: BTreeMap::new(),
        }
    }

    /// The MIME types the sink must be asked about, each once, in the manifest's order.
    pub(crate) fn mime_types(&self) -> Vec<String> {
        let mut types = Vec::new();
        for set in self.presentation.periods.iter().flat_map(|p| &p.adaptation_sets) {
            if matches!(set.content_type, ContentType::Video | ContentType::Audio) {
                for rep in &set.representations {
                    let mime = rep.full_mime();
                    if !types.contains(&mime) {
                        types.push(mime);
                    }
                }
            }
        }
        types
    }

    /// Drops what the sink cannot play and text that is not WebVTT; orders renditions by bitrate.
    pub(crate) fn keep_supported(&mut self, types: &[String], supported: &[bool]) {
        let playable = |rep: &Representation| {
            let mime = rep.full_mime();
            types
                .iter()
                .position(|t| *t == mime)
                .and_then(|at| supported.get(at))
                .copied()
                .unwrap_or(false)
        };
        for period in &mut self.presentation.periods {
            let period = Arc::make_mut(period);
            for set in &mut period.adaptation_sets {
                match set.content_type {
                    ContentType::Video | ContentType::Audio => set.representations.retain(playable),
                    ContentType::Text => set.representations.retain(|r| r.mime_type == "text/vtt"),
                    _ => {}
                }
                set.representations.sort_by_key(|r| r.bandwidth);
            }
            // Encrypted sets need a key system, which the engine does not drive yet.
            period
                .adaptation_sets
                .retain(|s| !s.representations.is_empty() && s.content_protection.is_empty());
        }
    }

    pub(crate) fn periods(&self) -> &[Arc<Period>] {
        &self.presentation.periods
    }

    pub(crate) fn min_buffer_time(&self) -> Micros {
        self.presentation.min_buffer_time
    }

    /// Length of the whole, when known.
    pub(crate) fn duration(&self) -> Option<Micros> {
        self.presentation.duration.or_else(|| {
            let last = self.presentation.periods.last()?;
            Some(last.start.saturating_add(last.duration?))
        })
    }

    /// The period at `time`: the last one that has started.
    pub(crate) fn period_at(&self, time: Micros) -> usize {
        self.presentation
            .periods
            .partition_point(|p| p.start <= time)
            .saturating_sub(1)
    }

    /// Where a period ends, when known.
    pub(crate) fn period_end(&self, period: usize) -> Option<Micros> {
        let period = self.presentation.periods.get(period)?;
        Some(period.start.saturating_add(period.duration?))
    }

    pub(crate) fn set(&self, period: usize, set: usize) -> Option<&AdaptationSet> {
        self.presentation.periods.get(period)?.adaptation_sets.get(set)
    }

    pub(crate) fn rep(&self, key: RepKey) -> Option<&Representation> {
        self.set(key.period as usize, key.set as usize)?
            .representations
            .get(key.rep as usize)
    }

    /// The segment index of a representation, made when first asked for.
    pub(crate) fn index(&mut self, key: RepKey) -> Option<&mut SegmentIndex> {
        if !self.indexes.contains_key(&key) {
            let index = self.rep(key)?.index();
            self.indexes.insert(key, index);
        }
        self.indexes.get_mut(&key)
    }

    /// Where a representation's initialization segment is: as the manifest says, or as its index found out.
    pub(crate) fn initialization(&mut self, key: RepKey) -> Option<Resource> {
        let told = self.rep(key)?.initialization();
        told.or_else(|| self.index(key)?.initialization())
    }

    /// Every place where a resource of a representation is.
    pub(crate) fn sources(&self, key: RepKey, resource: &Resource) -> Vec<Source> {
        let Some(rep) = self.rep(key) else { return Vec::new() };
        rep.base_urls
            .iter()
            .enumerate()
            .map(|(at, base)| Source {
                url: rep.resolve(at, &resource.reference),
                location: base.service_location.clone(),
            })
            .collect()
    }
}
