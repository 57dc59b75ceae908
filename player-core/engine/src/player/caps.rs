//! Which of the ascending video renditions are worth having: what is seen, what the device decodes, what the viewer, the
//! network's owner and the battery allow.

use footlight_dash::{Micros, Representation};

use super::input::{Environment, Playback};
use crate::abr::Reason;
use crate::presentation::PlayableSet;
use crate::time::Instant;

/// Lines of a picture that spares data: standard definition.
const SAVING_LINES: u32 = 480;
/// Bits per second that spare data, where lines are not told.
const SAVING_BITRATE: u64 = 1_000_000;
/// Lines of a picture while the battery is low.
const LOW_POWER_LINES: u32 = 720;
/// So many frames tell whether a device keeps up: five seconds and more of most films.
const WATCHED_FRAMES: u32 = 150;
/// More than one frame in this many lost is seen.
const LOST_ONE_IN: u32 = 6;
/// How long a device is spared a rendition that it could not show at first; twice as long each time.
const FIRST_REST: Micros = Micros(60_000_000);
const MAX_REST: Micros = Micros(3_840_000_000);

/// Whether the device keeps up with what it shows.
#[derive(Debug)]
pub(super) struct Decoding {
    /// Decoded and dropped frames when watching began, and of which size.
    from: Option<(u32, u32, u64)>,
    /// Pictures with this many pixels a second and more are too much, until then.
    too_much: Option<(u64, Instant)>,
    rest: Micros,
}

impl Default for Decoding {
    fn default() -> Self {
        Self {
            from: None,
            too_much: None,
            rest: FIRST_REST,
        }
    }
}

/// Pixels a second.
fn load(rep: &Representation) -> u64 {
    let (frames, seconds) = rep.frame_rate.filter(|&(_, of)| of > 0).unwrap_or((30, 1));
    u64::from(rep.width) * u64::from(rep.height) * u64::from(frames) / u64::from(seconds)
}

impl Decoding {
    /// Looks at the frames that were shown of a rendition.
    pub(super) fn watch(&mut self, now: Instant, seen: &Playback, visible: bool, playing: Option<&Representation>) {
        let Some(load) = playing.map(load).filter(|&load| load > 0) else {
            self.from = None;
            return;
        };
        // Nobody sees what a hidden page drops, and a seek or a change of rendition drops some everywhere.
        let steady = visible && seen.ready_state >= 3 && !seen.paused && !seen.seeking && seen.rate <= 1500;
        let Some((decoded, dropped, of)) = self.from.filter(|from| steady && from.2 == load) else {
            self.from = steady.then_some((seen.decoded_frames, seen.dropped_frames, load));
            return;
        };
        let shown = seen.decoded_frames.saturating_sub(decoded);
        if shown < WATCHED_FRAMES {
            return;
        }
        let lost = seen.dropped_frames.saturating_sub(dropped);
        if lost > shown / LOST_ONE_IN {
            self.too_much = Some((load, now.plus(self.rest)));
            self.rest = Micros(self.rest.0.saturating_mul(2).min(MAX_REST.0));
        }
        self.from = Some((seen.decoded_frames, seen.dropped_frames, of));
    }

    fn allows(&self, now: Instant, rep: &Representation) -> bool {
        self.too_much
            .is_none_or(|(much, until)| now >= until || load(rep) < much)
    }
}

/// How many of the ascending renditions may be chosen, and why not all: at least one always may.
pub(super) fn allowed(
    now: Instant,
    environment: &Environment,
    decoding: &Decoding,
    reps: PlayableSet<'_>,
) -> (usize, Option<Reason>) {
    let within = |lines: u32, bitrate: u64| {
        move |rep: &Representation| match rep.width.min(rep.height) {
            0 => rep.bandwidth <= bitrate,
            shown => shown <= lines,
        }
    };
    let up_to = |fits: &dyn Fn(&Representation) -> bool| reps.reps().position(|rep| !fits(rep)).unwrap_or(reps.len());
    let unlimited = |limit: u64| if limit == 0 { u64::MAX } else { limit };
    let (lines, bitrate) = (u64::from(environment.max_height), environment.max_bitrate);
    let limit = |rep: &Representation| {
        u64::from(rep.width.min(rep.height)) <= unlimited(lines) && rep.bandwidth <= unlimited(bitrate)
    };
    let mut best = (reps.len(), None);
    let mut cap = |count: usize, reason: Reason| {
        if count.max(1) < best.0 {
            best = (count.max(1), Some(reason));
        }
    };
    cap(visible(environment, reps), Reason::Cap);
    cap(up_to(&limit), Reason::Limit);
    if environment.save_data {
        cap(up_to(&within(SAVING_LINES, SAVING_BITRATE)), Reason::SaveData);
    }
    if environment.low_power {
        cap(up_to(&within(LOW_POWER_LINES, u64::MAX)), Reason::LowPower);
    }
    cap(up_to(&|rep| decoding.allows(now, rep)), Reason::DroppedFrames);
    best
}

/// Up to the first that fills the picture's area.
fn visible(environment: &Environment, reps: PlayableSet<'_>) -> usize {
    let (width, height) = (environment.width, environment.height);
    if width == 0 || height == 0 {
        return reps.len();
    }
    let fills = |rep: &Representation| rep.width >= width || rep.height >= height;
    reps.reps().position(fills).map_or(reps.len(), |at| at + 1)
}
