//! XML as a tree over the text: names and attributes are borrowed, an element costs a few words.

use crate::{Error, report::Locator};
use quick_xml::{
    Reader,
    escape::unescape,
    events::{BytesStart, Event, attributes::Attributes},
};
use std::borrow::Cow;

/// The longest document read, in bytes.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 32 << 20;
/// The most elements in a document.
pub(crate) const MAX_ELEMENTS: usize = 1 << 20;
/// How deep elements may nest.
pub(crate) const MAX_DEPTH: usize = 64;
/// The most attributes of an element.
pub(crate) const MAX_ATTRIBUTES: usize = 256;
/// The longest tag, attributes included, in bytes.
pub(crate) const MAX_TAG_BYTES: usize = 64 << 10;
/// The most namespace declarations in force at once.
pub(crate) const MAX_NAMESPACES: usize = 64;

/// Every namespace of the MPD schema starts so, in whatever case.
const MPD_NAMESPACE: &str = "urn:mpeg:dash:schema:mpd:";

#[derive(Debug)]
struct Node<'a> {
    /// Local name; empty for an element of another namespace.
    name: &'a str,
    /// Where its attributes start; they end where the next node's start.
    attributes: u32,
    first_child: Option<u32>,
    next_sibling: Option<u32>,
    offset: u32,
    text: Option<Box<str>>,
}

/// A whole document, whose root is an MPD.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    nodes: Vec<Node<'a>>,
    attributes: Vec<(&'a str, &'a str)>,
}

/// An element of a document.
#[derive(Clone, Copy)]
pub(crate) struct Element<'d> {
    document: &'d Document<'d>,
    node: u32,
}

impl<'d> Element<'d> {
    fn get(&self) -> Option<&'d Node<'d>> {
        self.document.nodes.get(self.node as usize)
    }

    pub(crate) fn name(&self) -> &'d str {
        self.get().map_or("", |node| node.name)
    }

    /// Its number in the document.
    pub(crate) const fn id(&self) -> u32 {
        self.node
    }

    /// Where it starts in the text.
    pub(crate) fn offset(&self) -> u32 {
        self.get().map_or(0, |node| node.offset)
    }

    /// The attribute with this name, prefix included.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'d, str>> {
        let start = self.get()?.attributes as usize;
        let next = self.document.nodes.get((self.node as usize).saturating_add(1));
        let end = next.map_or(self.document.attributes.len(), |next| next.attributes as usize);
        let (_, value) = self
            .document
            .attributes
            .get(start..end)?
            .iter()
            .find(|(key, _)| *key == name)?;
        // Was found sound when the document was read.
        Some(unescape(value).unwrap_or(Cow::Borrowed(value)))
    }

    /// Its own text, trimmed.
    pub(crate) fn text(&self) -> &'d str {
        self.get()
            .and_then(|node| node.text.as_deref())
            .unwrap_or_default()
            .trim_ascii()
    }

    /// The elements in it, those of other namespaces left out.
    pub(crate) fn children(&self) -> impl Iterator<Item = Self> + use<'d> {
        let document = self.document;
        let at = |node: Option<u32>| node.map(|node| Self { document, node });
        std::iter::successors(at(self.get().and_then(|node| node.first_child)), move |child| {
            at(child.get().and_then(|node| node.next_sibling))
        })
        .filter(|child| !child.name().is_empty())
    }

    pub(crate) fn named(&self, name: &'static str) -> impl Iterator<Item = Self> + use<'d> {
        self.children().filter(move |child| child.name() == name)
    }
}

impl<'a> Document<'a> {
    pub(crate) fn root(&'a self) -> Element<'a> {
        Element {
            document: self,
            node: 0,
        }
    }

    /// Reads a document, which must have an MPD as its root.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let locator = Locator::new(text);
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(locator.too_large("document bytes", MAX_DOCUMENT_BYTES, 0));
        }
        let mut parser = Parser::new(text);
        let mut reader = Reader::from_str(text);
        loop {
            let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let event = reader.read_event().map_err(|error| {
                let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                parser.locator.malformed(error.to_string(), at)
            })?;
            if !parser.take(&event, start)? {
                break;
            }
        }
        Ok(Self {
            nodes: parser.nodes,
            attributes: parser.attributes,
        })
    }
}

/// An element that has been started and not ended.
struct Open<'a> {
    node: u32,
    last_child: Option<u32>,
    text: String,
    /// How many namespaces were in force around it.
    namespaces: usize,
    name: &'a str,
}

