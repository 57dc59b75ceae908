//! The default rule: model predictive control with real segment sizes under a probabilistic forecast.
//!
//! As in MPC (Yin et al., "A Control-Theoretic Approach for Dynamic Adaptive Video Streaming over HTTP", SIGCOMM 2015) the
//! rendition is the first step of the plan with the most quality of experience: quality, less the time without a picture,
//! less changes of quality. Unlike it, the plan knows that the forecast may be wrong ([`forecast`]) and that it will be
//! made anew after every segment: it is the best policy, not the best sequence ([`plan`]).

mod course;
mod forecast;
mod plan;

use footlight_dash::Micros;

use super::log::float;
use super::{Choice, Context, Reason, Rule, Running, Transfer};
use forecast::{Belief, Forecaster};
use plan::{Outlook, Planner};

/// Time to the first byte before one is known, in seconds.
const USUAL_LATENCY: f64 = 0.05;
/// A transfer must run this long before it is judged.
const ABANDON_AFTER: Micros = Micros(400_000);

/// See the module's description.
#[derive(Clone, Debug, Default)]
pub struct Ours {
    forecaster: Forecaster,
    planner: Planner,
    /// Time from asking to the first byte, a moving mean in seconds.
    latency: Option<f64>,
}

impl Ours {
    /// What the network may do, as the planner takes it.
    fn outlook(&self, context: &Context<'_>, belief: &Belief) -> Outlook {
        let reserved = float(context.reserved);
        // Video has what audio leaves, and audio does not starve it.
        let rate = |level: f64| {
            let all = belief.rate(level);
            let left = all - reserved;
            if left > all / 4.0 { left } else { all / 4.0 }
        };
        Outlook {
            rates: [-2.0, -1.0, 0.0, 1.0, 2.0].map(rate),
            course: belief.course,
            outages: self.forecaster.outages(),
            latency: self.latency.unwrap_or(USUAL_LATENCY),
        }
    }
}

impl Rule for Ours {
    fn choose(&mut self, context: &Context<'_>) -> Choice {
        let belief = self.forecaster.learn(context);
        let outlook = self.outlook(context, &belief);
        self.planner.prepare(context, &outlook);
        let (index, _) = self.planner.best(context.renditions.len());
        let reason = match context.network.estimate() {
            None => Reason::Startup,
            Some(_) => Reason::Plan,
        };
        Choice {
            forecast: belief.told(),
            plan: Some(self.planner.path(index)),
            ..Choice::new(index, reason)
        }
    }

    fn observe(&mut self, transfer: &Transfer) {
        let taken = plan::seconds(transfer.head.since(transfer.asked));
        self.latency = Some(self.latency.map_or(taken, |mean| mean + (taken - mean) / 5.0));
    }

    fn reconsider(&mut self, context: &Context<'_>, running: &Running) -> Option<usize> {
        if running.rendition == 0 || context.now.since(running.asked) < ABANDON_AFTER {
            return None;
        }
        let outlook = self.outlook(context, &self.forecaster.forecast(context));
        let left = float(running.bytes.saturating_sub(running.received).saturating_mul(8));
        // Nothing is at risk while it will most likely come before the buffer ends.
        if left < outlook.cautious(plan::seconds(context.buffer)) {
            return None;
        }
        self.planner.prepare(context, &outlook);
        let (smaller, value) = self.planner.best(running.rendition);
        (value > self.planner.rest(running.rendition, left)).then_some(smaller)
    }
}

#[cfg(test)]
mod tests;
