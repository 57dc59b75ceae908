//! Texts from a URL, a file or stdin.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use footlight_native::HttpTransport;

/// What servers are told about who asks.
pub(crate) const USER_AGENT: &str = concat!("footlight-probe/", env!("CARGO_PKG_VERSION"));
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let transport = HttpTransport::new(USER_AGENT)?;
    let max_bytes = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
    let got = runtime.block_on(transport.get(url, max_bytes, timeout));
    got.with_context(|| format!("cannot fetch {url}"))
}
