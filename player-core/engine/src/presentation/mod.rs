//! What there is to play: one model of periods, tracks' sets and segments, filtered to what this device can
//! decode.

mod periods;

use footlight_dash::{
    ContentType, Error, Manifest, Micros, PatchError, Period, Presentation, Representation, Resource, SegmentIndex,
};
use periods::Periods;
pub(crate) use periods::{Playable, PlayableSet, switches};

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

/// Where a representation is in the model. Stays true over updates of a live manifest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RepKey {
    /// Serial number of its period.
    pub period: u32,
    /// Adaptation set within the period.
    pub set: u32,
    /// Representation within the set.
    pub rep: u32,
}

/// The manifest, what of it this device plays, and the segment indexes made from it.
#[derive(Debug)]
pub(crate) struct Model {
    manifest: Manifest,
    periods: Periods,
    indexes: Vec<(RepKey, SegmentIndex)>,
}

impl Model {
    /// A model of which nothing is known to be playable yet.
    pub(crate) fn new(manifest: Manifest) -> Self {
        Self {
            manifest,
            periods: Periods::default(),
            indexes: Vec::new(),
        }
    }

    /// The manifest as it came.
    pub(crate) const fn presentation(&self) -> &Presentation {
        self.manifest.presentation()
    }

    pub(crate) const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Takes a newer manifest; [`Self::unknown_types`] may have something to ask afterwards.
    pub(crate) fn refresh(&mut self, text: String, url: &str) -> Result<(), Error> {
        self.manifest.refresh(text, url)?;
        self.sync();
        Ok(())
    }

    /// A URL reference of the manifest, absolute.
    pub(crate) fn resolve_url(&self, reference: &str) -> String {
        footlight_dash::resolve(self.manifest.url(), reference)
    }

    /// Applies a patch.
    pub(crate) fn patch(&mut self, patch: &str) -> Result<(), PatchError> {
        self.manifest.patch(patch)?;
        self.sync();
        Ok(())
    }

    /// Completes the manifest by a remote element; none when it could not be had.
    pub(crate) fn resolve(&mut self, remote: usize, answer: Option<(&str, &str)>) {
        self.manifest.resolve(remote, answer);
    }

    /// The MIME types that the sink has not been asked about, each once, in the manifest's order.
    pub(crate) fn unknown_types(&self) -> Vec<String> {
        let mut types = Vec::new();
        for set in self.presentation().periods.iter().flat_map(|p| &p.adaptation_sets) {
            if matches!(set.content_type, ContentType::Video | ContentType::Audio) {
                for rep in &set.representations {
                    let is_known = types.iter().any(|mime: &String| rep.is_mime(mime));
                    if !is_known && self.periods.support(rep).is_none() {
                        types.push(rep.full_mime());
                    }
                }
            }
        }
        types
    }

    /// The sink said which of these types it plays.
    pub(crate) fn learn(&mut self, types: Vec<String>, supported: &[bool]) {
        let flags = supported.iter().copied().chain(std::iter::repeat(false));
        self.periods.learn(types.into_iter().zip(flags));
        self.sync();
    }

    fn sync(&mut self) {
        let old = self.periods.sync(&self.manifest.presentation().periods);
        // An index that was loaded stays, where the manifest still says the same about it.
        let periods = &self.periods;
        self.indexes.retain(|(key, _)| {
            let now = periods.rep(*key).map(|rep| &rep.segments);
            match old.iter().find(|placed| placed.serial == key.period) {
                None => now.is_some(),
                Some(before) => periods::rep_in(before.view(), *key).map(|rep| &rep.segments) == now,
            }
        });
    }

    /// The periods of the manifest in playing order, with their serial numbers.
    pub(crate) fn periods(&self) -> impl DoubleEndedIterator<Item = (u32, Playable<'_>)> {
        self.periods.iter()
    }

    pub(crate) fn min_buffer_time(&self) -> Micros {
        self.presentation().min_buffer_time
    }

    /// Where the first period starts.
    pub(crate) fn start(&self) -> Micros {
        self.periods()
            .next()
            .map(|(_, playable)| playable.period.start)
            .unwrap_or_default()
    }

    /// Length of the whole, when known.
    pub(crate) fn duration(&self) -> Option<Micros> {
        let presentation = self.presentation();
        let end_of_last = || {
            let last = presentation.periods.last().filter(|_| !presentation.dynamic)?;
            Some(last.start.saturating_add(last.duration?))
        };
        presentation.duration.or_else(end_of_last)
    }

    /// The period at `time`: the last one that has started.
    pub(crate) fn period_at(&self, time: Micros) -> u32 {
        self.periods.at(time)
    }

    /// A period, also one that the manifest has dropped a short while ago.
    pub(crate) fn playable(&self, period: u32) -> Option<Playable<'_>> {
        self.periods.get(period)
    }

    /// The same, whole.
    pub(crate) fn period(&self, period: u32) -> Option<&Period> {
        self.playable(period).map(|playable| playable.period)
    }

    /// The one after it in the manifest.
    pub(crate) fn next_period(&self, period: u32) -> Option<&Period> {
        self.periods.after(period).map(|playable| playable.period)
    }

    /// Where a period ends, when known.
    pub(crate) fn period_end(&self, period: u32) -> Option<Micros> {
        self.period(period)?.end()
    }

    pub(crate) fn set(&self, period: u32, set: usize) -> Option<PlayableSet<'_>> {
        self.playable(period)?.set(set)
    }

    pub(crate) fn rep(&self, key: RepKey) -> Option<&Representation> {
        self.periods.rep(key)
    }

    /// The segment index of a representation, made when first asked for.
    pub(crate) fn index(&mut self, key: RepKey) -> Option<&mut SegmentIndex> {
        let at = match self.indexes.iter().position(|(known, _)| *known == key) {
            Some(at) => at,
            None => {
                let index = self.rep(key)?.index();
                self.indexes.push((key, index));
                self.indexes.len() - 1
            }
        };
        self.indexes.get_mut(at).map(|(_, index)| index)
    }

    /// The same, if it was asked for before.
    pub(crate) fn known_index(&self, key: RepKey) -> Option<&SegmentIndex> {
        let found = self.indexes.iter().find(|(known, _)| *known == key);
        found.map(|(_, index)| index)
    }

    /// Where a representation's initialization segment is: as the manifest says, or as its index found out.
    pub(crate) fn initialization(&mut self, key: RepKey) -> Option<Resource> {
        let told = self.rep(key)?.initialization();
        told.or_else(|| self.index(key)?.initialization())
    }

    /// Every place where a resource of a representation is.
    pub(crate) fn sources(&self, key: RepKey, resource: &Resource) -> Vec<Source> {
        let Some(rep) = self.rep(key) else { return Vec::new() };
        let is_shared = rep.base_urls.iter().any(|base| base.weight != 1);
        rep.base_urls
            .iter()
            .enumerate()
            .map(|(at, base)| {
                let (url, has_range) = rep.locate(at, resource);
                Source {
                    has_range,
                    header: rep.header(&url).map(str::to_owned),
                    share: if is_shared {
                        (base.priority, base.weight.max(1))
                    } else {
                        (0, 0)
                    },
                    ..Source::new(url, base.service_location.clone())
                }
            })
            .collect()
    }
}
