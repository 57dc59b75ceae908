//! What the player says, in words that people use.

use super::types::{Decision, Failure, Forecast};
use crate::format;

/// Why a rendition was chosen: `Throughput 3.1 Mb/s covers 1080p; buffer 12 s`.
#[must_use]
pub fn decision(decision: &Decision, rendition: &str) -> String {
    let rate = decision.throughput.filter(|rate| *rate > 0.0);
    let measured = rate.map_or_else(
        || "Throughput not yet known".to_owned(),
        |rate| format!("Throughput {}", format::bit_rate(rate)),
    );
    let ahead = decision.buffer.unwrap_or(0.0);
    let buffer = format!("buffer {ahead:.0} s");
    match decision.reason.as_str() {
        "startup" => match rate {
            Some(_) => format!("Starting: {rendition} fits {}", lower_first(&measured)),
            None => format!("Starting with {rendition}: nothing measured yet"),
        },
        "throughput" => format!("{measured} covers {rendition}; {buffer}"),
        "plan" => format!(
            "{rendition} is the best plan ahead; {}, {buffer}",
            lower_first(&measured)
        ),
        "bola" => format!(
            "The buffer allows {rendition}: {ahead:.0} s ahead, {}",
            lower_first(&measured)
        ),
        "throughput-guard" => {
            format!(
                "Kept at {rendition}: {} carries no more; {buffer}",
                lower_first(&measured)
            )
        }
        "buffer-low" => format!(
            "Only {ahead:.0} s ahead: {rendition} to be safe; {}",
            lower_first(&measured)
        ),
        "manual" => format!("{rendition} because you chose it"),
        "only" => format!("{rendition} is the only one there is"),
        "cap" => format!("{rendition} is all this screen size can show"),
        "limit" => format!("{rendition} is the most that is allowed here"),
        "save-data" => format!("{rendition} to save data"),
        "low-power" => format!("{rendition} to spare the battery"),
        "dropped-frames" => format!("{rendition} because this device lost frames of a larger picture"),
        "replaced" => format!("What was fetched in a smaller rendition comes again: {rendition}; {buffer}"),
        "abandoned" => format!("A segment came too slowly: {rendition} instead; {buffer}"),
        "avoided" => format!("A better one failed to load: {rendition} meanwhile"),
        other => format!("{}: {rendition}; {buffer}", upper_first(&other.replace('-', " "))),
    }
}

/// What is planned, and what for: `Next 720p, 720p, 1080p; expecting 2.9 Mb/s (1.9 Mb/s to 4.0 Mb/s)`.
#[must_use]
pub fn plan(renditions: &[String], forecast: Option<Forecast>) -> String {
    let next = (!renditions.is_empty()).then(|| format!("Next {}", renditions.join(", ")));
    let expected = forecast.map(|Forecast { low, median, high }| {
        format!(
            "expecting {} ({} to {})",
            format::bit_rate(median),
            format::bit_rate(low),
            format::bit_rate(high)
        )
    });
    let parts: Vec<_> = next.into_iter().chain(expected).collect();
    upper_first(&parts.join("; "))
}

/// A failure as the viewer reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What happened.
    pub title: &'static str,
    /// What it means, and what may help.
    pub text: &'static str,
    /// Whether trying again makes sense.
    pub retry: bool,
}

/// Explains a failure; `online` is what the browser thinks of the network.
#[must_use]
pub fn failure(failure: &Failure, online: bool) -> Explained {
    let (title, text) = if !online && is_network(&failure.code) {
        (
            "You’re offline",
            "This device has lost its connection. Playback goes on from here once it is back.",
        )
    } else {
        explain_code(&failure.code, failure.status.unwrap_or(0))
    };
    Explained {
        title,
        text,
        retry: failure.action != "go-back" || is_network(&failure.code),
    }
}

fn is_network(code: &str) -> bool {
    code.starts_with("network.")
}

fn explain_code(code: &str, status: u16) -> (&'static str, &'static str) {
    match code {
        "network.status" => explain_status(status),
        "network.unreachable" => (
            "Can’t reach the video",
            "The server did not answer. Check your connection, then try again.",
        ),
        "network.timeout" => (
            "The connection is too slow right now",
            "The video stopped arriving. Try again, perhaps closer to the router.",
        ),
        "network.truncated" => (
            "Part of the video didn’t arrive",
            "The server cut a download short. Trying again usually helps.",
        ),
        "manifest.nothing-playable" => (
            "This device can’t play this title",
            "None of its video formats is supported by this browser.",
        ),
        "manifest.unsupported-live" => (
            "Live titles can’t be played yet",
            "This is a live broadcast, which this player does not support yet.",
        ),
        "platform.unsupported" => (
            "This browser can’t play video here",
            "It has no support for streamed video. A current Chrome, Edge, Firefox or Safari has.",
        ),
        "engine.crashed" => (
            "The player stopped unexpectedly",
            "Something went wrong in the player itself. Try again: it starts where you were.",
        ),
        "app.player-load" => (
            "The player couldn’t be loaded",
            "Part of this app did not arrive. Check your connection, then try again.",
        ),
        "app.title-load" => (
            "This title couldn’t be loaded",
            "The catalogue did not answer. Check your connection, then try again.",
        ),
        "app.title-missing" => (
            "This title is not here",
            "It may have been removed, or the address is not quite right.",
        ),
        "sink.decode" => (
            "This part of the video can’t be shown",
            "The browser could not decode it. Trying again may help.",
        ),
        _ => explain_family(code),
    }
}

