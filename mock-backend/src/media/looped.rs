//! A fragmented MP4 file played over and over: any fragment of the endless stream, computed.

use super::MAX_DAYS;
use crate::http::{Spliced, content::fingerprint};
use bytes::Bytes;
use footlight_isobmff::{
    Boxes, Error,
    fragment::{self, Fragments},
    init::{self, TrackInfo},
};
use std::ops::Range;

/// Why a file cannot be looped.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum LoopError {
    #[error("{0}")]
    Boxes(#[from] Error),
    #[error("it has {0} tracks, not one")]
    Tracks(usize),
    #[error("it has no fragments")]
    NoFragments,
    #[error("fragment {0} does not follow the one before, or has no duration")]
    Discontinuous(usize),
}

/// A `moof` and its `mdat`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Piece {
    /// Where it is in the file.
    moof: Range<usize>,
    mdat: Range<usize>,
    /// Ticks from the start of the loop.
    start: u64,
    duration: u64,
    /// Bytes of fragments before it in the loop.
    bytes_before: u64,
}

impl Piece {
    fn size(&self) -> u64 {
        (self.moof.len() + self.mdat.len()) as u64
    }
}

/// Where a fragment is in the endless stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span {
    /// Ticks.
    pub(crate) start: u64,
    /// Ticks.
    pub(crate) duration: u64,
    /// Bytes, `moof` and `mdat`.
    pub(crate) size: u64,
}

/// A fragmented MP4 file with one track, and where its fragments are.
#[derive(Debug)]
pub(crate) struct Loop {
    data: Bytes,
    init: Bytes,
    track: TrackInfo,
    pieces: Vec<Piece>,
    duration: u64,
    bytes: u64,
    fingerprint: u64,
}

impl Loop {
    /// Finds the fragments in `data`.
    pub(crate) fn new(data: Bytes) -> Result<Self, LoopError> {
        let info = init::parse(&data)?;
        let [track] = info.tracks[..] else {
            return Err(LoopError::Tracks(info.tracks.len()));
        };
        let pieces = pieces(&data)?;
        let last = pieces.last().ok_or(LoopError::NoFragments)?;
        let (duration, bytes) = (last.start + last.duration, last.bytes_before + last.size());
        Ok(Self {
            init: data.slice(..init_length(&data)?),
            track,
            duration,
            bytes,
            fingerprint: fingerprint(&data),
            pieces,
            data,
        })
    }

    /// The initialization segment.
    pub(crate) fn init(&self) -> &Bytes {
        &self.init
    }

    /// Ticks per second.
    pub(crate) fn timescale(&self) -> u32 {
        self.track.timescale
    }

    /// Identifier of the track.
    pub(crate) fn track_id(&self) -> u32 {
        self.track.track_id
    }

    /// Ticks of a sample that does not say.
    pub(crate) fn sample_duration(&self) -> u32 {
        self.track.default_sample_duration
    }

    /// Ticks that the loop lasts.
    pub(crate) fn duration(&self) -> u64 {
        self.duration
    }

    /// Names the file's content.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Fragments in the loop.
    pub(crate) fn per_loop(&self) -> u64 {
        self.pieces.len() as u64
    }

    /// Milliseconds, rounded down, in ticks.
    pub(crate) fn ticks(&self, ms: u64) -> u64 {
        ms * u64::from(self.track.timescale) / 1000
    }

    /// The highest bit rate of any fragment: what a buffer of one fragment needs.
    pub(crate) fn peak_bitrate(&self) -> u64 {
        let rate = |piece: &Piece| (piece.size() * 8 * u64::from(self.track.timescale)).div_ceil(piece.duration);
        self.pieces.iter().map(rate).max().unwrap_or_default()
    }

    /// Where fragment `number` is, counted from 0; none when it is later than any presentation.
    pub(crate) fn span(&self, number: u64) -> Option<Span> {
        let (turn, piece) = self.piece(number)?;
        let start = turn * self.duration + piece.start;
        Some(Span {
            start,
            duration: piece.duration,
            size: piece.size(),
        })
    }

    /// Number of fragments that start before `ticks`.
    pub(crate) fn count_before(&self, ticks: u64) -> u64 {
        let (turns, rest) = (ticks / self.duration, ticks % self.duration);
        let in_loop = self.pieces.partition_point(|piece| piece.start < rest);
        turns * self.per_loop() + in_loop as u64
    }

    /// Number of fragments of average length that cover `ms`.
    pub(crate) fn nominal_count(&self, ms: u64) -> u64 {
        let (ticks, count) = (u128::from(self.ticks(ms)), u128::from(self.per_loop()));
        let covered = (ticks * count).div_ceil(u128::from(self.duration));
        u64::try_from(covered).unwrap_or(u64::MAX)
    }

    /// Average fragment duration in ticks.
    pub(crate) fn nominal_duration(&self) -> u64 {
        self.duration / self.per_loop()
    }

    /// The fragment that starts exactly at `ticks`.
    pub(crate) fn starting_at(&self, ticks: u64) -> Option<u64> {
        let number = self.count_before(ticks);
        (self.span(number)?.start == ticks).then_some(number)
    }

    /// Bytes of all fragments before `number`.
    pub(crate) fn bytes_before(&self, number: u64) -> u64 {
        let (turn, rest) = (number / self.per_loop(), number % self.per_loop());
        let before = usize::try_from(rest)
            .ok()
            .and_then(|rest| self.pieces.get(rest))
            .map_or(0, |piece| piece.bytes_before);
        turn * self.bytes + before
    }

