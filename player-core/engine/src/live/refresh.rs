//! When to ask for the manifest again: as `MPD@minimumUpdatePeriod` says, when an event says so, and when
//! somebody waits for what the manifest does not list yet (ISO/IEC 23009-1, 5.4).

use footlight_dash::Micros;

use crate::time::Instant;

/// Never asked more often than this.
const SOONEST: Micros = Micros(500_000);
/// After a failure, at first and at most.
const BACKOFF: Micros = Micros(500_000);
const BACKOFF_MAX: Micros = Micros(8_000_000);

/// The timer of the next request.
#[derive(Debug, Default)]
pub(crate) struct Refresh {
    /// When the last request was made.
    asked: Instant,
    due: Option<Instant>,
    /// Failures in a row, unchanged answers not counted.
    failures: u32,
    /// Answers in a row that were no newer.
    unchanged: u32,
}

impl Refresh {
    /// A request is made.
    pub(crate) const fn asked(&mut self, now: Instant) {
        self.asked = now;
        self.due = None;
    }

    /// A manifest arrived; `period` is its `@minimumUpdatePeriod`. None, or zero: only when needed.
    pub(crate) fn arrived(&mut self, period: Option<Micros>, is_newer: bool) {
        self.failures = 0;
        self.unchanged = if is_newer { 0 } else { self.unchanged.saturating_add(1) };
        self.due = period
            .filter(|period| *period > Micros(0))
            .map(|period| self.asked.plus(period.max(SOONEST)));
    }

    /// No usable answer came.
    pub(crate) fn failed(&mut self, now: Instant) {
        let wait = BACKOFF.0.saturating_mul(1 << self.failures.min(8)).min(BACKOFF_MAX.0);
        self.failures = self.failures.saturating_add(1);
        self.due = Some(now.plus(Micros(wait)));
    }

    /// Somebody waits for segments, which come every `segment`, and could be told of the next one `from` on. Answers
    /// that stay the same are asked for less and less often.
    pub(crate) fn need(&mut self, from: Instant, segment: Micros) {
        if self.failures > 0 {
            return;
        }
        let pause = (segment.0 / 2)
            .max(SOONEST.0)
            .saturating_mul(1 << self.unchanged.min(3));
        let at = self.asked.plus(Micros(pause.min(BACKOFF_MAX.0))).max(from);
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// The manifest in force is not valid any more.
    pub(crate) fn expired(&mut self) {
        let at = self.asked.plus(SOONEST);
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// When to ask.
    pub(crate) const fn due(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = Micros(1_000_000);

    fn at(millis: u64) -> Option<Instant> {
        Some(Instant::from_millis(millis))
    }

    #[test]
    fn the_period_counts_from_the_request() {
        let mut refresh = Refresh::default();
        refresh.asked(Instant::from_millis(10_000));
        assert_eq!(refresh.due(), None);
        refresh.arrived(Some(Micros(2_000_000)), true);
        assert_eq!(refresh.due(), at(12_000));
    }

    #[test]
    fn a_period_of_zero_is_on_need_only() {
        let mut refresh = Refresh::default();
        refresh.asked(Instant::from_millis(10_000));
        refresh.arrived(Some(Micros(0)), true);
        assert_eq!(refresh.due(), None);
        refresh.need(Instant::from_millis(0), Micros(4_000_000));
        assert_eq!(refresh.due(), at(12_000));
        refresh.expired();
        assert_eq!(refresh.due(), at(10_500));
    }

    #[test]
    fn what_does_not_change_is_asked_for_less_often() {
        let mut refresh = Refresh::default();
        refresh.asked(Instant::from_millis(0));
        refresh.arrived(None, false);
        refresh.need(Instant::from_millis(0), SECOND);
        assert_eq!(refresh.due(), at(1_000));
        refresh.asked(Instant::from_millis(1_000));
        refresh.arrived(None, false);
        refresh.need(Instant::from_millis(0), SECOND);
        assert_eq!(refresh.due(), at(3_000));
        refresh.asked(Instant::from_millis(3_000));
        refresh.arrived(None, true);
        refresh.need(Instant::from_millis(0), SECOND);
        assert_eq!(refresh.due(), at(3_500));
    }

    #[test]
    fn failures_back_off_and_are_forgotten() {
        let mut refresh = Refresh::default();
        refresh.failed(Instant::from_millis(0));
        assert_eq!(refresh.due(), at(500));
        refresh.failed(Instant::from_millis(500));
        assert_eq!(refresh.due(), at(1_500));
        refresh.need(Instant::from_millis(0), SECOND);
        assert_eq!(refresh.due(), at(1_500), "need does not overrule the pause");
        for _ in 0..20 {
            refresh.failed(Instant::from_millis(1_000));
        }
        assert_eq!(refresh.due(), at(9_000));
        refresh.asked(Instant::from_millis(9_000));
        refresh.arrived(Some(SECOND), true);
        assert_eq!((refresh.due(), refresh.failures), (at(10_000), 0));
    }
}
