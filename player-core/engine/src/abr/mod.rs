//! Which rendition: what transfers say about the network, and rules that turn it and the buffer into a choice.
//!
//! A choice is the same on every platform: rules compute with integers, or with `+ - * /` and comparisons of `f64`, never
//! with `ln` or `pow`, which differ in the last place.

#[cfg(feature = "algorithms")]
mod bola;
mod by_throughput;
#[cfg(feature = "algorithms")]
mod controller;
mod log;
mod ours;
#[cfg(feature = "algorithms")]
mod published;
#[cfg(test)]
mod situation;
mod throughput;

#[cfg(feature = "algorithms")]
pub use bola::Bola;
pub use by_throughput::ByThroughput;
#[cfg(feature = "algorithms")]
pub use controller::Controller;
pub use log::{exp2_q16, log2_q16};
pub use ours::Ours;
#[cfg(feature = "algorithms")]
pub use published::{Bba2, BolaE, ByEstimate, Estimator, L2aLl, LolPlus, RobustMpc, Soda};
pub use throughput::{Slice, Throughput};

use footlight_dash::Micros;

use crate::presentation::Kind;
use crate::time::Instant;

/// The rules there are; see [`crate::Config::algorithm`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Algorithm {
    /// The default: plans ahead with real segment sizes and a probabilistic forecast.
    #[default]
    Ours,
    /// What a share of the measured throughput carries.
    Throughput,
    /// Throughput, and BOLA from half a buffer on, as dash.js's DYNAMIC.
    #[cfg(feature = "algorithms")]
    Dynamic,
    /// BOLA-E.
    #[cfg(feature = "algorithms")]
    BolaE,
    /// BBA-2.
    #[cfg(feature = "algorithms")]
    Bba2,
    /// RobustMPC.
    #[cfg(feature = "algorithms")]
    RobustMpc,
    /// SODA.
    #[cfg(feature = "algorithms")]
    Soda,
    /// L2A-LL, for low latency.
    #[cfg(feature = "algorithms")]
    L2aLl,
    /// LoL+, for low latency.
    #[cfg(feature = "algorithms")]
    LolPlus,
    /// As the throughput rule, by the sliding percentile.
    #[cfg(feature = "algorithms")]
    ByPercentile,
    /// As the throughput rule, by the harmonic mean.
    #[cfg(feature = "algorithms")]
    ByHarmonicMean,
}

impl Algorithm {
    /// All of them.
    #[cfg(feature = "algorithms")]
    pub const ALL: &'static [Self] = &[
        Self::Ours,
        Self::Throughput,
        Self::Dynamic,
        Self::BolaE,
        Self::Bba2,
        Self::RobustMpc,
        Self::Soda,
        Self::L2aLl,
        Self::LolPlus,
        Self::ByPercentile,
        Self::ByHarmonicMean,
    ];
    /// All of them.
    #[cfg(not(feature = "algorithms"))]
    pub const ALL: &'static [Self] = &[Self::Ours, Self::Throughput];

    /// The stable name, for configurations and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Throughput => "throughput",
            #[cfg(feature = "algorithms")]
            Self::Dynamic => "dynamic",
            #[cfg(feature = "algorithms")]
            Self::BolaE => "bola-e",
            #[cfg(feature = "algorithms")]
            Self::Bba2 => "bba-2",
            #[cfg(feature = "algorithms")]
            Self::RobustMpc => "robustmpc",
            #[cfg(feature = "algorithms")]
            Self::Soda => "soda",
            #[cfg(feature = "algorithms")]
            Self::L2aLl => "l2a-ll",
            #[cfg(feature = "algorithms")]
            Self::LolPlus => "lolp",
            #[cfg(feature = "algorithms")]
            Self::ByPercentile => "throughput-percentile",
            #[cfg(feature = "algorithms")]
            Self::ByHarmonicMean => "throughput-harmonic",
        }
    }

    /// The rule of that name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.name() == name)
    }

    /// A fresh rule.
    #[must_use]
    pub fn rule(self) -> Box<dyn Rule> {
        match self {
            Self::Throughput => Box::new(ByThroughput),
            Self::Ours => Box::<Ours>::default(),
            #[cfg(feature = "algorithms")]
            Self::Dynamic => Box::<Controller>::default(),
            #[cfg(feature = "algorithms")]
            Self::BolaE => Box::<BolaE>::default(),
            #[cfg(feature = "algorithms")]
            Self::Bba2 => Box::<Bba2>::default(),
            #[cfg(feature = "algorithms")]
            Self::RobustMpc => Box::<RobustMpc>::default(),
            #[cfg(feature = "algorithms")]
            Self::Soda => Box::<Soda>::default(),
            #[cfg(feature = "algorithms")]
            Self::L2aLl => Box::<L2aLl>::default(),
            #[cfg(feature = "algorithms")]
            Self::LolPlus => Box::<LolPlus>::default(),
            #[cfg(feature = "algorithms")]
            Self::ByPercentile => Box::new(ByEstimate(Estimator::SlidingPercentile)),
            #[cfg(feature = "algorithms")]
            Self::ByHarmonicMean => Box::new(ByEstimate(Estimator::HarmonicMean)),
        }
    }
}

