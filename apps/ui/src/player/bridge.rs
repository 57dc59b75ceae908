//! The JavaScript player, typed.

use std::cell::RefCell;

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget, HtmlElement, HtmlVideoElement};

use super::prefs::Preferences;
use super::seek::Range;
use super::text_style::TextStyle;
use super::types::{Failure, JsonRange, State, Stats, Thumbnail, Timeline, Tracks};
use crate::dom::Listener;

#[wasm_bindgen]
extern "C" {
    /// `FootlightPlayer` of the player's module.
    #[wasm_bindgen(extends = EventTarget)]
    #[derive(Clone)]
    type JsPlayer;

    #[wasm_bindgen(method, catch)]
    fn attach(this: &JsPlayer, video: &HtmlVideoElement) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = attachText)]
    fn attach_text(this: &JsPlayer, container: &HtmlElement) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn load(this: &JsPlayer, url: &str, options: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn play(this: &JsPlayer) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn pause(this: &JsPlayer) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn seek(this: &JsPlayer, seconds: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = goLive)]
    fn go_live(this: &JsPlayer) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = selectAudio)]
    fn select_audio(this: &JsPlayer, id: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = selectText)]
    fn select_text(this: &JsPlayer, id: JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = selectRendition)]
    fn select_rendition(this: &JsPlayer, id: JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = thumbnailAt)]
    fn thumbnail_at(this: &JsPlayer, seconds: f64) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn stats(this: &JsPlayer) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn recording(this: &JsPlayer) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn retry(this: &JsPlayer) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn destroy(this: &JsPlayer) -> Result<(), JsValue>;
}

/// A player of the JavaScript module, with the listeners on it. Dropping it does not end the player: [`Self::destroy`]
/// does.
pub(crate) struct Bridge {
    player: JsPlayer,
    listeners: RefCell<Vec<Listener>>,
}

impl Bridge {
    /// Makes a player from its module.
    pub(crate) fn new(module: &JsValue, prefs: &Preferences) -> Result<Self, JsValue> {
        let class: Function = get(module, "FootlightPlayer").dyn_into()?;
        let options = Object::new();
        set(&options, "preferences", &preferences(prefs));
        set(&options, "record", &true.into());
        let player = Reflect::construct(&class, &Array::of1(&options))?;
        let player: JsPlayer = player.unchecked_into();
        // For tests and for support.
        let _ = Reflect::set(&js_sys::global(), &"__footlight".into(), &player);
        Ok(Self {
            player,
            listeners: RefCell::default(),
        })
    }

    /// Calls `action` with the detail of every event `name`, until the player is destroyed.
    pub(crate) fn on(&self, name: &'static str, action: impl Fn(JsValue) + 'static) {
        let listener = Listener::new(&self.player, name, move |event: Event| {
            action(get(&event, "detail"));
        });
        self.listeners.borrow_mut().push(listener);
    }

    pub(crate) fn attach(&self, video: &HtmlVideoElement) -> Result<(), JsValue> {
        self.player.attach(video)
    }

    /// Draws subtitles there.
    pub(crate) fn attach_text(&self, container: &HtmlElement) -> Result<(), JsValue> {
        self.player.attach_text(container)
    }

    /// Volume, and how subtitles look.
    pub(crate) fn apply(&self, prefs: &Preferences) {
        self.set_number("volume", prefs.volume);
        set(&self.player, "muted", &prefs.muted.into());
        self.set_text_style(&prefs.text_style);
    }

    fn set_text_style(&self, style: &TextStyle) {
        if let Ok(style) = JSON::parse(&style.to_json()) {
            set(&self.player, "textStyle", &style);
        }
    }

    /// Whether automatic quality saves data; otherwise it is as the platform wishes.
    pub(crate) fn set_save_data(&self, save: bool) {
        let limits = Object::new();
        if save {
            set(&limits, "saveData", &true.into());
        }
        set(&self.player, "limits", &limits);
    }

    /// Loads a manifest; `start` in seconds.
    pub(crate) async fn load(&self, url: &str, start: Option<f64>) -> Result<(), JsValue> {
        let options = Object::new();
        if let Some(start) = start {
            set(&options, "startTime", &start.into());
        }
        let promise = self.player.load(url, &options)?;
        wasm_bindgen_futures::JsFuture::from(promise).await.map(|_| ())
    }

    /// Begins to play; must be called in the viewer's gesture where there is one. The future tells how it went.
    pub(crate) fn play(&self) -> impl Future<Output = Result<(), JsValue>> + use<> {
        let promise = self.player.play();
        async move { wasm_bindgen_futures::JsFuture::from(promise?).await.map(|_| ()) }
    }

