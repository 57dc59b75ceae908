//! The two encodings that browsers ask for, at the levels that files made once deserve. Node does the work: it carries the
//! reference implementations.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{process, stamp, workspace};

/// Files worth encoding, by their endings; images and fonts are compressed already.
const ENDINGS: [&str; 8] = ["html", "js", "css", "wasm", "svg", "json", "webmanifest", "txt"];
/// Below this a file travels in one packet either way.
const SMALLEST: u64 = 512;

/// A file's size, plain and in both encodings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) raw: u64,
    /// gzip at level 9.
    pub(crate) gzip: u64,
    /// Brotli at quality 11.
    pub(crate) brotli: u64,
}

/// Puts `.br` and `.gz` beside each file of a folder that gains by it.
pub(crate) fn beside(folder: &Path) -> Result<()> {
    let mut files = stamp::files_under(folder)?;
    files.retain(|file| is_worth_it(file));
    process::run(node("beside").args(files))
}

/// The sizes of some files.
pub(crate) fn sizes(files: &[PathBuf]) -> Result<Vec<Sizes>> {
    let text = process::capture(node("sizes").args(files))?;
    let list: Vec<Value> = serde_json::from_str(&text).context("the sizes are no JSON")?;
    list.iter()
        .map(|sizes| from_json(sizes).context("a size is missing"))
        .collect()
}

fn node(task: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(workspace::path("tools/xtask/compress.mjs")).arg(task);
    node
}

fn is_worth_it(file: &Path) -> bool {
    let ending = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ENDINGS.contains(&ending) && file.metadata().is_ok_and(|data| data.len() >= SMALLEST)
}

fn from_json(value: &Value) -> Option<Sizes> {
    let bytes = |name| value.get(name)?.as_u64();
    Some(Sizes {
        raw: bytes("raw")?,
        gzip: bytes("gzip")?,
        brotli: bytes("brotli")?,
    })
}
