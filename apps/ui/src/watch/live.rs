//! What a live channel has in place of a running time: where live is, and the ways there and back.

use leptos::prelude::*;

use super::ui::Ui;
use crate::components::icons::{Icon, icon};
use crate::player::live;

/// The badge, how far behind one is, and the buttons that go to the edge and to the beginning.
pub(super) fn live(ui: Ui) -> AnyView {
    let session = ui.session;
    let place = Memo::new(move |_| {
        let (now, position) = (session.timeline.get(), session.position.get());
        let behind = live::behind(&now, position).unwrap_or(0.0);
        (live::at_edge(&now, position), behind.floor())
    });
    let at_edge = move || place.get().0;
    let has_start = Memo::new(move |_| {
        let now = session.timeline.get();
        session
            .channel
            .with(|channel| {
                live::start_of_programme(&now, channel.as_ref()?)
                    .is_some()
                    .then_some(())
            })
            .is_some()
    });
    view! {
        <div class="live" data-testid="player-live" data-edge=move || at_edge().to_string()>
            <span class="live-badge" class:at-edge=at_edge>"LIVE"</span>
            {move || {
                (!at_edge()).then(|| {
                    view! {
                        <span class="time" data-testid="player-behind">{move || live::behind_clock(place.get().1)}</span>
                        <button
                            type="button"
                            class="live-button"
                            data-testid="player-go-live"
                            on:click=move |_| ui.go_live()
                        >
                            "Go live"
                        </button>
                    }
                })
            }}
            {move || {
                has_start
                    .get()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="live-button"
                                aria-label="Start over"
                                title="Start over"
                                data-testid="player-start-over"
                                on:click=move |_| ui.start_over()
                            >
                                {icon(Icon::Replay)}
                                <span>"Start over"</span>
                            </button>
                        }
                    })
            }}
            {move || {
                // Further behind, the clock says the same.
                let here = at_edge();
                let latency = session.timeline.with(|now| now.latency.filter(|_| here && live::is_low_latency(now)));
                latency
                    .map(|latency| {
                        view! {
                            <span class="time live-latency" data-testid="player-latency" title="Seconds behind live">
                                {live::latency(latency)}
                            </span>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}
