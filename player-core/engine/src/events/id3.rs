//! ID3v2 tags, versions 3 and 4: frames of text, links and private data.

use super::fields::Fields;

/// Frames of one message that are read.
const MAX_FRAMES: usize = 256;

/// A frame of an ID3 tag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Its four characters, such as `TXXX` or `PRIV`.
    pub id: [u8; 4],
    /// What it says.
    pub content: Content,
}

/// What a [`Frame`] says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// `T***`.
    Text {
        /// Of `TXXX` only: what the text is about.
        description: Option<String>,
        /// One value, or in version 4 several.
        values: Vec<String>,
    },
    /// `W***`.
    Url {
        /// Of `WXXX` only: what is there.
        description: Option<String>,
        /// The link.
        url: String,
    },
    /// `PRIV`.
    Private {
        /// Whose data they are.
        owner: String,
        /// The data.
        data: Vec<u8>,
    },
    /// Any other frame.
    Binary(Vec<u8>),
}

/// The frames of all tags in `bytes`, in order: at most 256. Frames that are compressed, encrypted or cut off are left
/// out; bytes that are no tag end it.
#[must_use]
pub fn parse(mut bytes: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    while frames.len() < MAX_FRAMES {
        let Some(rest) = tag(bytes, &mut frames) else { break };
        bytes = rest;
    }
    frames
}

/// Reads one tag; what follows it.
fn tag<'a>(bytes: &'a [u8], frames: &mut Vec<Frame>) -> Option<&'a [u8]> {
    let mut fields = Fields(bytes);
    if fields.array()? != *b"ID3" {
        return None;
    }
    let (version, _, flags) = (fields.u8()?, fields.u8()?, fields.u8()?);
    let length = synchsafe(fields.u32()?);
    let body = fields.take(length)?;
    if version == 4 && flags & 0x10 != 0 {
        fields.take(10)?;
    }
    if version != 3 && version != 4 {
        return Some(fields.0);
    }
    // Version 4 tells it frame by frame.
    let unescaped = (version == 3 && flags & 0x80 != 0).then(|| synchronise(body));
    let mut body = Fields(unescaped.as_deref().unwrap_or(body));
    if flags & 0x40 != 0 {
        let size = body.u32()?;
        // Version 4 counts the size's own bytes.
        let rest = if version == 4 {
            synchsafe(size).saturating_sub(4)
        } else {
            usize::try_from(size).ok()?
        };
        body.take(rest)?;
    }
    while frames.len() < MAX_FRAMES && read_frame(&mut body, version, frames).is_some() {}
    Some(fields.0)
}

/// Reads one frame; none at the end or at padding.
fn read_frame(body: &mut Fields<'_>, version: u8, frames: &mut Vec<Frame>) -> Option<()> {
    let id: [u8; 4] = body.array()?;
    if !id.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) {
        return None;
    }
    let size = body.u32()?;
    let size = if version == 4 {
        synchsafe(size)
    } else {
        usize::try_from(size).ok()?
    };
    let flags = body.u16()?;
    let mut data = Fields(body.take(size)?);
    // Compressed or encrypted, and a byte that names a group before the data.
    let (closed, grouped) = if version == 4 { (0x0C, 0x40) } else { (0xC0, 0x20) };
    if flags & closed != 0 {
        return Some(());
    }
    if flags & grouped != 0 {
        data.u8()?;
    }
    if version == 4 && flags & 0x01 != 0 {
        data.u32()?;
    }
    let unescaped = (version == 4 && flags & 0x02 != 0).then(|| synchronise(data.0));
    if let Some(content) = content(id, unescaped.as_deref().unwrap_or(data.0)) {
        frames.push(Frame { id, content });
    }
    Some(())
}

