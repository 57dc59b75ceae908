//! How much a browser downloads, part by part, and the player's budget.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::compress::{self, Sizes};
use crate::{stamp, web};

/// What the player may weigh in brotli: scripts and WebAssembly together.
const BUDGET: u64 = 125_000;

/// A file that a page loads.
struct Part {
    name: String,
    sizes: Sizes,
}

/// Prints the sizes of what has been built; an error when the player is over its budget.
pub(crate) fn report(as_json: bool) -> Result<()> {
    let player = parts(&web::package_dir())?;
    let sum = total(&player);
    if as_json {
        println!("{}", to_json(&player, sum));
    } else {
        table("player", &player);
        let mut app = parts(&web::dist_dir())?;
        app.retain(|part| !part.name.starts_with("player/"));
        table("app, besides the player", &app);
        println!(
            "player: {} of {BUDGET} bytes in brotli ({} left)",
            sum.brotli,
            BUDGET.saturating_sub(sum.brotli)
        );
    }
    within_budget(sum)
}

/// Whether the player that has been built is within its budget; says how large it is.
pub(crate) fn check() -> Result<String> {
    let sum = total(&parts(&web::package_dir())?);
    within_budget(sum)?;
    Ok(format!("{} of {BUDGET} bytes in brotli", sum.brotli))
}

fn within_budget(sum: Sizes) -> Result<()> {
    ensure!(
        sum.brotli <= BUDGET,
        "the player weighs {} bytes in brotli, {} over its budget of {BUDGET}; `cargo xtask size` shows the parts",
        sum.brotli,
        sum.brotli.saturating_sub(BUDGET)
    );
    Ok(())
}

/// All that a page loads from a folder.
fn parts(folder: &Path) -> Result<Vec<Part>> {
    let mut files = stamp::files_under(folder)?;
    files.retain(|file| {
        file.extension()
            .is_some_and(|e| e == "js" || e == "wasm" || e == "html" || e == "css")
    });
    ensure!(!files.is_empty(), "nothing is built in {}", folder.display());
    let name = |file: &Path| file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned();
    let sizes = compress::sizes(&files)?;
    Ok(files
        .iter()
        .zip(sizes)
        .map(|(file, sizes)| Part {
            name: name(file),
            sizes,
        })
        .collect())
}

fn total(parts: &[Part]) -> Sizes {
    parts.iter().fold(Sizes::default(), |sum, part| Sizes {
        raw: sum.raw + part.sizes.raw,
        gzip: sum.gzip + part.sizes.gzip,
        brotli: sum.brotli + part.sizes.brotli,
    })
}

fn to_json(parts: &[Part], sum: Sizes) -> Value {
    let part = |part: &Part| {
        let Sizes { raw, gzip, brotli } = part.sizes;
        json!({ "name": part.name, "raw": raw, "gzip": gzip, "brotli": brotli })
    };
    let total = json!({ "raw": sum.raw, "gzip": sum.gzip, "brotli": sum.brotli });
    json!({ "parts": parts.iter().map(part).collect::<Vec<_>>(), "total": total })
}

fn table(title: &str, parts: &[Part]) {
    println!("{title:<28}{:>10}{:>10}{:>10}", "raw", "gzip", "brotli");
    let row = |name: &str, sizes: Sizes| {
        println!("  {name:<26}{:>10}{:>10}{:>10}", sizes.raw, sizes.gzip, sizes.brotli);
    };
    parts.iter().for_each(|part| row(&part.name, part.sizes));
    row("total", total(parts));
    println!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_adds_up_and_the_budget_is_held() {
        let part = |brotli| Part {
            name: "x".to_owned(),
            sizes: Sizes {
                raw: 1,
                gzip: 2,
                brotli,
            },
        };
        let sum = total(&[part(3), part(BUDGET - 3)]);
        assert_eq!(
            sum,
            Sizes {
                raw: 2,
                gzip: 4,
                brotli: BUDGET
            }
        );
        assert!(within_budget(sum).is_ok());
        assert!(
            within_budget(Sizes {
                brotli: BUDGET + 1,
                ..sum
            })
            .is_err()
        );
        let expected = json!({
            "parts": [{"name": "x", "raw": 1, "gzip": 2, "brotli": 7}],
            "total": {"raw": 1, "gzip": 2, "brotli": 7},
        });
        assert_eq!(to_json(&[part(7)], total(&[part(7)])), expected);
    }
}
