//! What a manifest may say beyond where its segments are, and what the player does about it.

mod common;

use common::film::{self, LADDER};
use common::{Harness, SECOND};
use footlight_core::{Command, Config, RequestKind, State};

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
