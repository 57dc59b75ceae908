//! Styles: what is written on an element, and what follows from it (TTML2, 10.4).

use super::length::{Axis, Frame};
use super::tree::{Id, Tree};
use crate::color::{self, Alpha};
use crate::cue::{BlockAlign, Direction, Edge, EdgeKind, Percent, Rgba, Style, TextAlign, WritingMode};
use crate::{num, webvtt};

/// Most references followed and attributes kept for one style.
const MAX_REFERENCES: usize = 64;
const MAX_ENTRIES: usize = 256;

/// The named styles of a document, chains of references followed once.
#[derive(Debug, Default)]
pub(super) struct Sheet<'a> {
    /// Sorted by name.
    styles: Vec<(&'a str, Vec<(&'a str, &'a str)>)>,
}

impl<'a> Sheet<'a> {
    pub(super) fn of(tree: &'a Tree<'a>, head: Option<Id>) -> Self {
        let mut raw = Vec::new();
        for styling in head.iter().flat_map(|&head| tree.named(head, "styling")) {
            raw.extend(
                tree.named(styling, "style")
                    .filter_map(|style| Some((tree.attribute(style, "id")?, style))),
            );
        }
        raw.sort_unstable();
        let mut styles = Vec::with_capacity(raw.len());
        for &(name, style) in &raw {
            let mut entries = Vec::new();
            flatten(tree, &raw, style, &mut 0, &mut entries);
            styles.push((name, entries));
        }
        Self { styles }
    }

    fn get(&self, name: &str) -> &[(&'a str, &'a str)] {
        let found = self.styles.binary_search_by(|(own, _)| (*own).cmp(name));
        let entries = found.ok().and_then(|at| self.styles.get(at));
        entries.map_or(&[][..], |(_, entries)| entries)
    }

    /// What is written about an element, in the order in which it counts: by reference, nested, inline.
    pub(super) fn specified(&self, tree: &Tree<'_>, id: Id, mut entry: impl FnMut(&str, &str)) {
        let by_reference = |id: Id, entry: &mut dyn FnMut(&str, &str)| {
            let names = tree.attribute(id, "style").unwrap_or_default();
            for name in names.split_ascii_whitespace().take(MAX_REFERENCES) {
                self.get(name).iter().for_each(|(name, value)| entry(name, value));
            }
        };
        by_reference(id, &mut entry);
        for style in tree.named(id, "style").take(MAX_REFERENCES) {
            by_reference(style, &mut entry);
            written(tree, style, &mut entry);
        }
        written(tree, id, &mut entry);
    }
}

/// The attributes on an element itself.
fn written(tree: &Tree<'_>, id: Id, entry: &mut impl FnMut(&str, &str)) {
    for (name, value) in tree.node(id).map_or(&[][..], |node| &node.attributes) {
        entry(name, value.trim());
    }
}

fn flatten<'a>(
    tree: &'a Tree<'a>,
    raw: &[(&'a str, Id)],
    style: Id,
    steps: &mut usize,
    entries: &mut Vec<(&'a str, &'a str)>,
) {
    *steps += 1;
    if *steps > MAX_REFERENCES {
        return;
    }
    for name in tree
        .attribute(style, "style")
        .unwrap_or_default()
        .split_ascii_whitespace()
    {
        if let Some(&(_, style)) = raw
            .binary_search_by(|(own, _)| (*own).cmp(name))
            .ok()
            .and_then(|at| raw.get(at))
        {
            flatten(tree, raw, style, steps, entries);
        }
    }
    for (name, value) in tree.node(style).map_or(&[][..], |node| &node.attributes) {
        if !matches!(*name, "id" | "style") && entries.len() < MAX_ENTRIES {
            entries.push((name, value.trim()));
        }
    }
}

/// The style of an element with everything inherited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Computed {
    pub(super) text: Style,
    pub(super) text_align: Option<TextAlign>,
    pub(super) direction: Direction,
    pub(super) line_height: Option<Percent>,
    pub(super) visible: bool,
    pub(super) wrap: bool,
    pub(super) preserve: bool,
    pub(super) forced: bool,
    pub(super) own: Own,
}

