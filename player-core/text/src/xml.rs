//! A small pull scanner for TTML: tolerant where a viewer would rather have subtitles than an error.

use std::borrow::Cow;

use crate::references;

/// What the scanner finds.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// A start tag; `attributes` is the rest of it, for [`attributes`].
    Start {
        name: &'a str,
        attributes: &'a str,
        empty: bool,
    },
    /// An end tag, whatever its name.
    End,
    /// Text, entities resolved.
    Text(Cow<'a, str>),
}

/// Walks over a document. Comments, processing instructions and DTDs are skipped; no entities but XML's own.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// What stands before `end`; the scanner goes on after it, at the end of the text when it is missing.
    fn until(&mut self, end: &str) -> &'a str {
        let (before, after) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = after;
        before
    }

    fn tag(&mut self, inner: &'a str) -> Event<'a> {
        let mut quote = None;
        let mut length = inner.len();
        for (at, byte) in inner.bytes().enumerate() {
            match (byte, quote) {
                (b'"' | b'\'', None) => quote = Some(byte),
                (_, Some(open)) if byte == open => quote = None,
                (b'>', None) => {
                    length = at;
                    break;
                }
                _ => {}
            }
        }
        let (tag, after) = inner.split_at(length);
        self.rest = after.get(1..).unwrap_or_default();
        let body = tag.strip_suffix('/');
        let tag = body.unwrap_or(tag);
        let (name, attributes) = tag.split_at(tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len()));
        Event::Start {
            name: local(name),
            attributes,
            empty: body.is_some(),
        }
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        while !self.rest.is_empty() {
            let Some(inner) = self.rest.strip_prefix('<') else {
                let (text, after) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
                self.rest = after;
                return Some(Event::Text(unescape(text)));
            };
            self.rest = inner;
            if let Some(inner) = inner.strip_prefix("![CDATA[") {
                self.rest = inner;
                return Some(Event::Text(Cow::Borrowed(self.until("]]>"))));
            } else if inner.starts_with("!--") {
                self.until("-->");
            } else if inner.starts_with('?') {
                self.until("?>");
            } else if inner.starts_with('!') {
                // A DTD with an internal subset ends with `]>`.
                let head = self.until(">");
                if head.contains('[') && !head.ends_with(']') {
                    self.until("]>");
                }
            } else if inner.starts_with('/') {
                self.until(">");
                return Some(Event::End);
            } else {
                return Some(self.tag(inner));
            }
        }
        None
    }
}

/// Attributes of a tag, their names without prefixes.
pub(crate) fn attributes(mut rest: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    std::iter::from_fn(move || {
        loop {
            let (name, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next()?;
            if quote != '"' && quote != '\'' {
                rest = after;
                continue;
            }
            let inner = after.get(1..)?;
            let (value, tail) = inner.split_once(quote).unwrap_or((inner, ""));
            rest = tail;
            let name = name.trim().rsplit(|c: char| c.is_ascii_whitespace()).next()?;
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            return Some((local(name), unescape(value)));
        }
    })
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Resolves character references; unknown ones stay as they are.
fn unescape(text: &str) -> Cow<'_, str> {
    if text.contains('&') {
        Cow::Owned(references::unescape(text))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let mut out = String::new();
        for event in Scanner::new(text) {
            match event {
                Event::Start {
                    name,
                    attributes: raw,
                    empty,
                } => {
                    out.push_str(&format!("<{name}"));
                    for (name, value) in attributes(raw) {
                        out.push_str(&format!(" {name}={value}"));
                    }
                    out.push_str(if empty { "/>" } else { ">" });
                }
                Event::End => out.push_str("</>"),
                Event::Text(text) => out.push_str(&text),
            }
        }
        out
    }

    #[test]
    fn documents_are_walked() {
        let text = "<?xml version='1.0'?><!DOCTYPE tt [<!ENTITY a \"b\">]><!-- <x> --><t:tt xmlns:t='u' a:b = '1 > 0'c=\"&lt;&#65;\"><br/>x &amp; &y;<![CDATA[<z>]]></t:tt>";
        assert_eq!(told(text), "<tt b=1 > 0 c=<A><br/>x & &y;<z></>");
    }

    #[test]
    fn what_is_cut_off_ends() {
        for text in [
            "<a",
            "<a b",
            "<a b='",
            "<!--",
            "<![CDATA[x",
            "<?",
            "</a",
            "<",
            "<a b=c d='1'>",
        ] {
            let _ = told(text);
        }
        assert_eq!(told("<a b=c d='1'>"), "<a d=1>");
    }
}
