//! Subtitles and captions, from the manifest to what is on screen.

mod common;

use common::{Answer, Harness, SECOND, film};
use footlight_core::{
    Command, Config, Fetch, Input, Micros, Playback, Preferences, RequestKind, State, TextFormat, TextKind, TextTrack,
};

const URL: &str = "https://a.example/film/manifest.mpd";

/// A text set of two-second segments with an initialization segment.
fn stpp(id: &str, role: &str) -> String {
    format!(
        r#"<AdaptationSet contentType="text" mimeType="application/mp4" codecs="stpp.ttml.im1t" lang="{id}">
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="{role}"/>
<SegmentTemplate timescale="1000" duration="2000" startNumber="0" initialization="x/{id}/init" media="x/{id}/$Number$"/>
<Representation id="x-{id}" bandwidth="1000"/></AdaptationSet>"#
    )
}

const CAPTIONS: &str = r#"<Accessibility schemeIdUri="urn:scte:dash:cc:cea-608:2015" value="CC1=eng;CC3=spa"/>"#;

/// The film with more in its period: `text` after its sets, `captions` in its video.
fn film_with(seconds: i64, text: &str, captions: &str) -> String {
    let period = film::period(None, seconds)
        .replace("</Period>", &format!("{text}</Period>"))
        .replacen(
            r#"mimeType="video/mp4">"#,
            &format!(r#"mimeType="video/mp4">{captions}"#),
            1,
        );
    film::manifest_with(seconds, &period)
}

fn answer(manifest: &str, fetch: &Fetch) -> Answer {
    let Some((_, place)) = fetch.url.split_once("/x/") else {
        return film::answer(manifest, fetch);
    };
    let number = place.rsplit('/').next().and_then(|name| name.parse::<i64>().ok());
    match number {
        None => Answer::Text(b"init".to_vec()),
        Some(number) => {
            Answer::Text(format!("{} {} words {number}", number * 2000 + 500, number * 2000 + 1500).into_bytes())
        }
    }
}

fn serve(manifest: String) -> Harness {
    Harness::new(Config::default(), move |fetch, _| answer(&manifest, fetch))
}

fn texts(h: &Harness) -> Vec<TextTrack> {
    h.player.tracks().expect("tracks").text
}

fn shown(h: &Harness) -> Vec<String> {
    h.cues
        .iter()
        .map(|(_, texts)| texts.join("+"))
        .filter(|text| !text.is_empty())
        .collect()
}

fn fetched(h: &Harness, part: &str) -> usize {
    h.fetched.iter().filter(|fetch| fetch.url.contains(part)).count()
}

#[test]
fn segments_of_text_are_read_with_their_initialization_segment() {
    let mut h = serve(film_with(20, &stpp("de", "subtitle"), ""));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(5, |h| h.state() == State::Playing));
    assert_eq!(fetched(&h, "/x/"), 0, "nobody asked for text");
    let german = texts(&h)
        .into_iter()
        .find(|track| track.language == "de")
        .expect("the track");
    assert_eq!(german.kind, TextKind::Subtitles);
    h.command(Command::SelectText(Some(german.id)));
    assert!(h.run_until(40, |h| h.state() == State::Ended));
    assert_eq!(fetched(&h, "/x/de/init"), 1);
    assert!(
        h.read
            .iter()
            .all(|(format, init)| *format == TextFormat::Stpp && init.is_some())
    );
    let words = shown(&h);
    assert_eq!(words.last().map(String::as_str), Some("words 9"), "{words:?}");
    assert!(
        words.len() >= 8 && words.windows(2).all(|pair| pair[0] != pair[1]),
        "{words:?}"
    );
}

#[test]
fn text_is_read_once_whatever_the_seeks() {
    let mut h = serve(film_with(60, &stpp("de", "subtitle"), ""));
    h.input(Input::Preferences(Preferences {
        text_languages: vec!["de".into()],
        text_enabled: true,
        ..Preferences::default()
    }));
    h.load(URL);
    h.command(Command::Play);
    h.run(6);
    h.command(Command::Seek(Micros(40 * SECOND)));
    h.run(4);
    h.command(Command::Seek(Micros(2 * SECOND)));
    h.run(8);
    h.command(Command::Seek(Micros(41 * SECOND)));
    assert!(h.run_until(60, |h| h.state() == State::Ended));
    for number in 0..30 {
        let end = format!("/x/de/{number}");
        let times = h.fetched.iter().filter(|fetch| fetch.url.ends_with(&end)).count();
        assert!(times <= 1, "{number} was fetched {times} times");
    }
}

