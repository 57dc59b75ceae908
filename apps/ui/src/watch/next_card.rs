//! The card of the title that comes next.

use std::time::Duration;

use leptos::prelude::*;
use service_api::TitleCard;

use super::ui::Ui;
use crate::components::artwork::{Priority, accent_style, picture};
use crate::components::icons::{Icon, icon};
use crate::dom;
use crate::player::next::{Countdown, near_end};
use crate::player::types::State;
use crate::router::route::watch_href;

const SECOND: Duration = Duration::from_secs(1);

/// The card: announced in the last seconds, counting down after the end.
pub(super) fn next_card(ui: Ui) -> AnyView {
    let session = ui.session;
    let next = Memo::new(move |_| session.playback.get().and_then(|playback| playback.next));
    let countdown = RwSignal::new(Countdown::Hidden);
    let place = Memo::new(move |_| {
        let ended = session.state.get() == State::Ended;
        (near_end(session.position.get(), session.duration.get()) || ended, ended)
    });
    Effect::new(move |_| {
        let (near, ended) = place.get();
        if next.with(Option::is_none) {
            return;
        }
        let before = countdown.get_untracked();
        let mut now = before.at(near);
        if ended {
            now = now.ended();
        }
        if now != before {
            countdown.set(now);
            if matches!(now, Countdown::Running(_)) {
                focus_play();
                ui.say("The end. The next title starts in ten seconds.");
            }
        }
    });
    dom::every(SECOND, move || {
        let Some(before) = countdown.try_get_untracked() else {
            return;
        };
        let now = before.tick();
        if now == before {
            return;
        }
        let _ = countdown.try_set(now);
        if now == Countdown::Due
            && let Some(next) = next.get_untracked()
        {
            ui.play_title(&watch_href(&next.id));
        }
    });
    let cancel = move || {
        countdown.set(Countdown::Cancelled);
        ui.say("Stopped. The next title does not start by itself.");
        if let Some(root) = ui.root.get_untracked() {
            dom::focus(&root, true);
        }
    };
    let shown = Memo::new(move |_| countdown.get().shows());
    (move || {
        if !shown.get() {
            return None;
        }
        next.get().map(|next| card(ui, &next, countdown, cancel))
    })
    .into_any()
}

fn focus_play() {
    dom::after_paint(|| dom::focus_id("next-play"));
}

fn card(ui: Ui, next: &TitleCard, countdown: RwSignal<Countdown>, cancel: impl Fn() + Copy + 'static) -> AnyView {
    let href = watch_href(&next.id);
    let lead = move || match countdown.get() {
        Countdown::Running(left) => format!("Next in {left}"),
        _ => "Up next".to_owned(),
    };
    let counting = move || matches!(countdown.get(), Countdown::Running(_));
    view! {
        <section
            class="next-card"
            class:counting=counting
            style=accent_style(next)
            aria-label="Up next"
            data-testid="next-card"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.prevent_default();
                    cancel();
                }
            }
        >
            <div class="next-art">{picture(&next.heroes, "22rem", Priority::High)}</div>
            <div class="next-text">
                <p class="next-lead" aria-hidden="true">{lead}</p>
                <h2>{next.title.clone()}</h2>
                <p class="next-tagline">{next.tagline.clone()}</p>
                <div class="next-actions">
                    <button
                        type="button"
                        id="next-play"
                        class="button button-primary"
                        data-testid="next-play"
                        on:click=move |_| ui.play_title(&href)
                    >
                        {icon(Icon::Play)}
                        "Play now"
                    </button>
                    <button type="button" class="button" data-testid="next-cancel" on:click=move |_| cancel()>
                        "Not now"
                    </button>
                </div>
            </div>
            <span class="next-progress" aria-hidden="true"></span>
        </section>
    }
    .into_any()
}
