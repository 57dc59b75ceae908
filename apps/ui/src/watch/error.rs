//! The error state: what happened, and what to do about it.

use leptos::html::Div;
use leptos::prelude::*;

use super::ui::Ui;
use crate::app::Online;
use crate::components::icons::{Icon, icon};
use crate::dom;
use crate::player::types::{Failure, State};
use crate::player::words;

/// The error state, when playback stopped for an error.
pub(super) fn error(ui: Ui) -> AnyView {
    let session = ui.session;
    let shown = Memo::new(move |_| {
        let stopped = session.state.get() == State::Error;
        session.failure.get().filter(|_| stopped)
    });
    (move || shown.get().map(|failure| panel(ui, &failure))).into_any()
}

fn panel(ui: Ui, failure: &Failure) -> AnyView {
    let online = Online::get();
    let explained = words::failure(failure, online);
    let symbol = if online { Icon::Warning } else { Icon::Offline };
    let code = failure.code.clone();
    let details = words::details(failure);
    let panel = NodeRef::<Div>::new();
    panel.on_load(|panel| {
        // The way out takes the focus, so that Enter does what most people want.
        request_animation_frame(move || {
            if let Some(button) = dom::all(&panel, "button").first() {
                dom::focus(button, true);
            }
        });
    });
    let retry = explained.retry.then(|| {
        view! {
            <button
                type="button"
                class="button button-primary"
                data-testid="error-retry"
                on:click=move |_| ui.session.retry()
            >
                {icon(Icon::Replay)}
                "Try again"
            </button>
        }
    });
    let back = if explained.retry {
        "button"
    } else {
        "button button-primary"
    };
    view! {
        <div class="player-error" role="alertdialog" aria-labelledby="error-title" aria-describedby="error-text"
            data-testid="player-error" data-code=code node_ref=panel>
            <div class="state">
                <span class="state-icon">{icon(symbol)}</span>
                <h2 id="error-title">{explained.title}</h2>
                <p id="error-text">{explained.text}</p>
                <div class="state-actions">
                    {retry}
                    <button type="button" class=back data-testid="error-back" on:click=move |_| ui.leave()>
                        {icon(Icon::Back)}
                        "Go back"
                    </button>
                </div>
                <details class="state-details">
                    <summary>"Technical details"</summary>
                    {details.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
                </details>
            </div>
        </div>
    }
    .into_any()
}
