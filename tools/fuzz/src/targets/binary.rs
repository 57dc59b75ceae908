//! Boxes, and what events carry.

use footlight_core::events::{EventPayload, TimedEvent, id3, scte35};
use footlight_dash::Micros;
use footlight_isobmff::events::{EventMessage, ProducerReferenceTime};
use footlight_isobmff::fragment::{self, Fragments};
use footlight_isobmff::scanner::Scanner;
use footlight_isobmff::sidx::Sidx;
use footlight_isobmff::{Boxes, Error, chunk, init, samples};

use crate::signature::Signature;

pub(super) const SCHEMES: &[&str] = &[
    "urn:mpeg:dash:event:2012",
    "urn:mpeg:dash:event:callback:2015",
    "urn:scte:scte35:2013:bin",
    "https://aomedia.org/emsg/ID3",
    "2026-01-01T00:00:00Z",
    "\0",
    "1\0",
    "2\0",
    "3\0",
    "emsg",
    "prft",
    "moof",
    "mdat",
];

fn note<T>(signature: &mut Signature, outcome: Result<T, Error>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(error) => {
            signature.variant(&error);
            if let Error::Malformed { kind, what, .. } = error {
                signature.word(&kind.to_string()).word(what);
            }
            None
        }
    }
}

pub(super) fn sidx(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let payload = match Boxes::new(data).next() {
        Some(Ok(found)) if found.kind.0 == *b"sidx" => found.payload,
        _ => data,
    };
    if let Some(sidx) = note(&mut signature, Sidx::parse(payload)) {
        signature.count(sidx.references.len() as u64).count(sidx.first_offset);
        let written = sidx.write().unwrap_or_else(|error| panic!("{error} of {sidx:?}"));
        let again = Boxes::new(&written)
            .next()
            .map(|found| found.and_then(|found| Sidx::parse(found.payload)));
        assert_eq!(again, Some(Ok(sidx)), "what is written is read");
    }
    signature.finish()
}

pub(super) fn boxes(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let init = note(&mut signature, init::parse(data));
    if let Some(init) = &init {
        signature.count(init.tracks.len() as u64);
        for fragment in Fragments::with_tracks(data, &init.tracks) {
            note(&mut signature, fragment);
        }
    }
    let fragments: Vec<_> = Fragments::new(data)
        .filter_map(|fragment| note(&mut signature, fragment))
        .collect();
    signature.count(fragments.len() as u64);
    for fragment in fragments.iter().take(4) {
        let part = usize::try_from(fragment.offset)
            .ok()
            .zip(usize::try_from(fragment.size).ok());
        let part = part.and_then(|(offset, size)| data.get(offset..)?.get(..size));
        let part = part.unwrap_or_else(|| panic!("{fragment:?} lies in the data"));
        let mut moved = part.to_vec();
        note(&mut signature, fragment::rewrite(&mut moved, 7, 1 << 33));
        if let Some(chunks) = note(&mut signature, chunk::split(part, 1, 90_000, 1)) {
            signature.count(chunks.len() as u64);
        }
    }
    if let Some(tracks) = note(&mut signature, samples::tracks(data)) {
        for track in tracks.iter().take(4) {
            if let Some(samples) = note(&mut signature, samples::read(data, track)) {
                signature.count(samples.len() as u64);
            }
        }
    }
    signature.finish()
}

/// Boxes in a segment that comes in pieces.
pub(super) fn emsg(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let mut found = Vec::new();
    let mut scanner = Scanner::new(Scanner::EVENTS);
    for piece in data.chunks(7) {
        scanner.push(piece, &mut |kind, payload| found.push((kind, payload.to_vec())));
    }
    signature
        .count(found.len() as u64)
        .count(u64::from(scanner.is_broken()));
    for (kind, payload) in found.iter().take(16) {
        if kind.0 == *b"prft" {
            if let Some(time) = note(&mut signature, ProducerReferenceTime::parse(payload)) {
                let _ = time.unix_micros();
                let written = time.write();
                assert_eq!(
                    ProducerReferenceTime::parse(&written[8..]),
                    Ok(time),
                    "what is written is read"
                );
            }
        } else if let Some(message) = note(&mut signature, EventMessage::parse(payload)) {
            let written = message.write().unwrap_or_else(|error| panic!("{error} of {message:?}"));
            assert_eq!(
                EventMessage::parse(&written[8..]),
                Ok(message),
                "what is written is read"
            );
            let event = TimedEvent::from_message(&message, Micros::MAX, Micros::MIN);
            signature.variant(&event.payload());
        }
    }
    signature.finish()
}

pub(super) fn scte35(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let mut input = data.to_vec();
    // Damage without a sound CRC would stop at the CRC.
    if input.first() == Some(&0xFC) {
        mend(&mut input);
    }
    match scte35::SpliceInfo::from_payload(&input) {
        Ok(info) => {
            signature.variant(&info.command);
            for descriptor in &info.descriptors {
                signature.variant(descriptor);
                if let scte35::Descriptor::Segmentation(segmentation) = descriptor {
                    let upids = segmentation.event.iter().flat_map(|event| &event.upids);
                    upids.for_each(|upid| {
                        signature.count(upid.kind.into()).count(upid.text().len() as u64);
                    });
                }
            }
        }
        Err(error) => {
            signature.variant(&error);
        }
    }
    signature.finish()
}

/// Writes the length and the CRC of a section.
fn mend(section: &mut Vec<u8>) {
    section.truncate(4098);
    if section.len() < 8 {
        return;
    }
    let [high, low] = u16::try_from(section.len() - 3).unwrap_or(0).to_be_bytes();
    section[1] = (section[1] & 0xF0) | high;
    section[2] = low;
    let end = section.len() - 4;
    let mut crc = u32::MAX;
    for byte in &section[..end] {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc >> 31 == 1 {
                (crc << 1) ^ 0x04C1_1DB7
            } else {
                crc << 1
            };
        }
    }
    section[end..].copy_from_slice(&crc.to_be_bytes());
}

pub(super) fn id3(data: &[u8]) -> u64 {
    let mut signature = Signature::default();
    let frames = id3::parse(data);
    signature.count(frames.len() as u64);
    for frame in frames.iter().take(16) {
        signature.variant(&frame.content);
    }
    signature.variant(&EventPayload::decode(SCHEMES[3], "", data)).finish()
}
