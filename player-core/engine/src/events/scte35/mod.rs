//! SCTE 35: where programmes and advertisements begin and end.
//!
//! A `splice_info_section` decoded to its fields, all commands and descriptors of the 2023 edition.

mod commands;
mod descriptors;
#[cfg(test)]
mod tests;
mod xml;

pub use commands::{
    BreakDuration, Command, ComponentTime, ScheduledEvent, ScheduledSplice, ScheduledTime, Splice, SpliceInsert,
    SpliceTiming,
};
pub use descriptors::{
    AudioChannel, DeliveryRestrictions, Descriptor, Segmentation, SegmentationEvent, SubSegment, Upid,
};

use footlight_dash::Micros;

use super::fields::{Fields, from_base64};

const TABLE_ID: u8 = 0xFC;
/// `protocol_version` that is known.
const PROTOCOL_VERSION: u8 = 0;
/// Ticks per second of all times in a section.
const TIMESCALE: u64 = 90_000;
const PTS_BITS: u32 = 33;
const PTS_MASK: u64 = (1 << PTS_BITS) - 1;

/// Why bytes are no `splice_info_section`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// They are neither a section, nor base64, nor XML of one.
    #[error("no splice_info_section")]
    NotASection,
    /// It ends within its fields, or a length in it contradicts another.
    #[error("the splice_info_section is cut off")]
    Truncated,
    /// Its CRC_32 is wrong.
    #[error("the CRC_32 of the splice_info_section is wrong")]
    Crc,
    /// A version of the protocol that does not exist yet.
    #[error("the splice_info_section has protocol version {0}")]
    Version(u8),
}

/// A time of 33 bits in ticks of 90 kHz, as MPEG-2 systems count it: it wraps round every 26 and a half hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pts(u64);

impl Pts {
    /// The lower 33 bits of `ticks`.
    #[must_use]
    pub const fn new(ticks: u64) -> Self {
        Self(ticks & PTS_MASK)
    }

    /// Ticks of 90 kHz, below 2^33.
    #[must_use]
    pub const fn ticks(self) -> u64 {
        self.0
    }

    /// This time plus `other`, wrapped round.
    #[must_use]
    pub const fn wrapping_add(self, other: Self) -> Self {
        Self((self.0 + other.0) & PTS_MASK)
    }

    /// Time since the clock was zero, rounded down.
    #[must_use]
    pub fn micros(self) -> Micros {
        micros(self.0)
    }

    /// The time nearest to `reference` that this may be, on a clock that does not wrap round.
    #[must_use]
    pub fn near(self, reference: Micros) -> Micros {
        let reference = reference.to_scaled(TIMESCALE);
        // The distance, in -2^32..2^32.
        let ahead = self.0.wrapping_sub(reference.cast_unsigned()) << (64 - PTS_BITS);
        let ahead = ahead.cast_signed() >> (64 - PTS_BITS);
        Micros::from_scaled(reference.saturating_add(ahead), TIMESCALE)
    }
}

fn micros(ticks: u64) -> Micros {
    Micros::from_scaled(i64::try_from(ticks).unwrap_or(i64::MAX), TIMESCALE)
}

/// How the commands of a section are encrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Encryption {
    /// `encryption_algorithm`: 1 DES-ECB, 2 DES-CBC, 3 triple DES, from 32 on private.
    pub algorithm: u8,
    /// `cw_index`: which control word.
    pub control_word: u8,
}

/// A `splice_info_section`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpliceInfo {
    /// `sap_type`, 0 to 3: the stream access point at the splice; 3 is "not specified".
    pub sap_type: u8,
    /// `pts_adjustment`; the times of the command have it added already.
    pub pts_adjustment: Pts,
    /// `tier`: who is meant to act; `0xFFF` everybody.
    pub tier: u16,
    /// Set when command and descriptors are encrypted: then they are not read.
    pub encryption: Option<Encryption>,
    /// What to do.
    pub command: Command,
    /// What it is about.
    pub descriptors: Vec<Descriptor>,
}

impl SpliceInfo {
    /// Reads a section.
    ///
    /// # Errors
    /// See [`Error`]. What follows the section is passed over.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (&table_id, _) = bytes.split_first().ok_or(Error::NotASection)?;
        if table_id != TABLE_ID {
            return Err(Error::NotASection);
        }
        let head = Fields(bytes).wide(3).ok_or(Error::Truncated)?;
        let length = usize::try_from(head & 0xFFF).unwrap_or(0);
        let section = bytes.get(..length + 3).ok_or(Error::Truncated)?;
        if crc32(section) != 0 {
            return Err(Error::Crc);
        }
        let body = section
            .get(3..section.len().saturating_sub(4))
            .ok_or(Error::Truncated)?;
        let mut fields = Fields(body);
        match fields.u8() {
            Some(PROTOCOL_VERSION) => {}
            Some(version) => return Err(Error::Version(version)),
            None => return Err(Error::Truncated),
        }
        let sap_type = u8::try_from((head >> 12) & 3).unwrap_or(3);
        Self::parse_body(fields, sap_type).ok_or(Error::Truncated)
    }

    /// All after `protocol_version`, without the CRC.
    fn parse_body(mut fields: Fields<'_>, sap_type: u8) -> Option<Self> {
        let encryption = fields.wide(5)?;
        let pts_adjustment = Pts::new(encryption);
        let [algorithm, ..] = (encryption << 24).to_be_bytes();
        let control_word = fields.u8()?;
        let lengths = fields.wide(3)?;
        let mut info = Self {
            sap_type,
            pts_adjustment,
            tier: u16::try_from(lengths >> 12).ok()?,
            encryption: None,
            command: Command::Encrypted,
            descriptors: Vec::new(),
        };
        if algorithm & 0x80 != 0 {
            info.encryption = Some(Encryption {
                algorithm: (algorithm >> 1) & 0x3F,
                control_word,
            });
            return Some(info);
        }
        let kind = fields.u8()?;
        info.command = match usize::try_from(lengths & 0xFFF).ok()? {
            // Old encoders do not tell the length: the command's own fields do.
            0xFFF => Command::parse(kind, &mut fields, pts_adjustment)?,
            length => Command::parse(kind, &mut Fields(fields.take(length)?), pts_adjustment)?,
        };
        let length = fields.u16()?;
        info.descriptors = descriptors::parse(fields.take(length.into())?)?;
        Some(info)
    }

    /// Reads a section from what an event carries: its bytes, base64 of them, or the XML of SCTE 35 and SCTE 214.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn from_payload(payload: &[u8]) -> Result<Self, Error> {
        if payload.first() == Some(&TABLE_ID) {
            return Self::parse(payload);
        }
        let text = std::str::from_utf8(payload).map_err(|_| Error::NotASection)?;
        if let Some(info) = xml::parse(text) {
            return Ok(info);
        }
        let text = binary_element(text).unwrap_or(text);
        let bytes = from_base64(text.trim_matches('\0')).ok_or(Error::NotASection)?;
        Self::parse(&bytes)
    }
}

/// The text of the `Binary` element of SCTE 35's XML, with any prefix or none.
fn binary_element(xml: &str) -> Option<&str> {
    let (_, rest) = xml.split_once("Binary")?;
    let (_, rest) = rest.split_once('>')?;
    rest.split_once('<').map(|(text, _)| text)
}

/// The CRC of MPEG-2 systems (ISO/IEC 13818-1, annex A); zero over a section with its CRC.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc >> 31 == 1 {
                (crc << 1) ^ 0x04C1_1DB7
            } else {
                crc << 1
            };
        }
    }
    crc
}
