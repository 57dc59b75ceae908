//! What the engine asks of a host, and what it tells.

use footlight_dash::Micros;

use super::input::RequestId;
use crate::abr::Decision;
use crate::delivery::RequestKind;
use crate::error::PlayerError;
use crate::events::TimedEvent;
use crate::live::Timeline;
use crate::presentation::Kind;
use crate::text::CueId;
use crate::tracks::{TextFormat, Tracks};

/// A request for the host to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetch {
    /// Its name.
    pub request: RequestId,
    /// Absolute URL.
    pub url: String,
    /// What to send in the header field [`Self::HEADER`]. It may be a token: not for logs.
    pub header: Option<String>,
    /// First and last byte wanted (`Range`), the last open when `None`.
    pub range: Option<(u64, Option<u64>)>,
    /// What it is for: hosts may set priorities by it.
    pub kind: RequestKind,
    /// The body goes to the engine ([`crate::Input::Data`]); else it stays with the host
    /// ([`crate::Input::Chunk`]) until [`Output::Release`].
    pub inspect: bool,
    /// Ask by `HEAD`: only the response's head is of interest.
    pub head: bool,
    /// The body may come chunk by chunk as it is encoded: say where chunks end ([`crate::Input::Chunk`]).
    pub chunked: bool,
    /// Look for event messages in the body ([`crate::Input::Boxes`]).
    pub boxes: bool,
}

impl Fetch {
    /// The field of [`Self::header`]: parameters that the manifest wants with requests (ISO/IEC 23009-1, I.3).
    pub const HEADER: &str = footlight_dash::QUERY_HEADER;
}

/// One track of the sink to open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SinkTrack {
    /// Which.
    pub track: Kind,
    /// MIME type with `codecs`.
    pub mime: String,
}

/// What the player is doing, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum State {
    /// Nothing is loaded.
    #[default]
    Idle,
    /// On the way to the first frame.
    Loading,
    /// The first frame is there, never played yet.
    Ready,
    /// The clock moves.
    Playing,
    /// Paused.
    Paused,
    /// Wants to play and lacks data.
    Buffering,
    /// On the way to another position.
    Seeking,
    /// At the end.
    Ended,
    /// Stopped by an error.
    Error,
}

impl State {
    /// The name hosts show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Playing => "playing",
            Self::Paused => "paused",
            Self::Buffering => "buffering",
            Self::Seeking => "seeking",
            Self::Ended => "ended",
            Self::Error => "error",
        }
    }
}

/// Why another presentation follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Succession {
    /// The one before could not be played, and names another one for that (ISO/IEC 23009-1, 5.11.3).
    Fallback,
    /// The one before has ended, and names the next one (ISO/IEC 23009-1, 5.11.2).
    Chaining,
}

impl Succession {
    /// The name hosts show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fallback => "fallback",
            Self::Chaining => "chaining",
        }
    }
}

/// Something a host may want to show.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// Another presentation is being loaded, since the one before says so.
    PresentationChanged {
        /// Of its manifest.
        url: String,
        /// Why.
        reason: Succession,
    },
    /// Duration and tracks are known.
    Loaded,
    /// The state changed.
    StateChanged(State),
    /// The duration is this.
    DurationChanged(Micros),
    /// Tracks, renditions or what is selected changed.
    TracksChanged(Tracks),
    /// Another rendition is at the playhead.
    RenditionChanged {
        /// Video or audio.
        kind: Kind,
        /// Id in [`Tracks`].
        id: u32,
        /// Pixels, 0 for audio.
        width: u32,
        /// Pixels, 0 for audio.
        height: u32,
        /// Bits per second.
        bandwidth: u64,
        /// Code of the decision that chose it.
        reason: &'static str,
    },
    /// A rendition was chosen for the next segment.
    Decision(Decision),
    /// The clock stopped for want of data.
    StallStarted,
    /// The clock moves again.
    StallEnded,
    /// Playback stopped.
    Error(PlayerError),
    /// Playback goes on; this was noticed.
    Warning(PlayerError),
    /// The end was reached.
    Ended,
    /// What there is to seek in changed; for live about once a second while it plays.
    TimelineChanged(Timeline),
    /// The playhead came to an event of the manifest or of a segment.
    TimedEventStarted(Box<TimedEvent>),
    /// The playhead left an event whose end is known.
    TimedEventEnded(Box<TimedEvent>),
}

