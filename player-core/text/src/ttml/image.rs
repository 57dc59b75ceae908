//! Pictures in place of text: in the document (SMPTE-TT, base64), or beside it as subsamples.

use super::tree::{Id, Tree};
use crate::cue::Image;

/// Subsamples are named so, counted from one (ISO/IEC 14496-30, 5.8).
const SUBSAMPLE: &str = "urn:mpeg:14496-30:subs:";

/// The picture that a reference means.
pub(super) fn find(tree: &Tree<'_>, reference: &str, subsamples: &[&[u8]]) -> Option<Image> {
    let reference = reference.trim();
    let reference = reference
        .strip_prefix("url(")
        .and_then(|url| url.strip_suffix(')'))
        .unwrap_or(reference);
    if let Some(number) = reference.strip_prefix(SUBSAMPLE) {
        let data = *subsamples.get(number.parse::<usize>().ok()?.checked_sub(1)?)?;
        return Some(Image {
            mime: sniff(data)?.to_owned(),
            data: data.to_vec(),
        });
    }
    if let Some(url) = reference.strip_prefix("data:") {
        let data = base64(url.split_once("base64,")?.1);
        let mime = sniff(&data)?.to_owned();
        return Some(Image { mime, data });
    }
    let name = reference.strip_prefix('#')?;
    let id = tree.all("image").find(|&id| tree.attribute(id, "id") == Some(name))?;
    embedded(tree, id)
}

/// The picture in an `image` element itself, or in its `data`.
pub(super) fn embedded(tree: &Tree<'_>, id: Id) -> Option<Image> {
    let mut data = base64(&tree.text(id));
    if data.is_empty() {
        let inner = tree
            .elements(id)
            .find(|&inner| matches!(tree.name(inner), "data" | "source"))?;
        let chunk = tree.elements(inner).next().unwrap_or(inner);
        data = base64(&[tree.text(inner), tree.text(chunk)].concat());
    }
    let mime = sniff(&data)?.to_owned();
    Some(Image { mime, data })
}

/// What a file is by its first bytes; none when no browser would draw it.
fn sniff(data: &[u8]) -> Option<&'static str> {
    match data {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        _ => None,
    }
}

/// Decodes base64; what is no part of it is passed over.
fn base64(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xFF) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_blanks_and_padding() {
        assert_eq!(base64("aGVs\n bG8="), b"hello");
        assert_eq!(base64("iVBO Rw=="), [0x89, b'P', b'N', b'G']);
        assert!(base64("").is_empty());
    }
}
