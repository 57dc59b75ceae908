//! The program itself, as far as it goes without a screen.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_footlight-desktop"));
    program
        .env_remove("FOOTLIGHT_GATEWAY")
        .args(arguments)
        .output()
        .expect("it runs")
}

#[test]
fn it_says_what_can_be_set() {
    let told = run(&["--help"]);
    let text = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success() && text.contains("--gateway") && text.contains("footlight://watch/"));
}

#[test]
fn what_cannot_be_is_said_before_there_is_a_window() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().display().to_string();
    let told = run(&["--data", &data, "--gateway", "ftp://films"]);
    let text = String::from_utf8_lossy(&told.stderr);
    assert!(
        !told.status.success() && text.contains("no http address: ftp://films"),
        "{text}"
    );
    let told = run(&["--data", &data, "--web", &data]);
    let text = String::from_utf8_lossy(&told.stderr);
    assert!(
        !told.status.success() && text.contains("the web app is not there"),
        "{text}"
    );
}
