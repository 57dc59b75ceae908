//! What the device plays: sound by its time on the presentation timeline.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Samples of one frame: sound is played in stereo.
pub(crate) const CHANNELS: usize = 2;
/// Faster than this nothing can be made out: silence.
const MAX_HEARD: u32 = 2000;

/// Shared by the sink, which fills it, and the device, which empties it. The lock is held for copying alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mixer(Arc<Mutex<Queue>>);

/// Frames ahead of the playhead, at the device's rate.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    frames: VecDeque<[f32; CHANNELS]>,
    /// Which frame of the timeline is the first of them.
    first: i64,
    /// The playhead, in frames of the timeline.
    head: f64,
    /// In thousandths; 0 while it stands.
    rate: u32,
    /// Frames that the device was given since the start: its clock.
    given: u64,
}

impl Mixer {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Frames that the device was given since the start.
    pub(crate) const fn given(&self) -> u64 {
        self.given
    }

    /// The first frame that there is no sound for any more.
    pub(crate) fn end(&self) -> i64 {
        self.first.saturating_add_unsigned(self.frames.len() as u64)
    }

    /// Where the playhead is.
    pub(crate) const fn head(&self) -> f64 {
        self.head
    }

    /// Plays from this frame at this rate.
    pub(crate) fn play(&mut self, head: f64, rate: u32) {
        (self.head, self.rate) = (head, rate);
    }

    /// Forgets all sound; what comes next begins at this frame.
    pub(crate) fn clear(&mut self, first: i64) {
        self.frames.clear();
        self.first = first;
    }

    /// Adds sound that begins at this frame: silence fills what is between, what is there already stays.
    pub(crate) fn push(&mut self, at: i64, sound: &[[f32; CHANNELS]]) {
        if self.frames.is_empty() {
            self.first = at;
        }
        let gap = at.saturating_sub(self.end());
        for _ in 0..gap {
            self.frames.push_back([0.0; CHANNELS]);
        }
        let known = usize::try_from(-gap).unwrap_or(0).min(sound.len());
        self.frames.extend(&sound[known..]);
    }

    /// Gives the device its next frames, interleaved for so many channels.
    pub(crate) fn fill(&mut self, out: &mut [f32], channels: usize) {
        let step = f64::from(self.rate) / 1000.0;
        for frame in out.chunks_mut(channels.max(1)) {
            let sound = if (1..=MAX_HEARD).contains(&self.rate) {
                self.at(self.head)
            } else {
                [0.0; CHANNELS]
            };
            self.head += step;
            self.given += 1;
            if let [only] = frame {
                *only = sound.iter().sum::<f32>() / 2.0;
                continue;
            }
            frame.fill(0.0);
            frame.iter_mut().zip(sound).for_each(|(to, from)| *to = from);
        }
        let played = (self.head as i64).saturating_sub(self.first);
        let played = usize::try_from(played).unwrap_or(0).min(self.frames.len());
        self.frames.drain(..played);
        self.first = self.first.saturating_add_unsigned(played as u64);
    }

    /// The sound at a moment between two frames.
    fn at(&self, moment: f64) -> [f32; CHANNELS] {
        let before = moment.floor();
        let part = (moment - before) as f32;
        let frame = |number: i64| {
            let index = usize::try_from(number.saturating_sub(self.first)).ok();
            index.and_then(|index| self.frames.get(index)).copied()
        };
        let Some(now) = frame(before as i64) else {
            return [0.0; CHANNELS];
        };
        let next = frame((before as i64).saturating_add(1)).unwrap_or(now);
        std::array::from_fn(|channel| now[channel] + (next[channel] - now[channel]) * part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(from: i64, count: i64) -> Vec<[f32; CHANNELS]> {
        (from..from + count).map(|n| [n as f32, -(n as f32)]).collect()
    }

    fn played(queue: &mut Queue, frames: usize) -> Vec<f32> {
        let mut out = vec![9.0; frames * 2];
        queue.fill(&mut out, 2);
        out.chunks(2).map(|frame| frame[0]).collect()
    }

    #[test]
    fn what_is_heard_is_what_belongs_to_the_moment() {
        let mut queue = Queue::default();
        assert_eq!(played(&mut queue, 2), [0.0, 0.0], "it stands");
        queue.push(100, &ramp(100, 4));
        queue.push(102, &ramp(102, 4));
        queue.push(108, &ramp(108, 2));
        queue.play(98.0, 1000);
        let expected = [
            0.0, 0.0, 100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 0.0, 0.0, 108.0, 109.0, 0.0,
        ];
        assert_eq!(played(&mut queue, 13), expected);
        assert_eq!((queue.given(), queue.head()), (15, 111.0));
        assert_eq!(queue.end(), 110);
        queue.push(90, &ramp(90, 3));
        assert_eq!(played(&mut queue, 1), [0.0], "what is over is not heard");
    }

    #[test]
    fn a_moment_between_two_frames_is_heard_as_such() {
        let mut queue = Queue::default();
        queue.push(0, &ramp(0, 10));
        queue.play(0.0, 500);
        assert_eq!(played(&mut queue, 4), [0.0, 0.5, 1.0, 1.5]);
        queue.play(4.0, 2000);
        assert_eq!(played(&mut queue, 2), [4.0, 6.0]);
        queue.play(8.0, 3000);
        assert_eq!(played(&mut queue, 1), [0.0], "too fast to make out");
        assert_eq!(queue.head(), 11.0);
    }

    #[test]
    fn a_device_has_one_ear_or_many() {
        let mut queue = Queue::default();
        queue.push(0, &[[1.0, 0.5]; 4]);
        queue.play(0.0, 1000);
        let mut mono = [9.0; 2];
        queue.fill(&mut mono, 1);
        assert_eq!(mono, [0.75, 0.75]);
        let mut many = [9.0; 4];
        queue.fill(&mut many, 4);
        assert_eq!(many, [1.0, 0.5, 0.0, 0.0]);
    }
}
