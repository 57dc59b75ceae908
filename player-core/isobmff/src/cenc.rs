//! Common encryption (ISO/IEC 23001-7): what of a track's samples is encrypted, and how.

use crate::bytes::Cursor;
use crate::samples::{MAX_SAMPLES, Track};
use crate::{Boxes, Error, FourCc, Mp4Box};

/// How a track is encrypted where nothing else is said: `sinf` of its sample entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Protection {
    /// `schm` scheme type: `cenc`, `cbcs`, `cens`, `cbc1`.
    pub scheme: FourCc,
    /// Which key: default_KID.
    pub key_id: [u8; 16],
    /// Samples are encrypted.
    pub is_protected: bool,
    /// Bytes of each sample's initialization vector: 0, 8 or 16.
    pub iv_size: u8,
    /// The initialization vector of all samples, when they have none of their own; else empty.
    pub constant_iv: Vec<u8>,
    /// How many blocks of 16 bytes are encrypted, and how many after them are not, in turn; zeros: all are encrypted.
    pub pattern: (u8, u8),
}

/// How one sample is encrypted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SampleEncryption {
    /// Its initialization vector, 8 or 16 bytes.
    pub iv: Vec<u8>,
    /// Bytes in the clear and encrypted bytes after them, in turn; empty: all of it is encrypted.
    pub subsamples: Vec<(u16, u32)>,
}

/// What the sample entry of a track says about encryption; none when it is not encrypted.
///
/// # Errors
/// When its boxes are damaged.
pub fn protection(track: &Track) -> Result<Option<Protection>, Error> {
    let Some(sinf) = entry_box(track, b"sinf") else {
        return Ok(None);
    };
    let mut protection = Protection::default();
    let ends = |found: &Mp4Box<'_>| found.malformed("it ends within its fields");
    if let Ok(schm) = sinf.child(b"schm") {
        let mut cursor = Cursor::new(schm.payload);
        let scheme = cursor.full_box().and_then(|_| cursor.array());
        protection.scheme = FourCc(scheme.ok_or_else(|| ends(&schm))?);
    }
    let tenc = sinf.child(b"schi")?.child(b"tenc")?;
    parse_tenc(tenc.payload, &mut protection).ok_or_else(|| ends(&tenc))?;
    Ok(Some(protection))
}

/// The decoder configuration of a track, such as `avcC`: a box of its sample entry.
#[must_use]
pub fn configuration<'a>(track: &'a Track, kind: &[u8; 4]) -> Option<&'a [u8]> {
    entry_box(track, kind).map(|found| found.payload)
}

/// A box behind the fixed fields of a sample entry.
fn entry_box<'a>(track: &'a Track, kind: &[u8; 4]) -> Option<Mp4Box<'a>> {
    let fixed = match &track.handler {
        b"vide" => 78,
        b"soun" => 28,
        _ => 8,
    };
    let inner = Boxes::new(track.entry.get(fixed..)?);
    inner.flatten().find(|found| found.kind.0 == *kind)
}

fn parse_tenc(payload: &[u8], protection: &mut Protection) -> Option<()> {
    let mut cursor = Cursor::new(payload);
    let (version, _) = cursor.full_box()?;
    let [_, pattern, is_protected, iv_size] = cursor.array()?;
    if version > 0 {
        protection.pattern = (pattern >> 4, pattern & 0xF);
    }
    protection.is_protected = is_protected != 0;
    protection.iv_size = iv_size;
    protection.key_id = cursor.array()?;
    if protection.is_protected && iv_size == 0 {
        let [size] = cursor.array()?;
        protection.constant_iv = cursor.take(size.into())?.to_vec();
    }
    Some(())
}

/// How the samples of `track` in a segment are encrypted, one for each that [`crate::samples::read`] gives; none at all
/// for a fragment that says nothing about its samples: they have the constant initialization vector, and no clear part.
///
/// # Errors
/// When a box is damaged, or there are more than [`MAX_SAMPLES`].
pub fn read(data: &[u8], track: &Track, protection: &Protection) -> Result<Vec<SampleEncryption>, Error> {
    let mut samples = Vec::new();
    for moof in Boxes::new(data) {
        let moof = moof?;
        if moof.kind.0 != *b"moof" {
            continue;
        }
        for traf in moof.children() {
            let traf = traf?;
            if traf.kind.0 == *b"traf" && is_of(&traf, track)? {
                read_traf(data, &moof, &traf, protection, &mut samples)?;
            }
        }
    }
    Ok(samples)
}

