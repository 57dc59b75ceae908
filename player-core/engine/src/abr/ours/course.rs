//! Where the network goes from what it is at the moment.
//!
//! The forecast of the moment is good for the next segment. On a network that comes and goes within seconds it says
//! little of the next half minute, for which the session's mean says more; on one that stays what it is, that is the
//! other way round. How far the mean of some time to come went from the one to the other is learnt for a few lengths of
//! time: a regression through the origin, shrunk towards a network that stays as it is.

use super::forecast::OUTAGE;
use super::plan::seconds;
use crate::abr::log::log2;
use crate::time::Instant;

/// After how many seconds it is seen how far the mean since then went.
const HORIZONS: [f64; 4] = [4.0, 8.0, 16.0, 32.0];
/// That it stays is believed as if so many separate horizons had shown it, from as far away as it is now.
const STAYED: f64 = 2.0;
/// Marks are set at least so many seconds apart, which bounds their number.
const APART: f64 = 1.0;

/// How far the mean of each of [`HORIZONS`] is expected above the median of the moment, in powers of two.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Course([f64; HORIZONS.len()]);

impl Course {
    /// The same for the next so many seconds.
    pub(super) fn after(&self, time: f64) -> f64 {
        let mut before = (0.0, 0.0);
        for (horizon, way) in HORIZONS.into_iter().zip(self.0) {
            if time < horizon {
                return before.1 + (way - before.1) * (time - before.0) / (horizon - before.0);
            }
            before = (horizon, way);
        }
        before.1
    }
}

/// What was expected at some time, to be compared with what came.
#[derive(Clone, Copy, Debug)]
struct Mark {
    at: Instant,
    median: f64,
    /// How far the mean of the session was above it.
    away: f64,
    /// Bits and seconds of the session until then.
    total: (f64, f64),
    /// Seconds since the mark before.
    passed: f64,
    /// At how many of [`HORIZONS`] it was compared.
    compared: usize,
}

/// Learns the [`Course`].
#[derive(Clone, Debug, Default)]
pub(super) struct Courses {
    /// All bits and seconds of the session.
    total: (f64, f64),
    marks: Vec<Mark>,
    /// For each of [`HORIZONS`], over the session's seconds: how far it went times how far the mean was away, and the
    /// square of the latter.
    went: [(f64, f64); HORIZONS.len()],
}

impl Courses {
    /// Counts what came.
    pub(super) fn count(&mut self, bits: f64, busy: f64) {
        self.total.0 += bits;
        self.total.1 += busy;
    }

    /// Compares what came since each mark with what was expected then, and marks what is expected now; `mean` is the
    /// session's, in bits per second, and `away` how far it is above the median.
    pub(super) fn learn(&mut self, now: Instant, median: f64, mean: f64, away: f64) {
        let total = self.total;
        for mark in &mut self.marks {
            let age = seconds(now.since(mark.at));
            let (bits, busy) = (total.0 - mark.total.0, total.1 - mark.total.1);
            while let (Some(&horizon), Some((went, most))) =
                (HORIZONS.get(mark.compared), self.went.get_mut(mark.compared))
            {
                if age < horizon {
                    break;
                }
                mark.compared += 1;
                if busy > 0.0 {
                    // However deep an outage was, it was one.
                    let (rate, least) = (bits / busy, mean * OUTAGE);
                    let came = log2(if rate > least { rate } else { least });
                    // One horizon shows no more than itself, however long nothing was asked for before.
                    let weight = mark.away * if mark.passed < horizon { mark.passed } else { horizon };
                    *went += weight * (came - mark.median);
                    *most += weight * mark.away;
                }
            }
        }
        self.marks.retain(|mark| mark.compared < HORIZONS.len());
        let passed = self.marks.last().map_or(APART, |last| seconds(now.since(last.at)));
        if passed >= APART {
            self.marks.push(Mark {
                at: now,
                median,
                away,
                total,
                passed,
                compared: 0,
            });
        }
    }

    /// The course from a median when the session's mean is so far above it.
    pub(super) fn course(&self, away: f64) -> Course {
        let mut ways = [0.0; HORIZONS.len()];
        for ((way, horizon), (went, most)) in ways.iter_mut().zip(HORIZONS).zip(self.went) {
            let all = most + STAYED * horizon * away * away;
            if all > 0.0 {
                *way = away * (went / all).clamp(0.0, 1.0);
            }
        }
        Course(ways)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of the network below.
    const MEAN: f64 = 8.5e6;

    /// How far the mean of each horizon is expected above what is had at the end of eight minutes, of which a network gave
    /// 16 Mbit/s and 1 Mbit/s for so many seconds each.
    fn ways(each: u64) -> [f64; HORIZONS.len()] {
        let (mut courses, mut away) = (Courses::default(), 0.0);
        for second in 0..480 {
            let rate = if (second / each).is_multiple_of(2) { 16e6 } else { 1e6 };
            courses.count(rate, 1.0);
            away = log2(MEAN) - log2(rate);
            courses.learn(Instant::from_millis(second * 1000), log2(rate), MEAN, away);
        }
        let course = courses.course(away);
        HORIZONS.map(|horizon| course.after(horizon))
    }

    #[test]
    fn what_comes_and_goes_has_a_mean() {
        // It ends with the slow half, 3.1 below the mean. Four seconds are often over before the fast one comes.
        let ways = ways(8);
        assert!(ways[0] < 2.0, "{ways:?}");
        assert!(ways[1..].iter().all(|way| (2.2..3.1).contains(way)), "{ways:?}");
    }

    #[test]
    fn what_stays_as_it_is_has_no_way_back() {
        let ways = ways(120);
        assert!(ways.iter().all(|way| (0.0..0.8).contains(way)), "{ways:?}");
    }

    #[test]
    fn between_horizons_the_course_is_straight() {
        let course = Course([1.0, 2.0, 2.5, 3.0]);
        let ways = [0.0, 2.0, 4.0, 6.0, 24.0, 32.0, 500.0].map(|time| course.after(time));
        assert_eq!(ways, [0.0, 0.5, 1.0, 1.5, 2.75, 3.0, 3.0]);
    }

    #[test]
    fn marks_are_few_and_nothing_learnt_is_no_way() {
        let mut courses = Courses::default();
        assert!(courses.course(2.0).after(32.0).abs() <= 0.0);
        for now in 0..100_000 {
            courses.learn(Instant::from_millis(now), 20.0, 2e6, 1.0);
        }
        assert!(courses.marks.len() <= 33, "{}", courses.marks.len());
        // Nothing came, so nothing was seen.
        assert!(courses.course(2.0).after(32.0).abs() <= 0.0);
    }
}
