//! WebVTT cue text and settings, read for drawing: styled spans instead of markup, CSS instead of
//! settings. Text never becomes HTML.

/// A run of text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The text, entities resolved.
    pub text: String,
    /// `<i>`
    pub italic: bool,
    /// `<b>`
    pub bold: bool,
    /// `<u>`
    pub underline: bool,
    /// The speaker of `<v Speaker>`.
    pub voice: Option<String>,
}

/// Cue text as lines of spans. Tags without a meaning here (`<c>`, `<lang>`, `<ruby>`, times) are dropped, their text
/// kept.
#[must_use]
pub fn parse_text(text: &str) -> Vec<Vec<Span>> {
    let mut lines = vec![Vec::new()];
    let mut open: Vec<Tag> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('<') {
            let (tag, after) = inner.split_once('>').unwrap_or((inner, ""));
            apply_tag(tag, &mut open);
            rest = after;
            continue;
        }
        let end = rest.find('<').unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        push_run(&mut lines, &unescape(run), &open);
        rest = after;
    }
    lines.retain(|line: &Vec<Span>| line.iter().any(|span| !span.text.trim().is_empty()));
    lines
}

/// An open tag that changes how text looks.
enum Tag {
    Italic,
    Bold,
    Underline,
    Voice(String),
    Other(String),
}

impl Tag {
    fn name(&self) -> &str {
        match self {
            Self::Italic => "i",
            Self::Bold => "b",
            Self::Underline => "u",
            Self::Voice(_) => "v",
            Self::Other(name) => name,
        }
    }
}

fn apply_tag(tag: &str, open: &mut Vec<Tag>) {
    if let Some(closing) = tag.strip_prefix('/') {
        let name = closing.trim();
        if let Some(at) = open.iter().rposition(|tag| tag.name() == name) {
            open.truncate(at);
        }
        return;
    }
    let (head, annotation) = tag.split_once([' ', '\t', '\n']).unwrap_or((tag, ""));
    let name = head.split('.').next().unwrap_or(head);
    let tag = match name {
        "i" => Tag::Italic,
        "b" => Tag::Bold,
        "u" => Tag::Underline,
        "v" => Tag::Voice(unescape(annotation.trim())),
        // A time tag has no end tag, and no look here.
        _ if name.starts_with(|first: char| first.is_ascii_digit()) => return,
        _ => Tag::Other(name.to_owned()),
    };
    open.push(tag);
}

fn push_run(lines: &mut Vec<Vec<Span>>, run: &str, open: &[Tag]) {
    for (index, part) in run.split('\n').enumerate() {
        if index > 0 {
            lines.push(Vec::new());
        }
        if part.is_empty() {
            continue;
        }
        let mut span = Span {
            text: part.to_owned(),
            ..Span::default()
        };
        for tag in open {
            match tag {
                Tag::Italic => span.italic = true,
                Tag::Bold => span.bold = true,
                Tag::Underline => span.underline = true,
                Tag::Voice(name) => span.voice = Some(name.clone()).filter(|name| !name.is_empty()),
                Tag::Other(_) => {}
            }
        }
        if let Some(line) = lines.last_mut() {
            line.push(span);
        }
    }
}

/// Resolves WebVTT's character references; unknown ones stay as they are.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, reference) = rest.split_at(at);
        out.push_str(before);
        let end = reference.bytes().take(12).position(|byte| byte == b';');
        let resolved = end.and_then(|end| Some((resolve(reference.get(1..end)?)?, end + 1)));
        let (character, used) = resolved.unwrap_or(('&', 1));
        out.push(character);
        rest = reference.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn resolve(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            return char::from_u32(code);
        }
    })
}

/// Where a cue goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The line setting.
    pub line: Line,
    /// Left edge, percent of the picture.
    pub left: f64,
    /// Width, percent of the picture.
    pub width: f64,
    /// CSS `text-align`.
    pub align: &'static str,
    /// CSS `writing-mode`, when the text runs downwards.
    pub vertical: Option<&'static str>,
}

