//! `cargo xtask test`: everything that proves Footlight right, in one run that goes on after a failure.

pub(crate) mod browsers;
mod counts;
mod steps;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::progress::{self, note, paint};
use counts::Counts;
use steps::{Run, STEPS, Step};

/// How a step ended.
enum Outcome {
    Done(Counts),
    Failed(Counts, String),
    /// What it needs did not succeed.
    Blocked(&'static str),
}

struct Record {
    step: &'static Step,
    outcome: Outcome,
    took: Duration,
}

/// Runs the steps whose names contain one of the words, or all; `quick` leaves out WebAssembly and browsers.
pub(crate) fn run(quick: bool, words: &[String]) -> Result<()> {
    let chosen: Vec<&'static Step> = STEPS.iter().filter(|step| is_chosen(step, quick, words)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        bail!(
            "no step is called {}; there are: {}",
            words.join(" or "),
            names.join(", ")
        );
    }
    let started = Instant::now();
    let mut records: Vec<Record> = Vec::new();
    let mut state = Run::of(&chosen);
    for step in chosen {
        let begun = Instant::now();
        let outcome = match blocker(step, &records) {
            Some(name) => Outcome::Blocked(name),
            None => attempt(step, &mut state),
        };
        records.push(Record {
            step,
            outcome,
            took: begun.elapsed(),
        });
    }
    summary(&records, started.elapsed())
}

/// Steps that run only when they are named: they build much for what few changes touch.
const ONLY_NAMED: [&str; 1] = ["desktop"];

fn is_chosen(step: &Step, quick: bool, words: &[String]) -> bool {
    let unasked = words.is_empty() && !ONLY_NAMED.contains(&step.name);
    (!quick || step.quick) && (unasked || words.iter().any(|word| step.name.contains(word.as_str())))
}

/// The step that this one needs and that did not succeed in this run.
fn blocker(step: &Step, records: &[Record]) -> Option<&'static str> {
    let failed = |name: &&str| {
        records
            .iter()
            .any(|record| record.step.name == *name && !matches!(record.outcome, Outcome::Done(_)))
    };
    step.needs.iter().copied().find(failed)
}

fn attempt(step: &'static Step, state: &mut Run) -> Outcome {
    state.counts = Counts::default();
    let result = progress::step(&format!("{}: {}", step.name, step.what), || {
        (step.run)(state)?;
        if state.counts.failed > 0 {
            bail!("{} failed", state.counts.failed);
        }
        Ok(())
    });
    let mut counts = state.counts;
    match result {
        Ok(()) => {
            counts.passed += u32::from(counts.is_empty());
            Outcome::Done(counts)
        }
        Err(error) => {
            note(&format!("{error:#}"));
            counts.failed += u32::from(counts.failed == 0);
            Outcome::Failed(counts, format!("{error:#}"))
        }
    }
}

/// The table of times, the failures with how to see each again, and the line with the numbers.
fn summary(records: &[Record], took: Duration) -> Result<()> {
    let mut total = Counts::default();
    eprintln!("\n{}", paint("1", "Steps"));
    for record in records {
        let (mark, counts) = match &record.outcome {
            Outcome::Done(counts) => (paint("32", "ok"), *counts),
            Outcome::Failed(counts, _) => (paint("31", "FAILED"), *counts),
            Outcome::Blocked(_) => (paint("33", "not run"), Counts { passed: 0, failed: 1 }),
        };
        total.add(counts);
        let time = progress::seconds(record.took);
        eprintln!(
            "  {:<14}{time:>14}  {:>5} passed {:>4} failed  {mark}",
            record.step.name, counts.passed, counts.failed
        );
    }
    eprintln!("  {:<14}{:>14}", "all", progress::seconds(took));
    failures(records);
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

fn failures(records: &[Record]) {
    let broken: Vec<_> = records
        .iter()
        .filter(|record| !matches!(record.outcome, Outcome::Done(_)))
        .collect();
    if broken.is_empty() {
        return;
    }
    eprintln!("\n{}", paint("1;31", "Failures"));
    for record in broken {
        let why = match &record.outcome {
            Outcome::Blocked(name) => format!("needs `{name}`"),
            Outcome::Failed(_, why) => why.lines().next().unwrap_or_default().to_owned(),
            Outcome::Done(_) => continue,
        };
        eprintln!(
            "  {}: {why}\n    again: cargo xtask test {}",
            record.step.name, record.step.name
        );
    }
    eprintln!();
}
