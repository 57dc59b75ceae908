//! Every manifest of the corpus makes the model and the diagnostics that its golden file tells.
//!
//! `UPDATE_GOLDEN=1 cargo test -p footlight-dash --test golden` makes the golden files anew.

#![allow(clippy::unwrap_used, reason = "tests")]

use footlight_dash::{Manifest, dump};
use std::{fmt::Write, fs, path::Path};

const BASE: &str = "https://cdn.example/path/manifest.mpd?token=1234&ip=1.2.3.4";

/// The model as text; what links lead to is taken from the corpus by its file name.
fn golden(folder: &Path, text: &str) -> String {
    let mut manifest = match Manifest::parse(text.to_owned(), BASE) {
        Ok(manifest) => manifest,
        Err(error) => return format!("{}: {error}\n", error.code()),
    };
    let mut out = String::new();
    for _ in 0..8 {
        let remotes = manifest.remotes().to_vec();
        for (at, remote) in remotes.iter().enumerate() {
            let name = remote.url.rsplit('/').next().unwrap();
            let found = fs::read_to_string(folder.join(name)).ok();
            writeln!(
                out,
                "remote {} {}",
                remote.url,
                if found.is_some() { "found" } else { "missing" }
            )
            .unwrap();
            manifest.resolve(at, found.as_deref().map(|text| (text, remote.url.as_str())));
        }
    }
    assert!(manifest.remotes().iter().all(|remote| remote.is_answered), "links end");
    for found in manifest.diagnostics() {
        let (line, column) = (found.line, found.column);
        writeln!(
            out,
            "{:?} {}:{} {} [{}] {}",
            found.severity, line, column, found.code, found.clause, found.message
        )
        .unwrap();
    }
    out += &dump(manifest.presentation());
    out
}

#[test]
fn the_corpus_reads_as_it_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut differing = Vec::new();
    let mut count = 0;
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "mpd"))
    {
        let found = golden(&folder, &fs::read_to_string(path).unwrap());
        let expected = path.with_extension("txt");
        count += 1;
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &found).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != found {
            differing.push(path.file_name().unwrap().to_owned());
        }
    }
    assert!(count > 0, "there is a corpus");
    assert!(differing.is_empty(), "other than their golden files: {differing:?}");
}
