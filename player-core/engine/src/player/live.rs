//! The live side of a session: what time it is, what is available, and how far behind the live edge to play.

use footlight_dash::{Micros, Presentation, Segment, SegmentIndex};

use super::output::{Event, Output};
use super::session::{Session, Stage, to_u32};
use super::stream::Stream;
use crate::delivery::{Answered, Io, Purpose, Source};
use crate::live::{Advice, Control, Refresh, Target, Timeline, Timing, TimingStep, default_delay, seekable};
use crate::presentation::{Kind, RepKey};
use crate::time::Instant;

/// The seek range is told this often while it slides.
const TELL_EVERY: Micros = Micros(1_000_000);
/// Assumed length of a segment before one is known.
const USUAL_SEGMENT: Micros = Micros(2_000_000);
/// Behind the target by more than this, the viewer is elsewhere on purpose.
const FOLLOWING: Micros = Micros(4_000_000);
/// Further behind than asked by this, a low-latency playhead jumps, where the manifest does not say how far.
const CHASE: Micros = Micros(8_000_000);
/// Speeds where the manifest allows none: a little slower, to get away from an edge that is not where it should be.
const CAUTIOUS: (u32, u32) = (950, 1000);
/// Segments that may be asked for again while they are on their way to an edge.
const LATE_SEGMENTS: i64 = 3;
/// So many times as long, while nothing later has come.
const LONG_WAIT: i64 = 5;
/// Pause before a segment that was not there yet is asked for again, and its share of a segment.
const ASK_AGAIN: Micros = Micros(250_000);
/// So often in vain, and the service rather than a segment is away: it is asked less and less, once in so long at last.
const MANY: u32 = 16;
const SELDOM: Micros = Micros(4_000_000);
/// With less than this ahead of the playhead, it is about to stop.
const DRY: Micros = Micros(500_000);
/// A jump that gains less is none.
const WORTH_A_JUMP: Micros = Micros(1_000_000);
/// The largest delay of a service that is learned while it plays.
const MAX_MARGIN: Micros = Micros(20_000_000);
/// Where nothing has come yet, a start is looked for so far back: the clock of a service may be minutes wrong.
const MAX_HUNT: Micros = Micros(600_000_000);
/// Starts tried at once; from then on each waits longer than the one before, up to so many times.
const QUICK_HUNTS: u32 = 10;
const MAX_PAUSES: u32 = 16;
/// An offset of the production clock beyond this is a mistake.
const MAX_PRODUCTION_OFFSET: i64 = 3_600_000_000;

/// What a session knows about the service it follows.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) refresh: Refresh,
    pub(super) timing: Timing,
    control: Control,
    pub(super) target: Target,
    /// Length of a segment.
    pub(super) segment: Micros,
    /// The viewer is at the live edge, and wants to stay there.
    following: bool,
    /// Segments come this much later than the manifest says, as it turned out.
    margin: Micros,
    /// Starts that were tried in vain.
    hunts: u32,
    /// The end of the latest segment that came.
    newest: Micros,
    /// Speed last told, in thousandths; 0: the viewer's own.
    pub(super) rate: u32,
    told: Option<Instant>,
    /// Playback starts at this time at the latest, whether or not the service told the time.
    pub(super) time_limit: Option<Instant>,
    /// No patch could be had, or applied, for the manifest in force: the next one is asked for whole.
    pub(super) patch_failed: bool,
}

/// What becomes of a segment that could not be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Missing {
    /// It is on its way: ask again then; by turns with the newest, where that is told.
    Again(Instant, Option<Micros>),
    /// It will not come.
    Lost,
}

impl Live {
    pub(super) fn new() -> Self {
        Self {
            refresh: Refresh::default(),
            timing: Timing::default(),
            control: Control::default(),
            target: Target {
                latency: Micros(0),
                max: Micros::MAX,
                rates: CAUTIOUS,
            },
            segment: USUAL_SEGMENT,
            following: true,
            margin: Micros(0),
            hunts: 0,
            newest: Micros::MIN,
            rate: 0,
            told: None,
            time_limit: None,
            patch_failed: false,
        }
    }
}

impl Session {
    pub(super) const fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// The service's clock on the presentation timeline; none when that is not live.
    pub(super) fn edge(&self, now: Instant) -> Option<Micros> {
        self.live.as_ref()?;
        let start = self.model.as_ref()?.presentation().availability_start;
        Some(self.clock.wall(now)? - start.unwrap_or_default())
    }

