//! Live channels at chosen times: their manifests, what they refer to, and when it is there.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use axum::{Router, body::Body, http::Request};
use footlight_dash::{ContentType, Manifest, Micros, Parsed, Period, Presentation, Representation};
use footlight_isobmff::{
    Boxes,
    events::{EventMessage, ProducerReferenceTime},
    fragment::Fragments,
    init,
};
use http_body_util::BodyExt as _;
use mock_backend::{Clock, Config};
use std::time::Duration;
use support::{Answer, EDGE_PORTS, backend, config, get};
use tower::ServiceExt as _;

/// A time in 2027, 30 seconds into a minute.
const NOW: u64 = 1_800_000_030_000;

fn edge_at(clock: Clock) -> Router {
    let config = Config { clock, ..config() };
    backend(config).edges.swap_remove(0)
}

fn at(unix_ms: u64) -> Router {
    edge_at(Clock::Stopped(unix_ms))
}

async fn manifest(edge: &Router, path: &str) -> Parsed {
    let answer = get(edge, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    let url = format!("http://127.0.0.1:{}{path}", EDGE_PORTS[0]);
    let parsed = footlight_dash::parse(answer.text(), &url).unwrap();
    assert_eq!(parsed.diagnostics, [], "{path}\n{}", answer.text());
    parsed
}

async fn presentation(edge: &Router, query: &str) -> Presentation {
    manifest(edge, &format!("/live/tidewater/manifest.mpd?{query}"))
        .await
        .presentation
}

/// Asks for what a Representation refers to.
async fn fetch(edge: &Router, representation: &Representation, reference: &str) -> Answer {
    let url = representation.resolve(0, reference);
    let path = url
        .strip_prefix("http://127.0.0.1:1001")
        .unwrap_or_else(|| panic!("{url}"));
    get(edge, path).await
}

fn representations(period: &Period) -> impl Iterator<Item = &Representation> {
    let sets = period.adaptation_sets.iter();
    let media = sets.filter(|set| {
        matches!(
            set.content_type,
            ContentType::Video | ContentType::Audio | ContentType::Text
        )
    });
    media.flat_map(|set| &set.representations)
}

fn micros(unix_ms: u64) -> Micros {
    Micros(i64::try_from(unix_ms).unwrap() * 1000)
}

/// Every segment that is on between two times is there, and says when it is on; in milliseconds since the epoch.
async fn check_segments(edge: &Router, presentation: &Presentation, from: u64, to: u64) -> usize {
    let start = presentation.availability_start.unwrap();
    let mut checked = 0;
    for (period, next) in presentation.periods.iter().zip(1..) {
        let next = presentation.periods.get(next).map(|next| next.start);
        let ends = period.end().or(next);
        for representation in representations(period) {
            let resource = representation.initialization().unwrap();
            let init = fetch(edge, representation, &resource.reference).await;
            let tracks = init::parse(&init.body).unwrap().tracks;
            let index = representation.index();
            let origin = start + period.start;
            let first = micros(from).0.max(origin.0) - start.0;
            // Sound starts up to a frame after its Period.
            let later = |position: &u64| index.segment(*position).is_some_and(|segment| segment.start.0 >= first);
            let position = index.position_at(Micros(first)).or(Some(0).filter(later));
            let Some(mut position) = position else { continue };
            while let Some(segment) = index.segment(position) {
                position += 1;
                if (segment.end + start).0 > micros(to).0 || ends.is_some_and(|end| segment.start.0 >= end.0) {
                    break;
                }
                let answer = fetch(edge, representation, &segment.resource.reference).await;
                assert_eq!(
                    answer.status,
                    200,
                    "{} {segment:?}: {}",
                    representation.id,
                    answer.text_or_none()
                );
                let fragment = Fragments::with_tracks(&answer.body, &tracks).next().unwrap().unwrap();
                let ticks = i64::try_from(fragment.tracks[0].base_decode_time).unwrap();
                let media = Micros::from_scaled(ticks, tracks[0].timescale.into());
                let shown = media + representation.timestamp_offset();
                assert!(
                    // Parts of sound are not as long as the timeline can say.
                    (shown - segment.start).0.abs() < if segment.sub_number.is_some() { 45_000 } else { 25_000 },
                    "{} {segment:?}: {shown:?}",
                    representation.id
                );
                checked += 1;
            }
        }
    }
    checked
}

trait Told {
    fn text_or_none(&self) -> &str;
}

impl Told for Answer {
    fn text_or_none(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or("media")
    }
}

#[tokio::test]
async fn every_way_of_asking_gives_a_manifest_whose_segments_are_there() {
    let edge = at(NOW);
    for query in [
        "",
        "addressing=time",
        "addressing=timeline",
        "addressing=timeline&tsb=300&mup=0&delay=6",
        "periods=20",
        "periods=20&continuity=1&addressing=time",
        "ads=24",
        "ads=24&addressing=timeline&continuity=1",
        "ads=24&addressing=time&events=scte35,validity",
        "restart=30&addressing=time",
        "addressing=time&deep=1",
        "addressing=timeline&deep=open",
        "ll=1",
        "ll=1&addressing=time&chunk=250",
        "start=1800000003&end=1800000070",
        "start=1800000003&addressing=time&terminate=1800000020",
        "events=mpd&utc=direct,head,iso,xsdate",
        "patch=1&steering=10",
        "utc=none&skew=0",
        "jitter=900&addressing=time",
        "text=wvtt,stpp,image,forced,cea608,cea708",
        "text=stpp,cea608&addressing=time&periods=20",
        "text=wvtt&addressing=timeline&ads=24",
        "text=stpp,cea708&ll=1",
        "ll=1&addressing=time&parts=1&chunk=400&text=wvtt",
        "thumbs=1&ads=24",
    ] {
        let presentation = presentation(&edge, query).await;
        let checked = check_segments(&edge, &presentation, NOW - 50_000, NOW).await;
        assert!(checked > 20, "{query}: {checked}");
    }
}

#[tokio::test]
async fn text_and_thumbnails_are_told_of() {
    let edge = at(NOW);
    let presentation = presentation(&edge, "text=forced,cea608,cea708&thumbs=1&periods=20").await;
    let period = presentation.periods.last().unwrap();
    let of = |kind| {
        period
            .adaptation_sets
            .iter()
            .filter(move |set| set.content_type == kind)
    };
    let video = of(ContentType::Video).next().unwrap();
    let captions: Vec<_> = video.accessibility.iter().map(|told| told.value.as_str()).collect();
    assert_eq!(captions, ["CC1=eng", "1=lang:fra"]);
    let roles: Vec<_> = of(ContentType::Text).map(|set| set.roles[0].value.as_str()).collect();
    assert_eq!(roles, ["forced-subtitle"; 2]);
    let mut sheets = 0;
    for set in presentation.periods.iter().flat_map(|period| &period.adaptation_sets) {
        if set.content_type != ContentType::Image {
            continue;
        }
        let index = set.representations[0].index();
        for position in 0..index.len().unwrap() {
            let segment = index.segment(position).unwrap();
            let answer = fetch(&edge, &set.representations[0], &segment.resource.reference).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("content-type"), "image/jpeg");
            sheets += 1;
        }
    }
    assert!(
        sheets >= 3,
        "one for every 16 s of a minute, and more where Periods cut them: {sheets}"
    );
    let early = "/live/tidewater/thumbs=1/0/thumbs/t-1800000016000.jpg";
    assert_eq!(
        get(&edge, early).await.status,
        404,
        "it is complete two seconds from now"
    );
}

