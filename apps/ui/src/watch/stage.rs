//! The player: the picture, everything over it, and the keys and touches that reach it.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::ui::Ui;
use super::{captions, controls, error, help, next_card, overlays, stats_panel};
use crate::api::Gateway;
use crate::components::artwork::{Priority, accent_style, picture};
use crate::components::icons::icon;
use crate::dom::{self, Timer};
use crate::player::keys::{self, Focus};
use crate::player::media_session;
use crate::player::session::{Request, Session};
use crate::player::types::State;

/// Two taps within this time are one double tap.
const DOUBLE_TAP: Duration = Duration::from_millis(280);

/// The player, playing `request`.
pub(crate) fn player(request: Request) -> AnyView {
    let id = request.id.clone();
    let known = Gateway::get().known_card(&id);
    let session = Session::start(request);
    let ui = Ui::new(&id, session);
    ui.wake();
    listen(ui);
    let started = RwSignal::new(false);
    let aspect = RwSignal::new(16.0 / 9.0);
    let first_picture = move |_| {
        started.set(true);
        if let Some(video) = session.video.try_get_untracked().flatten() {
            let (width, height) = (f64::from(video.video_width()), f64::from(video.video_height()));
            if width > 0.0 && height > 0.0 {
                aspect.set(width / height);
            }
        }
    };
    let card = Memo::new(move |_| {
        let playback = session.playback.get();
        playback.map(|playback| playback.title).or_else(|| known.clone())
    });
    media_session::connect(session, card);
    Effect::new(move |_| {
        if let Some(card) = card.get() {
            dom::set_title(&card.title);
        }
    });
    view! {
        <div
            class="player"
            node_ref=ui.root
            tabindex="-1"
            role="region"
            aria-label="Video player"
            data-testid="player"
            data-state=move || state_name(session.state.get())
            class:idle=move || ui.hidden()
            style=move || {
                let accent = card.with(|card| card.as_ref().map(accent_style)).unwrap_or_default();
                format!("--aspect:{:.4};{accent}", aspect.get())
            }
            on:pointermove=move |event| {
                if event.pointer_type() == "mouse" {
                    ui.wake();
                }
            }
            on:focusin=move |_| ui.wake()
        >
            <video
                class="player-video"
                node_ref=session.video
                playsinline=true
                // Firefox makes a stop of the Tab key of every video.
                tabindex="-1"
                on:loadeddata=first_picture
                aria-label=move || card.with(|card| card.as_ref().map(|card| card.title.clone()))
            ></video>
            <div class="player-poster" class:gone=move || started.get()>
                {move || card.with(|card| card.as_ref().map(|card| picture(&card.heroes, "100vw", Priority::High)))}
            </div>
            {captions::captions(ui)}
            {surface(ui)}
            {feedback(ui)}
            {overlays::waiting(ui, started)}
            {controls::controls(ui, card)}
            {move || ui.stats.get().then(|| stats_panel::stats_panel(ui))}
            {next_card::next_card(ui)}
            {error::error(ui)}
            {help::help(ui)}
            {captions::style_panel(ui)}
            <p class="sr-only" role="status" aria-live="polite" data-testid="player-status">{move || ui.said.get()}</p>
        </div>
    }
    .into_any()
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Idle => "idle",
        State::Loading => "loading",
        State::Ready => "ready",
        State::Playing => "playing",
        State::Paused => "paused",
        State::Buffering => "buffering",
        State::Seeking => "seeking",
        State::Ended => "ended",
        State::Error => "error",
    }
}

/// Keys, and the browser's own changes of full screen.
fn listen(ui: Ui) {
    let keys = window_event_listener(ev::keydown, move |event| on_key(ui, &event));
    let screen = window_event_listener_untyped("fullscreenchange", move |_| {
        ui.fullscreen.set(document().fullscreen_element().is_some());
        ui.wake();
    });
    let presses = window_event_listener(ev::pointerdown, move |event| close_menu_outside(ui, &event));
    on_cleanup(move || {
        keys.remove();
        screen.remove();
        presses.remove();
    });
}

