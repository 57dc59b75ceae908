//! Numbers: the engine's speed, how fast manifests are read, and what a first visit costs a phone.

use anyhow::Result;

use crate::progress::step;
use crate::test::browsers;
use crate::{backend, node, process, wasm, web, workspace};

/// What to measure.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Subject {
    /// Manifests, look-ups, decisions, simulated sessions, natively.
    Engine,
    /// How long a decision takes in WebAssembly; how good decisions are on recorded networks, of each rule, and how fast
    /// they are simulated.
    Abr,
    /// Parsing of large manifests, natively and in WebAssembly, there beside other players in the same Chromium.
    Manifest,
    /// Bytes, first paint and first frame in Chromium with a phone's network and CPU.
    Web,
}

/// Measures one subject, or all.
pub(crate) fn run(subject: Option<Subject>) -> Result<()> {
    let wanted = |one| subject.is_none_or(|subject| subject == one);
    if wanted(Subject::Engine) {
        step("the engine", || native("footlight-core", "engine"))?;
    }
    if wanted(Subject::Abr) {
        let measured = wasm::measured()?;
        step("a decision in WebAssembly", || {
            let mut node = node::command(node::E2E);
            process::show(node.arg("bench/decide.mjs").env("FOOTLIGHT_MEASURED", measured))
        })?;
        step("decisions on recorded networks (a minute the first time)", decisions)?;
    }
    if wanted(Subject::Manifest) {
        step("manifests, natively", || native("footlight-dash", "parse"))?;
        wasm::build(Some(wasm::Module::Player))?;
        node::prepare(node::E2E)?;
        step("manifests, in Chromium (a minute)", || in_browser("bench/manifest.mjs"))?;
    }
    if wanted(Subject::Web) {
        web::build()?;
        backend::build()?;
        node::prepare(node::E2E)?;
        step("the web app on a phone (a few minutes)", || in_browser("bench/web.mjs"))?;
    }
    Ok(())
}

fn native(package: &str, bench: &str) -> Result<()> {
    let mut cargo = process::cargo();
    cargo
        .current_dir(workspace::root())
        .args(["bench", "--package", package, "--bench", bench]);
    process::show(&mut cargo)
}

/// All rules over the traces in `tools/sim/data`, beside the optimum, which stays the same.
fn decisions() -> Result<()> {
    std::fs::create_dir_all(workspace::memory())?;
    let mut cargo = process::cargo();
    cargo
        .current_dir(workspace::root())
        .args(["run", "--release", "--package", "footlight-sim", "--", "run"])
        .arg(workspace::path("tools/sim/data"))
        .args(["--algorithm", "all", "--optimum"])
        .arg(workspace::memory().join("optimum.json"));
    process::show(&mut cargo)
}

fn in_browser(script: &str) -> Result<()> {
    let mut node = node::command(node::E2E);
    node.arg(script).env("FOOTLIGHT_CHROMIUM", browsers::chromium()?);
    node.env("FOOTLIGHT_BACKEND", backend::binary())
        .env("FOOTLIGHT_DIST", web::dist_dir());
    node.env("FOOTLIGHT_PLAYER", web::package_dir())
        .env("FOOTLIGHT_MEDIA", workspace::path("media"));
    process::show(node.env("FOOTLIGHT_BINDGEN", wasm::player_dir()))
}
