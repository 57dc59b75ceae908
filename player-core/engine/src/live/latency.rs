//! How far behind the live edge to play, and at which speed to get there.
//!
//! A proportional control with a dead band, after the ideas of dash.js's catch-up and Media3's speed control:
//! far from the target the speed follows the distance, close to it the speed is normal, and what starts a
//! correction is further away than what ends it, so it does not hunt.

use footlight_dash::Micros;

/// Normal speed, in thousandths.
const NORMAL: u32 = 1000;
/// A correction starts this far from the target and ends this close to it.
const START: i64 = 120_000;
const STOP: i64 = 40_000;
/// Microseconds of distance for a thousandth of speed.
const SLOPE: i64 = 10_000;
/// Speeds are told in steps of this many thousandths: each change costs a media element something.
const STEP: i64 = 10;
/// With less than this ahead of the playhead a stall is near: play slower, whatever the latency.
const THIN: i64 = 300_000;
/// That slow at least, even where the service allows no other speed: nobody hears it, and a stall everybody sees.
const THIN_RATE: u32 = 950;
/// With less than this ahead there is nothing to catch up with.
const ENOUGH: i64 = 600_000;

/// What is aimed at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Target {
    /// Behind the service's clock.
    pub(crate) latency: Micros,
    /// Further behind than this, a jump is better than a long chase.
    pub(crate) max: Micros,
    /// Slowest and fastest speed, in thousandths; both normal: no correction.
    pub(crate) rates: (u32, u32),
}

/// What to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Advice {
    /// Play at this speed, in thousandths.
    Rate(u32),
    /// Jump to the target.
    Jump,
}

/// The control's memory: whether a correction is under way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Control {
    correcting: bool,
}

impl Control {
    /// What to do with `latency` behind the service's clock and `ahead` in the buffer.
    pub(crate) fn advise(&mut self, target: &Target, latency: Micros, ahead: Micros) -> Advice {
        let (slowest, fastest) = target.rates;
        if latency > target.max && ahead.0 >= ENOUGH {
            self.correcting = false;
            return Advice::Jump;
        }
        let distance = latency.0.saturating_sub(target.latency.0);
        let limit = if self.correcting { STOP } else { START };
        self.correcting = distance.abs() > limit;
        if ahead.0 < THIN {
            return Advice::Rate(slowest.min(THIN_RATE));
        }
        if !self.correcting || (distance > 0 && ahead.0 < ENOUGH) {
            return Advice::Rate(NORMAL);
        }
        let correction = (distance / SLOPE).clamp(-900, 1000) / STEP * STEP;
        let rate = i64::from(NORMAL).saturating_add(correction);
        let rate = u32::try_from(rate).unwrap_or(NORMAL);
        Advice::Rate(rate.clamp(slowest.min(NORMAL), fastest.max(NORMAL)))
    }

    /// The playhead went elsewhere.
    pub(crate) const fn reset(&mut self) {
        self.correcting = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TARGET: Target = Target {
        latency: Micros(2_000_000),
        max: Micros(6_000_000),
        rates: (960, 1040),
    };

    fn advise(control: &mut Control, latency: i64, ahead: i64) -> Advice {
        control.advise(&TARGET, Micros(latency * 1000), Micros(ahead * 1000))
    }

    #[test]
    fn near_the_target_nothing_is_done() {
        let mut control = Control::default();
        assert_eq!(advise(&mut control, 2_110, 1_500), Advice::Rate(1000));
        assert_eq!(advise(&mut control, 1_890, 1_500), Advice::Rate(1000));
    }

    #[test]
    fn a_correction_goes_on_until_it_is_close() {
        let mut control = Control::default();
        assert_eq!(advise(&mut control, 2_300, 1_500), Advice::Rate(1030));
        assert_eq!(advise(&mut control, 2_110, 1_500), Advice::Rate(1010));
        assert_eq!(advise(&mut control, 2_040, 1_500), Advice::Rate(1000));
        assert_eq!(advise(&mut control, 2_110, 1_500), Advice::Rate(1000));
    }

    #[test]
    fn speeds_stay_within_what_the_service_allows() {
        let mut control = Control::default();
        assert_eq!(advise(&mut control, 5_000, 3_000), Advice::Rate(1040));
        assert_eq!(advise(&mut control, 500, 1_000), Advice::Rate(960));
    }

    #[test]
    fn a_thin_buffer_is_not_chased_away() {
        let mut control = Control::default();
        assert_eq!(advise(&mut control, 4_000, 500), Advice::Rate(1000));
        assert_eq!(advise(&mut control, 4_000, 100), Advice::Rate(950));
    }

    #[test]
    fn too_far_behind_is_jumped_when_there_is_something_to_jump_with() {
        let mut control = Control::default();
        assert_eq!(advise(&mut control, 6_500, 5_000), Advice::Jump);
        assert_eq!(advise(&mut control, 6_500, 200), Advice::Rate(950));
    }

    proptest! {
        /// With a network that keeps up, the playhead settles at the target, and stays.
        #[test]
        fn it_settles(start in 500i64..5_900) {
            let mut control = Control::default();
            let mut latency = start * 1000;
            let mut changes = 0;
            let mut last = 1000;
            for tick in 0..4 * 240 {
                let Advice::Rate(rate) = control.advise(&TARGET, Micros(latency), Micros(latency - 400_000)) else {
                    panic!("no jump was due")
                };
                latency -= 250_000 * (i64::from(rate) - 1000) / 1000;
                if tick > 4 * 200 && rate != last {
                    changes += 1;
                }
                last = rate;
            }
            prop_assert!((latency - 2_000_000).abs() <= START, "{latency}");
            prop_assert_eq!(changes, 0);
        }
    }
}
