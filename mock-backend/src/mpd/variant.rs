//! The variants in which every title is delivered.

use std::str::FromStr;

/// A way of delivering a title.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Variant {
    /// SegmentTemplate with `$Number$` and `@duration`.
    Number,
    /// SegmentTemplate with `$Time$` and a SegmentTimeline.
    Timeline,
    /// SegmentList.
    List,
    /// SegmentBase: one indexed file per Representation.
    Base,
    /// SegmentBase whose index has two levels.
    BaseHierarchical,
    /// Three Periods, each from elsewhere in the source; `$Number$` with a SegmentTimeline.
    Periods,
    /// VP9 and Opus.
    Vp9,
    /// A timeline with a hole.
    Gap,
    /// A manifest that is not well-formed.
    Broken,
    /// Segments from the third on are not there.
    Missing,
    /// The third segment ends early.
    Truncated,
}

/// How segments are addressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Addressing {
    /// `$Number$` with `@duration`.
    Number,
    /// `$Number$` with a SegmentTimeline.
    NumberTimeline,
    /// `$Time$` with a SegmentTimeline.
    Timeline,
    /// SegmentList.
    List,
    /// SegmentBase.
    Base,
}

/// What [`Variant::Missing`] and [`Variant::Truncated`] leave whole: this many segments, counted from 0.
pub(crate) const FAULT_AT: u64 = 2;
/// The hole of [`Variant::Gap`]: this many segments from [`FAULT_AT`] on.
pub(crate) const HOLE: u64 = 2;

impl Variant {
    /// All of them, the usual one first.
    pub(crate) const ALL: [Self; 11] = [
        Self::Number,
        Self::Timeline,
        Self::List,
        Self::Base,
        Self::BaseHierarchical,
        Self::Periods,
        Self::Vp9,
        Self::Gap,
        Self::Broken,
        Self::Missing,
        Self::Truncated,
    ];

    /// Its name in URLs.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Timeline => "timeline",
            Self::List => "list",
            Self::Base => "base",
            Self::BaseHierarchical => "base-hierarchical",
            Self::Periods => "periods",
            Self::Vp9 => "vp9",
            Self::Gap => "gap",
            Self::Broken => "broken",
            Self::Missing => "missing",
            Self::Truncated => "truncated",
        }
    }

    /// Its name to show.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Number => "Segment numbers",
            Self::Timeline => "Segment timeline",
            Self::List => "Segment list",
            Self::Base => "Indexed files",
            Self::BaseHierarchical => "Indexed files, two-level index",
            Self::Periods => "Three periods",
            Self::Vp9 => "VP9 and Opus",
            Self::Gap => "Fault: a gap in the timeline",
            Self::Broken => "Fault: malformed manifest",
            Self::Missing => "Fault: missing segments",
            Self::Truncated => "Fault: truncated segment",
        }
    }

    /// How its segments are addressed.
    pub(crate) const fn addressing(self) -> Addressing {
        match self {
            Self::Timeline | Self::Gap => Addressing::Timeline,
            Self::Periods => Addressing::NumberTimeline,
            Self::List => Addressing::List,
            Self::Base | Self::BaseHierarchical => Addressing::Base,
            Self::Number | Self::Vp9 | Self::Broken | Self::Missing | Self::Truncated => Addressing::Number,
        }
    }

    /// Is segment `number`, counted from 0, in the hole?
    pub(crate) const fn is_hole(self, number: u64) -> bool {
        matches!(self, Self::Gap) && number >= FAULT_AT && number < FAULT_AT + HOLE
    }
}

impl FromStr for Variant {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|variant| variant.id() == text).ok_or(())
    }
}
