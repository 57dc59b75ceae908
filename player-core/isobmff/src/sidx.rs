//! The segment index box.

use crate::{Error, FourCc, bytes::Cursor};

const KIND: FourCc = FourCc(*b"sidx");

/// A segment index (`sidx`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sidx {
    /// Which stream it indexes.
    pub reference_id: u32,
    /// Ticks per second.
    pub timescale: u32,
    /// Earliest presentation time of the first reference, in ticks.
    pub earliest_presentation_time: u64,
    /// From the byte after this box to the first referenced byte.
    pub first_offset: u64,
    /// What it refers to, in order, contiguous.
    pub references: Vec<Reference>,
}

/// One reference of a segment index.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reference {
    /// It refers to another `sidx` (and what that indexes), not to media.
    pub is_index: bool,
    /// Bytes referred to, at most 2^31 - 1.
    pub size: u32,
    /// Duration in ticks.
    pub duration: u32,
    /// It starts with a stream access point.
    pub starts_with_sap: bool,
}

impl Sidx {
    /// Reads the payload of a `sidx` box.
    ///
    /// # Errors
    /// When it is cut off, of an unknown version, or has no timescale.
    pub fn parse(payload: &[u8]) -> Result<Self, Error> {
        let malformed = |what| Error::Malformed {
            kind: KIND,
            offset: 0,
            what,
        };
        let mut cursor = Cursor::new(payload);
        let mut sidx = Self::parse_head(&mut cursor).ok_or_else(|| malformed("it ends within its fields"))??;
        let count = usize::from(cursor.u16().ok_or_else(|| malformed("it ends within its fields"))?);
        if count.saturating_mul(12) > cursor.remaining() {
            return Err(malformed("it has fewer references than it says"));
        }
        sidx.references.reserve_exact(count);
        for _ in 0..count {
            let (Some(size), Some(duration), Some(sap)) = (cursor.u32(), cursor.u32(), cursor.u32()) else {
                return Err(malformed("it has fewer references than it says"));
            };
            sidx.references.push(Reference {
                is_index: size >> 31 == 1,
                size: size & 0x7FFF_FFFF,
                duration,
                starts_with_sap: sap >> 31 == 1,
            });
        }
        Ok(sidx)
    }

    /// The fields before the references; none when the data ends within them.
    fn parse_head(cursor: &mut Cursor<'_>) -> Option<Result<Self, Error>> {
        let (version, _) = cursor.full_box()?;
        if version > 1 {
            return Some(Err(Error::Unsupported {
                kind: KIND,
                what: "its version",
            }));
        }
        let (reference_id, timescale) = (cursor.u32()?, cursor.u32()?);
        if timescale == 0 {
            return Some(Err(Error::Malformed {
                kind: KIND,
                offset: 0,
                what: "its timescale is zero",
            }));
        }
        let earliest_presentation_time = cursor.versioned(version)?;
        let first_offset = cursor.versioned(version)?;
        cursor.u16()?;
        let references = Vec::new();
        Some(Ok(Self {
            reference_id,
            timescale,
            earliest_presentation_time,
            first_offset,
            references,
        }))
    }

    /// The length of the box that [`Self::write`] makes.
    #[must_use]
    pub fn written_size(&self) -> u64 {
        let head: u64 = if self.is_wide() { 40 } else { 32 };
        head.saturating_add((self.references.len() as u64).saturating_mul(12))
    }

    fn is_wide(&self) -> bool {
        self.earliest_presentation_time > u64::from(u32::MAX) || self.first_offset > u64::from(u32::MAX)
    }

