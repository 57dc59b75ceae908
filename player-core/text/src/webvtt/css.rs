//! The part of style sheets that says how cues look: `::cue` with one simple selector, and the properties that a
//! [`Style`] has (WebVTT, 8.2).

use super::MAX_RULES;
use super::markup::Tag;
use crate::color::{self, Alpha};
use crate::cue::{Edge, EdgeKind, Percent, Rgba, Style};
use crate::num;

/// Height of the type when nothing says otherwise: 5% of the video.
const SIZE: Percent = Percent(500);

/// One rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    selector: Selector,
    look: Look,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Selector {
    /// `::cue`
    All,
    /// `::cue(#id)`
    Id(String),
    /// `::cue(b)`, `::cue(.loud)`, `::cue(v.loud)`: a tag, a class, or both.
    Tag(String, String),
}

/// What a rule changes.
#[derive(Clone, Debug, Default)]
struct Look {
    color: Option<Rgba>,
    background: Option<Rgba>,
    size: Option<Percent>,
    family: Option<String>,
    italic: Option<bool>,
    bold: Option<bool>,
    underline: Option<bool>,
    strike: Option<bool>,
    edge: Option<Edge>,
}

/// Adds the rules of a style sheet; what is not understood is left out.
pub(super) fn parse(sheet: &str, rules: &mut Vec<Rule>) {
    let sheet = without_comments(sheet);
    for block in sheet.split('}') {
        let Some((selectors, body)) = block.split_once('{') else {
            continue;
        };
        let look = Look::parse(body);
        for selector in selectors.split(',').filter_map(Selector::parse) {
            if rules.len() < MAX_RULES {
                let look = look.clone();
                rules.push(Rule { selector, look });
            }
        }
    }
}

fn without_comments(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Changes `style` by the rules about a tag, or about the cue itself.
pub(super) fn cascade(rules: &[Rule], tag: Option<&Tag<'_>>, id: &str, style: &mut Style) {
    for rule in rules {
        let applies = match (&rule.selector, tag) {
            (Selector::All, None) => true,
            (Selector::Id(wanted), None) => wanted == id,
            (Selector::Tag(name, class), Some(tag)) => {
                (name.is_empty() || name == tag.name)
                    && (class.is_empty() || tag.classes.split('.').any(|c| c == class))
            }
            _ => false,
        };
        if applies {
            rule.look.apply(style);
        }
    }
}

impl Selector {
    fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("::cue")?;
        if rest.is_empty() {
            return Some(Self::All);
        }
        let inner = rest.strip_prefix('(')?.strip_suffix(')')?.trim();
        let simple = |text: &str| !text.contains([' ', '[', ':', '>', '#', '*']);
        if let Some(id) = inner.strip_prefix('#') {
            return Some(Self::Id(id.replace('\\', "")));
        }
        let (name, class) = inner.split_once('.').unwrap_or((inner, ""));
        let good = !inner.is_empty() && simple(name) && simple(class);
        good.then(|| Self::Tag(name.to_owned(), class.to_owned()))
    }
}

impl Look {
    fn parse(body: &str) -> Self {
        let mut look = Self::default();
        for (name, value) in body.split(';').filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            let value = value.strip_suffix("!important").unwrap_or(value).trim();
            match name.trim() {
                "color" => look.color = color::parse(value, Alpha::Unit),
                "background" | "background-color" => look.background = color::parse(value, Alpha::Unit),
                "font-style" => look.italic = Some(value == "italic" || value == "oblique"),
                "font-weight" => {
                    look.bold = Some(value.starts_with("bold") || num::whole(value, 4).is_some_and(|n| n >= 600));
                }
                "font-family" => look.family = Some(family(value)),
                "font-size" => look.size = size(value),
                "text-decoration" | "text-decoration-line" => {
                    look.underline = Some(value.contains("underline"));
                    look.strike = Some(value.contains("line-through"));
                }
                "text-shadow" => look.edge = shadow(value),
                _ => {}
            }
        }
        look
    }

    fn apply(&self, style: &mut Style) {
        style.color = self.color.or(style.color);
        style.background = self.background.or(style.background);
        style.size = self.size.or(style.size);
        style.edge = self.edge.or(style.edge);
        if let Some(family) = &self.family {
            style.family.clone_from(family);
        }
        style.italic = self.italic.unwrap_or(style.italic);
        style.bold = self.bold.unwrap_or(style.bold);
        style.underline = self.underline.unwrap_or(style.underline);
        style.strike = self.strike.unwrap_or(style.strike);
    }
}

/// `120%`, `1.2em`, or a size in the video's own unit.
fn size(value: &str) -> Option<Percent> {
    let (number, unit) = num::decimal(value, 2)?;
    let number = Percent::saturating(number);
    Some(match unit {
        "%" => number.of(SIZE),
        "em" => Percent(number.0.saturating_mul(100)).of(SIZE),
        "vh" | "vmin" => number,
        _ => return None,
    })
}

/// A shadow's colour, wherever in the value it stands.
fn shadow(value: &str) -> Option<Edge> {
    let first = value.split(", ").next()?;
    let color = first.split(' ').find_map(|word| color::parse(word, Alpha::Unit))?;
    Some(Edge {
        kind: EdgeKind::DropShadow,
        color,
    })
}

/// A list of families with nothing in it but names.
pub(crate) fn family(value: &str) -> String {
    let keep = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | ',' | '-' | '_');
    value.chars().take(200).filter(keep).collect()
}
