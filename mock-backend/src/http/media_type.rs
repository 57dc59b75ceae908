//! Media types by file name.

use std::path::Path;

/// The media type of a file, by the extension of its name.
pub(crate) fn of(name: &str) -> &'static str {
    let extension = Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    match extension.as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "mpd" => "application/dash+xml",
        "mpp" => "application/dash-patch+xml",
        "mp4" | "m4v" => "video/mp4",
        "m4s" => "video/iso.segment",
        "m4a" => "audio/mp4",
        "ttml" => "application/ttml+xml",
        "vtt" => "text/vtt; charset=utf-8",
        "txt" | "ts" | "md" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn types_that_browsers_insist_on() {
        assert_eq!(super::of("app_bg.wasm"), "application/wasm");
        assert_eq!(super::of("manifest.mpd"), "application/dash+xml");
        assert_eq!(super::of("a.VTT"), "text/vtt; charset=utf-8");
        assert_eq!(super::of("LICENSE"), "application/octet-stream");
    }
}
