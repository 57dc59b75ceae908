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

impl Range {
    /// All of a title; its end is not a number while that is unknown.
    #[must_use]
    pub const fn whole(duration: f64) -> Self {
        Self {
            start: 0.0,
            end: duration,
        }
    }

    /// Whether both ends are known.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.start.is_finite() && self.end.is_finite()
    }

    /// Seconds.
    #[must_use]
    pub fn length(self) -> f64 {
        (self.end - self.start).max(0.0)
    }
}

/// How far a page-up or page-down press moves: a tenth of what there is, at least ten seconds.
#[must_use]
pub fn page_step(span: Range) -> f64 {
    (span.length() / 10.0).max(10.0)
}

/// The position that a seek to `target` reaches: inside of what there is, and a hair before its end, so that
/// a press on the far right shows the last picture.
#[must_use]
pub fn clamp(target: f64, span: Range) -> f64 {
    if !target.is_finite() {
        return span.start;
    }
    let last = if span.end.is_finite() && span.end > span.start {
        (span.end - 0.1).max(span.start)
    } else {
        f64::MAX
    };
    target.clamp(span.start, last)
}

/// `position` as a fraction of what there is, 0 to 1.
#[must_use]
pub fn fraction(position: f64, span: Range) -> f64 {
    if position.is_finite() && span.is_known() && span.length() > 0.0 {
        ((position - span.start) / span.length()).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// The position under a pointer at `x` of a bar that begins at `left` and is `width` wide.
#[must_use]
pub fn position_at(x: f64, left: f64, width: f64, span: Range) -> f64 {
    if width <= 0.0 || !span.is_known() {
        return span.start;
    }
    span.start + ((x - left) / width).clamp(0.0, 1.0) * span.length()
}

/// The buffered ranges as (left, width) in percent of the bar; slivers too thin to see are left out.
#[must_use]
pub fn bars(ranges: &[Range], span: Range) -> Vec<(f64, f64)> {
    ranges
        .iter()
        .map(|range| {
            let left = fraction(range.start, span) * 100.0;
            (left, fraction(range.end, span) * 100.0 - left)
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

    const LIVE: Range = Range {
        start: 1000.0,
        end: 1060.0,
    };

    #[test]
    fn seeks_stay_inside() {
        let minute = Range::whole(60.0);
        assert_eq!(clamp(-4.0, minute), 0.0);
        assert_eq!(clamp(30.0, minute), 30.0);
        assert_eq!(clamp(99.0, minute), 59.9);
        assert_eq!(clamp(12.0, Range::whole(f64::NAN)), 12.0);
        assert_eq!(clamp(f64::NAN, minute), 0.0);
        assert_eq!(clamp(5.0, Range::whole(0.05)), 0.0);
        assert_eq!(clamp(5.0, LIVE), 1000.0);
        assert_eq!(clamp(2000.0, LIVE), 1059.9);
    }

    #[test]
    fn pointers_become_positions() {
        let minute = Range::whole(60.0);
        assert_eq!(position_at(150.0, 100.0, 200.0, minute), 15.0);
        assert_eq!(position_at(50.0, 100.0, 200.0, minute), 0.0);
        assert_eq!(position_at(999.0, 100.0, 200.0, minute), 60.0);
        assert_eq!(position_at(1.0, 0.0, 0.0, minute), 0.0);
        assert_eq!(position_at(1.0, 0.0, 10.0, Range::whole(f64::INFINITY)), 0.0);
        assert_eq!(position_at(150.0, 100.0, 200.0, LIVE), 1015.0);
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
        assert_eq!(bars(&ranges, Range::whole(60.0)), [(0.0, 50.0), (75.0, 25.0)]);
        assert!(bars(&ranges, Range::whole(f64::NAN)).is_empty());
        let near_edge = Range {
            start: 1045.0,
            end: 1062.0,
        };
        assert_eq!(bars(&[near_edge], LIVE), [(75.0, 25.0)]);
    }

    #[test]
    fn sliders_speak() {
        assert_eq!(value_text(123.0, 600.0), "2 minutes 3 seconds of 10 minutes");
        assert_eq!(value_text(3.0, f64::NAN), "3 seconds");
    }

    #[test]
    fn page_steps_scale() {
        assert_eq!(page_step(Range::whole(20.0)), 10.0);
        assert_eq!(page_step(Range::whole(3600.0)), 360.0);
    }
}
