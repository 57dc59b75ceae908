//! The segments of a channel at a time.

use super::{Live, Slot, track::Track};
use crate::{
    http::Spliced,
    media::{Loop, Title, segment_number},
};
use bytes::Bytes;
use footlight_isobmff::{
    Error, chunk,
    events::{ProducerReferenceTime, ReferenceMoment},
};

/// A segment may be asked for this much too early: clocks round, and sound ends up to a frame after the picture.
const TOLERANCE_MS: u64 = 30;
/// It is kept this much longer than the time-shift buffer says, as it would be on a server.
const KEPT_MS: u64 = 10_000;

/// What there is to answer.
pub(crate) enum Answer {
    /// All of it, and what names it.
    Whole(Spliced, String),
    /// What there will be, and when: each part by the server's clock, in milliseconds since the Unix epoch.
    Parts(Vec<(u64, Spliced)>),
}

/// Why there is no segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// There will never be one.
    Missing,
    /// Not yet; with this status.
    Early(u16),
    /// No longer; with this status.
    Gone(u16),
    /// It was lost; with this status.
    Lost(u16),
    /// The sample media are damaged.
    Media(Error),
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self::Media(error)
    }
}

impl Live {
    /// What the file `name` of a representation in the Period that starts at `start` is at a time of the server.
    pub(crate) fn segment(&self, start: u64, representation: &str, name: &str, now: u64) -> Result<Answer, Denied> {
        let slot = self.schedule.at(start).filter(|slot| slot.start == start);
        let slot = slot.ok_or(Denied::Missing)?;
        let title = self.title(&slot);
        if representation == "thumbs" {
            return self.thumbnails(&slot, name, now);
        }
        let timed = title
            .timed(representation)
            .filter(|timed| self.settings.text.contains(&timed.form));
        let media = timed.map(|timed| &timed.media).or_else(|| title.looped(representation));
        let media = media.ok_or(Denied::Missing)?;
        let fingerprint = media.fingerprint();
        if name == "init.mp4" {
            let init = Spliced(vec![media.init().clone()]);
            return Ok(Answer::Whole(init, format!("{fingerprint:016x}-init")));
        }
        let track = Track::new(self, &slot, media);
        let (name, part) = self.part(name)?;
        let number = segment_number(&name, |time| track.starting_at(time)).filter(|&number| track.contains(number));
        let number = number.ok_or(Denied::Missing)?;
        self.check(&track, number, now)?;
        if let Some(timed) = timed {
            let whole = timed.fragment(number)?.ok_or(Denied::Missing)?;
            return Ok(Answer::Whole(whole, format!("{fingerprint:016x}-{start}-{number}")));
        }
        let is_video = title.video.iter().any(|video| video.id == representation);
        let before = if is_video {
            self.messages(&track, &slot, number)?
        } else {
            Vec::new()
        };
        if !self.settings.low_latency {
            let mut parts = self.fragment(title, is_video, media, number)?;
            let time = media.span(number).map_or(0, |span| span.start);
            self.put_in_front(&mut parts, before, &track, media, time);
            return Ok(Answer::Whole(parts, format!("{fingerprint:016x}-{start}-{number}")));
        }
        let fragment = self.fragment(title, is_video, media, number)?;
        let mut parts = self.chunks(&track, media, number, fragment, before)?;
        if let Some(part) = part {
            parts = parts.into_iter().skip(part).take(1).collect();
            let (ready, found) = parts.pop().ok_or(Denied::Missing)?;
            return match ready > now + TOLERANCE_MS {
                true => Err(Denied::Early(self.settings.early)),
                false => Ok(Answer::Whole(
                    found,
                    format!("{fingerprint:016x}-{start}-{number}-{part}"),
                )),
            };
        }
        if parts.last().is_none_or(|(ready, _)| *ready <= now) {
            let whole = parts.into_iter().flat_map(|(_, part)| part.0).collect();
            let chunk = self.settings.chunk;
            return Ok(Answer::Whole(
                Spliced(whole),
                format!("{fingerprint:016x}-{start}-{number}-{chunk}"),
            ));
        }
        Ok(Answer::Parts(parts))
    }

    /// The part that a name means, counted from 0, and the name of its sequence.
    fn part(&self, name: &str) -> Result<(String, Option<usize>), Denied> {
        if !self.settings.parts {
            return Ok((name.to_owned(), None));
        }
        let found = name.strip_suffix(".m4s").and_then(|name| name.rsplit_once('-'));
        let found = found.filter(|(whole, _)| whole.contains('-'));
        let Some((whole, part)) = found else {
            return Ok((name.to_owned(), None));
        };
        let part = part.parse().ok().and_then(|part: usize| part.checked_sub(1));
        Ok((format!("{whole}.m4s"), Some(part.ok_or(Denied::Missing)?)))
    }

