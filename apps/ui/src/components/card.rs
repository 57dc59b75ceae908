//! A title as a card.

use leptos::prelude::*;
use service_api::{Channel, TitleCard};

use super::artwork::{Priority, accent_of, accent_style, picture};
use super::icons::{Icon, icon};
use crate::player::resume::ResumePoint;
use crate::router::route::{title_href, watch_href};
use crate::{dom, format, host};

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

/// A card that shows a live channel.
pub fn channel_card(channel: &Channel) -> AnyView {
    let until = dom::time_of_day(channel.now.end_ms as f64);
    // Without the seconds.
    let until = until.rsplit_once(':').map_or("", |(time, _)| time);
    let facts = format!("{} · until {until}", channel.now.title);
    let length = (channel.now.end_ms - channel.now.start_ms).max(1) as f64;
    let seen = ((js_sys::Date::now() - channel.now.start_ms as f64) / length).clamp(0.0, 1.0);
    view! {
        <a
            class="card card-wide card-resume"
            href=watch_href(&channel.id)
            style=accent_of(&channel.accent)
            aria-label=format!("Watch {} live, {}", channel.title, channel.now.title)
            data-testid=format!("channel-{}", channel.id)
            on:pointerdown=move |_| host::prefetch_player()
        >
            <span class="card-art">
                {picture(&channel.heroes, WIDE_SIZES, Priority::Lazy)}
                <span class="live-badge at-edge">"LIVE"</span>
                <span class="card-progress">
                    <span style=format!("transform:scaleX({seen:.3})")></span>
                </span>
            </span>
            <span class="card-title">{channel.title.clone()}</span>
            <span class="card-facts">{facts}</span>
        </a>
    }
    .into_any()
}
