//! When elements are active: `begin`, `end`, `dur` and `timeContainer` (TTML2, 12).

use footlight_dash::Micros;

use super::time::Clock;
use super::tree::{Id, Tree};
use crate::cue::Window;

/// The active interval of each element, by number, in document time.
#[derive(Debug)]
pub(super) struct Timing {
    intervals: Vec<Window>,
}

const NEVER: Window = Window {
    start: Micros::MAX,
    end: Micros::MIN,
};

impl Timing {
    pub(super) fn of(tree: &Tree<'_>, clock: &Clock) -> Self {
        let all = Window {
            start: Micros(0),
            end: Micros::MAX,
        };
        let mut timing = Self {
            intervals: vec![NEVER; tree.len()],
        };
        timing.set(0, all);
        for id in tree.elements(0) {
            match tree.name(id) {
                "body" => {
                    timing.resolve(tree, clock, id, all, None);
                }
                "head" => {
                    for layout in tree.named(id, "layout") {
                        for region in tree.named(layout, "region") {
                            timing.resolve(tree, clock, region, all, None);
                        }
                    }
                }
                _ => {}
            }
        }
        timing
    }

    pub(super) fn interval(&self, id: Id) -> Window {
        self.intervals.get(id).copied().unwrap_or(NEVER)
    }

    fn set(&mut self, id: Id, interval: Window) {
        if let Some(place) = self.intervals.get_mut(id) {
            *place = interval;
        }
    }

    /// Times an element and all in it; `after` is where the one before it in a sequence ended. Says where it ends itself.
    fn resolve(&mut self, tree: &Tree<'_>, clock: &Clock, id: Id, parent: Window, after: Option<Micros>) -> Micros {
        let time = |name| clock.parse(tree.attribute(id, name)?);
        let base = after.unwrap_or(parent.start);
        let start = base.saturating_add(time("begin").unwrap_or_default());
        let told = match (time("end"), time("dur")) {
            (Some(end), Some(duration)) => Some(base.saturating_add(end).min(start.saturating_add(duration))),
            (Some(end), None) => Some(base.saturating_add(end)),
            (None, Some(duration)) => Some(start.saturating_add(duration)),
            (None, None) => None,
        };
        let limit = Window {
            start,
            end: told.unwrap_or(Micros::MAX).min(parent.end),
        };
        let sequence = tree.attribute(id, "timeContainer") == Some("seq");
        let mut last = start;
        for child in tree.elements(id) {
            last = self
                .resolve(tree, clock, child, limit, sequence.then_some(last))
                .max(if sequence { start } else { last });
        }
        // In a sequence nothing lasts until the end of what is around it: it would hide what follows.
        let end = match (told, after) {
            (None, Some(_)) => last.min(parent.end),
            _ => limit.end,
        };
        self.set(id, Window { start, end });
        end
    }
}
