//! URI references made absolute, as RFC 3986 section 5 says.

/// The parts of a URI reference. Absent and empty differ, except for the path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
    fragment: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn split(reference: &'a str) -> Self {
        let mut parts = Self::default();
        let mut rest = reference;
        if let Some((before, fragment)) = rest.split_once('#') {
            parts.fragment = Some(fragment);
            rest = before;
        }
        if let Some((before, query)) = rest.split_once('?') {
            parts.query = Some(query);
            rest = before;
        }
        if let Some((scheme, after)) = rest.split_once(':')
            && is_scheme(scheme)
        {
            parts.scheme = Some(scheme);
            rest = after;
        }
        if let Some(after) = rest.strip_prefix("//") {
            let (authority, path) = after.split_at(after.find('/').unwrap_or(after.len()));
            parts.authority = Some(authority);
            rest = path;
        }
        parts.path = rest;
        parts
    }

    fn join(&self, path: &str) -> String {
        let mut out = String::with_capacity(path.len() + 64);
        if let Some(scheme) = self.scheme {
            out.push_str(scheme);
            out.push(':');
        }
        if let Some(authority) = self.authority {
            out.push_str("//");
            out.push_str(authority);
        }
        out.push_str(path);
        if let Some(query) = self.query {
            out.push('?');
            out.push_str(query);
        }
        if let Some(fragment) = self.fragment {
            out.push('#');
            out.push_str(fragment);
        }
        out
    }
}

fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// `reference` made absolute against `base`.
#[must_use]
pub fn resolve(base: &str, reference: &str) -> String {
    let base = Parts::split(base);
    let mut target = Parts::split(reference);
    if target.scheme.is_some() {
        return target.join(&remove_dot_segments(target.path));
    }
    target.scheme = base.scheme;
    if target.authority.is_some() {
        return target.join(&remove_dot_segments(target.path));
    }
    target.authority = base.authority;
    if target.path.is_empty() {
        target.query = target.query.or(base.query);
        return target.join(base.path);
    }
    if target.path.starts_with('/') {
        return target.join(&remove_dot_segments(target.path));
    }
    let directory = match base.path.rfind('/') {
        Some(slash) => base.path.get(..=slash).unwrap_or_default(),
        None if base.authority.is_some() => "/",
        None => "",
    };
    target.join(&remove_dot_segments(&[directory, target.path].concat()))
}

/// Section 5.2.4, a path segment at a time.
fn remove_dot_segments(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                // "a/." and "a/b/.." name the directory itself.
                if is_last && (absolute || !kept.is_empty()) {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    let joined = kept.join("/");
    if absolute { ["/", &joined].concat() } else { joined }
}

/// Scheme and authority of an absolute URL, else all of it.
pub(crate) fn origin(url: &str) -> String {
    let Parts {
        scheme,
        authority: Some(authority),
        ..
    } = Parts::split(url)
    else {
        return url.to_owned();
    };
    Parts {
        scheme,
        authority: Some(authority),
        ..Parts::default()
    }
    .join("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_rfc_3986() {
        let base = "http://a/b/c/d;p?q";
        let examples = [
            // 5.4.1, normal
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("g?y#s", "http://a/b/c/g?y#s"),
            (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y#s"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../", "http://a/"),
            ("../../g", "http://a/g"),
            // 5.4.2, abnormal
            ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            (".g", "http://a/b/c/.g"),
            ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("g#s/./x", "http://a/b/c/g#s/./x"),
            ("g#s/../x", "http://a/b/c/g#s/../x"),
            ("http:g", "http:g"),
        ];
        for (reference, expected) in examples {
            assert_eq!(resolve(base, reference), expected, "{reference:?}");
        }
    }

    #[test]
    fn bases_of_other_shapes() {
        assert_eq!(resolve("http://a", "g"), "http://a/g");
        assert_eq!(resolve("http://a?q", "g"), "http://a/g");
        assert_eq!(resolve("/media/film/manifest.mpd", "../x/1.m4s"), "/media/x/1.m4s");
        assert_eq!(resolve("manifest.mpd", "v/1.m4s"), "v/1.m4s");
        assert_eq!(resolve("", "v/1.m4s"), "v/1.m4s");
        assert_eq!(resolve("http://a/b#f", ""), "http://a/b");
        assert_eq!(resolve("http://a/b/", "a//b"), "http://a/b/a//b");
        assert_eq!(resolve("http://a/b", "1:2/x"), "http://a/1:2/x");
        assert_eq!(origin("https://cdn.example:8443/a/b?c"), "https://cdn.example:8443");
        assert_eq!(origin("a/b"), "a/b");
    }

    proptest! {
        #[test]
        fn nothing_panics_and_absolute_paths_stay_so(base in ".{0,40}", reference in "[a-z./?#:%é]{0,40}") {
            let _ = resolve(&base, &reference);
            let resolved = resolve("http://host/a/b", &reference);
            prop_assert!(!Parts::split(&resolved).path.contains("/../"));
        }
    }
}
