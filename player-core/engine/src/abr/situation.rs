//! A made-up situation to choose in, for the tests of rules.

use super::{Context, Instant, Micros, Rendition, Throughput, Upcoming, utility};

pub(super) const LADDER: [u64; 6] = [120_000, 240_000, 420_000, 800_000, 1_400_000, 2_400_000];
const SEGMENT: i64 = 2_000_000;

/// Segments of two seconds that are as large as their bitrates say.
#[derive(Debug)]
pub(super) struct Situation {
    pub(super) renditions: Vec<Rendition>,
    pub(super) network: Throughput,
    pub(super) now: Instant,
    pub(super) current: Option<usize>,
    pub(super) buffer: Micros,
    pub(super) buffer_goal: Micros,
    pub(super) left: usize,
}

impl Situation {
    pub(super) fn new(buffer_seconds: i64, current: Option<usize>) -> Self {
        let worth = |bitrate| Rendition {
            bitrate,
            utility: utility(bitrate, LADDER[0], LADDER[5]),
        };
        Self {
            renditions: LADDER.into_iter().map(worth).collect(),
            network: Throughput::default(),
            now: Instant::from_millis(1_000),
            current,
            buffer: Micros(buffer_seconds * 1_000_000),
            buffer_goal: Micros(30_000_000),
            left: 100,
        }
    }

    /// A transfer of a second came at `rate` bits per second.
    pub(super) fn transferred(&mut self, rate: u64) {
        self.network.transfer_started(self.now);
        self.now = self.now.plus(Micros(1_000_000));
        self.network.received(self.now, rate / 8);
        self.network.transfer_ended(self.now);
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            renditions: &self.renditions,
            current: self.current,
            buffer: self.buffer,
            buffer_goal: self.buffer_goal,
            segment: Micros(SEGMENT),
            parts: 1,
            upcoming: self,
            left: Some(self.left as u64),
            network: &self.network,
            reserved: 0,
            assumed: 1_000_000,
            playing: true,
            latency: None,
            rate: 1000,
        }
    }
}

impl Upcoming for Situation {
    fn bytes(&self, ahead: usize, rendition: usize) -> Option<u64> {
        (ahead < self.left).then(|| LADDER[rendition] / 4)
    }

    fn length(&self, ahead: usize) -> Option<Micros> {
        (ahead < self.left).then_some(Micros(SEGMENT))
    }
}
