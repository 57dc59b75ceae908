//! Cue settings and regions (WebVTT, 3.1, 6.2 and 6.3).

use crate::cue::{BlockAlign, Layout, Percent, Place, TextAlign, WritingMode};
use crate::num;

/// Height of a line of the default size, in hundredths of a percent of the video's height.
const LINE_HEIGHT: i32 = 533;

/// A REGION block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Region {
    id: String,
    width: Percent,
    lines: i32,
    anchor: (Percent, Percent),
    viewport: (Percent, Percent),
    scroll: bool,
}

impl Region {
    pub(super) fn parse(block: &str) -> Self {
        let mut region = Self {
            id: String::new(),
            width: Percent::FULL,
            lines: 3,
            anchor: (Percent(0), Percent::FULL),
            viewport: (Percent(0), Percent::FULL),
            scroll: false,
        };
        for (name, value) in pairs(block) {
            match name {
                "id" => value.clone_into(&mut region.id),
                "width" => region.width = percent(value).unwrap_or(region.width),
                "lines" => {
                    let lines = num::whole(value, 3).and_then(|lines| i32::try_from(lines).ok());
                    region.lines = lines.unwrap_or(region.lines);
                }
                "regionanchor" => region.anchor = point(value).unwrap_or(region.anchor),
                "viewportanchor" => region.viewport = point(value).unwrap_or(region.viewport),
                "scroll" => region.scroll = value == "up",
                _ => {}
            }
        }
        region
    }

    /// Puts a cue that is to stand in this region there.
    fn place(&self, layout: &mut Layout, box_left: Percent, box_width: Percent) {
        let height = Percent(self.lines.saturating_mul(LINE_HEIGHT));
        let left = self.viewport.0.minus(self.anchor.0.of(self.width));
        layout.region.clone_from(&self.id);
        layout.place = Place::Box;
        layout.left = left.plus(box_left.of(self.width));
        layout.width = box_width.of(self.width);
        layout.top = self.viewport.1.minus(self.anchor.1.of(height));
        layout.height = height;
        layout.block_align = BlockAlign::After;
        layout.roll_up = self.scroll;
    }
}

/// Reads cue settings; settings that are wrong are ignored, as WebVTT says.
pub(super) fn layout(text: &str, regions: &[Region]) -> Layout {
    let mut layout = Layout::default();
    let (mut size, mut position, mut anchor) = (Percent::FULL, None, None);
    let (mut line, mut line_align, mut region) = (None, BlockAlign::Before, None);
    for (name, value) in pairs(text) {
        let (first, second) = value.split_once(',').unwrap_or((value, ""));
        match name {
            "line" => {
                if let Some(found) = parse_line(first) {
                    line = Some(found);
                    line_align = match second {
                        "center" => BlockAlign::Center,
                        "end" => BlockAlign::After,
                        _ => BlockAlign::Before,
                    };
                }
            }
            "size" => size = percent(value).unwrap_or(size),
            "position" => {
                if let Some(found) = percent(first) {
                    position = Some(found);
                    anchor = parse_anchor(second);
                }
            }
            "align" => layout.text_align = parse_align(value).unwrap_or(layout.text_align),
            "vertical" => layout.writing_mode = parse_vertical(value).unwrap_or(layout.writing_mode),
            "region" => region = regions.iter().rev().find(|region| region.id == value),
            _ => {}
        }
    }
    let (start, extent) = inline_box(layout.text_align, anchor, position, size);
    let vertical = layout.writing_mode != WritingMode::Horizontal;
    if vertical {
        (layout.top, layout.height) = (start, extent);
    } else {
        (layout.left, layout.width) = (start, extent);
    }
    match line {
        Some(Line::Number(number)) => layout.place = Place::Line(number),
        Some(Line::At(at)) => at_percent(&mut layout, at, line_align),
        None => {}
    }
    // A region is for horizontal cues without a line of their own.
    if let (Some(region), None, false) = (region, line, vertical) {
        let (left, width) = (layout.left, layout.width);
        region.place(&mut layout, left, width);
    }
    layout
}

