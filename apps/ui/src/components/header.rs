//! The header of every page but the player's.

use leptos::prelude::*;

use super::icons::{Icon, brand_mark, icon};
use crate::router::Router;
use crate::router::route::Route;

/// The header: the brand, and the way to search.
pub fn header() -> AnyView {
    let route = Router::get().route();
    let current = move |page: Route| move || (route.get() == page).then_some("page");
    let raised = RwSignal::new(false);
    let scrolled = window_event_listener(leptos::ev::scroll, move |_| {
        let down = window().scroll_y().unwrap_or(0.0) > 24.0;
        if raised.get_untracked() != down {
            raised.set(down);
        }
    });
    on_cleanup(move || scrolled.remove());
    view! {
        <header class="site-header" class:raised=move || raised.get()>
            <a class="brand" href="/" aria-label="Footlight, home">
                {brand_mark()}
                <span class="brand-name">"Footlight"</span>
            </a>
            <nav class="site-nav" aria-label="Main">
                <a class="nav-link" href="/" aria-current=current(Route::Home)>
                    {icon(Icon::Home)}
                    <span>"Home"</span>
                </a>
                <a class="nav-link" href="/search" aria-current=current(Route::Search) data-testid="nav-search">
                    {icon(Icon::Search)}
                    <span>"Search"</span>
                </a>
            </nav>
        </header>
    }
    .into_any()
}
