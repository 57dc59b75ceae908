//! Movie fragments: found, measured, moved in time.

use crate::{
    Boxes, Error, FourCc, Mp4Box,
    bytes::Cursor,
    init::{self, TrackInfo},
};

/// More track fragments than this in one fragment are not read.
pub const MAX_TRACK_FRAGMENTS: usize = 64;

/// A `moof` with the `mdat` after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fragment {
    /// Where the `moof` starts in the data given.
    pub offset: u64,
    /// From there to the end of the `mdat`.
    pub size: u64,
    /// Length of the `moof` box alone.
    pub moof_size: u64,
    /// `mfhd` sequence number.
    pub sequence_number: u32,
    /// Its track fragments, in order.
    pub tracks: Vec<TrackFragment>,
}

/// What a fragment holds of one track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrackFragment {
    /// Which track.
    pub track_id: u32,
    /// `tfdt` base media decode time, in ticks.
    pub base_decode_time: u64,
    /// Sum of the sample durations, in ticks.
    pub duration: u64,
    /// Number of samples.
    pub samples: u64,
}

/// Iterates over the fragments of a file or a segment; a `moov` in it tells the default durations. After an
/// error it ends.
#[derive(Clone, Debug)]
pub struct Fragments<'a> {
    boxes: Boxes<'a>,
    tracks: Vec<TrackInfo>,
    failed: bool,
}

impl<'a> Fragments<'a> {
    /// The fragments in `data`.
    #[must_use]
    pub const fn new(data: &'a [u8]) -> Self {
        Self {
            boxes: Boxes::new(data),
            tracks: Vec::new(),
            failed: false,
        }
    }

    /// The same, with the tracks of an initialization segment that is kept elsewhere.
    #[must_use]
    pub fn with_tracks(data: &'a [u8], tracks: &[TrackInfo]) -> Self {
        Self {
            boxes: Boxes::new(data),
            tracks: tracks.to_vec(),
            failed: false,
        }
    }

    fn read(&mut self) -> Result<Option<Fragment>, Error> {
        let mut fragment: Option<Fragment> = None;
        while let Some(found) = self.boxes.next().transpose()? {
            match (&found.kind.0, &mut fragment) {
                (b"moov", _) => self.tracks = init::parse_moov(&found)?.tracks,
                (b"moof", None) => fragment = Some(parse_moof(&found, &self.tracks)?),
                (b"moof", Some(_)) => break,
                (b"mdat", Some(open)) => {
                    open.size = found.end().saturating_sub(open.offset);
                    return Ok(fragment);
                }
                _ => {}
            }
        }
        if fragment.is_some() {
            Err(Error::Missing { kind: FourCc(*b"mdat") })
        } else {
            Ok(None)
        }
    }
}

impl Iterator for Fragments<'_> {
    type Item = Result<Fragment, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let found = self.read();
        self.failed = found.is_err();
        found.transpose()
    }
}

fn parse_moof(moof: &Mp4Box<'_>, tracks: &[TrackInfo]) -> Result<Fragment, Error> {
    let mut fragment = Fragment {
        offset: moof.offset,
        size: moof.size,
        moof_size: moof.size,
        sequence_number: 0,
        tracks: Vec::new(),
    };
    for found in moof.children() {
        let found = found?;
        match &found.kind.0 {
            b"mfhd" => {
                let mut cursor = Cursor::new(found.payload);
                fragment.sequence_number = cursor
                    .full_box()
                    .and_then(|_| cursor.u32())
                    .ok_or_else(|| found.malformed("it is too short"))?;
            }
            b"traf" if fragment.tracks.len() >= MAX_TRACK_FRAGMENTS => {
                return Err(Error::Unsupported {
                    kind: found.kind,
                    what: "so many track fragments",
                });
            }
            b"traf" => fragment.tracks.push(parse_traf(&found, tracks)?),
            _ => {}
        }
    }
    Ok(fragment)
}

