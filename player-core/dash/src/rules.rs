//! What each diagnostic means: how bad it is, the rule that is broken, and the message, where `~` stands for the
//! detail.

use crate::Severity::{self, Warning};
#[cfg(feature = "full")]
use crate::Severity::{Error, Info};

#[cfg(feature = "full")]
const XML: &str = "XML 1.0";
#[cfg(feature = "full")]
const NAMES: &str = "Namespaces in XML 1.0";

/// A browser's player tells the code, the place and the detail.
#[cfg(not(feature = "full"))]
pub(crate) const fn rule(_code: &str) -> (Severity, &'static str, &'static str) {
    (Warning, "", "")
}

/// Of an unknown code only the detail is told.
#[cfg(feature = "full")]
pub(crate) fn rule(code: &str) -> (Severity, &'static str, &'static str) {
    match code {
        "xml.byte-order-mark" => (Info, XML, "the document starts with a byte order mark"),
        "xml.doctype" => (
            Warning,
            XML,
            "a document type was passed over; entities that it declares are not resolved",
        ),
        "xml.stray-text" => (Warning, XML, "text where only elements may be was passed over"),
        "xml.unbound-prefix" => (Warning, NAMES, "the prefix \"~\" is not declared"),
        "xml.namespace" => (
            Warning,
            "ISO/IEC 23009-1, 5.2.2",
            "the MPD is not of the namespace urn:mpeg:dash:schema:mpd:2011",
        ),
        "xml.attribute" => (Warning, XML, "a / between attributes was passed over"),
        "xml.no-blank" => (Warning, XML, "there is no blank before the attribute ~"),
        "xml.no-value" => (Warning, XML, "the attribute ~ has no value and was left out"),
        "xml.unquoted" => (Warning, XML, "the value of ~ has no quotes"),
        "xml.duplicate-attribute" => (Warning, XML, "the attribute ~ is there twice; the first one counts"),
        "xml.reference" => (Warning, XML, "an & that starts no known reference was taken as it is"),
        "element.order" => (
            Info,
            "ISO/IEC 23009-1, 5.2.2",
            "<~> comes after elements that it must precede",
        ),
        "element.unknown" => (
            Info,
            "ISO/IEC 23009-1, 5.2.2",
            "<~> is not known here and was passed over",
        ),
        "element.repeated" => (Warning, "ISO/IEC 23009-1, 5.2.2", "a second <~> was passed over"),
        "attribute.missing" => (Info, "ISO/IEC 23009-1, 5.3.1.2", "@~ is missing"),
        "attribute.invalid" => (
            Warning,
            "ISO/IEC 23009-1, 5.2.2",
            "@~ is not of its type, or out of its range, and counts as absent",
        ),
        "descriptor.no-scheme" => (Warning, "ISO/IEC 23009-1, 5.8.2", "<~> has no @schemeIdUri"),
        "content-protection.base64" => (Warning, "ISO/IEC 23009-1, 5.8.5.2", "the content of <~> is no base64"),
        "url.invalid" => (Warning, "RFC 3986, 2", "a URL has characters that must be escaped"),
        "base-url.limit" => (Warning, "", "a BaseURL too long or too many was left out"),
        "mpd.essential-property" => (
            Warning,
            "ISO/IEC 23009-1, 5.8.4.8",
            "the MPD asks for ~, which is not known",
        ),
        "mpd.no-duration" => (
            Warning,
            "ISO/IEC 23009-1, 5.3.1.2",
            "the duration of the presentation is not known",
        ),
        "period.essential-property" => (
            Warning,
            "ISO/IEC 23009-1, 5.8.4.8",
            "a Period asks for ~, which is not known",
        ),
        "period.no-start" => (
            Error,
            "ISO/IEC 23009-1, 5.3.2.1",
            "a Period without a start was left out",
        ),
        "period.order" => (
            Error,
            "ISO/IEC 23009-1, 5.3.2.1",
            "a Period that starts no later than the one before it was left out",
        ),
        "period.empty" => (
            Warning,
            "ISO/IEC 23009-1, 5.3.2.2",
            "a Period has no duration and was left out",
        ),
        "period.duration" => (
            Warning,
            "ISO/IEC 23009-1, 5.3.2.1",
            "a Period's duration is not the time to the next Period's start, which counts",
        ),
        "period.no-media" => (Warning, "ISO/IEC 23009-1, 5.3.2.2", "a Period has nothing to play"),
        "period.linked" => (
            Info,
            "ISO/IEC 23009-1, 5.3.2.6",
            "a Period whose content is elsewhere, and not known, was left out",
        ),
        "adaptation-set.empty" => (
            Warning,
            "ISO/IEC 23009-1, 5.3.3.2",
            "an AdaptationSet without a usable Representation was left out",
        ),
        "adaptation-set.essential-property" => (
            Warning,
            "ISO/IEC 23009-1, 5.8.4.8",
            "an AdaptationSet asks for ~, which is not known, and was left out",
        ),
        "representation.no-id" | "representation.no-bandwidth" => (Error, "ISO/IEC 23009-1, 5.3.5.2", "~"),
        "representation.no-mime-type" => (Error, "ISO/IEC 23009-1, 5.3.7.2", "~"),
        "representation.dependent" => (Warning, "ISO/IEC 23009-1, 5.3.5.2", "~"),
        "representation.essential-property" => (Warning, "ISO/IEC 23009-1, 5.8.4.8", "~"),
        "representation.addressing" => (Error, "ISO/IEC 23009-1, 5.3.9", "~"),
        "timeline.no-duration" => (
            Error,
            "ISO/IEC 23009-1, 5.3.9.6.2",
            "an S without a usable duration was left out",
        ),
        "timeline.overlap" => (
            Warning,
            "ISO/IEC 23009-1, 5.3.9.6.2",
            "an S starts before the one before it ends, which was cut",
        ),
        "timeline.backwards" => (
            Error,
            "ISO/IEC 23009-1, 5.3.9.6.2",
            "an S that starts no later than the one before it was left out",
        ),
        "timeline.repeat" => (
            Warning,
            "ISO/IEC 23009-1, 5.3.9.6.2",
            "an S repeats up to the next one, which does not tell its time; it is taken once",
        ),
        "timeline.sequence" => (
            Warning,
            "ISO/IEC 23009-1, 5.3.9.6.4",
            "the URLs of segment sequences (S@k) do not tell their parts apart; each sequence is one segment",
        ),
        "timeline.pattern" => (
            Error,
            "ISO/IEC 23009-1, 5.3.9.6.5",
            "an S refers to a Pattern \"~\" that is not there",
        ),
        "event.alternative" => (
            Warning,
            "ISO/IEC 23009-1, 5.10.4.5",
            "an event for another presentation does not tell which",
        ),
        "remote.depth" => (
            Warning,
            "ISO/IEC 23009-1, 5.5.2",
            "a link to ~ leads in circles, or too deep, and was not followed",
        ),
        "remote.failed" => (
            Warning,
            "ISO/IEC 23009-1, 5.5.3",
            "what ~ leads to could not be had, or not be used",
        ),
        "remote.limit" => (Warning, "", "a link too many was not followed"),
        _ => (Warning, "", "~"),
    }
}
