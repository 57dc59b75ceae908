//! `footlight-probe`: looks at streams from a terminal or a script.

mod lint;
mod source;
mod terminal;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Looks at streams, without playing them on a screen.
#[derive(Parser)]
#[command(name = "footlight-probe", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check a manifest: what is wrong in it, where, and against which rule
    ///
    /// Exit code: 0 clean or warnings only, 1 errors, 2 when it cannot be had or read.
    Lint(lint::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Lint(arguments) => lint::run(&arguments),
    }
}
