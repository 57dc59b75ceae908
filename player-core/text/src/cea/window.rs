//! A window of CEA-708 and what is written in it (CTA-708-E, 8.4 and 8.10).

use super::{MARGIN, ROW_HEIGHT, TYPE_SIZE};
use crate::cue::{
    BlockAlign, Cue, Edge, EdgeKind, Layout, Line, Percent, Place, Rgba, Span, Style, TextAlign, WritingMode,
};

/// A column's width: 42 of them in 80% of the picture.
const COLUMN_WIDTH: i32 = 190;

/// How characters are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pen {
    size: u8,
    font: u8,
    edge: u8,
    italic: bool,
    underline: bool,
    color: Rgba,
    flash: bool,
    background: Rgba,
    edge_color: Rgba,
}

impl Pen {
    /// One of the seven that the standard defines.
    pub(super) fn preset(style: u8) -> Self {
        let font = match style {
            2..=5 => style - 1,
            6 => 3,
            7 => 4,
            _ => 0,
        };
        let is_bare = style >= 6;
        Self {
            size: 1,
            font,
            edge: if is_bare { 3 } else { 0 },
            italic: false,
            underline: false,
            color: Rgba::WHITE,
            flash: false,
            background: if is_bare { Rgba::TRANSPARENT } else { Rgba::BLACK },
            edge_color: Rgba::BLACK,
        }
    }

    /// SetPenAttributes.
    pub(super) const fn set_attributes(&mut self, [first, second]: [u8; 2]) {
        self.size = first & 3;
        self.italic = second & 0x80 != 0;
        self.underline = second & 0x40 != 0;
        self.edge = second >> 3 & 7;
        self.font = second & 7;
    }

    /// SetPenColor.
    pub(super) fn set_color(&mut self, [front, back, edge]: [u8; 3]) {
        self.color = color(front);
        self.flash = front >> 6 == 1;
        self.background = color(back);
        self.edge_color = color(edge & 0x3F);
    }

    fn style(&self) -> Style {
        let size = match self.size {
            0 => TYPE_SIZE.0 * 3 / 4,
            2 => TYPE_SIZE.0 * 5 / 4,
            _ => TYPE_SIZE.0,
        };
        let family = match self.font {
            1 => "monospace, serif",
            2 => "serif",
            4 => "sans-serif",
            5 => "fantasy",
            6 => "cursive",
            7 => "small-caps, sans-serif",
            _ => "monospace",
        };
        let kind = match self.edge {
            1 => Some(EdgeKind::Raised),
            2 => Some(EdgeKind::Depressed),
            3 => Some(EdgeKind::Outline),
            4 | 5 => Some(EdgeKind::DropShadow),
            _ => None,
        };
        Style {
            color: Some(self.color),
            background: Some(self.background),
            size: Some(Percent(size)),
            family: family.to_owned(),
            italic: self.italic,
            underline: self.underline,
            flash: self.flash,
            edge: kind.map(|kind| Edge {
                kind,
                color: self.edge_color,
            }),
            ..Style::default()
        }
    }
}

/// Two bits of opacity, then two each of red, green and blue.
fn color(byte: u8) -> Rgba {
    let channel = |shift: u8| u32::from(byte >> shift & 3) * 0x55;
    let alpha = match byte >> 6 {
        2 => 0x80,
        3 => 0,
        _ => 0xFF,
    };
    Rgba(channel(4) << 24 | channel(2) << 16 | channel(0) << 8 | alpha)
}

type Row = Vec<Option<(char, Pen)>>;

/// One of a service's eight windows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Window {
    pub(super) visible: bool,
    priority: u8,
    relative: bool,
    anchor: (u8, u8),
    anchor_point: u8,
    columns: usize,
    justify: u8,
    print_direction: u8,
    wordwrap: bool,
    fill: Rgba,
    rows: Vec<Row>,
    row: usize,
    column: usize,
    pub(super) pen: Pen,
}

impl Window {
    /// DefineWindow: a new one, or the one there is in another form.
    pub(super) fn define(old: Option<Self>, data: [u8; 6]) -> Self {
        let [flags, vertical, horizontal, anchor, columns, styles] = data;
        let is_new = old.is_none();
        let mut window = old.unwrap_or_else(|| Self {
            visible: false,
            priority: 0,
            relative: false,
            anchor: (0, 0),
            anchor_point: 0,
            columns: 0,
            justify: 0,
            print_direction: 0,
            wordwrap: false,
            fill: Rgba::BLACK,
            rows: Vec::new(),
            row: 0,
            column: 0,
            pen: Pen::preset(1),
        });
        window.visible = flags & 0x20 != 0;
        window.priority = flags & 7;
        window.relative = vertical & 0x80 != 0;
        window.anchor = (vertical & 0x7F, horizontal);
        window.anchor_point = anchor >> 4;
        window.columns = usize::from(columns & 0x3F) + 1;
        let rows = usize::from(anchor & 0xF) + 1;
        // What does not fit goes from the top.
        let surplus = window.rows.len().saturating_sub(rows);
        window.rows.drain(..surplus);
        window.rows.resize(rows, Row::new());
        window.row = window.row.saturating_sub(surplus).min(rows - 1);
        // Style 0: the first one for a new window, no change for an old one.
        let style = |number: u8| if number == 0 && is_new { 1 } else { number };
        match style(styles >> 3 & 7) {
            0 => {}
            number => window.preset(number),
        }
        match style(styles & 7) {
            0 => {}
            number => window.pen = Pen::preset(number),
        }
        window
    }

