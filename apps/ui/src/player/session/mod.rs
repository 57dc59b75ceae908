//! One title being watched: the player's state as signals, and what viewers can do to it.

mod actions;

use std::rc::Rc;
use std::time::Duration;

use leptos::html::{Div, Video};
use leptos::prelude::*;
use leptos::task::spawn_local;
use service_api::{Channel, Playback, PlaybackOptions};
use wasm_bindgen::JsValue;

use super::bridge::{Bridge, failure, parse};
use super::prefs::Preferences;
use super::seek::Range;
use super::types::{Decision, Failure, State, Timeline, Tracks};
use crate::api::Gateway;
use crate::{dom, host, storage};

/// How often position and buffer are looked at.
const TICK: Duration = Duration::from_millis(250);
/// How many ticks between savings of the position: five seconds.
const SAVE_EVERY: u32 = 20;
/// What to play.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The title.
    pub id: String,
    /// Variant and duration.
    pub options: PlaybackOptions,
    /// A manifest instead of the title's own.
    pub manifest: Option<String>,
    /// Where to start, instead of where the title was left.
    pub start: Option<f64>,
}

/// A title being watched. Copy it freely; it lives as long as the component that made it.
#[derive(Clone, Copy)]
pub struct Session {
    bridge: StoredValue<Option<Rc<Bridge>>, LocalStorage>,
    request: StoredValue<Request>,
    ticks: StoredValue<u32>,
    attempt: StoredValue<u32>,
    begun: StoredValue<bool>,
    /// The element that shows the picture.
    pub video: NodeRef<Video>,
    /// The element that subtitles are drawn in.
    pub captions: NodeRef<Div>,
    /// What the gateway said about this playback.
    pub playback: RwSignal<Option<Playback>>,
    /// What the player is doing.
    pub state: RwSignal<State>,
    /// Whether the viewer paused it.
    pub paused: RwSignal<bool>,
    /// Whether the browser wants a gesture before it plays.
    pub blocked: RwSignal<bool>,
    /// Seconds.
    pub position: RwSignal<f64>,
    /// Seconds, not a number while unknown.
    pub duration: RwSignal<f64>,
    /// What there is to seek in, and where live is.
    pub timeline: RwSignal<Timeline>,
    /// The same as the seek bar shows it.
    pub span: Memo<Range>,
    /// The channel, when it is one.
    pub channel: RwSignal<Option<Channel>>,
    /// What is there already.
    pub buffered: RwSignal<Vec<Range>>,
    /// What there is to choose.
    pub tracks: RwSignal<Tracks>,
    /// The fixed rendition; none is automatic.
    pub fixed: RwSignal<Option<i64>>,
    /// Why it stopped.
    pub failure: RwSignal<Option<Failure>>,
    /// The latest choices of rendition, latest first.
    pub decisions: RwSignal<Vec<Decision>>,
    /// The playback speed.
    pub rate: RwSignal<f64>,
    /// Volume and languages.
    pub prefs: RwSignal<Preferences>,
}

impl Session {
    /// A session that begins at once.
    #[must_use]
    pub fn start(request: Request) -> Self {
        let duration = RwSignal::new(f64::NAN);
        let timeline = RwSignal::new(Timeline::default());
        let span = Memo::new(move |_| match timeline.get() {
            now if now.live => now.seekable.into(),
            _ => Range::whole(duration.get()),
        });
        let session = Self {
            bridge: StoredValue::new_local(None),
            request: StoredValue::new(request),
            ticks: StoredValue::new(0),
            attempt: StoredValue::new(0),
            begun: StoredValue::new(false),
            video: NodeRef::new(),
            captions: NodeRef::new(),
            playback: RwSignal::new(None),
            state: RwSignal::new(State::Loading),
            paused: RwSignal::new(false),
            blocked: RwSignal::new(false),
            position: RwSignal::new(0.0),
            duration,
            timeline,
            span,
            channel: RwSignal::new(None),
            buffered: RwSignal::new(Vec::new()),
            tracks: RwSignal::new(Tracks::default()),
            fixed: RwSignal::new(None),
            failure: RwSignal::new(None),
            decisions: RwSignal::new(Vec::new()),
            rate: RwSignal::new(1.0),
            prefs: RwSignal::new(storage::preferences()),
        };
        session.video.on_load(move |_| session.open());
        dom::every(TICK, move || session.tick());
        let leaving = window_event_listener_untyped("pagehide", move |_| session.save());
        let online = window_event_listener(leptos::ev::online, move |_| session.came_online());
        on_cleanup(move || {
            leaving.remove();
            online.remove();
            session.save();
            session.close();
        });
        session
    }

