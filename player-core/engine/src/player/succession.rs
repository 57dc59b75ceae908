//! The presentation that follows: when the one at hand cannot be played, or when it has ended.

use footlight_dash::Micros;

use super::output::Succession;
use super::session::Session;
use crate::delivery::Io;
use crate::error::PlayerError;
use crate::tracks::Preferences;

/// The most presentations tried one after another.
const MAX_TRIED: usize = 8;

/// What is to be loaded.
#[derive(Debug)]
pub(super) struct Successor {
    pub(super) url: String,
    pub(super) start: Option<Micros>,
    pub(super) reason: Succession,
    pub(super) lineage: Lineage,
}

/// What was tried before a presentation, and what else there is to try.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    tried: Vec<String>,
    others: Vec<String>,
}

impl Session {
    /// Instead of an error, the presentation that the manifest names for that, if there is one.
    pub(super) fn fall_back(&mut self, io: &mut Io, error: &PlayerError) -> bool {
        if self.successor.is_some() {
            return true;
        }
        let mut lineage = std::mem::take(&mut self.lineage);
        lineage.tried.push(self.url.clone());
        let own = self
            .model
            .as_ref()
            .map(|model| model.presentation().fallback_urls.clone());
        let mut others = own.unwrap_or_default();
        others.append(&mut lineage.others);
        let next = others.iter().find(|url| !lineage.tried.contains(url)).cloned();
        lineage.others = others;
        match next.filter(|_| lineage.tried.len() < MAX_TRIED) {
            Some(url) => {
                io.warn(error);
                // The same position, as far as it is one: live, at the edge.
                let start = match () {
                    () if self.is_live() => None,
                    () if self.placed || self.playhead.seeking() => Some(self.position(io)),
                    () => self.start,
                };
                self.successor = Some(Successor {
                    url,
                    start,
                    reason: Succession::Fallback,
                    lineage,
                });
                true
            }
            None => false,
        }
    }

    /// At the end, the next presentation, if the manifest names one.
    pub(super) fn chain(&mut self) -> bool {
        let named = self.model.as_ref().map(|model| &model.presentation().chained_urls);
        let Some((url, others)) = named.and_then(|urls| Some((urls.first()?.clone(), urls.clone()))) else {
            return false;
        };
        self.successor = Some(Successor {
            url,
            start: None,
            reason: Succession::Chaining,
            lineage: Lineage {
                tried: Vec::new(),
                others,
            },
        });
        true
    }

    /// What the viewer likes, as far as choices made here tell.
    pub(super) fn likes(&self) -> Preferences {
        let mut likes = self.preferences.clone();
        let first = |languages: &mut Vec<String>, track| {
            if let Some(language) = self.catalog.language(track) {
                languages.insert(0, language.to_owned());
            }
        };
        first(&mut likes.audio_languages, self.catalog.audio);
        first(&mut likes.text_languages, self.catalog.text);
        if self.catalog.len() > 0 {
            likes.text_enabled = self.catalog.text.is_some();
        }
        likes
    }
}
