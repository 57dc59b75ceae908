//! The Leptos components that Footlight's apps share, and the logic under them.
//!
//! The logic (times, seek arithmetic, resume rules, cue placement, words for errors and decisions) is plain Rust and is
//! tested natively; the components need a browser, and a page that gives them what [`host`](self) asks for.

pub mod api;
pub mod app;
pub mod components;
mod dom;
pub mod format;
mod host;
pub mod pages;
pub mod player;
pub mod router;
pub mod storage;
mod watch;

pub use app::{App, Online};
pub use host::gateway;
