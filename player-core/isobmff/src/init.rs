//! Initialization segments.

use crate::{Boxes, Error, FourCc, Mp4Box, bytes::Cursor};

/// More tracks than this in one file are not read.
pub const MAX_TRACKS: usize = 64;

/// What an initialization segment says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InitInfo {
    /// Its tracks, in file order.
    pub tracks: Vec<TrackInfo>,
}

/// One track of an initialization segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TrackInfo {
    /// `tkhd` track_ID.
    pub track_id: u32,
    /// `mdhd` timescale, ticks per second.
    pub timescale: u32,
    /// `hdlr` handler type: `vide`, `soun`, `text`, `subt`.
    pub handler: [u8; 4],
    /// Type of the first sample entry: `avc1`, `mp4a`, `encv`.
    pub codec: FourCc,
    /// `trex` default sample duration, in ticks.
    pub default_sample_duration: u32,
}

/// Reads an initialization segment, or the start of a file, up to its `moov`.
///
/// # Errors
/// When there is no `moov`, or it is damaged.
pub fn parse(data: &[u8]) -> Result<InitInfo, Error> {
    for found in Boxes::new(data) {
        let found = found?;
        if found.kind.0 == *b"moov" {
            return parse_moov(&found);
        }
    }
    Err(Error::Missing { kind: FourCc(*b"moov") })
}

/// Reads a `moov` box.
///
/// # Errors
/// When it is damaged or has more than [`MAX_TRACKS`] tracks.
pub fn parse_moov(moov: &Mp4Box<'_>) -> Result<InitInfo, Error> {
    let mut info = InitInfo::default();
    let mut defaults = Vec::new();
    for found in moov.children() {
        let found = found?;
        match &found.kind.0 {
            b"trak" if info.tracks.len() >= MAX_TRACKS => {
                return Err(Error::Unsupported {
                    kind: found.kind,
                    what: "so many tracks",
                });
            }
            b"trak" => info.tracks.push(parse_trak(&found)?),
            b"mvex" => defaults = parse_mvex(&found)?,
            _ => {}
        }
    }
    for track in &mut info.tracks {
        if let Some((_, duration)) = defaults.iter().find(|(track_id, _)| *track_id == track.track_id) {
            track.default_sample_duration = *duration;
        }
    }
    Ok(info)
}

/// Track ids and default sample durations of the `trex` boxes.
fn parse_mvex(mvex: &Mp4Box<'_>) -> Result<Vec<(u32, u32)>, Error> {
    let mut defaults = Vec::new();
    for found in mvex.children().take(MAX_TRACKS.saturating_mul(2)) {
        let found = found?;
        if found.kind.0 == *b"trex" {
            let mut cursor = Cursor::new(found.payload);
            let fields = (|| {
                cursor.full_box()?;
                let track_id = cursor.u32()?;
                cursor.u32()?;
                Some((track_id, cursor.u32()?))
            })();
            defaults.push(fields.ok_or_else(|| found.malformed("it ends within its fields"))?);
        }
    }
    Ok(defaults)
}

fn parse_trak(trak: &Mp4Box<'_>) -> Result<TrackInfo, Error> {
    let ends = |found: &Mp4Box<'_>| found.malformed("it ends within its fields");
    let tkhd = trak.child(b"tkhd")?;
    let track_id = after_times(tkhd.payload).ok_or_else(|| ends(&tkhd))?;
    let mdia = trak.child(b"mdia")?;
    let mdhd = mdia.child(b"mdhd")?;
    let timescale = after_times(mdhd.payload).ok_or_else(|| ends(&mdhd))?;
    let hdlr = mdia.child(b"hdlr")?;
    let mut cursor = Cursor::new(hdlr.payload);
    let handler = cursor.take(8).and_then(|_| cursor.array()).ok_or_else(|| ends(&hdlr))?;
    let stsd = mdia.child(b"minf")?.child(b"stbl")?.child(b"stsd")?;
    // Version and flags, entry count, then the first entry's size and type.
    let mut cursor = Cursor::new(stsd.payload);
    let codec = cursor
        .take(12)
        .and_then(|_| cursor.array())
        .ok_or_else(|| ends(&stsd))?;
    Ok(TrackInfo {
        track_id,
        timescale,
        handler,
        codec: FourCc(codec),
        default_sample_duration: 0,
    })
}

/// The 32-bit field that follows the creation and modification times of `tkhd` and `mdhd`.
fn after_times(payload: &[u8]) -> Option<u32> {
    let mut cursor = Cursor::new(payload);
    let (version, _) = cursor.full_box()?;
    cursor.versioned(version)?;
    cursor.versioned(version)?;
    cursor.u32()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{boxed, moov};

    #[test]
    fn tracks_are_read() {
        let mut data = boxed(b"ftyp", b"iso6\0\0\0\0");
        data.extend(moov(&[
            (1, 12_800, *b"vide", *b"avc1", 512),
            (7, 48_000, *b"soun", *b"mp4a", 1024),
        ]));
        let info = parse(&data).unwrap();
        let [video, audio] = info.tracks[..] else {
            panic!("two tracks, not {info:?}")
        };
        assert_eq!(
            (video.track_id, video.timescale, video.default_sample_duration),
            (1, 12_800, 512)
        );
        assert_eq!((video.handler, video.codec), (*b"vide", FourCc(*b"avc1")));
        assert_eq!(
            (audio.track_id, audio.timescale, audio.default_sample_duration),
            (7, 48_000, 1024)
        );
        assert_eq!((audio.handler, audio.codec), (*b"soun", FourCc(*b"mp4a")));
    }

    #[test]
    fn faults_are_told() {
        assert_eq!(parse(b""), Err(Error::Missing { kind: FourCc(*b"moov") }));
        let whole = moov(&[(1, 12_800, *b"vide", *b"avc1", 512)]);
        assert!(matches!(parse(&whole[..whole.len() - 1]), Err(Error::Truncated { .. })));
        let bare = boxed(b"moov", &boxed(b"trak", &[]));
        assert_eq!(parse(&bare), Err(Error::Missing { kind: FourCc(*b"tkhd") }));
        let many: Vec<_> = (0..65).map(|id| (id, 1, *b"vide", *b"avc1", 1)).collect();
        assert!(matches!(parse(&moov(&many)), Err(Error::Unsupported { .. })));
    }
}
