//! How the segments of a set are addressed.

use super::{Addresses, Addressing, Period, Variant, descriptor, write_captions, xml::Xml};
use crate::{
    media::{IndexLayout, Loop, Span, VirtualFile},
    text::{CAPTIONS_BITRATE, Captions, Form},
};
use std::{fmt, sync::Arc};

/// Where initialization segments are.
pub(crate) const INIT: &str = "$RepresentationID$/init.mp4";

/// Milliseconds as a number of seconds.
pub(crate) struct Seconds(pub(crate) u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 1000 {
            0 => write!(f, "{}", self.0 / 1000),
            ms => write!(f, "{}.{ms:03}", self.0 / 1000),
        }
    }
}

/// A run of segments that have the same duration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Run {
    /// Told where it does not follow from the run before.
    pub(crate) time: Option<u64>,
    pub(crate) duration: u64,
    pub(crate) count: i64,
}

const TRICK_MODE: &str = "http://dashif.org/guidelines/trickmode";

/// The addressing of an AdaptationSet, shared by its Representations where their segments are the same.
pub(super) struct Addressed<'a> {
    variant: Variant,
    period: Period,
    shared: Option<Arc<Loop>>,
    /// In the picture: in which forms, and what.
    captions: Option<(&'a [Form], &'a Captions)>,
    /// The set that this one is for trick modes of.
    trick_mode_of: Option<u32>,
}

impl<'a> Addressed<'a> {
    pub(super) fn new(variant: Variant, period: Period, loops: &[&Arc<Loop>]) -> Self {
        let shared = loops.split_first().and_then(|(first, others)| {
            let same = others.iter().all(|other| same_timing(first, other));
            same.then(|| Arc::clone(first))
        });
        Self {
            variant,
            period,
            shared,
            captions: None,
            trick_mode_of: None,
        }
    }

    /// The same for scanning through another set.
    pub(super) const fn for_trick_modes_of(mut self, set: u32) -> Self {
        self.trick_mode_of = Some(set);
        self
    }

    /// The same with captions in the segments; files with an index have none.
    pub(super) fn with_captions(mut self, forms: &'a [Form], captions: Option<&'a Captions>) -> Self {
        let wanted = forms.iter().any(|form| form.is_in_picture()) && self.variant.addressing() != Addressing::Base;
        self.captions = captions.filter(|_| wanted).map(|captions| (forms, captions));
        self
    }

    /// What URLs of segments end with.
    fn query(&self) -> &'static str {
        if self.captions.is_some() { "?cc=1" } else { "" }
    }

    /// Of the first segment, counted from 0.
    fn first(&self, media: &Loop) -> u64 {
        media.count_before(media.ticks(self.period.offset_ms))
    }

    fn write_template(&self, xml: &mut Xml, media: &Loop) {
        let addressing = self.variant.addressing();
        let pattern = match addressing {
            Addressing::Timeline => "$RepresentationID$/t-$Time$.m4s",
            _ => "$RepresentationID$/seg-$Number%05d$.m4s",
        };
        let offset = media.ticks(self.period.offset_ms);
        xml.element("SegmentTemplate", |xml| {
            xml.attribute("media", format_args!("{pattern}{}", self.query()))
                .attribute("initialization", INIT)
                .attribute("timescale", media.timescale())
                .optional("presentationTimeOffset", (offset != 0).then_some(offset));
            if addressing != Addressing::Timeline {
                xml.attribute("startNumber", self.first(media) + 1);
            }
            if addressing == Addressing::Number {
                xml.attribute("duration", media.nominal_duration());
            } else {
                write_timeline(xml, &self.runs(media), None);
            }
        });
    }

    /// The segments that have a part in the Period.
    fn runs(&self, media: &Loop) -> Vec<Run> {
        let end = media.ticks(self.period.offset_ms + self.period.duration_ms);
        let segments = self.first(media)..media.count_before(end);
        let there = segments.filter(|&number| !self.variant.is_hole(number));
        runs(there.filter_map(|number| media.span(number)))
    }

    fn write_list(&self, xml: &mut Xml, id: &str, media: &Loop) {
        xml.text_element("BaseURL", format_args!("{id}/"));
        xml.element("SegmentList", |xml| {
            xml.attribute("timescale", media.timescale())
                .attribute("duration", media.nominal_duration());
            xml.element("Initialization", |xml| {
                xml.attribute("sourceURL", "init.mp4");
            });
            for number in 1..=media.nominal_count(self.period.duration_ms) {
                xml.element("SegmentURL", |xml| {
                    xml.attribute("media", format_args!("seg-{number:05}.m4s{}", self.query()));
                });
            }
        });
    }

    fn write_base(&self, xml: &mut Xml, id: &str, media: &Arc<Loop>) {
        let duration_ms = self.period.duration_ms;
        let file = indexed_file(self.variant, media, duration_ms);
        let (init, index) = (file.init_size(), file.top_index_size());
        let duration = Seconds(duration_ms);
        xml.text_element("BaseURL", format_args!("{id}.mp4?duration={duration}"));
        xml.element("SegmentBase", |xml| {
            xml.attribute("timescale", media.timescale())
                .attribute("indexRange", format_args!("{init}-{}", init + index - 1));
            xml.element("Initialization", |xml| {
                xml.attribute("range", format_args!("0-{}", init - 1));
            });
        });
    }
}

