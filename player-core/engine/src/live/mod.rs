//! Live: what time it is at the service, what is available, how far behind to play, and when to ask for the
//! manifest again.

mod clock;
mod latency;
mod refresh;
mod timing;
mod window;

pub(crate) use clock::Clock;
pub(crate) use latency::{Advice, Control, Target};
pub(crate) use refresh::Refresh;
pub(crate) use timing::{Timing, TimingStep};
pub use window::Timeline;
pub(crate) use window::{default_delay, seekable};
