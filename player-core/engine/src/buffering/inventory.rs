//! Which segments are in the sink. Sinks report times only; this remembers what those times hold, and
//! checks it against the report, since browsers evict on their own.

use footlight_dash::Micros;

use super::Ranges;
use crate::abr::Reason;
use crate::presentation::RepKey;

/// Sinks trim up to a frame at segment borders: shorter shortfalls do not make a segment incomplete.
const TOLERANCE: Micros = Micros(120_000);

/// One appended segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Start on the presentation timeline.
    pub start: Micros,
    /// End on the presentation timeline.
    pub end: Micros,
    /// Of which representation.
    pub rep: RepKey,
    /// Why that one.
    pub reason: Reason,
}

/// The segments of one track that were appended, ascending by start.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    entries: Vec<Entry>,
}

impl Inventory {
    /// A segment was appended: it replaces what it overlaps.
    pub fn insert(&mut self, entry: Entry) {
        let mut kept = Vec::with_capacity(self.entries.len() + 1);
        for old in self.entries.drain(..) {
            if old.end <= entry.start || old.start >= entry.end {
                kept.push(old);
                continue;
            }
            if old.start < entry.start {
                kept.push(Entry {
                    end: entry.start,
                    ..old
                });
            }
            if old.end > entry.end {
                kept.push(Entry {
                    start: entry.end,
                    ..old
                });
            }
        }
        let at = kept.partition_point(|e| e.start < entry.start);
        kept.insert(at, entry);
        self.entries = kept;
    }

    /// The sink reports what it holds: forgets segments it lost, and gives back the starts of those.
    pub fn reconcile(&mut self, buffered: &Ranges) -> Vec<Micros> {
        let (kept, lost): (Vec<_>, Vec<_>) = self.entries.drain(..).partition(|e| {
            let tolerance = Micros(TOLERANCE.0.min((e.end.0 - e.start.0) / 2));
            buffered.covers(e.start, e.end, tolerance)
        });
        self.entries = kept;
        lost.into_iter().map(|e| e.start).collect()
    }

    /// The segment at `time`.
    #[must_use]
    pub fn at(&self, time: Micros) -> Option<&Entry> {
        let after = self.entries.partition_point(|e| e.start <= time);
        self.entries[..after].last().filter(|e| time < e.end)
    }

    /// Forgets what plays from `time` on, a segment that holds `time` included: it will be replaced.
    pub fn forget_from(&mut self, time: Micros) {
        self.entries.retain(|e| e.end <= time);
    }

    /// All segments, ascending.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(start: i64, end: i64, rep: u32) -> Entry {
        Entry {
            start: Micros(start * 1_000_000),
            end: Micros(end * 1_000_000),
            rep: RepKey { period: 0, set: 0, rep },
            reason: Reason::Startup,
        }
    }

    #[test]
    fn a_new_segment_replaces_what_it_overlaps() {
        let mut inventory = Inventory::default();
        inventory.insert(entry(0, 4, 0));
        inventory.insert(entry(4, 8, 0));
        inventory.insert(entry(2, 6, 1));
        let spans: Vec<_> = inventory
            .entries()
            .iter()
            .map(|e| (e.start.0 / 1_000_000, e.end.0 / 1_000_000, e.rep.rep))
            .collect();
        assert_eq!(spans, [(0, 2, 0), (2, 6, 1), (6, 8, 0)]);
        assert_eq!(inventory.at(Micros(3_000_000)).map(|e| e.rep.rep), Some(1));
    }

    #[test]
    fn what_the_sink_evicted_is_forgotten() {
        let mut inventory = Inventory::default();
        inventory.insert(entry(0, 2, 0));
        inventory.insert(entry(2, 4, 0));
        let lost = inventory.reconcile(&Ranges::new(&[(Micros(2_020_000), Micros(4_000_000))]));
        assert_eq!(lost, [Micros(0)]);
        assert_eq!(inventory.entries().len(), 1);
        assert!(inventory.at(Micros(1_000_000)).is_none());
    }

    #[test]
    fn forgetting_takes_the_segment_at_the_cut_too() {
        let mut inventory = Inventory::default();
        inventory.insert(entry(0, 2, 0));
        inventory.insert(entry(2, 4, 1));
        inventory.forget_from(Micros(2_000_000));
        assert_eq!(inventory.entries().len(), 1);
        inventory.forget_from(Micros(1_000_000));
        assert!(inventory.entries().is_empty());
    }
}
