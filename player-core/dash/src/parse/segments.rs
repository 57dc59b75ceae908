//! SegmentBase, SegmentList, SegmentTemplate and what is in them.

use super::{
    Reader,
    raw::{Fails, Level, Source},
    reuse::{Remembered, starts_with},
};
use crate::{
    ByteRange, Halt, Resource,
    index::ListedUrl,
    scan::{MAX_ELEMENTS, Tag},
    timeline::{Entries, Entry, Extra, NO_TIME},
};
use std::{str::FromStr, sync::Arc};

/// The most parts of a segment sequence.
const MAX_PARTS: u32 = 4096;
/// The most durations of a pattern.
const MAX_PATTERN: usize = 4096;
/// How many timelines are remembered, since the next one may be the same.
const REMEMBERED: usize = 4;

const CHILDREN: [&str; 6] = [
    "Initialization",
    "RepresentationIndex",
    "FailoverContent",
    "SegmentTimeline",
    "BitstreamSwitching",
    "SegmentURL",
];

impl<'a> Reader<'a> {
    /// Reads the segment information of a level; the first of a kind counts.
    pub(super) fn segments(&mut self, tag: &Tag<'a>, level: &mut Level<'a>) -> Result<(), Halt> {
        let source = if tag.local() == "SegmentList"
            && let Some(fragment) = self.linked(tag)?
        {
            let mut found = Source::default();
            let outer = self.enter(fragment, tag)?;
            while let Some(child) = self.scan.child()? {
                if child.mpd() == "SegmentList" {
                    found = self.source()?;
                } else {
                    self.skip()?;
                }
            }
            self.leave(outer);
            found
        } else {
            self.source()?
        };
        let slot = match tag.local() {
            "SegmentTemplate" => &mut level.template,
            "SegmentList" => &mut level.list,
            _ => &mut level.base,
        };
        if slot.is_some() {
            self.scan.report.add(tag.start, "element.repeated", tag.local());
        } else {
            *slot = Some(Box::new(source));
        }
        Ok(())
    }

    /// A number that must be one if it is there.
    fn strict<T: FromStr>(&mut self, name: &str, fails: Fails, fault: &mut Option<Fails>) -> Option<T> {
        let text = self.raw(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            *fault = fault.or(Some(fails));
        }
        number
    }