fn parse_traf(traf: &Mp4Box<'_>, tracks: &[TrackInfo]) -> Result<TrackFragment, Error> {
    let ends = |found: &Mp4Box<'_>| found.malformed("it ends within its fields");
    let tfhd = traf.child(b"tfhd")?;
    let (track_id, default) = parse_tfhd(tfhd.payload).ok_or_else(|| ends(&tfhd))?;
    let default = default.unwrap_or_else(|| {
        let track = tracks.iter().find(|track| track.track_id == track_id);
        track.map_or(0, |track| track.default_sample_duration)
    });
    let tfdt = traf.child(b"tfdt")?;
    let mut cursor = Cursor::new(tfdt.payload);
    let base_decode_time = cursor
        .full_box()
        .and_then(|(version, _)| cursor.versioned(version))
        .ok_or_else(|| ends(&tfdt))?;
    let mut fragment = TrackFragment {
        track_id,
        base_decode_time,
        duration: 0,
        samples: 0,
    };
    for found in traf.children() {
        let found = found?;
        if found.kind.0 == *b"trun" {
            let (samples, duration) = parse_trun(found.payload, default).ok_or_else(|| ends(&found))?;
            fragment.samples = fragment.samples.saturating_add(samples);
            fragment.duration = fragment.duration.saturating_add(duration);
        }
    }
    Ok(fragment)
}

/// Track id, and the default sample duration where it is told.
fn parse_tfhd(payload: &[u8]) -> Option<(u32, Option<u32>)> {
    let mut cursor = Cursor::new(payload);
    let (_, flags) = cursor.full_box()?;
    let track_id = cursor.u32()?;
    if flags & 0x1 != 0 {
        cursor.u64()?;
    }
    if flags & 0x2 != 0 {
        cursor.u32()?;
    }
    let duration = if flags & 0x8 != 0 { Some(cursor.u32()?) } else { None };
    Some((track_id, duration))
}

/// Number of samples and the sum of their durations.
fn parse_trun(payload: &[u8], default: u32) -> Option<(u64, u64)> {
    let mut cursor = Cursor::new(payload);
    let (_, flags) = cursor.full_box()?;
    let samples = cursor.u32()?;
    for optional in [0x1, 0x4] {
        if flags & optional != 0 {
            cursor.u32()?;
        }
    }
    if flags & 0x100 == 0 {
        return Some((samples.into(), u64::from(samples).saturating_mul(default.into())));
    }
    let others = [0x200, 0x400, 0x800]
        .into_iter()
        .filter(|field| flags & field != 0)
        .count();
    let mut duration = 0_u64;
    for _ in 0..samples {
        duration = duration.saturating_add(cursor.u32()?.into());
        cursor.take(others.saturating_mul(4))?;
    }
    Some((samples.into(), duration))
}

/// Gives the first fragment in `data` (which may end anywhere after its `moof`) a new sequence number and a
/// new base media decode time, in place. Nothing changes its length.
///
/// # Errors
/// When there is no whole `moof` with one track fragment and a `tfdt`, or the time does not fit a version 0 `tfdt`.
pub fn rewrite(data: &mut [u8], sequence_number: u32, base_decode_time: u64) -> Result<(), Error> {
    let moof = first_moof(data)?;
    let mfhd = moof.child(b"mfhd")?;
    let mut trafs = moof
        .children()
        .filter(|found| found.is_ok_and(|found| found.kind.0 == *b"traf"));
    let traf = trafs
        .next()
        .transpose()?
        .ok_or(Error::Missing { kind: FourCc(*b"traf") })?;
    if trafs.next().is_some() {
        return Err(Error::Unsupported {
            kind: moof.kind,
            what: "more than one track fragment",
        });
    }
    let tfdt = traf.child(b"tfdt")?;
    let version = tfdt
        .payload
        .first()
        .copied()
        .ok_or_else(|| tfdt.malformed("it is empty"))?;
    // Past version and flags in both boxes.
    let (mfhd_at, tfdt_at) = (
        mfhd.payload_offset().saturating_add(4),
        tfdt.payload_offset().saturating_add(4),
    );
    let (mfhd_short, tfdt_short) = (mfhd.malformed("it is too short"), tfdt.malformed("it is too short"));
    if tfdt.payload.len() < if version == 0 { 8 } else { 12 } {
        return Err(tfdt_short);
    }
    if mfhd.payload.len() < 8 {
        return Err(mfhd_short);
    }
    if version == 0 {
        let time = u32::try_from(base_decode_time).map_err(|_| Error::DoesNotFit {
            kind: FourCc(*b"tfdt"),
            what: "the base media decode time",
        })?;
        patch(data, tfdt_at, &time.to_be_bytes()).ok_or(tfdt_short)?;
    } else {
        patch(data, tfdt_at, &base_decode_time.to_be_bytes()).ok_or(tfdt_short)?;
    }
    patch(data, mfhd_at, &sequence_number.to_be_bytes()).ok_or(mfhd_short)
}

fn first_moof(data: &[u8]) -> Result<Mp4Box<'_>, Error> {
    for found in Boxes::new(data) {
        let found = found?;
        if found.kind.0 == *b"moof" {
            return Ok(found);
        }
    }
    Err(Error::Missing { kind: FourCc(*b"moof") })
}

