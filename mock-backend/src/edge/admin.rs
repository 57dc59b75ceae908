//! The admin of an edge.

use super::{Active, Edge, log::Entry, shaping::Shaping};
use crate::http::ApiProblem;
use axum::{Json, extract::State, http::StatusCode};
use bytes::Bytes;
use std::sync::Arc;

/// What this edge does to its answers.
#[utoipa::path(get, path = "/admin/shaping", tag = "admin", responses((status = 200, body = Shaping)))]
pub(super) async fn shaping(State(edge): State<Arc<Edge>>) -> Json<Shaping> {
    Json(edge.active().shaping.clone())
}

/// Replaces what this edge does to its answers; it takes effect on responses under way.
#[utoipa::path(put, path = "/admin/shaping", tag = "admin", request_body = Shaping, responses(
    (status = 200, description = "What is now in force", body = Shaping),
    (status = 400, body = service_api::Problem, content_type = "application/problem+json")))]
pub(super) async fn shape(State(edge): State<Arc<Edge>>, body: Bytes) -> Result<Json<Shaping>, ApiProblem> {
    let shaping: Shaping = serde_json::from_slice(&body).map_err(|error| ApiProblem::body(error.to_string()))?;
    let traces = edge.shared.config.traces.as_deref();
    let steps = shaping.steps(traces).map_err(ApiProblem::body)?;
    tracing::info!(edge = %edge.id, ?shaping, "shaping");
    *edge.active() = Active {
        shaping: shaping.clone(),
        requests: 0,
    };
    edge.link.set(steps);
    Ok(Json(shaping))
}

/// Stops all shaping.
#[utoipa::path(delete, path = "/admin/shaping", tag = "admin", responses((status = 204)))]
pub(super) async fn unshape(State(edge): State<Arc<Edge>>) -> StatusCode {
    tracing::info!(edge = %edge.id, "no shaping");
    *edge.active() = Active::default();
    edge.link.set(None);
    StatusCode::NO_CONTENT
}

/// The last 2,000 requests for media, oldest first.
#[utoipa::path(get, path = "/admin/requests", tag = "admin", responses((status = 200, body = Vec<Entry>)))]
pub(super) async fn requests(State(edge): State<Arc<Edge>>) -> Json<Vec<Entry>> {
    Json(edge.log.entries())
}

/// Forgets them.
#[utoipa::path(delete, path = "/admin/requests", tag = "admin", responses((status = 204)))]
pub(super) async fn forget(State(edge): State<Arc<Edge>>) -> StatusCode {
    edge.log.clear();
    StatusCode::NO_CONTENT
}

/// Is it up?
#[utoipa::path(get, path = "/healthz", tag = "admin", responses((status = 200, body = String)))]
pub(super) async fn health() -> &'static str {
    "ok"
}
