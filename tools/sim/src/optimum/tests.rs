use super::*;
use crate::dice::Dice;
use crate::trace::Period;

fn one_of(dice: &mut Dice, all: &[f64]) -> f64 {
    all[dice.below(all.len() as u64) as usize]
}

fn small(dice: &mut Dice) -> (Movie, Trace, f64) {
    let (segments, width) = (3 + dice.below(4) as usize, 2 + dice.below(2) as usize);
    let length = one_of(dice, &[1000.0, 2000.0, 3000.0]);
    let mut kbps: Vec<f64> = (0..width)
        .map(|at| 300.0 + 1500.0 * at as f64 + dice.below(1400) as f64)
        .collect();
    kbps.sort_by(f64::total_cmp);
    let size = |dice: &mut Dice, kbps: &f64| kbps * length * (0.6 + 0.8 * dice.below(1000) as f64 / 1000.0);
    let movie = Movie {
        segment_duration_ms: length,
        segment_sizes_bits: (0..segments)
            .map(|_| kbps.iter().map(|k| size(dice, k)).collect())
            .collect(),
        bitrates_kbps: kbps,
    };
    let period = |dice: &mut Dice, first: bool| Period {
        duration_ms: one_of(dice, &[500.0, 1000.0, 3000.0]),
        bandwidth_kbps: if first {
            1000.0
        } else {
            one_of(dice, &[0.0, 200.0, 500.0, 1000.0, 3000.0, 8000.0])
        },
        latency_ms: 50.0,
    };
    let trace = Trace::new((0..12).map(|at| period(dice, at == 0)).collect()).expect("a trace");
    let buffer = length * one_of(dice, &[1.6, 2.5, 4.0, 8.0]);
    (movie, trace, buffer)
}

fn all_schedules(width: usize, segments: usize) -> Vec<Vec<usize>> {
    (0..width.pow(segments as u32))
        .map(|number| (0..segments).map(|at| number / width.pow(at as u32) % width).collect())
        .collect()
}

#[test]
fn the_optimum_is_between_what_was_found_and_its_bound() {
    let mut dice = Dice::new(7);
    let mut short = 0.0;
    for _ in 0..40 {
        let (movie, trace, buffer) = small(&mut dice);
        for (at, form) in Form::ALL.into_iter().enumerate() {
            let schedules = all_schedules(movie.renditions(), movie.segments());
            let values = schedules
                .iter()
                .map(|schedule| replay(&trace, &movie, buffer, schedule).nqoe[at]);
            let best = values.fold(f64::NEG_INFINITY, f64::max);
            let found = solve(&trace, &movie, buffer, form, None);
            assert!(found.is_rigorous);
            assert!(found.bound >= best - 1e-9, "bound {} below {best}", found.bound);
            assert!(
                found.reached <= best + 1e-9,
                "{} is more than can be had, {best}",
                found.reached
            );
            short += best - found.reached;
        }
    }
    // A handful of segments on a coarse grid: near, if not exact.
    assert!(short / 80.0 < 0.02, "{} short of the best on average", short / 80.0);
}

#[test]
fn what_is_played_is_never_above_the_bound() {
    let mut dice = Dice::new(11);
    for _ in 0..40 {
        let (movie, trace, buffer) = small(&mut dice);
        let buffer = buffer.max(movie.segment_duration_ms + 1000.0);
        let found = solve(&trace, &movie, buffer, Form::Linear, None);
        let session =
            crate::referee::play(&trace, &movie, buffer, footlight_core::Config::default()).expect("a session");
        assert!(session.score.nqoe[0] <= found.bound + 1e-6);
    }
}
