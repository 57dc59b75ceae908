//! The player as the app sees it: plain logic, its data, and the session that joins them to the page.

mod bridge;
pub mod history;
pub mod keys;
pub mod live;
pub(crate) mod media_session;
pub mod next;
pub mod prefs;
pub mod resume;
pub mod seek;
pub mod session;
pub mod text_style;
pub mod types;
pub mod words;