#[tokio::test]
async fn parts_come_one_after_the_other() {
    let edge = at(NOW);
    let presentation = presentation(&edge, "ll=1&addressing=time&parts=1&chunk=400").await;
    let video = &presentation.periods[0].adaptation_sets[0].representations[0];
    let index = video.index();
    let at = index.position_at(micros(NOW - 1000)).unwrap();
    let segment = index.segment(at).unwrap();
    assert_eq!(segment.sub_number, Some(3));
    assert_eq!((segment.end - segment.start).0, 400_000);
    assert_eq!(fetch(&edge, video, &segment.resource.reference).await.status, 200);
    let edge = self::at(NOW - 900);
    let answer = fetch(&edge, video, &segment.resource.reference).await;
    assert_eq!(answer.status, 404, "it ends at NOW - 800");
}

#[tokio::test]
async fn a_timeline_lists_what_is_there_and_nothing_else() {
    for moment in [NOW, NOW + 1, NOW + 1999, NOW + 2000, NOW + 2021] {
        let edge = at(moment);
        let presentation = presentation(&edge, "addressing=time&tsb=20").await;
        for representation in representations(&presentation.periods[0]) {
            let index = representation.index();
            let last = index.segment(index.len().unwrap() - 1).unwrap();
            let first = index.segment(0).unwrap();
            assert!(
                last.end.0 <= micros(moment).0 && last.end.0 > micros(moment - 2030).0,
                "{last:?}"
            );
            assert!(first.end.0 > micros(moment - 24_000).0 && first.start.0 <= micros(moment - 18_000).0);
        }
    }
}

