//! Bodies: what has arrived of a response and waits for its use.

use bytes::Bytes;
use footlight_isobmff::boxes::Header;
use footlight_isobmff::boxes::header;

use crate::transport::Transfer;

/// No body may be larger, in bytes.
pub(crate) const MAX_BODY_BYTES: u64 = 256 << 20;
/// An event message larger than this is passed over.
const MAX_MESSAGE_BYTES: u64 = 256 << 10;

/// A request, and later its body.
pub(crate) struct Exchange {
    /// Ends the request when it is dropped; none once the body is complete.
    pub(crate) transfer: Option<Transfer>,
    /// The engine reads it: nothing is kept here.
    pub(crate) inspect: bool,
    /// Watches for the ends of chunks and for messages, where they are asked for.
    pub(crate) scanner: Option<Scanner>,
    pub(crate) pieces: Vec<Bytes>,
    pub(crate) length: u64,
    /// What its head says that it has.
    pub(crate) promised: Option<u64>,
    /// Only its head is asked for.
    pub(crate) head: bool,
}

impl Exchange {
    /// The bytes from `from` up to `to`, in pieces, not copied.
    pub(crate) fn slice(&self, from: u64, to: Option<u64>) -> Vec<Bytes> {
        let to = to.unwrap_or(self.length);
        let mut parts = Vec::new();
        let mut start = 0_u64;
        for piece in &self.pieces {
            let end = start + piece.len() as u64;
            if end > from && start < to {
                let part = (from.max(start) - start) as usize..(to.min(end) - start) as usize;
                parts.push(piece.slice(part));
            }
            start = end;
        }
        parts
    }
}

/// One run of bytes: as it is where it came in one piece.
pub(crate) fn joined(pieces: &[Bytes]) -> Bytes {
    match pieces {
        [one] => one.clone(),
        many => many.concat().into(),
    }
}

/// Follows the top-level boxes of a body as it arrives: where chunks (`moof` and `mdat`) end, and which boxes are messages.
#[derive(Default)]
pub(crate) struct Scanner {
    /// The bytes so far end with the end of an `mdat`.
    pub(crate) ends_chunk: bool,
    /// A header that is not whole yet, or a message.
    kept: Vec<u8>,
    /// Bytes of the box that are still to come; none between boxes.
    left: Option<u64>,
    kind: [u8; 4],
}

impl Scanner {
    /// Takes what came; gives back the messages that are whole now, one after another.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut found = Vec::new();
        while !bytes.is_empty() {
            let Some(left) = self.left else {
                self.ends_chunk = false;
                self.kept.push(bytes[0]);
                bytes = &bytes[1..];
                self.open(&mut found);
                continue;
            };
            let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            if self.is_message() {
                self.kept.extend_from_slice(&bytes[..taken]);
            }
            bytes = &bytes[taken..];
            self.left = Some(left - taken as u64);
            self.close(&mut found);
        }
        found
    }

    fn is_message(&self) -> bool {
        matches!(&self.kind, b"emsg" | b"prft") && !self.kept.is_empty()
    }

    /// A header may be whole now.
    fn open(&mut self, found: &mut Vec<u8>) {
        let needed = if self.kept.starts_with(&[0, 0, 0, 1]) { 16 } else { 8 };
        if self.kept.len() < needed {
            return;
        }
        match header(&self.kept, 0) {
            Ok(Header { kind, header, size }) => {
                self.kind = kind.0;
                self.left = Some(size.map_or(u64::MAX, |size| size - header));
                if size.is_none_or(|size| size > MAX_MESSAGE_BYTES) || !matches!(&kind.0, b"emsg" | b"prft") {
                    self.kept.clear();
                }
            }
            // No box: nor is what follows.
            Err(_) => (self.left, self.kind) = (Some(u64::MAX), [0; 4]),
        }
        self.close(found);
    }

    /// A box may be whole now.
    fn close(&mut self, found: &mut Vec<u8>) {
        if self.left == Some(0) {
            self.left = None;
            self.ends_chunk = self.kind == *b"mdat";
            if self.is_message() {
                found.append(&mut self.kept);
            }
            self.kept.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len() + 8).unwrap();
        [&size.to_be_bytes()[..], kind, payload].concat()
    }

    #[test]
    fn messages_and_the_ends_of_chunks_are_found_however_the_bytes_come() {
        let message = boxed(b"emsg", b"hello");
        let clock = boxed(b"prft", &[0; 16]);
        let body = [
            boxed(b"styp", b"msdh"),
            message.clone(),
            clock.clone(),
            boxed(b"moof", &[1; 40]),
            boxed(b"mdat", &[2; 90]),
            boxed(b"moof", &[1; 40]),
        ]
        .concat();
        let end = body.len() - 48;
        for step in 1..body.len() {
            let mut scanner = Scanner::default();
            let mut found = Vec::new();
            let mut at = 0;
            for piece in body.chunks(step) {
                found.extend(scanner.push(piece));
                at += piece.len();
                assert_eq!(scanner.ends_chunk, at == end, "at {at} by {step}");
            }
            assert_eq!(found, [&message[..], &clock].concat(), "by {step}");
        }
    }

    #[test]
    fn what_is_no_box_tells_nothing() {
        for junk in [&b"\0\0\0\x04emsg"[..], b"\0\0\0\0mdatab", b"\xff\xff\xff\xffemsgabc"] {
            let mut scanner = Scanner::default();
            assert!(scanner.push(junk).is_empty() && !scanner.ends_chunk);
            assert!(scanner.push(&[0; 100]).is_empty() && !scanner.ends_chunk);
        }
    }
}
