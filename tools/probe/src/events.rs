//! Events in words and as JSON, by the names that the web player gives them.

use footlight_native::{Event, Finding, Instant, Kind, Micros, PlayerError, Severity, Snapshot};
use serde_json::{Value, json};

/// Seconds, with what a person wants to know of them.
pub(crate) fn clock(time: Micros) -> String {
    let (sign, seconds) = if time.0 < 0 { ("-", -time.0) } else { ("", time.0) };
    let (seconds, tenths) = (seconds / 1_000_000, seconds / 100_000 % 10);
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let seconds = seconds % 60;
    if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}.{tenths}")
    } else {
        format!("{sign}{minutes}:{seconds:02}.{tenths}")
    }
}

/// Bits per second.
pub(crate) fn rate(bits: u64) -> String {
    if bits >= 1_000_000 {
        format!("{:.1} Mbit/s", bits as f64 / 1e6)
    } else {
        format!("{} kbit/s", bits / 1000)
    }
}

pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        _ => "error",
    }
}

/// One line; none for what comes too often.
pub(crate) fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::PresentationChanged { url, reason } => format!("{}: {url}", reason.name()),
        Event::Loaded => "loaded".to_owned(),
        Event::StateChanged(state) => state.name().to_owned(),
        Event::DurationChanged(duration) => format!("duration {}", clock(*duration)),
        Event::RenditionChanged {
            kind: Kind::Video,
            height,
            bandwidth,
            reason,
            ..
        } => format!("{height}p, {} ({reason})", rate(*bandwidth)),
        Event::RenditionChanged { bandwidth, .. } => format!("sound, {}", rate(*bandwidth)),
        Event::StallStarted => "stalled".to_owned(),
        Event::StallEnded => "goes on".to_owned(),
        Event::Error(error) => format!("error {}", fault(error)),
        Event::Warning(warning) => format!("warning {}", fault(warning)),
        Event::Ended => "end".to_owned(),
        Event::TimedEventStarted(event) => format!("event {} {} begins", event.scheme, event.value),
        Event::TimedEventEnded(event) => format!("event {} {} ends", event.scheme, event.value),
        Event::TracksChanged(_) | Event::Decision(_) | Event::TimelineChanged(_) => return None,
    })
}

/// What went wrong, in a line.
pub(crate) fn fault(error: &PlayerError) -> String {
    let place = if error.url.is_empty() {
        String::new()
    } else {
        format!(" ({})", error.url)
    };
    format!("{}: {}{place}", error.code, error.message)
}

fn seconds(time: Micros) -> Value {
    json!(time.as_secs_f64())
}

/// An event for machines.
pub(crate) fn json(at: Instant, event: &Event) -> Value {
    let is_start = matches!(event, Event::TimedEventStarted(_));
    let (name, mut detail) = match event {
        Event::PresentationChanged { url, reason } => {
            ("presentationchange", json!({ "url": url, "reason": reason.name() }))
        }
        Event::Loaded => ("loaded", json!({})),
        Event::StateChanged(state) => ("statechange", json!({ "state": state.name() })),
        Event::DurationChanged(duration) => ("durationchange", json!({ "duration": seconds(*duration) })),
        Event::TracksChanged(tracks) => (
            "trackschange",
            json!({
                "video": tracks.video.len(),
                "audio": tracks.audio.iter().map(|track| &track.language).collect::<Vec<_>>(),
                "text": tracks.text.iter().map(|track| &track.language).collect::<Vec<_>>(),
            }),
        ),
        Event::RenditionChanged {
            kind,
            id,
            width,
            height,
            bandwidth,
            reason,
        } => (
            "renditionchange",
            json!({ "kind": kind.name(), "id": id, "width": width, "height": height, "bandwidth": bandwidth,
                "reason": reason }),
        ),
        Event::Decision(made) => (
            "decision",
            json!({ "kind": made.kind.name(), "id": made.id, "bandwidth": made.bandwidth, "reason": made.reason.code() }),
        ),
        Event::StallStarted => ("stall", json!({ "stalled": true })),
        Event::StallEnded => ("stall", json!({ "stalled": false })),
        Event::Error(error) => ("error", error_json(error)),
        Event::Warning(warning) => ("warning", error_json(warning)),
        Event::Ended => ("ended", json!({})),
        Event::TimelineChanged(timeline) => (
            "timelinechange",
            json!({ "live": timeline.live, "start": seconds(timeline.start), "end": seconds(timeline.end),
                "latency": timeline.latency.map(seconds) }),
        ),
        Event::TimedEventStarted(told) | Event::TimedEventEnded(told) => (
            "timedevent",
            json!({ "scheme": told.scheme, "value": told.value, "id": told.id, "start": seconds(told.start),
                "active": is_start }),
        ),
    };
    detail["event"] = json!(name);
    detail["at"] = json!(at.0 as f64 / 1e6);
    detail
}

/// An error for machines.
pub(crate) fn error_json(error: &PlayerError) -> Value {
    json!({
        "code": error.code,
        "severity": severity(error.severity),
        "message": error.message,
        "url": error.url,
        "status": error.status,
    })
}

/// A finding for machines.
pub(crate) fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.problem.code(),
        "track": finding.track.name(),
        "at": seconds(finding.at),
        "message": finding.detail,
    })
}

/// Numbers for machines.
pub(crate) fn stats_json(snapshot: &Snapshot) -> Value {
    let stats = &snapshot.stats;
    json!({
        "position": seconds(stats.position),
        "videoBuffer": seconds(stats.video_buffer),
        "audioBuffer": seconds(stats.audio_buffer),
        "throughput": stats.throughput,
        "requests": stats.requests,
        "failedRequests": stats.failed_requests,
        "bytes": stats.bytes,
        "stalls": stats.stalls,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates_are_read_at_a_glance() {
        assert_eq!(clock(Micros(61_550_000)), "1:01.5");
        assert_eq!(clock(Micros(3_661_000_000)), "1:01:01.0");
        assert_eq!(clock(Micros(-1_000_000)), "-0:01.0");
        assert_eq!(
            (rate(950_000).as_str(), rate(2_450_000).as_str()),
            ("950 kbit/s", "2.5 Mbit/s")
        );
    }
}
