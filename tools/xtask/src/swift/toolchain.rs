//! A compiler for Swift: the one that is installed, else that of Debian 13 in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress::step;
use crate::{apt, process, workspace};

/// Where Debian's is put: a gigabyte and a half, for all workspaces of the machine.
const FOLDER: &str = "/var/cache/footlight/swift-trixie";
/// What of it nobody needs who compiles and runs: editors' servers, debuggers, documentation, other devices.
const LEFT_OUT: [&str; 14] = [
    "usr/libexec/swift/bin/clangd",
    "usr/libexec/swift/bin/docc",
    "usr/libexec/swift/bin/lldb",
    "usr/libexec/swift/bin/lldb-dap",
    "usr/libexec/swift/bin/lldb-server",
    "usr/libexec/swift/bin/sourcekit-lsp",
    "usr/libexec/swift/bin/swift-format",
    "usr/libexec/swift/lib/liblldb.so.17.0.0",
    "usr/libexec/swift/lib/libsourcekitdInProc.so",
    "usr/libexec/swift/lib/swift/embedded",
    "usr/libexec/swift/lib/swift_static",
    "usr/share/doc",
    "var/cache/apt",
    "var/lib/apt/lists",
];
/// Enters it: its own /proc, the machine's devices, certificates and folders of ours at the same paths.
const ENTER: &str = r#"set -e
tree=$1 folders=$2; shift 2
mount -t proc proc "$tree/proc"
mount --rbind /dev "$tree/dev"
IFS=:
for folder in $folders; do
  mkdir -p "$tree$folder"
  mount --bind "$folder" "$tree$folder"
done
unset IFS
cd "$tree"
exec chroot "$tree" "$@""#;

/// A compiler that can make programs for this machine.
pub(super) enum Toolchain {
    /// On the PATH.
    Here,
    /// In [`FOLDER`].
    Tree,
}

impl Toolchain {
    /// The one to use, installed when there is none.
    pub(super) fn find() -> Result<Self> {
        if process::find("swift").is_some() {
            return Ok(Self::Here);
        }
        let tree = Path::new(FOLDER);
        if !tree.exists() {
            if !apt::is_root() || process::find("apt-get").is_none() {
                bail!(
                    "Swift is not installed: see swift.org, and put `swift` on the PATH. (Root on Debian gets it without that)"
                );
            }
            step("Debian's Swift (2 minutes, once)", || unpack(tree))?;
        }
        Ok(Self::Tree)
    }

    /// A command of the toolchain.
    pub(super) fn command(&self, program: &str, arguments: &[&str]) -> Result<Command> {
        let mut command = match self {
            Self::Here => Command::new(program),
            Self::Tree => {
                let mut command = Command::new("unshare");
                command.args([
                    "--mount",
                    "--propagation",
                    "private",
                    "sh",
                    "-c",
                    ENTER,
                    "enter",
                    FOLDER,
                ]);
                command.arg(std::env::join_paths(folders()?)?).arg(program);
                command.env("HOME", "/tmp").env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
                command
            }
        };
        command.args(arguments);
        Ok(command)
    }
}

/// What is to be seen inside.
fn folders() -> Result<Vec<PathBuf>> {
    let target = workspace::target();
    fs::create_dir_all(&target)?;
    let all = [workspace::root(), target, PathBuf::from("/etc/ssl")];
    let there = all.into_iter().filter(|folder| folder.exists());
    there
        .map(|folder| folder.canonicalize().context("a folder cannot be found"))
        .collect()
}

/// Unpacks the packages, without installing them.
fn unpack(tree: &Path) -> Result<()> {
    if process::find("mmdebstrap").is_none() {
        apt::install("Swift", &["mmdebstrap"])?;
    }
    let part = tree.with_extension("part");
    if part.exists() {
        fs::remove_dir_all(&part).with_context(|| format!("cannot empty {}", part.display()))?;
    }
    fs::create_dir_all(&part).with_context(|| format!("cannot make {}", part.display()))?;
    let mut unpack = Command::new("mmdebstrap");
    unpack.args(["--mode=root", "--variant=extract", "--quiet"]);
    unpack.args(["--include=swiftlang,libc6-dev,libstdc++-14-dev", "trixie"]);
    process::capture(unpack.arg(&part))?;
    for name in LEFT_OUT {
        let path = part.join(name);
        // Another version may lack it.
        let _ = if path.is_dir() {
            fs::remove_dir_all(path)
        } else {
            fs::remove_file(path)
        };
    }
    for folder in ["bin", "lib", "lib64", "sbin"] {
        link(&format!("usr/{folder}"), &part.join(folder))?;
    }
    link("../libexec/swift/bin/swift", &part.join("usr/bin/swift"))?;
    for folder in ["dev", "proc", "tmp"] {
        fs::create_dir_all(part.join(folder))?;
    }
    fs::rename(&part, tree).with_context(|| format!("cannot make {}", tree.display()))
}

#[cfg(unix)]
fn link(to: &str, from: &Path) -> Result<()> {
    if from.symlink_metadata().is_ok() {
        return Ok(());
    }
    std::os::unix::fs::symlink(to, from).with_context(|| format!("cannot make {}", from.display()))
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> Result<()> {
    bail!("there is no Debian here")
}
