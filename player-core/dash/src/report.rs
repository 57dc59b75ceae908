//! What is wrong, and where in the text.

use crate::{Diagnostic, Error, FULL, Halt, rules};

/// The most diagnostics kept.
pub(crate) const MAX_DIAGNOSTICS: usize = 256;
/// The most of them with the same code: what is said often must not hide the rest.
const MAX_OF_A_KIND: usize = 32;

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

    pub(crate) fn malformed(self, message: String, offset: usize) -> Halt {
        let (line, column) = self.locate(offset);
        Halt::new(Error::Malformed { message, line, column })
    }

    pub(crate) fn too_large(self, what: &'static str, limit: usize, offset: usize) -> Halt {
        let (line, column) = self.locate(offset);
        Halt::new(Error::TooLarge {
            what,
            limit,
            line,
            column,
        })
    }

    pub(crate) fn not_mpd(self, root: &str, offset: usize) -> Halt {
        let (line, column) = self.locate(offset);
        Halt::new(Error::NotMpd {
            root: root.chars().take(64).collect(),
            line,
            column,
        })
    }

    pub(crate) fn no_periods(self, offset: usize) -> Halt {
        let (line, column) = self.locate(offset);
        Halt::new(Error::NoPeriods { line, column })
    }
}

/// Moves a place from one byte offset to a later one.
fn advance(place: &mut (u32, u32), text: &str, from: usize, to: usize) {
    let passed = text.as_bytes().get(from..to.min(text.len())).unwrap_or_default();
    let mut line = passed;
    while let Some(end) = memchr::memchr(b'\n', line) {
        *place = (place.0.saturating_add(1), 1);
        line = line.get(end.saturating_add(1)..).unwrap_or_default();
    }
    // Continuation bytes are no characters of their own.
    let characters = line.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
    place.1 = place.1.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
}

/// Something found, at a byte offset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    pub(crate) offset: usize,
    pub(crate) code: &'static str,
    /// What it is about; see [`rules::rule`].
    pub(crate) detail: String,
}

/// Collects what is found by byte offset; lines are told in one pass at the end.
#[derive(Debug, Default)]
pub(crate) struct Report {
    found: Vec<Finding>,
    /// Everything is reported at this place: the text that is read is another one.
    pub(crate) pinned: Option<usize>,
}

impl Report {
    /// Adds what [`rules::rule`] tells of `code`, about `detail`.
    pub(crate) fn add(&mut self, offset: usize, code: &'static str, detail: &str) {
        let same = || self.found.iter().filter(|found| found.code == code).count();
        if self.found.len() < MAX_DIAGNOSTICS && same() < MAX_OF_A_KIND {
            let offset = self.pinned.unwrap_or(offset);
            let detail = detail.chars().take(160).collect();
            self.found.push(Finding { offset, code, detail });
        }
    }

    pub(crate) fn append(&mut self, findings: impl Iterator<Item = Finding>) {
        let room = MAX_DIAGNOSTICS.saturating_sub(self.found.len());
        self.found.extend(findings.take(room));
    }

    pub(crate) fn findings(&self) -> &[Finding] {
        &self.found
    }

    /// What was found from number `at` on.
    pub(crate) fn split_off(&mut self, at: usize) -> Vec<Finding> {
        self.found.split_off(at.min(self.found.len()))
    }

    pub(crate) fn take(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.found)
    }

    pub(crate) fn finish(mut self, text: &str) -> Vec<Diagnostic> {
        // Few, and nearly in order: the library's sort would weigh more than it saves.
        for at in 1..self.found.len() {
            let mut at = at;
            while let Some([before, found]) = at.checked_sub(1).and_then(|from| self.found.get_mut(from..=at))
                && before.offset > found.offset
            {
                std::mem::swap(before, found);
                at = at.saturating_sub(1);
            }
        }
        // What a set says wrongly is found again for each of its Representations.
        self.found.dedup();
        let (mut place, mut at) = ((1, 1), 0);
        let locate = |found: Finding| {
            advance(&mut place, text, at, found.offset);
            at = found.offset;
            let (severity, clause, message) = rules::rule(found.code);
            Diagnostic {
                code: found.code,
                message: if FULL {
                    message.replacen('~', &found.detail, 1)
                } else {
                    String::new()
                },
                detail: found.detail,
                line: place.0,
                column: place.1,
                severity,
                clause,
            }
        };
        self.found.into_iter().map(locate).collect()
    }
}
