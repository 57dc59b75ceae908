//! Sequences and patterns: segments in a row that are not all equally long.

use std::sync::Arc;

/// How segments follow each other that are not all equally long.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// Sequences of this many parts (`S@k`), the first one without its first `phase` parts.
    Parts { parts: u32, phase: u32 },
    /// Durations that come again and again: their sums from zero on, the first segment being number `phase`.
    Pattern { sums: Arc<[u64]>, phase: u64 },
}

impl Step {
    pub(super) fn phase(&self) -> u64 {
        match self {
            Self::Parts { phase, .. } => u64::from(*phase),
            Self::Pattern { phase, .. } => *phase,
        }
    }

    pub(super) fn moved(&self, by: u64) -> Self {
        match self {
            Self::Parts { parts, phase } => {
                let phase = u64::from(*phase).saturating_add(by) % u64::from((*parts).max(1));
                Self::Parts {
                    parts: *parts,
                    phase: u32::try_from(phase).unwrap_or(0),
                }
            }
            Self::Pattern { sums, phase } => Self::Pattern {
                sums: Arc::clone(sums),
                phase: phase.saturating_add(by) % cycle(sums),
            },
        }
    }

    /// When number `index` starts, counted and measured from where phases count from.
    pub(super) fn at(&self, duration: u64, index: u64) -> i128 {
        match self {
            Self::Parts { parts, .. } => {
                let parts = u64::from((*parts).max(1));
                let within = u128::from(index % parts).saturating_mul(u128::from(duration)) / u128::from(parts);
                let whole = i128::from(index / parts).saturating_mul(i128::from(duration));
                whole.saturating_add(i128::try_from(within).unwrap_or(i128::MAX))
            }
            Self::Pattern { sums, .. } => {
                let length = cycle(sums);
                let at = usize::try_from(index % length).unwrap_or(0);
                let total = i128::from(sums.last().copied().unwrap_or(0));
                let within = i128::from(sums.get(at).copied().unwrap_or(0));
                i128::from(index / length).saturating_mul(total).saturating_add(within)
            }
        }
    }

    /// How many start before `ticks`, counted and measured as above.
    pub(super) fn before(&self, duration: u64, ticks: i128) -> u64 {
        if ticks <= 0 {
            return 0;
        }
        let (total, length) = match self {
            Self::Parts { parts, .. } => (duration, u64::from(*parts)),
            Self::Pattern { sums, .. } => (sums.last().copied().unwrap_or(0), cycle(sums)),
        };
        let total = i128::from(total.max(1));
        let (whole, rest) = (ticks.div_euclid(total), ticks.rem_euclid(total));
        let within = match self {
            // Rounded up.
            Self::Parts { parts, .. } => u64::try_from(
                rest.saturating_mul(i128::from(*parts))
                    .saturating_add(total.saturating_sub(1))
                    .div_euclid(total),
            )
            .unwrap_or(0),
            Self::Pattern { sums, .. } => sums
                .get(..sums.len().saturating_sub(1))
                .unwrap_or_default()
                .partition_point(|sum| i128::from(*sum) < rest) as u64,
        };
        let whole = u64::try_from(whole).unwrap_or(u64::MAX);
        whole.saturating_mul(length).saturating_add(within.min(length))
    }
}

/// How many durations a pattern has.
pub(super) fn cycle(sums: &[u64]) -> u64 {
    (sums.len() as u64).saturating_sub(1).max(1)
}
