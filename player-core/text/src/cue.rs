//! The one form that all formats are read into.

use footlight_dash::Micros;

/// A length in hundredths of a percent: of the video's width for horizontal ones, of its height for vertical
/// ones and for sizes of type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Percent(pub i32);

impl Percent {
    /// All of it.
    pub const FULL: Self = Self(10_000);

    /// A whole number of percent.
    #[must_use]
    pub const fn whole(percent: i32) -> Self {
        Self(percent.saturating_mul(100))
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// `self` of `whole`.
    pub(crate) fn of(self, whole: Self) -> Self {
        Self::saturating(i64::from(self.0).saturating_mul(whole.0.into()) / 10_000)
    }

    pub(crate) fn saturating(hundredths: i64) -> Self {
        Self(i32::try_from(hundredths).unwrap_or(if hundredths < 0 { i32::MIN } else { i32::MAX }))
    }
}

/// A colour: red, green, blue, opacity, a byte each, the red one highest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Rgba(pub u32);

impl Rgba {
    /// Nothing to see.
    pub const TRANSPARENT: Self = Self(0);
    /// Opaque white.
    pub const WHITE: Self = Self(0xFFFF_FFFF);
    /// Opaque black.
    pub const BLACK: Self = Self(0xFF);

    /// An opaque colour.
    #[must_use]
    pub const fn rgb(rgb: u32) -> Self {
        Self(rgb << 8 | 0xFF)
    }

    /// The same with its opacity times `alpha` / 255.
    #[must_use]
    pub const fn faded(self, alpha: u8) -> Self {
        let own = self.0 & 0xFF;
        Self((self.0 & !0xFF) | (own * alpha as u32 / 255))
    }

    /// Whether nothing of it is seen.
    #[must_use]
    pub const fn is_transparent(self) -> bool {
        self.0 & 0xFF == 0
    }
}

/// A piece of text or a picture, when it shows, and where.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cue {
    /// When it appears, on the presentation timeline.
    pub start: Micros,
    /// When it goes, exclusive.
    pub end: Micros,
    /// What the file calls it; may be empty, need not be unique.
    pub id: String,
    /// Where it goes.
    pub layout: Layout,
    /// Its text.
    pub lines: Vec<Line>,
    /// A picture in place of text, as large as the layout's box.
    pub image: Option<Image>,
    /// To be shown even to those who have subtitles switched off.
    pub forced: bool,
}

impl Cue {
    /// Whether nothing but the time differs.
    #[must_use]
    pub fn shows_the_same(&self, other: &Self) -> bool {
        self.id == other.id
            && self.forced == other.forced
            && self.layout == other.layout
            && self.lines == other.lines
            && self.image == other.image
    }
}

/// A line of text; what is wider than its box is wrapped by who draws it.
pub type Line = Vec<Span>;

/// A picture.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Image {
    /// `image/png` or what else it is.
    pub mime: String,
    /// The file.
    pub data: Vec<u8>,
}

/// A run of text in one style.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Span {
    /// The text, entities resolved.
    pub text: String,
    /// How it looks.
    pub style: Style,
    /// Who says it (WebVTT's `<v>`).
    pub voice: String,
    /// What stands over it in small type.
    pub ruby: String,
}

/// How a span looks; what is `None` or empty is left to who draws it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Style {
    /// Of the letters.
    pub color: Option<Rgba>,
    /// Behind the letters.
    pub background: Option<Rgba>,
    /// Height of the type, in parts of the video's height.
    pub size: Option<Percent>,
    /// A list of families as CSS has it; letters, digits, blanks, commas and hyphens only.
    pub family: String,
    /// `font-style` italic or oblique.
    pub italic: bool,
    /// `font-weight` bold.
    pub bold: bool,
    /// Underlined.
    pub underline: bool,
    /// Struck through.
    pub strike: bool,
    /// Blinking.
    pub flash: bool,
    /// What sets the letters off from what is behind.
    pub edge: Option<Edge>,
}

