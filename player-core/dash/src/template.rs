//! `SegmentTemplate` URLs: `$Number$`, `$Time$`, `$SubNumber$`, `$Bandwidth$`, `$RepresentationID$`, `$$`.

/// The widest `%0Nd` there may be.
pub(crate) const MAX_WIDTH: usize = 32;

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Literal(String),
    Number { width: usize },
    Time { width: usize },
    SubNumber { width: usize },
}

/// A URL template for one Representation: what is the same for all of its segments is filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

impl Template {
    /// Reads a template, or says what is wrong with it.
    pub(crate) fn parse(text: &str, representation: &str, bandwidth: u64) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut pieces = text.split('$');
        literal.push_str(pieces.next().unwrap_or_default());
        // Text and identifiers take turns, parted by dollars.
        while let Some(identifier) = pieces.next() {
            let after = pieces.next().ok_or("a URL template has a $ without a partner")?;
            let (name, width) = split_width(identifier)?;
            let variable = match name {
                "" | "RepresentationID" if width.is_some() => {
                    return Err("a URL template gives a width where there can be none");
                }
                "" => {
                    literal.push('$');
                    None
                }
                "RepresentationID" => {
                    literal.push_str(representation);
                    None
                }
                "Bandwidth" => {
                    push_number(&mut literal, bandwidth, width.unwrap_or(1));
                    None
                }
                "Number" => Some(Part::Number {
                    width: width.unwrap_or(1),
                }),
                "Time" => Some(Part::Time {
                    width: width.unwrap_or(1),
                }),
                "SubNumber" => Some(Part::SubNumber {
                    width: width.unwrap_or(1),
                }),
                _ => return Err("a URL template has an identifier that is not supported"),
            };
            if let Some(variable) = variable {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
                parts.push(variable);
            }
            literal.push_str(after);
        }
        parts.push(Part::Literal(literal));
        Ok(Self { parts })
    }

    /// The whole, for a template that must not depend on the segment.
    pub(crate) fn constant(self) -> Result<String, &'static str> {
        match self.parts.into_iter().next() {
            Some(Part::Literal(text)) if !text.is_empty() => Ok(text),
            _ => Err("a URL template is empty, or depends on a segment where there is none"),
        }
    }

    pub(crate) fn expand(&self, number: u64, time: u64, sub_number: u32) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Number { width } => push_number(&mut out, number, *width),
                Part::Time { width } => push_number(&mut out, time, *width),
                Part::SubNumber { width } => push_number(&mut out, u64::from(sub_number.max(1)), *width),
            }
        }
        out
    }

    /// Does it tell the parts of a segment sequence apart?
    pub(crate) fn has_parts(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::SubNumber { .. }))
    }

    /// Bytes of text it holds.
    pub(crate) fn weight(&self) -> usize {
        self.parts
            .iter()
            .map(|part| if let Part::Literal(text) = part { text.len() } else { 0 })
            .sum()
    }
}

fn split_width(identifier: &str) -> Result<(&str, Option<usize>), &'static str> {
    let Some((name, format)) = identifier.split_once('%') else {
        return Ok((identifier, None));
    };
    let digits = format.strip_prefix('0').and_then(|format| format.strip_suffix('d'));
    let width = digits
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|d| d.parse().ok());
    match width {
        Some(width) if width <= MAX_WIDTH => Ok((name, Some(width))),
        _ => Err("a URL template has a width that is not %0Nd, or too large"),
    }
}

/// Writes a number in decimal with at least `width` digits (at most as many as `%0Nd` of a URL template may have), and
/// without the weight of formatting.
pub fn push_number(out: &mut String, number: u64, width: usize) {
    let mut digits = [b'0'; MAX_WIDTH];
    let (mut rest, mut used) = (number, 0_usize);
    for digit in digits.iter_mut().rev() {
        if rest == 0 && used >= width.max(1) {
            break;
        }
        *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
        rest /= 10;
        used = used.saturating_add(1);
    }
    let text = digits.get(MAX_WIDTH.saturating_sub(used)..).unwrap_or_default();
    out.push_str(std::str::from_utf8(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_filled_in() {
        let cases = [
            ("$RepresentationID$/$Number$.m4s", "v1/7.m4s"),
            ("$Number%05d$-$Time%012d$", "00007-000000090000"),
            ("$Bandwidth$_$Bandwidth%09d$", "128000_000128000"),
            ("a$$b$$$Number$", "a$b$7"),
            ("$Time$", "90000"),
            ("$Number$-p$SubNumber%02d$", "7-p01"),
            ("plain", "plain"),
            ("$Number%00d$", "7"),
            ("$Number$$Number$", "77"),
        ];
        for (template, expected) in cases {
            let template = Template::parse(template, "v1", 128_000).unwrap();
            assert_eq!(template.expand(7, 90_000, 0), expected);
        }
        let dollars = Template::parse("$RepresentationID$", "$Number$", 1).unwrap();
        assert_eq!(
            dollars.constant().unwrap(),
            "$Number$",
            "what is filled in is not read again"
        );
    }

    #[test]
    fn faults_are_told() {
        for text in [
            "$Number",
            "a$",
            "$Foo$",
            "$number$",
            "$Number%5d$",
            "$Number%0xd$",
            "$Number%0-1d$",
            "$RepresentationID%02d$",
            "$Number%0999d$",
            "$%02d$",
            "$Number%03x$",
        ] {
            assert!(Template::parse(text, "v", 1).is_err(), "{text}");
        }
        assert!(Template::parse("$Number$", "v", 1).unwrap().constant().is_err());
        assert!(Template::parse("", "v", 1).unwrap().constant().is_err());
    }
}