fn content(id: [u8; 4], data: &[u8]) -> Option<Content> {
    let mut fields = Fields(data);
    Some(match &id {
        b"PRIV" => {
            let owner = split_at_end(0, &mut fields);
            Content::Private {
                owner,
                data: fields.0.to_vec(),
            }
        }
        b"TXXX" | [b'T', ..] => {
            let encoding = fields.u8()?;
            let description = (id == *b"TXXX").then(|| split_at_end(encoding, &mut fields));
            let mut values = Vec::new();
            while !fields.0.is_empty() || values.is_empty() {
                values.push(split_at_end(encoding, &mut fields));
            }
            Content::Text { description, values }
        }
        b"WXXX" => {
            let encoding = fields.u8()?;
            let description = Some(split_at_end(encoding, &mut fields));
            let url = split_at_end(0, &mut fields);
            Content::Url { description, url }
        }
        [b'W', ..] => Content::Url {
            description: None,
            url: split_at_end(0, &mut fields),
        },
        _ => Content::Binary(data.to_vec()),
    })
}

/// The text up to its terminator, or to the end of `fields`.
fn split_at_end(encoding: u8, fields: &mut Fields<'_>) -> String {
    let wide = encoding == 1 || encoding == 2;
    let unit = if wide { 2 } else { 1 };
    let units = fields.0.chunks_exact(unit);
    let text = match units.clone().position(|unit| unit.iter().all(|byte| *byte == 0)) {
        Some(end) => {
            let text = fields.take(end * unit).unwrap_or_default();
            fields.take(unit);
            text
        }
        None => fields.take(fields.0.len()).unwrap_or_default(),
    };
    decode(encoding, text)
}

