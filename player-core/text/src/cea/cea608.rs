//! CEA-608: one of the four caption channels of line 21 (47 CFR 79.101, CTA-608-E).

use super::{MARGIN, ROW_HEIGHT, TYPE_SIZE, chars};
use crate::cue::{BlockAlign, Cue, Layout, Line, Percent, Place, Rgba, Span, Style, TextAlign};

const ROWS: usize = 15;
const COLUMNS: usize = 32;
/// A column's width: 32 of them in 80% of the picture.
const COLUMN_WIDTH: i32 = 250;

const COLORS: [u32; 7] = [
    0xFF_FFFF, 0x00_FF00, 0x00_00FF, 0x00_FFFF, 0xFF_0000, 0xFF_FF00, 0xFF_00FF,
];

/// How characters are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Pen {
    color: Rgba,
    background: Rgba,
    italic: bool,
    underline: bool,
    flash: bool,
}

const PEN: Pen = Pen {
    color: Rgba::WHITE,
    background: Rgba::BLACK,
    italic: false,
    underline: false,
    flash: false,
};

type Row = [Option<(char, Pen)>; COLUMNS];

/// A caption memory.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Memory {
    rows: [Row; ROWS],
}

impl Memory {
    const EMPTY: Self = Self {
        rows: [[None; COLUMNS]; ROWS],
    };

