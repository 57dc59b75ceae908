//! Whole sessions against a virtual network, sink and viewer.

mod common;

use common::film::{self, LADDER};
use common::{Answer, Harness, SECOND};
use footlight_core::abr::{Algorithm, Reason};
use footlight_core::{
    Command, Config, Environment, Event, Fetch, Input, Kind, Micros, Preferences, RequestKind, State,
};

const URL: &str = "https://a.example/film/manifest.mpd";

fn film_of(seconds: i64) -> Harness {
    Harness::new(Config::default(), film::server(seconds))
}

fn playing(seconds: i64) -> Harness {
    let mut h = film_of(seconds);
    h.load(URL);
    h.command(Command::Play);
    assert!(
        h.run_until(10, |h| h.state() == State::Playing),
        "{:?}",
        h.events.last()
    );
    h
}

#[test]
fn a_film_plays_from_the_first_frame_to_the_end() {
    let mut h = playing(60);
    assert!(
        h.run_until(70, |h| h.state() == State::Ended),
        "stopped at {:?} in {:?}",
        h.position,
        h.state()
    );
    assert_eq!(h.position, Micros(60 * SECOND));
    assert_eq!(h.stalls(), 0);
    assert_eq!(h.ended_told, 1);
    assert!(h.events.iter().any(|(_, e)| *e == Event::Ended));
    let top = LADDER.last().map(|l| l.0);
    assert_eq!(
        h.renditions().last().copied(),
        top,
        "20 Mb/s carry the top rendition: {:?}",
        h.renditions()
    );
}

#[test]
fn init_and_first_segments_are_asked_for_at_once() {
    let mut h = film_of(60);
    h.load(URL);
    h.run_until(1, |h| h.fetched.len() >= 5);
    let kinds: Vec<_> = h.fetched.iter().take(5).map(|f| f.kind).collect();
    let expected = [
        RequestKind::Manifest,
        RequestKind::Init,
        RequestKind::Video,
        RequestKind::Init,
        RequestKind::Audio,
    ];
    assert_eq!(kinds, expected);
    // One round trip for the manifest, one for everything before the first frame.
    assert!(h.run_until(1, |h| h.state() == State::Ready));
    assert_eq!(h.fetched.iter().filter(|f| f.kind == RequestKind::Manifest).count(), 1);
}

#[test]
fn the_buffer_stops_growing_at_its_goal() {
    let mut h = film_of(600);
    h.load(URL);
    h.run(60);
    let end = h.buffered[0].last().map_or(0, |r| r.1.0);
    assert!((30 * SECOND..=34 * SECOND).contains(&end), "{end}");
    assert_eq!(h.state(), State::Ready);
}

#[test]
fn what_is_far_behind_is_removed() {
    let mut h = playing(300);
    h.run(120);
    let start = h.buffered[0].first().map_or(0, |r| r.0.0);
    let position = h.position.0;
    assert!(
        (25 * SECOND..=45 * SECOND).contains(&(position - start)),
        "{start} at {position}"
    );
}

#[test]
fn a_seek_into_the_buffer_fetches_nothing_again() {
    let mut h = playing(120);
    h.run(10);
    let before = h
        .fetched
        .iter()
        .filter(|f| f.kind == RequestKind::Video)
        .map(|f| f.url.clone())
        .collect::<Vec<_>>();
    h.command(Command::Seek(Micros(3 * SECOND)));
    assert!(h.run_until(2, |h| h.state() == State::Playing && h.position.0 > 3 * SECOND));
    let refetched = h
        .fetched
        .iter()
        .filter(|f| f.kind == RequestKind::Video)
        .skip(before.len())
        .any(|f| before.contains(&f.url));
    assert!(!refetched);
}

#[test]
fn a_seek_back_while_the_buffer_grows_fetches_nothing_again() {
    // At whatever moment: while something is fetched, waits for the sink, or is being appended.
    for moment in 0..120 {
        let mut h = film_of(120);
        h.sink_pace = 20;
        h.input(Input::Environment(Environment {
            width: 480,
            height: 270,
            ..Environment::default()
        }));
        h.load(URL);
        h.command(Command::Play);
        let mut left = moment;
        assert!(h.run_until(10, |h| {
            let reached = h.buffered[0].iter().any(|(_, end)| end.0 > 6 * SECOND);
            left -= i32::from(reached);
            left < 0
        }));
        h.command(Command::Seek(Micros(3 * SECOND)));
        assert!(h.run_until(4, |h| h.state() == State::Playing && h.position.0 > 3 * SECOND));
        let mut urls: Vec<_> = h.fetched.iter().map(|f| (&f.url, f.range)).collect();
        let all = urls.len();
        urls.sort_unstable();
        urls.dedup();
        assert_eq!(urls.len(), all, "after {moment} steps");
    }
}

