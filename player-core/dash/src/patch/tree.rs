//! Two documents as one forest of nodes that only know their places in the texts: a patch takes nodes out of one tree
//! and puts them into the other, and what comes out is copied together from the texts.

use crate::{
    Error,
    scan::{Event, Scanner},
};

/// A node, or none ([`Id::NONE`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Id(u32);

impl Id {
    pub(super) const NONE: Self = Self(u32::MAX);

    pub(super) fn some(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }
}

/// A part of the texts; those of the second document come after those of the first.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    from: u32,
    to: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) is_element: bool,
    /// The blanks before an element.
    lead: Span,
    /// An element's start tag; else text, comments and CDATA sections up to the next element.
    own: Span,
    /// From the end of an element's content to its end, with blanks before.
    tail: Span,
    /// What to write in place of `own`: a place in `made`.
    made: Option<u32>,
    pub(super) parent: Id,
    pub(super) first: Id,
    last: Id,
    prev: Id,
    pub(super) next: Id,
}

const NO_NODE: Node = Node {
    is_element: false,
    lead: Span { from: 0, to: 0 },
    own: Span { from: 0, to: 0 },
    tail: Span { from: 0, to: 0 },
    made: None,
    parent: Id::NONE,
    first: Id::NONE,
    last: Id::NONE,
    prev: Id::NONE,
    next: Id::NONE,
};

/// Where a node goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// After all in this element.
    Append(Id),
    /// Before all in this element.
    Prepend(Id),
    Before(Id),
    After(Id),
}

