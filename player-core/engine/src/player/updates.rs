//! Newer manifests: when to ask for one, or for what changed, and what a new one brings.

use footlight_dash::Micros;

use super::live::Live;
use super::output::{Event, Output};
use super::session::{Session, Stage};
use crate::delivery::{Answered, Io, Manner, Purpose, Source};
use crate::error::{Action, PlayerError, Severity};
use crate::live::Clock;
use crate::time::Instant;

/// Playback does not wait longer than this to know what time it is.
const TIME_PATIENCE: Micros = Micros(2_000_000);
/// A request for the manifest or a patch turns to the next source after this.
const PATIENCE: Micros = Micros(3_000_000);

impl Session {
    /// A manifest came: the first, or a newer one.
    pub(super) fn manifest_in_force(&mut self, io: &mut Io, sent: Answered, is_newer: bool) {
        self.steering_in_force(io.now);
        let Some(model) = &self.model else { return };
        let presentation = model.presentation();
        if !presentation.dynamic {
            if let Some(live) = self.live.take() {
                self.end_live(io, live.rate);
            }
            return;
        }
        let (now, has_ntp) = (io.now, self.config.has_ntp);
        let live = self.live.get_or_insert_with(Live::new);
        live.refresh.arrived(presentation.minimum_update_period, is_newer);
        live.patch_failed = false;
        live.timing.set(now, &presentation.utc_timings, has_ntp);
        if live.timing.is_empty() {
            if let Some(date) = sent.date {
                observe_date(&mut self.clock, sent, date);
            }
            if let Some(published) = presentation.publish_time {
                self.clock.not_before(now, published);
            }
        }
        live.time_limit.get_or_insert(now.plus(TIME_PATIENCE));
        self.ask_time(io);
    }

    /// What was live is complete now.
    fn end_live(&mut self, io: &mut Io, rate: u32) {
        self.delivery.cancel(io, |p| {
            matches!(p, Purpose::Refresh | Purpose::Patch | Purpose::Time(_))
        });
        if rate != 0 && self.health.wants_play {
            io.push(Output::SetRate(self.rate));
        }
        if let Some(duration) = self.duration() {
            io.push(Output::SetDuration(duration));
            io.push(Output::Event(Event::DurationChanged(duration)));
        }
        io.push(Output::Event(Event::TimelineChanged(self.timeline(io.now))));
    }

    /// A track waits for segments that the manifest does not list yet: those from `cursor` on.
    pub(super) fn need_manifest(&mut self, io: &Io, cursor: Micros, ahead: Micros) {
        let Some(reached) = self.reached(io.now) else { return };
        let Some(live) = &mut self.live else { return };
        // Until the next one is made there is nothing to ask for, and while there is enough to play no hurry.
        let wait = (cursor + live.segment - reached).max(ahead - Micros(live.segment.0 * 2));
        live.refresh.need(io.now.plus(wait.max(Micros(0))), live.segment);
    }

    /// Asks for the manifest, or for what changed in it, when that is due.
    pub(super) fn ask_manifest(&mut self, io: &mut Io) {
        if self.manifest_due().is_none_or(|due| due > io.now) {
            return;
        }
        let (Some(live), Some(model)) = (&mut self.live, &self.model) else {
            return;
        };
        live.refresh.asked(io.now);
        let presentation = model.presentation();
        let is_fresh = |ttl: Option<Micros>| match (ttl, presentation.publish_time, self.clock.wall(io.now)) {
            (Some(ttl), Some(published), Some(wall)) => wall <= published + ttl,
            _ => true,
        };
        let patches = presentation.patch_locations.iter().filter(|p| is_fresh(p.ttl));
        let patches: Vec<Source> = patches.map(|p| source(&p.url, p.service_location.as_deref())).collect();
        let (purpose, sources) = if patches.is_empty() || live.patch_failed {
            let told = presentation.locations.iter();
            let mut sources: Vec<Source> = told.map(|l| source(&l.url, l.service_location.as_deref())).collect();
            if sources.is_empty() {
                sources.push(source(model.manifest().url(), None));
            }
            (Purpose::Refresh, sources)
        } else {
            (Purpose::Patch, patches)
        };
        let manner = Manner {
            patience: Some(PATIENCE),
            ..Manner::default()
        };
        self.delivery.start_so(io, purpose, sources, None, manner);
    }

    /// A newer manifest, a patch of it, or neither came.
    pub(super) fn update_arrived(&mut self, io: &mut Io, purpose: Purpose, answer: Option<(&[u8], &str, Answered)>) {
        let Some(model) = &mut self.model else { return };
        let published = model.presentation().publish_time;
        let told: Result<(), PlayerError> = match (&answer, purpose) {
            (None, _) => Err(failure(
                "manifest.unreachable",
                "the manifest could not be fetched again",
            )),
            (Some((body, ..)), Purpose::Patch) => model
                .patch(&String::from_utf8_lossy(body))
                .map_err(|error| failure(error.code(), error.to_string())),
            (Some((body, url, _)), _) => model
                .refresh(String::from_utf8_lossy(body).into_owned(), url)
                .map_err(|error| failure(error.code(), error.to_string())),
        };
        match (told, answer) {
            (Ok(()), Some((_, _, sent))) => {
                let is_newer = model.presentation().publish_time != published || published.is_none();
                self.manifest_in_force(io, sent, is_newer);
                self.manifest_changed(io);
            }
            (Err(error), _) => {
                io.warn(&error);
                if let Some(live) = &mut self.live {
                    if purpose == Purpose::Patch {
                        live.patch_failed = true;
                        live.refresh.expired();
                    } else {
                        live.refresh.failed(io.now);
                    }
                }
            }
            (Ok(()), None) => {}
        }
    }

    /// An event message said that the manifest in force is not valid any more.
    pub(super) fn manifest_expired(&mut self) {
        if let Some(live) = &mut self.live {
            live.refresh.expired();
        }
    }

    /// Timers of the clock and of the manifest.
    pub(super) fn live_timers(&self) -> (Option<Instant>, Option<Instant>) {
        let Some(live) = &self.live else { return (None, None) };
        let limit = live.time_limit.filter(|_| self.stage == Stage::Probing);
        let time = live.timing.due().into_iter().chain(limit).min();
        (time, self.manifest_due())
    }

    /// When to ask for the manifest; none while it is on its way.
    fn manifest_due(&self) -> Option<Instant> {
        let due = self.live.as_ref()?.refresh.due()?;
        let is_asked = self.delivery.has(Purpose::Refresh) || self.delivery.has(Purpose::Patch);
        (!is_asked).then_some(due)
    }
}

fn failure(code: &'static str, message: impl Into<String>) -> PlayerError {
    PlayerError::new(code, Severity::Warning, Action::None, message)
}

fn source(url: &str, location: Option<&str>) -> Source {
    Source::new(url, location.unwrap_or_default())
}

/// A `Date` is in whole seconds, and from somewhere between question and answer.
fn observe_date(clock: &mut Clock, sent: Answered, date: Micros) {
    let half = Micros(sent.head.since(sent.asked).0 / 2 + 500_000);
    clock.observe_server(sent.head, date + half, half);
}
