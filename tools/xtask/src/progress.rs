//! The lines that say what is going on and how long it took. They go to stderr: stdout is for results.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Says that a step begins.
pub(crate) fn begin(what: &str) {
    eprintln!("{} {what}", paint("1;36", "»"));
}

/// Says something about the step under way.
pub(crate) fn note(what: &str) {
    eprintln!("  {what}");
}

/// Runs a step: says that it begins, and how long it took or that it failed.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    begin(what);
    let started = Instant::now();
    let result = work();
    let took = seconds(started.elapsed());
    match &result {
        Ok(_) => eprintln!("{} {what} ({took})", paint("1;32", "✓")),
        Err(_) => eprintln!("{} {what} ({took})", paint("1;31", "✗")),
    }
    result
}

/// A duration for people: `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 10 {
        format!("{:.1} s", time.as_secs_f64())
    } else if whole < 60 {
        format!("{whole} s")
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// Colours text when stderr is a terminal.
pub(crate) fn paint(code: &str, text: &str) -> String {
    use std::io::IsTerminal;
    if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        assert_eq!(seconds(Duration::from_millis(420)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(12)), "12 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 05 s");
    }
}
