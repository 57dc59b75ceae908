//! The selectors of RFC 5261: location paths that name one element, attribute or text.

use super::tree::{Id, Tree};

/// The most steps of a path, and predicates of a step.
const MAX_PARTS: usize = 64;
/// The most bytes looked at for all operations of a patch, about: more is an attack, not a patch.
const MAX_WORK: usize = 1 << 28;
/// What it costs to look at a node, in bytes.
const NODE: usize = 16;

/// Counts what a patch costs.
#[derive(Debug, Default)]
pub(super) struct Work(usize);

impl Work {
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Lost> {
        self.0 = self.0.saturating_add(bytes);
        if self.0 > MAX_WORK { Err(Lost::TooMuch) } else { Ok(()) }
    }
}

/// What a path ends at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Target<'s> {
    Element,
    /// An attribute with this name.
    Attribute(&'s str),
    /// The declaration of this prefix.
    Namespace(&'s str),
    /// The n-th text, from 1; none: the only one.
    Text(Option<usize>),
}

#[derive(PartialEq, Eq, Debug)]
enum Predicate<'s> {
    /// From 1.
    Position(usize),
    Attribute(&'s str, &'s str),
    Child(&'s str, &'s str),
    Text(&'s str),
}

#[derive(PartialEq, Eq, Debug)]
struct Step<'s> {
    /// Without its prefix; `*` is any.
    name: &'s str,
    predicates: Vec<Predicate<'s>>,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) struct Selector<'s> {
    steps: Vec<Step<'s>>,
    pub(super) target: Target<'s>,
}

/// Why a selector leads nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lost {
    NotFound,
    Ambiguous,
    TooMuch,
}

/// Reads a selector piece by piece.
struct Rest<'s>(&'s str);

impl<'s> Rest<'s> {
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.0.strip_prefix(token);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    /// A name with its prefix, or `*`.
    fn name(&mut self) -> Option<&'s str> {
        let end = self
            .0
            .find(|c: char| {
                c.is_ascii_whitespace() || matches!(c, '/' | '[' | ']' | '@' | '=' | '\'' | '"' | '(' | ')')
            })
            .unwrap_or(self.0.len());
        let (name, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        (!name.is_empty()).then_some(name)
    }

    fn quoted(&mut self) -> Option<&'s str> {
        let quote = self.0.chars().next().filter(|c| *c == '"' || *c == '\'')?;
        let (value, rest) = self.0.get(1..)?.split_once(quote)?;
        self.0 = rest;
        Some(value)
    }

    fn number(&mut self) -> Option<usize> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        digits.parse().ok().filter(|number| *number > 0)
    }

    fn equals(&mut self) -> Option<&'s str> {
        self.blanks();
        self.eat("=").then_some(())?;
        self.blanks();
        self.quoted()
    }

    fn predicate(&mut self) -> Option<Predicate<'s>> {
        self.blanks();
        let predicate = if self.eat("@") {
            Predicate::Attribute(self.name()?, self.equals()?)
        } else if self.0.starts_with(|c: char| c.is_ascii_digit()) {
            Predicate::Position(self.number()?)
        } else if self.0.starts_with('.') {
            self.eat(".");
            Predicate::Text(self.equals()?)
        } else {
            Predicate::Child(local(self.name()?), self.equals()?)
        };
        self.blanks();
        self.eat("]").then_some(predicate)
    }
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

impl<'s> Selector<'s> {
    /// Reads a selector; none when it is not of a form that RFC 5261 has, or is relative to something else than the root.
    pub(super) fn parse(text: &'s str) -> Option<Self> {
        let mut rest = Rest(text.trim_ascii());
        let mut steps = Vec::new();
        while rest.eat("/") {
            if rest.eat("@") {
                let target = Target::Attribute(rest.name()?);
                return Self::finish(steps, target, &rest);
            }
            if rest.eat("namespace::") {
                let target = Target::Namespace(rest.name()?);
                return Self::finish(steps, target, &rest);
            }
            if rest.eat("text()") {
                let position = if rest.eat("[") { Some(rest.number()?) } else { None };
                if position.is_some() && !rest.eat("]") {
                    return None;
                }
                return Self::finish(steps, Target::Text(position), &rest);
            }
            let name = local(rest.name()?);
            let mut predicates = Vec::new();
            while rest.eat("[") {
                predicates.push(rest.predicate()?);
            }
            steps.push(Step { name, predicates });
        }
        Self::finish(steps, Target::Element, &rest)
    }

    fn finish(steps: Vec<Step<'s>>, target: Target<'s>, rest: &Rest<'_>) -> Option<Self> {
        let bounded = steps.len() <= MAX_PARTS && steps.iter().all(|step| step.predicates.len() <= MAX_PARTS);
        (rest.0.is_empty() && !steps.is_empty() && bounded).then_some(Self { steps, target })
    }