/// One thing for the host to do, from [`crate::Player::poll_output`].
#[derive(Clone, PartialEq, Debug)]
pub enum Output {
    /// Make a request.
    Fetch(Fetch),
    /// End a request; nothing more about it may come in.
    Cancel(RequestId),
    /// The body of this request is not needed any more.
    Release(RequestId),
    /// Say which of these MIME types the sink can play; answered by [`crate::Input::Support`].
    ProbeSupport(Vec<String>),
    /// Open a sink; answered by `SinkOpened` or `SinkFailed`.
    OpenSink {
        /// Its tracks.
        tracks: Vec<SinkTrack>,
        /// Length of the presentation, when known.
        duration: Option<Micros>,
    },
    /// The next append of this track has another codec.
    ChangeType(SinkTrack),
    /// Append the body of a request, or a part of it; answered by `AppendDone` or `AppendFailed`.
    Append {
        /// Which track.
        track: Kind,
        /// Whose body.
        request: RequestId,
        /// The first byte; not zero when what is before was appended while the rest was still arriving.
        from: u64,
        /// The byte after the last; `None`: the body is complete, up to its end.
        to: Option<u64>,
        /// The append before stopped inside a segment and will not go on: reset the parser first.
        reset: bool,
        /// Added to the media's own times.
        timestamp_offset: Micros,
        /// Frames before this are dropped.
        window_start: Micros,
        /// Frames from this on are dropped; `None`: none.
        window_end: Option<Micros>,
    },
    /// Remove what is buffered in a range; answered by `RemoveDone`.
    Remove {
        /// Which track.
        track: Kind,
        /// From.
        start: Micros,
        /// To; `None`: the end.
        end: Option<Micros>,
    },
    /// Nothing more will be appended, unless the viewer seeks.
    EndOfStream,
    /// The presentation has become this long.
    SetDuration(Micros),
    /// Close the sink and drop everything.
    CloseSink,
    /// Move the playhead.
    Seek(Micros),
    /// Play at this speed in thousandths; 0 pauses.
    SetRate(u32),
    /// Read the cues of a body; answered by `TextDecoded` or `TextFailed`. The host takes what it needs of the bodies
    /// named at once: they may be released or appended right after. Segments of a track are to be read in this order.
    DecodeText {
        /// Whose body.
        request: RequestId,
        /// Which track: captions carry over from one segment of a track to the next.
        track: u32,
        /// What the body holds.
        format: TextFormat,
        /// The body of its initialization segment.
        init: Option<RequestId>,
        /// Only cues that are shown where subtitles are off count, the others are left out.
        forced_only: bool,
        /// Added to the media's own times.
        timestamp_offset: Micros,
        /// Cues are cut to start here at the earliest.
        window_start: Micros,
        /// Cues are cut to end here at the latest.
        window_end: Micros,
    },
    /// These cues are on screen now (all of them; empty clears).
    Cues(Vec<CueId>),
    /// These cues will not be shown again.
    ForgetCues(Vec<CueId>),
    /// Something to show.
    Event(Event),
}

/// Why the engine wants to be woken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WakeReason {
    /// A request may have hung.
    RequestTimeout,
    /// A failed request is due again.
    RetryBackoff,
    /// The buffer has room again.
    BufferRoom,
    /// A cue appears or goes.
    CueBoundary,
    /// The clock should be moving and may not be.
    StallCheck,
    /// The manifest is due again.
    ManifestUpdate,
    /// The next live segment becomes available.
    SegmentAvailable,
    /// A timed event starts or ends.
    EventBoundary,
    /// The service is asked what time it is.
    ClockSync,
    /// The service is asked which locations to prefer, or was.
    Steering,
    /// Nothing has come of a segment for a while: it may come too late.
    Silence,
}

/// A snapshot for a stats overlay; see [`crate::Player::stats`].
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stats {
    /// The playhead.
    pub position: Micros,
    /// Video buffered ahead of it.
    pub video_buffer: Micros,
    /// Audio buffered ahead of it.
    pub audio_buffer: Micros,
    /// How far ahead the engine buffers now.
    pub buffer_goal: Micros,
    /// Estimated throughput in bits per second; 0 before the first measurement.
    pub throughput: u64,
    /// The video rendition at the playhead.
    pub rendition: Option<StatsRendition>,
    /// The last decision for video.
    pub decision: Option<Decision>,
    /// Requests made.
    pub requests: u32,
    /// Requests failed.
    pub failed_requests: u32,
    /// Bytes received.
    pub bytes: u64,
    /// Stalls after the first frame.
    pub stalls: u32,
    /// How far behind the service's clock, and how far it should be; live only.
    pub latency: Option<(Micros, Micros)>,
    /// `@serviceLocation` (or host) of the last media response.
    pub service_location: String,
}

/// The rendition at the playhead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatsRendition {
    /// Id in [`Tracks`].
    pub id: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bits per second.
    pub bandwidth: u64,
}

/// Where to find a preview picture: a tile of a sheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Thumbnail {
    /// Absolute URL of the sheet.
    pub url: String,
    /// The tile's left edge in the sheet, pixels.
    pub x: u32,
    /// The tile's top edge in the sheet, pixels.
    pub y: u32,
    /// The tile's width, pixels.
    pub width: u32,
    /// The tile's height, pixels.
    pub height: u32,
    /// The sheet's width, pixels.
    pub sheet_width: u32,
    /// The sheet's height, pixels.
    pub sheet_height: u32,
}
