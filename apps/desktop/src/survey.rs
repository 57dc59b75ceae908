//! What the webview of this machine can do, and what follows from it.

use serde::Deserialize;

/// What the page has found.
#[derive(Deserialize, Clone, Default, Debug)]
pub struct Survey {
    /// `MediaSource` or `ManagedMediaSource`; none: nothing can be played.
    pub source: Option<String>,
    /// Whether there is a `ManagedMediaSource`.
    pub managed: bool,
    /// Whether sources can live in the player's worker.
    pub in_workers: bool,
    /// Whether a source can go on with another codec.
    pub changes_type: bool,
    /// Names of codecs that it decodes.
    pub codecs: Vec<String>,
    /// Names of DRM systems.
    pub key_systems: Vec<String>,
}

impl Survey {
    /// All of it on one line, for viewers and logs.
    #[must_use]
    pub fn summary(&self, webview: &str) -> String {
        let source = match &self.source {
            None => "no Media Source Extensions".to_owned(),
            Some(source) => {
                let place = if self.in_workers {
                    "in the worker"
                } else {
                    "in the page"
                };
                let codecs = if self.changes_type {
                    ""
                } else {
                    ", a source anew for another codec"
                };
                format!("{source} {place}{codecs}")
            }
        };
        let list = |names: &[String], none: &str| match names {
            [] => none.to_owned(),
            names => names.join(", "),
        };
        let codecs = list(&self.codecs, "no codecs");
        let key_systems = list(&self.key_systems, "no DRM");
        format!("{webview} · {source} · {codecs} · {key_systems}")
    }

    /// What is missing so that most streams do not play, and what to do about it; none where all is well.
    #[must_use]
    pub fn complaint(&self) -> Option<&'static str> {
        let has = |codec: &str| self.codecs.iter().any(|name| name == codec);
        if self.source.is_none() {
            Some("the system's webview has no Media Source Extensions: a newer one is needed")
        } else if has("H.264") && has("AAC") {
            None
        } else if cfg!(target_os = "linux") {
            Some("no H.264 or AAC here: install gstreamer1.0-libav and gstreamer1.0-plugins-bad, as Debian calls them")
        } else {
            Some("the system's webview decodes no H.264 or AAC")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_is_said_and_what_is_missing_too() {
        let told = r#"{"source": "MediaSource", "managed": true, "in_workers": false, "changes_type": false,
            "codecs": ["H.264", "AAC"], "key_systems": []}"#;
        let survey: Survey = serde_json::from_str(told).unwrap();
        let summary = survey.summary("WebKitGTK 2.50");
        let expected =
            "WebKitGTK 2.50 · MediaSource in the page, a source anew for another codec · H.264, AAC · no DRM";
        assert_eq!(summary, expected);
        assert_eq!(survey.complaint(), None);
        let without = Survey {
            codecs: vec!["VP9".to_owned()],
            ..survey
        };
        assert!(without.complaint().is_some_and(|text| text.contains("H.264")));
        assert!(
            Survey::default()
                .complaint()
                .is_some_and(|text| text.contains("Media Source"))
        );
        assert!(
            Survey::default()
                .summary("x")
                .contains("no Media Source Extensions · no codecs")
        );
    }
}