/// What is not inherited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Own {
    pub(super) background: Rgba,
    pub(super) opacity: u8,
    pub(super) display: bool,
    pub(super) block_align: BlockAlign,
    pub(super) origin: Option<(Percent, Percent)>,
    pub(super) extent: Option<(Percent, Percent)>,
    pub(super) position: Option<String>,
    pub(super) padding: Option<String>,
    pub(super) writing_mode: Option<(WritingMode, Direction)>,
    pub(super) show_background: bool,
    pub(super) layer: i32,
    pub(super) image: Option<String>,
    pub(super) ruby: Ruby,
}

/// `tts:ruby`, as far as it changes what is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ruby {
    None,
    Text,
    Delimiter,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            background: Rgba::TRANSPARENT,
            opacity: 255,
            display: true,
            block_align: BlockAlign::Before,
            origin: None,
            extent: None,
            position: None,
            padding: None,
            writing_mode: None,
            show_background: true,
            layer: 0,
            image: None,
            ruby: Ruby::None,
        }
    }
}

impl Computed {
    /// Before anything is written, `tt:initial` included.
    pub(super) fn initial(frame: &Frame) -> Self {
        Self {
            text: Style {
                color: Some(Rgba::WHITE),
                size: Some(frame.cell_height()),
                ..Style::default()
            },
            text_align: None,
            direction: Direction::Auto,
            line_height: None,
            visible: true,
            wrap: true,
            preserve: false,
            forced: false,
            own: Own::default(),
        }
    }

    /// What an element inside starts with.
    pub(super) fn inherited(&self) -> Self {
        Self {
            own: Own::default(),
            ..self.clone()
        }
    }

    pub(super) fn size(&self) -> Percent {
        self.text.size.unwrap_or_default()
    }

    /// Applies one attribute; what is wrong is left out. `parent_size` is the size of type around the element.
    pub(super) fn apply(&mut self, name: &str, value: &str, frame: &Frame, parent_size: Percent) {
        match name {
            "color" => self.text.color = color::parse(value, Alpha::Byte).or(self.text.color),
            "fontFamily" => self.text.family = family(value),
            "fontSize" => {
                // The last of two is the vertical one.
                let size = value.split_ascii_whitespace().last();
                let size = size.and_then(|size| frame.length(size, Axis::Vertical, parent_size, parent_size));
                self.text.size = size.filter(|size| size.0 > 0).or(self.text.size);
            }
            "fontStyle" => self.text.italic = matches!(value, "italic" | "oblique" | "reverseOblique"),
            "fontWeight" => self.text.bold = value == "bold",
            "textDecoration" => self.decorate(value),
            "textOutline" | "textShadow" => self.edge(name, value),
            "textAlign" => self.text_align = text_align(value).or(self.text_align),
            "direction" => self.direction = direction(value).unwrap_or(self.direction),
            "lineHeight" => {
                let size = self.size();
                self.line_height = frame.length(value, Axis::Vertical, size, size);
            }
            "visibility" => self.visible = value != "hidden",
            "wrapOption" => self.wrap = value != "noWrap",
            "space" => self.preserve = value == "preserve",
            "forcedDisplay" => self.forced = value == "true",
            _ => self.apply_own(name, value, frame),
        }
    }

