//! The gateway and what every answer has in common.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use axum::http::Method;
use mock_backend::Config;
use service_api::{Catalogue, Playback, SearchResults, TitleDetails};
use support::{ask, backend, config, get, scratch};

const SEGMENT: &str = "/media/tidewater/number/video-avc-360p/seg-00009.m4s";

#[tokio::test]
async fn the_catalogue_leads_to_everything() {
    let backend = backend(config());
    let answer = get(&backend.gateway, "/v1/catalogue").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let catalogue: Catalogue = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(catalogue.hero.id, "tidewater");
    assert!(
        catalogue.rows.iter().all(|row| row.items.len() > 3),
        "rows that fill a page"
    );
    for card in catalogue.rows.iter().flat_map(|row| &row.items) {
        let answer = get(&backend.gateway, &format!("/v1/titles/{}", card.id)).await;
        let details: TitleDetails = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(details.card, *card);
        assert!(!details.synopsis.is_empty() && !details.audio.is_empty() && !details.related.is_empty());
        let answer = get(&backend.gateway, &format!("/v1/titles/{}/playback", card.id)).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let playback: Playback = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(playback.title, *card);
        assert_eq!(playback.duration_ms, card.duration_ms);
        assert_eq!(playback.variants[0].manifest_url, playback.manifest_url);
        let ids: Vec<_> = details.variants.iter().map(|variant| &variant.id).collect();
        assert_eq!(
            playback.variants.iter().map(|variant| &variant.id).collect::<Vec<_>>(),
            ids
        );
        assert!(playback.next.is_some_and(|next| next.id != card.id));
        for variant in playback.variants {
            let path = variant.manifest_url.strip_prefix("http://127.0.0.1:1001").unwrap();
            assert_eq!(get(&backend.edges[0], path).await.status, 200, "{path}");
        }
        for image in card.posters.iter().chain(&card.heroes) {
            let answer = get(&backend.gateway, &image.url).await;
            assert_eq!(answer.header("content-type"), "image/webp");
            assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        }
    }
}

#[tokio::test]
async fn playback_takes_a_variant_and_a_length() {
    let backend = backend(config());
    let url = "/v1/titles/tidewater/playback?variant=timeline&duration=12.5";
    let headers = [("host", "phone.lan:8080")];
    let answer = ask(&backend.gateway, Method::GET, url, &headers, "").await;
    let playback: Playback = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((playback.variant.as_str(), playback.duration_ms), ("timeline", 12_500));
    let expected = "http://phone.lan:1001/media/tidewater/timeline/manifest.mpd?duration=12.500";
    assert_eq!(playback.manifest_url, expected);
    for (url, status, code) in [
        ("/v1/titles/tidewater/playback?variant=vp9", 404, "variant.not-found"),
        ("/v1/titles/tidewater/playback?duration=0.5", 400, "parameter.invalid"),
        ("/v1/titles/casablanca/playback", 404, "title.not-found"),
        ("/v1/titles/casablanca", 404, "title.not-found"),
        ("/v1/images/tidewater/title.json", 404, "image.not-found"),
        ("/v1/search", 400, "parameter.invalid"),
        ("/v1/nothing", 404, "route.not-found"),
        ("/", 404, "route.not-found"),
    ] {
        let answer = get(&backend.gateway, url).await;
        assert_eq!(answer.status, status, "{url}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(
            (problem["code"].as_str(), problem["status"].as_u64()),
            (Some(code), Some(status.into()))
        );
    }
    let answer = ask(&backend.gateway, Method::POST, "/v1/catalogue", &[], "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (405, Some("method.not-allowed"))
    );
}

#[tokio::test]
async fn search_finds_the_best_first() {
    let backend = backend(config());
    let search = async |query: &str| {
        let answer = get(&backend.gateway, &format!("/v1/search?q={query}")).await;
        let found: SearchResults = serde_json::from_slice(&answer.body).unwrap();
        found.items.into_iter().map(|card| card.id).collect::<Vec<_>>()
    };
    assert_eq!(search("TRAIN").await[0], "nightline-last-train");
    assert_eq!(search("express%20stop").await, ["nightline-express"]);
    assert_eq!(search("drama").await.len(), 6, "by genre");
    assert!(search("zebra").await.is_empty());
    assert!(search("%20").await.is_empty());
}