/// The edge of letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// Its form.
    pub kind: EdgeKind,
    /// Its colour.
    pub color: Rgba,
}

/// Forms of edges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EdgeKind {
    /// Around the letters.
    Outline,
    /// A shadow, lower right.
    DropShadow,
    /// Raised from the page.
    Raised,
    /// Pressed into the page.
    Depressed,
}

/// Where a cue goes. Its box is a part of the video; text is laid out in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Names the region: cues of one region at the same time follow each other in one box.
    pub region: String,
    /// How the box is found.
    pub place: Place,
    /// Left edge of the box.
    pub left: Percent,
    /// Upper edge of the box.
    pub top: Percent,
    /// Width of the box.
    pub width: Percent,
    /// Height of the box.
    pub height: Percent,
    /// Where lines stand in the box, in the direction in which lines follow each other.
    pub block_align: BlockAlign,
    /// Where text stands in its line.
    pub text_align: TextAlign,
    /// How lines follow each other.
    pub writing_mode: WritingMode,
    /// The direction of the text.
    pub direction: Direction,
    /// Room kept free at the box's top, right, bottom and left.
    pub padding: [Percent; 4],
    /// Of the whole box.
    pub background: Rgba,
    /// Of the block of text in the box.
    pub block_background: Rgba,
    /// From one baseline to the next; none: as the type likes it.
    pub line_height: Option<Percent>,
    /// Long lines may be wrapped.
    pub wrap: bool,
    /// New lines push older ones out of the box's top.
    pub roll_up: bool,
    /// What is higher lies over what is lower.
    pub layer: i32,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            region: String::new(),
            place: Place::Stack,
            left: Percent(0),
            top: Percent(0),
            width: Percent::FULL,
            height: Percent::FULL,
            block_align: BlockAlign::After,
            text_align: TextAlign::Center,
            writing_mode: WritingMode::Horizontal,
            direction: Direction::Auto,
            padding: [Percent(0); 4],
            background: Rgba::TRANSPARENT,
            block_background: Rgba::TRANSPARENT,
            line_height: None,
            wrap: true,
            roll_up: false,
            layer: 0,
        }
    }
}

/// How the place of a cue is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The box is where it says.
    Box,
    /// At the end of the video (the bottom), over the cues that are there already; of the box only `left`
    /// and `width` count.
    Stack,
    /// That many lines from the start of the video, negative ones from its end (-1 is the last); of the box
    /// only `left` and `width` count.
    Line(i32),
}

/// Where lines stand in their box.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockAlign {
    /// At its start (the top).
    Before,
    /// In its middle.
    Center,
    /// At its end (the bottom).
    After,
}

/// Where text stands in its line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextAlign {
    /// Where the text's direction starts.
    Start,
    /// In the middle.
    Center,
    /// Where the text's direction ends.
    End,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Both sides flush.
    Justify,
}

/// How lines follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WritingMode {
    /// Downwards.
    Horizontal,
    /// Columns, leftwards.
    VerticalRl,
    /// Columns, rightwards.
    VerticalLr,
}

/// The direction of text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// As its first strong letter says.
    Auto,
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

/// A span of presentation time; what lies outside is not shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// The first moment.
    pub start: Micros,
    /// The first moment after it.
    pub end: Micros,
}

impl Window {
    /// All time.
    pub const ALL: Self = Self {
        start: Micros::MIN,
        end: Micros::MAX,
    };

    /// What lies in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            start: self.start.max(other.start),
            end: self.end.min(other.end),
        }
    }

    /// Cuts cues to the window; those that lie outside, or take no time, are dropped.
    pub(crate) fn clip(self, cues: &mut Vec<Cue>) {
        cues.retain_mut(|cue| {
            cue.start = cue.start.max(self.start);
            cue.end = cue.end.min(self.end);
            cue.end > cue.start
        });
    }
}
