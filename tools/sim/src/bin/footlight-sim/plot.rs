//! `footlight-sim plot`: one session as a picture.

use std::path::PathBuf;

use anyhow::{Context, Result};
use footlight_sim::plot::Picture;
use footlight_sim::referee;

use crate::run::{algorithm, configure};
use crate::selection::{Selection, load};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    selection: Selection,
    /// Name of the trace; the first one when left out
    #[arg(long)]
    trace: Option<String>,
    /// Rule that chooses renditions
    #[arg(long, default_value = "ours")]
    algorithm: String,
    /// First second to show
    #[arg(long, default_value_t = 0.0, value_name = "SECONDS")]
    from: f64,
    /// Last second to show; the session's when left out
    #[arg(long, value_name = "SECONDS")]
    to: Option<f64>,
    /// The picture (SVG)
    #[arg(long, short)]
    output: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut cases = arguments.selection.every_case()?.into_iter();
    let case = cases
        .find(|case| arguments.trace.as_ref().is_none_or(|trace| *trace == case.trace))
        .context("there is no such trace")?;
    let setup = case
        .setups
        .first()
        .context("the family is not played with this buffer")?;
    let (trace, movie) = load(&case)?;
    let session = referee::play(
        &trace,
        &movie,
        setup.buffer_ms,
        configure(algorithm(&arguments.algorithm)?),
    )?;
    let score = &session.score;
    let title = format!(
        "{}/{} · {} · {}: nQoE {:.3} (lin) {:.3} (log), {:.1} s of stalls, {} switches",
        case.family,
        case.trace,
        setup.name,
        arguments.algorithm,
        score.nqoe[0],
        score.nqoe[1],
        score.stalled_s,
        score.switches
    );
    let picture = Picture {
        title: &title,
        journal: &session.journal,
        trace: &trace,
        bitrates_kbps: &movie.bitrates_kbps,
        buffer_ms: setup.buffer_ms,
        window: (arguments.from, arguments.to.unwrap_or(session.lasted as f64 / 1e6)),
    };
    std::fs::write(&arguments.output, picture.svg()).with_context(|| arguments.output.display().to_string())
}
