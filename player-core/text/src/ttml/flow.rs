//! Text of an element at one moment, as lines of styled spans.

use footlight_dash::Micros;

use super::Document;
use super::style::{Computed, Ruby};
use super::tree::{Child, Id};
use crate::Error;
use crate::cue::{Line, Rgba, Span};

/// Collects spans into lines.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) lines: Vec<Line>,
}

impl Flow {
    pub(super) fn new() -> Self {
        Self {
            lines: vec![Line::new()],
        }
    }

    /// Adds what is in an element at `time`.
    pub(super) fn element(
        &mut self,
        document: &mut Document<'_>,
        id: Id,
        computed: &Computed,
        behind: Rgba,
        time: Micros,
    ) -> Result<(), Error> {
        let tree = document.tree;
        for child in tree.node(id).map_or(&[][..], |node| &node.children) {
            document.work()?;
            match child {
                Child::Text(text) => self.text(text, computed, behind),
                Child::Element(child) => match tree.name(*child) {
                    "br" => self.lines.push(Line::new()),
                    "span" => {
                        let Some(inner) = document.computed(*child, computed, time)? else {
                            continue;
                        };
                        let own = inner.own.background;
                        let behind = if own.is_transparent() { behind } else { own };
                        self.element(document, *child, &inner, behind.faded(inner.own.opacity), time)?;
                    }
                    _ => {}
                },
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, computed: &Computed, behind: Rgba) {
        let mut style = computed.text.clone();
        style.background = Some(behind);
        style.color = style.color.map(|color| color.faded(computed.own.opacity));
        if !computed.visible {
            (style.color, style.background) = (Some(Rgba::TRANSPARENT), Some(Rgba::TRANSPARENT));
        }
        match computed.own.ruby {
            Ruby::Delimiter => return,
            Ruby::Text => {
                if let Some(base) = self.lines.last_mut().and_then(|line| line.last_mut()) {
                    base.ruby.push_str(text.trim());
                }
                return;
            }
            Ruby::None => {}
        }
        if computed.preserve {
            for (at, part) in text.split('\n').enumerate() {
                if at > 0 {
                    self.lines.push(Line::new());
                }
                self.push(part, &style);
            }
            return;
        }
        let mut collapsed = String::with_capacity(text.len());
        let line = self.lines.last();
        let mut blank = line.is_none_or(|line| line.last().is_none_or(|span| span.text.ends_with(' ')));
        for character in text.chars() {
            let is_blank = matches!(character, ' ' | '\t' | '\n' | '\r');
            if !(is_blank && blank) {
                collapsed.push(if is_blank { ' ' } else { character });
            }
            blank = is_blank;
        }
        self.push(&collapsed, &style);
    }

    fn push(&mut self, text: &str, style: &crate::Style) {
        let Some(line) = self.lines.last_mut().filter(|_| !text.is_empty()) else {
            return;
        };
        match line.last_mut() {
            Some(last) if last.style == *style && last.ruby.is_empty() => last.text.push_str(text),
            _ => line.push(Span {
                text: text.to_owned(),
                style: style.clone(),
                ..Span::default()
            }),
        }
    }

    /// The lines without blanks at their ends, and without blank lines before and after them.
    pub(super) fn finish(mut self) -> Vec<Line> {
        for line in &mut self.lines {
            while let Some(last) = line.last_mut() {
                let length = last.text.trim_end_matches(' ').len();
                last.text.truncate(length);
                if length > 0 || !last.ruby.is_empty() {
                    break;
                }
                line.pop();
            }
        }
        while self.lines.last().is_some_and(Vec::is_empty) {
            self.lines.pop();
        }
        let leading = self.lines.iter().take_while(|line| line.is_empty()).count();
        self.lines.split_off(leading)
    }
}
