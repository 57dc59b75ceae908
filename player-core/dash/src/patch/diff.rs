//! The patch that makes one version of a manifest of another.

use super::{
    is_name,
    tree::{Id, Tree, escape},
};
use crate::Error;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The patch from `old` to `new`, two versions of one manifest; none when there is none: one of them has no `@id` or no
/// `@publishTime`, the ids differ, or something that
/// differs has a name that is none, or a value with blanks around it.
///
/// Blanks between elements are not kept. Elements are told apart by their `@id`, segments of a SegmentTimeline by their
/// time; others by their place.
///
/// # Errors
/// When one is no well-formed XML.
pub fn diff(old: &str, new: &str) -> Result<Option<String>, Error> {
    let (mut tree, before) = Tree::read(old)?;
    let after = tree.read_second(new)?;
    let attribute = |id, name| tree.attribute(id, name);
    let (Some(id), Some(original), Some(publish_time)) = (
        attribute(before, "id"),
        attribute(before, "publishTime"),
        attribute(after, "publishTime"),
    ) else {
        return Ok(None);
    };
    if attribute(after, "id").as_ref() != Some(&id) || tree.name(before) != tree.name(after) {
        return Ok(None);
    }
    let mut writer = Writer {
        tree: &tree,
        out: String::new(),
        is_unsayable: Cell::new(false),
    };
    let _ = write!(
        writer.out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Patch xmlns=\"urn:mpeg:dash:schema:mpd-patch:2020\" \
         mpdId=\"{}\" originalPublishTime=\"{}\" publishTime=\"{}\"",
        escape(&id),
        escape(&original),
        escape(&publish_time)
    );
    for (name, value) in tree.attributes(after) {
        if name.starts_with("xmlns:") {
            let _ = write!(writer.out, " {name}=\"{}\"", escape(&value));
        }
    }
    writer.out.push_str(">\n");
    let path = ["/", tree.name(before)].concat();
    let outcome = writer.element(before, after, &path);
    if outcome.is_err() || writer.is_unsayable.get() {
        return Ok(None);
    }
    writer.out.push_str("</Patch>\n");
    Ok(Some(writer.out))
}

/// An element cannot be patched in parts: it must be replaced.
struct Whole;

struct Writer<'t> {
    tree: &'t Tree<'t>,
    out: String,
    /// Something has a name, or blanks around a value, that the parser forgives and a patch cannot say.
    is_unsayable: Cell<bool>,
}