#[derive(Debug)]
pub(super) struct Tree<'a> {
    first_text: &'a str,
    second_text: &'a str,
    nodes: Vec<Node>,
    made: Vec<Box<str>>,
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<'a> Tree<'a> {
    /// Reads a document, whose root is the node that comes back.
    pub(super) fn read(text: &'a str) -> Result<(Self, Id), Error> {
        let mut tree = Self {
            first_text: "",
            second_text: text,
            nodes: Vec::new(),
            made: Vec::new(),
        };
        let root = tree.build(0)?;
        tree.first_text = text;
        tree.second_text = "";
        Ok((tree, root))
    }

    /// Reads a second document.
    pub(super) fn read_second(&mut self, text: &'a str) -> Result<Id, Error> {
        self.second_text = text;
        self.build(narrow(self.first_text.len()))
    }

    /// Makes nodes of the second text, whose places count from `base`.
    fn build(&mut self, base: u32) -> Result<Id, Error> {
        let mut scanner = Scanner::new(self.second_text)?;
        let text = self.second_text;
        let span = |from: usize, to: usize| Span {
            from: base.saturating_add(narrow(from)),
            to: base.saturating_add(narrow(to)),
        };
        let (mut root, mut open, mut at) = (Id::NONE, Id::NONE, 0);
        loop {
            let event = scanner.next()?;
            let (start, end) = match event {
                Event::Start(tag) => (tag.start, tag.end),
                Event::End { start } => (start, scanner.at()),
                Event::Text { .. } => continue,
                Event::Eof => return Ok(root),
            };
            let is_blank = text.get(at..start).unwrap_or_default().trim_ascii().is_empty();
            if !is_blank && open != Id::NONE {
                let node = Node {
                    own: span(at, start),
                    ..NO_NODE
                };
                self.push(node, open);
            }
            let from = if is_blank { at } else { start };
            at = end;
            if matches!(event, Event::Start(_)) {
                let lead = if open == Id::NONE {
                    Span::default()
                } else {
                    span(from, start)
                };
                let (own, tail) = (span(start, end), span(end, end));
                let is_element = true;
                open = self.push(
                    Node {
                        is_element,
                        lead,
                        own,
                        tail,
                        ..NO_NODE
                    },
                    open,
                );
                root = root.some().unwrap_or(open);
            } else {
                let parent = self.node(open).parent;
                if let Some(node) = self.get(open) {
                    node.tail = span(from, end);
                }
                open = parent;
            }
        }
    }

    fn push(&mut self, node: Node, parent: Id) -> Id {
        let id = Id(narrow(self.nodes.len()));
        self.nodes.push(node);
        if parent != Id::NONE {
            self.insert(id, Place::Append(parent));
        }
        id
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        self.nodes.get(id.0 as usize).unwrap_or(&NO_NODE)
    }

    fn get(&mut self, id: Id) -> Option<&mut Node> {
        self.nodes.get_mut(id.0 as usize)
    }

    fn slice(&self, span: Span) -> &str {
        let (from, to) = (span.from as usize, span.to as usize);
        let base = self.first_text.len();
        match from.checked_sub(base) {
            Some(from) if to > base => self.second_text.get(from..to.saturating_sub(base)),
            _ => self.first_text.get(from..to),
        }
        .unwrap_or_default()
    }

    /// Where a node is in its document.
    pub(super) fn offset(&self, id: Id) -> usize {
        let from = self.node(id).own.from as usize;
        from.checked_sub(self.first_text.len()).unwrap_or(from)
    }

    /// The start tag of an element; else the text as written.
    pub(super) fn own(&self, id: Id) -> &str {
        let node = self.node(id);
        let made = node.made.and_then(|made| self.made.get(made as usize));
        match made {
            Some(made) => made,
            None => self.slice(node.own),
        }
    }

    pub(super) fn set_own(&mut self, id: Id, text: String) {
        let at = narrow(self.made.len());
        self.made.push(text.into_boxed_str());
        if let Some(node) = self.get(id) {
            node.made = Some(at);
        }
    }

    /// A new node that is text, as written.
    pub(super) fn make_text(&mut self, text: String) -> Id {
        let id = self.push(NO_NODE, Id::NONE);
        self.set_own(id, text);
        id
    }

    /// An element's name, prefix included.
    pub(super) fn name(&self, id: Id) -> &str {
        let tag = self.own(id).strip_prefix('<').unwrap_or_default();
        let end = tag.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
        end.and_then(|end| tag.get(..end)).unwrap_or(tag)
    }

    /// An element's name without its prefix.
    pub(super) fn local(&self, id: Id) -> &str {
        let name = self.name(id);
        name.split_once(':').map_or(name, |(_, local)| local)
    }

    pub(super) fn children(&self, id: Id) -> impl Iterator<Item = Id> {
        std::iter::successors(self.node(id).first.some(), |child| self.node(*child).next.some())
    }

    pub(super) fn elements(&self, id: Id) -> impl Iterator<Item = Id> {
        self.children(id).filter(|child| self.node(*child).is_element)
    }

    /// Attributes of an element, with their values unescaped.
    pub(super) fn attributes(&self, id: Id) -> Vec<(&str, String)> {
        let Ok(mut scanner) = Scanner::fragment(self.own(id)) else {
            return Vec::new();
        };
        if !matches!(scanner.next(), Ok(Event::Start(_))) {
            return Vec::new();
        }
        let raw: Vec<_> = scanner.attributes().to_vec();
        raw.into_iter()
            .map(|attribute| (attribute.name, scanner.unescape(attribute.value, 0).into_owned()))
            .collect()
    }

    pub(super) fn attribute(&self, id: Id, name: &str) -> Option<String> {
        // Reading all of them costs more.
        if !self
            .own(id)
            .split('=')
            .any(|piece| piece.trim_ascii_end().ends_with(name))
        {
            return None;
        }
        let found = self.attributes(id).into_iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    /// Sets an attribute, or takes it away; false when there is none to take away.
    pub(super) fn set_attribute(&mut self, id: Id, name: &str, value: Option<&str>) -> bool {
        let tag = self.own(id);
        let (before, after) = match attribute_place(tag, name) {
            Some((start, end)) => (tag.get(..start), tag.get(end..)),
            None if value.is_none() => return false,
            None => {
                let end = tag.len().saturating_sub(if tag.ends_with("/>") { 2 } else { 1 });
                (tag.get(..end), tag.get(end..))
            }
        };
        let mut made = before.unwrap_or_default().trim_ascii_end().to_owned();
        if let Some(value) = value {
            for part in [" ", name, "=\"", &escape(value), "\""] {
                made.push_str(part);
            }
        }
        let after = after.unwrap_or_default();
        // The parser forgives attributes without a blank between them.
        if !after.starts_with(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>') {
            made.push(' ');
        }
        made.push_str(after);
        self.set_own(id, made);
        true
    }

    /// The text in an element, without that of elements in it, unescaped and trimmed.
    pub(super) fn text(&self, id: Id) -> String {
        let mut wrapped = "<t>".to_owned();
        for child in self.children(id).filter(|child| !self.node(*child).is_element) {
            wrapped.push_str(self.own(child));
        }
        wrapped.push_str("</t>");
        let read = || {
            let mut scanner = Scanner::fragment(&wrapped)?;
            scanner.next()?;
            Ok::<_, Error>(scanner.content()?.into_owned())
        };
        read().unwrap_or_default()
    }

    /// Takes a node, with all in it, out of its tree.
    pub(super) fn detach(&mut self, id: Id) {
        let Node { parent, prev, next, .. } = *self.node(id);
        match prev.some() {
            Some(prev) => self.get(prev).into_iter().for_each(|node| node.next = next),
            None => self.get(parent).into_iter().for_each(|node| node.first = next),
        }
        match next.some() {
            Some(next) => self.get(next).into_iter().for_each(|node| node.prev = prev),
            None => self.get(parent).into_iter().for_each(|node| node.last = prev),
        }
        if let Some(node) = self.get(id) {
            (node.parent, node.prev, node.next) = (Id::NONE, Id::NONE, Id::NONE);
        }
    }

    /// Puts a node that is in no tree to its place.
    pub(super) fn insert(&mut self, id: Id, place: Place) {
        let (parent, prev, next) = match place {
            Place::Append(parent) => (parent, self.node(parent).last, Id::NONE),
            Place::Prepend(parent) => (parent, Id::NONE, self.node(parent).first),
            Place::Before(next) => (self.node(next).parent, self.node(next).prev, next),
            Place::After(prev) => (self.node(prev).parent, prev, self.node(prev).next),
        };
        match prev.some() {
            Some(prev) => self.get(prev).into_iter().for_each(|node| node.next = id),
            None => self.get(parent).into_iter().for_each(|node| node.first = id),
        }
        match next.some() {
            Some(next) => self.get(next).into_iter().for_each(|node| node.prev = id),
            None => self.get(parent).into_iter().for_each(|node| node.last = id),
        }
        if let Some(node) = self.get(id) {
            (node.parent, node.prev, node.next) = (parent, prev, next);
        }
    }

    /// The first document, as it is now.
    pub(super) fn write(&self, root: Id) -> String {
        let mut out = String::with_capacity(self.first_text.len().saturating_add(self.second_text.len()));
        let Node { own, tail, .. } = *self.node(root);
        out.push_str(self.first_text.get(..own.from as usize).unwrap_or_default());
        self.write_node(root, &mut out);
        out.push_str(self.first_text.get(tail.to as usize..).unwrap_or_default());
        out
    }

    /// Writes a node with all in it.
    pub(super) fn write_node(&self, id: Id, out: &mut String) {
        let node = self.node(id);
        out.push_str(self.slice(node.lead));
        let own = self.own(id);
        match own.strip_suffix("/>") {
            // It was empty, and is no longer.
            Some(tag) if node.is_element && node.first != Id::NONE => {
                out.push_str(tag);
                out.push('>');
                self.children(id).for_each(|child| self.write_node(child, out));
                for part in ["</", self.name(id), ">"] {
                    out.push_str(part);
                }
            }
            _ => {
                out.push_str(own);
                self.children(id).for_each(|child| self.write_node(child, out));
                out.push_str(self.slice(node.tail));
            }
        }
    }
}

/// Where an attribute is in a start tag, from the first byte of its name to the one after its value.
fn attribute_place(tag: &str, name: &str) -> Option<(usize, usize)> {
    let mut scanner = Scanner::fragment(tag).ok()?;
    scanner.next().ok()?;
    let attribute = scanner.attributes().iter().find(|attribute| attribute.name == name)?;
    let rest = tag.get(attribute.start..)?;
    let after = rest
        .get(name.len()..)?
        .trim_ascii_start()
        .strip_prefix('=')?
        .trim_ascii_start();
    let quotes = if after.starts_with(['"', '\'']) { 2 } else { 0 };
    let before = rest.len().saturating_sub(after.len());
    let length = before.saturating_add(attribute.value.len()).saturating_add(quotes);
    Some((attribute.start, attribute.start.saturating_add(length)))
}

/// Text for an attribute's value or for content.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Blanks that reading would normalize.
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            letter => out.push(letter),
        }
    }
    out
}
