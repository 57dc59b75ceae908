//! Boxes that stand between the fragments of a segment and tell of events and of the producer's clock.

use crate::{Error, FourCc, bytes::Cursor};

const EMSG: FourCc = FourCc(*b"emsg");
const PRFT: FourCc = FourCc(*b"prft");

/// Seconds from the epoch of NTP (1900) to the epoch of Unix (1970).
const NTP_TO_UNIX_SECONDS: i64 = 2_208_988_800;
/// An NTP era: 2^32 seconds.
const NTP_ERA_SECONDS: i64 = 1 << 32;

/// When an event message starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventTime {
    /// Version 0: ticks after the earliest presentation time of the segment that the box stands in.
    SinceSegment(u32),
    /// Version 1: ticks on the media timeline of the representation, its presentation time offset not yet taken off.
    Media(u64),
}

/// An event message (`emsg`; ISO/IEC 23009-1, 5.10.3.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventMessage<'a> {
    /// `@schemeIdUri` of the stream of events it belongs to.
    pub scheme: &'a str,
    /// `@value` of that stream.
    pub value: &'a str,
    /// Ticks per second, not zero.
    pub timescale: u32,
    /// When it starts.
    pub time: EventTime,
    /// How long it lasts, in ticks; none when that is not known.
    pub duration: Option<u32>,
    /// Equal ids in one stream are one event, said again.
    pub id: u32,
    /// What the scheme says it is.
    pub data: &'a [u8],
}

impl<'a> EventMessage<'a> {
    /// Reads the payload of an `emsg` box. Bytes of the two strings that are no UTF-8 end them.
    ///
    /// # Errors
    /// When it is cut off, of an unknown version, or has no timescale.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(payload);
        let version = cursor.full_box().map(|(version, _)| version);
        let message = match version {
            Some(0) => Self::parse_version_0(cursor),
            Some(1) => Self::parse_version_1(cursor),
            Some(_) => {
                return Err(Error::Unsupported {
                    kind: EMSG,
                    what: "its version",
                });
            }
            None => None,
        }
        .ok_or(malformed(EMSG, "it ends within its fields"))?;
        if message.timescale == 0 {
            return Err(malformed(EMSG, "its timescale is zero"));
        }
        Ok(message)
    }

    fn parse_version_0(mut cursor: Cursor<'a>) -> Option<Self> {
        Some(Self {
            scheme: string(&mut cursor)?,
            value: string(&mut cursor)?,
            timescale: cursor.u32()?,
            time: EventTime::SinceSegment(cursor.u32()?),
            duration: known(cursor.u32()?),
            id: cursor.u32()?,
            data: cursor.take(cursor.remaining())?,
        })
    }

    fn parse_version_1(mut cursor: Cursor<'a>) -> Option<Self> {
        let timescale = cursor.u32()?;
        let time = EventTime::Media(cursor.u64()?);
        let (duration, id) = (known(cursor.u32()?), cursor.u32()?);
        Some(Self {
            scheme: string(&mut cursor)?,
            value: string(&mut cursor)?,
            timescale,
            time,
            duration,
            id,
            data: cursor.take(cursor.remaining())?,
        })
    }

    /// The whole box, header included; the version follows from `time`.
    ///
    /// # Errors
    /// When a string has a NUL in it, or the box would be longer than 32 bits can say.
    pub fn write(&self) -> Result<Vec<u8>, Error> {
        let does_not_fit = |what| Error::DoesNotFit { kind: EMSG, what };
        if self.scheme.contains('\0') || self.value.contains('\0') {
            return Err(does_not_fit("a string with a NUL"));
        }
        let strings = [self.scheme.as_bytes(), b"\0", self.value.as_bytes(), b"\0"].concat();
        let duration = self.duration.unwrap_or(u32::MAX).to_be_bytes();
        let (timescale, id) = (self.timescale.to_be_bytes(), self.id.to_be_bytes());
        let payload = match self.time {
            EventTime::SinceSegment(delta) => [
                &[0; 4][..],
                &strings,
                &timescale,
                &delta.to_be_bytes(),
                &duration,
                &id,
                self.data,
            ]
            .concat(),
            EventTime::Media(time) => [
                &[1, 0, 0, 0][..],
                &timescale,
                &time.to_be_bytes(),
                &duration,
                &id,
                &strings,
                self.data,
            ]
            .concat(),
        };
        whole_box(EMSG, &payload)
    }
}

/// What moment of a producer the time in a `prft` is (its flags; ISO/IEC 14496-12, 8.16.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReferenceMoment {
    /// The frame entered the encoder (0).
    EncoderInput,
    /// The frame left the encoder (1).
    EncoderOutput,
    /// The fragment after the box was finished (2).
    Finalized,
    /// The fragment was written to storage (4).
    Written,
    /// Any moment, the same one in all boxes (8).
    Arbitrary,
    /// The frame was captured (24).
    Captured,
    /// Flags that no edition names.
    Other(u32),
}

