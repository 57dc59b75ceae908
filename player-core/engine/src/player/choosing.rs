//! Which rendition a segment is asked for in: what is allowed, what is known, and what the rule says to it.

use footlight_dash::{Micros, Segment, SegmentIndex};

use super::caps;
use super::output::{Event, Output};
use super::session::{Session, to_u32};
use super::stream::Stream;
use crate::abr::{Choice, Context, Decision, Reason, Rendition, Rule, Transfer, Upcoming, utility};
use crate::delivery::{Answered, Io};
use crate::presentation::{Kind, PlayableSet, RepKey};
use crate::time::Instant;

/// Assumed length of a segment before one is known.
const USUAL_SEGMENT: Micros = Micros(4_000_000);
/// Chunks of a segment that is being made come about this often: what a short buffer is measured by.
const CHUNK: Micros = Micros(500_000);

/// What of a set may be chosen, and what is known of its segments.
pub(super) struct Offer<'a> {
    /// Places in the set, ascending.
    pub(super) allowed: Vec<usize>,
    renditions: Vec<Rendition>,
    /// For each, the segment index and where the next segment is in it.
    indexes: Vec<Option<(&'a SegmentIndex, u64)>>,
    /// Length of the next segment, where no index tells.
    length: Micros,
    /// In how many parts it comes.
    parts: u32,
    /// Segments left, where known.
    left: Option<u64>,
    /// How large segments were so far, in thousandths of what their bitrates say.
    size_ratio: u64,
    /// Something failed to load.
    avoided: bool,
    /// Why larger renditions are left out.
    cap: Option<Reason>,
}

impl Upcoming for Offer<'_> {
    fn bytes(&self, ahead: usize, rendition: usize) -> Option<u64> {
        let length = self.length(ahead)?;
        let measure = |at: usize| {
            let (index, next) = (*self.indexes.get(at)?)?;
            index.measure(next.saturating_add(ahead as u64))
        };
        if let Some((_, bytes)) = measure(rendition) {
            return Some(bytes);
        }
        let bitrate = |at: usize| self.renditions.get(at).map_or(1, |r| r.bitrate.max(1));
        // A scene that is large in one rendition is in the others too.
        let like = (0..self.indexes.len()).find_map(|at| Some((measure(at)?.1, bitrate(at))));
        let whole = like.map_or_else(
            || {
                u128::from(bitrate(rendition)) * u128::from(length.0.max(0).unsigned_abs()) / 8_000_000
                    * u128::from(self.size_ratio)
                    / 1000
            },
            |(bytes, of)| u128::from(bytes) * u128::from(bitrate(rendition)) / u128::from(of),
        );
        u64::try_from(whole).ok()
    }

    fn length(&self, ahead: usize) -> Option<Micros> {
        if self.left.is_some_and(|left| left <= ahead as u64) {
            return None;
        }
        let known = self.indexes.iter().flatten();
        let measured = known.filter_map(|(index, next)| index.measure(next.saturating_add(ahead as u64)));
        Some(measured.map(|(length, _)| length).next().unwrap_or(self.length))
    }
}

impl Session {
    /// What a fresh choice would take, so that its index is the one fetched first.
    pub(super) fn start_rep(&self, io: &Io, kind: Kind, period: u32, set: u32) -> u32 {
        let rule = &mut *self.config.algorithm.rule();
        let offer = self.offer(io.now, kind, period, set as usize, None);
        offer
            .and_then(|offer| self.choose(io, rule, kind, (period, set as usize), &offer, Micros(0)))
            .map_or(0, |(rep, _)| rep)
    }

