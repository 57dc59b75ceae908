//! What a manifest may say beyond where its segments are, and what the player does about it.

mod common;

use common::channel::{Channel, HOUR};
use common::film::{self, LADDER};
use common::{Answer, Harness, SECOND};
use footlight_core::{Command, Config, Event, Fetch, Input, Micros, RequestKind, State, Succession};

const URL: &str = "https://a.example/film/manifest.mpd";

/// A film of one minute whose manifest is changed by `edit`, playing.
fn edited(edit: impl Fn(String) -> String) -> Harness {
    let manifest = edit(film::manifest(60));
    let mut h = Harness::new(Config::default(), move |fetch, _| film::answer(&manifest, fetch));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(10, |h| h.state() == State::Playing), "{:?}", h.error());
    h
}

/// The numbers of the segments that were asked for in a folder.
fn numbers(h: &Harness, folder: &str) -> Vec<i64> {
    let of_folder = h.fetched.iter().filter(|f| f.url.contains(folder));
    let name = |url: &str| url.rsplit('/').next()?.strip_suffix(".m4s")?.parse().ok();
    of_folder.filter_map(|f| name(&f.url)).collect()
}

/// FailoverContent: nothing from 10 s on for six seconds.
const FAILOVER: &str =
    r#"<FailoverContent valid="false"><FCS t="10000" d="6000"/></FailoverContent></SegmentTemplate>"#;