fn explain_family(code: &str) -> (&'static str, &'static str) {
    match code.split('.').next().unwrap_or_default() {
        "network" => (
            "The video isn’t arriving",
            "There is a problem between this device and the server. Try again in a moment.",
        ),
        "manifest" => (
            "This title can’t be opened",
            "Its description is damaged. This is not your connection; we can only fix it on our side.",
        ),
        "index" => (
            "This title is damaged",
            "Part of its index can’t be read. We can only fix it on our side.",
        ),
        "sink" => (
            "The browser stopped playing",
            "Its video output failed. Trying again usually helps.",
        ),
        "text" => (
            "The subtitles can’t be shown",
            "They are damaged. The video itself is fine.",
        ),
        _ => (
            "Something went wrong",
            "Playback stopped for a reason we did not expect. Trying again may help.",
        ),
    }
}

fn explain_status(status: u16) -> (&'static str, &'static str) {
    match status {
        401 | 403 => (
            "You can’t watch this here",
            "The server refused this title to this device.",
        ),
        404 | 410 => (
            "Part of this title is missing",
            "The server does not have the video it announced. We can only fix it on our side.",
        ),
        429 | 503 => (
            "The server is busy",
            "Too many people are watching just now. Try again in a moment.",
        ),
        500..=599 => (
            "The server has a problem",
            "It failed to deliver the video. Try again in a moment.",
        ),
        _ => (
            "The video isn’t arriving",
            "The server answered with an error. Try again in a moment.",
        ),
    }
}

/// The name of a track: its label, or its language in English.
#[must_use]
pub fn track_name(label: &str, language: &str) -> String {
    if label.trim().is_empty() {
        format::language_name(language)
    } else {
        label.to_owned()
    }
}

/// The technical details, one line each, for the collapsed part of the error page and for support.
#[must_use]
pub fn details(failure: &Failure) -> Vec<String> {
    let mut lines = vec![format!("Code: {}", failure.code)];
    if !failure.message.is_empty() {
        lines.push(failure.message.clone());
    }
    if let Some(status) = failure.status.filter(|status| *status > 0) {
        lines.push(format!("HTTP status: {status}"));
    }
    if let Some(url) = failure.url.as_ref().filter(|url| !url.is_empty()) {
        lines.push(format!("Address: {url}"));
    }
    lines
}

fn lower_first(text: &str) -> String {
    map_first(text, char::to_lowercase)
}

fn upper_first(text: &str) -> String {
    map_first(text, char::to_uppercase)
}

fn map_first<I: Iterator<Item = char>>(text: &str, map: impl Fn(char) -> I) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| map(first).chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(reason: &str) -> Decision {
        Decision {
            reason: reason.to_owned(),
            throughput: Some(3_100_000.0),
            buffer: Some(12.2),
            ..Decision::default()
        }
    }

    #[test]
    fn decisions_say_why() {
        assert_eq!(
            decision(&made("throughput"), "1080p"),
            "Throughput 3.1 Mb/s covers 1080p; buffer 12 s"
        );
        assert_eq!(
            decision(&made("throughput-guard"), "720p"),
            "Kept at 720p: throughput 3.1 Mb/s carries no more; buffer 12 s"
        );
        assert_eq!(decision(&made("manual"), "360p"), "360p because you chose it");
        assert_eq!(decision(&made("new-rule"), "360p"), "New rule: 360p; buffer 12 s");
        let first = Decision {
            throughput: None,
            ..made("startup")
        };
        assert_eq!(decision(&first, "360p"), "Starting with 360p: nothing measured yet");
    }

    fn failed(code: &str, action: &str, status: Option<u16>) -> Failure {
        Failure {
            code: code.to_owned(),
            action: action.to_owned(),
            status,
            ..Failure::default()
        }
    }

    #[test]
    fn plans_are_told() {
        let forecast = Forecast {
            low: 1_900_000.0,
            median: 2_900_000.0,
            high: 4_000_000.0,
        };
        let names = ["720p".to_owned(), "1080p".to_owned()];
        assert_eq!(
            plan(&names, Some(forecast)),
            "Next 720p, 1080p; expecting 2.9 Mb/s (1.9 Mb/s to 4.0 Mb/s)"
        );
        assert_eq!(plan(&names, None), "Next 720p, 1080p");
        assert_eq!(plan(&[], None), "");
    }

    #[test]
    fn failures_are_explained() {
        let missing = failure(&failed("network.status", "retry", Some(404)), true);
        assert_eq!(missing.title, "Part of this title is missing");
        assert!(missing.retry);
        let broken = failure(&failed("manifest.malformed", "go-back", None), true);
        assert_eq!(broken.title, "This title can’t be opened");
        assert!(!broken.retry);
        assert_eq!(
            failure(&failed("what.ever", "retry", None), true).title,
            "Something went wrong"
        );
    }

    #[test]
    fn offline_explains_network_failures_only() {
        assert_eq!(
            failure(&failed("network.unreachable", "check-network", None), false).title,
            "You’re offline"
        );
        assert_eq!(
            failure(&failed("manifest.malformed", "go-back", None), false).title,
            "This title can’t be opened"
        );
    }

    #[test]
    fn details_leave_out_what_is_not_known() {
        let mut known = failed("network.status", "retry", Some(404));
        known.url = Some("http://edge/a.m4s".into());
        assert_eq!(
            details(&known),
            ["Code: network.status", "HTTP status: 404", "Address: http://edge/a.m4s"]
        );
        assert_eq!(details(&failed("x", "none", None)), ["Code: x"]);
    }
}
