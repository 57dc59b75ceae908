//! Time ranges, as a sink reports them.

use footlight_dash::Micros;

/// Ascending, disjoint `(start, end)` ranges on the presentation timeline.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ranges(Vec<(Micros, Micros)>);

impl Ranges {
    /// Ranges from a host: put in order, empty ones dropped, touching ones joined.
    #[must_use]
    pub fn new(reported: &[(Micros, Micros)]) -> Self {
        // In order as they come, nearly always: a sort is a lot of code for that.
        let mut sorted: Vec<(Micros, Micros)> = Vec::with_capacity(reported.len());
        for range in reported.iter().filter(|(start, end)| start < end) {
            let at = sorted.partition_point(|known| known <= range);
            sorted.insert(at, *range);
        }
        let mut joined: Vec<(Micros, Micros)> = Vec::with_capacity(sorted.len());
        for (start, end) in sorted {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Self(joined)
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[(Micros, Micros)] {
        &self.0
    }

    /// The range that holds `time`, or starts within `tolerance` after it.
    #[must_use]
    pub fn holding(&self, time: Micros, tolerance: Micros) -> Option<(Micros, Micros)> {
        let late = Micros(time.0.saturating_add(tolerance.0));
        self.0.iter().copied().find(|&(start, end)| start <= late && time < end)
    }

    /// How much is buffered from `time` on without a break longer than `tolerance`.
    #[must_use]
    pub fn ahead(&self, time: Micros, tolerance: Micros) -> Micros {
        let mut reached = time;
        for &(start, end) in &self.0 {
            if end <= reached {
                continue;
            }
            if start.0 > reached.0.saturating_add(tolerance.0) {
                break;
            }
            reached = end;
        }
        Micros(reached.0.saturating_sub(time.0))
    }

    /// The first start after `time`.
    #[must_use]
    pub fn next_start(&self, time: Micros) -> Option<Micros> {
        self.0.iter().map(|r| r.0).find(|&start| start > time)
    }

    /// Whether all of `start..end` is buffered, up to `tolerance` at each end and each break.
    #[must_use]
    pub fn covers(&self, start: Micros, end: Micros, tolerance: Micros) -> bool {
        let ahead = self.ahead(start, tolerance);
        start.0.saturating_add(ahead.0).saturating_add(tolerance.0) >= end.0 && ahead.0 > 0
    }

    /// Where the first range starts.
    #[must_use]
    pub fn start(&self) -> Option<Micros> {
        self.0.first().map(|r| r.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranges(list: &[(i64, i64)]) -> Ranges {
        Ranges::new(&list.iter().map(|&(a, b)| (Micros(a), Micros(b))).collect::<Vec<_>>())
    }

    #[test]
    fn small_breaks_are_bridged_and_large_ones_are_not() {
        let r = ranges(&[(0, 100), (105, 200), (300, 400)]);
        assert_eq!(r.ahead(Micros(50), Micros(10)), Micros(150));
        assert_eq!(r.ahead(Micros(250), Micros(10)), Micros(0));
        assert_eq!(r.next_start(Micros(250)), Some(Micros(300)));
        assert!(r.covers(Micros(0), Micros(200), Micros(10)));
        assert!(!r.covers(Micros(0), Micros(350), Micros(10)));
    }

    proptest! {
        #[test]
        fn ranges_end_up_ascending_and_disjoint(list in proptest::collection::vec((0i64..1000, 0i64..1000), 0..20)) {
            let r = ranges(&list);
            prop_assert!(r.as_slice().windows(2).all(|w| w[0].1 < w[1].0));
            prop_assert!(r.as_slice().iter().all(|x| x.0 < x.1));
        }

        #[test]
        fn ahead_never_reaches_past_the_last_end(list in proptest::collection::vec((0i64..1000, 0i64..1000), 0..20), t in 0i64..1000) {
            let r = ranges(&list);
            let last = r.as_slice().last().map_or(0, |x| x.1.0).max(t);
            prop_assert!(t + r.ahead(Micros(t), Micros(5)).0 <= last);
        }
    }
}
