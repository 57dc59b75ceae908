//! `footlight-probe lint`: what is wrong in a manifest.

mod human;
mod json;

use std::process::ExitCode;
use std::time::Duration;

use footlight_dash::{Diagnostic, Error, Manifest, Severity};

use crate::source::{self, Document};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// An MPD: a URL, a file, or - for stdin
    manifest: String,
    /// Findings as JSON on stdout
    #[arg(long)]
    json: bool,
    /// Print the presentation model too: the manifest as a player sees it, everything inherited and resolved
    #[arg(long, conflicts_with = "json")]
    model: bool,
    /// Seconds to wait for a URL
    #[arg(long, default_value_t = 20, value_name = "SECONDS")]
    timeout: u64,
}

/// What became of a manifest.
enum Outcome {
    /// It cannot be had.
    Missing(anyhow::Error),
    /// It cannot be read.
    Unreadable(Document, Error),
    Read(Document, Box<Manifest>),
}

/// How many findings of each severity.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Counts {
    errors: usize,
    warnings: usize,
    infos: usize,
}

impl Counts {
    fn of(diagnostics: &[Diagnostic]) -> Self {
        let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
        }
    }
}

const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let outcome = examine(&arguments.manifest, Duration::from_secs(arguments.timeout));
    if arguments.json {
        json::print(&arguments.manifest, &outcome);
    } else {
        human::print(&outcome, arguments.model);
    }
    ExitCode::from(match outcome {
        Outcome::Missing(_) | Outcome::Unreadable(..) => 2,
        Outcome::Read(_, manifest) => u8::from(Counts::of(manifest.diagnostics()).errors > 0),
    })
}

fn examine(place: &str, timeout: Duration) -> Outcome {
    let document = match source::read(place, timeout) {
        Ok(document) => document,
        Err(error) => return Outcome::Missing(error),
    };
    match Manifest::parse(document.text.clone(), &document.url) {
        Ok(manifest) => Outcome::Read(document, Box::new(manifest)),
        Err(error) => Outcome::Unreadable(document, error),
    }
}
