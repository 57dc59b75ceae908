//! Pictures in the size that the screen needs.

use leptos::prelude::*;
use service_api::{Image, TitleCard};

use crate::api::Gateway;

/// How a picture loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// The first thing to see.
    High,
    /// When it comes near the screen.
    Lazy,
}

/// The `srcset` of a picture's sizes.
fn source_set(images: &[Image]) -> String {
    let gateway = Gateway::get();
    images
        .iter()
        .map(|image| format!("{} {}w", gateway.resolve(&image.url), image.width))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A picture whose meaning is told by the text beside it. `sizes` is how wide it is drawn.
pub fn picture(images: &[Image], sizes: &'static str, priority: Priority) -> AnyView {
    let Some(smallest) = images.first() else {
        return view! { <span class="art-missing" aria-hidden="true"></span> }.into_any();
    };
    let (loading, decoding, fetch) = match priority {
        Priority::High => ("eager", "sync", "high"),
        Priority::Lazy => ("lazy", "async", "auto"),
    };
    view! {
        <img
            class="art"
            alt=""
            srcset=source_set(images)
            sizes=sizes
            width=smallest.width
            height=smallest.height
            loading=loading
            decoding=decoding
            fetchpriority=fetch
            src=Gateway::get().resolve(&smallest.url)
        />
    }
    .into_any()
}

/// The large picture of a title, filling a wide or a tall box.
pub fn backdrop(card: &TitleCard) -> AnyView {
    let images = if card.heroes.is_empty() {
        &card.posters
    } else {
        &card.heroes
    };
    picture(images, "(max-aspect-ratio: 1/1) 150vh, 100vw", Priority::High)
}

/// A title's own colour as an inline custom property.
#[must_use]
pub fn accent_style(card: &TitleCard) -> String {
    accent_of(&card.accent)
}

/// A colour as the inline custom property; nothing when it is not a plain `#rrggbb`.
#[must_use]
pub fn accent_of(accent: &str) -> String {
    let valid = accent
        .strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    if valid {
        format!("--title-accent:{accent}")
    } else {
        String::new()
    }
}
