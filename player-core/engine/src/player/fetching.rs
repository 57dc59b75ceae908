//! What comes next: which segment, of which rendition, and whether there is room for it.

use footlight_dash::{Micros, Segment};

use super::live::Missing;
use super::output::{Event, Output};
use super::session::{Session, to_u32};
use super::stream::{BORDER, Chosen, Stream};
use crate::abr::{Choice, Context, Decision, Reason, Rule};
use crate::buffering::Entry;
use crate::delivery::{Io, Manner, Purpose};
use crate::error::{Action, PlayerError, Severity};
use crate::presentation::{Kind, PlayableSet, RepKey};
use crate::time::Instant;

/// Segments that may be waiting for the sink while the next one is fetched.
const READY_AHEAD: usize = 2;
/// Most periods without this track (or empty ones) passed over in one look.
const MAX_SKIPPED_PERIODS: usize = 1_000;
/// Assumed length of a segment before one is known.
const USUAL_SEGMENT: Micros = Micros(4_000_000);
/// With less than this ahead, the playhead is about to stop.
const STARVED: Micros = Micros(1_000_000);
/// How long a place that does not answer is waited for, while there is another one.
const LEAST_PATIENCE: Micros = Micros(1_500_000);
const MOST_PATIENCE: Micros = Micros(6_000_000);
/// Chunks of a segment that is being made come about this often: what a short buffer is measured by.
const CHUNK: Micros = Micros(500_000);
/// Segments in a row that may be passed over, where the presentation is not live.
const MAX_LOST: u32 = 2;
/// A transfer must run this long before it is judged.
const ABANDON_AFTER: Micros = Micros(500_000);

impl Session {
    /// Chooses and fetches the next segment of a track, when there is room and nothing is in the way.
    pub(super) fn fetch_next(&mut self, io: &mut Io, kind: Kind) {
        for _ in 0..MAX_SKIPPED_PERIODS {
            let position = self.position(io);
            let Some(stream) = self.stream_mut(kind) else { return };
            if stream.failed.is_some() || stream.at_end || stream.fetching() || stream.queue.len() >= READY_AHEAD {
                return;
            }
            if stream.not_before.is_some_and(|at| at > io.now) {
                return;
            }
            stream.not_before = None;
            stream.skip_present();
            let (cursor, goal) = (stream.cursor, stream.goal);
            // Segments that turned out to hold nothing do not fill the buffer, whatever their times say.
            let starved = stream.queue.is_empty() && stream.operation.is_none() && stream.ahead(position) < STARVED;
            // Nor does the playhead move over a hole of another track before there is something behind it here.
            let held = |s: &Stream| s.ahead(position) < STARVED && !s.expects(position.saturating_add(STARVED));
            let starved = starved || self.streams.iter().any(held);
            let Some((period, end)) = self.period_for(kind, cursor) else {
                return;
            };
            if cursor.0.saturating_sub(position.0) >= goal.0 && !starved {
                return;
            }
            let Some(set) = self.set_at(kind, period) else {
                if self.is_growing(io, period, cursor) {
                    return self.need_manifest(io, cursor, Micros(0));
                }
                self.enter(kind, end);
                continue;
            };
            let key = self.wanted_rep(kind, period, set);
            match self.next_segment(io, kind, key, cursor) {
                Next::Wait => return,
                Next::PeriodEnd if self.is_growing(io, period, cursor) => {
                    let ahead = self.stream(kind).map(|s| s.ahead(position)).unwrap_or_default();
                    return self.need_manifest(io, cursor, ahead);
                }
                Next::PeriodEnd => self.enter(kind, end),
                Next::Later(at) => {
                    if let Some(stream) = self.stream_mut(kind) {
                        stream.not_before = Some(at);
                    }
                    return;
                }
                Next::Segment(segment) => {
                    let key = self.decide(io, kind, period, set, &segment).unwrap_or(key);
                    return self.fetch_segment(io, kind, key, cursor);
                }
            }
        }
    }

