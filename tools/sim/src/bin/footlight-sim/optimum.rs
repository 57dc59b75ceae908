//! `footlight-sim optimum`: what hindsight allows.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use footlight_sim::movie::Movie;
use footlight_sim::optimum::{Cache, Optimum, solve};
use footlight_sim::score::{Form, is_starved};
use footlight_sim::trace::Trace;

use crate::parallel;
use crate::selection::{Selection, load};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    selection: Selection,
    /// File to keep optima in
    #[arg(long, value_name = "FILE")]
    cache: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let cases = arguments.selection.cases()?;
    let book = Book::open(&arguments.cache)?;
    let done = AtomicUsize::new(0);
    let rows = parallel::map(&cases, arguments.selection.jobs, |case| -> Result<Vec<String>> {
        let (trace, movie) = load(case)?;
        let mut rows = Vec::new();
        for setup in &case.setups {
            if is_starved(&trace, &movie, setup.buffer_ms) {
                continue;
            }
            for form in Form::ALL {
                let optimum = book.find(&trace, &movie, setup.buffer_ms, form, None)?;
                rows.push(format!(
                    "{}/{} {} {}: bound {:.5}, reached {:.5}{}",
                    case.family,
                    case.trace,
                    setup.name,
                    form.name(),
                    optimum.bound,
                    optimum.reached,
                    if optimum.is_rigorous {
                        ""
                    } else {
                        ", bound not rigorous"
                    }
                ));
            }
        }
        let count = done.fetch_add(1, Ordering::Relaxed) + 1;
        eprintln!("{count} of {} traces", cases.len());
        Ok(rows)
    });
    for rows in rows {
        for row in rows? {
            println!("{row}");
        }
    }
    Ok(())
}

/// A cache of optima and its file, for many threads.
pub(crate) struct Book {
    path: PathBuf,
    cache: Mutex<Cache>,
}

impl Book {
    pub(crate) fn open(path: &std::path::Path) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            cache: Mutex::new(Cache::read(path)?),
        })
    }

    /// Looks an optimum up; finds it, and writes it down, when it is not there yet.
    pub(crate) fn find(
        &self,
        trace: &Trace,
        movie: &Movie,
        buffer_ms: f64,
        form: Form,
        known: Option<f64>,
    ) -> Result<Optimum> {
        let key = Cache::key(trace, movie, buffer_ms, form);
        let lock = || self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let kept = lock().get(&key).cloned();
        if let Some(optimum) = kept {
            return Ok(optimum);
        }
        let optimum = solve(trace, movie, buffer_ms, form, known);
        let mut cache = lock();
        cache.insert(key, optimum.clone());
        cache.write(&self.path)?;
        Ok(optimum)
    }
}