    /// Up to where the service has come, as far as its delays are known.
    pub(super) fn reached(&self, now: Instant) -> Option<Micros> {
        Some(self.edge(now)? - self.live.as_ref()?.margin)
    }

    /// Whether the position to start at can be told: live starts where the clock says.
    pub(super) fn knows_the_time(&self, now: Instant) -> bool {
        let Some(live) = &self.live else { return true };
        live.timing.is_empty() || self.clock.is_synchronised() || live.time_limit.is_none_or(|limit| limit <= now)
    }

    /// What the targets are, once tracks are chosen. Called again for each manifest.
    pub(super) fn aim_latency(&mut self, now: Instant) {
        let edge = self.edge(now);
        let segment = edge
            .and_then(|edge| self.segment_at_edge(edge))
            .map(|s| s.end - s.start);
        let (Some(live), Some(model)) = (&mut self.live, &self.model) else {
            return;
        };
        live.segment = segment.filter(|length| length.0 > 0).unwrap_or(live.segment);
        live.target = target(model.presentation(), edge.unwrap_or_default(), model, live.segment);
    }

    /// The last segment of the picture, or of the sound, before the edge.
    fn segment_at_edge(&mut self, edge: Micros) -> Option<Segment> {
        let key = Kind::ALL.into_iter().find_map(|kind| self.edge_rep(kind, edge))?;
        let index = self.model.as_mut()?.index(key)?;
        last_before(index, edge)
    }

    fn edge_rep(&self, kind: Kind, time: Micros) -> Option<RepKey> {
        let period = self.model.as_ref()?.period_at(time);
        let set = to_u32(self.set_at(kind, period)?);
        Some(RepKey { period, set, rep: 0 })
    }

    /// Up to where segments of all tracks are available.
    fn available_end(&mut self, edge: Micros) -> Micros {
        let mut end = edge;
        for kind in Kind::ALL {
            let Some(key) = self.edge_rep(kind, edge) else { continue };
            let early = self.early(key);
            let Some(model) = &mut self.model else { continue };
            let start = model.period(key.period).map_or(edge, |period| period.start);
            let Some(index) = model.index(key) else { continue };
            let last = last_before(index, edge.saturating_add(early));
            let last = last.map_or(start, |s| if s.end - early <= edge { s.end } else { s.start });
            end = end.min(last);
        }
        end
    }

    /// How much earlier than complete a representation's segments are available.
    fn early(&self, key: RepKey) -> Micros {
        let base = self.model.as_ref().and_then(|m| m.rep(key)?.base_urls.first());
        base.map_or(Micros(0), |base| base.availability_time_offset)
    }

    /// Whether a representation's segments are asked for before they are complete.
    pub(super) fn is_chunked(&self, key: RepKey) -> bool {
        let base = self.model.as_ref().and_then(|m| m.rep(key)?.base_urls.first());
        self.is_live()
            && base.is_some_and(|base| !base.availability_time_complete && base.availability_time_offset > Micros(0))
    }

    /// When a segment is available, if that is still to come.
    pub(super) fn available_at(&self, io: &Io, key: RepKey, segment: &Segment, is_explicit: bool) -> Option<Instant> {
        let reached = self.reached(io.now)?;
        let early = self.early(key);
        // What a manifest lists is there, unless it is listed early on purpose; or it is a part of a sequence: those come
        // one after the other.
        let is_there = is_explicit && early == Micros(0) && segment.sub_number.is_none();
        if is_there || early == Micros::MAX {
            return None;
        }
        let wait = segment.end - early - reached;
        (wait > Micros(0)).then(|| io.now.plus(wait))
    }

    /// The list of segments of a live period ends before `cursor`: whether there will be more.
    pub(super) fn is_growing(&self, io: &Io, period: u32, cursor: Micros) -> bool {
        let (Some(live), Some(model)) = (&self.live, &self.model) else {
            return false;
        };
        let Some(end) = model.period_end(period) else {
            return true;
        };
        // A period whose end is known in advance; its last segments have time to be listed.
        let patience = Micros(live.segment.0.saturating_mul(LATE_SEGMENTS));
        cursor < end && self.edge(io.now).is_some_and(|edge| edge < end + patience)
    }

