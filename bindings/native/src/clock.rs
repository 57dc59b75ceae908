//! The host's clock.

use footlight_core::{Instant, Micros};
use tokio::time;

/// How time passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Pace {
    /// As it does.
    #[default]
    Real,
    /// Where nothing is on its way, time is passed over: films play as fast as they arrive. For sinks that go by the host's clock;
    /// live presentations play in real time all the same.
    Fast,
}

/// Time since the start of the player.
#[derive(Debug)]
pub(crate) struct Clock {
    start: time::Instant,
    /// Microseconds that were passed over.
    skipped: u64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            start: time::Instant::now(),
            skipped: 0,
        }
    }

    pub(crate) fn now(&self) -> Instant {
        let passed = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        Instant(passed.saturating_add(self.skipped))
    }

    /// When that is.
    pub(crate) fn at(&self, then: Instant) -> time::Instant {
        let wait = then.since(self.now());
        time::Instant::now() + std::time::Duration::from_micros(wait.0.unsigned_abs())
    }

    /// Makes it then, if it is not later already.
    pub(crate) fn skip_to(&mut self, then: Instant) {
        let Micros(ahead) = then.since(self.now());
        self.skipped = self.skipped.saturating_add(ahead.unsigned_abs());
    }
}
