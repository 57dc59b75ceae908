//! Samples of fragmented files: what decoders read.

use crate::{Boxes, Error, FourCc, Mp4Box, bytes::Cursor, init::MAX_TRACKS};

/// More samples than this in one segment are not read.
pub const MAX_SAMPLES: usize = 100_000;
/// `sample_is_non_sync_sample` of the sample flags (ISO/IEC 14496-12, 8.8.3.1).
const NON_SYNC: u32 = 1 << 16;

/// What is needed to read a track's samples.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Track {
    /// `tkhd` track_ID.
    pub id: u32,
    /// `mdhd` timescale, ticks per second; never zero.
    pub timescale: u32,
    /// `hdlr` handler type.
    pub handler: [u8; 4],
    /// Type of the first sample entry; of what is under the encryption for `encv` and the like.
    pub codec: FourCc,
    /// The first sample entry, after its size and type.
    pub entry: Vec<u8>,
    /// `trex` default sample duration, in ticks.
    pub default_duration: u32,
    /// `trex` default sample size, in bytes.
    pub default_size: u32,
    /// `trex` default sample flags (ISO/IEC 14496-12, 8.8.3.1).
    pub default_flags: u32,
}

/// One sample.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sample<'a> {
    /// Decode time, in ticks.
    pub decode_time: u64,
    /// Composition time less decode time, in ticks.
    pub composition_offset: i64,
    /// In ticks.
    pub duration: u32,
    /// Decoding can start with it: `sample_is_non_sync_sample` is not set.
    pub is_sync: bool,
    /// Its bytes.
    pub data: &'a [u8],
    /// Sizes of its subsamples (`subs`), in bytes; empty when it is one piece.
    pub subsamples: Vec<u32>,
}

impl Sample<'_> {
    /// Composition time, in ticks.
    #[must_use]
    pub fn presentation_time(&self) -> i64 {
        i64::try_from(self.decode_time)
            .unwrap_or(i64::MAX)
            .saturating_add(self.composition_offset)
    }
}

/// The tracks of an initialization segment, with their sample entries.
///
/// # Errors
/// When there is no `moov`, or it is damaged.
pub fn tracks(data: &[u8]) -> Result<Vec<Track>, Error> {
    for found in Boxes::new(data) {
        let found = found?;
        if found.kind.0 == *b"moov" {
            return parse_moov(&found);
        }
    }
    Err(Error::Missing { kind: FourCc(*b"moov") })
}

fn parse_moov(moov: &Mp4Box<'_>) -> Result<Vec<Track>, Error> {
    let infos = crate::init::parse_moov(moov)?.tracks;
    let mut tracks: Vec<Track> = Vec::with_capacity(infos.len());
    let traks = moov.children().flatten().filter(|found| found.kind.0 == *b"trak");
    for (info, trak) in infos.iter().zip(traks) {
        let stsd = trak.child(b"mdia")?.child(b"minf")?.child(b"stbl")?.child(b"stsd")?;
        let entry = Boxes::new(stsd.payload.get(8..).unwrap_or_default())
            .next()
            .transpose()?
            .ok_or(stsd.malformed("it has no entry"))?;
        tracks.push(Track {
            id: info.track_id,
            timescale: info.timescale.max(1),
            handler: info.handler,
            codec: original_format(&entry).unwrap_or(entry.kind),
            entry: entry.payload.to_vec(),
            default_duration: info.default_sample_duration,
            default_size: 0,
            default_flags: 0,
        });
    }
    if let Ok(mvex) = moov.child(b"mvex") {
        for trex in mvex.children().flatten().take(MAX_TRACKS.saturating_mul(2)) {
            let mut cursor = Cursor::new(trex.payload);
            // Version and flags, track, description index, duration, size, flags.
            let fields: [_; 6] = std::array::from_fn(|_| cursor.u32());
            if let (b"trex", [_, Some(id), _, _, Some(size), Some(flags)]) = (&trex.kind.0, fields) {
                for track in tracks.iter_mut().filter(|track| track.id == id) {
                    (track.default_size, track.default_flags) = (size, flags);
                }
            }
        }
    }
    Ok(tracks)
}

