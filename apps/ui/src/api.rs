//! The gateway as the pages use it: requests over the browser's fetch, and what has been fetched already.

use std::collections::HashMap;
use std::sync::Arc;

use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use service_api::{
    Catalogue, Channels, Client, Error, Playback, PlaybackOptions, Response, SearchResults, TitleCard, TitleDetails,
    Transport, TransportError,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::{dom, host};

/// HTTP by the browser.
#[derive(Clone, Copy, Debug)]
pub struct Fetch;

impl Transport for Fetch {
    async fn get(&self, url: &str) -> Result<Response, TransportError> {
        let promise = host::take_early(url).unwrap_or_else(|| window().fetch_with_str(url));
        let response: web_sys::Response = JsFuture::from(promise)
            .await
            .and_then(JsCast::dyn_into)
            .map_err(|error| failed(&error))?;
        let body = response.array_buffer().map_err(|error| failed(&error))?;
        let body = JsFuture::from(body).await.map_err(|error| failed(&error))?;
        Ok(Response {
            status: response.status(),
            body: Uint8Array::new(&body).to_vec(),
        })
    }
}

fn failed(error: &wasm_bindgen::JsValue) -> TransportError {
    if dom::is_online() {
        TransportError::Failed(format!("{error:?}"))
    } else {
        TransportError::Offline
    }
}

/// The gateway, with what it said before. Copy it freely.
#[derive(Clone, Copy)]
pub struct Gateway {
    base: StoredValue<String>,
    catalogue: StoredValue<Option<Arc<Catalogue>>>,
    titles: StoredValue<HashMap<String, Arc<TitleDetails>>>,
}

impl Gateway {
    /// Makes the gateway at `base` (empty: the page's own origin) and provides it as context.
    pub fn provide(base: &str) {
        provide_context(Self {
            base: StoredValue::new(base.to_owned()),
            catalogue: StoredValue::new(None),
            titles: StoredValue::new(HashMap::new()),
        });
    }

    /// The gateway of this app.
    ///
    /// # Panics
    /// Outside of the app's component tree.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    fn client(self) -> Client<Fetch> {
        Client::new(self.base.try_get_value().unwrap_or_default(), Fetch)
    }

    /// The absolute or rooted URL of an image.
    #[must_use]
    pub fn resolve(self, reference: &str) -> String {
        self.client().resolve(reference)
    }

    /// The catalogue, if it has been fetched.
    #[must_use]
    pub fn known_catalogue(self) -> Option<Arc<Catalogue>> {
        self.catalogue.try_get_value().flatten()
    }

    /// A title's card, if the catalogue that was fetched has it.
    #[must_use]
    pub fn known_card(self, id: &str) -> Option<TitleCard> {
        find_card(&*self.known_catalogue()?, id).cloned()
    }

    /// A title's details, if they have been fetched.
    #[must_use]
    pub fn known_title(self, id: &str) -> Option<Arc<TitleDetails>> {
        self.titles.try_with_value(|titles| titles.get(id).cloned())?
    }

    /// The home page's data.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn catalogue(self) -> Result<Arc<Catalogue>, Error> {
        if let Some(known) = self.known_catalogue() {
            return Ok(known);
        }
        let fetched = Arc::new(self.client().catalogue().await?);
        let _ = self.catalogue.try_set_value(Some(fetched.clone()));
        Ok(fetched)
    }

    /// A title's details.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn title(self, id: &str) -> Result<Arc<TitleDetails>, Error> {
        if let Some(known) = self.known_title(id) {
            return Ok(known);
        }
        let fetched = Arc::new(self.client().title(id).await?);
        let _ = self.titles.try_update_value(|titles| {
            titles.insert(id.to_owned(), fetched.clone());
        });
        Ok(fetched)
    }

    /// What is needed to play a title.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn playback(self, id: &str, options: &PlaybackOptions) -> Result<Playback, Error> {
        self.client().playback(id, options).await
    }

    /// The live channels, and what is on.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn channels(self) -> Result<Channels, Error> {
        self.client().channels().await
    }

    /// Titles that match.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn search(self, query: &str) -> Result<SearchResults, Error> {
        self.client().search(query).await
    }
}

/// A title anywhere in the catalogue.
#[must_use]
pub fn find_card<'a>(catalogue: &'a Catalogue, id: &str) -> Option<&'a TitleCard> {
    let rows = catalogue.rows.iter().flat_map(|row| &row.items);
    std::iter::once(&catalogue.hero).chain(rows).find(|card| card.id == id)
}

/// Something that is being fetched.
#[derive(Clone, Debug)]
pub enum Load<T> {
    /// Not here yet.
    Pending,
    /// Here.
    Ready(T),
    /// Did not come.
    Failed(Error),
}

/// Something fetched for a page, and the way to fetch it again.
pub struct Loader<T: Send + Sync + 'static> {
    state: RwSignal<Load<T>>,
    fetch: StoredValue<Box<dyn Fn(u32) + Send + Sync>>,
    serial: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

impl<T: Clone + Send + Sync + 'static> Loader<T> {
    /// Begins with `known`; fetches at once when there is none, and again whenever the network comes back after a
    /// failure.
    pub fn new<F>(known: Option<T>, fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, Error>> + 'static,
    {
        let begin = known.is_none();
        let state = RwSignal::new(known.map_or(Load::Pending, Load::Ready));
        let serial = StoredValue::new(0);
        let run = move |number: u32| {
            let answer = fetch();
            spawn_local(async move {
                let answer = answer.await;
                // A later request, or the end of the page, makes this answer worthless.
                if serial.try_get_value() == Some(number) {
                    let _ = state.try_set(match answer {
                        Ok(value) => Load::Ready(value),
                        Err(error) => Load::Failed(error),
                    });
                }
            });
        };
        let loader = Self {
            state,
            fetch: StoredValue::new(Box::new(run)),
            serial,
        };
        if begin {
            loader.again();
        }
        let online = window_event_listener(leptos::ev::online, move |_| {
            if state.with_untracked(|load| matches!(load, Load::Failed(_))) {
                loader.again();
            }
        });
        on_cleanup(move || online.remove());
        loader
    }

    /// Fetches again.
    pub fn again(self) {
        if !self.state.with_untracked(|load| matches!(load, Load::Pending)) {
            self.state.set(Load::Pending);
        }
        self.serial.update_value(|serial| *serial += 1);
        let serial = self.serial.get_value();
        self.fetch.with_value(|fetch| fetch(serial));
    }

    /// What there is, tracked.
    pub fn get(self) -> Load<T> {
        self.state.get()
    }
}
