//! The name by which a client reached us, so that the URLs we hand out lead back the same way.

use axum::http::{HeaderMap, header};

/// Host name of the request, without the port, or `fallback` when there is none that could be one.
pub(crate) fn name(headers: &HeaderMap, fallback: &str) -> String {
    headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(without_port)
        .unwrap_or(fallback)
        .to_owned()
}

fn without_port(host: &str) -> Option<&str> {
    let name = match host.strip_prefix('[') {
        Some(_) => host.split_inclusive(']').next()?,
        None => host.split(':').next()?,
    };
    let sound = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    (!name.is_empty() && name.len() <= 255 && name.bytes().all(sound)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_taken_off() {
        assert_eq!(without_port("localhost:8080"), Some("localhost"));
        assert_eq!(without_port("192.168.1.7"), Some("192.168.1.7"));
        assert_eq!(without_port("[::1]:8080"), Some("[::1]"));
    }

    #[test]
    fn what_is_no_host_name_is_not_repeated() {
        for host in ["", ":80", "a\"><script>", "a/b"] {
            assert_eq!(without_port(host), None, "{host}");
        }
    }
}
