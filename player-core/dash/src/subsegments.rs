//! Segments found by loading `sidx` boxes, flat or hierarchical, or the Cues of WebM.

mod cues;

use crate::{ByteRange, Error, Micros, timeline::Scale};
use cues::{BROKEN, Head};
use footlight_isobmff::{Boxes, FourCc, boxes, sidx::Sidx};
use std::sync::Arc;

/// Bytes asked for at first where the manifest does not tell where the index is.
pub(crate) const FIRST_GUESS: u64 = 64 << 10;
/// Bytes asked for at first of an index inside an index.
const NESTED_GUESS: u64 = 16 << 10;
/// The largest index box followed.
const MAX_INDEX_BYTES: u64 = 16 << 20;
/// The most index boxes followed.
const MAX_INDEXES: u32 = 4096;
/// How deep they may nest.
const MAX_DEPTH: u8 = 8;
/// The most boxes looked at, and fetches made, to find the first index.
const MAX_STEPS: u32 = 32;
/// The most subsegments.
const MAX_SUBSEGMENTS: usize = 1 << 20;

/// A stretch of media that can be fetched by itself; times from the Period's start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Subsegment {
    pub(crate) start: Micros,
    pub(crate) end: Micros,
    pub(crate) offset: u64,
    /// Zero: to the end of the resource.
    pub(crate) size: u64,
}

