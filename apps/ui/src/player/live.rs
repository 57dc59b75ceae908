//! Where one is in a live channel.

use service_api::Channel;

use super::types::Timeline;
use crate::format;

/// So many seconds more than what is aimed at are still live: segments come in steps, and starting takes a while.
const SLACK: f64 = 6.0;
/// What is aimed at when nobody says.
const USUAL_TARGET: f64 = 10.0;
/// Targets up to this are low latency: worth a read-out.
const LOW: f64 = 5.0;

/// Seconds from a position to the service's clock.
#[must_use]
pub fn behind(timeline: &Timeline, position: f64) -> Option<f64> {
    let edge = timeline.edge.filter(|_| timeline.live)?;
    Some((edge - position).max(0.0))
}

/// Whether a position is as near to the edge as it gets.
#[must_use]
pub fn at_edge(timeline: &Timeline, position: f64) -> bool {
    let target = timeline.target_latency.unwrap_or(USUAL_TARGET);
    behind(timeline, position).is_some_and(|behind| behind <= target + SLACK)
}

/// Whether seconds behind count here.
#[must_use]
pub fn is_low_latency(timeline: &Timeline) -> bool {
    timeline.live && timeline.target_latency.is_some_and(|target| target <= LOW)
}

/// The latency to show: `2.1 s`.
#[must_use]
pub fn latency(seconds: f64) -> String {
    format!("{seconds:.1} s")
}

/// Where what is on began, while one can still go there.
#[must_use]
pub fn start_of_programme(timeline: &Timeline, channel: &Channel) -> Option<f64> {
    let zero = timeline.wall_clock_at_zero.filter(|_| timeline.live)?;
    let start = channel.now.start_ms as f64 / 1000.0 - zero;
    (start >= timeline.seekable.start()).then_some(start)
}

/// Milliseconds since the Unix epoch at a position.
#[must_use]
pub fn wall_clock(timeline: &Timeline, position: f64) -> Option<f64> {
    Some((timeline.wall_clock_at_zero? + position) * 1000.0)
}

/// What a screen reader says for the slider: `Live`, `2 minutes behind live`.
#[must_use]
pub fn value_text(timeline: &Timeline, position: f64) -> String {
    match behind(timeline, position) {
        Some(behind) if !at_edge(timeline, position) => format!("{} behind live", format::spoken(behind)),
        _ => "Live".to_owned(),
    }
}

/// How far behind, as a clock: `−1:05`.
#[must_use]
pub fn behind_clock(behind: f64) -> String {
    format!("−{}", format::clock(behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline() -> Timeline {
        serde_json::from_str(
            r#"{"live":true,"seekable":{"start":1000,"end":1054},"edge":1060,"latency":6.2,"targetLatency":6,
                "wallClockAtZero":1700000000}"#,
        )
        .unwrap_or_default()
    }

    #[test]
    fn the_edge_is_where_the_target_is() {
        let now = timeline();
        assert!(at_edge(&now, 1054.0) && at_edge(&now, 1048.0));
        assert!(!at_edge(&now, 1047.0));
        assert_eq!(behind(&now, 1000.0), Some(60.0));
        assert!(!at_edge(&Timeline::default(), 0.0), "a film has no edge");
    }

    #[test]
    fn screen_readers_hear_how_far_behind() {
        let now = timeline();
        assert_eq!(value_text(&now, 1055.0), "Live");
        assert_eq!(value_text(&now, 1000.0), "1 minute behind live");
        assert_eq!(behind_clock(65.2), "−1:05");
    }

    #[test]
    fn latency_counts_where_it_is_low() {
        assert!(!is_low_latency(&timeline()));
        let low = Timeline {
            target_latency: Some(2.0),
            ..timeline()
        };
        assert!(is_low_latency(&low));
        assert_eq!(latency(2.06), "2.1 s");
        assert_eq!(wall_clock(&low, 30.0), Some(1_700_000_030_000.0));
    }
}
