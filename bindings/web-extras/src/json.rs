//! Values as JSON: names in camelCase, times in seconds, bytes in base64, what is not told as null.

use footlight_dash::Micros;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A value that JSON can say.
pub(crate) trait Json {
    fn write(&self, out: &mut Writer);

    /// A list of such values; of bytes it is something else.
    fn write_list(items: &[Self], out: &mut Writer)
    where
        Self: Sized,
    {
        out.0.push('[');
        for item in items {
            out.comma();
            item.write(out);
        }
        out.0.push(']');
    }
}

/// The members of an object.
pub(crate) trait Fields {
    fn fields(&self, out: &mut Writer);
}

/// `value` as JSON.
pub(crate) fn to_json(value: &impl Json) -> String {
    let mut out = Writer(String::new());
    value.write(&mut out);
    out.0
}

/// Writes JSON; a comma goes before whatever follows something.
pub(crate) struct Writer(String);

impl Writer {
    fn comma(&mut self) {
        if !self.0.ends_with(['{', '[']) {
            self.0.push(',');
        }
    }

    pub(crate) fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.0.push('{');
        write(self);
        self.0.push('}');
    }

    /// A member; `name` as Rust writes it.
    pub(crate) fn field(&mut self, name: &str, value: &dyn Json) {
        self.comma();
        self.0.push('"');
        let mut is_upper = false;
        for character in name.chars() {
            match character {
                '_' => is_upper = true,
                _ if is_upper => {
                    self.0.push(character.to_ascii_uppercase());
                    is_upper = false;
                }
                _ => self.0.push(character),
            }
        }
        self.0.push_str("\":");
        value.write(self);
    }

    fn digits(&mut self, bytes: &[u8]) {
        for nibble in bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
            self.0.extend(char::from_digit(nibble.into(), 16));
        }
    }

    /// `value` / `scale`, which is a power of ten, as a decimal.
    fn decimal(&mut self, value: i64, scale: u64) {
        if value < 0 {
            self.0.push('-');
        }
        let value = value.unsigned_abs();
        self.0.push_str(&(value / scale).to_string());
        if !value.is_multiple_of(scale) {
            // The leading one keeps the zeros after the point.
            let digits = (scale + value % scale).to_string();
            self.0.push('.');
            self.0
                .push_str(digits.get(1..).unwrap_or_default().trim_end_matches('0'));
        }
    }
}

/// Lists the members of structs, all of them: one more in the struct is an error here. `as thousandths` writes an
/// optional number of thousandths as what it stands for.
macro_rules! fields {
    ($($name:ty { $($field:ident $(as $how:ident)?),* $(,)? })*) => { $(
        impl $crate::json::Fields for $name {
            fn fields(&self, out: &mut $crate::json::Writer) {
                let Self { $($field),* } = self;
                $(out.field(stringify!($field), $crate::json::fields!(@ $field $($how)?));)*
            }
        }
    )* };
    (@ $field:ident) => { $field };
    (@ $field:ident thousandths) => { &$field.map($crate::json::Thousandths) };
}
pub(crate) use fields;

/// Names of an enum's values.
macro_rules! names {
    ($name:ty { $($variant:ident: $text:literal),* $(,)? }) => {
        impl $crate::json::Json for $name {
            fn write(&self, out: &mut $crate::json::Writer) {
                let text = match self { $(Self::$variant => $text),* };
                $crate::json::Json::write(&text, out);
            }
        }
    };
}
pub(crate) use names;

impl<T: Fields> Json for T {
    fn write(&self, out: &mut Writer) {
        out.object(|out| self.fields(out));
    }
}

/// A number of thousandths.
pub(crate) struct Thousandths(pub(crate) u32);

impl Json for Thousandths {
    fn write(&self, out: &mut Writer) {
        out.decimal(self.0.into(), 1000);
    }
}

/// Seconds; what never comes is a number that JavaScript reads as Infinity.
impl Json for Micros {
    fn write(&self, out: &mut Writer) {
        if *self == Self::MAX {
            out.0.push_str("1e999");
        } else {
            out.decimal(self.0, 1_000_000);
        }
    }
}