#[test]
fn a_seek_out_of_the_buffer_fetches_from_there() {
    let mut h = playing(600);
    h.command(Command::Seek(Micros(301 * SECOND)));
    let mark = h.fetched.len();
    assert!(h.run_until(5, |h| h.state() == State::Playing));
    assert!(
        h.position.0 >= 301 * SECOND && h.position.0 < 307 * SECOND,
        "{:?}",
        h.position
    );
    let first = h
        .fetched
        .iter()
        .skip(mark - 3)
        .find(|f| f.kind == RequestKind::Video)
        .map(|f| f.url.clone())
        .unwrap_or_default();
    assert!(first.ends_with("/150.m4s"), "{first}");
}

#[test]
fn a_start_time_is_where_playback_starts() {
    let mut h = film_of(600);
    h.input(Input::Command(Command::Load {
        url: URL,
        start: Some(Micros(99 * SECOND)),
    }));
    h.command(Command::Play);
    assert!(h.run_until(10, |h| h.state() == State::Playing));
    assert!(h.position.0 >= 99 * SECOND && h.position.0 < 101 * SECOND);
    assert!(
        !h.fetched.iter().any(|f| f.url.ends_with("/0.m4s")),
        "nothing from the beginning"
    );
}

#[test]
fn replay_from_the_end_starts_over() {
    let mut h = playing(20);
    assert!(h.run_until(30, |h| h.state() == State::Ended));
    h.command(Command::Play);
    assert!(
        h.run_until(5, |h| h.state() == State::Playing && h.position.0 < 5 * SECOND),
        "{:?} {:?}",
        h.state(),
        h.position
    );
    h.ended_told = 1;
    assert!(h.run_until(30, |h| h.state() == State::Ended));
}

#[test]
fn a_seek_back_after_the_end_of_stream_refills_and_ends_again() {
    let mut h = playing(150);
    assert!(h.run_until(170, |h| h.state() == State::Ended));
    let told = h.ended_told;
    h.command(Command::Seek(Micros(SECOND)));
    assert!(h.run_until(5, |h| h.state() == State::Playing && h.position.0 < 10 * SECOND));
    assert!(h.run_until(170, |h| h.state() == State::Ended));
    assert!(h.ended_told > told);
}

#[test]
fn falling_bandwidth_goes_down_without_a_stall_and_comes_back() {
    let mut h = playing(300);
    h.run(20);
    h.bandwidth = 700_000;
    h.run(120);
    // What is buffered may be spent on a little more than the network carries.
    let low = h.renditions().last().copied().unwrap_or(u64::MAX);
    assert!(low <= 900_000, "{:?}", h.renditions());
    assert_eq!(h.stalls(), 0, "{:?}", h.renditions());
    h.bandwidth = 20_000_000;
    h.run(60);
    assert_eq!(h.renditions().last().copied(), LADDER.last().map(|l| l.0));
}

/// A film that plays over a fast link, after twenty seconds of it were fetched over a slow one; what was asked for by then.
fn slow_then_fast(environment: Environment) -> (Harness, usize) {
    let mut h = film_of(120);
    h.bandwidth = 700_000;
    h.input(Input::Environment(environment));
    h.load(URL);
    assert!(h.run_until(60, |h| h.buffered[0].iter().any(|(_, end)| end.0 >= 20 * SECOND)));
    h.bandwidth = 20_000_000;
    h.command(Command::Play);
    let mark = h.fetched.len();
    (h, mark)
}

/// How often each segment of the picture was asked for since.
fn segments_since(h: &Harness, mark: usize) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for fetch in h.fetched.iter().skip(mark).filter(|f| f.kind == RequestKind::Video) {
        let name = fetch.url.rsplit('/').next().unwrap_or_default().to_owned();
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    counts
}

#[test]
fn what_was_fetched_in_poor_quality_is_played_in_a_good_one_when_there_is_time() {
    let (mut h, _) = slow_then_fast(Environment::default());
    let (position, shown) = (h.position.0, h.renditions().len());
    h.run(12);
    // Six seconds ahead and more are replaced, the last ones first; nothing is fetched a third time.
    let (later, last) = (h.renditions().split_off(shown), LADDER[5].0);
    assert!(
        later.windows(2).all(|pair| pair[0] < pair[1]),
        "up and never down: {later:?}"
    );
    assert_eq!(later.last(), Some(&last), "{:?} since {position}", h.position);
    assert!(segments_since(&h, 0).iter().all(|(_, count)| *count <= 2));
    assert!(h.run_until(120, |h| h.state() == State::Ended));
    assert_eq!(h.stalls(), 0);
    assert!(
        h.events
            .iter()
            .any(|(_, e)| matches!(e, Event::Decision(d) if d.reason == Reason::Replaced))
    );
}

