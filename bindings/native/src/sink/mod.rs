//! Where media goes: what a platform's decoders have to offer.

pub(crate) mod fragments;
pub(crate) mod verify;

use bytes::Bytes;
use footlight_core::{AppendFailure, Instant, Kind, Micros, Playback, SinkTrack};
use tokio::sync::mpsc::UnboundedSender;

pub use fragments::Fragments;

/// A track's ticks as time, rounded towards zero.
#[must_use]
pub fn media_time(ticks: i128, timescale: u32) -> Micros {
    let micros = ticks * 1_000_000 / i128::from(timescale.max(1));
    Micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// Media to append.
#[derive(Clone, Debug)]
pub struct Append {
    /// Which track.
    pub track: Kind,
    /// The bytes, in pieces as they came: a whole segment, or with low latency what there is of it, cut anywhere; see [`Fragments`].
    pub pieces: Vec<Bytes>,
    /// They go on inside a segment whose front was appended before.
    pub continues: bool,
    /// The segment is complete with them.
    pub completes: bool,
    /// The append before stopped inside a segment and will not go on: forget what is unfinished.
    pub reset: bool,
    /// Added to the media's own times.
    pub timestamp_offset: Micros,
    /// What is shown before this is dropped.
    pub window_start: Micros,
    /// What is shown from this on is dropped; `None`: nothing.
    pub window_end: Option<Micros>,
}

/// Decodes and shows media. All its methods return at once; what takes time is answered through [`SinkReport`], from any
/// thread. At most one append or removal a track is under way.
///
/// Times named `now` are the host's clock. A sink with a clock of its own, such as the sound card's, has no use for them.
pub trait MediaSink: Send + 'static {
    /// Whether it plays this MIME type, with `codecs`.
    fn supports(&mut self, mime: &str) -> bool;
    /// Opens for these tracks; answered by `opened` or `failed`. What was open is closed.
    fn open(&mut self, tracks: &[SinkTrack], duration: Option<Micros>, report: SinkReport);
    /// The next append of this track has another codec.
    fn change_type(&mut self, track: &SinkTrack);
    /// Takes media; answered by `append_done` or `append_failed`.
    fn append(&mut self, append: Append);
    /// Drops what is buffered from `start` to `end` (`None`: all after it); answered by `remove_done`.
    fn remove(&mut self, track: Kind, start: Micros, end: Option<Micros>);
    /// Nothing more will be appended, unless the viewer seeks.
    fn end_of_stream(&mut self);
    /// The presentation has become this long.
    fn set_duration(&mut self, duration: Micros);
    /// Moves the playhead.
    fn seek(&mut self, now: Instant, position: Micros);
    /// Plays at this speed in thousandths; 0 pauses.
    fn set_rate(&mut self, now: Instant, rate: u32);
    /// Drops everything.
    fn close(&mut self);
    /// What it is doing.
    fn observe(&mut self, now: Instant) -> Playback;
    /// When what it does changes by itself, if that is known: it is observed then, and not only a few times a second.
    fn due(&mut self) -> Option<Instant> {
        None
    }
}

/// What a sink answers.
#[derive(Clone, Debug)]
pub(crate) enum News {
    Opened,
    Failed(String),
    Appended(Kind, Vec<(Micros, Micros)>),
    Refused(Kind, AppendFailure, Vec<(Micros, Micros)>),
    Removed(Kind, Vec<(Micros, Micros)>),
    Broke(u16, String),
    Changed,
}

/// Where a sink answers. Answers to what was asked before it was closed are not heard.
#[derive(Clone, Debug)]
pub struct SinkReport {
    epoch: u32,
    channel: UnboundedSender<(u32, News)>,
}

impl SinkReport {
    pub(crate) const fn new(epoch: u32, channel: UnboundedSender<(u32, News)>) -> Self {
        Self { epoch, channel }
    }

    /// It is open.
    pub fn opened(&self) {
        self.tell(News::Opened);
    }

    /// It cannot be opened, or broke beyond what another one would cure.
    pub fn failed(&self, message: impl Into<String>) {
        self.tell(News::Failed(message.into()));
    }

    /// An append is done; `buffered` is what the track holds now, `(start, end)` ascending.
    pub fn append_done(&self, track: Kind, buffered: Vec<(Micros, Micros)>) {
        self.tell(News::Appended(track, buffered));
    }

    /// An append was refused.
    pub fn append_failed(&self, track: Kind, failure: AppendFailure, buffered: Vec<(Micros, Micros)>) {
        self.tell(News::Refused(track, failure, buffered));
    }

    /// A removal is done.
    pub fn remove_done(&self, track: Kind, buffered: Vec<(Micros, Micros)>) {
        self.tell(News::Removed(track, buffered));
    }

    /// The decoder broke: `code` as of `MediaError.code` (2 network, 3 decode, 4 not supported).
    pub fn broke(&self, code: u16, message: impl Into<String>) {
        self.tell(News::Broke(code, message.into()));
    }

    /// What it is doing has changed: it wants to be observed.
    pub fn changed(&self) {
        self.tell(News::Changed);
    }

    fn tell(&self, news: News) {
        // A player that is gone hears nothing.
        let _ = self.channel.send((self.epoch, news));
    }
}
