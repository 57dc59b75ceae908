//! How much a browser downloads, part by part, and the player's budget.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::compress::{self, Sizes};
use crate::{stamp, wasm, web};

/// What the player may weigh in brotli: scripts and WebAssembly together, without what is loaded later.
const BUDGET: u64 = 156_000;
/// What more they may weigh each where the standard library comes as it is, not built for size.
const STD_AS_IT_COMES: u64 = 19_000;
/// What the text decoders may weigh in brotli; they are loaded when text is first shown.
const TEXT_BUDGET: u64 = 54_000;

/// What the module of extras may weigh in brotli; it is loaded when a page asks for what it tells.
const EXTRAS_BUDGET: u64 = 88_000;

/// What the flight recorder may weigh in brotli, an engine of its own within; it is loaded when a page asks for a recording.
const RECORDER_BUDGET: u64 = 142_000;

/// A file that a page loads.
struct Part {
    name: String,
    sizes: Sizes,
}

/// Prints the sizes of what has been built; an error when the player is over its budget.
pub(crate) fn report(as_json: bool) -> Result<()> {
    let modules = modules()?;
    if as_json {
        let [mut told, text, extras, recorder] =
            modules.each_ref().map(|module| to_json(&module.parts, module.total()));
        told["text"] = text;
        told["extras"] = extras;
        told["recorder"] = recorder;
        println!("{told}");
    } else {
        for module in &modules {
            table(module.title, &module.parts);
        }
        let mut app = parts(&web::dist_dir())?;
        app.retain(|part| !part.name.starts_with("player/"));
        table("app, besides the player", &app);
        for module in &modules {
            let (name, sum, budget) = (module.name, module.total().brotli, allowed(module.budget));
            let left = budget.saturating_sub(sum);
            println!("{name}: {sum} of {budget} bytes in brotli ({left} left)");
        }
    }
    modules.iter().try_for_each(Module::check)
}

/// A budget with what this machine's standard library adds.
fn allowed(budget: u64) -> u64 {
    budget + if wasm::has_small_std() { 0 } else { STD_AS_IT_COMES }
}

/// Whether the player that has been built is within its budget; says how large it is.
pub(crate) fn check() -> Result<String> {
    let modules = modules()?;
    modules.iter().try_for_each(Module::check)?;
    let told = modules.each_ref().map(|module| {
        format!(
            "{}: {} of {}",
            module.name,
            module.total().brotli,
            allowed(module.budget)
        )
    });
    Ok(format!("bytes in brotli: {}", told.join(", ")))
}

/// What is loaded together.
struct Module {
    name: &'static str,
    title: &'static str,
    budget: u64,
    parts: Vec<Part>,
}

impl Module {
    fn total(&self) -> Sizes {
        total(&self.parts)
    }

    fn check(&self) -> Result<()> {
        within_budget(self.name, self.total(), allowed(self.budget))
    }
}

/// What the player is at start-up, and what it loads later.
fn modules() -> Result<[Module; 4]> {
    let mut player = parts(&web::package_dir())?;
    let mut of = |module: &str| {
        let names = [format!("footlight-{module}"), format!("footlight_web_{module}")];
        let is_of = |part: &mut Part| names.iter().any(|name| part.name.starts_with(name));
        player.extract_if(.., is_of).collect()
    };
    let (text, extras, recorder) = (of("text"), of("extras"), of("recorder"));
    let module = |name, title, budget, parts| Module {
        name,
        title,
        budget,
        parts,
    };
    Ok([
        module("player", "player", BUDGET, player),
        module("text", "text, loaded when it is shown", TEXT_BUDGET, text),
        module("extras", "extras, loaded when asked for", EXTRAS_BUDGET, extras),
        module(
            "recorder",
            "flight recorder, loaded when asked for",
            RECORDER_BUDGET,
            recorder,
        ),
    ])
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
