//! Packages of the operating system, where it is Debian or one of its children.

use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::process;
use crate::progress::note;

/// How packages can be installed here.
enum Way {
    /// We are root.
    Root,
    /// Somebody can be asked, and sudo does it.
    Ask,
    /// Nobody can be asked.
    Manual,
    /// No apt on this machine.
    None,
}

/// Installs packages, asking first unless root; an error says what to type.
pub(crate) fn install(purpose: &str, packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    match way() {
        Way::Root => {
            note(&format!("{purpose}: installing {list} with apt"));
            apt(Command::new("apt-get"), packages)
        }
        Way::Ask if agreed(purpose, &list)? => apt(
            {
                let mut sudo = Command::new("sudo");
                sudo.arg("apt-get");
                sudo
            },
            packages,
        ),
        Way::Ask | Way::Manual => {
            bail!(
                "{purpose} needs packages that are not installed. Install them and run this again:\n  sudo apt-get install {list}"
            )
        }
        Way::None => bail!(
            "{purpose} needs what Debian calls: {list}\nThis machine has no apt-get: install the same with its own package manager, and run this again"
        ),
    }
}

fn way() -> Way {
    if process::find("apt-get").is_none() {
        return Way::None;
    }
    if is_root() {
        Way::Root
    } else if process::find("sudo").is_some() && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        Way::Ask
    } else {
        Way::Manual
    }
}

/// Whether we may do anything.
pub(crate) fn is_root() -> bool {
    process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn agreed(purpose: &str, list: &str) -> Result<bool> {
    eprint!("{purpose} needs to install: {list}\nRun `sudo apt-get install` for them? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Installs from the lists as they are, and once more after an update: lists go stale, and a fresh machine has none.
fn apt(mut command: Command, packages: &[&str]) -> Result<()> {
    command.env("DEBIAN_FRONTEND", "noninteractive");
    let prefix: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let again = |arguments: &[&str]| {
        let mut next = Command::new(command.get_program());
        next.args(&prefix)
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null());
        next
    };
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    if process::capture(&mut again(&arguments)).is_ok() {
        return Ok(());
    }
    process::run(&mut again(&["update", "-qq"]))?;
    process::run(&mut again(&arguments))
}
