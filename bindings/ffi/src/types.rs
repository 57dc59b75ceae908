//! What crosses: values, in each language's own types.

use footlight_native::{
    AudioTrack, Cue, Event, Kind, Micros, PlayerError, Rendition, Snapshot, State, TextTrack, Timeline,
};

pub(crate) fn seconds(time: Micros) -> f64 {
    time.as_secs_f64()
}

/// Saturates: infinity is the end of time.
pub(crate) fn micros(seconds: f64) -> Micros {
    Micros((seconds * 1_000_000.0).round() as i64)
}

/// A track of the sink.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum MediaKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

impl From<Kind> for MediaKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Video => Self::Video,
            Kind::Audio => Self::Audio,
        }
    }
}

impl From<MediaKind> for Kind {
    fn from(kind: MediaKind) -> Self {
        match kind {
            MediaKind::Video => Self::Video,
            MediaKind::Audio => Self::Audio,
        }
    }
}

/// What the player is doing, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, uniffi::Enum)]
pub enum PlayerState {
    /// Nothing is loaded.
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

impl From<State> for PlayerState {
    fn from(state: State) -> Self {
        match state {
            State::Idle => Self::Idle,
            State::Loading => Self::Loading,
            State::Ready => Self::Ready,
            State::Playing => Self::Playing,
            State::Paused => Self::Paused,
            State::Buffering => Self::Buffering,
            State::Seeking => Self::Seeking,
            State::Ended => Self::Ended,
            State::Error => Self::Error,
        }
    }
}

/// What went wrong in playback, and what can be done.
#[derive(Clone, PartialEq, Eq, Debug, uniffi::Record)]
pub struct PlaybackFault {
    /// The stable code, such as `network.status`.
    pub code: String,
    /// How bad it is: `warning`, `recoverable`, `fatal`.
    pub severity: String,
    /// What can be done, such as `retry`.
    pub action: String,
    /// One sentence for a log.
    pub message: String,
    /// The URL concerned, without its query; empty when none.
    pub url: String,
    /// The HTTP status, 0 when none.
    pub status: u16,
}

impl From<&PlayerError> for PlaybackFault {
    fn from(error: &PlayerError) -> Self {
        Self {
            code: error.code.to_owned(),
            severity: error.severity.name().to_owned(),
            action: error.action.name().to_owned(),
            message: error.message.clone(),
            url: error.url.clone(),
            status: error.status,
        }
    }
}

/// What there is to seek in, in seconds.
#[derive(Clone, Copy, PartialEq, Debug, uniffi::Record)]
pub struct PlayerTimeline {
    /// More is still to come.
    pub live: bool,
    /// The earliest position that can be played.
    pub start: f64,
    /// The latest one.
    pub end: f64,
    /// How far behind the service's clock the playhead is; live only.
    pub latency: Option<f64>,
    /// How far behind it should be; live only.
    pub target_latency: Option<f64>,
}

impl From<&Timeline> for PlayerTimeline {
    fn from(timeline: &Timeline) -> Self {
        Self {
            live: timeline.live,
            start: seconds(timeline.start),
            end: seconds(timeline.end),
            latency: timeline.latency.map(seconds),
            target_latency: timeline.target_latency.map(seconds),
        }
    }
}

/// A cue on screen.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct TextCue {
    /// When it appears.
    pub start: f64,
    /// When it goes.
    pub end: f64,
    /// Its text, a line each.
    pub lines: Vec<String>,
    /// A picture in place of text (PNG), as IMSC image profiles have; empty: none.
    pub image: Vec<u8>,
    /// To be shown even where subtitles are off.
    pub forced: bool,
}

impl From<&Cue> for TextCue {
    fn from(cue: &Cue) -> Self {
        let line = |spans: &Vec<_>| {
            spans
                .iter()
                .map(|span: &footlight_native::Span| span.text.as_str())
                .collect()
        };
        Self {
            start: seconds(cue.start),
            end: seconds(cue.end),
            lines: cue.lines.iter().map(line).collect(),
            image: cue.image.as_ref().map(|image| image.data.clone()).unwrap_or_default(),
            forced: cue.forced,
        }
    }
}

/// What a player tells.
#[derive(Clone, PartialEq, Debug, uniffi::Enum)]
#[non_exhaustive]
pub enum PlayerEvent {
    /// Duration and tracks are known.
    Loaded,
    /// The state changed.
    StateChanged {
        /// To this.
        state: PlayerState,
    },
    /// The presentation has become this long.
    DurationChanged {
        /// In seconds.
        duration: f64,
    },
    /// Tracks, renditions or what is selected changed: take a snapshot.
    TracksChanged,
    /// What there is to seek in changed.
    TimelineChanged {
        /// Now.
        timeline: PlayerTimeline,
    },
    /// Another rendition is at the playhead.
    RenditionChanged {
        /// Of which track.
        kind: MediaKind,
        /// Its id.
        id: u32,
        /// In pixels, 0 for sound.
        width: u32,
        /// In pixels, 0 for sound.
        height: u32,
        /// Bits per second.
        bandwidth: u64,
        /// Code of the decision that chose it.
        reason: String,
    },
    /// Another presentation follows.
    PresentationChanged {
        /// Of its manifest.
        url: String,
        /// Why: `fallback` or `chaining`.
        reason: String,
    },
    /// The clock stopped for want of data.
    StallStarted,
    /// The clock moves again.
    StallEnded,
    /// Playback goes on; this was noticed.
    Warning {
        /// What.
        fault: PlaybackFault,
    },
    /// Playback stopped.
    Failed {
        /// Why.
        fault: PlaybackFault,
    },
    /// The end was reached.
    Ended,
    /// An event of the manifest or of a segment begins or ends at the playhead.
    TimedEvent {
        /// What kind of event: a URN.
        scheme: String,
        /// Of the scheme.
        value: String,
        /// From when, in seconds.
        start: f64,
        /// Until when, where that is known.
        end: Option<f64>,
        /// Its payload.
        data: Vec<u8>,
        /// It begins; else it ends.
        begins: bool,
    },
    /// These cues are on screen now, all of them.
    Cues {
        /// None clears.
        cues: Vec<TextCue>,
    },
    /// No more of the session is written down.
    RecordingStopped {
        /// Why.
        reason: String,
    },
}

