//! The probe as people install it: the program with sound, its man pages and completions.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::progress::{begin, step};
use crate::{apt, process, stamp, workspace};

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
    if cfg!(target_os = "linux") && !process::has_library("alsa") {
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
    stamp::copy(&program, &out.join(name()))?;
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

fn write(program: &Path, arguments: &[&str], to: &Path) -> Result<()> {
    let text = process::capture(Command::new(program).args(arguments))?;
    stamp::write(to, text.as_bytes())
}