#[tokio::test]
async fn ranges_and_validators() {
    let backend = backend(config());
    let edge = &backend.edges[0];
    let whole = get(edge, SEGMENT).await;
    assert_eq!(whole.header("accept-ranges"), "bytes");
    assert_eq!(whole.header("cache-control"), "public, max-age=3600");
    let length = whole.body.len();
    for (range, start, end) in [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, length),
        ("bytes=-5", length - 5, length),
        ("bytes=50-150", 50, 151),
    ] {
        let answer = ask(edge, Method::GET, SEGMENT, &[("range", range)], "").await;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.body, whole.body[start..end]);
        assert_eq!(
            answer.header("content-range"),
            format!("bytes {start}-{}/{length}", end - 1)
        );
    }
    let answer = ask(edge, Method::GET, SEGMENT, &[("range", "bytes=9999999-")], "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-range")),
        (416, &*format!("bytes */{length}"))
    );

    let etag = [("if-none-match", whole.header("etag"))];
    for (router, path) in [(edge, SEGMENT), (edge, "/media/tidewater/number/manifest.mpd")] {
        let first = get(router, path).await;
        let headers = [("if-none-match", first.header("etag"))];
        let again = ask(router, Method::GET, path, &headers, "").await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        assert_eq!(again.header("etag"), first.header("etag"));
    }
    let other = "/media/tidewater/number/video-avc-360p/seg-00010.m4s";
    assert_eq!(ask(edge, Method::GET, other, &etag, "").await.status, 200);

    let head = ask(edge, Method::HEAD, SEGMENT, &[], "").await;
    assert_eq!(
        (head.header("content-length"), head.body.len()),
        (&*length.to_string(), 0)
    );
}

