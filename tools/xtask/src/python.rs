//! The Python package: the library, the bindings that UniFFI writes for it, and our own module around them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::progress::step;
use crate::{apt, process, workspace};

/// Where the package is made.
pub(crate) fn package_dir() -> PathBuf {
    workspace::target().join("python")
}

/// Python itself.
pub(crate) fn interpreter() -> Result<PathBuf> {
    if let Some(found) = process::find("python3") {
        return Ok(found);
    }
    apt::install("Python", &["python3"])?;
    process::find("python3").context("python3 is not installed")
}

/// Makes the package for this machine.
pub(crate) fn package() -> Result<()> {
    step("the library", || {
        cargo(&["build", "--package", "footlight-ffi", "--lib", "--release"])
    })?;
    step("the bindings' writer", build_writer)?;
    put_together("release")
}

/// Makes the package to be tested; `cargo test` has built what it needs, if it ran.
pub(crate) fn package_to_test(is_built: bool) -> Result<()> {
    if !is_built {
        step("the library", || {
            cargo(&["build", "--package", "footlight-ffi", "--lib"])
        })?;
        step("the bindings' writer", build_writer)?;
    }
    put_together("debug")
}

fn build_writer() -> Result<()> {
    cargo(&["build", "--package", "footlight-bindgen"])
}

fn put_together(profile: &str) -> Result<()> {
    let out = package_dir().join("footlight");
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    // Not beside the programs: tests put it here alone.
    let library = workspace::target().join(profile).join("deps").join(format!(
        "{}footlight_ffi{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ));
    step("the package", || {
        write_bindings(&library, &out)?;
        for file in ["__init__.py", "py.typed"] {
            copy(
                &workspace::path("bindings/python/footlight").join(file),
                &out.join(file),
            )?;
        }
        copy(
            &workspace::path("bindings/python/pyproject.toml"),
            &package_dir().join("pyproject.toml"),
        )?;
        copy(
            &library,
            &out.join(library.file_name().context("the library has no name")?),
        )
    })
}

fn cargo(arguments: &[&str]) -> Result<()> {
    process::run(process::cargo().current_dir(workspace::root()).args(arguments))
}

fn write_bindings(library: &Path, out: &Path) -> Result<()> {
    let writer = workspace::target()
        .join("debug")
        .join(format!("uniffi-bindgen{}", std::env::consts::EXE_SUFFIX));
    let mut write = Command::new(writer);
    write.current_dir(workspace::root());
    write.args(["generate", "--no-format", "--language", "python", "--out-dir"]);
    process::capture(write.arg(out).arg(library)).map(drop)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
