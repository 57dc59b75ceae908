//! Text of segments to cues, and cues by number.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use footlight_core::{CueId, Micros, RequestId};
use footlight_text::{Cue, Decoder, Format, Window};

/// A segment to read.
pub(crate) struct Job {
    /// The track, and what its format is called.
    pub(crate) track: u32,
    pub(crate) format: String,
    pub(crate) data: Bytes,
    pub(crate) init: Option<(RequestId, Bytes)>,
    pub(crate) forced_only: bool,
    pub(crate) offset: Micros,
    pub(crate) window: Window,
}

/// Reads one track at a time, in the order of its segments.
#[derive(Default)]
pub(crate) struct TextReader {
    decoder: Option<Decoder>,
    track: (u32, String),
    init: Option<RequestId>,
    cues: BTreeMap<u32, Arc<Cue>>,
    next: u32,
}

impl TextReader {
    /// The number of the first new cue, and when the new ones show.
    pub(crate) fn read(&mut self, job: Job) -> Result<(u32, Vec<(Micros, Micros)>), String> {
        let words = |error: footlight_text::Error| format!("{}: {error}", error.code());
        let track = (job.track, job.format);
        if self.decoder.is_none() || self.track != track {
            let format = Format::parse(&track.1).ok_or("text.format: no such format")?;
            (self.decoder, self.track, self.init) = (Some(Decoder::new(format)), track, None);
        }
        let decoder = self.decoder.as_mut().ok_or("text.format: no decoder")?;
        if let Some((request, data)) = job.init
            && self.init != Some(request)
        {
            decoder.init(&data).map_err(words)?;
            self.init = Some(request);
        }
        let cues = decoder.decode(&job.data, job.offset, job.window).map_err(words)?;
        let first = self.next;
        let mut spans = Vec::new();
        for cue in cues {
            // Segments repeat the cues that span their border.
            let is_known = |known: &Arc<Cue>| **known == cue;
            if job.forced_only && !cue.forced || self.cues.values().any(is_known) {
                continue;
            }
            spans.push((cue.start, cue.end));
            self.cues.insert(self.next, Arc::new(cue));
            self.next = self.next.wrapping_add(1);
        }
        Ok((first, spans))
    }

    pub(crate) fn cues(&self, ids: &[CueId]) -> Vec<Arc<Cue>> {
        ids.iter().filter_map(|id| self.cues.get(&id.0).cloned()).collect()
    }

    pub(crate) fn forget(&mut self, ids: &[CueId]) {
        for id in ids {
            self.cues.remove(&id.0);
        }
    }
}
