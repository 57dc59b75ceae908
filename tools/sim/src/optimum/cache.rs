//! Optima kept in a file: they take seconds each, and stay the same.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use super::Optimum;
use crate::movie::Movie;
use crate::score::Form;
use crate::trace::Trace;

/// To be raised when what [`super::solve`] finds changes.
const VERSION: u64 = 1;

/// Optima by what they are of.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    known: BTreeMap<String, Optimum>,
}

impl Cache {
    /// Reads a file; empty when there is none.
    ///
    /// # Errors
    /// When it cannot be read or is not a cache.
    pub fn read(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let known = serde_json::from_str(&crate::corpus::read(path)?).context("not a cache of optima")?;
        Ok(Self { known })
    }

    /// Writes it to a file, which is whole at any time.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let new = path.with_extension("new");
        std::fs::write(&new, serde_json::to_string(&self.known)?).with_context(|| new.display().to_string())?;
        std::fs::rename(&new, path).with_context(|| path.display().to_string())
    }

    /// The name of a session.
    #[must_use]
    pub fn key(trace: &Trace, movie: &Movie, buffer_ms: f64, form: Form) -> String {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        hash.add(VERSION);
        for period in trace.periods() {
            for number in [period.duration_ms, period.bandwidth_kbps, period.latency_ms] {
                hash.add(number.to_bits());
            }
        }
        let numbers = movie
            .bitrates_kbps
            .iter()
            .chain(movie.segment_sizes_bits.iter().flatten());
        for number in numbers.chain([&movie.segment_duration_ms, &buffer_ms]) {
            hash.add(number.to_bits());
        }
        format!("{:016x}-{}", hash.0, form.name())
    }

    /// What is known of it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Optimum> {
        self.known.get(key)
    }

    /// Remembers it.
    pub fn insert(&mut self, key: String, optimum: Optimum) {
        self.known.insert(key, optimum);
    }
}

/// Fowler, Noll and Vo's hash (1a), 64 bits.
struct Fnv(u64);

impl Fnv {
    fn add(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
