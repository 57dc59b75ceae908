//! Addresses: what a path means, and the path of a page.

/// A page of the app. The search text and the playback options live in the query, not here, so that
/// typing in the search box does not rebuild the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The catalogue.
    Home,
    /// Search.
    Search,
    /// The page of one title.
    Title(String),
    /// The player, playing one title.
    Watch(String),
    /// No such page.
    NotFound,
}

impl Route {
    /// Reads a path (percent-encoded, without the query).
    #[must_use]
    pub fn parse(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Self::Home,
            (Some("index.html"), None, _) => Self::Home,
            (Some("search"), None, _) => Self::Search,
            (Some("title"), Some(id), None) => decode(id).map_or(Self::NotFound, Self::Title),
            (Some("watch"), Some(id), None) => decode(id).map_or(Self::NotFound, Self::Watch),
            _ => Self::NotFound,
        }
    }
}

/// The address of a title's page.
#[must_use]
pub fn title_href(id: &str) -> String {
    format!("/title/{}", encode(id))
}

/// The address that plays a title.
#[must_use]
pub fn watch_href(id: &str) -> String {
    format!("/watch/{}", encode(id))
}

/// The address of a search.
#[must_use]
pub fn search_href(query: &str) -> String {
    if query.is_empty() {
        "/search".to_owned()
    } else {
        format!("/search?q={}", encode(query))
    }
}

/// The value of `name` in a query string (with or without the leading `?`).
#[must_use]
pub fn query_value(query: &str, name: &str) -> Option<String> {
    query
        .trim_start_matches('?')
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| decode(&value.replace('+', " ")))
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

/// Undoes percent-encoding; `None` when an escape is cut short or the result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_pages() {
        assert_eq!(Route::parse("/"), Route::Home);
        assert_eq!(Route::parse(""), Route::Home);
        assert_eq!(Route::parse("/search"), Route::Search);
        assert_eq!(Route::parse("/search/"), Route::Search);
        assert_eq!(Route::parse("/title/tide%20water"), Route::Title("tide water".into()));
        assert_eq!(Route::parse("/watch/nightline"), Route::Watch("nightline".into()));
        assert_eq!(Route::parse("/title"), Route::NotFound);
        assert_eq!(Route::parse("/watch/a/b"), Route::NotFound);
        assert_eq!(Route::parse("/title/%ff"), Route::NotFound);
        assert_eq!(Route::parse("/elsewhere"), Route::NotFound);
    }

    #[test]
    fn addresses_come_back() {
        for id in ["tidewater", "a/b?c#d", "çä 100%", "x+y"] {
            assert_eq!(Route::parse(&title_href(id)), Route::Title(id.into()));
            assert_eq!(Route::parse(&watch_href(id)), Route::Watch(id.into()));
            let href = search_href(id);
            let (_, query) = href.split_once('?').unwrap_or_default();
            assert_eq!(query_value(query, "q").as_deref(), Some(id));
        }
    }

    #[test]
    fn query_values() {
        assert_eq!(
            query_value("?variant=list&duration=40", "duration").as_deref(),
            Some("40")
        );
        assert_eq!(query_value("?q=night+line", "q").as_deref(), Some("night line"));
        assert_eq!(query_value("?q=%2", "q"), None);
        assert_eq!(query_value("", "q"), None);
    }
}