    pub(crate) fn pause(&self) {
        let _ = self.player.pause();
    }

    pub(crate) fn seek(&self, seconds: f64) {
        let _ = self.player.seek(seconds);
    }

    pub(crate) fn go_live(&self) {
        let _ = self.player.go_live();
    }

    pub(crate) fn timeline(&self) -> Timeline {
        parse(&get(&self.player, "timeline")).unwrap_or_default()
    }

    pub(crate) fn select_audio(&self, id: i64) {
        let _ = self.player.select_audio(id as f64);
    }

    pub(crate) fn select_text(&self, id: Option<i64>) {
        let _ = self.player.select_text(nullable(id));
    }

    pub(crate) fn select_rendition(&self, id: Option<i64>) {
        let _ = self.player.select_rendition(nullable(id));
    }

    pub(crate) fn set_number(&self, property: &str, value: f64) {
        set(&self.player, property, &value.into());
    }

    pub(crate) fn number(&self, property: &str) -> f64 {
        get(&self.player, property).as_f64().unwrap_or(f64::NAN)
    }

    pub(crate) fn paused(&self) -> bool {
        get(&self.player, "paused").as_bool().unwrap_or(true)
    }

    pub(crate) fn state(&self) -> State {
        let name = get(&self.player, "state").as_string();
        State::parse(&name.unwrap_or_default())
    }

    pub(crate) fn buffered(&self) -> Vec<Range> {
        let ranges: Vec<JsonRange> = parse(&get(&self.player, "buffered")).unwrap_or_default();
        ranges.into_iter().map(Range::from).collect()
    }

    pub(crate) fn tracks(&self) -> Tracks {
        parse(&get(&self.player, "tracks")).unwrap_or_default()
    }

    pub(crate) async fn thumbnail(&self, seconds: f64) -> Option<Thumbnail> {
        let promise = self.player.thumbnail_at(seconds).ok()?;
        parse(&wasm_bindgen_futures::JsFuture::from(promise).await.ok()?)
    }

    pub(crate) async fn stats(&self) -> Option<Stats> {
        let promise = self.player.stats().ok()?;
        parse(&wasm_bindgen_futures::JsFuture::from(promise).await.ok()?)
    }

    /// The session so far, as a recording.
    pub(crate) async fn recording(&self) -> Result<JsValue, JsValue> {
        wasm_bindgen_futures::JsFuture::from(self.player.recording()?).await
    }

    pub(crate) fn retry(&self) {
        let _ = self.player.retry();
    }

    /// Ends the player.
    pub(crate) fn destroy(&self) {
        self.listeners.borrow_mut().clear();
        let _ = self.player.destroy();
        let global = js_sys::global();
        if get(&global, "__footlight") == *AsRef::<JsValue>::as_ref(&self.player) {
            let _ = Reflect::delete_property(&global, &"__footlight".into());
        }
    }
}

/// Reads a failure from what the player threw or told.
pub(crate) fn failure(error: &JsValue) -> Failure {
    let text = |name| get(error, name).as_string().unwrap_or_default();
    let status = get(error, "status").as_f64();
    let mut failure = Failure {
        code: text("code"),
        severity: text("severity"),
        action: text("action"),
        message: text("message"),
        url: get(error, "url").as_string(),
        status: status.map(|status| status as u16),
    };
    if failure.code.is_empty() {
        failure.code = "app.unexpected".to_owned();
        if failure.message.is_empty() {
            failure.message = format!("{error:?}");
        }
    }
    failure
}

/// Whether playing was refused for want of a gesture.
pub(crate) fn wants_gesture(error: &JsValue) -> bool {
    get(error, "name").as_string().as_deref() == Some("NotAllowedError")
}

/// Data out of a JavaScript value, by way of its JSON.
pub(crate) fn parse<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    let json: String = JSON::stringify(value).ok()?.into();
    // From bytes, as the gateway's answers are read: one reader in the binary, not two.
    serde_json::from_slice(json.as_bytes()).ok()
}

fn preferences(prefs: &Preferences) -> Object {
    let languages = |language: &Option<String>| {
        let list = Array::new();
        if let Some(language) = language {
            list.push(&language.into());
        }
        if let Some(own) = leptos::prelude::window().navigator().language() {
            list.push(&own.into());
        }
        list
    };
    let object = Object::new();
    set(&object, "audioLanguages", &languages(&prefs.audio_language));
    set(&object, "textLanguages", &languages(&prefs.text_language));
    set(&object, "textEnabled", &prefs.text_enabled.into());
    object
}

fn nullable(id: Option<i64>) -> JsValue {
    id.map_or(JsValue::NULL, |id| JsValue::from_f64(id as f64))
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a property of a plain object.
pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}
