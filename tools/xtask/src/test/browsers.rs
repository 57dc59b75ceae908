//! The browsers that the end-to-end tests drive, installed when they are missing.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{apt, process};

const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// Chromium or a browser of its family, if it is here.
pub(crate) fn find_chromium() -> Option<PathBuf> {
    CHROMIUM.iter().find_map(process::find)
}

/// Chromium or a browser of its family, installed when it is missing.
pub(crate) fn chromium() -> Result<PathBuf> {
    find_or_install("Chromium for the tests", &CHROMIUM, &["chromium"])
}

/// Firefox, with the decoders for H.264 and AAC that it takes from the system.
pub(crate) fn firefox() -> Result<PathBuf> {
    let browser = find_or_install("Firefox for the tests", &FIREFOX, &["firefox-esr"])?;
    if !has_decoders() {
        apt::install("H.264 and AAC in Firefox", &[decoder_package()])?;
    }
    Ok(browser)
}

fn find_or_install(purpose: &str, names: &[&str], packages: &[&str]) -> Result<PathBuf> {
    let find = || names.iter().find_map(process::find);
    if let Some(browser) = find() {
        return Ok(browser);
    }
    apt::install(purpose, packages)?;
    find().with_context(|| {
        format!(
            "{} is installed, but none of {} is on the PATH",
            packages.join(" "),
            names.join(", ")
        )
    })
}

/// Whether FFmpeg's decoders are among the system's libraries. Systems without `ldconfig` bring decoders of their own.
fn has_decoders() -> bool {
    let ldconfig = process::find("ldconfig").unwrap_or_else(|| PathBuf::from("/sbin/ldconfig"));
    match process::capture(Command::new(ldconfig).arg("-p")) {
        Ok(libraries) => libraries.contains("libavcodec.so."),
        Err(_) => true,
    }
}

/// The decoders' package in this release of Debian; `ffmpeg` brings them in any.
fn decoder_package() -> &'static str {
    let known = |package: &&&str| process::capture(Command::new("apt-cache").args(["show", package])).is_ok();
    ["libavcodec59", "libavcodec61"]
        .iter()
        .find(known)
        .copied()
        .unwrap_or("ffmpeg")
}
