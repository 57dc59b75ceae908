//! What a network gave over time: bandwidth and latency, measured once and played again.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A stretch of a trace as its file tells it.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
pub struct Period {
    /// Milliseconds.
    pub duration_ms: f64,
    /// Kilobits per second, that is bits per millisecond.
    pub bandwidth_kbps: f64,
    /// Milliseconds from a request to its first bit.
    pub latency_ms: f64,
}

/// A link of piecewise constant rate that starts again from the beginning when it ends. Times are milliseconds, sizes bits.
#[derive(Clone, Debug)]
pub struct Trace {
    periods: Vec<Period>,
    /// When each period starts; last, when the trace ends.
    starts: Vec<f64>,
    /// What the link has carried by then.
    carried: Vec<f64>,
    latency: Option<f64>,
}

/// Where in a trace a moment is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Place {
    /// Kilobits per second.
    pub rate: f64,
    /// Milliseconds.
    pub latency: f64,
    /// When this changes.
    pub until: f64,
}

impl Trace {
    /// # Errors
    /// When a number is negative or not finite, or the trace carries no bits.
    pub fn new(periods: Vec<Period>) -> Result<Self> {
        let (mut starts, mut carried, mut time, mut bits) = (vec![0.0], vec![0.0], 0.0, 0.0);
        for period in &periods {
            let numbers = [period.duration_ms, period.bandwidth_kbps, period.latency_ms];
            ensure!(
                numbers.iter().all(|n| n.is_finite() && *n >= 0.0) && period.duration_ms > 0.0,
                "a trace has {period:?}"
            );
            time += period.duration_ms;
            bits += period.duration_ms * period.bandwidth_kbps;
            starts.push(time);
            carried.push(bits);
        }
        ensure!(bits > 0.0, "a trace carries no bits");
        let latency = periods[0].latency_ms;
        let is_constant = periods.iter().all(|p| p.latency_ms.total_cmp(&latency).is_eq());
        Ok(Self {
            periods,
            starts,
            carried,
            latency: is_constant.then_some(latency),
        })
    }

    /// A link that is always the same.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn constant(bandwidth_kbps: f64, latency_ms: f64) -> Result<Self> {
        Self::new(vec![Period {
            duration_ms: 1000.0,
            bandwidth_kbps,
            latency_ms,
        }])
    }

    /// # Errors
    /// When the text is no JSON list of [`Period`]s, or they are no trace.
    pub fn parse(json: &str) -> Result<Self> {
        Self::new(serde_json::from_str(json).context("not a list of periods")?)
    }

    /// As it was measured.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// Milliseconds until it starts again.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.starts[self.periods.len()]
    }

    fn total(&self) -> f64 {
        self.carried[self.periods.len()]
    }

    /// The round, the time within it, and the period there.
    fn find(&self, time: f64) -> (f64, f64, usize) {
        let round = (time / self.length()).floor();
        let within = time - round * self.length();
        let at = self.starts.partition_point(|&start| start <= within) - 1;
        if at < self.periods.len() {
            (round, within, at)
        } else {
            (round + 1.0, 0.0, 0)
        }
    }

    /// The period that follows.
    fn after(&self, round: f64, at: usize) -> (f64, usize) {
        if at + 1 < self.periods.len() {
            (round, at + 1)
        } else {
            (round + 1.0, 0)
        }
    }

    /// What the link is like at `time`.
    #[must_use]
    pub fn at(&self, time: f64) -> Place {
        let (round, _, at) = self.find(time);
        let period = self.periods[at];
        Place {
            rate: period.bandwidth_kbps,
            latency: period.latency_ms,
            until: round * self.length() + self.starts[at + 1],
        }
    }

    /// Bits that the link carries in `[0, time]`.
    #[must_use]
    pub fn bits_at(&self, time: f64) -> f64 {
        let (round, within, at) = self.find(time);
        round * self.total() + self.carried[at] + (within - self.starts[at]) * self.periods[at].bandwidth_kbps
    }

    /// When the link has carried so many bits.
    #[must_use]
    pub fn time_at(&self, bits: f64) -> f64 {
        if bits <= 0.0 {
            return 0.0;
        }
        let mut round = (bits / self.total()).floor();
        let mut rest = bits - round * self.total();
        if rest <= 0.0 {
            (round, rest) = (round - 1.0, self.total());
        }
        let at = self.carried.partition_point(|&carried| carried < rest) - 1;
        round * self.length() + self.starts[at] + (rest - self.carried[at]) / self.periods[at].bandwidth_kbps
    }

    /// When the first bit of a request made at `time` can flow. A latency that changes meanwhile is spent in proportion.
    #[must_use]
    pub fn first_bit(&self, time: f64) -> f64 {
        if let Some(latency) = self.latency {
            return time + latency;
        }
        let (mut left, mut now) = (1.0, time);
        while left > 1e-12 {
            let place = self.at(now);
            let need = left * place.latency;
            if need <= place.until - now {
                return now + need;
            }
            left -= (place.until - now) / place.latency;
            now = place.until;
        }
        now
    }

    /// When a request for `bits`, made at `time` and alone on the link, is complete.
    #[must_use]
    pub fn finish(&self, time: f64, bits: f64) -> f64 {
        self.time_at(self.bits_at(self.first_bit(time)) + bits)
    }
}