impl Writer<'_> {
    /// Writes what makes one element the other, which has the same name.
    fn element(&mut self, before: Id, after: Id, path: &str) -> Result<(), Whole> {
        self.attributes(before, after, path);
        let (old, new) = (self.tree.text(before), self.tree.text(after));
        let has_elements = |id| self.tree.elements(id).next().is_some();
        if old.is_empty() && new.is_empty() {
            self.children(before, after, path);
            return Ok(());
        }
        if has_elements(before) || has_elements(after) {
            return if self.same(before, after) { Ok(()) } else { Err(Whole) };
        }
        match (old.is_empty(), new.is_empty()) {
            _ if old == new => {}
            (true, _) => self.operation("add", path, "", &escape(&new)),
            (_, true) => self.operation("remove", &[path, "/text()"].concat(), "", ""),
            _ => self.operation("replace", &[path, "/text()"].concat(), "", &escape(&new)),
        }
        Ok(())
    }

    fn operation(&mut self, name: &str, selector: &str, more: &str, content: &str) {
        let selector = escape(selector);
        let _ = if content.is_empty() {
            writeln!(self.out, "<{name} sel=\"{selector}\"{more}/>")
        } else {
            writeln!(self.out, "<{name} sel=\"{selector}\"{more}>{content}</{name}>")
        };
    }

    fn check_name(&self, name: &str) {
        if !is_name(name) {
            self.is_unsayable.set(true);
        }
    }

    fn attributes(&mut self, before: Id, after: Id, path: &str) {
        if self.tree.own(before) == self.tree.own(after) {
            return;
        }
        let (old, new) = (self.tree.attributes(before), self.tree.attributes(after));
        for (name, value) in old.iter().chain(&new) {
            self.check_name(name);
            if value.trim_ascii() != value {
                self.is_unsayable.set(true);
            }
        }
        for (name, _) in &old {
            if !new.iter().any(|(known, _)| known == name) {
                self.operation("remove", &[path, "/@", name].concat(), "", "");
            }
        }
        for (name, value) in &new {
            match old.iter().find(|(known, _)| known == name) {
                Some((_, old)) if old == value => {}
                Some(_) => self.operation("replace", &[path, "/@", name].concat(), "", &escape(value)),
                None => self.operation("add", path, &[" type=\"@", name, "\""].concat(), &escape(value)),
            }
        }
    }

    fn children(&mut self, before: Id, after: Id, path: &str) {
        let (old, new) = (self.keyed(before), self.keyed(after));
        let places: BTreeMap<&str, usize> = new
            .iter()
            .enumerate()
            .map(|(at, (key, _))| (key.as_str(), at))
            .collect();
        // What stays: in both, and in the same order; what moved is taken away and put in again.
        let mut stays: BTreeMap<&str, Id> = BTreeMap::new();
        let mut next = 0;
        for (key, id) in &old {
            if let Some(place) = places.get(key.as_str()).filter(|place| **place >= next) {
                stays.insert(key, *id);
                next = place.saturating_add(1);
            }
        }
        let mut current: Vec<Id> = old.iter().map(|(_, id)| *id).collect();
        // From the back: places before stay what they are.
        for (at, (key, id)) in old.iter().enumerate().rev() {
            if !stays.contains_key(key.as_str()) {
                let selector = [path, "/", &self.step(&current, *id)].concat();
                self.operation("remove", &selector, "", "");
                current.remove(at);
            }
        }
        self.insert(&new, &stays, &mut current, path);
        for (key, new) in &new {
            let Some(old) = stays.get(key.as_str()) else {
                continue;
            };
            if !self.same(*old, *new) {
                let path = [path, "/", &self.step(&current, *old)].concat();
                self.change(*old, *new, &path);
            }
        }
    }

    /// Writes what adds the children that are new.
    fn insert(&mut self, new: &[(String, Id)], stays: &BTreeMap<&str, Id>, current: &mut Vec<Id>, path: &str) {
        let mut at = 0;
        while at < new.len() {
            let rest = new.iter().skip(at);
            let run: Vec<Id> = rest
                .take_while(|(key, _)| !stays.contains_key(key.as_str()))
                .map(|(_, id)| *id)
                .collect();
            if run.is_empty() {
                at = at.saturating_add(1);
                continue;
            }
            let mut content = String::new();
            run.iter().for_each(|id| self.tree.write_node(*id, &mut content));
            match at.checked_sub(1).and_then(|before| current.get(before)) {
                _ if at == current.len() => self.operation("add", path, "", &content),
                None => self.operation("add", path, " pos=\"prepend\"", &content),
                Some(before) => {
                    let selector = [path, "/", &self.step(current, *before)].concat();
                    self.operation("add", &selector, " pos=\"after\"", &content);
                }
            }
            let end = at.saturating_add(run.len());
            current.splice(at..at, run);
            at = end;
        }
    }

    /// Writes what makes one element the other, or the other whole when that is shorter.
    fn change(&mut self, before: Id, after: Id, path: &str) {
        let start = self.out.len();
        let outcome = self.element(before, after, path);
        let mut content = String::new();
        self.tree.write_node(after, &mut content);
        let whole = content.len().saturating_add(path.len());
        if outcome.is_err() || self.out.len().saturating_sub(start) > whole.saturating_add(32) {
            self.out.truncate(start);
            self.operation("replace", path, "", &content);
        }
    }

    /// The children of an element, each with what tells it from the others.
    fn keyed(&self, id: Id) -> Vec<(String, Id)> {
        let mut keyed: Vec<(String, Id)> = Vec::new();
        let mut taken: BTreeMap<String, u32> = BTreeMap::new();
        let mut time = Some(0);
        for child in self.tree.elements(id) {
            let name = self.tree.name(child);
            let own = match self.tree.local(child) {
                "S" => self
                    .segment(child, &mut time)
                    .map(|time| ["t", &time.to_string()].concat()),
                _ => self.tree.attribute(child, "id"),
            };
            let base = [name, " ", own.as_deref().unwrap_or_default()].concat();
            let count = taken.entry(base.clone()).or_default();
            *count = count.saturating_add(1);
            keyed.push(([base, " ".into(), count.to_string()].concat(), child));
        }
        keyed
    }

    /// When an `S` starts; `time` is the end of the one before it, and then its own.
    fn segment(&self, id: Id, time: &mut Option<u64>) -> Option<u64> {
        let attributes = self.tree.attributes(id);
        let get = |name| {
            attributes
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.parse::<u64>())
        };
        let start = match get("t") {
            Some(told) => told.ok(),
            None => *time,
        };
        let duration = get("d").and_then(Result::ok);
        let count = get("r").map_or(Some(1), |repeat| repeat.ok()?.checked_add(1));
        *time = start.and_then(|start| start.checked_add(duration?.checked_mul(count?)?));
        start
    }

    /// The step to one of some children: by its id where only it has that, else by its place.
    fn step(&self, current: &[Id], id: Id) -> String {
        // Selectors do not look at prefixes.
        let name = self.tree.local(id);
        self.check_name(name);
        let mut named = current.iter().filter(|other| self.tree.local(**other) == name);
        // An `S` stays the same while it starts at the same time: its id may be what changes.
        if name != "S"
            && let Some(own) = self.tree.attribute(id, "id")
        {
            let is_only = named
                .clone()
                .all(|other| *other == id || self.tree.attribute(*other, "id").as_ref() != Some(&own));
            if is_only && !own.contains('\'') {
                return [name, "[@id='", &own, "']"].concat();
            }
        }
        let place = named.position(|other| *other == id).unwrap_or(0).saturating_add(1);
        [name, "[", &place.to_string(), "]"].concat()
    }

    /// Do both say the same?
    fn same(&self, one: Id, other: Id) -> bool {
        let (mut ours, mut theirs) = (self.tree.elements(one), self.tree.elements(other));
        if self.tree.own(one) != self.tree.own(other) || self.tree.text(one) != self.tree.text(other) {
            return false;
        }
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(one), Some(other)) if self.same(one, other) => {}
                _ => return false,
            }
        }
    }
}
