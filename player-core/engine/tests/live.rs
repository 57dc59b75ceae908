//! Sessions with a live service, from the first frame to the end of the event.

mod common;

use std::cell::Cell;
use std::rc::Rc;

use common::channel::{Addressing, Channel, HOUR};
use common::{Answer, Harness, SECOND};
use footlight_core::{Command, Config, Event, Fetch, Input, Instant, Micros, RequestKind, State, Timeline};
use footlight_isobmff::events::{EventMessage, EventTime};

const URL: &str = "https://a.example/live/manifest.mpd";

/// A player whose device's clock is wrong by `skew`.
fn tuned(channel: &Channel, skew: i64, server: impl FnMut(&Fetch, Instant) -> Answer + 'static) -> Harness {
    let mut h = Harness::new(Config::default(), server);
    h.epoch = Some(channel.epoch);
    let wall = channel.epoch + h.now.0 as i64 + skew;
    h.input(Input::WallClock(Micros(wall)));
    h.load(URL);
    h.command(Command::Play);
    h
}

fn watch(channel: &Channel) -> Harness {
    let service = channel.clone();
    tuned(channel, 0, move |fetch, now| service.answer(fetch, now))
}

fn latency(channel: &Channel, h: &Harness) -> i64 {
    channel.edge(h.now) - h.position.0
}

/// Plays for `seconds` and gives back the latency at each second, in milliseconds.
fn latencies(channel: &Channel, h: &mut Harness, seconds: i64) -> Vec<i64> {
    (0..seconds)
        .map(|_| {
            h.run(1);
            latency(channel, h) / 1000
        })
        .collect()
}

fn timeline(h: &Harness) -> Timeline {
    h.player.timeline(h.now).expect("something is loaded")
}

fn starts(h: &mut Harness) {
    assert!(
        h.run_until(10, |h| h.state() == State::Playing),
        "{:?} {:?}",
        h.state(),
        h.error()
    );
}

#[test]
fn a_channel_plays_behind_its_edge() {
    for addressing in [Addressing::Number, Addressing::Timeline] {
        let channel = Channel {
            addressing,
            ..Channel::default()
        };
        let mut h = watch(&channel);
        starts(&mut h);
        let behind = latencies(&channel, &mut h, 120);
        assert_eq!((h.stalls(), h.error()), (0, None), "{addressing:?}");
        assert!(
            behind.iter().all(|ms| (5_500..9_000).contains(ms)),
            "{addressing:?} {behind:?}"
        );
        let seen = timeline(&h);
        assert!(seen.live);
        assert!(
            (seen.end.0 - (channel.edge(h.now) - 6 * SECOND)).abs() < 2 * SECOND + 100_000,
            "{seen:?}"
        );
        assert!(
            (seen.end.0 - seen.start.0 - 290 * SECOND).abs() < 6 * SECOND,
            "{seen:?}"
        );
        let manifests = h.fetched.iter().filter(|f| f.kind == RequestKind::Manifest).count();
        assert!(
            (20..75).contains(&manifests),
            "{addressing:?}: {manifests} manifests in two minutes"
        );
    }
}

#[test]
fn low_latency_stays_at_its_target() {
    let channel = Channel::low_latency();
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(20);
    let behind = latencies(&channel, &mut h, 300);
    assert_eq!((h.stalls(), h.error()), (0, None));
    let mean = behind.iter().sum::<i64>() / behind.len() as i64;
    assert!((1_800..2_250).contains(&mean), "mean {mean}: {behind:?}");
    assert!(behind.iter().all(|ms| (1_600..2_500).contains(ms)), "{behind:?}");
}

