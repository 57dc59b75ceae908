//! The program: what it prints, and how it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-backend"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let status = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
    assert!(status.success());
}

#[test]
fn one_line_when_ready_and_a_clean_end() {
    let media = support::media();
    let media = media.to_str().unwrap();
    for name in ["TERM", "INT"] {
        let arguments = ["--port", "0", "--edge-ports", "0,0", "--media", media, "--json-logs"];
        let mut child = program(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(ready["gateway"].as_str().unwrap().starts_with("http://127.0.0.1:"));
        assert_eq!(ready["edges"].as_array().unwrap().len(), 2);
        signal(&child, name);
        let status = child.wait().unwrap();
        assert!(status.success(), "{status}");
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "nothing else on stdout");
        let mut logs = String::new();
        child.stderr.take().unwrap().read_to_string(&mut logs).unwrap();
        for log in logs.lines() {
            let log: serde_json::Value = serde_json::from_str(log).unwrap();
            assert!(log["message"].is_string(), "{log}");
        }
        assert!(logs.contains("\"ended\""), "{logs}");
    }
}

#[test]
fn help_and_errors_say_what_to_do() {
    let help = program(&["--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for option in [
        "--port",
        "--edge-ports",
        "--media",
        "--web-root",
        "--traces",
        "--json-logs",
    ] {
        assert!(help.contains(option), "{option}");
    }
    let output = program(&["--media", "/nonexistent"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("error: ") && error.contains("cargo xtask media"),
        "{error}"
    );
}
