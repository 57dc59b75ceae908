//! `footlight-sim run`: sessions over a folder of traces, their logs and a table.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use footlight_core::Config;
use footlight_core::abr::Algorithm;
use footlight_sim::corpus::{self, Case, Choice};
use footlight_sim::movie::Movie;
use footlight_sim::referee::{self, Segment, Session};
use footlight_sim::score::{Score, is_starved};
use footlight_sim::trace::Trace;
use serde::Serialize;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of traces and movies
    folder: PathBuf,
    /// Rule that chooses renditions
    #[arg(long, default_value = "ours")]
    algorithm: String,
    /// Buffers to play with; all that a family has when left out
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    config: Vec<String>,
    /// Families of traces; all when left out
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    families: Vec<String>,
    /// Traces of each family, evenly spread; 0: all
    #[arg(long, default_value_t = 24, value_name = "COUNT")]
    per_family: usize,
    /// Write every decision here, a JSON object a session
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Threads
    #[arg(long, default_value_t = 1)]
    jobs: usize,
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
    family: String,
    config: String,
    score: Score,
    starved: bool,
    line: String,
    lasted: u64,
    decisions: usize,
    inputs: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let choice = Choice {
        families: arguments.families.clone(),
        setups: arguments.config.clone(),
        per_family: arguments.per_family,
    };
    let cases = corpus::discover(&arguments.folder, &choice)?;
    let config = configure(&arguments.algorithm)?;
    let begun = Instant::now();
    let played = in_parallel(&cases, arguments.jobs, |case| play(case, &config, &arguments.algorithm));
    let took = begun.elapsed().as_secs_f64();
    let (mut sessions, mut failures) = (Vec::new(), Vec::new());
    for (case, outcome) in cases.iter().zip(played) {
        match outcome {
            Ok(played) => sessions.extend(played),
            Err(error) => failures.push(format!("{}/{}: {error:#}", case.family, case.trace)),
        }
    }
    if let Some(path) = &arguments.log {
        let mut file = BufWriter::new(std::fs::File::create(path).with_context(|| path.display().to_string())?);
        for session in &sessions {
            writeln!(file, "{}", session.line)?;
        }
        file.flush()?;
    }
    print(&sessions);
    let hours = sessions.iter().map(|s| s.lasted as f64).sum::<f64>() / 3.6e9;
    let decisions: usize = sessions.iter().map(|s| s.decisions).sum();
    let inputs: u64 = sessions.iter().map(|s| s.inputs).sum();
    println!(
        "\n{} sessions, {hours:.1} h in {took:.2} s: {:.2} simulated hours a second ({:.0} x real time), {decisions} decisions, {inputs} inputs",
        sessions.len(),
        hours / took,
        hours * 3600.0 / took,
    );
    if !failures.is_empty() {
        bail!("{} traces failed:\n{}", failures.len(), failures.join("\n"));
    }
    Ok(())
}

/// The engine's settings for a rule.
fn configure(name: &str) -> Result<Config> {
    let names = || Algorithm::ALL.iter().map(|a| a.name()).collect::<Vec<_>>().join(", ");
    let algorithm = Algorithm::by_name(name).with_context(|| format!("no algorithm {name}; there are: {}", names()))?;
    Ok(Config {
        algorithm,
        ..Config::default()
    })
}

/// All sessions of a trace.
fn play(case: &Case, config: &Config, algorithm: &str) -> Result<Vec<Played>> {
    let trace = Trace::parse(&corpus::read(&case.trace_path())?)?;
    let movie = Movie::parse(&corpus::read(&case.movie_path())?)?;
    let mut all = Vec::new();
    for setup in &case.setups {
        let session = referee::play(&trace, &movie, setup.buffer_ms, config.clone()).context(setup.name.clone())?;
        let line = line(case, &setup.name, algorithm, &session)?;
        all.push(Played {
            family: case.family.clone(),
            config: setup.name.clone(),
            starved: is_starved(&trace, &movie, setup.buffer_ms),
            score: session.score,
            lasted: session.lasted,
            decisions: session.journal.decisions.len(),
            inputs: session.journal.inputs,
            line,
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

/// Does something with each of `items` on so many threads; the results are in the items' order.
fn in_parallel<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(at) else { return done };
                done.push((at, work(item)));
            }
        };
        let threads: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(worker)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

fn print(sessions: &[Played]) {
    println!("| family | config | sessions | nQoE-lin | nQoE-log | kbit/s | rebuffer % | startup s | switches |");
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut cells: Vec<(&str, &str)> = Vec::new();
    for session in sessions.iter().filter(|s| !s.starved) {
        let cell = (session.family.as_str(), session.config.as_str());
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    cells.sort_unstable();
    let mut overall = Vec::new();
    for (family, config) in cells {
        let here: Vec<&Score> = sessions
            .iter()
            .filter(|s| !s.starved && s.family == family && s.config == config)
            .map(|s| &s.score)
            .collect();
        let row = means(&here);
        println!("| {family} | {config} | {} | {} |", here.len(), cells_of(&row));
        overall.push(row);
    }
    let count = overall.len() as f64;
    if count > 0.0 {
        let row: [f64; 6] = std::array::from_fn(|at| overall.iter().map(|row| row[at]).sum::<f64>() / count);
        println!(
            "| all | cells of equal weight | {} | {} |",
            sessions.len(),
            cells_of(&row)
        );
    }
}

fn means(scores: &[&Score]) -> [f64; 6] {
    let mean = |value: fn(&Score) -> f64| scores.iter().map(|s| value(s)).sum::<f64>() / scores.len() as f64;
    [
        mean(|s| s.nqoe[0]),
        mean(|s| s.nqoe[1]),
        mean(|s| s.mean_kbps),
        mean(|s| s.rebuffer_ratio * 100.0),
        mean(|s| s.startup_s),
        mean(|s| s.switches as f64),
    ]
}

fn cells_of(row: &[f64; 6]) -> String {
    let [lin, log, kbps, rebuffer, startup, switches] = row;
    format!("{lin:.3} | {log:.3} | {kbps:.0} | {rebuffer:.2} | {startup:.2} | {switches:.1}")
}
