//! Whatever the network, the sink and the viewer do: a session plays to its end or says why not.

mod common;

use common::channel::{Addressing, Channel, HOUR};
use common::{Answer, Harness, SECOND, film};
use footlight_core::{Command, Config, Fetch, Input, Instant, Micros, RequestKind, State};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[derive(Clone, Debug)]
struct Weather {
    seed: u64,
    /// Of a thousand segment requests, how many fail.
    faults: u64,
    /// Segments (by number) that hold nothing.
    holes: Vec<i64>,
    bandwidth: u64,
    latency: i64,
    capacity: i64,
    seeks: Vec<(i64, i64)>,
}

fn weather() -> impl Strategy<Value = Weather> {
    (
        any::<u64>(),
        prop_oneof![Just(0u64), 0u64..250],
        proptest::collection::vec(0i64..30, 0..6),
        200_000u64..20_000_000,
        1_000i64..800_000,
        prop_oneof![Just(1000i64), 12i64..40],
        proptest::collection::vec((1i64..15, 0i64..60), 0..5),
    )
        .prop_map(|(seed, faults, holes, bandwidth, latency, capacity, seeks)| Weather {
            seed,
            faults,
            holes,
            bandwidth,
            latency,
            capacity,
            seeks,
        })
}

fn dice(seed: u64, number: u64) -> u64 {
    let mut x = seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (x ^ (x >> 29)) % 1000
}

fn harness(weather: &Weather) -> Harness {
    let (manifest, sky) = (film::manifest(60), weather.clone());
    let mut count = 0;
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        count += 1;
        if fetch.kind != RequestKind::Manifest && dice(sky.seed, count) < sky.faults {
            return match dice(sky.seed, count + 1_000_000) % 5 {
                0 => Answer::Status(503),
                1 => Answer::Status(404),
                2 => Answer::Refused,
                3 => Answer::Truncated { bytes: 40_000 },
                _ => Answer::Hangs,
            };
        }
        match film::answer(&manifest, fetch) {
            Answer::Media { bytes, start, end } if sky.holes.contains(&(start.0 / 2 / SECOND)) && end > start => {
                Answer::Media {
                    bytes,
                    start,
                    end: start,
                }
            }
            other => other,
        }
    });
    h.bandwidth = weather.bandwidth;
    h.latency = Micros(weather.latency);
    h.capacity = Micros(weather.capacity * SECOND);
    h
}

/// Runs to the end; after an error the viewer tries again, a few times.
fn plays_out(h: &mut Harness) -> Result<(), String> {
    for _ in 0..12 {
        if !h.run_until(300, |h| matches!(h.state(), State::Ended | State::Error)) {
            return Err(format!(
                "stuck in {:?} at {:?}, buffered {:?}, timer {:?}",
                h.state(),
                h.position,
                h.buffered,
                h.player.poll_timeout()
            ));
        }
        if h.state() == State::Ended {
            return Ok(());
        }
        h.command(Command::Retry);
        h.command(Command::Play);
    }
    Ok(())
}

/// The same worlds in every run, so that a failure is the change's own; `PROPTEST_RNG_SEED=n` explores others.
fn worlds(cases: u32) -> ProptestConfig {
    let default = ProptestConfig {
        cases,
        ..ProptestConfig::default()
    };
    let rng_seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(2026),
        chosen => chosen,
    };
    ProptestConfig { rng_seed, ..default }
}

proptest! {
    #![proptest_config(worlds(300))]

    #[test]
    fn a_session_ends_or_says_why(weather in weather()) {
        let mut h = harness(&weather);
        h.load("https://a.example/film/manifest.mpd");
        h.command(Command::Play);
        for (wait, target) in &weather.seeks {
            h.run(*wait);
            h.command(Command::Seek(Micros(target * SECOND)));
        }
        let end = plays_out(&mut h);
        prop_assert_eq!(end, Ok(()));
    }

    #[test]
    fn jumps_over_holes_go_forward_and_do_not_repeat(
        holes in proptest::collection::vec(0i64..30, 0..12), seed in any::<u64>()
    ) {
        let weather = Weather { seed, faults: 0, holes, bandwidth: 20_000_000, latency: 20_000, capacity: 1000, seeks: vec![] };
        let mut h = harness(&weather);
        h.load("https://a.example/film/manifest.mpd");
        h.command(Command::Play);
        let end = plays_out(&mut h);
        prop_assert_eq!(end, Ok(()));
        let jumps: Vec<_> = h.seeks.iter().map(|(_, to)| to.0).collect();
        prop_assert!(jumps.windows(2).all(|w| w[0] < w[1]), "{jumps:?}");
        prop_assert!(jumps.len() <= weather.holes.len(), "{jumps:?}");
        if weather.holes.iter().any(|&h| h < 29) || weather.holes.is_empty() {
            prop_assert_eq!(h.state(), State::Ended);
        }
    }
}

