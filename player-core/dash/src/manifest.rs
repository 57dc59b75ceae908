//! A manifest over its life: fetched, refreshed, patched, completed by what it refers to.

use crate::{Diagnostic, Error, Parsed, Presentation, parse};
use std::sync::Arc;

/// Something that the manifest refers to and that belongs into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remote {
    /// Absolute URL.
    pub url: String,
}

/// A manifest's text and what it says.
#[derive(Clone, Debug)]
pub struct Manifest {
    text: String,
    url: String,
    parsed: Parsed,
}

impl Manifest {
    /// Parses a manifest that came from `url` (after redirects).
    ///
    /// # Errors
    /// As [`parse`].
    pub fn parse(text: String, url: &str) -> Result<Self, Error> {
        let parsed = parse(&text, url)?;
        Ok(Self {
            text,
            url: url.to_owned(),
            parsed,
        })
    }

    /// Takes a newer text of the same manifest. Periods that did not change stay the same `Arc`s.
    ///
    /// # Errors
    /// As [`parse`]; the manifest is as before then.
    pub fn refresh(&mut self, text: String, url: &str) -> Result<(), Error> {
        let mut parsed = parse(&text, url)?;
        for period in &mut parsed.presentation.periods {
            if let Some(known) = self.parsed.presentation.periods.iter().find(|known| *known == period) {
                *period = Arc::clone(known);
            }
        }
        (self.text, self.parsed) = (text, parsed);
        url.clone_into(&mut self.url);
        Ok(())
    }

    /// What it says.
    #[must_use]
    pub const fn presentation(&self) -> &Presentation {
        &self.parsed.presentation
    }

    /// What was skipped or assumed, in document order.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.parsed.diagnostics
    }

    /// Where it came from.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is still to be fetched and given to [`Self::resolve`].
    #[must_use]
    pub const fn remotes(&self) -> &[Remote] {
        &[]
    }

    /// Takes the text that a remote's URL led to, and that URL after redirects; none when it could not be had: then
    /// the element counts as it is in the manifest.
    pub const fn resolve(&mut self, _remote: usize, _answer: Option<(&str, &str)>) {}
}