    fn apply_own(&mut self, name: &str, value: &str, frame: &Frame) {
        let size = self.size();
        let own = &mut self.own;
        match name {
            "backgroundColor" => own.background = color::parse(value, Alpha::Byte).unwrap_or(own.background),
            "opacity" => {
                let opacity = num::decimal(value, 3).map(|(value, _)| value.clamp(0, 1000) * 255 / 1000);
                own.opacity = opacity
                    .and_then(|value| u8::try_from(value).ok())
                    .unwrap_or(own.opacity);
            }
            "display" => own.display = value != "none",
            "displayAlign" => {
                own.block_align = match value {
                    "center" => BlockAlign::Center,
                    "after" => BlockAlign::After,
                    _ => BlockAlign::Before,
                };
            }
            "origin" => own.origin = frame.pair(value, size),
            "extent" => own.extent = frame.pair(value, size),
            "position" => own.position = Some(value.to_owned()),
            "padding" => own.padding = Some(value.to_owned()),
            "writingMode" => {
                own.writing_mode = Some(match value {
                    "tbrl" | "tb" => (WritingMode::VerticalRl, Direction::Ltr),
                    "tblr" => (WritingMode::VerticalLr, Direction::Ltr),
                    "rltb" | "rl" => (WritingMode::Horizontal, Direction::Rtl),
                    _ => (WritingMode::Horizontal, Direction::Ltr),
                });
            }
            "showBackground" => own.show_background = value != "whenActive",
            "zIndex" => own.layer = num::decimal(value, 0).map_or(0, |(layer, _)| Percent::saturating(layer).0),
            "backgroundImage" => own.image = Some(value.to_owned()),
            "ruby" => {
                own.ruby = match value {
                    "text" | "textContainer" => Ruby::Text,
                    "delimiter" => Ruby::Delimiter,
                    _ => Ruby::None,
                };
            }
            _ => {}
        }
    }

    fn decorate(&mut self, value: &str) {
        for word in value.split_ascii_whitespace() {
            match word {
                "underline" => self.text.underline = true,
                "noUnderline" => self.text.underline = false,
                "lineThrough" => self.text.strike = true,
                "noLineThrough" => self.text.strike = false,
                "none" => (self.text.underline, self.text.strike) = (false, false),
                _ => {}
            }
        }
    }

    /// `[color] width [blur]`, or `x y [blur] [color]` of a shadow.
    fn edge(&mut self, name: &str, value: &str) {
        let first = value.split(", ").next().unwrap_or_default();
        let color = first
            .split_ascii_whitespace()
            .find_map(|word| color::parse(word, Alpha::Byte));
        let kind = if name == "textOutline" {
            EdgeKind::Outline
        } else {
            EdgeKind::DropShadow
        };
        self.text.edge = (value != "none").then(|| Edge {
            kind,
            color: color.or(self.text.color).unwrap_or(Rgba::WHITE),
        });
    }

    /// The padding of a region of that extent: top, right, bottom, left.
    pub(super) fn padding(&self, frame: &Frame, extent: (Percent, Percent)) -> [Percent; 4] {
        let words: Vec<&str> = self
            .own
            .padding
            .as_deref()
            .unwrap_or_default()
            .split_ascii_whitespace()
            .collect();
        let side = |at: usize, axis| {
            let whole = if axis == Axis::Horizontal { extent.0 } else { extent.1 };
            let word = words.get(at)?;
            frame.length(word, axis, whole, self.size())
        };
        let [top, right, bottom, left] = match words.len() {
            1 => [0, 0, 0, 0],
            2 => [0, 1, 0, 1],
            3 => [0, 1, 2, 1],
            _ => [0, 1, 2, 3],
        };
        let (horizontal, vertical) = (Axis::Horizontal, Axis::Vertical);
        [
            side(top, vertical),
            side(right, horizontal),
            side(bottom, vertical),
            side(left, horizontal),
        ]
        .map(Option::unwrap_or_default)
    }
}

fn text_align(value: &str) -> Option<TextAlign> {
    Some(match value {
        "start" => TextAlign::Start,
        "center" => TextAlign::Center,
        "end" => TextAlign::End,
        "left" => TextAlign::Left,
        "right" => TextAlign::Right,
        "justify" => TextAlign::Justify,
        _ => return None,
    })
}

fn direction(value: &str) -> Option<Direction> {
    match value {
        "ltr" => Some(Direction::Ltr),
        "rtl" => Some(Direction::Rtl),
        _ => None,
    }
}

/// TTML's generic families as CSS calls them.
fn family(value: &str) -> String {
    let names = value.split(',').map(|name| match name.trim() {
        "default" | "monospaceSansSerif" | "monospaceSerif" | "monospace" => "monospace",
        "proportionalSansSerif" | "sansSerif" => "sans-serif",
        "proportionalSerif" | "serif" => "serif",
        other => other,
    });
    webvtt::family(&names.collect::<Vec<_>>().join(", "))
}
