//! A manifest over its life: fetched, refreshed, patched, completed by what it refers to.

use crate::{
    Diagnostic, Error, Parsed, PatchError, PatchErrorKind, Presentation,
    parse::{Answer, Known, Memory, Outcome, Remembered, is_sound, parse_with},
    patch,
};

/// Something that the manifest refers to and that belongs into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remote {
    /// Absolute URL.
    pub url: String,
    /// `xlink:actuate` is `onLoad`; others may be fetched later.
    pub on_load: bool,
    /// [`Manifest::resolve`] was called for it, but others are still awaited.
    pub is_answered: bool,
}

/// A manifest's text and what it says.
pub struct Manifest {
    text: String,
    url: String,
    parsed: Parsed,
    known: Vec<Known>,
    timelines: Vec<Remembered>,
    context: String,
    remotes: Vec<Remote>,
    answers: Vec<Answer>,
}

impl std::fmt::Debug for Manifest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Manifest")
    }
}

impl Manifest {
    /// Parses a manifest that came from `url` (after redirects).
    ///
    /// # Errors
    /// As [`crate::parse`].
    pub fn parse(text: String, url: &str) -> Result<Self, Error> {
        let Outcome {
            parsed,
            known,
            timelines,
            context,
            remotes,
        } = parse_with(&text, url, &Memory::default())?;
        Ok(Self {
            text,
            url: url.to_owned(),
            parsed,
            known,
            timelines,
            context,
            remotes,
            answers: Vec::new(),
        })
    }

    /// Takes a newer text of the same manifest. Periods that did not change stay the same `Arc`s and cost no more
    /// than a comparison of their text. What links led to stays known.
    ///
    /// # Errors
    /// As [`crate::parse`]; the manifest is as before then.
    pub fn refresh(&mut self, text: String, url: &str) -> Result<(), Error> {
        let memory = Memory {
            answers: &self.answers,
            text: &self.text,
            known: &self.known,
            timelines: &self.timelines,
            context: &self.context,
        };
        let outcome = parse_with(&text, url, &memory)?;
        self.take(outcome);
        self.text = text;
        url.clone_into(&mut self.url);
        Ok(())
    }

    /// Applies an MPD Patch (ISO/IEC 23009-1, 5.15) to the text, and takes what comes out as [`Self::refresh`] does.
    ///
    /// # Errors
    /// When the patch is none, or not for this version of the manifest; the manifest is as before then.
    pub fn patch(&mut self, patch: &str) -> Result<(), PatchError> {
        let text = patch::apply(&self.text, patch)?;
        let url = self.url.clone();
        let refreshed = self.refresh(text, &url);
        refreshed.map_err(|error| PatchError::from_error(&error, PatchErrorKind::Result))
    }

    fn take(&mut self, outcome: Outcome) {
        self.parsed = outcome.parsed;
        self.known = outcome.known;
        self.timelines = outcome.timelines;
        self.context = outcome.context;
        self.remotes = outcome.remotes;
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

    /// What [`Self::resolve`] was told: the URL asked for, the URL that answered, and the text; not what could not be had.
    pub fn answers(&self) -> impl Iterator<Item = [&str; 3]> {
        let had = self.answers.iter();
        had.filter_map(|known| {
            let (text, url) = known.answer.as_ref()?;
            Some([known.url.as_str(), url, text])
        })
    }

    /// What is to be fetched and given to [`Self::resolve`]. The list stays as it is until all of it is answered;
    /// then what was found is read, and there may be new ones.
    #[must_use]
    pub fn remotes(&self) -> &[Remote] {
        &self.remotes
    }

    /// Takes the text that a remote's URL led to, and that URL after redirects; none when it could not be had: then
    /// the element counts as it is in the manifest, or is left out when there is nothing in it.
    pub fn resolve(&mut self, remote: usize, answer: Option<(&str, &str)>) {
        let Some(asked) = self.remotes.get_mut(remote).filter(|asked| !asked.is_answered) else {
            return;
        };
        asked.is_answered = true;
        let answer = answer.filter(|(text, _)| is_sound(text));
        self.answers.push(Answer {
            url: asked.url.clone(),
            answer: answer.map(|(text, url)| (text.to_owned(), url.to_owned())),
        });
        if self.remotes.iter().any(|remote| !remote.is_answered) {
            return;
        }
        let memory = Memory {
            answers: &self.answers,
            ..Memory::default()
        };
        match parse_with(&self.text, &self.url, &memory) {
            Ok(outcome) => self.take(outcome),
            // What came exceeds a bound: the manifest stays as it was without it.
            Err(_) => self.remotes.clear(),
        }
    }
}
