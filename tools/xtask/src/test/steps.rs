//! The steps of `cargo xtask test`, in the order in which they find mistakes cheaply.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use super::browsers;
use super::counts::{self, Counts};
use crate::progress::note;
use crate::{backend, desktop, kotlin, node, probe, process, python, size, stamp, swift, wasm, web, workspace};

/// One step.
pub(crate) struct Step {
    /// What one types to run it alone.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) what: &'static str,
    /// Part of `--quick`.
    pub(crate) quick: bool,
    /// Steps without whose success it is of no use.
    pub(crate) needs: &'static [&'static str],
    pub(crate) run: fn(&mut Run) -> Result<()>,
}

/// What a run of the steps knows.
#[derive(Default)]
pub(crate) struct Run {
    /// The tests of the step under way.
    pub(crate) counts: Counts,
    /// `cargo test` has built the backend, and the library for other languages. To build them alone, with fewer features,
    /// would compile half their graphs again.
    workspace_is_built: bool,
    /// The desktop's window is to be tested: its dependencies are built with the rest, so that what they share is built once.
    window: bool,
}

impl Run {
    /// For these steps.
    pub(crate) fn of(steps: &[&Step]) -> Self {
        Self {
            window: steps.iter().any(|step| step.name == "desktop"),
            ..Self::default()
        }
    }
}

/// All of them.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        what: "formatting",
        quick: true,
        needs: &[],
        run: fmt,
    },
    Step {
        name: "clippy",
        what: "lints, natively",
        quick: true,
        needs: &[],
        run: clippy,
    },
    Step {
        name: "rust",
        what: "unit, property, house and documentation tests",
        quick: true,
        needs: &[],
        run: rust,
    },
    Step {
        name: "reduced",
        what: "unit tests of the engine as browsers have it",
        quick: false,
        needs: &[],
        run: reduced,
    },
    Step {
        name: "deny",
        what: "licences, bans and advisories",
        quick: true,
        needs: &[],
        run: deny,
    },
    Step {
        name: "media",
        what: "the sample media",
        quick: true,
        needs: &[],
        run: media,
    },
    Step {
        name: "python",
        what: "the player through Python, against the backend",
        quick: false,
        needs: &[],
        run: through_python,
    },
    Step {
        name: "kotlin",
        what: "the player through Kotlin on a JVM, against the backend",
        quick: false,
        needs: &[],
        run: through_kotlin,
    },
    Step {
        name: "swift",
        what: "the player through Swift, against the backend",
        quick: false,
        needs: &[],
        run: through_swift,
    },
    Step {
        name: "web",
        what: "WebAssembly, the player's package, the app",
        quick: false,
        needs: &[],
        run: build_web,
    },
    Step {
        name: "wasm-lint",
        what: "lints, for wasm32",
        quick: false,
        needs: &["web"],
        run: |_| wasm::check(),
    },
    Step {
        name: "size",
        what: "the player's budget",
        quick: false,
        needs: &["web"],
        run: budget,
    },
    Step {
        name: "host",
        what: "the browser host's types and unit tests",
        quick: true,
        needs: &[],
        run: host,
    },
    Step {
        name: "e2e-chromium",
        what: "end to end in Chromium",
        quick: false,
        needs: &["web"],
        run: chromium,
    },
    Step {
        name: "e2e-firefox",
        what: "end to end in Firefox",
        quick: false,
        needs: &["web"],
        run: firefox,
    },
    Step {
        name: "desktop",
        what: "the desktop app, in a real window",
        quick: false,
        needs: &["web"],
        run: in_a_window,
    },
];

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = process::cargo();
    cargo.current_dir(workspace::root()).args(arguments);
    cargo
}

fn fmt(_: &mut Run) -> Result<()> {
    process::run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn clippy(_: &mut Run) -> Result<()> {
    process::run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))
}

fn rust(run: &mut Run) -> Result<()> {
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    if run.window {
        match desktop::needs_webview() {
            Ok(()) => drop(tests.args(["--features", desktop::WINDOW])),
            // The step that tests it will say the same.
            Err(error) => note(&format!("without the desktop's window: {error:#}")),
        }
    }
    counts::run(&mut tests, &mut run.counts)?;
    run.workspace_is_built = true;
    Ok(())
}

/// Without the features that are left out of the browser's module.
fn reduced(run: &mut Run) -> Result<()> {
    let crates = ["--package", "footlight-dash", "--package", "footlight-core"];
    let mut cargo = cargo(&["test", "--no-default-features", "--lib"]);
    counts::run(cargo.args(crates), &mut run.counts)
}

