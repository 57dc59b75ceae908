//! The MPD of a channel at a time.

use super::{
    GRID_MS, Live, Show, Slot,
    settings::{Addressing, Utc},
    track::Track,
};
use crate::text::CAPTIONS_BITRATE;
use crate::{
    clock::DateTime,
    media::{Loop, Sheet, Title},
    mpd::{
        Addresses, Duration, INIT, Run, Seconds, Xml, descriptor, longest_fragment_ms, same_timing, write_audio,
        write_captions, write_tiles, write_timed_text, write_timeline, write_video,
    },
};
use footlight_dash::patch::diff::diff;
use std::{ops::Range, sync::Arc};

/// Periods are announced so long before they start.
const LEAD_MS: u64 = 10_000;
/// Everything that was ever on is kept so long.
const KEPT_MS: u64 = 86_400_000;

/// The addresses that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Links {
    /// Origin of the server that is asked.
    pub(crate) origin: String,
    /// Service locations and origins that the media can be had from; none: all is relative to the manifest.
    pub(crate) edges: Vec<(String, String)>,
    /// What the manifest was asked with, but for what the redirection added; with an `&` at its end, unless it is empty.
    pub(crate) query: String,
}

/// Why there is no patch.
pub(crate) enum NoPatch {
    /// There was no manifest at that time, or there are no patches at all.
    Unknown,
    /// The manifest is older than patches are kept.
    Old,
}

impl Live {
    /// When the manifest of a time came to be: when something in it changed last.
    pub(crate) fn published(&self, now: u64) -> u64 {
        let settings = &self.settings;
        let stop = settings.stop().filter(|&stop| stop <= now);
        if let Some(stop) = stop {
            return stop;
        }
        let mut last = settings.start;
        let mut at = |time: u64| {
            if time <= now {
                last = last.max(time);
            }
        };
        self.told_of_break(now).map(&mut at);
        let recent = now.saturating_sub(settings.jitter + 4 * GRID_MS);
        for slot in self.schedule.between(recent, now + LEAD_MS + 1) {
            at(self.announced(&slot));
            let sheets = self.sheets(&slot, recent, now);
            sheets.for_each(|number| at(self.sheet_ready(&slot, number)));
            if settings.addressing == Addressing::Number {
                continue;
            }
            for media in self.sources(&slot) {
                let track = Track::new(self, &slot, media);
                let listed = track.listed(recent, now);
                if let Some(newest) = listed.end.checked_sub(1).filter(|newest| track.contains(*newest)) {
                    (listed.start.max(newest.saturating_sub(8))..=newest).for_each(|number| at(track.ready(number)));
                }
            }
        }
        last
    }

    /// The manifest that was published at a time, as it is sent at `now`.
    pub(crate) fn manifest(&self, published: u64, now: u64, links: &Links) -> String {
        let settings = &self.settings;
        let is_static = settings.stop().is_some_and(|stop| published >= stop);
        let since = match settings.window {
            Some(window) if !is_static => published.saturating_sub(window),
            _ if settings.deep.is_some() => settings.start,
            _ => published.saturating_sub(KEPT_MS),
        };
        let horizon = if is_static { u64::MAX } else { published + LEAD_MS + 1 };
        let mut slots = self
            .schedule
            .between(since.max(settings.start), horizon.max(settings.start + 1));
        slots.retain(|slot| is_static || slot.start == settings.start || self.announced(slot) <= published);
        let mut xml = Xml::new();
        xml.element("MPD", |xml| {
            self.write_attributes(xml, published, is_static);
            xml.element("ProgramInformation", |xml| {
                xml.text_element("Title", self.name());
            });
            self.write_links(xml, published, is_static, links);
            if settings.low_latency {
                self.write_service(xml);
            }
            for slot in &slots {
                self.write_period(xml, slot, since, published, links);
            }
            if !is_static {
                write_clocks(xml, settings.utc.iter().copied(), settings.skew, now, links);
            }
        });
        xml.finish()
    }

    /// The patch from the manifest that was published at a time to the one of now (ISO/IEC 23009-1, 5.15).
    pub(crate) fn patch(&self, from: u64, now: u64, links: &Links) -> Result<String, NoPatch> {
        let ttl = self.settings.patch.ok_or(NoPatch::Unknown)?;
        if self.published(from) != from {
            return Err(NoPatch::Unknown);
        }
        let published = self.published(now);
        if published.saturating_sub(from) > ttl {
            return Err(NoPatch::Old);
        }
        let (old, new) = (self.manifest(from, from, links), self.manifest(published, now, links));
        diff(&old, &new).ok().flatten().ok_or(NoPatch::Unknown)
    }

