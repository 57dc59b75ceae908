//! Query strings taken out of texts, so that no token is in a recording. Lengths stay, and so does what a player reads in
//! a query: the names of parameters and the identifiers of templates.

/// Takes a text as it comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Redactor {
    mode: Mode,
    /// The last byte.
    before: u8,
    /// The word that an attribute's value may follow.
    word: Vec<u8>,
    /// What has come of a reference such as `&amp;`; empty outside of one.
    reference: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Mode {
    #[default]
    Text,
    /// The name of a parameter.
    Name,
    /// Its value: to be masked.
    Value,
    /// Between two dollar signs of a value.
    Identifier,
}

/// How an ampersand is written in XML.
const AMPERSANDS: [&[u8]; 3] = [b"&amp;", b"&#38;", b"&#x26;"];
/// A longer word names no attribute with a query.
const MAX_WORD: usize = 24;

impl Redactor {
    /// The next bytes, masked.
    pub(super) fn push(&mut self, data: &[u8]) -> Vec<u8> {
        let mut masked = Vec::with_capacity(data.len());
        for (at, &byte) in data.iter().enumerate() {
            let rest = data.get(at.saturating_add(1)..).unwrap_or_default();
            masked.push(if self.hides(byte, rest) { b'x' } else { byte });
            self.before = byte;
        }
        masked
    }

    /// Whether the next byte is to be masked; `rest` is what is known to come after it.
    fn hides(&mut self, byte: u8, rest: &[u8]) -> bool {
        if self.mode == Mode::Text {
            self.text(byte, rest);
            return false;
        }
        if matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'#' | b'\\' | b'`') && self.reference.is_empty() || byte <= b' '
        {
            self.mode = Mode::Text;
            return false;
        }
        if !self.reference.is_empty() {
            self.reference.push(byte);
            if AMPERSANDS.iter().any(|known| known.starts_with(&self.reference)) {
                if byte == b';' {
                    self.reference.clear();
                    self.mode = parameter(rest);
                }
                return false;
            }
            self.reference.clear();
        }
        match (byte, self.mode) {
            (b'&', _) => {
                self.reference = vec![byte];
                self.mode = parameter(rest);
                false
            }
            (b';', _) => {
                self.mode = parameter(rest);
                false
            }
            (b'=', Mode::Name) => {
                self.mode = Mode::Value;
                false
            }
            (b'$', Mode::Value) => {
                self.mode = Mode::Identifier;
                false
            }
            (b'$', Mode::Identifier) => {
                self.mode = Mode::Value;
                false
            }
            (_, mode) => mode == Mode::Value,
        }
    }

    fn text(&mut self, byte: u8, rest: &[u8]) {
        match byte {
            // `<?xml` is no query.
            b'?' if self.before != b'<' => self.mode = parameter(rest),
            b'"' | b'\'' if self.before == b'=' && self.word.starts_with(b"query") => self.mode = parameter(rest),
            b'=' => {}
            _ if byte.is_ascii_alphabetic() && (self.before.is_ascii_alphabetic() || self.word.is_empty()) => {
                if self.word.len() < MAX_WORD {
                    self.word.push(byte.to_ascii_lowercase());
                }
            }
            _ => {
                self.word.clear();
                if byte.is_ascii_alphabetic() {
                    self.word.push(byte.to_ascii_lowercase());
                }
            }
        }
    }
}

/// What begins here: a name when a value follows it, else a value alone.
fn parameter(rest: &[u8]) -> Mode {
    let ends = |byte: &u8| *byte <= b' ' || b"=&;\"'<>#".contains(byte);
    match rest.iter().find(|byte| ends(byte)) {
        Some(b'=') => Mode::Name,
        // A reference comes first.
        Some(b';') if rest.starts_with(b"amp;") || rest.starts_with(b"#") => Mode::Name,
        _ => Mode::Value,
    }
}

/// A URL or a message without the values of queries, and without a user's name and password.
pub(super) fn text(text: &str) -> String {
    let masked = Redactor::default().push(text.as_bytes());
    let mut masked = String::from_utf8(masked).unwrap_or_default();
    if let Some((scheme, rest)) = masked.split_once("://")
        && let Some((user, place)) = rest.split('/').next().and_then(|authority| authority.split_once('@'))
    {
        let path = rest.get(user.len().saturating_add(place.len()).saturating_add(1)..);
        let hidden = "x".repeat(user.len());
        masked = [scheme, "://", &hidden, "@", place, path.unwrap_or_default()].concat();
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn masked(text: &str) -> String {
        String::from_utf8(Redactor::default().push(text.as_bytes())).expect("masks are ASCII")
    }

    #[test]
    fn values_go_and_names_stay() {
        for (text, expected) in [
            (
                "https://a.example/b.mpd?token=s3cr%2Ft&u=me#t=5",
                "https://a.example/b.mpd?token=xxxxxxxx&u=xx#t=5",
            ),
            ("https://a.example/b?c0ffee", "https://a.example/b?xxxxxx"),
            (
                r#"<?xml version="1.0"?><BaseURL>x?a=b</BaseURL>"#,
                r#"<?xml version="1.0"?><BaseURL>x?a=x</BaseURL>"#,
            ),
            (
                r#"media="$Number$.m4s?t=$Time$-k&amp;key=abc" b="c""#,
                r#"media="$Number$.m4s?t=$Time$xx&amp;key=xxx" b="c""#,
            ),
            (
                r#"<x queryTemplate="a=$query:b$&#38;k=abc" id="q""#,
                r#"<x queryTemplate="a=$query:b$&#38;k=xxx" id="q""#,
            ),
            (
                r#""RELOAD-URI": "https://s.example/?sig=abc""#,
                r#""RELOAD-URI": "https://s.example/?sig=xxx""#,
            ),
            ("nothing = \"to\" hide", "nothing = \"to\" hide"),
        ] {
            assert_eq!(masked(text), expected);
            assert_eq!(masked(expected), expected, "masked twice");
        }
        assert_eq!(
            text("https://me:pass@a.example:80/b@c?d=e"),
            "https://xxxxxxx@a.example:80/b@c?d=x"
        );
        assert_eq!(text("https://a.example/b@c"), "https://a.example/b@c");
    }

    proptest! {
        /// However a text is cut, no character of a value is left, and its length stays.
        #[test]
        fn pieces_hide_no_less(cut in 0_usize..60) {
            let text = br#"<BaseURL>https://a.example/?token=SECRET&amp;SECRET=SECRET&amp;SECRET</BaseURL>"#;
            let (one, two) = text.split_at(cut.min(text.len()));
            let mut redactor = Redactor::default();
            let whole = [redactor.push(one), redactor.push(two)].concat();
            prop_assert_eq!(whole.len(), text.len());
            let whole = String::from_utf8(whole).expect("masks are ASCII");
            prop_assert!(!whole.contains("=SECRET") && !whole.contains("SECRET<"), "{}", whole);
        }

        #[test]
        fn no_text_panics(data: Vec<u8>, words: String) {
            prop_assert_eq!(Redactor::default().push(&data).len(), data.len());
            prop_assert_eq!(text(&words).len(), words.len());
        }
    }
}
