//! The periods that this device plays, over the updates of a live manifest: each keeps its serial number, and its
//! representations their places, as long as what it offers stays the same.

use std::sync::Arc;

use footlight_dash::{AdaptationSet, ContentType, Micros, Period, Representation};

use super::RepKey;
use crate::tracks::TextFormat;

/// Periods kept after the manifest dropped them: what is queued or in the sink may still be of them.
const RETIRED: usize = 16;

/// A set of a period: where it is, and its playable renditions (set and place in it), the smallest first. They may be of
/// other sets too, where the manifest says that one may switch between them.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Kept {
    set: usize,
    reps: Vec<(usize, usize)>,
}

/// A period, and what of it is playable.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) serial: u32,
    source: Arc<Period>,
    kept: Vec<Kept>,
}

impl Placed {
    pub(super) fn view(&self) -> Playable<'_> {
        Playable {
            period: &self.source,
            kept: &self.kept,
        }
    }
}

/// A period as this device plays it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Playable<'a> {
    /// All of it.
    pub(crate) period: &'a Period,
    kept: &'a [Kept],
}

impl<'a> Playable<'a> {
    /// The sets with something playable in them.
    pub(crate) fn sets(self) -> impl Iterator<Item = PlayableSet<'a>> {
        (0..self.kept.len()).filter_map(move |at| self.set(at))
    }

    pub(crate) fn set(self, at: usize) -> Option<PlayableSet<'a>> {
        let kept = self.kept.get(at)?;
        Some(PlayableSet {
            set: self.period.adaptation_sets.get(kept.set)?,
            period: self.period,
            order: &kept.reps,
        })
    }
}

/// An adaptation set as this device plays it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlayableSet<'a> {
    /// All of it.
    pub(crate) set: &'a AdaptationSet,
    period: &'a Period,
    order: &'a [(usize, usize)],
}

impl<'a> PlayableSet<'a> {
    /// How many renditions there are; never none.
    pub(crate) const fn len(self) -> usize {
        self.order.len()
    }

    /// The renditions, by bitrate.
    pub(crate) fn reps(self) -> impl Iterator<Item = &'a Representation> {
        (0..self.len()).filter_map(move |at| self.rep(at))
    }

    pub(crate) fn rep(self, at: usize) -> Option<&'a Representation> {
        let (set, rep) = *self.order.get(at)?;
        self.period.adaptation_sets.get(set)?.representations.get(rep)
    }

    /// The bitrate that a rendition is worth: its own, or that of a smaller one which the manifest ranks as good or better
    /// (ISO/IEC 23009-1, 5.3.5.2: `@qualityRanking` compares within an adaptation set, and lower is better).
    pub(crate) fn worth(self, at: usize) -> u64 {
        let rank = |at: usize| Some((self.order.get(at)?.0, self.rep(at)?.quality_ranking?));
        let as_good = |(set, own): (usize, u32)| {
            (0..at).find(|&other| rank(other).is_some_and(|(of, rank)| of == set && rank <= own))
        };
        let best = rank(at).and_then(as_good).unwrap_or(at);
        self.rep(best).map_or(0, |rep| rep.bandwidth)
    }
}

/// See the module's description.
#[derive(Debug, Default)]
pub(super) struct Periods {
    current: Vec<Placed>,
    retired: Vec<Placed>,
    /// MIME types and whether the sink plays them.
    types: Vec<(String, bool)>,
    next_serial: u32,
    /// Types were learned since the last look at the periods.
    has_learned: bool,
}

impl Periods {
    /// Whether the sink plays its type; none when it was not asked.
    pub(super) fn support(&self, rep: &Representation) -> Option<bool> {
        self.types
            .iter()
            .find(|(known, _)| rep.is_mime(known))
            .map(|(_, is)| *is)
    }

    pub(super) fn learn(&mut self, types: impl Iterator<Item = (String, bool)>) {
        self.types.extend(types);
        self.has_learned = true;
    }