#[test]
fn what_data_saver_has_fetched_stays() {
    let (mut h, _) = slow_then_fast(Environment {
        save_data: true,
        ..Environment::default()
    });
    h.run(12);
    assert!(segments_since(&h, 0).iter().all(|(_, count)| *count == 1));
}

#[test]
fn a_replacement_that_would_come_too_late_is_dropped() {
    let (mut h, mark) = slow_then_fast(Environment::default());
    let is_replacing = |h: &Harness| {
        let last = h.events.iter().rev().find_map(|(_, e)| match e {
            Event::Decision(d) if d.kind == Kind::Video => Some(d.reason),
            _ => None,
        });
        last == Some(Reason::Replaced)
    };
    assert!(h.run_until(10, is_replacing));
    h.bandwidth = 150_000;
    h.run(8);
    h.bandwidth = 700_000;
    assert!(h.run_until(150, |h| h.state() == State::Ended), "{:?}", h.state());
    assert!(segments_since(&h, mark).iter().all(|(_, count)| *count <= 2));
    assert_eq!(h.stalls(), 0);
}

#[test]
fn of_renditions_that_are_ranked_alike_the_smaller_one_is_played() {
    for algorithm in [Algorithm::Ours, Algorithm::Throughput] {
        // The two largest are as good as the one below them.
        let mut manifest = film::manifest(60);
        for (at, (_, height)) in LADDER.iter().enumerate() {
            let (id, rank) = (format!(r#"id="v{height}""#), 9 - at.min(3));
            manifest = manifest.replace(&id, &format!(r#"{id} qualityRanking="{rank}""#));
        }
        let config = Config {
            algorithm,
            ..Config::default()
        };
        let mut h = Harness::new(config, move |fetch, _| film::answer(&manifest, fetch));
        h.load(URL);
        h.command(Command::Play);
        assert!(h.run_until(70, |h| h.state() == State::Ended), "{:?}", h.state());
        assert_eq!(h.renditions().iter().max(), Some(&LADDER[3].0), "{algorithm:?}");
    }
}

#[test]
fn sound_does_not_take_what_the_picture_needs() {
    let mut h = film_of(60);
    h.bandwidth = 300_000;
    h.load(URL);
    h.command(Command::Play);
    let number = |f: &Fetch| f.url.rsplit('/').next()?.strip_suffix(".m4s")?.parse::<i64>().ok();
    let last = |h: &Harness, kind| h.fetched.iter().rev().find(|f| f.kind == kind).and_then(number);
    // While there is something of the picture on its way, sound is not asked for beyond it.
    let ended = h.run_until(80, |h| {
        let (sound, picture) = (last(h, RequestKind::Audio), last(h, RequestKind::Video));
        assert!(sound <= picture, "{sound:?} {picture:?}");
        h.state() == State::Ended
    });
    assert!(ended, "{:?}", h.state());
    assert_eq!(h.stalls(), 0);
}

/// Bitrates of the video segments that are asked for while the link is away for so many seconds.
fn asked_while_away(h: &mut Harness, seconds: i64) -> Vec<u64> {
    h.bandwidth = 0;
    let mark = h.fetched.len();
    h.run(seconds);
    let video = h.fetched.iter().skip(mark).filter(|f| f.kind == RequestKind::Video);
    video.map(|f| film::bitrate(&f.url)).collect()
}

/// Runs until another video segment is asked for.
fn until_asked(h: &mut Harness) {
    let count = |h: &Harness| h.fetched.iter().filter(|f| f.kind == RequestKind::Video).count();
    let before = count(h);
    assert!(h.run_until(40, |h| count(h) > before));
}

/// Runs until some of a video segment is there.
fn amid_a_segment(h: &mut Harness) {
    until_asked(h);
    let soon = h.now.plus(Micros(200_000));
    h.run_until(1, |h| h.now >= soon);
}

#[test]
fn in_an_outage_less_is_asked_for_and_only_a_few_times() {
    let mut h = playing(60);
    h.bandwidth = 1_500_000;
    h.command(Command::Seek(Micros(50 * SECOND)));
    assert!(h.run_until(5, |h| h.state() == State::Playing));
    amid_a_segment(&mut h);
    let asked = asked_while_away(&mut h, 9);
    // Twice each at most: the other location may answer.
    assert!((1..=4).contains(&asked.len()), "{asked:?}");
    assert!(asked.windows(2).all(|pair| pair[0] >= pair[1]), "{asked:?}");
    assert!(asked.last().is_some_and(|&rate| rate < 900_000), "{asked:?}");
    h.bandwidth = 400_000;
    assert!(h.run_until(40, |h| h.state() == State::Ended), "{:?}", h.state());
}

#[test]
fn a_short_outage_over_a_full_buffer_changes_nothing() {
    let mut h = playing(120);
    h.bandwidth = 6_000_000;
    h.run(20);
    amid_a_segment(&mut h);
    let asked = asked_while_away(&mut h, 6);
    assert!(asked.is_empty(), "{asked:?} {:?} {:?}", h.position, h.buffered);
    h.bandwidth = 6_000_000;
    assert!(h.run_until(120, |h| h.state() == State::Ended));
    assert_eq!(h.stalls(), 0);
}

#[test]
fn a_location_that_falls_silent_within_a_body_is_left() {
    let manifest = film::manifest(60);
    let mut h = Harness::new(Config::default(), move |fetch, now| {
        let stuck = fetch.kind == RequestKind::Video && fetch.url.contains("a.example") && now.0 > 8_000_000;
        match film::answer(&manifest, fetch) {
            // An encoder that is never done.
            Answer::Media { bytes, start, end } if stuck => Answer::Chunked {
                bytes,
                start,
                end,
                chunk: Micros(SECOND),
                first: now.plus(Micros(1_000 * SECOND)),
            },
            other => other,
        }
    });
    h.bandwidth = 4_000_000;
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(70, |h| h.state() == State::Ended), "{:?}", h.state());
    assert_eq!(h.stalls(), 0);
}

#[test]
fn a_late_segment_is_given_up_for_a_smaller_one() {
    let mut h = playing(300);
    assert!(h.run_until(20, |h| h.renditions().last() == LADDER.last().map(|l| &l.0)));
    until_asked(&mut h);
    h.bandwidth = 200_000;
    h.run(60);
    let abandoned = h
        .events
        .iter()
        .any(|(_, e)| matches!(e, Event::Decision(d) if d.reason.code() == "abandoned"));
    assert!(abandoned);
    assert!(h.stalls() <= 1, "{}", h.stalls());
}

#[test]
fn another_audio_language_replaces_what_is_buffered() {
    let mut h = playing(120);
    h.run(10);
    let tracks = h.player.tracks().unwrap_or_default();
    let french = tracks
        .audio
        .iter()
        .find(|t| t.language == "fr")
        .map(|t| t.id)
        .unwrap_or(u32::MAX);
    let mark = h.fetched.len();
    h.command(Command::SelectAudio(french));
    h.run(3);
    let audio: Vec<_> = h
        .fetched
        .iter()
        .skip(mark)
        .filter(|f| f.kind == RequestKind::Audio)
        .map(|f| f.url.clone())
        .collect();
    assert!(
        audio
            .first()
            .is_some_and(|u| u.contains("a-fr/5.m4s") || u.contains("a-fr/4.m4s")),
        "{audio:?}"
    );
    assert!(audio.iter().all(|u| u.contains("a-fr")));
    assert!(
        h.player
            .tracks()
            .unwrap_or_default()
            .audio
            .iter()
            .any(|t| t.language == "fr" && t.selected)
    );
    assert!(h.run_until(130, |h| h.state() == State::Ended));
}

#[test]
fn a_fixed_rendition_comes_soon_and_stays() {
    let mut h = playing(120);
    assert!(h.run_until(20, |h| h.renditions().last() == LADDER.last().map(|l| &l.0)));
    h.command(Command::SelectRendition(Some(1)));
    assert!(
        h.run_until(6, |h| h.renditions().last() == Some(&LADDER[1].0)),
        "{:?}",
        h.renditions()
    );
    h.run(20);
    assert_eq!(h.renditions().last(), Some(&LADDER[1].0));
    h.command(Command::SelectRendition(None));
    assert!(h.run_until(60, |h| h.renditions().last() == LADDER.last().map(|l| &l.0)));
}

#[test]
fn subtitles_come_and_go_on_time() {
    let mut h = film_of(30);
    h.input(Input::Preferences(Preferences {
        text_enabled: true,
        ..Preferences::default()
    }));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(40, |h| h.state() == State::Ended));
    let shown: Vec<_> = h.cues.iter().map(|(_, texts)| texts.join("+")).collect();
    assert_eq!(shown, ["first", "first+second", "second", "", "third", ""]);
    for ((at, _), expected) in h
        .cues
        .iter()
        .zip([1_000_000, 2_500_000, 3_000_000, 4_000_000, 10_000_000, 11_000_000])
    {
        assert!((at.0 - expected).abs() < 60_000, "{at:?} for {expected}");
    }
}

#[test]
fn a_full_sink_lowers_the_goal_and_playback_goes_on() {
    let mut h = film_of(120);
    h.capacity = Micros(14 * SECOND);
    h.load(URL);
    h.command(Command::Play);
    assert!(
        h.run_until(140, |h| h.state() == State::Ended),
        "{:?} at {:?}",
        h.state(),
        h.position
    );
    assert!(h.quota_hits > 0);
    assert!(h.quota_hits < 60, "it learns: {} refusals", h.quota_hits);
    assert_eq!(h.stalls(), 0);
}

#[test]
fn one_location_failing_is_not_noticed() {
    let manifest = film::manifest(120);
    let mut h = Harness::new(Config::default(), move |fetch, now| {
        if now.0 > 20_000_000 && fetch.url.starts_with("https://a.") && fetch.kind != RequestKind::Manifest {
            return Answer::Status(503);
        }
        film::answer(&manifest, fetch)
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(140, |h| h.state() == State::Ended));
    assert_eq!(h.stalls(), 0);
    assert!(h.error().is_none());
    let to_a = h
        .fetched
        .iter()
        .filter(|f| f.url.starts_with("https://a.") && f.kind == RequestKind::Video)
        .count();
    let to_b = h
        .fetched
        .iter()
        .filter(|f| f.url.starts_with("https://b.") && f.kind == RequestKind::Video)
        .count();
    assert!(to_b > 20 && to_a < 40, "{to_a} {to_b}");
}

#[test]
fn a_location_that_hangs_is_left() {
    let manifest = film::manifest(60);
    let mut h = Harness::new(Config::default(), move |fetch, now| {
        if now.0 > 5_000_000 && fetch.url.starts_with("https://a.") && fetch.kind != RequestKind::Manifest {
            return Answer::Hangs;
        }
        film::answer(&manifest, fetch)
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(80, |h| h.state() == State::Ended));
    assert_eq!(h.stalls(), 0);
}

#[test]
fn a_manifest_that_is_not_there_is_an_error_at_once() {
    let mut h = Harness::new(Config::default(), |_, _| Answer::Status(404));
    h.load(URL);
    assert!(h.run_until(5, |h| h.state() == State::Error));
    let error = h.error().cloned();
    assert_eq!(
        error.as_ref().map(|e| (e.code, e.status)),
        Some(("network.status", 404))
    );
    assert_eq!(h.fetched.len(), 1, "a 404 is final");
}

#[test]
fn a_malformed_manifest_says_so() {
    let mut h = Harness::new(Config::default(), |_, _| {
        Answer::Text(b"<html><body>no</body></html>".to_vec())
    });
    h.load(URL);
    assert!(h.run_until(5, |h| h.state() == State::Error));
    let code = h.error().map(|e| e.code).unwrap_or_default();
    assert!(code.starts_with("manifest."), "{code}");
}

#[test]
fn an_unreachable_server_is_retried_with_backoff_then_told() {
    let mut h = Harness::new(Config::default(), |_, _| Answer::Refused);
    h.load(URL);
    assert!(h.run_until(30, |h| h.state() == State::Error));
    assert_eq!(h.fetched.len(), 4);
    assert_eq!(
        h.error().map(|e| (e.code, e.action.name())),
        Some(("network.unreachable", "check-network"))
    );
}

#[test]
fn missing_segments_stop_playback_only_where_they_are_missing() {
    let manifest = film::manifest(60);
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        let number: i64 = fetch
            .url
            .rsplit('/')
            .next()
            .and_then(|f| f.split('.').next())
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        if fetch.kind == RequestKind::Video && number >= 5 {
            Answer::Status(404)
        } else {
            film::answer(&manifest, fetch)
        }
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(30, |h| h.state() == State::Error));
    assert!(h.position.0 > 9 * SECOND, "what was there was played: {:?}", h.position);
    assert_eq!(h.error().map(|e| e.status), Some(404));
    // The player stays usable: elsewhere it plays on.
    h.command(Command::Seek(Micros(2 * SECOND)));
    h.command(Command::Retry);
    assert!(h.run_until(5, |h| h.state() == State::Playing), "{:?}", h.state());
}

#[test]
fn truncated_segments_end_in_an_error_and_a_retry_goes_on() {
    let manifest = film::manifest(30);
    let broken = std::rc::Rc::new(std::cell::Cell::new(true));
    let switch = broken.clone();
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        if fetch.kind == RequestKind::Video && fetch.url.ends_with("/3.m4s") && switch.get() {
            return Answer::Truncated { bytes: 50_000 };
        }
        film::answer(&manifest, fetch)
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(
        h.run_until(60, |h| h.state() == State::Error),
        "{:?} {:?}",
        h.state(),
        h.position
    );
    assert_eq!(h.error().map(|e| e.code), Some("network.truncated"));
    broken.set(false);
    h.command(Command::Retry);
    assert!(h.run_until(40, |h| h.state() == State::Ended), "{:?}", h.state());
}

#[test]
fn a_hole_in_both_tracks_is_jumped_once() {
    let manifest = film::manifest(40);
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        // Segments 5 and 6 arrive and hold nothing.
        match film::answer(&manifest, fetch) {
            Answer::Media { bytes, start, .. } if (10 * SECOND..14 * SECOND).contains(&start.0) => Answer::Media {
                bytes,
                start,
                end: start,
            },
            other => other,
        }
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(
        h.run_until(60, |h| h.state() == State::Ended),
        "{:?} {:?}",
        h.state(),
        h.position
    );
    assert_eq!(h.seeks.len(), 1, "{:?}", h.seeks);
}

#[test]
fn nothing_playable_is_an_error() {
    let mut h = film_of(30);
    h.refuse_types = vec!["avc1", "mp4a"];
    h.load(URL);
    assert!(h.run_until(5, |h| h.state() == State::Error));
    assert_eq!(h.error().map(|e| e.code), Some("manifest.nothing-playable"));
}

#[test]
fn a_device_without_the_audio_codec_plays_the_picture() {
    let mut h = film_of(30);
    h.refuse_types = vec!["mp4a"];
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(40, |h| h.state() == State::Ended));
    assert_eq!(h.tracks, [Kind::Video]);
}

#[test]
fn unload_takes_everything_back() {
    let mut h = playing(60);
    h.command(Command::Unload);
    assert_eq!(h.state(), State::Idle);
    assert_eq!(h.closed, 1);
    assert_eq!(h.player.poll_timeout(), None);
    let fetched = h.fetched.len();
    h.run(10);
    assert_eq!(h.fetched.len(), fetched);
}

#[test]
fn a_second_load_replaces_the_first() {
    let mut h = playing(60);
    h.load(URL);
    assert_eq!(h.closed, 1);
    h.position = Micros(0);
    assert!(h.run_until(10, |h| matches!(h.state(), State::Playing | State::Ready)));
}

#[test]
fn several_periods_play_through() {
    let periods = format!(
        "{}{}{}",
        film::period(Some(20), 0),
        film::period(Some(20), 0),
        film::period(Some(20), 0)
    );
    let manifest = film::manifest_with(60, &periods);
    let count = std::cell::Cell::new(0i64);
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        // Each period numbers its segments from 0: the order of requests tells which one is meant.
        match film::answer(&manifest, fetch) {
            Answer::Media { bytes, start, end } if end > start => {
                if fetch.kind == RequestKind::Video {
                    count.set(count.get() + 1);
                }
                let periods = if fetch.kind == RequestKind::Video {
                    (count.get() - 1) / 10
                } else {
                    audio_period(fetch)
                };
                let shift = periods * 20 * SECOND;
                Answer::Media {
                    bytes,
                    start: Micros(start.0 + shift),
                    end: Micros(end.0 + shift),
                }
            }
            other => other,
        }
    });
    thread_local!(static AUDIO: std::cell::Cell<i64> = const { std::cell::Cell::new(0) });
    fn audio_period(_: &Fetch) -> i64 {
        AUDIO.with(|a| {
            a.set(a.get() + 1);
            (a.get() - 1) / 10
        })
    }
    h.load(URL);
    h.command(Command::Play);
    assert!(
        h.run_until(80, |h| h.state() == State::Ended),
        "{:?} {:?} {:?}",
        h.state(),
        h.position,
        h.buffered
    );
    assert_eq!(h.position, Micros(60 * SECOND));
    assert_eq!(h.stalls(), 0);
}

