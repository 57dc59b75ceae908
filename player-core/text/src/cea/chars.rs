//! Character sets of CEA-608 and CEA-708.

/// CEA-608's basic set: ASCII but for these.
pub(super) fn basic(byte: u8) -> char {
    match byte {
        0x27 => '’',
        0x2A => 'á',
        0x5C => 'é',
        0x5E => 'í',
        0x5F => 'ó',
        0x60 => 'ú',
        0x7B => 'ç',
        0x7C => '÷',
        0x7D => 'Ñ',
        0x7E => 'ñ',
        0x7F => '█',
        _ => char::from(byte),
    }
}

const SPECIAL: [char; 16] = [
    '®', '°', '½', '¿', '™', '¢', '£', '♪', 'à', '\u{a0}', 'è', 'â', 'ê', 'î', 'ô', 'û',
];

/// Spanish, French; Portuguese, German, Danish.
const EXTENDED: [[char; 32]; 2] = [
    [
        'Á', 'É', 'Ó', 'Ú', 'Ü', 'ü', '‘', '¡', '*', '\'', '—', '©', '℠', '•', '“', '”', 'À', 'Â', 'Ç', 'È', 'Ê', 'Ë',
        'ë', 'Î', 'Ï', 'ï', 'Ô', 'Ù', 'ù', 'Û', '«', '»',
    ],
    [
        'Ã', 'ã', 'Í', 'Ì', 'ì', 'Ò', 'ò', 'Õ', 'õ', '{', '}', '\\', '^', '_', '|', '~', 'Ä', 'ä', 'Ö', 'ö', 'ß', '¥',
        '¤', '│', 'Å', 'å', 'Ø', 'ø', '┌', '┐', '└', '┘',
    ],
];

/// A special character: the second byte, 0x30 to 0x3F.
pub(super) fn special(byte: u8) -> char {
    SPECIAL.get(usize::from(byte & 0xF)).copied().unwrap_or(' ')
}

/// An extended character of set 0 or 1: the second byte, 0x20 to 0x3F.
pub(super) fn extended(set: u8, byte: u8) -> char {
    let set = EXTENDED.get(usize::from(set & 1));
    set.and_then(|set| set.get(usize::from(byte & 0x1F)))
        .copied()
        .unwrap_or(' ')
}

/// CEA-708's G0: ASCII with a note.
pub(super) fn g0(byte: u8) -> char {
    if byte == 0x7F { '♪' } else { char::from(byte) }
}

/// CEA-708's G2, behind EXT1; what is not in the set stands as an underscore, as the standard asks.
pub(super) fn g2(byte: u8) -> char {
    match byte {
        0x20 | 0x21 => '\u{a0}',
        0x25 => '…',
        0x2A => 'Š',
        0x2C => 'Œ',
        0x30 => '█',
        0x31 => '‘',
        0x32 => '’',
        0x33 => '“',
        0x34 => '”',
        0x35 => '•',
        0x39 => '™',
        0x3A => 'š',
        0x3C => 'œ',
        0x3D => '℠',
        0x3F => 'Ÿ',
        0x76 => '⅛',
        0x77 => '⅜',
        0x78 => '⅝',
        0x79 => '⅞',
        0x7A => '│',
        0x7B => '┐',
        0x7C => '└',
        0x7D => '─',
        0x7E => '┘',
        0x7F => '┌',
        _ => '_',
    }
}
