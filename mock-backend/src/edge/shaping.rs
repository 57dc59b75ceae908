//! What an edge was asked to do to its answers.

use super::{link::Step, trace};
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc};
use utoipa::ToSchema;

/// More steps than this in one trace are refused.
pub(super) const MAX_STEPS: usize = 100_000;

/// Shaping of an edge. What is left out is off; a new one replaces the old as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Shaping {
    /// Bandwidth that all responses share, in kilobits per second; 0 stops them.
    pub(crate) bandwidth_kbps: Option<f64>,
    /// Steps of seconds and kilobits per second, repeated; instead of a constant bandwidth.
    pub(crate) trace: Option<Trace>,
    /// Time before an answer starts.
    pub(crate) latency_ms: u64,
    /// Share of requests that fail, from 0 to 1; when left out, all that `fail_after_bytes` is for, otherwise none.
    pub(crate) fail_rate: Option<f64>,
    /// Status with which requests fail.
    pub(crate) fail_status: u16,
    /// Requests fail by a cut after so many bytes of the body, instead of by a status.
    pub(crate) fail_after_bytes: Option<u64>,
    /// Only requests whose path contains this are shaped.
    #[serde(rename = "match")]
    pub(crate) matching: Option<String>,
    /// Seed of the choice which requests fail: the same seed and order of requests, the same failures.
    pub(crate) seed: u64,
}

/// A bandwidth over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Trace {
    /// Pairs of seconds and kilobits per second.
    Steps(Vec<(f64, f64)>),
    /// A file in the folder of traces.
    File {
        /// Its name.
        trace_file: String,
    },
}

impl Default for Shaping {
    fn default() -> Self {
        Self {
            bandwidth_kbps: None,
            trace: None,
            latency_ms: 0,
            fail_rate: None,
            fail_status: 503,
            fail_after_bytes: None,
            matching: None,
            seed: 0,
        }
    }
}

/// How a request fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    Status(u16),
    CutAfter(u64),
}

impl Shaping {
    /// The steps of the link, or what is wrong with this shaping.
    pub(crate) fn steps(&self, traces: Option<&Path>) -> Result<Option<Arc<[Step]>>, String> {
        if !(400..=599).contains(&self.fail_status) {
            return Err("fail_status: it must be between 400 and 599".to_owned());
        }
        if self.fail_rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return Err("fail_rate: it must be between 0 and 1".to_owned());
        }
        match (&self.trace, self.bandwidth_kbps) {
            (Some(_), Some(_)) => Err("bandwidth_kbps and trace: only one of them".to_owned()),
            (Some(Trace::Steps(steps)), None) => checked(steps).map(Some),
            (Some(Trace::File { trace_file }), None) => {
                let steps = trace::read(traces, trace_file)?;
                checked(&steps).map(Some)
            }
            (None, Some(kbps)) => checked(&[(1.0, kbps)]).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Does this shaping apply to a path?
    pub(crate) fn applies_to(&self, path: &str) -> bool {
        let matching = self.matching.as_deref();
        matching.is_none_or(|part| path.contains(part))
    }

    /// Whether and how request `number` of those that it applies to fails.
    pub(crate) fn failure(&self, number: u64) -> Option<Failure> {
        let rate = self
            .fail_rate
            .unwrap_or(if self.fail_after_bytes.is_some() { 1.0 } else { 0.0 });
        let failure = match self.fail_after_bytes {
            Some(bytes) => Failure::CutAfter(bytes),
            None => Failure::Status(self.fail_status),
        };
        (uniform(self.seed, number) < rate).then_some(failure)
    }
}

fn checked(steps: &[(f64, f64)]) -> Result<Arc<[Step]>, String> {
    let sound = |value: f64| value.is_finite() && value >= 0.0;
    let all_sound = steps.iter().all(|&(seconds, kbps)| sound(seconds) && sound(kbps));
    let seconds: f64 = steps.iter().map(|step| step.0).sum();
    if !all_sound || !seconds.is_finite() || seconds < 0.001 {
        return Err(
            "bandwidth: seconds and kilobits per second must not be negative, and the steps must take time".to_owned(),
        );
    }
    if steps.len() > MAX_STEPS {
        return Err(format!("trace: more than {MAX_STEPS} steps"));
    }
    let steps = steps.iter().map(|&(seconds, kbps)| Step {
        seconds,
        rate: kbps * 1000.0,
    });
    Ok(steps.collect())
}

/// A number from 0 to 1 (exclusive) for each seed and count: SplitMix64.
fn uniform(seed: u64, count: u64) -> f64 {
    let mut state = seed.wrapping_add((count + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
    let fraction = ((state ^ (state >> 31)) >> 11) as f64;
    fraction / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaping(json: &str) -> Shaping {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_is_left_out_is_off() {
        let shaping = shaping("{}");
        assert_eq!(shaping, Shaping::default());
        assert_eq!(shaping.steps(None), Ok(None));
        assert_eq!(shaping.failure(0), None);
        assert!(shaping.applies_to("/anything"));
    }

    #[test]
    fn failures_repeat_with_the_seed() {
        let pick = |seed| {
            let shaping = shaping(&format!(r#"{{"fail_rate":0.3,"fail_status":500,"seed":{seed}}}"#));
            let failed = move |number: &u64| shaping.failure(*number) == Some(Failure::Status(500));
            (0..1000).filter(failed).collect::<Vec<_>>()
        };
        assert_eq!(pick(1), pick(1));
        assert_ne!(pick(1), pick(2));
        assert!((250..350).contains(&pick(1).len()), "{}", pick(1).len());
    }

    #[test]
    fn cuts_hit_everything_unless_a_rate_is_told() {
        let cut = shaping(r#"{"fail_after_bytes":100}"#);
        assert_eq!(cut.failure(7), Some(Failure::CutAfter(100)));
        let never = shaping(r#"{"fail_after_bytes":100,"fail_rate":0}"#);
        assert_eq!(never.failure(7), None);
        let always = shaping(r#"{"fail_rate":1,"match":"video"}"#);
        assert_eq!(always.failure(7), Some(Failure::Status(503)));
        assert!(always.applies_to("/media/x/number/video-1/init.mp4"));
        assert!(!always.applies_to("/media/x/number/audio-1/init.mp4"));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (json, name) in [
            (r#"{"fail_rate":1.5}"#, "fail_rate"),
            (r#"{"fail_status":200}"#, "fail_status"),
            (r#"{"bandwidth_kbps":-1}"#, "bandwidth"),
            (r#"{"trace":[]}"#, "bandwidth"),
            (r#"{"trace":[[0,100]]}"#, "bandwidth"),
            (r#"{"trace":[[1,100]],"bandwidth_kbps":5}"#, "trace"),
            (r#"{"trace":{"trace_file":"x"}}"#, "--traces"),
        ] {
            let error = shaping(json).steps(None).unwrap_err();
            assert!(error.contains(name), "{json}: {error}");
        }
        assert!(serde_json::from_str::<Shaping>(r#"{"bandwith":1}"#).is_err());
    }
}
