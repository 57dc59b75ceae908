//! Live channels, made of the sample titles: endless loops whose timeline is the time of day. Everything is computed from
//! the time of the request, so there is nothing to run, and any moment can be asked for in a test.

mod channels;
mod events;
mod manifest;
mod schedule;
mod scte35;
mod segment;
mod settings;
mod track;

pub(crate) use channels::{Channel, channels, programme};
pub(crate) use manifest::{Links, NoPatch};
pub(crate) use schedule::PROGRAMME_MS;
pub(crate) use segment::{Answer, Denied};
pub(crate) use settings::{Parameters, Settings};

use crate::media::{Library, Title};
use schedule::{Schedule, Show, Slot};
use std::sync::Arc;

/// Segments of the picture are this long and start at multiples of it.
const GRID_MS: u64 = 2000;

/// A channel as one URL asks for it.
pub(crate) struct Live {
    /// Identifier of the channel.
    pub(crate) channel: String,
    /// The parameters of the URL, as a path segment.
    pub(crate) asked: String,
    pub(crate) settings: Settings,
    schedule: Schedule,
    line_up: Vec<Arc<Title>>,
    spots: Vec<Arc<Title>>,
}

/// Why there is no such presentation.
pub(crate) enum NoChannel {
    Unknown,
    Parameter(String),
}

impl Live {
    /// The channel with this id, or a title as a channel of its own.
    pub(crate) fn new(library: &Library, channel: &str, asked: &Parameters) -> Result<Self, NoChannel> {
        let known = channels().find(|known| known.id == channel);
        let mut all = parameters(known.map_or("", |known| known.preset));
        all.extend(asked.clone());
        let settings = Settings::parse(&all).map_err(NoChannel::Parameter)?;
        let line_up: Vec<_> = match known {
            Some(known) => known.line_up(library),
            None => library.title(channel).cloned().into_iter().collect(),
        };
        let first = line_up.first().ok_or(NoChannel::Unknown)?;
        let mut spots: Vec<_> = library
            .titles()
            .filter(|title| title.info.id != first.info.id)
            .cloned()
            .collect();
        if spots.is_empty() {
            spots.push(Arc::clone(first));
        }
        Ok(Self {
            channel: channel.to_owned(),
            asked: path_segment(asked),
            schedule: Schedule::new(&settings, line_up.len()),
            settings,
            line_up,
            spots,
        })
    }

    /// The time of this presentation's server when the machine's clock says `now`.
    pub(crate) fn server_time(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.settings.skew)
    }

    fn title(&self, slot: &Slot) -> &Arc<Title> {
        // Neither list is empty, and slots count within the line-up.
        match slot.show {
            Show::Programme(index) => &self.line_up[index % self.line_up.len()],
            Show::Spot(index) => &self.spots[index % self.spots.len()],
        }
    }
}

/// Parameters as they are written in a URL. Values have no character that needs to be encoded.
pub(crate) fn parameters(text: &str) -> Parameters {
    let pairs = text.split('&').filter(|pair| !pair.is_empty() && *pair != NONE);
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// No parameters at all, as a path segment.
const NONE: &str = "-";

fn path_segment(parameters: &Parameters) -> String {
    let pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if pairs.is_empty() {
        NONE.to_owned()
    } else {
        pairs.join("&")
    }
}
