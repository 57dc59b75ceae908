//! Counting tests in what test runners print.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

impl Counts {
    /// No tests at all.
    pub(crate) fn is_empty(self) -> bool {
        self.passed == 0 && self.failed == 0
    }

    /// Adds another's.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Counts what a line of a runner's output says, if it is one of its sums.
    fn line(&mut self, line: &str) {
        if let Some(sums) = line.strip_prefix("test result: ") {
            self.passed += number_before(sums, " passed");
            self.failed += number_before(sums, " failed");
        } else if let Some(sum) = node_sum(line, "pass") {
            self.passed += sum;
        } else if let Some(sums) = maven_sums(line) {
            let [run, failures, errors, skipped] = sums;
            self.failed += failures + errors;
            self.passed += run.saturating_sub(failures + errors + skipped);
        } else if line.starts_with("Test Case '") {
            // XCTest's sums come several times, once for each suite around another.
            self.passed += u32::from(line.contains("' passed ("));
            self.failed += u32::from(line.contains("' failed ("));
        } else if let Some(sum) = node_sum(line, "fail").or_else(|| node_sum(line, "cancelled")) {
            self.failed += sum;
        }
    }
}

/// The number of `ok. 12 passed; 0 failed; …` that comes before a word.
fn number_before(text: &str, word: &str) -> u32 {
    let before = text.split(word).next().unwrap_or_default();
    before
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

/// The number of node's `ℹ pass 12`, or `# pass 12` in its other format.
fn node_sum(line: &str, word: &str) -> Option<u32> {
    let rest = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# "))?;
    rest.strip_prefix(word)?.trim().parse().ok()
}

/// What Maven's last line says: tests that ran, failed, broke, were left out. Lines of one class have more words.
fn maven_sums(line: &str) -> Option<[u32; 4]> {
    let (_, sums) = line.split_once("] Tests run: ")?;
    let mut numbers = sums.split(", ").map(|part| part.rsplit(' ').next()?.parse().ok());
    let all = [numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(all)
}

/// Runs a test runner, shows what it prints, and counts its tests. Failed tests are counted, not an error; a runner that
/// fails without a failed test is one.
pub(crate) fn run(command: &mut Command, counts: &mut Counts) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", process::display(command)))?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut own = std::io::stderr();
    let mut here = Counts::default();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        here.line(text.trim_end());
        writeln!(own, "{text}")?;
    }
    let status = child.wait()?;
    counts.add(here);
    if !status.success() && here.failed == 0 {
        bail!("`{}` failed ({status})", process::display(command));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Counts {
        let mut counts = Counts::default();
        text.lines().for_each(|line| counts.line(line));
        counts
    }

    #[test]
    fn cargos_sums_are_added_up() {
        let text = "running 3 tests\ntest result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    test result: FAILED. 3 passed; 2 failed; 0 ignored";
        assert_eq!(of(text), Counts { passed: 15, failed: 2 });
    }

    #[test]
    fn nodes_sums_are_added_up_in_both_formats() {
        assert_eq!(
            of("ℹ tests 9\nℹ pass 7\nℹ fail 1\nℹ cancelled 1"),
            Counts { passed: 7, failed: 2 }
        );
        assert_eq!(of("# pass 4\n# fail 0"), Counts { passed: 4, failed: 0 });
        assert!(of("✔ pass 3 is a test's name").is_empty());
    }

    #[test]
    fn mavens_last_sum_counts() {
        let class = "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1.2 s -- in a.B";
        let all = "[ERROR] Tests run: 7, Failures: 1, Errors: 2, Skipped: 1";
        assert_eq!(of(&format!("{class}\n{all}")), Counts { passed: 3, failed: 3 });
    }

    #[test]
    fn xctests_cases_count() {
        let text = "Test Case 'A.testB' started at 1\nTest Case 'A.testB' passed (0.1 seconds)\n\
                    Test Case 'A.testC' failed (0.2 seconds)\n\t Executed 2 tests, with 1 failure (0 unexpected)";
        assert_eq!(of(text), Counts { passed: 1, failed: 1 });
    }
}
