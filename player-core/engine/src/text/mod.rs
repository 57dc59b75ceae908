//! Subtitles: files to cues, cues to what is on screen.

mod webvtt;

pub use webvtt::{Malformed, parse_webvtt};

use footlight_dash::Micros;

use crate::player::Cue;

/// Most cues kept for one track; a feature film has about 2,000.
const MAX_CUES: usize = 50_000;

/// The cues of the selected track, ascending by start.
#[derive(Clone, Debug, Default)]
pub(crate) struct CueTimeline {
    cues: Vec<Cue>,
    showing: Vec<Cue>,
}

impl CueTimeline {
    /// Adds the cues of one segment; cues that were there already (segments repeat those that span their
    /// border) are not added twice.
    pub(crate) fn extend(&mut self, cues: impl IntoIterator<Item = Cue>) {
        for cue in cues {
            if self.cues.len() >= MAX_CUES {
                return;
            }
            let at = self.cues.partition_point(|c| (c.start, c.end) <= (cue.start, cue.end));
            let twin = self.cues[..at]
                .iter()
                .rev()
                .take_while(|c| c.start == cue.start)
                .any(|c| *c == cue);
            if !twin {
                self.cues.insert(at, cue);
            }
        }
    }

    /// Forgets all cues.
    pub(crate) fn clear(&mut self) {
        self.cues.clear();
    }

    /// What is on screen at `time`, when that is something else than at the last call.
    pub(crate) fn update(&mut self, time: Micros) -> Option<Vec<Cue>> {
        let until = self.cues.partition_point(|c| c.start <= time);
        let now: Vec<Cue> = self.cues[..until].iter().filter(|c| c.end > time).cloned().collect();
        (now != self.showing).then(|| {
            self.showing.clone_from(&now);
            now
        })
    }

    /// The next time after `time` at which a cue appears or goes.
    pub(crate) fn next_boundary(&self, time: Micros) -> Option<Micros> {
        let until = self.cues.partition_point(|c| c.start <= time);
        let appears = self.cues.get(until).map(|c| c.start);
        let goes = self.showing.iter().map(|c| c.end).filter(|&end| end > time).min();
        appears.into_iter().chain(goes).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start: i64, end: i64, text: &str) -> Cue {
        Cue {
            start: Micros(start),
            end: Micros(end),
            text: text.into(),
            settings: String::new(),
        }
    }

    #[test]
    fn cues_appear_and_go() {
        let mut timeline = CueTimeline::default();
        timeline.extend([cue(20, 30, "b"), cue(0, 25, "a"), cue(20, 30, "b")]);
        assert_eq!(timeline.update(Micros(0)).map(|c| c.len()), Some(1));
        assert_eq!(timeline.update(Micros(5)), None);
        assert_eq!(timeline.next_boundary(Micros(5)), Some(Micros(20)));
        assert_eq!(timeline.update(Micros(20)).map(|c| c.len()), Some(2));
        assert_eq!(timeline.next_boundary(Micros(20)), Some(Micros(25)));
        assert_eq!(timeline.update(Micros(30)), Some(vec![]));
        assert_eq!(timeline.next_boundary(Micros(30)), None);
    }
}