    fn bridge(self) -> Option<Rc<Bridge>> {
        self.bridge.try_get_value().flatten()
    }

    /// Whether `attempt` is still the one that counts.
    fn current(self, attempt: u32) -> bool {
        self.attempt.try_get_value() == Some(attempt)
    }

    fn open(self) {
        self.attempt.update_value(|attempt| *attempt += 1);
        let attempt = self.attempt.get_value();
        self.close();
        self.begun.set_value(false);
        self.failure.set(None);
        self.state.set(State::Loading);
        // The player's code and the gateway's answer come at the same time.
        host::prefetch_player();
        let gateway = Gateway::get();
        spawn_local(async move {
            if let Err(failure) = self.opening(gateway, attempt).await
                && self.current(attempt)
                && failure.code != "load.superseded"
            {
                self.fail(failure);
            }
        });
    }

    async fn opening(self, gateway: Gateway, attempt: u32) -> Result<(), Failure> {
        let Some(request) = self.request.try_get_value() else {
            return Ok(());
        };
        let answer = gateway.playback(&request.id, &request.options).await;
        if !self.current(attempt) {
            return Ok(());
        }
        let start = request.start.or_else(|| left_at(&request, answer.as_ref().ok()?));
        let manifest = match (request.manifest, answer) {
            (other, Ok(playback)) => {
                let manifest = other.unwrap_or_else(|| playback.manifest_url.clone());
                self.channel.set(playback.channel.clone());
                self.playback.set(Some(playback));
                manifest
            }
            (Some(manifest), Err(_)) => manifest,
            (None, Err(error)) if error.is_not_found() => {
                return Err(app_failure("app.title-missing", "go-back", error.to_string()));
            }
            (None, Err(error)) => return Err(app_failure("app.title-load", "retry", error.to_string())),
        };
        let module = host::load_player()
            .await
            .map_err(|error| app_failure("app.player-load", "retry", format!("{error:?}")))?;
        if !self.current(attempt) {
            return Ok(());
        }
        self.begin(&module, &manifest, start, attempt)
            .await
            .map_err(|error| failure(&error))
    }

    async fn begin(self, module: &JsValue, manifest: &str, start: Option<f64>, attempt: u32) -> Result<(), JsValue> {
        let Some(video) = self.video.get_untracked() else {
            return Ok(());
        };
        let prefs = self.prefs.get_untracked();
        let bridge = Rc::new(Bridge::new(module, &prefs)?);
        self.bridge.set_value(Some(bridge.clone()));
        bridge.attach(&video)?;
        if let Some(captions) = self.captions.get_untracked() {
            bridge.attach_text(&captions)?;
        }
        bridge.apply(&prefs);
        bridge.set_save_data(prefs.save_data);
        self.listen(&bridge);
        self.position.set(start.unwrap_or(0.0));
        let loaded = bridge.load(manifest, start.filter(|start| *start > 0.0)).await;
        if !self.current(attempt) {
            return Ok(());
        }
        loaded?;
        self.read_tracks();
        self.duration.set(bridge.number("duration"));
        self.timeline.set(bridge.timeline());
        bridge.set_number("playbackRate", self.rate.get_untracked());
        self.begun.set_value(true);
        if !self.paused.get_untracked() {
            self.play();
        }
        Ok(())
    }

    fn listen(self, bridge: &Rc<Bridge>) {
        bridge.on("statechange", move |_| self.read_state());
        bridge.on("trackschange", move |_| self.read_tracks());
        bridge.on("renditionchange", move |_| self.read_tracks());
        bridge.on("durationchange", move |_| {
            if let Some(bridge) = self.bridge() {
                let _ = self.duration.try_set(bridge.number("duration"));
            }
        });
        bridge.on("timelinechange", move |detail| {
            if let Some(timeline) = parse::<Timeline>(&detail) {
                let _ = self.timeline.try_set(timeline);
            }
        });
        bridge.on("decision", move |detail| {
            if let Some(mut decision) = parse::<Decision>(&detail) {
                // Shown beside the picture, so told in the picture's time.
                decision.time = self.position.try_get_untracked();
                let _ = self.decisions.try_update(|list| decision.note_in(list));
            }
        });
        bridge.on("timeupdate", move |_| self.read_position());
        bridge.on("error", move |detail| {
            let failure = failure(&detail);
            if failure.code != "load.superseded" {
                let _ = self.failure.try_set(Some(failure));
                self.read_state();
            }
        });
    }

    fn fail(self, failure: Failure) {
        let _ = self.failure.try_set(Some(failure));
        let _ = self.state.try_set(State::Error);
    }