/// A rendition that may be chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rendition {
    /// Bits per second, as declared.
    pub bitrate: u64,
    /// What a second of it is worth, in 1/65536 of the best: see [`utility`]; where a manifest ranks quality, no more than
    /// a smaller one that is as good.
    pub utility: u32,
}

/// What is known of the segments to come.
pub trait Upcoming {
    /// Size in bytes of the segment `ahead` after the next one in a rendition (an index into [`Context::renditions`]):
    /// as an index says, else as guessed from the bitrate and from segments past. `None` past the end.
    fn bytes(&self, ahead: usize, rendition: usize) -> Option<u64>;
    /// Its length; `None` past the end.
    fn length(&self, ahead: usize) -> Option<Micros>;
}

/// What a rule knows when it chooses.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// When.
    pub now: Instant,
    /// The allowed renditions, by ascending bitrate, never empty.
    pub renditions: &'a [Rendition],
    /// The rendition in use, an index into `renditions`; `None` at the start and after a seek to nowhere.
    pub current: Option<usize>,
    /// Media buffered ahead of the playhead.
    pub buffer: Micros,
    /// How far ahead the buffer may grow, with the next segment in it.
    pub buffer_goal: Micros,
    /// Length of the next segment.
    pub segment: Micros,
    /// In how many parts it comes that play before the rest is there; 1 where it is appended whole.
    pub parts: u32,
    /// The segments to come.
    pub upcoming: &'a dyn Upcoming,
    /// How many they are, the next one included; `None`: unknown, or without an end.
    pub left: Option<u64>,
    /// What transfers delivered so far.
    pub network: &'a Throughput,
    /// Bits per second of the network that another track takes.
    pub reserved: u64,
    /// Throughput assumed before any measurement, bits per second.
    pub assumed: u64,
    /// Playback has begun: an empty buffer is a stall, not a start.
    pub playing: bool,
    /// How far behind the live edge playback is, and how far it should be.
    pub latency: Option<(Micros, Micros)>,
    /// Speed of playback in thousandths.
    pub rate: u32,
}

impl Context<'_> {
    /// What the network gives to this track, in bits per second: the dual mean without what another track takes.
    #[must_use]
    pub fn throughput(&self) -> Option<u64> {
        self.network.estimate().map(|all| self.left_of(all))
    }

    /// What another track leaves of so many bits per second.
    #[must_use]
    pub fn left_of(&self, all: u64) -> u64 {
        all.saturating_sub(self.reserved).max(all / 4)
    }

    /// The largest rendition within `spend` bits per second, else the smallest; of those that are worth the same, the
    /// smallest.
    #[must_use]
    pub fn within(&self, spend: u64) -> usize {
        let affordable = self.renditions.iter().take_while(|r| r.bitrate <= spend);
        let best = affordable.map(|r| r.utility).max().unwrap_or(0);
        self.renditions.iter().position(|r| r.utility >= best).unwrap_or(0)
    }
}

/// A transfer of a segment that was completed, or given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// The rendition, an index into [`Context::renditions`] when it was chosen.
    pub rendition: usize,
    /// What arrived.
    pub bytes: u64,
    /// When it was asked for.
    pub asked: Instant,
    /// When the response began.
    pub head: Instant,
    /// When it ended.
    pub end: Instant,
    /// It was given up.
    pub abandoned: bool,
    /// Media buffered ahead of the playhead when it ended, without this segment.
    pub buffer: Micros,
}

/// A transfer of a segment under way, for [`Rule::reconsider`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Running {
    /// The rendition, an index into [`Context::renditions`].
    pub rendition: usize,
    /// Its length in bytes.
    pub bytes: u64,
    /// What arrived so far.
    pub received: u64,
    /// When it was asked for.
    pub asked: Instant,
    /// When the response began.
    pub head: Option<Instant>,
}

/// What the network is expected to give, bits per second.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Forecast {
    /// It will be more in nine of ten cases.
    pub low: u64,
    /// As likely more as less.
    pub median: u64,
    /// It will be less in nine of ten cases.
    pub high: u64,
}

