//! Tracks and renditions that the viewer selects, and what menus show of them.

use footlight_dash::{ContentType, Micros};

use super::output::{Event, Output};
use super::session::{Session, to_u32};
use crate::delivery::{Io, Purpose};
use crate::presentation::Kind;
use crate::tracks::scanned_instead;

impl Session {
    /// The adaptation set that plays a kind in a period.
    pub(super) fn set_at(&self, kind: Kind, period: u32) -> Option<usize> {
        let playable = self.model.as_ref()?.playable(period)?;
        let set = self.catalog.played(kind, period, playable)?;
        let scanned = (kind == Kind::Video).then(|| scanned_instead(playable, set, self.rate));
        Some(scanned.flatten().unwrap_or(set))
    }

    /// Tells what a menu shows.
    pub(super) fn tell_tracks(&self, io: &mut Io) {
        if let Some(tracks) = self.tracks(io) {
            io.push(Output::Event(Event::TracksChanged(tracks)));
        }
    }

    pub(super) fn tracks(&self, io: &Io) -> Option<crate::Tracks> {
        let model = self.model.as_ref()?;
        let position = self.position(io);
        let number = model.period_at(position);
        let period = model.playable(number)?;
        let active = self
            .health
            .playing(Kind::Video)
            .filter(|r| r.period == number && self.catalog.played(Kind::Video, number, period) == Some(r.set as usize))
            .map(|r| r.rep);
        let fixed = self.fixed.and_then(|_| self.fixed_in(number)).map(to_u32);
        Some(self.catalog.describe(number, period, active, fixed))
    }

    /// The viewer's fixed rendition in a period: the nearest in height, then in bitrate.
    pub(super) fn fixed_in(&self, period: u32) -> Option<usize> {
        let (height, bandwidth) = self.fixed?;
        let set = self.model.as_ref()?.set(period, self.set_at(Kind::Video, period)?)?;
        let distance = |(_, rep): &(usize, &footlight_dash::Representation)| {
            (rep.height.abs_diff(height), rep.bandwidth.abs_diff(bandwidth))
        };
        set.reps().enumerate().min_by_key(distance).map(|(at, _)| at)
    }

    pub(super) fn select_audio(&mut self, io: &mut Io, id: u32) {
        if !self.catalog.is(id, ContentType::Audio) || self.catalog.audio == Some(id as usize) {
            return;
        }
        let position = self.position(io);
        let period = self.model.as_ref().map_or(0, |model| model.period_at(position));
        let picture = self.set_at(Kind::Video, period);
        self.catalog.audio = Some(id as usize);
        // Another sound may not go with this picture.
        let is_bound = picture != self.set_at(Kind::Video, period);
        for stream in &mut self.streams {
            if stream.kind == Kind::Audio || is_bound {
                stream.replace_from(io, &mut self.delivery, position);
            }
        }
        self.delivery.cancel(
            io,
            |p| matches!(p, Purpose::Init(kind, _) | Purpose::Index(kind, _) if kind == Kind::Audio || is_bound),
        );
        self.tell_tracks(io);
    }

    /// The viewer wants another speed: at high ones the picture is that for scanning, if there is one.
    pub(super) fn change_rate(&mut self, io: &mut Io, rate: u32) {
        let position = self.position(io);
        let period = self.model.as_ref().map_or(0, |model| model.period_at(position));
        let before = self.set_at(Kind::Video, period);
        let is_faster = rate > std::mem::replace(&mut self.rate, rate);
        let is_other = before != self.set_at(Kind::Video, period);
        if let Some(stream) = self.streams.iter_mut().find(|s| s.kind == Kind::Video && is_other) {
            // What plays now may go on, unless it is meant for scanning.
            let now = stream.inventory.at(position).filter(|_| is_faster);
            let cut = now.map_or(position, |entry| entry.end);
            stream.replace_from(io, &mut self.delivery, cut);
        }
        if self.health.wants_play {
            io.push(Output::SetRate(rate));
        }
    }

    pub(super) fn select_text(&mut self, io: &mut Io, id: Option<u32>) {
        if id.is_some_and(|id| !self.catalog.is(id, ContentType::Text)) {
            return;
        }
        self.catalog.text = id.map(|id| id as usize);
        self.tell_tracks(io);
    }

    pub(super) fn select_rendition(&mut self, io: &mut Io, id: Option<u32>) {
        let position = self.position(io);
        let Some(model) = &self.model else { return };
        let period = model.period_at(position);
        let chosen = self
            .set_at(Kind::Video, period)
            .and_then(|set| model.set(period, set))
            .zip(id)
            .and_then(|(set, id)| {
                let rep = set.rep(id as usize)?;
                Some((rep.height, rep.bandwidth))
            });
        if id.is_some() && chosen.is_none() {
            return;
        }
        self.fixed = chosen;
        if chosen.is_some() {
            // What plays now goes on; what comes after it is replaced.
            if let Some(stream) = self.streams.iter_mut().find(|s| s.kind == Kind::Video) {
                let soon = position.saturating_add(Micros(1_000_000));
                let cut = stream.inventory.at(soon).map_or(position, |e| e.end);
                stream.replace_from(io, &mut self.delivery, cut);
            }
        }
        self.tell_tracks(io);
    }
}
