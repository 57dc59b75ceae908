//! The probe as people install it: the program with sound, its man pages and completions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::progress::{begin, step};
use crate::{apt, process, workspace};

const SHELLS: [&str; 3] = ["bash", "fish", "zsh"];

/// The program that tests use: a development build, without sound.
pub(crate) fn binary() -> PathBuf {
    workspace::target().join("debug").join(name())
}

/// Builds that.
pub(crate) fn build() -> Result<()> {
    let mut cargo = process::cargo();
    cargo.current_dir(workspace::root());
    process::run(cargo.args(["build", "--package", "footlight-probe"]))
}

fn name() -> String {
    format!("footlight-probe{}", std::env::consts::EXE_SUFFIX)
}

/// Makes `target/probe`.
pub(crate) fn package() -> Result<()> {
    if cfg!(target_os = "linux") && !has_alsa() {
        apt::install("Sound in the probe", &["libasound2-dev", "pkg-config"])?;
    }
    step("the program", || {
        let mut cargo = process::cargo();
        cargo.current_dir(workspace::root());
        process::run(cargo.args([
            "build",
            "--release",
            "--package",
            "footlight-probe",
            "--features",
            "device",
        ]))
    })?;
    let program = workspace::target().join("release").join(name());
    let out = workspace::target().join("probe");
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    fs::copy(&program, out.join(name())).with_context(|| format!("cannot copy {}", program.display()))?;
    write(&program, &["man"], &out.join("footlight-probe.1"))?;
    for shell in SHELLS {
        write(
            &program,
            &["completions", shell],
            &out.join(format!("completions.{shell}")),
        )?;
    }
    begin(&format!("the probe is in {}", out.display()));
    Ok(())
}

fn has_alsa() -> bool {
    process::capture(Command::new("pkg-config").args(["--exists", "alsa"])).is_ok()
}

fn write(program: &Path, arguments: &[&str], to: &Path) -> Result<()> {
    let text = process::capture(Command::new(program).args(arguments))?;
    fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}
