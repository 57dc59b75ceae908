//! What is on when: the Periods of a channel, each computed from the time of day.

use super::{GRID_MS, Settings};

/// How long one title of a line-up of several is on.
pub(crate) const PROGRAMME_MS: u64 = 600_000;
/// How long an encoder that restarts is away.
const RESTART_MS: u64 = 5200;
/// Lengths of the spots of ad breaks, in turn: no multiples of anything.
const SPOTS_MS: [&[u64]; 3] = [&[5480, 7360], &[10_240], &[4120, 3960, 6520]];
/// How often there is a break that is signalled only.
const BREAKS_MS: u64 = 60_000;
/// More Periods than this are never looked at.
const MAX_SLOTS: usize = 20_000;

/// What a slot shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Show {
    /// A title of the line-up, counted.
    Programme(usize),
    /// A spot of an ad break, counted within it.
    Spot(usize),
}

/// A Period: a stretch of one source. Points in time are milliseconds since the Unix epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot {
    pub(crate) start: u64,
    /// None: until further notice.
    pub(crate) end: Option<u64>,
    pub(crate) show: Show,
    /// Milliseconds from the source's origin to what is shown at the start.
    pub(crate) offset: u64,
    /// Nothing is on right before it.
    pub(crate) after_gap: bool,
}

impl Slot {
    /// Does it go on where `earlier` ends, on the same source?
    pub(crate) fn continues(&self, earlier: &Self) -> bool {
        earlier.show == self.show
            && earlier.end == Some(self.start)
            && earlier.offset + (self.start - earlier.start) == self.offset
    }
}

/// An ad break.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Break {
    /// Counted from the epoch.
    pub(crate) number: u64,
    pub(crate) start: u64,
    pub(crate) duration: u64,
}

/// The schedule of a channel.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    start: u64,
    stop: Option<u64>,
    /// Titles in the line-up.
    line_up: u64,
    periods: Option<u64>,
    restart: Option<u64>,
    ads: Option<u64>,
    /// Breaks are signalled, whether something else is on in them or not.
    breaks: Option<u64>,
}

impl Schedule {
    pub(crate) fn new(settings: &Settings, line_up: usize) -> Self {
        Self {
            start: settings.start,
            stop: settings.stop(),
            line_up: line_up.max(1) as u64,
            periods: settings.periods,
            restart: settings.restart,
            ads: settings.ads,
            breaks: settings.ads.or(settings.signals_breaks().then_some(BREAKS_MS)),
        }
    }

    /// What is on at a time.
    pub(crate) fn at(&self, time: u64) -> Option<Slot> {
        if time < self.start || self.stop.is_some_and(|stop| time >= stop) {
            return None;
        }
        // From where to where nothing changes, and where the source's timeline has its origin.
        let (mut from, mut to, mut origin) = (self.start, self.stop.unwrap_or(u64::MAX), 0);
        let mut cut = |at: u64, next: u64| {
            from = from.max(at);
            to = to.min(next);
        };
        if let Some(cycle) = self.restart {
            let down = time - time % cycle;
            origin = down + RESTART_MS;
            if time < origin {
                return None;
            }
            cut(origin, down + cycle);
        }
        let programmes = (self.line_up > 1).then_some(PROGRAMME_MS);
        for cycle in self.periods.into_iter().chain(programmes) {
            let at = time - time % cycle;
            cut(at, at + cycle);
        }
        let mut spot = None;
        if let Some(cycle) = self.ads
            && let Some(pause) = self.pause_before(time)
        {
            let mut at = pause.start;
            for (index, length) in spots(pause.number).iter().enumerate() {
                if (at..at + length).contains(&time) {
                    spot = Some((index, at));
                    cut(at, at + length);
                }
                at += length;
            }
            if spot.is_none() {
                cut(at, pause.start + cycle);
            }
        }
        let (show, origin) = match spot {
            Some((index, at)) => (Show::Spot(index), at),
            None => {
                let index = time / PROGRAMME_MS % self.line_up;
                (Show::Programme(usize::try_from(index).unwrap_or(0)), origin)
            }
        };
        let offset = from.saturating_sub(origin);
        let down = |at: u64| self.restart.is_some_and(|cycle| at % cycle < RESTART_MS);
        Some(Slot {
            start: from,
            end: (to != u64::MAX).then_some(to),
            show,
            offset: offset - offset % GRID_MS,
            after_gap: from > self.start && down(from - 1),
        })
    }

