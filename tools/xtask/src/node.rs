//! Node and the npm packages that the lockfiles name.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress::step;
use crate::stamp::Stamp;
use crate::{apt, process, workspace};

const OLDEST: u32 = 18;

/// The player's folder: its TypeScript, and the build tools that the app uses too.
pub(crate) const PLAYER: &str = "bindings/web";
/// The end-to-end tests' folder.
pub(crate) const E2E: &str = "e2e";

/// Makes sure that node is there, and that a folder's packages are what its lockfile says.
pub(crate) fn prepare(folder: &str) -> Result<()> {
    find()?;
    let dir = workspace::path(folder);
    let modules = dir.join("node_modules");
    let stamp = Stamp::new(&format!("npm-{}", folder.replace('/', "-")))
        .input(&dir.join("package.json"))?
        .input(&dir.join("package-lock.json"))?
        .output(&modules);
    stamp.run(|| step(&format!("npm packages of {folder}"), || install(&dir)))?;
    Ok(())
}

/// `node` in a folder of the workspace.
pub(crate) fn command(folder: &str) -> Command {
    let mut node = Command::new("node");
    node.current_dir(workspace::path(folder));
    node
}

/// A tool that a folder's packages brought, such as `tsc`.
pub(crate) fn tool(folder: &str, name: &str) -> Command {
    let dir = workspace::path(folder);
    let mut tool = Command::new(dir.join("node_modules/.bin").join(name));
    tool.current_dir(dir);
    tool
}

fn install(dir: &Path) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.current_dir(dir)
        .args(["ci", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]);
    npm.env("NPM_CONFIG_UPDATE_NOTIFIER", "false");
    process::capture(&mut npm).with_context(|| {
        format!(
            "npm cannot install the packages of {}: is its registry reachable?",
            dir.display()
        )
    })?;
    Ok(())
}

fn find() -> Result<()> {
    if process::find("node").is_none() || process::find("npm").is_none() {
        apt::install("The player's build", &["nodejs", "npm"])?;
    }
    let version = process::capture(Command::new("node").arg("--version"))?;
    match major_of(&version) {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("node {} is too old: install node {OLDEST} or newer", version.trim()),
    }
}

fn major_of(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major_of("v20.20.2\n"), Some(20));
        assert_eq!(major_of("20"), None);
    }
}
