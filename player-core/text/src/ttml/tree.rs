//! A TTML document as a tree: it is small, and styles are looked up by name from anywhere in it.

use std::borrow::Cow;

use crate::Error;
use crate::xml::{self, Event, Scanner};

/// Bounds of a document.
const MAX_NODES: usize = 200_000;
const MAX_DEPTH: usize = 64;
const MAX_ATTRIBUTES: usize = 64;

/// The number of a node.
pub(super) type Id = usize;

/// An element.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// Its name without a prefix.
    pub(super) name: &'a str,
    /// Attributes, names without prefixes.
    pub(super) attributes: Vec<(&'a str, Cow<'a, str>)>,
    pub(super) children: Vec<Child<'a>>,
}

#[derive(Debug)]
pub(super) enum Child<'a> {
    Element(Id),
    Text(Cow<'a, str>),
}

impl Node<'_> {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| value.trim())
    }
}

/// All elements; the root is number 0.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

impl<'a> Tree<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Error> {
        let mut nodes: Vec<Node<'a>> = Vec::new();
        let mut open: Vec<Id> = Vec::new();
        for event in Scanner::new(text) {
            match event {
                Event::Start {
                    name,
                    attributes,
                    empty,
                } => {
                    if nodes.len() >= MAX_NODES || open.len() >= MAX_DEPTH {
                        return Err(Error::TooLarge);
                    }
                    let id = nodes.len();
                    match open.last().and_then(|&parent| nodes.get_mut(parent)) {
                        Some(parent) => parent.children.push(Child::Element(id)),
                        None if id == 0 && name == "tt" => {}
                        // What follows the root is nothing to us.
                        None if id > 0 => break,
                        None => return Err(Error::NotTtml),
                    }
                    let attributes = xml::attributes(attributes).take(MAX_ATTRIBUTES).collect();
                    nodes.push(Node {
                        name,
                        attributes,
                        children: Vec::new(),
                    });
                    if !empty {
                        open.push(id);
                    }
                }
                Event::End => {
                    open.pop();
                }
                Event::Text(text) => {
                    if let Some(parent) = open.last().and_then(|&parent| nodes.get_mut(parent)) {
                        parent.children.push(Child::Text(text));
                    }
                }
            }
        }
        if nodes.is_empty() {
            return Err(Error::NotTtml);
        }
        Ok(Self { nodes })
    }

    pub(super) fn node(&self, id: Id) -> Option<&Node<'a>> {
        self.nodes.get(id)
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn attribute(&self, id: Id, name: &str) -> Option<&str> {
        self.node(id)?.attribute(name)
    }

    pub(super) fn name(&self, id: Id) -> &'a str {
        self.node(id).map_or("", |node| node.name)
    }

    /// The elements inside, in order.
    pub(super) fn elements(&self, id: Id) -> impl Iterator<Item = Id> {
        let children = self.node(id).map_or(&[][..], |node| &node.children);
        children.iter().filter_map(|child| match child {
            Child::Element(id) => Some(*id),
            Child::Text(_) => None,
        })
    }

    /// The elements of that name inside.
    pub(super) fn named(&self, id: Id, name: &str) -> impl Iterator<Item = Id> {
        self.elements(id).filter(move |&child| self.name(child) == name)
    }

    /// All elements of the document with that name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = Id> {
        let nodes = self.nodes.iter().enumerate();
        nodes.filter(move |(_, node)| node.name == name).map(|(id, _)| id)
    }

    /// The text directly inside.
    pub(super) fn text(&self, id: Id) -> String {
        let children = self.node(id).map_or(&[][..], |node| &node.children);
        let texts = children.iter().map(|child| match child {
            Child::Text(text) => text.as_ref(),
            Child::Element(_) => "",
        });
        texts.collect()
    }
}
