//! What was fetched in a poor rendition is fetched again in the one in use, when there is nothing else to do and time enough
//! (as dash.js's fast switching and rx-player's smart replacement, but only from a full buffer).

use footlight_dash::Micros;

use super::caps;
use super::session::{Session, to_u32};
use super::stream::Chosen;
use crate::abr::{Choice, Reason, utility};
use crate::buffering::Entry;
use crate::delivery::{Io, Purpose};
use crate::error::PlayerError;
use crate::presentation::{Kind, RepKey};

/// What plays sooner than this is left as it is.
const LEAD: Micros = Micros(6_000_000);
/// A replacement that is not in the sink by then is dropped.
const TOO_LATE: Micros = Micros(2_000_000);
/// Only what is so much poorer is replaced, in 1/65536 of the best.
const WORTH: u32 = 65_536 / 8;
/// Segment borders differ by no more than rounding, or the neighbour would lose its key frame.
const ALIGNED: i64 = 2_000;
/// Places of replacements that are remembered.
const REMEMBERED: usize = 64;

impl Session {
    /// Fetches a poor segment again, when the buffer is full.
    pub(super) fn replace_poor(&mut self, io: &mut Io) {
        self.drop_late_replacement(io);
        let Some((entry, better)) = self.replaceable(io) else {
            return;
        };
        let cursor = self.stream(Kind::Video).map(|s| s.cursor).unwrap_or_default();
        if self.replaced.len() >= REMEMBERED {
            self.replaced.remove(0);
        }
        self.replaced.push(entry.start);
        let (position, before) = (self.position(io), self.health.reason(Kind::Video));
        let ahead = self.stream(Kind::Video).map(|s| s.ahead(position)).unwrap_or_default();
        let choice = Choice::new(better.rep as usize, Reason::Replaced);
        self.told(io, Kind::Video, better, &choice, ahead);
        self.fetch_segment(io, Kind::Video, better, entry.start);
        self.health.chose(Kind::Video, before);
        if let Some(stream) = self.stream_mut(Kind::Video) {
            stream.cursor = cursor;
            if let Some(chosen) = stream.queue.back_mut() {
                chosen.replaces = true;
            }
        }
    }

    /// A poor segment and the rendition to have it in: the last one before what is good, so that quality changes once.
    fn replaceable(&self, io: &Io) -> Option<(Entry, RepKey)> {
        let stream = self.stream(Kind::Video)?;
        let position = self.position(io);
        let is_full = stream.at_end || stream.cursor.0.saturating_sub(position.0) >= stream.goal.0;
        let is_idle = stream.queue.is_empty() && stream.operation.is_none() && stream.full_until.is_none();
        let is_calm = self.health.wants_play && self.placed && self.health.error.is_none() && stream.failed.is_none();
        // A sink that was full before would be full again.
        let has_room = stream.goal >= self.config.buffer_goal;
        let may = is_full && is_idle && is_calm && has_room && self.fixed.is_none() && self.live.is_none();
        if !may || self.environment.save_data || self.environment.low_power {
            return None;
        }
        let better = stream.rep?;
        let model = self.model.as_ref()?;
        let set = model.set(better.period, better.set as usize)?;
        let bitrate = |at: usize| set.rep(at).map_or(0, |rep| rep.bandwidth);
        let (lowest, highest) = (bitrate(0), bitrate(set.len().saturating_sub(1)));
        let worth = |rep: RepKey| utility(set.worth(rep.rep as usize), lowest, highest);
        let is_poor = |entry: &&Entry| worth(entry.rep).saturating_add(WORTH) <= worth(better);
        let ours = |entry: &&Entry| (entry.rep.period, entry.rep.set) == (better.period, better.set);
        let ahead = stream.inventory.entries().iter().rev().take_while(ours);
        let entry = *ahead.take_while(|entry| entry.start >= position).find(is_poor)?;
        let lead = Micros(entry.start.0.saturating_sub(position.0));
        if lead < LEAD || self.replaced.contains(&entry.start) {
            return None;
        }
        if better.rep >= to_u32(caps::allowed(io.now, &self.environment, &self.decoding, set).0) {
            return None;
        }
        let index = model.known_index(better)?;
        let at = index.position_at(Micros(entry.start.0.midpoint(entry.end.0)))?;
        let segment = index.segment(at)?;
        let apart = |a: Micros, b: Micros| (a.0 - b.0).abs() > ALIGNED;
        let is_same = !apart(segment.start, entry.start) && !apart(segment.end, entry.end);
        if !is_same || self.valid_instead(better, &segment) != better {
            return None;
        }
        // It comes well before it is played, and long before anything else is missing.
        let guessed =
            u128::from(bitrate(better.rep as usize)) * u128::from((entry.end.0 - entry.start.0).unsigned_abs());
        let bits = index
            .measure(at)
            .map_or(guessed / 1_000_000, |(_, bytes)| u128::from(bytes) * 8);
        let takes = bits * 1_000_000 / u128::from(self.delivery.throughput.estimate()?.max(1));
        let time = lead.0.min(stream.ahead(position).0) / 3;
        (takes <= u128::from(time.unsigned_abs())).then_some((entry, better))
    }

    /// Drops a replacement that would come too late, or that what comes next has to wait for too long.
    fn drop_late_replacement(&mut self, io: &mut Io) {
        let position = self.position(io);
        let Some(stream) = self.stream(Kind::Video) else { return };
        let Some(at) = stream.queue.iter().position(|chosen| chosen.replaces) else {
            return;
        };
        let is_thin = !stream.at_end && stream.ahead(position).0 < stream.goal.0 / 2;
        let is_late = |chosen: &Chosen| chosen.entry.start.0.saturating_sub(position.0) < TOO_LATE.0;
        if stream
            .queue
            .get(at)
            .is_some_and(|chosen| is_late(chosen) || chosen.body.is_none() && is_thin)
        {
            self.drop_replacement(io);
        }
    }

    /// The replacement that waits, or is on its way, is not to be.
    fn drop_replacement(&mut self, io: &mut Io) {
        let Some(stream) = self.streams.iter_mut().find(|s| s.kind == Kind::Video) else {
            return;
        };
        if let Some(at) = stream.queue.iter().position(|chosen| chosen.replaces)
            && let Some(chosen) = stream.queue.remove(at)
        {
            match chosen.body {
                Some(request) => io.push(super::output::Output::Release(request)),
                None => self.delivery.cancel(io, |p| p == Purpose::Media(Kind::Video)),
            }
        }
    }

    /// A segment could not be had; true when it is a replacement, which nobody misses.
    pub(super) fn replacement_failed(&mut self, io: &mut Io, kind: Kind, error: &PlayerError) -> bool {
        let stream = self.stream_mut(kind);
        let failed = stream.and_then(|s| s.queue.pop_back_if(|chosen| chosen.replaces && chosen.body.is_none()));
        if failed.is_some() {
            io.warn(error);
        }
        failed.is_some()
    }
}