impl PlayerEvent {
    /// None for what other languages do not need: decisions are in the snapshot.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Decision(_) => return None,
            Event::Loaded => Self::Loaded,
            Event::StateChanged(state) => Self::StateChanged { state: (*state).into() },
            Event::DurationChanged(duration) => Self::DurationChanged {
                duration: seconds(*duration),
            },
            Event::TracksChanged(_) => Self::TracksChanged,
            Event::TimelineChanged(timeline) => Self::TimelineChanged {
                timeline: timeline.into(),
            },
            Event::RenditionChanged {
                kind,
                id,
                width,
                height,
                bandwidth,
                reason,
            } => Self::RenditionChanged {
                kind: (*kind).into(),
                id: *id,
                width: *width,
                height: *height,
                bandwidth: *bandwidth,
                reason: (*reason).to_owned(),
            },
            Event::PresentationChanged { url, reason } => Self::PresentationChanged {
                url: url.clone(),
                reason: reason.name().to_owned(),
            },
            Event::StallStarted => Self::StallStarted,
            Event::StallEnded => Self::StallEnded,
            Event::Warning(error) => Self::Warning { fault: error.into() },
            Event::Error(error) => Self::Failed { fault: error.into() },
            Event::Ended => Self::Ended,
            Event::TimedEventStarted(told) | Event::TimedEventEnded(told) => Self::TimedEvent {
                scheme: told.scheme.clone(),
                value: told.value.clone(),
                start: seconds(told.start),
                end: told.end().map(seconds),
                data: told.data.clone(),
                begins: matches!(event, Event::TimedEventStarted(_)),
            },
        })
    }
}

/// A rendition to choose.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct VideoRendition {
    /// For `select_rendition`.
    pub id: u32,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Bits per second.
    pub bandwidth: u64,
}

impl From<&Rendition> for VideoRendition {
    fn from(rendition: &Rendition) -> Self {
        Self {
            id: rendition.id,
            width: rendition.width,
            height: rendition.height,
            bandwidth: rendition.bandwidth,
        }
    }
}

/// A sound or text track to choose.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct LanguageTrack {
    /// For `select_audio` and `select_text`.
    pub id: u32,
    /// BCP 47, empty when unknown.
    pub language: String,
    /// What the manifest calls it; may be empty.
    pub label: String,
    /// It is selected.
    pub selected: bool,
}

impl From<&AudioTrack> for LanguageTrack {
    fn from(track: &AudioTrack) -> Self {
        Self {
            id: track.id,
            language: track.language.clone(),
            label: track.label.clone(),
            selected: track.selected,
        }
    }
}

impl From<&TextTrack> for LanguageTrack {
    fn from(track: &TextTrack) -> Self {
        Self {
            id: track.id,
            language: track.language.clone(),
            label: track.label.clone(),
            selected: track.selected,
        }
    }
}

/// What is the case now.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct PlayerSnapshot {
    /// The playhead, in seconds.
    pub position: f64,
    /// Pictures buffered ahead of it, in seconds.
    pub video_buffer: f64,
    /// Sound buffered ahead of it, in seconds.
    pub audio_buffer: f64,
    /// Bits per second; 0 before the first measurement.
    pub throughput: u64,
    /// Requests made.
    pub requests: u32,
    /// Requests failed.
    pub failed_requests: u32,
    /// Bytes received.
    pub bytes: u64,
    /// Stalls after the first frame.
    pub stalls: u32,
    /// What there is to seek in; none before the manifest is there.
    pub timeline: Option<PlayerTimeline>,
    /// Renditions of the picture.
    pub renditions: Vec<VideoRendition>,
    /// Sound.
    pub audio: Vec<LanguageTrack>,
    /// Subtitles and captions.
    pub text: Vec<LanguageTrack>,
}

impl From<Snapshot> for PlayerSnapshot {
    fn from(snapshot: Snapshot) -> Self {
        let stats = &snapshot.stats;
        let tracks = snapshot.tracks.as_ref();
        let renditions = tracks.into_iter().flat_map(|tracks| &tracks.video);
        Self {
            position: seconds(stats.position),
            video_buffer: seconds(stats.video_buffer),
            audio_buffer: seconds(stats.audio_buffer),
            throughput: stats.throughput,
            requests: stats.requests,
            failed_requests: stats.failed_requests,
            bytes: stats.bytes,
            stalls: stats.stalls,
            timeline: snapshot.timeline.as_ref().map(Into::into),
            renditions: renditions.flat_map(|track| &track.renditions).map(Into::into).collect(),
            audio: tracks
                .map(|tracks| tracks.audio.iter().map(Into::into).collect())
                .unwrap_or_default(),
            text: tracks
                .map(|tracks| tracks.text.iter().map(Into::into).collect())
                .unwrap_or_default(),
        }
    }
}