    fn source(&mut self) -> Result<Source<'a>, Halt> {
        let mut bad = None;
        let mut source = Source {
            timescale: self.strict("timescale", "its timescale is not a number", &mut bad),
            presentation_time_offset: self.strict(
                "presentationTimeOffset",
                "its presentation time offset is not a number",
                &mut bad,
            ),
            presentation_duration: self.number("presentationDuration").or_else(|| self.number("pd")),
            ept_delta: self.strict("eptDelta", "its eptDelta is not a number", &mut bad),
            pd_delta: self.number("pdDelta"),
            duration: self.strict("duration", "its segment duration is no number", &mut bad),
            start_number: self.strict("startNumber", "its start number is not a number", &mut bad),
            end_number: self.strict("endNumber", "its end number is not a number", &mut bad),
            time_offset: self.seconds("availabilityTimeOffset"),
            complete: self.boolean("availabilityTimeComplete"),
            depth: self.duration("timeShiftBufferDepth"),
            media: self.text("media"),
            index: self.text("index"),
            initialization: self.text("initialization"),
            ..Source::default()
        };
        if source.timescale == Some(0) {
            bad = bad.or(Some("its timescale is zero"));
        }
        if self.raw("indexRange").is_some() {
            source.index_range = self.range("indexRange");
            if source.index_range.is_none() {
                bad = bad.or(Some("its index range is malformed"));
            }
        }
        source.fault = bad;
        self.source_children(&mut source)?;
        Ok(source)
    }

    fn source_children(&mut self, source: &mut Source<'a>) -> Result<(), Halt> {
        let mut urls = Vec::new();
        let mut last = 0;
        while let Some(child) = self.scan.child()? {
            self.order(&CHILDREN, &child, &mut last);
            match child.mpd() {
                "Initialization" => {
                    let found = self.resource("sourceURL", "range", &mut source.fault);
                    source.initialization_element = source.initialization_element.take().or(found);
                    self.skip()?;
                }
                "RepresentationIndex" => {
                    let found = self.resource("sourceURL", "range", &mut source.fault);
                    source.representation_index = source.representation_index.take().or(found);
                    self.skip()?;
                }
                "SegmentTimeline" => {
                    let entries = self.timeline(&child)?;
                    source.timeline.get_or_insert(entries);
                }
                "FailoverContent" => self.failover(source)?,
                "SegmentURL" => {
                    let media = self.resource("media", "mediaRange", &mut source.fault);
                    let index = self.resource("index", "indexRange", &mut source.fault);
                    urls.push(ListedUrl {
                        media: media.unwrap_or_else(whole),
                        index,
                    });
                    self.skip()?;
                }
                _ => self.skip()?,
            }
        }
        if !urls.is_empty() {
            source.urls = Some(urls.into());
        }
        Ok(())
    }

    /// What two attributes name together; none when both are absent.
    fn resource(&mut self, url: &str, range: &str, fault: &mut Option<Fails>) -> Option<Resource> {
        let reference = self.text(url);
        let told = self.raw(range).is_some();
        let range: Option<ByteRange> = self.range(range);
        if told && range.is_none() {
            *fault = fault.or(Some("it has a malformed byte range"));
        }
        (reference.is_some() || range.is_some()).then(|| Resource {
            reference: reference.unwrap_or_default().into_owned(),
            range,
        })
    }

    fn failover(&mut self, source: &mut Source<'a>) -> Result<(), Halt> {
        let valid = self.boolean("valid").unwrap_or(true);
        while let Some(child) = self.scan.child()? {
            if child.mpd() == "FCS" && source.failover.len() < MAX_PATTERN {
                let section = (self.number("t").unwrap_or(0), self.number("d"), valid);
                source.failover.push(section);
            }
            self.skip()?;
        }
        Ok(())
    }

    /// A SegmentTimeline; one that is written like another one is that.
    fn timeline(&mut self, tag: &Tag<'a>) -> Result<Arc<Entries>, Halt> {
        let start = tag.end;
        let rest = self.scan.text().get(start..).unwrap_or_default();
        let text = self.scan.text();
        let same = |known: &&Remembered| {
            let known = text.get(known.text.clone()).unwrap_or_default();
            starts_with(rest.as_bytes(), known)
        };
        if let Some(known) = self.timelines.iter().rev().take(REMEMBERED).find(same) {
            let (entries, content) = (Arc::clone(&known.entries), known.content);
            if self.scan.elements().saturating_add(entries.list.len()) < MAX_ELEMENTS {
                self.scan.jump(start.saturating_add(content), entries.list.len());
                self.skip()?;
                return Ok(entries);
            }
        }
        let mut entries = Entries::default();
        let mut ids: Vec<&'a str> = Vec::new();
        let is_plain = tag.name == "SegmentTimeline" && tag.is_mpd;
        if is_plain && self.depth == 0 {
            self.go_on(&mut entries);
        }
        entries.is_plain = is_plain;
        let end = loop {
            if is_plain {
                self.plain_entries(&mut entries);
            }
            let end = self.scan.at();
            let found = self.scan.report.findings().len();
            let child = self.scan.child()?;
            entries.is_plain &= found == self.scan.report.findings().len();
            let Some(child) = child else { break end };
            entries.is_plain = false;
            match child.mpd() {
                "S" => self.entry(&child, &mut entries, &ids)?,
                "Pattern" => {
                    ids.push(self.raw("id").unwrap_or_default());
                    let sums = self.pattern()?;
                    entries.patterns.push(sums);
                }
                _ => self.skip()?,
            }
        };
        entries.list.shrink_to_fit();
        let entries = Arc::new(entries);
        if self.depth == 0 && self.scan.at() > start.saturating_add(64) {
            if !self.is_dynamic && self.timelines.len() >= REMEMBERED {
                self.timelines.remove(0);
            }
            self.timelines.push(Remembered {
                text: start..self.scan.at(),
                read_at: start,
                content: end.saturating_sub(start),
                entries: Arc::clone(&entries),
            });
        }
        Ok(entries)
    }

    /// Reads `S` elements as nearly all are written, as far as they go.
    fn plain_entries(&mut self, entries: &mut Entries) {
        let text = self.scan.text().as_bytes();
        let mut at = self.scan.at();
        let room = MAX_ELEMENTS.saturating_sub(self.scan.elements());
        let before = entries.list.len();
        while entries.list.len().saturating_sub(before) < room {
            let mut rest = text.get(at..).unwrap_or_default().trim_ascii_start();
            let offset = text.len().saturating_sub(rest.len());
            let Some((mut entry, length)) = plain_entry(rest) else {
                break;
            };
            rest = rest.get(length..).unwrap_or_default();
            entry.offset = u32::try_from(offset).unwrap_or(u32::MAX);
            entries.list.push(entry);
            at = text.len().saturating_sub(rest.len());
        }
        self.scan.jump(at, entries.list.len().saturating_sub(before));
    }

    /// Any `S` element.
    fn entry(&mut self, tag: &Tag<'a>, entries: &mut Entries, ids: &[&str]) -> Result<(), Halt> {
        let repeat: i64 = self.number("r").unwrap_or(0);
        let mut entry = Entry {
            time: self.number("t").filter(|time| *time != NO_TIME).unwrap_or(NO_TIME),
            duration: self.number("d").unwrap_or(0),
            repeat: i32::try_from(repeat).unwrap_or(if repeat < 0 { -1 } else { i32::MAX }),
            extra: 0,
            offset: u32::try_from(tag.start).unwrap_or(u32::MAX),
        };
        let parts = self.number("k").unwrap_or(1);
        let mut extra = Extra {
            number: self.number("n"),
            parts: if parts > MAX_PARTS { 1 } else { parts },
            pattern: 0,
            phase: self.number("pE").unwrap_or(0),
        };
        if parts == 0 || parts > MAX_PARTS {
            self.invalid("k");
        }
        if let Some(pattern) = self.raw("p") {
            let found = ids.iter().position(|id| *id == pattern).map(|at| at.saturating_add(1));
            match found.and_then(|at| u32::try_from(at).ok()) {
                Some(at) => extra.pattern = at,
                None => self.scan.report.add(tag.start, "timeline.pattern", pattern),
            }
        }
        if extra.number.is_some() || extra.parts > 1 || extra.pattern > 0 {
            entries.extras.push(extra);
            entry.extra = u32::try_from(entries.extras.len()).unwrap_or(0);
        }
        entries.list.push(entry);
        self.skip()
    }

    /// The sums of a Pattern's durations.
    fn pattern(&mut self) -> Result<Arc<[u64]>, Halt> {
        let mut sums = vec![0_u64];
        let mut sum = 0_u64;
        while let Some(child) = self.scan.child()? {
            if child.mpd() == "P" {
                let duration: u64 = self.number("d").unwrap_or(0);
                let repeat: usize = self.number("r").unwrap_or(0);
                let room = MAX_PATTERN.saturating_sub(sums.len());
                for _ in 0..repeat.saturating_add(1).min(room) {
                    sum = sum.saturating_add(duration);
                    sums.push(sum);
                }
            }
            self.skip()?;
        }
        Ok(sums.into())
    }
}

