use super::{DualMean, at, kbps, millis};
use crate::abr::log::exp2;
use crate::abr::{Choice, Context, Reason, Rule, Transfer};

/// How far a neuron goes towards what it learns from, and how near others must be to go along.
const LEARNING: f64 = 0.01;
const SIGMA: f64 = 0.1;
/// Natural exponents as powers of two.
const E_TO_TWO: f64 = std::f64::consts::LOG2_E;
/// No plan may leave less than this in the buffer, in seconds.
const LEAST_BUFFER: f64 = 0.3;
/// A bit rate within this of the throughput is too much, in kbit/s.
const MARGIN: f64 = 10.0;
/// The weight of throughput, and the distance, that holds a rendition off.
const HELD: f64 = 100.0;
/// The weights that the selector tries for each of the metrics.
const WEIGHTS: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];

/// What a rendition is known by: throughput, latency, time without a picture and change, each about 0 to 1.
type State = [f64; 4];

/// LoL+: Bentaleb, Akcay, Lim, Begen, Zimmermann, "Catching the Moment with LoL+ in Twitch-Like Low-Latency Live Streaming
/// Platforms", IEEE Transactions on Multimedia 2021, with the constants of dash.js: a self-organizing map with a neuron for
/// each rendition, and weights chosen anew for each segment by the quality of experience that they promise. Its control of
/// playback speed is left to the player's own.
#[derive(Clone, Debug, Default)]
pub struct LolPlus {
    mean: DualMean,
    segment: f64,
    neurons: Vec<State>,
}

/// What the next segment would do.
struct Outlook {
    /// Seconds of a segment, in the buffer, and behind the live edge.
    segment: f64,
    buffer: f64,
    latency: f64,
    /// kbit/s.
    rate: f64,
}

impl Outlook {
    /// Seconds in the buffer after a segment of this bit rate, and seconds without a picture before.
    fn after(&self, kbps: f64) -> (f64, f64) {
        let taken = kbps * self.segment / self.rate.max(1e-9);
        let next = if taken > self.segment {
            self.buffer - self.segment
        } else {
            self.buffer + self.segment - taken
        };
        (next, f64::max(0.0, taken - self.buffer))
    }

    /// The weights under which the best rendition promises the most: bit rate less what is lost by stalls and latency.
    fn weights(&self, ladder: &[f64], neurons: &[State]) -> State {
        let (least, most) = (at(ladder, 0), at(ladder, ladder.len().saturating_sub(1)));
        let mut best = (f64::MIN, [0.4; 4]);
        for (kbps, neuron) in ladder.iter().zip(neurons) {
            let (next, stalled) = self.after(*kbps);
            if next < LEAST_BUFFER && *kbps > least {
                continue;
            }
            // A large weight says that little is left of what it is of.
            for rebuffer in WEIGHTS {
                for latency in WEIGHTS {
                    let late = neuron.get(1).copied().unwrap_or(0.0) / latency;
                    let worth = kbps / 1000.0 - most / 1000.0 * stalled / rebuffer - 0.05 * late;
                    if worth > best.0 {
                        best = (worth, [0.4, latency, rebuffer, 0.4]);
                    }
                }
            }
        }
        best.1
    }
}

/// The weighted square of the distance of two states.
fn distance(one: &State, other: &State, weights: &State) -> f64 {
    let parts = one.iter().zip(other).zip(weights);
    parts.map(|((a, b), weight)| weight * (a - b) * (a - b)).sum()
}

impl LolPlus {
    /// Draws the neurons near the winner to what was seen, the nearer the more.
    fn draw(&mut self, winner: usize, seen: &State) {
        let Some(middle) = self.neurons.get(winner).copied() else {
            return;
        };
        for neuron in &mut self.neurons {
            let off = distance(neuron, &middle, &[1.0; 4]);
            let near = exp2(-off / (2.0 * SIGMA * SIGMA) * E_TO_TWO);
            for (value, target) in neuron.iter_mut().zip(seen) {
                *value += LEARNING * near * (target - *value);
            }
        }
    }
}

impl Rule for LolPlus {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        self.segment = millis(context.segment);
        let Some(current) = context.current else {
            return Choice::new(0, Reason::Startup);
        };
        let ladder = kbps(context);
        let top = at(&ladder, ladder.len() - 1);
        if self.neurons.len() != ladder.len() {
            self.neurons = ladder.iter().map(|kbps| [kbps / top, 0.0, 0.0, 0.0]).collect();
        }
        let outlook = Outlook {
            segment: self.segment / 1000.0,
            buffer: millis(context.buffer) / 1000.0,
            latency: context.latency.map_or(0.0, |(behind, _)| millis(behind) / 1000.0),
            rate: self.mean.rate,
        };
        let throughput = f64::min(outlook.rate / top, 1.0);
        let (_, stalled) = outlook.after(at(&ladder, current));
        // What is, is learnt by the rendition in use.
        self.draw(current, &[throughput, outlook.latency / 100.0, stalled, 0.0]);
        let weights = outlook.weights(&ladder, &self.neurons);
        let wanted = [throughput, 0.0, 0.0, 0.0];
        let mut best = (f64::MAX, 0);
        for (index, (kbps, neuron)) in ladder.iter().zip(&self.neurons).enumerate() {
            let mut weights = weights;
            let (next, _) = outlook.after(*kbps);
            // What it may not have is never nearest.
            let mut off = 0.0;
            if index > 0 && (*kbps > outlook.rate - MARGIN || next < LEAST_BUFFER) {
                (weights[0], off) = (HELD, HELD);
            }
            off += distance(neuron, &wanted, &weights);
            if off < best.0 {
                best = (off, index);
            }
        }
        let changed = (at(&ladder, best.1) - at(&ladder, current)).abs() / top;
        self.draw(best.1, &[throughput, 0.0, 0.0, changed]);
        Choice::new(best.1, Reason::Plan)
    }

    fn observe(&mut self, transfer: &Transfer) {
        self.mean.add(transfer, self.segment);
    }

    fn reset(&mut self) {
        self.neurons.clear();
    }
}
