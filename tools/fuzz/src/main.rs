//! `footlight-fuzz`: long runs. `cargo xtask fuzz` builds it as it should be built and starts it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use footlight_fuzz::{Campaign, Finding, TARGETS, Target, check, corpus, minimize};

/// Slower than this for one input (64 kB at most) is a finding too.
const SLOW: Duration = Duration::from_secs(2);

/// Feeds parsers with damaged input until one breaks, or time is over.
#[derive(Parser)]
struct Arguments {
    /// How long, per target
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the damage starts: the same seed makes the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where findings go
    #[arg(long, default_value = "target/fuzz")]
    findings: PathBuf,
    /// Feed this file once instead, to one target
    #[arg(long, requires = "targets")]
    replay: Option<PathBuf>,
    /// Only these targets
    targets: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The number of findings.
fn run(arguments: &Arguments) -> Result<usize> {
    let mut chosen: Vec<&Target> = TARGETS.iter().collect();
    if !arguments.targets.is_empty() {
        chosen.retain(|target| arguments.targets.iter().any(|name| name == target.name));
    }
    if chosen.is_empty() {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        bail!("there is no such target; there are {}", names.join(", "));
    }
    let mut findings = 0;
    for target in chosen {
        let found = match &arguments.replay {
            Some(path) => replay(target, path)?,
            None => fuzz(target, arguments)?,
        };
        let Some(finding) = found else { continue };
        findings += 1;
        println!("{}: BROKEN: {}", target.name, finding.what);
        if arguments.replay.is_none() {
            std::fs::create_dir_all(&arguments.findings)?;
            let path = arguments.findings.join(format!("{}-{}", target.name, arguments.seed));
            std::fs::write(&path, &finding.input)?;
            println!("  {} bytes in {}", finding.input.len(), path.display());
        }
    }
    Ok(findings)
}

fn replay(target: &Target, path: &PathBuf) -> Result<Option<Finding>> {
    let input = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let start = Instant::now();
    let outcome = check(target, &input);
    println!("{}: {:?}", target.name, start.elapsed());
    Ok(outcome.err().map(|what| Finding { input, what }))
}

fn fuzz(target: &Target, arguments: &Arguments) -> Result<Option<Finding>> {
    let inputs = corpus(target).with_context(|| format!("the corpus of {} cannot be read", target.name))?;
    let inputs = inputs.into_iter().map(|(_, input)| input).collect();
    let mut campaign = match Campaign::new(target, arguments.seed, inputs) {
        Ok(campaign) => campaign,
        Err(finding) => return Ok(Some(finding)),
    };
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let (mut count, mut slowest, mut before) = (0_u64, Duration::ZERO, Instant::now());
    while before < end {
        let outcome = campaign.step();
        let now = Instant::now();
        slowest = slowest.max(now - before);
        before = now;
        count += 1;
        if let Err(finding) = outcome {
            let input = minimize(&finding.input, |input| check(target, input).is_err());
            return Ok(Some(Finding { input, ..finding }));
        }
    }
    let signatures = campaign.signatures();
    println!(
        "{}: {count} inputs, {signatures} signatures, slowest {slowest:?}",
        target.name
    );
    let too_slow = slowest > SLOW;
    Ok(too_slow.then(|| Finding {
        input: Vec::new(),
        what: format!("one input took {slowest:?}"),
    }))
}
