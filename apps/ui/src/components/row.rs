//! A row of cards that scrolls sideways.

use leptos::html::Div;
use leptos::prelude::*;

use super::icons::{Icon, icon};
use super::roving::{self, Axis};
use crate::dom;

/// A row: a heading, buttons to page through it, and one tab stop whose arrows walk along the cards.
pub fn row(id: &str, title: &str, cards: Vec<AnyView>) -> AnyView {
    let heading = format!("row-{id}");
    let track = NodeRef::<Div>::new();
    // Which ends there is more beyond.
    let more = RwSignal::new((false, false));
    let measure = move || {
        if let Some(track) = track.try_get_untracked().flatten() {
            let (at, all, seen) = (track.scroll_left(), track.scroll_width(), track.client_width());
            let ends = (at > 8, at + seen + 8 < all);
            if more.try_get_untracked().is_some_and(|old| old != ends) {
                let _ = more.try_set(ends);
            }
        }
    };
    track.on_load(move |track| {
        rove(&track, 0, false);
        request_animation_frame(measure);
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    let page = move |direction: f64| {
        if let Some(track) = track.try_get_untracked().flatten() {
            scroll_by(&track, direction * f64::from(track.client_width()) * 0.85);
        }
    };
    let labelled = heading.clone();
    view! {
        <section class="row" aria-labelledby=labelled>
            <div class="row-head">
                <h2 id=heading>{title.to_owned()}</h2>
                <div class="row-buttons" class:useful=move || more.get() != (false, false)>
                    {page_button(Icon::Left, format!("Earlier in {title}"), move || more.get().0, move || page(-1.0))}
                    {page_button(Icon::Right, format!("Further in {title}"), move || more.get().1, move || page(1.0))}
                </div>
            </div>
            <div
                class="row-track"
                role="list"
                node_ref=track
                on:scroll=move |_| measure()
                on:keydown=move |event| walk(track, &event)
                on:focusin=move |event| remember(track, &event)
            >
                {cards
                    .into_iter()
                    .map(|card| view! { <div class="row-item" role="listitem">{card}</div> })
                    .collect_view()}
            </div>
        </section>
    }
    .into_any()
}

fn page_button(
    symbol: Icon,
    label: String,
    enabled: impl Fn() -> bool + Send + 'static,
    action: impl Fn() + 'static,
) -> AnyView {
    view! {
        <button
            type="button"
            class="round-button"
            tabindex="-1"
            aria-label=label
            prop:disabled=move || !enabled()
            on:click=move |_| action()
        >
            {icon(symbol)}
        </button>
    }
    .into_any()
}

/// Makes the card at `index` the row's tab stop, and gives it the focus when asked to.
fn rove(track: &web_sys::HtmlDivElement, index: usize, focus: bool) {
    for (at, card) in dom::all(track, ".card").iter().enumerate() {
        card.set_tab_index(if at == index { 0 } else { -1 });
        if at == index && focus {
            dom::focus(card, true);
            reveal(track, card);
        }
    }
}

fn walk(track: NodeRef<Div>, event: &web_sys::KeyboardEvent) {
    let Some(track) = track.try_get_untracked().flatten() else {
        return;
    };
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let cards = dom::all(&track, ".card");
    let current = focused(&cards).unwrap_or(0);
    if let Some(target) = roving::next(&event.key(), current, cards.len(), Axis::Horizontal) {
        event.prevent_default();
        rove(&track, target, true);
    }
}

fn remember(track: NodeRef<Div>, event: &web_sys::FocusEvent) {
    let Some(track) = track.try_get_untracked().flatten() else {
        return;
    };
    if let Some(index) = focused(&dom::all(&track, ".card")) {
        rove(&track, index, false);
    }
    event.stop_propagation();
}

fn focused(cards: &[web_sys::HtmlElement]) -> Option<usize> {
    let active = document().active_element()?;
    cards.iter().position(|card| card.is_same_node(Some(&active)))
}

/// Scrolls the row, not the page, until the card is whole.
fn reveal(track: &web_sys::HtmlDivElement, card: &web_sys::HtmlElement) {
    let (outer, inner) = (track.get_bounding_client_rect(), card.get_bounding_client_rect());
    let margin = outer.width() * 0.06;
    if inner.left() < outer.left() + margin {
        scroll_by(track, inner.left() - outer.left() - margin);
    } else if inner.right() > outer.right() - margin {
        scroll_by(track, inner.right() - outer.right() + margin);
    }
    let page = window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64())
        .unwrap_or(0.0);
    if inner.top() < 0.0 || inner.bottom() > page {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Center);
        options.set_inline(web_sys::ScrollLogicalPosition::Nearest);
        card.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn scroll_by(track: &web_sys::HtmlDivElement, distance: f64) {
    let options = web_sys::ScrollToOptions::new();
    options.set_left(distance);
    let motion = if dom::reduced_motion() {
        web_sys::ScrollBehavior::Instant
    } else {
        web_sys::ScrollBehavior::Smooth
    };
    options.set_behavior(motion);
    track.scroll_by_with_scroll_to_options(&options);
}
