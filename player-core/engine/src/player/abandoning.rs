//! Giving up a segment that will come too late: looked at when bytes come, and when none come for a while.

use footlight_dash::Micros;

use super::choosing::Offer;
use super::session::{Session, to_u32};
use super::stream::Chosen;
use crate::abr::{Choice, Context, Reason, Rule, Running, Transfer, Upcoming};
use crate::delivery::{Io, Progress, Purpose};
use crate::presentation::{Kind, RepKey};
use crate::time::Instant;

/// A request is first doubted when nothing has come for so long; then after twice as long, and so on. A link that is away
/// is asked for something else only a few times this way, and each time for less.
const SILENCE: Micros = Micros(1_000_000);

impl Session {
    /// When nothing will have come for so long that the video segment under way is to be doubted.
    pub(super) fn silence_timer(&self) -> Option<Instant> {
        let (chosen, progress) = self.running()?;
        let is_waited_for = self.health.wants_play || !self.placed;
        // Chunks that are still being made are waited for by everybody.
        if chosen.progressive || chosen.entry.rep.rep == 0 || !is_waited_for {
            return None;
        }
        let doubted = self.doubted.since(progress.heard);
        let mut silence = SILENCE;
        while silence <= doubted {
            silence = Micros(silence.0.saturating_mul(2));
        }
        Some(progress.heard.plus(silence))
    }

    /// Doubts the video segment under way when nothing has come for a while.
    pub(super) fn watch_silence(&mut self, io: &mut Io) {
        if self.silence_timer().is_some_and(|at| at <= io.now) {
            self.doubted = io.now;
            self.abandon_late(io);
        }
    }

    /// The video segment under way, where it may be given up.
    fn running(&self) -> Option<(Chosen, Progress)> {
        let progress = self.delivery.progress(Purpose::Media(Kind::Video))?;
        let stream = self.stream(Kind::Video).filter(|_| self.fixed.is_none())?;
        let chosen = stream.queue.back().filter(|c| c.body.is_none() && !c.replaces)?;
        Some((*chosen, progress))
    }

    /// Gives up a video segment that will come too late, when a smaller one would come sooner.
    pub(super) fn abandon_late(&mut self, io: &mut Io) {
        let Some((Chosen { entry, .. }, progress)) = self.running() else {
            return;
        };
        // Before there is a head only a silence speaks against it.
        let is_silent = self.doubted == io.now && progress.head.is_none();
        if progress.length.is_none() && !is_silent {
            return;
        }
        let position = self.position(io);
        let Some(stream) = self.stream(Kind::Video) else { return };
        let ahead = Micros(self.queued_ahead(stream, position).0 - (entry.end.0 - entry.start.0));
        let Some(mut rule) = self.rule.take() else { return };
        let smaller = self.reconsider(io, &mut *rule, entry, ahead, &progress);
        if let (Some(_), Some(head)) = (smaller, progress.head) {
            rule.observe(&Transfer {
                rendition: entry.rep.rep as usize,
                bytes: progress.received,
                asked: progress.started,
                head,
                end: io.now,
                abandoned: true,
                buffer: ahead,
            });
        }
        self.rule = Some(rule);
        let Some(key) = smaller else { return };
        let rate = self.delivery.throughput.in_flight();
        self.delivery.cancel(io, |p| p == Purpose::Media(Kind::Video));
        if let Some(rate) = rate {
            self.delivery.throughput.collapse(rate);
        }
        if let Some(stream) = self.stream_mut(Kind::Video) {
            stream.queue.pop_back();
            stream.cursor = entry.start;
        }
        let choice = Choice::new(key.rep as usize, Reason::Abandoned);
        self.told(io, Kind::Video, key, &choice, ahead);
        self.fetch_segment(io, Kind::Video, key, entry.start);
    }

    /// Asks the rule about the segment under way.
    fn reconsider(
        &self,
        io: &Io,
        rule: &mut dyn Rule,
        entry: crate::buffering::Entry,
        buffer: Micros,
        progress: &Progress,
    ) -> Option<RepKey> {
        let rep = entry.rep;
        let (set, times) = (rep.set as usize, (entry.start, entry.end));
        let offer: Offer<'_> = self.offer(io.now, Kind::Video, rep.period, set, Some(times))?;
        let at = offer.allowed.iter().position(|&at| to_u32(at) == rep.rep)?;
        // Whatever is asked for, nothing comes while the link is away, which is likely to last as long again as it has:
        // what counts is what will be left of the buffer then.
        let silence = io.now.since(progress.heard);
        let context = Context {
            buffer: Micros((buffer.0 - silence.0).max(0)),
            ..self.context(io, Kind::Video, (rep.period, set), &offer)?
        };
        let running = Running {
            rendition: at,
            bytes: progress.length.or_else(|| offer.bytes(0, at))?,
            received: progress.received,
            asked: progress.started,
            head: progress.head,
        };
        let smaller = rule.reconsider(&context, &running).filter(|&to| to < at)?;
        let rep = offer.allowed.get(smaller).map(|&at| to_u32(at))?;
        Some(RepKey { rep, ..entry.rep })
    }
}
