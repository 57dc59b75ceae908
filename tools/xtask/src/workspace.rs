//! Where things are.

use std::path::{Path, PathBuf};

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// A path in the workspace, given with forward slashes.
pub(crate) fn path(relative: &str) -> PathBuf {
    root().join(relative)
}

/// Cargo's target folder for the host.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => path("target"),
    }
}

/// Cargo's target folder for WebAssembly: a second compiler may fill it, and the two must not share one.
pub(crate) fn wasm_target() -> PathBuf {
    target().join("wasm")
}

/// What xtask remembers between runs.
pub(crate) fn memory() -> PathBuf {
    target().join("xtask")
}
