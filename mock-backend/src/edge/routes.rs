//! The media routes of an edge.

use super::{CutAfter, Edge};
use crate::{
    http::{ApiProblem, CacheControl, Content, Source, Spliced, content::fingerprint, host, media_type, query},
    media::{Loop, Title, segment_number},
    mpd::{self, FAULT_AT, Variant},
    text::{Captions, Form, TimedText, document},
};
use axum::{
    extract::{Path, Query, State, rejection::PathRejection},
    http::{HeaderMap, Method},
    response::Response,
};
use bytes::Bytes;
use service_api::Problem;
use std::{collections::BTreeMap, sync::Arc};

type Parameters = BTreeMap<String, String>;

pub(super) fn path<T>(path: Result<Path<T>, PathRejection>) -> Result<T, ApiProblem> {
    let decoded = path.map_err(|error| ApiProblem::parameter(error.body_text()))?;
    Ok(decoded.0)
}

impl Edge {
    fn find(&self, title: &str, variant: &str) -> Result<(Arc<Title>, Variant), ApiProblem> {
        let found = self.shared.library.title(title);
        let found = found.ok_or_else(|| ApiProblem::title(title))?;
        match variant.parse() {
            Ok(Variant::Vp9) if !found.has_vp9() => Err(ApiProblem::variant(title, variant)),
            Ok(known) => Ok((Arc::clone(found), known)),
            Err(()) => Err(ApiProblem::variant(title, variant)),
        }
    }

    fn media_cache(&self) -> CacheControl {
        match self.shared.config.media_max_age {
            0 => CacheControl::NoStore,
            seconds => CacheControl::MaxAge(seconds),
        }
    }

    pub(super) fn generated(&self, text: String, name: &str, cache: CacheControl) -> Content {
        Content {
            etag: format!("{:016x}", fingerprint(text.as_bytes())),
            source: Arc::new(Bytes::from(text)),
            media_type: media_type::of(name),
            cache,
        }
    }
}

