//! A compiler for wasm32: Debian's `rustc-web`, which brings the standard library's sources, else rustup's where it has
//! the target or can fetch it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::progress::note;
use crate::{apt, process, stamp, workspace};

const TARGET: &str = "wasm32-unknown-unknown";
/// Chooses a toolchain by hand: `rustup` or `debian`.
const CHOICE: &str = "FOOTLIGHT_WASM_TOOLCHAIN";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
/// The oldest of Debian's compilers that builds the workspace: its `rust-version`.
const DEBIAN_MINOR: u32 = 95;
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];

/// A compiler that can make wasm32.
pub(crate) enum Toolchain {
    /// The active toolchain has the target's standard library.
    Active,
    /// Debian's compiler builds the standard library from its sources.
    Debian {
        /// The linker to name.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// The toolchain to use, fetched or installed when there is none.
    pub(crate) fn find() -> Result<Self> {
        match std::env::var(CHOICE).as_deref() {
            Ok("debian") => return Self::debian(),
            Ok("rustup") => {
                return if active_has_target() || fetch_target() {
                    Ok(Self::Active)
                } else {
                    bail!("rustup cannot fetch {TARGET}")
                };
            }
            Ok(other) => bail!("{CHOICE} is `rustup` or `debian`, not `{other}`"),
            Err(_) => {}
        }
        // Debian's goes first: with the standard library's sources at hand the player gets an eighth smaller.
        if !Self::debian_is_ready() && (active_has_target() || fetch_target()) {
            return Ok(Self::Active);
        }
        Self::debian()
    }

    /// For messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Active => "the active toolchain",
            Self::Debian { .. } => "Debian's rustc, with the standard library from source",
        }
    }

    /// Whether `cargo clippy` works with it.
    pub(crate) fn has_clippy(&self) -> bool {
        match self {
            Self::Active => process::capture(process::cargo().args(["clippy", "--version"])).is_ok(),
            Self::Debian { .. } => Path::new(DEBIAN_CLIPPY).exists(),
        }
    }

    /// Whether its cargo takes `-Z` options.
    pub(crate) fn has_unstable_options(&self) -> bool {
        matches!(self, Self::Debian { .. })
    }

    /// A cargo command for wasm32 in the folder that is WebAssembly's own.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = match self {
            Self::Active => process::cargo(),
            Self::Debian { linker } => debian_cargo(linker),
        };
        cargo
            .current_dir(workspace::root())
            .arg(subcommand)
            .args(["--target", TARGET]);
        if matches!(self, Self::Debian { .. }) {
            cargo.arg("-Zbuild-std=std,panic_abort");
        }
        cargo.env("CARGO_TARGET_DIR", workspace::wasm_target());
        cargo
    }

    /// A release build.
    pub(crate) fn release_build(&self, profile: &str) -> Command {
        let mut cargo = self.cargo("build");
        cargo.args(["--profile", profile]);
        cargo
    }

    /// A release build of something small: where the standard library is built too, it is built for size, and a panic
    /// traps without a message, which nothing in a worker would show.
    pub(crate) fn small_build(&self, profile: &str) -> Command {
        let mut cargo = self.release_build(profile);
        // Loops rewritten for ways of addressing that WebAssembly does not have are larger, and no faster.
        let mut flags = "'-Cllvm-args=-disable-lsr'".to_owned();
        if self.has_unstable_options() {
            cargo.args(["-Zbuild-std-features=optimize_for_size", "-Zpanic-immediate-abort"]);
            cargo.args(["--config", &format!("profile.{profile}.panic='immediate-abort'")]);
            flags.push_str(", '-Zlocation-detail=none', '-Zfmt-debug=none'");
        }
        cargo.args([
            "--config",
            &format!("target.wasm32-unknown-unknown.rustflags=[{flags}]"),
        ]);
        cargo
    }

    fn debian() -> Result<Self> {
        if !Self::debian_is_ready() {
            apt::install("The WebAssembly build", &DEBIAN_PACKAGES)?;
        }
        let minor = rustc_minor(DEBIAN_RUSTC).context("Debian's rustc does not say its version")?;
        if minor < DEBIAN_MINOR {
            bail!(
                "{DEBIAN_RUSTC} is Rust 1.{minor}, and 1.{DEBIAN_MINOR} is the least. Update it (`apt-get update && apt-get install {}`), or add the target to rustup: `rustup target add {TARGET}`",
                DEBIAN_PACKAGES.join(" ")
            );
        }
        let linker = linker().context("no WebAssembly linker: `apt-get install lld-19` brings wasm-ld-19")?;
        Ok(Self::Debian { linker })
    }

    fn debian_is_ready() -> bool {
        Path::new(DEBIAN_RUSTC).exists()
            && Path::new(DEBIAN_CARGO).exists()
            && linker().is_some()
            && sysroot(DEBIAN_RUSTC).is_some_and(|dir| dir.join("lib/rustlib/src/rust/library").exists())
            && rustc_minor(DEBIAN_RUSTC).is_some_and(|minor| minor >= DEBIAN_MINOR)
    }
}

