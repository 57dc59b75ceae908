//! `footlight-sim`: the real engine over recorded networks, in virtual time.

mod optimum;
mod parallel;
mod play;
mod plot;
mod run;
mod selection;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Plays the real engine in a simulated world.
#[derive(Parser)]
#[command(name = "footlight-sim", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play a folder of traces, and tell how good the decisions were
    ///
    /// The folder has families.json, movies/*.json and a folder of traces for each family.
    Run(run::Arguments),
    /// Find what hindsight allows on a folder of traces, and keep it for tables
    Optimum(optimum::Arguments),
    /// Draw one session: what the network gave, what was decided and why, and how the buffer fared
    Plot(plot::Arguments),
    /// Play a session told in a file: servers, faults, a sink that is full, a viewer who seeks and closes the lid
    Play(play::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Optimum(arguments) => optimum::run(&arguments),
        Command::Plot(arguments) => plot::run(&arguments),
        Command::Play(arguments) => play::run(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("footlight-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}
