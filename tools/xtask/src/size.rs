//! How much a browser downloads, part by part, and the player's budget.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{compress, stamp, web};

/// What the player may weigh in brotli: scripts and WebAssembly together.
const BUDGET: usize = 125_000;

/// A file's weight, plain and in both encodings.
struct Part {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Prints the sizes of what has been built; an error when the player is over its budget.
pub(crate) fn report(as_json: bool) -> Result<()> {
    let player = parts(&web::package_dir())?;
    let total = total(&player);
    if as_json {
        println!(
            "{}",
            json!({ "parts": player.iter().map(to_json).collect::<Vec<_>>(), "total": weights(&total) })
        );
    } else {
        table("player", &player, &total);
        let app = parts(&web::dist_dir())?
            .into_iter()
            .filter(|part| !part.name.starts_with("player/"));
        let app: Vec<_> = app.collect();
        table("app, besides the player", &app, &self::total(&app));
        println!(
            "player: {} of {BUDGET} bytes in brotli ({} left)",
            total.brotli,
            BUDGET.saturating_sub(total.brotli)
        );
    }
    within_budget(&total)
}

/// Whether the player that has been built is within its budget; says how large it is.
pub(crate) fn check() -> Result<String> {
    let total = total(&parts(&web::package_dir())?);
    within_budget(&total)?;
    Ok(format!("{} of {BUDGET} bytes in brotli", total.brotli))
}

fn within_budget(total: &Part) -> Result<()> {
    ensure!(
        total.brotli <= BUDGET,
        "the player weighs {} bytes in brotli, {} over its budget of {BUDGET}; `cargo xtask size` shows the parts",
        total.brotli,
        total.brotli.saturating_sub(BUDGET)
    );
    Ok(())
}

/// All that a page loads from a folder.
fn parts(folder: &Path) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for file in stamp::files_under(folder)? {
        if file
            .extension()
            .is_some_and(|e| e == "js" || e == "wasm" || e == "html" || e == "css")
        {
            let name = file
                .strip_prefix(folder)
                .unwrap_or(&file)
                .to_string_lossy()
                .into_owned();
            let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            parts.push(weigh(name, &bytes)?);
        }
    }
    ensure!(!parts.is_empty(), "nothing is built in {}", folder.display());
    Ok(parts)
}

fn weigh(name: String, bytes: &[u8]) -> Result<Part> {
    Ok(Part {
        name,
        raw: bytes.len(),
        gzip: compress::gzip(bytes)?.len(),
        brotli: compress::brotli(bytes)?.len(),
    })
}

fn total(parts: &[Part]) -> Part {
    Part {
        name: "total".to_owned(),
        raw: parts.iter().map(|part| part.raw).sum(),
        gzip: parts.iter().map(|part| part.gzip).sum(),
        brotli: parts.iter().map(|part| part.brotli).sum(),
    }
}

fn weights(part: &Part) -> Value {
    json!({ "raw": part.raw, "gzip": part.gzip, "brotli": part.brotli })
}

fn to_json(part: &Part) -> Value {
    json!({ "name": part.name, "raw": part.raw, "gzip": part.gzip, "brotli": part.brotli })
}

fn table(title: &str, parts: &[Part], total: &Part) {
    println!("{title:<28}{:>10}{:>10}{:>10}", "raw", "gzip", "brotli");
    for part in parts.iter().chain([total]) {
        println!(
            "  {:<26}{:>10}{:>10}{:>10}",
            part.name, part.raw, part.gzip, part.brotli
        );
    }
    println!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_adds_up_and_the_budget_is_held() {
        let part = |brotli| Part {
            name: "x".to_owned(),
            raw: 1,
            gzip: 2,
            brotli,
        };
        let sum = total(&[part(3), part(BUDGET - 3)]);
        assert_eq!((sum.raw, sum.gzip, sum.brotli), (2, 4, BUDGET));
        assert!(within_budget(&sum).is_ok());
        assert!(within_budget(&part(BUDGET + 1)).is_err());
        assert_eq!(
            to_json(&part(7)),
            json!({"name": "x", "raw": 1, "gzip": 2, "brotli": 7})
        );
    }
}