/// A box that starts, ends or has its middle at a part of the video.
fn at_percent(layout: &mut Layout, at: Percent, align: BlockAlign) {
    let rest = Percent::FULL.minus(at);
    let (start, extent) = match align {
        BlockAlign::Before => (at, rest),
        BlockAlign::After => (Percent(0), at),
        BlockAlign::Center => {
            let half = at.min(rest);
            (at.minus(half), half.plus(half))
        }
    };
    (layout.place, layout.block_align) = (Place::Box, align);
    match layout.writing_mode {
        WritingMode::Horizontal => (layout.top, layout.height) = (start, extent),
        WritingMode::VerticalLr => (layout.left, layout.width) = (start, extent),
        WritingMode::VerticalRl => {
            (layout.left, layout.width) = (Percent::FULL.minus(start.plus(extent)), extent);
        }
    }
}

/// Where a line of `size` anchored at `position` starts, and how long it is: the "maximum size" rule.
fn inline_box(
    align: TextAlign,
    anchor: Option<BlockAlign>,
    position: Option<Percent>,
    size: Percent,
) -> (Percent, Percent) {
    let anchor = anchor.unwrap_or(match align {
        TextAlign::Start | TextAlign::Left => BlockAlign::Before,
        TextAlign::End | TextAlign::Right => BlockAlign::After,
        TextAlign::Center | TextAlign::Justify => BlockAlign::Center,
    });
    let position = position.unwrap_or(match align {
        TextAlign::Start | TextAlign::Left => Percent(0),
        TextAlign::End | TextAlign::Right => Percent::FULL,
        TextAlign::Center | TextAlign::Justify => Percent::whole(50),
    });
    let rest = Percent::FULL.minus(position);
    let room = match anchor {
        BlockAlign::Before => rest,
        BlockAlign::After => position,
        BlockAlign::Center => {
            let half = position.min(rest);
            half.plus(half)
        }
    };
    let extent = size.min(room);
    let start = match anchor {
        BlockAlign::Before => position,
        BlockAlign::After => position.minus(extent),
        BlockAlign::Center => position.minus(Percent(extent.0 / 2)),
    };
    (start, extent)
}

#[derive(Clone, Copy)]
enum Line {
    Number(i32),
    At(Percent),
}

fn parse_line(value: &str) -> Option<Line> {
    if value.ends_with('%') {
        return percent(value).map(Line::At);
    }
    let (number, rest) = num::decimal(value, 0)?;
    let number = i32::try_from(number).ok()?;
    rest.is_empty().then_some(Line::Number(number.clamp(-1000, 1000)))
}

fn parse_anchor(value: &str) -> Option<BlockAlign> {
    Some(match value {
        "line-left" => BlockAlign::Before,
        "center" => BlockAlign::Center,
        "line-right" => BlockAlign::After,
        _ => return None,
    })
}

fn parse_align(value: &str) -> Option<TextAlign> {
    Some(match value {
        "start" => TextAlign::Start,
        "center" => TextAlign::Center,
        "end" => TextAlign::End,
        "left" => TextAlign::Left,
        "right" => TextAlign::Right,
        _ => return None,
    })
}

fn parse_vertical(value: &str) -> Option<WritingMode> {
    match value {
        "rl" => Some(WritingMode::VerticalRl),
        "lr" => Some(WritingMode::VerticalLr),
        _ => None,
    }
}

/// `name:value` pairs between white space.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_ascii_whitespace().filter_map(|pair| pair.split_once(':'))
}

fn point(value: &str) -> Option<(Percent, Percent)> {
    let (x, y) = value.split_once(',')?;
    Some((percent(x)?, percent(y)?))
}

fn percent(value: &str) -> Option<Percent> {
    let (number, rest) = num::decimal(value, 2)?;
    let number = i32::try_from(number).ok()?;
    (rest == "%" && (0..=10_000).contains(&number)).then_some(Percent(number))
}
