//! Boxes found in bytes that come piece by piece.

use crate::{
    FourCc,
    boxes::{Header, header},
};

/// Payloads longer than this are passed over.
pub const MAX_PAYLOAD: u64 = 1 << 20;

/// Finds top-level boxes of some types in a segment as it comes, and keeps nothing else.
#[derive(Clone, Debug)]
pub struct Scanner {
    wanted: &'static [[u8; 4]],
    state: State,
    /// Bytes of a header, then of a payload that is wanted; empty while others pass.
    kept: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Header,
    Keep(FourCc, u64),
    Skip(u64),
    Broken,
}

impl Scanner {
    /// For the boxes that stand between fragments: event messages and producer reference times.
    pub const EVENTS: &'static [[u8; 4]] = &[*b"emsg", *b"prft"];

    /// A scanner at the start of a segment, for boxes of the types `wanted`.
    #[must_use]
    pub const fn new(wanted: &'static [[u8; 4]]) -> Self {
        Self {
            wanted,
            state: State::Header,
            kept: Vec::new(),
        }
    }

    /// Takes the next bytes and gives each wanted box that they complete, its type and payload, to `found`.
    /// A box with more than [`MAX_PAYLOAD`] bytes, or that runs to the end of the file, is passed over.
    pub fn push(&mut self, mut bytes: &[u8], found: &mut dyn FnMut(FourCc, &[u8])) {
        loop {
            match self.state {
                State::Header => {
                    let Some(Header { kind, header, size }) = self.take_header(&mut bytes) else {
                        return;
                    };
                    let payload = size.map_or(u64::MAX, |size| size.saturating_sub(header));
                    let keep = self.wanted.contains(&kind.0) && payload <= MAX_PAYLOAD;
                    self.kept.clear();
                    self.state = if keep {
                        State::Keep(kind, payload)
                    } else {
                        State::Skip(payload)
                    };
                }
                State::Keep(kind, need) => {
                    self.keep(&mut bytes, need);
                    if (self.kept.len() as u64) < need {
                        return;
                    }
                    found(kind, &self.kept);
                    self.kept.clear();
                    self.state = State::Header;
                }
                State::Skip(left) => {
                    let passed = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    bytes = bytes.get(passed..).unwrap_or_default();
                    let left = left.saturating_sub(passed as u64);
                    self.state = if left == 0 { State::Header } else { State::Skip(left) };
                    if left > 0 {
                        return;
                    }
                }
                State::Broken => return,
            }
        }
    }

    /// The bytes make no boxes: nothing more will be found.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.state == State::Broken
    }

    /// Moves bytes to `kept` until it has `need` of them.
    fn keep(&mut self, bytes: &mut &[u8], need: u64) {
        let more = usize::try_from(need)
            .unwrap_or(usize::MAX)
            .saturating_sub(self.kept.len());
        let (front, back) = bytes.split_at_checked(more).unwrap_or((bytes, &[]));
        self.kept.extend_from_slice(front);
        *bytes = back;
    }

    fn take_header(&mut self, bytes: &mut &[u8]) -> Option<Header> {
        self.keep(bytes, 8);
        if self.kept.starts_with(&[0, 0, 0, 1]) {
            self.keep(bytes, 16);
        }
        match header(&self.kept, 0) {
            Ok(header) => Some(header),
            Err(crate::Error::Truncated { .. }) => None,
            Err(_) => {
                self.state = State::Broken;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Boxes, testing::boxed};
    use proptest::prelude::*;

    fn scan<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<(FourCc, Vec<u8>)>, bool) {
        let mut scanner = Scanner::new(Scanner::EVENTS);
        let mut seen = Vec::new();
        for piece in pieces {
            scanner.push(piece, &mut |kind, payload| seen.push((kind, payload.to_vec())));
            assert!(scanner.kept.capacity() <= 2 * (1 << 20));
        }
        (seen, scanner.is_broken())
    }

    fn a_box() -> impl Strategy<Value = Vec<u8>> {
        let kind = prop_oneof![Just(*b"emsg"), Just(*b"prft"), Just(*b"moof"), Just(*b"mdat")];
        (kind, prop::collection::vec(any::<u8>(), 0..40), any::<bool>()).prop_map(|(kind, payload, wide)| {
            if !wide {
                return boxed(&kind, &payload);
            }
            let size = payload.len() as u64 + 16;
            [&[0, 0, 0, 1][..], &kind, &size.to_be_bytes(), &payload].concat()
        })
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(boxes in prop::collection::vec(a_box(), 0..8), sizes in prop::collection::vec(0_usize..30, 1..40)) {
            let data = boxes.concat();
            let expected: Vec<_> = Boxes::new(&data)
                .map(Result::unwrap)
                .filter(|b| Scanner::EVENTS.contains(&b.kind.0))
                .map(|b| (b.kind, b.payload.to_vec()))
                .collect();
            let mut rest = &data[..];
            let mut pieces = Vec::new();
            for size in sizes.into_iter().cycle().take(1000) {
                let (front, back) = rest.split_at(size.min(rest.len()));
                pieces.push(front);
                rest = back;
            }
            pieces.push(rest);
            prop_assert_eq!(scan(pieces), (expected, false));
        }

        #[test]
        fn no_bytes_panic(data: Vec<u8>) {
            scan(data.chunks(3));
        }
    }

    #[test]
    fn what_is_too_large_or_endless_is_passed_over() {
        let large = boxed(b"emsg", &vec![0; (1 << 20) + 1]);
        let data = [&large[..], &boxed(b"prft", b"x")].concat();
        assert_eq!(scan([&data[..]]), (vec![(FourCc(*b"prft"), b"x".to_vec())], false));
        let endless = [&[0, 0, 0, 0][..], b"mdat", &boxed(b"emsg", b"x")].concat();
        assert_eq!(scan([&endless[..]]), (Vec::new(), false));
    }

    #[test]
    fn what_makes_no_boxes_ends_it() {
        let data = [&[0, 0, 0, 7][..], b"free", &boxed(b"emsg", b"x")].concat();
        assert_eq!(scan([&data[..]]), (Vec::new(), true));
    }
}
