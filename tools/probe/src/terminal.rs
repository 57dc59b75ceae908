//! What people see.

use std::io::IsTerminal;

/// Colours, where there is a terminal that wants them.
#[derive(Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// For stdout.
    pub(crate) fn stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self(std::io::stdout().is_terminal() && !unwanted)
    }

    /// `text` in a style of ECMA-48 (`1;31` is bold red).
    pub(crate) fn style(self, style: &str, text: &str) -> String {
        if self.0 {
            format!("\x1b[{style}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Text of strangers without what could steer a terminal; it keeps its length in characters.
pub(crate) fn harmless(text: &str) -> String {
    let replace = |c: char| match c {
        '\t' => ' ',
        // Marks that turn the direction of writing round can hide what is there.
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        c if c.is_control() => '\u{FFFD}',
        c => c,
    };
    text.chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_terminals_is_replaced() {
        assert_eq!(harmless("a\tb\x1b[2Jc\u{202E}é"), "a b\u{FFFD}[2Jc\u{FFFD}é");
    }
}