#[test]
fn low_latency_survives_a_jittery_network() {
    let channel = Channel::low_latency();
    let mut h = watch(&channel);
    starts(&mut h);
    let mut behind = Vec::new();
    for second in 0..300u64 {
        // Between half and four times what the largest rendition takes.
        h.bandwidth = [6_000_000, 12_000_000, 1_500_000, 9_000_000, 2_500_000][(second * 7 % 5) as usize];
        h.latency = Micros([20_000, 120_000, 60_000][(second % 3) as usize]);
        h.run(1);
        behind.push(latency(&channel, &h) / 1000);
    }
    assert!(h.stalls() <= 2, "{} stalls", h.stalls());
    assert_eq!(h.error(), None);
    let mean = behind.iter().sum::<i64>() / behind.len() as i64;
    assert!((1_700..2_600).contains(&mean), "mean {mean}");
    let changes = h.renditions().len();
    assert!(changes < 60, "{changes} changes of rendition in five minutes");
}

#[test]
fn after_a_stall_the_target_is_reached_again_without_a_jump() {
    let channel = Channel::low_latency();
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(20);
    h.bandwidth = 20_000;
    h.run(3);
    h.bandwidth = 20_000_000;
    let jumps = h.seeks.len();
    h.run(10);
    assert!(latency(&channel, &h) > 2_500_000, "{}", latency(&channel, &h));
    h.run(120);
    assert!(
        (latency(&channel, &h) - 2_000_000).abs() < 400_000,
        "{}",
        latency(&channel, &h)
    );
    assert_eq!(h.seeks.len(), jumps);
}

