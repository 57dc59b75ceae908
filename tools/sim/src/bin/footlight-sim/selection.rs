//! Which of a folder's traces, as arguments.

use std::path::PathBuf;

use anyhow::Result;
use footlight_sim::corpus::{self, Case, Choice};
use footlight_sim::movie::Movie;
use footlight_sim::trace::Trace;

#[derive(clap::Args)]
pub(crate) struct Selection {
    /// Folder of traces and movies
    folder: PathBuf,
    /// Buffers to play with; all that a family has when left out
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    config: Vec<String>,
    /// Families of traces; all when left out
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    families: Vec<String>,
    /// Traces of each family, evenly spread; 0: all
    #[arg(long, default_value_t = 24, value_name = "COUNT")]
    per_family: usize,
    /// Threads
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    pub(crate) jobs: usize,
}

impl Selection {
    pub(crate) fn cases(&self) -> Result<Vec<Case>> {
        self.discover(self.per_family)
    }

    /// All traces, however many of each family are asked for.
    pub(crate) fn every_case(&self) -> Result<Vec<Case>> {
        self.discover(0)
    }

    fn discover(&self, per_family: usize) -> Result<Vec<Case>> {
        let choice = Choice {
            families: self.families.clone(),
            setups: self.config.clone(),
            per_family,
        };
        corpus::discover(&self.folder, &choice)
    }
}

/// A case's trace and movie.
pub(crate) fn load(case: &Case) -> Result<(Trace, Movie)> {
    let trace = Trace::parse(&corpus::read(&case.trace_path())?)?;
    let movie = Movie::parse(&corpus::read(&case.movie_path())?)?;
    Ok((trace, movie))
}
