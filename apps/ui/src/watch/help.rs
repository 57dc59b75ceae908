//! The list of keyboard shortcuts.

use leptos::prelude::*;

use super::{dialog::dialog, ui::Ui};
use crate::player::keys::HELP;

/// The dialog; closed until somebody asks.
pub(super) fn help(ui: Ui) -> AnyView {
    let list = view! {
        <dl class="help-list">
            {HELP
                .iter()
                .map(|(keys, what)| {
                    view! {
                        <div>
                            <dt><kbd>{*keys}</kbd></dt>
                            <dd>{*what}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    };
    let heading = ("help-title", "Keyboard shortcuts");
    dialog(
        ui.help,
        "help",
        heading,
        "player-help",
        move || ui.toggle_help(),
        list.into_any(),
    )
}