    /// The one element that the path leads to, or that its attribute or text is in.
    pub(super) fn element(&self, tree: &Tree<'_>, root: Id, work: &mut Work) -> Result<Id, Lost> {
        let mut found = vec![root];
        for (depth, step) in self.steps.iter().enumerate() {
            let parents = std::mem::take(&mut found);
            for parent in parents {
                let mut named: Vec<Id> = if depth == 0 {
                    vec![parent]
                } else {
                    tree.elements(parent).collect()
                };
                work.spend(named.len().saturating_mul(NODE))?;
                named.retain(|id| step.name == "*" || tree.local(*id) == step.name);
                for predicate in &step.predicates {
                    let bytes = named.iter().map(|id| predicate.cost(tree, *id));
                    work.spend(bytes.fold(0, usize::saturating_add))?;
                    predicate.filter(tree, &mut named);
                }
                found.append(&mut named);
            }
        }
        match found[..] {
            [] => Err(Lost::NotFound),
            [one] => Ok(one),
            _ => Err(Lost::Ambiguous),
        }
    }
}

impl Predicate<'_> {
    /// Bytes to look at, about.
    fn cost(&self, tree: &Tree<'_>, id: Id) -> usize {
        let texts = |id| {
            tree.children(id)
                .fold(NODE, |sum, child| sum.saturating_add(tree.own(child).len()))
        };
        match self {
            Self::Position(_) => 0,
            Self::Attribute(..) => tree.own(id).len(),
            Self::Text(_) => texts(id),
            Self::Child(..) => tree
                .elements(id)
                .fold(NODE, |sum, child| sum.saturating_add(texts(child))),
        }
    }

    fn filter(&self, tree: &Tree<'_>, named: &mut Vec<Id>) {
        match self {
            Self::Position(position) => {
                let one = position.checked_sub(1).and_then(|at| named.get(at)).copied();
                *named = one.into_iter().collect();
            }
            Self::Attribute(name, value) => named.retain(|id| tree.attribute(*id, name).is_some_and(|v| v == *value)),
            Self::Child(name, value) => named.retain(|id| {
                let mut children = tree.elements(*id);
                children.any(|child| tree.local(child) == *name && tree.text(child) == *value)
            }),
            Self::Text(value) => named.retain(|id| tree.text(*id) == *value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "<MPD id='m'><Period id='a'/><Period id='b/c'><BaseURL>x</BaseURL><S t='1' d='2'/><S t='3' d='2'/>\
        <x:S t='3' d='4'/></Period></MPD>";

    fn find(selector: &str) -> Result<String, Option<Lost>> {
        let (tree, root) = Tree::read(DOCUMENT).unwrap();
        let selector = Selector::parse(selector).ok_or(None)?;
        let id = selector.element(&tree, root, &mut Work::default())?;
        Ok(tree.own(id).to_owned())
    }

    #[test]
    fn elements_are_found() {
        for (selector, own) in [
            ("/MPD", "<MPD id='m'>"),
            ("/*/Period[1]", "<Period id='a'/>"),
            ("/MPD/Period[2]", "<Period id='b/c'>"),
            ("/d:MPD[@id=\"m\"]/d:Period[ @id = 'b/c' ]", "<Period id='b/c'>"),
            ("/MPD/Period/S[@t='3'][@d='4']", "<x:S t='3' d='4'/>"),
            ("/MPD/Period/S[@t='3'][2]", "<x:S t='3' d='4'/>"),
            ("/MPD/Period[BaseURL='x']/S[1]/@d", "<S t='1' d='2'/>"),
            ("/MPD/Period/BaseURL[.='x']/text()", "<BaseURL>"),
            ("/MPD/Period[2]/BaseURL/text()[1]", "<BaseURL>"),
        ] {
            assert_eq!(find(selector), Ok(own.to_owned()), "{selector}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_told() {
        for (selector, lost) in [
            ("/MPD/Period", Some(Lost::Ambiguous)),
            ("/MPD/Period[3]", Some(Lost::NotFound)),
            ("/MPD/Period/S[@u='3']", Some(Lost::NotFound)),
            ("/Other", Some(Lost::NotFound)),
            ("", None),
            ("MPD", None),
            ("//Period", None),
            ("/MPD/", None),
            ("/MPD/Period[0]", None),
            ("/MPD/Period[@id]", None),
            ("/MPD/Period[@id='a", None),
            ("/MPD/Period[last()]", None),
            ("/MPD/@id/x", None),
            ("id('a')", None),
        ] {
            assert_eq!(find(selector), Err(lost), "{selector}");
        }
    }
}
