//! Content steering: a server says which locations to prefer (ETSI TS 103 998).

use footlight_dash::Micros;

use super::json::Json;
use super::{Delivery, Source};

/// The largest steering manifest read, in bytes.
const MAX_BYTES: usize = 64 << 10;
/// The most locations and copies of locations of one.
const MAX_NAMES: usize = 32;
/// When a steering manifest says nothing, or nothing came, in seconds.
const USUAL_TTL: u64 = 300;
const MAX_TTL: u64 = 86_400;

/// A location that is another one under a different host (a pathway clone).
#[derive(Clone, PartialEq, Eq, Debug)]
struct Twin {
    of: String,
    name: String,
    host: Option<String>,
    /// Parameters that its URLs have, as a query.
    parameters: String,
}

impl Twin {
    fn of(json: &Json) -> Option<Self> {
        let text = |name: &str| json.get(name).and_then(Json::text).map(str::to_owned);
        let replacement = json.get("URI-REPLACEMENT")?;
        let mut parameters = String::new();
        if let Some(Json::Object(fields)) = replacement.get("PARAMS") {
            for (name, value) in fields.iter().filter_map(|(name, value)| Some((name, value.text()?))) {
                parameters.push(if parameters.is_empty() { '?' } else { '&' });
                escape(&mut parameters, name);
                parameters.push('=');
                escape(&mut parameters, value);
            }
        }
        Some(Self {
            of: text("BASE-ID")?,
            name: text("ID")?,
            host: replacement.get("HOST").and_then(Json::text).map(str::to_owned),
            parameters,
        })
    }

    fn source(&self, original: &Source) -> Option<Source> {
        let (scheme, rest) = original.url.split_once("://")?;
        let (host, path) = rest.split_at_checked(rest.find('/')?)?;
        let host = self.host.as_deref().unwrap_or(host);
        let (path, query) = path
            .split_once('?')
            .map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = [scheme, "://", host, path, &self.parameters].concat();
        if let Some(query) = query {
            url.push(if self.parameters.is_empty() { '?' } else { '&' });
            url.push_str(query);
        }
        // What was for the original's origin is not for another one.
        let header = original.header.clone().filter(|_| self.host.is_none());
        Some(Source {
            header,
            has_range: original.has_range,
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
            let original = sources.iter().find(|source| source.location == twin.of);
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
    pub(crate) fn steer(&mut self, body: &[u8]) -> Option<(Option<String>, Micros)> {
        let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= MAX_BYTES)?;
        let json = Json::parse(text)?;
        if json.get("VERSION").and_then(Json::number) != Some(1) {
            return None;
        }
        let names = json.get("PATHWAY-PRIORITY").map(Json::list)?;
        let names = names.iter().filter_map(Json::text).take(MAX_NAMES);
        let copies = json.get("PATHWAY-CLONES").map(Json::list).unwrap_or_default();
        self.locations.pathways = Pathways {
            order: names.map(str::to_owned).collect(),
            twins: copies.iter().filter_map(Twin::of).take(MAX_NAMES).collect(),
        };
        let ttl = json.get("TTL").and_then(Json::number).unwrap_or(USUAL_TTL);
        let next = json.get("RELOAD-URI").and_then(Json::text).map(str::to_owned);
        Some((next, seconds(ttl)))
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
            url.push_str(&throughput.to_string());
        }
        url
    }
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
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            url.push('%');
            url.extend(
                [byte >> 4, byte & 15]
                    .iter()
                    .filter_map(|digit| DIGITS.get(usize::from(*digit))),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"{"VERSION":1,"TTL":10,"RELOAD-URI":"next","PATHWAY-PRIORITY":["c","b"],"PATHWAY-CLONES":[
        {"BASE-ID":"a","ID":"c","URI-REPLACEMENT":{"HOST":"c.example:8080","PARAMS":{"k":"1 2","l":"3"}}}]}"#;

    #[test]
    fn a_steering_manifest_orders_and_copies_locations() {
        let mut delivery = Delivery::default();
        let told = delivery.steer(MANIFEST.as_bytes());
        assert_eq!(told, Some((Some("next".to_owned()), Micros(10_000_000))));
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
