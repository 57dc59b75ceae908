//! `SegmentTemplate` URLs: `$Number$`, `$Time$`, `$SubNumber$`, `$Bandwidth$`, `$RepresentationID$`, `$$`.

/// The widest `%0Nd` there may be.
pub(crate) const MAX_WIDTH: usize = 32;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// The text from one byte to another.
    Literal {
        from: usize,
        to: usize,
    },
    RepresentationId,
    Bandwidth(usize),
    Number(usize),
    Time(usize),
    SubNumber(usize),
}

/// What a template is filled in with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filling<'l> {
    pub(crate) id: &'l str,
    pub(crate) bandwidth: u64,
    pub(crate) number: u64,
    pub(crate) time: u64,
    pub(crate) sub_number: u32,
}

/// A URL template, the same for every Representation that inherits it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Template {
    text: Box<str>,
    parts: Vec<Part>,
}

impl Template {
    /// Reads a template, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::with_capacity(8);
        let (mut from, mut is_identifier) = (0_usize, false);
        // Text and identifiers take turns, parted by dollars. By hand: the library's way is slow where code is made small.
        let ends = text.bytes().chain([b'$']).enumerate().filter(|(_, byte)| *byte == b'$');
        for (to, _) in ends {
            if is_identifier {
                // `$$` stands for one of them.
                let dollar = Part::Literal {
                    from: from.saturating_sub(1),
                    to: from,
                };
                parts.push(identifier(text.get(from..to).unwrap_or_default())?.unwrap_or(dollar));
            } else if to > from {
                parts.push(Part::Literal { from, to });
            }
            from = to.saturating_add(1);
            is_identifier = !is_identifier;
        }
        if !is_identifier {
            return Err("a URL template has a $ without a partner");
        }
        Ok(Self {
            text: text.into(),
            parts,
        })
    }

    /// For what does not depend on the segment.
    pub(crate) fn constant(text: &str) -> Result<Self, &'static str> {
        let template = Self::parse(text)?;
        let is_constant =
            |part: &Part| matches!(part, Part::Literal { .. } | Part::RepresentationId | Part::Bandwidth(_));
        if text.is_empty() || !template.parts.iter().all(is_constant) {
            return Err("a URL template is empty, or depends on a segment where there is none");
        }
        Ok(template)
    }

    pub(crate) fn expand(&self, with: Filling<'_>) -> String {
        let mut out = String::with_capacity(self.text.len().saturating_add(with.id.len()));
        for part in &self.parts {
            match *part {
                Part::Literal { from, to } => out.push_str(self.text.get(from..to).unwrap_or_default()),
                Part::RepresentationId => out.push_str(with.id),
                Part::Bandwidth(width) => push_number(&mut out, with.bandwidth, width),
                Part::Number(width) => push_number(&mut out, with.number, width),
                Part::Time(width) => push_number(&mut out, with.time, width),
                Part::SubNumber(width) => push_number(&mut out, u64::from(with.sub_number.max(1)), width),
            }
        }
        out
    }

    /// Does it tell the parts of a segment sequence apart?
    pub(crate) fn has_parts(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::SubNumber(_)))
    }

    /// Bytes of text it holds.
    pub(crate) fn weight(&self) -> usize {
        self.text.len()
    }
}

/// What is between two dollars; none where there is nothing.
fn identifier(text: &str) -> Result<Option<Part>, &'static str> {
    let (name, width) = split_width(text)?;
    let digits = width.unwrap_or(1);
    Ok(Some(match name {
        "" | "RepresentationID" if width.is_some() => {
            return Err("a URL template gives a width where there can be none");
        }
        "" => return Ok(None),
        "RepresentationID" => Part::RepresentationId,
        "Bandwidth" => Part::Bandwidth(digits),
        "Number" => Part::Number(digits),
        "Time" => Part::Time(digits),
        "SubNumber" => Part::SubNumber(digits),
        _ => return Err("a URL template has an identifier that is not supported"),
    }))
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

    const FILLING: Filling<'_> = Filling {
        id: "v1",
        bandwidth: 128_000,
        number: 7,
        time: 90_000,
        sub_number: 0,
    };

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
            let template = Template::parse(template).unwrap();
            assert_eq!(template.expand(FILLING), expected);
        }
        let dollars = Template::constant("$RepresentationID$").unwrap();
        let with = Filling {
            id: "$Number$",
            ..FILLING
        };
        assert_eq!(dollars.expand(with), "$Number$", "what is filled in is not read again");
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
            assert!(Template::parse(text).is_err(), "{text}");
        }
        for text in ["$Number$", "init-$Time$.mp4", ""] {
            assert!(Template::constant(text).is_err(), "{text}");
        }
    }
}
