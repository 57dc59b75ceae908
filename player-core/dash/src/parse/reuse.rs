//! What was read before: the same timeline again in this document, or, in a refresh, the one that this one goes on
//! from; Representations that one Period after another repeats.

use super::{
    Reader,
    period::MAX_REPRESENTATIONS,
    raw::{Kind, RawRepresentation},
    segments::plain_entry,
};
use crate::{
    scan::{MAX_ELEMENTS, Tag},
    timeline::{Entries, Entry, NO_TIME},
};
use std::{ops::Range, rc::Rc, sync::Arc};

/// How many timelines to look at.
const LOOK_AHEAD: usize = 8;
/// Less in common than this many bytes is not worth it.
const LEAST: usize = 256;

/// A SegmentTimeline that was read.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    /// From after its start tag to after its end tag.
    pub(super) text: Range<usize>,
    /// Where that started when the entries were made, which their offsets tell of.
    pub(super) read_at: usize,
    /// How long its content is.
    pub(super) content: usize,
    pub(super) entries: Arc<Entries>,
}

/// How many Representations are remembered.
const MAX_REPEATED: usize = 32;
/// The longest one remembered, in bytes.
const MAX_REPEATED_BYTES: usize = 4096;

/// A Representation that may come again.
#[derive(Debug)]
pub(super) struct Repeated<'a> {
    text: &'a str,
    /// Elements in it, itself included.
    elements: usize,
    raw: Rc<RawRepresentation<'a>>,
}

/// The Representations that may come again, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Repetitions<'a> {
    list: Vec<Repeated<'a>>,
    /// The one thought to come next.
    next: usize,
    /// The one to give way when there are too many.
    oldest: usize,
    /// How often in a row there was none.
    misses: usize,
}

/// What there was before an element was read.
pub(super) struct Mark {
    elements: usize,
    findings: usize,
    definitions: usize,
}

impl<'a> Reader<'a> {
    /// The Representation that comes next, when it is, letter by letter, one that was read.
    pub(super) fn repeated(&mut self) -> Option<(usize, Rc<RawRepresentation<'a>>)> {
        let known = &mut self.repetitions;
        if known.list.is_empty() || !self.scan.is_in_root_scope() || self.depth > 0 {
            return None;
        }
        let text = self.scan.text();
        let rest = text.as_bytes().get(self.scan.at()..)?.trim_ascii_start();
        let is_next = |known: &Repeated<'_>| starts_with(rest, known.text);
        let (before, after) = known.list.split_at_checked(known.next)?;
        // Where nothing is repeated a look at the next one must do.
        let look = if known.misses > MAX_REPEATED { 1 } else { MAX_REPEATED };
        let found = match after.iter().take(look).position(is_next) {
            Some(at) => at.checked_add(known.next),
            None => before.iter().take(look).position(is_next),
        };
        let Some(at) = found else {
            known.misses = known.misses.saturating_add(1);
            return None;
        };
        known.misses = 0;
        let found = known.list.get(at)?;
        let elements = self.scan.elements().saturating_add(found.elements);
        if elements >= MAX_ELEMENTS || self.representations >= MAX_REPRESENTATIONS {
            return None;
        }
        self.representations = self.representations.saturating_add(1);
        let start = text.len().saturating_sub(rest.len());
        self.scan.jump(start.saturating_add(found.text.len()), found.elements);
        known.next = at.saturating_add(1);
        Some((start, Rc::clone(&found.raw)))
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            elements: self.scan.elements().saturating_sub(1),
            findings: self.scan.report.findings().len(),
            definitions: self.definitions.len(),
        }
    }

    /// Remembers a Representation, unless more came of it than what it says: something reported, something that others
    /// refer to, links, entries of a timeline that know their place.
    pub(super) fn remember(&mut self, tag: &Tag<'a>, before: Mark, raw: &Rc<RawRepresentation<'a>>) {
        let level = &raw.common.level;
        let has_timeline = level
            .source(Kind::Template)
            .is_some_and(|source| source.timeline.is_some());
        let (reported, defined) = (self.scan.report.findings().len(), self.definitions.len());
        let is_all =
            !has_timeline && level.list.is_none() && (before.findings, before.definitions) == (reported, defined);
        let text = self.scan.text().get(tag.start..self.scan.at()).unwrap_or_default();
        if !is_all || text.len() > MAX_REPEATED_BYTES || !self.scan.is_in_root_scope() || self.depth > 0 {
            return;
        }
        let new = Repeated {
            text,
            elements: self.scan.elements().saturating_sub(before.elements),
            raw: Rc::clone(raw),
        };
        let known = &mut self.repetitions;
        if known.list.len() < MAX_REPEATED {
            known.list.push(new);
        } else if let Some(slot) = known.list.get_mut(known.oldest) {
            *slot = new;
            known.oldest = known.oldest.saturating_add(1) % MAX_REPEATED;
        }
    }

    /// Takes what the timeline whose content starts here has in common with one before the refresh: its first entry
    /// falls into one of that, and what follows is the same text.
    pub(super) fn go_on(&mut self, entries: &mut Entries) {
        let text = self.scan.text().as_bytes();
        let first = text.get(self.scan.at()..).unwrap_or_default().trim_ascii_start();
        let Some((mut entry, length)) = plain_entry(first).filter(|(entry, _)| entry.time != NO_TIME) else {
            return;
        };
        let rest = first.get(length..).unwrap_or_default().trim_ascii_start();
        let place = |from: &[u8]| text.len().saturating_sub(from.len());
        entry.offset = u32::try_from(place(first)).unwrap_or(u32::MAX);
        let candidates = self.before.get(self.next_before..).unwrap_or_default().iter();
        for (number, known) in candidates.take(LOOK_AHEAD).enumerate() {
            let list = &known.entries.list;
            let Some(common) = common(known, self.known_text.as_bytes(), rest, entry.time) else {
                continue;
            };
            let (Some(taken), Some(to)) = (list.get(common.clone()), list.get(common.end)) else {
                continue;
            };
            if self.scan.elements().saturating_add(taken.len()) >= MAX_ELEMENTS {
                return;
            }
            self.next_before = self.next_before.saturating_add(number).saturating_add(1);
            let from = taken.first().map_or(0, |entry| entry.offset);
            let moved = u32::try_from(place(rest)).unwrap_or(u32::MAX).wrapping_sub(from);
            entries.list.reserve_exact(taken.len().saturating_add(64));
            entries.list.push(entry);
            entries.list.extend(taken.iter().map(|entry| Entry {
                offset: entry.offset.wrapping_add(moved),
                ..*entry
            }));
            self.scan
                .jump(to.offset.wrapping_add(moved) as usize, entries.list.len());
            return;
        }
    }
}