    /// A segment could not be had. `asked`: how often it or others before it were, this time included; `ahead`: what is left to play.
    pub(super) fn missing(&mut self, io: &Io, key: RepKey, end: Micros, asked: u32, ahead: Micros) -> Missing {
        let early = self.early(key);
        let (Some(edge), Some(reached)) = (self.edge(io.now), self.reached(io.now)) else {
            return Missing::Lost;
        };
        let available = self.available_end(reached);
        let Some(live) = &mut self.live else {
            return Missing::Lost;
        };
        let early = if early == Micros::MAX { Micros(0) } else { early };
        let wrong = (live.margin - MAX_MARGIN).max(Micros(0));
        let age = edge - wrong - (end - early);
        let patience = Micros(live.segment.0.saturating_mul(LATE_SEGMENTS));
        // Where nothing later has come either, it is more likely that the service is late, or stands still.
        let is_alone = live.newest > end;
        let is_hunting = !self.placed && live.following && live.newest == Micros::MIN;
        if !is_hunting && age > patience && (is_alone || age > Micros(patience.0.saturating_mul(LONG_WAIT))) {
            return Missing::Lost;
        }
        let short = (live.segment.0 / 8).max(ASK_AGAIN.0);
        let usual = short.saturating_mul(i64::from(asked.clamp(1, 4)));
        let pause = usual.max(short.saturating_mul(i64::from(asked / MANY * 4)).min(SELDOM.0));
        live.refresh.need(io.now.plus(Micros(pause - usual)), live.segment);
        // With nothing left to play it is time to see whether the newest is there.
        let in_need = self.placed && ahead < DRY && age > live.segment;
        let newest = end.max(available - live.segment);
        Missing::Again(io.now.plus(Micros(pause)), in_need.then_some(newest))
    }

    /// A segment that was asked for at `asked` came; `failures`: how often it was asked for in vain before.
    pub(super) fn came(&mut self, asked: Instant, key: RepKey, end: Micros, failures: u32) {
        let (early, edge) = (self.early(key), self.edge(asked));
        let (Some(live), Some(edge)) = (&mut self.live, edge) else {
            return;
        };
        live.newest = live.newest.max(end);
        if failures == 0 {
            live.margin = live.margin - Micros(live.margin.min(MAX_MARGIN).0 / 64);
        } else if early != Micros::MAX {
            let late = edge - (end - early);
            let most = if live.margin > MAX_MARGIN { MAX_HUNT } else { MAX_MARGIN };
            live.margin = late.min(most).max(live.margin);
        }
    }

    /// By the time of the first media the edge has moved on: where to begin now, as far as there is something.
    pub(super) fn live_place(&self, now: Instant) -> Option<Micros> {
        let start = self.start?;
        self.live.as_ref().filter(|live| live.following)?;
        let held = self.streams.iter().map(|s| start + s.ahead(start)).min()?;
        let latest = self.timeline(now).end.min(held - Micros(DRY.0 * 2));
        (latest > start).then_some(latest)
    }

    /// The first segment is not there yet: the service is behind what it says, and so must be the start.
    pub(super) fn start_later(&mut self, io: &mut Io) {
        let Some(live) = self.live.as_mut().filter(|live| live.following) else {
            return;
        };
        live.hunts += 1;
        // Further and further back; then from the edge again, where the service may be by now.
        let next = live.margin + live.margin.max(live.segment);
        live.margin = if live.margin < MAX_HUNT {
            next.min(MAX_HUNT)
        } else {
            Micros(0)
        };
        let pauses = live.hunts.saturating_sub(QUICK_HUNTS).min(MAX_PAUSES);
        let pause = Micros(ASK_AGAIN.0 * i64::from(pauses));
        self.start = None;
        let Some(start) = self.live_start(io.now) else { return };
        self.start = Some(start);
        self.subtitles.retarget(start);
        for stream in &mut self.streams {
            stream.retarget(io, &mut self.delivery, start);
            stream.not_before = (pauses > 0).then(|| io.now.plus(pause));
        }
    }

    /// How far behind the live edge the playhead is, and how far it should be.
    pub(super) fn latency(&self, now: Instant) -> Option<(Micros, Micros)> {
        let (live, edge) = (self.live.as_ref()?, self.edge(now)?);
        Some((edge - self.playhead_at(now), live.target.latency))
    }