/// [`Trace::finish`] for requests at ascending times for one size: each in constant time, amortised.
#[derive(Clone, Debug)]
pub struct Ascending<'a> {
    trace: &'a Trace,
    bits: f64,
    /// Round and period of the first bit, and of the last.
    from: Option<(f64, usize)>,
    to: Option<(f64, usize)>,
}

impl<'a> Ascending<'a> {
    /// For requests for `bits`.
    #[must_use]
    pub const fn new(trace: &'a Trace, bits: f64) -> Self {
        let (from, to) = (None, None);
        Self { trace, bits, from, to }
    }

    /// When a request made at `time` is complete; not earlier than the one before.
    pub fn finish(&mut self, time: f64) -> f64 {
        let trace = self.trace;
        let Some(latency) = trace.latency else {
            return trace.finish(time, self.bits);
        };
        let time = time + latency;
        let (mut round, mut at) = self.from.unwrap_or_else(|| {
            let (round, _, at) = trace.find(time);
            (round, at)
        });
        while time - round * trace.length() >= trace.starts[at + 1] {
            (round, at) = trace.after(round, at);
        }
        self.from = Some((round, at));
        let within = time - round * trace.length() - trace.starts[at];
        let bits = round * trace.total() + trace.carried[at] + within * trace.periods[at].bandwidth_kbps + self.bits;
        let (mut round, mut at) = self.to.unwrap_or((round, at));
        while bits - round * trace.total() > trace.carried[at + 1] {
            (round, at) = trace.after(round, at);
        }
        self.to = Some((round, at));
        let rest = bits - round * trace.total() - trace.carried[at];
        let rate = trace.periods[at].bandwidth_kbps;
        if rest <= 0.0 || rate <= 0.0 {
            return trace.time_at(bits);
        }
        round * trace.length() + trace.starts[at] + rest / rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One second of 1 Mbit/s, one of nothing, two of 3 Mbit/s.
    fn jagged() -> Trace {
        let period = |duration_ms, bandwidth_kbps, latency_ms| Period {
            duration_ms,
            bandwidth_kbps,
            latency_ms,
        };
        Trace::new(vec![
            period(1000.0, 1000.0, 50.0),
            period(1000.0, 0.0, 50.0),
            period(2000.0, 3000.0, 50.0),
        ])
        .expect("a trace")
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    }

    #[test]
    fn bits_and_times_are_each_other_s_inverse() {
        let trace = jagged();
        close(trace.bits_at(500.0), 500_000.0);
        close(trace.bits_at(1500.0), 1_000_000.0);
        close(trace.bits_at(4500.0), 7_500_000.0);
        close(trace.time_at(500_000.0), 500.0);
        close(trace.time_at(1_000_000.0), 1000.0);
        close(trace.time_at(1_000_001.0), 2000.0 + 1.0 / 3000.0);
        close(trace.time_at(7_000_000.0), 4000.0);
        close(trace.time_at(7_500_000.0), 4500.0);
    }

    #[test]
    fn a_transfer_waits_its_latency_and_for_the_link() {
        close(jagged().finish(0.0, 950_000.0), 1000.0);
        close(jagged().finish(980.0, 300_000.0), 2100.0);
    }

    #[test]
    fn a_latency_that_changes_is_spent_in_proportion() {
        let period = |latency_ms| Period {
            duration_ms: 100.0,
            bandwidth_kbps: 1000.0,
            latency_ms,
        };
        let trace = Trace::new(vec![period(200.0), period(50.0)]).expect("a trace");
        close(trace.first_bit(0.0), 125.0);
        close(trace.first_bit(100.0), 150.0);
    }

    #[test]
    fn ascending_requests_finish_as_single_ones_do() {
        let trace = jagged();
        for bits in [1.0, 950_000.0, 1_000_000.0, 20_000_000.0] {
            let mut ascending = Ascending::new(&trace, bits);
            for step in 0..300 {
                let time = f64::from(step) * 37.0;
                close(ascending.finish(time), trace.finish(time, bits));
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(Trace::constant(0.0, 10.0).is_err());
        assert!(Trace::constant(-1.0, 10.0).is_err());
        assert!(Trace::parse("[{}]").is_err());
        assert!(Trace::new(Vec::new()).is_err());
    }
}
