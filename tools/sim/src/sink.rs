//! A sink and its decoder: what is buffered, where the playhead is, whether the clock moves.

use footlight_core::{Kind, Micros, Playback};

/// Media pipelines play over a break this short.
const BRIDGED: i64 = 100_000;
/// Pictures a second.
const FRAMES: i64 = 25;

/// What one append brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// When it plays, microseconds.
    pub start: i64,
    /// Until when.
    pub end: i64,
    /// Bytes that it takes.
    pub bytes: u64,
    /// Place in the ladder.
    pub rendition: usize,
}

/// What a sink is able to do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Abilities {
    /// Bytes that a track may hold.
    pub capacity_bytes: u64,
    /// Milliseconds that an append or a removal takes.
    pub append_ms: f64,
    /// Media that must be there, in milliseconds, before the clock starts or starts again.
    pub start_ahead_ms: f64,
    /// The decoder drops half of the pictures of renditions above this one.
    pub smooth_up_to: usize,
}

impl Default for Abilities {
    /// A sink that is never full and takes no time.
    fn default() -> Self {
        Self {
            capacity_bytes: u64::MAX,
            append_ms: 0.0,
            start_ahead_ms: 0.0,
            smooth_up_to: usize::MAX,
        }
    }
}

/// Buffered media of all tracks and the playhead in it. Times are microseconds.
#[derive(Clone, Debug)]
pub struct Sink {
    abilities: Abilities,
    /// Pieces of each track, by time.
    tracks: Vec<(Kind, Vec<Piece>)>,
    now: u64,
    position: i64,
    /// Up to where all tracks have media from the playhead on; the playhead when one has none.
    playable: i64,
    /// Thousandths; 0 when paused.
    rate: u32,
    moving: bool,
    /// A seek that has not found its media yet.
    seeking: bool,
    complete: bool,
    ended: bool,
    started: bool,
    /// The clock has stood still for want of media since then.
    stalled_since: Option<u64>,
    /// From when to when the clock stood still after the first picture, seeks aside.
    pub stalls: Vec<(u64, u64)>,
    /// When the first picture was shown.
    pub started_at: Option<u64>,
    frames: [u32; 2],
    played: i64,
}

impl Sink {
    /// A closed sink.
    #[must_use]
    pub const fn new(abilities: Abilities) -> Self {
        Self {
            abilities,
            tracks: Vec::new(),
            now: 0,
            position: 0,
            playable: 0,
            rate: 0,
            moving: false,
            seeking: false,
            complete: false,
            ended: false,
            started: false,
            stalled_since: None,
            stalls: Vec::new(),
            started_at: None,
            frames: [0, 0],
            played: 0,
        }
    }

    /// Opens it for these tracks.
    pub fn open(&mut self, kinds: impl Iterator<Item = Kind>) {
        self.tracks = kinds.map(|kind| (kind, Vec::new())).collect();
        (self.complete, self.ended) = (false, false);
        self.changed();
    }

    /// Drops everything.
    pub fn close(&mut self) {
        self.tracks.clear();
        self.changed();
    }

    fn pieces(&mut self, kind: Kind) -> Option<&mut Vec<Piece>> {
        self.tracks
            .iter_mut()
            .find(|(k, _)| *k == kind)
            .map(|(_, pieces)| pieces)
    }

    /// Takes media; false when there is no room for it.
    pub fn append(&mut self, kind: Kind, piece: Piece) -> bool {
        let capacity = self.abilities.capacity_bytes;
        let Some(pieces) = self.pieces(kind) else { return false };
        let held: u64 = pieces.iter().map(|held| held.bytes).sum();
        if held.saturating_add(piece.bytes) > capacity {
            return false;
        }
        cut(pieces, piece.start, piece.end);
        let at = pieces.partition_point(|held| held.start < piece.start);
        pieces.insert(at, piece);
        self.complete = false;
        self.changed();
        true
    }

    /// Drops what plays in a range.
    pub fn remove(&mut self, kind: Kind, start: i64, end: i64) {
        if let Some(pieces) = self.pieces(kind) {
            cut(pieces, start, end);
        }
        self.changed();
    }

    /// Nothing more will be appended.
    pub fn end_of_stream(&mut self) {
        self.complete = true;
        self.changed();
    }

    /// Moves the playhead.
    pub fn seek(&mut self, position: Micros) {
        (self.position, self.seeking, self.ended) = (position.0, true, false);
        self.stall_over();
        self.changed();
    }

    /// Plays at this speed in thousandths; 0 pauses.
    pub fn set_rate(&mut self, rate: u32) {
        self.rate = rate;
        if rate == 0 {
            self.stall_over();
        }
        self.settle();
    }

    /// What a track holds.
    #[must_use]
    pub fn buffered(&self, kind: Kind) -> Vec<(Micros, Micros)> {
        let mut ranges: Vec<(Micros, Micros)> = Vec::new();
        let pieces = self.tracks.iter().find(|(k, _)| *k == kind).map(|(_, pieces)| pieces);
        for piece in pieces.into_iter().flatten() {
            match ranges.last_mut() {
                Some(last) if piece.start <= last.1.0 => last.1 = last.1.max(Micros(piece.end)),
                _ => ranges.push((Micros(piece.start), Micros(piece.end))),
            }
        }
        ranges
    }

    /// Looks again at what can be played.
    fn changed(&mut self) {
        self.playable = self.find_playable();
        self.settle();
    }