    /// What there is to seek in.
    pub(super) fn timeline(&self, now: Instant) -> Timeline {
        let Some(model) = &self.model else {
            return Timeline::default();
        };
        let (first, duration) = (model.start(), model.duration());
        let (Some(live), Some(edge)) = (&self.live, self.edge(now)) else {
            return Timeline {
                live: self.is_live(),
                start: first,
                end: duration.unwrap_or(first),
                ..Timeline::default()
            };
        };
        let presentation = model.presentation();
        let available = self.available.unwrap_or(edge);
        let delay = live.target.latency + live.margin;
        let (start, end) = seekable(presentation, first, edge, available, delay);
        let latency = self.latency(now);
        Timeline {
            live: true,
            start,
            end,
            edge: Some(edge),
            latency: latency.map(|(behind, _)| behind),
            target_latency: latency.map(|(_, target)| target),
            epoch: Some(presentation.availability_start.unwrap_or_default()),
        }
    }

    /// Where playback starts: at the live edge, or where it was asked to.
    pub(super) fn live_start(&mut self, now: Instant) -> Option<Micros> {
        let reached = self.reached(now)?;
        self.available = Some(self.available_end(reached));
        let timeline = self.timeline(now);
        let wanted = self.start;
        if let Some(live) = &mut self.live {
            live.following = wanted.is_none_or(|at| at + FOLLOWING >= timeline.end);
        }
        Some(wanted.unwrap_or(timeline.end).clamp(timeline.start, timeline.end))
    }

    /// The playhead goes to `target` by the viewer's will.
    pub(super) fn follow_from(&mut self, now: Instant, target: Micros) {
        let end = self.timeline(now).end;
        if let Some(live) = &mut self.live {
            live.following = target + FOLLOWING >= end;
            live.control.reset();
        }
    }

    /// Back to the live edge.
    pub(super) fn go_live(&mut self, io: &mut Io) {
        if self.is_live() {
            let end = self.timeline(io.now).end;
            self.seek(io, end);
        }
    }

    /// After a pause: the playhead follows the edge only if it is still near it.
    pub(super) fn resume_live(&mut self, io: &Io) {
        let position = self.position(io);
        let Some(edge) = self.edge(io.now) else { return };
        if let Some(live) = &mut self.live {
            let near = live.target.latency + FOLLOWING.max(live.segment);
            live.following = edge - position <= near.min(live.target.max);
        }
    }

    /// Whatever a live session has to do as time passes.
    pub(super) fn update_live(&mut self, io: &mut Io) {
        if self.live.is_none() || self.stage == Stage::Failed {
            return;
        }
        self.ask_time(io);
        self.ask_manifest(io);
        let Some(edge) = self.edge(io.now) else { return };
        if self.stage != Stage::Streaming || !self.placed {
            return;
        }
        let is_due = self
            .live
            .as_ref()
            .is_some_and(|live| live.told.is_none_or(|told| io.now.since(told) >= TELL_EVERY));
        if is_due {
            self.available = self.reached(io.now).map(|reached| self.available_end(reached));
            io.push(Output::Event(Event::TimelineChanged(self.timeline(io.now))));
            if let Some(live) = &mut self.live {
                live.told = Some(io.now);
            }
        }
        self.keep_in_window(io);
        self.control_latency(io, edge);
    }

    /// A playhead that the window left behind goes to where there is something.
    fn keep_in_window(&mut self, io: &mut Io) {
        let position = self.position(io);
        let dry = |s: &Stream| s.ahead(position) == Micros(0) && s.buffered.next_start(position).is_none();
        if self.playhead.seeking() || !self.streams.iter().any(dry) {
            return;
        }
        let start = self.timeline(io.now).start;
        if position + Micros(1_000_000) < start {
            self.seek(io, start);
        }
    }

