//! What the network carries, and nothing else.

use footlight_dash::Micros;

use super::{Choice, Context, Reason, Rule, Running};

/// Share of the estimate that may be spent, in percent.
const SAFETY: u64 = 85;
/// The same where the buffer can never be more than this: close to the live edge nothing makes up for a dip.
const SAFETY_SHORT: u64 = 60;
const SHORT: Micros = Micros(5_000_000);
/// What a share of the throughput carries, and nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByThroughput;

impl Rule for ByThroughput {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        by_throughput(context)
    }

    fn reconsider(&mut self, context: &Context<'_>, running: &Running) -> Option<usize> {
        too_late(context, running)
    }
}

/// A transfer must run this long before it is judged.
const ABANDON_AFTER: Micros = Micros(500_000);

/// A smaller rendition for a segment that will come after the buffer has ended, when that one comes clearly sooner
/// (dash.js's abandon request rule).
pub(super) fn too_late(context: &Context<'_>, running: &Running) -> Option<usize> {
    let rate = context.network.in_flight().filter(|&rate| rate > 0)?;
    let ahead = context.buffer.0;
    let remaining = running.bytes.saturating_sub(running.received);
    if context.now.since(running.asked) < ABANDON_AFTER
        || running.rendition == 0
        || transfer_time(remaining, rate).0 <= ahead.max(1_500_000)
    {
        return None;
    }
    let size = |at: usize| context.upcoming.bytes(0, at).unwrap_or(0);
    let fits = |at: &usize| transfer_time(size(*at), rate).0 <= ahead / 2;
    let target = (0..running.rendition).rev().find(fits).unwrap_or(0);
    (size(target).saturating_mul(10) < remaining.saturating_mul(6)).then_some(target)
}

/// How long `bytes` take at `rate` bits per second.
fn transfer_time(bytes: u64, rate: u64) -> Micros {
    let micros = u128::from(bytes) * 8_000_000 / u128::from(rate.max(1));
    Micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// The largest rendition within a share of the throughput.
pub(super) fn by_throughput(context: &Context<'_>) -> Choice {
    by_share(context, context.throughput())
}

/// The largest rendition within a share of what was measured.
pub(super) fn by_share(context: &Context<'_>, throughput: Option<u64>) -> Choice {
    let (throughput, reason) = match throughput {
        Some(measured) => (measured, Reason::Throughput),
        None => (context.assumed, Reason::Startup),
    };
    let safety = if context.buffer_goal < SHORT {
        SAFETY_SHORT
    } else {
        SAFETY
    };
    let mut spend = throughput / 100 * safety;
    let mut reason = reason;
    // With little in the buffer a segment must arrive before the buffer ends (dash.js's insufficient
    // buffer rule): spend in proportion.
    let part = context.segment.0 / i64::from(context.parts.max(1));
    if context.current.is_some() && context.buffer.0 < part {
        let share = context.buffer.0.max(0).unsigned_abs().saturating_mul(100) / part.max(1).unsigned_abs();
        let limited = spend / 100 * share.max(30);
        if limited < spend {
            spend = limited;
            reason = Reason::BufferLow;
        }
    }
    Choice::new(context.within(spend), reason)
}