    fn set(&mut self, row: usize, column: usize, cell: Option<(char, Pen)>) {
        if let Some(place) = self.rows.get_mut(row).and_then(|row| row.get_mut(column)) {
            *place = cell;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// Nothing has been told yet: characters go nowhere.
    None,
    PopOn,
    PaintOn,
    RollUp(usize),
    /// The text service, which is not captions.
    Text,
}

/// One channel.
#[derive(Debug)]
pub(super) struct Channel {
    /// 0 or 1: the field it is in, and which of the field's two it is.
    field: u8,
    second: bool,
    mode: Mode,
    displayed: Memory,
    hidden: Memory,
    row: usize,
    column: usize,
    pen: Pen,
    /// The field's last control code was for this channel.
    current: bool,
    /// Other services' data in field 2.
    xds: bool,
    /// Control codes come twice; the second is passed over.
    last_control: Option<[u8; 2]>,
}

impl Channel {
    /// CC1 to CC4.
    pub(super) fn new(number: u8) -> Self {
        let number = number.saturating_sub(1) & 3;
        Self {
            field: number >> 1,
            second: number & 1 == 1,
            mode: Mode::None,
            displayed: Memory::EMPTY,
            hidden: Memory::EMPTY,
            row: ROWS - 1,
            column: 0,
            pen: PEN,
            current: false,
            xds: false,
            last_control: None,
        }
    }

    /// Takes a pair of bytes of a field; says whether what is on screen may have changed.
    pub(super) fn feed(&mut self, field: u8, data: [u8; 2]) -> bool {
        // The highest bit is for parity; what goes wrong in transport is found before this.
        let [first, second] = data.map(|byte| byte & 0x7F);
        if field != self.field || (first == 0 && second == 0) {
            return false;
        }
        if first >= 0x20 {
            self.last_control = None;
            if !self.current || self.xds {
                return false;
            }
            self.write(chars::basic(first));
            if second >= 0x20 {
                self.write(chars::basic(second));
            }
            return self.mode != Mode::PopOn;
        }
        if first < 0x10 {
            self.xds = self.field == 1;
            return false;
        }
        self.xds = false;
        if self.last_control.take() == Some([first, second]) {
            return false;
        }
        self.last_control = Some([first, second]);
        self.current = (first & 0x08 != 0) == self.second;
        if self.current {
            self.control(first & 0x17, second);
        }
        self.current
    }

    fn control(&mut self, first: u8, second: u8) {
        match (first, second) {
            (_, 0x40..) => self.preamble(first, second),
            (0x11, 0x20..=0x2F) => self.mid_row(second),
            (0x11, 0x30..=0x3F) => self.write(chars::special(second)),
            (0x12 | 0x13, 0x20..=0x3F) => {
                // It takes the place of a character for those who do not know it.
                self.column = self.column.saturating_sub(1);
                self.write(chars::extended(first - 0x12, second));
            }
            (0x10, 0x20..=0x2F) => {
                let alpha = if second & 1 == 1 { 128 } else { 255 };
                let color = COLORS.get(usize::from(second >> 1 & 7)).copied();
                self.pen.background = Rgba::rgb(color.unwrap_or(0)).faded(alpha);
                self.attribute();
            }
            (0x17, 0x21..=0x23) => self.column = (self.column + usize::from(second & 3)).min(COLUMNS - 1),
            (0x17, 0x2D) => {
                self.pen.background = Rgba::TRANSPARENT;
                self.attribute();
            }
            (0x17, 0x2E | 0x2F) => {
                (self.pen.color, self.pen.italic, self.pen.underline) = (Rgba::BLACK, false, second & 1 == 1);
                self.attribute();
            }
            (0x14 | 0x15, 0x20..=0x2F) => self.command(second),
            _ => {}
        }
    }

    /// Background attributes take the place of the blank before them.
    fn attribute(&mut self) {
        self.column = self.column.saturating_sub(1);
        self.write(' ');
    }

    fn command(&mut self, code: u8) {
        match code {
            0x20 => self.mode = Mode::PopOn,
            0x21 => {
                self.column = self.column.saturating_sub(1);
                self.put(None);
            }
            0x24 => {
                let (row, column) = (self.row, self.column);
                let target = self.target();
                (column..COLUMNS).for_each(|column| target.set(row, column, None));
            }
            0x25..=0x27 => self.roll_up(usize::from(code) - 0x23),
            0x28 => self.pen.flash = true,
            0x29 => self.mode = Mode::PaintOn,
            0x2A | 0x2B => self.mode = Mode::Text,
            0x2C => self.displayed = Memory::EMPTY,
            0x2D => self.carriage_return(),
            0x2E => self.hidden = Memory::EMPTY,
            0x2F => {
                std::mem::swap(&mut self.displayed, &mut self.hidden);
                self.mode = Mode::PopOn;
            }
            _ => {}
        }
    }

    fn roll_up(&mut self, rows: usize) {
        if !matches!(self.mode, Mode::RollUp(_)) {
            (self.displayed, self.hidden) = (Memory::EMPTY, Memory::EMPTY);
            self.row = ROWS - 1;
        }
        self.mode = Mode::RollUp(rows);
        self.column = 0;
        self.pen = PEN;
        self.keep_window();
    }

    /// Rows above the roll-up window are empty.
    fn keep_window(&mut self) {
        if let Mode::RollUp(rows) = self.mode {
            let first = (self.row + 1).saturating_sub(rows);
            for row in self.displayed.rows.iter_mut().take(first) {
                *row = [None; COLUMNS];
            }
        }
    }

    fn carriage_return(&mut self) {
        if let Mode::RollUp(_) = self.mode {
            let window = self.displayed.rows.get_mut(..=self.row).unwrap_or_default();
            window.rotate_left(1);
            if let Some(last) = window.last_mut() {
                *last = [None; COLUMNS];
            }
            self.keep_window();
            self.column = 0;
            self.pen = PEN;
        }
    }

    /// A preamble address code: a row, and an indent or a colour.
    fn preamble(&mut self, first: u8, second: u8) {
        let pair = match first {
            0x10 => [10, 10],
            0x11 => [0, 1],
            0x12 => [2, 3],
            0x13 => [11, 12],
            0x14 => [13, 14],
            0x15 => [4, 5],
            0x16 => [6, 7],
            _ => [8, 9],
        };
        let row = if second & 0x20 == 0 { pair[0] } else { pair[1] };
        if let Mode::RollUp(rows) = self.mode {
            self.move_window(row, rows);
        }
        self.row = row;
        self.pen = Pen {
            underline: second & 1 == 1,
            ..PEN
        };
        let attribute = usize::from(second >> 1 & 0xF);
        self.column = attribute.saturating_sub(8) * 4;
        self.pen.italic = attribute == 7;
        if let Some(&color) = COLORS.get(attribute) {
            self.pen.color = Rgba::rgb(color);
        }
    }

    /// Roll-up captions move to another base row.
    fn move_window(&mut self, to: usize, rows: usize) {
        if to == self.row {
            return;
        }
        let mut moved = Memory::EMPTY;
        for up in 0..rows.min(self.row + 1).min(to + 1) {
            let row = self.displayed.rows.get(self.row - up).copied();
            if let (Some(place), Some(row)) = (moved.rows.get_mut(to - up), row) {
                *place = row;
            }
        }
        self.displayed = moved;
    }

    fn mid_row(&mut self, second: u8) {
        self.pen.flash = false;
        self.pen.underline = second & 1 == 1;
        match COLORS.get(usize::from(second >> 1 & 7)) {
            Some(&color) => (self.pen.color, self.pen.italic) = (Rgba::rgb(color), false),
            None => self.pen.italic = true,
        }
        self.write(' ');
    }

    fn target(&mut self) -> &mut Memory {
        if self.mode == Mode::PopOn {
            &mut self.hidden
        } else {
            &mut self.displayed
        }
    }

    fn put(&mut self, cell: Option<(char, Pen)>) {
        if !matches!(self.mode, Mode::None | Mode::Text) {
            let (row, column) = (self.row, self.column);
            self.target().set(row, column, cell);
        }
    }

    fn write(&mut self, character: char) {
        self.put(Some((character, self.pen)));
        // In the last column characters overwrite each other.
        self.column = (self.column + 1).min(COLUMNS - 1);
    }

    /// What is on screen: a cue for each block of rows.
    pub(super) fn cues(&self) -> Vec<Cue> {
        let used = |row: &Row| row.iter().flatten().any(|(character, _)| *character != ' ');
        let mut cues = Vec::new();
        let mut at = 0;
        while at < ROWS {
            let rest = self.displayed.rows.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|row| used(row)).count();
            if length > 0 {
                cues.push(self.block(at, rest.get(..length).unwrap_or_default()));
            }
            at += length + 1;
        }
        cues
    }

    fn block(&self, first: usize, rows: &[Row]) -> Cue {
        let is_text = |cell: &Option<(char, Pen)>| cell.is_some_and(|(character, _)| character != ' ');
        let start = |row: &Row| row.iter().position(is_text).unwrap_or(0);
        let end = |row: &Row| row.iter().rposition(is_text).unwrap_or(0) + 1;
        let left = rows.iter().map(start).min().unwrap_or(0);
        let right = rows.iter().map(end).max().unwrap_or(COLUMNS);
        // Centred by hand: as much room on the left as on the right.
        let is_centered = rows.iter().all(|row| (start(row) + end(row)).abs_diff(COLUMNS) < 4);
        let is_rolling = matches!(self.mode, Mode::RollUp(_));
        let is_centered = is_centered && !is_rolling;
        let lines = rows.iter().map(|row| {
            let from = if is_centered { start(row) } else { left };
            line(row.get(from..end(row)).unwrap_or_default())
        });
        let columns = |count: usize| Percent(i32::try_from(count).unwrap_or(0).saturating_mul(COLUMN_WIDTH));
        let rows_high = |count: usize| Percent(i32::try_from(count).unwrap_or(0).saturating_mul(ROW_HEIGHT.0));
        let last = first + rows.len();
        let mut layout = Layout {
            place: Place::Box,
            left: MARGIN,
            width: Percent::whole(80),
            top: MARGIN.plus(rows_high(first)),
            height: rows_high(rows.len()),
            block_align: if is_rolling || last * 2 > ROWS {
                BlockAlign::After
            } else {
                BlockAlign::Before
            },
            text_align: TextAlign::Center,
            wrap: false,
            roll_up: is_rolling,
            ..Layout::default()
        };
        if !is_centered {
            layout.text_align = TextAlign::Left;
            layout.left = MARGIN.plus(columns(left));
            layout.width = columns(right - left);
        }
        Cue {
            layout,
            lines: lines.collect(),
            ..Cue::default()
        }
    }
}

fn line(cells: &[Option<(char, Pen)>]) -> Line {
    let mut line = Line::new();
    let mut last = None;
    for cell in cells {
        let (character, pen) = match cell {
            Some((' ', pen)) => ('\u{a0}', Some(*pen)),
            Some((character, pen)) => (*character, Some(*pen)),
            None => ('\u{a0}', None),
        };
        match line.last_mut() {
            Some(span) if last == Some(pen) => span.text.push(character),
            _ => line.push(Span {
                text: character.to_string(),
                style: style(pen),
                ..Span::default()
            }),
        }
        last = Some(pen);
    }
    line
}

fn style(pen: Option<Pen>) -> Style {
    let pen = pen.unwrap_or(Pen {
        background: Rgba::TRANSPARENT,
        ..PEN
    });
    Style {
        color: Some(pen.color),
        background: Some(pen.background),
        size: Some(TYPE_SIZE),
        family: "monospace".to_owned(),
        italic: pen.italic,
        underline: pen.underline,
        flash: pen.flash,
        ..Style::default()
    }
}