    fn read_state(self) {
        let Some(bridge) = self.bridge() else { return };
        let state = bridge.state();
        let paused = bridge.paused();
        if self.state.try_get_untracked().is_some_and(|old| old != state) {
            let _ = self.state.try_set(state);
        }
        // Until playback has been asked for, a player that does not play is no news.
        let settled = matches!(state, State::Playing | State::Paused) && self.begun.try_get_value() == Some(true);
        if settled && self.paused.try_get_untracked().is_some_and(|old| old != paused) {
            let _ = self.paused.try_set(paused);
        }
        match state {
            State::Playing => {
                let _ = self.blocked.try_set(false);
                let _ = self.failure.try_set(None);
            }
            State::Paused | State::Ended => self.save(),
            _ => {}
        }
        self.read_position();
    }

    fn read_tracks(self) {
        if let Some(bridge) = self.bridge() {
            let tracks = bridge.tracks();
            if self.tracks.try_with_untracked(|old| *old != tracks).unwrap_or(false) {
                let _ = self.tracks.try_set(tracks);
            }
        }
    }

    fn read_position(self) {
        let Some(bridge) = self.bridge() else { return };
        let position = bridge.number("currentTime");
        if position.is_finite() && self.position.try_get_untracked().is_some_and(|old| old != position) {
            let _ = self.position.try_set(position);
        }
    }

    fn tick(self) {
        let Some(bridge) = self.bridge() else { return };
        if self
            .state
            .try_get_untracked()
            .is_none_or(|state| state == State::Loading)
        {
            return;
        }
        self.read_position();
        let buffered = bridge.buffered();
        if self
            .buffered
            .try_with_untracked(|old| *old != buffered)
            .unwrap_or(false)
        {
            let _ = self.buffered.try_set(buffered);
        }
        let ticks = self.ticks.try_get_value().unwrap_or(0).wrapping_add(1);
        let _ = self.ticks.try_set_value(ticks);
        if ticks.is_multiple_of(SAVE_EVERY) {
            self.save();
            self.read_programme();
        }
    }

    /// Asks what is on when what was on is over.
    fn read_programme(self) {
        let now = js_sys::Date::now();
        let over = |channel: &Option<Channel>| {
            let channel = channel.as_ref().filter(|channel| channel.now.end_ms as f64 <= now);
            channel.map(|channel| channel.id.clone())
        };
        let Some(id) = self.channel.try_with_untracked(over).flatten() else {
            return;
        };
        let gateway = Gateway::get();
        spawn_local(async move {
            if let Ok(channels) = gateway.channels().await
                && let Some(channel) = channels.items.into_iter().find(|channel| channel.id == id)
            {
                let _ = self.channel.try_set(Some(channel));
            }
        });
    }

    /// Saves where the title is.
    fn save(self) {
        let (Some(position), Some(duration), Some(request), Some(state)) = (
            self.position.try_get_untracked(),
            self.duration.try_get_untracked(),
            self.request.try_get_value(),
            self.state.try_get_untracked(),
        ) else {
            return;
        };
        // Before the first picture the position is only a wish, and other manifests are not this title. Live goes on.
        let live = self.timeline.try_get_untracked().is_none_or(|timeline| timeline.live);
        if live || request.manifest.is_some() || matches!(state, State::Idle | State::Loading | State::Error) {
            return;
        }
        storage::update_resume_points(|store| store.note(&request.id, position, duration, js_sys::Date::now()));
    }

    fn close(self) {
        let Some(bridge) = self.bridge() else { return };
        let _ = self.bridge.try_set_value(None);
        // Not inside a callback of the player that is being ended.
        queue_microtask(move || bridge.destroy());
    }

    fn came_online(self) {
        let network = |failure: &Option<Failure>| {
            failure.as_ref().is_some_and(|failure| {
                failure.code.starts_with("network.")
                    || failure.code.starts_with("app.") && failure.code != "app.title-missing"
            })
        };
        if self.failure.try_with_untracked(network).unwrap_or(false) {
            self.retry();
        }
    }
}

/// Where the title was left, when this playback reaches that far.
fn left_at(request: &Request, playback: &Playback) -> Option<f64> {
    if request.manifest.is_some() || playback.channel.is_some() {
        return None;
    }
    let store = storage::resume_points();
    store.start_for(&request.id, playback.duration_ms as f64 / 1000.0)
}

fn app_failure(code: &str, action: &str, message: String) -> Failure {
    Failure {
        code: code.to_owned(),
        severity: "fatal".to_owned(),
        action: action.to_owned(),
        message,
        ..Failure::default()
    }
}
