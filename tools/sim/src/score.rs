//! The quality of a session in numbers.
//!
//! QoE per segment is quality, less what changes of quality and waiting cost, in the linear and the logarithmic form of
//! MPC (Yin et al., SIGCOMM 2015) and Pensieve (Mao et al., SIGCOMM 2017), per second of content:
//!
//! ```text
//! QoE  = 4 / (N L) * ( L/4 * sum q(R_n)  -  q_max * (startup + stalls)  -  sum |q(R_n) - q(R_n-1)| )
//! nQoE = QoE / q_max,   q(R) = R in Mbit/s, or ln(R / R_min)
//! ```
//!
//! With segments of `L` = 4 s this is Pensieve's mean reward per chunk.

use crate::movie::Movie;
use crate::trace::Trace;

/// Quality in proportion to bitrate, or to its logarithm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Megabits per second.
    Linear,
    /// Natural logarithm of the ratio to the lowest rendition.
    Logarithmic,
}

impl Form {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Linear, Self::Logarithmic];

    /// Its short name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "lin",
            Self::Logarithmic => "log",
        }
    }

    /// The quality of each rendition.
    #[must_use]
    pub fn qualities(self, movie: &Movie) -> Vec<f64> {
        let lowest = movie.bitrates_kbps[0];
        let quality = |kbps: &f64| match self {
            Self::Linear => kbps / 1000.0,
            Self::Logarithmic => (kbps / lowest).ln(),
        };
        movie.bitrates_kbps.iter().map(quality).collect()
    }
}

/// What a session was like.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Score {
    /// [`Form::Linear`] and [`Form::Logarithmic`].
    pub qoe: [f64; 2],
    /// The same, of the quality of the highest rendition.
    pub nqoe: [f64; 2],
    /// Seconds until the first picture.
    pub startup_s: f64,
    /// Seconds of stalls after that.
    pub stalled_s: f64,
    /// Stalls of more than a millisecond.
    pub stalls: usize,
    /// Stalled time of all time after the first picture.
    pub rebuffer_ratio: f64,
    /// Mean nominal bitrate.
    pub mean_kbps: f64,
    /// Changes of rendition.
    pub switches: usize,
}

/// Scores a session by the rendition of each segment, the milliseconds until the first picture, and those of the stall
/// before each segment.
#[must_use]
pub fn score(movie: &Movie, renditions: &[usize], startup_ms: f64, stalls_ms: &[f64]) -> Score {
    let length = movie.segment_duration_ms / 1000.0;
    let content = renditions.len() as f64 * length;
    let (startup, stalled) = (startup_ms / 1000.0, stalls_ms.iter().sum::<f64>() / 1000.0);
    let pairs = || renditions.iter().zip(renditions.iter().skip(1));
    let mut score = Score {
        startup_s: startup,
        stalled_s: stalled,
        stalls: stalls_ms.iter().filter(|&&stall| stall > 1.0).count(),
        rebuffer_ratio: stalled / (content + stalled),
        mean_kbps: renditions.iter().map(|&at| movie.bitrates_kbps[at]).sum::<f64>() / renditions.len() as f64,
        switches: pairs().filter(|(a, b)| a != b).count(),
        ..Score::default()
    };
    for (at, form) in Form::ALL.into_iter().enumerate() {
        let quality = form.qualities(movie);
        let best = quality.last().copied().unwrap_or_default();
        let gained = renditions.iter().map(|&at| quality[at]).sum::<f64>() * length / 4.0;
        let switched: f64 = pairs().map(|(&a, &b)| (quality[a] - quality[b]).abs()).sum();
        score.qoe[at] = (gained - best * (startup + stalled) - switched) * 4.0 / content;
        score.nqoe[at] = score.qoe[at] / best;
    }
    score
}

/// Plays fixed renditions by the book: one request at a time, the next as soon as it fits into the buffer.
#[must_use]
pub fn replay(trace: &Trace, movie: &Movie, buffer_ms: f64, renditions: &[usize]) -> Score {
    let length = movie.segment_duration_ms;
    let (mut now, mut waited, mut startup, mut stalls) = (0.0f64, 0.0, 0.0, Vec::with_capacity(renditions.len()));
    for (segment, &rendition) in renditions.iter().enumerate() {
        // Segment n starts to play at n L after all waiting so far; the buffer holds what is complete and not played.
        if segment > 0 {
            now = now.max(waited + (segment as f64 + 1.0) * length - buffer_ms);
        }
        now = trace.finish(now, movie.size(segment, rendition));
        let late = (now - segment as f64 * length - waited).max(0.0);
        waited += late;
        if segment == 0 {
            startup = now;
        }
        stalls.push(if segment == 0 { 0.0 } else { late });
    }
    score(movie, renditions, startup, &stalls)
}

/// Sessions that stall more than this whatever they do say nothing, and are left out.
const STARVED: f64 = 0.10;

/// Even the smallest renditions stall for more than a tenth of the time.
#[must_use]
pub fn is_starved(trace: &Trace, movie: &Movie, buffer_ms: f64) -> bool {
    let smallest: Vec<usize> = (0..movie.segments()).map(|segment| movie.smallest(segment)).collect();
    replay(trace, movie, buffer_ms, &smallest).rebuffer_ratio > STARVED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movie(kbps: &[f64], length_ms: f64, segments: usize) -> Movie {
        let sizes: Vec<f64> = kbps.iter().map(|kbps| kbps * length_ms).collect();
        Movie {
            segment_duration_ms: length_ms,
            bitrates_kbps: kbps.to_vec(),
            segment_sizes_bits: vec![sizes; segments],
        }
    }

    #[test]
    fn four_second_segments_score_as_in_pensieve() {
        let movie = movie(&[300.0, 750.0, 4300.0], 4000.0, 3);
        let score = score(&movie, &[0, 2, 1], 500.0, &[0.0, 1000.0, 0.0]);
        let by_hand = ((0.3 + 4.3 + 0.75) - 4.3 * 1.5 - (4.0 + 3.55)) / 3.0;
        assert!((score.qoe[0] - by_hand).abs() < 1e-9);
        assert!((score.nqoe[0] - by_hand / 4.3).abs() < 1e-9);
        let (top, mid) = ((4300.0f64 / 300.0).ln(), 2.5f64.ln());
        let by_hand = ((top + mid) - top * 1.5 - top - (top - mid)) / 3.0;
        assert!((score.qoe[1] - by_hand).abs() < 1e-9);
        assert_eq!((score.switches, score.stalls), (2, 1));
    }

    #[test]
    fn a_replay_waits_for_room_and_for_the_link() {
        let movie = movie(&[1000.0, 2000.0], 2000.0, 4);
        let trace = Trace::constant(2000.0, 100.0).expect("a trace");
        // Low segments take 1.1 s each. The third must wait until 2 s of the 4 s are free: played from 1.1 s on, at 3.1 s.
        let low = replay(&trace, &movie, 4000.0, &[0, 0, 0, 0]);
        assert!((low.startup_s - 1.1).abs() < 1e-9 && low.stalled_s.abs() < 1e-9);
        // High ones take 2.1 s: each but the first comes 0.1 s late.
        let high = replay(&trace, &movie, 4000.0, &[1, 1, 1, 1]);
        assert!((high.startup_s - 2.1).abs() < 1e-9 && (high.stalled_s - 0.3).abs() < 1e-9);
        assert!(!is_starved(&trace, &movie, 4000.0));
        assert!(is_starved(
            &Trace::constant(500.0, 100.0).expect("a trace"),
            &movie,
            4000.0
        ));
    }
}
