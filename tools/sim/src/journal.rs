//! What happened in a session. Times are microseconds since the load.

use footlight_core::abr::Decision;
use footlight_core::{Micros, RequestId};

use crate::film::Media;
use crate::sink::Sink;
use crate::viewer::Action;

/// A request for media.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Request {
    /// Its name.
    pub id: RequestId,
    /// For what.
    pub media: Media,
    /// When it was made.
    pub start: u64,
    /// When it ended; none while it is under way.
    pub end: Option<u64>,
    /// It was dropped or failed, with so many bits arrived.
    pub dropped: Option<f64>,
}

impl Request {
    /// The body is complete.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.end.is_some() && self.dropped.is_none()
    }
}

/// What was seen at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// When.
    pub time: u64,
    /// The playhead.
    pub position: Micros,
    /// Media ahead of it in all tracks.
    pub ahead: i64,
    /// The video rendition at it.
    pub rendition: Option<usize>,
}

/// All that a report needs.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// Requests for media, in order.
    pub requests: Vec<Request>,
    /// Segments of the video that are complete, those that came twice counted twice.
    pub completed: usize,
    /// The engine's decisions.
    pub decisions: Vec<Decision>,
    /// Where the engine moved the playhead to.
    pub seeks: Vec<(u64, Micros)>,
    /// What the viewer did.
    pub actions: Vec<(u64, Action)>,
    /// How it went.
    pub samples: Vec<Sample>,
    /// From when to when the clock stood still for want of media, after the first picture.
    pub stalls: Vec<(u64, u64)>,
    /// When the first picture was shown.
    pub started_at: Option<u64>,
    /// What stopped playback, by code.
    pub errors: Vec<(u64, &'static str)>,
    /// What was noticed, by code.
    pub warnings: Vec<(u64, &'static str)>,
    /// Appends that the sink had no room for.
    pub refused: u32,
    /// Inputs given to the engine.
    pub inputs: u64,
}

impl Journal {
    pub(crate) fn begin(&mut self, id: RequestId, media: Media, now: u64) {
        self.requests.push(Request {
            id,
            media,
            start: now,
            end: None,
            dropped: None,
        });
    }

    pub(crate) fn end(&mut self, id: RequestId, now: u64, dropped: Option<f64>) {
        let running = |request: &&mut Request| request.id == id && request.end.is_none();
        if let Some(request) = self.requests.iter_mut().rev().find(running) {
            (request.end, request.dropped) = (Some(now), dropped);
            let is_video = request.media.kind == footlight_core::Kind::Video;
            self.completed += usize::from(is_video && dropped.is_none());
        }
    }

    pub(crate) fn sample(&mut self, now: u64, sink: &Sink) {
        self.samples.push(Sample {
            time: now,
            position: sink.position(),
            ahead: sink.ahead(),
            rendition: sink.rendition(),
        });
    }
}
