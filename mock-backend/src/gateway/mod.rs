//! The gateway: catalogue, titles, playback, search, pictures, and the web app.

mod channels;
mod editions;
mod routes;
mod site;

use crate::server::{Shared, finish};
use axum::Router;
use editions::Shelf;
use std::sync::Arc;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the routes of the gateway work on.
pub(crate) struct Gateway {
    shared: Arc<Shared>,
    shelf: Shelf,
}

#[derive(OpenApi)]
#[openapi(info(
    title = "Footlight gateway",
    description = "Catalogue and playback of the Footlight service. Errors are RFC 9457 problems with a stable code."
))]
struct Api;

/// The routes of the gateway.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    let gateway = Arc::new(Gateway {
        shelf: Shelf::new(&shared.library),
        shared: Arc::clone(shared),
    });
    let api = OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(routes::catalogue))
        .routes(routes!(channels::channels))
        .routes(routes!(routes::title))
        .routes(routes!(routes::playback))
        .routes(routes!(routes::search))
        .routes(routes!(routes::health))
        .layer(CompressionLayer::new())
        .routes(routes!(routes::image));
    let root = gateway.shared.config.web_root.clone();
    finish(api, gateway, move |request| site::serve(root, request))
}
