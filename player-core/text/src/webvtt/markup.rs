//! Cue text: tags to styled spans (WebVTT, 6.4).

use super::css::{self, Rule};
use crate::color::{self, Alpha};
use crate::cue::{Line, Rgba, Span};
use crate::references::unescape;

/// Deepest nesting of tags.
const MAX_DEPTH: usize = 16;
/// Most runs of text in one cue.
const MAX_RUNS: usize = 256;

/// An open tag.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) classes: &'a str,
    voice: String,
}

/// Cue text as lines of spans. Tags without a look (`<lang>`, times) are dropped, their text kept.
pub(super) fn lines(text: &str, id: &str, rules: &[Rule]) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![Vec::new()];
    let mut open: Vec<Tag<'_>> = Vec::new();
    let mut rest = text;
    let mut runs = 0;
    while !rest.is_empty() && runs < MAX_RUNS {
        if let Some(inner) = rest.strip_prefix('<') {
            let (tag, after) = inner.split_once('>').unwrap_or((inner, ""));
            apply(tag, &mut open);
            rest = after;
            continue;
        }
        let (run, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        push(&mut lines, &unescape(run), id, &open, rules);
        runs += 1;
        rest = after;
    }
    lines.retain(|line| line.iter().any(|span| !span.text.trim().is_empty()));
    lines
}

fn apply<'a>(tag: &'a str, open: &mut Vec<Tag<'a>>) {
    if let Some(closing) = tag.strip_prefix('/') {
        let name = closing.trim();
        if let Some(at) = open.iter().rposition(|tag| tag.name == name) {
            open.truncate(at);
        }
        return;
    }
    let (head, annotation) = tag.split_once([' ', '\t', '\n']).unwrap_or((tag, ""));
    let (name, classes) = head.split_once('.').unwrap_or((head, ""));
    // A time tag has no end tag, and no look here.
    if open.len() >= MAX_DEPTH || name.starts_with(|first: char| first.is_ascii_digit()) {
        return;
    }
    let voice = if name == "v" {
        unescape(annotation.trim())
    } else {
        String::new()
    };
    open.push(Tag { name, classes, voice });
}

fn push(lines: &mut Vec<Line>, run: &str, id: &str, open: &[Tag<'_>], rules: &[Rule]) {
    let mut span = Span::default();
    css::cascade(rules, None, id, &mut span.style);
    for tag in open {
        match tag.name {
            "i" => span.style.italic = true,
            "b" => span.style.bold = true,
            "u" => span.style.underline = true,
            "v" => span.voice.clone_from(&tag.voice),
            _ => {}
        }
        for class in tag.classes.split('.') {
            match class.strip_prefix("bg_") {
                Some(name) => span.style.background = class_color(name).or(span.style.background),
                None => span.style.color = class_color(class).or(span.style.color),
            }
        }
        css::cascade(rules, Some(tag), id, &mut span.style);
    }
    // Text in <rt> stands over what came before it in its <ruby>.
    if open.iter().any(|tag| tag.name == "rt") {
        if let Some(base) = lines.last_mut().and_then(|line| line.last_mut()) {
            base.ruby.push_str(run.trim());
        }
        return;
    }
    for (index, part) in run.split('\n').enumerate() {
        if index > 0 {
            lines.push(Vec::new());
        }
        if let (false, Some(line)) = (part.is_empty(), lines.last_mut()) {
            line.push(Span {
                text: part.to_owned(),
                ..span.clone()
            });
        }
    }
}

/// The colours that every renderer knows as classes.
fn class_color(name: &str) -> Option<Rgba> {
    ["white", "lime", "cyan", "red", "yellow", "magenta", "blue", "black"]
        .contains(&name)
        .then(|| color::parse(name, Alpha::Unit))?
}
