//! What the parts around the picture share: what is open, what was just done, when controls hide.

use std::time::Duration;

use leptos::html::{Dialog, Div};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use crate::components::icons::Icon;
use crate::dom::{self, Timer};
use crate::format;
use crate::player::keys::Command;
use crate::player::live;
use crate::player::session::Session;
use crate::player::types::State;
use crate::router::Router;
use crate::router::route::title_href;

/// How long controls stay after the last sign of the viewer.
const IDLE: Duration = Duration::from_millis(3000);
/// The same while a control has the keyboard's focus.
const IDLE_FOCUSED: Duration = Duration::from_millis(6000);

/// A menu of the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Menu {
    Quality,
    Audio,
    Text,
    Speed,
}

/// What was just done, shown large for a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Feedback {
    pub(super) serial: u32,
    pub(super) icon: Icon,
    pub(super) text: String,
}

/// The state around the picture. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Ui {
    pub(super) session: Session,
    pub(super) id: StoredValue<String>,
    pub(super) root: NodeRef<Div>,
    pub(super) help: NodeRef<Dialog>,
    pub(super) text_style: NodeRef<Dialog>,
    pub(super) menu: RwSignal<Option<Menu>>,
    pub(super) stats: RwSignal<bool>,
    pub(super) fullscreen: RwSignal<bool>,
    pub(super) feedback: RwSignal<Option<Feedback>>,
    pub(super) said: RwSignal<String>,
    pub(super) awake: RwSignal<bool>,
    idle: Timer,
    router: Router,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = HTMLVideoElement)]
    type PipVideo;
    #[wasm_bindgen(method, catch, js_name = requestPictureInPicture)]
    fn request_pip(this: &PipVideo) -> Result<js_sys::Promise, JsValue>;
    // Phones whose only full screen is the video's own.
    #[wasm_bindgen(method, catch, js_name = webkitEnterFullscreen)]
    fn webkit_enter_fullscreen(this: &PipVideo) -> Result<(), JsValue>;

    // web-sys drops the promise, and a refusal would be an error that nobody handles.
    #[wasm_bindgen(js_name = Element)]
    type FullScreenElement;
    #[wasm_bindgen(method, catch, js_name = requestFullscreen)]
    fn request_full_screen(this: &FullScreenElement) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(js_name = Document)]
    type PipDocument;
    #[wasm_bindgen(method, getter, js_name = pictureInPictureEnabled)]
    fn pip_enabled(this: &PipDocument) -> Option<bool>;
    #[wasm_bindgen(method, getter, js_name = pictureInPictureElement)]
    fn pip_element(this: &PipDocument) -> Option<web_sys::Element>;
    #[wasm_bindgen(method, catch, js_name = exitPictureInPicture)]
    fn exit_pip(this: &PipDocument) -> Result<js_sys::Promise, JsValue>;
}

/// Whether the browser has picture in picture.
pub(super) fn has_pip() -> bool {
    document().unchecked_ref::<PipDocument>().pip_enabled().unwrap_or(false)
}

/// Nobody waits for these promises, and a refusal needs no words.
fn ignore(promise: Result<js_sys::Promise, JsValue>) {
    if let Ok(promise) = promise {
        leptos::task::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
    }
}

impl Ui {
    pub(super) fn new(id: &str, session: Session) -> Self {
        Self {
            session,
            id: StoredValue::new(id.to_owned()),
            root: NodeRef::new(),
            help: NodeRef::new(),
            text_style: NodeRef::new(),
            menu: RwSignal::new(None),
            stats: RwSignal::new(false),
            fullscreen: RwSignal::new(false),
            feedback: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            awake: RwSignal::new(true),
            idle: Timer::new(),
            router: Router::get(),
        }
    }

    /// Whether the controls may hide, tracked.
    pub(super) fn hidden(self) -> bool {
        let state = self.session.state.get();
        !self.awake.get()
            && self.menu.get().is_none()
            && !self.session.paused.get()
            && matches!(state, State::Playing | State::Buffering | State::Seeking)
    }

    /// The viewer is there: shows the controls, for a while.
    pub(super) fn wake(self) {
        if self.awake.try_get_untracked() == Some(false) {
            let _ = self.awake.try_set(true);
        }
        let focused = self
            .root
            .try_get_untracked()
            .flatten()
            .and_then(|root| root.query_selector(".controls :focus-visible").ok().flatten())
            .is_some();
        let after = if focused { IDLE_FOCUSED } else { IDLE };
        self.idle.start(after, move || self.doze());
    }

    /// Hides the controls now.
    pub(super) fn doze(self) {
        self.idle.stop();
        let _ = self.awake.try_set(false);
    }

    /// Tells screen readers.
    pub(super) fn say(self, text: impl Into<String>) {
        let _ = self.said.try_set(text.into());
    }

    /// Shows what was just done, and tells screen readers.
    pub(super) fn flash(self, icon: Icon, text: impl Into<String>) {
        let text = text.into();
        self.say(text.clone());
        let _ = self.feedback.try_update(|feedback| {
            let serial = feedback.as_ref().map_or(0, |old| old.serial.wrapping_add(1));
            *feedback = Some(Feedback { serial, icon, text });
        });
    }

    /// Leaves the page, for the one before it.
    pub(super) fn leave(self) {
        if document().fullscreen_element().is_some() {
            document().exit_fullscreen();
        }
        let channel = self.session.channel.with_untracked(Option::is_some);
        let page = if channel {
            "/".to_owned()
        } else {
            title_href(&self.id.get_value())
        };
        self.router.back(&page);
    }