    /// Brings everything in line with the manifest; gives back what changed under a number that stays, as it was.
    pub(super) fn sync(&mut self, manifest: &[Arc<Period>]) -> Vec<Placed> {
        let mut old = std::mem::take(&mut self.current);
        let mut changed = Vec::new();
        let has_learned = std::mem::take(&mut self.has_learned);
        for source in manifest {
            let same = |placed: &Placed| match (&source.id, &placed.source.id) {
                (Some(id), Some(known)) => id == known,
                _ => source.start == placed.source.start,
            };
            let known = old.iter().position(same).map(|at| old.remove(at));
            let placed = match known {
                Some(placed) if Arc::ptr_eq(&placed.source, source) && !has_learned => placed,
                Some(mut placed) => {
                    let mut new = self.place(source);
                    if offers_same(placed.view(), new.view()) {
                        new.serial = placed.serial;
                        std::mem::swap(&mut placed, &mut new);
                        changed.push(new);
                        placed
                    } else {
                        self.retired.push(placed);
                        self.number(new)
                    }
                }
                None => {
                    let new = self.place(source);
                    self.number(new)
                }
            };
            self.current.push(placed);
        }
        self.retired.append(&mut old);
        let surplus = self.retired.len().saturating_sub(RETIRED);
        self.retired.drain(..surplus);
        changed
    }

    fn number(&mut self, mut placed: Placed) -> Placed {
        placed.serial = self.next_serial;
        self.next_serial = self.next_serial.wrapping_add(1);
        placed
    }

    /// What of a period is playable: renditions by bitrate, text of a known format.
    fn place(&self, source: &Arc<Period>) -> Placed {
        let mut kept = Vec::new();
        for (at, set) in source.adaptation_sets.iter().enumerate() {
            // Encrypted sets need a key system, which the engine does not drive yet.
            if !set.content_protection.is_empty() {
                continue;
            }
            let rep = |(set, rep): (usize, usize)| source.adaptation_sets.get(set)?.representations.get(rep);
            // Of two that cost the same the better one counts as the larger.
            let rank = |at| rep(at).map(|rep| (rep.bandwidth, u32::MAX - rep.quality_ranking.unwrap_or(u32::MAX)));
            let mut home = None;
            for (number, own) in set.representations.iter().enumerate() {
                let is_playable = match set.content_type {
                    ContentType::Video | ContentType::Audio => self.support(own).unwrap_or(false),
                    ContentType::Text => TextFormat::of(own).is_some(),
                    _ => true,
                };
                if !is_playable {
                    continue;
                }
                let joins = |known: &Kept| {
                    let first = known.reps.first().and_then(|at| rep(*at));
                    let other = source.adaptation_sets.get(known.set);
                    first.is_some_and(|first| first.codecs.get(..4) == own.codecs.get(..4))
                        && other.is_some_and(|other| switches(other, set))
                };
                let home = *home.get_or_insert_with(|| kept.iter().position(joins).unwrap_or(kept.len()));
                if home == kept.len() {
                    kept.push(Kept {
                        set: at,
                        reps: Vec::new(),
                    });
                }
                if let Some(Kept { reps, .. }) = kept.get_mut(home) {
                    let place = reps.partition_point(|other| rank(*other) <= rank((at, number)));
                    reps.insert(place, (at, number));
                }
            }
        }
        Placed {
            serial: 0,
            source: Arc::clone(source),
            kept,
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, Playable<'_>)> {
        self.current.iter().map(|placed| (placed.serial, placed.view()))
    }

    /// The serial number of the last period that has started at `time`.
    pub(super) fn at(&self, time: Micros) -> u32 {
        let started = self.current.partition_point(|placed| placed.source.start <= time);
        let placed = self.current.get(started.saturating_sub(1));
        placed.map_or(u32::MAX, |placed| placed.serial)
    }

    pub(super) fn get(&self, serial: u32) -> Option<Playable<'_>> {
        let mut all = self.current.iter().chain(&self.retired);
        all.find(|placed| placed.serial == serial).map(Placed::view)
    }

    pub(super) fn after(&self, serial: u32) -> Option<Playable<'_>> {
        let at = self.current.iter().position(|placed| placed.serial == serial)?;
        self.current.get(at + 1).map(Placed::view)
    }

    pub(super) fn rep(&self, key: RepKey) -> Option<&Representation> {
        rep_in(self.get(key.period)?, key)
    }
}

pub(super) fn rep_in(period: Playable<'_>, key: RepKey) -> Option<&Representation> {
    period.set(key.set as usize)?.rep(key.rep as usize)
}

/// Whether a manifest says that one may switch between two sets (ISO/IEC 23009-1, 5.3.3.5).
pub(crate) fn switches(a: &AdaptationSet, b: &AdaptationSet) -> bool {
    let says = |a: &AdaptationSet, b: &AdaptationSet| b.id.is_some_and(|id| a.switching.contains(&id));
    a.content_type == b.content_type && (says(a, b) || says(b, a))
}