struct Parser<'a> {
    text: &'a str,
    locator: Locator<'a>,
    nodes: Vec<Node<'a>>,
    attributes: Vec<(&'a str, &'a str)>,
    open: Vec<Open<'a>>,
    /// Prefixes and whether they name the MPD's namespace.
    namespaces: Vec<(&'a str, bool)>,
    /// No namespace counts as the MPD's, when its root has none.
    is_bare: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            locator: Locator::new(text),
            nodes: Vec::new(),
            attributes: Vec::new(),
            open: Vec::new(),
            namespaces: Vec::new(),
            is_bare: false,
        }
    }

    /// Takes an event that starts at `at`; says whether there is more to come.
    fn take(&mut self, event: &Event<'_>, at: usize) -> Result<bool, Error> {
        match event {
            Event::Start(tag) => self.start(tag, at)?,
            Event::Empty(tag) => {
                self.start(tag, at)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.content(text, at)?,
            Event::CData(text) => self.content(text, at)?,
            Event::GeneralRef(reference) => {
                let entity = ["&", reference, ";"].concat();
                let resolved = unescape(&entity).map_err(|error| self.locator.malformed(error.to_string(), at))?;
                self.content(&resolved, at)?;
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => {
                let message = match self.open.last() {
                    Some(open) => format!("the document ends inside <{}>", open.name),
                    None if self.nodes.is_empty() => "there is no element".to_owned(),
                    None => return Ok(false),
                };
                return Err(self.locator.malformed(message, self.text.len()));
            }
        }
        Ok(true)
    }

    fn start(&mut self, tag: &BytesStart<'_>, at: usize) -> Result<(), Error> {
        let limit = if tag.len() > MAX_TAG_BYTES {
            Some(("bytes in a tag", MAX_TAG_BYTES))
        } else if self.open.len() >= MAX_DEPTH {
            Some(("nested elements", MAX_DEPTH))
        } else if self.nodes.len() >= MAX_ELEMENTS {
            Some(("elements", MAX_ELEMENTS))
        } else {
            None
        };
        if let Some((what, limit)) = limit {
            return Err(self.locator.too_large(what, limit, at));
        }
        if self.open.is_empty() && !self.nodes.is_empty() {
            return Err(self.locator.malformed("there is a second root element".to_owned(), at));
        }
        // The tag borrows from the event; the same text, borrowed from the document, lives longer.
        let from = at.saturating_add(1);
        let inner = self.text.get(from..from.saturating_add(tag.len())).unwrap_or_default();
        let name_length = tag.name().as_ref().len();
        let name = inner.get(..name_length).unwrap_or_default();
        let namespaces = self.namespaces.len();
        let attributes = u32::try_from(self.attributes.len()).unwrap_or(u32::MAX);
        self.attributes(inner, name_length, at)?;
        let local = self.local_name(name);
        let local = if !self.nodes.is_empty() || local == "MPD" {
            local
        } else if name == "MPD" && !self.namespaces.iter().any(|(prefix, _)| prefix.is_empty()) {
            self.is_bare = true;
            name
        } else {
            return Err(self.locator.not_mpd(name, at));
        };
        self.push(local, name, attributes, namespaces, at);
        Ok(())
    }

    fn push(&mut self, local: &'a str, name: &'a str, attributes: u32, namespaces: usize, at: usize) {
        let node = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(parent) = self.open.last_mut() {
            let link = match parent.last_child {
                Some(last) => self.nodes.get_mut(last as usize).map(|last| &mut last.next_sibling),
                None => self
                    .nodes
                    .get_mut(parent.node as usize)
                    .map(|parent| &mut parent.first_child),
            };
            if let Some(link) = link {
                *link = Some(node);
            }
            parent.last_child = Some(node);
        }
        let offset = u32::try_from(at).unwrap_or(u32::MAX);
        self.nodes.push(Node {
            name: local,
            attributes,
            first_child: None,
            next_sibling: None,
            offset,
            text: None,
        });
        self.open.push(Open {
            node,
            last_child: None,
            text: String::new(),
            namespaces,
            name,
        });
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else {
            return;
        };
        self.namespaces.truncate(open.namespaces);
        if let Some(node) = self.nodes.get_mut(open.node as usize)
            && !open.text.is_empty()
        {
            node.text = Some(open.text.into());
        }
    }

    fn attributes(&mut self, inner: &'a str, name_length: usize, at: usize) -> Result<(), Error> {
        let first = self.attributes.len();
        for attribute in Attributes::new(inner, name_length) {
            let attribute = attribute.map_err(|error| self.locator.malformed(error.to_string(), at))?;
            let (key, Cow::Borrowed(value)) = (attribute.key.0, attribute.value) else {
                continue;
            };
            unescape(value).map_err(|error| self.locator.malformed(error.to_string(), at))?;
            if self.attributes.len().saturating_sub(first) >= MAX_ATTRIBUTES {
                return Err(self.locator.too_large("attributes", MAX_ATTRIBUTES, at));
            }
            self.attributes.push((key, value));
            let prefix = if key == "xmlns" {
                Some("")
            } else {
                key.strip_prefix("xmlns:")
            };
            if let Some(prefix) = prefix {
                if self.namespaces.len() >= MAX_NAMESPACES {
                    return Err(self.locator.too_large("namespaces", MAX_NAMESPACES, at));
                }
                let head = value.trim_ascii().get(..MPD_NAMESPACE.len());
                self.namespaces.push((
                    prefix,
                    head.is_some_and(|head| head.eq_ignore_ascii_case(MPD_NAMESPACE)),
                ));
            }
        }
        Ok(())
    }

    /// The name without its prefix, or nothing when it is of another namespace.
    fn local_name(&self, name: &'a str) -> &'a str {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let declared = self.namespaces.iter().rev().find(|(declared, _)| *declared == prefix);
        let is_mpd = declared.map_or(self.is_bare && prefix.is_empty(), |(_, is_mpd)| *is_mpd);
        if is_mpd { local } else { "" }
    }

    fn content(&mut self, text: &str, at: usize) -> Result<(), Error> {
        if let Some(open) = self.open.last_mut() {
            if !open.text.is_empty() || !text.trim_ascii().is_empty() {
                open.text.push_str(text);
            }
            return Ok(());
        }
        if text.trim_matches('\u{FEFF}').trim_ascii().is_empty() {
            return Ok(());
        }
        Err(self
            .locator
            .malformed("there is text outside of the root element".to_owned(), at))
    }
}