fn patch(data: &mut [u8], offset: u64, bytes: &[u8]) -> Option<()> {
    let start = usize::try_from(offset).ok()?;
    data.get_mut(start..start.checked_add(bytes.len())?)?
        .copy_from_slice(bytes);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{boxed, fragment, moov};
    use proptest::prelude::*;

    #[test]
    fn fragments_of_a_file_are_found_and_measured() {
        let init = moov(&[(1, 12_800, *b"vide", *b"avc1", 512)]);
        let mut file = init.clone();
        for number in 0..3_u32 {
            file.extend(boxed(b"styp", b"msdh\0\0\0\0"));
            file.extend(fragment(1, number + 1, u64::from(number) * 25_600, 1, 50, None));
        }
        let found: Vec<_> = Fragments::new(&file).map(Result::unwrap).collect();
        assert_eq!(found.len(), 3);
        for (number, fragment) in (0_u32..).zip(&found) {
            assert_eq!(fragment.sequence_number, number + 1);
            let [track] = fragment.tracks[..] else {
                panic!("one track")
            };
            assert_eq!(track.base_decode_time, u64::from(number) * 25_600);
            assert_eq!((track.track_id, track.duration, track.samples), (1, 25_600, 50));
        }
        assert_eq!(found[2].offset + found[2].size, file.len() as u64);
        let alone = &file[init.len()..];
        assert_eq!(
            Fragments::new(alone).next().unwrap().unwrap().tracks[0].duration,
            0,
            "no default is known"
        );
        let tracks = init::parse(&init).unwrap().tracks;
        assert_eq!(
            Fragments::with_tracks(alone, &tracks).next().unwrap().unwrap().tracks[0].duration,
            25_600
        );
    }

    #[test]
    fn sample_durations_beat_defaults() {
        let data = fragment(2, 1, 0, 0, 4, Some(1000));
        assert_eq!(Fragments::new(&data).next().unwrap().unwrap().tracks[0].duration, 4000);
    }

    #[test]
    fn a_fragment_moves_in_time_without_its_media() {
        for version in [0, 1] {
            let mut data = fragment(1, 1, 77, version, 50, Some(512));
            let length = data.len();
            rewrite(&mut data, 900, 1 << 31).unwrap();
            assert_eq!(data.len(), length);
            let moved = Fragments::new(&data).next().unwrap().unwrap();
            assert_eq!(
                (moved.sequence_number, moved.tracks[0].base_decode_time),
                (900, 1 << 31)
            );
            let moof = usize::try_from(moved.moof_size).unwrap();
            rewrite(&mut data[..moof], 901, 5).unwrap();
            assert_eq!(
                Fragments::new(&data).next().unwrap().unwrap().tracks[0].base_decode_time,
                5
            );
            let late = rewrite(&mut data, 1, 1 << 32);
            assert_eq!(late.is_ok(), version == 1, "{late:?}");
        }
    }

    #[test]
    fn faults_are_told() {
        let data = fragment(1, 1, 0, 1, 50, None);
        assert!(matches!(
            Fragments::new(&data[..data.len() - 1]).next(),
            Some(Err(Error::Truncated { .. }))
        ));
        let moof = Boxes::new(&data).next().unwrap().unwrap();
        let lonely = &data[..usize::try_from(moof.size).unwrap()];
        let missing = Error::Missing { kind: FourCc(*b"mdat") };
        assert_eq!(Fragments::new(lonely).collect::<Vec<_>>(), vec![Err(missing)]);
        assert_eq!(rewrite(&mut [], 0, 0), Err(Error::Missing { kind: FourCc(*b"moof") }));
        let mut bare = boxed(b"moof", &boxed(b"mfhd", &[0; 8]));
        assert_eq!(rewrite(&mut bare, 0, 0), Err(Error::Missing { kind: FourCc(*b"traf") }));
    }

    proptest! {
        #[test]
        fn no_damage_panics(
            samples in 0_u32..8,
            duration: Option<u32>,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
            cut: prop::sample::Index,
        ) {
            let mut data = moov(&[(1, 12_800, *b"vide", *b"avc1", 512)]);
            data.extend(fragment(1, 1, 0, 1, samples, duration));
            for (at, value) in damage {
                let at = at.index(data.len());
                data[at] = value;
            }
            data.truncate(cut.index(data.len() + 1));
            let _ = init::parse(&data);
            let _ = Fragments::new(&data).count();
            let _ = rewrite(&mut data, 1, 1);
        }
    }
}
