//! What a page may ask for beside playing, in a browser's worker: all that the manifest in force says, what is wrong with
//! it, and what SCTE 35 and ID3 events say, each as JSON. A WebAssembly module of its own: it is fetched when a page first
//! asks, or when such an event first comes.
//!
//! It reads the manifest anew, with everything that the engine's own build passes over.

mod json;
mod model;
mod payload;

use footlight_core::events::EventPayload;
use footlight_dash::Manifest;
use wasm_bindgen::prelude::*;

/// The presentation model: JSON of what `presentation.d.ts` calls `Presentation`. `parts` are the manifest's address and
/// its text, then of each remote element the address asked for, the one that answered and the text.
///
/// # Errors
/// When the manifest cannot be read.
#[wasm_bindgen]
pub fn presentation(parts: Vec<String>) -> Result<String, JsError> {
    read(parts).map(|manifest| json::to_json(manifest.presentation()))
}

/// What was forgiven or left out: JSON of an array of `Diagnostic`. `parts` as for [`presentation`].
///
/// # Errors
/// When the manifest cannot be read.
#[wasm_bindgen]
pub fn diagnostics(parts: Vec<String>) -> Result<String, JsError> {
    read(parts).map(|manifest| json::to_json(&manifest.diagnostics().to_vec()))
}

/// What an event says: JSON of what `presentation.d.ts` calls `EventPayload`, `null` when it is not known here.
#[wasm_bindgen]
#[must_use]
pub fn payload(scheme: &str, value: &str, data: &[u8]) -> String {
    json::to_json(&payload::Payload(EventPayload::decode(scheme, value, data)))
}

fn read(parts: Vec<String>) -> Result<Manifest, JsError> {
    assemble(parts).map_err(|error| JsError::new(&[error.code(), ": ", &error.to_string()].concat()))
}

