//! The app: its frame, and which page is in it.

use leptos::prelude::*;

use crate::api::Gateway;
use crate::components::header::header;
use crate::dom;
use crate::pages::{home, not_found, search, title, watch};
use crate::router::Router;
use crate::router::route::Route;

/// Whether the browser has a network, for every component.
#[derive(Clone, Copy)]
pub struct Online(RwSignal<bool>);

impl Online {
    /// Whether there is a network, tracked.
    #[must_use]
    pub fn get() -> bool {
        expect_context::<Self>().0.get()
    }

    fn provide() -> RwSignal<bool> {
        let online = RwSignal::new(dom::is_online());
        let up = window_event_listener(leptos::ev::online, move |_| online.set(true));
        let down = window_event_listener(leptos::ev::offline, move |_| online.set(false));
        on_cleanup(move || {
            up.remove();
            down.remove();
        });
        provide_context(Self(online));
        online
    }
}

/// The whole app. `gateway` is where the catalogue lives; empty means the page's own origin.
#[component]
pub fn App(
    /// The gateway's origin.
    #[prop(into)]
    gateway: String,
) -> impl IntoView {
    let router = Router::provide();
    Gateway::provide(&gateway);
    let online = Online::provide();
    let route = router.route();
    let watching = Memo::new(move |_| matches!(route.get(), Route::Watch(_)));
    // A new page takes the focus, so that keyboards and screen readers begin at its top.
    Effect::new(move |before: Option<Route>| {
        let now = route.get();
        if before.is_some_and(|before| before != now) && now != Route::Search {
            dom::focus_id("main");
        }
        now
    });
    view! {
        <a class="skip-link" href="#main" on:click=move |event| {
            event.prevent_default();
            dom::focus_id("main");
        }>"Skip to content"</a>
        {move || (!watching.get()).then(header)}
        {move || {
            (!online.get() && !watching.get())
                .then(|| view! { <p class="offline-bar" role="status">"You’re offline. Some things may not load."</p> })
        }}
        <main id="main" tabindex="-1">
            {move || match route.get() {
                Route::Home => home::home(),
                Route::Search => search::search(),
                Route::Title(id) => title::title(&id),
                Route::Watch(id) => watch::watch(&id),
                Route::NotFound => not_found::not_found(),
            }}
        </main>
        {move || (!watching.get()).then(footer)}
    }
}

fn footer() -> AnyView {
    view! {
        <footer class="site-footer">
            <p>"Footlight plays its own films: three sample titles, in every way DASH can carry them."</p>
            <p>"Press " <kbd>"?"</kbd> " while watching for the keyboard shortcuts."</p>
        </footer>
    }
    .into_any()
}
