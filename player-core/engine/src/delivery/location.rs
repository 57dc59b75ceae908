//! Which location is well: one that failed rests for a while, as long as another one works.

use footlight_dash::Micros;

use super::Source;
use super::steering::Pathways;
use crate::time::Instant;

/// The health of every `@serviceLocation` (or host) seen.
#[derive(Debug, Default)]
pub(crate) struct Locations {
    known: Vec<Health>,
    /// In which order the service wants them.
    pub(super) pathways: Pathways,
}

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
            (failures.get(*index).copied().unwrap_or(0), resting, wanted, *index)
        };
        (0..sources.len()).min_by_key(rank).unwrap_or(0)
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
    fn among_resting_locations_the_least_failed_is_tried() {
        let mut locations = Locations::default();
        locations.failed(Instant(0), "a", Micros(60_000_000));
        locations.failed(Instant(0), "b", Micros(60_000_000));
        assert_eq!(locations.best(Instant(0), &sources(), &[1, 0]), 1);
    }
}
