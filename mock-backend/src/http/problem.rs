//! Problems as responses.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use service_api::{PROBLEM_JSON, Problem, codes};

/// A [`Problem`] on its way out.
#[derive(Clone, Debug)]
pub(crate) struct ApiProblem(pub(crate) Problem);

impl ApiProblem {
    fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self(Problem::new(status.as_u16(), code, title).with_detail(detail))
    }

    pub(crate) fn title(id: &str) -> Self {
        let detail = format!("there is no title '{id}'");
        Self::new(StatusCode::NOT_FOUND, codes::TITLE_NOT_FOUND, "No such title", detail)
    }

    pub(crate) fn variant(title: &str, variant: &str) -> Self {
        let detail = format!("title '{title}' has no variant '{variant}'");
        Self::new(
            StatusCode::NOT_FOUND,
            codes::VARIANT_NOT_FOUND,
            "No such variant",
            detail,
        )
    }

    pub(crate) fn image(file: &str) -> Self {
        let detail = format!("there is no image '{file}'");
        Self::new(StatusCode::NOT_FOUND, codes::IMAGE_NOT_FOUND, "No such image", detail)
    }

    pub(crate) fn route(path: &str) -> Self {
        let detail = format!("there is nothing at '{path}'");
        Self::new(StatusCode::NOT_FOUND, codes::ROUTE_NOT_FOUND, "Nothing here", detail)
    }

    pub(crate) fn method() -> Self {
        let detail = "this route does not take that method";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            codes::METHOD_NOT_ALLOWED,
            "Method not allowed",
            detail,
        )
    }

    pub(crate) fn parameter(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            codes::PARAMETER_INVALID,
            "Invalid parameter",
            detail,
        )
    }

    pub(crate) fn body(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, codes::BODY_INVALID, "Invalid body", detail)
    }

    pub(crate) fn media(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            codes::MEDIA_UNAVAILABLE,
            "Media unavailable",
            detail,
        )
    }

    pub(crate) fn segment(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self::new(status, code, title, detail)
    }

    pub(crate) fn fault(status: StatusCode) -> Self {
        let detail = "this edge was asked to fail requests";
        Self::new(status, codes::FAULT_INJECTED, "Injected fault", detail)
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // A problem has only strings and a number, so it always serialises.
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let headers = [
            (header::CONTENT_TYPE, PROBLEM_JSON),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (status, headers, body).into_response()
    }
}
