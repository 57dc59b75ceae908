//! What this browser remembers: resume points and preferences.

use leptos::prelude::window;

use crate::player::prefs::Preferences;
use crate::player::resume::ResumeStore;

const RESUME: &str = "footlight.resume";
const PREFERENCES: &str = "footlight.preferences";

/// The saved resume points.
#[must_use]
pub fn resume_points() -> ResumeStore {
    read(RESUME).map_or_else(ResumeStore::default, |json| ResumeStore::from_json(&json))
}

/// Changes the saved resume points.
pub fn update_resume_points(change: impl FnOnce(&mut ResumeStore)) {
    let mut store = resume_points();
    change(&mut store);
    write(RESUME, &store.to_json());
}

/// The saved preferences.
#[must_use]
pub fn preferences() -> Preferences {
    read(PREFERENCES).map_or_else(Preferences::default, |json| Preferences::from_json(&json))
}

/// Saves preferences.
pub fn save_preferences(preferences: &Preferences) {
    write(PREFERENCES, &preferences.to_json());
}

// Storage may be forbidden or full: then nothing is remembered, and nothing breaks.

fn read(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

fn write(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, value);
    }
}
