//! Subtitles, drawn by the player; and the panel where the viewer says how.

use leptos::prelude::*;

use super::{dialog::dialog, ui::Ui};
use crate::player::text_style::{SETTINGS, Setting, TextStyle};

/// The element that the player draws subtitles in, above the controls when those show.
pub(super) fn captions(ui: Ui) -> AnyView {
    view! {
        <div
            class="captions"
            class:raised=move || !ui.hidden()
            node_ref=ui.session.captions
            data-testid="player-captions"
        ></div>
    }
    .into_any()
}

/// The panel; closed until somebody asks.
pub(super) fn style_panel(ui: Ui) -> AnyView {
    let settings = view! {
        {(0..).zip(&SETTINGS).map(|(at, setting)| row(ui, setting, at == 0)).collect_view()}
        <button type="button" class="text-style-reset" data-testid="text-style-reset"
            on:click=move |_| ui.session.set_text_style(|style| *style = TextStyle::default())>
            "All as authored"
        </button>
    };
    let heading = ("text-style-title", "Subtitle style");
    let toggle = move || ui.toggle_text_style();
    dialog(
        ui.text_style,
        "help text-style",
        heading,
        "text-style",
        toggle,
        settings.into_any(),
    )
}

/// A setting; the focus goes to the first one when the panel opens.
fn row(ui: Ui, setting: &'static Setting, is_first: bool) -> AnyView {
    let session = ui.session;
    let value = Memo::new(move |_| session.prefs.with(|prefs| prefs.text_style.get(setting.name)));
    view! {
        <label class="text-style-row">
            <span>{setting.title}</span>
            <select
                data-testid=format!("text-style-{}", setting.name)
                autofocus=is_first
                prop:value=move || value.get()
                on:change=move |event| {
                    let chosen = event_target_value(&event);
                    session.set_text_style(|style| style.set(setting.name, &chosen));
                }
            >
                {setting
                    .values
                    .iter()
                    .map(|(key, name)| view! { <option value=*key selected=move || value.get() == *key>{*name}</option> })
                    .collect_view()}
            </select>
        </label>
    }
    .into_any()
}
