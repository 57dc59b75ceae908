//! The routes of the gateway.

use super::{Gateway, channels, editions::Edition};
use crate::{
    http::{ApiProblem, CacheControl, Content, content::fingerprint, host, media_type, query},
    mpd::Variant,
};
use axum::{
    extract::{Path, Query, State, rejection::PathRejection},
    http::{HeaderMap, Method},
    response::Response,
};
use bytes::Bytes;
use serde::Serialize;
use service_api::{Catalogue, Playback, Problem, SearchResults, TitleDetails, encode_component};
use std::sync::Arc;

/// Longer queries are cut.
const MAX_QUERY: usize = 200;
/// The catalogue changes when the service does.
const CATALOGUE: CacheControl = CacheControl::MaxAge(60);

/// JSON with a validator.
pub(super) fn json(
    body: &impl Serialize,
    cache: CacheControl,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, ApiProblem> {
    let body = serde_json::to_vec(body).map_err(|error| ApiProblem::media(error.to_string()))?;
    let content = Content {
        etag: format!("{:016x}", fingerprint(&body)),
        source: Arc::new(Bytes::from(body)),
        media_type: "application/json",
        cache,
    };
    Ok(content.respond(method, headers))
}

impl Gateway {
    fn find(&self, id: Result<Path<String>, PathRejection>) -> Result<&Edition, ApiProblem> {
        let Path(id) = id.map_err(|error| ApiProblem::parameter(error.body_text()))?;
        self.shelf.find(&id).ok_or_else(|| ApiProblem::title(&id))
    }

    fn manifest_url(&self, edition: &Edition, variant: Variant, duration_ms: u64, host: &str) -> String {
        let port = self.shared.edges().first().map_or(0, |(_, port)| *port);
        let (title, variant) = (encode_component(&edition.media.info.id), variant.id());
        let duration = match duration_ms % 1000 {
            0 => format!("{}", duration_ms / 1000),
            ms => format!("{}.{ms:03}", duration_ms / 1000),
        };
        format!("http://{host}:{port}/media/{title}/{variant}/manifest.mpd?duration={duration}")
    }
}

/// The home page: a hero and rows of titles.
#[utoipa::path(get, path = "/v1/catalogue", tag = "catalogue", responses((status = 200, body = Catalogue)))]
pub(super) async fn catalogue(
    State(gateway): State<Arc<Gateway>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let host = host::name(&headers, &gateway.shared.config.public_host());
    let catalogue = gateway.shelf.catalogue(gateway.channels(&host));
    let catalogue = catalogue.ok_or_else(|| ApiProblem::media("the catalogue is empty"))?;
    json(&catalogue, CATALOGUE, &method, &headers)
}

/// Everything about a title.
#[utoipa::path(get, path = "/v1/titles/{id}", tag = "catalogue", params(("id" = String, Path)), responses(
    (status = 200, body = TitleDetails),
    (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn title(
    State(gateway): State<Arc<Gateway>>,
    id: Result<Path<String>, PathRejection>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let details = gateway.shelf.details(gateway.find(id)?);
    json(&details, CATALOGUE, &method, &headers)
}

/// What is needed to play a title.
///
/// `variant` is one of the title's variants; `duration` is a length in seconds, from 1 to 86400.
#[utoipa::path(get, path = "/v1/titles/{id}/playback", tag = "playback",
    params(("id" = String, Path), ("variant" = Option<String>, Query), ("duration" = Option<f64>, Query)), responses(
    (status = 200, body = Playback),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn playback(
    State(gateway): State<Arc<Gateway>>,
    id: Result<Path<String>, PathRejection>,
    Query(parameters): query::Parameters,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let host = host::name(&headers, &gateway.shared.config.public_host());
    if let Ok(Path(id)) = &id
        && let Some(channel) = gateway.channel(id, &host)
    {
        return json(&channels::playback(channel), CacheControl::NoStore, &method, &headers);
    }
    let edition = gateway.find(id)?;
    let duration_ms = query::duration(&parameters)?.unwrap_or(edition.card.duration_ms);
    let variant = match parameters.get("variant") {
        None => edition.variant,
        Some(id) => edition
            .variants()
            .find(|variant| variant.id() == id)
            .ok_or_else(|| ApiProblem::variant(&edition.card.id, id))?,
    };
    let url = |variant| gateway.manifest_url(edition, variant, duration_ms, &host);
    let variants = edition.variants().map(|variant| service_api::Variant {
        id: variant.id().to_owned(),
        label: variant.label().to_owned(),
        manifest_url: url(variant),
    });
    let playback = Playback {
        title: edition.card.clone(),
        variant: variant.id().to_owned(),
        manifest_url: url(variant),
        duration_ms,
        variants: variants.collect(),
        next: gateway.shelf.next(&edition.card.id).cloned(),
        channel: None,
    };
    json(&playback, CacheControl::NoStore, &method, &headers)
}

/// Titles that match the words of `q`.
#[utoipa::path(get, path = "/v1/search", tag = "catalogue", params(("q" = String, Query)), responses(
    (status = 200, body = SearchResults),
    (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn search(
    State(gateway): State<Arc<Gateway>>,
    Query(parameters): query::Parameters,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let query = parameters.get("q");
    let query = query.ok_or_else(|| ApiProblem::parameter("q: it is missing"))?;
    let query: String = query.trim().chars().take(MAX_QUERY).collect();
    let items = gateway.shelf.search(&query);
    json(&SearchResults { query, items }, CATALOGUE, &method, &headers)
}

/// A picture of a title. With the `v` that the catalogue gives, it may be kept for good.
#[utoipa::path(get, path = "/v1/images/{title}/{file}", tag = "catalogue",
    params(("title" = String, Path), ("file" = String, Path), ("v" = Option<String>, Query)), responses(
    (status = 200, content_type = "image/webp", body = Vec<u8>), (status = 304),
    (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn image(
    State(gateway): State<Arc<Gateway>>,
    names: Result<Path<(String, String)>, PathRejection>,
    Query(parameters): query::Parameters,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let Path((title, file)) = names.map_err(|error| ApiProblem::parameter(error.body_text()))?;
    let found = gateway.shared.library.title(&title);
    let picture = found.and_then(|title| title.pictures.get(&file));
    let picture = picture.ok_or_else(|| ApiProblem::image(&format!("{title}/{file}")))?;
    let version = format!("{:016x}", picture.fingerprint);
    let cache = match parameters.get("v") {
        Some(v) if *v == version => CacheControl::Immutable,
        _ => CacheControl::Revalidate,
    };
    let content = Content {
        source: Arc::new(picture.data.clone()),
        media_type: media_type::of(&file),
        etag: version,
        cache,
    };
    Ok(content.respond(&method, &headers))
}

/// Is it up?
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = String)))]
pub(super) async fn health() -> &'static str {
    "ok"
}