#[test]
fn captions_come_with_the_video() {
    let mut h = serve(film_with(20, "", CAPTIONS));
    h.load(URL);
    h.run(1);
    let all = texts(&h);
    let captions: Vec<_> = all.iter().filter(|track| track.kind == TextKind::Captions).collect();
    let languages: Vec<_> = captions.iter().map(|track| track.language.as_str()).collect();
    assert_eq!(languages, ["en", "es"]);
    h.command(Command::SelectText(Some(captions[1].id)));
    h.command(Command::Play);
    assert!(h.run_until(40, |h| h.state() == State::Ended));
    assert!(
        h.read
            .iter()
            .all(|(format, init)| *format == TextFormat::Cea608(3) && init.is_some())
    );
    let expected: Vec<_> = (0..10).map(|number| format!("caption {}", number * 2)).collect();
    let words = shown(&h);
    assert_eq!(words.last(), expected.last(), "{words:?}");
    assert!(expected.iter().skip(1).all(|word| words.contains(word)), "{words:?}");
}

#[test]
fn captions_of_what_is_in_the_sink_already_are_fetched_small() {
    let mut h = serve(film_with(60, "", CAPTIONS));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(20, |h| {
        h.buffered[0].first().is_some_and(|range| range.1.0 > 30 * SECOND)
    }));
    assert!(fetched(&h, "/v1080/") > 3);
    let before = h.fetched.len();
    let captions = texts(&h)
        .into_iter()
        .find(|track| track.kind == TextKind::Captions)
        .expect("captions");
    h.command(Command::SelectText(Some(captions.id)));
    let position = h.position.0;
    assert!(
        h.run_until(5, |h| !shown(h).is_empty()),
        "soon, not when the buffer has played"
    );
    assert!(h.position.0 - position < 3 * SECOND);
    let small: Vec<_> = h.fetched[before..]
        .iter()
        .filter(|fetch| fetch.kind == RequestKind::Text)
        .collect();
    assert!(!small.is_empty() && small.iter().all(|fetch| fetch.url.contains("/v180/")));
    assert!(h.run_until(80, |h| h.state() == State::Ended));
    let words = shown(&h);
    let from = position / (2 * SECOND) * 2 + 2;
    for second in (from..60).step_by(2) {
        assert!(
            words.contains(&format!("caption {second}")),
            "{second} is missing in {words:?}"
        );
    }
    assert_eq!(h.stalls(), 0);
}

/// Captions carry over from segment to segment: one that is read out of turn breaks what is under way.
#[test]
fn captions_are_read_in_the_order_in_which_they_play() {
    for delay in [10, 150, 400, 900] {
        let mut h = serve(film_with(120, "", CAPTIONS));
        h.load(URL);
        h.command(Command::Play);
        h.run(9);
        let captions = texts(&h).into_iter().find(|track| track.kind == TextKind::Captions);
        h.latency = Micros::from_millis(delay);
        h.command(Command::SelectText(captions.map(|track| track.id)));
        assert!(h.run_until(140, |h| h.state() == State::Ended));
        let mut last = None;
        for &start in &h.read_at {
            let follows = last.is_none_or(|last| start == last + Micros(2 * SECOND));
            assert!(follows, "{delay} ms: {start:?} after {last:?} in {:?}", h.read_at);
            last = Some(start);
        }
        assert_eq!(last, Some(Micros(118 * SECOND)));
    }
}