/// Manifest of a title.
///
/// `duration` is the length in seconds, from 1 to 86400; `baseurls` lists edges by letter (`a,b`, `b,a`, `a`) or is
/// `none`, for a manifest whose URLs are relative to it; `sidx=hierarchical` gives the variant `base` a two-level index;
/// `text` lists the forms of text; `trick=1` makes the smallest picture one for trick modes; `chain` and `fallback` are
/// URLs of what to play at the end, and instead of an error.
#[utoipa::path(get, path = "/media/{title}/{variant}/manifest.mpd", tag = "media",
    params(("title" = String, Path), ("variant" = String, Path), ("duration" = Option<f64>, Query),
        ("baseurls" = Option<String>, Query), ("sidx" = Option<String>, Query), ("text" = Option<String>, Query),
        ("trick" = Option<String>, Query), ("chain" = Option<String>, Query), ("fallback" = Option<String>, Query)),
    responses((status = 200, content_type = "application/dash+xml", body = String),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn manifest(
    State(edge): State<Arc<Edge>>,
    names: Result<Path<(String, String)>, PathRejection>,
    Query(parameters): query::Parameters,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let (title, variant) = path(names)?;
    let (title, variant) = edge.find(&title, &variant)?;
    let variant = match parameters.get("sidx").map(String::as_str) {
        Some("hierarchical") if variant == Variant::Base => Variant::BaseHierarchical,
        None | Some("flat" | "hierarchical") => variant,
        Some(_) => return Err(ApiProblem::parameter("sidx: flat or hierarchical")),
    };
    let host = host::name(&headers, &edge.shared.config.public_host());
    let url = |port| format!("http://{host}:{port}/media/{}/{}/", title.info.id, variant.id());
    let edges = edge.named_edges(&parameters)?;
    let base_urls = edges
        .into_iter()
        .map(|(location, port)| (location, url(port)))
        .collect();
    let forms = parameters
        .get("text")
        .map_or(Some(vec![Form::Vtt]), |text| Form::list(text));
    let forms = forms.ok_or_else(|| ApiProblem::parameter("text: a list of forms, see the README"))?;
    let text = mpd::write(&mpd::Request {
        text: forms,
        duration_ms: query::duration(&parameters)?.unwrap_or(title.info.duration_ms),
        title: &title,
        variant,
        base_urls,
        trick: query::flag(&parameters, "trick")?,
        chain: parameters.get("chain").map(String::as_str),
        fallback: parameters.get("fallback").map(String::as_str),
    });
    let content = edge.generated(text, "manifest.mpd", CacheControl::Revalidate);
    Ok(content.respond(&method, &headers))
}

impl Edge {
    /// Service locations and ports: edges by letter, in the order that `baseurls` asks for; all, when it does not.
    pub(super) fn named_edges(&self, parameters: &Parameters) -> Result<Vec<(String, u16)>, ApiProblem> {
        let edges = self.shared.edges();
        let Some(wanted) = parameters.get("baseurls") else {
            return Ok(edges.to_vec());
        };
        if wanted == "none" {
            return Ok(Vec::new());
        }
        let find = |letter: &str| {
            let location = format!("edge-{letter}");
            let found = edges.iter().find(|(known, _)| *known == location).cloned();
            found.ok_or_else(|| ApiProblem::parameter(format!("baseurls: there is no edge '{letter}'")))
        };
        wanted.split(',').map(find).collect()
    }
}

/// A whole file: a rendition of the variants `base` and `base-hierarchical` (`{id}.mp4`), or subtitles (`{id}.vtt`, `{id}.ttml`).
///
/// `duration` is the length in seconds; `offset` is where in the endless source subtitles start.
#[utoipa::path(get, path = "/media/{title}/{variant}/{file}", tag = "media",
    params(("title" = String, Path), ("variant" = String, Path), ("file" = String, Path),
        ("duration" = Option<f64>, Query), ("offset" = Option<f64>, Query)),
    responses((status = 200, content_type = "video/mp4", body = Vec<u8>),
        (status = 206, content_type = "video/mp4", body = Vec<u8>), (status = 304), (status = 416),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn file(
    State(edge): State<Arc<Edge>>,
    names: Result<Path<(String, String, String)>, PathRejection>,
    Query(parameters): query::Parameters,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let (title, variant, name) = path(names)?;
    let (title, variant) = edge.find(&title, &variant)?;
    let duration_ms = query::duration(&parameters)?.unwrap_or(title.info.duration_ms);
    let missing = || ApiProblem::route(&name);
    let content = match name.split_once('.').ok_or_else(missing)? {
        (id, kind @ ("vtt" | "ttml")) => {
            let text = title.text.iter().find(|text| text.id == id);
            let text = text.ok_or_else(missing)?;
            let offset_ms = query::seconds(&parameters, "offset")?.unwrap_or(0);
            let loop_ms = title.info.loop_ms;
            let text = if kind == "vtt" {
                text.cues.repeat(loop_ms, offset_ms, duration_ms)
            } else {
                let moments = text.cues.between(loop_ms, offset_ms, offset_ms + duration_ms);
                document(&moments, &text.file.lang, offset_ms, false)
            };
            edge.generated(text, &name, edge.media_cache())
        }
        (id, "mp4") if matches!(variant, Variant::Base | Variant::BaseHierarchical) => {
            let timed = title.timed(id).filter(|timed| timed.form == Form::Wvtt);
            let looped = timed.map(|timed| &timed.media).or_else(|| title.looped(id));
            let looped = looped.ok_or_else(missing)?;
            let kind = variant.id();
            Content {
                etag: format!("{:016x}-{kind}-{duration_ms}", looped.fingerprint()),
                source: Arc::new(mpd::indexed_file(variant, looped, duration_ms)),
                media_type: mp4_type(&title, id),
                cache: edge.media_cache(),
            }
        }
        _ => return Err(missing()),
    };
    Ok(content.respond(&method, &headers))
}

fn mp4_type(title: &Title, id: &str) -> &'static str {
    match () {
        () if title.audio.iter().any(|audio| audio.id == id) => "audio/mp4",
        () if title.timed(id).is_some() => "application/mp4",
        () => "video/mp4",
    }
}

/// A segment: `init.mp4`, `seg-{number}.m4s` counted from 1, or `t-{time}.m4s` of a rendition; or a sheet of thumbnails,
/// `thumbs/{number}.jpg`.
#[utoipa::path(get, path = "/media/{title}/{variant}/{representation}/{segment}", tag = "media",
    params(("title" = String, Path), ("variant" = String, Path), ("representation" = String, Path),
        ("segment" = String, Path)),
    responses((status = 200, content_type = "video/mp4", body = Vec<u8>),
        (status = 206, content_type = "video/mp4", body = Vec<u8>), (status = 304), (status = 416),
        (status = 404, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn segment(
    State(edge): State<Arc<Edge>>,
    names: Result<Path<(String, String, String, String)>, PathRejection>,
    Query(parameters): query::Parameters,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let (title, variant, representation, name) = path(names)?;
    let (title, variant) = edge.find(&title, &variant)?;
    let missing = || ApiProblem::route(&format!("{representation}/{name}"));
    if representation == "thumbs" {
        let content = thumbnails(&edge, &title, &name).ok_or_else(missing)?;
        return Ok(content.respond(&method, &headers));
    }
    let timed = title.timed(&representation);
    let looped = timed
        .map(|timed| &timed.media)
        .or_else(|| title.looped(&representation));
    let looped = looped.ok_or_else(missing)?;
    let captions = title.captions.as_ref().filter(|_| parameters.contains_key("cc"));
    let (number, source): (_, Arc<dyn Source>) = if name == "init.mp4" {
        (None, Arc::new(looped.init().clone()))
    } else {
        let number = segment_number(&name, |time| looped.starting_at(time)).ok_or_else(missing)?;
        (
            Some(number),
            Arc::new(fragment(looped, timed, captions, variant, number)?.ok_or_else(missing)?),
        )
    };
    let truncated = variant == Variant::Truncated && number == Some(FAULT_AT);
    let cut = CutAfter(source.length() / 2);
    let part = number.map_or("init".to_owned(), |number| number.to_string());
    let part = captions.map_or(part.clone(), |_| format!("{part}-cc"));
    let content = Content {
        etag: format!("{:016x}-{part}", looped.fingerprint()),
        source,
        media_type: mp4_type(&title, &representation),
        cache: edge.media_cache(),
    };
    let mut response = content.respond(&method, &headers);
    if truncated {
        response.extensions_mut().insert(cut);
    }
    Ok(response)
}

/// The fragment, unless the variant is about its not being there.
fn fragment(
    looped: &Loop,
    timed: Option<&TimedText>,
    captions: Option<&Captions>,
    variant: Variant,
    number: u64,
) -> Result<Option<Spliced>, ApiProblem> {
    if variant.is_hole(number) || variant == Variant::Missing && number >= FAULT_AT {
        return Ok(None);
    }
    let broken = |error: footlight_isobmff::Error| ApiProblem::media(error.to_string());
    let found = match timed {
        Some(timed) => timed.fragment(number),
        None => looped.fragment(number),
    };
    match (found.map_err(broken)?, captions) {
        (Some(fragment), Some(captions)) => captions.insert(looped, &fragment).map(Some).map_err(broken),
        (found, _) => Ok(found),
    }
}

/// Any number is the same sheet.
fn thumbnails(edge: &Edge, title: &Title, name: &str) -> Option<Content> {
    let number: u32 = name.strip_suffix(".jpg")?.parse().ok()?;
    let sheet = title.thumbnails.as_ref().filter(|_| number > 0)?;
    Some(Content {
        source: Arc::new(sheet.picture.data.clone()),
        media_type: media_type::of(name),
        etag: format!("{:016x}", sheet.picture.fingerprint),
        cache: edge.media_cache(),
    })
}