#[test]
fn a_wrong_clock_on_the_device_does_not_matter_when_the_service_tells_the_time() {
    for (scheme, value) in [
        ("http-head", "https://time.example/"),
        ("http-iso", "https://time.example/"),
        ("http-xsdate", "time"),
    ] {
        for skew in [-120 * SECOND, 45 * SECOND, 24 * HOUR] {
            let channel = Channel {
                timing: format!(r#"<UTCTiming schemeIdUri="urn:mpeg:dash:utc:{scheme}:2014" value="{value}"/>"#),
                ..Channel::default()
            };
            let service = channel.clone();
            let mut h = tuned(&channel, skew, move |fetch, now| service.answer(fetch, now));
            starts(&mut h);
            let behind = latencies(&channel, &mut h, 60);
            assert_eq!((h.stalls(), h.error()), (0, None), "{scheme} {skew}");
            assert!(
                behind.iter().all(|ms| (5_000..9_000).contains(ms)),
                "{scheme} {skew} {behind:?}"
            );
        }
    }
}

#[test]
fn without_any_scheme_the_date_of_the_manifest_serves() {
    let channel = Channel::default();
    let service = channel.clone();
    let mut h = tuned(&channel, 300 * SECOND, move |fetch, now| service.answer(fetch, now));
    starts(&mut h);
    h.run(30);
    assert!((5_000_000..9_000_000).contains(&latency(&channel, &h)));
    assert_eq!(h.stalls(), 0);
}

#[test]
fn a_clock_that_is_ahead_learns_from_what_is_not_there_yet() {
    let channel = Channel::default();
    let service = channel.clone();
    let mut h = tuned(&channel, 4 * SECOND, move |fetch, now| service.answer(fetch, now));
    h.epoch = None;
    starts(&mut h);
    h.run(120);
    assert_eq!(h.error(), None);
    let asked = h.fetched.iter().filter(|f| f.kind == RequestKind::Video).count();
    assert!(asked < 140, "{asked} requests for 62 segments");
    // It starts two seconds behind the true edge, where it learns.
    assert!(h.stalls() <= 4, "{} stalls", h.stalls());
    h.run(120);
    assert!(h.stalls() <= 4, "{} stalls", h.stalls());
}

#[test]
fn a_clock_that_is_behind_still_plays() {
    let channel = Channel::default();
    let service = channel.clone();
    let mut h = tuned(&channel, -3600 * SECOND - 100 * SECOND, move |fetch, now| {
        service.answer(fetch, now)
    });
    h.epoch = None;
    starts(&mut h);
    h.run(30);
    assert_eq!((h.stalls(), h.error()), (0, None));
}

#[test]
fn parts_of_a_sequence_are_asked_for_one_after_the_other() {
    let channel = Channel {
        addressing: Addressing::Timeline,
        update_period: 2 * SECOND,
        ..Channel::default()
    };
    let (service, part) = (channel.clone(), channel.segment / 4);
    let early = Rc::new(Cell::new(0));
    let count = Rc::clone(&early);
    let mut h = tuned(&channel, 0, move |fetch, now| match fetch.kind {
        RequestKind::Manifest => {
            // A sequence is listed as soon as its first part is there.
            let ahead = Instant(now.0 + (service.segment - part).unsigned_abs());
            let text = service.manifest(ahead).replace("/><S", r#" k="4"/><S"#);
            let text = text.replace("/></SegmentTimeline>", r#" k="4"/></SegmentTimeline>"#);
            Answer::Text(text.replace("t$Time$", "t$Time$-$SubNumber$").into_bytes())
        }
        _ => {
            let name = fetch
                .url
                .rsplit_once("/t")
                .and_then(|(_, name)| name.strip_suffix(".m4s"));
            let Some((time, number)) = name.and_then(|name| name.split_once('-')) else {
                return service.answer(fetch, now);
            };
            let (time, number): (i64, i64) = (time.parse().expect("a time"), number.parse().expect("a part"));
            let (start, end) = (time + (number - 1) * part, time + number * part);
            if end > service.edge(now) {
                count.set(count.get() + 1);
                return Answer::Status(404);
            }
            let (start, end) = (Micros(start), Micros(end));
            Answer::Media {
                bytes: 20_000,
                start,
                end,
            }
        }
    });
    starts(&mut h);
    h.run(30);
    assert!(latency(&channel, &h) < 12 * SECOND);
    assert!(h.fetched.iter().filter(|fetch| fetch.url.contains("-4.m4s")).count() > 20);
    assert_eq!(early.get(), 0, "asked for before they were there");
}

#[test]
fn a_segment_that_stays_away_is_passed_over() {
    for status in [404, 410, 503, 425] {
        for addressing in [Addressing::Number, Addressing::Timeline] {
            let first = (HOUR + 30 * SECOND) / (2 * SECOND);
            let channel = Channel {
                addressing,
                lost: vec![(first, status), (first + 10, status), (first + 11, status)],
                ..Channel::default()
            };
            let mut h = watch(&channel);
            starts(&mut h);
            h.run(90);
            assert_eq!(h.error(), None, "{status} {addressing:?}");
            assert_eq!(h.state(), State::Playing, "{status} {addressing:?}");
            let behind = latency(&channel, &h);
            assert!(behind < 20 * SECOND, "{status} {addressing:?} {behind}");
            let jumps: Vec<_> = h.seeks.iter().map(|(_, to)| to.0).collect();
            assert!(jumps.windows(2).all(|w| w[0] < w[1]), "{jumps:?}");
        }
    }
}

#[test]
fn a_place_that_hangs_is_left_before_the_buffer_is_empty() {
    let channel = Channel {
        base_urls: r#"<BaseURL serviceLocation="a">https://a.example/live/</BaseURL><BaseURL serviceLocation="b">https://b.example/live/</BaseURL>"#.into(),
        ..Channel::default()
    };
    let service = channel.clone();
    let mut h = tuned(&channel, 0, move |fetch, now| {
        let hangs = fetch.url.starts_with("https://a.") && fetch.kind != RequestKind::Manifest && now.0 > 20_000_000;
        if hangs {
            Answer::Hangs
        } else {
            service.answer(fetch, now)
        }
    });
    starts(&mut h);
    h.run(60);
    assert_eq!((h.stalls(), h.error()), (0, None));
}

#[test]
fn the_first_place_may_hang_from_the_start() {
    let channel = Channel {
        base_urls: r#"<BaseURL>https://a.example/live/</BaseURL><BaseURL>https://b.example/live/</BaseURL>"#.into(),
        ..Channel::default()
    };
    let service = channel.clone();
    let mut h = tuned(&channel, 0, move |fetch, now| {
        let hangs = fetch.url.starts_with("https://a.") && fetch.kind != RequestKind::Manifest;
        if hangs {
            Answer::Hangs
        } else {
            service.answer(fetch, now)
        }
    });
    starts(&mut h);
    h.run(30);
    assert_eq!(h.error(), None);
    assert!(h.stalls() <= 1);
}

#[test]
fn an_event_ends_where_its_last_manifest_says() {
    for addressing in [Addressing::Number, Addressing::Timeline] {
        let end = HOUR + 61 * SECOND;
        let channel = Channel {
            addressing,
            end: Some(end),
            ..Channel::default()
        };
        let mut h = watch(&channel);
        starts(&mut h);
        assert!(
            h.run_until(90, |h| h.state() == State::Ended),
            "{:?} at {:?}",
            h.state(),
            h.position
        );
        assert!((h.position.0 - end).abs() < 2 * SECOND, "{:?}", h.position);
        assert!(!timeline(&h).live);
        assert_eq!(h.error(), None);
        let manifests = h.fetched.len();
        h.run(20);
        assert_eq!(h.fetched.len(), manifests, "nothing is asked for any more");
    }
}

#[test]
fn periods_come_and_go_without_a_stall() {
    for addressing in [Addressing::Number, Addressing::Timeline] {
        let channel = Channel {
            addressing,
            periods: Some(14 * SECOND),
            depth: 60 * SECOND,
            ..Channel::default()
        };
        let mut h = watch(&channel);
        starts(&mut h);
        h.run(180);
        assert_eq!((h.stalls(), h.error()), (0, None), "{addressing:?}");
        assert!(latency(&channel, &h) < 9 * SECOND);
        // One to the start, and none over what a new Period made of segments that were asked for in the old one.
        assert_eq!(h.seeks.len(), 1, "{addressing:?} {:?}", h.seeks);
    }
}

#[test]
fn the_viewer_goes_back_and_returns_to_the_edge() {
    let channel = Channel::default();
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(10);
    let back = timeline(&h).end.0 - 120 * SECOND;
    h.command(Command::Seek(Micros(back)));
    assert!(h.run_until(5, |h| h.state() == State::Playing && h.position.0 > back));
    h.run(30);
    assert!(latency(&channel, &h) > 110 * SECOND, "nobody pulls the viewer back");
    h.command(Command::GoLive);
    assert!(h.run_until(5, |h| h.state() == State::Playing && h.position.0 > back + 100 * SECOND));
    assert!((5 * SECOND..9 * SECOND).contains(&latency(&channel, &h)));
    // Outside of the window is its border.
    h.command(Command::Seek(Micros(0)));
    assert!(h.run_until(5, |h| h.state() == State::Playing
        && latency(&channel, h) > 200 * SECOND));
    h.run(20);
    assert_eq!((h.state(), h.error()), (State::Playing, None));
}

#[test]
fn a_pause_longer_than_the_window_goes_on_where_there_is_something() {
    let channel = Channel {
        depth: 60 * SECOND,
        ..Channel::default()
    };
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(10);
    h.command(Command::Pause);
    h.run(300);
    h.command(Command::Play);
    h.run(60);
    assert_eq!((h.state(), h.error()), (State::Playing, None));
    assert!(
        latency(&channel, &h) < 75 * SECOND,
        "{}",
        latency(&channel, &h) / SECOND
    );
}

#[test]
fn an_encoder_that_restarts_leaves_a_gap_that_is_jumped() {
    let channel = Channel {
        addressing: Addressing::Timeline,
        holes: vec![(HOUR + 30 * SECOND, HOUR + 44 * SECOND)],
        ..Channel::default()
    };
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(120);
    assert_eq!((h.state(), h.error()), (State::Playing, None));
    assert!(
        latency(&channel, &h) < 20 * SECOND,
        "{}",
        latency(&channel, &h) / SECOND
    );
}

#[test]
fn a_manifest_that_cannot_be_had_for_a_while_stops_nothing() {
    let channel = Channel::default();
    let service = channel.clone();
    let mut h = tuned(&channel, 0, move |fetch, now| {
        let down = (20..60).contains(&(now.0 / 1_000_000));
        if down && fetch.kind == RequestKind::Manifest {
            return match now.0 % 3 {
                0 => Answer::Status(503),
                1 => Answer::Text(b"<html>busy</html>".to_vec()),
                _ => Answer::Refused,
            };
        }
        service.answer(fetch, now)
    });
    starts(&mut h);
    h.run(120);
    assert_eq!((h.stalls(), h.error()), (0, None));
    let warned = h.events.iter().any(|(_, e)| matches!(e, Event::Warning(_)));
    assert!(warned);
}

#[test]
fn a_service_that_is_later_than_it_says_is_followed() {
    let channel = Channel {
        late: 5 * SECOND,
        ..Channel::default()
    };
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(120);
    assert_eq!(h.error(), None);
    assert!(h.stalls() <= 1, "{} stalls", h.stalls());
    let asked = h.fetched.iter().filter(|f| f.kind == RequestKind::Video).count();
    assert!(asked < 140, "{asked} requests for 62 segments");
}

/// `(started, scheme, start in ms)` of the events told, in order.
fn told(h: &Harness) -> Vec<(bool, String, i64)> {
    let told = h.events.iter().filter_map(|(_, event)| match event {
        Event::TimedEventStarted(e) => Some((true, e.scheme.clone(), e.start.0 / 1000)),
        Event::TimedEventEnded(e) => Some((false, e.scheme.clone(), e.start.0 / 1000)),
        _ => None,
    });
    told.collect()
}

#[test]
fn events_of_the_manifest_are_told_when_the_playhead_gets_there() {
    let at = |second: i64| (HOUR / SECOND + second) * 1000;
    let channel = Channel {
        events: format!(
            r#"<EventStream schemeIdUri="urn:x" timescale="1000"><Event presentationTime="{}" duration="3000" id="1">a</Event><Event presentationTime="{}" id="2">b</Event></EventStream>
            <EventStream schemeIdUri="urn:mpeg:dash:event:callback:2015" value="1"><Event presentationTime="{}" id="3">https://beacon.example/seen</Event></EventStream>"#,
            at(10),
            at(20),
            at(12) / 1000
        ),
        ..Channel::default()
    };
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(40);
    let (x, callback) = ("urn:x".to_owned(), "urn:mpeg:dash:event:callback:2015".to_owned());
    let expected = [
        (true, x.clone(), at(10)),
        (true, callback, at(12)),
        (false, x.clone(), at(10)),
        (true, x, at(20)),
    ];
    assert_eq!(told(&h), expected);
    let asked = h
        .fetched
        .iter()
        .filter(|f| f.url == "https://beacon.example/seen")
        .count();
    assert_eq!(asked, 1);
}

#[test]
fn messages_in_segments_are_told_once_and_only_those_declared() {
    let channel = Channel {
        inband: r#"<InbandEventStream schemeIdUri="urn:y" value="1"/>"#.into(),
        ..Channel::default()
    };
    let mut h = watch(&channel);
    h.messages = Some(|_| {
        let message = |scheme, value, time, id| {
            let message = EventMessage {
                scheme,
                value,
                timescale: 1000,
                time: EventTime::Media(time),
                duration: Some(1000),
                id,
                data: b"hello",
            };
            message.write().expect("a message that fits")
        };
        let start = (HOUR / SECOND) as u64 * 1000 + 15_000;
        [
            message("urn:y", "1", start, 1),
            message("urn:z", "1", start, 2),
            message("urn:y", "2", start, 3),
        ]
        .concat()
    });
    starts(&mut h);
    h.run(40);
    let start = HOUR / 1000 + 15_000;
    assert_eq!(
        told(&h),
        [(true, "urn:y".to_owned(), start), (false, "urn:y".to_owned(), start)]
    );
}

#[test]
fn an_event_message_makes_the_manifest_come_again() {
    let channel = Channel {
        update_period: 0,
        inband: r#"<InbandEventStream schemeIdUri="urn:mpeg:dash:event:2012" value="1"/>"#.into(),
        ..Channel::default()
    };
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(20);
    let manifests = |h: &Harness| h.fetched.iter().filter(|f| f.kind == RequestKind::Manifest).count();
    assert_eq!(manifests(&h), 1, "numbered segments need no other manifest");
    h.messages = Some(|_| {
        let message = EventMessage {
            scheme: "urn:mpeg:dash:event:2012",
            value: "1",
            timescale: 1,
            time: EventTime::SinceSegment(0),
            duration: None,
            id: 1,
            data: b"2030-01-01T00:00:00Z",
        };
        message.write().expect("a message that fits")
    });
    h.run(20);
    assert_eq!(manifests(&h), 2);
}

#[test]
fn patches_are_fetched_in_place_of_the_manifest() {
    let channel = Channel {
        addressing: Addressing::Timeline,
        periods: Some(14 * SECOND),
        depth: 60 * SECOND,
        patches: true,
        ..Channel::default()
    };
    let mut h = watch(&channel);
    starts(&mut h);
    h.run(120);
    assert_eq!((h.stalls(), h.error()), (0, None));
    let asked = |name: &str| h.fetched.iter().filter(|f| f.url.contains(name)).count();
    assert_eq!(asked("manifest.mpd"), 1, "{} patches", asked("patch.mpp"));
    assert!(asked("patch.mpp") > 25);
}

#[test]
fn a_patch_that_does_not_fit_is_no_misfortune() {
    let channel = Channel {
        addressing: Addressing::Timeline,
        patches: true,
        ..Channel::default()
    };
    let service = channel.clone();
    let mut h = tuned(&channel, 0, move |fetch, now| {
        if fetch.url.contains("patch.mpp") && now.0 % 3 > 0 {
            return match now.0 % 3 {
                1 => Answer::Text(b"<Patch xmlns='urn:mpeg:dash:schema:mpd-patch:2020' mpdId='other'/>".to_vec()),
                _ => Answer::Status(404),
            };
        }
        service.answer(fetch, now)
    });
    starts(&mut h);
    h.run(60);
    assert_eq!((h.stalls(), h.error()), (0, None));
}

#[test]
fn a_service_whose_clock_is_minutes_wrong_is_followed_and_not_besieged() {
    for (minutes, places) in [(2, 1), (5, 1), (5, 2), (30, 2)] {
        let urls = [
            r#"<BaseURL>https://a.example/</BaseURL>"#,
            r#"<BaseURL>https://b.example/</BaseURL>"#,
        ];
        let channel = Channel {
            late: minutes * 60 * SECOND,
            depth: 3600 * SECOND,
            base_urls: urls[..places].concat(),
            ..Channel::default()
        };
        let mut h = watch(&channel);
        h.run(10);
        let first = h.fetched.len();
        assert!(first < 80 * places, "{minutes} min: {first} requests in 10 s");
        h.run(110);
        let then = h.fetched.len() - first;
        assert!(then < 110 * 2 * places + 30, "{minutes} min: {then} requests in 110 s");
        if minutes < 10 {
            assert_eq!((h.state(), h.stalls()), (State::Playing, 0), "{minutes} min");
        }
    }
}

#[test]
fn a_service_that_stands_still_is_not_besieged() {
    for places in [1, 2] {
        let urls = [
            r#"<BaseURL>https://a.example/</BaseURL>"#,
            r#"<BaseURL>https://b.example/</BaseURL>"#,
        ];
        let channel = Channel {
            base_urls: urls[..places].concat(),
            ..Channel::default()
        };
        let service = channel.clone();
        // From the 30th second on nothing is made for three minutes, in which its clock goes on.
        let mut h = tuned(&channel, 0, move |fetch, now| {
            let stopped = now.0 as i64 - 30 * SECOND;
            let is_away = (0..180 * SECOND).contains(&stopped) && fetch.kind != RequestKind::Manifest;
            let late = if is_away { stopped } else { 0 };
            Channel {
                late,
                ..service.clone()
            }
            .answer(fetch, now)
        });
        h.run(90);
        let first = h.fetched.len();
        h.run(110);
        let then = h.fetched.len() - first;
        assert!(then < 300 * places, "{then} requests in 110 s");
        h.run(20);
        assert_eq!((h.state(), h.error()), (State::Playing, None));
        assert!(latency(&channel, &h) < 60 * SECOND);
    }
}
