//! The shape of pages while their content is on its way. `index.html` draws the first one by itself.

use leptos::prelude::*;

/// The home page's hero and rows.
pub fn home() -> AnyView {
    view! {
        <div class="skeleton" aria-hidden="true">
            <div class="hero hero-skeleton">
                <div class="hero-text">
                    <span class="bone bone-title"></span>
                    <span class="bone bone-line"></span>
                    <span class="bone bone-button"></span>
                </div>
            </div>
            <div class="rows">{row()}{row()}</div>
        </div>
    }
    .into_any()
}

/// One row of cards.
pub fn row() -> AnyView {
    view! {
        <div class="row" aria-hidden="true">
            <div class="row-head"><span class="bone bone-heading"></span></div>
            <div class="row-track">
                {(0..8)
                    .map(|_| view! { <div class="row-item"><span class="bone bone-poster"></span></div> })
                    .collect_view()}
            </div>
        </div>
    }
    .into_any()
}

/// A grid of search results.
pub fn grid() -> AnyView {
    view! {
        <div class="grid" aria-hidden="true">
            {(0..6).map(|_| view! { <span class="bone bone-poster"></span> }).collect_view()}
        </div>
    }
    .into_any()
}
