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

/// Makes the package for this machine, with a library that is made to be `released` or to be tested.
pub(crate) fn build(released: bool) -> Result<()> {
    let profile: &[&str] = if released { &["--release"] } else { &[] };
    step("the library", || {
        cargo(&["build", "--package", "footlight-ffi", "--lib"], profile)
    })?;
    step("the bindings' writer", || {
        let writer = [
            "build",
            "--package",
            "footlight-ffi",
            "--bin",
            "uniffi-bindgen",
            "--features",
            "bindgen",
        ];
        cargo(&writer, &[])
    })?;
    let out = package_dir().join("footlight");
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let folder = workspace::target().join(if released { "release" } else { "debug" });
    let library = folder.join(format!(
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

fn cargo(arguments: &[&str], more: &[&str]) -> Result<()> {
    let mut cargo = process::cargo();
    process::run(cargo.current_dir(workspace::root()).args(arguments).args(more))
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