    fn control_latency(&mut self, io: &mut Io, edge: Micros) {
        let position = self.position(io);
        let seen = *self.playhead.seen();
        let ahead = self.streams.iter().map(|s| s.ahead(position)).min().unwrap_or_default();
        let has_own_rate = self.rate != 1000;
        let wants_play = self.health.wants_play;
        let Some(live) = &mut self.live else { return };
        let idle = !live.following || has_own_rate || !wants_play || seen.paused || self.playhead.seeking();
        let advice = if idle {
            Advice::Rate(1000)
        } else {
            live.control.advise(&live.target, edge - live.margin - position, ahead)
        };
        let rate = match advice {
            Advice::Rate(1000) => 0,
            Advice::Rate(rate) => rate,
            Advice::Jump => {
                // The service itself may be late: then there is nowhere to jump to.
                if self.timeline(io.now).end > position + WORTH_A_JUMP {
                    return self.go_live(io);
                }
                0
            }
        };
        let Some(live) = &mut self.live else { return };
        if std::mem::replace(&mut live.rate, rate) != rate && wants_play {
            io.push(Output::SetRate(if rate == 0 { self.rate } else { rate }));
        }
    }

    /// Asks what time it is, when that is due.
    pub(super) fn ask_time(&mut self, io: &mut Io) {
        let Some(live) = &mut self.live else { return };
        match live.timing.step(io.now) {
            TimingStep::None => {}
            TimingStep::Direct(time) => self.clock.observe_server(io.now, time, Micros(1_000_000)),
            TimingStep::Ask { url, head } => {
                let url = self.model.as_ref().map_or(url.clone(), |m| m.resolve_url(&url));
                self.delivery
                    .start(io, Purpose::Time(head), vec![Source::new(url, "")], None);
            }
        }
    }

    /// The service told the time, or did not.
    pub(super) fn time_arrived(&mut self, io: &mut Io, answer: Option<(&[u8], Answered)>) {
        let Some(live) = &mut self.live else { return };
        match answer {
            None => live.timing.failed(io.now),
            Some((body, sent)) => {
                if let Some((time, exact)) = live.timing.answered(io.now, body, sent.date) {
                    // It was told somewhere between the question and the answer.
                    let half = Micros(sent.head.since(sent.asked).0 / 2);
                    self.clock.observe_server(sent.head, time + half, exact + half);
                }
            }
        }
        self.ask_time(io);
    }
}

/// The last segment that has started before `time`.
fn last_before(index: &SegmentIndex, time: Micros) -> Option<Segment> {
    let at = match index.position_at(time) {
        Some(at) => Some(at)
            .filter(|at| index.segment(*at).is_some_and(|s| s.start < time))
            .or(at.checked_sub(1)),
        None => index.len()?.checked_sub(1),
    };
    index.segment(at?)
}

/// What the service asks for, else what follows from its segments.
fn target(presentation: &Presentation, edge: Micros, model: &crate::presentation::Model, segment: Micros) -> Target {
    let period = model.period(model.period_at(edge));
    let of_period = period.map(|p| p.service_descriptions.as_slice()).unwrap_or_default();
    let described = || {
        of_period
            .iter()
            .chain(&presentation.service_descriptions)
            .filter(|d| d.scopes.is_empty())
    };
    let latency = described().find_map(|d| d.latency.iter().find(|l| l.target.is_some()));
    let rates = described().find_map(|d| d.playback_rates.first());
    let rates = rates.map_or(CAUTIOUS, |r| {
        (
            r.min.unwrap_or(1000).clamp(500, 1000),
            r.max.unwrap_or(1000).clamp(1000, 2000),
        )
    });
    let Some(asked) = latency else {
        return Target {
            latency: default_delay(presentation, segment),
            max: Micros::MAX,
            rates,
        };
    };
    let offset = asked
        .reference_id
        .and_then(|id| production_offset(presentation, period?, id));
    let offset = offset.unwrap_or_default();
    let wanted = asked.target.unwrap_or_default();
    let max = asked.max.filter(|max| *max > wanted).unwrap_or(wanted + CHASE);
    Target {
        latency: (wanted + offset).max(Micros(0)),
        max: max + offset,
        rates,
    }
}

/// How much earlier than the availability timeline says a ProducerReferenceTime has the media made.
fn production_offset(presentation: &Presentation, period: &footlight_dash::Period, id: u32) -> Option<Micros> {
    let sets = period.adaptation_sets.iter();
    let all = sets.flat_map(|set| {
        let own = set.representations.iter().flat_map(|rep| &rep.producer_reference_times);
        set.producer_reference_times.iter().chain(own)
    });
    let found = all.into_iter().find(|time| time.id == id)?;
    let start = presentation.availability_start.unwrap_or_default();
    let offset = found.wall_clock? - start - found.presentation_time;
    (offset.0.abs() <= MAX_PRODUCTION_OFFSET).then_some(offset)
}
