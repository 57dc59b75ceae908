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
use crate::table::{Row, by_cell, overview, side_by_side};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    selection: Selection,
    /// Rules that choose renditions, or all of them
    #[arg(long, value_delimiter = ',', default_value = "ours", value_name = "NAMES")]
    algorithm: Vec<String>,
    /// Write every decision here, a JSON object a session
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Compare with the optimum, kept in this file; what is not in it is found, which takes a while
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
    line: String,
}

/// What became of a trace.
type Outcome = Result<Vec<Played>>;

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let cases = arguments.selection.cases()?;
    let algorithms = algorithms(&arguments.algorithm)?;
    let book = arguments.optimum.as_deref().map(Book::open).transpose()?;
    let outcomes = parallel::map(&cases, arguments.selection.jobs, |case| -> Outcome {
        play(case, &algorithms, book.as_ref()).with_context(|| format!("{}/{}", case.family, case.trace))
    });
    let (mut sessions, mut failures) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(played) => sessions.extend(played),
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    if let Some(path) = &arguments.log {
        write(path, &sessions)?;
    }
    let rows: Vec<Row> = sessions.into_iter().map(|session| session.row).collect();
    print!("{}", overview(&rows));
    match algorithms.as_slice() {
        [one] => print!("\n{}", by_cell(&rows, one.name())),
        several => {
            let names: Vec<_> = several.iter().map(|algorithm| algorithm.name()).collect();
            for form in Form::ALL {
                print!("\n{}", side_by_side(&rows, &names, form));
            }
        }
    }
    if !failures.is_empty() {
        bail!("{} traces failed:\n{}", failures.len(), failures.join("\n"));
    }
    Ok(())
}

fn write(path: &Path, sessions: &[Played]) -> Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path).with_context(|| path.display().to_string())?);
    for session in sessions {
        writeln!(file, "{}", session.line)?;
    }
    Ok(file.flush()?)
}

fn algorithms(names: &[String]) -> Result<Vec<Algorithm>> {
    if names.iter().any(|name| name == "all") {
        return Ok(Algorithm::ALL.to_vec());
    }
    names.iter().map(|name| algorithm(name)).collect()
}

/// The rule of that name.
pub(crate) fn algorithm(name: &str) -> Result<Algorithm> {
    let names = || Algorithm::ALL.iter().map(|a| a.name()).collect::<Vec<_>>().join(", ");
    Algorithm::by_name(name).with_context(|| format!("no algorithm {name}; there are: {}", names()))
}

/// The engine's settings for a rule.
pub(crate) fn configure(algorithm: Algorithm) -> Config {
    Config {
        algorithm,
        ..Config::default()
    }
}

/// All sessions of a trace.
fn play(case: &Case, algorithms: &[Algorithm], book: Option<&Book>) -> Outcome {
    let (trace, movie) = load(case)?;
    let mut all = Vec::new();
    for setup in &case.setups {
        let starved = is_starved(&trace, &movie, setup.buffer_ms);
        let mut bound = None;
        if let Some(book) = book.filter(|_| !starved) {
            let mut both = [0.0; 2];
            for (bound, form) in both.iter_mut().zip(Form::ALL) {
                *bound = book.find(&trace, &movie, setup.buffer_ms, form, None)?.bound;
            }
            bound = Some(both);
        }
        for &algorithm in algorithms {
            let begun = Instant::now();
            let session = referee::play(&trace, &movie, setup.buffer_ms, configure(algorithm))
                .with_context(|| format!("{} {}", setup.name, algorithm.name()))?;
            all.push(Played {
                line: line(case, &setup.name, algorithm, &session)?,
                row: Row {
                    algorithm: algorithm.name(),
                    family: case.family.clone(),
                    setup: setup.name.clone(),
                    score: session.score,
                    bound,
                    starved,
                    took: begun.elapsed().as_secs_f64(),
                    lasted: session.lasted as f64 / 1e6,
                    decisions: session.journal.decisions.len(),
                },
            });
        }
    }
    Ok(all)
}

fn line(case: &Case, config: &str, algorithm: Algorithm, session: &Session) -> Result<String> {
    let score = &session.score;
    Ok(serde_json::to_string(&Line {
        family: &case.family,
        trace: &case.trace,
        movie: &case.movie,
        config,
        algo: algorithm.name(),
        qoe_lin: score.qoe[0],
        qoe_log: score.qoe[1],
        rebuffer_s: score.stalled_s,
        startup_s: score.startup_s,
        mean_kbps: score.mean_kbps,
        switches: score.switches,
        segments: &session.segments,
    })?)
}
