//! What is there to seek in, and how far behind the service's clock to start.

use footlight_dash::{Micros, Presentation};

/// Segments kept between the playhead and the live edge when the manifest says nothing.
const SEGMENTS_BEHIND: i64 = 3;
/// Bounds of that delay.
const DELAY_MIN: Micros = Micros(2_000_000);
const DELAY_MAX: Micros = Micros(30_000_000);
/// The start of the window moves on while a segment is fetched from there.
const LEAVING: Micros = Micros(2_000_000);

/// The presentation timeline as a seek bar shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Timeline {
    /// More is still to come: the presentation is live.
    pub live: bool,
    /// The earliest position that can be played.
    pub start: Micros,
    /// The latest one: the end, or for live where [`crate::Command::GoLive`] goes.
    pub end: Micros,
    /// The service's clock on the presentation timeline; live only.
    pub edge: Option<Micros>,
    /// How far behind that clock the playhead is; live only.
    pub latency: Option<Micros>,
    /// How far behind it should be at the live edge; live only.
    pub target_latency: Option<Micros>,
    /// The wall clock at position zero, in microseconds since the Unix epoch; live only.
    pub epoch: Option<Micros>,
}

/// How far behind the clock to play where no latency is asked for: as `@suggestedPresentationDelay` says, else by
/// the length of segments.
pub(crate) fn default_delay(presentation: &Presentation, segment: Micros) -> Micros {
    let delay = presentation.suggested_presentation_delay.unwrap_or_else(|| {
        let segments = Micros(segment.0.saturating_mul(SEGMENTS_BEHIND));
        segments.max(presentation.min_buffer_time).clamp(DELAY_MIN, DELAY_MAX)
    });
    // Within a window that short, the middle of it.
    let depth = presentation.time_shift_buffer_depth.unwrap_or(Micros::MAX);
    delay.min(Micros(depth.0 / 2).max(segment)).max(Micros(0))
}

/// The range to seek in, when the clock is at `edge`, the Periods start at `first`, and segments are available
/// until `available`.
pub(crate) fn seekable(
    presentation: &Presentation,
    first: Micros,
    edge: Micros,
    available: Micros,
    delay: Micros,
) -> (Micros, Micros) {
    let depth = presentation.time_shift_buffer_depth.unwrap_or(Micros::MAX);
    let left = edge - depth;
    let start = if left > first { left + LEAVING } else { first };
    let end = (edge - delay).min(available).max(first);
    (start.min(end), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(attributes: &str) -> Presentation {
        let text = format!(
            r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z" {attributes}>
            <Period start="PT0S"><AdaptationSet mimeType="video/mp4"><SegmentTemplate media="$Number$" duration="2"/>
            <Representation id="v" bandwidth="1"/></AdaptationSet></Period></MPD>"#
        );
        footlight_dash::parse(&text, "https://a.example/")
            .expect("a manifest")
            .presentation
    }

    #[test]
    fn the_delay_follows_the_manifest_and_the_segments() {
        let seconds = Micros::from_secs;
        let delay = |attributes, segment| default_delay(&live(attributes), seconds(segment));
        assert_eq!(delay(r#"suggestedPresentationDelay="PT7S""#, 2), seconds(7));
        assert_eq!(delay("", 2), seconds(6));
        assert_eq!(delay(r#"minBufferTime="PT9S""#, 2), seconds(9));
        assert_eq!(delay("", 20), seconds(30));
        assert_eq!(
            delay(r#"timeShiftBufferDepth="PT8S" suggestedPresentationDelay="PT60S""#, 2),
            seconds(4)
        );
    }

    #[test]
    fn the_window_slides_with_the_clock() {
        let seconds = Micros::from_secs;
        let presentation = live(r#"timeShiftBufferDepth="PT60S""#);
        let range =
            |edge, available| seekable(&presentation, seconds(0), seconds(edge), seconds(available), seconds(6));
        assert_eq!(range(40, 40), (seconds(0), seconds(34)));
        assert_eq!(range(100, 100), (seconds(42), seconds(94)));
        assert_eq!(range(100, 80), (seconds(42), seconds(80)), "a service that lags");
        assert_eq!(range(3, 3), (seconds(0), seconds(0)), "before there is anything");
    }
}
