//! Segments that cannot be had: asked for again, taken from another rendition, or passed over.

use footlight_dash::{Failover, Micros, Representation, Segment};

use super::live::Missing;
use super::session::Session;
use super::stream::Chosen;
use crate::delivery::Io;
use crate::error::PlayerError;
use crate::presentation::{Kind, PlayableSet, RepKey};

/// Segments in a row that may be passed over, where the presentation is not live.
const MAX_LOST: u32 = 2;

impl Session {
    /// A resource of a track cannot be had: another rendition, once; then the track waits for its end.
    pub(super) fn stream_failed(&mut self, io: &mut Io, kind: Kind, rep: Option<RepKey>, error: PlayerError) {
        io.warn(&error);
        let fetching = self
            .stream(kind)
            .and_then(|s| s.queue.back())
            .filter(|c| c.body.is_none())
            .copied();
        if let (None, Some(chosen)) = (rep, fetching)
            && self.pass_over(io, kind, chosen, &error)
        {
            return;
        }
        let reps = |key: RepKey| {
            self.model
                .as_ref()
                .and_then(|m| m.set(key.period, key.set as usize))
                .map_or(0, PlayableSet::len)
        };
        let failed = rep.or(fetching.map(|c| c.entry.rep));
        let others = failed.map_or(0, reps);
        let Some(stream) = self.streams.iter_mut().find(|s| s.kind == kind) else {
            return;
        };
        // Without its initialization segment or index, what is queued of the representation is of no use.
        let useless = |c: &Chosen| failed == Some(c.entry.rep) && (rep.is_some() || c.body.is_none());
        if let Some(at) = stream.queue.iter().position(useless) {
            for chosen in stream.queue.split_off(at).into_iter().rev() {
                stream.cursor = chosen.entry.start;
                stream.drop_chosen(io, &mut self.delivery, chosen);
            }
        }
        match failed {
            // One other rendition is tried: when it fails too, the trouble is not the rendition's.
            Some(key) if stream.avoided.is_empty() && others > 1 && self.fixed.is_none() => {
                stream.avoided.push(key);
                stream.rep = None;
            }
            _ => stream.failed = Some(error),
        }
    }

    /// A segment could not be had: it is asked for again when it may be on its way, in another rendition when there is
    /// one, and passed over when it will not come. False: that is for others to decide.
    fn pass_over(&mut self, io: &mut Io, kind: Kind, chosen: Chosen, error: &PlayerError) -> bool {
        let (entry, is_live) = (chosen.entry, self.is_live());
        // A film waits for a network that is away; only what a server says is not there is passed over.
        if !is_live && !matches!(error.status, 404 | 410) {
            return false;
        }
        let asked = chosen.failures + 1;
        let position = self.position(io);
        let ahead = self.stream(kind).map(|s| s.ahead(position)).unwrap_or_default();
        let vain = self.stream(kind).map_or(0, |stream| stream.vain + 1);
        let missing = self.missing(io, entry.rep, entry.end, asked.max(vain), ahead);
        let others = self
            .model
            .as_ref()
            .and_then(|m| m.set(entry.rep.period, entry.rep.set as usize));
        let has_others = others.is_some_and(|set| set.len() > 1) && self.fixed.is_none();
        let Some(stream) = self.streams.iter_mut().find(|s| s.kind == kind) else {
            return false;
        };
        stream.queue.pop_back();
        stream.missed = (entry.start, asked);
        match missing {
            Missing::Again(at, newest) => {
                stream.vain = vain;
                stream.cursor = match (stream.passed.take(), newest) {
                    (Some(passed), _) if passed < entry.start => passed,
                    (_, Some(newest)) => {
                        stream.passed = Some(entry.start);
                        newest
                    }
                    _ => entry.start,
                };
                stream.not_before = Some(at);
                if !self.placed {
                    self.start_later(io);
                }
            }
            Missing::Lost if has_others && !stream.avoided.contains(&entry.rep) && stream.avoided.is_empty() => {
                stream.avoided.push(entry.rep);
                stream.rep = None;
                stream.cursor = entry.start;
            }
            Missing::Lost if is_live || stream.lost < MAX_LOST => {
                if stream.lost == 0 {
                    stream.lost_from = entry.start;
                }
                stream.lost += 1;
                stream.avoided.clear();
                stream.cursor = entry.end;
            }
            // It is not the segment's trouble: on from the first of them, when somebody says so.
            Missing::Lost => {
                stream.lost = 0;
                stream.cursor = stream.lost_from;
                stream.failed = Some(error.clone());
            }
        }
        true
    }

    /// Where FailoverContent says that no rendition of a set has a segment (ISO/IEC 23009-1, 5.3.9.7): until when;
    /// [`Micros::MAX`] when nobody knows yet.
    pub(super) fn invalid_until(&self, key: RepKey, segment: &Segment) -> Option<Micros> {
        let set = self.model.as_ref()?.set(key.period, key.set as usize)?;
        let mut end = Micros::MAX;
        for rep in set.reps() {
            // The first to be back is the one to go on with.
            end = end.min(invalid_end(rep, segment)?);
        }
        Some(end.max(segment.end))
    }

    /// The rendition nearest to a chosen one that has this segment, the smaller one first.
    pub(super) fn valid_instead(&self, chosen: RepKey, segment: &Segment) -> RepKey {
        let model = self.model.as_ref();
        let Some(set) = model.and_then(|m| m.set(chosen.period, chosen.set as usize)) else {
            return chosen;
        };
        let mut best = None;
        for (rep, at) in set.reps().zip(0u32..) {
            let distance = at.abs_diff(chosen.rep);
            if invalid_end(rep, segment).is_none() && best.is_none_or(|(nearest, _)| distance < nearest) {
                best = Some((distance, at));
            }
        }
        best.map_or(chosen, |(_, rep)| RepKey { rep, ..chosen })
    }

    /// Goes on after a stretch in which there is nothing, within the period that ends at `end`.
    pub(super) fn pass(&mut self, kind: Kind, to: Micros, end: Option<Micros>) {
        if end.is_none_or(|end| to < end) && to < Micros::MAX {
            if let Some(stream) = self.stream_mut(kind) {
                stream.cursor = to;
            }
        } else {
            self.enter(kind, end);
        }
    }
}

/// The end of the section of failover content without segments that most of a segment is in.
fn invalid_end(rep: &Representation, segment: &Segment) -> Option<Micros> {
    let middle = Micros(segment.start.0.midpoint(segment.end.0));
    let (mut section, mut next): (Option<&Failover>, _) = (None, Micros::MAX);
    for other in &rep.failover {
        if other.start > middle {
            next = next.min(other.start);
        } else if section.is_none_or(|section| section.start <= other.start) {
            section = Some(other);
        }
    }
    let section = section.filter(|section| !section.valid)?;
    let end = section.duration.map_or(next, |length| section.start + length);
    (middle < end).then_some(end)
}