    /// The period at the cursor, and its end. `None`: the presentation ends here.
    fn period_for(&mut self, kind: Kind, cursor: Micros) -> Option<(u32, Option<Micros>)> {
        let (model, duration) = (self.model.as_ref()?, self.duration());
        // A cursor at a border belongs to what follows it.
        let period = model.period_at(cursor.saturating_add(Micros(1_000)));
        let end = model.period_end(period);
        if duration.is_some_and(|d| cursor.0 >= d.0 - 1_000) {
            self.stream_mut(kind)?.at_end = true;
            return None;
        }
        Some((period, end))
    }

    /// Goes on at a period's end; the last one's is the end of the track.
    fn enter(&mut self, kind: Kind, end: Option<Micros>) {
        let last = self
            .model
            .as_ref()
            .and_then(|m| m.periods().next_back())
            .map(|(_, p)| p.period.start)
            .unwrap_or_default();
        if let Some(stream) = self.stream_mut(kind) {
            match end {
                Some(end) if end <= last && end > stream.cursor => stream.cursor = end,
                _ => stream.at_end = true,
            }
        }
    }

    /// The representation in use, or the smallest when another set begins: its index tells what is next.
    fn wanted_rep(&self, kind: Kind, period: u32, set: usize) -> RepKey {
        let set = to_u32(set);
        let current = self
            .stream(kind)
            .and_then(|s| s.rep)
            .filter(|r| r.period == period && r.set == set);
        current.unwrap_or_else(|| RepKey {
            period,
            set,
            rep: self.start_rep(kind, period, set),
        })
    }

    /// What a fresh choice would take, so that its index is the one fetched first.
    fn start_rep(&self, kind: Kind, period: u32, set: u32) -> u32 {
        self.choose(kind, period, set as usize, USUAL_SEGMENT, Micros(0))
            .map_or(0, |(rep, _)| rep)
    }

    /// The segment at the cursor, once the index is there; asks for it when it is not.
    fn next_segment(&mut self, io: &mut Io, kind: Kind, key: RepKey, cursor: Micros) -> Next {
        let Some(index) = self.model.as_mut().and_then(|m| m.index(key)) else {
            return Next::PeriodEnd;
        };
        if let Some(resource) = index.pending() {
            let purpose = Purpose::Index(kind, key);
            if !self.delivery.has(purpose) {
                let sources = self
                    .model
                    .as_ref()
                    .map(|m| m.sources(key, &resource))
                    .unwrap_or_default();
                if sources.is_empty() {
                    return Next::PeriodEnd;
                }
                let range = resource.range.map(|r| (r.start, r.end));
                self.delivery.start(io, purpose, sources, range);
                // The initialization segment is needed whatever the index says.
                self.fetch_init(io, kind, key);
            }
            return Next::Wait;
        }
        let Some(at) = index.position_at(cursor) else {
            return Next::PeriodEnd;
        };
        let Some(segment) = index.segment(at) else {
            return Next::PeriodEnd;
        };
        // What remains of a segment after the cursor may be no more than a rounding of timescales.
        let tolerance = BORDER.0.min((segment.end.0 - segment.start.0) / 4);
        let segment = if segment.start < cursor && segment.end.0 - cursor.0 <= tolerance {
            index.segment(at.saturating_add(1))
        } else {
            Some(segment)
        };
        let is_explicit = index.is_explicit();
        let Some(segment) = segment else { return Next::PeriodEnd };
        match self.available_at(io, key, &segment, is_explicit) {
            Some(at) => Next::Later(at),
            None => Next::Segment(segment),
        }
    }

    /// Decides on a rendition for a segment and tells why.
    fn decide(&mut self, io: &mut Io, kind: Kind, period: u32, set: usize, segment: &Segment) -> Option<RepKey> {
        let position = self.position(io);
        let buffer = self.stream(kind).map(|s| self.queued_ahead(s, position))?;
        let length = Micros(segment.end.0 - segment.start.0);
        let mut rule = std::mem::take(&mut self.rule);
        let (rep, reason) = self
            .choose_with(&mut rule, kind, period, set, length, buffer)
            .unwrap_or((0, Reason::Only));
        self.rule = rule;
        let key = RepKey {
            period,
            set: to_u32(set),
            rep,
        };
        self.told(io, kind, key, reason, buffer);
        Some(key)
    }

