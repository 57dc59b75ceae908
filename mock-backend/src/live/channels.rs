//! The channels that the service lists.

use super::{PROGRAMME_MS, Settings, parameters};
use crate::media::{Library, Title};
use std::sync::Arc;

/// A channel: what it is called, what is on, and what its manifest is like unless the URL says otherwise.
pub(crate) struct Channel {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    /// Parameters of the manifest.
    pub(crate) preset: &'static str,
    pub(crate) low_latency: bool,
    titles: &'static [&'static str],
}

const CHANNELS: [Channel; 3] = [
    Channel {
        id: "one",
        title: "Footlight One",
        description: "Films around the clock, and half an hour to go back to the start of them.",
        preset: "addressing=time&tsb=1800&continuity=1&thumbs=1",
        low_latency: false,
        titles: &["tidewater", "nightline", "paperbirds"],
    },
    Channel {
        id: "now",
        title: "Footlight Now",
        description: "The city as it is this moment: two seconds behind it, no more.",
        preset: "ll=1&tsb=120&target=2",
        low_latency: true,
        titles: &["nightline"],
    },
    Channel {
        id: "extra",
        title: "Footlight Extra",
        description: "Cranes over the hills, with a break every minute.",
        preset: "addressing=timeline&tsb=300&ads=60&events=scte35",
        low_latency: false,
        titles: &["paperbirds"],
    },
];

/// All of them, the first one first.
pub(crate) fn channels() -> impl Iterator<Item = &'static Channel> {
    CHANNELS.iter()
}

impl Channel {
    /// Its titles that there are; when there is none of them, whatever there is.
    pub(crate) fn line_up(&self, library: &Library) -> Vec<Arc<Title>> {
        let found: Vec<_> = self.titles.iter().filter_map(|id| library.title(id).cloned()).collect();
        if found.is_empty() {
            library.titles().take(1).cloned().collect()
        } else {
            found
        }
    }

    /// How far back one can go, in milliseconds.
    pub(crate) fn window(&self) -> u64 {
        let settings = Settings::parse(&parameters(self.preset)).ok();
        settings.and_then(|settings| settings.window).unwrap_or_default()
    }
}

/// What a line-up has on at a time in milliseconds since the Unix epoch, and when that began.
pub(crate) fn programme(line_up: &[Arc<Title>], time: u64) -> Option<(u64, &Arc<Title>)> {
    let number = time / PROGRAMME_MS;
    let index = usize::try_from(number % line_up.len().max(1) as u64).ok()?;
    Some((number * PROGRAMME_MS, line_up.get(index)?))
}
