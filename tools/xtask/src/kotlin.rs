//! The Kotlin package: a jar with the library for this machine, by Maven.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::ffi::{self, Library};
use crate::progress::{begin, step};
use crate::{apt, backend, process, stamp, workspace};

const FOLDER: &str = "bindings/kotlin";

/// Where everything is made.
fn work_dir() -> PathBuf {
    workspace::target().join("kotlin")
}

/// Makes the jar for this machine.
pub(crate) fn package() -> Result<()> {
    find_maven()?;
    let library = put_together(&Library::released()?)?;
    ffi::strip(&library)?;
    step("the jar", || process::run(maven().args(["-DskipTests", "package"])))?;
    begin(&format!("`mvn -f {FOLDER} install` puts it into the local repository"));
    println!("{}", work_dir().join("build/footlight-player-0.1.0.jar").display());
    Ok(())
}

/// The command that compiles and runs the tests; `cargo test` has built what they need, if it ran.
pub(crate) fn tests(is_built: bool) -> Result<Command> {
    find_maven()?;
    put_together(&Library::to_test(is_built)?)?;
    let mut maven = maven();
    maven.arg("test").env("FOOTLIGHT_BACKEND", backend::binary());
    Ok(maven)
}

/// What Maven finds beside the sources: the bindings, the library where JNA looks for it, and the README's player.
fn put_together(library: &Library) -> Result<PathBuf> {
    step("the bindings", || {
        let work = work_dir();
        library.write_bindings("kotlin", &work.join("generated"))?;
        let example = format!("package readme\n\n{}", ffi::readme_example(FOLDER, "kotlin")?);
        stamp::write(&work.join("readme/Readme.kt"), example.as_bytes())?;
        library.copy_into(&work.join("native").join(jna_platform()?))
    })
}

/// JNA's name for this platform, and of the folder in a jar where it looks for libraries.
fn jna_platform() -> Result<&'static str> {
    Ok(match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x86-64",
        ("linux", "aarch64") => "linux-aarch64",
        ("macos", "x86_64") => "darwin-x86-64",
        ("macos", "aarch64") => "darwin-aarch64",
        ("windows", "x86_64") => "win32-x86-64",
        ("windows", "aarch64") => "win32-aarch64",
        (os, arch) => bail!("JNA has no library for {os} on {arch}"),
    })
}

fn maven() -> Command {
    let mut maven = Command::new("mvn");
    maven.current_dir(workspace::path(FOLDER));
    maven.args(["--batch-mode", "--no-transfer-progress"]);
    maven.arg(format!("-Dfootlight.work={}", work_dir().display()));
    maven
}

/// Maven, and the Java that it runs on.
fn find_maven() -> Result<()> {
    if process::find("mvn").is_none() {
        apt::install("Kotlin", &["maven", "default-jdk-headless"])?;
    }
    process::capture(Command::new("mvn").arg("--version"))
        .map(drop)
        .context("Maven does not start: does it find a Java?")
}