    /// Files a decision and tells the host.
    fn told(&mut self, io: &mut Io, kind: Kind, key: RepKey, reason: Reason, buffer: Micros) {
        let bandwidth = self.model.as_ref().and_then(|m| m.rep(key)).map_or(0, |r| r.bandwidth);
        let throughput = self.delivery.throughput.estimate().unwrap_or(0);
        let decision = Decision {
            time: io.now,
            kind,
            id: key.rep,
            bandwidth,
            reason,
            throughput,
            buffer,
        };
        if let Some(stream) = self.stream_mut(kind) {
            stream.rep = Some(key);
        }
        if kind == Kind::Video {
            self.decision = Some(decision);
        }
        self.health.chose(kind, reason);
        io.push(Output::Event(Event::Decision(decision)));
    }

    /// Media ahead of the playhead, what is queued for the sink included.
    fn queued_ahead(&self, stream: &Stream, position: Micros) -> Micros {
        let queued: i64 = stream.queue.iter().map(|c| c.entry.end.0 - c.entry.start.0).sum();
        Micros(stream.ahead(position).0.saturating_add(queued))
    }

    fn choose(&self, kind: Kind, period: u32, set: usize, segment: Micros, buffer: Micros) -> Option<(u32, Reason)> {
        self.choose_with(
            &mut crate::abr::Controller::default(),
            kind,
            period,
            set,
            segment,
            buffer,
        )
    }

    /// The rendition for the next segment of a track.
    fn choose_with(
        &self,
        rule: &mut crate::abr::Controller,
        kind: Kind,
        period: u32,
        set: usize,
        segment: Micros,
        buffer: Micros,
    ) -> Option<(u32, Reason)> {
        let reps = self.model.as_ref()?.set(period, set)?;
        let stream = self.stream(kind)?;
        if kind == Kind::Video
            && let Some(fixed) = self.fixed_in(period)
        {
            return Some((to_u32(fixed), Reason::Manual));
        }
        let key = |rep: usize| RepKey {
            period,
            set: to_u32(set),
            rep: to_u32(rep),
        };
        let avoided = (0..reps.len()).any(|at| stream.avoided.contains(&key(at)));
        let capped = if kind == Kind::Video {
            self.visible_renditions(reps)
        } else {
            reps.len()
        };
        let mut allowed: Vec<usize> = (0..capped).filter(|&at| !stream.avoided.contains(&key(at))).collect();
        if allowed.is_empty() {
            allowed = (0..reps.len()).collect();
        }
        let bitrates: Vec<u64> = allowed
            .iter()
            .filter_map(|&at| reps.rep(at))
            .map(|r| r.bandwidth)
            .collect();
        let current = stream.rep.filter(|r| r.period == period && r.set as usize == set);
        let context = Context {
            bitrates: &bitrates,
            current: current.and_then(|r| allowed.iter().position(|&at| to_u32(at) == r.rep)),
            buffer,
            buffer_goal: self.reachable_goal(stream.goal),
            segment: if self.is_chunked(key(0)) {
                segment.min(CHUNK)
            } else {
                segment
            },
            throughput: self.share_of_throughput(kind),
            assumed: self.config.initial_bandwidth,
        };
        let Choice { index, reason } = match kind {
            Kind::Video => rule.choose(&context),
            Kind::Audio => choose_audio(&context),
        };
        let rep = allowed.get(index).copied()?;
        let reason = match reason {
            _ if avoided => Reason::Avoided,
            Reason::Throughput | Reason::Bola if capped < reps.len() && rep + 1 == capped => Reason::Cap,
            other => other,
        };
        Some((to_u32(rep), reason))
    }