#[tokio::test]
async fn segments_come_and_go() {
    let edge = at(NOW);
    let base = "/live/tidewater/tsb=20/0/video-avc-360p";
    let status = async |path: String| get(&edge, &path).await.status.as_u16();
    let number = |ms: u64| (NOW + ms) / 2000;
    assert_eq!(
        status(format!("{base}/seg-{}.m4s", number(0))).await,
        200,
        "it has just ended"
    );
    assert_eq!(
        status(format!("{base}/seg-{}.m4s", number(2000))).await,
        404,
        "it is under way"
    );
    assert_eq!(
        status(format!("{base}/seg-{}.m4s", (NOW - 30_000) / 2000)).await,
        200,
        "kept a while"
    );
    assert_eq!(
        status(format!("{base}/seg-{}.m4s", (NOW - 40_000) / 2000)).await,
        404,
        "gone"
    );
    let base = "/live/tidewater/early=425&gone=410&tsb=20/0/video-avc-360p";
    assert_eq!(status(format!("{base}/seg-{}.m4s", number(2000))).await, 425);
    assert_eq!(status(format!("{base}/seg-{}.m4s", (NOW - 40_000) / 2000)).await, 410);
    for path in [
        "/live/none/-/0/video-avc-360p/seg-1.m4s",
        "/live/tidewater/-/5/video-avc-360p/init.mp4",
    ] {
        assert_eq!(status(path.to_owned()).await, 404, "{path}");
    }
    assert_eq!(
        status("/live/tidewater/tsb=0/0/video-avc-360p/init.mp4".to_owned()).await,
        400
    );
}

#[tokio::test]
async fn faults_are_as_asked() {
    let edge = at(NOW);
    let last = NOW / 2000;
    let statuses = async |settings: &str, count: u64| {
        let mut statuses = Vec::new();
        for number in last - count..last {
            let path = format!("/live/tidewater/{settings}/0/video-avc-360p/seg-{}.m4s", number + 1);
            statuses.push(get(&edge, &path).await.status.as_u16());
        }
        statuses
    };
    let lost = statuses("loss=503:5", 20).await;
    assert_eq!(lost.iter().filter(|status| **status == 503).count(), 4);
    let lost = statuses("loss=410:10of30", 15).await;
    assert_eq!(lost.iter().filter(|status| **status == 410).count(), 5);
    let gaps = statuses("addressing=time&gaps=10", 20).await;
    assert_eq!(gaps.iter().filter(|status| **status == 404).count(), 4);
    let presentation = presentation(&edge, "addressing=time&gaps=10").await;
    assert!(
        check_segments(&edge, &presentation, NOW - 50_000, NOW).await > 20,
        "the manifest leaves them out"
    );
}

