//! Descriptors and names.

/// A human-readable name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// `@id`, zero when absent.
    pub id: u32,
    /// `@lang`.
    pub lang: Option<String>,
    /// The name.
    pub text: String,
}

/// A DescriptorType: Role, Accessibility, EssentialProperty, ContentProtection and others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Descriptor {
    /// `@schemeIdUri`.
    pub scheme: String,
    /// `@value`, empty when absent.
    pub value: String,
    /// `@id`.
    pub id: Option<String>,
}

/// A ContentProtection descriptor: a protection scheme, or what a key system needs to know.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ContentProtection {
    /// `@schemeIdUri`, lower case.
    pub scheme: String,
    /// `@value`, such as `cenc` or `cbcs`.
    pub value: String,
    /// `@cenc:default_KID`: the keys' identifiers.
    pub default_kids: Vec<[u8; 16]>,
    /// `cenc:pssh`, base64 decoded.
    pub pssh: Vec<Vec<u8>>,
    /// `mspr:pro`, base64 decoded.
    pub playready_object: Option<Vec<u8>>,
    /// Licence servers: `dashif:Laurl`, `clearkey:Laurl`, `ck:Laurl`.
    pub licence_urls: Vec<String>,
    /// `dashif:Authzurl`.
    pub authorization_urls: Vec<String>,
    /// `@robustness`.
    pub robustness: Option<String>,
}

impl ContentProtection {
    /// Bytes of what it may have taken from another one.
    pub(crate) fn weight(&self) -> usize {
        let lists = self
            .pssh
            .iter()
            .map(Vec::len)
            .chain(self.licence_urls.iter().map(String::len));
        let sum: usize = lists.sum();
        sum.saturating_add(self.playready_object.as_ref().map_or(0, Vec::len))
    }

    /// Takes what it does not say itself from the descriptor that it refers to.
    pub(crate) fn complete(&mut self, other: &Self) {
        fn fill<T: Clone>(own: &mut Vec<T>, other: &[T]) {
            if own.is_empty() {
                *own = other.to_vec();
            }
        }
        if self.scheme.is_empty() {
            self.scheme.clone_from(&other.scheme);
        }
        if self.value.is_empty() {
            self.value.clone_from(&other.value);
        }
        fill(&mut self.default_kids, &other.default_kids);
        fill(&mut self.pssh, &other.pssh);
        fill(&mut self.licence_urls, &other.licence_urls);
        fill(&mut self.authorization_urls, &other.authorization_urls);
        self.playready_object = self.playready_object.take().or_else(|| other.playready_object.clone());
        self.robustness = self.robustness.take().or_else(|| other.robustness.clone());
    }
}