impl ReferenceMoment {
    const fn from_flags(flags: u32) -> Self {
        match flags {
            0 => Self::EncoderInput,
            1 => Self::EncoderOutput,
            2 => Self::Finalized,
            4 => Self::Written,
            8 => Self::Arbitrary,
            24 => Self::Captured,
            other => Self::Other(other),
        }
    }

    const fn flags(self) -> u32 {
        match self {
            Self::EncoderInput => 0,
            Self::EncoderOutput => 1,
            Self::Finalized => 2,
            Self::Written => 4,
            Self::Arbitrary => 8,
            Self::Captured => 24,
            Self::Other(flags) => flags & 0x00FF_FFFF,
        }
    }
}

/// A producer reference time (`prft`; ISO/IEC 14496-12, 8.16.5): one moment on two clocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProducerReferenceTime {
    /// The track that `media_time` counts in.
    pub track_id: u32,
    /// What happened at that moment.
    pub moment: ReferenceMoment,
    /// The producer's clock: seconds since 1900 in 32.32 fixed point.
    pub ntp: u64,
    /// Decode time of the fragment that follows, in ticks of the track.
    pub media_time: u64,
}

impl ProducerReferenceTime {
    /// Reads the payload of a `prft` box.
    ///
    /// # Errors
    /// When it is cut off or of an unknown version.
    pub fn parse(payload: &[u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(payload);
        let (version, flags) = cursor.full_box().ok_or(malformed(PRFT, "it ends within its fields"))?;
        if version > 1 {
            return Err(Error::Unsupported {
                kind: PRFT,
                what: "its version",
            });
        }
        let mut read = || {
            Some(Self {
                track_id: cursor.u32()?,
                moment: ReferenceMoment::from_flags(flags),
                ntp: cursor.u64()?,
                media_time: cursor.versioned(version)?,
            })
        };
        read().ok_or(malformed(PRFT, "it ends within its fields"))
    }

    /// The producer's clock in microseconds since the epoch of Unix. Times before 1968 are those of the era that begins in
    /// 2036 (RFC 4330, 3).
    #[must_use]
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "33 bits of seconds, in microseconds, are 53 bits"
    )]
    pub fn unix_micros(&self) -> i64 {
        let seconds = i64::from(u32::try_from(self.ntp >> 32).unwrap_or(u32::MAX));
        let era = if seconds < 1 << 31 { NTP_ERA_SECONDS } else { 0 };
        let micros = i64::try_from(((self.ntp & 0xFFFF_FFFF) * 1_000_000 + (1 << 31)) >> 32).unwrap_or(0);
        (seconds + era - NTP_TO_UNIX_SECONDS) * 1_000_000 + micros
    }

    /// The 32.32 fixed point of a Unix time in microseconds, to write.
    #[must_use]
    pub fn ntp_from_unix_micros(micros: i64) -> u64 {
        let seconds = micros.div_euclid(1_000_000).saturating_add(NTP_TO_UNIX_SECONDS);
        let fraction = micros.rem_euclid(1_000_000).unsigned_abs();
        (seconds.rem_euclid(NTP_ERA_SECONDS).unsigned_abs() << 32) | ((fraction << 32) / 1_000_000)
    }

    /// The whole box, header included: version 0 where the media time fits, else version 1.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let version = u32::from(self.media_time > u64::from(u32::MAX));
        let head = (version << 24) | self.moment.flags();
        let mut payload = [
            &head.to_be_bytes()[..],
            &self.track_id.to_be_bytes(),
            &self.ntp.to_be_bytes(),
        ]
        .concat();
        match u32::try_from(self.media_time) {
            Ok(narrow) => payload.extend_from_slice(&narrow.to_be_bytes()),
            Err(_) => payload.extend_from_slice(&self.media_time.to_be_bytes()),
        }
        whole_box(PRFT, &payload).unwrap_or_default()
    }
}

const fn malformed(kind: FourCc, what: &'static str) -> Error {
    Error::Malformed { kind, offset: 0, what }
}

const fn known(duration: u32) -> Option<u32> {
    if duration == u32::MAX { None } else { Some(duration) }
}

/// A string that a NUL ends.
fn string<'a>(cursor: &mut Cursor<'a>) -> Option<&'a str> {
    let rest = *cursor;
    let length = rest.rest().iter().position(|byte| *byte == 0)?;
    let text = cursor.take(length)?;
    cursor.take(1)?;
    Some(text.utf8_chunks().next().map_or("", |chunk| chunk.valid()))
}

