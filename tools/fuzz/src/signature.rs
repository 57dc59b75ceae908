//! What an input led to, in a number.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Takes note of what a parser did. Equal notes in equal order make equal signatures.
#[derive(Default)]
pub(crate) struct Signature(DefaultHasher);

impl Signature {
    /// A word, such as an error's code.
    pub(crate) fn word(&mut self, word: &str) -> &mut Self {
        word.hash(&mut self.0);
        self
    }

    /// A number, roughly: numbers with as many bits count as equal.
    pub(crate) fn count(&mut self, count: u64) -> &mut Self {
        count.checked_ilog2().hash(&mut self.0);
        self
    }

    /// Which variant of an enum a value is.
    pub(crate) fn variant<T>(&mut self, value: &T) -> &mut Self {
        std::mem::discriminant(value).hash(&mut self.0);
        self
    }

    pub(crate) fn finish(&self) -> u64 {
        self.0.finish()
    }
}
