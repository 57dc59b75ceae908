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
