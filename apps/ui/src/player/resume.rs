//! Where people left off: the rules, and the store that keeps them.

use serde::{Deserialize, Serialize};

/// Positions before this are not worth coming back to, in seconds.
const MIN_POSITION: f64 = 5.0;
/// Beyond this part of a title it counts as watched.
const WATCHED: f64 = 0.95;
/// Titles kept; the oldest goes first.
const MAX_ENTRIES: usize = 40;

/// Where one title was left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResumePoint {
    /// The title.
    pub id: String,
    /// Its position, in seconds.
    pub position: f64,
    /// Its duration, in seconds.
    pub duration: f64,
    /// When it was saved, in milliseconds since the epoch.
    pub saved: f64,
}

impl ResumePoint {
    /// How much of the title has been seen, 0 to 1.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        super::seek::fraction(self.position, super::seek::Range::whole(self.duration))
    }
}

/// The resume points of all titles, latest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResumeStore {
    /// The points, latest first.
    pub points: Vec<ResumePoint>,
}

impl ResumeStore {
    /// Reads a saved store; anything that is not one is an empty store.
    #[must_use]
    pub fn from_json(json: &str) -> Self {
        let mut store: Self = serde_json::from_slice(json.as_bytes()).unwrap_or_default();
        store
            .points
            .retain(|point| point.position.is_finite() && point.duration.is_finite() && point.duration > 0.0);
        store
    }

    /// The store as text to save.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Takes note of a position. A title that is nearly over is forgotten; one barely begun keeps what
    /// was known of it only when it was begun afresh, that is: nothing.
    pub fn note(&mut self, id: &str, position: f64, duration: f64, now: f64) {
        if !position.is_finite() || !duration.is_finite() || duration <= 0.0 {
            return;
        }
        self.forget(id);
        if position < MIN_POSITION || position / duration > WATCHED {
            return;
        }
        self.points.insert(
            0,
            ResumePoint {
                id: id.to_owned(),
                position,
                duration,
                saved: now,
            },
        );
        self.points.truncate(MAX_ENTRIES);
    }

    /// Where to go on with a title that is `duration` long: half a second back, so that the sentence begins anew.
    /// `None` when it was not left half-way, or when this presentation of it ends before.
    #[must_use]
    pub fn start_for(&self, id: &str, duration: f64) -> Option<f64> {
        let position = self.get(id)?.position;
        (position <= duration * WATCHED).then(|| (position - 0.5).max(0.0))
    }

    /// Forgets a title.
    pub fn forget(&mut self, id: &str) {
        self.points.retain(|point| point.id != id);
    }

    /// Where a title was left.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&ResumePoint> {
        self.points.iter().find(|point| point.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_the_middle_only() {
        let mut store = ResumeStore::default();
        store.note("a", 3.0, 600.0, 1.0);
        assert_eq!(store.get("a"), None);
        store.note("a", 120.0, 600.0, 2.0);
        assert_eq!(store.get("a").map(|point| point.position), Some(120.0));
        store.note("a", 571.0, 600.0, 3.0);
        assert_eq!(store.get("a"), None);
    }

    #[test]
    fn latest_first_and_bounded() {
        let mut store = ResumeStore::default();
        for n in 0..60 {
            store.note(&format!("t{n}"), 50.0, 100.0, f64::from(n));
        }
        store.note("t40", 60.0, 100.0, 99.0);
        assert_eq!(store.points.len(), MAX_ENTRIES);
        assert_eq!(store.points[0].id, "t40");
        assert_eq!(store.points[1].id, "t59");
        assert_eq!(store.points.iter().filter(|p| p.id == "t40").count(), 1);
    }

    #[test]
    fn survives_a_trip_through_storage() {
        let mut store = ResumeStore::default();
        store.note("a", 50.0, 100.0, 7.0);
        assert_eq!(ResumeStore::from_json(&store.to_json()), store);
        assert_eq!(ResumeStore::from_json("{]"), ResumeStore::default());
        assert_eq!(ResumeStore::from_json("null"), ResumeStore::default());
    }

    #[test]
    fn goes_on_where_there_is_something_left() {
        let mut store = ResumeStore::default();
        store.note("a", 120.0, 600.0, 1.0);
        assert_eq!(store.start_for("a", 600.0), Some(119.5));
        assert_eq!(store.start_for("a", 40.0), None);
        assert_eq!(store.start_for("b", 600.0), None);
    }

    #[test]
    fn nonsense_is_ignored() {
        let mut store = ResumeStore::default();
        store.note("a", 50.0, 100.0, 1.0);
        store.note("a", f64::NAN, 100.0, 2.0);
        store.note("a", 60.0, f64::INFINITY, 3.0);
        assert_eq!(store.get("a").map(|point| point.position), Some(50.0));
    }
}
