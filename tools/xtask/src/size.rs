//! How much a browser downloads, part by part, and the player's budget.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::compress::{self, Sizes};
use crate::{stamp, wasm, web};

/// What the player may weigh in brotli: scripts and WebAssembly together, without what is loaded later.
const BUDGET: u64 = 157_000;
/// What more they may weigh each where the standard library comes as it is, not built for size.
const STD_AS_IT_COMES: u64 = 19_000;
/// What the text decoders may weigh in brotli; they are loaded when text is first shown.
const TEXT_BUDGET: u64 = 54_000;

/// A file that a page loads.
struct Part {
    name: String,
    sizes: Sizes,
}

/// Prints the sizes of what has been built; an error when the player is over its budget.
pub(crate) fn report(as_json: bool) -> Result<()> {
    let (player, text) = player_and_text()?;
    if as_json {
        let mut told = to_json(&player, total(&player));
        told["text"] = to_json(&text, total(&text));
        println!("{told}");
    } else {
        table("player", &player);
        table("text, loaded when it is shown", &text);
        let mut app = parts(&web::dist_dir())?;
        app.retain(|part| !part.name.starts_with("player/"));
        table("app, besides the player", &app);
        for (name, parts, budget) in [("player", &player, BUDGET), ("text", &text, TEXT_BUDGET)] {
            let budget = allowed(budget);
            let sum = total(parts).brotli;
            let left = budget.saturating_sub(sum);
            println!("{name}: {sum} of {budget} bytes in brotli ({left} left)");
        }
    }
    within_budget("player", total(&player), allowed(BUDGET))?;
    within_budget("text module", total(&text), allowed(TEXT_BUDGET))
}

/// A budget with what this machine's standard library adds.
fn allowed(budget: u64) -> u64 {
    budget + if wasm::has_small_std() { 0 } else { STD_AS_IT_COMES }
}

/// Whether the player that has been built is within its budget; says how large it is.
pub(crate) fn check() -> Result<String> {
    let (player, text) = player_and_text()?;
    let (player, text) = (total(&player), total(&text));
    within_budget("player", player, allowed(BUDGET))?;
    within_budget("text module", text, allowed(TEXT_BUDGET))?;
    let (player, text) = (player.brotli, text.brotli);
    Ok(format!(
        "{player} of {} bytes in brotli, and {text} of {} for text",
        allowed(BUDGET),
        allowed(TEXT_BUDGET)
    ))
}

/// What the player is at start-up, and what it loads when text is first shown.
fn player_and_text() -> Result<(Vec<Part>, Vec<Part>)> {
    let is_text = |part: &Part| part.name.starts_with("footlight-text") || part.name.starts_with("footlight_web_text");
    let (text, player) = parts(&web::package_dir())?.into_iter().partition(is_text);
    Ok((player, text))
}

fn within_budget(name: &str, sum: Sizes, budget: u64) -> Result<()> {
    ensure!(
        sum.brotli <= budget,
        "the {name} weighs {} bytes in brotli, {} over its budget of {budget}; `cargo xtask size` shows the parts",
        sum.brotli,
        sum.brotli.saturating_sub(budget)
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
        assert!(within_budget("player", sum, BUDGET).is_ok());
        assert!(
            within_budget(
                "player",
                Sizes {
                    brotli: BUDGET + 1,
                    ..sum
                },
                BUDGET
            )
            .is_err()
        );
        let expected = json!({
            "parts": [{"name": "x", "raw": 1, "gzip": 2, "brotli": 7}],
            "total": {"raw": 1, "gzip": 2, "brotli": 7},
        });
        assert_eq!(to_json(&[part(7)], total(&[part(7)])), expected);
    }
}
