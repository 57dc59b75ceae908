//! Query parameters that a manifest wants with requests (ISO/IEC 23009-1, Annex I): UrlQueryInfo,
//! ExtUrlQueryInfo, ExtHttpHeaderInfo and RequestParam.

use super::{Reader, values};
use crate::model::UrlQuery;

/// The longest query made.
const MAX_QUERY_BYTES: usize = 4096;

impl Reader<'_> {
    /// Reads the element at hand; the last one of a level counts.
    pub(super) fn query(&mut self, slot: &mut Option<UrlQuery>) {
        let template = self.owned("queryTemplate").unwrap_or_default();
        let own = self.owned("queryString").unwrap_or_default();
        let mut whole = String::new();
        if self.boolean("useMPDUrlQuery").unwrap_or(false) {
            whole.push_str(self.url_query);
        }
        if !whole.is_empty() && !own.is_empty() {
            whole.push('&');
        }
        whole.push_str(&own);
        let query = expand(&template, &whole);
        let requests: Vec<String> = self.raw("includeInRequests").map_or_else(
            || vec!["segment".to_owned()],
            |text| values::words(text).map(str::to_owned).collect(),
        );
        if query.len() > MAX_QUERY_BYTES {
            return;
        }
        if !query.is_empty() {
            *slot = Some(UrlQuery {
                query,
                requests,
                same_origin_only: self.boolean("sameOriginOnly").unwrap_or(false),
            });
        }
    }
}

/// Fills a query template: `$querypart$` is all of the query, `$query:name$` one parameter of it.
fn expand(template: &str, whole: &str) -> String {
    let mut out = String::new();
    for parameter in template.split('&') {
        let filled = parameter_of(parameter, whole);
        if !filled.is_empty() {
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(&filled);
        }
    }
    out
}

fn parameter_of(parameter: &str, whole: &str) -> String {
    let mut pieces = parameter.split('$');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    let is_whole = parameter.starts_with('$') && parameter.matches('$').count() == 2 && parameter.ends_with('$');
    while let Some(identifier) = pieces.next() {
        if identifier.is_empty() {
            out.push('$');
        } else if identifier == "querypart" {
            out.push_str(whole);
        } else if let Some(name) = identifier.strip_prefix("query:") {
            let found = whole.split('&').find_map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (key == name).then_some((pair, value))
            });
            if let Some((pair, value)) = found {
                out.push_str(if is_whole { pair } else { value });
            }
        }
        out.push_str(pieces.next().unwrap_or_default());
    }
    out
}

/// A URL with these parameters added.
pub(crate) fn append(url: &mut String, query: &str) {
    let fragment = url.find('#').map(|at| url.split_off(at));
    if query.is_empty() {
        // Nothing to add.
    } else if url.ends_with(['?', '&']) {
        url.push_str(query);
    } else {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(query);
    }
    url.push_str(fragment.as_deref().unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled() {
        let whole = "token=1234&ip=1.2.3.4";
        for (template, expected) in [
            ("$querypart$", whole),
            ("token=$query:token$", "token=1234"),
            ("$query:ip$&a=b", "ip=1.2.3.4&a=b"),
            ("$query:none$&x=$$1", "x=$1"),
            ("", ""),
        ] {
            assert_eq!(expand(template, whole), expected, "{template}");
        }
        let appended = |url: &str| {
            let mut url = url.to_owned();
            append(&mut url, "a=b");
            url
        };
        assert_eq!(appended("http://x/y"), "http://x/y?a=b");
        assert_eq!(appended("http://x/y?c#d"), "http://x/y?c&a=b#d");
    }
}
