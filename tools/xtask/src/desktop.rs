//! The desktop app: what its window needs of the system, its build, and its package for Debian.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::progress::{begin, note, step};
use crate::{apt, process, stamp, web, workspace};

const PROGRAM: &str = "footlight-desktop";
/// The feature that brings the window, as cargo wants it for the workspace.
pub(crate) const WINDOW: &str = "footlight-desktop/window";
/// Debian's names of what decodes H.264 and AAC (libav) and takes them apart (bad) for the webview.
const CODECS: [&str; 3] = [
    "gstreamer1.0-libav",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-plugins-good",
];
/// Sizes of the icons that there are, in pixels.
const ICONS: [u32; 3] = [32, 128, 256];
/// Where nobody can compute what the program links to.
const LIBRARIES: &str = "libwebkit2gtk-4.1-0, libgtk-3-0 | libgtk-3-0t64";

/// The program as it is built for tests, or to be given away.
pub(crate) fn binary(released: bool) -> PathBuf {
    let profile = if released { "release" } else { "debug" };
    workspace::target()
        .join(profile)
        .join(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX))
}

/// Builds it, with what it needs of the system installed.
pub(crate) fn build(released: bool) -> Result<()> {
    needs_webview()?;
    let mut cargo = process::cargo();
    cargo.current_dir(workspace::root());
    cargo.args(["build", "--package", PROGRAM, "--features", "window"]);
    if released {
        cargo.arg("--release");
    }
    step("the desktop app", || process::run(&mut cargo))
}

/// What the window is built with.
pub(crate) fn needs_webview() -> Result<()> {
    if !cfg!(target_os = "linux") || process::has_library("webkit2gtk-4.1") {
        return Ok(());
    }
    apt::install("The desktop app's window", &["pkg-config", "libwebkit2gtk-4.1-dev"])
}

/// What the tests of a real window need: a screen, a bus, a driver, decoders.
pub(crate) fn needs_driver() -> Result<()> {
    let mut missing = Vec::new();
    if process::find("Xvfb").is_none() {
        missing.push("xvfb");
    }
    if process::find("WebKitWebDriver").is_none() {
        missing.push("webkit2gtk-driver");
    }
    if process::find("dbus-daemon").is_none() || process::find("dbus-send").is_none() {
        missing.push("dbus");
    }
    if !has_codecs() {
        missing.extend(CODECS);
    }
    if missing.is_empty() {
        return Ok(());
    }
    apt::install("The desktop app's tests", &missing)
}

fn has_codecs() -> bool {
    let folder = process::capture(Command::new("pkg-config").args(["--variable=pluginsdir", "gstreamer-1.0"]));
    folder.is_ok_and(|folder| {
        let plugin = |name: &str| Path::new(folder.trim()).join(name).is_file();
        plugin("libgstlibav.so") && plugin("libgstvideoparsersbad.so") && plugin("libgstisomp4.so")
    })
}

/// Makes `target/desktop/footlight-desktop_….deb`.
pub(crate) fn package() -> Result<()> {
    web::build()?;
    build(true)?;
    let out = workspace::target().join("desktop");
    let tree = out.join("tree");
    if tree.exists() {
        fs::remove_dir_all(&tree).with_context(|| format!("cannot empty {}", tree.display()))?;
    }
    lay_out(&tree)?;
    let package = step("a .deb", || deb(&out, &tree))?;
    begin(&format!("the package is {}", package.display()));
    note("no AppImage: the tools that make one are not here (Tauri's bundler fetches them from GitHub)");
    println!("{}", package.display());
    Ok(())
}

/// The files as they are on a system that has the package.
fn lay_out(tree: &Path) -> Result<()> {
    let app = workspace::path("apps/desktop");
    let program = tree.join("usr/bin").join(PROGRAM);
    stamp::copy(&binary(true), &program)?;
    process::capture(Command::new("strip").arg(&program))?;
    for file in stamp::files_under(&web::dist_dir())? {
        // Compressed copies are for servers.
        if !file.extension().is_some_and(|ending| ending == "br" || ending == "gz") {
            let inside = file.strip_prefix(web::dist_dir())?;
            stamp::copy(&file, &tree.join("usr/lib/footlight/web").join(inside))?;
        }
    }
    let icons = tree.join("usr/share/icons/hicolor");
    for size in ICONS {
        let place = format!("{size}x{size}/apps/footlight.png");
        stamp::copy(&app.join(format!("icons/{size}.png")), &icons.join(place))?;
    }
    stamp::copy(
        &workspace::path("apps/web/static/icon.svg"),
        &icons.join("scalable/apps/footlight.svg"),
    )?;
    let entry = "footlight.desktop";
    stamp::copy(&app.join(entry), &tree.join("usr/share/applications").join(entry))?;
    let copyright = tree.join("usr/share/doc").join(PROGRAM).join("copyright");
    stamp::copy(&workspace::path("LICENSE"), &copyright)
}

fn deb(out: &Path, tree: &Path) -> Result<PathBuf> {
    let architecture = process::capture(Command::new("dpkg").arg("--print-architecture"))
        .context("packages for Debian are made with dpkg, which is not here")?;
    let architecture = architecture.trim();
    let version = env!("CARGO_PKG_VERSION");
    let bytes: u64 = stamp::files_under(tree)?
        .iter()
        .filter_map(|file| Some(fs::metadata(file).ok()?.len()))
        .sum();
    let control = control(version, architecture, &libraries(out, tree)?, bytes);
    stamp::write(&tree.join("DEBIAN/control"), control.as_bytes())?;
    let package = out.join(format!("{PROGRAM}_{version}_{architecture}.deb"));
    let mut dpkg = Command::new("dpkg-deb");
    dpkg.args(["--root-owner-group", "--build"]).arg(tree).arg(&package);
    process::capture(&mut dpkg)?;
    Ok(package)
}

/// What the program links to, as packages with versions, where Debian's tool for that is installed.
fn libraries(out: &Path, tree: &Path) -> Result<String> {
    if process::find("dpkg-shlibdeps").is_none() {
        return Ok(LIBRARIES.to_owned());
    }
    let control = format!("Source: {PROGRAM}\n\nPackage: {PROGRAM}\nArchitecture: any\n");
    stamp::write(&out.join("debian/control"), control.as_bytes())?;
    let mut tool = Command::new("dpkg-shlibdeps");
    tool.current_dir(out).arg("-O").arg(tree.join("usr/bin").join(PROGRAM));
    let told = process::capture(&mut tool)?;
    let list = told.trim().strip_prefix("shlibs:Depends=");
    Ok(list.context("dpkg-shlibdeps names no packages")?.to_owned())
}

fn control(version: &str, architecture: &str, libraries: &str, bytes: u64) -> String {
    let codecs = CODECS.join(", ");
    let kilobytes = bytes.div_ceil(1024);
    format!(
        "Package: {PROGRAM}\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: Footlight <footlight@localhost>\n\
         Installed-Size: {kilobytes}\n\
         Depends: {libraries}, {codecs}\n\
         Section: video\n\
         Priority: optional\n\
         Description: Footlight in a window of its own\n \
         Films and live channels that adapt to the network and to the screen.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_depends_on_decoders() {
        let text = control("1.2.3", "amd64", "libc6 (>= 2.36)", 1025);
        assert!(text.contains("\nInstalled-Size: 2\n"));
        assert!(text.contains("\nDepends: libc6 (>= 2.36), gstreamer1.0-libav, gstreamer1.0-plugins-bad"));
        assert!(
            text.lines().all(|line| line.starts_with(' ') || line.contains(": ")),
            "{text}"
        );
    }
}
