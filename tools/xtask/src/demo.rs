//! The demo: everything built, the backend running, the app in a browser.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};

use crate::backend::{self, Backend};
use crate::progress::{self, begin, note, paint};
use crate::{desktop, process, web, workspace};

/// Builds what is missing, runs it, and ends with Ctrl-C; opens a browser, or the desktop app.
pub(crate) fn run(port: u16, open: bool, in_desktop: bool) -> Result<()> {
    let started = Instant::now();
    let asked = end_when_asked()?;
    let built = build().and_then(|()| if in_desktop { desktop::build(false) } else { Ok(()) });
    if asked.load(Ordering::SeqCst) {
        return Ok(());
    }
    built?;
    let mut backend = Backend::start(&arguments(port))?;
    let took = progress::seconds(started.elapsed());
    begin(&format!(
        "Footlight is at {} (ready in {took})",
        paint("1", &backend.gateway)
    ));
    note(&format!("CDN edges: {}", backend.edges.join(", ")));
    note("Ctrl-C ends it");
    let _window = if in_desktop {
        Some(window(&backend.gateway)?)
    } else {
        if open {
            browse(&backend.gateway);
        }
        None
    };
    let status = backend.wait(&asked)?;
    if !asked.load(Ordering::SeqCst) && !status.success() {
        bail!("mock-backend ended by itself ({status})");
    }
    note("ended");
    Ok(())
}

/// The backend and the WebAssembly share nothing that cargo locks: they are built at the same time.
fn build() -> Result<()> {
    let backend = thread::spawn(|| process::capture(backend::build_command().arg("--quiet")));
    web::build()?;
    let built = backend
        .join()
        .map_err(|_| anyhow!("the backend's build ended in a panic"))?;
    built.map(drop)
}

fn arguments(port: u16) -> Vec<String> {
    let edges = [1, 2].map(|n| if port == 0 { 0 } else { port.saturating_add(n) }.to_string());
    let mut arguments = vec![
        "--port".to_owned(),
        port.to_string(),
        "--edge-ports".to_owned(),
        edges.join(","),
    ];
    arguments.extend(["--web-root".to_owned(), web::dist_dir().display().to_string()]);
    arguments.extend(["--media".to_owned(), workspace::path("media").display().to_string()]);
    arguments.extend(["--log".to_owned(), "warn".to_owned()]);
    arguments
}

/// Ctrl-C and the other polite ways to end us set a flag, so that the backend can end first.
fn end_when_asked() -> Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&asked);
    ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst))?;
    Ok(asked)
}

/// Opens the desktop app; it ends by itself.
fn window(gateway: &str) -> Result<Child> {
    let mut program = Command::new(desktop::binary(false));
    program.args(["--gateway", gateway, "--web"]).arg(web::dist_dir());
    Ok(program.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?)
}

/// Opens a browser where there is a screen to show it on.
fn browse(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let screen = cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
    if !screen || process::find(program).is_none() {
        note("no screen here: open the address in a browser");
        return;
    }
    let opened = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = opened {
        thread::spawn(move || child.wait());
    }
}
