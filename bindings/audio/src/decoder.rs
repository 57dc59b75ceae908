//! From access units to sound at the device's rate.

use footlight_isobmff::cenc;
use footlight_isobmff::samples::Track;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType, WindowFunction};
use symphonia_codec_aac::AacDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder as _, AudioDecoderOptions};
use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};

use crate::mixer::CHANNELS;

/// Frames of an AAC-LC access unit.
const UNIT: usize = 1024;

/// Why there is no sound.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silence {
    #[error("sound in {0} is not decoded, only AAC-LC in mono or stereo")]
    Codec(String),
    #[error("the configuration of the decoder cannot be read")]
    Configuration,
}

/// Decodes one track.
pub(crate) struct Decoder {
    aac: AacDecoder,
    resampler: Option<Resampled>,
    /// Of the unit that was decoded last.
    plane: Vec<f32>,
}

struct Resampled {
    resampler: Async<f32>,
    /// Frames that come out late, and of those, what is still to be dropped at the front.
    delay: usize,
    dropped: usize,
}

impl Decoder {
    /// A decoder of this track for a device of this rate.
    pub(crate) fn new(track: &Track, device_rate: u32) -> Result<Self, Silence> {
        let unknown = || Silence::Codec(String::from_utf8_lossy(&track.codec.0).into_owned());
        if track.codec.0 != *b"mp4a" {
            return Err(unknown());
        }
        let esds = cenc::configuration(track, b"esds").ok_or(Silence::Configuration)?;
        let specific = specific_info(esds).ok_or(Silence::Configuration)?;
        let mut parameters = AudioCodecParameters::new();
        parameters.for_codec(CODEC_ID_AAC).with_extra_data(specific.into());
        let aac = AacDecoder::try_new(&parameters, &AudioDecoderOptions::default()).map_err(|_| unknown())?;
        let rate = aac.codec_params().sample_rate.ok_or(Silence::Configuration)?;
        let resampler = if rate == device_rate {
            None
        } else {
            Some(Resampled::new(rate, device_rate).ok_or(Silence::Configuration)?)
        };
        Ok(Self {
            aac,
            resampler,
            plane: Vec::new(),
        })
    }

    /// What comes next does not follow on what was decoded.
    pub(crate) fn reset(&mut self) {
        self.aac.reset();
        if let Some(resampled) = &mut self.resampler {
            resampled.resampler.reset();
            resampled.dropped = 0;
        }
    }

    /// The sound of the next unit; silence where it is damaged.
    pub(crate) fn decode(&mut self, unit: &[u8]) -> Vec<[f32; CHANNELS]> {
        let packet = PacketRef::new(0, Timestamp::new(0), Duration::new(UNIT as u64), unit);
        let mut channels = CHANNELS;
        self.plane.clear();
        match self.aac.decode_ref(&packet) {
            Ok(decoded) => {
                channels = decoded.spec().channels().count();
                decoded.copy_to_vec_interleaved(&mut self.plane);
            }
            Err(_) => self.plane.resize(UNIT * CHANNELS, 0.0),
        }
        let sound = stereo(&self.plane, channels);
        match &mut self.resampler {
            Some(resampled) => resampled.process(&sound),
            None => sound,
        }
    }
}

impl Resampled {
    fn new(from: u32, to: u32) -> Option<Self> {
        let parameters = SincInterpolationParameters {
            sinc_len: 128,
            f_cutoff: None,
            oversampling_factor: 128,
            interpolation: SincInterpolationType::Linear,
            window: WindowFunction::BlackmanHarris2,
        };
        let ratio = f64::from(to) / f64::from(from);
        let resampler = Async::new_sinc(ratio, 1.1, &parameters, UNIT, CHANNELS, FixedAsync::Input).ok()?;
        let delay = resampler.output_delay();
        Some(Self {
            resampler,
            delay,
            dropped: 0,
        })
    }

