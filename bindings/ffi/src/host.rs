//! What hosts implement: HTTP by the platform's own stack, and where media goes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use footlight_native::{
    Append, AppendFailure, Head, Instant, Kind, MediaSink, Micros, Playback, Reply, Request, SinkReport, SinkTrack,
    Store, Transfer, Transport, TransportFailure,
};

use crate::error::FootlightError;
use crate::live::Counted;
use crate::types::{MediaKind, micros, seconds};

/// A header field.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct HeaderField {
    /// Its name.
    pub name: String,
    /// Its value; may be secret: not for logs.
    pub value: String,
}

/// A request for the host's HTTP stack.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct HttpRequest {
    /// Absolute URL.
    pub url: String,
    /// `GET` or `HEAD`.
    pub method: String,
    /// Header fields to send, `Range` included.
    pub headers: Vec<HeaderField>,
    /// What it is for: `manifest`, `init`, `index`, `video`, `audio`, `text`, `time`, `callback`, `steering`.
    pub kind: String,
}

/// Why a request ended without a whole response.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum HttpFailure {
    /// No connection, or it broke before the head.
    Network,
    /// The stack's own time limit.
    Timeout,
    /// The body ended before its announced length.
    Truncated,
}

/// The platform's HTTP stack: URLSession, OkHttp, aiohttp.
#[uniffi::export(foreign)]
pub trait HttpStack: Send + Sync {
    /// Begins a request and returns at once; what comes of it is told to `reply`, from any thread.
    fn send(&self, id: u64, request: HttpRequest, reply: Arc<HttpReply>) -> Result<(), FootlightError>;
    /// Nobody waits for this request any more: end it, and free its connection.
    fn cancel(&self, id: u64) -> Result<(), FootlightError>;
}

/// Where a stack tells what comes of a request: one head, then data, then the end; or a failure.
#[derive(Debug, uniffi::Object)]
pub struct HttpReply {
    reply: Mutex<Option<Reply>>,
    _counted: Counted,
}

impl HttpReply {
    fn with(&self, tell: impl FnOnce(&Reply) -> bool) -> bool {
        let reply = self.reply.lock().unwrap_or_else(PoisonError::into_inner);
        reply.as_ref().is_some_and(tell)
    }

    fn take(&self) -> Option<Reply> {
        self.reply.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[uniffi::export]
impl HttpReply {
    /// The head arrived. `length` is that of the body as it will be given; `url` is the one after redirects, or empty;
    /// `date` is the response's, in seconds since the Unix epoch. False: nobody waits any more.
    pub fn head(&self, status: u16, length: Option<u64>, url: String, date: Option<f64>) -> bool {
        self.with(|reply| {
            reply.head(Head {
                status,
                length,
                url,
                date: date.map(micros),
            })
        })
    }

    /// The next bytes of the body. False: nobody waits any more.
    pub fn data(&self, bytes: Vec<u8>) -> bool {
        self.with(|reply| reply.data(bytes))
    }

    /// The body is complete.
    pub fn end(&self) {
        if let Some(reply) = self.take() {
            reply.end();
        }
    }

    /// There will be no (more) response.
    pub fn failed(&self, failure: HttpFailure) {
        if let Some(reply) = self.take() {
            reply.failed(match failure {
                HttpFailure::Network => TransportFailure::Network,
                HttpFailure::Timeout => TransportFailure::Timeout,
                HttpFailure::Truncated => TransportFailure::Truncated,
            });
        }
    }
}

/// Small texts that outlive the program: SharedPreferences, UserDefaults. What cannot be kept is forgotten.
#[uniffi::export(foreign)]
pub trait SettingsStore: Send + Sync {
    /// What was put under this name last.
    fn get(&self, name: String) -> Result<Option<String>, FootlightError>;
    /// Keeps a text under this name; should not take long.
    fn put(&self, name: String, value: String) -> Result<(), FootlightError>;
}

/// A host's store as the player's.
pub(crate) struct ForeignStore(pub(crate) Arc<dyn SettingsStore>);

impl Store for ForeignStore {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name.to_owned()).ok()?
    }

    fn put(&self, name: &str, value: &str) {
        // As the trait says: what cannot be kept is forgotten.
        let _ = self.0.put(name.to_owned(), value.to_owned());
    }
}

