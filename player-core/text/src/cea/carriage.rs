//! Where captions are in video samples: ATSC A/53 `cc_data` in SEI messages (H.264, H.265) and metadata OBUs (AV1), as
//! ITU-T T.35 user data.

use footlight_isobmff::Boxes;
use footlight_isobmff::samples::Track;

use crate::Error;

/// Most user data of one sample that is kept.
const MAX_TRIPLETS: usize = 1024;

/// One construct of `cc_data`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Triplet {
    pub(super) kind: Kind,
    pub(super) data: [u8; 2],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// CEA-608 of field 1 and 2.
    Field1,
    Field2,
    /// CEA-708 packet data, and the start of a packet.
    Data,
    Start,
}

/// How to find user data in a track's samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Carriage {
    /// NAL units of H.264, their lengths in that many bytes.
    Avc(usize),
    /// The same of H.265.
    Hevc(usize),
    /// Open bitstream units.
    Av1,
}

impl Carriage {
    pub(super) fn of(track: &Track) -> Result<Self, Error> {
        let config = |kind: &[u8; 4], at: usize| {
            let boxes = Boxes::new(track.entry.get(78..).unwrap_or_default());
            let found = boxes.flatten().find(|found| found.kind.0 == *kind);
            let byte = found.and_then(|found| found.payload.get(at).copied());
            usize::from(byte.unwrap_or(3) & 3) + 1
        };
        match &track.codec.0 {
            b"avc1" | b"avc2" | b"avc3" | b"avc4" | b"dva1" | b"dvav" => Ok(Self::Avc(config(b"avcC", 4))),
            b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => Ok(Self::Hevc(config(b"hvcC", 21))),
            b"av01" | b"dav1" => Ok(Self::Av1),
            _ => Err(Error::Codec),
        }
    }

    /// The caption data of a sample, in order.
    pub(super) fn triplets(self, sample: &[u8]) -> Vec<Triplet> {
        let mut out = Vec::new();
        match self {
            Self::Avc(length) => nal_units(sample, length, |unit| {
                if let Some((6, body)) = unit.split_first().map(|(head, body)| (head & 0x1F, body)) {
                    sei(body, &mut out);
                }
            }),
            Self::Hevc(length) => nal_units(sample, length, |unit| {
                if let [head, _, body @ ..] = unit
                    && matches!(head >> 1 & 0x3F, 39 | 40)
                {
                    sei(body, &mut out);
                }
            }),
            Self::Av1 => obus(sample, &mut out),
        }
        out
    }
}

fn nal_units(mut data: &[u8], length: usize, mut visit: impl FnMut(&[u8])) {
    while let Some((head, rest)) = data.split_at_checked(length) {
        let size = head.iter().fold(0_usize, |size, &byte| size << 8 | usize::from(byte));
        let Some((unit, after)) = rest.split_at_checked(size) else {
            return;
        };
        visit(unit);
        data = after;
    }
}

/// SEI messages of a NAL unit (H.264 7.3.2.3, H.265 7.3.2.4).
fn sei(body: &[u8], out: &mut Vec<Triplet>) {
    let body = without_emulation_prevention(body);
    let mut rest = &body[..];
    // What is left when the messages are over: the trailing bits.
    while rest.len() > 2 {
        let (Some(kind), Some(size)) = (number(&mut rest), number(&mut rest)) else {
            return;
        };
        let (payload, after) = rest.split_at(size.min(rest.len()));
        if kind == 4 {
            user_data(payload, out);
        }
        rest = after;
    }
}

/// A number as a row of 255s and a rest.
fn number(data: &mut &[u8]) -> Option<usize> {
    let mut sum = 0;
    loop {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        sum += usize::from(byte);
        if byte != 0xFF {
            return Some(sum);
        }
    }
}

fn without_emulation_prevention(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut zeros = 0;
    for &byte in data {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// Metadata OBUs (AV1, 5.3 and 5.8).
fn obus(mut data: &[u8], out: &mut Vec<Triplet>) {
    while let Some((&head, rest)) = data.split_first() {
        let mut rest = if head & 4 != 0 {
            rest.get(1..).unwrap_or_default()
        } else {
            rest
        };
        let size = if head & 2 != 0 {
            let Some(size) = leb128(&mut rest) else { return };
            size
        } else {
            rest.len()
        };
        let (mut body, after) = rest.split_at(size.min(rest.len()));
        if head >> 3 & 0xF == 5 && leb128(&mut body) == Some(4) {
            user_data(body, out);
        }
        data = after;
    }
}

fn leb128(data: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for shift in 0..4 {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        value |= usize::from(byte & 0x7F) << (shift * 7);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// ITU-T T.35 user data: United States, ATSC, `GA94`, `cc_data`.
fn user_data(data: &[u8], out: &mut Vec<Triplet>) {
    let Some([flags, _, rest @ ..]) = data.strip_prefix(b"\xB5\x00\x31GA94\x03") else {
        return;
    };
    if flags & 0x40 == 0 {
        return;
    }
    let (triplets, _) = rest.as_chunks::<3>();
    for &[head, first, second] in triplets.iter().take(usize::from(flags & 0x1F)) {
        if head & 4 != 0 && out.len() < MAX_TRIPLETS {
            let kind = match head & 3 {
                0 => Kind::Field1,
                1 => Kind::Field2,
                2 => Kind::Data,
                _ => Kind::Start,
            };
            out.push(Triplet {
                kind,
                data: [first, second],
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cc_data() -> Vec<u8> {
        b"\xB5\x00\x31GA94\x03\x43\xFF\xFC\x94\x20\xFA\x00\x00\xFE\x01\x02\xFF".to_vec()
    }

    fn expected() -> Vec<Triplet> {
        let triplet = |kind, data| Triplet { kind, data };
        vec![triplet(Kind::Field1, [0x94, 0x20]), triplet(Kind::Data, [1, 2])]
    }

    /// A unit that is not looked into, one with emulation prevention in a message before the captions.
    fn nal(head: &[u8]) -> Vec<u8> {
        let data = cc_data();
        let mut unit = [head, &[1, 3, 0, 0, 3, 7, 4, u8::try_from(data.len()).unwrap()]].concat();
        unit.extend(data);
        unit.push(0x80);
        let size = u16::try_from(unit.len()).unwrap();
        [&[0, 2, 9, 9][..], &size.to_be_bytes(), &unit].concat()
    }

    #[test]
    fn captions_are_found_in_all_codecs() {
        assert_eq!(Carriage::Avc(2).triplets(&nal(&[0x66])), expected());
        assert_eq!(Carriage::Hevc(2).triplets(&nal(&[39 << 1, 1])), expected());
        let body = [&[4][..], &cc_data()].concat();
        let obu = [&[0x12, 0, 5 << 3 | 2, u8::try_from(body.len()).unwrap()][..], &body].concat();
        assert_eq!(Carriage::Av1.triplets(&obu), expected());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(data: Vec<u8>) {
            for carriage in [Carriage::Avc(4), Carriage::Avc(1), Carriage::Hevc(2), Carriage::Av1] {
                let _ = carriage.triplets(&data);
            }
            sei(&data, &mut Vec::new());
        }
    }
}
