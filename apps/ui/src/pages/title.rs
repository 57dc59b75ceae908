//! The page of one title.

use std::sync::Arc;

use leptos::prelude::*;
use service_api::{Language, TitleCard, TitleDetails};

use super::home::facts;
use super::not_found::lost;
use crate::api::{Gateway, Load, Loader};
use crate::components::artwork::{accent_style, backdrop};
use crate::components::card::{Shape, card};
use crate::components::icons::{Icon, icon};
use crate::components::{row, skeleton, states};
use crate::router::route::watch_href;
use crate::{dom, format, host, storage};

/// The page of the title `id`.
pub fn title(id: &str) -> AnyView {
    host::ready();
    let gateway = Gateway::get();
    let wanted = id.to_owned();
    let details = Loader::new(gateway.known_title(id), move || {
        let id = wanted.clone();
        async move { gateway.title(&id).await }
    });
    // The card that led here already knows the picture and the name.
    let known = gateway.known_card(id);
    view! {
        <div class="page page-title">
            {move || match details.get() {
                Load::Pending => pending(known.as_ref()),
                Load::Ready(details) => content(&details),
                Load::Failed(error) if error.is_not_found() => {
                    lost("This title is not here", "It may have been removed, or the address is not quite right.")
                }
                Load::Failed(error) => states::failed(&error, move || details.again()),
            }}
        </div>
    }
    .into_any()
}

fn pending(known: Option<&TitleCard>) -> AnyView {
    match known {
        Some(known) => {
            dom::set_title(&known.title);
            hero(known, view! { <div class="bone bone-line"></div> }.into_any())
        }
        None => view! { <h1 class="sr-only">"Loading"</h1> {skeleton::home()} }.into_any(),
    }
}

fn content(details: &Arc<TitleDetails>) -> AnyView {
    dom::set_title(&details.card.title);
    let synopsis = view! { <p class="synopsis">{details.synopsis.clone()}</p> }.into_any();
    let related = (!details.related.is_empty()).then(|| {
        let cards = details.related.iter().map(|item| card(item, Shape::Poster)).collect();
        row::row("related", "More like this", cards)
    });
    view! {
        {hero(&details.card, synopsis)}
        <section class="about" aria-label="About this title">
            <dl class="about-list">
                {fact("Sound", languages(&details.audio))}
                {fact("Subtitles", languages(&details.text))}
                {fact("Picture", qualities(details))}
                {fact("Genres", details.card.genres.join(", "))}
            </dl>
            {ways(details)}
        </section>
        <div class="rows">{related}</div>
    }
    .into_any()
}

fn hero(title: &TitleCard, more: AnyView) -> AnyView {
    view! {
        <section class="hero hero-page" style=accent_style(title) aria-labelledby="title-name">
            <div class="hero-art">{backdrop(title)}</div>
            <div class="hero-text">
                <h1 id="title-name" class="hero-title">{title.title.clone()}</h1>
                <p class="hero-tagline">{title.tagline.clone()}</p>
                {facts(title)}
                {more}
                {actions(title)}
            </div>
        </section>
    }
    .into_any()
}

fn actions(title: &TitleCard) -> AnyView {
    let store = storage::resume_points();
    let point = store.get(&title.id);
    let play = if point.is_some() { "Resume" } else { "Play" };
    let again = point.map(|_| {
        view! {
            <a class="button" href=format!("{}?start=0", watch_href(&title.id)) data-testid="title-restart">
                {icon(Icon::Replay)}
                "From the start"
            </a>
        }
    });
    let progress = point.map(|point| {
        let seen = point.fraction();
        view! {
            <div class="resume-note">
                <span class="card-progress"><span style=format!("transform:scaleX({seen:.3})")></span></span>
                <span>{format::time_left(point.position, point.duration)}</span>
            </div>
        }
    });
    view! {
        {progress}
        <div class="actions">
            <a
                class="button button-primary"
                href=watch_href(&title.id)
                on:pointerdown=move |_| host::prefetch_player()
                on:pointerenter=move |_| host::prefetch_player()
                on:focus=move |_| host::prefetch_player()
                aria-label=format!("{play} {}", title.title)
                data-testid="title-play"
            >
                {icon(Icon::Play)}
                {play}
            </a>
            {again}
        </div>
    }
    .into_any()
}

/// The other ways in which the title is delivered: for developers and the curious.
fn ways(details: &TitleDetails) -> Option<AnyView> {
    (details.variants.len() > 1).then(|| {
        let id = details.card.id.clone();
        let links = details
            .variants
            .iter()
            .map(|variant| {
                let href = format!(
                    "{}?variant={}",
                    watch_href(&id),
                    crate::router::route::encode(&variant.id)
                );
                view! { <li><a class="chip" href=href>{variant.label.clone()}</a></li> }
            })
            .collect_view();
        view! {
            <details class="ways">
                <summary>"Delivery variants, for developers"</summary>
                <ul class="chips">{links}</ul>
            </details>
        }
        .into_any()
    })
}

fn fact(name: &'static str, value: String) -> Option<AnyView> {
    (!value.is_empty()).then(|| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
        .into_any()
    })
}

fn languages(list: &[Language]) -> String {
    let names: Vec<String> = list
        .iter()
        .map(|language| {
            if language.label.is_empty() {
                format::language_name(&language.tag)
            } else {
                language.label.clone()
            }
        })
        .collect();
    names.join(", ")
}

fn qualities(details: &TitleDetails) -> String {
    match details.qualities.as_slice() {
        [] => String::new(),
        [only] => only.label.clone(),
        [best, ..] => format!("Up to {}, as the network allows", best.label),
    }
}
