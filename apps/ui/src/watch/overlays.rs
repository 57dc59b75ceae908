//! What shows while nothing moves: waiting for media, and for the viewer.

use std::time::Duration;

use leptos::prelude::*;

use super::ui::Ui;
use crate::app::Online;
use crate::components::icons::{Icon, icon};
use crate::dom::Timer;
use crate::format;
use crate::player::types::State;

/// Shorter waits than this are not worth a word.
const PATIENCE: Duration = Duration::from_millis(300);

/// The waiting sign, and the large button for browsers that want a gesture.
pub(super) fn waiting(ui: Ui, started: RwSignal<bool>) -> AnyView {
    let session = ui.session;
    let late = RwSignal::new(false);
    let timer = Timer::new();
    let waits = Memo::new(move |_| {
        let state = session.state.get();
        state.is_waiting() && !(session.paused.get() && started.get()) && session.failure.with(Option::is_none)
    });
    Effect::new(move |_| {
        if waits.get() {
            timer.start(PATIENCE, move || {
                let _ = late.try_set(true);
                if started.try_get_untracked() == Some(true) {
                    ui.say("Buffering");
                }
            });
        } else {
            timer.stop();
            late.set(false);
        }
    });
    // Waiting for the first picture shows at once: there is nothing else to see.
    let shows = move || waits.get() && (late.get() || session.state.get() == State::Loading);
    let online = Memo::new(move |_| Online::get());
    let words = move || match (session.state.get(), online.get()) {
        (_, false) => "You’re offline. Waiting for the connection…".to_owned(),
        (State::Loading, _) => "Getting ready…".to_owned(),
        (State::Seeking, _) => format!("Going to {}…", format::clock(session.position.get_untracked())),
        _ => "Buffering: the network is slower than the film…".to_owned(),
    };
    view! {
        {move || {
            shows()
                .then(|| {
                    view! {
                        <div class="waiting" data-testid="player-buffering">
                            <span class="spinner" aria-hidden="true"></span>
                            <p>{words}</p>
                        </div>
                    }
                })
        }}
        {move || {
            (session.blocked.get() && session.failure.with(Option::is_none))
                .then(|| {
                    view! {
                        <div class="blocked">
                            <button
                                type="button"
                                class="big-play"
                                aria-label="Play"
                                data-testid="player-big-play"
                                on:click=move |_| session.play()
                            >
                                {icon(Icon::Play)}
                            </button>
                        </div>
                    }
                })
        }}
        {move || {
            (!online.get() && started.get() && session.failure.with(Option::is_none) && !waits.get())
                .then(|| {
                    view! {
                        <p class="player-notice" role="status">
                            {icon(Icon::Offline)}
                            "You’re offline. Playing what is already here."
                        </p>
                    }
                })
        }}
    }
    .into_any()
}
