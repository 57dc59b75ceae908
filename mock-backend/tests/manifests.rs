//! Every variant is a manifest that the player's own parser takes, and everything that it refers to is there.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use axum::{Router, http::Method};
use footlight_dash::{AdaptationSet, ContentType, Micros, Presentation, Representation, Resource};
use footlight_isobmff::{fragment::Fragments, init};
use mock_backend::Routers;
use support::{Answer, EDGE_PORTS, ask, backend, config, get};

async fn manifest(edge: &Router, title: &str, variant: &str, query: &str) -> Presentation {
    let path = format!("/media/{title}/{variant}/manifest.mpd?{query}");
    let answer = get(edge, &path).await;
    assert_eq!(answer.status, 200, "{path}");
    assert_eq!(answer.header("content-type"), "application/dash+xml");
    let url = format!("http://127.0.0.1:{}{path}", EDGE_PORTS[0]);
    let parsed = footlight_dash::parse(answer.text(), &url).unwrap();
    assert_eq!(parsed.diagnostics, [], "{path}");
    parsed.presentation
}

/// Fetches what a Representation refers to, from each of its base URLs; they must agree.
async fn fetch(backend: &Routers, representation: &Representation, resource: &Resource) -> Answer {
    let mut answers = Vec::new();
    for base in 0..representation.base_urls.len() {
        let url = representation.resolve(base, &resource.reference);
        let rest = url.strip_prefix("http://127.0.0.1:").unwrap();
        let (port, path) = rest.split_once('/').unwrap();
        let index = EDGE_PORTS.iter().position(|known| known.to_string() == port).unwrap();
        let range = resource.range.map(|range| {
            let end = range.end.map(|end| end.to_string()).unwrap_or_default();
            format!("bytes={}-{end}", range.start)
        });
        let headers: Vec<_> = range.iter().map(|range| ("range", range.as_str())).collect();
        let answer = ask(&backend.edges[index], Method::GET, &format!("/{path}"), &headers, "").await;
        let expected = if range.is_some() { 206 } else { 200 };
        assert_eq!(answer.status, expected, "{url} {range:?}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        answers.push(answer);
    }
    let first = answers.remove(0);
    assert!(answers.iter().all(|other| other.body == first.body));
    first
}

/// Follows all segments of a Representation; tells the times at which each starts and ends.
async fn follow(backend: &Routers, set: &AdaptationSet, representation: &Representation) -> Vec<(Micros, Micros)> {
    let mut index = representation.index();
    while let Some(resource) = index.pending() {
        let answer = fetch(backend, representation, &resource).await;
        index.load(&resource, &answer.body).unwrap();
    }
    let resource = representation
        .initialization()
        .or_else(|| index.initialization())
        .unwrap();
    let answer = fetch(backend, representation, &resource).await;
    let kind = match set.content_type {
        ContentType::Audio => "audio/mp4",
        ContentType::Text => "application/mp4",
        _ => "video/mp4",
    };
    assert_eq!(answer.header("content-type"), kind);
    let tracks = init::parse(&answer.body).unwrap().tracks;
    let mut spans = Vec::new();
    for position in 0..index.len().unwrap() {
        let segment = index.segment(position).unwrap();
        let answer = fetch(backend, representation, &segment.resource).await;
        assert_eq!(answer.header("content-type"), kind);
        let fragments: Vec<_> = Fragments::with_tracks(&answer.body, &tracks)
            .map(Result::unwrap)
            .collect();
        assert_eq!(fragments.len(), 1, "{segment:?}");
        assert_eq!(fragments[0].size, answer.body.len() as u64);
        let time = |ticks: u64| {
            let media = Micros::from_scaled(ticks.try_into().unwrap(), tracks[0].timescale.into());
            media + representation.timestamp_offset()
        };
        let track = fragments[0].tracks[0];
        let (start, end) = (
            time(track.base_decode_time),
            time(track.base_decode_time + track.duration),
        );
        // Segment durations may be nominal, as the sound's are, but not by more than a frame or so.
        assert!((start - segment.start).0.abs() < 25_000, "{segment:?} has {start:?}");
        spans.push((start, end));
    }
    spans
}

/// Follows everything in a presentation, whose timeline must be covered up to the given holes.
async fn follow_all(backend: &Routers, presentation: &Presentation, holes: usize) {
    for period in &presentation.periods {
        let (period_start, period_end) = (period.start, period.end().unwrap());
        for set in &period.adaptation_sets {
            for representation in &set.representations {
                match set.content_type {
                    ContentType::Video | ContentType::Audio => {
                        let spans = follow(backend, set, representation).await;
                        let late = (spans[0].0 - period_start).0.abs();
                        assert!(late < 25_000, "{} starts {late} µs off", representation.id);
                        let short = (period_end - spans.last().unwrap().1).0;
                        assert!(short < 25_000, "{} ends {short} µs early", representation.id);
                        let jumps = spans.windows(2).filter(|pair| pair[0].1.0.abs_diff(pair[1].0.0) > 1);
                        assert_eq!(jumps.count(), holes, "{}", representation.id);
                    }
                    ContentType::Text if representation.initialization().is_some() => {
                        follow(backend, set, representation).await;
                    }
                    ContentType::Text => text(backend, representation, (period_end - period_start).0).await,
                    ContentType::Image => images(backend, representation).await,
                    ContentType::Other => panic!("{set:?}"),
                }
            }
        }
    }
}

async fn text(backend: &Routers, representation: &Representation, duration: i64) {
    assert!(representation.initialization().is_none());
    let index = representation.index();
    assert_eq!(index.len(), Some(1));
    let answer = fetch(backend, representation, &index.segment(0).unwrap().resource).await;
    let (marker, media_type) = match representation.mime_type.as_str() {
        "text/vtt" => ("-->", "text/vtt; charset=utf-8"),
        _ => ("<p ", "application/ttml+xml"),
    };
    assert_eq!(answer.header("content-type"), media_type);
    // The synthetic ones have two cues in each loop of 16 s, from 1 s and from 8 s on.
    let count = (duration + 15_000_000 - 1) / 16_000_000 + (duration + 8_000_000 - 1) / 16_000_000;
    assert!(answer.text().matches(marker).count() >= usize::try_from(count).unwrap());
}

async fn images(backend: &Routers, representation: &Representation) {
    assert_eq!(representation.tile, Some((4, 4)));
    let index = representation.index();
    for position in 0..index.len().unwrap() {
        let answer = fetch(backend, representation, &index.segment(position).unwrap().resource).await;
        assert_eq!(answer.header("content-type"), "image/jpeg");
    }
}

#[tokio::test]
async fn every_variant_leads_to_all_its_segments() {
    let backend = backend(config());
    for (variant, query, periods) in [
        ("number", "duration=40", 1),
        ("timeline", "duration=40", 1),
        ("list", "duration=40", 1),
        ("base", "duration=40", 1),
        ("base", "duration=150&sidx=hierarchical", 1),
        ("base-hierarchical", "duration=40", 1),
        ("periods", "duration=40", 3),
        ("vp9", "duration=40", 1),
        ("number", "duration=1", 1),
        ("timeline", "duration=12.345", 1),
        ("periods", "duration=3", 2),
    ] {
        let presentation = manifest(&backend.edges[0], "nightline", variant, query).await;
        assert_eq!(presentation.periods.len(), periods, "{variant}");
        follow_all(&backend, &presentation, 0).await;
    }
}

#[tokio::test]
async fn scanning_has_a_set_of_its_own_and_others_are_named_to_go_on_with() {
    let backend = backend(config());
    let query = "duration=20&trick=1&chain=next.mpd&fallback=/a.mpd%20/b.mpd";
    let presentation = manifest(&backend.edges[0], "nightline", "number", query).await;
    let sets = &presentation.periods[0].adaptation_sets;
    let scanned: Vec<_> = sets.iter().filter(|set| set.is_trick_mode()).collect();
    let [scanned] = scanned[..] else { panic!("{sets:?}") };
    let main = sets
        .iter()
        .find(|set| set.id == Some(scanned.trick_mode_of[0]))
        .unwrap();
    let height = |set: &AdaptationSet| set.representations.iter().map(|rep| rep.height).max();
    assert!(height(scanned) < height(main) && scanned.representations.len() == 1);
    assert!(presentation.chained_urls[0].ends_with("/media/nightline/number/next.mpd"));
    let named = presentation
        .fallback_urls
        .iter()
        .map(|url| url.rsplit('/').next().unwrap());
    assert_eq!(named.collect::<Vec<_>>(), ["a.mpd", "b.mpd"]);
    follow_all(&backend, &presentation, 0).await;
    let refused = get(&backend.edges[0], "/media/nightline/number/manifest.mpd?trick=yes").await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn the_sample_media_are_sound() {
    let backend = backend(mock_backend::Config::ephemeral());
    for title in ["tidewater", "nightline", "paperbirds"] {
        for variant in ["number", "timeline", "base", "base-hierarchical", "periods", "vp9"] {
            if variant == "vp9" && title != "nightline" {
                continue;
            }
            let presentation = manifest(&backend.edges[0], title, variant, "duration=20").await;
            let sets = &presentation.periods[0].adaptation_sets;
            let renditions = if variant == "vp9" { 3 } else { 6 };
            assert_eq!(sets[0].representations.len(), renditions);
            assert_eq!(sets.len(), 6, "one of video, two of sound and of text, thumbnails");
            follow_all(&backend, &presentation, 0).await;
        }
    }
}

#[tokio::test]
async fn text_comes_in_every_form() {
    let backend = backend(mock_backend::Config::ephemeral());
    let forms = "duration=20&text=vtt,ttml,wvtt,stpp,image,forced,cea608,cea708";
    for (variant, sets) in [
        ("number", 16),
        ("timeline", 16),
        ("list", 16),
        ("periods", 16),
        ("base", 10),
    ] {
        let presentation = manifest(&backend.edges[0], "tidewater", variant, forms).await;
        let period = &presentation.periods[0];
        assert_eq!(period.adaptation_sets.len(), sets, "{variant}");
        let captions = period.adaptation_sets[0].accessibility.len();
        assert_eq!(captions, if variant == "base" { 0 } else { 2 });
        follow_all(&backend, &presentation, 0).await;
    }
    let presentation = manifest(&backend.edges[0], "tidewater", "number", "text=none").await;
    let text = |set: &&AdaptationSet| set.content_type == ContentType::Text;
    assert_eq!(presentation.periods[0].adaptation_sets.iter().filter(text).count(), 0);
}

#[tokio::test]
async fn the_gap_is_a_hole_in_the_timeline_and_on_the_server() {
    let backend = backend(config());
    let presentation = manifest(&backend.edges[0], "tidewater", "gap", "duration=40").await;
    follow_all(&backend, &presentation, 1).await;
    for part in [
        "video-avc-180p/t-51200.m4s",
        "audio-en/t-288768.m4s",
        "video-avc-180p/seg-00003.m4s",
    ] {
        let answer = get(&backend.edges[0], &format!("/media/tidewater/gap/{part}")).await;
        assert_eq!(answer.status, 404, "{part}");
    }
}

#[tokio::test]
async fn what_the_manifest_says_of_its_media_is_so() {
    let backend = backend(config());
    let presentation = manifest(&backend.edges[0], "tidewater", "number", "duration=40.5").await;
    assert_eq!(presentation.duration, Some(Micros::from_millis(40_500)));
    assert!(!presentation.dynamic);
    let sets = &presentation.periods[0].adaptation_sets;
    let kinds: Vec<_> = sets.iter().map(|set| (set.content_type, set.lang.as_deref())).collect();
    use ContentType::{Audio, Image, Text, Video};
    let expected = [
        (Video, None),
        (Audio, Some("en")),
        (Audio, Some("fr")),
        (Text, Some("en")),
        (Text, Some("fr")),
        (Image, None),
    ];
    assert_eq!(kinds, expected);
    let video = &sets[0].representations;
    assert_eq!(video.iter().map(|one| one.height).collect::<Vec<_>>(), [180, 360, 720]);
    assert!(video.is_sorted_by_key(|one| one.bandwidth));
    assert_eq!(video[0].frame_rate, Some((25, 1)));
    assert_eq!(video[0].full_mime(), "video/mp4; codecs=\"avc1.64001e\"");
    let locations: Vec<_> = video[0]
        .base_urls
        .iter()
        .map(|base| base.service_location.as_str())
        .collect();
    assert_eq!(locations, ["edge-a", "edge-b"]);
    let audio = &sets[2];
    assert_eq!(
        (audio.labels[0].text.as_str(), audio.roles[0].value.as_str()),
        ("Français", "main")
    );
    let audio = &audio.representations[0];
    assert_eq!((audio.channels, audio.sample_rate), (2, 48_000));
    // No segment needs more than @bandwidth over its own duration.
    for one in video {
        let index = one.index();
        for position in 0..8 {
            let segment = index.segment(position).unwrap();
            let bits = 8 * fetch(&backend, one, &segment.resource).await.body.len() as u64;
            assert!(bits <= one.bandwidth * 2);
        }
    }
}

#[tokio::test]
async fn base_urls_are_in_the_order_asked_for() {
    let backend = backend(config());
    for (wanted, expected) in [("a", vec![1001]), ("b,a", vec![1002, 1001]), ("a,b", vec![1001, 1002])] {
        let query = format!("baseurls={wanted}");
        let presentation = manifest(&backend.edges[1], "tidewater", "number", &query).await;
        let first = &presentation.periods[0].adaptation_sets[0].representations[0];
        let ports: Vec<u16> = first
            .base_urls
            .iter()
            .map(|base| base.url.split([':', '/']).nth(4).unwrap().parse().unwrap())
            .collect();
        assert_eq!(ports, expected);
    }
    let presentation = manifest(&backend.edges[0], "tidewater", "number", "baseurls=none&duration=20").await;
    let first = &presentation.periods[0].adaptation_sets[0].representations[0];
    assert!(
        first.base_urls[0]
            .url
            .starts_with("http://127.0.0.1:1001/media/tidewater/number/manifest.mpd")
    );
    assert_eq!(first.base_urls.len(), 1);
    follow_all(&backend, &presentation, 0).await;
    let answer = get(&backend.edges[0], "/media/tidewater/number/manifest.mpd?baseurls=a,c").await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["code"].as_str()),
        (400, Some("parameter.invalid"))
    );
}

