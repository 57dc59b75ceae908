//! What a page shows instead of its content: nothing found, nothing there, no network.

use leptos::prelude::*;
use service_api::{Error, TransportError};

use super::icons::{Icon, icon};

/// A page that could not be loaded: what happened in plain words, and a way to try again.
pub fn failed(error: &Error, retry: impl Fn() + 'static) -> AnyView {
    let (symbol, title, text) = explain(error);
    let code = error.to_string();
    view! {
        <div class="state" role="alert">
            <span class="state-icon">{icon(symbol)}</span>
            <h2>{title}</h2>
            <p>{text}</p>
            <div class="state-actions">
                <button type="button" class="button button-primary" data-testid="page-retry" on:click=move |_| retry()>
                    {icon(Icon::Replay)}
                    "Try again"
                </button>
            </div>
            <details class="state-details">
                <summary>"Technical details"</summary>
                <p>{code}</p>
            </details>
        </div>
    }
    .into_any()
}

/// A page with nothing in it.
pub fn empty(symbol: Icon, title: &str, text: &str) -> AnyView {
    view! {
        <div class="state">
            <span class="state-icon">{icon(symbol)}</span>
            <h2>{title.to_owned()}</h2>
            <p>{text.to_owned()}</p>
        </div>
    }
    .into_any()
}

fn explain(error: &Error) -> (Icon, &'static str, &'static str) {
    match error {
        Error::Transport(TransportError::Offline) => (
            Icon::Offline,
            "You’re offline",
            "This page comes back by itself once there is a connection.",
        ),
        Error::Transport(_) => (
            Icon::Warning,
            "Footlight can’t be reached",
            "The service did not answer. Check your connection, then try again.",
        ),
        Error::Decode(_) => (
            Icon::Warning,
            "This app is out of step",
            "The service speaks a newer language than this page. Reloading it usually helps.",
        ),
        error if error.is_retryable() => (
            Icon::Warning,
            "The house is full",
            "The service is busy or being repaired. Try again in a moment.",
        ),
        _ => (
            Icon::Warning,
            "Something went wrong",
            "The service could not answer. Trying again may help.",
        ),
    }
}
