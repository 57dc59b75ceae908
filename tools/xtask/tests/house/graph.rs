//! The dependency graph as `cargo metadata` tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A crate of the workspace.
pub(crate) struct Member {
    pub(crate) name: String,
    /// Its folder in the workspace, with forward slashes.
    pub(crate) path: String,
}

/// Any crate.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: Option<String>,
    /// None for our own.
    pub(crate) source: Option<String>,
}

/// Packages and who uses whom, development dependencies left out.
pub(crate) struct Graph {
    root: PathBuf,
    metadata: Value,
    /// From a package's id to the ids that it uses.
    uses: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// Asks cargo, for one platform; the desktop's window is part of what we ship.
    pub(crate) fn read(root: &Path, platform: &str) -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version=1", "--filter-platform", platform])
            .args(["--features", "footlight-desktop/window"])
            .current_dir(root)
            .output()?;
        if !output.status.success() {
            bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        let nodes = metadata
            .pointer("/resolve/nodes")
            .and_then(Value::as_array)
            .context("no graph")?;
        let uses = nodes.iter().map(|node| (text(node, "id"), used_in(node))).collect();
        Ok(Self {
            root: root.canonicalize()?,
            metadata,
            uses,
        })
    }

    /// All packages that are used at all.
    pub(crate) fn packages(&self) -> Vec<Package> {
        let used = self.raw_packages().filter(|p| self.uses.contains_key(&text(p, "id")));
        used.map(|p| Package {
            name: text(p, "name"),
            version: text(p, "version"),
            licence: p.get("license").and_then(Value::as_str).map(ToOwned::to_owned),
            source: p.get("source").and_then(Value::as_str).map(ToOwned::to_owned),
        })
        .collect()
    }

    /// The crates of the workspace.
    pub(crate) fn members(&self) -> Vec<Member> {
        let own = self
            .raw_packages()
            .filter(|p| p.get("source").is_none_or(Value::is_null));
        own.map(|p| Member {
            name: text(p, "name"),
            path: self.folder(p),
        })
        .collect()
    }

    /// The names of the crates that one uses itself.
    pub(crate) fn used_by(&self, name: &str) -> BTreeSet<String> {
        let uses = self
            .id(name)
            .and_then(|id| self.uses.get(&id).cloned())
            .unwrap_or_default();
        uses.iter().filter_map(|id| self.name(id)).collect()
    }

    /// The names of all crates that one depends on, near and far.
    pub(crate) fn reached_by(&self, name: &str) -> BTreeSet<String> {
        let mut open: Vec<String> = self.id(name).into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            for next in self.uses.get(&id).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen.iter().filter_map(|id| self.name(id)).collect()
    }

    fn raw_packages(&self) -> impl Iterator<Item = &Value> {
        self.metadata
            .get("packages")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    /// The id of a crate of the workspace.
    fn id(&self, name: &str) -> Option<String> {
        let mut own = self
            .raw_packages()
            .filter(|p| p.get("source").is_none_or(Value::is_null));
        own.find(|p| text(p, "name") == name).map(|p| text(p, "id"))
    }

    fn name(&self, id: &str) -> Option<String> {
        self.raw_packages()
            .find(|p| text(p, "id") == id)
            .map(|p| text(p, "name"))
    }

    fn folder(&self, package: &Value) -> String {
        let manifest = PathBuf::from(text(package, "manifest_path"));
        let folder = manifest.parent().unwrap_or(&manifest);
        folder
            .strip_prefix(&self.root)
            .unwrap_or(folder)
            .to_string_lossy()
            .replace('\\', "/")
    }
}

/// The ids that a node of the graph uses other than in its tests.
fn used_in(node: &Value) -> Vec<String> {
    let all = node.get("deps").and_then(Value::as_array).into_iter().flatten();
    let ships = |dependency: &&Value| {
        let kinds = dependency
            .get("dep_kinds")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        kinds
            .into_iter()
            .any(|kind| kind.get("kind").and_then(Value::as_str) != Some("dev"))
    };
    all.filter(ships).map(|dependency| text(dependency, "pkg")).collect()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}
