//! Building and running `mock-backend`.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::progress::step;
use crate::{process, workspace};

/// How long the backend may take to end by itself.
const GRACE: Duration = Duration::from_secs(10);
/// How often a running backend is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// The binary. It is a development build on purpose: it serves from memory, its dependencies are optimized in that profile
/// too, and the tests need the same one, so a release build would only add minutes.
pub(crate) fn binary() -> PathBuf {
    workspace::target()
        .join("debug")
        .join(format!("mock-backend{}", std::env::consts::EXE_SUFFIX))
}

/// The command that builds it.
pub(crate) fn build_command() -> Command {
    let mut cargo = process::cargo();
    cargo
        .current_dir(workspace::root())
        .args(["build", "--package", "mock-backend"]);
    cargo
}

/// Builds it.
pub(crate) fn build() -> Result<()> {
    step("mock-backend", || process::run(&mut build_command()))
}

/// A backend that runs, and where it listens.
pub(crate) struct Backend {
    child: Child,
    /// The gateway's address, which serves the app too.
    pub(crate) gateway: String,
    /// The edges' addresses.
    pub(crate) edges: Vec<String>,
}

impl Backend {
    /// Starts it and waits for the line that says where it listens.
    pub(crate) fn start(arguments: &[String]) -> Result<Self> {
        let mut child = Command::new(binary())
            .args(arguments)
            .current_dir(workspace::root())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", binary().display()))?;
        let mut stdout = BufReader::new(child.stdout.take().context("the backend has no stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let Some((gateway, edges)) = addresses(&line) else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("mock-backend ended before it was ready: see its messages above");
        };
        // Nobody else reads its stdout: a full pipe would stop it.
        std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
        Ok(Self { child, gateway, edges })
    }

    /// Waits for its end: its own, or when `asked` turns true.
    pub(crate) fn wait(&mut self, asked: &Arc<AtomicBool>) -> Result<ExitStatus> {
        while !asked.load(Ordering::SeqCst) {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(LOOK);
        }
        self.end()
    }

    /// Asks it to end, and makes it end when it does not.
    fn end(&mut self) -> Result<ExitStatus> {
        let _ = process::capture(Command::new("kill").arg(self.child.id().to_string()));
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(LOOK);
        }
        self.child.kill()?;
        Ok(self.child.wait()?)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.end();
        }
    }
}

/// The gateway's and the edges' addresses in the readiness line.
fn addresses(line: &str) -> Option<(String, Vec<String>)> {
    let ready: Value = serde_json::from_str(line).ok()?;
    let gateway = ready.get("gateway")?.as_str()?.to_owned();
    let edges = ready
        .get("edges")?
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .map(ToOwned::to_owned);
    Some((gateway, edges.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readiness_line_is_read() {
        let line = r#"{"gateway":"http://127.0.0.1:8080","edges":["http://127.0.0.1:8081"]}"#;
        let (gateway, edges) = addresses(line).expect("addresses");
        assert_eq!(gateway, "http://127.0.0.1:8080");
        assert_eq!(edges, ["http://127.0.0.1:8081"]);
        assert!(addresses("").is_none());
    }
}