/// The house test holds licences and bans; cargo-deny, which takes minutes to install, adds advisories where it is.
fn deny(_: &mut Run) -> Result<()> {
    if process::find("cargo-deny").is_none() {
        note("cargo-deny is not installed: the house test has checked licences and bans");
        return Ok(());
    }
    process::run(&mut cargo(&["deny", "check", "licenses", "bans", "sources"]))
}

fn media(_: &mut Run) -> Result<()> {
    let check = workspace::path("media/tools/check.py");
    if process::find("python3").is_none() {
        note("python3 is not installed: left out");
        return Ok(());
    }
    process::capture(Command::new("python3").arg(check).current_dir(workspace::root())).map(drop)
}

fn through_python(run: &mut Run) -> Result<()> {
    let interpreter = python::interpreter()?;
    if !run.workspace_is_built {
        backend::build()?;
    }
    python::package_to_test(run.workspace_is_built)?;
    let mut tests = Command::new(interpreter);
    tests
        .current_dir(workspace::root())
        .env("PYTHONPATH", python::package_dir());
    tests.env("FOOTLIGHT_BACKEND", backend::binary());
    process::run(tests.args([
        "-m",
        "unittest",
        "discover",
        "--start-directory",
        "bindings/python/tests",
    ]))
}

fn through_kotlin(run: &mut Run) -> Result<()> {
    if !run.workspace_is_built {
        backend::build()?;
    }
    counts::run(&mut kotlin::tests(run.workspace_is_built)?, &mut run.counts)
}

fn through_swift(run: &mut Run) -> Result<()> {
    if !run.workspace_is_built {
        backend::build()?;
    }
    counts::run(&mut swift::tests(run.workspace_is_built)?, &mut run.counts)
}

fn build_web(_: &mut Run) -> Result<()> {
    web::build()
}

fn budget(_: &mut Run) -> Result<()> {
    note(&size::check()?);
    Ok(())
}

fn host(run: &mut Run) -> Result<()> {
    node::prepare(node::PLAYER)?;
    process::run(node::tool(node::PLAYER, "tsc").arg("--noEmit"))?;
    node_tests(node::PLAYER, "test", &mut node::command(node::PLAYER), run)
}

fn chromium(run: &mut Run) -> Result<()> {
    end_to_end("chromium", "FOOTLIGHT_CHROMIUM", &browsers::chromium()?, run)
}

fn firefox(run: &mut Run) -> Result<()> {
    end_to_end("firefox", "FOOTLIGHT_FIREFOX", &browsers::firefox()?, run)
}

fn in_a_window(run: &mut Run) -> Result<()> {
    desktop::needs_driver()?;
    if !run.workspace_is_built {
        desktop::build(false)?;
    }
    end_to_end("desktop", "FOOTLIGHT_DESKTOP", &desktop::binary(false), run)
}

/// The tests of a folder: those of the browsers run in the one that is named.
fn end_to_end(name: &str, variable: &str, executable: &Path, run: &mut Run) -> Result<()> {
    node::prepare(node::E2E)?;
    if !run.workspace_is_built {
        backend::build()?;
        probe::build()?;
    }
    let mut node = node::command(node::E2E);
    node.env("FOOTLIGHT_BROWSERS", name).env(variable, executable);
    node.env("FOOTLIGHT_BACKEND", backend::binary());
    node.env("FOOTLIGHT_PROBE", probe::binary());
    node.env("FOOTLIGHT_DIST", web::dist_dir());
    node.env("FOOTLIGHT_PLAYER", web::package_dir());
    node.env("FOOTLIGHT_MEDIA", workspace::path("media"));
    node.env("FOOTLIGHT_BINDGEN", wasm::player_dir());
    node.env("FOOTLIGHT_RECORDER", wasm::recorder_dir());
    let tests = if name == "desktop" { "desktop" } else { "tests" };
    node_tests(node::E2E, tests, &mut node, run)
}

/// Runs the `*.test.mjs` of a folder one after another: two browsers at once would share two cores.
fn node_tests(folder: &str, tests: &str, node: &mut Command, run: &mut Run) -> Result<()> {
    let files: Vec<_> = stamp::files_under(&workspace::path(folder).join(tests))?
        .into_iter()
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    ensure!(!files.is_empty(), "{folder}/{tests} has no *.test.mjs");
    node.args([
        "--test",
        "--test-concurrency=1",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
    ]);
    counts::run(node.args(files), &mut run.counts)
}
