//! The list of keyboard shortcuts.

use leptos::prelude::*;

use super::ui::Ui;
use crate::components::icons::{Icon, icon};
use crate::player::keys::HELP;

/// The dialog; closed until somebody asks.
pub(super) fn help(ui: Ui) -> AnyView {
    view! {
        <dialog class="help" node_ref=ui.help aria-labelledby="help-title" data-testid="player-help"
            on:click=move |event| {
                // A press beside the box lands on the dialog itself.
                if event.target() == event.current_target() {
                    ui.toggle_help();
                }
            }>
            <div class="help-box">
                <div class="panel-head">
                    <h2 id="help-title">"Keyboard shortcuts"</h2>
                    <button type="button" class="round-button" aria-label="Close" on:click=move |_| ui.toggle_help()>
                        {icon(Icon::Close)}
                    </button>
                </div>
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
            </div>
        </dialog>
    }
    .into_any()
}
