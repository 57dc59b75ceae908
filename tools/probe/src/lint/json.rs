//! Findings for programs.

use footlight_dash::Diagnostic;
use serde_json::{Value, json};

use super::{Counts, Outcome, severity_name};

pub(super) fn print(place: &str, outcome: &Outcome) {
    println!("{:#}", value(place, outcome));
}

fn value(place: &str, outcome: &Outcome) -> Value {
    let (unreadable, diagnostics) = match outcome {
        Outcome::Missing(error) => {
            let error =
                json!({ "code": "probe.missing", "message": format!("{error:#}"), "line": null, "column": null });
            (error, &[][..])
        }
        Outcome::Unreadable(_, error) => {
            let (line, column) = error.position().unzip();
            let error = json!({ "code": error.code(), "message": error.to_string(), "line": line, "column": column });
            (error, &[][..])
        }
        Outcome::Read(_, manifest) => (Value::Null, manifest.diagnostics()),
    };
    let Counts {
        errors,
        warnings,
        infos,
    } = Counts::of(diagnostics);
    json!({
        "manifest": place,
        "unreadable": unreadable,
        "errors": errors,
        "warnings": warnings,
        "infos": infos,
        "diagnostics": diagnostics.iter().map(diagnostic).collect::<Vec<_>>(),
    })
}

fn diagnostic(found: &Diagnostic) -> Value {
    json!({
        "code": found.code,
        "severity": severity_name(found.severity),
        "message": found.message,
        "line": found.line,
        "column": found.column,
        "clause": (!found.clause.is_empty()).then_some(found.clause),
    })
}
