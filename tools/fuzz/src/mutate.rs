//! Damage.

/// The longest input that is made.
const MAX_LENGTH: usize = 1 << 16;
/// Numbers at which arithmetic breaks.
const NUMBERS: [u64; 14] = [
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    i64::MAX.cast_unsigned(),
    i64::MIN.cast_unsigned(),
    u64::MAX,
];

/// A stream of numbers from a seed (SplitMix64).
#[derive(Clone)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.next().to_le_bytes();
        byte
    }
}

/// Damages `input` in up to eight ways.
pub(crate) fn mutate(rng: &mut Rng, input: &mut Vec<u8>, corpus: &[Vec<u8>], dictionary: &[&str]) {
    for _ in 0..1 << rng.below(4) {
        once(rng, input, corpus, dictionary);
    }
    input.truncate(MAX_LENGTH);
}

fn once(rng: &mut Rng, input: &mut Vec<u8>, corpus: &[Vec<u8>], dictionary: &[&str]) {
    let at = rng.below(input.len());
    match rng.below(10) {
        0 => {
            let bit = rng.below(8);
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        1 => {
            let new = rng.byte();
            if let Some(byte) = input.get_mut(at) {
                *byte = new;
            }
        }
        2 => {
            let range = range(rng, input.len());
            input.drain(range);
        }
        3 => {
            let copy = input[range(rng, input.len())].to_vec();
            for _ in 0..1 << rng.below(5) {
                if input.len() < MAX_LENGTH {
                    input.splice(at..at, copy.iter().copied());
                }
            }
        }
        4 => {
            if let Some(other) = rng.pick(corpus) {
                let part = other[range(rng, other.len())].to_vec();
                let replaced = range(rng, input.len());
                input.splice(replaced, part);
            }
        }
        5 | 6 => {
            if let Some(word) = rng.pick(dictionary) {
                // In between, or in place of as many bytes.
                let end = if rng.below(2) == 0 {
                    at
                } else {
                    input.len().min(at + word.len())
                };
                input.splice(at..end, word.bytes());
            }
        }
        7 => binary_number(rng, input, at),
        8 => written_number(rng, input, at),
        _ => input.truncate(at),
    }
}

/// A part of something of this length; mostly a short one.
fn range(rng: &mut Rng, length: usize) -> std::ops::Range<usize> {
    let start = rng.below(length);
    let longest = 1 << rng.below(10);
    start..length.min(start + 1 + rng.below(longest))
}

/// Writes a number over some bytes, big endian.
fn binary_number(rng: &mut Rng, input: &mut [u8], at: usize) {
    let number = rng.pick(&NUMBERS).copied().unwrap_or(0).to_be_bytes();
    let width = 1 << rng.below(4);
    let bytes = number.iter().skip(8 - width);
    for (byte, new) in input.iter_mut().skip(at).zip(bytes) {
        *byte = *new;
    }
}

/// Replaces the next number that is written in digits.
fn written_number(rng: &mut Rng, input: &mut Vec<u8>, at: usize) {
    let Some(start) = input.iter().skip(at).position(u8::is_ascii_digit) else {
        return;
    };
    let start = at + start;
    let digits = input
        .iter()
        .skip(start)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let number = rng.pick(&NUMBERS).copied().unwrap_or(0);
    let written = match rng.below(5) {
        0 => number.cast_signed().to_string(),
        1 => format!("{number}.{number}"),
        2 => format!("{number}e{number}"),
        3 => (number % 100).to_string(),
        _ => number.to_string(),
    };
    input.splice(start..start + digits, written.bytes());
}