    /// Decides on a rendition for a segment and tells why; later, when the rule would rather wait.
    pub(super) fn decide(
        &mut self,
        io: &mut Io,
        kind: Kind,
        period: u32,
        set: usize,
        segment: &Segment,
    ) -> Result<RepKey, Instant> {
        let position = self.position(io);
        let buffer = self
            .stream(kind)
            .map(|s| self.queued_ahead(s, position))
            .unwrap_or_default();
        if let Some(model) = &mut self.model {
            // What the indexes of the others tell without being loaded is good to know.
            for rep in 0..model.set(period, set).map_or(0, PlayableSet::len) {
                model.index(RepKey {
                    period,
                    set: to_u32(set),
                    rep: to_u32(rep),
                });
            }
        }
        let mut chosen = None;
        if let Some(mut rule) = self.rule.take() {
            let offer = self.offer(io.now, kind, period, set, Some((segment.start, segment.end)));
            chosen = offer.and_then(|offer| self.choose(io, &mut *rule, kind, (period, set), &offer, buffer));
            self.rule = Some(rule);
        }
        let (rep, mut choice) = chosen.unwrap_or((0, Choice::new(0, Reason::Only)));
        if choice.wait > Micros(0) {
            return Err(io.now.plus(choice.wait));
        }
        let wanted = RepKey {
            period,
            set: to_u32(set),
            rep,
        };
        let key = self.valid_instead(wanted, segment);
        if key != wanted {
            (choice.reason, choice.plan) = (Reason::Avoided, None);
        }
        self.told(io, kind, key, &choice, buffer);
        Ok(key)
    }

    /// Files a decision and tells the host.
    pub(super) fn told(&mut self, io: &mut Io, kind: Kind, key: RepKey, choice: &Choice, buffer: Micros) {
        let bandwidth = self.model.as_ref().and_then(|m| m.rep(key)).map_or(0, |r| r.bandwidth);
        let throughput = self.delivery.throughput.estimate().unwrap_or(0);
        let decision = Decision {
            time: io.now,
            kind,
            id: key.rep,
            bandwidth,
            reason: choice.reason,
            throughput,
            buffer,
            forecast: choice.forecast,
            plan: choice.plan.map(|plan| plan.map(u32::from)),
        };
        if let Some(stream) = self.stream_mut(kind) {
            stream.rep = Some(key);
        }
        if kind == Kind::Video {
            self.decision = Some(decision);
        }
        self.health.chose(kind, choice.reason);
        io.push(Output::Event(Event::Decision(decision)));
    }

    /// Media ahead of the playhead, what is queued for the sink included.
    pub(super) fn queued_ahead(&self, stream: &Stream, position: Micros) -> Micros {
        let queued = stream.queue.iter().filter(|c| !c.replaces);
        let queued: i64 = queued.map(|c| c.entry.end.0 - c.entry.start.0).sum();
        Micros(stream.ahead(position).0.saturating_add(queued))
    }

