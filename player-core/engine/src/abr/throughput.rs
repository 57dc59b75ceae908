//! How fast the network is: two exponentially weighted means over what transfers delivered.

use std::collections::VecDeque;

use footlight_dash::Micros;

use crate::time::Instant;

/// Weight constants: how much transfer time makes half of an estimate, fast and slow. The lower of two
/// means reacts to a drop at once and to a rise with care (the idea of Shaka Player's and dash.js's
/// estimators).
const FAST: i64 = 2_000_000;
const SLOW: i64 = 6_000_000;
/// Below this a sample says more about latency than about bandwidth.
const MIN_SAMPLE_BYTES: u64 = 8 * 1024;
/// No sample is taken to be shorter than this: cached and loopback bodies arrive in no time.
const MIN_SAMPLE_TIME: i64 = 500;
/// How much transfer time makes a slice, and how many are kept.
const SLICE: Micros = Micros(250_000);
const MAX_SLICES: usize = 128;
/// How many transfers are kept.
#[cfg(feature = "algorithms")]
const MAX_SAMPLES: usize = 32;

/// What came in a quarter of a second of transfers, or a little more: bodies come in lumps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slice {
    /// When it ended.
    pub end: Instant,
    /// How long bodies were arriving in it.
    pub busy: Micros,
    /// What arrived.
    pub bytes: u64,
}

impl Slice {
    /// Bits per second.
    #[must_use]
    pub fn rate(&self) -> u64 {
        rate(self.bytes, self.busy)
    }
}

/// A dual EWMA over all transfers together: parallel audio and video share one pipe, so bytes are counted
/// over the time in which at least one body was arriving.
#[derive(Clone, Debug, Default)]
pub struct Throughput {
    fast: Option<u64>,
    slow: Option<u64>,
    active: u32,
    since: Instant,
    bytes: u64,
    busy: Micros,
    /// What of them is in no slice yet.
    loose: (u64, Micros),
    slices: VecDeque<Slice>,
    /// Whole transfers.
    #[cfg(feature = "algorithms")]
    samples: VecDeque<Slice>,
}

impl Throughput {
    /// A body starts to arrive.
    pub fn transfer_started(&mut self, now: Instant) {
        self.account(now);
        self.active = self.active.saturating_add(1);
    }

    /// Some of it arrived.
    pub fn received(&mut self, now: Instant, bytes: u64) {
        self.account(now);
        self.bytes = self.bytes.saturating_add(bytes);
        self.loose.0 = self.loose.0.saturating_add(bytes);
        if self.loose.1 >= SLICE {
            self.slice(now);
        }
    }

    /// Bodies are arriving.
    pub(crate) const fn is_flowing(&self) -> bool {
        self.active > 0
    }

    /// It ended, whole or not.
    pub fn transfer_ended(&mut self, now: Instant) {
        self.account(now);
        self.active = self.active.saturating_sub(1);
        if self.bytes >= MIN_SAMPLE_BYTES {
            self.slice(now);
            let busy = Micros(self.busy.0.max(MIN_SAMPLE_TIME));
            #[cfg(feature = "algorithms")]
            self.keep_sample(now, busy);
            self.sample(self.bytes, busy);
            self.bytes = 0;
            self.busy = Micros(0);
        }
    }

    /// The estimate in bits per second.
    #[must_use]
    pub fn estimate(&self) -> Option<u64> {
        Some(self.fast?.min(self.slow?))
    }

    /// A transfer was given up for being this slow: believed at once, or the next choice is as wrong.
    pub fn collapse(&mut self, rate: u64) {
        self.fast = self.fast.map(|fast| fast.min(rate));
    }

    /// What the transfers under way show so far, in bits per second, once that means something.
    #[must_use]
    pub fn in_flight(&self) -> Option<u64> {
        (self.bytes >= MIN_SAMPLE_BYTES && self.busy.0 > 0).then(|| rate(self.bytes, self.busy))
    }

    /// What came of late, the newest last: at most 128 slices.
    #[must_use]
    pub fn slices(&self) -> &VecDeque<Slice> {
        &self.slices
    }

    /// What transfers brought of late, or several together that overlapped, the newest last: at most 32.
    #[cfg(feature = "algorithms")]
    #[must_use]
    pub fn samples(&self) -> &VecDeque<Slice> {
        &self.samples
    }

    #[cfg(feature = "algorithms")]
    fn keep_sample(&mut self, end: Instant, busy: Micros) {
        if self.samples.len() >= MAX_SAMPLES {
            self.samples.pop_front();
        }
        let bytes = self.bytes;
        self.samples.push_back(Slice { end, busy, bytes });
    }

    /// What is in no slice yet becomes one.
    fn slice(&mut self, end: Instant) {
        let (bytes, busy) = std::mem::take(&mut self.loose);
        if bytes == 0 {
            return;
        }
        if self.slices.len() >= MAX_SLICES {
            self.slices.pop_front();
        }
        let busy = Micros(busy.0.max(MIN_SAMPLE_TIME));
        self.slices.push_back(Slice { end, busy, bytes });
    }

