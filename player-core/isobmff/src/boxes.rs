//! Boxes in a row.

use crate::{Error, bytes::Cursor};
use std::fmt;

/// A four-character code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FourCc(pub [u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{}", byte.escape_ascii())?;
        }
        Ok(())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{self}'")
    }
}

/// One box: its place and its contents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mp4Box<'a> {
    /// Its type.
    pub kind: FourCc,
    /// Where it starts, from the start of the data that the outermost [`Boxes`] was made for.
    pub offset: u64,
    /// Its length, header included.
    pub size: u64,
    /// What follows the header.
    pub payload: &'a [u8],
}

impl<'a> Mp4Box<'a> {
    /// Where the payload starts, counted like `offset`.
    #[must_use]
    pub fn payload_offset(&self) -> u64 {
        self.end().saturating_sub(self.payload.len() as u64)
    }

    /// Where the next box starts, counted like `offset`.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.size)
    }

    /// The boxes inside, for a box that has nothing else in it.
    #[must_use]
    pub fn children(&self) -> Boxes<'a> {
        Boxes {
            data: self.payload,
            offset: self.payload_offset(),
            failed: false,
        }
    }

    /// The first box of type `kind` inside.
    ///
    /// # Errors
    /// When there is none, or a box before it is broken.
    pub fn child(&self, kind: &[u8; 4]) -> Result<Self, Error> {
        for inner in self.children() {
            let inner = inner?;
            if inner.kind.0 == *kind {
                return Ok(inner);
            }
        }
        Err(Error::Missing { kind: FourCc(*kind) })
    }

    pub(crate) const fn malformed(&self, what: &'static str) -> Error {
        Error::Malformed {
            kind: self.kind,
            offset: self.offset,
            what,
        }
    }
}

/// The size and type that a box starts with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Its type.
    pub kind: FourCc,
    /// Length of the header: 8, or 16 with a 64-bit size.
    pub header: u64,
    /// Length of the box, header included; none: it runs to the end of the file.
    pub size: Option<u64>,
}

/// Reads the header of the box at the front of `data`; `offset` is for the error message.
///
/// # Errors
/// When the data ends within the header, or the size is smaller than the header.
pub fn header(data: &[u8], offset: u64) -> Result<Header, Error> {
    let truncated = |kind, need| Error::Truncated {
        kind,
        offset,
        need,
        have: data.len() as u64,
    };
    let mut cursor = Cursor::new(data);
    let size = cursor.u32().ok_or_else(|| truncated(FourCc::default(), 8))?;
    let kind = FourCc(cursor.array().ok_or_else(|| truncated(FourCc::default(), 8))?);
    let (header, size) = match size {
        0 => (8, None),
        1 => (16, Some(cursor.u64().ok_or_else(|| truncated(kind, 16))?)),
        size => (8, Some(u64::from(size))),
    };
    if size.is_some_and(|size| size < header) {
        return Err(Error::Malformed {
            kind,
            offset,
            what: "its size is less than its header",
        });
    }
    Ok(Header { kind, header, size })
}

/// Iterates over boxes that follow each other; after an error it ends.
#[derive(Clone, Debug)]
pub struct Boxes<'a> {
    data: &'a [u8],
    offset: u64,
    failed: bool,
}

impl<'a> Boxes<'a> {
    /// The boxes in `data`.
    #[must_use]
    pub const fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            offset: 0,
            failed: false,
        }
    }

    fn read(&mut self) -> Result<Mp4Box<'a>, Error> {
        let have = self.data.len() as u64;
        let Header { kind, header, size } = header(self.data, self.offset)?;
        let size = size.unwrap_or(have);
        let truncated = Error::Truncated {
            kind,
            offset: self.offset,
            need: size,
            have,
        };
        let length = usize::try_from(size).map_err(|_| truncated)?;
        let (whole, rest) = self.data.split_at_checked(length).ok_or(truncated)?;
        let header = usize::try_from(header).unwrap_or(usize::MAX);
        let payload = whole.get(header..).unwrap_or_default();
        let found = Mp4Box {
            kind,
            offset: self.offset,
            size,
            payload,
        };
        self.offset = self.offset.saturating_add(size);
        self.data = rest;
        Ok(found)
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Result<Mp4Box<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.data.is_empty() {
            return None;
        }
        let found = self.read();
        self.failed = found.is_err();
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::boxed;
    use proptest::prelude::*;

    #[test]
    fn all_forms_of_size_are_read() {
        let mut data = boxed(b"free", &[1, 2, 3]);
        data.extend(1_u32.to_be_bytes());
        data.extend(*b"wide");
        data.extend(18_u64.to_be_bytes());
        data.extend([4, 5]);
        data.extend([0, 0, 0, 0]);
        data.extend(*b"mdat");
        data.extend([6, 7, 8, 9]);
        let found: Vec<_> = Boxes::new(&data).map(Result::unwrap).collect();
        let seen: Vec<_> = found
            .iter()
            .map(|b| (b.kind.0, b.offset, b.size, b.payload.to_vec()))
            .collect();
        assert_eq!(
            seen,
            [
                (*b"free", 0, 11, vec![1, 2, 3]),
                (*b"wide", 11, 18, vec![4, 5]),
                (*b"mdat", 29, 12, vec![6, 7, 8, 9]),
            ]
        );
        assert_eq!(found[1].payload_offset(), 27);
    }

    #[test]
    fn faults_are_told_once() {
        let data = boxed(b"free", &[0; 8]);
        let kind = FourCc(*b"free");
        let cut = Error::Truncated {
            kind,
            offset: 0,
            need: 16,
            have: 15,
        };
        assert_eq!(Boxes::new(&data[..15]).collect::<Vec<_>>(), [Err(cut)]);
        let kind = FourCc::default();
        let cut = Error::Truncated {
            kind,
            offset: 0,
            need: 8,
            have: 5,
        };
        assert_eq!(Boxes::new(&data[..5]).collect::<Vec<_>>(), [Err(cut)]);
        let small = [0, 0, 0, 7, b'f', b'r', b'e', b'e'];
        assert!(matches!(Boxes::new(&small).next(), Some(Err(Error::Malformed { .. }))));
        assert_eq!(
            format!("{} {:?}", FourCc(*b"a\0\xA9b"), FourCc(*b"moof")),
            "a\\x00\\xa9b 'moof'"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(data: Vec<u8>) {
            for found in Boxes::new(&data).flatten() {
                let _ = found.children().count();
            }
        }
    }
}
