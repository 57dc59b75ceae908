//! A CDN edge: media, shaped as its admin asks.

mod admin;
mod body;
mod link;
mod live;
mod log;
mod routes;
mod shaping;
mod trace;

use crate::{http::ApiProblem, server::Shared};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use body::Plan;
use link::Link;
use log::RequestLog;
use shaping::{Failure, Shaping};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// An edge.
pub(crate) struct Edge {
    /// `edge-a` and so on.
    id: String,
    shared: Arc<Shared>,
    shaping: Mutex<Active>,
    link: Link,
    log: RequestLog,
}

/// The shaping in force, and how many requests it has applied to.
#[derive(Default)]
struct Active {
    shaping: Shaping,
    requests: u64,
}

/// Set on a response whose body is to end early.
#[derive(Clone, Copy)]
struct CutAfter(u64);

#[derive(OpenApi)]
#[openapi(info(title = "Footlight edge", description = "Media of a mock CDN edge, and its admin."))]
struct Api;

impl Edge {
    pub(crate) fn new(id: String, shared: Arc<Shared>) -> Arc<Self> {
        Arc::new(Self {
            id,
            shared,
            shaping: Mutex::default(),
            link: Link::new(),
            log: RequestLog::new(),
        })
    }

    /// Ends all responses under way.
    pub(crate) fn close(&self) {
        self.link.close();
    }

    /// The routes of this edge.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let media = OpenApiRouter::new()
            .routes(routes!(routes::manifest))
            .routes(routes!(routes::file))
            .routes(routes!(routes::segment))
            .routes(routes!(live::manifest))
            .routes(routes!(live::patch))
            .routes(routes!(live::segment))
            .routes(routes!(live::steering))
            .routes(routes!(live::time))
            .layer(middleware::from_fn_with_state(Arc::clone(self), shape));
        let admin = OpenApiRouter::new()
            .routes(routes!(admin::shaping, admin::shape, admin::unshape))
            .routes(routes!(admin::requests, admin::forget))
            .routes(routes!(admin::health));
        let all = OpenApiRouter::with_openapi(Api::openapi()).merge(media).merge(admin);
        let unknown = async |request: Request| ApiProblem::route(request.uri().path());
        crate::server::finish(all, Arc::clone(self), unknown)
    }

    fn active(&self) -> std::sync::MutexGuard<'_, Active> {
        // Nothing that holds it panics half-way.
        self.shaping.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is done to a request for `path`: nothing, or a wait and perhaps a failure.
    fn treatment(&self, path: &str) -> Option<(Duration, Option<Failure>)> {
        let mut active = self.active();
        if !active.shaping.applies_to(path) {
            return None;
        }
        let number = active.requests;
        active.requests += 1;
        let failure = active.shaping.failure(number);
        Some((Duration::from_millis(active.shaping.latency_ms), failure))
    }
}

/// Latency, failures and pacing around the routes of media.
async fn shape(State(edge): State<Arc<Edge>>, request: Request, next: Next) -> Response {
    let since = Instant::now();
    let head = request.method() == Method::HEAD;
    let range = request.headers().get(header::RANGE);
    let range = range.and_then(|range| range.to_str().ok()).map(str::to_owned);
    let key = edge.log.open(request.method().as_str(), request.uri(), range);
    let treatment = edge.treatment(request.uri().path());
    let mut failure = None;
    if let Some((latency, planned)) = treatment {
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        failure = planned;
    }
    let response = match failure {
        Some(Failure::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            ApiProblem::fault(status).into_response()
        }
        _ => next.run(request).await,
    };
    edge.log.note(key, |entry| entry.status = response.status().as_u16());
    let asked = match failure {
        Some(Failure::CutAfter(bytes)) => Some(bytes),
        _ => None,
    };
    let planned = response.extensions().get::<CutAfter>().map(|cut| cut.0);
    let length = content_length(response.headers());
    let cut_after = asked.into_iter().chain(planned).min();
    let plan = Plan {
        paced: treatment.is_some(),
        cut_after: cut_after.filter(|&bytes| !head && length.is_some_and(|length| bytes < length)),
        length: if head { Some(0) } else { length },
    };
    let (parts, body) = response.into_parts();
    let body = body::shape(body, plan, &edge, key, since);
    Response::from_parts(parts, body)
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}
