//! Pictures of numbers, as PNG: two digits of seven strokes, white on nothing.

const WIDTH: usize = 64;
const HEIGHT: usize = 48;
/// Which strokes make a digit: top, upper right, lower right, bottom, lower left, upper left, middle from the lowest bit on.
const STROKES: [u8; 10] = [0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F];
/// Left, top, right and bottom of each stroke.
const PLACES: [[usize; 4]; 7] = [
    [0, 0, 24, 5],
    [19, 0, 24, 22],
    [19, 18, 24, 40],
    [0, 35, 24, 40],
    [0, 18, 5, 40],
    [0, 0, 5, 22],
    [0, 18, 24, 22],
];

/// The picture of a number below 100.
pub(super) fn number(number: u64) -> Vec<u8> {
    let mut rows = vec![[0_u8; WIDTH / 8 + 1]; HEIGHT];
    for (left, digit) in [(4, number / 10 % 10), (36, number % 10)] {
        let strokes = usize::try_from(digit).map_or(0, |digit| STROKES[digit]);
        for (bit, [x0, y0, x1, y1]) in PLACES.into_iter().enumerate() {
            if strokes >> bit & 1 == 0 {
                continue;
            }
            for row in &mut rows[4 + y0..4 + y1] {
                // The first byte of a row names its filter: none.
                (left + x0..left + x1).for_each(|x| row[1 + x / 8] |= 0x80 >> (x % 8));
            }
        }
    }
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    // One bit a pixel, of a palette.
    chunk(
        &mut out,
        *b"IHDR",
        &[&size(WIDTH)[..], &size(HEIGHT), &[1, 3, 0, 0, 0]].concat(),
    );
    chunk(&mut out, *b"PLTE", &[0, 0, 0, 255, 255, 255]);
    chunk(&mut out, *b"tRNS", &[0, 255]);
    chunk(&mut out, *b"IDAT", &stored(rows.as_flattened()));
    chunk(&mut out, *b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let start = out.len();
    out.extend(kind);
    out.extend(data);
    let crc = out[start..].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    });
    out.extend((!crc).to_be_bytes());
}

/// A zlib stream of one block that is not compressed.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in data {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    let mut out = vec![0x78, 0x01, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(data);
    out.extend((high << 16 | low).to_be_bytes());
    out
}