    /// What of a set may be chosen now for a segment, which starts there and ends there.
    pub(super) fn offer(
        &self,
        now: Instant,
        kind: Kind,
        period: u32,
        set: usize,
        segment: Option<(Micros, Micros)>,
    ) -> Option<Offer<'_>> {
        let model = self.model.as_ref()?;
        let reps = model.set(period, set)?;
        let stream = self.stream(kind)?;
        let key = |rep: usize| RepKey {
            period,
            set: to_u32(set),
            rep: to_u32(rep),
        };
        let is_avoided = |at: &usize| stream.avoided.contains(&key(*at));
        let (capped, cap) = match kind {
            Kind::Video => caps::allowed(now, &self.environment, &self.decoding, reps),
            Kind::Audio => (reps.len(), None),
        };
        let mut allowed: Vec<usize> = (0..capped).filter(|at| !is_avoided(at)).collect();
        if allowed.is_empty() {
            allowed = (0..reps.len()).collect();
        }
        let bitrate = |at: &usize| reps.rep(*at).map_or(0, |r| r.bandwidth);
        let lowest = allowed.first().map_or(0, bitrate);
        let highest = allowed.iter().map(|at| reps.worth(*at)).max().unwrap_or(0);
        let rendition = |at: &usize| Rendition {
            bitrate: bitrate(at),
            utility: utility(reps.worth(*at).max(lowest), lowest, highest),
        };
        let index = |at: &usize| {
            let index = model.known_index(key(*at))?;
            Some((index, index.position_at(segment?.0)?))
        };
        let indexes: Vec<_> = allowed.iter().map(index).collect();
        let mut known = indexes.iter().flatten().filter(|_| !self.is_live());
        let left = known.find_map(|(index, next)| Some(index.len()?.saturating_sub(*next)));
        let length = segment.map_or(USUAL_SEGMENT, |(start, end)| Micros(end.0 - start.0));
        Some(Offer {
            renditions: allowed.iter().map(rendition).collect(),
            indexes,
            parts: if self.is_chunked(key(0)) {
                u32::try_from(length.0 / CHUNK.0).unwrap_or(1).max(1)
            } else {
                1
            },
            length,
            left,
            size_ratio: stream.size_ratio,
            avoided: (0..reps.len()).any(|at| is_avoided(&at)),
            cap,
            allowed,
        })
    }

    /// What a rule is told about an offer.
    pub(super) fn context<'a>(
        &'a self,
        io: &Io,
        kind: Kind,
        (period, set): (u32, usize),
        offer: &'a Offer<'_>,
    ) -> Option<Context<'a>> {
        let stream = self.stream(kind)?;
        let current = stream.rep.filter(|r| r.period == period && r.set as usize == set);
        Some(Context {
            now: io.now,
            renditions: &offer.renditions,
            current: current.and_then(|r| offer.allowed.iter().position(|&at| to_u32(at) == r.rep)),
            buffer: Micros(0),
            buffer_goal: self.reachable_goal(Micros(stream.goal.0.saturating_add(offer.length.0))),
            segment: offer.length,
            parts: offer.parts,
            upcoming: offer,
            left: offer.left,
            network: &self.delivery.throughput,
            // Video has what audio leaves.
            reserved: if kind == Kind::Video { self.sound(period) } else { 0 },
            assumed: self.config.initial_bandwidth,
            playing: self.placed,
            latency: self.latency(io.now),
            rate: self.rate,
        })
    }

    /// Bits per second of the sound that is fetched beside the picture.
    fn sound(&self, period: u32) -> u64 {
        let Some(stream) = self.stream(Kind::Audio).filter(|s| !s.at_end && s.failed.is_none()) else {
            return 0;
        };
        // What was not chosen yet starts small.
        let first = || {
            let set = self.set_at(Kind::Audio, period)?;
            self.model.as_ref()?.set(period, set)?.rep(0)
        };
        let chosen = stream.rep.and_then(|rep| self.model.as_ref()?.rep(rep));
        chosen.or_else(first).map_or(0, |rep| rep.bandwidth)
    }

    /// The rendition for the next segment of a track: its place in the set.
    fn choose(
        &self,
        io: &Io,
        rule: &mut dyn Rule,
        kind: Kind,
        place: (u32, usize),
        offer: &Offer<'_>,
        buffer: Micros,
    ) -> Option<(u32, Choice)> {
        if kind == Kind::Video
            && let Some(fixed) = self.fixed_in(place.0)
        {
            return Some((to_u32(fixed), Choice::new(fixed, Reason::Manual)));
        }
        let context = Context {
            buffer,
            ..self.context(io, kind, place, offer)?
        };
        let mut choice = match kind {
            _ if offer.renditions.len() == 1 => Choice::new(0, Reason::Only),
            Kind::Video => rule.choose(&context),
            Kind::Audio => choose_audio(&context),
        };
        let rep = offer.allowed.get(choice.index).copied()?;
        let place = |at: u8| offer.allowed.get(usize::from(at)).copied().unwrap_or(rep);
        choice.plan = choice
            .plan
            .map(|plan| plan.map(|at| u8::try_from(place(at)).unwrap_or(u8::MAX)));
        choice.reason = match choice.reason {
            _ if offer.avoided => Reason::Avoided,
            Reason::Startup | Reason::BufferLow => choice.reason,
            other => offer
                .cap
                .filter(|_| choice.index + 1 == offer.allowed.len())
                .unwrap_or(other),
        };
        Some((to_u32(rep), choice))
    }

    /// The buffer that can be had: live there is no more than what lies between the playhead and the edge.
    fn reachable_goal(&self, goal: Micros) -> Micros {
        self.live.as_ref().map_or(goal, |live| goal.min(live.target.latency))
    }

    /// Learns from a segment that arrived.
    pub(super) fn learn(&mut self, io: &Io, kind: Kind, rep: RepKey, length: Micros, sent: Answered) {
        let position = self.position(io);
        let declared = self.model.as_ref().and_then(|m| m.rep(rep)).map_or(0, |r| r.bandwidth);
        let expected = u128::from(declared) * u128::from(length.0.max(0).unsigned_abs()) / 8_000_000;
        let ratio = u64::try_from(u128::from(sent.bytes) * 1000 / expected.max(1)).unwrap_or(1000);
        let buffer = self
            .stream(kind)
            .map(|s| self.queued_ahead(s, position))
            .unwrap_or_default();
        if let Some(stream) = self.stream_mut(kind) {
            stream.size_ratio = (stream.size_ratio * 7 + ratio.clamp(50, 4000)) / 8;
        }
        if kind == Kind::Video
            && let Some(rule) = &mut self.rule
        {
            rule.observe(&Transfer {
                rendition: rep.rep as usize,
                bytes: sent.bytes,
                asked: sent.asked,
                head: sent.head,
                end: io.now,
                abandoned: false,
                buffer: Micros(buffer.0.saturating_sub(length.0)),
            });
        }
    }
}

