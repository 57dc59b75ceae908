//! `footlight-probe replay`: a recorded session again.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use footlight_native::Output;
use footlight_native::recorder::{Replay, replay_to};
use serde_json::json;

use crate::events;
use crate::terminal::harmless;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A recording
    file: PathBuf,
    /// Events as JSON, an object a line, and the result
    #[arg(long)]
    json: bool,
    /// Show requests too
    #[arg(long)]
    requests: bool,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match replay(arguments) {
        Ok(replay) => {
            report(arguments.json, &replay);
            ExitCode::from(u8::from(replay.differs))
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn replay(arguments: &Arguments) -> Result<Replay> {
    let name = arguments.file.display();
    let recording = std::fs::read(&arguments.file).with_context(|| format!("cannot read {name}"))?;
    let replayed = replay_to(&recording, &mut |at, output| match output {
        Output::Event(event) if arguments.json => println!("{}", events::json(at, event)),
        Output::Event(event) => line(at.0, events::words(event)),
        Output::Fetch(fetch) if arguments.requests && arguments.json => {
            println!(
                "{}",
                json!({ "event": "fetch", "at": at.0 as f64 / 1e6, "url": fetch.url, "kind": fetch.kind.name() })
            );
        }
        Output::Fetch(fetch) if arguments.requests => {
            line(at.0, Some(format!("fetch {} {}", fetch.kind.name(), fetch.url)));
        }
        _ => {}
    });
    replayed.with_context(|| format!("{name} cannot be replayed"))
}

fn line(at: u64, words: Option<String>) {
    if let Some(words) = words {
        println!("{:>9.3}  {}", at as f64 / 1e6, harmless(&words));
    }
}

fn report(as_json: bool, replay: &Replay) {
    let engine = replay.engine.as_deref().unwrap_or("unknown");
    if as_json {
        let result = json!({ "event": "replayed", "inputs": replay.inputs, "seconds": replay.at.0 as f64 / 1e6,
            "engine": engine, "differs": replay.differs });
        println!("{result}");
        return;
    }
    let seconds = replay.at.0 as f64 / 1e6;
    if replay.differs {
        println!(
            "differs: at {seconds:.3} s, after {} inputs, this engine answers otherwise than the one recorded ({engine})",
            replay.inputs
        );
    } else {
        println!(
            "the same answers to {} inputs in {seconds:.3} s; recorded with engine {engine}",
            replay.inputs
        );
    }
}
