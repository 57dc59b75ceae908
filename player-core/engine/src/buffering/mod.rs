//! What is buffered, what comes next, what goes.

mod inventory;
mod ranges;

pub use inventory::{Entry, Inventory};
pub use ranges::Ranges;
