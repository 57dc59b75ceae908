//! MPD patches (ISO/IEC 23009-1, 5.15): documents that say what changed, in the words of RFC 5261.

pub mod diff;
mod selector;
#[cfg(test)]
mod tests;
mod tree;

use crate::{Error, report::Locator, xsd};
use selector::{Lost, Selector, Target, Work};
use thiserror::Error;
use tree::{Id, Place, Tree, escape};

/// The most operations of a patch.
const MAX_OPERATIONS: usize = 1 << 16;

/// Why a patch cannot be applied. The manifest is as before; fetch it whole.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{} at line {line}, column {column} of the patch{}{detail}", kind.what(), if detail.is_empty() { "" } else { ": " })]
pub struct PatchError {
    /// What is wrong.
    pub kind: PatchErrorKind,
    /// More about it, such as the selector that leads nowhere.
    pub detail: String,
    /// Line in the patch, from 1; in the patched manifest for [`PatchErrorKind::Result`].
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// The kinds of [`PatchError`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PatchErrorKind {
    /// Not well-formed XML.
    Malformed,
    /// Another document than a patch.
    NotAPatch,
    /// `@mpdId` is not the manifest's `@id`.
    OtherManifest,
    /// `@originalPublishTime` is not the manifest's `@publishTime`: the patch is for an older or a newer one.
    OtherVersion,
    /// `@publishTime` is missing, or not what the patch makes the manifest's.
    PublishTime,
    /// A selector is none, or of a form that RFC 5261 does not have.
    Selector,
    /// A selector leads nowhere.
    NotFound,
    /// A selector leads to several nodes.
    Ambiguous,
    /// An operation that is not known, or that makes no sense at the node.
    Operation,
    /// A bound of this crate was exceeded.
    TooLarge,
    /// What comes out is no manifest.
    Result,
}

impl PatchErrorKind {
    const fn what(self) -> &'static str {
        match self {
            Self::Malformed => "malformed patch",
            Self::NotAPatch => "not an MPD patch",
            Self::OtherManifest => "a patch of another manifest",
            Self::OtherVersion => "a patch of another version of the manifest",
            Self::PublishTime => "a patch with a wrong publish time",
            Self::Selector => "a selector that cannot be read",
            Self::NotFound => "a selector that leads nowhere",
            Self::Ambiguous => "a selector that leads to several nodes",
            Self::Operation => "an operation that cannot be done",
            Self::TooLarge => "a patch that exceeds a limit",
            Self::Result => "a patch that makes no manifest",
        }
    }
}

impl PatchError {
    /// A stable name for hosts, logs and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            PatchErrorKind::Malformed => "patch.malformed",
            PatchErrorKind::NotAPatch => "patch.not-a-patch",
            PatchErrorKind::OtherManifest => "patch.other-manifest",
            PatchErrorKind::OtherVersion => "patch.other-version",
            PatchErrorKind::PublishTime => "patch.publish-time",
            PatchErrorKind::Selector => "patch.selector",
            PatchErrorKind::NotFound => "patch.not-found",
            PatchErrorKind::Ambiguous => "patch.ambiguous",
            PatchErrorKind::Operation => "patch.operation",
            PatchErrorKind::TooLarge => "patch.too-large",
            PatchErrorKind::Result => "patch.result",
        }
    }

    fn new(kind: PatchErrorKind, detail: &str, patch: &str, offset: usize) -> Self {
        let (line, column) = Locator::new(patch).locate(offset);
        let detail = detail.chars().take(200).collect();
        Self {
            kind,
            detail,
            line,
            column,
        }
    }

    /// From what the parser says of the patch, or of what comes out.
    pub(crate) fn from_error(error: &Error, kind: PatchErrorKind) -> Self {
        let (line, column) = error.position().unwrap_or((1, 1));
        let kind = match error {
            Error::TooLarge { .. } => PatchErrorKind::TooLarge,
            _ => kind,
        };
        let detail = error.to_string();
        Self {
            kind,
            detail,
            line,
            column,
        }
    }
}

/// The text of a manifest with a patch applied to its text.
///
/// # Errors
/// See [`PatchErrorKind`].
pub fn apply(manifest: &str, patch: &str) -> Result<String, PatchError> {
    let malformed = |error: &Error| PatchError::from_error(error, PatchErrorKind::Malformed);
    // It has been read before: the error is unlikely, and its place is wrong only then.
    let (mut tree, root) = Tree::read(manifest).map_err(|error| malformed(&error))?;
    let document = tree.read_second(patch).map_err(|error| malformed(&error))?;
    let mut patcher = Patcher {
        tree,
        root,
        document,
        patch,
        work: Work::default(),
    };
    let publish_time = patcher.check_head()?;
    let operations: Vec<Id> = patcher.tree.elements(document).collect();
    if operations.len() > MAX_OPERATIONS {
        return Err(patcher.error(PatchErrorKind::TooLarge, "operations", document));
    }
    let before = patcher.tree.attribute(root, "publishTime");
    for operation in operations {
        patcher.operate(operation)?;
    }
    let after = patcher.tree.attribute(root, "publishTime");
    if before == after {
        patcher.tree.set_attribute(root, "publishTime", Some(&publish_time));
    } else if !after.is_some_and(|after| same_time(&after, &publish_time)) {
        return Err(patcher.error(PatchErrorKind::PublishTime, &publish_time, document));
    }
    Ok(patcher.tree.write(root))
}

