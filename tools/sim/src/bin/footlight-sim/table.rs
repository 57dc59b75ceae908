//! Sessions in numbers.

use std::fmt::Write as _;

use footlight_sim::score::{Form, Score};

/// A session of a table.
pub(crate) struct Row {
    pub(crate) algorithm: &'static str,
    pub(crate) family: String,
    pub(crate) setup: String,
    pub(crate) score: Score,
    /// nQoE that hindsight allows, in both forms.
    pub(crate) bound: Option<[f64; 2]>,
    /// Even the smallest renditions stall: it says nothing about decisions, and is left out.
    pub(crate) starved: bool,
    /// Seconds that it took, and that it lasted.
    pub(crate) took: f64,
    pub(crate) lasted: f64,
    pub(crate) decisions: usize,
}

/// Means over the sessions of a cell, or over cells.
#[derive(Clone, Copy)]
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

    fn cells(&self) -> String {
        format!(
            "{:.3} | {} | {:.3} | {} | {:.0} | {:.2} | {:.1} | {:.2} | {:.1} |",
            self.nqoe[0],
            self.share(0),
            self.nqoe[1],
            self.share(1),
            self.kbps,
            100.0 * self.rebuffer,
            self.stalls,
            self.startup,
            self.switches
        )
    }
}

const COLUMNS: &str =
    "nQoE-lin | of optimum | nQoE-log | of optimum | kbit/s | rebuffer % | stalls | startup s | switches |";
const RULES: &str = "---|---|---|---|---|---|---|---|---|";

/// Families and buffers that have sessions of a rule, with the means of each.
fn cells<'a>(rows: &'a [Row], algorithm: &str) -> Vec<((&'a str, &'a str), usize, Means)> {
    let of = |row: &&Row| row.algorithm == algorithm && !row.starved;
    let mut names: Vec<_> = rows
        .iter()
        .filter(of)
        .map(|row| (row.family.as_str(), row.setup.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut cells = Vec::new();
    for name in names {
        let here = |row: &&Row| (row.family.as_str(), row.setup.as_str()) == name;
        let here: Vec<&Row> = rows.iter().filter(of).filter(here).collect();
        cells.push((name, here.len(), Means::of(&here)));
    }
    cells
}

/// A rule's table: a row for each family and buffer.
pub(crate) fn by_cell(rows: &[Row], algorithm: &str) -> String {
    let mut text = format!("| family | buffer | sessions | {COLUMNS}\n|---|---|---|{RULES}\n");
    for ((family, setup), count, means) in cells(rows, algorithm) {
        let _ = writeln!(text, "| {family} | {setup} | {count} | {}", means.cells());
    }
    text
}

/// The nQoE of rules side by side, with that of the optimum where it is known.
pub(crate) fn side_by_side(rows: &[Row], algorithms: &[&str], form: Form) -> String {
    let at = usize::from(form == Form::Logarithmic);
    let columns: Vec<_> = algorithms.iter().map(|algorithm| cells(rows, algorithm)).collect();
    let mut text = format!("| nQoE-{} | buffer | optimum |", form.name());
    for algorithm in algorithms {
        let _ = write!(text, " {algorithm} |");
    }
    let _ = writeln!(text, "\n|---|---|---|{}", "---|".repeat(algorithms.len()));
    for ((family, setup), _, means) in columns.first().into_iter().flatten() {
        let bound = means
            .bound
            .map_or_else(|| "-".to_owned(), |bound| format!("{:.3}", bound[at]));
        let _ = write!(text, "| {family} | {setup} | {bound} |");
        for column in &columns {
            let here = column.iter().find(|(name, ..)| *name == (*family, *setup));
            let _ = match here {
                Some((.., means)) => write!(text, " {:.3} |", means.nqoe[at]),
                None => write!(text, " - |"),
            };
        }
        text.push('\n');
    }
    text
}

/// A row for each rule, its cells of equal weight, with its speed: rules and the world around them, on one thread.
pub(crate) fn overview(rows: &[Row]) -> String {
    let mut text = format!(
        "| algorithm | sessions | starved | {COLUMNS} simulated h/s | decisions/s |\n|---|---|---|{RULES}---|---|\n"
    );
    let mut algorithms: Vec<&str> = Vec::new();
    for row in rows {
        if !algorithms.contains(&row.algorithm) {
            algorithms.push(row.algorithm);
        }
    }
    for algorithm in algorithms {
        let here = || rows.iter().filter(|row| row.algorithm == algorithm);
        let cells: Vec<Means> = cells(rows, algorithm).into_iter().map(|(.., means)| means).collect();
        let took: f64 = here().map(|row| row.took).sum();
        let _ = writeln!(
            text,
            "| {algorithm} | {} | {} | {} {:.1} | {:.0} |",
            here().count(),
            here().filter(|row| row.starved).count(),
            Means::over(&cells).cells(),
            here().map(|row| row.lasted).sum::<f64>() / 3600.0 / took,
            here().map(|row| row.decisions as f64).sum::<f64>() / took
        );
    }
    text
}
