//! `footlight://` links: from other programs, so nothing in them is believed.

/// What links begin with.
const SCHEME: &str = "footlight:";
/// No link is longer.
const MAX_LENGTH: usize = 512;

/// The page of the app that a link asks for: its path, and for a search its query. None when it is no link of ours.
#[must_use]
pub fn page(link: &str) -> Option<String> {
    let rest = link.strip_prefix(SCHEME).filter(|_| link.len() <= MAX_LENGTH)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    match *parts.as_slice() {
        [] => Some("/".to_owned()),
        ["search"] => match query.split('&').find(|pair| pair.starts_with("q=")) {
            Some(words) => is_plain(words.strip_prefix("q=")?).then(|| format!("/search?{words}")),
            None => Some("/search".to_owned()),
        },
        [page @ ("title" | "watch"), id] => is_plain(id).then(|| format!("/{page}/{id}")),
        _ => None,
    }
}

/// Percent-encoded text: RFC 3986's unreserved characters, escapes, and the plus sign of forms.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%+".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages() {
        assert_eq!(page("footlight://watch/tidewater").as_deref(), Some("/watch/tidewater"));
        assert_eq!(page("footlight://title/a%20b/").as_deref(), Some("/title/a%20b"));
        assert_eq!(
            page("footlight:///search?x=1&q=night+line").as_deref(),
            Some("/search?q=night+line")
        );
        assert_eq!(page("footlight://search").as_deref(), Some("/search"));
        assert_eq!(page("footlight:").as_deref(), Some("/"));
    }

    #[test]
    fn nothing_else_is_a_link() {
        let long = format!("footlight://watch/{}", "a".repeat(MAX_LENGTH));
        for link in [
            "https://watch/tidewater",
            "footlight://settings",
            "footlight://watch/a/b",
            "footlight://watch/a'b",
            "footlight://watch/a\"b",
            "footlight://search?q=<b>",
            "footlight://watch/a\\b",
            "",
            long.as_str(),
        ] {
            assert_eq!(page(link), None, "{link}");
        }
        // What a link may not bring along is dropped: it must not choose what is played.
        let page = page("footlight://watch/tidewater?manifest=http://bad.example/");
        assert_eq!(page.as_deref(), Some("/watch/tidewater"));
    }
}
