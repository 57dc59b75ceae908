//! How many objects of ours there are, for tests that look for leaks.

use std::sync::atomic::{AtomicI64, Ordering};

static LIVE: AtomicI64 = AtomicI64::new(0);

/// Counts the object that it is a part of.
#[derive(Debug)]
pub(crate) struct Counted(());

impl Counted {
    pub(crate) fn new() -> Self {
        LIVE.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Players, replies and reports that somebody still holds.
#[uniffi::export]
#[must_use]
pub fn live_objects() -> i64 {
    LIVE.load(Ordering::Relaxed)
}