#[tokio::test]
async fn urls_name_the_host_that_was_asked() {
    let backend = backend(config());
    let path = "/media/tidewater/number/manifest.mpd";
    let answer = ask(&backend.edges[0], Method::GET, path, &[("host", "tv.lan:1001")], "").await;
    assert!(answer.text().contains(">http://tv.lan:1002/media/tidewater/number/<"));
}

#[tokio::test]
async fn a_day_is_no_larger_to_make_than_its_timeline() {
    let backend = backend(config());
    for variant in ["number", "timeline", "base", "base-hierarchical"] {
        let presentation = manifest(&backend.edges[0], "tidewater", variant, "duration=86400").await;
        let video = &presentation.periods[0].adaptation_sets[0].representations[0];
        let mut index = video.index();
        while let Some(resource) = index.pending() {
            let answer = fetch(&backend, video, &resource).await;
            index.load(&resource, &answer.body).unwrap();
        }
        assert_eq!(index.len(), Some(43_200), "{variant}");
        let last = index.segment(43_199).unwrap();
        assert_eq!(last.end, Micros::from_secs(86_400));
        fetch(&backend, video, &last.resource).await;
    }
}

#[tokio::test]
async fn faults_are_as_their_names_say() {
    let backend = backend(config());
    let edge = &backend.edges[0];
    let answer = get(edge, "/media/tidewater/broken/manifest.mpd").await;
    assert_eq!(answer.status, 200);
    let error = footlight_dash::parse(answer.text(), "http://x/").unwrap_err();
    assert_eq!(error.code(), "manifest.malformed");

    let segment = |variant, number| format!("/media/tidewater/{variant}/video-avc-360p/seg-{number:05}.m4s");
    assert_eq!(get(edge, &segment("missing", 2)).await.status, 200);
    assert_eq!(get(edge, &segment("missing", 3)).await.status, 404);
    assert_eq!(get(edge, &segment("missing", 300)).await.status, 404);

    for number in [2, 3, 4] {
        let answer = get(edge, &segment("truncated", number)).await;
        let length: usize = answer.header("content-length").parse().unwrap();
        assert_eq!(answer.cut, number == 3);
        assert_eq!(answer.body.len(), if number == 3 { length / 2 } else { length });
    }
    for path in ["/media/tidewater/vp9/manifest.mpd", "/media/tidewater/hls/manifest.mpd"] {
        assert_eq!(get(edge, path).await.json()["code"], "variant.not-found");
    }
    assert_eq!(
        get(edge, "/media/x/number/manifest.mpd").await.json()["code"],
        "title.not-found"
    );
    for part in ["seg-0.m4s", "seg-x.m4s", "t-1.m4s", "seg-99999999999.m4s", "other.mp4"] {
        let answer = get(edge, &format!("/media/tidewater/number/audio-en/{part}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["code"].as_str()),
            (404, Some("route.not-found"))
        );
    }
    for query in ["duration=0", "duration=86401", "duration=x", "sidx=round"] {
        let answer = get(edge, &format!("/media/tidewater/base/manifest.mpd?{query}")).await;
        assert_eq!(answer.json()["code"], "parameter.invalid", "{query}");
    }
}