    fn name(&self) -> &str {
        let known = super::channels().find(|known| known.id == self.channel);
        known.map_or(&self.line_up[0].info.title, |known| known.title)
    }

    fn write_attributes(&self, xml: &mut Xml, published: u64, is_static: bool) {
        let settings = &self.settings;
        let mut profiles = "urn:mpeg:dash:profile:isoff-live:2011".to_owned();
        if settings.low_latency {
            profiles.push_str(",http://www.dashif.org/guidelines/low-latency-live-v5");
        }
        // Announced from the beginning when there is an end, told afterwards when there was one.
        let end = if is_static { settings.stop() } else { settings.end };
        let longest = self
            .line_up
            .iter()
            .chain(&self.spots)
            .map(|title| longest_fragment_ms(title))
            .max();
        let longest = longest.unwrap_or(GRID_MS);
        xml.attribute("xmlns", "urn:mpeg:dash:schema:mpd:2011")
            .attribute("id", &self.channel)
            .attribute("profiles", profiles)
            .attribute("type", if is_static { "static" } else { "dynamic" })
            .attribute("availabilityStartTime", DateTime(settings.start))
            .attribute("publishTime", DateTime(published))
            .optional(
                "mediaPresentationDuration",
                end.map(|end| Duration(end - settings.start)),
            );
        if !is_static {
            xml.optional("minimumUpdatePeriod", settings.update.map(Duration))
                .optional("timeShiftBufferDepth", settings.window.map(Duration))
                .optional("suggestedPresentationDelay", settings.delay.map(Duration));
        }
        xml.attribute(
            "minBufferTime",
            Duration(longest.min(if settings.low_latency { settings.chunk } else { longest })),
        )
        .attribute("maxSegmentDuration", Duration(longest));
    }

    fn write_links(&self, xml: &mut Xml, published: u64, is_static: bool, links: &Links) {
        let settings = &self.settings;
        let folder = format!("live/{}/{}/", self.channel, self.asked);
        if links.edges.is_empty() {
            xml.text_element("BaseURL", format_args!("./{}/", self.asked));
        }
        for (location, origin) in &links.edges {
            xml.element("BaseURL", |xml| {
                xml.attribute("serviceLocation", location);
                xml.text(format_args!("{origin}/{folder}"));
            });
        }
        if is_static {
            return;
        }
        let of_channel = format!("{}/live/{}", links.origin, self.channel);
        if settings.location {
            xml.text_element(
                "Location",
                format_args!("{of_channel}/manifest.mpd?{}located=1", links.query),
            );
        }
        if let Some(ttl) = settings.patch {
            xml.element("PatchLocation", |xml| {
                xml.attribute("ttl", Seconds(ttl));
                let query = &links.query;
                let published = DateTime(published);
                xml.text(format_args!("{of_channel}/patch.mpp?{query}publishTime={published}"));
            });
        }
        if let (Some(cycle), Some((first, _))) = (settings.steering, links.edges.first()) {
            xml.element("ContentSteering", |xml| {
                xml.attribute("defaultServiceLocation", first)
                    .attribute("queryBeforeStart", false);
                xml.text(format_args!("{of_channel}/steering.json?cycle={}", Seconds(cycle)));
            });
        }
    }

    fn write_service(&self, xml: &mut Xml) {
        let target = self.settings.target;
        xml.element("ServiceDescription", |xml| {
            xml.attribute("id", 0);
            xml.element("Latency", |xml| {
                xml.attribute("referenceId", 0)
                    .attribute("target", target)
                    .attribute("min", target / 2)
                    .attribute("max", target * 3);
            });
            xml.element("PlaybackRate", |xml| {
                xml.attribute("min", "0.92").attribute("max", "1.08");
            });
        });
    }

    fn write_period(&self, xml: &mut Xml, slot: &Slot, since: u64, published: u64, links: &Links) {
        let title = self.title(slot);
        xml.element("Period", |xml| {
            // It ends where the next one starts, or the presentation.
            xml.attribute("id", id(slot))
                .attribute("start", Duration(slot.start - self.settings.start));
            xml.text_element("BaseURL", format_args!("{}/", slot.start));
            self.write_events(xml, slot, since, published);
            let set = |media: &[&Arc<Loop>], content| Set {
                live: self,
                slot,
                shared: Arc::clone(media[0]),
                same: media.iter().all(|other| same_timing(media[0], other)),
                content,
                since,
                published,
                links,
            };
            let video: Vec<_> = title.video.iter().filter(|video| !video.is_vp9()).collect();
            let loops: Vec<_> = video.iter().map(|video| &video.media).collect();
            let mut next_id = 1;
            if !loops.is_empty() {
                write_video(xml, &set(&loops, Content::Video), next_id, &video);
            }
            for audio in title.audio.iter().filter(|audio| !audio.is_opus()) {
                next_id += 1;
                write_audio(xml, &set(&[&audio.media], Content::Audio), next_id, audio);
            }
            for text in title
                .timed
                .iter()
                .filter(|text| self.settings.text.contains(&text.form))
            {
                next_id += 1;
                write_timed_text(xml, &set(&[&text.media], Content::Text), next_id, text);
            }
            if let Some(sheet) = title.thumbnails.as_ref().filter(|_| self.settings.thumbnails) {
                let duration = sheet.duration();
                let sheets = self.sheets(slot, since, published);
                let count = i64::try_from(sheets.end - sheets.start).unwrap_or(0);
                let time = Some(sheets.start * duration);
                let run = Run { time, duration, count };
                if count > 0 {
                    write_tiles(xml, next_id + 1, sheet, |xml| write_sheets(xml, slot.offset, run));
                }
            }
        });
    }