/// Which entries of a known timeline are, letter by letter, at the start of `rest`, which follows one at `time`.
fn common(known: &Remembered, text: &[u8], rest: &[u8], time: i64) -> Option<Range<usize>> {
    let list = &known.entries.list;
    if !known.entries.is_plain {
        return None;
    }
    let mut start = 0_i64;
    let mut after = None;
    for (at, entry) in list.iter().enumerate() {
        if entry.time != NO_TIME {
            start = entry.time;
        }
        let span = entry
            .duration
            .checked_mul(u64::from(entry.repeat.unsigned_abs()).checked_add(1)?)?;
        let end = start.checked_add_unsigned(span)?;
        if (start..end).contains(&time) {
            after = Some(at.checked_add(1)?);
            break;
        }
        start = end;
    }
    let after = after?;
    let from = list.get(after)?.offset as usize;
    let now = from.checked_sub(known.read_at)?.checked_add(known.text.start)?;
    let old = text.get(now..known.text.end)?;
    let same = same_bytes(old, rest);
    // An entry is the same when the one after it starts within what is the same.
    let reach = from.saturating_add(same);
    let upto = list
        .partition_point(|entry| (entry.offset as usize) < reach)
        .checked_sub(1)?;
    (same >= LEAST && upto > after).then_some(after..upto)
}

/// How many bytes two texts have in common from their start on.
pub(super) fn same_bytes(one: &[u8], other: &[u8]) -> usize {
    let mut same = 0_usize;
    let (words, _) = one.as_chunks::<8>();
    let (others, _) = other.as_chunks::<8>();
    for (word, other) in words.iter().zip(others) {
        if u64::from_ne_bytes(*word) != u64::from_ne_bytes(*other) {
            break;
        }
        same = same.saturating_add(8);
    }
    let rest = one.get(same..).unwrap_or_default().iter();
    let left = rest.zip(other.get(same..).unwrap_or_default());
    same.saturating_add(left.take_while(|(one, other)| one == other).count())
}

/// Whether a text starts with another one. The library compares bytes one by one in WebAssembly.
pub(super) fn starts_with(text: &[u8], start: &str) -> bool {
    same_bytes(text, start.as_bytes()) == start.len()
}
