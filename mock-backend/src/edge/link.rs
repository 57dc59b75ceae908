//! The link of an edge: all its responses share one bandwidth, in turns, chunk by chunk.

use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, watch},
    time::{Instant, sleep_until},
};

/// Chunks last about this long at the current rate, so that the flow is smooth.
const CHUNK_TIME: f64 = 0.020;
/// Bounds of a chunk.
const MIN_CHUNK: f64 = 1024.0;
const MAX_CHUNK: f64 = 16.0 * 1024.0;
/// A late timer may be made up for, so that its coarseness does not lower the rate.
const SLACK: Duration = Duration::from_millis(10);

/// A step of a trace.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Step {
    /// How long it lasts.
    pub(crate) seconds: f64,
    /// Bits per second.
    pub(crate) rate: f64,
}

/// What the link can carry.
#[derive(Clone, Debug)]
enum Capacity {
    Unlimited,
    /// Steps, again and again from the given time on. Their durations have a positive sum.
    Steps {
        steps: Arc<[Step]>,
        since: Instant,
    },
    /// Nothing any more: the server ends.
    Closed,
}

/// The link is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Closed;

/// The shared link of an edge.
pub(crate) struct Link {
    capacity: watch::Sender<Capacity>,
    /// Held while a chunk is on the link; waiting for it is fair. Inside: when the last one was through.
    turn: Mutex<Instant>,
}

impl Link {
    /// Without a limit.
    pub(crate) fn new() -> Self {
        Self {
            capacity: watch::Sender::new(Capacity::Unlimited),
            turn: Mutex::new(Instant::now()),
        }
    }

    /// From now on the steps, again and again; none: no limit. Responses under way feel it at once.
    pub(crate) fn set(&self, steps: Option<Arc<[Step]>>) {
        self.capacity.send_modify(|capacity| {
            if !matches!(capacity, Capacity::Closed) {
                *capacity = match steps {
                    Some(steps) => Capacity::Steps {
                        steps,
                        since: Instant::now(),
                    },
                    None => Capacity::Unlimited,
                };
            }
        });
    }

    /// Nothing goes through any more; who waits is told.
    pub(crate) fn close(&self) {
        self.capacity.send_replace(Capacity::Closed);
    }

    /// The size of chunk to send next; none: as it comes.
    pub(crate) fn chunk(&self) -> Option<usize> {
        let Capacity::Steps { steps, since } = &*self.capacity.borrow() else {
            return None;
        };
        let (index, _) = locate(steps, (Instant::now() - *since).as_secs_f64());
        let bytes = steps[index].rate * CHUNK_TIME / 8.0;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        Some(bytes.clamp(MIN_CHUNK, MAX_CHUNK) as usize)
    }

