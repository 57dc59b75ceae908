use super::{at, bits, kbps, millis};
use crate::abr::log::float;
use crate::abr::{Choice, Context, Reason, Rule, Transfer};

/// BBA-2: Huang, Johari, McKeown, Trunnell, Watson, "A Buffer-Based Approach to Rate Adaptation", SIGCOMM 2014. The paper's
/// buffer of 240 s is scaled to the one there is: reservoir at least 8 s or 37.5 % of the room, upper knee at 90 % of it.
#[derive(Clone, Copy, Debug)]
pub struct Bba2 {
    /// The start-up ramp is not over.
    is_starting: bool,
    /// Milliseconds that the last transfer took.
    taken: f64,
}

impl Default for Bba2 {
    fn default() -> Self {
        Self {
            is_starting: true,
            taken: 0.0,
        }
    }
}

/// Looks into the coming segments for the reservoir: 480 s in the paper, scaled as its buffer.
fn reservoir(context: &Context<'_>, ladder: &[f64], room: f64) -> f64 {
    let (goal, segment) = (millis(context.buffer_goal), millis(context.segment).max(1.0));
    let mut need = 0.0;
    for ahead in 0..200 {
        if float(ahead) * segment >= 2.0 * goal {
            break;
        }
        let ahead = usize::try_from(ahead).unwrap_or(0);
        let Some(length) = context.upcoming.length(ahead) else {
            break;
        };
        need += bits(context, ahead, 0) / at(ladder, 0).max(1e-9) - millis(length);
    }
    let least = f64::min(8_000.0, 0.375 * room);
    f64::min(f64::min(140_000.0, 0.6 * room), f64::max(least, need))
}

impl Rule for Bba2 {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        let Some(current) = context.current else {
            return Choice::new(0, Reason::Startup);
        };
        let ladder = kbps(context);
        let segment = millis(context.segment);
        let room = f64::max(1.0, millis(context.buffer_goal) - segment);
        let (low, knee) = (reservoir(context, &ladder, room), 0.9 * room);
        let (buffer, top) = (millis(context.buffer), ladder.len() - 1);
        let mapped = if buffer <= low {
            0
        } else if buffer >= knee {
            top
        } else {
            // The chunk map: sizes between the smallest rendition's mean and the largest one's.
            let (least, most) = (at(&ladder, 0) * segment, at(&ladder, top) * segment);
            let size = least + (most - least) * (buffer - low) / f64::max(1.0, knee - low);
            let fits = |rendition: &usize| bits(context, 0, *rendition) <= size;
            let up = current < top && size >= bits(context, 0, current + 1);
            let down = current > 0 && size <= bits(context, 0, current - 1);
            if up || down {
                (0..=top).rev().find(fits).unwrap_or(0)
            } else {
                current
            }
        };
        if self.is_starting {
            let grown = segment - self.taken;
            if grown < 0.0 || mapped > current {
                self.is_starting = false;
            } else {
                let along = ((buffer - low) / f64::max(1.0, knee - low)).clamp(0.0, 1.0);
                let ramp = grown > (0.875 - 0.375 * along) * segment;
                return Choice::new(if ramp { (current + 1).min(top) } else { current }, Reason::Startup);
            }
        }
        Choice::new(mapped, Reason::Bola)
    }

    fn observe(&mut self, transfer: &Transfer) {
        self.taken = millis(transfer.end.since(transfer.asked));
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}