/// What happens to a channel in its first minute.
#[derive(Clone, Debug)]
struct Trouble {
    seed: u64,
    /// Of a thousand requests for media, so many fail.
    faults: u64,
    /// Segments that never come, in seconds after the start.
    lost: Vec<(i64, u16)>,
    addressing: Addressing,
    low_latency: bool,
    periods: Option<i64>,
    /// Nothing is made from here, for so long.
    hole: (i64, i64),
    /// The service is late by this, in milliseconds.
    late: i64,
    /// The device's clock is wrong by this, in milliseconds.
    skew: i64,
    bandwidth: u64,
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let lost = (0i64..60, prop_oneof![Just(404u16), Just(410), Just(503), Just(425)]);
    (
        (any::<u64>(), prop_oneof![Just(0u64), 0u64..200]),
        proptest::collection::vec(lost, 0..8),
        any::<bool>(),
        any::<bool>(),
        proptest::option::of(4i64..15),
        (0i64..50, prop_oneof![Just(0i64), 1i64..12]),
        prop_oneof![Just(0i64), 0i64..4_000],
        prop_oneof![Just(0i64), -3_000i64..3_000],
        1_000_000u64..20_000_000,
    )
        .prop_map(
            |((seed, faults), lost, timeline, low_latency, periods, hole, late, skew, bandwidth)| Trouble {
                seed,
                faults,
                lost,
                addressing: if timeline {
                    Addressing::Timeline
                } else {
                    Addressing::Number
                },
                low_latency,
                periods: periods.map(|every| every * 2 * SECOND),
                hole,
                late,
                skew,
                bandwidth,
            },
        )
}

fn troubled(trouble: &Trouble) -> (Channel, Harness) {
    let base = if trouble.low_latency {
        Channel::low_latency()
    } else {
        Channel::default()
    };
    let (hole, length) = trouble.hole;
    let channel = Channel {
        addressing: trouble.addressing,
        periods: trouble.periods,
        lost: trouble
            .lost
            .iter()
            .map(|(at, status)| ((HOUR + at * SECOND) / (2 * SECOND), *status))
            .collect(),
        holes: vec![(HOUR + hole * SECOND, HOUR + (hole + length) * SECOND)],
        late: trouble.late * 1000,
        ..base
    };
    let (service, sky) = (channel.clone(), trouble.clone());
    let mut count = 0;
    let mut h = Harness::new(Config::default(), move |fetch, now| {
        count += 1;
        let early = now.0 < 60_000_000;
        if early && count > 1 && dice(sky.seed, count) < sky.faults {
            return match dice(sky.seed, count + 1_000_000) % 5 {
                0 => Answer::Status(503),
                1 => Answer::Status(404),
                2 => Answer::Refused,
                3 => Answer::Truncated { bytes: 40_000 },
                _ => Answer::Hangs,
            };
        }
        service.answer(fetch, now)
    });
    h.bandwidth = trouble.bandwidth;
    h.input(Input::WallClock(Micros(
        channel.epoch + h.now.0 as i64 + trouble.skew * 1000,
    )));
    (channel, h)
}

proptest! {
    #![proptest_config(worlds(60))]

    /// When the trouble is over, the channel plays, and not far from where it should.
    #[test]
    fn a_channel_recovers(trouble in trouble()) {
        let (channel, mut h) = troubled(&trouble);
        h.load("https://a.example/live/manifest.mpd");
        h.command(Command::Play);
        for _ in 0..12 {
            h.run(10);
            if h.state() == State::Error {
                h.command(Command::Retry);
                h.command(Command::Play);
            }
        }
        let (from, since) = (h.position, h.now);
        h.run(10);
        let report = format!("{:?} {:?} at {:?}, buffered {:?}, {:?}", h.state(), h.error(), h.position, h.buffered, h.player.poll_timeout());
        prop_assert!(h.position.0 - from.0 > 8 * SECOND, "in {} s from {from:?}: {report}", h.now.since(since).0 / SECOND);
        let behind = channel.edge(h.now) - h.position.0;
        prop_assert!(behind < 60 * SECOND, "{behind}: {report}");
        let back = h.seeks.windows(2).find(|w| w[1].1 < w[0].1 && w[0].0.0 > 1_000_000);
        prop_assert!(back.is_none(), "{:?}", h.seeks);
    }
}

