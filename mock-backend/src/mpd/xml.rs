//! A writer of XML that cannot produce anything ill-formed: names are ours, everything else is escaped.

use std::fmt::{Display, Write as _};

/// An XML document under construction.
#[derive(Debug)]
pub(crate) struct Xml {
    out: String,
    depth: usize,
    /// The start tag is still open for attributes.
    in_tag: bool,
}

impl Xml {
    /// An empty document.
    pub(crate) fn new() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_owned(),
            depth: 0,
            in_tag: false,
        }
    }

    /// An element; `content` gives it attributes first, then what is in it.
    pub(crate) fn element(&mut self, name: &'static str, content: impl FnOnce(&mut Self)) {
        self.end_tag();
        self.indent();
        self.out.push('<');
        self.out.push_str(name);
        self.in_tag = true;
        self.depth += 1;
        let before = self.out.len();
        content(self);
        self.depth -= 1;
        if self.in_tag {
            self.out.push_str("/>");
            self.in_tag = false;
            return;
        }
        if self.out[before..].contains('\n') {
            self.indent();
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// An element with nothing but text in it.
    pub(crate) fn text_element(&mut self, name: &'static str, text: impl Display) {
        self.element(name, |xml| xml.text(text));
    }

    /// An attribute of the element just opened.
    pub(crate) fn attribute(&mut self, name: &'static str, value: impl Display) -> &mut Self {
        debug_assert!(self.in_tag, "attributes come before content");
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        self.escaped(value);
        self.out.push('"');
        self
    }

    /// An attribute, when there is a value for it.
    pub(crate) fn optional(&mut self, name: &'static str, value: Option<impl Display>) -> &mut Self {
        if let Some(value) = value {
            self.attribute(name, value);
        }
        self
    }

    /// Text.
    pub(crate) fn text(&mut self, text: impl Display) {
        self.end_tag();
        self.escaped(text);
    }

    /// The document.
    pub(crate) fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }

    fn end_tag(&mut self) {
        if self.in_tag {
            self.out.push('>');
            self.in_tag = false;
        }
    }

    fn indent(&mut self) {
        self.out.push('\n');
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
    }

    fn escaped(&mut self, value: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(Escaper(&mut self.out), "{value}");
    }
}

struct Escaper<'a>(&'a mut String);

impl std::fmt::Write for Escaper<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\t' => self.0.push_str("&#9;"),
                '\n' => self.0.push_str("&#10;"),
                '\r' => self.0.push_str("&#13;"),
                // Not allowed in XML 1.0 in any form.
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                other => self.0.push(other),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_nest_and_values_are_escaped() {
        let mut xml = Xml::new();
        xml.element("a", |xml| {
            xml.attribute("x", "\"<&>\n\0")
                .optional("y", None::<u8>)
                .optional("z", Some(1));
            xml.element("b", |_| {});
            xml.text_element("c", "1 < 2");
        });
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <a x=\"&quot;&lt;&amp;&gt;&#10;\u{fffd}\" z=\"1\">\n  <b/>\n  <c>1 &lt; 2</c>\n</a>\n";
        assert_eq!(xml.finish(), expected);
    }
}