macro_rules! integers {
    ($($name:ty)*) => { $(
        impl Json for $name {
            fn write(&self, out: &mut Writer) {
                out.0.push_str(&self.to_string());
            }
        }
    )* };
}
integers!(u16 u32 u64 i64);

impl Json for u8 {
    fn write(&self, out: &mut Writer) {
        u32::from(*self).write(out);
    }

    /// Base64.
    fn write_list(items: &[Self], out: &mut Writer) {
        out.0.push('"');
        for group in items.chunks(3) {
            let bytes = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or(0)));
            let [first, second, third] = bytes;
            let bits = first << 16 | second << 8 | third;
            for at in 0..4_u32 {
                let digit = BASE64
                    .get((bits >> (18 - 6 * at) & 63) as usize)
                    .copied()
                    .unwrap_or(b'A');
                let is_there = at as usize <= group.len();
                out.0.push(if is_there { char::from(digit) } else { '=' });
            }
        }
        out.0.push('"');
    }
}

/// A key's identifier: hexadecimal digits in groups.
impl Json for [u8; 16] {
    fn write(&self, out: &mut Writer) {
        out.0.push('"');
        let mut rest = &self[..];
        for length in [4, 2, 2, 2, 6] {
            let (group, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            if !out.0.ends_with('"') {
                out.0.push('-');
            }
            out.digits(group);
            rest = after;
        }
        out.0.push('"');
    }
}

impl Json for bool {
    fn write(&self, out: &mut Writer) {
        out.0.push_str(if *self { "true" } else { "false" });
    }
}

impl Json for &str {
    fn write(&self, out: &mut Writer) {
        out.0.push('"');
        for character in self.chars() {
            match character {
                '"' | '\\' => {
                    out.0.push('\\');
                    out.0.push(character);
                }
                '\0'..='\x1F' => {
                    out.0.push_str("\\u00");
                    out.digits(&[character as u8]);
                }
                _ => out.0.push(character),
            }
        }
        out.0.push('"');
    }
}

impl Json for String {
    fn write(&self, out: &mut Writer) {
        self.as_str().write(out);
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut Writer) {
        match self {
            Some(value) => value.write(out),
            None => out.0.push_str("null"),
        }
    }
}

impl<T: Json> Json for Vec<T> {
    fn write(&self, out: &mut Writer) {
        T::write_list(self, out);
    }
}

impl<T: Json> Json for std::sync::Arc<T> {
    fn write(&self, out: &mut Writer) {
        (**self).write(out);
    }
}

impl<T: Json> Json for std::sync::Arc<[T]> {
    fn write(&self, out: &mut Writer) {
        T::write_list(self, out);
    }
}

impl<A: Json, B: Json> Json for (A, B) {
    fn write(&self, out: &mut Writer) {
        out.0.push('[');
        self.0.write(out);
        out.0.push(',');
        self.1.write(out);
        out.0.push(']');
    }
}

impl<A: Json, B: Json, C: Json> Json for (A, B, C) {
    fn write(&self, out: &mut Writer) {
        out.0.push('[');
        self.0.write(out);
        out.0.push(',');
        self.1.write(out);
        out.0.push(',');
        self.2.write(out);
        out.0.push(']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_json() {
        let text = |value: &dyn Json| {
            let mut out = Writer(String::new());
            value.write(&mut out);
            out.0
        };
        assert_eq!(text(&"a\"\\\n\u{1}é".to_owned()), r#""a\"\\\u000a\u0001é""#);
        assert_eq!(text(&Micros(-1_500_000)), "-1.5");
        assert_eq!(text(&Micros(2_000_050)), "2.00005");
        assert_eq!(text(&Micros::MAX), "1e999");
        assert_eq!(text(&Some(Thousandths(960))), "0.96");
        assert_eq!(text(&vec![(None, 1_u32), (Some(true), 2)]), "[[null,1],[true,2]]");
        let bytes = |length| text(&(1..=length).collect::<Vec<u8>>());
        let expected = [r#""""#, r#""AQ==""#, r#""AQI=""#, r#""AQID""#, r#""AQIDBA==""#];
        assert_eq!([0, 1, 2, 3, 4].map(bytes), expected);
        assert_eq!(text(&[0xAB; 16]), r#""abababab-abab-abab-abab-abababababab""#);
    }
}