/// A period: how long, how long its segments of picture and sound, and how much later than it and earlier or later than
/// its end the media of each begin and end, in milliseconds.
#[derive(Clone, Debug)]
struct Stretch {
    length: i64,
    segments: [i64; 2],
    late: [i64; 2],
    over: [i64; 2],
    /// Segments (of either) that hold nothing.
    holes: Vec<(usize, i64)>,
}

fn stretch() -> impl Strategy<Value = Stretch> {
    let pair = |range: std::ops::Range<i64>| [range.clone(), range];
    (
        300i64..20_000,
        pair(400..6_500),
        prop_oneof![Just([0, 0]), pair(0..700)],
        prop_oneof![Just([0, 0]), pair(-900..900)],
        proptest::collection::vec((0usize..2, 0i64..12), 0..3),
    )
        .prop_map(|(length, segments, late, over, holes)| Stretch {
            length,
            segments,
            late,
            over,
            holes,
        })
}

/// The manifest, and what each of its segments holds.
fn patchwork(stretches: &[Stretch]) -> (String, impl FnMut(&Fetch, Instant) -> Answer + use<>) {
    let mut periods = String::new();
    for (at, stretch) in stretches.iter().enumerate() {
        let set = |kind: &str, mime: &str, codecs: &str, segment: i64| {
            format!(
                r#"<AdaptationSet contentType="{kind}" mimeType="{mime}" codecs="{codecs}"><SegmentTemplate timescale="1000" duration="{segment}" startNumber="0" initialization="{at}/{kind}/init.mp4" media="{at}/{kind}/$Number$.m4s"/><Representation id="{kind}" bandwidth="200000"/></AdaptationSet>"#
            )
        };
        periods += &format!(
            r#"<Period duration="PT{}.{:03}S">{}{}</Period>"#,
            stretch.length / 1000,
            stretch.length % 1000,
            set(
                "video",
                "video/mp4",
                if at % 2 == 0 { "avc1.64001f" } else { "vp09.00.30.08" },
                stretch.segments[0]
            ),
            set("audio", "audio/mp4", "mp4a.40.2", stretch.segments[1]),
        );
    }
    let manifest = format!(
        r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" minBufferTime="PT2S"><BaseURL>https://a.example/</BaseURL>{periods}</MPD>"#
    );
    let (text, stretches) = (manifest.clone(), stretches.to_vec());
    let server = move |fetch: &Fetch, _: Instant| {
        let nothing = Answer::Media {
            bytes: 800,
            start: Micros(0),
            end: Micros(0),
        };
        let path = fetch
            .url
            .trim_start_matches("https://a.example/")
            .trim_end_matches(".m4s");
        let mut parts = path.split('/');
        let (Some(period), Some(kind), Some(number)) = (parts.next(), parts.next(), parts.next()) else {
            return Answer::Text(text.clone().into_bytes());
        };
        let (Ok(period), Ok(number)) = (period.parse::<usize>(), number.parse::<i64>()) else {
            return nothing;
        };
        let track = usize::from(kind == "audio");
        let stretch = &stretches[period];
        let origin: i64 = stretches[..period].iter().map(|s| s.length).sum();
        let length = stretch.segments[track];
        let ends = (number + 1) * length >= stretch.length;
        let start = if number == 0 {
            stretch.late[track]
        } else {
            number * length
        };
        let end = if ends {
            stretch.length + stretch.over[track]
        } else {
            (number + 1) * length
        };
        let end = if stretch.holes.contains(&(track, number)) {
            start
        } else {
            end.max(start)
        };
        Answer::Media {
            bytes: 20_000,
            start: Micros((origin + start) * 1000),
            end: Micros((origin + end) * 1000),
        }
    };
    (manifest, server)
}

proptest! {
    #![proptest_config(worlds(300))]

    /// Periods of any length, whose media begin late, end early or go on too long: it plays to the end, and what it
    /// jumps over is not there.
    #[test]
    fn boundaries_do_not_hold_it_up(stretches in proptest::collection::vec(stretch(), 1..8)) {
        let (_, server) = patchwork(&stretches);
        let mut h = Harness::new(Config::default(), server);
        h.load("https://a.example/manifest.mpd");
        h.command(Command::Play);
        let whole: i64 = stretches.iter().map(|s| s.length).sum();
        let ended = h.run_until(whole / 1000 + 30, |h| matches!(h.state(), State::Ended | State::Error));
        let report = format!("{:?} {:?} at {:?}, buffered {:?}, seeks {:?}", h.state(), h.error(), h.position, h.buffered, h.seeks);
        prop_assert!(ended && h.state() == State::Ended, "{report}");
        let jumps: Vec<_> = h.seeks.iter().map(|(_, to)| to.0).collect();
        prop_assert!(jumps.windows(2).all(|w| w[0] < w[1]), "{jumps:?}");
    }
}
