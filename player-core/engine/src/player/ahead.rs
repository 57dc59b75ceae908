//! Indexes fetched before they are needed: a change to a rendition whose index is there costs no round trip, and plans know
//! how large its segments are.

use footlight_dash::Micros;

use super::caps;
use super::session::{Session, to_u32};
use crate::delivery::{Io, Purpose};
use crate::presentation::{Kind, RepKey};

/// Media that must be ahead of the playhead for each step on the ladder that a rendition is away from the one in use: what is
/// played is never late for it.
const AHEAD_PER_STEP: Micros = Micros(4_000_000);
/// Renditions further away than this are left alone: an index of a long film is tens of kilobytes.
const REACH: i64 = 4;

impl Session {
    /// Asks for the index of the video rendition nearest to the one in use that has none yet, one at a time.
    pub(super) fn index_ahead(&mut self, io: &mut Io) {
        let position = self.position(io);
        let Some(rep) = self.stream(Kind::Video).and_then(|s| s.rep) else {
            return;
        };
        let ahead = self.streams.iter().map(|s| s.ahead(position).0).min().unwrap_or(0);
        let steps = u32::try_from((ahead / AHEAD_PER_STEP.0).min(REACH)).unwrap_or(0);
        if steps == 0 || self.fixed.is_some() || self.early_index.is_some_and(|key| self.is_indexing(key)) {
            return;
        }
        let near = (1..=steps).flat_map(|step| [rep.rep.checked_add(step), rep.rep.checked_sub(step)]);
        let mut near = near.flatten().map(|at| RepKey { rep: at, ..rep });
        let Some(key) = near.find(|key| self.lacks_index(*key)) else {
            return;
        };
        let set = self.model.as_ref().and_then(|m| m.set(rep.period, rep.set as usize));
        let allowed = set.map_or(0, |set| caps::allowed(io.now, &self.environment, &self.decoding, set).0);
        if key.rep < to_u32(allowed) && self.fetch_index(io, Kind::Video, key) {
            self.early_index = Some(key);
        }
    }

    /// The index that was asked for early failed to load; true when that is no trouble yet.
    pub(super) fn early_index_failed(&mut self, key: RepKey) -> bool {
        let was_early = self.early_index == Some(key);
        if was_early {
            self.early_index = None;
            self.indexes_given_up.push(key);
        }
        was_early
    }

    fn is_indexing(&self, key: RepKey) -> bool {
        self.delivery.has(Purpose::Index(Kind::Video, key))
    }

    /// A rendition that could be indexed and is not.
    fn lacks_index(&self, key: RepKey) -> bool {
        let index = self.model.as_ref().and_then(|m| m.known_index(key));
        index.is_some_and(|index| index.pending().is_some()) && !self.indexes_given_up.contains(&key)
    }
}