#[test]
fn nothing_is_asked_for_where_there_is_said_to_be_nothing() {
    let mut h = edited(|manifest| manifest.replace(r#"$Number$.m4s"/>"#, &format!(r#"$Number$.m4s">{FAILOVER}"#)));
    assert!(
        h.run_until(70, |h| h.state() == State::Ended),
        "{:?} at {:?}",
        h.state(),
        h.position
    );
    for folder in ["/v", "/a-en/"] {
        let asked = numbers(&h, folder);
        assert!(
            !asked.iter().any(|number| (5..8).contains(number)),
            "{folder}: {asked:?}"
        );
        assert!(asked.contains(&4) && asked.contains(&8), "{folder}: {asked:?}");
    }
    let jumps: Vec<_> = h.seeks.iter().map(|(_, to)| to.0 / SECOND).collect();
    assert_eq!((jumps, h.error()), (vec![16], None));
}

#[test]
fn a_rendition_with_failover_content_is_left_for_another_one() {
    // Only the largest has lost its segments.
    let top = LADDER.last().map_or(0, |l| l.1);
    let mut h = edited(|manifest| {
        let end = format!(r#"height="{top}" codecs="avc1.64001f"/>"#);
        let own = format!(r#"height="{top}" codecs="avc1.64001f"><SegmentTemplate>{FAILOVER}</Representation>"#);
        manifest.replace(&end, &own)
    });
    assert!(h.run_until(70, |h| h.state() == State::Ended));
    let of_top = numbers(&h, &format!("/v{top}/"));
    assert!(!of_top.iter().any(|number| (5..8).contains(number)), "{of_top:?}");
    assert!(of_top.contains(&10), "it is taken again afterwards: {of_top:?}");
    assert_eq!((h.stalls(), h.seeks.len()), (0, 0));
}

#[test]
fn what_a_manifest_wants_sent_is_sent_where_it_may_be() {
    for (only_own, to_others) in [(false, Some("token=1")), (true, None)] {
        let mut h = edited(|manifest| {
            let wanted = format!(
                r#"<EssentialProperty schemeIdUri="urn:mpeg:dash:urlparam:2016"><ExtHttpHeaderInfo queryTemplate="$querypart$" queryString="token=1" sameOriginOnly="{only_own}"/></EssentialProperty><SegmentTemplate"#
            );
            let moved = r#"lang="fr"><BaseURL>https://b.example/film/</BaseURL>"#;
            manifest
                .replace("<SegmentTemplate", &wanted)
                .replace(r#"lang="fr">"#, moved)
        });
        h.command(Command::SelectAudio(2));
        h.run(5);
        let sent = |host: &str| {
            let media = h
                .fetched
                .iter()
                .filter(|f| f.kind != RequestKind::Manifest && f.url.contains(host));
            let media = media.filter(|f| f.kind != RequestKind::Text);
            media.map(|f| f.header.as_deref()).collect::<Vec<_>>()
        };
        assert!(sent("//a.").len() > 5 && sent("//b.").len() > 5);
        assert!(sent("//a.").iter().all(|header| *header == Some("token=1")));
        assert!(sent("//b.").iter().all(|header| *header == to_others));
        let manifest = h.fetched.first().map(|f| (f.kind, f.header.clone()));
        assert_eq!(manifest, Some((RequestKind::Manifest, None)));
    }
}

const SWITCHING: &str = "urn:mpeg:dash:adaptation-set-switching:2016";

/// The picture in two sets, the larger renditions in the second, with `codecs`.
fn split(manifest: &str, properties: [&str; 2], codecs: &str) -> String {
    let [first, second] = properties;
    let start = manifest.find("<AdaptationSet contentType=\"video\"").unwrap_or(0);
    let at = manifest.find("<Representation id=\"v540\"").unwrap_or(0);
    let end = at + manifest[at..].find("</AdaptationSet>").unwrap_or(0);
    let template = manifest.find("<SegmentTemplate").unwrap_or(0);
    let template = &manifest[template..manifest.find("<Representation").unwrap_or(0)];
    let head = r#"<AdaptationSet contentType="video" mimeType="video/mp4""#;
    let larger = manifest[at..end].replace("avc1.64001f", codecs);
    let smaller = manifest[start + head.len() + 1..at].replace("<SegmentTemplate", &format!("{first}<SegmentTemplate"));
    format!(
        r#"{}{head} id="1">{smaller}</AdaptationSet>{head} id="2">{second}{template}{larger}{}"#,
        &manifest[..start],
        &manifest[end..],
    )
}

fn video_tracks(h: &Harness) -> Vec<usize> {
    let tracks = h.player.tracks().unwrap_or_default();
    tracks.video.iter().map(|track| track.renditions.len()).collect()
}

#[test]
fn sets_that_one_may_switch_between_are_one_track() {
    let to = |id: u32| format!(r#"<SupplementalProperty schemeIdUri="{SWITCHING}" value="{id}"/>"#);
    let mut h = edited(|manifest| split(&manifest, [&to(2), &to(1)], "avc1.640028"));
    assert_eq!(video_tracks(&h), [6]);
    h.run(2);
    h.bandwidth = 600_000;
    h.run(15);
    h.bandwidth = 20_000_000;
    assert!(h.run_until(70, |h| h.state() == State::Ended));
    let renditions = h.renditions();
    let has = |larger: bool| renditions.iter().any(|bandwidth| (*bandwidth > LADDER[2].0) == larger);
    assert!(has(false) && has(true), "over both sets: {renditions:?}");
    assert_eq!(h.stalls(), 0);
    // Other codecs are not changed within a track, and are no second one either.
    let mut h = edited(|manifest| split(&manifest, [&to(2), &to(1)], "hvc1.1.6.L93.B0"));
    h.run(20);
    assert_eq!(video_tracks(&h), [3]);
    assert!(numbers(&h, "/v1080/").is_empty());
    // Without a word of it, they are two.
    let h = edited(|manifest| split(&manifest, ["", ""], "avc1.640028"));
    assert_eq!(video_tracks(&h), [3, 3]);
}

#[test]
fn picture_and_sound_keep_to_subsets() {
    let subsets = r#"<Subset contains="1 11"/><Subset contains="2 12"/></Period>"#;
    let mut h = edited(|manifest| {
        let ids = [("en", 11), ("fr", 12)].map(|(lang, id)| (format!(r#"lang="{lang}">"#), id));
        let text = split(&manifest, ["", ""], "avc1.640028").replace("</Period>", subsets);
        ids.iter().fold(text, |text, (lang, id)| {
            text.replace(
                &format!(r#"mimeType="audio/mp4" {lang}"#),
                &format!(r#"mimeType="audio/mp4" id="{id}" {lang}"#),
            )
        })
    });
    let folder = |url: &str| url.split('/').rev().nth(1).unwrap_or_default().to_owned();
    let heights = |h: &Harness, from: usize| {
        let video = h.fetched.iter().skip(from).filter(|f| f.kind == RequestKind::Video);
        let heights = video.filter_map(|f| folder(&f.url).strip_prefix('v')?.parse().ok());
        heights.collect::<Vec<u32>>()
    };
    h.run(10);
    assert!(heights(&h, 0).iter().all(|height| *height <= 360));
    let french = h.player.tracks().unwrap_or_default().audio[1].id;
    let before = h.fetched.len();
    h.command(Command::SelectAudio(french));
    assert!(h.run_until(70, |h| h.state() == State::Ended), "{:?}", h.state());
    let after = heights(&h, before);
    assert!(
        !after.is_empty() && after.iter().all(|height| *height >= 540),
        "{after:?}"
    );
}

#[test]
fn what_is_only_part_of_a_preselection_is_no_track() {
    let only = r#"lang="fr" id="7"><EssentialProperty schemeIdUri="urn:mpeg:dash:preselection:2016"/>"#;
    for (components, count) in [("1 7", 1), ("7", 2)] {
        let preselection = format!(r#"<Preselection id="p" preselectionComponents="{components}"/></Period>"#);
        let h = edited(|manifest| {
            manifest
                .replace(r#"lang="fr">"#, only)
                .replace("</Period>", &preselection)
        });
        let tracks = h.player.tracks().unwrap_or_default();
        assert_eq!(tracks.audio.len(), count, "{components}");
    }
}

#[test]
fn the_sound_for_those_who_do_not_see_is_not_the_first_choice() {
    let description = r#"<Accessibility schemeIdUri="urn:tva:metadata:cs:AudioPurposeCS:2007" value="1"/>"#;
    let h = edited(|manifest| manifest.replace(r#"lang="en"><Seg"#, &format!(r#"lang="en">{description}<Seg"#)));
    let audio = h.player.tracks().unwrap_or_default().audio;
    let told: Vec<_> = audio
        .iter()
        .map(|t| (t.language.as_str(), t.roles.concat(), t.selected))
        .collect();
    assert_eq!(
        told,
        [("en", "description".to_owned(), false), ("fr", String::new(), true)]
    );
}

/// A manifest whose property names other presentations.
fn naming(manifest: &str, scheme: &str, others: &str) -> String {
    let property =
        format!(r#"<SupplementalProperty schemeIdUri="urn:mpeg:dash:{scheme}:2016" value="{others}"/></MPD>"#);
    manifest.replace("</MPD>", &property)
}

fn successions(h: &Harness) -> Vec<(String, Succession)> {
    let told = h.events.iter().filter_map(|(_, event)| match event {
        Event::PresentationChanged { url, reason } => Some((url.clone(), *reason)),
        _ => None,
    });
    told.collect()
}

#[test]
fn where_a_presentation_cannot_be_played_the_one_that_it_names_is() {
    let first = naming(&film::manifest(120), "fallback", "gone.mpd spare/spare.mpd");
    // It names the first again: nobody goes in circles.
    let spare = film::manifest(120).replace("/film/", "/spare/");
    let spare = naming(&spare, "fallback", "https://a.example/film/manifest.mpd");
    let fails_from = |number: i64| {
        let (first, spare) = (first.clone(), spare.clone());
        move |fetch: &Fetch, _| {
            let name = fetch.url.rsplit('/').next().unwrap_or_default();
            let is_late = name.trim_end_matches(".m4s").parse().is_ok_and(|n: i64| n >= number);
            match name {
                "gone.mpd" => Answer::Status(404),
                "spare.mpd" => film::answer(&spare, fetch),
                _ if is_late && fetch.url.contains("/film/") => Answer::Status(500),
                _ => film::answer(&first, fetch),
            }
        }
    };
    let mut h = Harness::new(Config::default(), fails_from(10));
    h.load(URL);
    h.command(Command::Play);
    h.command(Command::SetRate(1500));
    let spare_url = "https://a.example/film/spare/spare.mpd".to_owned();
    assert!(
        h.run_until(90, |h| successions(h).len() == 2),
        "{:?} at {:?}",
        h.state(),
        h.position
    );
    assert!(h.run_until(10, |h| h.state() == State::Playing), "{:?}", h.error());
    let at = h.position.0 / SECOND;
    assert!((15..=22).contains(&at), "it goes on where it stopped: {at}");
    assert_eq!(successions(&h)[1], (spare_url, Succession::Fallback));
    assert_eq!((h.error(), h.rate), (None, 1500));
    assert!(h.run_until(120, |h| h.state() == State::Ended));
    assert_eq!(h.closed, 1);

    // When nothing of all that can be played, that is an error.
    let first = naming(&film::manifest(120), "fallback", "other.mpd");
    let mut h = Harness::new(Config::default(), move |fetch, _| match fetch.url.rsplit('/').next() {
        Some("manifest.mpd") => film::answer(&first, fetch),
        _ => Answer::Status(404),
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(60, |h| h.state() == State::Error));
    assert_eq!(successions(&h).len(), 1);
    assert_eq!(h.error().map(|e| e.code), Some("network.status"));
}

#[test]
fn after_the_end_comes_the_presentation_that_is_named() {
    let first = naming(&film::manifest(20), "chaining", "next.mpd");
    let next = film::manifest(30).replace("/film/", "/next/");
    let mut h = Harness::new(Config::default(), move |fetch, _| match fetch.url.rsplit('/').next() {
        Some("next.mpd") => film::answer(&next, fetch),
        _ => film::answer(&first, fetch),
    });
    h.load(URL);
    h.command(Command::Play);
    h.run_until(5, |h| h.state() == State::Playing);
    h.command(Command::SelectAudio(2));
    assert!(h.run_until(30, |h| !successions(h).is_empty()));
    assert!(h.run_until(5, |h| h.state() == State::Playing));
    assert!(h.position.0 < 5 * SECOND && h.duration == Some(Micros(30 * SECOND)));
    let audio = h.player.tracks().unwrap_or_default().audio;
    assert!(audio.iter().any(|track| track.language == "fr" && track.selected));
    assert!(h.run_until(40, |h| h.state() == State::Ended));
    let ends = h.events.iter().filter(|(_, e)| *e == Event::Ended).count();
    assert_eq!((ends, h.stalls(), h.closed), (1, 0, 1));
}

#[test]
fn a_steering_server_says_where_to_fetch() {
    let element = r#"<ContentSteering defaultServiceLocation="a" queryBeforeStart="true">https://s.example/first?x=1</ContentSteering></MPD>"#;
    let manifest = film::manifest(120).replace("</MPD>", element);
    let mut h = Harness::new(Config::default(), move |fetch, _| {
        let said = match fetch.url.split(['?', '/']).nth(3) {
            Some("first") => r#"{"VERSION":1,"TTL":20,"RELOAD-URI":"/second","PATHWAY-PRIORITY":["b","a"]}"#,
            Some("second") => {
                r#"{"VERSION":1,"TTL":20,"RELOAD-URI":"/third","PATHWAY-PRIORITY":["c","a","b"],
                "PATHWAY-CLONES":[{"BASE-ID":"b","ID":"c","URI-REPLACEMENT":{"HOST":"c.example"}}]}"#
            }
            Some("third") => "not JSON",
            _ => return film::answer(&manifest, fetch),
        };
        Answer::Text(said.as_bytes().to_vec())
    });
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(130, |h| h.state() == State::Ended));
    let is_media = |f: &&Fetch| matches!(f.kind, RequestKind::Video | RequestKind::Audio | RequestKind::Init);
    let mut hosts: Vec<_> = h
        .fetched
        .iter()
        .filter(is_media)
        .filter_map(|f| f.url.chars().nth(8))
        .collect();
    hosts.dedup();
    assert_eq!(hosts, ['b', 'c'], "nothing else before, in between or after");
    let asked = h.fetched.iter().filter(|f| f.kind == RequestKind::Steering);
    let asked: Vec<_> = asked
        .map(|f| f.url.split("&_DASH_throughput=").next().unwrap_or_default())
        .collect();
    assert_eq!(asked[0], "https://s.example/first?x=1");
    assert_eq!(asked[1], "https://s.example/second?_DASH_pathway=%22b%22");
    assert_eq!(asked[2], "https://s.example/third?_DASH_pathway=%22c%22");
    assert_eq!(
        (asked.len(), h.stalls(), h.error()),
        (3, 0, None),
        "and no sooner than usual after nonsense"
    );
}

#[test]
fn a_start_does_not_wait_long_for_a_steering_server() {
    let element = r#"<ContentSteering defaultServiceLocation="b" queryBeforeStart="true">https://s.example/s</ContentSteering></MPD>"#;
    for answer in [Answer::Hangs, Answer::Status(410)] {
        let manifest = film::manifest(30).replace("</MPD>", element);
        let mut h = Harness::new(Config::default(), move |fetch, _| match fetch.kind {
            RequestKind::Steering => answer.clone(),
            _ => film::answer(&manifest, fetch),
        });
        h.load(URL);
        h.command(Command::Play);
        assert!(h.run_until(3, |h| h.state() == State::Playing));
        let first = h
            .fetched
            .iter()
            .find(|f| f.kind == RequestKind::Video)
            .map(|f| f.url.as_str());
        assert!(first.is_some_and(|url| url.starts_with("https://b.")), "{first:?}");
        assert!(h.run_until(40, |h| h.state() == State::Ended));
    }
}

#[test]
fn hosts_can_read_what_a_manifest_says() {
    let h = edited(|manifest| {
        manifest.replace(
            "<Period>",
            r#"<ProgramInformation><Title>T</Title></ProgramInformation><Period>"#,
        )
    });
    let title = h
        .player
        .presentation()
        .and_then(|p| p.program.as_ref()?.title.as_deref());
    assert_eq!(title, Some("T"));
}

#[test]
fn at_high_speed_the_picture_is_that_for_scanning() {
    let trick = r#"<AdaptationSet contentType="video" mimeType="video/mp4"><EssentialProperty schemeIdUri="http://dashif.org/guidelines/trickmode" value="1"/>
        <SegmentTemplate timescale="1000" duration="2000" startNumber="0" initialization="scan/init.mp4" media="scan/$Number$.m4s"/>
        <Representation id="scan" bandwidth="80000" codecs="avc1.64001f" maxPlayoutRate="16"/></AdaptationSet></Period>"#;
    let manifest = film::manifest(300).replace("</Period>", trick);
    let manifest = manifest.replace(
        r#"<AdaptationSet contentType="video" mimeType="video/mp4"><SegmentTemplate"#,
        r#"<AdaptationSet id="1" contentType="video" mimeType="video/mp4"><SegmentTemplate"#,
    );
    let mut h = Harness::new(Config::default(), move |fetch, _| film::answer(&manifest, fetch));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(5, |h| h.state() == State::Playing));
    assert_eq!(video_tracks(&h), [6], "it is no track of its own");
    let video = |h: &Harness, from: usize, scanned: bool| {
        let of_video = h.fetched.iter().skip(from).filter(|f| f.kind == RequestKind::Video);
        of_video.filter(|f| f.url.contains("/scan/") == scanned).count()
    };
    h.command(Command::SetRate(2000));
    h.run(3);
    assert_eq!(video(&h, 0, true), 0);
    let normal = h.fetched.len();
    h.command(Command::SetRate(8000));
    h.run(20);
    assert!(h.position.0 > 150 * SECOND, "{:?}", h.position);
    assert!(video(&h, normal, true) > 70 && video(&h, normal, false) == 0);
    let scanned = h.fetched.len();
    h.command(Command::SetRate(1000));
    h.run(5);
    assert!(video(&h, scanned, false) > 5 && video(&h, scanned, true) == 0);
    let active = h
        .player
        .tracks()
        .and_then(|tracks| tracks.video[0].renditions.iter().position(|r| r.active));
    assert!(active.is_some(), "the rendition on screen is of the main set again");
    assert_eq!((h.stalls(), h.seeks.len(), h.error()), (0, 0, None));
}

#[test]
fn live_failover_content_without_an_end_is_waited_for() {
    let channel = Channel::default();
    let from = HOUR + 10 * SECOND;
    let service = channel.clone();
    let mut h = Harness::new(Config::default(), move |fetch, now| {
        let Answer::Text(text) = service.answer(fetch, now) else {
            return service.answer(fetch, now);
        };
        let edge = service.edge(now);
        let section = match edge - from {
            ..0 => return Answer::Text(text),
            // Its end is told once it is known.
            gone if gone < 15 * SECOND => format!(r#"<FCS t="{from}"/>"#),
            _ => format!(r#"<FCS t="{from}" d="{}"/>"#, 14 * SECOND),
        };
        let end =
            format!(r#"$Number$.m4s"><FailoverContent valid="false">{section}</FailoverContent></SegmentTemplate>"#);
        let text = String::from_utf8_lossy(&text).replace(r#"$Number$.m4s"/>"#, &end);
        Answer::Text(text.into_bytes())
    });
    h.input(Input::WallClock(Micros(channel.epoch)));
    h.load(URL);
    h.command(Command::Play);
    assert!(h.run_until(10, |h| h.state() == State::Playing));
    h.run(50);
    let first = from / channel.segment;
    // What was asked for before the manifest said so was there.
    for folder in ["/v", "/a-en/"] {
        let asked = numbers(&h, folder);
        let inside = asked.iter().filter(|n| (first + 2..first + 7).contains(*n)).count();
        assert_eq!(inside, 0, "{first}: {asked:?}");
        assert!(asked.contains(&(first + 7)), "{first}: {asked:?}");
    }
    assert_eq!((h.state(), h.error()), (State::Playing, None));
    assert!(h.position.0 > from + 20 * SECOND);
}

#[test]
fn where_urls_name_ranges_requests_do_not() {
    let template = "$base$?$query$&amp;range=$first$-$last$";
    let base = format!(r#"<BaseURL serviceLocation="a" byteRange="{template}">https://a.example/film/</BaseURL>"#);
    let list: String = (0..15)
        .map(|n| {
            format!(
                r#"<SegmentURL media="a/{n}.m4s?q" mediaRange="{}-{}"/>"#,
                n * 100,
                n * 100 + 99
            )
        })
        .collect();
    let sound = format!(r#"lang="en"><SegmentList timescale="1000" duration="2000">{list}</SegmentList>"#);
    let mut h = edited(|manifest| {
        let manifest = manifest.replace(
            r#"<BaseURL serviceLocation="a">https://a.example/film/</BaseURL>"#,
            &base,
        );
        let template = manifest.find(r#"lang="en"><SegmentTemplate"#).unwrap_or(0);
        let end = template + manifest[template..].find("/>").unwrap_or(0) + 2;
        [&manifest[..template], &sound, &manifest[end..]].concat()
    });
    h.run(10);
    let asked = h.fetched.iter().filter(|f| f.kind == RequestKind::Audio);
    let asked: Vec<_> = asked.map(|f| (f.url.as_str(), f.range)).take(2).collect();
    let url = |n: u32| format!("https://a.example/film/a/{n}.m4s?q&range={}-{}", n * 100, n * 100 + 99);
    assert_eq!(asked, [(url(0).as_str(), None), (url(1).as_str(), None)]);
    assert_eq!((h.state(), h.error()), (State::Playing, None));
}

#[test]
fn what_is_wrong_with_it_is_a_warning_that_tells_code_place_and_detail() {
    let h = edited(|manifest| manifest.replacen(r#" minBufferTime="PT2S""#, r#" minBufferTime="2 s""#, 1));
    let warnings = h.events.iter().filter_map(|(_, event)| match event {
        Event::Warning(warning) => Some((warning.code, warning.message.as_str())),
        _ => None,
    });
    let warnings: Vec<_> = warnings.collect();
    let [("attribute.invalid", message)] = warnings[..] else {
        panic!("{warnings:?}")
    };
    assert!(
        message.starts_with("line 1, column ") && message.ends_with(": minBufferTime"),
        "{message}"
    );
}
