//! Folders of traces in families, each with its movie and the buffers to try it with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// `families.json`.
#[derive(Clone, Debug, Deserialize)]
struct Index {
    configs_buffer_ms: serde_json::Map<String, serde_json::Value>,
    families: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize)]
struct Family {
    movie: String,
    configs: Vec<String>,
}

/// A buffer to play with.
#[derive(Clone, PartialEq, Debug)]
pub struct Setup {
    /// Its name, such as `vod25`.
    pub name: String,
    /// Milliseconds that the buffer may hold at most.
    pub buffer_ms: f64,
}

/// One trace, and how it is to be played over.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// Name of its family.
    pub family: String,
    /// Its own name.
    pub trace: String,
    /// Name of the movie.
    pub movie: String,
    /// Buffers to try.
    pub setups: Vec<Setup>,
    root: PathBuf,
}

impl Case {
    /// The trace's file.
    #[must_use]
    pub fn trace_path(&self) -> PathBuf {
        self.root.join(&self.family).join(format!("{}.json", self.trace))
    }

    /// The movie's file.
    #[must_use]
    pub fn movie_path(&self) -> PathBuf {
        self.root.join("movies").join(format!("{}.json", self.movie))
    }
}

/// Which of a folder's traces.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Families; all when empty.
    pub families: Vec<String>,
    /// Setups; all when empty.
    pub setups: Vec<String>,
    /// At most so many traces of each family, evenly spread over its names in order; 0: all.
    pub per_family: usize,
}

/// The traces of a folder by family and name.
///
/// # Errors
/// When a file is missing or is not what it should be, or something is chosen that is not there.
pub fn discover(root: &Path, choice: &Choice) -> Result<Vec<Case>> {
    let index: Index = serde_json::from_str(&read(&root.join("families.json"))?).context("families.json")?;
    let mut buffers = BTreeMap::new();
    for (name, value) in &index.configs_buffer_ms {
        buffers.insert(name.as_str(), value.as_f64().context("a buffer is no number")?);
    }
    for name in &choice.families {
        if !index.families.contains_key(name) {
            bail!("there is no family {name}");
        }
    }
    let mut cases = Vec::new();
    for (name, family) in &index.families {
        if !choice.families.is_empty() && !choice.families.contains(name) {
            continue;
        }
        let family: Family = serde_json::from_value(family.clone()).with_context(|| format!("family {name}"))?;
        let mut setups = Vec::new();
        for setup in &family.configs {
            let buffer = *buffers
                .get(setup.as_str())
                .with_context(|| format!("no buffer {setup}"))?;
            if choice.setups.is_empty() || choice.setups.contains(setup) {
                setups.push(Setup {
                    name: setup.clone(),
                    buffer_ms: buffer,
                });
            }
        }
        for trace in spread(&traces(&root.join(name))?, choice.per_family) {
            cases.push(Case {
                family: name.clone(),
                trace: trace.clone(),
                movie: family.movie.clone(),
                setups: setups.clone(),
                root: root.to_owned(),
            });
        }
    }
    Ok(cases)
}

/// Names of the traces in a folder, in order; none when it is not there.
fn traces(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".json").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// At most `count` of `all`, evenly spread; 0: all.
fn spread<T>(all: &[T], count: usize) -> impl Iterator<Item = &T> {
    let wanted = if count == 0 { all.len() } else { count.min(all.len()) };
    (0..wanted).filter_map(move |at| all.get(at * all.len() / wanted))
}

/// A file's text.
///
/// # Errors
/// When it cannot be read; the path is told.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn a_choice_is_spread_evenly() {
        let all: Vec<usize> = (0..10).collect();
        assert_eq!(spread(&all, 3).copied().collect::<Vec<_>>(), [0, 3, 6]);
        assert_eq!(spread(&all, 0).count(), 10);
        assert_eq!(spread(&all, 24).count(), 10);
        assert_eq!(spread(&all[..0], 24).count(), 0);
    }
}
