//! Where the playhead is between two observations.

use footlight_dash::Micros;

use super::input::Playback;
use crate::time::Instant;

/// A seek has landed when the playhead is seen this close to its target.
const LANDED: i64 = 1_000_000;
/// A seek whose landing is never seen (a sink that refused it) is given up after this.
const GIVE_UP: Micros = Micros(3_000_000);

/// The last observation, moved on by the clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct Playhead {
    observed: Playback,
    at: Instant,
    /// A seek asked for and not yet seen to land.
    target: Option<(Micros, Instant)>,
}

impl Playhead {
    /// A seek was asked for (or will be, as soon as there is a sink).
    pub(crate) fn aim(&mut self, now: Instant, target: Micros) {
        self.target = Some((target, now));
    }

    /// The sink was observed. Returns where the platform seeked to by itself, if it did.
    pub(crate) fn observe(&mut self, now: Instant, seen: Playback) -> Option<Micros> {
        let before = self.position(now);
        let was_seeking = self.observed.seeking;
        self.observed = seen;
        self.at = now;
        if let Some((target, since)) = self.target {
            let near = (seen.position.0 - target.0).abs() <= LANDED;
            if (near && !seen.seeking) || (!seen.seeking && now.since(since) > GIVE_UP && seen.ready_state > 0) {
                self.target = None;
            }
            return None;
        }
        let elsewhere = (seen.position.0 - before.0).abs() > LANDED;
        (seen.seeking && (elsewhere || !was_seeking)).then_some(seen.position)
    }

    /// The playhead now.
    pub(crate) fn position(&self, now: Instant) -> Micros {
        if let Some((target, _)) = self.target {
            return target;
        }
        if !self.moving() {
            return self.observed.position;
        }
        let passed = i128::from(now.since(self.at).0) * i128::from(self.observed.rate) / 1000;
        // Observations come several times a second: one that stays away means a page that is frozen, not
        // a film that runs on.
        let passed = i64::try_from(passed).unwrap_or(i64::MAX).min(2_000_000);
        self.observed.position.saturating_add(Micros(passed))
    }

    /// The clock of the sink runs.
    pub(crate) fn moving(&self) -> bool {
        let seen = &self.observed;
        self.target.is_none() && !seen.paused && !seen.seeking && !seen.ended && seen.ready_state >= 3
    }

    /// When the playhead gets to `target`, if it moves.
    pub(crate) fn arrival(&self, now: Instant, target: Micros) -> Option<Instant> {
        if !self.moving() || self.observed.rate == 0 {
            return None;
        }
        let distance = i128::from(target.0.saturating_sub(self.position(now).0).max(0));
        let wait = distance * 1000 / i128::from(self.observed.rate) + 1;
        Some(now.plus(Micros(i64::try_from(wait).unwrap_or(i64::MAX))))
    }

    pub(crate) fn seeking(&self) -> bool {
        self.target.is_some() || self.observed.seeking
    }

    pub(crate) const fn seen(&self) -> &Playback {
        &self.observed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playing(position: i64) -> Playback {
        Playback {
            position: Micros(position),
            rate: 1000,
            ready_state: 4,
            ..Playback::default()
        }
    }

    #[test]
    fn it_moves_with_the_clock_while_playing() {
        let mut head = Playhead::default();
        head.observe(
            Instant(0),
            Playback {
                rate: 2000,
                ..playing(5_000_000)
            },
        );
        assert_eq!(head.position(Instant(500_000)), Micros(6_000_000));
        assert_eq!(
            head.arrival(Instant(500_000), Micros(7_000_000)),
            Some(Instant(1_000_001))
        );
        head.observe(
            Instant(600_000),
            Playback {
                paused: true,
                ..playing(6_100_000)
            },
        );
        assert_eq!(head.position(Instant(9_000_000)), Micros(6_100_000));
    }

    #[test]
    fn a_target_holds_until_it_lands() {
        let mut head = Playhead::default();
        head.observe(Instant(0), playing(0));
        head.aim(Instant(1), Micros(50_000_000));
        assert_eq!(
            head.observe(Instant(2), playing(10)),
            None,
            "an observation from before the seek"
        );
        assert_eq!(head.position(Instant(3)), Micros(50_000_000));
        head.observe(Instant(4), playing(50_000_000));
        assert!(!head.seeking());
    }

    #[test]
    fn a_seek_by_the_platform_is_noticed_once() {
        let mut head = Playhead::default();
        head.observe(Instant(0), playing(0));
        let seek = Playback {
            seeking: true,
            ready_state: 1,
            ..playing(90_000_000)
        };
        assert_eq!(head.observe(Instant(1), seek), Some(Micros(90_000_000)));
        assert_eq!(head.observe(Instant(2), seek), None);
    }
}
