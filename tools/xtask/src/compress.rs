//! The two encodings that browsers ask for, at the levels that files made once deserve.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use crate::stamp;

/// Files worth encoding, by their endings; images and fonts are compressed already.
const ENDINGS: [&str; 8] = ["html", "js", "css", "wasm", "svg", "json", "webmanifest", "txt"];
/// Below this a file travels in one packet either way.
const SMALLEST: usize = 512;

/// gzip at level 9.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Brotli at quality 11.
pub(crate) fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut encoded = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut encoded, &parameters).context("brotli failed")?;
    Ok(encoded)
}

/// Puts `.br` and `.gz` beside each file of a folder that gains by it.
pub(crate) fn beside(folder: &Path) -> Result<()> {
    for file in stamp::files_under(folder)? {
        let ending = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let bytes = fs::read(&file)?;
        if !ENDINGS.contains(&ending) || bytes.len() < SMALLEST {
            continue;
        }
        stamp::write(&with_ending(&file, "br"), &brotli(&bytes)?)?;
        stamp::write(&with_ending(&file, "gz"), &gzip(&bytes)?)?;
    }
    Ok(())
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_can_be_undone() {
        let text = b"footlight ".repeat(500);
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &brotli(&text).expect("brotli")[..], &mut plain).expect("decoded");
        assert_eq!(plain, text);
        let encoded = gzip(&text).expect("gzip");
        let mut plain = Vec::new();
        std::io::copy(&mut flate2::read::GzDecoder::new(&encoded[..]), &mut plain).expect("decoded");
        assert_eq!(plain, text);
    }
}
