//! `cargo xtask`: everything one does with Footlight. `cargo xtask help` lists it.

mod apt;
mod backend;
mod bench;
mod compress;
mod demo;
mod desktop;
mod ffi;
mod fuzz;
mod kotlin;
mod media;
mod node;
mod package;
mod probe;
mod process;
mod progress;
mod python;
mod size;
mod stamp;
mod swift;
mod test;
mod wasm;
mod web;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, runs, tests and packages Footlight.
///
/// Two commands are enough to begin with: `cargo xtask demo` shows it, `cargo xtask test` proves it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build what is missing, run it, and open it in a browser; Ctrl-C ends it
    Demo {
        /// The gateway's port; the edges take the two after it. A taken port is replaced by a free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Do not open a browser
        #[arg(long)]
        no_open: bool,
        /// Open the desktop app instead of a browser
        #[arg(long, conflicts_with = "no_open")]
        desktop: bool,
    },
    /// Run every test, real browsers included; installs what is missing
    Test {
        /// Without WebAssembly and browsers
        #[arg(long)]
        quick: bool,
        /// Only steps whose names contain one of these words, such as `rust` or `e2e`
        filter: Vec<String>,
    },
    /// Measure the engine, parsing beside other players, and the web app on a throttled phone, or one of them
    Bench {
        /// Only this one
        subject: Option<bench::Subject>,
    },
    /// Feed every parser with damaged input, or some of them; findings go to target/fuzz
    Fuzz {
        /// How long, per target
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Where the damage starts: the same seed makes the same inputs
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only these: mpd, refresh, patch, sidx, boxes, emsg, scte35, id3, webvtt, ttml, iso_text, cea
        targets: Vec<String>,
    },
    /// Print what a browser downloads, part by part; fails when the player is over its budget
    Size {
        /// As JSON on stdout: the player's parts and their total, in bytes
        #[arg(long)]
        json: bool,
    },
    /// Make a package of what others install, and check that they can
    Package { what: Package },
    /// Remake the sample media (needs ffmpeg; the media is committed, playing it does not need this)
    Media,
    /// Build the player and the web app into target/web/dist
    Web,
    /// Build the WebAssembly of player and app, or of one of them
    Wasm {
        /// Only this one
        only: Option<wasm::Module>,
    },
    /// Check the WebAssembly crates (clippy where the toolchain has it)
    CheckWasm,
    /// Format all Rust code
    Fmt,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Package {
    /// The player: target/npm/footlight-player and its tarball
    Npm,
    /// The probe for this machine, with sound, its man page and completions: target/probe
    Probe,
    /// The player for Python on this machine: target/python
    Python,
    /// The desktop app for Debian: target/desktop
    Desktop,
    /// The player for Kotlin on this machine's JVM: a jar in target/kotlin/build
    Kotlin,
    /// The player for Swift on this machine: target/swift
    Swift,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} {error:#}", progress::paint("1;31", "error:"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Demo { port, no_open, desktop } => demo::run(port, !no_open, desktop),
        Task::Test { quick, filter } => test::run(quick, &filter),
        Task::Bench { subject } => bench::run(subject),
        Task::Fuzz { seconds, seed, targets } => fuzz::run(seconds, seed, &targets),
        Task::Size { json } => {
            web::build()?;
            size::report(json)
        }
        Task::Package { what: Package::Npm } => package::npm(),
        Task::Package { what: Package::Probe } => probe::package(),
        Task::Package { what: Package::Python } => python::package(),
        Task::Package { what: Package::Desktop } => desktop::package(),
        Task::Package { what: Package::Kotlin } => kotlin::package(),
        Task::Package { what: Package::Swift } => swift::package(),
        Task::Media => media::make(),
        Task::Web => web::build(),
        Task::Wasm { only } => wasm::build(only),
        Task::CheckWasm => wasm::check(),
        Task::Fmt => process::run(process::cargo().args(["fmt", "--all"]).current_dir(workspace::root())),
    }
}