    /// What the network gives to a track: video has what audio leaves.
    fn share_of_throughput(&self, kind: Kind) -> Option<u64> {
        let all = self.delivery.throughput.estimate()?;
        let audio = self
            .stream(Kind::Audio)
            .and_then(|s| s.rep)
            .and_then(|r| self.model.as_ref()?.rep(r))
            .map_or(0, |r| r.bandwidth);
        Some(if kind == Kind::Video {
            all.saturating_sub(audio).max(all / 4)
        } else {
            all
        })
    }

    /// How many of the ascending renditions are worth showing: up to the first that fills the picture's area.
    fn visible_renditions(&self, reps: PlayableSet<'_>) -> usize {
        let (width, height) = (self.environment.width, self.environment.height);
        if width == 0 || height == 0 {
            return reps.len();
        }
        let fills = |r: &footlight_dash::Representation| r.width >= width || r.height >= height;
        reps.reps().position(fills).map_or(reps.len(), |at| at + 1)
    }

    /// Fetches the segment at the cursor in the decided rendition.
    fn fetch_segment(&mut self, io: &mut Io, kind: Kind, key: RepKey, cursor: Micros) {
        let Next::Segment(segment) = self.next_segment(io, kind, key, cursor) else {
            return;
        };
        let Some(model) = &self.model else { return };
        let sources = model.sources(key, &segment.resource);
        if sources.is_empty() {
            return;
        }
        let reason = self.health.reason(kind);
        self.fetch_init(io, kind, key);
        let position = self.position(io);
        // What is complete by now comes as fast as the network carries it.
        let chunked = self.is_chunked(key) && self.edge(io.now).is_some_and(|edge| edge < segment.end);
        let boxes = self.inband_streams(key).next().is_some();
        let Some(stream) = self.stream_mut(kind) else { return };
        // A place that does not answer is left while there is still something to play.
        let patience = Micros((stream.ahead(position).0 / 2).clamp(LEAST_PATIENCE.0, MOST_PATIENCE.0));
        let failures = if stream.missed.0 == segment.start {
            stream.missed.1
        } else {
            0
        };
        let manner = Manner {
            chunked,
            boxes,
            patience: Some(patience),
        };
        self.delivery.start_so(
            io,
            Purpose::Media(kind),
            sources,
            segment.resource.range.map(|r| (r.start, r.end)),
            manner,
        );
        if let Some(stream) = self.stream_mut(kind) {
            let entry = Entry {
                start: segment.start,
                end: segment.end,
                rep: key,
                reason,
            };
            stream.queue.push_back(Chosen {
                entry,
                body: None,
                progressive: chunked,
                appended: None,
                failures,
            });
            stream.cursor = segment.end;
        }
    }

    /// Fetches an initialization segment, unless it is there or there is none.
    pub(super) fn fetch_init(&mut self, io: &mut Io, kind: Kind, key: RepKey) {
        let purpose = Purpose::Init(kind, key);
        if self.delivery.has(purpose) || self.stream(kind).is_none_or(|s| s.init(key).is_some()) {
            return;
        }
        let Some(model) = &mut self.model else { return };
        let Some(resource) = model.initialization(key) else {
            return;
        };
        let sources = model.sources(key, &resource);
        if !sources.is_empty() {
            let manner = Manner {
                patience: Some(LEAST_PATIENCE),
                ..Manner::default()
            };
            let range = resource.range.map(|r| (r.start, r.end));
            self.delivery.start_so(io, purpose, sources, range, manner);
        }
    }

    pub(super) fn index_arrived(&mut self, io: &mut Io, kind: Kind, key: RepKey, body: &[u8]) {
        let Some(index) = self.model.as_mut().and_then(|m| m.index(key)) else {
            return;
        };
        let Some(resource) = index.pending() else { return };
        if let Err(error) = index.load(&resource, body) {
            let error = PlayerError::new(error.code(), Severity::Recoverable, Action::Retry, error.to_string());
            self.stream_failed(io, kind, Some(key), error);
        }
    }

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
        let missing = self.missing(io, entry.rep, entry.end, asked, ahead);
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

