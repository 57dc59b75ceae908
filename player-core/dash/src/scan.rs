//! A pull scanner over the text of an XML document: no tree, nothing copied, every event with its place in the
//! text. It forgives what has one meaning only and reports it; what has none is an [`Error`].

mod content;

use crate::{
    FULL, Halt,
    report::{Locator, Report},
};
pub(crate) use content::trimmed;
use memchr::memchr;

/// The longest document read, in bytes.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 32 << 20;
/// The most elements in a document.
pub(crate) const MAX_ELEMENTS: usize = 1 << 20;
/// How deep elements may nest.
pub(crate) const MAX_DEPTH: usize = 64;
/// The most attributes of an element.
pub(crate) const MAX_ATTRIBUTES: usize = 96;
/// The longest tag, attributes included, in bytes.
pub(crate) const MAX_TAG_BYTES: usize = 64 << 10;
/// The most namespace declarations in force at once.
pub(crate) const MAX_NAMESPACES: usize = 64;

/// Every namespace of the MPD schema starts so, in whatever case.
const MPD_NAMESPACE: &str = "urn:mpeg:dash:schema:mpd:";

/// The start of an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag<'a> {
    /// Its name as written, prefix included.
    pub(crate) name: &'a str,
    /// Its name without the prefix.
    local: &'a str,
    /// Of the MPD's namespace.
    pub(crate) is_mpd: bool,
    /// Where its `<` is.
    pub(crate) start: usize,
    /// The byte after its `>`.
    pub(crate) end: usize,
}

impl<'a> Tag<'a> {
    /// The name without its prefix.
    pub(crate) const fn local(&self) -> &'a str {
        self.local
    }

    /// The name of an element of the MPD's namespace, nothing for others.
    pub(crate) const fn mpd(&self) -> &'a str {
        if self.is_mpd { self.local } else { "" }
    }
}

/// An attribute of the element started last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'a> {
    /// Its name as written, prefix included.
    pub(crate) name: &'a str,
    /// Its value as written, without quotes.
    pub(crate) value: &'a str,
    /// Where its name starts.
    pub(crate) start: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Event<'a> {
    /// An element; its attributes are in [`Scanner::attributes`] until the next event.
    Start(Tag<'a>),
    /// The end of the innermost element. Its tag starts here, and ends where [`Scanner::at`] is; of an element that
    /// was empty both are the end of its only tag.
    End { start: usize },
    /// Text as written.
    Text {
        text: &'a str,
        start: usize,
        is_cdata: bool,
    },
    /// The document is over.
    Eof,
}

#[derive(Clone, Copy, Debug)]
struct Open<'a> {
    name: &'a str,
    /// How many namespaces were in force around it.
    namespaces: usize,
}

/// A namespace declaration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Namespace<'a> {
    prefix: &'a str,
    is_mpd: bool,
}

/// One of 32 bits that stands for a name and some others.
fn bit(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let (first, last) = (bytes.first().copied(), bytes.last().copied());
    let sum = usize::from(first.unwrap_or(0))
        .wrapping_add(usize::from(last.unwrap_or(0)).wrapping_mul(3))
        .wrapping_add(bytes.len());
    1_u32.wrapping_shl(u32::try_from(sum % 32).unwrap_or(0))
}

/// Reads a document from front to back.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    attributes: Vec<Attribute<'a>>,
    /// A bit for each of their names: most that are asked for are not there.
    names: u32,
    open: Vec<Open<'a>>,
    namespaces: Vec<Namespace<'a>>,
    /// The prefix that counts as the MPD's without a declaration.
    bare: Option<&'a str>,
    /// The element started last was empty: its end comes next.
    ends: bool,
    /// It may have more than one root.
    is_fragment: bool,
    has_root: bool,
    elements: usize,
    pub(crate) report: Report,
}

