//! Feeds every parser with damaged input.
//!
//! Fuzzing on stable Rust, without instrumentation: a target answers with a signature of what it found in an input
//! (error codes, diagnostics, rough counts), and inputs whose signature is new are kept and damaged further. The tests
//! run a few thousand inputs per target from a fixed seed; `cargo xtask fuzz` runs for as long as one likes.

mod mutate;
mod run;
mod signature;
mod targets;

pub use run::{Campaign, Finding, check, corpus, minimize};
pub use targets::{TARGETS, Target};
