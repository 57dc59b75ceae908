//! Not doing again what has been done: a step's inputs are hashed, and the hash is kept when the step succeeds.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace;

/// The inputs and outputs of a step, named for its file under `target/xtask/`.
pub(crate) struct Stamp {
    file: PathBuf,
    hasher: DefaultHasher,
    outputs: Vec<PathBuf>,
}

impl Stamp {
    /// A step without inputs yet.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            file: workspace::memory().join(name),
            hasher: DefaultHasher::new(),
            outputs: Vec::new(),
        }
    }

    /// Adds a value that the step depends on.
    pub(crate) fn value(mut self, text: &str) -> Self {
        self.hasher.write(text.as_bytes());
        self.hasher.write_u8(0xff);
        self
    }

    /// Adds a file, or a folder with all in it; what does not exist counts as such.
    pub(crate) fn input(mut self, path: &Path) -> Result<Self> {
        for file in files_under(path)? {
            self.hasher.write(file.to_string_lossy().as_bytes());
            self.hasher
                .write(&fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?);
            self.hasher.write_u8(0xff);
        }
        Ok(self)
    }

    /// Adds a file or folder that the step leaves behind: gone means that the step must run.
    pub(crate) fn output(mut self, path: &Path) -> Self {
        self.outputs.push(path.to_path_buf());
        self
    }

    /// Runs the step unless its inputs are as they were and its outputs are there. True when it ran.
    pub(crate) fn run(self, work: impl FnOnce() -> Result<()>) -> Result<bool> {
        let hash = format!("{:016x}", self.hasher.finish());
        let fresh = fs::read_to_string(&self.file).is_ok_and(|known| known == hash);
        if fresh && self.outputs.iter().all(|path| path.exists()) {
            return Ok(false);
        }
        let _ = fs::remove_file(&self.file);
        work()?;
        write(&self.file, hash.as_bytes())?;
        Ok(true)
    }
}

/// All files at or below a path, in a fixed order; dependencies' folders are left out.
pub(crate) fn files_under(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries = fs::read_dir(path)
        .with_context(|| format!("cannot list {}", path.display()))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.file_name().is_some_and(|name| name != "node_modules") {
            files.extend(files_under(&entry)?);
        }
    }
    Ok(files)
}

/// Writes a file, with the folders above it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Copies a file, and makes the folders above it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
}