/// What an encrypted entry was before: `sinf`/`frma`.
fn original_format(entry: &Mp4Box<'_>) -> Option<FourCc> {
    let fixed = match &entry.kind.0 {
        b"encv" => 78,
        b"enca" => 28,
        b"enct" | b"encs" => 8,
        _ => return None,
    };
    let inner = Boxes::new(entry.payload.get(fixed..)?);
    let sinf = inner.flatten().find(|found| found.kind.0 == *b"sinf")?;
    let frma = sinf.child(b"frma").ok()?;
    Cursor::new(frma.payload).array().map(FourCc)
}

/// The samples of `track` in a segment, in decode order.
///
/// # Errors
/// When a box is damaged, data of a sample is not there, or there are more than [`MAX_SAMPLES`].
pub fn read<'a>(data: &'a [u8], track: &Track) -> Result<Vec<Sample<'a>>, Error> {
    let mut samples = Vec::new();
    let boxes: Vec<Mp4Box<'a>> = Boxes::new(data).collect::<Result<_, _>>()?;
    for (at, moof) in boxes.iter().enumerate() {
        if moof.kind.0 != *b"moof" {
            continue;
        }
        let rest = boxes.get(at..).unwrap_or_default();
        let mdat = rest.iter().find(|found| found.kind.0 == *b"mdat");
        let media = mdat.map_or(moof.end(), Mp4Box::payload_offset);
        for traf in moof.children() {
            let traf = traf?;
            if traf.kind.0 == *b"traf" {
                let run = Run {
                    data,
                    moof: moof.offset,
                    media,
                };
                run.read(&traf, track, &mut samples)?;
            }
        }
    }
    Ok(samples)
}

/// Where the data of a fragment is.
struct Run<'a> {
    data: &'a [u8],
    moof: u64,
    media: u64,
}

/// `tfhd`, defaults applied.
struct Head {
    base: Option<u64>,
    duration: u32,
    size: u32,
    flags: u32,
}

impl Head {
    /// None when it is of another track.
    fn parse(payload: &[u8], track: &Track) -> Option<Option<Self>> {
        let mut cursor = Cursor::new(payload);
        let (_, flags) = cursor.full_box()?;
        if cursor.u32()? != track.id {
            return Some(None);
        }
        let base = if flags & 0x1 != 0 { Some(cursor.u64()?) } else { None };
        if flags & 0x2 != 0 {
            cursor.u32()?;
        }
        let mut field = |bit: u32, default: u32| {
            if flags & bit == 0 { Some(default) } else { cursor.u32() }
        };
        Some(Some(Self {
            base,
            duration: field(0x8, track.default_duration)?,
            size: field(0x10, track.default_size)?,
            flags: field(0x20, track.default_flags)?,
        }))
    }
}

