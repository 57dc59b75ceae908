//! The bars above and below the picture.

use leptos::prelude::*;
use service_api::TitleCard;
use wasm_bindgen::JsCast;

use super::live;
use super::menus;
use super::seek_bar;
use super::ui::{Ui, has_pip, volume_icon};
use crate::components::icons::{Icon, icon};
use crate::format;
use crate::player::types::State;

/// All controls.
pub(super) fn controls(ui: Ui, card: Memo<Option<TitleCard>>) -> AnyView {
    view! {
        <div class="controls" inert=move || ui.session.state.get() == State::Error>
            {top(ui, card)}
            {middle(ui)}
            {bottom(ui)}
        </div>
    }
    .into_any()
}

fn top(ui: Ui, card: Memo<Option<TitleCard>>) -> AnyView {
    let name = move || card.with(|card| card.as_ref().map(|card| card.title.clone()));
    let tagline = move || {
        let on = ui
            .session
            .channel
            .with(|channel| Some(channel.as_ref()?.now.title.clone()));
        on.or_else(|| card.with(|card| card.as_ref().map(|card| card.tagline.clone())))
    };
    view! {
        <div class="bar bar-top">
            {button(Icon::Back, || "Back".to_owned(), "player-back", move || ui.leave())}
            <div class="bar-title">
                <h1>{name}</h1>
                <p>{tagline}</p>
            </div>
            {button(Icon::TextStyle, || "Subtitle style".to_owned(), "player-text-style", move || ui.toggle_text_style())}
            {button(Icon::Help, || "Keyboard shortcuts".to_owned(), "player-help-button", move || ui.toggle_help())}
        </div>
    }
    .into_any()
}

/// Large buttons for fingers; the style sheet shows them only where there is no mouse.
fn middle(ui: Ui) -> AnyView {
    view! {
        <div class="bar-middle">
            {button(Icon::Back10, || "Back 10 seconds".to_owned(), "touch-back", move || ui.skip(-10.0))}
            {play_button(ui, "touch-play")}
            {button(Icon::Forward10, || "Forward 10 seconds".to_owned(), "touch-forward", move || ui.skip(10.0))}
        </div>
    }
    .into_any()
}

fn bottom(ui: Ui) -> AnyView {
    view! {
        <div class="bar bar-bottom">
            {seek_bar::seek_bar(ui)}
            <div class="buttons" role="group" aria-label="Player controls">
                <div class="buttons-side">
                    {play_button(ui, "player-play")}
                    <span class="desktop-only">
                        {button(Icon::Back10, || "Back 10 seconds".to_owned(), "player-back10", move || ui.skip(-10.0))}
                        {button(Icon::Forward10, || "Forward 10 seconds".to_owned(), "player-forward10", move || ui.skip(10.0))}
                    </span>
                    {volume(ui)}
                    {time(ui)}
                </div>
                <div class="buttons-side buttons-end">
                    {menus::text(ui)}
                    {menus::audio(ui)}
                    {menus::quality(ui)}
                    {menus::speed(ui)}
                    {stats(ui)}
                    {has_pip().then(|| button(Icon::Pip, || "Picture in picture".to_owned(), "player-pip", move || ui.toggle_pip()))}
                    {fullscreen(ui)}
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// A round button with a name that shows when the pointer rests on it.
fn button(
    symbol: Icon,
    label: impl Fn() -> String + Copy + Send + 'static,
    testid: &'static str,
    action: impl Fn() + 'static,
) -> AnyView {
    view! {
        <button
            type="button"
            class="control"
            aria-label=label
            title=label
            data-testid=testid
            on:click=move |_| action()
        >
            {icon(symbol)}
        </button>
    }
    .into_any()
}

fn play_button(ui: Ui, testid: &'static str) -> AnyView {
    let session = ui.session;
    let look = Memo::new(move |_| match (session.state.get(), session.paused.get()) {
        (State::Ended, _) => (0, "Play again"),
        (_, true) => (1, "Play"),
        (_, false) => (2, "Pause"),
    });
    let label = move || look.get().1;
    view! {
        <button
            type="button"
            class="control control-play"
            aria-label=label
            title=label
            data-testid=testid
            on:click=move |_| {
                let playing = session.toggle();
                ui.say(if playing { "Playing" } else { "Paused" });
                ui.wake();
            }
        >
            {move || icon([Icon::Replay, Icon::Play, Icon::Pause][look.get().0])}
        </button>
    }
    .into_any()
}

fn volume(ui: Ui) -> AnyView {
    let session = ui.session;
    let shown = Memo::new(move |_| {
        let prefs = session.prefs.get();
        (
            if prefs.muted { 0.0 } else { prefs.volume },
            prefs.muted || prefs.volume == 0.0,
        )
    });
    let label = move || if shown.get().1 { "Unmute" } else { "Mute" };
    view! {
        <div class="volume">
            <button
                type="button"
                class="control"
                aria-label=label
                title=label
                data-testid="player-mute"
                data-muted=move || shown.get().1.to_string()
                on:click=move |_| session.toggle_mute()
            >
                {move || icon(volume_icon(shown.get().0, shown.get().1))}
            </button>
            <input
                type="range"
                class="slider"
                min="0"
                max="1"
                step="0.05"
                aria-label="Volume"
                aria-valuetext=move || format!("{:.0}%", shown.get().0 * 100.0)
                data-testid="player-volume"
                style=move || format!("--part:{:.2}", shown.get().0)
                prop:value=move || shown.get().0.to_string()
                on:input=move |event| {
                    if let Some(volume) = input_number(&event) {
                        session.set_volume(volume);
                    }
                }
            />
        </div>
    }
    .into_any()
}

fn input_number(event: &web_sys::Event) -> Option<f64> {
    let input = event.target()?.dyn_into::<web_sys::HtmlInputElement>().ok()?;
    Some(input.value_as_number()).filter(|number| number.is_finite())
}

fn time(ui: Ui) -> AnyView {
    let session = ui.session;
    // Once a second is enough for a clock.
    let second = Memo::new(move |_| session.position.get().floor());
    let is_live = Memo::new(move |_| session.timeline.get().live);
    (move || {
        if is_live.get() {
            return live::live(ui);
        }
        view! {
            <p class="time">
                <span data-testid="player-time">{move || format::clock(second.get())}</span>
                <span class="time-of" aria-hidden="true">" / "</span>
                <span data-testid="player-duration">{move || format::clock(session.duration.get())}</span>
            </p>
        }
        .into_any()
    })
    .into_any()
}

fn stats(ui: Ui) -> AnyView {
    view! {
        <button
            type="button"
            class="control"
            aria-label="Playback stats"
            title="Playback stats"
            aria-pressed=move || ui.stats.get().to_string()
            data-testid="player-stats"
            on:click=move |_| ui.toggle_stats()
        >
            {icon(Icon::Stats)}
        </button>
    }
    .into_any()
}

fn fullscreen(ui: Ui) -> AnyView {
    let label = move || {
        if ui.fullscreen.get() {
            "Leave full screen"
        } else {
            "Full screen"
        }
    };
    view! {
        <button
            type="button"
            class="control"
            aria-label=label
            title=label
            data-testid="player-fullscreen"
            on:click=move |_| ui.toggle_fullscreen()
        >
            {move || icon(if ui.fullscreen.get() { Icon::FullscreenExit } else { Icon::Fullscreen })}
        </button>
    }
    .into_any()
}