/// A host's stack as the player's transport.
pub(crate) struct ForeignTransport(pub(crate) Arc<dyn HttpStack>);

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Transport for ForeignTransport {
    fn send(&self, request: Request, reply: Reply) -> Transfer {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let range = request.range_header().map(|value| ("Range".to_owned(), value));
        let headers = range.into_iter().chain(request.headers);
        let asked = HttpRequest {
            url: request.url,
            method: if request.head { "HEAD" } else { "GET" }.to_owned(),
            headers: headers.map(|(name, value)| HeaderField { name, value }).collect(),
            kind: request.kind.name().to_owned(),
        };
        let reply = Arc::new(HttpReply {
            reply: Mutex::new(Some(reply)),
            _counted: Counted::new(),
        });
        if self.0.send(id, asked, reply.clone()).is_err() {
            reply.failed(HttpFailure::Network);
        }
        let stack = self.0.clone();
        Transfer::new(move || {
            // What is over needs no end; a stack that cannot end a request is told nothing more.
            if reply.take().is_some() {
                drop(stack.cancel(id));
            }
        })
    }
}

/// A track of the sink to open.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct SinkTrackInfo {
    /// Which.
    pub kind: MediaKind,
    /// MIME type with `codecs`.
    pub mime: String,
}

impl From<&SinkTrack> for SinkTrackInfo {
    fn from(track: &SinkTrack) -> Self {
        Self {
            kind: track.track.into(),
            mime: track.mime.clone(),
        }
    }
}

/// Media to append.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct SinkAppend {
    /// Which track.
    pub kind: MediaKind,
    /// A segment, an initialization segment, or what there is of one.
    pub data: Vec<u8>,
    /// It goes on inside a segment whose front was appended before.
    pub continues: bool,
    /// The segment is complete with it.
    pub completes: bool,
    /// The append before stopped inside a segment and will not go on.
    pub reset: bool,
    /// Added to the media's own times, in seconds.
    pub timestamp_offset: f64,
    /// What is shown before this is dropped.
    pub window_start: f64,
    /// What is shown from this on is dropped.
    pub window_end: Option<f64>,
}

/// A span of buffered media, in seconds.
#[derive(Clone, Copy, PartialEq, Debug, uniffi::Record)]
pub struct TimeSpan {
    /// From.
    pub start: f64,
    /// To.
    pub end: f64,
}

/// What a sink is doing.
#[derive(Clone, Copy, PartialEq, Debug, uniffi::Record)]
pub struct SinkState {
    /// The playhead, in seconds.
    pub position: f64,
    /// Speed; 1 is normal.
    pub rate: f64,
    /// It is paused.
    pub paused: bool,
    /// A seek is under way.
    pub seeking: bool,
    /// The end was reached.
    pub ended: bool,
    /// 0 nothing, 1 metadata, 2 current frame, 3 future, 4 enough.
    pub ready_state: u8,
    /// Frames decoded since it opened.
    pub decoded_frames: u32,
    /// Frames dropped since it opened.
    pub dropped_frames: u32,
}

/// Decodes and shows media: MediaCodec, VideoToolbox, a browser's view. All methods return at once.
#[uniffi::export(foreign)]
pub trait MediaOutput: Send + Sync {
    /// Whether it plays this MIME type, with `codecs`.
    fn supports(&self, mime: String) -> Result<bool, FootlightError>;
    /// Opens for these tracks; answered by `opened` or `failed`. What was open is closed.
    fn open(
        &self,
        tracks: Vec<SinkTrackInfo>,
        duration: Option<f64>,
        report: Arc<OutputReport>,
    ) -> Result<(), FootlightError>;
    /// The next append of this track has another codec.
    fn change_type(&self, track: SinkTrackInfo) -> Result<(), FootlightError>;
    /// Takes media; answered by `append_done` or `append_failed`.
    fn append(&self, append: SinkAppend) -> Result<(), FootlightError>;
    /// Drops what is buffered; answered by `remove_done`.
    fn remove(&self, kind: MediaKind, start: f64, end: Option<f64>) -> Result<(), FootlightError>;
    /// Nothing more will be appended, unless the viewer seeks.
    fn end_of_stream(&self) -> Result<(), FootlightError>;
    /// The presentation has become this long.
    fn set_duration(&self, duration: f64) -> Result<(), FootlightError>;
    /// Moves the playhead.
    fn seek(&self, position: f64) -> Result<(), FootlightError>;
    /// Plays at this speed; 0 pauses.
    fn set_rate(&self, rate: f64) -> Result<(), FootlightError>;
    /// Drops everything.
    fn close(&self) -> Result<(), FootlightError>;
    /// What it is doing.
    fn observe(&self) -> Result<SinkState, FootlightError>;
}

/// Where a [`MediaOutput`] answers, from any thread.
#[derive(Debug, uniffi::Object)]
pub struct OutputReport {
    report: SinkReport,
    _counted: Counted,
}