/// A cue's place along the block direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line {
    /// At the bottom, stacked with the others.
    Auto,
    /// A part of the height, in percent from the top.
    Percent(f64),
    /// Lines from the top.
    FromTop(f64),
    /// Lines from the bottom.
    FromBottom(f64),
}

impl Placement {
    /// Reads cue settings; settings that are wrong are ignored, as WebVTT says.
    #[must_use]
    pub fn parse(settings: &str) -> Self {
        let mut line = Line::Auto;
        let mut size = 100.0;
        let mut position: Option<f64> = None;
        let mut anchor: Option<Anchor> = None;
        let mut align = "center";
        let mut vertical = None;
        for setting in settings.split_ascii_whitespace() {
            let Some((name, value)) = setting.split_once(':') else {
                continue;
            };
            let (first, second) = value.split_once(',').unwrap_or((value, ""));
            match name {
                "line" => line = parse_line(first).unwrap_or(line),
                "size" => size = percent(value).unwrap_or(size),
                "position" => {
                    position = percent(first).or(position);
                    anchor = Anchor::parse(second).or(anchor);
                }
                "align" => align = parse_align(value).unwrap_or(align),
                "vertical" => vertical = parse_vertical(value).or(vertical),
                _ => {}
            }
        }
        let anchor = anchor.unwrap_or(match align {
            "start" | "left" => Anchor::Left,
            "end" | "right" => Anchor::Right,
            _ => Anchor::Centre,
        });
        let position = position.unwrap_or(match anchor {
            Anchor::Left => 0.0,
            Anchor::Centre => 50.0,
            Anchor::Right => 100.0,
        });
        let (left, width) = anchor.place(position, size);
        Self {
            line,
            left,
            width,
            align,
            vertical,
        }
    }

    /// The placement as inline CSS. `--cue-line` is the height of a line, set by the style sheet.
    #[must_use]
    pub fn css(&self) -> String {
        let mut css = format!("text-align:{}", self.align);
        if let Some(mode) = self.vertical {
            css.push_str(";writing-mode:");
            css.push_str(mode);
        }
        match self.line {
            Line::Auto => {
                // In the stack: margins instead of a position.
                css.push_str(&format!(";margin-left:{:.2}%;width:{:.2}%", self.left, self.width));
                return css;
            }
            Line::Percent(top) => css.push_str(&format!(";top:{top:.2}%")),
            Line::FromTop(lines) => css.push_str(&format!(";top:calc(var(--cue-line)*{lines})")),
            Line::FromBottom(lines) => {
                css.push_str(&format!(";bottom:calc(var(--cue-line)*{lines})"));
            }
        }
        css.push_str(&format!(
            ";position:absolute;left:{:.2}%;width:{:.2}%",
            self.left, self.width
        ));
        css
    }
}

#[derive(Clone, Copy)]
enum Anchor {
    Left,
    Centre,
    Right,
}

impl Anchor {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "line-left" => Self::Left,
            "center" => Self::Centre,
            "line-right" => Self::Right,
            _ => return None,
        })
    }

    /// The left edge and the width of a box of `size` anchored at `position`: WebVTT's "maximum size" rule.
    fn place(self, position: f64, size: f64) -> (f64, f64) {
        let room = match self {
            Self::Left => 100.0 - position,
            Self::Right => position,
            Self::Centre => 2.0 * position.min(100.0 - position),
        };
        let width = size.min(room);
        let left = match self {
            Self::Left => position,
            Self::Right => position - width,
            Self::Centre => position - width / 2.0,
        };
        (left, width)
    }
}

fn parse_line(value: &str) -> Option<Line> {
    if value.ends_with('%') {
        return percent(value).map(Line::Percent);
    }
    let number: f64 = value.parse().ok().filter(|number: &f64| number.is_finite())?;
    Some(if number < 0.0 {
        Line::FromBottom(-number - 1.0)
    } else {
        Line::FromTop(number)
    })
}