#[test]
fn the_picture_is_no_larger_than_its_area() {
    let mut h = film_of(60);
    h.input(Input::Environment(Environment {
        width: 640,
        height: 360,
        ..Environment::default()
    }));
    h.load(URL);
    h.command(Command::Play);
    h.run(40);
    assert_eq!(h.renditions().last(), Some(&450_000));
}

/// The reason of the last choice of a video rendition.
fn last_reason(h: &Harness) -> Option<Reason> {
    h.events.iter().rev().find_map(|(_, event)| match event {
        Event::Decision(made) if made.kind == Kind::Video => Some(made.reason),
        _ => None,
    })
}

#[test]
fn data_saver_battery_and_limits_hold_the_picture_small_and_let_go() {
    let all = Environment::default();
    let cases = [
        (Environment { save_data: true, ..all }, 450_000, Reason::SaveData),
        (Environment { low_power: true, ..all }, 1_600_000, Reason::LowPower),
        (Environment { max_height: 600, ..all }, 900_000, Reason::Limit),
        (
            Environment {
                max_bitrate: 300_000,
                ..all
            },
            250_000,
            Reason::Limit,
        ),
        // Nothing fits: the smallest.
        (Environment { max_bitrate: 10, ..all }, 120_000, Reason::Limit),
    ];
    for (environment, largest, reason) in cases {
        let mut h = film_of(120);
        h.input(Input::Environment(environment));
        h.load(URL);
        h.command(Command::Play);
        h.run(40);
        assert_eq!(h.renditions().iter().max(), Some(&largest), "{environment:?}");
        assert_eq!(last_reason(&h), Some(reason), "{environment:?}");
        h.input(Input::Environment(all));
        h.run(60);
        assert_eq!(h.renditions().last(), Some(&2_800_000), "{environment:?}");
    }
}

