//! Where in the text something is wrong.

use crate::{Diagnostic, Error, Severity};

/// The most diagnostics kept.
pub(crate) const MAX_DIAGNOSTICS: usize = 256;

/// Tells lines and columns of byte offsets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Locator<'a> {
    text: &'a str,
}

impl<'a> Locator<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// Line and column of a byte offset, both from 1.
    pub(crate) fn locate(self, offset: usize) -> (u32, u32) {
        let mut place = (1, 1);
        advance(&mut place, self.text, 0, offset);
        place
    }

    pub(crate) fn malformed(self, message: String, offset: usize) -> Error {
        let (line, column) = self.locate(offset);
        Error::Malformed { message, line, column }
    }

    pub(crate) fn too_large(self, what: &'static str, limit: usize, offset: usize) -> Error {
        let (line, column) = self.locate(offset);
        Error::TooLarge {
            what,
            limit,
            line,
            column,
        }
    }

    pub(crate) fn not_mpd(self, root: &str, offset: usize) -> Error {
        let (line, column) = self.locate(offset);
        Error::NotMpd {
            root: root.chars().take(64).collect(),
            line,
            column,
        }
    }

    pub(crate) fn no_periods(self, offset: usize) -> Error {
        let (line, column) = self.locate(offset);
        Error::NoPeriods { line, column }
    }
}

/// Moves a place from one byte offset to a later one.
fn advance(place: &mut (u32, u32), text: &str, from: usize, to: usize) {
    let passed = text.bytes().take(to).skip(from);
    for byte in passed {
        if byte == b'\n' {
            *place = (place.0.saturating_add(1), 1);
        } else if byte & 0xC0 != 0x80 {
            // Not a continuation byte: a character.
            place.1 = place.1.saturating_add(1);
        }
    }
}

/// Collects diagnostics by byte offset; lines are told in one pass at the end.
#[derive(Debug, Default)]
pub(crate) struct Report {
    found: Vec<(u32, &'static str, String)>,
}

impl Report {
    pub(crate) fn add(&mut self, offset: u32, code: &'static str, message: impl Into<String>) {
        if self.found.len() < MAX_DIAGNOSTICS {
            self.found.push((offset, code, message.into()));
        }
    }

    pub(crate) fn finish(mut self, text: &str) -> Vec<Diagnostic> {
        self.found.sort_by_key(|(offset, ..)| *offset);
        // What a set says wrongly is found again for each of its Representations.
        self.found.dedup();
        let (mut place, mut at) = ((1, 1), 0);
        let locate = |(offset, code, message): (u32, &'static str, String)| {
            advance(&mut place, text, at, offset as usize);
            at = offset as usize;
            Diagnostic {
                code,
                message,
                line: place.0,
                column: place.1,
                severity: Severity::Warning,
                clause: "",
            }
        };
        self.found.into_iter().map(locate).collect()
    }
}