impl Addresses for Addressed<'_> {
    fn write_properties(&self, xml: &mut Xml) {
        if let Some(main) = self.trick_mode_of {
            descriptor(xml, "EssentialProperty", TRICK_MODE, main);
        }
    }

    fn write_accessibility(&self, xml: &mut Xml) {
        if let Some((forms, captions)) = self.captions {
            write_captions(xml, forms, Some(captions));
        }
    }

    fn extra_bitrate(&self) -> u64 {
        self.captions.map_or(0, |_| CAPTIONS_BITRATE)
    }

    fn alignment(&self) -> &'static str {
        match self.variant.addressing() {
            Addressing::Base => "subsegmentAlignment",
            _ => "segmentAlignment",
        }
    }

    fn write_shared(&self, xml: &mut Xml) {
        let addressing = self.variant.addressing();
        if let Some(media) = &self.shared
            && !matches!(addressing, Addressing::List | Addressing::Base)
        {
            self.write_template(xml, media);
        }
    }

    fn write_own(&self, xml: &mut Xml, id: &str, media: &Arc<Loop>) {
        match self.variant.addressing() {
            Addressing::List => self.write_list(xml, id, media),
            Addressing::Base => self.write_base(xml, id, media),
            _ if self.shared.is_none() => self.write_template(xml, media),
            _ => {}
        }
    }
}

/// The single file of a rendition.
pub(crate) fn indexed_file(variant: Variant, media: &Arc<Loop>, duration_ms: u64) -> VirtualFile {
    let layout = match variant {
        Variant::BaseHierarchical => IndexLayout::Hierarchical,
        _ => IndexLayout::Flat,
    };
    let count = media.count_before(media.ticks(duration_ms));
    VirtualFile::new(Arc::clone(media), count, layout)
}

/// Are the segments of both at the same times?
pub(crate) fn same_timing(one: &Loop, other: &Loop) -> bool {
    let spans = |media: &Loop| {
        let spans = (0..media.per_loop()).filter_map(|number| media.span(number));
        spans.map(|span| span.duration).collect::<Vec<_>>()
    };
    one.timescale() == other.timescale() && spans(one) == spans(other)
}

/// Segments in a row, those of the same duration together.
pub(crate) fn runs(spans: impl Iterator<Item = Span>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut expected = None;
    for span in spans {
        let time = (expected != Some(span.start)).then_some(span.start);
        match runs.last_mut() {
            Some(run) if time.is_none() && run.duration == span.duration => run.count += 1,
            _ => runs.push(Run {
                time,
                duration: span.duration,
                count: 1,
            }),
        }
        expected = Some(span.start + span.duration);
    }
    runs
}

/// A SegmentTimeline. A run of -1 more goes on until further notice. `parts`: each is a sequence of so many segments.
pub(crate) fn write_timeline(xml: &mut Xml, runs: &[Run], parts: Option<u64>) {
    xml.element("SegmentTimeline", |xml| {
        for run in runs {
            xml.element("S", |xml| {
                xml.optional("t", run.time)
                    .attribute("d", run.duration)
                    .optional("r", (run.count != 1).then(|| run.count - 1))
                    .optional("k", parts);
            });
        }
    });
}
