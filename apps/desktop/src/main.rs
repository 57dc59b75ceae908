//! Footlight in a window of its own: see the README.

#![cfg_attr(windows, windows_subsystem = "windows")]

mod window;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use footlight_desktop::settings::{Arguments, Folders, Settings, web_folder};
use footlight_desktop::{instance, logs};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            tracing::error!(%error, "cannot start");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> io::Result<()> {
    let folders = Folders::find(arguments.data.as_deref());
    let folders = folders.ok_or_else(|| io::Error::other("there is no home folder: say where with --data"))?;
    let link = arguments.link.clone().unwrap_or_default();
    let Some(instance) = instance::claim_or_hand_over(&folders.data, &link)? else {
        return Ok(());
    };
    if let Err(error) = logs::start(&folders.logs, &arguments.log) {
        eprintln!("no logs: {error}");
    }
    let settings = Settings::read(&arguments, &folders)?;
    let web = web_folder(arguments.web, &std::env::current_exe()?)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), gateway = settings.gateway, web = %web.display(), "starting");
    window::run(window::Start {
        settings,
        folders,
        web,
        link,
        instance,
    })
}