fn parse_align(value: &str) -> Option<&'static str> {
    ["start", "center", "end", "left", "right"]
        .into_iter()
        .find(|name| *name == value)
}

fn parse_vertical(value: &str) -> Option<&'static str> {
    match value {
        "rl" => Some("vertical-rl"),
        "lr" => Some("vertical-lr"),
        _ => None,
    }
}

fn percent(value: &str) -> Option<f64> {
    let number: f64 = value.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Span {
        Span {
            text: text.to_owned(),
            ..Span::default()
        }
    }

    #[test]
    fn styles_nest_and_end() {
        let lines = parse_text("<v Anna Lee>Look, <i>the <b>tide</b></i>!\nRun.");
        assert_eq!(lines.len(), 2);
        let spans = &lines[0];
        assert_eq!(spans[0].text, "Look, ");
        assert_eq!(spans[0].voice.as_deref(), Some("Anna Lee"));
        assert!(spans[1].italic && !spans[1].bold);
        assert!(spans[2].italic && spans[2].bold);
        assert_eq!((spans[3].text.as_str(), spans[3].italic), ("!", false));
        assert_eq!(lines[1][0].text, "Run.");
    }

    #[test]
    fn markup_stays_text() {
        let lines = parse_text("&lt;script&gt; &amp; &#x41;&#66; &bogus; <img src=x onerror=alert(1)>hi");
        let text: String = lines[0].iter().map(|span| span.text.as_str()).collect();
        assert_eq!(text, "<script> & AB &bogus; hi");
    }

    #[test]
    fn tags_without_a_look_are_dropped() {
        let lines = parse_text("<c.loud>One</c> <00:00:01.000>two <lang en>three</lang></v></i>");
        let text: String = lines[0].iter().map(|span| span.text.as_str()).collect();
        assert_eq!(text, "One two three");
        assert_eq!(parse_text("a <b"), [vec![plain("a ")]]);
        assert!(parse_text(" \n ").is_empty());
        assert_eq!(parse_text("&"), [vec![plain("&")]]);
    }

    #[test]
    fn the_default_is_the_bottom_centre() {
        let place = Placement::parse("");
        assert_eq!(place.line, Line::Auto);
        assert_eq!((place.left, place.width, place.align), (0.0, 100.0, "center"));
        assert_eq!(place.css(), "text-align:center;margin-left:0.00%;width:100.00%");
    }

    #[test]
    fn settings_become_css() {
        let place = Placement::parse("line:10% position:20% align:start size:50%");
        assert_eq!(place.line, Line::Percent(10.0));
        assert_eq!((place.left, place.width), (20.0, 50.0));
        assert_eq!(
            place.css(),
            "text-align:start;top:10.00%;position:absolute;left:20.00%;width:50.00%"
        );
        assert_eq!(Placement::parse("line:-1").line, Line::FromBottom(0.0));
        assert_eq!(Placement::parse("line:2").line, Line::FromTop(2.0));
        assert_eq!(Placement::parse("vertical:rl").vertical, Some("vertical-rl"));
    }

    #[test]
    fn boxes_do_not_leave_the_picture() {
        let right = Placement::parse("align:end position:90%");
        assert_eq!((right.left, right.width), (0.0, 90.0));
        let centre = Placement::parse("position:80% size:60%");
        assert_eq!((centre.left, centre.width), (60.0, 40.0));
        let anchored = Placement::parse("position:10%,line-left align:center");
        assert_eq!((anchored.left, anchored.width), (10.0, 90.0));
    }

    #[test]
    fn wrong_settings_are_ignored() {
        let place = Placement::parse("line:abc size:400% position:-3% align:middle;color:red nonsense vertical:up");
        assert_eq!(place, Placement::parse(""));
    }
}
