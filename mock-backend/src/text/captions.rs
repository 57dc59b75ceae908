//! Captions within the picture: ATSC A/53 `cc_data` in SEI messages of H.264.

use super::{Moment, cea608, cea708};
use crate::{
    http::Spliced,
    media::{Loop, TextTrack},
};
use bytes::Bytes;
use footlight_isobmff::{Boxes, Error, FourCc, samples};
use std::sync::Arc;

/// What captions add to a bit rate, at most.
pub(crate) const CAPTIONS_BITRATE: u64 = 24_000;
/// A field without data.
const EMPTY: [u8; 3] = [0xFC, 0x80, 0x80];

/// The captions of a title: CEA-608 in its first language, CEA-708 in its second.
pub(crate) struct Captions {
    /// What each frame of the loop carries, as constructs of three bytes.
    frames: Vec<Vec<u8>>,
    pub(crate) cea608: String,
    pub(crate) cea708: String,
}

impl Captions {
    /// None without text.
    pub(crate) fn new(text: &[Arc<TextTrack>], loop_ms: u64, frame_rate: u32) -> Option<Self> {
        let first = text.first()?;
        let second = text.get(1).unwrap_or(first);
        let frame = |time: u64| usize::try_from(time * u64::from(frame_rate) / 1000).unwrap_or(0);
        let frames = frame(loop_ms).max(1);
        let moments = |track: &TextTrack| -> Vec<Moment> { track.cues.between(loop_ms, 0, loop_ms) };
        let pairs = cea608::pairs(&moments(first), frames, frame);
        let packets = cea708::packets(&moments(second), frames, frame);
        let frames = pairs.iter().zip(&packets).map(|(pair, packet)| {
            let mut out = pair.map_or(EMPTY, |[first, second]| [EMPTY[0], first, second]).to_vec();
            for (at, bytes) in packet.chunks(2).enumerate() {
                out.push(if at == 0 { 0xFF } else { 0xFE });
                out.extend(bytes);
            }
            out
        });
        Some(Self {
            frames: frames.collect(),
            cea608: three(&first.file.lang).to_owned(),
            cea708: three(&second.file.lang).to_owned(),
        })
    }

    /// A fragment of the picture with captions in all of its samples.
    pub(crate) fn insert(&self, media: &Loop, fragment: &Spliced) -> Result<Spliced, Error> {
        let data = fragment.0.concat();
        let track = samples::tracks(media.init())?.into_iter().next();
        let track = track.ok_or(Error::Missing { kind: FourCc(*b"trak") })?;
        if track.codec.0 != *b"avc1" {
            return Ok(fragment.clone());
        }
        let mut out = Vec::with_capacity(data.len() + 64 * 50);
        let mut sizes = Vec::new();
        let per_loop = self.frames.len() as u64;
        for sample in samples::read(&data, &track)? {
            // Frames of equal length, and pictures in the order in which they are decoded.
            let number = sample.decode_time % media.duration() * per_loop / media.duration();
            let carried = usize::try_from(number).ok().and_then(|number| self.frames.get(number));
            let message = carried.map_or_else(Vec::new, |carried| unit(carried));
            let (before, after) = sample.data.split_at(delimiter(sample.data));
            let start = out.len();
            out.extend([before, &message, after].concat());
            sizes.push(u32::try_from(out.len() - start).unwrap_or(u32::MAX));
        }
        let mut boxes = Boxes::new(&data);
        let moof = boxes
            .next()
            .transpose()?
            .ok_or(Error::Missing { kind: FourCc(*b"moof") })?;
        let end = usize::try_from(moof.end()).unwrap_or(data.len());
        let mut head = data[..end].to_vec();
        resize(&mut head, &sizes)?;
        head.extend(u32::try_from(out.len() + 8).unwrap_or(u32::MAX).to_be_bytes());
        head.extend(b"mdat");
        Ok(Spliced(vec![head.into(), Bytes::from(out)]))
    }
}

/// How long an access unit delimiter at the front of a sample is, with its length.
fn delimiter(sample: &[u8]) -> usize {
    match sample {
        [0, 0, 0, size, head, ..] if head & 0x1F == 9 => (4 + usize::from(*size)).min(sample.len()),
        _ => 0,
    }
}

/// An SEI NAL unit (H.264, 7.3.2.3) with user data registered by ITU-T T.35: `cc_data` of ATSC A/53, with its length.
fn unit(constructs: &[u8]) -> Vec<u8> {
    let count = u8::try_from(constructs.len() / 3).unwrap_or(31);
    let mut payload = b"\xB5\x00\x31GA94\x03".to_vec();
    payload.extend([0x40 | count, 0xFF]);
    payload.extend(constructs);
    payload.push(0xFF);
    let mut message = vec![4, u8::try_from(payload.len()).unwrap_or(u8::MAX)];
    message.extend(payload);
    message.push(0x80);
    let mut unit = vec![6];
    let mut zeros = 0;
    for byte in message {
        if zeros == 2 && byte <= 3 {
            // Emulation prevention.
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    let size = u32::try_from(unit.len()).unwrap_or(u32::MAX);
    [&size.to_be_bytes()[..], &unit].concat()
}

/// Writes the sizes of samples into the `trun` of a `moof`.
fn resize(moof: &mut [u8], sizes: &[u32]) -> Result<(), Error> {
    let at = moof.windows(4).position(|kind| kind == b"trun");
    let at = at.ok_or(Error::Missing { kind: FourCc(*b"trun") })? + 4;
    let word = |moof: &[u8], at: usize| {
        moof.get(at..at + 4)
            .map_or(0, |word| word.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)))
    };
    let flags = word(moof, at) & 0xFF_FFFF;
    let there = |bit: u32| usize::from(flags & bit != 0) * 4;
    let first = at + 8 + there(0x1) + there(0x4) + there(0x100);
    let each = there(0x100) + there(0x200) + there(0x400) + there(0x800);
    for (number, size) in sizes.iter().enumerate() {
        let place = moof.get_mut(first + number * each..).and_then(|rest| rest.get_mut(..4));
        let place = place.filter(|_| flags & 0x200 != 0);
        let place = place.ok_or(Error::Unsupported {
            kind: FourCc(*b"trun"),
            what: "samples without sizes",
        })?;
        place.copy_from_slice(&size.to_be_bytes());
    }
    Ok(())
}

/// The three letters of ISO 639-2 that caption descriptors have.
fn three(lang: &str) -> &str {
    match lang {
        "en" => "eng",
        "fr" => "fra",
        "es" => "spa",
        other => other,
    }
}