#[test]
fn a_device_that_loses_frames_gets_a_smaller_picture_for_a_while() {
    let mut h = film_of(240);
    h.decodes = Some(1_000_000);
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(110, |h| last_reason(h) == Some(Reason::DroppedFrames)));
    // What is buffered of the largest plays out; then the next one is too much too.
    h.run(90);
    assert_eq!(h.renditions().last(), Some(&900_000), "{:?}", h.renditions());
    assert_eq!(h.stalls(), 0);
}

#[test]
fn the_same_inputs_give_the_same_outputs() {
    let run = || {
        let mut h = playing(60);
        h.bandwidth = 900_000;
        h.run(50);
        (format!("{:?}", h.events), h.fetched)
    };
    assert_eq!(run(), run());
}

/// A film in one file a rendition: an index of 30 segments of two seconds behind 800 bytes of initialization.
fn single_files() -> Harness {
    use footlight_isobmff::sidx::{Reference, Sidx};

    let reps: String = LADDER
        .iter()
        .map(|(b, h)| {
            format!(
                r#"<Representation id="v{h}" bandwidth="{b}" width="1920" height="{h}" codecs="avc1.64001f"><BaseURL>v/v{h}/film.mp4</BaseURL>
<SegmentBase indexRange="800-1199"><Initialization range="0-799"/></SegmentBase></Representation>"#
            )
        })
        .collect();
    let sets =
        format!(r#"<Period><AdaptationSet contentType="video" mimeType="video/mp4">{reps}</AdaptationSet></Period>"#);
    let manifest = film::manifest_with(60, &sets);
    Harness::new(Config::default(), move |fetch, _| {
        let size = film::bitrate(&fetch.url) / 4;
        match (fetch.kind, fetch.range) {
            (RequestKind::Index, _) => {
                let references = (0..30)
                    .map(|_| Reference {
                        is_index: false,
                        size: size as u32,
                        duration: 2000,
                        starts_with_sap: true,
                    })
                    .collect();
                let mut sidx = Sidx {
                    reference_id: 1,
                    timescale: 1000,
                    earliest_presentation_time: 0,
                    first_offset: 0,
                    references,
                };
                // Media starts where the index range ends.
                sidx.first_offset = 400 - sidx.write().expect("a small index").len() as u64;
                let mut body = sidx.write().expect("a small index");
                body.resize(400, 0);
                Answer::Text(body)
            }
            (RequestKind::Init, _) => Answer::Media {
                bytes: 800,
                start: Micros(0),
                end: Micros(0),
            },
            (RequestKind::Video, Some((start, Some(end)))) => {
                assert_eq!(end + 1 - start, size, "a range of one segment");
                let number = ((start - 1200 + size / 2) / size) as i64;
                Answer::Media {
                    bytes: size,
                    start: Micros(number * 2 * SECOND),
                    end: Micros((number + 1) * 2 * SECOND),
                }
            }
            _ => film::answer(&manifest, fetch),
        }
    })
}

#[test]
fn single_files_play_by_their_index() {
    let mut h = single_files();
    h.load(URL);
    h.command(Command::Play);
    assert!(
        h.run_until(10, |h| h.state() == State::Playing),
        "{:?} {:?}",
        h.state(),
        h.error()
    );
    h.bandwidth = 1_000_000;
    assert!(
        h.run_until(80, |h| h.state() == State::Ended),
        "{:?} at {:?}",
        h.state(),
        h.position
    );
    assert_eq!(h.stalls(), 0);
    let indexes: Vec<_> = h
        .fetched
        .iter()
        .filter(|f| f.kind == RequestKind::Index)
        .map(|f| f.url.clone())
        .collect();
    let mut once = indexes.clone();
    once.sort();
    once.dedup();
    assert_eq!(indexes.len(), once.len(), "each index once: {indexes:?}");
}

/// Requests for indexes that were needed at once: those for the initialization segment come with them.
fn hasty(fetched: &[Fetch]) -> usize {
    let pairs = fetched.windows(2);
    pairs
        .filter(|pair| pair[0].kind == RequestKind::Index && pair[1].kind == RequestKind::Init)
        .filter(|pair| pair[0].url == pair[1].url)
        .count()
}

fn indexes(fetched: &[Fetch]) -> usize {
    fetched.iter().filter(|f| f.kind == RequestKind::Index).count()
}

#[test]
fn indexes_are_there_before_they_are_needed() {
    let mut h = single_files();
    h.bandwidth = 1_000_000;
    h.load(URL);
    h.command(Command::Play);
    h.run(20);
    h.bandwidth = 20_000_000;
    let mark = h.fetched.len();
    h.run(20);
    let since = &h.fetched[mark..];
    assert!(since.iter().any(|f| film::bitrate(&f.url) == LADDER[5].0), "it went up");
    assert_eq!(hasty(since), 0);
    assert_eq!(indexes(&h.fetched), LADDER.len());
    assert_eq!(h.stalls(), 0);
}

#[test]
fn indexes_that_are_not_needed_wait_for_a_buffer() {
    let mut h = single_files();
    h.bandwidth = 1_000_000;
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(20, |h| {
        h.buffered[0].iter().any(|(_, end)| end.0 - h.position.0 >= 3 * SECOND)
    }));
    let (all, needed) = (indexes(&h.fetched), hasty(&h.fetched));
    assert!(all > 0 && all == needed, "{all} {needed}");
}

