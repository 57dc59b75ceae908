//! What viewers do to a session.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::player::bridge::{failure, wants_gesture};
use crate::player::prefs::{Preferences, step_speed, step_volume};
use crate::player::text_style::TextStyle;
use crate::player::types::{State, Stats, Thumbnail};
use crate::player::{live, seek, words};
use crate::{dom, storage};

/// What a saved session is called.
const RECORDING: &str = "footlight-session.flr";

impl Session {
    /// Plays.
    pub fn play(self) {
        let Some(bridge) = self.bridge() else {
            self.paused.set(false);
            return;
        };
        if self.state.get_untracked() == State::Ended {
            bridge.seek(self.span.get_untracked().start);
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
        let target = seek::clamp(seconds, self.span.get_untracked());
        self.position.set(target);
        if let Some(bridge) = self.bridge() {
            let ended = self.state.get_untracked() == State::Ended;
            bridge.seek(target);
            if ended && !self.paused.get_untracked() {
                self.play();
            }
        }
    }

    /// Goes to the live edge.
    pub fn go_live(self) {
        if let Some(bridge) = self.bridge() {
            bridge.go_live();
            if self.paused.get_untracked() {
                self.play();
            }
        }
    }

    /// Goes to the beginning of what is on. False when there is no such place.
    pub fn start_over(self) -> bool {
        let channel = self.channel.get_untracked();
        let timeline = self.timeline.get_untracked();
        let start = channel.and_then(|channel| live::start_of_programme(&timeline, &channel));
        if let Some(start) = start {
            self.seek_to(start);
        }
        start.is_some()
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
        let language = self
            .tracks
            .with_untracked(|tracks| Some(tracks.selected_text()?.language.clone()));
        self.change_prefs(|prefs| {
            prefs.text_enabled = id.is_some();
            prefs.text_language = language.or(prefs.text_language.take());
        });
    }

    /// Leaves quality to the player, which saves data or does not.
    pub fn select_automatic(self, save_data: bool) {
        self.select_rendition(None);
        self.change_prefs(|prefs| prefs.save_data = save_data);
        if let Some(bridge) = self.bridge() {
            bridge.set_save_data(save_data);
        }
    }

    /// Changes how subtitles look.
    pub fn set_text_style(self, change: impl FnOnce(&mut TextStyle)) {
        self.change_prefs(|prefs| change(&mut prefs.text_style));
    }

    /// Turns subtitles off, or on in the language chosen last. The name of what shows now; `None` when there are none.
    pub fn toggle_text(self) -> Option<String> {
        let tracks = self.tracks.get_untracked();
        let first = tracks.subtitles().next()?;
        if tracks.selected_text().is_some() {
            self.select_text(None);
            return Some("off".to_owned());
        }
        let wanted = self.prefs.with_untracked(|prefs| prefs.text_language.clone());
        let track = tracks
            .subtitles()
            .find(|track| Some(&track.language) == wanted.as_ref())
            .unwrap_or(first);
        self.select_text(Some(track.id));
        Some(words::track_name(&track.label, &track.language))
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

    /// Saves the session so far as a recording, where the browser puts what is downloaded.
    ///
    /// # Errors
    /// In words for the viewer.
    pub async fn save_recording(self) -> Result<(), String> {
        let bridge = self.bridge().ok_or_else(|| "Nothing plays.".to_owned())?;
        let recording = bridge.recording().await.map_err(|error| failure(&error).message)?;
        dom::download(&recording, "application/octet-stream", RECORDING)
            .ok_or_else(|| "The browser refused it.".to_owned())
    }

    fn change_prefs(self, change: impl FnOnce(&mut Preferences)) {
        self.prefs.update(change);
        self.prefs.with_untracked(|prefs| {
            storage::save_preferences(prefs);
            if let Some(bridge) = self.bridge() {
                bridge.apply(prefs);
            }
        });
    }
}
