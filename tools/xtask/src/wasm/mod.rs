//! The browser's WebAssembly: the player's crates and the app, then wasm-bindgen for each.

mod module;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::process;
use crate::progress::{note, step};
use crate::stamp::Stamp;
use crate::workspace;
use toolchain::Toolchain;

/// A crate that becomes a WebAssembly module.
#[derive(PartialEq, Eq)]
struct Artefact {
    package: &'static str,
    /// Cargo's file, without its ending.
    file: &'static str,
    /// What wasm-bindgen calls it.
    name: &'static str,
}

const PLAYER: Artefact = Artefact {
    package: "footlight-web",
    file: "footlight_web",
    name: "footlight_web",
};
const TEXT: Artefact = Artefact {
    package: "footlight-web-text",
    file: "footlight_web_text",
    name: "footlight_web_text",
};
const EXTRAS: Artefact = Artefact {
    package: "footlight-web-extras",
    file: "footlight_web_extras",
    name: "footlight_web_extras",
};
const RECORDER: Artefact = Artefact {
    package: "footlight-web-recorder",
    file: "footlight_web_recorder",
    name: "footlight_web_recorder",
};
/// The recorder with decisions to measure.
const MEASURED: Artefact = Artefact {
    name: "footlight_web_measured",
    ..RECORDER
};
const APP: Artefact = Artefact {
    package: "footlight-web-app",
    file: "footlight-web-app",
    name: "app",
};
const PROFILE: &str = "wasm-release";

/// Where wasm-bindgen leaves the player's module.
pub(crate) fn player_dir() -> PathBuf {
    workspace::target().join("wasm-bindgen").join(PLAYER.name)
}

/// Where wasm-bindgen leaves the flight recorder.
pub(crate) fn recorder_dir() -> PathBuf {
    workspace::target().join("wasm-bindgen").join(RECORDER.name)
}

/// Makes the module whose decisions are measured; says where wasm-bindgen leaves it.
pub(crate) fn measured() -> Result<PathBuf> {
    let mut cargo = Toolchain::find()?.small_build(PROFILE);
    cargo.args(["--features", "footlight-web-recorder/measured"]);
    compile(cargo, &[&MEASURED])?;
    bind(&MEASURED)?;
    Ok(workspace::target().join("wasm-bindgen").join(MEASURED.name))
}

/// Where wasm-bindgen leaves the text decoders' module.
pub(crate) fn text_dir() -> PathBuf {
    workspace::target().join("wasm-bindgen").join(TEXT.name)
}

/// Where wasm-bindgen leaves the module of what a page may ask for beside playing.
pub(crate) fn extras_dir() -> PathBuf {
    workspace::target().join("wasm-bindgen").join(EXTRAS.name)
}

/// Where wasm-bindgen leaves the app's module.
pub(crate) fn app_dir() -> PathBuf {
    workspace::target().join("wasm-bindgen").join(APP.name)
}

/// Which of the modules to build.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Module {
    /// The engine, the text decoders, the extras and the flight recorder, with their bindings.
    Player,
    /// The web app.
    App,
}

/// Builds all modules, or only those of one package.
pub(crate) fn build(only: Option<Module>) -> Result<()> {
    let toolchain = Toolchain::find()?;
    for (module, cargo, artefacts) in builds(&toolchain) {
        if only.is_some_and(|only| only != module) {
            continue;
        }
        let what = match module {
            Module::Player if artefacts.contains(&&EXTRAS) => "the player's extras",
            Module::Player => "the player",
            Module::App => "the app",
        };
        step(&format!("WebAssembly of {what} ({})", toolchain.name()), || {
            compile(cargo, artefacts)
        })?;
        artefacts.iter().try_for_each(|artefact| bind(artefact))?;
    }
    Ok(())
}

