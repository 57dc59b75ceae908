//! The last minute of measurements, and the plots made of them.

use std::collections::VecDeque;

/// How much is kept and shown, in seconds.
pub const WINDOW: f64 = 60.0;

/// One measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// When, in seconds of any clock that only goes forward.
    pub at: f64,
    /// Seconds of video ahead.
    pub video_buffer: f64,
    /// Seconds of audio ahead.
    pub audio_buffer: f64,
    /// Estimated throughput, bits per second.
    pub throughput: f64,
    /// Bit rate of the rendition playing, 0 when there is none.
    pub bitrate: f64,
}

/// The measurements of the last minute.
#[derive(Clone, Debug, Default)]
pub struct History {
    samples: VecDeque<Sample>,
}

impl History {
    /// Adds a measurement and drops those that are too old (but the one that the plots' left edge needs).
    pub fn push(&mut self, sample: Sample) {
        if self.samples.back().is_some_and(|last| last.at > sample.at) {
            self.samples.clear();
        }
        self.samples.push_back(sample);
        while self.samples.get(1).is_some_and(|next| next.at < sample.at - WINDOW) {
            self.samples.pop_front();
        }
    }

    /// The measurements, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter()
    }

    /// When the latest was made.
    #[must_use]
    pub fn now(&self) -> f64 {
        self.samples.back().map_or(0.0, |sample| sample.at)
    }

    /// The highest of a value over the window.
    pub fn peak(&self, value: impl Fn(&Sample) -> f64) -> f64 {
        self.iter().map(value).filter(|v| v.is_finite()).fold(0.0, f64::max)
    }

    /// A line through a value, in a box `width` by `height` whose top is `top`: the right edge is now. With `steps`
    /// the value holds until the next sample.
    pub fn line(
        &self,
        value: impl Fn(&Sample) -> f64,
        (width, height): (f64, f64),
        top: f64,
        steps: bool,
    ) -> Vec<(f64, f64)> {
        let now = self.now();
        let mut points: Vec<(f64, f64)> = Vec::with_capacity(self.samples.len() * 2);
        for sample in &self.samples {
            let x = width * (1.0 - (now - sample.at) / WINDOW).max(0.0);
            let share = if top > 0.0 { value(sample) / top } else { 0.0 };
            let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
            let y = height * (1.0 - share);
            if steps && let Some(&(_, before)) = points.last() {
                points.push((x, before));
            }
            points.push((x, y));
        }
        points
    }
}

/// The top of a plot's scale: the next of 1, 2, 5 times a power of ten at or above `peak`, at least `least`.
#[must_use]
pub fn scale_top(peak: f64, least: f64) -> f64 {
    let wanted = if peak.is_finite() { peak.max(least) } else { least };
    if wanted <= 0.0 {
        return 1.0;
    }
    let magnitude = 10_f64.powf(wanted.log10().floor());
    for step in [1.0, 2.0, 5.0] {
        if wanted <= step * magnitude * 1.000_001 {
            return step * magnitude;
        }
    }
    10.0 * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(at: f64, bitrate: f64) -> Sample {
        Sample {
            at,
            bitrate,
            ..Sample::default()
        }
    }

    #[test]
    fn a_minute_is_kept() {
        let mut history = History::default();
        for second in 0..200 {
            history.push(at(f64::from(second), 1.0));
        }
        let first = history.iter().next().map(|sample| sample.at);
        assert_eq!(first, Some(138.0));
        history.push(at(3.0, 1.0));
        assert_eq!(history.iter().count(), 1);
    }

    #[test]
    fn lines_end_at_the_right_edge() {
        let mut history = History::default();
        history.push(at(0.0, 0.0));
        history.push(at(30.0, 5.0));
        history.push(at(60.0, 10.0));
        let line = history.line(|s| s.bitrate, (600.0, 100.0), 10.0, false);
        assert_eq!(line, [(0.0, 100.0), (300.0, 50.0), (600.0, 0.0)]);
        let steps = history.line(|s| s.bitrate, (600.0, 100.0), 10.0, true);
        assert_eq!(
            steps,
            [(0.0, 100.0), (300.0, 100.0), (300.0, 50.0), (600.0, 50.0), (600.0, 0.0)]
        );
        assert_eq!(history.peak(|s| s.bitrate), 10.0);
    }

    #[test]
    fn scales_are_round_numbers() {
        assert_eq!(scale_top(0.0, 10.0), 10.0);
        assert_eq!(scale_top(13.0, 10.0), 20.0);
        assert_eq!(scale_top(3_100_000.0, 0.0), 5_000_000.0);
        assert_eq!(scale_top(7.0, 0.0), 10.0);
        assert_eq!(scale_top(f64::NAN, 0.0), 1.0);
    }
}
