//! Sessions in numbers: a row for each family and buffer, and one for all.

use std::fmt::Write as _;

use footlight_sim::score::Score;

/// A session of a table.
pub(crate) struct Row {
    /// Family, trace and buffer.
    pub(crate) name: String,
    pub(crate) family: String,
    pub(crate) setup: String,
    pub(crate) score: Score,
    /// nQoE that hindsight allows, in both forms.
    pub(crate) bound: Option<[f64; 2]>,
}

/// Means over the sessions of a cell, or over cells.
#[derive(Clone, Copy, Default)]
struct Means {
    nqoe: [f64; 2],
    bound: Option<[f64; 2]>,
    kbps: f64,
    rebuffer: f64,
    startup: f64,
    stalls: f64,
    switches: f64,
}

impl Means {
    fn of(rows: &[&Row]) -> Self {
        let mean = |value: &dyn Fn(&Row) -> f64| rows.iter().map(|row| value(row)).sum::<f64>() / rows.len() as f64;
        let bounded = rows.iter().all(|row| row.bound.is_some());
        Self {
            nqoe: [0, 1].map(|at| mean(&|row| row.score.nqoe[at])),
            bound: bounded.then(|| [0, 1].map(|at| mean(&|row| row.bound.map_or(0.0, |bound| bound[at])))),
            kbps: mean(&|row| row.score.mean_kbps),
            rebuffer: mean(&|row| row.score.rebuffer_ratio),
            startup: mean(&|row| row.score.startup_s),
            stalls: mean(&|row| row.score.stalls as f64),
            switches: mean(&|row| row.score.switches as f64),
        }
    }

    /// Of cells, each of equal weight.
    fn over(cells: &[Self]) -> Self {
        let mean = |value: &dyn Fn(&Self) -> f64| cells.iter().map(value).sum::<f64>() / cells.len() as f64;
        let bounded = cells.iter().all(|cell| cell.bound.is_some());
        Self {
            nqoe: [0, 1].map(|at| mean(&|cell| cell.nqoe[at])),
            bound: bounded.then(|| [0, 1].map(|at| mean(&|cell| cell.bound.map_or(0.0, |bound| bound[at])))),
            kbps: mean(&|cell| cell.kbps),
            rebuffer: mean(&|cell| cell.rebuffer),
            startup: mean(&|cell| cell.startup),
            stalls: mean(&|cell| cell.stalls),
            switches: mean(&|cell| cell.switches),
        }
    }

    fn share(&self, at: usize) -> String {
        let share = self.bound.map(|bound| bound[at]).filter(|bound| *bound > 0.02);
        share.map_or_else(
            || "-".to_owned(),
            |bound| format!("{:.1} %", 100.0 * self.nqoe[at] / bound),
        )
    }

    fn write(&self, text: &mut String, family: &str, setup: &str, count: usize) {
        let _ = writeln!(
            text,
            "| {family} | {setup} | {count} | {:.3} | {} | {:.3} | {} | {:.0} | {:.2} | {:.1} | {:.2} | {:.1} |",
            self.nqoe[0],
            self.share(0),
            self.nqoe[1],
            self.share(1),
            self.kbps,
            100.0 * self.rebuffer,
            self.stalls,
            self.startup,
            self.switches
        );
    }
}

/// A table in Markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| family | buffer | sessions | nQoE-lin | of optimum | nQoE-log | of optimum | kbit/s | rebuffer % | stalls | startup s | switches |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let mut cells: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.family.as_str(), row.setup.as_str()))
        .collect();
    cells.sort_unstable();
    cells.dedup();
    let mut all = Vec::new();
    for (family, setup) in cells {
        let here: Vec<&Row> = rows
            .iter()
            .filter(|row| row.family == family && row.setup == setup)
            .collect();
        let means = Means::of(&here);
        means.write(&mut text, family, setup, here.len());
        all.push(means);
    }
    if !all.is_empty() {
        Means::over(&all).write(&mut text, "all", "cells of equal weight", rows.len());
    }
    text
}
