//! What a viewer does, and when.

use std::collections::VecDeque;

use footlight_core::Micros;

/// One thing that a viewer does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Goes to this position.
    Seek(Micros),
    /// Plays.
    Play,
    /// Pauses.
    Pause,
    /// Plays at this speed, in thousandths.
    Rate(u32),
    /// Chooses an audio track.
    Audio(u32),
    /// Fixes a rendition, or lets the player choose.
    Rendition(Option<u32>),
    /// Tries again after an error.
    Retry,
    /// Changes the size of the picture, in pixels.
    Size(u32, u32),
    /// Closes the lid, and opens it so many microseconds later.
    Sleep(u64),
}

/// A viewer's actions in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Script {
    actions: VecDeque<(u64, Action)>,
}

impl Script {
    /// Actions at times in microseconds since the load.
    #[must_use]
    pub fn new(mut actions: Vec<(u64, Action)>) -> Self {
        actions.sort_by_key(|(at, _)| *at);
        Self {
            actions: actions.into(),
        }
    }

    /// Adds an action.
    pub fn add(&mut self, at: u64, action: Action) {
        let place = self.actions.partition_point(|(other, _)| *other <= at);
        self.actions.insert(place, (at, action));
    }

    /// When the next one is due.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        self.actions.front().map(|(at, _)| *at)
    }

    /// The next one that is due.
    pub fn take(&mut self, now: u64) -> Option<Action> {
        if self.next()? > now {
            return None;
        }
        self.actions.pop_front().map(|(_, action)| action)
    }
}
