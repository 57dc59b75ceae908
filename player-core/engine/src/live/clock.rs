//! The service's wall clock, as far as it is known on this device.

use footlight_dash::Micros;

use crate::time::Instant;

/// A device's oscillator is not worse than this, in microseconds a second: how fast trust in a
/// synchronisation fades.
const FADES: i64 = 100;
/// The largest drift believed, in parts per billion; more is a clock that was set.
const MAX_DRIFT: i64 = 500_000;
/// Two synchronisations closer than this say nothing about drift.
const DRIFT_SPAN: Micros = Micros(60_000_000);

/// One synchronisation.
#[derive(Clone, Copy, Debug)]
struct Sync {
    /// The wall clock at the engine's instant zero, in microseconds since the Unix epoch.
    origin: i64,
    /// How wrong that may be.
    error: i64,
    at: Instant,
}

impl Sync {
    /// What it may be wrong by now.
    fn error_at(&self, now: Instant) -> i64 {
        self.error.saturating_add(now.since(self.at).0 / 1_000_000 * FADES)
    }
}

/// Wall-clock time: the device's, until the service tells its own. With an estimate of the drift between
/// the two.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    device: Option<i64>,
    server: Option<Sync>,
    /// Parts per billion that the service's clock is faster.
    drift: i64,
}

impl Clock {
    /// The device says that it is `wall` now.
    pub(crate) fn observe_device(&mut self, now: Instant, wall: Micros) {
        self.device = Some(wall.0.saturating_sub(signed(now)));
    }

    /// The service said that it was `wall` at `at`, give or take `error`. The more exact of two answers
    /// counts, and the newer of two alike.
    pub(crate) fn observe_server(&mut self, at: Instant, wall: Micros, error: Micros) {
        let (told, error) = (wall.0.saturating_sub(signed(at)), error.0.max(0));
        // A device that agrees with the service, as far as that can be told, is the more exact of the two.
        let agrees = self
            .device
            .filter(|device| device.abs_diff(told) <= error.unsigned_abs());
        let new = Sync {
            origin: agrees.unwrap_or(told),
            error,
            at,
        };
        if let Some(old) = self.server {
            if new.error > old.error_at(at) {
                return;
            }
            let moved = new.origin.saturating_sub(old.origin);
            let span = at.since(old.at);
            if span >= DRIFT_SPAN && moved.abs() > new.error.saturating_add(old.error) {
                let ppb = i128::from(moved) * 1_000_000_000 / i128::from(span.0);
                self.drift = i64::try_from(ppb)
                    .ok()
                    .filter(|drift| drift.abs() <= MAX_DRIFT)
                    .unwrap_or(0);
            }
        }
        self.server = Some(new);
    }

    /// A document says that it was made at `wall`, so it is not earlier now. Corrects a device whose clock is slow,
    /// where the service does not tell the time.
    pub(crate) fn not_before(&mut self, now: Instant, wall: Micros) {
        let origin = wall.0.saturating_sub(signed(now));
        if self.server.is_none() {
            self.device = Some(self.device.map_or(origin, |device| device.max(origin)));
        }
    }

    /// The time now, in microseconds since the Unix epoch.
    pub(crate) fn wall(&self, now: Instant) -> Option<Micros> {
        let Some(server) = &self.server else {
            return Some(Micros(self.device?.saturating_add(signed(now))));
        };
        let since = i128::from(now.since(server.at).0) * i128::from(self.drift) / 1_000_000_000;
        let drifted = i64::try_from(since).unwrap_or(0);
        Some(Micros(
            server.origin.saturating_add(signed(now)).saturating_add(drifted),
        ))
    }

    /// Whether the service told the time.
    pub(crate) const fn is_synchronised(&self) -> bool {
        self.server.is_some()
    }
}

fn signed(now: Instant) -> i64 {
    i64::try_from(now.0).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn the_service_counts_more_than_the_device() {
        let mut clock = Clock::default();
        assert_eq!(clock.wall(Instant(5)), None);
        clock.observe_device(Instant(10), Micros(HOUR));
        assert_eq!(clock.wall(Instant(20)), Some(Micros(HOUR + 10)));
        clock.observe_server(Instant(30), Micros(2 * HOUR), Micros(50_000));
        assert_eq!(clock.wall(Instant(40)), Some(Micros(2 * HOUR + 10)));
        assert!(clock.is_synchronised());
    }

    #[test]
    fn a_device_that_agrees_is_believed() {
        let mut clock = Clock::default();
        clock.observe_device(Instant(0), Micros(HOUR + 300_000));
        clock.observe_server(Instant(0), Micros(HOUR), Micros(500_000));
        assert_eq!(clock.wall(Instant(0)), Some(Micros(HOUR + 300_000)));
        clock.observe_server(Instant(0), Micros(HOUR), Micros(20_000));
        assert_eq!(clock.wall(Instant(0)), Some(Micros(HOUR)));
    }

    #[test]
    fn a_vague_answer_does_not_replace_an_exact_one() {
        let mut clock = Clock::default();
        clock.observe_server(Instant(0), Micros(HOUR), Micros(20_000));
        clock.observe_server(Instant(1_000_000), Micros(3 * HOUR), Micros(500_000));
        assert_eq!(clock.wall(Instant(1_000_000)), Some(Micros(HOUR + 1_000_000)));
        // Two hours on, the exact one may be off by more than that.
        let later = Instant(2 * 3_600_000_000);
        clock.observe_server(later, Micros(9 * HOUR), Micros(500_000));
        assert_eq!(clock.wall(later), Some(Micros(9 * HOUR)));
    }

    #[test]
    fn drift_is_estimated_from_two_answers() {
        let mut clock = Clock::default();
        clock.observe_server(Instant(0), Micros(HOUR), Micros(10_000));
        // 1000 s later the service is 100 ms further than this device counted: 100 ppm.
        let at = Instant(1_000_000_000);
        clock.observe_server(at, Micros(HOUR + 1_000_100_000), Micros(10_000));
        let later = Instant(2_000_000_000);
        assert_eq!(clock.wall(later), Some(Micros(HOUR + 2_000_200_000)));
    }

    #[test]
    fn a_clock_that_was_set_is_no_drift() {
        let mut clock = Clock::default();
        clock.observe_server(Instant(0), Micros(0), Micros(10_000));
        let at = Instant(100_000_000);
        clock.observe_server(at, Micros(HOUR), Micros(10_000));
        assert_eq!(clock.wall(Instant(200_000_000)), Some(Micros(HOUR + 100_000_000)));
    }

    #[test]
    fn a_manifest_from_the_future_corrects_a_slow_device() {
        let mut clock = Clock::default();
        clock.observe_device(Instant(0), Micros(1_000));
        clock.not_before(Instant(0), Micros(500));
        assert_eq!(clock.wall(Instant(0)), Some(Micros(1_000)));
        clock.not_before(Instant(0), Micros(9_000));
        assert_eq!(clock.wall(Instant(0)), Some(Micros(9_000)));
    }
}