/// What a rule chose, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Index into [`Context::renditions`].
    pub index: usize,
    /// How long to wait before asking; 0 with most rules.
    pub wait: Micros,
    /// Why.
    pub reason: Reason,
    /// What was expected of the network; zeros where the rule expects nothing.
    pub forecast: Forecast,
    /// The renditions planned for the segments after the next one, the first four (the last repeats); `None` where the
    /// rule plans nothing.
    pub plan: Option<[u8; 4]>,
}

impl Choice {
    /// A choice for now, of a rule that expects and plans nothing.
    #[must_use]
    pub fn new(index: usize, reason: Reason) -> Self {
        Self {
            index,
            wait: Micros(0),
            reason,
            forecast: Forecast::default(),
            plan: None,
        }
    }
}

/// A way to choose a rendition.
pub trait Rule: core::fmt::Debug + Send {
    /// Chooses for the next segment.
    fn choose(&mut self, context: &Context<'_>) -> Choice;
    /// A transfer of this track ended.
    fn observe(&mut self, transfer: &Transfer) {
        let _ = transfer;
    }
    /// A smaller rendition for a segment under way ([`Upcoming`] starts with it; the buffer is without it), when it should
    /// be given up.
    fn reconsider(&mut self, context: &Context<'_>, running: &Running) -> Option<usize> {
        let _ = (context, running);
        None
    }
    /// The playhead moved elsewhere: forget what was learnt from the buffer.
    fn reset(&mut self) {}
}

/// What renditions of these bitrates (ascending) are worth, in 1/65536 of the largest: half linear, half logarithmic, so
/// that both more bits and the same step anywhere on the ladder count (the two forms of quality in Yin et al., "A
/// Control-Theoretic Approach for Dynamic Adaptive Video Streaming over HTTP", SIGCOMM 2015, and in Pensieve).
#[must_use]
pub fn utility(bitrate: u64, lowest: u64, highest: u64) -> u32 {
    let q16 = |part: u64, whole: u64| (u128::from(part) << 16) / u128::from(whole.max(1));
    let log = |bitrate: u64| u64::try_from(log2_q16(bitrate).saturating_sub(log2_q16(lowest))).unwrap_or(0);
    let whole = q16(bitrate, highest) + q16(log(bitrate), log(highest).max(1));
    u32::try_from(whole / 2).unwrap_or(u32::MAX)
}

/// Why a rendition was chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Nothing is measured yet: the assumed throughput.
    Startup,
    /// What the measured throughput carries.
    Throughput,
    /// What the buffer's fill allows (BOLA).
    Bola,
    /// BOLA wanted more; the throughput guard held it.
    ThroughputGuard,
    /// The buffer is close to empty.
    BufferLow,
    /// The viewer's choice.
    Manual,
    /// There is only one.
    Only,
    /// Larger renditions would not be seen at this size.
    Cap,
    /// A segment would have come too late and was given up.
    Abandoned,
    /// A larger rendition failed to load.
    Avoided,
    /// The viewer or the app wants no more ([`crate::Environment::max_height`], `max_bitrate`).
    Limit,
    /// Data is to be saved.
    SaveData,
    /// The battery is low.
    LowPower,
    /// The device lost frames of a larger rendition.
    DroppedFrames,
    /// The first step of the best plan for what the network may do.
    Plan,
    /// A segment that is there is poorer than it needs to be.
    Replaced,
}

impl Reason {
    /// The stable code hosts show.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Throughput => "throughput",
            Self::Bola => "bola",
            Self::ThroughputGuard => "throughput-guard",
            Self::BufferLow => "buffer-low",
            Self::Manual => "manual",
            Self::Only => "only",
            Self::Cap => "cap",
            Self::Limit => "limit",
            Self::SaveData => "save-data",
            Self::LowPower => "low-power",
            Self::DroppedFrames => "dropped-frames",
            Self::Abandoned => "abandoned",
            Self::Avoided => "avoided",
            Self::Plan => "plan",
            Self::Replaced => "replaced",
        }
    }
}

/// A decision, as told to hosts and recordings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    /// When.
    pub time: Instant,
    /// For video or audio.
    pub kind: Kind,
    /// The chosen rendition (an id of [`crate::Tracks`]).
    pub id: u32,
    /// Its bits per second.
    pub bandwidth: u64,
    /// Why.
    pub reason: Reason,
    /// Estimated throughput at the time, bits per second; 0 when nothing was measured.
    pub throughput: u64,
    /// Media buffered ahead at the time.
    pub buffer: Micros,
    /// What was expected of the network; zeros where the rule expects nothing.
    pub forecast: Forecast,
    /// The renditions (ids) planned for the four segments after this one; `None` where nothing is planned.
    pub plan: Option<[u32; 4]>,
}