impl<'a> Run<'a> {
    fn read(&self, traf: &Mp4Box<'_>, track: &Track, samples: &mut Vec<Sample<'a>>) -> Result<(), Error> {
        let ends = |found: &Mp4Box<'_>| found.malformed("it ends within its fields");
        let tfhd = traf.child(b"tfhd")?;
        let Some(head) = Head::parse(tfhd.payload, track).ok_or_else(|| ends(&tfhd))? else {
            return Ok(());
        };
        let tfdt = traf.child(b"tfdt")?;
        let mut cursor = Cursor::new(tfdt.payload);
        let mut time = cursor
            .full_box()
            .and_then(|(version, _)| cursor.versioned(version))
            .ok_or_else(|| ends(&tfdt))?;
        let first = samples.len();
        let mut next = head.base.unwrap_or(self.media);
        for found in traf.children() {
            let found = found?;
            match &found.kind.0 {
                b"trun" => self.trun(&found, &head, &mut time, &mut next, samples)?,
                b"subs" => {
                    let own = samples.get_mut(first..).unwrap_or_default();
                    subsamples(found.payload, own).ok_or_else(|| ends(&found))?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// One run: `time` and `next` (where the data goes on) move with it.
    fn trun(
        &self,
        trun: &Mp4Box<'_>,
        head: &Head,
        time: &mut u64,
        next: &mut u64,
        samples: &mut Vec<Sample<'a>>,
    ) -> Result<(), Error> {
        let ends = || trun.malformed("it ends within its fields");
        let mut cursor = Cursor::new(trun.payload);
        let (version, flags) = cursor.full_box().ok_or_else(ends)?;
        let count = cursor.u32().ok_or_else(ends)?;
        if samples.len().saturating_add(count as usize) > MAX_SAMPLES {
            return Err(Error::Unsupported {
                kind: trun.kind,
                what: "so many samples",
            });
        }
        if flags & 0x1 != 0 {
            let [a, b, c, d] = cursor.array().ok_or_else(ends)?;
            let offset = i64::from(i32::from_be_bytes([a, b, c, d]));
            *next = head.base.unwrap_or(self.moof).saturating_add_signed(offset);
        }
        let mut first_flags = if flags & 0x4 != 0 {
            Some(cursor.u32().ok_or_else(ends)?)
        } else {
            None
        };
        for _ in 0..count {
            let mut field = |bit: u32, default: u32| {
                if flags & bit == 0 { Some(default) } else { cursor.u32() }
            };
            let duration = field(0x100, head.duration).ok_or_else(ends)?;
            let size = field(0x200, head.size).ok_or_else(ends)?;
            let own_flags = field(0x400, head.flags).ok_or_else(ends)?;
            let offset = field(0x800, 0).ok_or_else(ends)?;
            // Version 0 is unsigned by the book; encoders write negative ones all the same.
            let composition_offset = if version == 0 && offset < 1 << 31 {
                i64::from(offset)
            } else {
                i64::from(i32::from_be_bytes(offset.to_be_bytes()))
            };
            let end = next.saturating_add(size.into());
            let bytes = usize::try_from(*next)
                .ok()
                .zip(usize::try_from(end).ok())
                .and_then(|(from, to)| self.data.get(from..to));
            samples.push(Sample {
                decode_time: *time,
                composition_offset,
                duration,
                is_sync: first_flags.take().unwrap_or(own_flags) & NON_SYNC == 0,
                data: bytes.ok_or_else(|| trun.malformed("the data of a sample is not there"))?,
                subsamples: Vec::new(),
            });
            *time = time.saturating_add(duration.into());
            *next = end;
        }
        Ok(())
    }
}

/// Reads a `subs` box about the samples of one track fragment.
fn subsamples(payload: &[u8], samples: &mut [Sample<'_>]) -> Option<()> {
    let mut cursor = Cursor::new(payload);
    let (version, _) = cursor.full_box()?;
    // Samples count from one.
    let mut sample = 0_u32;
    for _ in 0..cursor.u32()? {
        sample = sample.saturating_add(cursor.u32()?);
        let mut sizes = Vec::new();
        for _ in 0..cursor.u16()? {
            sizes.push(if version == 0 {
                cursor.u16()?.into()
            } else {
                cursor.u32()?
            });
            // Priority, discardable, codec-specific parameters.
            cursor.take(6)?;
        }
        let at = usize::try_from(sample.checked_sub(1)?).ok()?;
        if let Some(sample) = samples.get_mut(at) {
            sample.subsamples = sizes;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{boxed, moov};
    use proptest::prelude::*;

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    /// Two samples of 3 and 2 bytes, composition offsets 10 and -10, the first in two pieces.
    fn segment(data_offset: Option<u32>) -> Vec<u8> {
        let mut trun = words(&[0x0100_0A00 | u32::from(data_offset.is_some()), 2]);
        trun.extend(data_offset.iter().flat_map(|offset| offset.to_be_bytes()));
        trun.extend(words(&[3, 10, 2, 10_u32.wrapping_neg()]));
        let subs = [&words(&[0, 1, 1])[..], &[0, 2], &[0, 1], &[0; 6], &[0, 2], &[0; 6]].concat();
        let traf = [
            boxed(b"tfhd", &words(&[0x02_0000, 7])),
            boxed(b"tfdt", &words(&[0, 1000])),
            boxed(b"trun", &trun),
            boxed(b"subs", &subs),
        ]
        .concat();
        let other = [
            boxed(b"tfhd", &words(&[0x02_0000, 8])),
            boxed(b"tfdt", &words(&[0, 0])),
            boxed(b"trun", &words(&[0, 1])),
        ]
        .concat();
        let moof = boxed(b"moof", &[boxed(b"traf", &other), boxed(b"traf", &traf)].concat());
        [boxed(b"styp", b"msdh"), moof, boxed(b"mdat", b"abcde")].concat()
    }

    fn track() -> Track {
        let init = moov(&[(8, 1, *b"vide", *b"avc1", 1), (7, 1000, *b"text", *b"wvtt", 512)]);
        tracks(&init).unwrap().remove(1)
    }

    #[test]
    fn samples_are_found_with_times_and_pieces() {
        let track = track();
        assert_eq!((track.id, track.timescale, track.codec), (7, 1000, FourCc(*b"wvtt")));
        assert_eq!((track.default_duration, track.entry.len()), (512, 8));
        let whole = segment(None);
        let moof_offset = Boxes::new(&whole).nth(1).unwrap().unwrap().offset;
        let at = u32::try_from(whole.len() as u64 - 5 - moof_offset).unwrap();
        for segment in [segment(None), segment(Some(at + 4))] {
            let samples = read(&segment, &track).unwrap();
            assert_eq!(samples.len(), 2);
            assert_eq!((samples[0].data, samples[1].data), (&b"abc"[..], &b"de"[..]));
            assert_eq!(samples[0].subsamples, [1, 2]);
            let times: Vec<_> = samples.iter().map(|s| (s.decode_time, s.presentation_time())).collect();
            assert_eq!(times, [(1000, 1010), (1512, 1502)]);
        }
    }

    /// The first sample's flags go before its own, those before the fragment's, those before the track's.
    #[test]
    fn decoding_can_start_where_flags_say() {
        let mut track = track();
        track.default_flags = NON_SYNC;
        let syncs = |tfhd: &[u32], trun: &[u32], track: &Track| {
            let traf = [
                boxed(b"tfhd", &words(tfhd)),
                boxed(b"tfdt", &words(&[0, 0])),
                boxed(b"trun", &words(trun)),
            ];
            let moof = boxed(b"moof", &boxed(b"traf", &traf.concat()));
            let data = [moof, boxed(b"mdat", b"ab")].concat();
            let samples = read(&data, track).unwrap();
            samples.iter().map(|sample| sample.is_sync).collect::<Vec<_>>()
        };
        assert_eq!(syncs(&[0x10, 7, 1], &[0, 2], &track), [false, false]);
        assert_eq!(syncs(&[0x10, 7, 1], &[0x4, 2, 0], &track), [true, false]);
        assert_eq!(syncs(&[0x30, 7, 1, 0], &[0, 2], &track), [true, true]);
        assert_eq!(syncs(&[0x30, 7, 1, 0], &[0x400, 2, 0, NON_SYNC], &track), [true, false]);
    }

    #[test]
    fn what_is_under_the_encryption_is_told() {
        let sinf = boxed(b"sinf", &boxed(b"frma", b"hvc1"));
        let encv = boxed(b"encv", &[&[0; 78][..], &sinf].concat());
        let found = Boxes::new(&encv).next().unwrap().unwrap();
        assert_eq!(original_format(&found), Some(FourCc(*b"hvc1")));
    }

    #[test]
    fn faults_are_told() {
        let track = track();
        assert!(matches!(
            read(&segment(Some(9_999)), &track),
            Err(Error::Malformed { .. })
        ));
        let many = boxed(b"trun", &words(&[0, u32::MAX]));
        let traf = [boxed(b"tfhd", &words(&[0, 7])), boxed(b"tfdt", &words(&[0, 0])), many].concat();
        let moof = boxed(b"moof", &boxed(b"traf", &traf));
        assert!(matches!(read(&moof, &track), Err(Error::Unsupported { .. })));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(data: Vec<u8>, at in 0_usize..200, byte: u8) {
            let _ = read(&data, &track());
            let _ = tracks(&data);
            let mut broken = segment(None);
            if let Some(place) = broken.get_mut(at) {
                *place = byte;
            }
            let _ = read(&broken, &track());
        }
    }
}
