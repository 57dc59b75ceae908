//! Long runs of the fuzz targets.

use anyhow::Result;

use crate::{process, workspace};

/// Builds the targets fast, with every overflow told, and runs them.
pub(crate) fn run(seconds: u64, seed: u64, targets: &[String]) -> Result<()> {
    let mut cargo = process::cargo();
    cargo
        .current_dir(workspace::root())
        .args([
            "run",
            "--quiet",
            "--profile",
            "fuzz",
            "--package",
            "footlight-fuzz",
            "--",
        ])
        .args([
            "--seconds",
            &seconds.to_string(),
            "--seed",
            &seed.to_string(),
            "--findings",
        ])
        .arg(workspace::target().join("fuzz"))
        .args(targets);
    process::show(&mut cargo)
}