    /// A segment of picture or sound; with the captions that are asked for.
    fn fragment(&self, title: &Title, is_video: bool, media: &Loop, number: u64) -> Result<Spliced, Denied> {
        let fragment = media.fragment(number)?.ok_or(Denied::Missing)?;
        let wanted = is_video && self.settings.text.iter().any(|form| form.is_in_picture());
        match title.captions.as_ref().filter(|_| wanted) {
            Some(captions) => Ok(captions.insert(media, &fragment)?),
            None => Ok(fragment),
        }
    }

    /// A sheet of thumbnails: the same for every loop of the source, once that is over.
    fn thumbnails(&self, slot: &Slot, name: &str, now: u64) -> Result<Answer, Denied> {
        let sheet = self
            .title(slot)
            .thumbnails
            .as_ref()
            .filter(|_| self.settings.thumbnails);
        let sheet = sheet.ok_or(Denied::Missing)?;
        let time = name.strip_prefix("t-").and_then(|name| name.strip_suffix(".jpg"));
        let time: u64 = time.and_then(|time| time.parse().ok()).ok_or(Denied::Missing)?;
        if !time.is_multiple_of(sheet.duration()) {
            return Err(Denied::Missing);
        }
        let over = self.schedule.stop().is_some_and(|stop| now >= stop);
        if !over && slot.start + (time + sheet.duration()).saturating_sub(slot.offset) > now + TOLERANCE_MS {
            return Err(Denied::Early(self.settings.early));
        }
        let picture = &sheet.picture;
        let whole = Spliced(vec![picture.data.clone()]);
        Ok(Answer::Whole(whole, format!("{:016x}", picture.fingerprint)))
    }

    /// Does the first edge not answer, this being it?
    pub(crate) fn hangs(&self, is_first_edge: bool) -> bool {
        self.settings.hang && is_first_edge
    }

    fn check(&self, track: &Track<'_>, number: u64, now: u64) -> Result<(), Denied> {
        let settings = &self.settings;
        let span = track.span(number);
        let over = self.schedule.stop().is_some_and(|stop| now >= stop);
        if !over && now + TOLERANCE_MS < track.ready(number) {
            return Err(Denied::Early(settings.early));
        }
        let oldest = settings.window.map(|window| now.saturating_sub(window + KEPT_MS));
        if !over && oldest.is_some_and(|oldest| span.end < oldest) {
            return Err(Denied::Gone(settings.gone));
        }
        if track.is_hole(number) {
            return Err(Denied::Missing);
        }
        let loss = settings.loss.iter().find(|loss| loss.hits(number, span.start));
        loss.map_or(Ok(()), |loss| Err(Denied::Lost(loss.status)))
    }

    /// The chunks of a segment, and when the encoder has each.
    fn chunks(
        &self,
        track: &Track<'_>,
        media: &Loop,
        number: u64,
        fragment: Spliced,
        mut before: Vec<u8>,
    ) -> Result<Vec<(u64, Spliced)>, Denied> {
        let fragment = Bytes::from(fragment.0.concat());
        let ticks = media.ticks(self.settings.chunk);
        // More than enough for the chunks of any segment, so that numbers go up.
        let sequence = u32::try_from(number.wrapping_mul(64) & 0xFFFF_FFFF).unwrap_or_default();
        let chunks = chunk::split(&fragment, media.sample_duration(), ticks, sequence)?;
        let chunks = chunks.into_iter().map(|chunk| {
            let ready = track.time(chunk.base_decode_time + chunk.duration) + track.delay(number);
            let mut parts = Spliced(vec![chunk.head.into(), fragment.slice(chunk.media)]);
            self.put_in_front(
                &mut parts,
                std::mem::take(&mut before),
                track,
                media,
                chunk.base_decode_time,
            );
            (ready, parts)
        });
        Ok(chunks.collect())
    }

    /// Event messages, and the producer's time if it is told.
    fn put_in_front(&self, parts: &mut Spliced, messages: Vec<u8>, track: &Track<'_>, media: &Loop, time: u64) {
        let mut front = messages;
        if self.settings.producer_times {
            let micros = i64::try_from(track.time(time) * 1000).unwrap_or(0);
            let reference = ProducerReferenceTime {
                track_id: media.track_id(),
                moment: ReferenceMoment::EncoderInput,
                ntp: ProducerReferenceTime::ntp_from_unix_micros(micros),
                media_time: time,
            };
            front.extend(reference.write());
        }
        if !front.is_empty() {
            parts.0.insert(0, front.into());
        }
    }
}
