//! Fragments cut into smaller ones: the chunks of low-latency CMAF (ISO/IEC 23000-19, 7.3.3.2).

use crate::{Boxes, Error, FourCc, Mp4Box, bytes::Cursor};
use std::ops::Range;

/// More samples than this in one fragment are not cut.
pub const MAX_SAMPLES: u32 = 100_000;

/// A part of a fragment, itself a fragment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// Its `moof`, and the head of its `mdat`.
    pub head: Vec<u8>,
    /// What is in its `mdat`, as bytes of the whole fragment.
    pub media: Range<usize>,
    /// Decode time of its first sample, in ticks.
    pub base_decode_time: u64,
    /// Sum of its sample durations, in ticks.
    pub duration: u64,
}

/// The track fragment of a `moof`, as far as it can be cut.
struct Whole<'a> {
    sequence_number: u32,
    track_id: u32,
    base_decode_time: u64,
    /// `tfhd` without its version, flags and track id.
    defaults: &'a [u8],
    tfhd_flags: u32,
    default_duration: Option<u32>,
    default_size: Option<u32>,
    trun_version: u8,
    trun_flags: u32,
    first_flags: Option<u32>,
    /// One entry of `entry_size` bytes for each sample.
    entries: &'a [u8],
    samples: u32,
}

/// One run of samples on its way into a chunk.
struct Run {
    first: u32,
    samples: u32,
    bytes: usize,
    duration: u64,
}

/// Cuts a fragment (one `moof` with one track fragment and one run, then its `mdat`) so that each chunk lasts `ticks`, or as
/// much more as its last sample takes. `default_duration` is that of the initialization segment.
/// Chunks number on from `sequence_number`.
///
/// # Errors
/// When there is no such fragment, it has boxes that would have to be cut too (encryption, sample groups), or its
/// samples have no sizes.
pub fn split(data: &[u8], default_duration: u32, ticks: u64, sequence_number: u32) -> Result<Vec<Chunk>, Error> {
    let mut boxes = Boxes::new(data);
    let moof = find(&mut boxes, *b"moof")?;
    let mdat = find(&mut boxes, *b"mdat")?;
    let mut whole = read(&moof)?;
    whole.sequence_number = sequence_number;
    let default_duration = whole.default_duration.unwrap_or(default_duration);
    let mut chunks = Vec::new();
    let mut at = usize::try_from(mdat.payload_offset()).unwrap_or(usize::MAX);
    let end = at.saturating_add(mdat.payload.len());
    let mut time = whole.base_decode_time;
    let mut first = 0;
    while first < whole.samples {
        let run = whole.run(first, default_duration, ticks)?;
        let media = at..at.saturating_add(run.bytes);
        if media.end > end {
            return Err(mdat.malformed("it is shorter than its samples"));
        }
        at = media.end;
        let number = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        chunks.push(Chunk {
            head: whole.write(&run, time, number)?,
            media,
            base_decode_time: time,
            duration: run.duration,
        });
        time = time.saturating_add(run.duration);
        first = first.saturating_add(run.samples);
    }
    Ok(chunks)
}

fn find<'a>(boxes: &mut Boxes<'a>, kind: [u8; 4]) -> Result<Mp4Box<'a>, Error> {
    for found in boxes {
        let found = found?;
        if found.kind.0 == kind {
            return Ok(found);
        }
    }
    Err(Error::Missing { kind: FourCc(kind) })
}

