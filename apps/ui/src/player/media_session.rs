//! What the system shows of the title (lock screen, media keys), and what its buttons do.

use leptos::prelude::*;
use service_api::TitleCard;
use wasm_bindgen::prelude::*;

use super::bridge::set;
use super::session::Session;
use crate::api::Gateway;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = Navigator)]
    type MediaNavigator;
    #[wasm_bindgen(method, getter, js_name = mediaSession)]
    fn media_session(this: &MediaNavigator) -> Option<MediaSession>;

    type MediaSession;
    #[wasm_bindgen(method, setter)]
    fn set_metadata(this: &MediaSession, metadata: Option<&MediaMetadata>);
    #[wasm_bindgen(method, catch, js_name = setActionHandler)]
    fn set_action_handler(this: &MediaSession, action: &str, handler: Option<&js_sys::Function>)
    -> Result<(), JsValue>;

    type MediaMetadata;
    #[wasm_bindgen(constructor, catch)]
    fn new(init: &JsValue) -> Result<MediaMetadata, JsValue>;
}

/// The buttons that the system may show.
const ACTIONS: [&str; 4] = ["play", "pause", "seekbackward", "seekforward"];

fn system() -> Option<MediaSession> {
    window().navigator().unchecked_ref::<MediaNavigator>().media_session()
}

/// Puts the title into the system's media controls, until the session's owner is cleaned up.
pub(crate) fn connect(session: Session, card: Memo<Option<TitleCard>>) {
    let Some(system_session) = system() else { return };
    let handlers = ACTIONS.map(|action| {
        let handler = Closure::<dyn Fn()>::new(move || act(session, action));
        // A browser that does not know an action says so by throwing; then there is no such button.
        let _ = system_session.set_action_handler(action, Some(handler.as_ref().unchecked_ref()));
        handler
    });
    let handlers = StoredValue::new_local(Some(handlers));
    Effect::new(move |_| {
        if let (Some(system), Some(card)) = (system(), card.get()) {
            system.set_metadata(metadata(&card).ok().as_ref());
        }
    });
    on_cleanup(move || {
        if let Some(system) = system() {
            for action in ACTIONS {
                let _ = system.set_action_handler(action, None);
            }
            system.set_metadata(None);
        }
        let _ = handlers.try_set_value(None);
    });
}

fn act(session: Session, action: &str) {
    if session.state.is_disposed() {
        return;
    }
    match action {
        "play" => session.play(),
        "pause" => session.pause(),
        "seekbackward" => session.seek_by(-10.0),
        _ => session.seek_by(10.0),
    }
}

fn metadata(card: &TitleCard) -> Result<MediaMetadata, JsValue> {
    let artwork = js_sys::Array::new();
    for image in &card.heroes {
        let entry = js_sys::Object::new();
        set(&entry, "src", &Gateway::get().resolve(&image.url).into());
        set(&entry, "sizes", &format!("{}x{}", image.width, image.height).into());
        artwork.push(&entry);
    }
    let init = js_sys::Object::new();
    set(&init, "title", &card.title.as_str().into());
    set(&init, "artist", &"Footlight".into());
    set(&init, "artwork", &artwork);
    MediaMetadata::new(&init)
}
