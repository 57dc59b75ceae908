//! What people chose last: volume, languages, speed stays per title.

use serde::{Deserialize, Serialize};

use super::text_style::TextStyle;

/// The lowest and highest playback speed offered, and the steps between.
pub const SPEEDS: [f64; 7] = [0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0];

/// Choices that outlive a title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The volume, 0 to 1.
    pub volume: f64,
    /// Whether the sound is off.
    pub muted: bool,
    /// The language of the sound.
    pub audio_language: Option<String>,
    /// The language of the subtitles.
    pub text_language: Option<String>,
    /// Whether subtitles show.
    pub text_enabled: bool,
    /// How subtitles look.
    pub text_style: TextStyle,
    /// Whether automatic quality stays at standard definition to save data.
    pub save_data: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            volume: 1.0,
            muted: false,
            audio_language: None,
            text_language: None,
            text_enabled: false,
            text_style: TextStyle::default(),
            save_data: false,
        }
    }
}

impl Preferences {
    /// Reads saved choices; what is missing or wrong is as it was at first.
    #[must_use]
    pub fn from_json(json: &str) -> Self {
        let mut prefs: Self = serde_json::from_slice(json.as_bytes()).unwrap_or_default();
        if prefs.volume.is_nan() {
            prefs.volume = 1.0;
        }
        prefs.volume = prefs.volume.clamp(0.0, 1.0);
        prefs
    }

    /// The choices as text to save.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The speed one step up or down from `rate`.
#[must_use]
pub fn step_speed(rate: f64, up: bool) -> f64 {
    let found = if up {
        SPEEDS.iter().find(|speed| **speed > rate + 0.001)
    } else {
        SPEEDS.iter().rev().find(|speed| **speed < rate - 0.001)
    };
    found.copied().unwrap_or(rate)
}

/// The volume after a step, on the grid of steps so that ten presses go all the way.
#[must_use]
pub fn step_volume(volume: f64, delta: f64) -> f64 {
    (((volume + delta) * 100.0).round() / 100.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_step_between_the_offered_ones() {
        assert_eq!(step_speed(1.0, true), 1.25);
        assert_eq!(step_speed(1.0, false), 0.75);
        assert_eq!(step_speed(2.0, true), 2.0);
        assert_eq!(step_speed(0.5, false), 0.5);
        assert_eq!(step_speed(1.1, true), 1.25);
    }

    #[test]
    fn volume_steps_do_not_drift() {
        let mut volume = 1.0;
        for _ in 0..20 {
            volume = step_volume(volume, -0.05);
        }
        assert_eq!(volume, 0.0);
        assert_eq!(step_volume(0.98, 0.05), 1.0);
    }

    #[test]
    fn old_or_broken_choices_are_mended() {
        let prefs = Preferences::from_json(r#"{"volume":7,"text_enabled":true}"#);
        assert_eq!(prefs.volume, 1.0);
        assert!(prefs.text_enabled);
        assert_eq!(Preferences::from_json("[]]"), Preferences::default());
        let kept = Preferences {
            volume: 0.4,
            ..Preferences::default()
        };
        assert_eq!(Preferences::from_json(&kept.to_json()), kept);
    }
}