    /// One of the seven window styles that the standard defines.
    fn preset(&mut self, style: u8) {
        self.justify = if matches!(style, 3 | 6) { 2 } else { 0 };
        self.wordwrap = matches!(style, 4..=6);
        self.print_direction = if style == 7 { 2 } else { 0 };
        self.fill = if matches!(style, 2 | 5) {
            Rgba::TRANSPARENT
        } else {
            Rgba::BLACK
        };
    }

    /// SetWindowAttributes.
    pub(super) fn set_attributes(&mut self, [fill, _, format, _]: [u8; 4]) {
        self.fill = color(fill);
        self.wordwrap = format & 0x40 != 0;
        self.print_direction = format >> 4 & 3;
        self.justify = format & 3;
    }

    /// SetPenLocation.
    pub(super) fn move_pen(&mut self, [row, column]: [u8; 2]) {
        self.row = usize::from(row & 0xF).min(self.rows.len().saturating_sub(1));
        self.column = usize::from(column & 0x3F);
    }

    pub(super) fn clear(&mut self) {
        self.rows.iter_mut().for_each(Vec::clear);
        (self.row, self.column) = (0, 0);
    }

    pub(super) fn write(&mut self, character: char) {
        if self.column >= self.columns {
            if !self.wordwrap {
                return;
            }
            self.carriage_return();
        }
        let (column, pen) = (self.column, self.pen);
        if let Some(row) = self.rows.get_mut(self.row) {
            if row.len() <= column {
                row.resize(column + 1, None);
            }
            if let Some(place) = row.get_mut(column) {
                *place = Some((character, pen));
            }
        }
        self.column += 1;
    }

    pub(super) fn backspace(&mut self) {
        self.column = self.column.saturating_sub(1);
        let column = self.column;
        if let Some(place) = self.rows.get_mut(self.row).and_then(|row| row.get_mut(column)) {
            *place = None;
        }
    }

    pub(super) fn carriage_return(&mut self) {
        self.column = 0;
        if self.row + 1 < self.rows.len() {
            self.row += 1;
        } else if !self.rows.is_empty() {
            self.rows.rotate_left(1);
            self.clear_row();
        }
    }

    /// HorizontalCarriageReturn: back to the row's start, which is erased.
    pub(super) fn clear_row(&mut self) {
        self.column = 0;
        if let Some(row) = self.rows.get_mut(self.row) {
            row.clear();
        }
    }

    /// What it shows; none when it is hidden or empty.
    pub(super) fn cue(&self, number: usize) -> Option<Cue> {
        let is_used = |row: &Row| row.iter().flatten().any(|(character, _)| *character != ' ');
        let first = self.rows.iter().position(is_used)?;
        let last = self.rows.iter().rposition(is_used)?;
        if !self.visible {
            return None;
        }
        let lines = self.rows.get(first..=last).unwrap_or_default();
        Some(Cue {
            layout: self.layout(number),
            lines: lines.iter().map(line).collect(),
            ..Cue::default()
        })
    }

    fn layout(&self, number: usize) -> Layout {
        let times = |count: usize, size: i32| Percent(i32::try_from(count).unwrap_or(0).saturating_mul(size));
        let height = times(self.rows.len(), ROW_HEIGHT.0).min(Percent::whole(80));
        let width = times(self.columns, COLUMN_WIDTH).min(Percent::whole(80));
        // The anchor is in percent, or in 75 by 210 parts of the safe area.
        let scale = |value: u8, parts: i32| Percent(i32::from(value).min(parts).saturating_mul(8_000) / parts);
        let (y, x) = if self.relative {
            (scale(self.anchor.0, 100), scale(self.anchor.1, 100))
        } else {
            (scale(self.anchor.0, 74), scale(self.anchor.1, 209))
        };
        // Which of the window's nine points the anchor is.
        let (down, across) = (self.anchor_point.min(8) / 3, self.anchor_point.min(8) % 3);
        let start = |at: Percent, extent: Percent, point: u8| {
            let start = MARGIN.plus(at).0 - extent.0 * i32::from(point) / 2;
            Percent(start.clamp(0, Percent::FULL.0 - extent.0))
        };
        let is_vertical = self.print_direction >= 2;
        Layout {
            region: format!("w{number}"),
            place: Place::Box,
            left: start(x, width, across),
            top: start(y, height, down),
            width,
            height,
            block_align: match down {
                0 => BlockAlign::Before,
                1 => BlockAlign::Center,
                _ => BlockAlign::After,
            },
            text_align: match self.justify {
                1 => TextAlign::Right,
                2 => TextAlign::Center,
                3 => TextAlign::Justify,
                _ => TextAlign::Left,
            },
            writing_mode: if is_vertical {
                WritingMode::VerticalRl
            } else {
                WritingMode::Horizontal
            },
            block_background: self.fill,
            wrap: self.wordwrap,
            layer: 8 - i32::from(self.priority),
            ..Layout::default()
        }
    }
}

fn line(row: &Row) -> Line {
    let mut line = Line::new();
    let mut last: Option<Option<Pen>> = None;
    for cell in row {
        let pen = cell.map(|(_, pen)| pen);
        let character = match cell {
            Some((character, _)) if *character != ' ' => *character,
            _ => '\u{a0}',
        };
        match line.last_mut() {
            Some(span) if last == Some(pen) => span.text.push(character),
            _ => {
                let mut style = pen.unwrap_or_else(|| Pen::preset(1)).style();
                if pen.is_none() {
                    style.background = Some(Rgba::TRANSPARENT);
                }
                line.push(Span {
                    text: character.to_string(),
                    style,
                    ..Span::default()
                });
            }
        }
        last = Some(pen);
    }
    line
}