#[tokio::test]
async fn media_need_not_be_kept() {
    let config = Config {
        media_max_age: 0,
        ..config()
    };
    let answer = get(&backend(config).edges[0], SEGMENT).await;
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn pages_of_other_origins_may_ask() {
    let backend = backend(config());
    let origin = ("origin", "https://app.example");
    for (router, path) in [
        (&backend.gateway, "/v1/catalogue"),
        (&backend.gateway, "/v1/nothing"),
        (&backend.edges[1], SEGMENT),
        (&backend.edges[1], "/media/none"),
    ] {
        let answer = ask(router, Method::GET, path, &[origin], "").await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(answer.header("access-control-expose-headers").contains("content-range"));
        assert_eq!(answer.header("timing-allow-origin"), "*");
    }
    let asks = [
        origin,
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type,range"),
    ];
    let answer = ask(&backend.edges[0], Method::OPTIONS, "/admin/shaping", &asks, "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    assert_eq!(answer.header("access-control-allow-headers"), "*");
}

#[tokio::test]
async fn the_documents_list_every_route() {
    let backend = backend(config());
    let listed = |answer: support::Answer| {
        let document = answer.json();
        assert!(document["openapi"].as_str().unwrap().starts_with("3."));
        let paths = document["paths"].as_object().unwrap().clone();
        let schemas = document["components"]["schemas"].as_object().unwrap().clone();
        (paths.keys().cloned().collect::<Vec<_>>(), schemas)
    };
    let (mut paths, schemas) = listed(get(&backend.gateway, "/openapi.json").await);
    paths.sort();
    let expected = [
        "/healthz",
        "/v1/catalogue",
        "/v1/channels",
        "/v1/images/{title}/{file}",
        "/v1/search",
        "/v1/titles/{id}",
        "/v1/titles/{id}/playback",
    ];
    assert_eq!(paths, expected);
    for name in [
        "Catalogue",
        "TitleDetails",
        "Playback",
        "SearchResults",
        "Problem",
        "TitleCard",
        "Image",
    ] {
        assert!(schemas.contains_key(name), "{name}");
    }
    let (mut paths, schemas) = listed(get(&backend.edges[0], "/openapi.json").await);
    paths.sort();
    let expected = [
        "/admin/requests",
        "/admin/shaping",
        "/healthz",
        "/live/{channel}/manifest.mpd",
        "/live/{channel}/patch.mpp",
        "/live/{channel}/steering.json",
        "/live/{channel}/{parameters}/{start}/{representation}/{segment}",
        "/media/{title}/{variant}/manifest.mpd",
        "/media/{title}/{variant}/{file}",
        "/media/{title}/{variant}/{representation}/{segment}",
        "/time/{form}",
    ];
    assert_eq!(paths, expected);
    assert!(schemas.contains_key("Shaping"));
    assert_eq!(get(&backend.gateway, "/healthz").await.text(), "ok");
}

#[tokio::test]
async fn json_is_compressed_and_pictures_are_not() {
    let backend = backend(config());
    let headers = [("accept-encoding", "gzip, br")];
    let answer = ask(&backend.gateway, Method::GET, "/v1/catalogue", &headers, "").await;
    assert_eq!(answer.header("content-encoding"), "br");
    let path = "/v1/images/tidewater/hero-800.webp";
    let answer = ask(&backend.gateway, Method::GET, path, &headers, "").await;
    assert_eq!(answer.header("content-encoding"), "");
    assert_eq!(
        answer.header("cache-control"),
        "no-cache",
        "the URL does not name the version"
    );
}

#[tokio::test]
async fn the_web_app_is_served() {
    let root = scratch("site");
    std::fs::create_dir_all(root.join("player")).unwrap();
    for (name, text) in [
        ("index.html", "<html>"),
        ("app.js", "plain"),
        ("app.js.br", "brotli"),
        ("app.js.gz", "gzip"),
        ("style-0a1b2c3d.css", "css"),
        ("app_bg.wasm", "\0asm"),
        ("player/footlight.js", "player"),
    ] {
        std::fs::write(root.join(name), text).unwrap();
    }
    let config = Config {
        web_root: Some(root),
        ..config()
    };
    let gateway = backend(config).gateway;
    for page in ["/", "/title/tidewater", "/watch/nightline?variant=base", "/search"] {
        let answer = get(&gateway, page).await;
        assert_eq!(
            (answer.text(), answer.header("cache-control")),
            ("<html>", "no-cache"),
            "{page}"
        );
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    for (path, media_type, cache) in [
        ("/app_bg.wasm", "application/wasm", "no-cache"),
        ("/player/footlight.js", "text/javascript; charset=utf-8", "no-cache"),
        (
            "/style-0a1b2c3d.css",
            "text/css; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ] {
        let answer = get(&gateway, path).await;
        assert_eq!(
            (answer.header("content-type"), answer.header("cache-control")),
            (media_type, cache)
        );
        assert_eq!(answer.header("content-encoding"), "");
    }
    for (accepted, encoding, text) in [
        ("gzip, br", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("", "", "plain"),
    ] {
        let answer = ask(&gateway, Method::GET, "/app.js", &[("accept-encoding", accepted)], "").await;
        assert_eq!((answer.header("content-encoding"), answer.text()), (encoding, text));
        assert_eq!(answer.header("vary"), "accept-encoding");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    }
    for path in [
        "/missing.js",
        "/player/missing",
        "/v1/missing",
        "/..%2f..%2fCargo.toml",
        "/%2e%2e/Cargo.toml",
    ] {
        let answer = get(&gateway, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["code"], "route.not-found");
    }
    let first = get(&gateway, "/app.js").await;
    let headers = [("if-none-match", first.header("etag"))];
    assert_eq!(ask(&gateway, Method::GET, "/app.js", &headers, "").await.status, 304);
    assert_eq!(ask(&gateway, Method::POST, "/app.js", &[], "").await.status, 405);
}