fn spans(buffered: Vec<TimeSpan>) -> Vec<(Micros, Micros)> {
    buffered
        .iter()
        .map(|span| (micros(span.start), micros(span.end)))
        .collect()
}

#[uniffi::export]
impl OutputReport {
    /// It is open.
    pub fn opened(&self) {
        self.report.opened();
    }

    /// It cannot be opened, or broke.
    pub fn failed(&self, message: String) {
        self.report.failed(message);
    }

    /// An append is done; `buffered` is what the track holds now, ascending.
    pub fn append_done(&self, kind: MediaKind, buffered: Vec<TimeSpan>) {
        self.report.append_done(kind.into(), spans(buffered));
    }

    /// An append was refused; `full`: for want of room.
    pub fn append_failed(&self, kind: MediaKind, full: bool, buffered: Vec<TimeSpan>) {
        let failure = if full {
            AppendFailure::Quota
        } else {
            AppendFailure::Other
        };
        self.report.append_failed(kind.into(), failure, spans(buffered));
    }

    /// A removal is done.
    pub fn remove_done(&self, kind: MediaKind, buffered: Vec<TimeSpan>) {
        self.report.remove_done(kind.into(), spans(buffered));
    }

    /// The decoder broke; `code` as of `MediaError.code`.
    pub fn broke(&self, code: u16, message: String) {
        self.report.broke(code, message);
    }

    /// What it is doing has changed.
    pub fn changed(&self) {
        self.report.changed();
    }
}

/// A host's output as the player's sink. A callback that fails breaks the sink: the player opens another one.
pub(crate) struct ForeignSink {
    output: Arc<dyn MediaOutput>,
    report: Option<SinkReport>,
    seen: Playback,
}

impl ForeignSink {
    pub(crate) fn new(output: Arc<dyn MediaOutput>) -> Self {
        Self {
            output,
            report: None,
            seen: Playback::default(),
        }
    }

    fn check(&self, answer: Result<(), FootlightError>) {
        if let (Err(error), Some(report)) = (answer, &self.report) {
            report.broke(3, error.to_string());
        }
    }
}

impl MediaSink for ForeignSink {
    fn supports(&mut self, mime: &str) -> bool {
        self.output.supports(mime.to_owned()).unwrap_or(false)
    }

    fn open(&mut self, tracks: &[SinkTrack], duration: Option<Micros>, report: SinkReport) {
        self.report = Some(report.clone());
        let tracks = tracks.iter().map(Into::into).collect();
        let told = Arc::new(OutputReport {
            report: report.clone(),
            _counted: Counted::new(),
        });
        if let Err(error) = self.output.open(tracks, duration.map(seconds), told) {
            report.failed(error.to_string());
        }
    }

    fn change_type(&mut self, track: &SinkTrack) {
        self.check(self.output.change_type(track.into()));
    }

    fn append(&mut self, append: Append) {
        self.check(self.output.append(SinkAppend {
            kind: append.track.into(),
            data: append.pieces.concat(),
            continues: append.continues,
            completes: append.completes,
            reset: append.reset,
            timestamp_offset: seconds(append.timestamp_offset),
            window_start: seconds(append.window_start),
            window_end: append.window_end.map(seconds),
        }));
    }

    fn remove(&mut self, track: Kind, start: Micros, end: Option<Micros>) {
        self.check(self.output.remove(track.into(), seconds(start), end.map(seconds)));
    }

    fn end_of_stream(&mut self) {
        self.check(self.output.end_of_stream());
    }

    fn set_duration(&mut self, duration: Micros) {
        self.check(self.output.set_duration(seconds(duration)));
    }

    fn seek(&mut self, _: Instant, position: Micros) {
        self.check(self.output.seek(seconds(position)));
    }

    fn set_rate(&mut self, _: Instant, rate: u32) {
        self.check(self.output.set_rate(f64::from(rate) / 1000.0));
    }

    fn close(&mut self) {
        self.check(self.output.close());
        self.report = None;
    }

    fn observe(&mut self, _: Instant) -> Playback {
        match self.output.observe() {
            Ok(state) => {
                self.seen = Playback {
                    position: micros(state.position),
                    rate: (state.rate * 1000.0).round() as u32,
                    paused: state.paused,
                    seeking: state.seeking,
                    ended: state.ended,
                    ready_state: state.ready_state,
                    decoded_frames: state.decoded_frames,
                    dropped_frames: state.dropped_frames,
                };
            }
            Err(error) => self.check(Err(error)),
        }
        self.seen
    }
}
