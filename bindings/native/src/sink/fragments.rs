//! Whole fragments out of bytes that are cut anywhere.

use bytes::Bytes;
use footlight_isobmff::boxes;

use crate::body::joined;

/// Keeps what is not whole yet: decoders take a `moof` with all of its `mdat`.
#[derive(Clone, Debug, Default)]
pub struct Fragments {
    pending: Bytes,
}

impl Fragments {
    /// Bytes that wait for more.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Takes the next bytes of a segment; gives back those that are whole boxes and fragments now, nothing copied where
    /// they came in one piece.
    pub fn push(&mut self, pieces: &[Bytes]) -> Bytes {
        let new = joined(pieces);
        let mut all = if self.pending.is_empty() {
            new
        } else {
            joined(&[std::mem::take(&mut self.pending), new])
        };
        let whole = whole(&all);
        self.pending = all.split_off(whole);
        all
    }
}

/// How many bytes at the front are whole. What is no box is whole: who reads it will say so.
fn whole(data: &[u8]) -> usize {
    let (mut at, mut safe) = (0_usize, 0);
    while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
        let Ok(found) = boxes::header(rest, 0) else {
            // A header that is cut may still become one.
            return if rest.len() < 16 { safe } else { data.len() };
        };
        let size = found
            .size
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(rest.len());
        if size > rest.len() {
            return safe;
        }
        at += size;
        if found.kind.0 != *b"moof" {
            safe = at;
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_come_out_whole_however_they_went_in() {
        let boxed = |kind: &[u8; 4], length: u8| [&[0, 0, 0, length + 8][..], kind, &vec![7; length.into()]].concat();
        let one = [boxed(b"styp", 4), boxed(b"moof", 20), boxed(b"mdat", 30)].concat();
        let two = [boxed(b"moof", 20), boxed(b"mdat", 10)].concat();
        let media = [one.clone(), two].concat();
        for step in 1..media.len() {
            let mut fragments = Fragments::default();
            let mut all = Vec::new();
            for piece in media.chunks(step) {
                let out = fragments.push(&[Bytes::copy_from_slice(piece)]);
                all.extend_from_slice(&out);
                assert!(
                    [0, 12, one.len(), media.len()].contains(&all.len()),
                    "{} by {step}",
                    all.len()
                );
            }
            assert_eq!(all, media, "by {step}");
        }
    }

    #[test]
    fn junk_is_not_kept() {
        let mut fragments = Fragments::default();
        let junk = Bytes::from_static(&[0, 0, 0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(fragments.push(std::slice::from_ref(&junk)), junk);
        assert!(fragments.pending.is_empty());
    }
}