    /// Plays another title.
    pub(super) fn play_title(self, href: &str) {
        self.router.push(href);
    }

    /// Does what a key asked for.
    pub(super) fn run(self, command: Command) {
        let session = self.session;
        match command {
            Command::TogglePlay => self.toggle_play(),
            Command::SeekBy(seconds) => self.skip(seconds),
            Command::SeekTo(part) => {
                let span = session.span.get_untracked();
                if span.is_known() {
                    let target = span.start + span.length() * part;
                    session.seek_to(target);
                    self.flash(Icon::Right, self.place(target));
                }
            }
            Command::Volume(delta) => {
                session.change_volume(delta);
                self.flash_volume();
            }
            Command::ToggleMute => {
                session.toggle_mute();
                self.flash_volume();
            }
            Command::ToggleFullscreen => self.toggle_fullscreen(),
            Command::ToggleText => match session.toggle_text() {
                Some(name) => self.flash(Icon::Subtitles, format!("Subtitles {name}")),
                None => self.flash(Icon::Subtitles, "No subtitles for this title"),
            },
            Command::ToggleStats => self.toggle_stats(),
            Command::TogglePip => self.toggle_pip(),
            Command::Slower | Command::Faster => {
                session.step_rate(command == Command::Faster);
                self.flash(Icon::Speed, format::speed(session.rate.get_untracked()));
            }
            Command::GoLive => self.go_live(),
            Command::StartOver => self.start_over(),
            Command::ToggleHelp => self.toggle_help(),
            Command::Escape => self.escape(),
        }
    }

    /// A position as the viewer reads it: a time, or how far behind live.
    pub(super) fn place(self, position: f64) -> String {
        let timeline = self.session.timeline.get_untracked();
        live::behind(&timeline, position).map_or_else(|| format::clock(position), live::behind_clock)
    }

    pub(super) fn go_live(self) {
        if untrack(|| self.session.timeline.get().live) {
            self.session.go_live();
            self.flash(Icon::Forward10, "Live");
        }
    }

    pub(super) fn start_over(self) {
        if self.session.start_over() {
            self.flash(Icon::Replay, "From the start");
        }
    }

    pub(super) fn toggle_play(self) {
        if self.session.toggle() {
            self.flash(Icon::Play, "Playing");
        } else {
            self.flash(Icon::Pause, "Paused");
        }
    }

    pub(super) fn skip(self, seconds: f64) {
        self.session.seek_by(seconds);
        let (icon, word) = match (seconds < 0.0, seconds.abs() >= 10.0) {
            (true, true) => (Icon::Back10, "−"),
            (true, false) => (Icon::Left, "−"),
            (false, true) => (Icon::Forward10, "+"),
            (false, false) => (Icon::Right, "+"),
        };
        self.flash(icon, format!("{word}{} s", seconds.abs()));
    }

    fn flash_volume(self) {
        let (volume, muted) = self.session.prefs.with_untracked(|prefs| (prefs.volume, prefs.muted));
        let text = if muted {
            "Sound off".to_owned()
        } else {
            format!("Volume {:.0}%", volume * 100.0)
        };
        self.flash(volume_icon(volume, muted), text);
    }

    pub(super) fn toggle_stats(self) {
        self.stats.update(|shown| *shown = !*shown);
        self.say(if self.stats.get_untracked() {
            "Playback stats shown"
        } else {
            "Playback stats hidden"
        });
    }

    pub(super) fn toggle_help(self) {
        toggle(self.help);
    }

    pub(super) fn toggle_text_style(self) {
        toggle(self.text_style);
    }

    pub(super) fn toggle_fullscreen(self) {
        if document().fullscreen_element().is_some() {
            document().exit_fullscreen();
            return;
        }
        let Some(root) = self.root.get_untracked() else { return };
        match root.unchecked_ref::<FullScreenElement>().request_full_screen() {
            Ok(promise) => ignore(Ok(promise)),
            Err(_) => {
                if let Some(video) = self.session.video.get_untracked() {
                    let _ = video.unchecked_ref::<PipVideo>().webkit_enter_fullscreen();
                }
            }
        }
    }

    pub(super) fn toggle_pip(self) {
        let document = document();
        let pip = document.unchecked_ref::<PipDocument>();
        if pip.pip_element().is_some() {
            ignore(pip.exit_pip());
        } else if has_pip()
            && let Some(video) = self.session.video.get_untracked()
        {
            ignore(video.unchecked_ref::<PipVideo>().request_pip());
        }
    }

    /// Closes a menu and gives the focus back to its button.
    pub(super) fn close_menu(self) {
        if self.menu.get_untracked().is_some() {
            self.menu.set(None);
            if let Some(root) = self.root.get_untracked()
                && let Some(button) = root.query_selector("[data-menu-open]").ok().flatten()
            {
                dom::focus(&button, true);
            }
        }
    }

    /// Closes what is open, the topmost first.
    fn escape(self) {
        if self.menu.get_untracked().is_some() {
            self.close_menu();
        } else if self.stats.get_untracked() {
            self.toggle_stats();
        } else if document().fullscreen_element().is_some() {
            document().exit_fullscreen();
        }
    }
}

/// The icon of a volume.
pub(super) fn volume_icon(volume: f64, muted: bool) -> Icon {
    if muted || volume == 0.0 {
        Icon::VolumeOff
    } else if volume < 0.5 {
        Icon::VolumeLow
    } else {
        Icon::VolumeHigh
    }
}

/// Opens a dialog, or closes it.
fn toggle(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        if dialog.open() {
            dialog.close();
        } else {
            let _ = dialog.show_modal();
        }
    }
}
