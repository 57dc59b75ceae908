//! Decisions to measure, natively and in WebAssembly: ten renditions, segments of three seconds whose sizes vary, room for
//! 25 seconds, and a network of which all that is kept is known.

use footlight_core::abr::{Algorithm, Context, Rendition, Throughput, Upcoming, utility};
use footlight_core::{Instant, Micros};

const LADDER: [u64; 10] = [
    230_000, 331_000, 477_000, 688_000, 991_000, 1_427_000, 2_056_000, 2_962_000, 5_027_000, 6_000_000,
];
const SEGMENT: Micros = Micros(3_000_000);

/// A film's sizes.
#[derive(Debug)]
struct Film;

impl Upcoming for Film {
    fn bytes(&self, ahead: usize, rendition: usize) -> Option<u64> {
        let bitrate = LADDER.get(rendition)?;
        Some(bitrate * 3 / 8 * (70 + ahead as u64 * 37 % 60) / 100)
    }

    fn length(&self, _: usize) -> Option<Micros> {
        Some(SEGMENT)
    }
}

/// Lets a rule choose so often; gives back the sum of its choices.
pub(crate) fn choose(algorithm: Algorithm, count: u32) -> usize {
    let renditions = LADDER.map(|bitrate| Rendition {
        bitrate,
        utility: utility(bitrate, LADDER[0], LADDER[9]),
    });
    let mut network = Throughput::default();
    let mut now = Instant(0);
    for n in 0..200u64 {
        network.transfer_started(now);
        now = now.plus(Micros(250_000));
        network.received(now, 50_000 + n * 9_700 % 70_000);
        network.transfer_ended(now);
    }
    let mut rule = algorithm.rule();
    let choices = (0..count).map(|n| {
        let context = Context {
            now: now.plus(Micros(i64::from(n) * 1_000)),
            renditions: &renditions,
            current: Some(n as usize % LADDER.len()),
            buffer: Micros(i64::from(n) * 37_000 % 22_000_000),
            buffer_goal: Micros(25_000_000),
            segment: SEGMENT,
            parts: 1,
            upcoming: &Film,
            left: None,
            network: &network,
            reserved: 128_000,
            assumed: 1_000_000,
            playing: true,
            latency: None,
            rate: 1000,
        };
        rule.choose(&context).index
    });
    choices.sum()
}
