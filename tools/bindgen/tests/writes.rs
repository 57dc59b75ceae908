//! The program is there, and it is one that writes Kotlin, Swift and Python. What it writes is tested by the languages.

use std::process::Command;

#[test]
fn it_writes_the_languages_that_we_ship() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_uniffi-bindgen"));
    let output = program.args(["generate", "--help"]).output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("it writes UTF-8");
    for language in ["kotlin", "swift", "python"] {
        assert!(text.contains(language), "{text}");
    }
}
