//! `footlight-sim play`: a session told in a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use footlight_sim::corpus::read;
use footlight_sim::plot::Picture;
use footlight_sim::scenario::Scenario;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The scenario (JSON)
    scenario: PathBuf,
    /// Draw the session here (SVG)
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let path = &arguments.scenario;
    let played = Scenario::parse(&read(path)?)
        .and_then(|scenario| scenario.play(path.parent().unwrap_or(Path::new("."))))
        .with_context(|| path.display().to_string())?;
    println!("{}", serde_json::to_string_pretty(&played.summary)?);
    let Some(output) = &arguments.plot else { return Ok(()) };
    let summary = &played.summary;
    let title = format!(
        "{}: {}, {} stalls of {:.1} s, {} switches",
        path.file_stem().unwrap_or_default().to_string_lossy(),
        summary.state,
        summary.stalls,
        summary.stalled_s,
        summary.switches
    );
    let picture = Picture {
        title: &title,
        journal: &played.journal,
        trace: &played.trace,
        bitrates_kbps: &played.movie.bitrates_kbps,
        buffer_ms: played.buffer_ms,
        window: (0.0, summary.lasted_s),
    };
    std::fs::write(output, picture.svg()).with_context(|| output.display().to_string())
}