fn is_of(traf: &Mp4Box<'_>, track: &Track) -> Result<bool, Error> {
    let tfhd = traf.child(b"tfhd")?;
    let mut cursor = Cursor::new(tfhd.payload);
    let id = cursor.full_box().and_then(|_| cursor.u32());
    Ok(id.ok_or_else(|| tfhd.malformed("it ends within its fields"))? == track.id)
}

fn read_traf(
    data: &[u8],
    moof: &Mp4Box<'_>,
    traf: &Mp4Box<'_>,
    protection: &Protection,
    samples: &mut Vec<SampleEncryption>,
) -> Result<(), Error> {
    if let Ok(senc) = traf.child(b"senc") {
        let mut cursor = Cursor::new(senc.payload);
        let head = cursor.full_box().zip(cursor.u32());
        let ((_, flags), count) = head.ok_or_else(|| senc.malformed("it ends within its fields"))?;
        let info = Info {
            protection,
            of: &senc,
            has_subsamples: flags & 0x2 != 0,
        };
        return (0..count).try_for_each(|_| info.read(&mut cursor, samples));
    }
    let (Ok(saiz), Ok(saio)) = (traf.child(b"saiz"), traf.child(b"saio")) else {
        return Ok(());
    };
    let sizes = parse_saiz(saiz.payload).ok_or_else(|| saiz.malformed("it ends within its fields"))?;
    let offset = parse_saio(saio.payload).ok_or_else(|| saio.malformed("it ends within its fields"))?;
    let start = usize::try_from(moof.offset.saturating_add(offset)).unwrap_or(usize::MAX);
    let mut cursor = Cursor::new(data.get(start..).unwrap_or_default());
    for size in sizes {
        let info = Info {
            protection,
            of: &saiz,
            has_subsamples: size > protection.iv_size,
        };
        info.read(&mut cursor, samples)?;
    }
    Ok(())
}

/// Auxiliary information of samples.
struct Info<'a> {
    protection: &'a Protection,
    of: &'a Mp4Box<'a>,
    has_subsamples: bool,
}

impl Info<'_> {
    fn read(&self, cursor: &mut Cursor<'_>, samples: &mut Vec<SampleEncryption>) -> Result<(), Error> {
        if samples.len() >= MAX_SAMPLES {
            return Err(Error::Unsupported {
                kind: self.of.kind,
                what: "so many samples",
            });
        }
        let sample = self.sample(cursor);
        samples.push(sample.ok_or_else(|| self.of.malformed("it ends within a sample"))?);
        Ok(())
    }

    fn sample(&self, cursor: &mut Cursor<'_>) -> Option<SampleEncryption> {
        let iv = match self.protection.iv_size {
            0 => self.protection.constant_iv.clone(),
            size => cursor.take(size.into())?.to_vec(),
        };
        let mut subsamples = Vec::new();
        if self.has_subsamples {
            for _ in 0..cursor.u16()? {
                subsamples.push((cursor.u16()?, cursor.u32()?));
            }
        }
        Some(SampleEncryption { iv, subsamples })
    }
}

/// The size of each sample's information.
fn parse_saiz(payload: &[u8]) -> Option<Vec<u8>> {
    let mut cursor = Cursor::new(payload);
    let (_, flags) = cursor.full_box()?;
    if flags & 1 != 0 {
        cursor.u64()?;
    }
    let [default] = cursor.array()?;
    let count = usize::try_from(cursor.u32()?)
        .ok()
        .filter(|count| *count <= MAX_SAMPLES)?;
    if default == 0 {
        cursor.take(count).map(<[u8]>::to_vec)
    } else {
        Some(vec![default; count])
    }
}

