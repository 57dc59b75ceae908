//! Big-endian fields and text encodings, from the front of a slice.

use footlight_dash::decode_base64;

/// Takes fields from the front of a slice; none when they run over its end.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, back) = self.0.split_at_checked(count)?;
        self.0 = back;
        Some(front)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, back) = self.0.split_first_chunk::<N>()?;
        self.0 = back;
        Some(*front)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// An unsigned number of up to eight bytes.
    pub(super) fn wide(&mut self, bytes: usize) -> Option<u64> {
        let read = self.take(bytes)?;
        Some(read.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }
}

/// The bytes that base64 stands for (RFC 4648, 4); blanks in it are passed over, padding may lack.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    const BLANKS: [char; 4] = [' ', '\n', '\r', '\t'];
    let text = text.trim_end_matches(|c| c == '=' || BLANKS.contains(&c));
    let mut digits = 0_usize;
    for character in text.chars().filter(|c| !BLANKS.contains(c)) {
        if !character.is_ascii_alphanumeric() && !matches!(character, '+' | '/') {
            return None;
        }
        digits += 1;
    }
    // Six bits left over are a character too few.
    (digits % 4 != 1).then(|| decode_base64(text))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base64_is_read_with_blanks_and_without_padding() {
        for (text, bytes) in [
            ("", Some("")),
            ("Zg==", Some("f")),
            ("Zm8=", Some("fo")),
            ("Zm9v", Some("foo")),
            (" Zm9v\n YmFy ", Some("foobar")),
            ("Zm9vYg", Some("foob")),
            ("Z", None),
            ("Zm=v", None),
            ("Zm9-", None),
        ] {
            assert_eq!(from_base64(text), bytes.map(|b| b.as_bytes().to_vec()), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = from_base64(&text);
        }
    }
}