    /// The slots that have a part between two times, in order.
    pub(crate) fn between(&self, from: u64, to: u64) -> Vec<Slot> {
        let mut slots = Vec::new();
        let mut time = from.max(self.start);
        while time < to && slots.len() < MAX_SLOTS {
            match self.at(time) {
                Some(slot) => {
                    slots.push(slot);
                    match slot.end {
                        Some(end) => time = end,
                        None => break,
                    }
                }
                None => match self.restart {
                    Some(cycle) if time % cycle < RESTART_MS => time += RESTART_MS - time % cycle,
                    _ => break,
                },
            }
        }
        slots
    }

    /// The slot right before one, unless that is the first.
    pub(crate) fn before(&self, slot: &Slot) -> Option<Slot> {
        let last = slot.start.checked_sub(1)?;
        let last = if slot.after_gap {
            last.checked_sub(RESTART_MS)?
        } else {
            last
        };
        self.at(last)
    }

    /// The last ad break that starts at or before a time.
    pub(crate) fn pause_before(&self, time: u64) -> Option<Break> {
        let cycle = self.breaks?;
        Some(pause(time / cycle, cycle))
    }

    /// The ad breaks that start from one time on and before another.
    pub(crate) fn pauses(&self, from: u64, to: u64) -> impl Iterator<Item = Break> {
        let numbers = self
            .breaks
            .map(|cycle| (cycle, from.div_ceil(cycle)..to.div_ceil(cycle)));
        let numbers = numbers
            .into_iter()
            .flat_map(|(cycle, numbers)| numbers.map(move |number| (number, cycle)));
        numbers.map(|(number, cycle)| pause(number, cycle))
    }

    /// When the presentation becomes static, if it does.
    pub(crate) fn stop(&self) -> Option<u64> {
        self.stop
    }
}

fn pause(number: u64, cycle: u64) -> Break {
    Break {
        number,
        start: number * cycle,
        duration: spots(number).iter().sum(),
    }
}

fn spots(number: u64) -> &'static [u64] {
    let index = usize::try_from(number % SPOTS_MS.len() as u64).unwrap_or(0);
    SPOTS_MS[index]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;

    fn schedule(text: &str, line_up: usize) -> Schedule {
        let settings = Settings::parse(&super::super::parameters(text)).unwrap();
        Schedule::new(&settings, line_up)
    }

    #[test]
    fn slots_tile_time_and_are_the_same_from_anywhere_within() {
        for (text, line_up) in [
            ("", 1),
            ("periods=60", 3),
            ("ads=30", 1),
            ("ads=30&periods=20", 3),
            ("restart=60&ads=40", 1),
        ] {
            let schedule = schedule(text, line_up);
            let slots = schedule.between(NOW, NOW + 1_300_000);
            for pair in slots.windows(2) {
                let end = pair[0].end.unwrap();
                let gap = pair[1].start - end;
                assert_eq!(gap, if pair[1].after_gap { RESTART_MS } else { 0 }, "{text}");
                assert_eq!(schedule.before(&pair[1]), Some(pair[0]), "{text}");
            }
            for slot in &slots {
                let end = slot.end.unwrap_or(slot.start + 1000);
                for time in [slot.start, (slot.start + end) / 2, end - 1] {
                    assert_eq!(schedule.at(time), Some(*slot), "{text}");
                }
                assert_eq!(slot.offset % GRID_MS, 0);
            }
        }
    }

    #[test]
    fn periods_of_one_source_continue_each_other() {
        let slots = schedule("periods=60", 1).between(NOW, NOW + 200_000);
        assert!(slots.windows(2).all(|pair| pair[1].continues(&pair[0])));
        let slots = schedule("ads=60", 1).between(NOW, NOW + 200_000);
        assert!(!slots.windows(2).any(|pair| pair[1].continues(&pair[0])));
        assert!(slots.iter().any(|slot| slot.show == Show::Spot(1) && slot.offset == 0));
    }

    #[test]
    fn an_event_has_a_beginning_and_an_end() {
        let schedule = schedule("start=1800000003&end=1800000060", 1);
        assert_eq!(schedule.at(NOW + 2999), None);
        assert_eq!(schedule.at(NOW + 60_000), None);
        let [slot] = schedule.between(NOW, NOW + 100_000)[..] else {
            panic!("one slot")
        };
        assert_eq!((slot.start, slot.end), (NOW + 3000, Some(NOW + 60_000)));
    }

    #[test]
    fn a_restarted_encoder_counts_from_nothing() {
        let slots = schedule("restart=60", 1).between(NOW, NOW + 130_000);
        let starts: Vec<_> = slots.iter().map(|slot| (slot.start - NOW, slot.offset)).collect();
        assert_eq!(starts, [(5200, 0), (65_200, 0), (125_200, 0)]);
    }
}