#[tokio::test]
async fn an_event_ends_and_then_stays() {
    let query = "start=1800000000&end=1800000060&addressing=timeline";
    let before = presentation(&at(NOW), query).await;
    assert!(before.dynamic);
    assert_eq!(before.duration, Some(Micros(60_000_000)));
    let after = presentation(&at(NOW + 3_600_000), query).await;
    assert!(!after.dynamic && after.minimum_update_period.is_none());
    assert_eq!(after.periods.last().unwrap().end(), Some(Micros(60_000_000)));
    let edge = at(NOW + 3_600_000);
    assert_eq!(check_segments(&edge, &after, NOW - 30_000, NOW + 40_000).await, 5 * 30);
    let cut = "start=1800000000&end=1800000060&terminate=1800000040";
    let after = presentation(&at(NOW + 15_000), cut).await;
    assert_eq!((after.dynamic, after.duration), (false, Some(Micros(40_000_000))));
}

#[tokio::test]
async fn publish_time_tells_when_something_changed() {
    let edge = at(NOW + 777);
    let same = presentation(&edge, "").await;
    assert_eq!(same.publish_time, Some(Micros(0)), "nothing ever changes");
    let timeline = presentation(&edge, "addressing=time").await;
    let published = timeline.publish_time.unwrap();
    assert!(published.0 > micros(NOW).0 - 1 && published.0 <= micros(NOW + 777).0);
    let text = async |ms: u64| {
        get(&at(ms), "/live/tidewater/manifest.mpd?addressing=time&ads=24")
            .await
            .body
    };
    assert_eq!(text(NOW + 200).await, text(NOW + 700).await);
}

#[tokio::test(start_paused = true)]
async fn chunks_leave_as_they_are_encoded() {
    let edge = edge_at(Clock::starting_at(NOW + 600));
    let path = format!(
        "/live/tidewater/ll=1&prft=1&chunk=400/0/video-avc-360p/seg-{}.m4s",
        NOW / 2000 + 1
    );
    let started = tokio::time::Instant::now();
    let request = Request::builder().uri(&path).body(Body::empty()).unwrap();
    let response = edge.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("content-length"));
    let (mut body, mut arrivals, mut whole) = (response.into_body(), Vec::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        if data.starts_with(b"\0\0\0\x20prft") || data[4..8] == *b"prft" {
            arrivals.push(started.elapsed());
        }
        whole.extend_from_slice(&data);
    }
    let expected = [0, 200, 600, 1000, 1400].map(Duration::from_millis);
    assert_eq!(arrivals, expected);
    assert_eq!(Fragments::new(&whole).filter(|one| one.is_ok()).count(), 5);
    let wall: Vec<_> = boxes(&whole, *b"prft")
        .iter()
        .map(|payload| ProducerReferenceTime::parse(payload).unwrap().unix_micros())
        .collect();
    assert_eq!(wall[0], micros(NOW).0);
    assert_eq!(wall[4], micros(NOW + 1600).0);
    let later = get(&edge, &path).await;
    assert_eq!(later.header("content-length"), whole.len().to_string());
    assert_eq!(later.body, whole);
    let early = format!("/live/tidewater/ll=1/0/video-avc-360p/seg-{}.m4s", NOW / 2000 + 3);
    assert_eq!(get(&edge, &early).await.status, 404);
}

fn boxes(data: &[u8], kind: [u8; 4]) -> Vec<&[u8]> {
    let all = Boxes::new(data).map(Result::unwrap);
    all.filter(|found| found.kind.0 == kind)
        .map(|found| found.payload)
        .collect()
}

