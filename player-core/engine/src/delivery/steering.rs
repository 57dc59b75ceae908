//! Content steering: a server says which locations to prefer (ETSI TS 103 998).

use std::str::Chars;

use footlight_dash::{Micros, push_number};

use super::{Delivery, Source, parts_of};

/// The largest steering manifest read, in bytes.
const MAX_BYTES: usize = 64 << 10;
/// The most locations and copies of locations of one.
const MAX_NAMES: usize = 32;
/// When a steering manifest says nothing, or nothing came, in seconds.
const USUAL_TTL: u64 = 300;
const MAX_TTL: u64 = 86_400;

/// A location that is another one under a different host (a pathway clone).
#[derive(Debug, Default)]
struct Twin {
    of: String,
    name: String,
    /// The same when empty.
    host: String,
    /// Parameters that its URLs have, as a query.
    parameters: String,
}

impl Twin {
    fn source(&self, original: &Source) -> Option<Source> {
        let (scheme, rest) = parts_of(&original.url)?;
        let (host, path) = rest.split_at_checked(rest.find('/')?)?;
        let host = if self.host.is_empty() { host } else { &self.host };
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = [scheme, "://", host, path, &self.parameters].concat();
        if let Some(query) = query {
            url.push(if self.parameters.is_empty() { '?' } else { '&' });
            url.push_str(query);
        }
        // What was for the original's origin is not for another one.
        let header = original.header.clone().filter(|_| self.host.is_empty());
        Some(Source {
            header,
            has_range: original.has_range,
            share: original.share,
            ..Source::new(url, self.name.as_str())
        })
    }
}

/// Locations in the order that the service wants, and its copies of them.
#[derive(Debug, Default)]
pub(crate) struct Pathways {
    order: Vec<String>,
    twins: Vec<Twin>,
}

impl Pathways {
    /// The place of a location; those that are not named come last.
    pub(super) fn rank(&self, location: &str) -> usize {
        self.order
            .iter()
            .position(|name| name == location)
            .unwrap_or(usize::MAX)
    }

    /// Adds the copies of what there is.
    pub(super) fn extend(&self, sources: &mut Vec<Source>) {
        for twin in &self.twins {
            let is_of = |source: &&Source| source.location == twin.of && !twin.of.is_empty();
            let original = sources.iter().find(is_of);
            if let Some(source) = original.and_then(|original| twin.source(original)) {
                sources.push(source);
            }
        }
    }
}

impl Delivery {
    /// The order that the manifest gives, until a server says another one.
    pub(crate) fn prefer(&mut self, locations: &[String]) {
        self.locations.pathways.order = locations.iter().take(MAX_NAMES).cloned().collect();
    }

    /// Takes a steering manifest: where to ask next time, if that is elsewhere, and in how long. None: it is not one.
    pub(crate) fn steer(&mut self, body: &[u8]) -> Option<(String, Micros)> {
        let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= MAX_BYTES)?;
        let said = Said::read(text);
        if said.version != 1 || said.pathways.order.is_empty() {
            return None;
        }
        self.locations.pathways = said.pathways;
        Some((said.next, seconds(said.ttl)))
    }

    /// A steering server's URL with what it wants to know: the location in use, and what it gives.
    pub(crate) fn steering_url(&self, url: &str) -> String {
        let mut url = url.to_owned();
        let location = &self.counters.location;
        if let Some(throughput) = self.throughput.estimate().filter(|_| !location.is_empty()) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str("_DASH_pathway=%22");
            escape(&mut url, location);
            url.push_str("%22&_DASH_throughput=");
            push_number(&mut url, throughput, 1);
        }
        url
    }
}

/// What a steering manifest says.
#[derive(Debug)]
struct Said {
    version: u64,
    ttl: u64,
    /// Where to ask next time; in the same place when empty.
    next: String,
    pathways: Pathways,
}

