//! The router: the page's address as signals, links that do not reload, scroll positions that come back.

pub mod route;

use leptos::ev;
use leptos::prelude::*;
use route::Route;
use wasm_bindgen::{JsCast, JsValue};

use crate::dom;

/// The address shown, and the way to change it. Copy it freely.
#[derive(Clone, Copy)]
pub struct Router {
    path: RwSignal<String>,
    query: RwSignal<String>,
}

impl Router {
    /// Makes the router of this page, listens to links and to the browser's back and forward, and provides itself as
    /// context. Call once.
    #[must_use]
    pub fn provide() -> Self {
        let (path, query) = address();
        let router = Self {
            path: RwSignal::new(path),
            query: RwSignal::new(query),
        };
        if let Ok(history) = window().history() {
            let _ = history.set_scroll_restoration(web_sys::ScrollRestoration::Manual);
        }
        let clicks = window_event_listener(ev::click, move |event| router.follow_link(&event));
        let pops = window_event_listener(ev::popstate, move |event| {
            router.read_address();
            let top = event.state().as_f64().unwrap_or(0.0);
            dom::after_paint(move || window().scroll_to_with_x_and_y(0.0, top));
        });
        on_cleanup(move || {
            clicks.remove();
            pops.remove();
        });
        provide_context(router);
        router
    }

    /// The router of this page.
    ///
    /// # Panics
    /// Outside of the app's component tree.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// The page shown; changes only when the page does.
    #[must_use]
    pub fn route(self) -> Memo<Route> {
        Memo::new(move |_| self.path.with(|path| Route::parse(path)))
    }

    /// The query string, tracked.
    #[must_use]
    pub fn query(self) -> String {
        self.query.get()
    }

    /// The query string, not tracked.
    #[must_use]
    pub fn query_untracked(self) -> String {
        self.query.get_untracked()
    }

    /// Goes to another address; the way back stays.
    pub fn push(self, href: &str) {
        let Ok(history) = window().history() else {
            return;
        };
        let top = JsValue::from_f64(window().scroll_y().unwrap_or(0.0));
        let _ = history.replace_state_with_url(&top, "", None);
        if history.push_state_with_url(&JsValue::NULL, "", Some(href)).is_ok() {
            self.read_address();
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Changes the address in place.
    pub fn replace(self, href: &str) {
        let Ok(history) = window().history() else {
            return;
        };
        if history.replace_state_with_url(&JsValue::NULL, "", Some(href)).is_ok() {
            self.read_address();
        }
    }

    /// Goes back; to `fallback` when this is the first page of the visit.
    pub fn back(self, fallback: &str) {
        match window().history() {
            Ok(history) if history.length().unwrap_or(1) > 1 && dom::came_from_here() => {
                let _ = history.back();
            }
            _ => self.push(fallback),
        }
    }

    fn read_address(self) {
        let (path, query) = address();
        dom::note_navigation();
        if self.path.with_untracked(|old| *old != path) {
            // The query first: the page that the path brings reads it.
            self.query.set(query);
            self.path.set(path);
        } else if self.query.with_untracked(|old| *old != query) {
            self.query.set(query);
        }
    }

    /// A plain click on a link into this app does not load the page anew.
    fn follow_link(self, event: &web_sys::MouseEvent) {
        let modified = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("a[href]").ok().flatten())
            .and_then(|element| element.dyn_into::<web_sys::HtmlAnchorElement>().ok());
        let Some(link) = link else { return };
        let here = location().origin().unwrap_or_default();
        if link.origin() != here || !link.target().is_empty() || link.has_attribute("download") {
            return;
        }
        if !link.hash().is_empty() && link.pathname() == self.path.get_untracked() {
            return;
        }
        event.prevent_default();
        self.push(&format!("{}{}", link.pathname(), link.search()));
    }
}

fn address() -> (String, String) {
    let location = location();
    (
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default(),
    )
}
