//! A media pipeline that broke is replaced by another one, where it broke or a little after.

use footlight_dash::Micros;

use super::output::Output;
use super::playhead::Playhead;
use super::session::{Session, Stage};
use super::stream::Operation;
use crate::delivery::Io;
use crate::error::PlayerError;
use crate::presentation::{Kind, RepKey};
use crate::time::Instant;

/// A pipeline that breaks so often within a minute is not tried again.
const MAX_RESCUES: u32 = 3;
const MINUTE: Micros = Micros(60_000_000);
/// Breaking again this close to where it broke before, it is the media: they are passed over.
const SAME_PLACE: Micros = Micros(3_000_000);

/// What was done about broken pipelines.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rescues {
    count: u32,
    since: Instant,
    place: Micros,
}

impl Session {
    /// The media pipeline broke: another one, with another rendition of what it was fed with last. The error stops
    /// playback when that has been tried enough.
    pub(super) fn rescue(&mut self, io: &mut Io, error: PlayerError) {
        if !matches!(self.stage, Stage::Opening | Stage::Streaming) {
            return self.fail(io, error);
        }
        let position = self.position(io);
        if self.rescues.count == 0 || io.now.since(self.rescues.since) > MINUTE {
            self.rescues = Rescues {
                count: 0,
                since: io.now,
                place: Micros::MIN,
            };
        }
        if self.rescues.count >= MAX_RESCUES {
            return self.fail(io, error);
        }
        io.warn(&error);
        let again = (position - self.rescues.place).0.abs() < SAME_PLACE.0;
        self.rescues.count += 1;
        self.rescues.place = position;
        let suspect = self.suspect(position);
        self.release_media(io);
        io.push(Output::CloseSink);
        self.start = Some(if again { position + SAME_PLACE } else { position });
        self.placed = false;
        self.ended = false;
        self.playhead = Playhead::default();
        self.health.restart();
        self.open_sink(io);
        if let Some(rep) = suspect
            && let Some(set) = self.model.as_ref().and_then(|m| m.set(rep.period, rep.set as usize))
            && set.len() > 1
            && let Some(stream) = self.stream_mut(Kind::Video)
        {
            stream.avoided.push(rep);
        }
    }

    /// The picture's rendition that the pipeline was fed with, or was playing.
    fn suspect(&self, position: Micros) -> Option<RepKey> {
        let stream = self.stream(Kind::Video)?;
        match stream.operation {
            Some(Operation::Media(chosen)) => Some(chosen.entry.rep),
            Some(Operation::Init(rep)) => Some(rep),
            _ => stream.playing(position).map(|(rep, _)| rep),
        }
    }
}