fn same_time(one: &str, other: &str) -> bool {
    match (xsd::parse_date_time(one), xsd::parse_date_time(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.trim_ascii() == other.trim_ascii(),
    }
}

/// Can it be written, and be named in a selector?
fn is_name(name: &str) -> bool {
    let is_wrong = |c: char| {
        c.is_ascii_whitespace()
            || matches!(
                c,
                '=' | '\'' | '"' | '<' | '>' | '/' | '&' | '@' | '[' | ']' | '(' | ')'
            )
    };
    !name.is_empty() && !name.contains(is_wrong)
}

struct Patcher<'a> {
    tree: Tree<'a>,
    /// The MPD element.
    root: Id,
    /// The Patch element.
    document: Id,
    patch: &'a str,
    work: Work,
}

impl Patcher<'_> {
    fn error(&self, kind: PatchErrorKind, detail: &str, at: Id) -> PatchError {
        PatchError::new(kind, detail, self.patch, self.tree.offset(at))
    }

    /// Is it for this manifest? Then its `@publishTime`.
    fn check_head(&self) -> Result<String, PatchError> {
        let (tree, document) = (&self.tree, self.document);
        if tree.local(document) != "Patch" {
            return Err(self.error(PatchErrorKind::NotAPatch, tree.name(document), document));
        }
        let expected = tree.attribute(self.root, "id");
        let id = tree.attribute(document, "mpdId");
        if id.is_none() || id != expected {
            return Err(self.error(PatchErrorKind::OtherManifest, &id.unwrap_or_default(), document));
        }
        let original = tree.attribute(document, "originalPublishTime").unwrap_or_default();
        let current = tree.attribute(self.root, "publishTime");
        if !current.is_some_and(|current| same_time(&current, &original)) {
            return Err(self.error(PatchErrorKind::OtherVersion, &original, document));
        }
        let publish_time = tree.attribute(document, "publishTime");
        publish_time.ok_or_else(|| self.error(PatchErrorKind::PublishTime, "", document))
    }

    fn operate(&mut self, operation: Id) -> Result<(), PatchError> {
        let text = self.tree.attribute(operation, "sel").unwrap_or_default();
        let selector = Selector::parse(&text).ok_or_else(|| self.error(PatchErrorKind::Selector, &text, operation))?;
        let found = selector.element(&self.tree, self.root, &mut self.work);
        let element = found.map_err(|lost| self.lost(lost, &text, operation))?;
        // What an operation reads of tags that patches can make long.
        for id in [element, self.root, self.document] {
            let spent = self.work.spend(self.tree.own(id).len());
            spent.map_err(|lost| self.lost(lost, &text, operation))?;
        }
        let done = match self.tree.local(operation) {
            "add" => self.add(operation, element, selector.target),
            "replace" => self.replace(operation, element, selector.target),
            "remove" => self.remove(element, selector.target),
            _ => None,
        };
        done.ok_or_else(|| self.error(PatchErrorKind::Operation, &text, operation))
    }

    fn lost(&self, lost: Lost, selector: &str, operation: Id) -> PatchError {
        let kind = match lost {
            Lost::NotFound => PatchErrorKind::NotFound,
            Lost::Ambiguous => PatchErrorKind::Ambiguous,
            Lost::TooMuch => PatchErrorKind::TooLarge,
        };
        self.error(kind, selector, operation)
    }

    fn add(&mut self, operation: Id, element: Id, target: Target<'_>) -> Option<()> {
        if target != Target::Element {
            return None;
        }
        if let Some(kind) = self.tree.attribute(operation, "type") {
            let name = match (kind.strip_prefix('@'), kind.strip_prefix("namespace::")) {
                (Some(name), _) => name.to_owned(),
                (None, Some(prefix)) => ["xmlns:", prefix].concat(),
                (None, None) => return None,
            };
            return self.set_attribute(operation, element, &name);
        }
        let position = self.tree.attribute(operation, "pos");
        let is_outside = matches!(position.as_deref(), Some("before" | "after"));
        if is_outside && element == self.root {
            return None;
        }
        let mut place = match position.as_deref() {
            None => Place::Append(element),
            Some("prepend") => Place::Prepend(element),
            Some("before") => Place::Before(element),
            Some("after") => Place::After(element),
            Some(_) => return None,
        };
        for node in self.take_content(operation) {
            self.tree.insert(node, place);
            place = Place::After(node);
        }
        Some(())
    }

    fn replace(&mut self, operation: Id, element: Id, target: Target<'_>) -> Option<()> {
        match target {
            Target::Attribute(name) => {
                self.tree.attribute(element, name)?;
                self.set_attribute(operation, element, name)
            }
            Target::Namespace(prefix) => {
                let name = ["xmlns:", prefix].concat();
                self.tree.attribute(element, &name)?;
                self.set_attribute(operation, element, &name)
            }
            Target::Text(position) => {
                let old = self.text_node(element, position)?;
                let text = escape(&self.tree.text(operation));
                self.tree.set_own(old, text);
                Some(())
            }
            Target::Element => {
                let content = self.take_content(operation);
                let [new] = content[..] else { return None };
                // The root may only be replaced by itself: the manifest stays one.
                if element == self.root || !self.tree.node(new).is_element {
                    return None;
                }
                self.tree.insert(new, Place::Before(element));
                self.tree.detach(element);
                Some(())
            }
        }
    }

    fn remove(&mut self, element: Id, target: Target<'_>) -> Option<()> {
        let removed = match target {
            Target::Attribute(name) => self.tree.set_attribute(element, name, None),
            Target::Namespace(prefix) => {
                let name = ["xmlns:", prefix].concat();
                self.tree.set_attribute(element, &name, None)
            }
            Target::Text(position) => {
                let text = self.text_node(element, position)?;
                self.tree.detach(text);
                true
            }
            // The blanks before it go with it, whatever @ws says: they mean nothing in an MPD.
            Target::Element if element != self.root => {
                self.tree.detach(element);
                true
            }
            Target::Element => false,
        };
        removed.then_some(())
    }

    fn set_attribute(&mut self, operation: Id, element: Id, name: &str) -> Option<()> {
        let value = self.tree.text(operation);
        is_name(name).then(|| {
            self.tree.set_attribute(element, name, Some(&value));
        })
    }

    fn text_node(&self, element: Id, position: Option<usize>) -> Option<Id> {
        let mut texts = self.tree.children(element).filter(|id| !self.tree.node(*id).is_element);
        texts.nth(position.unwrap_or(1).checked_sub(1)?)
    }

    /// Takes the nodes out of an operation, each element with the namespaces that it needs in its new place.
    fn take_content(&mut self, operation: Id) -> Vec<Id> {
        let mut content: Vec<Id> = self.tree.children(operation).collect();
        if !content.iter().any(|id| self.tree.node(*id).is_element) {
            // Text alone: blanks around it are the patch's.
            let text = self.tree.text(operation);
            content.clear();
            if !text.is_empty() {
                content.push(self.tree.make_text(escape(&text)));
            }
            return content;
        }
        let declared = self.namespaces(operation);
        for id in &content {
            self.tree.detach(*id);
            if self.tree.node(*id).is_element {
                self.declare(*id, &declared);
            }
        }
        content
    }

    /// What the patch declares, and the manifest's root does not.
    fn namespaces(&self, operation: Id) -> Vec<(String, String)> {
        let known = self.tree.attributes(self.root);
        let mut declared: Vec<(String, String)> = Vec::new();
        for id in [operation, self.document] {
            for (name, value) in self.tree.attributes(id) {
                let is_new = name.starts_with("xmlns:")
                    && !known.contains(&(name, value.clone()))
                    && !declared.iter().any(|(declared, _)| declared == name);
                if is_new {
                    declared.push((name.to_owned(), value));
                }
            }
        }
        // A manifest that writes its own namespace with a prefix has none for names without.
        if let Some((prefix, _)) = self.tree.name(self.root).split_once(':') {
            let name = ["xmlns:", prefix].concat();
            let own = known.into_iter().find(|(known, _)| *known == name);
            declared.extend(own.map(|(_, value)| ("xmlns".to_owned(), value)));
        }
        declared
    }

    fn declare(&mut self, id: Id, declared: &[(String, String)]) {
        if declared.is_empty() {
            return;
        }
        let mut written = String::new();
        self.tree.write_node(id, &mut written);
        // Each piece of this is followed by a colon.
        let before_last = written.rsplit_once(':').map_or("", |(before, _)| before);
        for (name, value) in declared {
            let is_used = name
                .strip_prefix("xmlns:")
                .is_none_or(|prefix| before_last.split(':').any(|piece| piece.ends_with(prefix)));
            if is_used && self.tree.attribute(id, name).is_none() {
                self.tree.set_attribute(id, name, Some(value));
            }
        }
    }
}
