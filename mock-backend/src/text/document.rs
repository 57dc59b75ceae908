//! TTML documents of the IMSC 1.1 profiles.

use super::Moment;
use crate::mpd::Xml;
use std::fmt;

/// A time expression.
struct Time(u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0 / 1000, self.0 % 1000)
    }
}

/// A document with times less `offset`. With `pictures`, it shows those: they come after it, as subsamples.
pub(crate) fn document(moments: &[Moment], lang: &str, offset: u64, pictures: bool) -> String {
    let mut xml = Xml::new();
    xml.element("tt", |xml| {
        xml.attribute("xmlns", "http://www.w3.org/ns/ttml")
            .attribute("xmlns:tts", "http://www.w3.org/ns/ttml#styling")
            .attribute("xmlns:ttp", "http://www.w3.org/ns/ttml#parameter")
            .attribute("xmlns:itts", "http://www.w3.org/ns/ttml/profile/imsc1#styling")
            .attribute("xmlns:smpte", "http://www.smpte-ra.org/schemas/2052-1/2010/smpte-tt")
            .attribute(
                "ttp:contentProfiles",
                match pictures {
                    true => "http://www.w3.org/ns/ttml/profile/imsc1.1/image",
                    false => "http://www.w3.org/ns/ttml/profile/imsc1.1/text",
                },
            )
            .attribute("xml:lang", lang);
        xml.element("head", |xml| {
            xml.element("layout", |xml| {
                region(xml, "low", "10% 75%", "80% 20%", "after");
                region(xml, "high", "10% 5%", "80% 20%", "before");
            });
        });
        xml.element("body", |xml| {
            for (number, moment) in (1..).zip(moments) {
                let (start, end) = (moment.start.saturating_sub(offset), moment.end - offset);
                if pictures {
                    picture(xml, number, Time(start), Time(end));
                } else {
                    paragraph(xml, moment, Time(start), Time(end));
                }
            }
        });
    });
    xml.finish()
}

fn region(xml: &mut Xml, id: &str, origin: &str, extent: &str, align: &str) {
    xml.element("region", |xml| {
        xml.attribute("xml:id", id)
            .attribute("tts:origin", origin)
            .attribute("tts:extent", extent)
            .attribute("tts:displayAlign", align)
            .attribute("tts:textAlign", "center");
    });
}

fn paragraph(xml: &mut Xml, moment: &Moment, start: Time, end: Time) {
    xml.element("div", |xml| {
        let region = if moment.settings.contains("line:1") {
            "high"
        } else {
            "low"
        };
        xml.attribute("region", region);
        xml.element("p", |xml| {
            xml.attribute("begin", start).attribute("end", end);
            if moment.is_forced() {
                xml.attribute("itts:forcedDisplay", true)
                    .attribute("tts:fontStyle", "italic")
                    .attribute("tts:color", "#ffff80");
            }
            for (number, line) in moment.lines().iter().enumerate() {
                if number > 0 {
                    xml.element("br", |_| {});
                }
                xml.text(line);
            }
        });
    });
}

fn picture(xml: &mut Xml, number: usize, start: Time, end: Time) {
    xml.element("div", |xml| {
        xml.attribute("region", "low")
            .attribute("begin", start)
            .attribute("end", end)
            .attribute("smpte:backgroundImage", format_args!("urn:mpeg:14496-30:subs:{number}"));
    });
}
