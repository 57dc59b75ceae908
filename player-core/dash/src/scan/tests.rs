//! Events with their places, what is forgiven and what is not.

use super::*;
use crate::Error;
use proptest::prelude::*;

fn events(text: &str) -> Result<Vec<String>, Error> {
    let mut scan = Scanner::new(text)?;
    let mut all = Vec::new();
    loop {
        let event = scan.next()?;
        all.push(match event {
            Event::Start(tag) => {
                let attributes: Vec<_> = scan
                    .attributes()
                    .iter()
                    .map(|a| format!("{}={}", a.name, a.value))
                    .collect();
                assert!(text[tag.start..tag.end].starts_with('<') && text[tag.start..tag.end].ends_with('>'));
                format!("+{} {}", tag.name, attributes.join(","))
            }
            Event::End { start } => format!("-{}", &text[start..scan.at()]),
            Event::Text { text: found, start, .. } => {
                assert!(text[start..].starts_with(found));
                found.to_owned()
            }
            Event::Eof => return Ok(all),
        });
    }
}

fn codes(text: &str) -> Vec<&'static str> {
    let mut scan = Scanner::new(text).unwrap();
    while !matches!(scan.next(), Ok(Event::Eof) | Err(_)) {}
    scan.report.findings().iter().map(|found| found.code).collect()
}

#[test]
fn events_tell_their_places() {
    let text = "<?xml version='1.0'?><!-- <x> --><a b='1' c=\">\"><b/>t<![CDATA[<&]]><c>&amp;</c ></a>\n";
    let expected = ["+a b=1,c=>", "+b ", "-", "t", "<&", "+c ", "&amp;", "-</c >", "-</a>"];
    assert_eq!(events(text).unwrap(), expected);
    assert_eq!(codes(text), [""; 0]);
}

#[test]
fn what_has_one_meaning_is_forgiven() {
    for (text, code, expected) in [
        ("<a b=\"1\"c=\"2\"/>", "xml.no-blank", "+a b=1,c=2"),
        ("<a b=1 c=x/>", "xml.unquoted", "+a b=1,c=x"),
        ("<a b=\"1\" b=\"2\"/>", "xml.duplicate-attribute", "+a b=1"),
        ("<a b c=\"2\"/>", "xml.no-value", "+a c=2"),
        ("<a b='1' / c='2'/>", "xml.attribute", "+a b=1,c=2"),
        ("\u{FEFF}<a/>", "xml.byte-order-mark", "+a "),
        ("<!DOCTYPE a [<!ENTITY x \"y\">]><a/>", "xml.doctype", "+a "),
        ("<p:a/>", "xml.unbound-prefix", "+p:a "),
        ("<a/> tail", "xml.stray-text", "+a "),
    ] {
        assert_eq!(events(text).unwrap()[0], expected, "{text}");
        // Of the mark nobody needs to be warned.
        let is_told = FULL || code != "xml.byte-order-mark";
        assert_eq!(codes(text).first().copied(), is_told.then_some(code), "{text}");
    }
}

#[test]
fn what_has_none_is_an_error() {
    for text in [
        "",
        "a",
        "<",
        "<a",
        "<a>",
        "<a b",
        "<a b=",
        "<a b='",
        "<a></b>",
        "</a>",
        "<a/><a/>",
        "<a><!--",
        "<a><![CDATA[",
        "<?x",
        "<!DOCTYPE",
        "< a/>",
        "<a =\"1\"/>",
        "<a b='1'/",
        "<a><b></a></b>",
    ] {
        assert_eq!(events(text).unwrap_err().code(), "manifest.malformed", "{text}");
    }
}

#[test]
fn bounds_hold() {
    let deep = "<a>".repeat(MAX_DEPTH + 1);
    let many: String = (0..=MAX_ATTRIBUTES).map(|at| format!(" a{at}=''")).collect();
    let spaces: String = (0..=MAX_NAMESPACES).map(|at| format!(" xmlns:a{at}=''")).collect();
    let long = format!("<a b='{}'/>", "x".repeat(MAX_TAG_BYTES));
    for text in [deep, format!("<a{many}/>"), format!("<a{spaces}/>"), long] {
        assert_eq!(events(&text).unwrap_err().code(), "manifest.too-large");
    }
}

#[test]
fn references_are_resolved() {
    let content = |text: &str| {
        let text = format!("<a>{text}</a>");
        let mut scan = Scanner::new(&text).unwrap();
        scan.child().unwrap();
        scan.content().unwrap().into_owned()
    };
    for (text, expected) in [
        (" a&amp;b ", "a&b"),
        ("&#65;&#x42;&lt;&gt;&quot;&apos;", "AB<>\"'"),
        ("http://x/?a=b&c=d&e", "http://x/?a=b&c=d&e"),
        ("&unknown;&#0;&#x110000;&;", "&unknown;&#0;&#x110000;&;"),
        ("a<b>x</b>c", "ac"),
        ("<![CDATA[&amp;]]>", "&amp;"),
    ] {
        assert_eq!(content(text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_ends(text in "[<>/=\"'&;!\\[\\]?a-c: -]{0,80}") {
        let _ = events(&text);
    }
}
