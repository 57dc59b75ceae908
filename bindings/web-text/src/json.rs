//! Cues as JSON. What has its default is left out.

use footlight_text::{
    BlockAlign, Cue, Direction, Edge, EdgeKind, Layout, Percent, Place, Rgba, Span, TextAlign, WritingMode,
};

/// An array of cues.
pub(crate) fn cues(cues: &[Cue]) -> String {
    let mut out = Writer(String::new());
    let mut images = 0;
    out.list(cues, |out, item| cue(out, item, &mut images));
    out.0
}

fn cue(out: &mut Writer, cue: &Cue, images: &mut i64) {
    out.object(|out| {
        out.number("start", cue.start.0, 1_000_000);
        out.number("end", cue.end.0, 1_000_000);
        out.text("id", &cue.id);
        out.flag("forced", cue.forced);
        if let Some(image) = &cue.image {
            out.text("mime", &image.mime);
            out.number("image", *images, 1);
            *images += 1;
        }
        out.key("lines");
        out.list(&cue.lines, |out, line| out.list(line, span));
        out.key("layout");
        out.object(|out| layout(out, &cue.layout));
    });
}

fn span(out: &mut Writer, span: &Span) {
    let style = &span.style;
    out.object(|out| {
        out.text("text", &span.text);
        out.color("color", style.color);
        out.color("background", style.background);
        if let Some(size) = style.size {
            out.percent("size", size);
        }
        out.text("family", &style.family);
        out.flag("italic", style.italic);
        out.flag("bold", style.bold);
        out.flag("underline", style.underline);
        out.flag("strike", style.strike);
        out.flag("flash", style.flash);
        if let Some(Edge { kind, color }) = style.edge {
            let kind = match kind {
                EdgeKind::Outline => "outline",
                EdgeKind::DropShadow => "shadow",
                EdgeKind::Raised => "raised",
                EdgeKind::Depressed => "depressed",
            };
            out.text("edge", kind);
            out.color("edgeColor", Some(color));
        }
        out.text("voice", &span.voice);
        out.text("ruby", &span.ruby);
    });
}

fn layout(out: &mut Writer, layout: &Layout) {
    out.text("region", &layout.region);
    match layout.place {
        Place::Box => out.text("place", "box"),
        Place::Stack => out.text("place", "stack"),
        Place::Line(line) => {
            out.text("place", "line");
            out.number("line", line.into(), 1);
        }
    }
    out.percent("left", layout.left);
    out.percent("top", layout.top);
    out.percent("width", layout.width);
    out.percent("height", layout.height);
    let block = match layout.block_align {
        BlockAlign::Before => "before",
        BlockAlign::Center => "center",
        BlockAlign::After => "after",
    };
    out.text("blockAlign", block);
    let align = match layout.text_align {
        TextAlign::Start => "start",
        TextAlign::Center => "center",
        TextAlign::End => "end",
        TextAlign::Left => "left",
        TextAlign::Right => "right",
        TextAlign::Justify => "justify",
    };
    out.text("textAlign", align);
    let mode = match layout.writing_mode {
        WritingMode::Horizontal => "horizontal-tb",
        WritingMode::VerticalRl => "vertical-rl",
        WritingMode::VerticalLr => "vertical-lr",
    };
    out.text("writingMode", mode);
    let direction = match layout.direction {
        Direction::Auto => "auto",
        Direction::Ltr => "ltr",
        Direction::Rtl => "rtl",
    };
    out.text("direction", direction);
    if layout.padding != [Percent(0); 4] {
        out.key("padding");
        out.list(&layout.padding, |out, side| out.fraction(side.0.into(), 100));
    }
    out.color(
        "background",
        Some(layout.background).filter(|color| !color.is_transparent()),
    );
    let block = Some(layout.block_background).filter(|color| !color.is_transparent());
    out.color("blockBackground", block);
    if let Some(height) = layout.line_height {
        out.percent("lineHeight", height);
    }
    out.flag("noWrap", !layout.wrap);
    out.flag("rollUp", layout.roll_up);
    if layout.layer != 0 {
        out.number("layer", layout.layer.into(), 1);
    }
}

/// Writes JSON; a comma goes before whatever follows something.
struct Writer(String);

impl Writer {
    fn comma(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with(['{', '[', ':', ',']) {
            self.0.push(',');
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.comma();
        self.0.push('[');
        for item in items {
            self.comma();
            write(self, item);
        }
        self.0.push(']');
    }

    fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.comma();
        self.0.push('{');
        write(self);
        self.0.push('}');
    }

    fn key(&mut self, name: &str) {
        self.comma();
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn text(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        self.key(name);
        self.0.push('"');
        for character in value.chars() {
            match character {
                '"' | '\\' => {
                    self.0.push('\\');
                    self.0.push(character);
                }
                '\n' => self.0.push_str("\\n"),
                // JSON has no other control characters, and screens do not either.
                '\0'..='\x1F' => self.0.push(' '),
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    fn color(&mut self, name: &str, value: Option<Rgba>) {
        if let Some(Rgba(value)) = value {
            self.key(name);
            self.0.push_str("\"#");
            for shift in (0..8).rev() {
                self.0.extend(char::from_digit(value >> (shift * 4) & 0xF, 16));
            }
            self.0.push('"');
        }
    }

    fn flag(&mut self, name: &str, value: bool) {
        if value {
            self.key(name);
            self.0.push_str("true");
        }
    }

    fn percent(&mut self, name: &str, value: Percent) {
        self.number(name, value.0.into(), 100);
    }

    fn number(&mut self, name: &str, value: i64, scale: i64) {
        self.key(name);
        self.fraction(value, scale);
    }

    /// `value` / `scale`, which is a power of ten, as a decimal.
    fn fraction(&mut self, value: i64, scale: i64) {
        if value < 0 {
            self.0.push('-');
        }
        let scale = scale.unsigned_abs();
        let value = value.unsigned_abs();
        self.0.push_str(&(value / scale).to_string());
        let rest = value % scale;
        if rest != 0 {
            self.0.push('.');
            // The leading one keeps the zeros after the point.
            let digits = (scale + rest).to_string();
            self.0
                .push_str(digits.get(1..).unwrap_or_default().trim_end_matches('0'));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use footlight_dash::Micros;
    use footlight_text::{Image, Style};

    #[test]
    fn cues_are_json() {
        let span = Span {
            text: "a\"\\\n\u{1}é".to_owned(),
            style: Style {
                color: Some(Rgba(0x0102_0304)),
                size: Some(Percent(453)),
                italic: true,
                ..Style::default()
            },
            ..Span::default()
        };
        let text = Cue {
            start: Micros(-1_500_000),
            end: Micros(2_000_050),
            lines: vec![vec![span], vec![]],
            ..Cue::default()
        };
        let picture = Cue {
            image: Some(Image {
                mime: "image/png".to_owned(),
                data: vec![1],
            }),
            ..Cue::default()
        };
        let layout = r#""layout":{"place":"stack","left":0,"top":0,"width":100,"height":100,"blockAlign":"after","textAlign":"center","writingMode":"horizontal-tb","direction":"auto"}"#;
        let expected = [
            r##"[{"start":-1.5,"end":2.00005,"lines":[[{"text":"a\"\\\n é","color":"#01020304","size":4.53,"italic":true}],[]],"##,
            layout,
            r#"},{"start":0,"end":0,"mime":"image/png","image":0,"lines":[],"#,
            layout,
            "}]",
        ];
        assert_eq!(cues(&[text, picture]), expected.concat());
    }
}