#[tokio::test]
async fn low_latency_is_described() {
    let parsed = manifest(&at(NOW), "/live/now/manifest.mpd").await.presentation;
    let latency = &parsed.service_descriptions[0].latency[0];
    assert_eq!(latency.target, Some(Micros(2_000_000)));
    let set = &parsed.periods[0].adaptation_sets[0];
    let base = &set.representations[0].base_urls[0];
    assert_eq!(base.availability_time_offset, Micros(1_500_000));
    assert!(!base.availability_time_complete);
    assert_eq!(set.producer_reference_times.len(), 1);
}

#[tokio::test]
async fn events_tell_of_breaks() {
    // Two seconds before a break.
    let edge = at(NOW + 28_000);
    let told = presentation(&edge, "ads=60&events=scte35,validity").await;
    let break_period = told
        .periods
        .iter()
        .find(|period| period.id.as_deref() == Some("ad1800000060000"))
        .unwrap();
    assert_eq!(break_period.event_streams[0].events.len(), 1);
    let content = told
        .periods
        .iter()
        .rfind(|period| period.start < break_period.start)
        .unwrap();
    let schemes: Vec<_> = content.adaptation_sets[0].inband_event_streams.iter().collect();
    assert_eq!(schemes.len(), 2);
    let representation = &content.adaptation_sets[0].representations[0];
    // The segment that is on four seconds before it.
    let index = representation.index();
    let position = index.position_at(Micros(break_period.start.0 - 4_000_000)).unwrap();
    let segment = index.segment(position).unwrap();
    let answer = fetch(&edge, representation, &segment.resource.reference).await;
    let messages: Vec<_> = boxes(&answer.body, *b"emsg");
    let schemes: Vec<_> = messages
        .iter()
        .map(|payload| EventMessage::parse(payload).unwrap().scheme)
        .collect();
    assert_eq!(schemes, ["urn:scte:scte35:2013:bin", "urn:mpeg:dash:event:2012"]);
}

#[tokio::test]
async fn clocks_agree_and_may_be_wrong() {
    let edge = at(NOW);
    assert_eq!(get(&edge, "/time/iso").await.text(), "2027-01-15T08:00:30Z");
    assert_eq!(
        get(&edge, "/time/xsdate?skew=-30000").await.text(),
        "2027-01-15T08:00:00Z"
    );
    assert_eq!(
        get(&edge, "/time/head").await.header("date"),
        "Fri, 15 Jan 2027 08:00:30 GMT"
    );
    assert_eq!(get(&edge, "/time/ntp").await.status, 404);
    let skewed = get(
        &edge,
        "/live/tidewater/manifest.mpd?skew=60000&addressing=time&utc=direct,iso",
    )
    .await;
    assert_eq!(skewed.header("date"), "Fri, 15 Jan 2027 08:01:30 GMT");
    let direct = r#"utc:direct:2014" value="2027-01-15T08:01:30Z""#;
    assert!(skewed.text().contains(direct), "{}", skewed.text());
    assert!(skewed.text().contains("/time/iso?skew=60000"));
}