#[test]
fn an_index_that_cannot_be_had_is_missed_only_by_its_rendition() {
    let mut h = single_files();
    h.refuse = |fetch| fetch.kind == RequestKind::Index && film::bitrate(&fetch.url) == LADDER[3].0;
    h.bandwidth = 600_000;
    h.load(URL);
    h.command(Command::Play);
    h.run(25);
    h.bandwidth = 20_000_000;
    assert!(h.run_until(80, |h| h.state() == State::Ended), "{:?}", h.error());
    assert_eq!(h.renditions().last(), Some(&LADDER[5].0));
}

#[test]
fn what_time_it_is_does_not_matter_to_a_film() {
    let mut h = Harness::new(Config::default(), film::server(20));
    h.input(Input::WallClock(Micros(1_790_000_000 * SECOND)));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(5, |h| h.state() == State::Playing));
    assert!(h.position.0 < 2 * SECOND);
}

#[test]
fn a_pipeline_that_breaks_is_replaced() {
    let mut h = Harness::new(Config::default(), film::server(60));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(20, |h| h.position.0 > 6 * SECOND));
    let broken = |h: &mut Harness| {
        h.input(Input::MediaError {
            code: 3,
            message: "decode",
        })
    };
    broken(&mut h);
    assert_eq!((h.closed, h.error()), (1, None));
    assert!(h.run_until(5, |h| h.state() == State::Playing && h.position.0 > 7 * SECOND));
    // At the same place again: past it.
    broken(&mut h);
    assert!(h.run_until(5, |h| h.state() == State::Playing));
    assert!(h.position.0 > 10 * SECOND);
    broken(&mut h);
    assert!(h.run_until(60, |h| h.state() == State::Ended), "{:?}", h.state());
    assert_eq!(h.closed, 3);
}

