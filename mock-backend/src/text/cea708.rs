//! Text as CEA-708 captions (CTA-708-E): packets of the first service, at most one for each frame of the picture.

use super::Moment;

/// Frames before a caption is shown in which its text is sent.
const LEAD: usize = 4;
/// Most bytes of text in a packet, beside what defines a window.
const MOST: usize = 22;
const COLUMNS: u8 = 32;

/// The packets of a loop, by frame; `frame` tells the frame of a time. Windows take turns: one is shown, one is written.
pub(super) fn packets(moments: &[Moment], frames: usize, frame: impl Fn(u64) -> usize) -> Vec<Vec<u8>> {
    let mut blocks = vec![Vec::new(); frames];
    for (number, moment) in moments.iter().enumerate() {
        let window = u8::try_from(number % 2).unwrap_or(0);
        let show = frame(moment.start) + frames;
        let text: Vec<u8> = moment.wrapped(COLUMNS.into()).join("\r").chars().map(byte).collect();
        // Hidden, anchored at its bottom middle, two rows; window and pen style 1; what was in it is gone.
        let mut codes = vec![
            0x8C,
            1 << window,
            0x98 + window,
            0,
            0x80 | 95,
            50,
            0x71,
            COLUMNS - 1,
            0x09,
        ];
        for (at, part) in (0..LEAD).zip(text.chunks(MOST)) {
            codes.extend(part);
            blocks[(show - LEAD + at) % frames].extend(std::mem::take(&mut codes));
        }
        // The other one goes, this one comes.
        blocks[show % frames].extend([0x8C, 2 >> window, 0x89, 1 << window]);
        let next = moments.get(number + 1).map_or(u64::MAX, |next| next.start);
        if next > moment.end && frame(moment.end) < frames {
            blocks[frame(moment.end)].extend([0x8C, 1 << window]);
        }
    }
    let filled = blocks.iter().enumerate().filter(|(_, block)| !block.is_empty());
    let mut packets = vec![Vec::new(); frames];
    for (sequence, (at, block)) in filled.enumerate() {
        packets[at] = packet(sequence, block);
    }
    packets
}

/// A packet of one service block, of an even number of bytes.
fn packet(sequence: usize, block: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 1 << 5 | u8::try_from(block.len()).unwrap_or(31)];
    out.extend(block);
    // No more blocks.
    out.push(0);
    if out.len() % 2 == 1 {
        out.push(0);
    }
    let code = (out.len() / 2) | ((sequence & 3) << 6);
    out[0] = u8::try_from(code).unwrap_or(0);
    out
}

/// Latin-1, but for the codes.
fn byte(character: char) -> u8 {
    let sound = |byte: &u8| matches!(byte, 0x0D | 0x20..=0x7E | 0xA0..=0xFF);
    u8::try_from(character).ok().filter(sound).unwrap_or(b'?')
}