#[test]
fn captions_of_what_is_in_the_sink_are_fetched_over_period_borders() {
    let period = film::period(Some(20), 20);
    let period = period.replacen(
        r#"mimeType="video/mp4">"#,
        &format!(r#"mimeType="video/mp4">{CAPTIONS}"#),
        1,
    );
    let second = period.replace(
        r#"startNumber="0""#,
        r#"startNumber="10" presentationTimeOffset="20000""#,
    );
    let mut h = serve(film::manifest_with(40, &(period.clone() + &second)));
    h.load(URL);
    h.command(Command::Play);
    h.run(3);
    let full = h.run_until(20, |h| {
        h.buffered[0].first().is_some_and(|range| range.1.0 > 28 * SECOND)
    });
    assert!(full, "{:?}", h.buffered);
    let captions = texts(&h).into_iter().find(|track| track.kind == TextKind::Captions);
    h.command(Command::SelectText(captions.map(|track| track.id)));
    assert!(h.run_until(80, |h| h.state() == State::Ended));
    let words = shown(&h);
    for second in (4..40).step_by(2) {
        assert!(
            words.contains(&format!("caption {second}")),
            "{second} is missing in {words:?}"
        );
    }
}

#[test]
fn forced_text_shows_for_those_who_hear_its_language() {
    let forced = stpp("en", "forced_subtitle") + &stpp("fr", "forced-subtitle");
    let mut h = serve(film_with(20, &forced, ""));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(10, |h| {
        h.cues
            .iter()
            .any(|(_, texts)| texts.iter().any(|text| text.starts_with("words")))
    }));
    assert!(
        fetched(&h, "/x/en/") > 1 && fetched(&h, "/x/fr/") == 0,
        "the sound is English"
    );
    assert!(texts(&h).iter().all(|track| !track.selected));
    h.command(Command::SelectAudio(h.player.tracks().expect("tracks").audio[1].id));
    h.run(3);
    assert!(fetched(&h, "/x/fr/") > 1, "the sound is French");
    let plain = texts(&h)
        .into_iter()
        .find(|track| track.kind == TextKind::Subtitles)
        .expect("subtitles");
    h.command(Command::SelectText(Some(plain.id)));
    h.run(6);
    assert!(
        shown(&h).last().is_some_and(|text| !text.starts_with("words")),
        "{:?}",
        shown(&h)
    );
}

#[test]
fn what_is_forced_among_the_rest_shows_while_subtitles_are_off() {
    let manifest = film_with(20, &(stpp("en", "subtitle") + &stpp("fr", "subtitle")), "");
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        match fetch.url.rsplit_once("/x/en/") {
            Some((_, "3")) => Answer::Text(b"6500 7500 forced here".to_vec()),
            _ => answer(&manifest, fetch),
        }
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(30, |h| h.position > Micros(12 * SECOND)));
    // The film has subtitles of its own, which nobody has chosen.
    assert_eq!(shown(&h), ["forced here"]);
    assert_eq!(fetched(&h, "/x/fr/"), 0, "the sound is English");
    let english = texts(&h)
        .into_iter()
        .find(|track| track.roles == ["subtitle"] && track.language == "en");
    h.command(Command::SelectText(english.map(|track| track.id)));
    assert!(h.run_until(30, |h| h.state() == State::Ended));
    assert_eq!(
        shown(&h).last().map(String::as_str),
        Some("words 9"),
        "all of it once it is chosen"
    );
}

#[test]
fn a_clock_that_goes_in_steps_does_not_bring_cues_back() {
    let mut h = serve(film_with(20, &stpp("de", "subtitle"), ""));
    h.load(URL);
    h.run(1);
    let german = texts(&h).into_iter().find(|track| track.language == "de");
    h.command(Command::SelectText(german.map(|track| track.id)));
    h.command(Command::Play);
    // Cues end half a second before each even second.
    assert!(h.run_until(10, |h| h.position > Micros(3_500_000)));
    let told = h.cues.len();
    for (before, more) in [(40_000, 0), (700_000, 1)] {
        h.input(Input::Playback(Playback {
            position: Micros(3_500_000 - before),
            rate: 1000,
            ready_state: 4,
            ..Playback::default()
        }));
        assert_eq!(h.cues.len(), told + more, "{before} µs before: {:?}", h.cues);
    }
}

#[test]
fn text_that_cannot_be_had_stops_nothing() {
    let manifest = film_with(20, &stpp("de", "subtitle"), "");
    let mut h = Harness::new(Config::default(), move |fetch, _| match fetch.url.contains("/x/de/3") {
        true => Answer::Status(404),
        false => answer(&manifest, fetch),
    });
    h.input(Input::Preferences(Preferences {
        text_languages: vec!["de".into()],
        text_enabled: true,
        ..Preferences::default()
    }));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(40, |h| h.state() == State::Ended));
    let words = shown(&h);
    assert!(
        words.contains(&"words 2".to_owned()) && words.contains(&"words 4".to_owned()),
        "{words:?}"
    );
    assert!(!words.contains(&"words 3".to_owned()));
    assert!(h.error().is_none());
}