#[test]
fn a_pipeline_that_breaks_all_the_time_is_an_error() {
    let mut h = Harness::new(Config::default(), film::server(60));
    h.load(URL);
    h.command(Command::Play);
    for _ in 0..4 {
        assert!(h.run_until(20, |h| h.state() == State::Playing));
        h.input(Input::MediaError {
            code: 3,
            message: "decode",
        });
    }
    assert_eq!(h.error().map(|e| e.code), Some("sink.decode"));
    h.command(Command::Retry);
    assert!(h.run_until(20, |h| h.state() == State::Playing));
}

#[test]
fn after_an_outage_it_goes_on_where_the_viewer_wanted_to_be() {
    let manifest = film::manifest(120);
    let down = std::rc::Rc::new(std::cell::Cell::new(false));
    let is_down = std::rc::Rc::clone(&down);
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        // The sound's server is quick to say so, the picture's takes its time.
        match fetch.kind {
            RequestKind::Audio if is_down.get() => Answer::Status(404),
            RequestKind::Video if is_down.get() && !fetch.url.contains("/47.m4s") => Answer::Status(404),
            RequestKind::Video if is_down.get() => Answer::Hangs,
            _ => film::answer(&manifest, fetch),
        }
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(10, |h| h.position.0 > 2 * SECOND));
    down.set(true);
    h.command(Command::Seek(Micros(90 * SECOND)));
    assert!(h.run_until(60, |h| h.state() == State::Error), "{:?}", h.state());
    down.set(false);
    h.command(Command::Retry);
    assert!(
        h.run_until(10, |h| h.state() == State::Playing),
        "{:?} at {:?} {:?}",
        h.state(),
        h.position,
        h.buffered
    );
    assert!((90 * SECOND..92 * SECOND).contains(&h.position.0), "{:?}", h.position);
}