    fn account(&mut self, now: Instant) {
        if self.active > 0 {
            let passed = now.since(self.since).0;
            self.busy = Micros(self.busy.0.saturating_add(passed));
            self.loose.1 = Micros(self.loose.1.0.saturating_add(passed));
        }
        self.since = now;
    }

    fn sample(&mut self, bytes: u64, busy: Micros) {
        let sample = rate(bytes, busy);
        self.fast = Some(blend(self.fast, sample, busy.0, FAST));
        self.slow = Some(blend(self.slow, sample, busy.0, SLOW));
    }
}

fn rate(bytes: u64, busy: Micros) -> u64 {
    let bits = u128::from(bytes) * 8 * 1_000_000;
    let time = u128::from(busy.0.max(1).unsigned_abs());
    u64::try_from(bits / time).unwrap_or(u64::MAX)
}

/// Moves `mean` towards `sample` by `weight / (weight + half)`.
fn blend(mean: Option<u64>, sample: u64, weight: i64, half: i64) -> u64 {
    let Some(mean) = mean else { return sample };
    // A short transfer still counts a little: half a second at least.
    let (w, h) = (i128::from(weight.max(500_000)), i128::from(half));
    let moved = i128::from(mean) + (i128::from(sample) - i128::from(mean)) * w / (w + h);
    u64::try_from(moved).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer(t: &mut Throughput, at: u64, millis: u64, bytes: u64) {
        t.transfer_started(Instant::from_millis(at));
        t.received(Instant::from_millis(at + millis), bytes);
        t.transfer_ended(Instant::from_millis(at + millis));
    }

    #[test]
    fn one_transfer_gives_its_own_rate() {
        let mut t = Throughput::default();
        assert_eq!(t.estimate(), None);
        transfer(&mut t, 0, 1000, 125_000);
        assert_eq!(t.estimate(), Some(1_000_000));
    }

    #[test]
    fn parallel_transfers_share_the_time() {
        let mut t = Throughput::default();
        t.transfer_started(Instant::from_millis(0));
        t.transfer_started(Instant::from_millis(0));
        t.received(Instant::from_millis(1000), 62_500);
        t.received(Instant::from_millis(1000), 62_500);
        t.transfer_ended(Instant::from_millis(1000));
        t.transfer_ended(Instant::from_millis(1000));
        assert_eq!(t.estimate(), Some(1_000_000));
    }

    #[test]
    fn idle_time_does_not_count() {
        let mut t = Throughput::default();
        transfer(&mut t, 0, 1000, 125_000);
        transfer(&mut t, 60_000, 1000, 125_000);
        assert_eq!(t.estimate(), Some(1_000_000));
    }

    #[test]
    fn a_drop_is_believed_faster_than_a_rise() {
        let mut down = Throughput::default();
        transfer(&mut down, 0, 1000, 1_250_000);
        transfer(&mut down, 2000, 2000, 250_000);
        let after_drop = down.estimate().unwrap_or(0);
        assert!(after_drop < 6_000_000, "{after_drop}");
        let mut up = Throughput::default();
        transfer(&mut up, 0, 1000, 125_000);
        transfer(&mut up, 2000, 500, 625_000);
        let after_rise = up.estimate().unwrap_or(0);
        assert!(after_rise < 2_000_000, "{after_rise}");
    }

    #[test]
    fn a_transfer_given_up_is_believed_at_once() {
        let mut t = Throughput::default();
        transfer(&mut t, 0, 1000, 2_500_000);
        t.collapse(900_000);
        assert_eq!(t.estimate(), Some(900_000));
    }

    #[test]
    fn slices_show_what_changes_within_a_transfer() {
        let mut t = Throughput::default();
        t.transfer_started(Instant::from_millis(0));
        for step in 1..=8 {
            t.received(Instant::from_millis(step * 250), if step <= 4 { 31_250 } else { 3_125 });
        }
        t.transfer_ended(Instant::from_millis(2000));
        let rates: Vec<_> = t.slices().iter().map(Slice::rate).collect();
        assert_eq!(rates.iter().filter(|&&r| r == 1_000_000).count(), 4, "{rates:?}");
        assert_eq!(rates.iter().filter(|&&r| r == 100_000).count(), 4, "{rates:?}");
    }

    #[test]
    fn slices_are_bounded() {
        let mut t = Throughput::default();
        for at in 0..1_000 {
            transfer(&mut t, at * 1_000, 500, 125_000);
        }
        assert_eq!(t.slices().len(), MAX_SLICES);
    }

    #[test]
    fn tiny_bodies_wait_for_company() {
        let mut t = Throughput::default();
        transfer(&mut t, 0, 50, 900);
        assert_eq!(t.estimate(), None);
    }
}
