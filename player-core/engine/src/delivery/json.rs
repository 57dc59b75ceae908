//! JSON as far as a steering manifest needs it: bounded, without fractions, not strict.

/// Values within values.
const MAX_DEPTH: u32 = 8;

/// A JSON value; what is not of interest is `Other`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Json {
    Other,
    Number(u64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Reader(text.trim_start_matches('\u{feff}')).value(0)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn number(&self) -> Option<u64> {
        if let Self::Number(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    pub(super) fn list(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { &[] }
    }
}

/// What is still to be read.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let mut rest = self.0.chars();
        let next = rest.next()?;
        self.0 = rest.as_str();
        Some(next)
    }

    /// Passes over blanks, and over `wanted` if that is what comes.
    fn take(&mut self, wanted: char) -> bool {
        self.0 = self.0.trim_ascii_start();
        let rest = self.0.strip_prefix(wanted);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.take('"') {
            return Some(Json::Text(self.string()?));
        }
        if self.take('[') {
            let mut list = Vec::new();
            while !self.take(']') {
                list.push(self.value(depth + 1)?);
                self.take(',');
            }
            return Some(Json::List(list));
        }
        if self.take('{') {
            let mut fields = Vec::new();
            while !self.take('}') {
                let name = self.take('"').then(|| self.string())??;
                let value = self.take(':').then(|| self.value(depth + 1))??;
                fields.push((name, value));
                self.take(',');
            }
            return Some(Json::Object(fields));
        }
        let end = self.0.find([',', ']', '}']).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
        self.0 = rest;
        let whole = word.split(['.', ' ', '\n', '\r', '\t']).next().unwrap_or_default();
        Some(whole.parse().map_or(Json::Other, Json::Number))
    }

    /// The rest of a string.
    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            match self.next()? {
                '"' => return Some(text),
                '\\' => text.push(match self.next()? {
                    'n' => '\n',
                    't' => '\t',
                    'u' => {
                        let (digits, rest) = self.0.split_at_checked(4)?;
                        self.0 = rest;
                        let unit = u32::from_str_radix(digits, 16).ok()?;
                        char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    other => other,
                }),
                other => text.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steering_needs_is_read() {
        let read = Json::parse(" { \"a\" : 12.5 , \"b\":[\"x\\u00e9\\n\\\\\",\"y\"], \"c\":{\"d\":null},\"e\":-1 }");
        let read = read.expect("JSON");
        assert_eq!(read.get("a").and_then(Json::number), Some(12));
        let texts: Vec<_> = read
            .get("b")
            .map(Json::list)
            .unwrap_or_default()
            .iter()
            .filter_map(Json::text)
            .collect();
        assert_eq!(texts, ["x\u{e9}\n\\", "y"]);
        assert_eq!(read.get("c").and_then(|c| c.get("d")), Some(&Json::Other));
        assert_eq!(read.get("e"), Some(&Json::Other));
    }

    #[test]
    fn what_is_broken_is_nothing() {
        for text in ["", "{", "[1", "{\"a\"}", "\"a", "\"\\u12", "{a:1}", &"[".repeat(1000)] {
            assert_eq!(Json::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_read_without_a_panic(text in r#"[\[\]{}",:\\u0-9a-f é]{0,60}"#) {
            let _ = Json::parse(&text);
        }
    }
}
