//! Bytes to inputs.

use footlight_dash::Micros;

use crate::abr::Algorithm;
use crate::config::Config;
use crate::player::{AppendFailure, Command, Environment, Input, Playback, RequestId, TransportFailure};
use crate::presentation::Kind;
use crate::tracks::Preferences;

/// The bytes are not a recording, or one that was cut off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a recording, or an incomplete one")]
pub struct Malformed;

/// Takes values from a buffer.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub(super) const fn at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn expect(&mut self, magic: &[u8]) -> Result<(), Malformed> {
        self.0 = self.0.strip_prefix(magic).ok_or(Malformed)?;
        Ok(())
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The engine's version, after its tag.
    pub(super) fn engine(&mut self) -> Result<&'a str, Malformed> {
        self.byte()?;
        self.text()
    }

    /// A checksum, after its tag.
    pub(super) fn checksum(&mut self) -> Result<u32, Malformed> {
        self.byte()?;
        let (sum, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*sum))
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn unsigned(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Malformed> {
        T::try_from(self.unsigned()?).map_err(|_| Malformed)
    }

    fn time(&mut self) -> Result<Micros, Malformed> {
        let value = self.unsigned()?;
        Ok(Micros((value >> 1).cast_signed() ^ -(value & 1).cast_signed()))
    }

    fn data(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.small::<usize>()?;
        let (data, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(data)
    }

    fn text(&mut self) -> Result<&'a str, Malformed> {
        core::str::from_utf8(self.data()?).map_err(|_| Malformed)
    }

    fn texts(&mut self) -> Result<Vec<String>, Malformed> {
        let count = self.unsigned()?;
        (0..count).map(|_| self.text().map(str::to_owned)).collect()
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Malformed>) -> Result<Option<T>, Malformed> {
        Ok(if self.byte()? == 0 { None } else { Some(read(self)?) })
    }

    fn ranges(&mut self) -> Result<Vec<(Micros, Micros)>, Malformed> {
        let count = self.unsigned()?;
        (0..count).map(|_| Ok((self.time()?, self.time()?))).collect()
    }

    fn kind(&mut self) -> Result<Kind, Malformed> {
        Kind::ALL.get(usize::from(self.byte()?)).copied().ok_or(Malformed)
    }

    pub(super) fn config(&mut self) -> Result<Config, Malformed> {
        Ok(Config {
            buffer_goal: self.time()?,
            buffer_behind: self.time()?,
            initial_bandwidth: self.unsigned()?,
            algorithm: Algorithm::by_name(self.text()?).ok_or(Malformed)?,
            response_timeout: self.time()?,
            max_attempts: self.small()?,
            backoff_base: self.time()?,
            backoff_max: self.time()?,
            location_penalty: self.time()?,
            max_inspected_bytes: self.small()?,
            has_ntp: self.byte()? != 0,
        })
    }

    fn command(&mut self) -> Result<Command<'a>, Malformed> {
        Ok(match self.byte()? {
            0 => Command::Load {
                url: self.text()?,
                start: self.option(Self::time)?,
            },
            1 => Command::Unload,
            2 => Command::Retry,
            3 => Command::Play,
            4 => Command::Pause,
            5 => Command::Seek(self.time()?),
            6 => Command::SetRate(self.small()?),
            7 => Command::SelectAudio(self.small()?),
            8 => Command::SelectText(self.option(Self::small)?),
            9 => Command::SelectRendition(self.option(Self::small)?),
            10 => Command::GoLive,
            _ => return Err(Malformed),
        })
    }

    fn request(&mut self) -> Result<RequestId, Malformed> {
        Ok(RequestId(self.small()?))
    }

    /// Reads one input and hands it on: some borrow from what lives only here.
    pub(super) fn input(&mut self, then: impl FnOnce(Input<'_>)) -> Result<(), Malformed> {
        let input = match self.byte()? {
            0 => Input::Command(self.command()?),
            1 => Input::Preferences(Preferences {
                audio_languages: self.texts()?,
                text_languages: self.texts()?,
                text_enabled: self.byte()? != 0,
            }),
            2 => Input::ResponseHead {
                request: self.request()?,
                status: self.small()?,
                length: self.option(Self::unsigned)?,
                url: self.text()?,
                date: self.option(Self::time)?,
            },
            3 => {
                let (request, packed) = (self.request()?, self.unsigned()?);
                Input::Chunk {
                    request,
                    length: u32::try_from(packed >> 1).map_err(|_| Malformed)?,
                    ends_chunk: packed & 1 != 0,
                }
            }
            17 => Input::Boxes {
                request: self.request()?,
                data: self.data()?,
            },
            18 => Input::WallClock(self.time()?),
            4 => Input::Data {
                request: self.request()?,
                data: self.data()?,
            },
            5 => Input::ResponseEnd {
                request: self.request()?,
            },
            6 => Input::ResponseFailed {
                request: self.request()?,
                failure: self.transport_failure()?,
            },
            7 => {
                let (width, height, flags) = (self.small()?, self.small()?, self.byte()?);
                Input::Environment(Environment {
                    width,
                    height,
                    visible: flags & 1 != 0,
                    online: flags & 2 != 0,
                    save_data: flags & 4 != 0,
                    low_power: flags & 8 != 0,
                    max_height: self.small()?,
                    max_bitrate: self.unsigned()?,
                })
            }
            8 => Input::Timeout,
            tag => return self.sink(tag, then),
        };
        then(input);
        Ok(())
    }

    fn sink(&mut self, tag: u8, then: impl FnOnce(Input<'_>)) -> Result<(), Malformed> {
        match tag {
            9 => {
                let flags: Vec<bool> = self.data()?.iter().map(|&b| b != 0).collect();
                then(Input::Support(&flags));
            }
            10 => then(Input::SinkOpened),
            11 => then(Input::SinkFailed { message: self.text()? }),
            12 => {
                let (track, buffered) = (self.kind()?, self.ranges()?);
                then(Input::AppendDone {
                    track,
                    buffered: &buffered,
                });
            }
            13 => {
                let (track, failure) = (self.kind()?, self.append_failure()?);
                let buffered = self.ranges()?;
                then(Input::AppendFailed {
                    track,
                    failure,
                    buffered: &buffered,
                });
            }
            14 => {
                let (track, buffered) = (self.kind()?, self.ranges()?);
                then(Input::RemoveDone {
                    track,
                    buffered: &buffered,
                });
            }
            15 => then(Input::Playback(self.playback()?)),
            16 => then(Input::MediaError {
                code: self.small()?,
                message: self.text()?,
            }),
            19 => {
                let (request, first, cues) = (self.request()?, self.small()?, self.ranges()?);
                then(Input::TextDecoded {
                    request,
                    first,
                    cues: &cues,
                });
            }
            20 => then(Input::TextFailed {
                request: self.request()?,
                message: self.text()?,
            }),
            _ => return Err(Malformed),
        }
        Ok(())
    }

    fn playback(&mut self) -> Result<Playback, Malformed> {
        let (position, rate, flags) = (self.time()?, self.small()?, self.byte()?);
        Ok(Playback {
            position,
            rate,
            paused: flags & 1 != 0,
            seeking: flags & 2 != 0,
            ended: flags & 4 != 0,
            ready_state: self.byte()?,
            decoded_frames: self.small()?,
            dropped_frames: self.small()?,
        })
    }

    fn transport_failure(&mut self) -> Result<TransportFailure, Malformed> {
        use TransportFailure::{Network, Timeout, Truncated};
        [Network, Timeout, Truncated]
            .get(usize::from(self.byte()?))
            .copied()
            .ok_or(Malformed)
    }

    fn append_failure(&mut self) -> Result<AppendFailure, Malformed> {
        [AppendFailure::Quota, AppendFailure::Other]
            .get(usize::from(self.byte()?))
            .copied()
            .ok_or(Malformed)
    }
}