impl Said {
    /// One pass over the JSON, which what is not of interest, or not JSON, does not stop.
    fn read(text: &str) -> Self {
        let mut said = Self {
            version: 0,
            ttl: USUAL_TTL,
            next: String::new(),
            pathways: Pathways::default(),
        };
        let (mut name, mut depth) = (String::new(), 0u32);
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            match next {
                '{' | '[' => {
                    depth = depth.saturating_add(1);
                    if depth == 3 && said.pathways.twins.len() < MAX_NAMES {
                        said.pathways.twins.push(Twin::default());
                    }
                }
                '}' | ']' => depth = depth.saturating_sub(1),
                '"' => {
                    let text = string(&mut rest);
                    if rest.as_str().trim_ascii_start().starts_with(':') {
                        name = text;
                    } else {
                        said.take(depth, &name, text);
                    }
                }
                '0'..='9' => {
                    let mut number = u64::from(next.to_digit(10).unwrap_or(0));
                    while let Some(digit) = rest.as_str().chars().next().and_then(|next| next.to_digit(10)) {
                        number = number.saturating_mul(10).saturating_add(u64::from(digit));
                        rest.next();
                    }
                    match (depth, name.as_str()) {
                        (1, "VERSION") => said.version = number,
                        (1, "TTL") => said.ttl = number,
                        _ => {}
                    }
                    // A fraction does not count.
                    name.clear();
                }
                _ => {}
            }
        }
        said
    }

    /// A string; `depth` counts the objects and lists that it is in.
    fn take(&mut self, depth: u32, name: &str, text: String) {
        let order = &mut self.pathways.order;
        let twin = self.pathways.twins.last_mut();
        match (depth, name, twin) {
            (1, "RELOAD-URI", _) => self.next = text,
            (2, "PATHWAY-PRIORITY", _) if order.len() < MAX_NAMES => order.push(text),
            (3, "BASE-ID", Some(twin)) => twin.of = text,
            (3, "ID", Some(twin)) => twin.name = text,
            (4, "HOST", Some(twin)) => twin.host = text,
            // PARAMS.
            (5, _, Some(twin)) => {
                let query = &mut twin.parameters;
                query.push(if query.is_empty() { '?' } else { '&' });
                escape(query, name);
                query.push('=');
                escape(query, &text);
            }
            _ => {}
        }
    }
}

/// The rest of a string.
fn string(rest: &mut Chars<'_>) -> String {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        match next {
            '"' => break,
            '\\' => match rest.next() {
                Some('u') => {
                    let unit = (0..4).fold(0, |unit, _| {
                        unit * 16 + rest.next().and_then(|digit| digit.to_digit(16)).unwrap_or(0)
                    });
                    text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                // Other escapes are of no use in names and URLs.
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text
}

/// How long to wait where nothing was answered.
pub(crate) fn usual_pause() -> Micros {
    seconds(USUAL_TTL)
}

fn seconds(ttl: u64) -> Micros {
    Micros(i64::try_from(ttl.clamp(1, MAX_TTL)).unwrap_or(1) * 1_000_000)
}

/// Percent-encodes what is not unreserved (RFC 3986).
fn escape(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push('%');
            let digit = |value: u8| char::from_digit(value.into(), 16);
            url.extend(digit(byte >> 4).into_iter().chain(digit(byte & 15)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"{"VERSION":1,"TTL": 10.5 ,"RELOAD-URI":"next","PATHWAY-PRIORITY":["\u0063","b"],"PATHWAY-CLONES":[
        {"BASE-ID":"a","ID":"c","URI-REPLACEMENT":{"HOST":"c.example:8080","PARAMS":{"k":"1 2","l":"3"}}}]}"#;

    #[test]
    fn a_steering_manifest_orders_and_copies_locations() {
        let mut delivery = Delivery::default();
        let told = delivery.steer(MANIFEST.as_bytes());
        assert_eq!(told, Some(("next".to_owned(), Micros(10_000_000))));
        let pathways = &delivery.locations.pathways;
        assert!(pathways.rank("c") < pathways.rank("b") && pathways.rank("b") < pathways.rank("a"));
        let mut sources = vec![
            Source::new("https://a.example/x/1.m4s?q", "a"),
            Source::new("https://b.example/x", "b"),
        ];
        pathways.extend(&mut sources);
        let copy = sources.last().map(|s| (s.url.as_str(), s.location.as_str()));
        assert_eq!(copy, Some(("https://c.example:8080/x/1.m4s?k=1%202&l=3&q", "c")));
        assert_eq!(sources.len(), 3);
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read_without_a_panic(text in r#"([\[\]{}",:\\u0-9a-f é]|"ID"|"PARAMS":){0,60}"#) {
            let _ = Said::read(&text);
        }
    }

    #[test]
    fn what_is_no_steering_manifest_changes_nothing() {
        let mut delivery = Delivery::default();
        delivery.prefer(&["b".to_owned()]);
        for text in [
            "",
            "{}",
            r#"{"VERSION":2,"PATHWAY-PRIORITY":["a"]}"#,
            r#"{"VERSION":1}"#,
        ] {
            assert_eq!(delivery.steer(text.as_bytes()), None);
        }
        assert_eq!(delivery.locations.pathways.rank("b"), 0);
    }
}
