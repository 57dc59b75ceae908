//! The live channels, and what is on them.

use super::{Gateway, editions::pictures, routes::json};
use crate::{
    http::{ApiProblem, CacheControl, host},
    live::{self, PROGRAMME_MS},
    media::Title,
};
use axum::{
    extract::State,
    http::{HeaderMap, Method},
    response::Response,
};
use service_api::{Channel, Channels, Playback, Programme, TitleCard};
use std::sync::Arc;

impl Gateway {
    /// All channels at this moment.
    pub(super) fn channels(&self, host: &str) -> Vec<Channel> {
        let now = self.shared.config.clock.now_ms();
        let port = self.shared.edges().first().map_or(0, |(_, port)| *port);
        let channel = |known: &live::Channel| {
            let line_up = known.line_up(&self.shared.library);
            let (start, title) = live::programme(&line_up, now)?;
            let (after, next) = live::programme(&line_up, now + PROGRAMME_MS)?;
            Some(Channel {
                id: known.id.to_owned(),
                title: known.title.to_owned(),
                description: known.description.to_owned(),
                accent: title.info.accent.clone(),
                posters: pictures(title, &title.info.posters),
                heroes: pictures(title, &title.info.heroes),
                manifest_url: format!("http://{host}:{port}/live/{}/manifest.mpd", known.id),
                low_latency: known.low_latency,
                window_s: u32::try_from(known.window() / 1000).unwrap_or(u32::MAX),
                now: programme(title, start),
                next: programme(next, after),
            })
        };
        live::channels().filter_map(channel).collect()
    }

    /// The channel with this id.
    pub(super) fn channel(&self, id: &str, host: &str) -> Option<Channel> {
        self.channels(host).into_iter().find(|channel| channel.id == id)
    }
}

/// What is needed to watch a channel.
pub(super) fn playback(channel: Channel) -> Playback {
    Playback {
        title: TitleCard {
            id: channel.id.clone(),
            title: channel.title.clone(),
            tagline: channel.now.title.clone(),
            accent: channel.accent.clone(),
            year: 0,
            rating: String::new(),
            genres: Vec::new(),
            duration_ms: 0,
            posters: channel.posters.clone(),
            heroes: channel.heroes.clone(),
        },
        variant: "live".to_owned(),
        manifest_url: channel.manifest_url.clone(),
        duration_ms: 0,
        variants: Vec::new(),
        next: None,
        channel: Some(channel),
    }
}

fn programme(title: &Title, start_ms: u64) -> Programme {
    Programme {
        title: title.info.title.clone(),
        tagline: title.info.tagline.clone(),
        start_ms,
        end_ms: start_ms + PROGRAMME_MS,
    }
}

/// The live channels, and what is on.
#[utoipa::path(get, path = "/v1/channels", tag = "catalogue", responses((status = 200, body = Channels)))]
pub(super) async fn channels(
    State(gateway): State<Arc<Gateway>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiProblem> {
    let host = host::name(&headers, &gateway.shared.config.public_host());
    let items = gateway.channels(&host);
    json(&Channels { items }, CacheControl::Revalidate, &method, &headers)
}