fn whole() -> Resource {
    Resource {
        reference: String::new(),
        range: None,
    }
}

/// An `S` element with nothing but `t`, `d` and `r`, and how long it is.
pub(super) fn plain_entry(text: &[u8]) -> Option<(Entry, usize)> {
    let mut rest = text.strip_prefix(b"<S ")?;
    let mut entry = Entry {
        time: NO_TIME,
        duration: 0,
        repeat: 0,
        extra: 0,
        offset: 0,
    };
    let mut has_duration = false;
    let mut has_repeat = false;
    loop {
        rest = match rest {
            [b't', b'=', b'"', digits @ ..] if entry.time == NO_TIME => {
                let (value, rest) = number(digits)?;
                entry.time = i64::try_from(value).ok()?;
                rest
            }
            [b'd', b'=', b'"', digits @ ..] if !has_duration => {
                has_duration = true;
                let (value, rest) = number(digits)?;
                entry.duration = value;
                rest
            }
            [b'r', b'=', b'"', b'-', b'1', b'"', rest @ ..] if !has_repeat => {
                has_repeat = true;
                entry.repeat = -1;
                rest
            }
            [b'r', b'=', b'"', digits @ ..] if !has_repeat => {
                has_repeat = true;
                let (value, rest) = number(digits)?;
                entry.repeat = i32::try_from(value).ok()?;
                rest
            }
            [b'/', b'>', rest @ ..] => return Some((entry, text.len().saturating_sub(rest.len()))),
            _ => return None,
        };
        // The next attribute must be parted from this one, the end need not.
        match rest {
            [b' ', more @ ..] => rest = more.trim_ascii_start(),
            [b'/', ..] => {}
            _ => return None,
        }
    }
}

/// Digits up to a quote, and what comes after it.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut rest = text;
    let mut value = 0_u64;
    let mut count = 0_u32;
    while let [digit @ b'0'..=b'9', more @ ..] = rest {
        value = value.wrapping_mul(10).wrapping_add(u64::from(*digit & 0x0F));
        count = count.saturating_add(1);
        rest = more;
    }
    match rest {
        // Nineteen digits may be too many.
        [b'"', more @ ..] if (1..19).contains(&count) => Some((value, more)),
        _ => None,
    }
}
