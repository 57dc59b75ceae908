//! `footlight-probe check`: everything that a stream has is played once.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use footlight_native::{Event, Finding, Instant, Micros, Snapshot, Tracks};
use serde_json::{Value, json};

use crate::events;
use crate::session::{self, Outcome, Watch, Wishes};
use crate::terminal::{Paint, harmless};

/// More findings of one kind than this are counted, not shown.
const SHOWN: usize = 5;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// URL of a manifest
    url: String,
    /// No more than so many seconds of each rendition; live streams are checked for 30 if it is not told
    #[arg(long, value_name = "SECONDS")]
    length: Option<f64>,
    /// The report as JSON on stdout
    #[arg(long)]
    json: bool,
    /// The report as JUnit XML in this file: one test for each rendition
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// Live streams have no end.
const LIVE_LENGTH: Micros = Micros(30_000_000);

/// One pass over a stream.
struct Pass {
    name: String,
    outcome: Outcome,
}

impl Pass {
    /// What is wrong, a line each.
    fn problems(&self) -> Vec<String> {
        let error = self
            .outcome
            .error
            .iter()
            .map(|error| format!("error {}", events::fault(error)));
        let warnings = self
            .outcome
            .warnings
            .iter()
            .map(|warning| format!("warning {}", events::fault(warning)));
        let findings = self.outcome.findings.iter().map(ToString::to_string);
        let stalls = self.outcome.last.as_ref().map_or(0, |last| last.stats.stalls);
        let stalls = (stalls > 0).then(|| format!("playback.stalled: {stalls} times"));
        error.chain(warnings).chain(findings).chain(stalls).collect()
    }

    fn json(&self) -> Value {
        let outcome = &self.outcome;
        json!({
            "name": self.name,
            "startup": outcome.started.map(|at| at as f64 / 1e6),
            "segments": outcome.measured.appends,
            "samples": outcome.measured.samples,
            "bytes": outcome.measured.bytes,
            "seconds": outcome.took.as_secs_f64(),
            "error": outcome.error.as_ref().map(events::error_json),
            "warnings": outcome.warnings.iter().map(events::error_json).collect::<Vec<_>>(),
            "findings": outcome.findings.iter().map(events::finding_json).collect::<Vec<_>>(),
            "stats": outcome.last.as_ref().map(events::stats_json),
        })
    }
}

/// Nobody looks.
struct Silence;

impl Watch for Silence {
    fn event(&mut self, _: Instant, _: &Event) {}
    fn look(&mut self, _: &Snapshot) {}
    fn finding(&mut self, _: &Finding) {}
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match check(arguments) {
        Ok(passes) => {
            let is_unplayable = passes.iter().all(|pass| pass.outcome.started.is_none());
            let problems: usize = passes.iter().map(|pass| pass.problems().len()).sum();
            if arguments.json {
                let all: Vec<_> = passes.iter().map(Pass::json).collect();
                println!(
                    "{}",
                    json!({ "url": arguments.url, "problems": problems, "passes": all })
                );
            }
            ExitCode::from(if is_unplayable { 2 } else { u8::from(problems > 0) })
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn check(arguments: &Arguments) -> Result<Vec<Pass>> {
    let length = arguments.length.map(|seconds| Micros((seconds * 1e6) as i64));
    let mut wishes = Wishes {
        url: arguments.url.clone(),
        fast: true,
        listen: false,
        length,
        ..Wishes::default()
    };
    // What there is, from the first second of it.
    let look = Wishes {
        length: Some(Micros(1)),
        ..wishes.clone()
    };
    let seen = session::play(&look, None, &mut Silence)?;
    let Some(Snapshot {
        tracks: Some(tracks),
        timeline,
        ..
    }) = seen.last.clone()
    else {
        let pass = Pass {
            name: "load".to_owned(),
            outcome: seen,
        };
        show(arguments, &pass);
        return finish(arguments, vec![pass]);
    };
    if timeline.is_some_and(|timeline| timeline.live) {
        wishes.length = wishes.length.or(Some(LIVE_LENGTH));
    }
    let mut passes = Vec::new();
    for (name, rendition, audio) in plan(&tracks) {
        let wishes = Wishes {
            rendition,
            audio,
            ..wishes.clone()
        };
        let outcome = session::play(&wishes, None, &mut Silence)?;
        let pass = Pass { name, outcome };
        show(arguments, &pass);
        passes.push(pass);
    }
    finish(arguments, passes)
}

/// Every rendition once, and every sound once, in as few passes as that takes.
fn plan(tracks: &Tracks) -> Vec<(String, Option<u32>, Option<u32>)> {
    let renditions: Vec<_> = tracks.video.iter().flat_map(|track| &track.renditions).collect();
    let count = renditions.len().max(tracks.audio.len()).max(1);
    let pass = |number: usize| {
        let rendition = renditions.get(number).or(renditions.last());
        let audio = tracks.audio.get(number).or(tracks.audio.last());
        let picture = rendition.map(|rendition| format!("{}p {}", rendition.height, events::rate(rendition.bandwidth)));
        let sound = audio.map(|audio| format!("sound {}", audio.language));
        let name: Vec<_> = picture.into_iter().chain(sound).collect();
        (
            name.join(", "),
            rendition.map(|rendition| rendition.id),
            audio.map(|audio| audio.id),
        )
    };
    (0..count).map(pass).collect()
}

fn show(arguments: &Arguments, pass: &Pass) {
    if arguments.json {
        return;
    }
    let paint = Paint::stdout();
    let problems = pass.problems();
    let word = if problems.is_empty() {
        paint.style("32", "ok")
    } else {
        paint.style("31", "bad")
    };
    let measured = pass.outcome.measured;
    println!(
        "{word:<4} {}  {} segments, {} samples, {:.1} MB",
        harmless(&pass.name),
        measured.appends,
        measured.samples,
        measured.bytes as f64 / 1e6
    );
    for problem in problems.iter().take(SHOWN) {
        println!("     {}", harmless(problem));
    }
    if problems.len() > SHOWN {
        println!("     and {} more", problems.len() - SHOWN);
    }
}

fn finish(arguments: &Arguments, passes: Vec<Pass>) -> Result<Vec<Pass>> {
    if let Some(file) = &arguments.junit {
        std::fs::write(file, junit(&arguments.url, &passes))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(passes)
}

/// The form that CI systems read; its reference is their common subset: suite, cases, failures.
fn junit(url: &str, passes: &[Pass]) -> String {
    let failed = passes.iter().filter(|pass| !pass.problems().is_empty()).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\">\n",
        escape(url),
        passes.len()
    );
    for pass in passes {
        let problems = pass.problems();
        let time = pass.outcome.took.as_secs_f64();
        text.push_str(&format!(
            "  <testcase name=\"{}\" time=\"{time:.3}\"",
            escape(&pass.name)
        ));
        if let Some(first) = problems.first() {
            let (first, all) = (escape(first), escape(&problems.join("\n")));
            text.push_str(&format!(
                ">\n    <failure message=\"{first}\">{all}</failure>\n  </testcase>\n"
            ));
        } else {
            text.push_str("/>\n");
        }
    }
    text.push_str("</testsuite>\n");
    text
}

fn escape(text: &str) -> String {
    let replace = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\n' => "&#10;".to_owned(),
        c if c.is_control() => "\u{FFFD}".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(replace).collect()
}
