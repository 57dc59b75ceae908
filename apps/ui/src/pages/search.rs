//! Search.

use std::time::Duration;

use leptos::html::Input;
use leptos::prelude::*;
use service_api::SearchResults;

use crate::api::{Gateway, Load, Loader};
use crate::components::card::{Shape, card};
use crate::components::icons::{Icon, icon};
use crate::components::{skeleton, states};
use crate::dom::{self, Timer};
use crate::router::Router;
use crate::router::route::{query_value, search_href};
use crate::{format, host};

/// How long typing has to pause before a search goes out.
const DEBOUNCE: Duration = Duration::from_millis(220);

/// The search page.
pub fn search() -> AnyView {
    host::ready();
    dom::set_title("Search");
    let router = Router::get();
    // What is searched for is what the address says; typing changes the address after a pause.
    let wanted = Memo::new(move |_| query_value(&router.query(), "q").unwrap_or_default());
    let input = NodeRef::<Input>::new();
    let timer = Timer::new();
    input.on_load(move |input| {
        input.set_value(&wanted.get_untracked());
        dom::focus(&input, true);
    });
    let typed = move || input.get_untracked().map(|input| input.value()).unwrap_or_default();
    let go = move || {
        let text = typed();
        router.replace(&search_href(text.trim()));
    };
    view! {
        <div class="page page-search">
            <h1 class="sr-only">"Search"</h1>
            <form
                class="search-box"
                role="search"
                on:submit=move |event| {
                    event.prevent_default();
                    timer.stop();
                    go();
                }
            >
                <span class="search-icon">{icon(Icon::Search)}</span>
                <input
                    node_ref=input
                    type="search"
                    name="q"
                    placeholder="Titles, genres, moods"
                    aria-label="Search titles"
                    autocomplete="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    data-testid="search-input"
                    on:input=move |_| timer.start(DEBOUNCE, go)
                />
            </form>
            {move || results(wanted.get())}
        </div>
    }
    .into_any()
}

fn results(query: String) -> AnyView {
    if query.trim().is_empty() {
        return suggestions();
    }
    let gateway = Gateway::get();
    let wanted = query.clone();
    let found = Loader::new(None, move || {
        let query = wanted.clone();
        async move { gateway.search(&query).await }
    });
    let announce = move || match found.get() {
        Load::Ready(results) => format::counted(results.items.len() as u64, "result"),
        _ => String::new(),
    };
    view! {
        <p class="search-count" role="status" data-testid="search-count">{announce}</p>
        {move || match found.get() {
            Load::Pending => skeleton::grid(),
            Load::Ready(results) => list(&results, &query),
            Load::Failed(error) => states::failed(&error, move || found.again()),
        }}
    }
    .into_any()
}

fn list(results: &SearchResults, query: &str) -> AnyView {
    if results.items.is_empty() {
        return states::empty(
            Icon::Search,
            &format!("Nothing found for “{query}”"),
            "Check the spelling, or try a genre such as drama.",
        );
    }
    view! {
        <div class="grid" role="list" data-testid="search-results">
            {results
                .items
                .iter()
                .map(|item| view! { <div role="listitem">{card(item, Shape::Poster)}</div> })
                .collect_view()}
        </div>
    }
    .into_any()
}

/// Before anything is typed: the genres there are, and everything in the catalogue.
fn suggestions() -> AnyView {
    let gateway = Gateway::get();
    let catalogue = Loader::new(gateway.known_catalogue(), move || gateway.catalogue());
    (move || {
        let Load::Ready(catalogue) = catalogue.get() else {
            return skeleton::grid();
        };
        let mut genres: Vec<&str> = Vec::new();
        let mut cards = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for item in catalogue.rows.iter().flat_map(|row| &row.items) {
            if seen.contains(&item.id.as_str()) {
                continue;
            }
            seen.push(&item.id);
            for genre in &item.genres {
                if !genres.contains(&genre.as_str()) {
                    genres.push(genre);
                }
            }
            cards.push(view! { <div role="listitem">{card(item, Shape::Poster)}</div> });
        }
        let chips = genres
            .into_iter()
            .map(|genre| view! { <li><a class="chip" href=search_href(genre)>{genre.to_owned()}</a></li> })
            .collect_view();
        view! {
            <ul class="chips" aria-label="Genres">{chips}</ul>
            <h2 class="search-heading">"Everything"</h2>
            <div class="grid" role="list">{cards}</div>
        }
        .into_any()
    })
    .into_any()
}