    /// The whole box, header included: version 0 where the fields fit, else version 1.
    ///
    /// # Errors
    /// When a reference's size or the number of references does not fit.
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let does_not_fit = |what| Error::DoesNotFit { kind: KIND, what };
        let count = u16::try_from(self.references.len()).map_err(|_| does_not_fit("the number of references"))?;
        let size = u32::try_from(self.written_size()).map_err(|_| does_not_fit("the number of references"))?;
        let mut out = Vec::with_capacity(size as usize);
        out.extend_from_slice(&size.to_be_bytes());
        out.extend_from_slice(&KIND.0);
        let wide = self.is_wide();
        out.extend_from_slice(&[u8::from(wide), 0, 0, 0]);
        out.extend_from_slice(&self.reference_id.to_be_bytes());
        out.extend_from_slice(&self.timescale.to_be_bytes());
        for field in [self.earliest_presentation_time, self.first_offset] {
            match u32::try_from(field) {
                Ok(narrow) if !wide => out.extend_from_slice(&narrow.to_be_bytes()),
                _ => out.extend_from_slice(&field.to_be_bytes()),
            }
        }
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&count.to_be_bytes());
        for reference in &self.references {
            if reference.size >> 31 != 0 {
                return Err(does_not_fit("a reference's size"));
            }
            let size = reference.size | (u32::from(reference.is_index) << 31);
            // SAP type 1 when it starts with one: closed, decodable from its first sample.
            let sap: u32 = if reference.starts_with_sap { 0x9000_0000 } else { 0 };
            for word in [size, reference.duration, sap] {
                out.extend_from_slice(&word.to_be_bytes());
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Boxes;
    use proptest::prelude::*;

    fn reference() -> impl Strategy<Value = Reference> {
        (any::<bool>(), 0_u32..1 << 31, any::<u32>(), any::<bool>()).prop_map(
            |(is_index, size, duration, starts_with_sap)| Reference {
                is_index,
                size,
                duration,
                starts_with_sap,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            reference_id: u32,
            timescale in 1_u32..,
            earliest_presentation_time in prop_oneof![0_u64..1 << 33, any::<u64>()],
            first_offset in prop_oneof![0_u64..1 << 33, any::<u64>()],
            references in prop::collection::vec(reference(), 0..40),
        ) {
            let sidx = Sidx { reference_id, timescale, earliest_presentation_time, first_offset, references };
            let written = sidx.write().unwrap();
            prop_assert_eq!(written.len() as u64, sidx.written_size());
            let found = Boxes::new(&written).next().unwrap().unwrap();
            prop_assert_eq!(found.kind, KIND);
            prop_assert_eq!(found.size, sidx.written_size());
            prop_assert_eq!(Sidx::parse(found.payload).unwrap(), sidx);
        }

        #[test]
        fn no_bytes_panic(data: Vec<u8>) {
            let _ = Sidx::parse(&data);
        }
    }

    #[test]
    fn faults_are_told() {
        let sidx = Sidx {
            timescale: 1000,
            references: vec![Reference::default(); 3],
            ..Sidx::default()
        };
        let written = sidx.write().unwrap();
        let payload = &written[8..];
        assert!(matches!(
            Sidx::parse(&payload[..payload.len() - 1]),
            Err(Error::Malformed { .. })
        ));
        assert!(matches!(Sidx::parse(&payload[..10]), Err(Error::Malformed { .. })));
        let mut unknown = payload.to_vec();
        unknown[0] = 2;
        assert!(matches!(Sidx::parse(&unknown), Err(Error::Unsupported { .. })));
        let mut timeless = payload.to_vec();
        timeless[8..12].fill(0);
        assert!(matches!(Sidx::parse(&timeless), Err(Error::Malformed { .. })));
        let large = Reference {
            size: 1 << 31,
            ..Reference::default()
        };
        assert!(matches!(
            Sidx {
                timescale: 1,
                references: vec![large],
                ..Sidx::default()
            }
            .write(),
            Err(Error::DoesNotFit { .. })
        ));
        let many = Sidx {
            timescale: 1,
            references: vec![Reference::default(); 65_536],
            ..Sidx::default()
        };
        assert!(matches!(many.write(), Err(Error::DoesNotFit { .. })));
    }
}