fn read<'a>(moof: &Mp4Box<'a>) -> Result<Whole<'a>, Error> {
    let mut traf = None;
    for found in moof.children() {
        let found = found?;
        match &found.kind.0 {
            b"mfhd" => {}
            b"traf" if traf.is_none() => traf = Some(found),
            _ => return Err(unsupported(&found)),
        }
    }
    let traf = traf.ok_or(Error::Missing { kind: FourCc(*b"traf") })?;
    let (mut tfhd, mut tfdt, mut trun) = (None, None, None);
    for found in traf.children() {
        let found = found?;
        match &found.kind.0 {
            b"tfhd" => tfhd = Some(found),
            b"tfdt" => tfdt = Some(found),
            b"trun" if trun.is_none() => trun = Some(found),
            _ => return Err(unsupported(&found)),
        }
    }
    let missing = |kind: &[u8; 4]| Error::Missing { kind: FourCc(*kind) };
    let tfhd = tfhd.ok_or_else(|| missing(b"tfhd"))?;
    let tfdt = tfdt.ok_or_else(|| missing(b"tfdt"))?;
    let trun = trun.ok_or_else(|| missing(b"trun"))?;
    let ends = |found: &Mp4Box<'_>| found.malformed("it ends within its fields");
    let mut cursor = Cursor::new(tfdt.payload);
    let time = cursor.full_box().and_then(|(version, _)| cursor.versioned(version));
    let mut whole = read_trun(&trun)?;
    whole.base_decode_time = time.ok_or_else(|| ends(&tfdt))?;
    read_tfhd(tfhd.payload, &mut whole).ok_or_else(|| ends(&tfhd))?;
    Ok(whole)
}

fn unsupported(found: &Mp4Box<'_>) -> Error {
    Error::Unsupported {
        kind: found.kind,
        what: "this box in a fragment that is cut",
    }
}

/// `tfhd`: base-data-offset goes, everything else stays.
fn read_tfhd<'a>(payload: &'a [u8], whole: &mut Whole<'a>) -> Option<()> {
    let mut cursor = Cursor::new(payload);
    let (_, flags) = cursor.full_box()?;
    whole.track_id = cursor.u32()?;
    if flags & 0x1 != 0 {
        cursor.u64()?;
    }
    // Data is counted from the moof in every chunk.
    whole.tfhd_flags = flags & !0x1 | 0x02_0000;
    whole.defaults = cursor.take(cursor.remaining())?;
    let mut defaults = Cursor::new(whole.defaults);
    if flags & 0x2 != 0 {
        defaults.u32()?;
    }
    if flags & 0x8 != 0 {
        whole.default_duration = Some(defaults.u32()?);
    }
    if flags & 0x10 != 0 {
        whole.default_size = Some(defaults.u32()?);
    }
    Some(())
}

fn read_trun<'a>(trun: &Mp4Box<'a>) -> Result<Whole<'a>, Error> {
    let ends = || trun.malformed("it ends within its fields");
    let mut cursor = Cursor::new(trun.payload);
    let (version, flags) = cursor.full_box().ok_or_else(ends)?;
    let samples = cursor.u32().ok_or_else(ends)?;
    if samples > MAX_SAMPLES {
        return Err(Error::Unsupported {
            kind: trun.kind,
            what: "so many samples",
        });
    }
    if flags & 0x1 != 0 {
        cursor.u32().ok_or_else(ends)?;
    }
    let first_flags = match flags & 0x4 {
        0 => None,
        _ => Some(cursor.u32().ok_or_else(ends)?),
    };
    let count = usize::try_from(samples).unwrap_or(usize::MAX);
    let entries = cursor.take(count.saturating_mul(entry_size(flags))).ok_or_else(ends)?;
    Ok(Whole {
        sequence_number: 0,
        track_id: 0,
        base_decode_time: 0,
        defaults: &[],
        tfhd_flags: 0,
        default_duration: None,
        default_size: None,
        trun_version: version,
        trun_flags: flags,
        first_flags,
        entries,
        samples,
    })
}

/// Bytes that `trun` has for each sample.
fn entry_size(flags: u32) -> usize {
    let fields = [0x100, 0x200, 0x400, 0x800]
        .into_iter()
        .filter(|field| flags & field != 0);
    fields.count().saturating_mul(4)
}

