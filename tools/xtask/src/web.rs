//! What a browser loads: the player's package, and the app's folder with the player in it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::progress::step;
use crate::stamp::{self, Stamp};
use crate::{compress, node, process, wasm, workspace};

/// What rustc emits for wasm32; wasm-opt must be told, since release modules do not carry the list.
const WASM_FEATURES: [&str; 7] = [
    "bulk-memory",
    "bulk-memory-opt",
    "sign-ext",
    "nontrapping-float-to-int",
    "mutable-globals",
    "reference-types",
    "multivalue",
];

/// The player's package: what npm would install.
pub(crate) fn package_dir() -> PathBuf {
    workspace::target().join("npm/footlight-player")
}

/// The app as a web server serves it.
pub(crate) fn dist_dir() -> PathBuf {
    workspace::target().join("web/dist")
}

/// Builds all of it.
pub(crate) fn build() -> Result<()> {
    node::prepare(node::PLAYER)?;
    wasm::build(None)?;
    package()?;
    dist()
}

fn package() -> Result<()> {
    let source = workspace::path(node::PLAYER);
    let mut stamp = Stamp::new("player-package")
        .input(&wasm::player_dir())?
        .input(&wasm::text_dir())?
        .input(&wasm::extras_dir())?
        .input(&wasm::recorder_dir())?;
    for part in [
        "ts",
        "build.mjs",
        "footlight.d.ts",
        "presentation.d.ts",
        "README.md",
        "package.json",
        "package-lock.json",
    ] {
        stamp = stamp.input(&source.join(part))?;
    }
    let out = package_dir();
    stamp.output(&out.join("footlight.js")).run(|| {
        step("the player's package", || {
            process::run(
                node::command(node::PLAYER)
                    .arg("build.mjs")
                    .arg(wasm::player_dir())
                    .arg(wasm::text_dir())
                    .arg(wasm::extras_dir())
                    .arg(wasm::recorder_dir())
                    .arg(&out),
            )
        })
    })?;
    Ok(())
}

fn dist() -> Result<()> {
    let app = workspace::path("apps/web");
    let out = dist_dir();
    let stamp = Stamp::new("app-dist")
        .value(include_str!("web.rs"))
        .value(include_str!("../compress.mjs"))
        .input(&wasm::app_dir())?
        .input(&package_dir())?
        .input(&app.join("static"))?
        .input(&app.join("index.html"))?
        .output(&out.join("index.html"));
    stamp.run(|| step("the app's folder", || assemble(&app, &out)))?;
    Ok(())
}

/// Fills a folder beside the old one, then takes its place: a server that runs meanwhile serves whole files.
fn assemble(app: &Path, out: &Path) -> Result<()> {
    let next = out.with_extension("next");
    remove(&next)?;
    fs::create_dir_all(&next).with_context(|| format!("cannot make {}", next.display()))?;
    copy_tree(&app.join("static"), &next)?;
    copy_tree(&wasm::app_dir(), &next)?;
    remove_declarations(&next)?;
    fs::copy(app.join("index.html"), next.join("index.html")).context("apps/web/index.html is missing")?;
    optimize(&next.join("app_bg.wasm"))?;
    minify(&next)?;
    for file in stamp::files_under(&package_dir())? {
        if file
            .extension()
            .is_some_and(|ending| ending == "js" || ending == "wasm")
        {
            copy_into(&file, &next.join("player"))?;
        }
    }
    compress::beside(&next)?;
    remove(out)?;
    fs::rename(&next, out).with_context(|| format!("cannot make {}", out.display()))
}

/// TypeScript declarations are of no use to a page.
fn remove_declarations(dir: &Path) -> Result<()> {
    for file in stamp::files_under(dir)? {
        if file.to_string_lossy().ends_with(".d.ts") {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

fn optimize(wasm: &Path) -> Result<()> {
    let mut tool = node::command(node::PLAYER);
    tool.arg("node_modules/binaryen/bin/wasm-opt")
        .arg(wasm)
        .arg("-o")
        .arg(wasm);
    tool.args(["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features"]);
    tool.args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")));
    process::run(&mut tool)
}

/// Scripts and style sheets in place, each for itself.
fn minify(dir: &Path) -> Result<()> {
    let sources: Vec<_> = stamp::files_under(dir)?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "js" || ending == "css"))
        .collect();
    ensure!(!sources.is_empty(), "{} has no scripts to minify", dir.display());
    let mut esbuild = node::tool(node::PLAYER, "esbuild");
    esbuild.args([
        "--minify",
        "--charset=utf8",
        "--legal-comments=none",
        "--log-level=warning",
        "--allow-overwrite",
    ]);
    esbuild
        .arg(format!("--outdir={}", dir.display()))
        .arg(format!("--outbase={}", dir.display()));
    process::run(esbuild.args(&sources))
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for file in stamp::files_under(from)? {
        let inside = file.strip_prefix(from).unwrap_or(&file);
        let folder = to.join(inside.parent().unwrap_or(Path::new("")));
        copy_into(&file, &folder)?;
    }
    Ok(())
}

fn copy_into(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().unwrap_or(OsStr::new("file"));
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::copy(file, folder.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
    Ok(())
}

fn remove(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    Ok(())
}
