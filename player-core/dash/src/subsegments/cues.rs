//! WebM: where its Cues are, and what they say (RFC 9559).

use crate::{Error, Micros};

const EBML: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114D_9B74;
const SEEK: u32 = 0x4DBB;
const SEEK_ID: u32 = 0x53AB;
const SEEK_POSITION: u32 = 0x53AC;
const INFO: u32 = 0x1549_A966;
const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
pub(super) const CUES: u32 = 0x1C53_BB6B;
const CUE_POINT: u32 = 0xBB;
const CUE_TIME: u32 = 0xB3;
const CUE_TRACK_POSITIONS: u32 = 0xB7;
const CUE_CLUSTER_POSITION: u32 = 0xF1;
const CLUSTER: u32 = 0x1F43_B675;

/// What is no WebM, or nothing to play by.
pub(super) const BROKEN: Error = Error::UnsupportedIndex {
    what: "WebM that is damaged or has no Cues",
};

/// An element: its identifier, where its content starts, and how long that is, if known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element {
    pub(super) id: u32,
    pub(super) header: usize,
    pub(super) size: Option<u64>,
}

/// The element that `data` starts with.
pub(super) fn element(data: &[u8]) -> Option<Element> {
    let id_length = data.first()?.leading_zeros() as usize + 1;
    let id = data.get(..id_length).filter(|_| id_length <= 4)?;
    let id = id.iter().fold(0_u32, |id, byte| id << 8 | u32::from(*byte));
    let rest = data.get(id_length..)?;
    let length = rest.first()?.leading_zeros() as usize + 1;
    let digits = rest.get(..length).filter(|_| length <= 8)?;
    let value = digits.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    let mask = (1_u64 << (length * 7)) - 1;
    let size = value & mask;
    Some(Element {
        id,
        header: id_length.saturating_add(length),
        size: (size != mask).then_some(size),
    })
}

/// The elements in `data`, with their content as far as it is there.
fn children(mut data: &[u8]) -> impl Iterator<Item = (Element, &[u8])> {
    std::iter::from_fn(move || {
        let found = element(data)?;
        let content = data.get(found.header..)?;
        let size = found
            .size
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(usize::MAX);
        let (content, rest) = content.split_at_checked(size).unwrap_or((content, &[]));
        data = rest;
        Some((found, content))
    })
}

fn unsigned(data: &[u8]) -> Option<u64> {
    (data.len() <= 8).then(|| data.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// What the start of a WebM file tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head {
    /// First byte of the Segment's content, which positions count from.
    pub(super) origin: u64,
    /// The byte after the Segment, when known.
    pub(super) end: Option<u64>,
    /// Nanoseconds of a tick.
    scale: u64,
    /// Where the Cues are.
    pub(super) cues: Option<u64>,
    /// Where the first Cluster is: before it is what initializes a decoder.
    pub(super) cluster: Option<u64>,
}

impl Head {
    /// Reads the front of a file.
    pub(super) fn parse(data: &[u8]) -> Result<Self, Error> {
        let ebml = element(data).filter(|found| found.id == EBML).ok_or(BROKEN)?;
        let at = usize::try_from(ebml.size.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let at = at.saturating_add(ebml.header);
        let rest = data.get(at..).ok_or(BROKEN)?;
        let segment = element(rest).filter(|found| found.id == SEGMENT).ok_or(BROKEN)?;
        let start = at.saturating_add(segment.header);
        let origin = start as u64;
        let mut head = Self {
            origin,
            end: segment.size.and_then(|size| origin.checked_add(size)),
            scale: 1_000_000,
            cues: None,
            cluster: None,
        };
        let content = data.get(start..).unwrap_or_default();
        let mut offset = origin;
        for (found, inner) in children(content).take(64) {
            match found.id {
                SEEK_HEAD => head.seek(inner),
                INFO => {
                    let scale = children(inner).find(|(found, _)| found.id == TIMESTAMP_SCALE);
                    head.scale = scale.and_then(|(_, data)| unsigned(data)).unwrap_or(head.scale);
                }
                CUES => head.cues = Some(offset),
                CLUSTER => {
                    head.cluster = Some(offset);
                    break;
                }
                _ => {}
            }
            offset = offset
                .saturating_add(found.header as u64)
                .saturating_add(found.size.unwrap_or(0));
        }
        Ok(head)
    }

    fn seek(&mut self, data: &[u8]) {
        for (_, entry) in children(data).filter(|(found, _)| found.id == SEEK).take(64) {
            let value = |id| {
                let mut inner = children(entry);
                inner
                    .find(|(found, _)| found.id == id)
                    .and_then(|(_, data)| unsigned(data))
            };
            if value(SEEK_ID) == Some(u64::from(CUES)) {
                self.cues = value(SEEK_POSITION).and_then(|position| self.origin.checked_add(position));
            }
        }
    }

    /// Time and place of each cue, in order; `data` starts with the Cues.
    pub(super) fn cues(&self, data: &[u8], most: usize) -> Result<Vec<(Micros, u64)>, Error> {
        let cues = element(data).filter(|found| found.id == CUES).ok_or(BROKEN)?;
        let content = data.get(cues.header..).unwrap_or_default();
        let mut all: Vec<(Micros, u64)> = Vec::new();
        for (_, point) in children(content).filter(|(found, _)| found.id == CUE_POINT).take(most) {
            let mut inner = children(point);
            let time = inner
                .find(|(found, _)| found.id == CUE_TIME)
                .and_then(|(_, data)| unsigned(data));
            let place = children(point)
                .find(|(found, _)| found.id == CUE_TRACK_POSITIONS)
                .and_then(|(_, data)| children(data).find(|(found, _)| found.id == CUE_CLUSTER_POSITION))
                .and_then(|(_, data)| unsigned(data));
            let (Some(time), Some(place)) = (time, place) else {
                continue;
            };
            let nanos = i128::from(time).saturating_mul(i128::from(self.scale));
            let time = Micros::from_ticks(nanos, 1_000_000_000);
            let place = self.origin.checked_add(place).ok_or(BROKEN)?;
            // Several cues may be in one Cluster.
            if all.last().is_none_or(|(before, at)| *before < time && *at < place) {
                all.push((time, place));
            }
        }
        if all.is_empty() { Err(BROKEN) } else { Ok(all) }
    }
}