/// 0 is Latin-1, 1 UTF-16 with a byte order mark, 2 UTF-16 big endian, 3 UTF-8.
fn decode(encoding: u8, text: &[u8]) -> String {
    let utf16 = |text: &[u8], read: fn([u8; 2]) -> u16| {
        let (units, _) = text.as_chunks::<2>();
        char::decode_utf16(units.iter().map(|unit| read(*unit)))
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    match (encoding, text) {
        (0, text) => text.iter().copied().map(char::from).collect(),
        (1, [0xFF, 0xFE, text @ ..]) => utf16(text, u16::from_le_bytes),
        (1, [0xFE, 0xFF, text @ ..]) | (1 | 2, text) => utf16(text, u16::from_be_bytes),
        (_, text) => String::from_utf8_lossy(text).into_owned(),
    }
}

/// 28 bits in four bytes whose first bit is zero.
fn synchsafe(word: u32) -> usize {
    let bytes = word.to_be_bytes();
    bytes
        .iter()
        .fold(0, |size, byte| (size << 7) | usize::from(byte & 0x7F))
}

/// Undoes unsynchronisation: the zero after each `0xFF` was put in.
fn synchronise(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut after = false;
    for byte in bytes {
        if !(after && *byte == 0) {
            out.push(*byte);
        }
        after = *byte == 0xFF;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn size(version: u8, length: usize) -> [u8; 4] {
        let length = u32::try_from(length).unwrap();
        if version == 3 {
            return length.to_be_bytes();
        }
        let seven = |shift: u32| u8::try_from((length >> shift) & 0x7F).unwrap();
        [seven(21), seven(14), seven(7), seven(0)]
    }

    fn frame(version: u8, id: &[u8; 4], flags: [u8; 2], data: &[u8]) -> Vec<u8> {
        [&id[..], &size(version, data.len()), &flags, data].concat()
    }

    fn tagged(version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
        [&b"ID3"[..], &[version, 0, flags], &size(4, body.len()), body].concat()
    }

    fn text(description: Option<&str>, values: &[&str]) -> Content {
        Content::Text {
            description: description.map(str::to_owned),
            values: values.iter().map(|&value| value.to_owned()).collect(),
        }
    }

    #[test]
    fn frames_of_all_kinds_are_read_in_both_versions() {
        for version in [3, 4] {
            let utf16 = b"\x01\xFF\xFEk\0\xE9\0\0\0\xFE\xFF\0v\x20\xAC";
            let body = [
                frame(version, b"TIT2", [0, 0], b"\0caf\xE9\0"),
                frame(version, b"TXXX", [0, 0], utf16),
                frame(version, b"TPE1", [0, 0], "\x03a\0ü".as_bytes()),
                frame(version, b"WXXX", [0, 0], b"\x02\0d\0\0https://a.example/"),
                frame(version, b"WOAR", [0, 0], b"https://b.example/\0"),
                frame(version, b"PRIV", [0, 0], b"com.example\0\x01\0\x02"),
                frame(version, b"GEOB", [0, 0], b"\x07"),
                vec![0; 20],
            ]
            .concat();
            let expected = [
                (b"TIT2", text(None, &["café"])),
                (b"TXXX", text(Some("ké"), &["v€"])),
                (b"TPE1", text(None, &["a", "ü"])),
                (
                    b"WXXX",
                    Content::Url {
                        description: Some("d".into()),
                        url: "https://a.example/".into(),
                    },
                ),
                (
                    b"WOAR",
                    Content::Url {
                        description: None,
                        url: "https://b.example/".into(),
                    },
                ),
                (
                    b"PRIV",
                    Content::Private {
                        owner: "com.example".into(),
                        data: vec![1, 0, 2],
                    },
                ),
                (b"GEOB", Content::Binary(vec![7])),
            ]
            .map(|(id, content)| Frame { id: *id, content });
            assert_eq!(parse(&tagged(version, 0, &body)), expected);
        }
    }

    #[test]
    fn several_tags_headers_and_footers_are_walked() {
        let one = frame(4, b"TIT2", [0, 0], b"\x03one");
        let extended = [&size(4, 6)[..], &[1, 0], &one].concat();
        let footed = [&tagged(4, 0x10, &one)[..], &[0; 10]].concat();
        let old = [
            &10_u32.to_be_bytes()[..],
            &[0; 10],
            &frame(3, b"TIT2", [0, 0], b"\x03old"),
        ]
        .concat();
        let data = [
            footed,
            tagged(4, 0x40, &extended),
            tagged(2, 0, b"abc"),
            tagged(3, 0x40, &old),
        ]
        .concat();
        let titles: Vec<_> = parse(&data).into_iter().map(|frame| frame.content).collect();
        assert_eq!(
            titles,
            [text(None, &["one"]), text(None, &["one"]), text(None, &["old"])]
        );
    }

    #[test]
    fn closed_frames_are_left_out_and_escaped_ones_undone() {
        let body = [
            frame(4, b"TIT2", [0, 0x08], b"\x03packed"),
            frame(4, b"TIT2", [0, 0x04], b"\x03locked"),
            frame(4, b"PRIV", [0, 0x43], b"\x09\0\0\0\x04o\0\xFF\0\xE0"),
        ]
        .concat();
        let owned = |data: &[u8]| Content::Private {
            owner: "o".into(),
            data: data.to_vec(),
        };
        let found: Vec<_> = parse(&tagged(4, 0, &body)).into_iter().map(|f| f.content).collect();
        assert_eq!(found, [owned(&[0xFF, 0xE0])]);
        let escaped = frame(3, b"PRIV", [0, 0], b"o\0\xFF\xE0");
        let at = escaped.len() - 1;
        let escaped = [&escaped[..at], &[0], &escaped[at..]].concat();
        let found: Vec<_> = parse(&tagged(3, 0x80, &escaped))
            .into_iter()
            .map(|f| f.content)
            .collect();
        assert_eq!(found, [owned(&[0xFF, 0xE0])]);
    }

    #[test]
    fn frames_are_bounded() {
        let body = frame(3, b"TIT2", [0, 0], b"\x03x").repeat(1000);
        assert_eq!(parse(&tagged(3, 0, &body)).len(), MAX_FRAMES);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(version in 2_u8..6, flags: u8, body: Vec<u8>, id in "[TWP][XR][XI][XV]", frame_flags: [u8; 2]) {
            let id: [u8; 4] = id.as_bytes().try_into().unwrap();
            let _ = parse(&body);
            let _ = parse(&tagged(version, flags, &body));
            let _ = parse(&tagged(version, flags & 0x80, &frame(version, &id, frame_flags, &body)));
        }
    }
}
