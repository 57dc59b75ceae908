//! Whole elements: their children, their text, or nothing of them.

use super::{Event, Scanner, Tag};
use crate::Halt;
use memchr::memchr;
use std::borrow::Cow;

impl<'a> Scanner<'a> {
    /// The next element in the one that is open; none at its end. Text between elements is none of the MPD's.
    pub(crate) fn child(&mut self) -> Result<Option<Tag<'a>>, Halt> {
        loop {
            match self.next()? {
                Event::Start(tag) => return Ok(Some(tag)),
                Event::Text { text, start, .. } => {
                    if !text.trim_ascii().is_empty() {
                        self.report.add(start, "xml.stray-text", "");
                    }
                }
                Event::End { .. } | Event::Eof => return Ok(None),
            }
        }
    }

    /// Passes over the rest of the element started last; tells where its content ends, and whether there were
    /// elements in it.
    pub(crate) fn skip(&mut self) -> Result<(usize, bool), Halt> {
        let depth = self.open.len();
        let mut has_elements = false;
        loop {
            match self.next()? {
                Event::Start(_) => has_elements = true,
                Event::End { start, .. } if self.open.len() < depth => return Ok((start, has_elements)),
                Event::Eof => return Ok((self.at, has_elements)),
                Event::End { .. } | Event::Text { .. } => {}
            }
        }
    }

    /// The text of the element started last, trimmed, and past its end; elements in it are passed over.
    pub(crate) fn content(&mut self) -> Result<Cow<'a, str>, Halt> {
        let depth = self.open.len();
        let mut content = Cow::Borrowed("");
        loop {
            match self.next()? {
                Event::Text { text, start, is_cdata } if self.open.len() == depth => {
                    let text = if is_cdata {
                        Cow::Borrowed(text)
                    } else {
                        self.unescape(text, start)
                    };
                    if content.is_empty() {
                        content = text;
                    } else {
                        content.to_mut().push_str(&text);
                    }
                }
                Event::End { .. } if self.open.len() < depth => break,
                Event::Eof => break,
                _ => {}
            }
        }
        Ok(trimmed(content))
    }

    /// References resolved; one that is none stays as it is and is reported.
    pub(crate) fn unescape(&mut self, text: &'a str, start: usize) -> Cow<'a, str> {
        if memchr(b'&', text.as_bytes()).is_none() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut pieces = text.split('&');
        out.push_str(pieces.next().unwrap_or_default());
        let mut at = start.saturating_add(out.len());
        for piece in pieces {
            let end = piece.bytes().take(12).position(|byte| byte == b';');
            let reference = end.and_then(|end| piece.split_at_checked(end));
            match reference.and_then(|(name, rest)| Some((resolve(name)?, rest))) {
                Some((letter, rest)) => {
                    out.push(letter);
                    out.push_str(rest.strip_prefix(';').unwrap_or(rest));
                }
                None => {
                    self.report.add(at, "xml.reference", "");
                    out.push('&');
                    out.push_str(piece);
                }
            }
            at = at.saturating_add(piece.len()).saturating_add(1);
        }
        Cow::Owned(out)
    }
}

/// What a reference stands for: one of XML's five names, or a number.
fn resolve(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) if hex.bytes().all(|byte| byte.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok()?,
                None if number.bytes().all(|byte| byte.is_ascii_digit()) => number.parse().ok()?,
                _ => return None,
            };
            char::from_u32(code).filter(|letter| *letter != '\0')?
        }
    })
}

/// Without blanks around it.
pub(crate) fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) if text.trim_ascii().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
    }
}
