//! Which location is well: one that failed rests for a while, as long as another one works.

use footlight_dash::Micros;

use super::steering::Pathways;
use super::{Rng, Source};
use crate::abr::log2_q16;
use crate::time::Instant;

/// The health of every `@serviceLocation` (or host) seen.
#[derive(Debug, Default)]
pub(crate) struct Locations {
    known: Vec<Health>,
    /// In which order the service wants them.
    pub(super) pathways: Pathways,
    /// What was drawn for the locations that share the load by weight: the least goes first.
    turns: Vec<(String, i64)>,
}

/// The most locations that share the load.
const MAX_TURNS: usize = 64;

#[derive(Debug)]
struct Health {
    name: String,
    /// Failures since the last success.
    failures: u32,
    rests_until: Instant,
}

impl Locations {
    /// The source to try: healthy and least failed first, then in the service's order, then in the manifest's.
    pub(crate) fn best(&self, now: Instant, sources: &[Source], failures: &[u32]) -> usize {
        let rank = |index: &usize| {
            let source = sources.get(*index);
            let resting = source
                .and_then(|s| self.get(&s.location))
                .is_some_and(|h| h.rests_until > now);
            let wanted = source.map_or(usize::MAX, |s| self.pathways.rank(&s.location));
            let turn = source.map(|s| (s.share.0, self.turn(s)));
            (
                failures.get(*index).copied().unwrap_or(0),
                resting,
                wanted,
                turn,
                *index,
            )
        };
        (0..sources.len()).min_by_key(rank).unwrap_or(0)
    }

    /// Draws for locations with a weight (ETSI TS 103 285, 10.8.2.1), once for each.
    pub(super) fn draw(&mut self, rng: &mut Rng, sources: &[Source]) {
        for Source { location, share, .. } in sources {
            let is_known = self.turns.iter().any(|(known, _)| known == location);
            if share.1 == 0 || is_known || self.turns.len() >= MAX_TURNS {
                continue;
            }
            // The least of exponential variables is each one's as often as its weight (Efraimidis, Spirakis 2006).
            let drawn = rng.below(u64::MAX) | 1;
            let turn = ((64 << 16) - log2_q16(drawn)) * 1024 / i64::from(share.1);
            self.turns.push((location.clone(), turn));
        }
    }

    fn turn(&self, source: &Source) -> i64 {
        let drawn = self.turns.iter().find(|(known, _)| *known == source.location);
        drawn.filter(|_| source.share.1 > 0).map_or(0, |(_, turn)| *turn)
    }

    pub(crate) fn succeeded(&mut self, location: &str) {
        if let Some(health) = self.known.iter_mut().find(|h| h.name == location) {
            health.failures = 0;
            health.rests_until = Instant::default();
        }
    }

    /// A failure: the first is forgiven soon, each further one in a row rests twice as long, up to `penalty`.
    pub(crate) fn failed(&mut self, now: Instant, location: &str, penalty: Micros) {
        let at = match self.known.iter().position(|h| h.name == location) {
            Some(at) => at,
            None => {
                self.known.push(Health {
                    name: location.to_owned(),
                    failures: 0,
                    rests_until: Instant::default(),
                });
                self.known.len() - 1
            }
        };
        if let Some(health) = self.known.get_mut(at) {
            health.failures = health.failures.saturating_add(1);
            let shift = 4u32.saturating_sub(health.failures.min(4));
            health.rests_until = now.plus(Micros(penalty.0 >> shift));
        }
    }

    fn get(&self, location: &str) -> Option<&Health> {
        self.known.iter().find(|h| h.name == location)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Vec<Source> {
        ["a", "b"]
            .iter()
            .map(|l| Source::new(format!("https://{l}.example/x"), *l))
            .collect()
    }

    #[test]
    fn the_manifests_order_holds_while_all_is_well() {
        assert_eq!(Locations::default().best(Instant(0), &sources(), &[0, 0]), 0);
    }

    #[test]
    fn a_failed_location_rests_and_comes_back() {
        let mut locations = Locations::default();
        let penalty = Micros(60_000_000);
        locations.failed(Instant(0), "a", penalty);
        assert_eq!(locations.best(Instant(0), &sources(), &[0, 0]), 1);
        assert_eq!(locations.best(Instant(8_000_000), &sources(), &[0, 0]), 0);
        for _ in 0..4 {
            locations.failed(Instant(8_000_000), "a", penalty);
        }
        assert_eq!(locations.best(Instant(60_000_000), &sources(), &[0, 0]), 1);
        locations.succeeded("a");
        assert_eq!(locations.best(Instant(60_000_000), &sources(), &[0, 0]), 0);
    }

    #[test]
    fn weights_share_the_load_within_a_priority() {
        let source = |location: &str, share| Source {
            share,
            ..Source::new("https://x.example/", location)
        };
        let all = [source("a", (1, 1)), source("b", (1, 3)), source("c", (2, 100))];
        let mut taken = [0_u32; 3];
        for seed in 0..1000 {
            let (mut locations, mut rng) = (Locations::default(), Rng::new(seed));
            locations.draw(&mut rng, &all);
            let first = locations.best(Instant(0), &all, &[0; 3]);
            taken[first] += 1;
            locations.draw(&mut rng, &all);
            assert_eq!(locations.best(Instant(0), &all, &[0; 3]), first, "it stays");
            assert_eq!(locations.best(Instant(0), &all, &[1, 1, 0]), 2, "the next priority");
        }
        assert!(taken[1].abs_diff(750) < 60 && taken[2] == 0, "{taken:?}");
    }

    #[test]
    fn among_resting_locations_the_least_failed_is_tried() {
        let mut locations = Locations::default();
        locations.failed(Instant(0), "a", Micros(60_000_000));
        locations.failed(Instant(0), "b", Micros(60_000_000));
        assert_eq!(locations.best(Instant(0), &sources(), &[1, 0]), 1);
    }
}
