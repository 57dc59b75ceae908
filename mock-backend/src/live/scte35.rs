//! SCTE-35 sections as a splicer sends them (ANSI/SCTE 35, 9.6 and 9.7), in binary and in base64.

use super::schedule::Break;

/// The signal that an ad break starts at `pts`, in ticks of 90 kHz.
pub(super) fn break_starts(pause: &Break, pts: u64) -> Vec<u8> {
    let ticks = pause.duration * 90;
    let mut command = u32::try_from(pause.number & 0xFFFF_FFFF)
        .unwrap_or_default()
        .to_be_bytes()
        .to_vec();
    // Not cancelled; out of network, program splice, with duration, not immediate.
    command.extend([0x7F, 0b1110_1111]);
    command.extend(time(0b1111_1110, pts));
    // It returns by itself.
    command.extend(time(0b1111_1110, ticks));
    // Unique program id, avail number, avails expected.
    command.extend([0, 1, 1, 1]);
    section(0x05, &command)
}

/// Five bytes: seven bits of flags (the lowest of `head` is the highest of the time) and 33 bits of time.
fn time(head: u8, ticks: u64) -> [u8; 5] {
    let [_, _, _, high, a, b, c, d] = (ticks & 0x1_FFFF_FFFF).to_be_bytes();
    [head | high, a, b, c, d]
}

/// A `splice_info_section` around a command, with no descriptors.
fn section(command_type: u8, command: &[u8]) -> Vec<u8> {
    let length = u16::try_from(command.len()).unwrap_or(0xFFF);
    let mut out = vec![0xFC];
    // Everything after the length, the CRC included.
    out.extend((0x3000 | (length + 17)).to_be_bytes());
    // Protocol version 0, not encrypted, no PTS adjustment, cw_index, tier 0xFFF.
    out.extend([0, 0, 0, 0, 0, 0, 0, 0xFF]);
    let [high, low] = length.to_be_bytes();
    out.extend([0xF0 | high, low, command_type]);
    out.extend_from_slice(command);
    out.extend([0, 0]);
    out.extend(crc32(&out).to_be_bytes());
    out
}

/// The CRC of MPEG-2 (ISO/IEC 13818-1, annex A).
fn crc32(data: &[u8]) -> u32 {
    data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            (crc << 1) ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 }
        })
    })
}

/// RFC 4648, 4.
pub(super) fn base64(data: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(data.len().div_ceil(3) * 4);
    for group in data.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit > group.len() {
                out.push('=');
            } else {
                let index = usize::try_from(bits >> (18 - 6 * digit) & 63).unwrap_or(0);
                out.push(char::from(DIGITS[index]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_as_long_as_it_says_and_its_crc_comes_out_even() {
        let pause = Break {
            number: 7,
            start: 0,
            duration: 12_840,
        };
        let section = break_starts(&pause, 0x1_2345_6789);
        let length = usize::from(u16::from_be_bytes([section[1], section[2]]) & 0xFFF);
        assert_eq!(section.len(), 3 + length);
        assert_eq!(crc32(&section), 0);
        assert_eq!(section[13], 5);
        assert_eq!(section[14..18], [0, 0, 0, 7]);
        assert_eq!(section[20..25], [0xFF, 0x23, 0x45, 0x67, 0x89]);
    }

    #[test]
    fn base64_has_padding() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
