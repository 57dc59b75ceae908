//! The commands of a `splice_info_section`.

use footlight_dash::Micros;

use super::{Pts, micros};
use crate::events::fields::Fields;

/// The 33 bits of a duration or a time.
const LOWER_33: u64 = (1 << 33) - 1;

/// What a section says to do (SCTE 35, 9.7).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// `splice_null`: a heartbeat, or a carrier of descriptors.
    Null,
    /// `splice_schedule`: splices at wall-clock times.
    Schedule(Vec<ScheduledEvent>),
    /// `splice_insert`: a splice now or soon.
    Insert(SpliceInsert),
    /// `time_signal`: the time that the descriptors are about; none: at once.
    TimeSignal(Option<Pts>),
    /// `bandwidth_reservation`.
    BandwidthReservation,
    /// `private_command`.
    Private {
        /// Whose it is.
        identifier: u32,
        /// What it says.
        data: Vec<u8>,
    },
    /// A command that is not known: its type and bytes.
    Unknown(u8, Vec<u8>),
    /// One that cannot be read without a key.
    Encrypted,
}

/// One event of a `splice_schedule`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduledEvent {
    /// `splice_event_id`.
    pub event_id: u32,
    /// What is scheduled; none: the event is cancelled.
    pub splice: Option<ScheduledSplice>,
}

/// The splice of a [`ScheduledEvent`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduledSplice {
    /// Out of the network feed, else back into it.
    pub out_of_network: bool,
    /// When, for the whole programme or for components.
    pub time: ScheduledTime,
    /// How long the break is.
    pub break_duration: Option<BreakDuration>,
    /// `unique_program_id`.
    pub unique_program_id: u16,
    /// `avail_num`.
    pub avail_num: u8,
    /// `avails_expected`.
    pub avails_expected: u8,
}

/// When a scheduled splice is, in seconds since 1980-01-06 (GPS time).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ScheduledTime {
    /// Of the whole programme.
    Program(u32),
    /// Of components: `component_tag` and time.
    Components(Vec<(u8, u32)>),
}

/// A `splice_insert`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpliceInsert {
    /// `splice_event_id`.
    pub event_id: u32,
    /// The splice; none: the event is cancelled.
    pub splice: Option<Splice>,
}

/// The splice of a [`SpliceInsert`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Splice {
    /// Out of the network feed, else back into it.
    pub out_of_network: bool,
    /// `event_id_compliance_flag`: the event's id keeps the rules for ids, the encoder promises.
    pub id_compliant: bool,
    /// When.
    pub timing: SpliceTiming,
    /// How long the break is.
    pub break_duration: Option<BreakDuration>,
    /// `unique_program_id`.
    pub unique_program_id: u16,
    /// `avail_num`.
    pub avail_num: u8,
    /// `avails_expected`.
    pub avails_expected: u8,
}

/// When a splice is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SpliceTiming {
    /// As soon as can be.
    Immediate,
    /// The whole programme, at this time; none: as soon as can be.
    Program(Option<Pts>),
    /// Components, each at its time.
    Components(Vec<ComponentTime>),
}

/// When one component is spliced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ComponentTime {
    /// `component_tag`.
    pub tag: u8,
    /// When; none: as soon as can be.
    pub time: Option<Pts>,
}

/// How long a break is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BreakDuration {
    /// It ends by itself; else another message ends it.
    pub auto_return: bool,
    /// Its length.
    pub duration: Micros,
}

impl Command {
    pub(super) fn parse(kind: u8, fields: &mut Fields<'_>, adjustment: Pts) -> Option<Self> {
        Some(match kind {
            0x00 => Self::Null,
            0x04 => Self::Schedule(schedule(fields)?),
            0x05 => Self::Insert(insert(fields, adjustment)?),
            0x06 => Self::TimeSignal(splice_time(fields, adjustment)?),
            0x07 => Self::BandwidthReservation,
            0xFF => Self::Private {
                identifier: fields.u32()?,
                data: fields.take(fields.0.len())?.to_vec(),
            },
            // Where the section does not tell its length, nobody can tell where it ends.
            other => Self::Unknown(other, fields.take(fields.0.len())?.to_vec()),
        })
    }
}

fn splice_time(fields: &mut Fields<'_>, adjustment: Pts) -> Option<Option<Pts>> {
    let [first, ..] = *fields.0 else { return None };
    if first & 0x80 == 0 {
        fields.u8()?;
        return Some(None);
    }
    Some(Some(Pts::new(fields.wide(5)?).wrapping_add(adjustment)))
}

fn break_duration(fields: &mut Fields<'_>) -> Option<BreakDuration> {
    let word = fields.wide(5)?;
    Some(BreakDuration {
        auto_return: word >> 39 == 1,
        duration: micros(word & LOWER_33),
    })
}

/// The break's duration, where the flags of an event say that there is one.
fn told_duration(flags: u8, fields: &mut Fields<'_>) -> Option<Option<BreakDuration>> {
    if flags & 0x20 == 0 {
        return Some(None);
    }
    break_duration(fields).map(Some)
}

fn insert(fields: &mut Fields<'_>, adjustment: Pts) -> Option<SpliceInsert> {
    let (event_id, cancel) = (fields.u32()?, fields.u8()? & 0x80 != 0);
    if cancel {
        return Some(SpliceInsert { event_id, splice: None });
    }
    let flags = fields.u8()?;
    let (whole, immediate) = (flags & 0x40 != 0, flags & 0x10 != 0);
    let timing = match (whole, immediate) {
        (true, true) => SpliceTiming::Immediate,
        (true, false) => SpliceTiming::Program(splice_time(fields, adjustment)?),
        (false, _) => {
            let count = fields.u8()?;
            let component = |_| {
                let tag = fields.u8()?;
                let time = if immediate {
                    None
                } else {
                    splice_time(fields, adjustment)?
                };
                Some(ComponentTime { tag, time })
            };
            SpliceTiming::Components((0..count).map(component).collect::<Option<_>>()?)
        }
    };
    let splice = Splice {
        out_of_network: flags & 0x80 != 0,
        id_compliant: flags & 0x08 == 0,
        timing,
        break_duration: told_duration(flags, fields)?,
        unique_program_id: fields.u16()?,
        avail_num: fields.u8()?,
        avails_expected: fields.u8()?,
    };
    Some(SpliceInsert {
        event_id,
        splice: Some(splice),
    })
}

fn schedule(fields: &mut Fields<'_>) -> Option<Vec<ScheduledEvent>> {
    let count = fields.u8()?;
    (0..count).map(|_| scheduled(fields)).collect()
}

fn scheduled(fields: &mut Fields<'_>) -> Option<ScheduledEvent> {
    let (event_id, cancel) = (fields.u32()?, fields.u8()? & 0x80 != 0);
    if cancel {
        return Some(ScheduledEvent { event_id, splice: None });
    }
    let flags = fields.u8()?;
    let time = if flags & 0x40 != 0 {
        ScheduledTime::Program(fields.u32()?)
    } else {
        let count = fields.u8()?;
        let component = |_| Some((fields.u8()?, fields.u32()?));
        ScheduledTime::Components((0..count).map(component).collect::<Option<_>>()?)
    };
    let splice = ScheduledSplice {
        out_of_network: flags & 0x80 != 0,
        time,
        break_duration: told_duration(flags, fields)?,
        unique_program_id: fields.u16()?,
        avail_num: fields.u8()?,
        avails_expected: fields.u8()?,
    };
    Some(ScheduledEvent {
        event_id,
        splice: Some(splice),
    })
}
