//! `footlight-sim run`: sessions over a folder of traces, their logs and a table.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use footlight_core::Config;
use footlight_core::abr::Algorithm;
use footlight_sim::corpus::Case;
use footlight_sim::referee::{self, Segment, Session};
use footlight_sim::score::{Form, is_starved};
use serde::Serialize;

use crate::optimum::Book;
use crate::parallel;
use crate::selection::{Selection, load};
use crate::table::{Row, table};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    selection: Selection,
    /// Rule that chooses renditions
    #[arg(long, default_value = "ours")]
    algorithm: String,
    /// Write every decision here, a JSON object a session
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Compare with the optimum, kept in this file; what is not in it is found, which takes seconds a session
    #[arg(long, value_name = "FILE")]
    optimum: Option<PathBuf>,
}

/// A line of the log.
#[derive(Serialize)]
struct Line<'a> {
    family: &'a str,
    trace: &'a str,
    movie: &'a str,
    config: &'a str,
    algo: &'a str,
    qoe_lin: f64,
    qoe_log: f64,
    rebuffer_s: f64,
    startup_s: f64,
    mean_kbps: f64,
    switches: usize,
    segments: &'a [Segment],
}

/// A session that was played.
struct Played {
    row: Row,
    /// It says nothing about decisions.
    starved: bool,
    line: String,
    lasted: u64,
    decisions: usize,
    inputs: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let cases = arguments.selection.cases()?;
    let config = configure(&arguments.algorithm)?;
    let begun = Instant::now();
    let played = parallel::map(&cases, arguments.selection.jobs, |case| {
        play(case, &config, &arguments.algorithm)
    });
    let took = begun.elapsed().as_secs_f64();
    let (mut sessions, mut failures) = (Vec::new(), Vec::new());
    for (case, outcome) in cases.iter().zip(played) {
        match outcome {
            Ok(played) => sessions.extend(played),
            Err(error) => failures.push(format!("{}/{}: {error:#}", case.family, case.trace)),
        }
    }
    if let Some(path) = &arguments.log {
        write(path, &sessions)?;
    }
    if let Some(path) = &arguments.optimum {
        compare(&cases, &mut sessions, &Book::open(path)?, arguments.selection.jobs)?;
    }
    summarise(sessions, took);
    if !failures.is_empty() {
        bail!("{} traces failed:\n{}", failures.len(), failures.join("\n"));
    }
    Ok(())
}

fn summarise(sessions: Vec<Played>, took: f64) {
    let (count, starved) = (sessions.len(), sessions.iter().filter(|s| s.starved).count());
    let hours = sessions.iter().map(|s| s.lasted as f64).sum::<f64>() / 3.6e9;
    let decisions: usize = sessions.iter().map(|s| s.decisions).sum();
    let inputs: u64 = sessions.iter().map(|s| s.inputs).sum();
    let rows: Vec<Row> = sessions.into_iter().filter(|s| !s.starved).map(|s| s.row).collect();
    print!("{}", table(&rows));
    println!("\n{count} sessions, {starved} of them starved and left out of the table");
    println!(
        "{hours:.1} h in {took:.2} s: {:.2} simulated hours a second ({:.0} times real time); {decisions} decisions, {inputs} inputs",
        hours / took,
        hours * 3600.0 / took,
    );
}

fn write(path: &Path, sessions: &[Played]) -> Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path).with_context(|| path.display().to_string())?);
    for session in sessions {
        writeln!(file, "{}", session.line)?;
    }
    Ok(file.flush()?)
}

/// Looks up the bounds of the sessions.
fn compare(cases: &[Case], sessions: &mut [Played], book: &Book, jobs: usize) -> Result<()> {
    let bounds = parallel::map(cases, jobs, |case| -> Result<Vec<(String, [f64; 2])>> {
        let (trace, movie) = load(case)?;
        let mut bounds = Vec::new();
        for setup in case.setups.iter().filter(|s| !is_starved(&trace, &movie, s.buffer_ms)) {
            let mut both = [0.0; 2];
            for (at, form) in Form::ALL.into_iter().enumerate() {
                both[at] = book.find(&trace, &movie, setup.buffer_ms, form, None)?.bound;
            }
            bounds.push((name(case, &setup.name), both));
        }
        Ok(bounds)
    });
    let mut known = std::collections::BTreeMap::new();
    for bounds in bounds {
        known.extend(bounds?);
    }
    for session in sessions {
        session.row.bound = known.get(&session.row.name).copied();
    }
    Ok(())
}

fn name(case: &Case, setup: &str) -> String {
    format!("{}/{} {setup}", case.family, case.trace)
}

/// The engine's settings for a rule.
pub(crate) fn configure(name: &str) -> Result<Config> {
    let names = || Algorithm::ALL.iter().map(|a| a.name()).collect::<Vec<_>>().join(", ");
    let algorithm = Algorithm::by_name(name).with_context(|| format!("no algorithm {name}; there are: {}", names()))?;
    Ok(Config {
        algorithm,
        ..Config::default()
    })
}

/// All sessions of a trace.
fn play(case: &Case, config: &Config, algorithm: &str) -> Result<Vec<Played>> {
    let (trace, movie) = load(case)?;
    let mut all = Vec::new();
    for setup in &case.setups {
        let session =
            referee::play(&trace, &movie, setup.buffer_ms, config.clone()).with_context(|| setup.name.clone())?;
        all.push(Played {
            row: Row {
                name: name(case, &setup.name),
                family: case.family.clone(),
                setup: setup.name.clone(),
                score: session.score,
                bound: None,
            },
            starved: is_starved(&trace, &movie, setup.buffer_ms),
            line: line(case, &setup.name, algorithm, &session)?,
            lasted: session.lasted,
            decisions: session.journal.decisions.len(),
            inputs: session.journal.inputs,
        });
    }
    Ok(all)
}

fn line(case: &Case, config: &str, algorithm: &str, session: &Session) -> Result<String> {
    let score = &session.score;
    Ok(serde_json::to_string(&Line {
        family: &case.family,
        trace: &case.trace,
        movie: &case.movie,
        config,
        algo: algorithm,
        qoe_lin: score.qoe[0],
        qoe_log: score.qoe[1],
        rebuffer_s: score.stalled_s,
        startup_s: score.startup_s,
        mean_kbps: score.mean_kbps,
        switches: score.switches,
        segments: &session.segments,
    })?)
}
