//! The library for other languages, and the bindings that UniFFI writes for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::progress::step;
use crate::{process, stamp, workspace};

/// A built library, with the symbols from which bindings are written.
pub(crate) struct Library {
    path: PathBuf,
}

impl Library {
    /// As it is given to others.
    pub(crate) fn released() -> Result<Self> {
        step("the library", || {
            cargo(&["build", "--package", "footlight-ffi", "--lib", "--release"])
        })?;
        step("the bindings' writer", build_writer)?;
        Ok(Self::of("release"))
    }

    /// To be tested; `cargo test` has built what it needs, if it ran.
    pub(crate) fn to_test(is_built: bool) -> Result<Self> {
        if !is_built {
            step("the library", || {
                cargo(&["build", "--package", "footlight-ffi", "--lib"])
            })?;
            step("the bindings' writer", build_writer)?;
        }
        Ok(Self::of("debug"))
    }

    fn of(profile: &str) -> Self {
        // Not beside the programs: tests put it here alone.
        let folder = workspace::target().join(profile).join("deps");
        Self {
            path: folder.join(format!(
                "{}footlight_ffi{}",
                std::env::consts::DLL_PREFIX,
                std::env::consts::DLL_SUFFIX
            )),
        }
    }

    /// Writes the bindings of a language into a folder.
    pub(crate) fn write_bindings(&self, language: &str, out: &Path) -> Result<()> {
        fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
        let writer = workspace::target()
            .join("debug")
            .join(format!("uniffi-bindgen{}", std::env::consts::EXE_SUFFIX));
        let mut write = Command::new(writer);
        write.current_dir(workspace::root());
        write.args(["generate", "--no-format", "--language", language, "--out-dir"]);
        process::capture(write.arg(out).arg(&self.path)).map(drop)
    }

    /// Copies it into a folder.
    pub(crate) fn copy_into(&self, folder: &Path) -> Result<PathBuf> {
        let to = folder.join(self.path.file_name().context("the library has no name")?);
        stamp::copy(&self.path, &to)?;
        Ok(to)
    }
}

fn build_writer() -> Result<()> {
    cargo(&["build", "--package", "footlight-bindgen"])
}

fn cargo(arguments: &[&str]) -> Result<()> {
    process::run(process::cargo().current_dir(workspace::root()).args(arguments))
}

/// Takes out of a library what nobody needs who calls it, where there is a `strip`.
pub(crate) fn strip(library: &Path) -> Result<()> {
    let Some(strip) = process::find("strip") else {
        return Ok(());
    };
    process::capture(Command::new(strip).arg("-x").arg(library)).map(drop)
}

/// The first example in a language's README: the tests compile and run it.
pub(crate) fn readme_example(folder: &str, language: &str) -> Result<String> {
    let readme = workspace::path(folder).join("README.md");
    let text = fs::read_to_string(&readme).with_context(|| format!("cannot read {}", readme.display()))?;
    example_of(&text, language).with_context(|| format!("{} has no example", readme.display()))
}

fn example_of(text: &str, language: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("```{language}\n"))?;
    let (code, _) = rest.split_once("```")?;
    Some(code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_example_is_found() {
        let text = "# T\n```sh\nx\n```\n```kotlin\nfun main() {}\n```\n```kotlin\nno\n```\n";
        assert_eq!(example_of(text, "kotlin").as_deref(), Some("fun main() {}\n"));
        assert_eq!(example_of(text, "swift"), None);
    }
}