    fn process(&mut self, sound: &[[f32; CHANNELS]]) -> Vec<[f32; CHANNELS]> {
        let mut whole = sound.to_vec();
        whole.resize(UNIT, [0.0; CHANNELS]);
        let flat = whole.as_flattened();
        let Ok(input) = InterleavedSlice::new(flat, CHANNELS, UNIT) else {
            return Vec::new();
        };
        let Ok(output) = self.resampler.process(&input, None) else {
            return Vec::new();
        };
        let mut out = stereo(&output.take_data(), CHANNELS);
        let early = (self.delay - self.dropped).min(out.len());
        self.dropped += early;
        out.drain(..early);
        out
    }
}

fn stereo(interleaved: &[f32], channels: usize) -> Vec<[f32; CHANNELS]> {
    let frames = interleaved.chunks_exact(channels.max(1));
    frames
        .map(|frame| match *frame {
            [left, right, ..] => [left, right],
            [only] => [only; CHANNELS],
            [] => [0.0; CHANNELS],
        })
        .collect()
}

/// The `AudioSpecificConfig` in an `esds` (ISO/IEC 14496-1, 7.2.6): the decoder's own bytes inside of two descriptors.
fn specific_info(esds: &[u8]) -> Option<&[u8]> {
    // Version and flags; the stream's descriptor with its number and flags of optional fields.
    let stream = descriptor(esds.get(4..)?, 3)?;
    let flags = *stream.get(2)?;
    let mut at = 3;
    if flags & 0x80 != 0 {
        at += 2;
    }
    if flags & 0x40 != 0 {
        at += 1 + usize::from(*stream.get(at)?);
    }
    if flags & 0x20 != 0 {
        at += 2;
    }
    let decoder = descriptor(stream.get(at..)?, 4)?;
    descriptor(decoder.get(13..)?, 5)
}

/// What is in the descriptor with this tag, when it is the next.
fn descriptor(data: &[u8], tag: u8) -> Option<&[u8]> {
    let (&found, mut rest) = data.split_first()?;
    let mut size = 0;
    // Seven bits a byte, four bytes at most.
    for _ in 0..4 {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        size = size << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    (found == tag).then(|| rest.get(..size))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoders_bytes_are_found_with_and_without_optional_fields() {
        let decoder = [&[4, 17][..], &[0x40; 13], &[5, 2, 0x12, 0x10]].concat();
        let with = |flags: u8, optional: &[u8]| {
            let inner = [&[0, 1, flags][..], optional, &decoder].concat();
            let size = u8::try_from(inner.len()).unwrap();
            [&[0, 0, 0, 0, 3, 0x80, 0x80, 0x80, size][..], &inner].concat()
        };
        let whole = with(0, &[]);
        assert_eq!(specific_info(&whole), Some(&[0x12, 0x10][..]));
        assert_eq!(
            specific_info(&with(0xe0, &[0, 9, 3, b'u', b'r', b'l', 0, 7])),
            Some(&[0x12, 0x10][..])
        );
        for end in 0..whole.len() {
            assert_eq!(specific_info(&whole[..end]), None, "{end}");
        }
    }

    #[test]
    fn a_tone_is_the_same_tone_at_another_rate() {
        let tone = |rate: f64, n: f64| (n * 1000.0 / rate * std::f64::consts::TAU).sin();
        let mut resampled = Resampled::new(44_100, 48_000).unwrap();
        let input: Vec<[f32; CHANNELS]> = (0..UNIT * 20)
            .map(|n| [tone(44_100.0, n as f64) as f32; CHANNELS])
            .collect();
        let out: Vec<_> = input.chunks(UNIT).flat_map(|unit| resampled.process(unit)).collect();
        let wanted = UNIT * 20 * 480 / 441;
        assert!(
            out.len() <= wanted && out.len() + 300 > wanted,
            "{} of {wanted}",
            out.len()
        );
        // It is late by a part of a frame.
        let off = |late: f64| {
            let heard = 500..out.len() - 500;
            let off = heard.map(|n| (f64::from(out[n][0]) - tone(48_000.0, n as f64 + late)).abs());
            off.fold(0.0, f64::max)
        };
        let best = (-20..=20).map(|late| off(f64::from(late) / 20.0)).fold(1.0, f64::min);
        assert!(best < 0.01, "off by {best}");
    }
}