/// The manifest, completed by the remote elements that are there.
fn assemble(parts: Vec<String>) -> Result<Manifest, footlight_dash::Error> {
    let mut parts = parts.into_iter();
    let url = parts.next().unwrap_or_default();
    let mut manifest = Manifest::parse(parts.next().unwrap_or_default(), &url)?;
    let answers: Vec<String> = parts.collect();
    // Remote elements may have some of their own; the parser bounds how deep.
    while manifest.remotes().iter().any(|remote| !remote.is_answered) {
        let asked: Vec<String> = manifest.remotes().iter().map(|remote| remote.url.clone()).collect();
        for (at, asked) in asked.iter().enumerate() {
            let known = answers.chunks_exact(3).find_map(|answer| match answer {
                [of, url, text] if of == asked => Some((text.as_str(), url.as_str())),
                _ => None,
            });
            manifest.resolve(at, known);
        }
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::path::Path;

    fn parse(json: &str) -> Value {
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {json}"))
    }

    fn model(parts: &[&str]) -> Value {
        let manifest = assemble(parts.iter().map(|&part| part.to_owned()).collect());
        parse(&json::to_json(manifest.expect("a manifest").presentation()))
    }

    #[test]
    fn every_manifest_is_json() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../player-core/dash/tests/corpus");
        let mut read = 0;
        for entry in std::fs::read_dir(corpus).expect("the corpus").flatten() {
            let Ok(text) = std::fs::read_to_string(entry.path()) else {
                continue;
            };
            let Ok(manifest) = assemble(vec!["https://a.example/m.mpd".to_owned(), text]) else {
                continue;
            };
            // JSON of Rust has no Infinity.
            let model = json::to_json(manifest.presentation()).replace("1e999", "null");
            let periods = parse(&model)["periods"].as_array().map(Vec::len);
            assert_eq!(periods, Some(manifest.presentation().periods.len()));
            let told = parse(&json::to_json(&manifest.diagnostics().to_vec()));
            assert_eq!(told.as_array().map(Vec::len), Some(manifest.diagnostics().len()));
            read += 1;
        }
        assert!(read > 25, "{read}");
    }

    #[test]
    fn the_model_says_what_the_manifest_says() {
        let model = model(&[
            "https://a.example/m.mpd?token=1",
            r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" mediaPresentationDuration="PT10.5S" profiles="p">
              <ServiceDescription><PlaybackRate min="0.96" max="1.04"/></ServiceDescription>
              <Period><AdaptationSet mimeType="video/mp4" par="16:9">
                <ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc"
                  cenc:default_KID="01020304-0506-0708-090a-0b0c0d0e0f10" xmlns:cenc="urn:mpeg:cenc:2013"/>
                <SegmentTemplate media="$RepresentationID$/$Number%03d$.m4s" initialization="i.mp4" duration="4"/>
                <Representation id="v" bandwidth="1000"/>
              </AdaptationSet></Period></MPD>"#,
        ]);
        assert_eq!(model["duration"], 10.5);
        assert_eq!(model["serviceDescriptions"][0]["playbackRates"][0]["max"], 1.04);
        let set = &model["periods"][0]["adaptationSets"][0];
        assert_eq!(set["contentType"], "video");
        assert_eq!(set["par"], serde_json::json!([16, 9]));
        let kid = "01020304-0506-0708-090a-0b0c0d0e0f10";
        assert_eq!(set["contentProtection"][0]["defaultKids"][0], kid);
        let segments = &set["representations"][0]["segments"];
        assert_eq!(segments["count"], 3);
        assert_eq!(segments["initialization"]["url"], "https://a.example/i.mp4");
        assert_eq!(segments["last"]["url"], "https://a.example/v/003.m4s");
        assert_eq!(segments["last"]["end"], 10.5);
    }

    #[test]
    fn remote_elements_are_taken_from_the_answers() {
        let linked = r#"<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xlink="http://www.w3.org/1999/xlink">
          <Period xlink:href="p.xml" xlink:actuate="onLoad" duration="PT4S"/>
          <Period duration="PT5S"><AdaptationSet mimeType="text/vtt"><Representation id="t" bandwidth="1">
            <BaseURL>t.vtt</BaseURL></Representation></AdaptationSet></Period></MPD>"#;
        let period = r#"<Period id="far" duration="PT7S"><AdaptationSet mimeType="text/vtt"><Representation id="t"
          bandwidth="1"><BaseURL>t.vtt</BaseURL></Representation></AdaptationSet></Period>"#;
        let url = "https://a.example/m.mpd";
        let whole = model(&[
            url,
            linked,
            "https://a.example/p.xml",
            "https://b.example/p.xml",
            period,
        ]);
        assert_eq!(whole["periods"][0]["id"], "far");
        assert_eq!(whole["duration"], 12);
        // One that could not be had.
        assert_eq!(model(&[url, linked])["periods"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn events_are_decoded() {
        let splice = "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=";
        let section = parse(&payload("urn:scte:scte35:2014:bin", "", splice.as_bytes()));
        assert_eq!(section["type"], "scte35");
        assert_eq!(section["command"]["type"], "insert");
        assert_eq!(section["command"]["eventId"], 0x4800_008F);
        let splice = &section["command"]["splice"];
        assert_eq!(splice["timing"]["type"], "program");
        assert!(splice["breakDuration"]["duration"].as_f64() > Some(60.0), "{section}");
        assert_eq!(
            section["descriptors"][0],
            serde_json::json!({"type": "avail", "providerAvailId": 309})
        );
        let tag = b"ID3\x04\0\0\0\0\0\x0ETIT2\0\0\0\x04\0\0\x03abc";
        let frames = parse(&payload("https://aomedia.org/emsg/ID3", "", tag));
        let expected = serde_json::json!({"type": "id3", "frames": [
            {"id": "TIT2", "type": "text", "description": null, "values": ["abc"]}]});
        assert_eq!(frames, expected);
        assert_eq!(payload("urn:x", "", b"hi"), "null");
    }
}
