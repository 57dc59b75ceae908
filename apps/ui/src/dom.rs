//! Small things that the DOM needs more than once.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    static NAVIGATIONS: Cell<u32> = const { Cell::new(0) };
}

/// Browsers have taken hold of a download by then.
const DOWNLOAD_BEGINS: Duration = Duration::from_secs(30);

/// Notes that the app changed its own address.
pub(crate) fn note_navigation() {
    NAVIGATIONS.set(NAVIGATIONS.get().saturating_add(1));
}

/// Whether the page before this one in the browser's history is the app's.
pub(crate) fn came_from_here() -> bool {
    NAVIGATIONS.get() > 0
}

/// Runs `action` when what was just changed has been laid out.
pub(crate) fn after_paint(action: impl FnOnce() + 'static) {
    request_animation_frame(move || request_animation_frame(action));
}

/// Puts the focus on the element with this id, without scrolling.
pub(crate) fn focus_id(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        focus(&element, true);
    }
}

/// Puts the focus on an element.
pub(crate) fn focus(element: &web_sys::Element, keep_scroll: bool) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(keep_scroll);
        let _ = element.focus_with_options(&options);
    }
}

/// The elements below `root` that match `selector`, in order.
pub(crate) fn all(root: &web_sys::Element, selector: &str) -> Vec<web_sys::HtmlElement> {
    let Ok(list) = root.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|index| list.item(index)?.dyn_into().ok())
        .collect()
}

/// Offers bytes as a file.
pub(crate) fn download(bytes: &JsValue, media_type: &str, name: &str) -> Option<()> {
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type(media_type);
    let blob = web_sys::Blob::new_with_buffer_source_sequence_and_options(&js_sys::Array::of1(bytes), &kind).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link = document()
        .create_element("a")
        .ok()?
        .dyn_into::<web_sys::HtmlAnchorElement>()
        .ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The click has begun to read it; the file holds on to its bytes.
    set_timeout(move || drop(web_sys::Url::revoke_object_url(&url)), DOWNLOAD_BEGINS);
    Some(())
}

/// Sets the document's title: `page` and the product's name.
pub(crate) fn set_title(page: &str) {
    let title = if page.is_empty() {
        "Footlight".to_owned()
    } else {
        format!("{page} – Footlight")
    };
    document().set_title(&title);
}

/// Whether the viewer asked for less motion.
pub(crate) fn reduced_motion() -> bool {
    window()
        .match_media("(prefers-reduced-motion: reduce)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

/// Whether the browser believes it has a network.
pub(crate) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Milliseconds of a clock that only goes forward.
pub(crate) fn now() -> f64 {
    window()
        .performance()
        .map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// Calls `action` every `period` until the current owner is cleaned up.
pub(crate) fn every(period: Duration, action: impl Fn() + 'static) {
    if let Ok(handle) = set_interval_with_handle(action, period) {
        on_cleanup(move || handle.clear());
    }
}

/// A one-shot timer that can be set again. It dies with its owner.
#[derive(Clone, Copy)]
pub(crate) struct Timer(StoredValue<Option<TimeoutHandle>>);

impl Timer {
    pub(crate) fn new() -> Self {
        let timer = Self(StoredValue::new(None));
        // The handle is read through a copy made before the owner's values go.
        on_cleanup(move || timer.stop());
        timer
    }

    pub(crate) fn start(self, after: Duration, action: impl FnOnce() + 'static) {
        self.stop();
        if let Ok(handle) = set_timeout_with_handle(action, after) {
            let _ = self.0.try_set_value(Some(handle));
        }
    }

    pub(crate) fn stop(self) {
        if let Some(handle) = self.0.try_get_value().flatten() {
            handle.clear();
            let _ = self.0.try_set_value(None);
        }
    }
}

/// A listener on any event target, removed when dropped.
pub(crate) struct Listener {
    target: web_sys::EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    pub(crate) fn new(
        target: &web_sys::EventTarget,
        name: &'static str,
        action: impl FnMut(web_sys::Event) + 'static,
    ) -> Self {
        let closure = Closure::new(action);
        let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
        Self {
            target: target.clone(),
            name,
            closure,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}

/// A time in milliseconds since the Unix epoch as the viewer's clock shows it.
#[must_use]
pub(crate) fn time_of_day(unix_ms: f64) -> String {
    let date = js_sys::Date::new(&unix_ms.into());
    format!(
        "{:02}:{:02}:{:02}",
        date.get_hours(),
        date.get_minutes(),
        date.get_seconds()
    )
}