/// A player that only ever patches has the same manifests as one that fetches them.
#[tokio::test]
async fn patches_lead_to_the_manifest() {
    for query in [
        "patch=1&addressing=time",
        "patch=1&addressing=timeline&ads=24&continuity=1",
        "patch=1&ads=24&events=scte35",
        "patch=1&periods=20&addressing=time&gaps=10",
        "patch=1&addressing=time&deep=1",
        "patch=1&addressing=time&start=1799999990&end=1800000100&utc=direct,iso",
    ] {
        let path = format!("/live/tidewater/manifest.mpd?{query}");
        let url = format!("http://127.0.0.1:1001{path}");
        let first = get(&at(NOW), &path).await;
        let mut patched = Manifest::parse(first.text().to_owned(), &url).unwrap();
        let mut changed = 0;
        for step in 1..20 {
            let edge = at(NOW + 3900 * step);
            let whole = get(&edge, &path).await;
            let Some(location) = patched.presentation().patch_locations.first() else {
                break;
            };
            let location = location.url.strip_prefix("http://127.0.0.1:1001").unwrap();
            let patch = get(&edge, location).await;
            assert_eq!(patch.status, 200, "{query}: {}", patch.text());
            assert_eq!(patch.header("content-type"), "application/dash-patch+xml");
            let before = patched.presentation().publish_time;
            patched
                .patch(patch.text())
                .unwrap_or_else(|error| panic!("{query}: {error}\n{}", patch.text()));
            changed += usize::from(patched.presentation().publish_time != before);
            let fetched = Manifest::parse(whole.text().to_owned(), &url).unwrap();
            assert_eq!(
                patched.presentation(),
                fetched.presentation(),
                "{query}\n{}",
                patch.text()
            );
        }
        assert!(changed > 3, "{query}: {changed}");
    }
    let old = get(
        &at(NOW),
        "/live/tidewater/patch.mpp?patch=1&addressing=time&publishTime=2027-01-15T07:00:00Z",
    )
    .await;
    assert_eq!(old.status, 410);
    let never = get(
        &at(NOW),
        "/live/tidewater/patch.mpp?patch=1&addressing=time&publishTime=2027-01-15T08:00:29Z",
    )
    .await;
    assert_eq!(never.status, 404);
}

#[tokio::test]
async fn manifests_move() {
    let edge = at(NOW);
    let first = get(&edge, "/live/tidewater/manifest.mpd?location=1&addressing=time").await;
    assert_eq!(first.status, 302);
    let target = first
        .header("location")
        .strip_prefix("http://127.0.0.1:1001")
        .unwrap()
        .to_owned();
    let moved = manifest(&edge, &target).await.presentation;
    assert_eq!(moved.locations[0].url, format!("http://127.0.0.1:1001{target}"));
}

#[tokio::test]
async fn the_edges_take_turns() {
    let priority = async |ms: u64| {
        let answer = get(&at(ms), "/live/one/steering.json?cycle=10").await.json();
        (
            answer["PATHWAY-PRIORITY"][0].as_str().unwrap().to_owned(),
            answer["TTL"].as_u64().unwrap(),
        )
    };
    let (first, ttl) = priority(NOW).await;
    let (second, _) = priority(NOW + 10_000).await;
    assert_ne!(first, second);
    assert_eq!(ttl, 10);
}

#[tokio::test(start_paused = true)]
async fn the_first_edge_may_hang() {
    let config = Config {
        clock: Clock::starting_at(NOW),
        ..config()
    };
    let backend = backend(config);
    let path = format!("/live/tidewater/hang=1/0/video-avc-360p/seg-{}.m4s", NOW / 2000);
    let hung = tokio::time::timeout(Duration::from_secs(60), get(&backend.edges[0], &path)).await;
    assert!(hung.is_err());
    assert_eq!(get(&backend.edges[1], &path).await.status, 200);
}

#[tokio::test]
async fn the_gateway_lists_what_is_on() {
    let config = Config {
        clock: Clock::Stopped(NOW),
        ..config()
    };
    let backend = backend(config);
    let channels = get(&backend.gateway, "/v1/channels").await.json();
    let items = channels["items"].as_array().unwrap();
    assert_eq!(items[0]["id"], "one");
    assert_eq!(items[0]["window_s"], 1800);
    assert_eq!(items[1]["low_latency"], true);
    assert_eq!(items[0]["now"]["start_ms"].as_u64(), Some(1_800_000_000_000));
    for item in items {
        let url = item["manifest_url"].as_str().unwrap();
        let path = url.strip_prefix("http://127.0.0.1:1001").unwrap();
        manifest(&backend.edges[0], path).await;
    }
    let playback = get(&backend.gateway, "/v1/titles/now/playback").await.json();
    assert_eq!(playback["channel"], items[1]);
    assert_eq!(playback["manifest_url"], items[1]["manifest_url"]);
    let catalogue = get(&backend.gateway, "/v1/catalogue").await.json();
    assert_eq!(catalogue["channels"], channels["items"]);
}