fn whole_box(kind: FourCc, payload: &[u8]) -> Result<Vec<u8>, Error> {
    let size = u32::try_from(payload.len().saturating_add(8)).map_err(|_| Error::DoesNotFit {
        kind,
        what: "its length",
    })?;
    Ok([&size.to_be_bytes()[..], &kind.0, payload].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Boxes;
    use proptest::prelude::*;

    fn moment() -> impl Strategy<Value = ReferenceMoment> {
        (0_u32..1 << 24).prop_map(ReferenceMoment::from_flags)
    }

    proptest! {
        #[test]
        fn messages_written_are_read(
            scheme in "[a-z:0-9é]{0,30}",
            value in "[a-z ]{0,8}",
            timescale in 1_u32..,
            time in prop_oneof![
                any::<u32>().prop_map(EventTime::SinceSegment),
                any::<u64>().prop_map(EventTime::Media)
            ],
            duration in proptest::option::of(0..u32::MAX),
            id: u32,
            data: Vec<u8>,
        ) {
            let message = EventMessage { scheme: &scheme, value: &value, timescale, time, duration, id, data: &data };
            let written = message.write().unwrap();
            let found = Boxes::new(&written).next().unwrap().unwrap();
            prop_assert_eq!((found.kind, found.size), (EMSG, written.len() as u64));
            prop_assert_eq!(EventMessage::parse(found.payload).unwrap(), message);
        }

        #[test]
        fn reference_times_written_are_read(
            track_id: u32,
            moment in moment(),
            ntp: u64,
            media_time in prop_oneof![any::<u64>(), 0_u64..1 << 33],
        ) {
            let time = ProducerReferenceTime { track_id, moment, ntp, media_time };
            let written = time.write();
            let found = Boxes::new(&written).next().unwrap().unwrap();
            prop_assert_eq!((found.kind, found.size), (PRFT, written.len() as u64));
            prop_assert_eq!(ProducerReferenceTime::parse(found.payload).unwrap(), time);
        }

        #[test]
        fn clocks_come_back(micros in 0_i64..4_000_000_000_000_000) {
            let ntp = ProducerReferenceTime::ntp_from_unix_micros(micros);
            let time = ProducerReferenceTime { track_id: 1, moment: ReferenceMoment::Captured, ntp, media_time: 0 };
            prop_assert_eq!(time.unix_micros(), micros);
        }

        #[test]
        fn no_bytes_panic(data: Vec<u8>) {
            let _ = EventMessage::parse(&data);
            if let Ok(time) = ProducerReferenceTime::parse(&data) {
                let _ = time.unix_micros();
            }
        }
    }

    #[test]
    fn faults_are_told() {
        let message = EventMessage {
            scheme: "urn:mpeg:dash:event:2012",
            value: "1",
            timescale: 1,
            time: EventTime::Media(7),
            duration: None,
            id: 1,
            data: b"",
        };
        let mut written = message.write().unwrap();
        let payload = &mut written[8..];
        let cut = &payload[..payload.len() - 1];
        assert!(matches!(EventMessage::parse(cut), Err(Error::Malformed { .. })));
        payload[4..8].fill(0);
        assert!(matches!(EventMessage::parse(payload), Err(Error::Malformed { .. })));
        payload[0] = 2;
        assert!(matches!(EventMessage::parse(payload), Err(Error::Unsupported { .. })));
        let nul = EventMessage {
            scheme: "a\0b",
            ..message
        };
        assert!(matches!(nul.write(), Err(Error::DoesNotFit { .. })));
        assert!(matches!(
            ProducerReferenceTime::parse(&[2, 0, 0, 0]),
            Err(Error::Unsupported { .. })
        ));
        assert!(matches!(
            ProducerReferenceTime::parse(&[1, 0, 0, 0, 0]),
            Err(Error::Malformed { .. })
        ));
    }

    #[test]
    fn bytes_that_are_no_text_end_a_string() {
        let payload = [&[0; 4][..], b"ab\xFFcd\0", b"\0", &[0, 0, 0, 1], &[0; 12]].concat();
        assert_eq!(EventMessage::parse(&payload).unwrap().scheme, "ab");
    }

    #[test]
    fn the_era_after_2036_is_told_from_the_one_before() {
        let at = |ntp| {
            let time = ProducerReferenceTime {
                track_id: 1,
                moment: ReferenceMoment::EncoderInput,
                ntp,
                media_time: 0,
            };
            time.unix_micros()
        };
        assert_eq!(at(2_208_988_800 << 32), 0);
        assert_eq!(at(((2_208_988_800 + 1) << 32) | (1 << 31)), 1_500_000);
        assert_eq!(at(0), 2_085_978_496_000_000);
    }
}
