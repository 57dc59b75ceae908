//! What a host tells the engine.

use footlight_dash::Micros;

use crate::presentation::Kind;

/// Names one request of the engine, and later its body; never used twice in a player's life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(pub u32);

/// What the host (or the viewer behind it) wants.
#[derive(Clone, PartialEq, Debug)]
pub enum Command<'a> {
    /// Play this manifest; ends whatever was loaded before.
    Load {
        /// Absolute URL of the manifest.
        url: &'a str,
        /// Where to start, on the presentation timeline; `None`: at its beginning, or at the live edge.
        start: Option<Micros>,
    },
    /// Forget what is loaded.
    Unload,
    /// After an error: go on from the same position.
    Retry,
    /// Play.
    Play,
    /// Pause.
    Pause,
    /// Go to this position.
    Seek(Micros),
    /// Go to the live edge, as close as the latency target says. Nothing for a presentation that is not live.
    GoLive,
    /// Play at this speed, in thousandths (1000 is normal). Range: 62 to 16000.
    SetRate(u32),
    /// Play this audio track (an id of [`crate::Tracks`]).
    SelectAudio(u32),
    /// Show this text track, or none.
    SelectText(Option<u32>),
    /// Keep this video rendition, or choose automatically.
    SelectRendition(Option<u32>),
}

/// Why a request ended without a whole response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransportFailure {
    /// No connection, or it broke before the head.
    Network,
    /// The host's own time limit.
    Timeout,
    /// The body ended before its announced length.
    Truncated,
}

/// Why the sink did not take an append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppendFailure {
    /// It is full (`QuotaExceededError`).
    Quota,
    /// Anything else.
    Other,
}

/// What the media pipeline is doing, as last observed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Playback {
    /// The playhead.
    pub position: Micros,
    /// Speed in thousandths (1000 is normal).
    pub rate: u32,
    /// Paused by command or by the platform.
    pub paused: bool,
    /// A seek is under way.
    pub seeking: bool,
    /// The end was reached.
    pub ended: bool,
    /// `HTMLMediaElement.readyState`: 0 nothing, 1 metadata, 2 current frame, 3 future, 4 enough.
    pub ready_state: u8,
    /// Frames decoded since the sink opened.
    pub decoded_frames: u32,
    /// Frames dropped since the sink opened.
    pub dropped_frames: u32,
}

/// Where and how the picture is shown, and how much of it is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Environment {
    /// Width of the picture's area in device pixels; 0: unknown.
    pub width: u32,
    /// Height of the picture's area in device pixels; 0: unknown.
    pub height: u32,
    /// Somebody can see it.
    pub visible: bool,
    /// The platform believes there is a network.
    pub online: bool,
    /// The viewer, the platform or a metered network asks to save data: no more than standard definition.
    pub save_data: bool,
    /// The battery is low and not being charged.
    pub low_power: bool,
    /// No picture with more lines than this (of its shorter side); 0: no limit.
    pub max_height: u32,
    /// No rendition with more bits per second than this; 0: no limit.
    pub max_bitrate: u64,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            width: 0,
            height: 0,
            visible: true,
            online: true,
            save_data: false,
            low_power: false,
            max_height: 0,
            max_bitrate: 0,
        }
    }
}

/// One thing that happened, given to [`crate::Player::handle_input`] with its time.
#[derive(Clone, PartialEq, Debug)]
pub enum Input<'a> {
    /// The host wants something.
    Command(Command<'a>),
    /// Languages and text wishes, before a load.
    Preferences(crate::Preferences),
    /// A response's head arrived.
    ResponseHead {
        /// Which request.
        request: RequestId,
        /// HTTP status.
        status: u16,
        /// `Content-Length` of this body, when known.
        length: Option<u64>,
        /// The URL after redirects; empty when the same.
        url: &'a str,
        /// The `Date` of the response, in microseconds since the Unix epoch, where the host can see it.
        date: Option<Micros>,
    },
    /// Bytes of a body arrived and stay with the host.
    Chunk {
        /// Which request.
        request: RequestId,
        /// How many bytes.
        length: u32,
        /// They end with the end of an `mdat`: what comes next may not be encoded yet. Only asked of requests
        /// with [`crate::Fetch::chunked`].
        ends_chunk: bool,
    },
    /// Event message (`emsg`) and reference time (`prft`) boxes found in a body, whole, one after another. Only asked
    /// of requests with [`crate::Fetch::boxes`].
    Boxes {
        /// Which request.
        request: RequestId,
        /// The boxes.
        data: &'a [u8],
    },
    /// The device's wall clock now, in microseconds since the Unix epoch: before a load, and when it was set.
    WallClock(Micros),
    /// Bytes of an inspected body.
    Data {
        /// Which request.
        request: RequestId,
        /// The bytes.
        data: &'a [u8],
    },
    /// A body is complete.
    ResponseEnd {
        /// Which request.
        request: RequestId,
    },
    /// A request ended without a whole response.
    ResponseFailed {
        /// Which request.
        request: RequestId,
        /// Why.
        failure: TransportFailure,
    },
    /// The answer to [`crate::Output::ProbeSupport`], in its order.
    Support(&'a [bool]),
    /// The sink is open.
    SinkOpened,
    /// The sink could not be opened, or broke.
    SinkFailed {
        /// The platform's words.
        message: &'a str,
    },
    /// An append is done.
    AppendDone {
        /// Which track of the sink.
        track: Kind,
        /// What is buffered now: `(start, end)`, ascending.
        buffered: &'a [(Micros, Micros)],
    },
    /// An append was refused.
    AppendFailed {
        /// Which track of the sink.
        track: Kind,
        /// Why.
        failure: AppendFailure,
        /// What is buffered now.
        buffered: &'a [(Micros, Micros)],
    },
    /// A removal is done.
    RemoveDone {
        /// Which track of the sink.
        track: Kind,
        /// What is buffered now.
        buffered: &'a [(Micros, Micros)],
    },
    /// The cues of a segment were read ([`crate::Output::DecodeText`]).
    TextDecoded {
        /// Whose body.
        request: RequestId,
        /// The number of the first; the others follow it. No number is used twice.
        first: u32,
        /// When they start and end, on the presentation timeline.
        cues: &'a [(Micros, Micros)],
    },
    /// A segment's cues could not be read.
    TextFailed {
        /// Whose body.
        request: RequestId,
        /// Why.
        message: &'a str,
    },
    /// The media pipeline was observed.
    Playback(Playback),
    /// The media pipeline broke (`MediaError`).
    MediaError {
        /// `MediaError.code`.
        code: u16,
        /// The platform's words.
        message: &'a str,
    },
    /// The surroundings changed.
    Environment(Environment),
    /// The time of [`crate::Player::poll_timeout`] came.
    Timeout,
}