/// Where the information begins, from the start of the `moof`.
fn parse_saio(payload: &[u8]) -> Option<u64> {
    let mut cursor = Cursor::new(payload);
    let (version, flags) = cursor.full_box()?;
    if flags & 1 != 0 {
        cursor.u64()?;
    }
    if cursor.u32()? == 0 {
        return None;
    }
    cursor.versioned(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::boxed;
    use proptest::prelude::*;

    const KEY: [u8; 16] = [9; 16];

    /// An encrypted track of pictures.
    fn track(tenc: &[u8]) -> Track {
        let schi = boxed(b"schi", &boxed(b"tenc", tenc));
        let schm = boxed(b"schm", b"\0\0\0\0cbcs\0\x01\0\0");
        let sinf = boxed(b"sinf", &[boxed(b"frma", b"avc1"), schm, schi].concat());
        Track {
            id: 3,
            handler: *b"vide",
            entry: [vec![0; 78], boxed(b"avcC", b"how"), sinf].concat(),
            ..Track::default()
        }
    }

    fn tenc(version: u8, pattern: u8, iv_size: u8, constant: &[u8]) -> Vec<u8> {
        let size = u8::try_from(constant.len()).unwrap();
        let constant = if constant.is_empty() {
            Vec::new()
        } else {
            [&[size], constant].concat()
        };
        [&[version, 0, 0, 0, 0, pattern, 1, iv_size], &KEY[..], &constant].concat()
    }

    fn fragment(inner: &[Vec<u8>]) -> Vec<u8> {
        let tfhd = boxed(b"tfhd", &[0, 0, 0, 0, 0, 0, 0, 3]);
        boxed(b"moof", &boxed(b"traf", &[tfhd, inner.concat()].concat()))
    }

    #[test]
    fn sample_entries_tell_how() {
        let cenc = track(&tenc(0, 0x19, 8, &[]));
        let found = protection(&cenc).unwrap().unwrap();
        assert_eq!((found.key_id, found.iv_size, found.pattern), (KEY, 8, (0, 0)));
        assert_eq!((found.scheme, found.is_protected), (FourCc(*b"cbcs"), true));
        let cbcs = track(&tenc(1, 0x19, 0, &[5; 16]));
        let found = protection(&cbcs).unwrap().unwrap();
        assert_eq!((found.pattern, found.constant_iv), ((1, 9), vec![5; 16]));
        assert_eq!(configuration(&cbcs, b"avcC"), Some(&b"how"[..]));
        assert_eq!(protection(&Track::default()), Ok(None));
        assert!(protection(&track(&[0; 5])).is_err());
    }

    #[test]
    fn samples_have_vectors_and_clear_parts() {
        let track = track(&tenc(0, 0, 8, &[]));
        let protection = protection(&track).unwrap().unwrap();
        let one = [&[1; 8][..], &[0, 2, 0, 5, 0, 0, 0, 16, 0, 1, 0, 0, 0, 32]].concat();
        let two = [&[2; 8][..], &[0, 0]].concat();
        let expected = vec![
            SampleEncryption {
                iv: vec![1; 8],
                subsamples: vec![(5, 16), (1, 32)],
            },
            SampleEncryption {
                iv: vec![2; 8],
                subsamples: vec![],
            },
        ];
        let senc = boxed(b"senc", &[&[0, 0, 0, 2, 0, 0, 0, 2][..], &one, &two].concat());
        assert_eq!(read(&fragment(&[senc]), &track, &protection), Ok(expected.clone()));
        // The same in the media data, where `saio` points.
        let sizes = [u8::try_from(one.len()).unwrap(), u8::try_from(two.len()).unwrap()];
        let saiz = boxed(b"saiz", &[&[0, 0, 0, 0, 0, 0, 0, 0, 2][..], &sizes].concat());
        let saio = |at: u32| boxed(b"saio", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &at.to_be_bytes()].concat());
        let at = u32::try_from(fragment(&[saiz.clone(), saio(0)]).len()).unwrap();
        let mdat = boxed(b"mdat", &[one, two].concat());
        let beside = [fragment(&[saiz, saio(at + 8)]), mdat].concat();
        assert_eq!(read(&beside, &track, &protection), Ok(expected));
        let other = Track { id: 4, ..track };
        assert_eq!(read(&beside, &other, &protection), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(data: Vec<u8>, iv_size: u8) {
            let protection = Protection { iv_size, ..Protection::default() };
            let track = track(&data);
            let _ = super::protection(&track);
            for kind in [b"senc", b"saiz", b"saio"] {
                let _ = read(&fragment(&[boxed(kind, &data), boxed(b"saio", &data)]), &track, &protection);
            }
        }
    }
}
