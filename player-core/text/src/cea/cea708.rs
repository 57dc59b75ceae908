//! CEA-708: the packets of the DTV closed captioning channel, and one of its services (CTA-708-E).

use super::chars;
use super::window::{Pen, Window};
use crate::cue::Cue;

/// Bytes of the longest packet.
const MAX_PACKET: usize = 128;

/// One service.
#[derive(Debug)]
pub(super) struct Service {
    number: u8,
    /// A packet as far as it has come, and how long it will be.
    packet: Vec<u8>,
    length: usize,
    windows: [Option<Window>; 8],
    current: usize,
}

impl Service {
    pub(super) fn new(number: u8) -> Self {
        Self {
            number,
            packet: Vec::new(),
            length: 0,
            windows: [const { None }; 8],
            current: 0,
        }
    }

    /// Takes two bytes of the channel; says whether what is on screen may have changed.
    pub(super) fn feed(&mut self, is_start: bool, data: [u8; 2]) -> bool {
        let mut changed = false;
        if is_start {
            // What was cut off is read as far as it came.
            changed = self.blocks();
            let [head, _] = data;
            let code = usize::from(head & 0x3F);
            self.length = if code == 0 { MAX_PACKET } else { code * 2 };
            self.packet.extend(data);
        } else if self.length > 0 {
            self.packet.extend(data);
        }
        if self.length > 0 && self.packet.len() >= self.length {
            changed |= self.blocks();
        }
        changed
    }

    /// Reads the service blocks of the packet, and forgets it.
    fn blocks(&mut self) -> bool {
        let packet = std::mem::take(&mut self.packet);
        let end = self.length.min(packet.len());
        self.length = 0;
        let mut rest = packet.get(1..end).unwrap_or_default();
        let mut changed = false;
        while let Some((&head, after)) = rest.split_first() {
            let (mut number, size) = (head >> 5, usize::from(head & 0x1F));
            let mut body = after;
            if number == 7 && size > 0 {
                let Some((&extended, after)) = body.split_first() else {
                    break;
                };
                number = extended & 0x3F;
                body = after;
            }
            if size == 0 {
                break;
            }
            let (block, after) = body.split_at(size.min(body.len()));
            if number == self.number {
                self.codes(block);
                changed = true;
            }
            rest = after;
        }
        changed
    }

    pub(super) fn codes(&mut self, mut data: &[u8]) {
        while let Some((&code, rest)) = data.split_first() {
            data = match code {
                0x00..=0x1F => self.c0(code, rest),
                0x80..=0x9F => self.c1(code, rest),
                0x20..=0x7F => self.write(chars::g0(code), rest),
                0xA0..=0xFF => self.write(char::from(code), rest),
            };
        }
    }

    fn write<'a>(&mut self, character: char, rest: &'a [u8]) -> &'a [u8] {
        self.in_window(|window| window.write(character));
        rest
    }

    fn in_window(&mut self, change: impl FnOnce(&mut Window)) {
        if let Some(Some(window)) = self.windows.get_mut(self.current) {
            change(window);
        }
    }

    fn c0<'a>(&mut self, code: u8, rest: &'a [u8]) -> &'a [u8] {
        match code {
            0x08 => self.in_window(Window::backspace),
            0x0C => self.in_window(Window::clear),
            0x0D => self.in_window(Window::carriage_return),
            0x0E => self.in_window(Window::clear_row),
            0x10 => return self.extended(rest),
            0x18 => {
                if let [high, low, ..] = rest {
                    let unit = u32::from(u16::from_be_bytes([*high, *low]));
                    let character = char::from_u32(unit).filter(|c| !c.is_control());
                    self.in_window(|window| window.write(character.unwrap_or('_')));
                }
            }
            _ => {}
        }
        skip(
            rest,
            match code {
                0x11..=0x17 => 1,
                0x18..=0x1F => 2,
                _ => 0,
            },
        )
    }

    /// After EXT1: codes of C2 and C3, none of which means anything yet, and characters of G2 and G3.
    fn extended<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let Some((&code, rest)) = rest.split_first() else {
            return rest;
        };
        match code {
            0x00..=0x1F => skip(rest, usize::from(code >> 3)),
            0x20..=0x7F => self.write(chars::g2(code), rest),
            0x80..=0x87 => skip(rest, 4),
            0x88..=0x8F => skip(rest, 5),
            0x90..=0x9F => {
                let length = rest.first().map_or(0, |head| usize::from(head & 0x3F));
                skip(rest, length + 1)
            }
            // G3 has only the mark of closed captions.
            _ => self.write(if code == 0xA0 { '㏄' } else { '_' }, rest),
        }
    }

    fn c1<'a>(&mut self, code: u8, rest: &'a [u8]) -> &'a [u8] {
        match code {
            0x80..=0x87 => {
                let number = usize::from(code & 7);
                if matches!(self.windows.get(number), Some(Some(_))) {
                    self.current = number;
                }
                rest
            }
            0x88..=0x8C => {
                let Some((&bits, rest)) = rest.split_first() else {
                    return rest;
                };
                self.each(code, bits);
                rest
            }
            0x8D => skip(rest, 1),
            0x8F => {
                self.windows = [const { None }; 8];
                rest
            }
            0x90 => self.with(rest, |window, data| window.pen.set_attributes(data)),
            0x91 => self.with(rest, |window, data| Pen::set_color(&mut window.pen, data)),
            0x92 => self.with(rest, Window::move_pen),
            0x93..=0x96 => rest,
            0x97 => self.with(rest, Window::set_attributes),
            0x98.. => {
                let Some((&data, rest)) = rest.split_first_chunk::<6>() else {
                    return &[];
                };
                self.current = usize::from(code & 7);
                if let Some(place) = self.windows.get_mut(self.current) {
                    *place = Some(Window::define(place.take(), data));
                }
                rest
            }
            _ => rest,
        }
    }

    /// A command about the current window with `N` bytes of parameters.
    fn with<'a, const N: usize>(&mut self, rest: &'a [u8], change: impl FnOnce(&mut Window, [u8; N])) -> &'a [u8] {
        let Some((&data, rest)) = rest.split_first_chunk::<N>() else {
            return &[];
        };
        self.in_window(|window| change(window, data));
        rest
    }

    /// A command about the windows whose bits are set.
    fn each(&mut self, code: u8, bits: u8) {
        for (number, place) in self.windows.iter_mut().enumerate() {
            if bits >> number & 1 == 0 {
                continue;
            }
            match (code, place) {
                (0x88, Some(window)) => window.clear(),
                (0x89, Some(window)) => window.visible = true,
                (0x8A, Some(window)) => window.visible = false,
                (0x8B, Some(window)) => window.visible = !window.visible,
                (0x8C, place) => *place = None,
                _ => {}
            }
        }
    }

    /// What is on screen: a cue for each window.
    pub(super) fn cues(&self) -> Vec<Cue> {
        let windows = self.windows.iter().enumerate();
        windows
            .filter_map(|(number, window)| window.as_ref()?.cue(number))
            .collect()
    }
}

fn skip(data: &[u8], count: usize) -> &[u8] {
    data.get(count..).unwrap_or_default()
}
