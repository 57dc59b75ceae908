//! How the viewer wants subtitles to look, and what there is to choose from.

use serde::{Deserialize, Serialize};

/// The player's `TextStyle`; what is not there stays as authored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextStyle {
    /// Times the authored size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// Of the letters, as CSS has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Behind the letters, as CSS has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<String>,
    /// `none`, `outline`, `shadow`, `raised`, `depressed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edge: Option<String>,
    /// Font families.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub font: Option<String>,
    /// `top` or `bottom`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
}

/// One thing to choose: its name, and its values with what they are called; the empty one is as authored.
#[derive(Debug)]
pub struct Setting {
    /// For tests and labels.
    pub name: &'static str,
    /// What viewers read.
    pub title: &'static str,
    /// Value and name.
    pub values: &'static [(&'static str, &'static str)],
}

const AUTHORED: (&str, &str) = ("", "As authored");

/// All there is to choose.
pub const SETTINGS: [Setting; 6] = [
    Setting {
        name: "scale",
        title: "Size",
        values: &[
            ("0.75", "Small"),
            ("", "As authored"),
            ("1.25", "Large"),
            ("1.5", "Larger"),
            ("2", "Largest"),
        ],
    },
    Setting {
        name: "color",
        title: "Colour",
        values: &[
            AUTHORED,
            ("#ffffff", "White"),
            ("#ffe14d", "Yellow"),
            ("#7dff8a", "Green"),
            ("#7de3ff", "Cyan"),
            ("#000000", "Black"),
        ],
    },
    Setting {
        name: "background",
        title: "Background",
        values: &[
            AUTHORED,
            ("transparent", "None"),
            ("#00000080", "Half black"),
            ("#000000", "Black"),
            ("#12305f", "Blue"),
            ("#ffffff", "White"),
        ],
    },
    Setting {
        name: "edge",
        title: "Edge",
        values: &[
            AUTHORED,
            ("none", "None"),
            ("outline", "Outline"),
            ("shadow", "Shadow"),
            ("raised", "Raised"),
            ("depressed", "Depressed"),
        ],
    },
    Setting {
        name: "font",
        title: "Font",
        values: &[
            AUTHORED,
            ("system-ui, sans-serif", "Plain"),
            ("Georgia, serif", "Serif"),
            ("ui-monospace, monospace", "Typewriter"),
            ("cursive", "Handwriting"),
        ],
    },
    Setting {
        name: "position",
        title: "Position",
        values: &[AUTHORED, ("bottom", "Bottom"), ("top", "Top")],
    },
];

impl TextStyle {
    /// The value of a setting; empty when it is as authored.
    #[must_use]
    pub fn get(&self, name: &str) -> String {
        match name {
            "scale" => self.scale.map(|scale| scale.to_string()),
            "color" => self.color.clone(),
            "background" => self.background.clone(),
            "edge" => self.edge.clone(),
            "font" => self.font.clone(),
            _ => self.position.clone(),
        }
        .unwrap_or_default()
    }

    /// Changes a setting to one of its values.
    pub fn set(&mut self, name: &str, value: &str) {
        let chosen = Some(value.to_owned()).filter(|value| !value.is_empty());
        match name {
            "scale" => self.scale = value.parse().ok(),
            "color" => self.color = chosen,
            "background" => self.background = chosen,
            "edge" => self.edge = chosen,
            "font" => self.font = chosen,
            _ => self.position = chosen,
        }
    }

    /// As the player takes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_comes_back() {
        for setting in &SETTINGS {
            for (value, _) in setting.values {
                let mut style = TextStyle::default();
                style.set(setting.name, value);
                assert_eq!(style.get(setting.name), *value, "{}", setting.name);
                assert_eq!(style == TextStyle::default(), value.is_empty());
            }
        }
    }

    #[test]
    fn what_is_as_authored_is_not_told() {
        let mut style = TextStyle::default();
        assert_eq!(style.to_json(), "{}");
        style.set("scale", "1.5");
        style.set("edge", "outline");
        assert_eq!(style.to_json(), r#"{"scale":1.5,"edge":"outline"}"#);
    }
}