impl<'a> Scanner<'a> {
    /// For a whole document.
    pub(crate) fn new(text: &'a str) -> Result<Self, Halt> {
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(Locator::new(text).too_large("document bytes", MAX_DOCUMENT_BYTES, 0));
        }
        let at = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        let mut report = Report::default();
        if FULL && at > 0 {
            report.add(0, "xml.byte-order-mark", "");
        }
        Ok(Self {
            text,
            at,
            attributes: Vec::with_capacity(16),
            names: 0,
            open: Vec::with_capacity(16),
            namespaces: Vec::with_capacity(8),
            bare: None,
            ends: false,
            is_fragment: false,
            has_root: false,
            elements: 0,
            report,
        })
    }

    /// For elements without a root around them; without a declaration they are the MPD's.
    pub(crate) fn fragment(text: &'a str) -> Result<Self, Halt> {
        Ok(Self {
            is_fragment: true,
            bare: Some(""),
            ..Self::new(text)?
        })
    }

    /// A scanner of the same document at another place, where only the root is open.
    pub(crate) fn within_root(&self, at: usize) -> Self {
        Self {
            text: self.text,
            at,
            attributes: Vec::new(),
            names: 0,
            open: self.open.first().copied().into_iter().collect(),
            namespaces: self.namespaces.clone(),
            bare: self.bare,
            ends: false,
            is_fragment: false,
            has_root: true,
            elements: self.elements,
            report: Report::default(),
        }
    }

    pub(crate) const fn text(&self) -> &'a str {
        self.text
    }

    /// The next byte to be read.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Goes on at another place, having passed `elements` whole ones.
    pub(crate) const fn jump(&mut self, at: usize, elements: usize) {
        self.at = at;
        self.elements = self.elements.saturating_add(elements);
    }

    /// The namespaces in force are those of the root, and what comes next is content of the element started last.
    pub(crate) fn is_in_root_scope(&self) -> bool {
        let of_root = self.open.get(1).map_or(self.namespaces.len(), |open| open.namespaces);
        !self.ends && of_root == self.namespaces.len()
    }

    /// How many elements there were.
    pub(crate) const fn elements(&self) -> usize {
        self.elements
    }

    pub(crate) fn attributes(&self) -> &[Attribute<'a>] {
        &self.attributes
    }

    /// The attribute with this name, prefix included.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        if self.names & bit(name) == 0 {
            return None;
        }
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Is this prefix declared?
    pub(crate) fn is_bound(&self, prefix: &str) -> bool {
        prefix == "xml" || self.namespaces.iter().any(|space| space.prefix == prefix)
    }

    /// What is in force, to tell whether a part of the text means the same as before.
    pub(crate) fn scope(&self) -> impl Iterator<Item = (&'a str, bool)> {
        let bare = self.bare.into_iter().map(|prefix| (prefix, true));
        bare.chain(self.namespaces.iter().map(|space| (space.prefix, space.is_mpd)))
    }

    const fn locator(&self) -> Locator<'a> {
        Locator::new(self.text)
    }

    pub(crate) fn malformed(&self, message: &str, at: usize) -> Halt {
        self.locator().malformed(message.to_owned(), at)
    }

    pub(crate) fn too_large(&self, what: &'static str, limit: usize, at: usize) -> Halt {
        self.locator().too_large(what, limit, at)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The next place of a byte from `from` on.
    fn find(&self, byte: u8, from: usize) -> Option<usize> {
        let found = memchr(byte, self.text.as_bytes().get(from..)?)?;
        Some(from.saturating_add(found))
    }

    /// The next event.
    pub(crate) fn next(&mut self) -> Result<Event<'a>, Halt> {
        if self.ends {
            return Ok(self.close(self.at));
        }
        loop {
            match (self.byte(self.at), self.byte(self.at.saturating_add(1))) {
                (None, _) => return self.eof(),
                (Some(b'<'), Some(b'/')) => return self.end_tag(),
                (Some(b'<'), Some(b'!')) => {
                    if let Some(text) = self.declaration()? {
                        return Ok(text);
                    }
                }
                (Some(b'<'), Some(b'?')) => {
                    let end = self.after(b"?>", self.at.saturating_add(2));
                    self.at = end.ok_or_else(|| self.cut("a processing instruction"))?;
                }
                (Some(b'<'), _) => return self.start_tag(),
                _ => {
                    let start = self.at;
                    let end = self.find(b'<', start).unwrap_or(self.text.len());
                    self.at = end;
                    let text = self.slice(start, end);
                    if !self.open.is_empty() {
                        return Ok(Event::Text {
                            text,
                            start,
                            is_cdata: false,
                        });
                    }
                    self.outside(text, start)?;
                }
            }
        }
    }

    /// Text that is in no element.
    fn outside(&mut self, text: &str, start: usize) -> Result<(), Halt> {
        if text.trim_matches('\u{FEFF}').trim_ascii().is_empty() {
            return Ok(());
        }
        if self.has_root {
            self.report.add(start, "xml.stray-text", "");
            return Ok(());
        }
        Err(self.malformed("there is text before the first element", start))
    }

    fn cut(&self, inside: &str) -> Halt {
        let message = ["the document ends inside ", inside].concat();
        self.locator().malformed(message, self.text.len())
    }

    fn eof(&mut self) -> Result<Event<'a>, Halt> {
        match self.open.last() {
            Some(open) => Err(self.cut(&["<", open.name, ">"].concat())),
            None if !self.has_root && !self.is_fragment => Err(self.malformed("there is no element", self.text.len())),
            None => Ok(Event::Eof),
        }
    }

    fn close(&mut self, start: usize) -> Event<'a> {
        self.ends = false;
        if let Some(open) = self.open.pop() {
            self.namespaces.truncate(open.namespaces);
        }
        Event::End { start }
    }

    /// The byte after the next `pattern` (which ends in `>`) from `from` on.
    fn after(&self, pattern: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let end = self.find(b'>', at)?.saturating_add(1);
            if self.text.as_bytes().get(from..end)?.ends_with(pattern) {
                return Some(end);
            }
            at = end;
        }
    }

    /// A comment, a CDATA section or a document type.
    fn declaration(&mut self) -> Result<Option<Event<'a>>, Halt> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        if rest.starts_with(b"<!--") {
            let end = self.after(b"-->", start.saturating_add(4));
            self.at = end.ok_or_else(|| self.cut("a comment"))?;
            return Ok(None);
        }
        if rest.starts_with(b"<![CDATA[") {
            let from = start.saturating_add(9);
            let end = self.after(b"]]>", from).ok_or_else(|| self.cut("a CDATA section"))?;
            self.at = end;
            let text = self.slice(from, end.saturating_sub(3));
            if self.open.is_empty() {
                self.outside(text, start)?;
                return Ok(None);
            }
            return Ok(Some(Event::Text {
                text,
                start: from,
                is_cdata: true,
            }));
        }
        self.doctype(start).map(|()| None)
    }

    /// A document type is passed over: nothing that it declares is used.
    fn doctype(&mut self, start: usize) -> Result<(), Halt> {
        self.report.add(start, "xml.doctype", "");
        let mut depth = 0_usize;
        for (at, byte) in self.text.bytes().enumerate().skip(start) {
            match byte {
                b'<' | b'[' => depth = depth.saturating_add(1),
                b']' => depth = depth.saturating_sub(1),
                b'>' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        self.at = at.saturating_add(1);
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        Err(self.cut("a document type"))
    }

    fn end_tag(&mut self) -> Result<Event<'a>, Halt> {
        let start = self.at;
        let end = self.find(b'>', start).ok_or_else(|| self.cut("a tag"))?;
        let name = self.slice(start.saturating_add(2), end).trim_ascii_end();
        match self.open.last() {
            Some(open) if open.name == name => {
                self.at = end.saturating_add(1);
                Ok(self.close(start))
            }
            Some(open) => {
                let name: String = name.chars().take(64).collect();
                let message = ["<", open.name, "> is ended by </", &name, ">"].concat();
                Err(self.malformed(&message, start))
            }
            None => Err(self.malformed("an element ends that did not start", start)),
        }
    }

    fn start_tag(&mut self) -> Result<Event<'a>, Halt> {
        let start = self.at;
        let name_start = start.saturating_add(1);
        let name_end = self.name_end(name_start);
        let name = self.slice(name_start, name_end);
        if name.is_empty() {
            let outcome = if name_end >= self.text.len() {
                self.cut("a tag")
            } else {
                self.malformed("there is a < that starts no tag", start)
            };
            return Err(outcome);
        }
        let limit = if self.open.len() >= MAX_DEPTH {
            Some(("nested elements", MAX_DEPTH))
        } else if self.elements >= MAX_ELEMENTS {
            Some(("elements", MAX_ELEMENTS))
        } else {
            None
        };
        if let Some((what, limit)) = limit {
            return Err(self.too_large(what, limit, start));
        }
        if self.open.is_empty() && self.has_root && !self.is_fragment {
            return Err(self.malformed("there is a second root element", start));
        }
        let namespaces = self.namespaces.len();
        self.at = name_end;
        self.read_attributes(start)?;
        self.has_root = true;
        self.elements = self.elements.saturating_add(1);
        self.open.push(Open { name, namespaces });
        // Asked of every element: without the library's way, which is slow where code is made small.
        let colon = name.bytes().position(|byte| byte == b':');
        let (prefix, local) = match colon.and_then(|at| name.split_at_checked(at)) {
            Some((prefix, rest)) => (prefix, rest.get(1..).unwrap_or_default()),
            None => ("", name),
        };
        Ok(Event::Start(Tag {
            name,
            local,
            is_mpd: self.is_mpd(prefix, start),
            start,
            end: self.at,
        }))
    }

    /// Does a prefix name the MPD's namespace?
    fn is_mpd(&mut self, prefix: &str, at: usize) -> bool {
        if let Some(declared) = self.namespaces.iter().rev().find(|space| space.prefix == prefix) {
            return declared.is_mpd;
        }
        if !prefix.is_empty() {
            self.report.add(at, "xml.unbound-prefix", prefix);
        }
        self.bare == Some(prefix)
    }

    /// Makes the namespace of the element started last, the root, the MPD's, whatever it is.
    pub(crate) fn adopt(&mut self, root: &Tag<'a>) {
        let prefix = root.name.split_once(':').map_or("", |(prefix, _)| prefix);
        self.report.add(root.start, "xml.namespace", "");
        match self.namespaces.iter_mut().rev().find(|space| space.prefix == prefix) {
            Some(declared) => declared.is_mpd = true,
            None => self.bare = Some(prefix),
        }
    }

    fn name_end(&self, from: usize) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        // Letters come after all of these.
        let is_end = |byte: &u8| {
            *byte <= b'>'
                && matches!(
                    byte,
                    b' ' | b'\n' | b'\r' | b'\t' | b'/' | b'>' | b'=' | b'<' | b'"' | b'\''
                )
        };
        from.saturating_add(rest.iter().position(is_end).unwrap_or(rest.len()))
    }

    fn blanks_end(&self, from: usize) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let blanks = rest.iter().position(|byte| !byte.is_ascii_whitespace());
        from.saturating_add(blanks.unwrap_or(rest.len()))
    }

    /// Reads up to the end of a tag, whose name has been read.
    fn read_attributes(&mut self, tag: usize) -> Result<(), Halt> {
        self.attributes.clear();
        self.names = 0;
        loop {
            let at = self.blanks_end(self.at);
            let has_blank = at > self.at;
            self.at = at;
            if at.saturating_sub(tag) > MAX_TAG_BYTES {
                return Err(self.too_large("bytes in a tag", MAX_TAG_BYTES, tag));
            }
            match self.byte(at) {
                Some(b'>') => {
                    self.at = at.saturating_add(1);
                    return Ok(());
                }
                Some(b'/') => {
                    self.at = at.saturating_add(1);
                    if self.byte(self.at) == Some(b'>') {
                        self.at = at.saturating_add(2);
                        self.ends = true;
                        return Ok(());
                    }
                    self.report.add(at, "xml.attribute", "");
                }
                Some(_) => self.read_attribute(tag, has_blank)?,
                None => return Err(self.cut("a tag")),
            }
        }
    }

    fn read_attribute(&mut self, tag: usize, has_blank: bool) -> Result<(), Halt> {
        let start = self.at;
        let end = self.name_end(start);
        let name = self.slice(start, end);
        if name.is_empty() {
            return Err(self.malformed("there is no attribute where there must be one", start));
        }
        if !has_blank {
            self.report.add(start, "xml.no-blank", name);
        }
        let equals = self.blanks_end(end);
        let value = if self.byte(equals) == Some(b'=') {
            self.at = self.blanks_end(equals.saturating_add(1));
            self.value(name, tag)?
        } else {
            self.report.add(start, "xml.no-value", name);
            self.at = end;
            return Ok(());
        };
        if self.attribute(name).is_some() {
            self.report.add(start, "xml.duplicate-attribute", name);
            return Ok(());
        }
        if self.attributes.len() >= MAX_ATTRIBUTES {
            return Err(self.too_large("attributes", MAX_ATTRIBUTES, tag));
        }
        self.attributes.push(Attribute { name, value, start });
        self.names |= bit(name);
        if !name.starts_with('x') {
            return Ok(());
        }
        match name.strip_prefix("xmlns") {
            Some("") => self.declare("", value, tag),
            Some(prefix) => match prefix.strip_prefix(':') {
                Some(prefix) => self.declare(prefix, value, tag),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    fn declare(&mut self, prefix: &'a str, uri: &str, tag: usize) -> Result<(), Halt> {
        if self.namespaces.len() >= MAX_NAMESPACES {
            return Err(self.too_large("namespaces", MAX_NAMESPACES, tag));
        }
        let head = uri.trim_ascii().get(..MPD_NAMESPACE.len());
        let is_mpd = head.is_some_and(|head| head.eq_ignore_ascii_case(MPD_NAMESPACE));
        self.namespaces.push(Namespace { prefix, is_mpd });
        Ok(())
    }

    /// The value that starts here, and past it.
    fn value(&mut self, name: &str, tag: usize) -> Result<&'a str, Halt> {
        let start = self.at;
        if let Some(quote @ (b'"' | b'\'')) = self.byte(start) {
            let from = start.saturating_add(1);
            let within = self.text.as_bytes().get(from..).unwrap_or_default();
            // No further than a tag may be long: a quote without a partner would cost the whole rest each time.
            let within = within.get(..MAX_TAG_BYTES).unwrap_or(within);
            let Some(length) = memchr(quote, within) else {
                return Err(if within.len() < MAX_TAG_BYTES {
                    self.cut("a tag")
                } else {
                    self.too_large("bytes in a tag", MAX_TAG_BYTES, tag)
                });
            };
            let end = from.saturating_add(length);
            self.at = end.saturating_add(1);
            return Ok(self.slice(from, end));
        }
        self.report.add(start, "xml.unquoted", name);
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'"' | b'\'' | b'<');
        let mut end = start.saturating_add(rest.iter().position(ends).unwrap_or(rest.len()));
        if self.byte(end) == Some(b'>') && end > start && self.byte(end.saturating_sub(1)) == Some(b'/') {
            end = end.saturating_sub(1);
        }
        self.at = end;
        Ok(self.slice(start, end))
    }
}

#[cfg(test)]
mod tests;
