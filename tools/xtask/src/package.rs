//! The package that others install, and the proof that they can.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::progress::{begin, note, step};
use crate::test::browsers;
use crate::{node, process, stamp, web, workspace};

/// A consumer as TypeScript and bundlers want it.
const CONSUMER: &str = r#"{ "name": "consumer", "private": true, "type": "module" }"#;

/// Builds the player's npm package and its tarball, installs it somewhere, and uses it there.
pub(crate) fn npm() -> Result<()> {
    web::build()?;
    let tarball = step("npm pack", pack)?;
    let consumer = workspace::target().join("npm/consumer");
    step("a consumer that installs it", || install(&consumer, &tarball))?;
    step("its types, with tsc", || types(&consumer))?;
    step("a bundler", || bundle(&consumer))?;
    match browsers::find_chromium() {
        Some(browser) => step("a plain page in a browser", || plain_page(&consumer, &browser))?,
        None => note("no Chromium here: the plain page is left out"),
    }
    begin(&format!("the package is in {}", web::package_dir().display()));
    println!("{}", tarball.display());
    Ok(())
}

fn pack() -> Result<PathBuf> {
    let out = workspace::target().join("npm");
    let mut npm = Command::new("npm");
    npm.current_dir(web::package_dir())
        .args(["pack", "--json", "--pack-destination"])
        .arg(&out);
    let told: Value = serde_json::from_str(&process::capture(&mut npm)?).context("npm pack did not answer in JSON")?;
    let name = told
        .pointer("/0/filename")
        .and_then(Value::as_str)
        .context("npm pack names no file")?;
    Ok(out.join(name))
}

fn install(consumer: &Path, tarball: &Path) -> Result<()> {
    if consumer.exists() {
        fs::remove_dir_all(consumer).with_context(|| format!("cannot empty {}", consumer.display()))?;
    }
    stamp::write(&consumer.join("package.json"), CONSUMER.as_bytes())?;
    let mut npm = Command::new("npm");
    npm.current_dir(consumer)
        .args(["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error"])
        .arg(tarball);
    process::capture(&mut npm)?;
    for file in ["bundled.ts", "plain.html"] {
        let source = workspace::path("tools/xtask/package-check").join(file);
        fs::copy(&source, consumer.join(file)).with_context(|| format!("cannot copy {}", source.display()))?;
    }
    Ok(())
}

fn types(consumer: &Path) -> Result<()> {
    let mut tsc = node::tool(node::PLAYER, "tsc");
    tsc.current_dir(consumer)
        .args(["--noEmit", "--strict", "--target", "es2022", "--module", "esnext"]);
    process::run(tsc.args(["--moduleResolution", "bundler", "--lib", "es2022,dom", "bundled.ts"]))
}

fn bundle(consumer: &Path) -> Result<()> {
    let mut esbuild = node::tool(node::PLAYER, "esbuild");
    esbuild
        .current_dir(consumer)
        .args(["bundled.ts", "--bundle", "--format=esm", "--outfile=bundled.js"]);
    process::run(esbuild.arg("--log-level=warning"))
}

fn plain_page(consumer: &Path, browser: &Path) -> Result<()> {
    let mut node = Command::new("node");
    node.arg(workspace::path("tools/xtask/package-check/page.mjs"))
        .arg(consumer)
        .arg(browser);
    process::capture(&mut node).map(drop)
}
