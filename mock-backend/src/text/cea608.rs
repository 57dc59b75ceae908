//! Text as CEA-608 pop-on captions (CTA-608-E): pairs of bytes, one for each frame of the picture.

use super::Moment;

/// Resume caption loading, erase non-displayed memory, end of caption, erase displayed memory; of the first channel.
const RESUME: [u8; 2] = [0x14, 0x20];
const ERASE_HIDDEN: [u8; 2] = [0x14, 0x2E];
const SHOW: [u8; 2] = [0x14, 0x2F];
const ERASE: [u8; 2] = [0x14, 0x2C];
/// White text without indent in the rows 13, 14 and 15.
const ROWS: [[u8; 2]; 3] = [[0x13, 0x70], [0x14, 0x50], [0x14, 0x70]];
const COLUMNS: usize = 32;

/// The pairs of a loop, by frame; `frame` tells the frame of a time. What must be shown early in the loop is sent late in it.
pub(super) fn pairs(moments: &[Moment], frames: usize, frame: impl Fn(u64) -> usize) -> Vec<Option<[u8; 2]>> {
    let mut all = vec![None; frames];
    let mut put = |at: usize, pair: [u8; 2]| all[at % frames] = Some(pair.map(with_parity));
    for (number, moment) in moments.iter().enumerate() {
        let load = load(moment);
        let show = frame(moment.start);
        // Twice, as control codes are, the second one when it is too late to matter.
        put(show, SHOW);
        put(show + 1, SHOW);
        let first = show + frames - load.len();
        (first..).zip(load).for_each(|(at, pair)| put(at, pair));
        let next = moments
            .get(number + 1)
            .map_or(moments[0].start + u64::MAX / 2, |next| next.start);
        if next > moment.end && frame(moment.end) < frames {
            put(frame(moment.end), ERASE);
            put(frame(moment.end) + 1, ERASE);
        }
    }
    all
}

/// What is sent before a caption is shown.
fn load(moment: &Moment) -> Vec<[u8; 2]> {
    let mut out = vec![RESUME, RESUME, ERASE_HIDDEN, ERASE_HIDDEN];
    let lines = moment.wrapped(COLUMNS);
    let lines = lines
        .iter()
        .take(ROWS.len())
        .map(|line| line.chars().map(byte).collect::<Vec<_>>());
    let lines: Vec<_> = lines.collect();
    for (line, [first, second]) in lines.iter().zip(&ROWS[ROWS.len().saturating_sub(lines.len())..]) {
        let indent = (COLUMNS - line.len()) / 2;
        // Indents are of four columns, and tabs of one to three.
        let place = [*first, second + u8::try_from(indent / 4 * 2).unwrap_or(0)];
        out.extend([place, place]);
        if !indent.is_multiple_of(4) {
            let tab = [0x17, 0x20 + u8::try_from(indent % 4).unwrap_or(0)];
            out.extend([tab, tab]);
        }
        out.extend(line.chunks(2).map(|pair| [pair[0], pair.get(1).copied().unwrap_or(0)]));
    }
    out
}

fn byte(character: char) -> u8 {
    match character {
        'á' => 0x2A,
        'é' => 0x5C,
        'í' => 0x5E,
        'ó' => 0x5F,
        'ú' => 0x60,
        'ç' => 0x7B,
        'ñ' => 0x7E,
        '*' | '\\' | '^' | '_' | '`' | '{' | '|' | '}' | '~' => b'?',
        _ => u8::try_from(character)
            .ok()
            .filter(|byte| (0x20..0x7F).contains(byte))
            .unwrap_or(b'?'),
    }
}

/// An odd number of bits.
fn with_parity(byte: u8) -> u8 {
    if byte.count_ones().is_multiple_of(2) {
        byte | 0x80
    } else {
        byte
    }
}
