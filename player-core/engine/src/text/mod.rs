//! When cues show. What they say stays with the host: it reads them out of segments and names them by number.

use footlight_dash::Micros;

/// Most cues kept for one track; a feature film has about 2,000.
const MAX_CUES: usize = 50_000;

/// A cue of the host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CueId(pub u32);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Entry {
    start: Micros,
    end: Micros,
    id: CueId,
}

/// The cues of the selected track, ascending by start.
#[derive(Clone, Debug, Default)]
pub(crate) struct CueTimeline {
    cues: Vec<Entry>,
    showing: Vec<Entry>,
}

impl CueTimeline {
    /// Adds the cues of one segment; gives back those that there is no room for.
    pub(crate) fn extend(&mut self, cues: impl Iterator<Item = (CueId, (Micros, Micros))>) -> Vec<CueId> {
        let mut surplus = Vec::new();
        for (id, (start, end)) in cues {
            let entry = Entry { start, end, id };
            if self.cues.len() >= MAX_CUES {
                surplus.push(id);
                continue;
            }
            let at = self.cues.partition_point(|c| *c <= entry);
            self.cues.insert(at, entry);
        }
        surplus
    }

    /// Forgets the cues that are over before `time`.
    pub(crate) fn forget_before(&mut self, time: Micros) -> Vec<CueId> {
        let mut gone = Vec::new();
        self.cues.retain(|cue| {
            let stays = cue.end > time;
            if !stays {
                gone.push(cue.id);
            }
            stays
        });
        gone
    }

    /// How many cues there are.
    pub(crate) const fn len(&self) -> usize {
        self.cues.len()
    }

    /// What is on screen at `time`, when that is something else than at the last call.
    pub(crate) fn update(&mut self, time: Micros) -> Option<Vec<CueId>> {
        let until = self.cues.partition_point(|c| c.start <= time);
        let started = self.cues.get(..until).unwrap_or_default();
        let now: Vec<Entry> = started.iter().filter(|c| c.end > time).copied().collect();
        (now != self.showing).then(|| {
            self.showing = now;
            self.showing.iter().map(|c| c.id).collect()
        })
    }

    /// The next time after `time` at which a cue appears or goes.
    pub(crate) fn next_boundary(&self, time: Micros) -> Option<Micros> {
        let until = self.cues.partition_point(|c| c.start <= time);
        let appears = self.cues.get(until).map(|c| c.start);
        let goes = self.showing.iter().map(|c| c.end).filter(|&end| end > time).min();
        appears.into_iter().chain(goes).min()
    }
}

/// Spans of time, ascending and apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans(Vec<(Micros, Micros)>);

impl Spans {
    /// Adds a span; what it touches becomes one with it.
    pub(crate) fn insert(&mut self, start: Micros, end: Micros) {
        let first = self.0.partition_point(|span| span.1 < start);
        let last = self.0.partition_point(|span| span.0 <= end);
        let joined = self.0.get(first..last).unwrap_or_default().iter();
        let joined = joined.fold((start, end), |all, span| (all.0.min(span.0), all.1.max(span.1)));
        self.0.splice(first..last.max(first), [joined]);
    }

    /// Where the span ends that holds `time`.
    pub(crate) fn end_at(&self, time: Micros) -> Option<Micros> {
        let holds = |span: &&(Micros, Micros)| span.0 <= time && time < span.1;
        self.0.iter().find(holds).map(|span| span.1)
    }

    /// Forgets what lies before `time`.
    pub(crate) fn forget_before(&mut self, time: Micros) {
        self.0.retain(|span| span.1 > time);
        if let Some(first) = self.0.first_mut() {
            first.0 = first.0.max(time);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cue(id: u32, start: i64, end: i64) -> (CueId, (Micros, Micros)) {
        (CueId(id), (Micros(start), Micros(end)))
    }

    #[test]
    fn cues_appear_and_go() {
        let mut timeline = CueTimeline::default();
        timeline.extend([cue(1, 20, 30), cue(2, 0, 25)].into_iter());
        assert_eq!(timeline.update(Micros(0)), Some(vec![CueId(2)]));
        assert_eq!(timeline.update(Micros(5)), None);
        assert_eq!(timeline.next_boundary(Micros(5)), Some(Micros(20)));
        assert_eq!(timeline.update(Micros(20)), Some(vec![CueId(2), CueId(1)]));
        assert_eq!(timeline.next_boundary(Micros(20)), Some(Micros(25)));
        assert_eq!(timeline.forget_before(Micros(25)), [CueId(2)]);
        assert_eq!(timeline.update(Micros(26)), Some(vec![CueId(1)]));
        assert_eq!(timeline.update(Micros(30)), Some(vec![]));
        assert_eq!((timeline.next_boundary(Micros(30)), timeline.len()), (None, 1));
    }

    proptest! {
        #[test]
        fn spans_are_as_a_list_of_moments_would_be(
            spans in prop::collection::vec((0_i64..40, 1_i64..10), 0..20),
            before in 0_i64..40,
        ) {
            let mut joined = Spans::default();
            let mut moments = [false; 64];
            for (start, length) in spans {
                joined.insert(Micros(start), Micros(start + length));
                (start..start + length).for_each(|at| moments[at as usize] = true);
            }
            joined.forget_before(Micros(before));
            for at in 0..50_i64 {
                let expected = at >= before && moments[at as usize];
                prop_assert_eq!(joined.end_at(Micros(at)).is_some(), expected, "{}", at);
                if let Some(end) = joined.end_at(Micros(at)) {
                    prop_assert!(!moments[end.0 as usize] && (at..end.0).all(|at| moments[at as usize]));
                }
            }
        }
    }
}