fn debian_cargo(linker: &Path) -> Command {
    let mut cargo = Command::new(DEBIAN_CARGO);
    process::without_cargo_environment(&mut cargo);
    // rustup's proxies put their toolchain first on the PATH; a build script must find the compiler that builds it.
    cargo.env("RUSTC", DEBIAN_RUSTC);
    cargo
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("RUSTUP_HOME")
        .env_remove("CARGO")
        .env_remove("RUSTDOC");
    // `-Zbuild-std` is behind this switch in a stable compiler.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    if let (Some(clippy), Some(path)) = (Path::new(DEBIAN_CLIPPY).parent(), std::env::var_os("PATH")) {
        let first = std::iter::once(clippy.to_path_buf());
        if let Ok(joined) = std::env::join_paths(first.chain(std::env::split_paths(&path))) {
            cargo.env("PATH", joined);
        }
    }
    cargo
}

/// Debian's linker, else the one in the active toolchain.
fn linker() -> Option<PathBuf> {
    process::find("wasm-ld-19").or_else(|| {
        let lib = sysroot("rustc")?.join("lib/rustlib");
        let hosts = fs::read_dir(lib).ok()?.flatten();
        hosts
            .map(|host| host.path().join("bin/rust-lld"))
            .find(|lld| lld.exists())
    })
}

fn active_has_target() -> bool {
    sysroot("rustc").is_some_and(|dir| {
        let lib = dir.join("lib/rustlib").join(TARGET).join("lib");
        fs::read_dir(lib).is_ok_and(|mut files| files.next().is_some())
    })
}

/// Asks rustup for the target; a refusal is remembered, since asking takes time where there is no network.
fn fetch_target() -> bool {
    if process::find("rustup").is_none() {
        return false;
    }
    let refused = workspace::memory().join("rustup-has-no-wasm");
    let toolchain = sysroot("rustc").unwrap_or_default().display().to_string();
    if fs::read_to_string(&refused).is_ok_and(|known| known == toolchain) {
        return false;
    }
    note(&format!("asking rustup for {TARGET}"));
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "0");
    let fetched = process::capture(&mut rustup).is_ok() && active_has_target();
    if !fetched {
        note("rustup cannot fetch it here; Debian's compiler it is");
        let _ = stamp::write(&refused, toolchain.as_bytes());
    }
    fetched
}

fn sysroot(rustc: &str) -> Option<PathBuf> {
    let mut command = Command::new(rustc);
    process::without_cargo_environment(&mut command);
    let path = process::capture(command.args(["--print", "sysroot"])).ok()?;
    Some(PathBuf::from(path.trim()))
}

/// The `95` of `rustc 1.95.0 (…)`.
fn rustc_minor(rustc: &str) -> Option<u32> {
    let mut command = Command::new(rustc);
    process::without_cargo_environment(&mut command);
    minor_of(&process::capture(command.arg("--version")).ok()?)
}

fn minor_of(version: &str) -> Option<u32> {
    version
        .split_whitespace()
        .nth(1)?
        .strip_prefix("1.")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_version_is_read() {
        assert_eq!(
            minor_of("rustc 1.96.0 (abc 2026-05-25) (built from a source tarball)"),
            Some(96)
        );
        assert_eq!(minor_of("rustc 1.95.0-nightly (abc 2026-03-21)"), Some(95));
        assert_eq!(minor_of("clang 19"), None);
    }
}
