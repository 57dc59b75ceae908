//! A title as a card.

use leptos::prelude::*;
use service_api::TitleCard;

use super::artwork::{Priority, accent_style, picture};
use super::icons::{Icon, icon};
use crate::format;
use crate::player::resume::ResumePoint;
use crate::router::route::{title_href, watch_href};

/// The shape of a row's cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 2:3, the poster.
    Poster,
    /// 16:9, the scene.
    Wide,
}

/// How wide cards are drawn; the style sheet says the same.
const POSTER_SIZES: &str = "(max-width: 640px) 40vw, (max-width: 1100px) 22vw, 15vw";
const WIDE_SIZES: &str = "(max-width: 640px) 68vw, (max-width: 1100px) 38vw, 25vw";

/// A card that leads to a title's page.
pub fn card(title: &TitleCard, shape: Shape) -> AnyView {
    let (images, sizes, class) = match shape {
        Shape::Poster => (&title.posters, POSTER_SIZES, "card card-poster"),
        Shape::Wide => (&title.heroes, WIDE_SIZES, "card card-wide"),
    };
    let facts = format!("{} · {}", title.year, format::running_time(title.duration_ms));
    view! {
        <a
            class=class
            href=title_href(&title.id)
            style=accent_style(title)
            data-testid=format!("card-{}", title.id)
        >
            <span class="card-art">{picture(images, sizes, Priority::Lazy)}</span>
            <span class="card-title">{title.title.clone()}</span>
            <span class="card-facts">{facts}</span>
        </a>
    }
    .into_any()
}

/// A card that goes on where a title was left.
pub fn resume_card(title: &TitleCard, point: &ResumePoint) -> AnyView {
    let seen = point.fraction();
    let left = format::time_left(point.position, point.duration);
    let label = format!("Continue {}, {}", title.title, left.to_lowercase());
    view! {
        <a
            class="card card-wide card-resume"
            href=watch_href(&title.id)
            style=accent_style(title)
            aria-label=label
            data-testid=format!("resume-{}", title.id)
        >
            <span class="card-art">
                {picture(&title.heroes, WIDE_SIZES, Priority::Lazy)}
                <span class="card-play">{icon(Icon::Play)}</span>
                <span class="card-progress">
                    <span style=format!("transform:scaleX({seen:.3})")></span>
                </span>
            </span>
            <span class="card-title">{title.title.clone()}</span>
            <span class="card-facts">{left}</span>
        </a>
    }
    .into_any()
}
