//! The periods that this device plays, over the updates of a live manifest: each keeps its serial number, and its
//! representations their places, as long as what it offers stays the same.

use std::sync::Arc;

use footlight_dash::{ContentType, Micros, Period, Representation};

use super::RepKey;
use crate::tracks::TextFormat;

/// Periods kept after the manifest dropped them: what is queued or in the sink may still be of them.
const RETIRED: usize = 16;

/// A period and what of it is playable.
#[derive(Debug)]
struct Placed {
    serial: u32,
    source: Arc<Period>,
    view: Period,
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
    /// Whether the sink plays a type; none when it was not asked.
    pub(super) fn support(&self, mime: &str) -> Option<bool> {
        self.types.iter().find(|(known, _)| known == mime).map(|(_, is)| *is)
    }

    pub(super) fn learn(&mut self, types: impl Iterator<Item = (String, bool)>) {
        self.types.extend(types);
        self.has_learned = true;
    }

    /// Brings everything in line with the manifest; gives back what changed under a number that stays, as it was.
    pub(super) fn sync(&mut self, manifest: &[Arc<Period>]) -> Vec<(u32, Period)> {
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
                    let view = self.view(source);
                    if offers_same(&placed.view, &view) {
                        changed.push((placed.serial, std::mem::replace(&mut placed.view, view)));
                        placed.source = Arc::clone(source);
                        placed
                    } else {
                        self.retired.push(placed);
                        self.place(source, view)
                    }
                }
                None => {
                    let view = self.view(source);
                    self.place(source, view)
                }
            };
            self.current.push(placed);
        }
        self.retired.append(&mut old);
        let surplus = self.retired.len().saturating_sub(RETIRED);
        self.retired.drain(..surplus);
        changed
    }

    fn place(&mut self, source: &Arc<Period>, view: Period) -> Placed {
        let serial = self.next_serial;
        self.next_serial = self.next_serial.wrapping_add(1);
        Placed {
            serial,
            source: Arc::clone(source),
            view,
        }
    }

    /// What of a period is playable: renditions by bitrate, text of a known format.
    fn view(&self, source: &Period) -> Period {
        let mut view = source.clone();
        let playable = |rep: &Representation| self.support(&rep.full_mime()).unwrap_or(false);
        for set in &mut view.adaptation_sets {
            match set.content_type {
                ContentType::Video | ContentType::Audio => set.representations.retain(playable),
                ContentType::Text => set.representations.retain(|r| TextFormat::of(r).is_some()),
                _ => {}
            }
            set.representations.sort_by_key(|r| r.bandwidth);
        }
        // Encrypted sets need a key system, which the engine does not drive yet.
        view.adaptation_sets
            .retain(|s| !s.representations.is_empty() && s.content_protection.is_empty());
        view
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &Period)> {
        self.current.iter().map(|placed| (placed.serial, &placed.view))
    }

    /// The serial number of the last period that has started at `time`.
    pub(super) fn at(&self, time: Micros) -> u32 {
        let started = self.current.partition_point(|placed| placed.view.start <= time);
        let placed = self.current.get(started.saturating_sub(1));
        placed.map_or(u32::MAX, |placed| placed.serial)
    }

    pub(super) fn get(&self, serial: u32) -> Option<&Period> {
        let mut all = self.current.iter().chain(&self.retired);
        all.find(|placed| placed.serial == serial).map(|placed| &placed.view)
    }

    pub(super) fn after(&self, serial: u32) -> Option<&Period> {
        let at = self.current.iter().position(|placed| placed.serial == serial)?;
        self.current.get(at + 1).map(|placed| &placed.view)
    }

    pub(super) fn rep(&self, key: RepKey) -> Option<&Representation> {
        rep_in(self.get(key.period)?, key)
    }
}

pub(super) fn rep_in(period: &Period, key: RepKey) -> Option<&Representation> {
    let set = period.adaptation_sets.get(key.set as usize)?;
    set.representations.get(key.rep as usize)
}

/// The same renditions in the same places: only times, segments and descriptions may differ.
fn offers_same(a: &Period, b: &Period) -> bool {
    a.adaptation_sets.len() == b.adaptation_sets.len()
        && a.adaptation_sets.iter().zip(&b.adaptation_sets).all(|(a, b)| {
            a.content_type == b.content_type
                && a.representations.len() == b.representations.len()
                && a.representations
                    .iter()
                    .zip(&b.representations)
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
        assert_eq!(periods.after(1).map(|p| p.start), Some(Micros::from_secs(20)));
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
    fn what_the_sink_can_play_is_learned_later() {
        let mut periods = Periods::default();
        let manifest = parse(&period("a", 0, &["1"]));
        periods.sync(&manifest);
        assert!(periods.iter().all(|(_, period)| period.adaptation_sets.is_empty()));
        periods.learn([(r#"video/mp4; codecs="avc1.64001f""#.to_owned(), true)].into_iter());
        periods.sync(&manifest);
        assert_eq!(
            periods
                .iter()
                .map(|(_, period)| period.adaptation_sets.len())
                .sum::<usize>(),
            1
        );
    }
}
