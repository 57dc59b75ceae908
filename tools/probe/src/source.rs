//! Texts from a URL, a file or stdin.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, ResponseExt};

/// More bytes than a manifest that anybody parses.
const MAX_BYTES: u64 = 64 << 20;

/// A text and where it came from.
pub(crate) struct Document {
    /// What people call it: the argument.
    pub(crate) name: String,
    /// Where it came from, after redirects: what relative URLs in it count from.
    pub(crate) url: String,
    pub(crate) text: String,
}

/// Reads `place`: a URL, a file, or `-` for stdin.
pub(crate) fn read(place: &str, timeout: Duration) -> Result<Document> {
    let is_url = ["http://", "https://"].iter().any(|scheme| {
        place
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    });
    let (name, url, bytes) = if is_url {
        let (url, bytes) = fetch(place, timeout)?;
        (place.to_owned(), url, bytes)
    } else if place == "-" {
        let bytes = bounded(std::io::stdin().lock()).context("cannot read stdin")?;
        ("<stdin>".to_owned(), String::new(), bytes)
    } else {
        let file = std::fs::File::open(place).with_context(|| format!("cannot open {place}"))?;
        let bytes = bounded(file).with_context(|| format!("cannot read {place}"))?;
        (place.to_owned(), file_url(place), bytes)
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!("{name} is not UTF-8: byte {at} starts no character")
    })?;
    Ok(Document { name, url, text })
}

fn bounded(reader: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= MAX_BYTES, "more than {MAX_BYTES} bytes");
    Ok(bytes)
}

fn file_url(path: &str) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| Path::new(path).to_path_buf());
    let mut url = "file://".to_owned();
    for byte in absolute.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            url.push(byte.into());
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

fn fetch(url: &str, timeout: Duration) -> Result<(String, Vec<u8>)> {
    // An error means that one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = Agent::config_builder()
        .user_agent(concat!("footlight-probe/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(timeout));
    if url.starts_with("https") {
        config = config.tls_config(TlsConfig::builder().root_certs(system_certificates()).build());
    }
    let mut response = Agent::from(config.build())
        .get(url)
        .call()
        .with_context(|| format!("cannot fetch {url}"))?;
    let place = response.get_uri().to_string();
    let bytes = bounded(response.body_mut().as_reader()).with_context(|| format!("cannot fetch {url}"))?;
    Ok((place, bytes))
}

fn system_certificates() -> RootCerts {
    let found = rustls_native_certs::load_native_certs().certs;
    let certificates: Vec<_> = found
        .iter()
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect();
    RootCerts::from(certificates)
}