impl Whole<'_> {
    /// The samples from `first` on that last `ticks`.
    fn run(&self, first: u32, default_duration: u32, ticks: u64) -> Result<Run, Error> {
        let mut run = Run {
            first,
            samples: 0,
            bytes: 0,
            duration: 0,
        };
        let mut entries = Cursor::new(self.entries_from(first, self.samples.saturating_sub(first)));
        while first.saturating_add(run.samples) < self.samples && (run.samples == 0 || run.duration < ticks) {
            let (duration, size) = self.sample(&mut entries, default_duration).ok_or(Error::Unsupported {
                kind: FourCc(*b"trun"),
                what: "a sample without a size",
            })?;
            run.duration = run.duration.saturating_add(duration.into());
            run.bytes = run.bytes.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
            run.samples = run.samples.saturating_add(1);
        }
        Ok(run)
    }

    fn sample(&self, entries: &mut Cursor<'_>, default_duration: u32) -> Option<(u32, u32)> {
        let mut field = |flag: u32| match self.trun_flags & flag {
            0 => Some(None),
            _ => entries.u32().map(Some),
        };
        let (duration, size) = (field(0x100)?, field(0x200)?);
        field(0x400)?;
        field(0x800)?;
        Some((duration.unwrap_or(default_duration), size.or(self.default_size)?))
    }

    fn entries_from(&self, first: u32, samples: u32) -> &[u8] {
        let size = entry_size(self.trun_flags);
        let at = |sample: u32| usize::try_from(sample).unwrap_or(usize::MAX).saturating_mul(size);
        let range = at(first)..at(first.saturating_add(samples));
        self.entries.get(range).unwrap_or_default()
    }

    fn write(&self, run: &Run, time: u64, number: u32) -> Result<Vec<u8>, Error> {
        let sequence = self.sequence_number.wrapping_add(number);
        let mfhd = boxed(*b"mfhd", &[&[0; 4], &sequence.to_be_bytes()])?;
        let (flags, track) = (self.tfhd_flags.to_be_bytes(), self.track_id.to_be_bytes());
        let tfhd = boxed(*b"tfhd", &[&flags, &track, self.defaults])?;
        let tfdt = boxed(*b"tfdt", &[&[1, 0, 0, 0], &time.to_be_bytes()])?;
        // Only the first sample of the fragment has flags of its own.
        let first_flags = self.first_flags.filter(|_| run.first == 0).map(u32::to_be_bytes);
        let kept = self.trun_flags & 0xF00 | 0x1 | if first_flags.is_some() { 0x4 } else { 0 };
        let head = u32::from(self.trun_version) << 24 | kept;
        let first_flags: &[u8] = first_flags.as_ref().map_or(&[], |flags| flags.as_slice());
        let entries = self.entries_from(run.first, run.samples);
        let trun = |data_offset: u32| {
            let fields = [head, run.samples, data_offset].map(u32::to_be_bytes);
            boxed(*b"trun", &[fields.as_flattened(), first_flags, entries])
        };
        let moof = |data_offset| {
            let traf = boxed(*b"traf", &[&tfhd, &tfdt, &trun(data_offset)?])?;
            boxed(*b"moof", &[&mfhd, &traf])
        };
        let large = |_| does_not_fit(*b"moof");
        let size = u32::try_from(moof(0)?.len()).map_err(large)?;
        let mut out = moof(size.saturating_add(8))?;
        let size = u32::try_from(run.bytes.saturating_add(8)).map_err(|_| does_not_fit(*b"mdat"))?;
        out.extend_from_slice(&size.to_be_bytes());
        out.extend_from_slice(b"mdat");
        Ok(out)
    }
}

fn boxed(kind: [u8; 4], parts: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let length = parts.iter().fold(8_usize, |sum, part| sum.saturating_add(part.len()));
    let size = u32::try_from(length).map_err(|_| does_not_fit(kind))?;
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(&size.to_be_bytes());
    out.extend_from_slice(&kind);
    for part in parts {
        out.extend_from_slice(part);
    }
    Ok(out)
}

