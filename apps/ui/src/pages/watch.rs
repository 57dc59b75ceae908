//! The player page.

use leptos::prelude::*;
use service_api::PlaybackOptions;

use crate::player::session::Request;
use crate::router::Router;
use crate::router::route::query_value;
use crate::{host, watch as parts};

/// The page that plays the title `id`. Its query chooses among deliveries (`variant`, `duration`), another manifest
/// (`manifest`), and where to start (`start`, in seconds).
pub fn watch(id: &str) -> AnyView {
    host::ready();
    parts::player(request(id, &Router::get().query_untracked()))
}

fn request(id: &str, query: &str) -> Request {
    let start: Option<f64> = query_value(query, "start").and_then(|start| start.parse().ok());
    Request {
        id: id.to_owned(),
        options: PlaybackOptions {
            variant: query_value(query, "variant"),
            duration_s: query_value(query, "duration").and_then(|duration| duration.parse().ok()),
        },
        manifest: query_value(query, "manifest"),
        start: start.filter(|start| start.is_finite() && *start >= 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_the_request() {
        let asked = request(
            "nightline",
            "?variant=list&duration=40&start=12.5&manifest=%2Fa.mpd%3Fx%3D1",
        );
        assert_eq!(asked.id, "nightline");
        assert_eq!(asked.options.variant.as_deref(), Some("list"));
        assert_eq!(asked.options.duration_s, Some(40));
        assert_eq!(asked.start, Some(12.5));
        assert_eq!(asked.manifest.as_deref(), Some("/a.mpd?x=1"));
    }

    #[test]
    fn wrong_values_are_left_out() {
        let asked = request("a", "?duration=long&start=-3");
        assert_eq!((asked.options.duration_s, asked.start), (None, None));
    }
}
