//! The home page: a hero and rows of artwork.

use std::sync::Arc;

use leptos::prelude::*;
use service_api::{Catalogue, TitleCard};

use crate::api::{Gateway, Load, Loader, find_card};
use crate::components::artwork::{accent_style, backdrop};
use crate::components::card::{Shape, card, channel_card, resume_card};
use crate::components::icons::{Icon, icon};
use crate::components::{row, skeleton, states};
use crate::router::route::{title_href, watch_href};
use crate::{dom, format, host, storage};

/// The home page.
pub fn home() -> AnyView {
    dom::set_title("");
    let gateway = Gateway::get();
    let catalogue = Loader::new(gateway.known_catalogue(), move || gateway.catalogue());
    view! {
        <div class="page page-home">
            {move || match catalogue.get() {
                Load::Pending => {
                    view! { <h1 class="sr-only">"Footlight"</h1> {skeleton::home()} }.into_any()
                }
                Load::Ready(catalogue) => {
                    host::ready();
                    content(&catalogue)
                }
                Load::Failed(error) => {
                    host::ready();
                    view! {
                        <h1 class="sr-only">"Footlight"</h1>
                        {states::failed(&error, move || catalogue.again())}
                    }
                        .into_any()
                }
            }}
        </div>
    }
    .into_any()
}

fn content(catalogue: &Arc<Catalogue>) -> AnyView {
    let mut rows: Vec<AnyView> = Vec::new();
    if let Some(left) = continue_watching(catalogue) {
        rows.push(left);
    }
    if !catalogue.channels.is_empty() {
        let cards = catalogue.channels.iter().map(channel_card).collect();
        rows.push(row::row("live", "Live", cards));
    }
    // The scenes of every second row give the page a rhythm.
    for (index, shelf) in catalogue.rows.iter().enumerate() {
        if shelf.items.is_empty() {
            continue;
        }
        let shape = if index % 2 == 1 { Shape::Wide } else { Shape::Poster };
        let cards = shelf.items.iter().map(|item| card(item, shape)).collect();
        rows.push(row::row(&shelf.id, &shelf.title, cards));
    }
    if rows.is_empty() {
        rows.push(states::empty(
            Icon::Info,
            "Nothing on tonight",
            "The programme is empty. Come back a little later.",
        ));
    }
    view! {
        {hero(&catalogue.hero)}
        <div class="rows">{rows}</div>
    }
    .into_any()
}

fn continue_watching(catalogue: &Catalogue) -> Option<AnyView> {
    let points = storage::resume_points().points;
    let cards: Vec<AnyView> = points
        .iter()
        .filter_map(|point| Some(resume_card(find_card(catalogue, &point.id)?, point)))
        .take(12)
        .collect();
    (!cards.is_empty()).then(|| row::row("continue", "Continue watching", cards))
}

fn hero(title: &TitleCard) -> AnyView {
    let resume = storage::resume_points().get(&title.id).is_some();
    let play = if resume { "Resume" } else { "Play" };
    view! {
        <section class="hero" style=accent_style(title) aria-labelledby="hero-title" data-testid="home-hero">
            <div class="hero-art">{backdrop(title)}</div>
            <div class="hero-text">
                <p class="eyebrow">"Tonight’s premiere"</p>
                <h1 id="hero-title" class="hero-title">{title.title.clone()}</h1>
                <p class="hero-tagline">{title.tagline.clone()}</p>
                {facts(title)}
                <div class="actions">
                    <a
                        class="button button-primary"
                        href=watch_href(&title.id)
                        aria-label=format!("{play} {}", title.title)
                        on:pointerdown=move |_| host::prefetch_player()
                        data-testid="hero-play"
                    >
                        {icon(Icon::Play)}
                        {play}
                    </a>
                    <a
                        class="button"
                        href=title_href(&title.id)
                        aria-label=format!("More about {}", title.title)
                        data-testid="hero-more"
                    >
                        {icon(Icon::Info)}
                        "More"
                    </a>
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// Year, rating, length and genres of a title, on one line.
pub(crate) fn facts(title: &TitleCard) -> AnyView {
    view! {
        <ul class="facts" aria-label="Facts">
            <li>{title.year}</li>
            <li><span class="rating" aria-label=format!("Rated {}", title.rating)>{title.rating.clone()}</span></li>
            <li>{format::running_time(title.duration_ms)}</li>
            {title.genres.iter().map(|genre| view! { <li>{genre.clone()}</li> }).collect_view()}
        </ul>
    }
    .into_any()
}
