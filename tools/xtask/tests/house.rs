//! The house rules that cargo's metadata can tell: which way the arrows point, what the engine must not reach, and what we may
//! ship.

mod house {
    pub(crate) mod graph;
    pub(crate) mod licence;
}

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use house::graph::Graph;

/// Crates that wait, look at a clock, throw dice, or weigh too much for an engine.
const NOT_IN_THE_ENGINE: [&str; 16] = [
    "async-std",
    "axum",
    "chrono",
    "fastrand",
    "getrandom",
    "hyper",
    "js-sys",
    "rand",
    "rand_core",
    "regex",
    "reqwest",
    "time",
    "tokio",
    "url",
    "wasm-bindgen",
    "web-sys",
];

/// All that the engine is made of besides itself. A new line here needs a reason in its commit.
const ENGINE: [&str; 7] = [
    "memchr",
    "proc-macro2",
    "quote",
    "syn",
    "thiserror",
    "thiserror-impl",
    "unicode-ident",
];

/// Each room, and the rooms that it may use.
const ARROWS: [(&str, &[&str]); 13] = [
    ("player-core/dash", &["player-core/isobmff"]),
    ("player-core/isobmff", &[]),
    ("player-core/engine", &["player-core/dash", "player-core/isobmff"]),
    ("player-core/text", &["player-core/dash", "player-core/isobmff"]),
    ("bindings", &["bindings", "player-core"]),
    ("service-api", &[]),
    ("apps", &["apps", "bindings", "service-api"]),
    (
        "mock-backend",
        &["service-api", "player-core/dash", "player-core/isobmff"],
    ),
    ("tools/bindgen", &[]),
    ("tools/fuzz", &["player-core"]),
    ("tools/probe", &["bindings/audio", "bindings/native", "player-core"]),
    ("tools/sim", &["player-core"]),
    ("tools/xtask", &[]),
];

/// Crates of which a second version would be a mistake: they share state or types.
const ONLY_ONE: [&str; 7] = [
    "axum",
    "footlight-core",
    "js-sys",
    "leptos",
    "tokio",
    "wasm-bindgen",
    "web-sys",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The dependencies as they are for browsers and for the machine that runs the tests.
fn graphs() -> Result<Vec<Graph>> {
    let rustc = std::process::Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(rustc.stdout)?;
    let host = text
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc does not tell its host")?;
    ["wasm32-unknown-unknown", host]
        .into_iter()
        .map(|platform| Graph::read(&root(), platform))
        .collect()
}

fn room(path: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    ARROWS.iter().find(|(room, _)| Path::new(path).starts_with(room))
}

#[test]
fn the_engine_reaches_nothing_that_waits() -> Result<()> {
    for graph in graphs()? {
        let members = graph.members();
        let engine: Vec<_> = members.iter().filter(|m| m.path.starts_with("player-core/")).collect();
        assert!(engine.len() >= 3, "player-core has lost a crate");
        for member in engine {
            let reached: BTreeSet<String> = graph.reached_by(&member.name);
            let bad: Vec<_> = reached
                .iter()
                .filter(|n| NOT_IN_THE_ENGINE.contains(&n.as_str()))
                .collect();
            assert!(bad.is_empty(), "{} reaches {bad:?}", member.name);
            let own = |name: &str| members.iter().any(|m| m.name == name);
            let new: Vec<_> = reached
                .iter()
                .filter(|n| !own(n) && !ENGINE.contains(&n.as_str()))
                .collect();
            assert!(new.is_empty(), "{} has new dependencies: {new:?}", member.name);
        }
    }
    Ok(())
}

#[test]
fn arrows_point_one_way() -> Result<()> {
    for graph in graphs()? {
        let paths: BTreeMap<String, String> = graph.members().into_iter().map(|m| (m.name, m.path)).collect();
        for (name, path) in &paths {
            let (_, may_use) = room(path).with_context(|| format!("{path} is a room without a rule: give it one"))?;
            for used in graph.used_by(name).iter().filter_map(|used| paths.get(used)) {
                let allowed = may_use.iter().any(|other| Path::new(used).starts_with(other));
                assert!(allowed, "{path} must not use {used}");
            }
        }
    }
    Ok(())
}

#[test]
fn crates_come_from_the_registry_under_licences_we_may_ship() -> Result<()> {
    let rules = fs::read_to_string(root().join("deny.toml"))?;
    let allowed = house::licence::allowed(&rules);
    assert!(allowed.contains("MIT"), "deny.toml lists no licences");
    for graph in graphs()? {
        for package in graph.packages() {
            let what = format!("{} {}", package.name, package.version);
            let registry = package
                .source
                .is_none_or(|s| s.starts_with("registry+") || s.starts_with("sparse+"));
            assert!(registry, "{what} is not from a registry");
            let licence = package.licence.with_context(|| format!("{what} names no licence"))?;
            assert!(
                house::licence::permits(&licence, &allowed),
                "{what} is under {licence}: see deny.toml"
            );
        }
    }
    Ok(())
}

#[test]
fn what_shares_state_is_there_once() -> Result<()> {
    for graph in graphs()? {
        for name in ONLY_ONE {
            let versions: Vec<_> = graph
                .packages()
                .into_iter()
                .filter(|p| p.name == name)
                .map(|p| p.version)
                .collect();
            assert!(versions.len() <= 1, "{name} is there in {versions:?}");
        }
    }
    Ok(())
}

#[test]
fn every_crate_keeps_the_workspaces_lints() -> Result<()> {
    for member in Graph::read(&root(), "wasm32-unknown-unknown")?.members() {
        let manifest = fs::read_to_string(root().join(&member.path).join("Cargo.toml"))?;
        // UniFFI's generated glue is what crosses to other languages: there can be no such code without `unsafe`.
        let lints = if member.path == "bindings/ffi" {
            "[lints.rust]\nunsafe_code = \"allow\""
        } else {
            "[lints]\nworkspace = true"
        };
        assert!(manifest.contains(lints), "{} does not inherit the lints", member.path);
    }
    Ok(())
}

#[test]
fn lockfiles_name_no_host() -> Result<()> {
    for folder in ["bindings/web", "e2e"] {
        let lock = fs::read_to_string(root().join(folder).join("package-lock.json"))?;
        assert!(
            !lock.contains("\"resolved\""),
            "{folder}/package-lock.json names a registry's host"
        );
    }
    Ok(())
}
