//! The arithmetic of the seek bar.

use crate::format;

/// A stretch of media held by the sink, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Where it begins.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
}

/// How far a page-up or page-down press moves: a tenth of the title, at least ten seconds.
#[must_use]
pub fn page_step(duration: f64) -> f64 {
    (duration / 10.0).max(10.0)
}

/// The position that a seek to `target` reaches: inside the title, and a hair before its end, so that
/// a press on the far right shows the last picture.
#[must_use]
pub fn clamp(target: f64, duration: f64) -> f64 {
    if !target.is_finite() {
        return 0.0;
    }
    let last = if duration.is_finite() && duration > 0.0 {
        (duration - 0.1).max(0.0)
    } else {
        f64::MAX
    };
    target.clamp(0.0, last)
}

/// `position` as a fraction of the title, 0 to 1.
#[must_use]
pub fn fraction(position: f64, duration: f64) -> f64 {
    if position.is_finite() && duration.is_finite() && duration > 0.0 {
        (position / duration).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// The position under a pointer at `x` of a bar that begins at `left` and is `width` wide.
#[must_use]
pub fn position_at(x: f64, left: f64, width: f64, duration: f64) -> f64 {
    if width <= 0.0 || !duration.is_finite() {
        return 0.0;
    }
    ((x - left) / width).clamp(0.0, 1.0) * duration.max(0.0)
}

/// The buffered ranges as (left, width) in percent of the bar; slivers too thin to see are left out.
#[must_use]
pub fn bars(ranges: &[Range], duration: f64) -> Vec<(f64, f64)> {
    ranges
        .iter()
        .map(|range| {
            let left = fraction(range.start, duration) * 100.0;
            (left, fraction(range.end, duration) * 100.0 - left)
        })
        .filter(|(_, width)| *width > 0.05)
        .collect()
}

/// What a screen reader says for the slider: `2 minutes 3 seconds of 10 minutes`.
#[must_use]
pub fn value_text(position: f64, duration: f64) -> String {
    if duration.is_finite() && duration > 0.0 {
        format!("{} of {}", format::spoken(position), format::spoken(duration))
    } else {
        format::spoken(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeks_stay_inside() {
        assert_eq!(clamp(-4.0, 60.0), 0.0);
        assert_eq!(clamp(30.0, 60.0), 30.0);
        assert_eq!(clamp(99.0, 60.0), 59.9);
        assert_eq!(clamp(12.0, f64::NAN), 12.0);
        assert_eq!(clamp(f64::NAN, 60.0), 0.0);
        assert_eq!(clamp(5.0, 0.05), 0.0);
    }

    #[test]
    fn pointers_become_positions() {
        assert_eq!(position_at(150.0, 100.0, 200.0, 60.0), 15.0);
        assert_eq!(position_at(50.0, 100.0, 200.0, 60.0), 0.0);
        assert_eq!(position_at(999.0, 100.0, 200.0, 60.0), 60.0);
        assert_eq!(position_at(1.0, 0.0, 0.0, 60.0), 0.0);
        assert_eq!(position_at(1.0, 0.0, 10.0, f64::INFINITY), 0.0);
    }

    #[test]
    fn buffered_ranges_become_bars() {
        let ranges = [
            Range { start: 0.0, end: 30.0 },
            Range { start: 45.0, end: 90.0 },
            Range {
                start: 59.99,
                end: 60.0,
            },
        ];
        assert_eq!(bars(&ranges, 60.0), [(0.0, 50.0), (75.0, 25.0)]);
        assert!(bars(&ranges, f64::NAN).is_empty());
    }

    #[test]
    fn sliders_speak() {
        assert_eq!(value_text(123.0, 600.0), "2 minutes 3 seconds of 10 minutes");
        assert_eq!(value_text(3.0, f64::NAN), "3 seconds");
    }

    #[test]
    fn page_steps_scale() {
        assert_eq!(page_step(20.0), 10.0);
        assert_eq!(page_step(3600.0), 360.0);
    }
}
