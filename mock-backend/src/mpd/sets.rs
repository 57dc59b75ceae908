//! AdaptationSets of picture and sound, however their segments are addressed.

use super::Xml;
use crate::media::{AudioRendition, Loop, VideoRendition};
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
        descriptor(xml, "Role", "urn:mpeg:dash:role:2011", "main");
        addresses.write_shared(xml);
        for video in video {
            xml.element("Representation", |xml| {
                xml.attribute("id", &video.id)
                    .attribute("bandwidth", video.media.peak_bitrate())
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

pub(crate) fn descriptor(xml: &mut Xml, name: &'static str, scheme: &str, value: impl fmt::Display) {
    xml.element(name, |xml| {
        xml.attribute("schemeIdUri", scheme).attribute("value", value);
    });
}