impl Subsegment {
    pub(crate) fn range(&self) -> ByteRange {
        ByteRange {
            start: self.offset,
            end: self.size.checked_sub(1).map(|last| self.offset.saturating_add(last)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Todo {
    Media(Subsegment),
    /// An index at `offset`, of which `length` bytes are to be fetched.
    Index {
        offset: u64,
        length: u64,
        depth: u8,
    },
    /// The front of a WebM file, whose Cues are known.
    Head {
        length: u64,
    },
    /// The Cues of a WebM file, whose front is known.
    Cues {
        offset: u64,
        length: u64,
    },
    /// Boxes from `offset` on, among them, it is hoped, an index.
    Search {
        offset: u64,
        length: u64,
        told: bool,
    },
}

/// What has been loaded, and what is still to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Subsegments {
    media: Arc<Vec<Subsegment>>,
    /// The next thing to do last.
    todo: Vec<Todo>,
    indexes: u32,
    steps: u32,
    /// The index is a resource of its own, so that offsets count from the media's first byte.
    external: bool,
    /// Byte after the `moov`, when it was passed on the way to the index.
    init_end: Option<u64>,
    /// There is no index: the resource is a single segment.
    whole: bool,
    /// Of WebM: what its front tells, and the Cues while that is not known.
    head: Option<Head>,
    cues: Arc<Vec<u8>>,
}

/// How times of an index come to the Period's timeline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// The manifest's scale, for its presentation time offset.
    pub(crate) scale: Scale,
    /// The Period's duration.
    pub(crate) limit: Option<Micros>,
}

impl Subsegments {
    /// Starts at `range` as the manifest tells it, else with a guess.
    pub(crate) fn new(range: Option<ByteRange>, external: bool) -> Self {
        let first = match range {
            Some(ByteRange { start, end: Some(end) }) => Todo::Search {
                offset: start,
                length: end.saturating_sub(start).saturating_add(1),
                told: true,
            },
            Some(ByteRange { start, end: None }) => Todo::Search {
                offset: start,
                length: FIRST_GUESS,
                told: true,
            },
            None => Todo::Search {
                offset: 0,
                length: FIRST_GUESS,
                told: external,
            },
        };
        let (media, todo) = (Arc::default(), vec![first]);
        Self {
            media,
            todo,
            indexes: 0,
            steps: 0,
            external,
            init_end: None,
            whole: false,
            head: None,
            cues: Arc::default(),
        }
    }

    /// What to fetch next.
    pub(crate) fn pending(&self) -> Option<ByteRange> {
        match *self.todo.last()? {
            Todo::Media(_) => None,
            Todo::Index { offset, length, .. }
            | Todo::Search { offset, length, .. }
            | Todo::Cues { offset, length } => Some(ByteRange {
                start: offset,
                end: Some(offset.saturating_add(length.saturating_sub(1))),
            }),
            Todo::Head { length } => Some(ByteRange {
                start: 0,
                end: Some(length.saturating_sub(1)),
            }),
        }
    }

    pub(crate) fn media(&self) -> &[Subsegment] {
        &self.media
    }

    pub(crate) const fn is_whole(&self) -> bool {
        self.whole
    }

    pub(crate) fn initialization(&self) -> Option<ByteRange> {
        let end = self.init_end?.checked_sub(1)?;
        Some(ByteRange {
            start: 0,
            end: Some(end),
        })
    }

    /// Takes the bytes of what was pending. On an error nothing has changed.
    pub(crate) fn load(&mut self, data: &[u8], frame: Frame) -> Result<(), Error> {
        let mut changed = self.clone();
        changed.advance(data, frame)?;
        *self = changed;
        Ok(())
    }

    fn advance(&mut self, data: &[u8], frame: Frame) -> Result<(), Error> {
        let Some(origin) = self.pending().map(|range| range.start) else {
            return Err(Error::NotPending);
        };
        // A server that knows no ranges sends all of it.
        let is_all = data.get(4..8).is_some_and(|kind| kind == b"ftyp") || data.starts_with(&EBML);
        let origin = if is_all { 0 } else { origin };
        match self.todo.pop() {
            Some(Todo::Search { offset, length, told }) => {
                self.search(data, origin, Todo::Search { offset, length, told }, frame)?;
            }
            Some(Todo::Index { offset, length, depth }) => {
                let asked = length;
                let at = within(data, origin, offset).unwrap_or_default();
                self.index(at, offset, asked, depth, frame)?;
            }
            Some(Todo::Head { .. }) => {
                self.head = Some(Head::parse(data)?);
                let cues = std::mem::take(&mut self.cues);
                self.follow_cues(&cues, frame)?;
            }
            Some(Todo::Cues { offset, length }) => {
                let at = within(data, origin, offset).unwrap_or_default();
                self.webm(at, offset, length, frame)?;
            }
            Some(Todo::Media(_)) | None => return Err(Error::NotPending),
        }
        // Indexes that came along need no fetch of their own.
        while let Some(Todo::Index { offset, length, depth }) = self.todo.last().copied() {
            let Some(at) = within(data, origin, offset).filter(|at| holds_box(at)) else {
                break;
            };
            self.todo.pop();
            self.index(at, offset, length, depth, frame)?;
        }
        Ok(())
    }

    /// Looks for the first index, box by box.
    fn search(&mut self, data: &[u8], origin: u64, search: Todo, frame: Frame) -> Result<(), Error> {
        let Todo::Search {
            mut offset,
            length,
            told,
        } = search
        else {
            return Err(Error::NotPending);
        };
        let fetched = origin.saturating_add(data.len() as u64);
        let at_end = fetched < offset.saturating_add(length);
        loop {
            self.steps = self.steps.saturating_add(1);
            if self.steps > MAX_STEPS {
                return Err(Error::UnsupportedIndex {
                    what: "so many boxes before it",
                });
            }
            let rest = within(data, origin, offset).unwrap_or_default();
            if rest.len() < 16 {
                if told || at_end {
                    return self.without_index(told, rest);
                }
                self.todo.push(Todo::Search {
                    offset,
                    length: FIRST_GUESS,
                    told,
                });
                return Ok(());
            }
            if is_ebml(rest) {
                return self.webm(rest, offset, length, frame);
            }
            let header = boxes::header(rest, offset)?;
            match (&header.kind.0, header.size) {
                (b"sidx", _) => return self.index(rest, offset, rest.len() as u64, 0, frame),
                (b"moof" | b"mdat", _) | (_, None) => return self.without_index(told, &[]),
                (kind, Some(size)) => {
                    offset = offset
                        .checked_add(size)
                        .ok_or(Error::UnsupportedIndex { what: "its offsets" })?;
                    if kind == b"moov" {
                        self.init_end = Some(offset);
                    }
                }
            }
        }
    }

    /// WebM, from its front or from its Cues on; `asked` is how much was asked for.
    fn webm(&mut self, data: &[u8], offset: u64, asked: u64, frame: Frame) -> Result<(), Error> {
        let found = cues::element(data).filter(|found| found.id == cues::CUES);
        let Some(found) = found else {
            // A front that leads to another one would lead in circles.
            if self.head.is_some() {
                return Err(BROKEN);
            }
            let head = Head::parse(data)?;
            self.head = Some(head);
            self.init_end = head.cluster.or(head.cues).or(self.init_end);
            let Some(cues) = head.cues else {
                return self.without_index(false, &[]);
            };
            return match within(data, offset, cues).filter(|rest| !rest.is_empty()) {
                Some(rest) => self.webm(rest, cues, asked, frame),
                None => {
                    self.todo.push(Todo::Cues {
                        offset: cues,
                        length: FIRST_GUESS,
                    });
                    Ok(())
                }
            };
        };
        let need = found.size.unwrap_or(0).saturating_add(found.header as u64);
        if need > data.len() as u64 {
            if need <= asked || need > MAX_INDEX_BYTES {
                return Err(Error::UnsupportedIndex {
                    what: "Cues cut off, or too large",
                });
            }
            self.todo.push(Todo::Cues { offset, length: need });
            return Ok(());
        }
        if self.head.is_none() {
            self.cues = Arc::new(data.to_vec());
            self.todo.push(Todo::Head {
                length: offset.clamp(1, FIRST_GUESS),
            });
            return Ok(());
        }
        self.follow_cues(data, frame)
    }

    /// Media from one cue to the next.
    fn follow_cues(&mut self, data: &[u8], frame: Frame) -> Result<(), Error> {
        let head = self.head.ok_or(Error::NotPending)?;
        let cues = head.cues(data, MAX_SUBSEGMENTS)?;
        let shift = frame.scale.micros(0);
        let mut media = std::mem::take(&mut self.media);
        for (at, (time, offset)) in cues.iter().enumerate() {
            let next = cues.get(at.saturating_add(1)).copied();
            let after = next.map(|(_, offset)| offset).or(head.end).unwrap_or(*offset);
            let end = next.map_or(Micros::MAX, |(time, _)| time + shift);
            let segment = Subsegment {
                start: *time + shift,
                end,
                offset: *offset,
                size: after.saturating_sub(*offset),
            };
            add(Arc::make_mut(&mut media), segment, frame.limit);
        }
        self.media = media;
        Ok(())
    }

    fn without_index(&mut self, told: bool, rest: &[u8]) -> Result<(), Error> {
        if told {
            let kind = FourCc(*b"sidx");
            let missing = footlight_isobmff::Error::Missing { kind };
            let found = if rest.is_empty() {
                missing
            } else {
                boxes::header(rest, 0).err().unwrap_or(missing)
            };
            return Err(found.into());
        }
        self.whole = true;
        Ok(())
    }

    /// Reads the index at `offset`, whose bytes start at the front of `data`; asks for more when it is cut off.
    fn index(&mut self, data: &[u8], offset: u64, asked: u64, depth: u8, frame: Frame) -> Result<(), Error> {
        let found = match Boxes::new(data).next() {
            Some(Ok(found)) => found,
            Some(Err(footlight_isobmff::Error::Truncated { kind, need, .. }))
                if kind.0 == *b"sidx" && need > asked && need <= MAX_INDEX_BYTES =>
            {
                self.todo.push(Todo::Index {
                    offset,
                    length: need,
                    depth,
                });
                return Ok(());
            }
            Some(Err(error)) => return Err(error.into()),
            None => return Err(footlight_isobmff::Error::Missing { kind: FourCc(*b"sidx") }.into()),
        };
        if found.kind.0 != *b"sidx" {
            return Err(footlight_isobmff::Error::Missing { kind: FourCc(*b"sidx") }.into());
        }
        let sidx = Sidx::parse(found.payload)?;
        self.indexes = self.indexes.saturating_add(1);
        if self.indexes > MAX_INDEXES || depth >= MAX_DEPTH {
            return Err(Error::UnsupportedIndex {
                what: "so many indexes inside each other",
            });
        }
        let anchor = if self.external {
            Some(0)
        } else {
            offset.checked_add(found.size)
        };
        self.follow(
            &sidx,
            anchor.and_then(|anchor| anchor.checked_add(sidx.first_offset)),
            depth,
            frame,
        )
    }

    /// Puts what an index refers to on the list of things to do, and media at its front among the media.
    fn follow(&mut self, sidx: &Sidx, first: Option<u64>, depth: u8, frame: Frame) -> Result<(), Error> {
        let overflow = Error::UnsupportedIndex { what: "its offsets" };
        let mut offset = first.ok_or_else(|| overflow.clone())?;
        let Scale {
            timescale,
            offset: shift,
        } = frame.scale;
        let shift = Micros::from_ticks(i128::from(shift), u64::from(timescale));
        let time = |ticks| Micros::from_ticks(i128::from(ticks), u64::from(sidx.timescale)) - shift;
        let mut ticks = sidx.earliest_presentation_time;
        let mut found = Vec::with_capacity(sidx.references.len());
        for reference in &sidx.references {
            let size = u64::from(reference.size);
            let next = ticks
                .checked_add(u64::from(reference.duration))
                .ok_or_else(|| overflow.clone())?;
            found.push(if !reference.is_index {
                Todo::Media(Subsegment {
                    start: time(ticks),
                    end: time(next),
                    offset,
                    size,
                })
            } else if self.external {
                return Err(Error::UnsupportedIndex {
                    what: "indexes inside an index of its own resource",
                });
            } else {
                Todo::Index {
                    offset,
                    length: size.clamp(1, NESTED_GUESS),
                    depth: depth.saturating_add(1),
                }
            });
            ticks = next;
            offset = offset.checked_add(size).ok_or_else(|| overflow.clone())?;
        }
        self.todo.extend(found.into_iter().rev());
        let mut media = std::mem::take(&mut self.media);
        while let Some(Todo::Media(next)) = self.todo.last().copied() {
            self.todo.pop();
            add(Arc::make_mut(&mut media), next, frame.limit);
        }
        self.media = media;
        if self.media.len() > MAX_SUBSEGMENTS || self.todo.len() > MAX_SUBSEGMENTS {
            return Err(Error::UnsupportedIndex {
                what: "so many subsegments",
            });
        }
        Ok(())
    }
}

/// Adds a subsegment after the others, clipped to the Period. One without duration is part of the one before.
fn add(media: &mut Vec<Subsegment>, next: Subsegment, limit: Option<Micros>) {
    let before = media.last().map_or(Micros::ZERO, |last| last.end);
    let start = next.start.max(before);
    let end = next.end.min(limit.unwrap_or(Micros::MAX));
    if start < end {
        media.push(Subsegment { start, end, ..next });
    } else if let Some(last) = media.last_mut()
        && next.start == next.end
        && last.offset.checked_add(last.size) == Some(next.offset)
    {
        last.size = last.size.saturating_add(next.size);
    }
}

/// The part of `data`, which starts at `origin`, from `offset` on.
fn within(data: &[u8], origin: u64, offset: u64) -> Option<&[u8]> {
    let skip = usize::try_from(offset.checked_sub(origin)?).ok()?;
    data.get(skip..)
}

fn holds_box(data: &[u8]) -> bool {
    matches!(Boxes::new(data).next(), Some(Ok(_)))
}

/// The first bytes of a WebM file.
const EBML: [u8; 4] = [0x1A, 0x45, 0xDF, 0xA3];

/// An EBML header or Cues.
fn is_ebml(data: &[u8]) -> bool {
    data.starts_with(&EBML) || data.starts_with(&[0x1C, 0x53, 0xBB, 0x6B])
}

#[cfg(test)]
mod tests;
