//! The Swift package: a folder with the library for this machine, the bindings, and our own module around them.

mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::ffi::{self, Library};
use crate::progress::step;
use crate::{backend, stamp, workspace};
use toolchain::Toolchain;

const FOLDER: &str = "bindings/swift";

/// Where the package is made.
fn package_dir() -> PathBuf {
    workspace::target().join("swift")
}

/// Makes the package for this machine.
pub(crate) fn package() -> Result<()> {
    let library = put_together(&Library::released()?)?;
    ffi::strip(&library)?;
    println!("{}", package_dir().display());
    Ok(())
}

/// The command that runs the tests, which are compiled before; `cargo test` has built what they need, if it ran.
pub(crate) fn tests(is_built: bool) -> Result<Command> {
    let toolchain = Toolchain::find()?;
    put_together(&Library::to_test(is_built)?)?;
    let swift = |arguments: &[&str]| {
        let build = workspace::target().join("swift-build");
        let mut command = toolchain.command("swift", arguments)?;
        command.arg("--package-path").arg(package_dir());
        command.arg("--scratch-path").arg(build);
        command.env("FOOTLIGHT_BACKEND", backend::binary());
        command.env("FOOTLIGHT_ROOT", workspace::root());
        anyhow::Ok(command)
    };
    step("the package, its tests and the README's player", || {
        crate::process::run(&mut swift(&["build", "--build-tests"])?)
    })?;
    swift(&["test", "--skip-build", "--disable-swift-testing"])
}

/// Package, sources, bindings, library, and the README's player as a program.
fn put_together(library: &Library) -> Result<PathBuf> {
    step("the package's folder", || {
        let (source, out) = (workspace::path(FOLDER), package_dir());
        let mut made = Vec::new();
        let mut make = |text: &[u8], place: &Path| {
            made.push(out.join(place));
            renew(text, &out.join(place))
        };
        for file in stamp::files_under(&source)? {
            let relative = file.strip_prefix(&source).context("a file is elsewhere")?;
            make(&fs::read(&file)?, relative)?;
        }
        let written = out.join("written");
        library.write_bindings("swift", &written)?;
        let files = [
            ("Footlight.swift", "Sources/Footlight/Bindings.swift"),
            ("FootlightFFI.h", "Sources/FootlightFFI/FootlightFFI.h"),
        ];
        for (from, to) in files {
            let text = fs::read(written.join(from)).with_context(|| format!("the bindings lack {from}"))?;
            make(&text, Path::new(to))?;
        }
        let example = ffi::readme_example(FOLDER, "swift")?;
        make(example.as_bytes(), Path::new("Sources/First/main.swift"))?;
        // What an earlier package had and this one has not would be compiled too.
        for file in stamp::files_under(&out.join("Sources"))? {
            if !made.contains(&file) {
                fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
            }
        }
        library.copy_into(&out.join("lib"))
    })
}

/// Writes a file unless it is so already: Swift compiles again what is newer.
fn renew(bytes: &[u8], path: &Path) -> Result<()> {
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    stamp::write(path, bytes)
}