    fn find_playable(&self) -> i64 {
        let mut until = i64::MAX;
        for (_, pieces) in &self.tracks {
            let mut end = self.position;
            for piece in pieces {
                if piece.end > end && piece.start <= end + BRIDGED {
                    end = piece.end;
                }
            }
            // A track that is shorter than the others does not hold them up at the end.
            if !(self.complete && pieces.last().is_none_or(|last| last.end <= end)) || self.tracks.len() == 1 {
                until = until.min(end);
            }
        }
        if until == i64::MAX {
            let ends = self.tracks.iter().filter_map(|(_, pieces)| pieces.last());
            until = ends.map(|last| last.end).max().unwrap_or(self.position);
        }
        until.max(self.position)
    }

    /// Media ahead of the playhead in all tracks.
    #[must_use]
    pub fn ahead(&self) -> i64 {
        self.playable - self.position
    }

    /// Lets the clock run up to `now`.
    pub fn advance(&mut self, now: u64) {
        let passed = i64::try_from(now.saturating_sub(self.now)).unwrap_or(i64::MAX);
        if self.moving {
            let wanted = i128::from(passed) * i128::from(self.rate) / 1000;
            let step = i64::try_from(wanted).unwrap_or(i64::MAX).min(self.ahead());
            self.position += step;
            self.show(step);
        }
        self.now = self.now.max(now);
        self.settle();
    }

    /// Time goes by while the device sleeps.
    pub fn sleep(&mut self, now: u64) {
        self.now = self.now.max(now);
    }

    /// Counts the pictures of the next `step` microseconds.
    fn show(&mut self, step: i64) {
        let before = self.played * FRAMES / 1_000_000;
        self.played += step;
        let shown = u32::try_from(self.played * FRAMES / 1_000_000 - before).unwrap_or(0);
        self.frames[0] += shown;
        if self
            .rendition()
            .is_some_and(|rendition| rendition > self.abilities.smooth_up_to)
        {
            self.frames[1] += shown / 2 + shown % 2;
        }
    }

    /// The video rendition at the playhead.
    #[must_use]
    pub fn rendition(&self) -> Option<usize> {
        let (_, pieces) = self.tracks.iter().find(|(kind, _)| *kind == Kind::Video)?;
        let here = |piece: &&Piece| piece.start <= self.position && self.position < piece.end;
        pieces.iter().find(here).map(|piece| piece.rendition)
    }

    /// When the media runs out, if the clock moves.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        if !self.moving || self.rate == 0 {
            return None;
        }
        let ahead = u128::from(self.ahead().unsigned_abs());
        let wait = (ahead * 1000).div_ceil(u128::from(self.rate));
        Some(self.now.saturating_add(u64::try_from(wait).unwrap_or(u64::MAX)))
    }

    fn stall_over(&mut self) {
        if let Some(since) = self.stalled_since.take()
            && since < self.now
        {
            self.stalls.push((since, self.now));
        }
    }

    /// Whether the clock moves, now that something has changed.
    fn settle(&mut self) {
        let ahead = self.ahead();
        let at_end = self.complete && ahead == 0 && !self.tracks.is_empty();
        let needed = if self.moving || self.complete {
            1
        } else {
            ((self.abilities.start_ahead_ms * 1000.0) as i64).max(1)
        };
        let has_media = ahead >= needed;
        if has_media || at_end {
            self.seeking = false;
        }
        self.moving = self.rate > 0 && has_media && !self.seeking;
        self.ended = at_end && (self.ended || self.rate > 0);
        if self.moving && !self.started {
            self.started = true;
            self.started_at = Some(self.now);
        }
        let starves = self.started && self.rate > 0 && !self.moving && !self.seeking && !self.ended;
        if !starves {
            self.stall_over();
        } else if self.stalled_since.is_none() {
            self.stalled_since = Some(self.now);
        }
    }

    /// The clock stands still for want of media.
    #[must_use]
    pub const fn is_stalled(&self) -> bool {
        self.stalled_since.is_some()
    }

    /// Everything was played.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// The clock moves.
    #[must_use]
    pub const fn is_moving(&self) -> bool {
        self.moving
    }

    /// The playhead.
    #[must_use]
    pub const fn position(&self) -> Micros {
        Micros(self.position)
    }

    /// What a host sees.
    #[must_use]
    pub fn observe(&self) -> Playback {
        let ready_state = if self.tracks.iter().all(|(_, pieces)| pieces.is_empty()) {
            0
        } else if self.moving || self.ahead() > 0 && !self.seeking && self.rate == 0 {
            4
        } else if self.seeking {
            1
        } else {
            2
        };
        Playback {
            position: Micros(self.position),
            rate: if self.rate == 0 { 1000 } else { self.rate },
            paused: self.rate == 0,
            seeking: self.seeking,
            ended: self.ended,
            ready_state,
            decoded_frames: self.frames[0],
            dropped_frames: self.frames[1],
        }
    }
}

/// Takes a range out of pieces; what is left of one keeps its share of the bytes.
fn cut(pieces: &mut Vec<Piece>, start: i64, end: i64) {
    if !pieces.iter().any(|piece| piece.start < end && piece.end > start) {
        return;
    }
    let mut kept = Vec::with_capacity(pieces.len() + 1);
    for piece in pieces.drain(..) {
        let mut keep = |from: i64, to: i64| {
            if from < to {
                let share = i128::from(piece.bytes) * i128::from(to - from) / i128::from(piece.end - piece.start);
                kept.push(Piece {
                    start: from,
                    end: to,
                    bytes: u64::try_from(share).unwrap_or(0),
                    ..piece
                });
            }
        };
        if piece.start < start {
            keep(piece.start, piece.end.min(start));
        }
        if piece.end > end {
            keep(piece.start.max(end), piece.end);
        }
    }
    *pieces = kept;
}
