//! The player page.
use leptos::prelude::*;
/// Plays.
pub fn watch(_id: &str) -> AnyView {
    view! {<p>"soon"</p>}.into_any()
}