    /// Returns when so many bytes have gone over the link, after those of others that came before.
    pub(crate) async fn carry(&self, bytes: usize) -> Result<(), Closed> {
        let mut changes = self.capacity.subscribe();
        if matches!(*changes.borrow(), Capacity::Unlimited) {
            return Ok(());
        }
        let mut free = self.turn.lock().await;
        #[allow(clippy::cast_precision_loss, reason = "chunks are small")]
        let mut bits = bytes as f64 * 8.0;
        let earliest = Instant::now().checked_sub(SLACK).unwrap_or(*free);
        let mut start = (*free).max(earliest);
        loop {
            let capacity = changes.borrow_and_update().clone();
            let (steps, since) = match &capacity {
                Capacity::Unlimited => return Ok(()),
                Capacity::Closed => return Err(Closed),
                Capacity::Steps { steps, since } => (steps, *since),
            };
            start = start.max(since);
            let finish = after(steps, (start - since).as_secs_f64(), bits)
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .and_then(|time| since.checked_add(time));
            tokio::select! {
                biased;
                () = until(finish) => {
                    *free = finish.unwrap_or(start);
                    return Ok(());
                }
                _ = changes.changed() => {
                    let now = Instant::now();
                    let [from, to] = [start, now].map(|time| {
                        time.saturating_duration_since(since).as_secs_f64()
                    });
                    bits = (bits - carried(steps, from, to)).max(0.0);
                    start = start.max(now);
                }
            }
        }
    }
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

fn cycle(steps: &[Step]) -> f64 {
    steps.iter().map(|step| step.seconds).sum()
}

/// The step at a time, and how much of it is left.
fn locate(steps: &[Step], time: f64) -> (usize, f64) {
    let mut rest = time % cycle(steps);
    for (index, step) in steps.iter().enumerate() {
        if rest < step.seconds {
            return (index, step.seconds - rest);
        }
        rest -= step.seconds;
    }
    // Rounding brought it to the very end, which is the start.
    (0, steps.first().map_or(0.0, |step| step.seconds))
}

/// When `bits` that start at `time` are through; none: never.
fn after(steps: &[Step], mut time: f64, mut bits: f64) -> Option<f64> {
    let per_cycle: f64 = steps.iter().map(|step| step.seconds * step.rate).sum();
    if per_cycle <= 0.0 {
        return None;
    }
    let cycles = (bits / per_cycle).floor();
    time += cycles * cycle(steps);
    bits -= cycles * per_cycle;
    let (mut index, mut left) = locate(steps, time);
    // Less than a cycle is left, so every step is visited at most twice.
    for _ in 0..=steps.len() * 2 {
        let rate = steps[index].rate;
        if bits <= rate * left {
            return Some(if bits > 0.0 { time + bits / rate } else { time });
        }
        bits -= rate * left;
        time += left;
        index = (index + 1) % steps.len();
        left = steps[index].seconds;
    }
    Some(time)
}

/// Bits that the link carries from one time to another, less than a chunk's worth.
fn carried(steps: &[Step], from: f64, to: f64) -> f64 {
    let per_cycle: f64 = steps.iter().map(|step| step.seconds * step.rate).sum();
    let cycles = ((to - from) / cycle(steps)).floor().max(0.0);
    let mut bits = cycles * per_cycle;
    let mut time = from + cycles * cycle(steps);
    let (mut index, mut left) = locate(steps, time);
    for _ in 0..=steps.len() * 2 {
        let part = left.min(to - time);
        if part <= 0.0 {
            break;
        }
        bits += part * steps[index].rate;
        time += part;
        index = (index + 1) % steps.len();
        left = steps[index].seconds;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(list: &[(f64, f64)]) -> Arc<[Step]> {
        list.iter()
            .map(|&(seconds, kbps)| Step {
                seconds,
                rate: kbps * 1000.0,
            })
            .collect()
    }

    async fn send(link: &Link, mut bytes: usize) {
        while bytes > 0 {
            let chunk = link.chunk().unwrap_or(bytes).min(bytes);
            link.carry(chunk).await.unwrap();
            bytes -= chunk;
        }
    }

    /// Elapsed time on the paused clock, within the slack and a millisecond of timer rounding.
    fn assert_took(since: Instant, seconds: f64) {
        let took = since.elapsed().as_secs_f64();
        assert!((took - seconds).abs() < 0.012, "{took} s, not {seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn half_the_bandwidth_takes_twice_the_time() {
        for (kbps, seconds) in [(4000.0, 2.0), (2000.0, 4.0), (100.0, 80.0)] {
            let link = Link::new();
            link.set(Some(steps(&[(1.0, kbps)])));
            let since = Instant::now();
            send(&link, 1_000_000).await;
            assert_took(since, seconds);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn responses_share_the_link_fairly() {
        let link = Link::new();
        link.set(Some(steps(&[(1.0, 800.0)])));
        let since = Instant::now();
        let short = async {
            send(&link, 50_000).await;
            since.elapsed().as_secs_f64()
        };
        let (_, short) = tokio::join!(send(&link, 150_000), short);
        assert_took(since, 2.0);
        assert!((short - 1.0).abs() < 0.06, "half the rate each, not {short}");
    }

    #[tokio::test(start_paused = true)]
    async fn traces_repeat_and_may_stop_the_flow() {
        let link = Link::new();
        link.set(Some(steps(&[(1.0, 800.0), (2.0, 0.0)])));
        let since = Instant::now();
        send(&link, 250_000).await;
        assert_took(since, 6.5);
    }

    #[tokio::test(start_paused = true)]
    async fn changes_reach_what_is_under_way() {
        let link = Link::new();
        link.set(Some(steps(&[(1.0, 80.0)])));
        let since = Instant::now();
        let change = async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            link.set(Some(steps(&[(1.0, 800.0)])));
        };
        // 10,000 bytes a second for two seconds, then ten times that.
        tokio::join!(send(&link, 120_000), change);
        assert_took(since, 3.0);
        link.set(Some(steps(&[(1.0, 0.0)])));
        let since = Instant::now();
        let lift = async {
            tokio::time::sleep(Duration::from_secs(9)).await;
            link.set(None);
        };
        tokio::join!(send(&link, 120_000), lift);
        assert_took(since, 9.0);
    }

    #[tokio::test(start_paused = true)]
    async fn closing_ends_the_wait() {
        let link = Link::new();
        link.set(Some(steps(&[(1.0, 0.0)])));
        let (carried, ()) = tokio::join!(link.carry(1), async { link.close() });
        assert_eq!(carried, Err(Closed));
        link.set(None);
        assert_eq!(link.carry(1).await, Err(Closed), "closed is for good");
    }
}
