//! One title being watched: the player's state as signals, and what viewers can do to it.

use std::rc::Rc;
use std::time::Duration;

use leptos::html::Video;
use leptos::prelude::*;
use leptos::task::spawn_local;
use service_api::{Playback, PlaybackOptions};

use super::bridge::{Bridge, failure, parse, wants_gesture};
use super::prefs::{Preferences, step_speed, step_volume};
use super::seek::{self, Range};
use super::types::{Cue, Decision, Failure, State, Stats, Thumbnail, Tracks};
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
    /// What is there already.
    pub buffered: RwSignal<Vec<Range>>,
    /// What there is to choose.
    pub tracks: RwSignal<Tracks>,
    /// The fixed rendition; none is automatic.
    pub fixed: RwSignal<Option<i64>>,
    /// Subtitles showing now.
    pub cues: RwSignal<Vec<Cue>>,
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
        let session = Self {
            bridge: StoredValue::new_local(None),
            request: StoredValue::new(request),
            ticks: StoredValue::new(0),
            attempt: StoredValue::new(0),
            begun: StoredValue::new(false),
            video: NodeRef::new(),
            playback: RwSignal::new(None),
            state: RwSignal::new(State::Loading),
            paused: RwSignal::new(false),
            blocked: RwSignal::new(false),
            position: RwSignal::new(0.0),
            duration: RwSignal::new(f64::NAN),
            buffered: RwSignal::new(Vec::new()),
            tracks: RwSignal::new(Tracks::default()),
            fixed: RwSignal::new(None),
            cues: RwSignal::new(Vec::new()),
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
        let manifest = match (&request.manifest, answer) {
            (manifest, Ok(playback)) => {
                let manifest = manifest.clone().unwrap_or_else(|| playback.manifest_url.clone());
                self.playback.set(Some(playback));
                manifest
            }
            (Some(manifest), Err(_)) => manifest.clone(),
            (None, Err(error)) => {
                return Err(app_failure(
                    if error.is_not_found() {
                        "app.title-missing"
                    } else {
                        "app.title-load"
                    },
                    if error.is_not_found() { "go-back" } else { "retry" },
                    error.to_string(),
                ));
            }
        };
        let module = host::load_player()
            .await
            .map_err(|error| app_failure("app.player-load", "retry", format!("{error:?}")))?;
        let Some(video) = self
            .video
            .try_get_untracked()
            .flatten()
            .filter(|_| self.current(attempt))
        else {
            return Ok(());
        };
        let prefs = self.prefs.get_untracked();
        let bridge = Rc::new(Bridge::new(&module, &prefs).map_err(|error| failure(&error))?);
        self.bridge.set_value(Some(bridge.clone()));
        bridge.attach(&video).map_err(|error| failure(&error))?;
        bridge.set_number("volume", prefs.volume);
        bridge.set_muted(prefs.muted);
        self.listen(&bridge);
        let start = request.start.or_else(|| {
            let point = storage::resume_points().get(&request.id)?.position;
            // Half a second back: the sentence begins anew.
            Some((point - 0.5).max(0.0))
        });
        self.position.set(start.unwrap_or(0.0));
        let loaded = bridge.load(&manifest, start.filter(|start| *start > 0.0)).await;
        if !self.current(attempt) {
            return Ok(());
        }
        loaded.map_err(|error| failure(&error))?;
        self.read_tracks();
        self.duration.set(bridge.number("duration"));
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
        bridge.on("cuechange", move |detail| {
            #[derive(serde::Deserialize)]
            struct Detail {
                cues: Vec<Cue>,
            }
            let cues = parse::<Detail>(&detail).map_or_else(Vec::new, |detail| detail.cues);
            let _ = self.cues.try_set(cues);
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
        }
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
        // Before the first picture the position is only a wish, and other manifests are not this title.
        if request.manifest.is_some() || matches!(state, State::Idle | State::Loading | State::Error) {
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

/// What viewers do.
impl Session {
    /// Plays.
    pub fn play(self) {
        let Some(bridge) = self.bridge() else {
            self.paused.set(false);
            return;
        };
        if self.state.get_untracked() == State::Ended {
            bridge.seek(0.0);
        }
        self.paused.set(false);
        let played = bridge.play();
        spawn_local(async move {
            if let Err(error) = played.await
                && wants_gesture(&error)
            {
                let _ = self.blocked.try_set(true);
                let _ = self.paused.try_set(true);
            }
        });
    }

    /// Pauses.
    pub fn pause(self) {
        self.paused.set(true);
        if let Some(bridge) = self.bridge() {
            bridge.pause();
        }
    }

    /// Plays, or pauses. True when it plays now.
    pub fn toggle(self) -> bool {
        let play = self.paused.get_untracked() || self.state.get_untracked() == State::Ended;
        if play {
            self.play();
        } else {
            self.pause();
        }
        play
    }

    /// Goes to a position.
    pub fn seek_to(self, seconds: f64) {
        let target = seek::clamp(seconds, self.duration.get_untracked());
        self.position.set(target);
        if let Some(bridge) = self.bridge() {
            let ended = self.state.get_untracked() == State::Ended;
            bridge.seek(target);
            if ended && !self.paused.get_untracked() {
                self.play();
            }
        }
    }

    /// Goes forward or back.
    pub fn seek_by(self, seconds: f64) {
        self.seek_to(self.position.get_untracked() + seconds);
    }

    /// Sets the volume; any volume but zero turns the sound on.
    pub fn set_volume(self, volume: f64) {
        self.change_prefs(|prefs| {
            prefs.volume = volume.clamp(0.0, 1.0);
            prefs.muted = false;
        });
    }

    /// Louder or softer by `delta`.
    pub fn change_volume(self, delta: f64) {
        let volume = self
            .prefs
            .with_untracked(|prefs| if prefs.muted { 0.0 } else { prefs.volume });
        self.set_volume(step_volume(volume, delta));
    }

    /// Turns the sound off or on.
    pub fn toggle_mute(self) {
        self.change_prefs(|prefs| {
            let silent = prefs.muted || prefs.volume == 0.0;
            prefs.muted = !silent;
            if silent && prefs.volume == 0.0 {
                prefs.volume = 0.5;
            }
        });
    }

    /// Sets the speed.
    pub fn set_rate(self, rate: f64) {
        self.rate.set(rate);
        if let Some(bridge) = self.bridge() {
            bridge.set_number("playbackRate", rate);
        }
    }

    /// One step faster or slower.
    pub fn step_rate(self, up: bool) {
        self.set_rate(step_speed(self.rate.get_untracked(), up));
    }

    /// Chooses a rendition; none is automatic.
    pub fn select_rendition(self, id: Option<i64>) {
        self.fixed.set(id);
        if let Some(bridge) = self.bridge() {
            bridge.select_rendition(id);
        }
    }

    /// Chooses a sound track.
    pub fn select_audio(self, id: i64) {
        let Some(bridge) = self.bridge() else { return };
        bridge.select_audio(id);
        self.tracks.update(|tracks| {
            for track in &mut tracks.audio {
                track.selected = track.id == id;
            }
        });
        let language = self.tracks.with_untracked(|tracks| {
            let track = tracks.audio.iter().find(|track| track.id == id)?;
            Some(track.language.clone())
        });
        self.change_prefs(|prefs| prefs.audio_language = language);
    }

    /// Chooses subtitles; none turns them off.
    pub fn select_text(self, id: Option<i64>) {
        let Some(bridge) = self.bridge() else { return };
        bridge.select_text(id);
        self.tracks.update(|tracks| {
            for track in &mut tracks.text {
                track.selected = Some(track.id) == id;
            }
        });
        if id.is_none() {
            self.cues.set(Vec::new());
        }
        let language = self
            .tracks
            .with_untracked(|tracks| Some(tracks.selected_text()?.language.clone()));
        self.change_prefs(|prefs| {
            prefs.text_enabled = id.is_some();
            prefs.text_language = language.or(prefs.text_language.take());
        });
    }

    /// Turns subtitles off, or on in the language chosen last. The name of what shows now; `None` when there are none.
    pub fn toggle_text(self) -> Option<String> {
        let tracks = self.tracks.get_untracked();
        let first = tracks.text.first()?;
        if tracks.selected_text().is_some() {
            self.select_text(None);
            return Some("off".to_owned());
        }
        let wanted = self.prefs.with_untracked(|prefs| prefs.text_language.clone());
        let track = tracks
            .text
            .iter()
            .find(|track| Some(&track.language) == wanted.as_ref())
            .unwrap_or(first);
        self.select_text(Some(track.id));
        Some(super::words::track_name(&track.label, &track.language))
    }

    /// Tries again after a failure.
    pub fn retry(self) {
        let app = self
            .failure
            .with_untracked(|failure| failure.as_ref().is_none_or(|failure| failure.code.starts_with("app.")));
        match self.bridge() {
            Some(bridge) if !app => {
                self.failure.set(None);
                self.state.set(State::Loading);
                bridge.retry();
                self.read_state();
                if !self.paused.get_untracked() {
                    self.play();
                }
            }
            _ => self.open(),
        }
    }

    /// The preview picture of a moment.
    pub async fn thumbnail(self, seconds: f64) -> Option<Thumbnail> {
        self.bridge()?.thumbnail(seconds).await
    }

    /// How the player is doing.
    pub async fn stats(self) -> Option<Stats> {
        self.bridge()?.stats().await
    }

    fn change_prefs(self, change: impl FnOnce(&mut Preferences)) {
        self.prefs.update(change);
        self.prefs.with_untracked(|prefs| {
            storage::save_preferences(prefs);
            if let Some(bridge) = self.bridge() {
                bridge.set_number("volume", prefs.volume);
                bridge.set_muted(prefs.muted);
            }
        });
    }
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
