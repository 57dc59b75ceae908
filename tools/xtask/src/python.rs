//! The Python package: the library, the bindings that UniFFI writes for it, and our own module around them.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::ffi::Library;
use crate::progress::step;
use crate::{apt, process, stamp, workspace};

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
    put_together(&Library::released()?)
}

/// Makes the package to be tested; `cargo test` has built what it needs, if it ran.
pub(crate) fn package_to_test(is_built: bool) -> Result<()> {
    put_together(&Library::to_test(is_built)?)
}

fn put_together(library: &Library) -> Result<()> {
    step("the package", || {
        let out = package_dir().join("footlight");
        library.write_bindings("python", &out)?;
        let source = workspace::path("bindings/python");
        for file in ["footlight/__init__.py", "footlight/py.typed", "pyproject.toml"] {
            stamp::copy(&source.join(file), &package_dir().join(file))?;
        }
        library.copy_into(&out).map(drop)
    })
}
