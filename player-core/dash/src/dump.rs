//! The model as text, for golden files and for people: everything that it says, what it does not say left out.

use crate::{Micros, Presentation, Representation, Segment, SegmentIndex, Segments};
use std::fmt;

/// The whole model as indented text, one thing a line, which changes only when the model does.
#[must_use]
pub fn dump(presentation: &Presentation) -> String {
    let text = format!("{presentation:?}");
    let mut out = String::new();
    let mut reader = Reader { rest: &text };
    reader.value(0).print("", 0, &mut out);
    out
}

/// Shows what a player would fetch, not how it is stored: the first segments and the last one.
impl fmt::Debug for Segments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = SegmentIndex::new(self);
        let mut shown = formatter.debug_struct("Segments");
        shown.field("timescale", &self.timescale());
        shown.field("timestamp_offset", &self.timestamp_offset());
        shown.field("initialization", &self.initialization());
        shown.field("pending", &index.pending());
        shown.field("is_explicit", &index.is_explicit());
        shown.field("count", &index.len());
        let last = index.len().unwrap_or(0).saturating_sub(1);
        let listed: Vec<Shown> = (0..4)
            .chain((last > 3).then_some(last))
            .filter_map(|at| index.segment(at))
            .map(Shown)
            .collect();
        shown.field("segments", &listed);
        shown.finish()
    }
}

/// Shows all in one place, as a manifest does.
impl fmt::Debug for Representation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Representation");
        macro_rules! show {
            ($($field:ident)*) => { $(shown.field(stringify!($field), &self.$field);)* };
        }
        show!(id bandwidth mime_type codecs width height frame_rate sample_rate channels quality_ranking base_urls tile);
        show!(essential supplemental segments inband_event_streams producer_reference_times resyncs failover sar);
        show!(supplemental_codecs start_with_sap interlaced url_query header_query manifest_origin max_playout_rate);
        show!(coding_dependency media_stream_structure associations sub_representations details);
        shown.finish()
    }
}

/// A segment in a line.
struct Shown(Segment);

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Segment {
            position,
            start,
            end,
            resource,
            sub_number,
            ..
        } = &self.0;
        let mut line = format!(
            "{position}: {} to {} {}",
            seconds(start.0),
            seconds(end.0),
            resource.reference
        );
        if let Some(range) = resource.range {
            line += &format!(
                " @{}-{}",
                range.start,
                range.end.map(|end| end.to_string()).unwrap_or_default()
            );
        }
        if let Some(part) = sub_number {
            line += &format!(" part {part}");
        }
        fmt::Debug::fmt(&line, formatter)
    }
}

fn seconds(micros: i64) -> String {
    if micros == Micros::MAX.0 {
        return "max".to_owned();
    }
    let sign = if micros < 0 { "-" } else { "" };
    let (whole, rest) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    let text = format!("{sign}{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A value as `derive(Debug)` writes it.
enum Value<'t> {
    /// A number, a word, a string in quotes.
    Plain(&'t str),
    /// Seconds.
    Time(i64),
    List(Vec<Self>),
    Struct(&'t str, Vec<(&'t str, Self)>),
}

impl Value<'_> {
    fn is_nothing(&self) -> bool {
        match self {
            Self::Plain(text) => matches!(*text, "None" | "\"\""),
            Self::List(list) => list.is_empty(),
            Self::Time(_) | Self::Struct(..) => false,
        }
    }

    /// In one line, when it is short.
    fn line(&self) -> Option<String> {
        let parts: Vec<String> = match self {
            Self::Plain(text) => return Some((*text).to_owned()),
            Self::Time(micros) => return Some(format!("{} s", seconds(*micros))),
            Self::List(list) => list.iter().map(Self::line).collect::<Option<_>>()?,
            Self::Struct(_, fields) => {
                let shown = fields.iter().filter(|(_, value)| !value.is_nothing());
                shown
                    .map(|(name, value)| Some(format!("{name} {}", value.line()?)))
                    .collect::<Option<_>>()?
            }
        };
        let line = parts.join(", ");
        let is_nested = matches!(self, Self::List(list) if list.iter().any(|item| !matches!(item, Self::Plain(text) if !text.starts_with('"'))));
        let (open, close) = if matches!(self, Self::List(_)) {
            ("[", "]")
        } else {
            ("(", ")")
        };
        (line.len() < 120 && !is_nested).then(|| [open, &line, close].concat())
    }

    fn print(&self, name: &str, depth: usize, out: &mut String) {
        let mut put = |text: &str| {
            out.push_str(&"  ".repeat(depth));
            out.push_str(text.trim_end());
            out.push('\n');
        };
        if let Some(line) = self.line() {
            return put(&format!("{name} {line}"));
        }
        match self {
            Self::List(list) => {
                for item in list {
                    item.print(name, depth, out);
                }
            }
            Self::Struct(kind, fields) => {
                put(if name.is_empty() { kind } else { name });
                for (name, value) in fields.iter().filter(|(_, value)| !value.is_nothing()) {
                    value.print(name, depth.saturating_add(1), out);
                }
            }
            Self::Plain(_) | Self::Time(_) => {}
        }
    }
}

/// Takes apart what `derive(Debug)` wrote.
struct Reader<'t> {
    rest: &'t str,
}

/// Nothing in the model is nested deeper.
const MAX_DEPTH: usize = 64;

impl<'t> Reader<'t> {
    fn eat(&mut self, text: &str) -> bool {
        self.rest.strip_prefix(text).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn list(&mut self, end: &str, depth: usize) -> Vec<Value<'t>> {
        let mut list = Vec::new();
        while !self.eat(end) && !self.rest.is_empty() {
            list.push(self.value(depth.saturating_add(1)));
            self.eat(", ");
        }
        list
    }

    fn value(&mut self, depth: usize) -> Value<'t> {
        if depth > MAX_DEPTH {
            return Value::Plain(self.take(usize::MAX));
        }
        if self.rest.starts_with('"') {
            let mut is_escaped = true;
            let end = self.rest.bytes().position(|byte| {
                let ends = byte == b'"' && !is_escaped;
                is_escaped = byte == b'\\' && !is_escaped;
                ends
            });
            return Value::Plain(self.take(end.map_or(usize::MAX, |end| end.saturating_add(1))));
        }
        if self.eat("[") {
            return Value::List(self.list("]", depth));
        }
        if self.eat("(") {
            return Value::List(self.list(")", depth));
        }
        let end = self
            .rest
            .find([',', ' ', '(', ')', '[', ']', '{', '}', ':'])
            .unwrap_or(self.rest.len());
        let word = self.take(end);
        if self.eat("(") {
            let mut list = self.list(")", depth);
            return match (word, list.pop()) {
                ("Micros", Some(Value::Plain(number))) => Value::Time(number.parse().unwrap_or(0)),
                (_, Some(only)) if list.is_empty() => only,
                (_, last) => Value::List(list.into_iter().chain(last).collect()),
            };
        }
        if self.eat(" { ") {
            let mut fields = Vec::new();
            while !self.eat(" }") && !self.rest.is_empty() {
                let end = self.rest.find(": ").unwrap_or(self.rest.len());
                let name = self.take(end);
                self.eat(": ");
                fields.push((name, self.value(depth.saturating_add(1))));
                self.eat(", ");
            }
            return Value::Struct(word, fields);
        }
        Value::Plain(word)
    }
}