/// The same renditions in the same places: only times, segments and descriptions may differ.
fn offers_same(a: Playable<'_>, b: Playable<'_>) -> bool {
    a.kept == b.kept
        && a.sets().zip(b.sets()).all(|(a, b)| {
            a.set.content_type == b.set.content_type
                && a.reps()
                    .zip(b.reps())
                    .all(|(a, b)| a.id == b.id && a.codecs == b.codecs)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(periods: &str) -> Vec<Arc<Period>> {
        let text = format!(
            r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z">{periods}</MPD>"#
        );
        footlight_dash::parse(&text, "https://a.example/")
            .expect("a manifest")
            .presentation
            .periods
    }

    fn period(id: &str, start: u32, reps: &[&str]) -> String {
        let reps: String = reps
            .iter()
            .map(|id| format!(r#"<Representation id="{id}" bandwidth="1"/>"#))
            .collect();
        format!(
            r#"<Period id="{id}" start="PT{start}S"><AdaptationSet mimeType="video/mp4" codecs="avc1.64001f">
            <SegmentTemplate media="$Number$" duration="2"/>{reps}</AdaptationSet></Period>"#
        )
    }

    fn learned() -> Periods {
        let mut periods = Periods::default();
        periods.learn([(r#"video/mp4; codecs="avc1.64001f""#.to_owned(), true)].into_iter());
        periods
    }

    fn serials(periods: &Periods) -> Vec<u32> {
        periods.iter().map(|(serial, _)| serial).collect()
    }

    #[test]
    fn periods_keep_their_numbers_while_others_come_and_go() {
        let mut periods = learned();
        periods.sync(&parse(&(period("a", 0, &["1"]) + &period("b", 10, &["1"]))));
        assert_eq!(serials(&periods), [0, 1]);
        periods.sync(&parse(&(period("b", 10, &["1"]) + &period("c", 20, &["1"]))));
        assert_eq!(serials(&periods), [1, 2]);
        assert!(periods.get(0).is_some(), "what is in the sink may be of it");
        assert_eq!((periods.at(Micros(5)), periods.at(Micros::from_secs(25))), (1, 2));
        assert_eq!(periods.after(1).map(|p| p.period.start), Some(Micros::from_secs(20)));
    }

    #[test]
    fn another_offer_is_another_period() {
        let mut periods = learned();
        periods.sync(&parse(&period("a", 0, &["1"])));
        let key = RepKey {
            period: 0,
            set: 0,
            rep: 0,
        };
        let changed = periods.sync(&parse(&period("a", 0, &["0", "1"])));
        assert_eq!((changed.len(), serials(&periods)), (0, vec![1]));
        assert_eq!(periods.rep(key).map(|rep| rep.id.as_str()), Some("1"));
    }

    #[test]
    fn what_is_ranked_no_better_is_worth_no_more() {
        let ranked = |ranks: [&str; 4]| {
            let reps: String = (1..)
                .zip(ranks)
                .map(|(at, rank)| format!(r#"<Representation id="{at}" bandwidth="{at}00" {rank}/>"#))
                .collect();
            let text = format!(
                r#"<Period id="a" start="PT0S"><AdaptationSet mimeType="video/mp4" codecs="avc1.64001f"><SegmentTemplate media="$Number$" duration="2"/>{reps}</AdaptationSet></Period>"#
            );
            let mut periods = learned();
            periods.sync(&parse(&text));
            let set = periods.get(0).and_then(|period| period.set(0)).expect("a set");
            [0, 1, 2, 3].map(|at| set.worth(at))
        };
        let rank = [
            "qualityRanking=\"1\"",
            "qualityRanking=\"2\"",
            "qualityRanking=\"3\"",
            "",
        ];
        assert_eq!(ranked([rank[3]; 4]), [100, 200, 300, 400]);
        assert_eq!(ranked([rank[2], rank[1], rank[1], rank[0]]), [100, 200, 200, 400]);
        assert_eq!(ranked([rank[2], rank[0], rank[1], rank[0]]), [100, 200, 200, 200]);
        assert_eq!(ranked([rank[1], rank[3], rank[1], rank[0]]), [100, 200, 100, 400]);
    }

    #[test]
    fn what_the_sink_can_play_is_learned_later() {
        let mut periods = Periods::default();
        let manifest = parse(&period("a", 0, &["1"]));
        periods.sync(&manifest);
        assert!(periods.iter().all(|(_, period)| period.sets().count() == 0));
        periods.learn([(r#"video/mp4; codecs="avc1.64001f""#.to_owned(), true)].into_iter());
        periods.sync(&manifest);
        assert_eq!(
            periods.iter().map(|(_, period)| period.sets().count()).sum::<usize>(),
            1
        );
    }
}
