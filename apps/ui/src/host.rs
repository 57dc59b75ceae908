//! What the page that carries the app gives it: a global `footlightHost`, so that the web page, the desktop shell and
//! the TV shells can each bring their own.

use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Where the service is, when it is not where the page is.
    #[wasm_bindgen(thread_local_v2, js_namespace = footlightHost, js_name = gateway)]
    static GATEWAY: Option<String>;

    /// What the platform under the page can do, in words.
    #[wasm_bindgen(js_namespace = footlightHost, js_name = about, catch)]
    fn js_about() -> Result<Promise, JsValue>;

    /// Loads the player's module.
    #[wasm_bindgen(js_namespace = footlightHost, js_name = loadPlayer, catch)]
    fn js_load_player() -> Result<Promise, JsValue>;

    /// The response to an API request that the page began before the app was there.
    #[wasm_bindgen(js_namespace = footlightHost, js_name = takeEarly, catch)]
    fn js_take_early(url: &str) -> Result<Option<Promise>, JsValue>;

    /// The app has something to show: the page's own first picture can go.
    #[wasm_bindgen(js_namespace = footlightHost, js_name = ready, catch)]
    fn js_ready() -> Result<(), JsValue>;
}

/// Where the service is; empty: where the page is.
#[must_use]
pub fn gateway() -> String {
    GATEWAY.with(Clone::clone).unwrap_or_default()
}

/// What the platform under the page can do, where the page's shell has found out.
pub(crate) async fn about() -> Option<String> {
    let told = wasm_bindgen_futures::JsFuture::from(js_about().ok()?).await;
    told.ok()?.as_string()
}

/// Loads the player's module; the browser does it only once.
///
/// # Errors
/// What the import threw.
pub(crate) async fn load_player() -> Result<JsValue, JsValue> {
    wasm_bindgen_futures::JsFuture::from(js_load_player()?).await
}

/// Begins to load the player's module, for when it is likely to be needed soon.
pub(crate) fn prefetch_player() {
    if let Ok(promise) = js_load_player() {
        // A failure is told when the player is really wanted.
        let ignore = Closure::once_into_js(|| {});
        if let Ok(catch) = Reflect::get(&promise, &"catch".into())
            && let Some(catch) = catch.dyn_ref::<js_sys::Function>()
        {
            let _ = catch.call1(&promise, &ignore);
        }
    }
}

/// Takes the response that the page asked for early, if it did.
pub(crate) fn take_early(url: &str) -> Option<Promise> {
    js_take_early(url).ok().flatten()
}

/// Tells the page that the app shows.
pub(crate) fn ready() {
    let _ = js_ready();
}
