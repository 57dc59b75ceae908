//! Findings for people.

use footlight_dash::{Manifest, Severity};

use super::{Counts, Outcome, severity_name};
use crate::source::Document;
use crate::terminal::{Paint, harmless};

/// Characters of a source line that are shown; manifests of one long line are common.
const WINDOW: usize = 100;

pub(super) fn print(outcome: &Outcome, model: bool) {
    let paint = Paint::stdout();
    match outcome {
        Outcome::Missing(error) => eprintln!("{}: {}", paint.style("1;31", "error"), harmless(&format!("{error:#}"))),
        Outcome::Unreadable(document, error) => {
            let finding = Finding {
                severity: Severity::Error,
                code: error.code(),
                message: &error.to_string(),
                place: error.position(),
                clause: "",
            };
            print!("{}", finding.show(document, paint));
            println!("{}: unreadable", harmless(&document.name));
        }
        Outcome::Read(document, manifest) => {
            if model {
                print!("{}", footlight_dash::dump(manifest.presentation()));
            }
            print_findings(document, manifest, paint);
        }
    }
}

fn print_findings(document: &Document, manifest: &Manifest, paint: Paint) {
    for found in manifest.diagnostics() {
        let finding = Finding {
            severity: found.severity,
            code: found.code,
            message: &found.message,
            place: Some((found.line, found.column)),
            clause: found.clause,
        };
        println!("{}", finding.show(document, paint));
    }
    let name = harmless(&document.name);
    println!("{name}: {}", summary(Counts::of(manifest.diagnostics())));
}

fn summary(counts: Counts) -> String {
    let some = [
        (counts.errors, "error"),
        (counts.warnings, "warning"),
        (counts.infos, "remark"),
    ];
    let words: Vec<_> = some
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if words.is_empty() {
        "clean".to_owned()
    } else {
        words.join(", ")
    }
}

struct Finding<'a> {
    severity: Severity,
    code: &'a str,
    message: &'a str,
    /// Line and column, from 1.
    place: Option<(u32, u32)>,
    clause: &'a str,
}

impl Finding<'_> {
    /// Three to five lines: what, where, the source with a caret, the rule.
    fn show(&self, document: &Document, paint: Paint) -> String {
        let colour = match self.severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Info => "1;36",
        };
        let head = format!("{}[{}]", severity_name(self.severity), self.code);
        let mut shown = format!("{}: {}\n", paint.style(colour, &head), harmless(self.message));
        if let Some((line, column)) = self.place {
            let margin = " ".repeat(line.to_string().len());
            let bar = paint.style("34", "|");
            let arrow = paint.style("34", "-->");
            shown += &format!("{margin}{arrow} {}:{line}:{column}\n", harmless(&document.name));
            if let Some((source, before)) = excerpt(&document.text, line, column) {
                let number = paint.style("34", &line.to_string());
                let caret = paint.style(colour, "^");
                shown += &format!(
                    "{number} {bar} {source}\n{margin} {bar} {}{caret}\n",
                    " ".repeat(before)
                );
            }
        }
        if !self.clause.is_empty() {
            shown += &format!("  = {}\n", self.clause);
        }
        shown
    }
}

/// The part of a line that is around a column, and how many characters are before the column in it.
fn excerpt(text: &str, line: u32, column: u32) -> Option<(String, usize)> {
    let line = text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let line = line.trim_end();
    let length = line.chars().count();
    let indent = line.chars().take_while(|c| c.is_whitespace()).count().min(column);
    // All of it when it fits, else a part with the column in its first half.
    let start = if length - indent <= WINDOW {
        indent
    } else {
        column.saturating_sub(WINDOW / 3).max(indent)
    };
    let part: String = line.chars().skip(start).take(WINDOW).collect();
    let cut_before = start > indent;
    let cut_after = start + WINDOW < length;
    let dots = |cut| if cut { "…" } else { "" };
    let shown = format!("{}{}{}", dots(cut_before), harmless(&part), dots(cut_after));
    Some((shown, column.saturating_sub(start) + usize::from(cut_before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_column() {
        let under = |text: &str, line, column| {
            let (source, before) = excerpt(text, line, column)?;
            Some((source.clone(), source.chars().nth(before)))
        };
        assert_eq!(
            under("<a>\n  <b é='1' c>\n", 2, 12),
            Some(("<b é='1' c>".into(), Some('c')))
        );
        assert_eq!(under("<a>", 1, 1), Some(("<a>".into(), Some('<'))));
        assert_eq!(under("<a>", 2, 1), None);
        let long = format!("<a>{}X{}</a>", "-".repeat(500), "+".repeat(500));
        let (source, at) = under(&long, 1, 504).expect("the line is there");
        assert_eq!(at, Some('X'));
        assert!(source.starts_with('…') && source.ends_with('…') && source.chars().count() == WINDOW + 2);
    }

    #[test]
    fn counts_are_told_in_words() {
        let counts = |errors, warnings, infos| Counts {
            errors,
            warnings,
            infos,
        };
        assert_eq!(summary(counts(0, 0, 0)), "clean");
        assert_eq!(summary(counts(1, 2, 0)), "1 error, 2 warnings");
        assert_eq!(summary(counts(0, 0, 1)), "1 remark");
    }
}
