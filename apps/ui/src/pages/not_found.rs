//! No such page.

use leptos::prelude::*;

use crate::components::icons::{Icon, brand_mark, icon};
use crate::{dom, host};

/// The page for addresses that lead nowhere.
pub fn not_found() -> AnyView {
    host::ready();
    lost(
        "The lights are out here",
        "There is no page at this address. It may have moved, or the link is not quite right.",
    )
}

/// A dead end with a way home.
pub(crate) fn lost(title: &'static str, text: &'static str) -> AnyView {
    dom::set_title("Not found");
    view! {
        <div class="page page-lost" data-testid="not-found">
            <div class="state">
                <span class="lost-mark">{brand_mark()}</span>
                <h1>{title}</h1>
                <p>{text}</p>
                <div class="state-actions">
                    <a class="button button-primary" href="/">{icon(Icon::Home)} "Home"</a>
                    <a class="button" href="/search">{icon(Icon::Search)} "Search"</a>
                </div>
            </div>
        </div>
    }
    .into_any()
}
