//! What is elsewhere and belongs into the manifest: xlink, ImportedMPD.

use super::Reader;
use crate::{
    Halt,
    manifest::Remote,
    scan::{Scanner, Tag},
    uri,
};

const TO_ZERO: &str = "urn:mpeg:dash:resolve-to-zero:2013";
/// How deep links may lead.
const MAX_DEPTH: usize = 4;
/// The most links followed.
pub(crate) const MAX_REMOTES: usize = 128;

/// The most bytes read by following links, the same ones again included.
const MAX_LINKED_BYTES: usize = 64 << 20;

/// What is known about a URL.
pub(crate) struct Answer {
    pub(crate) url: String,
    /// Text, and URL after redirects; none: it could not be had.
    pub(crate) answer: Option<(String, String)>,
}

/// What is to be gone back to.
pub(super) struct Outer<'a> {
    scan: Scanner<'a>,
}

impl<'a> Reader<'a> {
    /// Where the element at hand leads to. When what is there is known, that is what counts: its text comes back, and
    /// the element itself has been passed over. Otherwise it counts as it is.
    pub(super) fn linked(&mut self, tag: &Tag<'a>) -> Result<Option<&'a str>, Halt> {
        let Some(link) = self.foreign("href") else {
            return Ok(None);
        };
        if link == TO_ZERO {
            self.skip()?;
            return Ok(Some(""));
        }
        let on_load = self.foreign("actuate").is_some_and(|when| when == "onLoad");
        let url = uri::resolve(self.url, &link);
        let Some((text, _)) = self.remote(url, tag, on_load) else {
            return Ok(None);
        };
        self.skip()?;
        Ok(Some(text))
    }

    /// What a URL led to. One that was not asked for yet goes on the list.
    pub(super) fn remote(&mut self, url: String, tag: &Tag<'a>, on_load: bool) -> Option<(&'a str, &'a str)> {
        if self.path.contains(&url) || self.path.len() >= MAX_DEPTH {
            self.scan.report.add(tag.start, "remote.depth", &url);
            return None;
        }
        if let Some(known) = self.answers.iter().find(|answer| answer.url == url) {
            let Some((text, at)) = &known.answer else {
                self.scan.report.add(tag.start, "remote.failed", &url);
                return None;
            };
            self.pending_path = Some(url);
            return Some((text, at));
        }
        if self.remotes.len().saturating_add(self.answers.len()) >= MAX_REMOTES {
            self.scan.report.add(tag.start, "remote.limit", "");
        } else if !self.remotes.iter().any(|remote| remote.url == url) {
            self.remotes.push(Remote {
                url,
                on_load,
                is_answered: false,
            });
        }
        None
    }

    /// Reads `fragment` from here on; what is wrong in it is told at the element that led there.
    pub(super) fn enter(&mut self, fragment: &'a str, tag: &Tag<'a>) -> Result<Outer<'a>, Halt> {
        self.linked_bytes = self.linked_bytes.saturating_add(fragment.len());
        if self.linked_bytes > MAX_LINKED_BYTES {
            return Err(self.scan.too_large("bytes from elsewhere", MAX_LINKED_BYTES, tag.start));
        }
        let mut scan = Scanner::fragment(fragment)?;
        let pinned = self.scan.report.pinned.unwrap_or(tag.start);
        scan.jump(scan.at(), self.scan.elements());
        scan.report.pinned = Some(pinned);
        self.path.push(self.pending_path.take().unwrap_or_default());
        self.depth = self.depth.saturating_add(1);
        Ok(Outer {
            scan: std::mem::replace(&mut self.scan, scan),
        })
    }

    pub(super) fn leave(&mut self, outer: Outer<'a>) {
        let mut inner = std::mem::replace(&mut self.scan, outer.scan);
        let passed = inner.elements().saturating_sub(self.scan.elements());
        self.scan.jump(self.scan.at(), passed);
        self.scan.report.append(inner.report.take().into_iter());
        self.path.pop();
        self.depth = self.depth.saturating_sub(1);
    }
}

/// Can a text be read as elements that belong into a manifest?
pub(crate) fn is_sound(text: &str) -> bool {
    let Ok(mut scan) = Scanner::fragment(text) else {
        return false;
    };
    loop {
        match scan.next() {
            Ok(crate::scan::Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}
