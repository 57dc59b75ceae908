//! The engine run once over next to nothing while the first manifest is on its way. Browsers compile a function of a module when
//! it is first called: this way that happens while the network is waited for, not between a manifest and its first segments.

use std::sync::atomic::{AtomicBool, Ordering};

use footlight_core::{Command, Config, Input, Instant, Output, Player};

/// What manifests have in common.
const MANIFEST: &[u8] = br#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT8S" minBufferTime="PT1S">
<Period start="PT0S"><BaseURL>a/</BaseURL><AdaptationSet mimeType="audio/mp4" lang="en" codecs="mp4a">
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/><SegmentTemplate timescale="9" media="$Number$" initialization="i">
<SegmentTimeline><S t="0" d="9" r="3"/></SegmentTimeline></SegmentTemplate><Representation id="a" bandwidth="9"/></AdaptationSet></Period>
<Period start="PT4S"><AdaptationSet mimeType="video/mp4" codecs="avc1"><SegmentTemplate media="$RepresentationID$/$Number$"
duration="2"/><Representation id="v" bandwidth="9" width="9" height="9" frameRate="9"/></AdaptationSet></Period></MPD>"#;

static IS_DONE: AtomicBool = AtomicBool::new(false);

/// Does that once, up to the first requests for segments. Nothing comes out.
pub(crate) fn rehearse() {
    if IS_DONE.swap(true, Ordering::Relaxed) {
        return;
    }
    let now = Instant::default();
    let mut player = Player::new(Config::default(), 0);
    let (url, start) = ("https://rehearsal.invalid/", None);
    player.handle_input(now, Input::Command(Command::Load { url, start }));
    let mut has_manifest = false;
    while let Some(output) = player.poll_output() {
        match output {
            Output::Fetch(fetch) if !has_manifest => {
                has_manifest = true;
                let request = fetch.request;
                let head = Input::ResponseHead {
                    request,
                    status: 200,
                    length: None,
                    url: "",
                    date: None,
                };
                let data = Input::Data {
                    request,
                    data: MANIFEST,
                };
                for input in [head, data, Input::ResponseEnd { request }] {
                    player.handle_input(now, input);
                }
            }
            Output::ProbeSupport(types) => player.handle_input(now, Input::Support(&vec![true; types.len()])),
            Output::OpenSink { .. } => player.handle_input(now, Input::SinkOpened),
            _ => {}
        }
    }
    player.handle_input(now, Input::Command(Command::Unload));
    // See `Engine::player`.
    std::mem::forget(player);
}