    /// The fragment that holds byte `offset` of all fragments in a row, and where in it that is.
    pub(crate) fn at_byte(&self, offset: u64) -> (u64, u64) {
        let (turn, rest) = (offset / self.bytes, offset % self.bytes);
        let after = self.pieces.partition_point(|piece| piece.bytes_before <= rest);
        let index = after.saturating_sub(1);
        let before = self.pieces.get(index).map_or(0, |piece| piece.bytes_before);
        (turn * self.per_loop() + index as u64, rest - before)
    }

    /// Fragment `number` with its time in the endless stream: the `moof` copied, the media shared.
    pub(crate) fn fragment(&self, number: u64) -> Result<Option<Spliced>, Error> {
        let Some((turn, piece)) = self.piece(number) else {
            return Ok(None);
        };
        let mut moof = self.data[piece.moof.clone()].to_vec();
        // Sequence numbers start at 1; the bound on `number` keeps them far below 2^32.
        let sequence = u32::try_from(number + 1).unwrap_or(u32::MAX);
        fragment::rewrite(&mut moof, sequence, turn * self.duration + piece.start)?;
        let media = self.data.slice(piece.mdat.clone());
        Ok(Some(Spliced(vec![moof.into(), media])))
    }

    fn piece(&self, number: u64) -> Option<(u64, &Piece)> {
        let (turn, rest) = (number / self.per_loop(), number % self.per_loop());
        let latest = MAX_DAYS * 86_400 * u64::from(self.track.timescale) / self.duration;
        let piece = self.pieces.get(usize::try_from(rest).ok()?)?;
        (turn <= latest).then_some((turn, piece))
    }
}

/// Up to the end of `moov`.
fn init_length(data: &[u8]) -> Result<usize, Error> {
    let mut end = 0;
    for found in Boxes::new(data) {
        let found = found?;
        end = found.end();
        if found.kind.0 == *b"moov" {
            break;
        }
    }
    Ok(usize::try_from(end).unwrap_or(data.len()).min(data.len()))
}

fn pieces(data: &[u8]) -> Result<Vec<Piece>, LoopError> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut first = None;
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    for (number, found) in Fragments::new(data).enumerate() {
        let found = found?;
        let [track] = found.tracks[..] else {
            return Err(LoopError::Tracks(found.tracks.len()));
        };
        let origin = *first.get_or_insert(track.base_decode_time);
        let previous = pieces.last();
        let expected = previous.map_or(0, |piece| piece.start + piece.duration);
        let start = track.base_decode_time.checked_sub(origin);
        if start != Some(expected) || track.duration == 0 {
            return Err(LoopError::Discontinuous(number));
        }
        let bytes_before = previous.map_or(0, |piece| piece.bytes_before + piece.size());
        let media = at(found.offset + found.moof_size);
        pieces.push(Piece {
            moof: at(found.offset)..media,
            mdat: media..at(found.offset + found.size),
            start: expected,
            duration: track.duration,
            bytes_before,
        });
    }
    Ok(pieces)
}

/// Which segment a file name means, counted from 0; `starting_at` knows the one that starts at a time.
pub(crate) fn segment_number(name: &str, starting_at: impl FnOnce(u64) -> Option<u64>) -> Option<u64> {
    let (kind, digits) = name.strip_suffix(".m4s")?.split_once('-')?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match kind {
        "seg" => value.checked_sub(1),
        "t" => starting_at(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http::Source, media::synthetic};

    fn looped() -> Loop {
        Loop::new(synthetic::audio().into()).unwrap()
    }

    #[test]
    fn a_loop_repeats_without_a_seam() {
        let looped = looped();
        assert_eq!(looped.duration(), 16 * 48_000);
        let mut at = 0;
        for number in 0..50 {
            let span = looped.span(number).unwrap();
            assert_eq!(span.start, at);
            assert_eq!(looped.starting_at(at), Some(number));
            assert_eq!(looped.starting_at(at + 1), None);
            assert_eq!(looped.count_before(at), number);
            assert_eq!(looped.count_before(at + 1), number + 1);
            at += span.duration;
        }
        assert!(looped.span(1 << 40).is_none());
    }

    #[test]
    fn fragments_tell_their_time() {
        let looped = looped();
        for number in [0, 7, 8, 1000, 43_199] {
            let parts = looped.fragment(number).unwrap().unwrap();
            let span = looped.span(number).unwrap();
            assert_eq!(parts.length(), span.size);
            let whole = parts.0.concat();
            let tracks = init::parse(looped.init()).unwrap().tracks;
            let mut found = Fragments::with_tracks(&whole, &tracks);
            let found = found.next().unwrap().unwrap();
            assert_eq!(u64::from(found.sequence_number), number + 1);
            assert_eq!(found.tracks[0].base_decode_time, span.start);
            assert_eq!(found.tracks[0].duration, span.duration);
        }
    }

    #[test]
    fn bytes_lead_back_to_fragments() {
        let looped = looped();
        for number in 0..40 {
            let before = looped.bytes_before(number);
            let size = looped.span(number).unwrap().size;
            assert_eq!(looped.at_byte(before), (number, 0));
            assert_eq!(looped.at_byte(before + size - 1), (number, size - 1));
        }
    }

    #[test]
    fn counts_cover_a_presentation() {
        let looped = looped();
        for (ms, count) in [(1000, 1), (2000, 1), (12_000, 6), (13_000, 7), (40_000, 20)] {
            assert_eq!(looped.nominal_count(ms), count, "{ms}");
        }
    }

    #[test]
    fn files_that_cannot_loop_are_refused() {
        let whole = synthetic::audio();
        let init = init_length(&whole).unwrap();
        let none = Loop::new(Bytes::copy_from_slice(&whole[..init]));
        assert_eq!(none.err(), Some(LoopError::NoFragments));
        let cut = Loop::new(Bytes::copy_from_slice(&whole[..whole.len() - 1]));
        assert!(matches!(cut.err(), Some(LoopError::Boxes(_))));
    }
}