fn on_key(ui: Ui, event: &web_sys::KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    ui.wake();
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if ui.text_style.get_untracked().is_some_and(|panel| panel.open()) {
        return;
    }
    let dialog = ui.help.get_untracked().is_some_and(|help| help.open());
    if dialog && event.key() != "?" {
        return;
    }
    if let Some(command) = keys::command(&event.key(), focus_of(target.as_ref())) {
        event.prevent_default();
        ui.run(command);
    }
}

fn focus_of(target: Option<&web_sys::Element>) -> Focus {
    let within = |selector| target.is_some_and(|element| element.closest(selector).ok().flatten().is_some());
    if within("[role=menu]") {
        Focus::Menu
    } else if within("[role=slider], input") {
        Focus::Slider
    } else if within("button, a, summary") {
        Focus::Button
    } else {
        Focus::Page
    }
}

fn close_menu_outside(ui: Ui, event: &web_sys::PointerEvent) {
    let inside = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| element.closest(".menu-anchor").ok().flatten().is_some());
    if !inside && ui.menu.try_get_untracked().flatten().is_some() {
        ui.menu.set(None);
    }
}

/// The layer over the picture that takes clicks and touches. Everything it does has a button, too.
fn surface(ui: Ui) -> AnyView {
    let tapped = StoredValue::new(None::<f64>);
    let touching = StoredValue::new(false);
    // The touch itself moves the focus, and that alone shows the controls: what counts is how it was before.
    let hidden = StoredValue::new(false);
    let single = Timer::new();
    let touch = move |event: &web_sys::PointerEvent| {
        let part = part_of(event);
        let before = tapped.get_value();
        if before.is_some_and(|before| (before - part).abs() < 0.34) && !(0.36..=0.64).contains(&part) {
            // Held in place: a third tap goes on skipping.
            single.start(DOUBLE_TAP, move || {
                let _ = tapped.try_set_value(None);
            });
            ui.skip(if part < 0.5 { -10.0 } else { 10.0 });
            return;
        }
        tapped.set_value(Some(part));
        single.start(DOUBLE_TAP, move || {
            let _ = tapped.try_set_value(None);
            if hidden.try_get_value() == Some(false) {
                ui.doze();
            } else {
                ui.wake();
            }
        });
    };
    view! {
        <div
            class="player-surface"
            aria-hidden="true"
            on:pointerdown=move |event| {
                touching.set_value(event.pointer_type() != "mouse");
                hidden.set_value(untrack(|| ui.hidden()));
            }
            on:pointerup=move |event| {
                if touching.get_value() {
                    touch(&event);
                }
            }
            on:click=move |_| {
                if !touching.get_value() {
                    ui.toggle_play();
                    ui.wake();
                }
            }
            on:dblclick=move |_| {
                if !touching.get_value() {
                    ui.toggle_fullscreen();
                }
            }
        ></div>
    }
    .into_any()
}

/// Where across the surface, 0 to 1.
fn part_of(event: &web_sys::PointerEvent) -> f64 {
    let width = event
        .current_target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
        .map_or(1, |element| element.client_width().max(1));
    f64::from(event.client_x()) / f64::from(width)
}

/// What was just done, large for a moment.
fn feedback(ui: Ui) -> AnyView {
    (move || {
        ui.feedback.get().map(|feedback| {
            // Two names for one animation: a new name starts it anew.
            let class = if feedback.serial % 2 == 0 {
                "feedback feedback-a"
            } else {
                "feedback feedback-b"
            };
            view! {
                <div class=class aria-hidden="true">
                    {icon(feedback.icon)}
                    <span>{feedback.text}</span>
                </div>
            }
        })
    })
    .into_any()
}
