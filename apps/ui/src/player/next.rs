//! When the next title's card shows, and how its countdown runs.

/// Seconds of countdown after the end.
pub const COUNTDOWN: u32 = 10;

/// How long before the end the card shows, in seconds.
const LEAD: f64 = 10.0;
/// Titles shorter than this show the card only at their end.
const SHORTEST: f64 = 30.0;

/// Whether playback is so close to the end that the card shows.
#[must_use]
pub fn near_end(position: f64, duration: f64) -> bool {
    duration.is_finite() && duration >= SHORTEST && position.is_finite() && duration - position <= LEAD
}

/// The countdown: it runs after the end, unless the viewer stopped it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countdown {
    /// The card does not show.
    Hidden,
    /// The card shows during the last seconds.
    Announced,
    /// So many seconds until the next title plays.
    Running(u32),
    /// The next title plays now.
    Due,
    /// The viewer said no; until a seek away from the end.
    Cancelled,
}

impl Countdown {
    /// Playback moved on.
    #[must_use]
    pub fn at(self, near: bool) -> Self {
        match (self, near) {
            (Self::Hidden, true) => Self::Announced,
            (Self::Announced | Self::Running(_) | Self::Cancelled, false) => Self::Hidden,
            (same, _) => same,
        }
    }

    /// Playback ended.
    #[must_use]
    pub fn ended(self) -> Self {
        match self {
            Self::Hidden | Self::Announced => Self::Running(COUNTDOWN),
            same => same,
        }
    }

    /// A second went by after the end.
    #[must_use]
    pub fn tick(self) -> Self {
        match self {
            Self::Running(0 | 1) => Self::Due,
            Self::Running(left) => Self::Running(left - 1),
            same => same,
        }
    }

    /// Whether the card is to be seen.
    #[must_use]
    pub fn shows(self) -> bool {
        matches!(self, Self::Announced | Self::Running(_) | Self::Due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_titles_wait_for_their_end() {
        assert!(!near_end(25.0, 29.0));
        assert!(near_end(51.0, 60.0));
        assert!(!near_end(49.0, 60.0));
        assert!(!near_end(49.0, f64::NAN));
    }

    #[test]
    fn the_countdown_runs_after_the_end() {
        let mut card = Countdown::Hidden.at(true);
        assert_eq!(card, Countdown::Announced);
        assert_eq!(card.tick(), Countdown::Announced);
        card = card.ended();
        for _ in 0..9 {
            card = card.tick();
        }
        assert_eq!(card, Countdown::Running(1));
        assert_eq!(card.tick(), Countdown::Due);
    }

    #[test]
    fn no_means_no_until_a_seek_back() {
        let card = Countdown::Cancelled;
        assert_eq!(card.at(true).ended().tick(), Countdown::Cancelled);
        assert_eq!(card.at(false), Countdown::Hidden);
        assert!(!card.shows());
    }

    #[test]
    fn going_back_hides_it() {
        assert_eq!(Countdown::Announced.at(false), Countdown::Hidden);
        assert_eq!(Countdown::Running(4).at(false), Countdown::Hidden);
    }
}