    /// The buffer that can be had: live there is no more than what lies between the playhead and the edge.
    fn reachable_goal(&self, goal: Micros) -> Micros {
        self.live.as_ref().map_or(goal, |live| goal.min(live.target.latency))
    }

    /// Gives up a video segment that will come too late, when a smaller one would come sooner.
    pub(super) fn abandon_late(&mut self, io: &mut Io) {
        let Some(progress) = self.delivery.progress(Purpose::Media(Kind::Video)) else {
            return;
        };
        let (Some(length), Some(rate)) = (progress.length, self.delivery.throughput.in_flight()) else {
            return;
        };
        let elapsed = io.now.since(progress.started);
        if elapsed < ABANDON_AFTER || self.fixed.is_some() || rate == 0 {
            return;
        }
        let position = self.position(io);
        let Some(stream) = self.stream(Kind::Video) else { return };
        let Some(chosen) = stream.queue.back().filter(|c| c.body.is_none()).copied() else {
            return;
        };
        let ahead = self.queued_ahead(stream, position).0 - (chosen.entry.end.0 - chosen.entry.start.0);
        let rep = chosen.entry.rep;
        let remaining = length.saturating_sub(progress.received);
        let time_left = transfer_time(remaining, rate);
        if rep.rep == 0 || time_left.0 <= ahead.max(1_500_000) {
            return;
        }
        let seconds_of = |bandwidth: u64| {
            let micros = u128::from((chosen.entry.end.0 - chosen.entry.start.0).unsigned_abs());
            u64::try_from(u128::from(bandwidth) * micros / 8_000_000).unwrap_or(u64::MAX)
        };
        let Some(set) = self.model.as_ref().and_then(|m| m.set(rep.period, rep.set as usize)) else {
            return;
        };
        let fits = |at: &usize| {
            let size = set.rep(*at).map_or(0, |r| seconds_of(r.bandwidth));
            transfer_time(size, rate).0 <= ahead / 2
        };
        let target = (0..rep.rep as usize).rev().find(fits).unwrap_or(0);
        let size = set.rep(target).map_or(0, |r| seconds_of(r.bandwidth));
        if size.saturating_mul(10) >= remaining.saturating_mul(6) {
            return;
        }
        self.delivery.cancel(io, |p| p == Purpose::Media(Kind::Video));
        self.delivery.throughput.collapse(rate);
        if let Some(stream) = self.stream_mut(Kind::Video) {
            stream.queue.pop_back();
            stream.cursor = chosen.entry.start;
        }
        let key = RepKey {
            rep: to_u32(target),
            ..rep
        };
        self.told(io, Kind::Video, key, Reason::Abandoned, Micros(ahead.max(0)));
        self.fetch_segment(io, Kind::Video, key, chosen.entry.start);
    }
}

enum Next {
    /// An index is on its way.
    Wait,
    /// It will be available then.
    Later(Instant),
    /// Nothing more in this period.
    PeriodEnd,
    Segment(Segment),
}

/// Audio is small and its changes are heard: the best that takes a tenth of the network.
fn choose_audio(context: &Context<'_>) -> Choice {
    if context.bitrates.len() == 1 {
        return Choice {
            index: 0,
            reason: Reason::Only,
        };
    }
    let (throughput, reason) = context
        .throughput
        .map_or((context.assumed, Reason::Startup), |t| (t, Reason::Throughput));
    let index = context
        .bitrates
        .iter()
        .rposition(|&b| b <= throughput / 10)
        .unwrap_or(0);
    Choice { index, reason }
}

/// How long `bytes` take at `rate` bits per second.
fn transfer_time(bytes: u64, rate: u64) -> Micros {
    let micros = u128::from(bytes) * 8_000_000 / u128::from(rate.max(1));
    Micros(i64::try_from(micros).unwrap_or(i64::MAX))
}
