//! The live routes of an edge.

use super::{Edge, routes::path};
use crate::{
    clock::{Clock, DateTime, HttpDate, parse_date_time},
    http::{ApiProblem, CacheControl, Content, Spliced, host, query},
    live::{Answer, Denied, Links, Live, NoChannel, NoPatch, Parameters, parameters},
};
use axum::{
    body::Body,
    extract::{Path, Query, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use service_api::{Problem, codes};
use std::{convert::Infallible, sync::Arc, time::Duration};

/// Longest that live media may be cached.
const MAX_AGE: u32 = 60;
/// How long a pathway steers players, unless the URL says otherwise.
const STEERING_MS: u64 = 30_000;

/// Channel, parameters, start of the Period, representation, name.
type File = (String, String, u64, String, String);

impl Edge {
    fn channel(&self, channel: &str, asked: &Parameters) -> Result<Live, ApiProblem> {
        Live::new(&self.shared.library, channel, asked).map_err(|reason| match reason {
            NoChannel::Unknown => ApiProblem::title(channel),
            NoChannel::Parameter(detail) => ApiProblem::parameter(detail),
        })
    }

    fn clock(&self) -> Clock {
        self.shared.config.clock
    }

    fn is_first(&self) -> bool {
        self.shared.edges().first().is_some_and(|(first, _)| *first == self.id)
    }

    /// The addresses in a manifest that was asked for with these parameters.
    fn links(&self, parameters: &Parameters, headers: &HeaderMap) -> Result<Links, ApiProblem> {
        let host = host::name(headers, &self.shared.config.public_host());
        let origin = |port: u16| format!("http://{host}:{port}");
        let own = self.shared.edges().iter().find(|(id, _)| *id == self.id);
        let edges = self.named_edges(parameters)?;
        let query = parameters.iter().map(|(name, value)| format!("{name}={value}&"));
        Ok(Links {
            origin: own.map_or_else(String::new, |(_, port)| origin(*port)),
            edges: edges.into_iter().map(|(id, port)| (id, origin(port))).collect(),
            query: query.collect(),
        })
    }
}

/// `response` with the time of this presentation's server.
fn dated(mut response: Response, now: u64) -> Response {
    if let Ok(date) = HeaderValue::try_from(HttpDate(now).to_string()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// Manifest of a live channel; `mock-backend/README.md` lists its parameters.
#[utoipa::path(get, path = "/live/{channel}/manifest.mpd", tag = "live",
    params(("channel" = String, Path), ("addressing" = Option<String>, Query), ("tsb" = Option<String>, Query)),
    responses((status = 200, content_type = "application/dash+xml", body = String), (status = 302),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn manifest(
    State(edge): State<Arc<Edge>>,
    channel: Result<Path<String>, PathRejection>,
    Query(mut parameters): query::Parameters,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let channel = path(channel)?;
    let located = parameters.remove("located").is_some();
    let links = edge.links(&parameters, &headers)?;
    parameters.remove("baseurls");
    let live = edge.channel(&channel, &parameters)?;
    let now = edge.clock().now_ms();
    let time = live.server_time(now);
    if live.settings.location && !located {
        let target = format!("{}/live/{channel}/manifest.mpd?{}located=1", links.origin, links.query);
        let headers = [
            (header::LOCATION, target),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ];
        return Ok(dated((StatusCode::FOUND, headers).into_response(), time));
    }
    let text = live.manifest(live.published(time), time, &links);
    let content = edge.generated(text, "manifest.mpd", CacheControl::Revalidate);
    Ok(dated(content.respond(&method, &headers), time))
}

/// What changed in the manifest of a live channel since it was published at a time.
#[utoipa::path(get, path = "/live/{channel}/patch.mpp", tag = "live",
    params(("channel" = String, Path), ("publishTime" = String, Query)),
    responses((status = 200, content_type = "application/dash-patch+xml", body = String),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 410, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn patch(
    State(edge): State<Arc<Edge>>,
    channel: Result<Path<String>, PathRejection>,
    Query(mut parameters): query::Parameters,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let channel = path(channel)?;
    let from = parameters.remove("publishTime");
    let from = from.as_deref().and_then(parse_date_time);
    let from = from.ok_or_else(|| ApiProblem::parameter("publishTime: it is a time in UTC"))?;
    let links = edge.links(&parameters, &headers)?;
    parameters.remove("baseurls");
    let live = edge.channel(&channel, &parameters)?;
    let time = live.server_time(edge.clock().now_ms());
    let text = live.patch(from, time, &links).map_err(|reason| match reason {
        NoPatch::Unknown => ApiProblem::route("patch.mpp"),
        NoPatch::Old => {
            let detail = "the manifest is older than patches are kept";
            ApiProblem::segment(StatusCode::GONE, codes::SEGMENT_GONE, "No longer", detail)
        }
    })?;
    let content = edge.generated(text, "patch.mpp", CacheControl::Revalidate);
    Ok(dated(content.respond(&method, &headers), time))
}

/// A file of a live channel: `init.mp4`, `seg-{number}.m4s`, `t-{time}.m4s` or `t-{time}-{part}.m4s` of a representation, in the Period that starts
/// so many milliseconds after the Unix epoch, of a presentation with these parameters.
#[utoipa::path(get, path = "/live/{channel}/{parameters}/{start}/{representation}/{segment}", tag = "live",
    params(("channel" = String, Path), ("parameters" = String, Path), ("start" = u64, Path),
        ("representation" = String, Path), ("segment" = String, Path)),
    responses((status = 200, content_type = "video/mp4", body = Vec<u8>),
        (status = 206, content_type = "video/mp4", body = Vec<u8>), (status = 304), (status = 416),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 410, body = Problem, content_type = "application/problem+json"),
        (status = 425, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn segment(
    State(edge): State<Arc<Edge>>,
    names: Result<Path<File>, PathRejection>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let (channel, asked, start, representation, name) = path(names)?;
    let live = edge.channel(&channel, &parameters(&asked))?;
    if live.hangs(edge.is_first()) {
        // Until the client gives up, or the server ends.
        std::future::pending::<()>().await;
    }
    let clock = edge.clock();
    let time = live.server_time(clock.now_ms());
    let media_type = match representation.split('-').next() {
        Some("audio") => "audio/mp4",
        Some("text") => "application/mp4",
        Some("thumbs") => "image/jpeg",
        _ => "video/mp4",
    };
    let response = match live.segment(start, &representation, &name, time) {
        Ok(Answer::Whole(parts, etag)) => Content {
            etag,
            source: Arc::new(parts),
            media_type,
            cache: match edge.shared.config.media_max_age {
                0 => CacheControl::NoStore,
                seconds => CacheControl::MaxAge(seconds.min(MAX_AGE)),
            },
        }
        .respond(&method, &headers),
        Ok(Answer::Parts(parts)) => {
            let skew = live.settings.skew;
            let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
            (headers, as_they_come(parts, clock, skew)).into_response()
        }
        Err(denied) => problem(&denied, &name).into_response(),
    };
    Ok(dated(response, time))
}

/// Each part when its time has come.
fn as_they_come(parts: Vec<(u64, Spliced)>, clock: Clock, skew: i64) -> Body {
    let parts = stream::iter(parts).then(move |(ready, part)| async move {
        let now = clock.now_ms().saturating_add_signed(skew);
        tokio::time::sleep(Duration::from_millis(ready.saturating_sub(now))).await;
        stream::iter(part.0.into_iter().map(Ok::<_, Infallible>))
    });
    Body::from_stream(parts.flatten().fuse())
}

fn problem(denied: &Denied, name: &str) -> ApiProblem {
    let refused = |status, code, title, what: &str| {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
        ApiProblem::segment(status, code, title, format!("'{name}' {what}"))
    };
    match *denied {
        Denied::Missing => ApiProblem::route(name),
        Denied::Early(status) => refused(status, codes::SEGMENT_EARLY, "Not yet", "is not there yet"),
        Denied::Gone(status) => refused(status, codes::SEGMENT_GONE, "No longer", "is no longer there"),
        Denied::Lost(status) => refused(status, codes::FAULT_INJECTED, "Lost", "was lost, as it was asked to be"),
        Denied::Media(ref error) => ApiProblem::media(error.to_string()),
    }
}

/// Where players should go, as a steering server says it (DASH-IF Content Steering, DCSM): the edges in turn.
#[utoipa::path(get, path = "/live/{channel}/steering.json", tag = "live",
    params(("channel" = String, Path), ("cycle" = Option<f64>, Query)),
    responses((status = 200, content_type = "application/json", body = serde_json::Value)))]
pub(super) async fn steering(
    State(edge): State<Arc<Edge>>,
    channel: Result<Path<String>, PathRejection>,
    Query(parameters): query::Parameters,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let channel = path(channel)?;
    let cycle = query::seconds(&parameters, "cycle")?.unwrap_or(STEERING_MS).max(1000);
    let now = edge.clock().now_ms();
    let mut pathways: Vec<_> = edge.shared.edges().iter().map(|(id, _)| id.clone()).collect();
    let turn = usize::try_from(now / cycle % pathways.len().max(1) as u64).unwrap_or(0);
    pathways.rotate_left(turn);
    let origin = edge.links(&Parameters::new(), &headers)?.origin;
    let body = serde_json::json!({
        "VERSION": 1,
        // Until the next turn.
        "TTL": (cycle - now % cycle).div_ceil(1000),
        "RELOAD-URI": format!("{origin}/live/{channel}/steering.json?cycle={}", cycle as f64 / 1000.0),
        "PATHWAY-PRIORITY": pathways,
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok(dated((headers, body.to_string()).into_response(), now))
}

/// What time it is: `iso` and `xsdate` say so in the body, `head` in the Date alone. `skew` is in milliseconds.
#[utoipa::path(get, path = "/time/{form}", tag = "live",
    params(("form" = String, Path), ("skew" = Option<i64>, Query)),
    responses((status = 200, content_type = "text/plain", body = String),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn time(
    State(edge): State<Arc<Edge>>,
    form: Result<Path<String>, PathRejection>,
    Query(parameters): query::Parameters,
) -> Result<Response, ApiProblem> {
    let form = path(form)?;
    let skew = parameters.get("skew").map_or(Ok(0), |skew| skew.parse());
    let skew = skew.map_err(|_| ApiProblem::parameter("skew: it is a number of milliseconds"))?;
    let now = edge.clock().now_ms().saturating_add_signed(skew);
    let body = match form.as_str() {
        "iso" | "xsdate" => DateTime(now).to_string(),
        "head" => String::new(),
        other => return Err(ApiProblem::route(other)),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok(dated((headers, body).into_response(), now))
}