    /// The sheets of thumbnails in a slot that a manifest of a time knows, back to `since`, counted from the source's origin.
    fn sheets(&self, slot: &Slot, since: u64, time: u64) -> Range<u64> {
        let sheet = self
            .title(slot)
            .thumbnails
            .as_ref()
            .filter(|_| self.settings.thumbnails);
        let Some(duration) = sheet.map(Sheet::duration) else {
            return 0..0;
        };
        let number = |at: u64| (slot.offset + at.saturating_sub(slot.start)) / duration;
        let is_over = self.schedule.stop().is_some_and(|stop| time >= stop);
        let end = slot.end.map_or(u64::MAX, |end| number(end - 1) + 1);
        let end = if is_over {
            end
        } else {
            end.min(number(time.max(slot.start)))
        };
        let first = number(since.max(slot.start)).min(end);
        first..end
    }

    /// When a sheet of thumbnails is complete.
    fn sheet_ready(&self, slot: &Slot, number: u64) -> u64 {
        let duration = self.title(slot).thumbnails.as_ref().map_or(0, Sheet::duration);
        slot.start + ((number + 1) * duration).saturating_sub(slot.offset)
    }

    /// When a slot is first told of: some time before it starts; but what comes after a failure nobody knows before, and
    /// a timeline must have a segment.
    pub(super) fn announced(&self, slot: &Slot) -> u64 {
        if self.settings.addressing != Addressing::Number {
            let sources = self.sources(slot).into_iter();
            let first = sources.map(|media| {
                let track = Track::new(self, slot, media);
                track.ready(track.first())
            });
            return first.max().unwrap_or(slot.start);
        }
        if slot.after_gap {
            slot.start
        } else {
            slot.start.saturating_sub(LEAD_MS)
        }
    }

    /// One source for each way in which segments are cut.
    fn sources(&self, slot: &Slot) -> Vec<&Arc<Loop>> {
        let title: &Title = self.title(slot);
        let video = title.video.iter().map(|video| &video.media);
        let audio = title.audio.iter().map(|audio| &audio.media);
        let text = title
            .timed
            .iter()
            .filter(|text| self.settings.text.contains(&text.form));
        let audio = audio.chain(text.map(|text| &text.media));
        let mut sources: Vec<&Arc<Loop>> = Vec::new();
        for media in video.chain(audio) {
            if !sources.iter().any(|known| same_timing(known, media)) {
                sources.push(media);
            }
        }
        sources
    }

    /// The descriptor that ties a Period to an earlier one.
    fn tie(&self, slot: &Slot) -> Option<(&'static str, Slot)> {
        let mut earlier = self.schedule.before(slot).filter(|_| self.settings.continuity)?;
        if slot.continues(&earlier) {
            return Some(("urn:mpeg:dash:period-continuity:2015", earlier));
        }
        let is_spot = |slot: &Slot| matches!(slot.show, Show::Spot(_));
        // Breaks are a few spots long.
        for _ in 0..8 {
            if !is_spot(&earlier) || is_spot(slot) {
                break;
            }
            earlier = self.schedule.before(&earlier)?;
        }
        (earlier.show == slot.show).then_some(("urn:mpeg:dash:period-connectivity:2015", earlier))
    }
}

/// The identifier of a slot's Period.
fn id(slot: &Slot) -> String {
    match slot.show {
        Show::Programme(_) => format!("p{}", slot.start),
        Show::Spot(_) => format!("ad{}", slot.start),
    }
}

fn write_clocks(xml: &mut Xml, utc: impl Iterator<Item = Utc>, skew: i64, now: u64, links: &Links) {
    for utc in utc {
        let query = if skew == 0 {
            String::new()
        } else {
            format!("?skew={skew}")
        };
        let value = match utc {
            Utc::Direct => DateTime(now).to_string(),
            _ => format!("{}/time/{}{query}", links.origin, utc.id()),
        };
        descriptor(xml, "UTCTiming", utc.scheme(), value);
    }
}

