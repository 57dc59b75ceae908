//! The frame of the player's dialogs.

use leptos::{html, prelude::*};

use crate::components::icons::{Icon, icon};

/// A dialog with a heading and a way out; closed until `toggle` opens it.
pub(super) fn dialog(
    node_ref: NodeRef<html::Dialog>,
    class: &'static str,
    heading: (&'static str, &'static str),
    test_id: &'static str,
    toggle: impl Fn() + Copy + 'static,
    body: AnyView,
) -> AnyView {
    let (id, title) = heading;
    view! {
        <dialog class=class node_ref=node_ref aria-labelledby=id data-testid=test_id
            on:click=move |event| {
                // A press beside the box lands on the dialog itself.
                if event.target() == event.current_target() {
                    toggle();
                }
            }>
            <div class="help-box">
                <div class="panel-head">
                    <h2 id=id>{title}</h2>
                    <button type="button" class="round-button" aria-label="Close" on:click=move |_| toggle()>
                        {icon(Icon::Close)}
                    </button>
                </div>
                {body}
            </div>
        </dialog>
    }
    .into_any()
}
