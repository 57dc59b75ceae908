//! Numbers: the engine's speed, and what a first visit costs a phone.

use anyhow::Result;

use crate::progress::step;
use crate::test::browsers;
use crate::{backend, node, process, wasm, web, workspace};

/// What to measure.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Subject {
    /// Manifests, look-ups, decisions, simulated sessions, natively.
    Engine,
    /// Bytes, first paint and first frame in Chromium with a phone's network and CPU.
    Web,
}

/// Measures one subject, or all.
pub(crate) fn run(subject: Option<Subject>) -> Result<()> {
    if subject != Some(Subject::Web) {
        step("the engine", engine)?;
    }
    if subject != Some(Subject::Engine) {
        prepare_web()?;
        step("the web app on a phone (a few minutes)", in_browser)?;
    }
    Ok(())
}

fn engine() -> Result<()> {
    let mut cargo = process::cargo();
    cargo
        .current_dir(workspace::root())
        .args(["bench", "--package", "footlight-core", "--bench", "engine"]);
    process::show(&mut cargo)
}

fn prepare_web() -> Result<()> {
    web::build()?;
    backend::build()?;
    node::prepare(node::E2E)
}

fn in_browser() -> Result<()> {
    let mut node = node::command(node::E2E);
    node.arg("bench/web.mjs")
        .env("FOOTLIGHT_CHROMIUM", browsers::chromium()?);
    node.env("FOOTLIGHT_BACKEND", backend::binary())
        .env("FOOTLIGHT_DIST", web::dist_dir());
    node.env("FOOTLIGHT_PLAYER", web::package_dir())
        .env("FOOTLIGHT_MEDIA", workspace::path("media"));
    process::show(node.env("FOOTLIGHT_BINDGEN", wasm::player_dir()))
}