fn does_not_fit(kind: [u8; 4]) -> Error {
    Error::DoesNotFit {
        kind: FourCc(kind),
        what: "the size",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fragment::Fragments,
        testing::{boxed as raw, fragment},
    };
    use proptest::prelude::*;

    fn join(data: &[u8], chunks: &[Chunk]) -> Vec<u8> {
        let parts = chunks
            .iter()
            .flat_map(|chunk| [&chunk.head[..], &data[chunk.media.clone()]]);
        parts.flatten().copied().collect()
    }

    #[test]
    fn chunks_cover_the_fragment() {
        let data = fragment(3, 1, 77_000, 0, 50, Some(512));
        let chunks = split(&data, 0, 6400, 40).unwrap();
        let joined = join(&data, &chunks);
        let found: Vec<_> = Fragments::new(&joined).map(Result::unwrap).collect();
        assert_eq!(found.len(), 4);
        let mut time = 77_000;
        for (number, (chunk, fragment)) in (40..).zip(chunks.iter().zip(&found)) {
            assert_eq!(fragment.sequence_number, number);
            let track = fragment.tracks[0];
            assert_eq!((track.track_id, track.base_decode_time), (3, time));
            assert_eq!((chunk.base_decode_time, chunk.duration), (time, track.duration));
            assert_eq!(fragment.size - fragment.moof_size - 8, track.samples * 2);
            time += track.duration;
        }
        assert_eq!(time, 77_000 + 50 * 512);
        assert_eq!(
            found.iter().map(|one| one.tracks[0].samples).collect::<Vec<_>>(),
            [13, 13, 13, 11]
        );
    }

    /// First-sample-flags, default duration and size in `tfhd`, base-data-offset.
    #[test]
    fn defaults_stay_and_the_first_sample_keeps_its_flags() {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
        let tfhd = raw(b"tfhd", &words(&[0x39, 9, 0, 0, 100, 3, 0x0101_0000]));
        let tfdt = raw(b"tfdt", &words(&[0, 500]));
        let trun = raw(b"trun", &words(&[0x5, 6, 0, 0x0212_3456]));
        let traf = raw(b"traf", &[tfhd, tfdt, trun].concat());
        let mfhd = raw(b"mfhd", &words(&[0, 1]));
        let media: Vec<u8> = (0..18).collect();
        let data = [raw(b"moof", &[mfhd, traf].concat()), raw(b"mdat", &media)].concat();
        let chunks = split(&data, 7, 200, 1).unwrap();
        assert_eq!(chunks.len(), 3);
        let has = |chunk: &Chunk, word: u32| chunk.head.windows(4).any(|bytes| bytes == word.to_be_bytes());
        assert!(has(&chunks[0], 0x0212_3456) && !has(&chunks[1], 0x0212_3456));
        assert!(
            chunks
                .iter()
                .all(|chunk| has(chunk, 0x0101_0000) && has(chunk, 0x02_0038))
        );
        assert_eq!(&data[chunks[1].media.clone()], &media[6..12]);
        let joined = join(&data, &chunks);
        let times: Vec<_> = Fragments::new(&joined)
            .map(|one| one.unwrap().tracks[0].base_decode_time)
            .collect();
        assert_eq!(times, [500, 700, 900]);
    }

    #[test]
    fn what_cannot_be_cut_is_refused() {
        let data = fragment(1, 1, 0, 1, 50, Some(512));
        assert!(matches!(
            split(&data[..data.len() - 1], 0, 1, 1),
            Err(Error::Truncated { .. })
        ));
        assert_eq!(split(&[], 0, 1, 1), Err(Error::Missing { kind: FourCc(*b"moof") }));
        let (senc, tfhd) = (raw(b"senc", &[0; 8]), raw(b"tfhd", &[0; 8]));
        let traf = raw(b"traf", &[tfhd, senc].concat());
        let data = [raw(b"moof", &traf), raw(b"mdat", &[])].concat();
        assert!(matches!(split(&data, 0, 1, 1), Err(Error::Unsupported { kind, .. }) if kind.0 == *b"senc"));
    }

    proptest! {
        #[test]
        fn any_cut_covers_the_fragment(samples in 1_u32..60, duration in 1_u32..2000, ticks in 0_u64..9000) {
            let data = fragment(1, 1, 5, 1, samples, Some(duration));
            let chunks = split(&data, 0, ticks, 1).unwrap();
            let joined = join(&data, &chunks);
            let found: Vec<_> = Fragments::new(&joined).map(Result::unwrap).collect();
            prop_assert_eq!(found.iter().map(|one| one.tracks[0].samples).sum::<u64>(), u64::from(samples));
            prop_assert_eq!(chunks.iter().map(|one| one.media.len()).sum::<usize>(), samples as usize * 2);
        }

        #[test]
        fn no_damage_panics(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), cut: prop::sample::Index) {
            let mut data = fragment(1, 1, 0, 1, 5, Some(9));
            for (at, value) in damage {
                let at = at.index(data.len());
                data[at] = value;
            }
            data.truncate(cut.index(data.len() + 1));
            let _ = split(&data, 1, 10, 1);
        }
    }
}
