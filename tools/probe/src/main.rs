//! `footlight-probe`: looks at streams from a terminal or a script.

mod check;
mod events;
mod lint;
mod play;
mod replay;
mod session;
mod source;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

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
    /// Play a stream without a screen, and say what happens
    ///
    /// Media is not decoded but verified. Exit code: 0 played, 1 something was wrong with it, 2 it cannot be played.
    Play(play::Arguments),
    /// Play every rendition and every language, and report what is wrong
    ///
    /// Exit code: 0 nothing, 1 findings, 2 it cannot be played.
    Check(check::Arguments),
    /// Play a stream, and write the session down without its secrets
    ///
    /// Exit codes as of `play`.
    Record(play::RecordArguments),
    /// Play a recorded session again: the same inputs to this engine
    ///
    /// Exit code: 0 the same answers, 1 others, 2 no recording.
    Replay(replay::Arguments),
    /// Print the man page (roff); of one command when it is named
    Man { command: Option<String> },
    /// Print completions for a shell
    Completions { shell: clap_complete::Shell },
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Play(arguments) => play::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Record(arguments) => play::record(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Man { command } => man(command.as_deref()),
        Command::Completions { shell } => {
            let mut program = Arguments::command();
            clap_complete::generate(shell, &mut program, "footlight-probe", &mut std::io::stdout());
            ExitCode::SUCCESS
        }
    }
}

fn man(command: Option<&str>) -> ExitCode {
    let mut program = Arguments::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(found) => found.clone(),
            None => {
                eprintln!("there is no command {name}");
                return ExitCode::from(2);
            }
        },
    };
    // A pipe that is closed wants no more.
    let _ = clap_mangen::Man::new(page).render(&mut std::io::stdout());
    ExitCode::SUCCESS
}
