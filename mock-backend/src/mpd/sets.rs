//! AdaptationSets of picture and sound, however their segments are addressed.

use super::Xml;
use crate::{
    media::{AudioRendition, Loop, VideoRendition},
    text::{Captions, Form, TimedText},
};
use std::{fmt, sync::Arc};

/// Where the segments of an AdaptationSet are.
pub(crate) trait Addresses {
    /// The attribute that says that Representations can be switched at any segment.
    fn alignment(&self) -> &'static str {
        "segmentAlignment"
    }

    /// Properties and inband events, which come before labels.
    fn write_properties(&self, _xml: &mut Xml) {}

    /// Producer reference times, which come after labels.
    fn write_references(&self, _xml: &mut Xml) {}

    /// Captions within the picture, which come before roles.
    fn write_accessibility(&self, _xml: &mut Xml) {}

    /// Bits per second that come on top of those of the media.
    fn extra_bitrate(&self) -> u64 {
        0
    }

    /// What goes into the AdaptationSet.
    fn write_shared(&self, xml: &mut Xml);

    /// What goes into a Representation.
    fn write_own(&self, xml: &mut Xml, id: &str, media: &Arc<Loop>);
}

pub(crate) fn write_video(xml: &mut Xml, addresses: &impl Addresses, id: u32, video: &[&VideoRendition]) {
    let most = |of: fn(&VideoRendition) -> u32| video.iter().map(|video| of(video)).max();
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "video")
            .attribute("mimeType", "video/mp4")
            .attribute(addresses.alignment(), true)
            .attribute("startWithSAP", 1)
            .attribute("par", "16:9")
            .optional("maxWidth", most(|video| video.file.width))
            .optional("maxHeight", most(|video| video.file.height))
            .optional("maxFrameRate", most(|video| video.file.frame_rate));
        addresses.write_properties(xml);
        addresses.write_references(xml);
        addresses.write_accessibility(xml);
        descriptor(xml, "Role", "urn:mpeg:dash:role:2011", "main");
        addresses.write_shared(xml);
        for video in video {
            xml.element("Representation", |xml| {
                xml.attribute("id", &video.id)
                    .attribute("bandwidth", video.media.peak_bitrate() + addresses.extra_bitrate())
                    .attribute("codecs", &video.file.codec)
                    .attribute("width", video.file.width)
                    .attribute("height", video.file.height)
                    .attribute("frameRate", video.file.frame_rate)
                    .attribute("sar", "1:1");
                addresses.write_own(xml, &video.id, &video.media);
            });
        }
    });
}

pub(crate) fn write_audio(xml: &mut Xml, addresses: &impl Addresses, id: u32, audio: &AudioRendition) {
    let file = &audio.file;
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "audio")
            .attribute("mimeType", "audio/mp4")
            .attribute("lang", &file.lang)
            .attribute(addresses.alignment(), true)
            .attribute("startWithSAP", 1);
        let scheme = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011";
        descriptor(xml, "AudioChannelConfiguration", scheme, file.channels);
        addresses.write_properties(xml);
        xml.text_element("Label", &file.label);
        addresses.write_references(xml);
        descriptor(xml, "Role", "urn:mpeg:dash:role:2011", &file.role);
        addresses.write_shared(xml);
        xml.element("Representation", |xml| {
            xml.attribute("id", &audio.id)
                .attribute("bandwidth", audio.media.peak_bitrate())
                .attribute("codecs", &file.codec)
                .attribute("audioSamplingRate", file.sample_rate);
            addresses.write_own(xml, &audio.id, &audio.media);
        });
    });
}

pub(crate) fn write_timed_text(xml: &mut Xml, addresses: &impl Addresses, id: u32, text: &TimedText) {
    xml.element("AdaptationSet", |xml| {
        xml.attribute("id", id)
            .attribute("contentType", "text")
            .attribute("mimeType", "application/mp4")
            .attribute("lang", &text.lang)
            .attribute(addresses.alignment(), true)
            .attribute("startWithSAP", 1);
        addresses.write_properties(xml);
        xml.text_element("Label", &text.label);
        descriptor(xml, "Role", "urn:mpeg:dash:role:2011", text.form.role());
        addresses.write_shared(xml);
        xml.element("Representation", |xml| {
            xml.attribute("id", &text.id)
                .attribute("bandwidth", text.media.peak_bitrate())
                .attribute("codecs", text.form.codecs());
            addresses.write_own(xml, &text.id, &text.media);
        });
    });
}

/// What captions the picture carries (ANSI/SCTE 214-1, 7.4).
pub(crate) fn write_captions(xml: &mut Xml, forms: &[Form], captions: Option<&Captions>) {
    let Some(captions) = captions else { return };
    if forms.contains(&Form::Cea608) {
        let value = format_args!("CC1={}", captions.cea608);
        descriptor(xml, "Accessibility", "urn:scte:dash:cc:cea-608:2015", value);
    }
    if forms.contains(&Form::Cea708) {
        let value = format_args!("1=lang:{}", captions.cea708);
        descriptor(xml, "Accessibility", "urn:scte:dash:cc:cea-708:2015", value);
    }
}

pub(crate) fn descriptor(xml: &mut Xml, name: &'static str, scheme: &str, value: impl fmt::Display) {
    xml.element(name, |xml| {
        xml.attribute("schemeIdUri", scheme).attribute("value", value);
    });
}