/// The calls of cargo that build all modules; the extras' is one of its own, since they read all of the MPD.
fn builds(toolchain: &Toolchain) -> [(Module, Command, &'static [&'static Artefact]); 3] {
    [
        (
            Module::Player,
            toolchain.small_build(PROFILE),
            &[&PLAYER, &TEXT, &RECORDER],
        ),
        (Module::Player, toolchain.small_build(PROFILE), &[&EXTRAS]),
        (Module::App, toolchain.release_build(PROFILE), &[&APP]),
    ]
}

/// Whether the standard library in the modules is built for size.
pub(crate) fn has_small_std() -> bool {
    Toolchain::find().is_ok_and(|toolchain| toolchain.has_unstable_options())
}

/// Checks the crates for wasm32: with clippy where the toolchain has it, else by building them without a warning.
pub(crate) fn check() -> Result<()> {
    let toolchain = Toolchain::find()?;
    if !toolchain.has_clippy() {
        return step(&format!("no warnings for wasm32 ({})", toolchain.name()), || {
            builds(&toolchain)
                .into_iter()
                .try_for_each(|(_, mut cargo, artefacts)| {
                    if toolchain.has_unstable_options() {
                        cargo.args(["-Zwarnings", "--config", "build.warnings='deny'"]);
                    }
                    compile(cargo, artefacts)
                })
        });
    }
    // Not all in one call: the engine is not built with what the extras ask for.
    let all: [&[&str]; 2] = [
        &[
            PLAYER.package,
            TEXT.package,
            RECORDER.package,
            APP.package,
            "footlight-ui",
        ],
        &[EXTRAS.package],
    ];
    step(&format!("cargo clippy for wasm32 ({})", toolchain.name()), || {
        all.iter().try_for_each(|packages| {
            let mut cargo = toolchain.cargo("clippy");
            cargo.args(packages.iter().flat_map(|package| ["--package", package]));
            process::run(cargo.args(["--", "-D", "warnings"]))
        })
    })
}

/// In one call of cargo, features are those that any of them asks for.
fn compile(mut cargo: Command, artefacts: &[&Artefact]) -> Result<()> {
    for artefact in artefacts {
        cargo.args(["--package", artefact.package]);
    }
    process::run(&mut cargo).context("the WebAssembly build failed; `cargo xtask wasm` runs it alone")
}

fn bind(artefact: &Artefact) -> Result<()> {
    let input = workspace::wasm_target()
        .join("wasm32-unknown-unknown")
        .join(PROFILE)
        .join(artefact.file)
        .with_extension("wasm");
    let out = workspace::target().join("wasm-bindgen").join(artefact.name);
    let wasm = out.join(format!("{}_bg.wasm", artefact.name));
    let stamp = Stamp::new(&format!("wasm-bindgen-{}", artefact.name))
        .value(include_str!("mod.rs"))
        .input(&input)?
        .output(&wasm)
        .output(&out.join(format!("{}.js", artefact.name)));
    let ran = stamp.run(|| {
        step(&format!("wasm-bindgen {}", artefact.name), || {
            generate(artefact, &input, &out)
        })?;
        imports_nothing_from_env(&wasm)
    })?;
    if !ran {
        note(&format!("{} is as it was", artefact.name));
    }
    Ok(())
}

fn generate(artefact: &Artefact, input: &Path, out: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("cannot empty {}", out.display()))?;
    }
    Bindgen::new()
        .input_path(input)
        .out_name(artefact.name)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .generate(out)
        .with_context(|| format!("wasm-bindgen cannot read {}", input.display()))
}

/// A module that imports from `env` wants something of a C library: no page would give it that.
fn imports_nothing_from_env(wasm: &Path) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let imports = module::imports(&bytes).with_context(|| format!("{} is no WebAssembly module", wasm.display()))?;
    ensure!(
        !imports.is_empty(),
        "{} imports nothing at all: not a wasm-bindgen module",
        wasm.display()
    );
    let foreign: Vec<_> = imports
        .iter()
        .filter(|i| i.module == "env")
        .map(|i| i.name.as_str())
        .collect();
    if !foreign.is_empty() {
        bail!(
            "{} imports {} from `env`: something in its graph expects a C library",
            wasm.display(),
            foreign.join(", ")
        );
    }
    Ok(())
}
