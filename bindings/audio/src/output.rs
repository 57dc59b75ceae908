//! Where sound goes, and the clock that comes of it.

use footlight_native::{Instant, Micros};

#[cfg(feature = "device")]
use crate::device::Device;
use crate::mixer::{CHANNELS, Mixer, Queue};

/// Without a device, in frames per second.
const ASSUMED_RATE: u32 = 48_000;
/// A device that takes nothing for so long is gone.
#[cfg(feature = "device")]
const PATIENCE: Micros = Micros(5_000_000);
/// Without a device, more frames than this are not made up at once.
const MOST: usize = 1 << 20;

/// Why no device plays.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no sound: {0}")]
pub struct NoDevice(pub(crate) String);

/// A device, or the want of one.
pub struct Output {
    pub(crate) mixer: Mixer,
    rate: u32,
    source: Source,
    /// What the clock said last.
    last: Instant,
}

enum Source {
    #[cfg(feature = "device")]
    Device {
        device: Device,
        /// The host's time at first, and frames and time when it last took some.
        start: Option<Instant>,
        taken: (u64, Instant),
    },
    /// Frames go nowhere, as fast as the host's clock says; or to a test.
    Nowhere {
        from: Option<Instant>,
        /// The host's clock is so far ahead.
        lag: Micros,
        heard: Option<Heard>,
    },
}

/// What a test hears.
pub(crate) type Heard = std::sync::Arc<std::sync::Mutex<Vec<f32>>>;

impl Output {
    /// The system's usual device.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened; and always without the feature `device`.
    pub fn system() -> Result<Self, NoDevice> {
        #[cfg(feature = "device")]
        {
            let mixer = Mixer::default();
            let device = Device::open(mixer.clone())?;
            Ok(Self {
                rate: device.rate,
                mixer,
                source: Source::Device {
                    device,
                    start: None,
                    taken: (0, Instant::default()),
                },
                last: Instant::default(),
            })
        }
        #[cfg(not(feature = "device"))]
        Err(NoDevice("this program was built without devices".to_owned()))
    }

    /// No device: sound is decoded and not heard, and time passes as the host's clock says.
    #[must_use]
    pub fn none() -> Self {
        Self::nowhere(None)
    }

    pub(crate) fn nowhere(heard: Option<Heard>) -> Self {
        Self {
            mixer: Mixer::default(),
            rate: ASSUMED_RATE,
            source: Source::Nowhere {
                from: None,
                lag: Micros(0),
                heard,
            },
            last: Instant::default(),
        }
    }

    /// Frames per second.
    pub(crate) const fn rate(&self) -> u32 {
        self.rate
    }

    /// Frames between what the device was given and what is heard.
    pub(crate) fn latency(&self) -> f64 {
        match &self.source {
            #[cfg(feature = "device")]
            Source::Device { device, .. } => device.latency().as_secs_f64() * f64::from(self.rate),
            Source::Nowhere { .. } => 0.0,
        }
    }

    /// What time it is by the device, when the host says that it is `now`. Never goes back.
    pub(crate) fn clock(&mut self, now: Instant) -> Instant {
        #[cfg(feature = "device")]
        self.miss_device(now);
        let mut queue = self.mixer.lock();
        let time = match &mut self.source {
            #[cfg(feature = "device")]
            Source::Device { device, start, .. } => {
                let given = Micros(i64::try_from(queue.given() * 1_000_000 / u64::from(self.rate)).unwrap_or(i64::MAX));
                let late = i64::try_from(device.latency().as_micros()).unwrap_or(0);
                start.get_or_insert(now).plus(Micros((given.0 - late).max(0)))
            }
            Source::Nowhere { from, lag, heard } => {
                let from = from.get_or_insert(now);
                let passed = u128::from(now.since(*from).0.unsigned_abs());
                let due = passed * u128::from(self.rate) / 1_000_000;
                let wanted = usize::try_from(due).unwrap_or(MOST);
                let frames = wanted.saturating_sub(usize::try_from(queue.given()).unwrap_or(MOST));
                give(&mut queue, frames.min(MOST), heard.as_ref());
                Instant(now.0.saturating_sub(lag.0.unsigned_abs()))
            }
        };
        self.last = self.last.max(time);
        self.last
    }

    /// Goes on without the device when that takes nothing any more: unplugged, or its server ended.
    #[cfg(feature = "device")]
    fn miss_device(&mut self, now: Instant) {
        let given = self.mixer.lock().given();
        let Source::Device { start, taken, .. } = &mut self.source else {
            return;
        };
        if given != taken.0 || start.is_none() {
            *taken = (given, now);
        } else if now.since(taken.1) > PATIENCE {
            let played = given * 1_000_000 / u64::from(self.rate);
            self.source = Source::Nowhere {
                from: Some(Instant(now.0.saturating_sub(played))),
                lag: now.since(self.last),
                heard: None,
            };
        }
    }
}

fn give(queue: &mut Queue, frames: usize, heard: Option<&Heard>) {
    let mut out = vec![0.0; frames * CHANNELS];
    queue.fill(&mut out, CHANNELS);
    if let Some(Ok(mut heard)) = heard.map(|heard| heard.lock()) {
        heard.extend(&out);
    }
}
