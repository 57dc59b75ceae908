//! Segment indexes of a loop repeated: flat, or in two levels.

use super::looped::Loop;
use crate::http::Source;
use bytes::Bytes;
use footlight_isobmff::{
    Error,
    sidx::{Reference, Sidx},
};
use std::sync::{Arc, OnceLock};

/// References in an index of the lower level.
const PER_CHILD: u64 = 64;
/// A `sidx` without references, with 32-bit and with 64-bit fields.
const HEAD: u64 = 32;
const WIDE_HEAD: u64 = 40;
const REFERENCE: u64 = 12;

/// How the segments of a file are indexed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IndexLayout {
    /// One `sidx`.
    Flat,
    /// A `sidx` that refers to others, which all follow it before the media.
    Hierarchical,
}

/// One index of the lower level.
struct Child {
    first: u64,
    count: u64,
    /// From the end of the upper index.
    offset: u64,
    first_offset: u64,
    size: u64,
}

/// The segment indexes of the first `count` fragments, which follow them at once.
pub(crate) struct Index {
    looped: Arc<Loop>,
    count: u64,
    children: Vec<Child>,
    /// Made when the first byte of it is read.
    top: OnceLock<Bytes>,
}

impl Index {
    pub(crate) fn new(looped: Arc<Loop>, count: u64, layout: IndexLayout) -> Self {
        let children = match layout {
            IndexLayout::Flat => Vec::new(),
            IndexLayout::Hierarchical => children(&looped, count),
        };
        Self {
            looped,
            count,
            children,
            top: OnceLock::new(),
        }
    }

    /// Bytes of the index that a player is told of: the only one, or the upper one.
    pub(crate) fn top_size(&self) -> u64 {
        let entries = if self.children.is_empty() {
            self.count
        } else {
            self.children.len() as u64
        };
        HEAD + REFERENCE * entries
    }

    fn write_top(&self) -> Result<Vec<u8>, Error> {
        if self.children.is_empty() {
            return self.sidx(0, self.count, 0).write();
        }
        let references = self.children.iter().map(|child| Reference {
            is_index: true,
            size: narrow(child.size),
            duration: narrow(self.ticks(child.first, child.count)),
            starts_with_sap: true,
        });
        self.with_references(0, 0, references.collect()).write()
    }

    /// The lower index that byte `offset` after the upper one is in, and where in it that is.
    fn child(&self, offset: u64) -> Option<(&Child, u64)> {
        let after = self.children.partition_point(|child| child.offset <= offset);
        let child = self.children.get(after.checked_sub(1)?)?;
        Some((child, offset - child.offset))
    }

    fn sidx(&self, first: u64, count: u64, first_offset: u64) -> Sidx {
        let references = (first..first + count).filter_map(|number| {
            let span = self.looped.span(number)?;
            Some(Reference {
                is_index: false,
                size: narrow(span.size),
                duration: narrow(span.duration),
                starts_with_sap: true,
            })
        });
        self.with_references(first, first_offset, references.collect())
    }

    fn with_references(&self, first: u64, first_offset: u64, references: Vec<Reference>) -> Sidx {
        Sidx {
            reference_id: 1,
            timescale: self.looped.timescale(),
            earliest_presentation_time: self.ticks(0, first),
            first_offset,
            references,
        }
    }

    fn ticks(&self, first: u64, count: u64) -> u64 {
        let start = |number| self.looped.span(number).map_or(0, |span| span.start);
        start(first + count) - start(first)
    }
}

/// The writer refuses only sizes that loops do not have; a body that ends too early would then tell.
impl Source for Index {
    fn length(&self) -> u64 {
        let last = self.children.last();
        self.top_size() + last.map_or(0, |child| child.offset + child.size)
    }

    fn read(&self, offset: u64, most: usize) -> Bytes {
        if let Some(below) = offset.checked_sub(self.top_size()) {
            let Some((child, within)) = self.child(below) else {
                return Bytes::new();
            };
            let sidx = self.sidx(child.first, child.count, child.first_offset).write();
            return Bytes::from(sidx.unwrap_or_default()).read(within, most);
        }
        let top = self.top.get_or_init(|| self.write_top().unwrap_or_default().into());
        top.read(offset, most)
    }
}

/// From the last to the first, since how far the media is depends on the indexes between.
fn children(looped: &Loop, count: u64) -> Vec<Child> {
    let mut children = Vec::new();
    let mut later = 0;
    for number in (0..count.div_ceil(PER_CHILD)).rev() {
        let first = number * PER_CHILD;
        let entries = PER_CHILD.min(count - first);
        let first_offset = later + looped.bytes_before(first);
        let ept = looped.span(first).map_or(0, |span| span.start);
        let wide = first_offset.max(ept) > u64::from(u32::MAX);
        let size = if wide { WIDE_HEAD } else { HEAD } + REFERENCE * entries;
        children.push(Child {
            first,
            count: entries,
            offset: 0,
            first_offset,
            size,
        });
        later += size;
    }
    children.reverse();
    let mut offset = 0;
    for child in &mut children {
        child.offset = offset;
        offset += child.size;
    }
    children
}

/// Sizes and durations of fragments and of indexes are far below 2^31; the writer refuses what is not.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