/// Sound is small and its changes are heard: the best that takes a tenth of the network, left when it takes a seventh.
fn choose_audio(context: &Context<'_>) -> Choice {
    let (throughput, reason) = context
        .throughput()
        .map_or((context.assumed, Reason::Startup), |t| (t, Reason::Throughput));
    let kept = context.current.filter(|&at| at <= context.within(throughput / 7));
    let best = context.within(throughput / 10);
    Choice::new(kept.map_or(best, |kept| kept.max(best)), reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abr::Throughput;

    struct Unknown;

    impl Upcoming for Unknown {
        fn bytes(&self, _: usize, _: usize) -> Option<u64> {
            None
        }
        fn length(&self, _: usize) -> Option<Micros> {
            None
        }
    }

    /// What is chosen of sound in 64, 128 and 256 kbit/s after a second at this rate.
    fn sound(rate: u64, current: Option<usize>) -> usize {
        let mut network = Throughput::default();
        network.transfer_started(Instant::from_millis(0));
        network.received(Instant::from_millis(1000), rate / 8);
        network.transfer_ended(Instant::from_millis(1000));
        let renditions = [64_000, 128_000, 256_000].map(|bitrate| Rendition {
            bitrate,
            utility: utility(bitrate, 64_000, 256_000),
        });
        let context = Context {
            now: Instant::from_millis(1000),
            renditions: &renditions,
            current,
            buffer: Micros(0),
            buffer_goal: USUAL_SEGMENT,
            segment: USUAL_SEGMENT,
            parts: 1,
            upcoming: &Unknown,
            left: None,
            network: &network,
            reserved: 0,
            assumed: 0,
            playing: true,
            latency: None,
            rate: 1000,
        };
        choose_audio(&context).index
    }

    #[test]
    fn sound_takes_its_share_and_does_not_change_for_a_little() {
        assert_eq!(
            [100_000, 1_200_000, 1_300_000, 9_000_000].map(|rate| sound(rate, None)),
            [0, 0, 1, 2]
        );
        assert_eq!(
            [800_000, 1_000_000, 2_000_000, 2_600_000].map(|rate| sound(rate, Some(1))),
            [0, 1, 1, 2]
        );
    }
}
