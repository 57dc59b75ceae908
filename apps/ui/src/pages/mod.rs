//! The pages.

pub mod home;
pub mod not_found;
pub mod search;
pub mod title;
pub mod watch;