/// Where sheets of thumbnails are.
fn write_sheets(xml: &mut Xml, offset: u64, run: Run) {
    xml.element("SegmentTemplate", |xml| {
        xml.attribute("media", "$RepresentationID$/t-$Time$.jpg")
            .attribute("timescale", 1000)
            .optional("presentationTimeOffset", Some(offset).filter(|&offset| offset != 0));
        write_timeline(xml, &[run], None);
    });
}

/// What a set is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Video,
    Audio,
    Text,
}

/// The segments of an AdaptationSet.
struct Set<'a> {
    live: &'a Live,
    slot: &'a Slot,
    shared: Arc<Loop>,
    /// All Representations have their segments at the same times.
    same: bool,
    content: Content,
    since: u64,
    published: u64,
    links: &'a Links,
}

impl Set<'_> {
    fn write_template(&self, xml: &mut Xml, media: &Loop) {
        let settings = &self.live.settings;
        let track = Track::new(self.live, self.slot, media);
        // Text is there as early as the first chunk, but whole.
        let is_text = self.content == Content::Text;
        let parts = settings.parts().filter(|_| !is_text);
        xml.element("SegmentTemplate", |xml| {
            let pattern = match settings.addressing {
                Addressing::Time if parts.is_some() => "$RepresentationID$/t-$Time$-$SubNumber$.m4s",
                Addressing::Time => "$RepresentationID$/t-$Time$.m4s",
                _ => "$RepresentationID$/seg-$Number$.m4s",
            };
            xml.attribute("media", pattern)
                .attribute("initialization", INIT)
                .attribute("timescale", media.timescale())
                .optional(
                    "presentationTimeOffset",
                    Some(track.origin()).filter(|&offset| offset != 0),
                );
            if settings.low_latency && parts.is_none() {
                xml.attribute("availabilityTimeOffset", Seconds(GRID_MS - settings.chunk))
                    .optional("availabilityTimeComplete", (!is_text).then_some(false));
            }
            match settings.addressing {
                Addressing::Number => {
                    xml.attribute("startNumber", track.first() + 1)
                        .attribute("duration", media.nominal_duration());
                }
                addressing => {
                    if addressing == Addressing::Timeline {
                        let listed = track.listed(self.since, self.published);
                        let first = if settings.deep.is_some() {
                            track.first()
                        } else {
                            listed.start
                        };
                        xml.attribute("startNumber", first + 1);
                    }
                    write_timeline(xml, &track.runs(self.since, self.published), parts);
                }
            }
        });
    }
}

impl Addresses for Set<'_> {
    fn write_properties(&self, xml: &mut Xml) {
        if self.live.settings.parts && self.content != Content::Text {
            descriptor(xml, "EssentialProperty", "urn:mpeg:dash:ssr:2023", 1);
        }
        if let Some((scheme, earlier)) = self.live.tie(self.slot) {
            descriptor(xml, "SupplementalProperty", scheme, id(&earlier));
        }
        if self.content == Content::Video {
            self.live.write_inband_streams(xml);
        }
    }

    fn write_accessibility(&self, xml: &mut Xml) {
        write_captions(
            xml,
            &self.live.settings.text,
            self.live.title(self.slot).captions.as_ref(),
        );
    }

    fn extra_bitrate(&self) -> u64 {
        let has_captions = self.live.settings.text.iter().any(|form| form.is_in_picture());
        if has_captions { CAPTIONS_BITRATE } else { 0 }
    }

    fn write_references(&self, xml: &mut Xml) {
        let settings = &self.live.settings;
        if !settings.low_latency {
            return;
        }
        let track = Track::new(self.live, self.slot, &self.shared);
        xml.element("ProducerReferenceTime", |xml| {
            xml.attribute("id", 0)
                .optional("inband", settings.producer_times.then_some(true))
                .attribute("type", "encoder")
                .attribute("wallClockTime", DateTime(self.slot.start))
                .attribute("presentationTime", track.origin());
            let utc = settings.utc.iter().copied().filter(|utc| *utc != Utc::Direct).take(1);
            write_clocks(xml, utc, settings.skew, 0, self.links);
        });
    }

    fn write_shared(&self, xml: &mut Xml) {
        if self.same {
            self.write_template(xml, &self.shared);
        }
    }

    fn write_own(&self, xml: &mut Xml, _id: &str, media: &Arc<Loop>) {
        if !self.same {
            self.write_template(xml, media);
        }
    }
}
