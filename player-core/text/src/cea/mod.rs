//! Captions that travel in video: CEA-608 (line 21) and CEA-708 (DTVCC).

mod carriage;
mod cea608;
mod cea708;
mod chars;
mod window;

use footlight_dash::Micros;
use footlight_isobmff::samples::{Sample, Track};

use crate::cue::{Cue, Percent};
use crate::{Error, MAX_CUES, iso};
use carriage::{Carriage, Kind};
use cea608::Channel;
use cea708::Service;

/// Segments that are further apart than this do not follow each other.
const DISCONTINUITY: Micros = Micros(500_000);

/// Type stands in 15 rows in the middle 80% of the picture: the height of a row, and of the type in it.
const ROW_HEIGHT: Percent = Percent(533);
const TYPE_SIZE: Percent = Percent(450);
/// Where the title-safe area starts.
const MARGIN: Percent = Percent(1000);

#[derive(Debug)]
enum Screen {
    Cea608(Box<Channel>),
    Cea708(Box<Service>),
}

/// The captions of one channel or service, decoded segment after segment.
#[derive(Debug)]
pub(crate) struct Captions {
    screen: Screen,
    fresh: fn(u8) -> Screen,
    number: u8,
    /// What is on screen, since `start`.
    shown: Vec<Cue>,
    /// Where the last segment ended, in media time.
    end: Option<Micros>,
}

impl Captions {
    pub(crate) fn cea608(channel: u8) -> Self {
        Self::new(|number| Screen::Cea608(Box::new(Channel::new(number))), channel)
    }

    pub(crate) fn cea708(service: u8) -> Self {
        Self::new(|number| Screen::Cea708(Box::new(Service::new(number))), service)
    }

    fn new(fresh: fn(u8) -> Screen, number: u8) -> Self {
        Self {
            screen: fresh(number),
            fresh,
            number,
            shown: Vec::new(),
            end: None,
        }
    }

    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.fresh, self.number);
    }

    /// The cues of a segment's samples. What is on screen at its end ends there, and goes on in the next.
    pub(crate) fn decode(&mut self, samples: &[Sample<'_>], track: &Track) -> Result<Vec<Cue>, Error> {
        let carriage = Carriage::of(track)?;
        let mut frames: Vec<_> = samples
            .iter()
            .map(|sample| (iso::interval(sample, track), sample))
            .collect();
        // Captions are in the order in which pictures are shown, samples in that in which they are decoded.
        frames.sort_by_key(|(interval, _)| interval.start);
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return Ok(Vec::new());
        };
        let (start, end) = (first.0.start, last.0.end);
        let gap = self.end.map_or(0, |end| start.saturating_sub(end).0.saturating_abs());
        if gap > DISCONTINUITY.0 {
            self.reset();
        }
        for cue in &mut self.shown {
            cue.start = start;
        }
        let mut cues = Vec::new();
        for (interval, sample) in &frames {
            let mut changed = false;
            for triplet in carriage.triplets(sample.data) {
                changed |= match &mut self.screen {
                    Screen::Cea608(channel) => match triplet.kind {
                        Kind::Field1 => channel.feed(0, triplet.data),
                        Kind::Field2 => channel.feed(1, triplet.data),
                        Kind::Data | Kind::Start => false,
                    },
                    Screen::Cea708(service) => match triplet.kind {
                        Kind::Data => service.feed(false, triplet.data),
                        Kind::Start => service.feed(true, triplet.data),
                        Kind::Field1 | Kind::Field2 => false,
                    },
                };
            }
            if changed {
                self.show(interval.start, &mut cues)?;
            }
        }
        for cue in &self.shown {
            finish(cue, end, &mut cues)?;
        }
        self.end = Some(end);
        cues.sort_by_key(|cue| cue.start);
        Ok(cues)
    }

    /// The screen changed: what is no longer there becomes cues, what is new starts now.
    fn show(&mut self, now: Micros, cues: &mut Vec<Cue>) -> Result<(), Error> {
        let mut next = match &self.screen {
            Screen::Cea608(channel) => channel.cues(),
            Screen::Cea708(service) => service.cues(),
        };
        for cue in &mut next {
            cue.start = now;
        }
        for old in std::mem::take(&mut self.shown) {
            match next.iter_mut().find(|new| new.shows_the_same(&old)) {
                Some(same) => same.start = old.start,
                None => finish(&old, now, cues)?,
            }
        }
        self.shown = next;
        Ok(())
    }
}

fn finish(cue: &Cue, end: Micros, cues: &mut Vec<Cue>) -> Result<(), Error> {
    if cues.len() >= MAX_CUES {
        return Err(Error::TooLarge);
    }
    if end > cue.start {
        cues.push(Cue { end, ..cue.clone() });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
