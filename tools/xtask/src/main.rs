//! `cargo xtask`: everything one does with Footlight. `cargo xtask help` lists it.

mod apt;
mod process;
mod progress;
mod stamp;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, runs, tests and packages Footlight.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = false)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the WebAssembly of player and app, or of one of them
    Wasm {
        /// Only this one
        only: Option<wasm::Module>,
    },
    /// Check the WebAssembly crates (clippy where the toolchain has it)
    CheckWasm,
}

fn main() -> ExitCode {
    match run(&Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} {error:#}", progress::paint("1;31", "error:"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<()> {
    match task {
        Task::Wasm { only } => wasm::build(*only),
        Task::CheckWasm => wasm::check(),
    }
}
