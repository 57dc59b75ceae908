//! Text decoders in a browser's worker: bytes in, cues out as JSON. A WebAssembly module of its own: it is fetched when a
//! viewer first wants text.
//!
//! Times cross as seconds; inside they are integers of microseconds.

mod json;

use footlight_dash::Micros;
use footlight_text::{Cue, Decoder, Format, Window};
use wasm_bindgen::prelude::*;

/// The decoder of one track; not called as the browser calls its own, which the glue around it needs. Its errors are stable codes, such as `text.malformed`, and what to say about them.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CueDecoder {
    decoder: Decoder,
    /// Pictures of the last segment's cues.
    images: Vec<Vec<u8>>,
}

#[wasm_bindgen]
impl CueDecoder {
    /// A decoder for what the engine calls `format`: `vtt`, `stpp`, `cea608:1`.
    ///
    /// # Errors
    /// When there is no such format.
    #[wasm_bindgen(constructor)]
    pub fn new(format: &str) -> Result<Self, JsError> {
        let format = Format::parse(format).ok_or_else(|| JsError::new("text.format: no such format"))?;
        Ok(Self {
            decoder: Decoder::new(format),
            images: Vec::new(),
        })
    }

    /// Takes an initialization segment.
    ///
    /// # Errors
    /// When it is damaged, or of another format.
    pub fn init(&mut self, data: &[u8]) -> Result<(), JsError> {
        self.decoder.init(data).map_err(|error| told(&error))
    }

    /// The cues of a segment: JSON of the array that `ts/text.ts` describes. `offset` is added to the media's times; what
    /// lies outside of `start` to `end` is cut off.
    ///
    /// # Errors
    /// When the segment cannot be read.
    pub fn decode(&mut self, data: &[u8], offset: f64, start: f64, end: f64) -> Result<String, JsError> {
        let window = Window {
            start: micros(start),
            end: micros(end),
        };
        let cues = self
            .decoder
            .decode(data, micros(offset), window)
            .map_err(|error| told(&error))?;
        let text = json::cues(&cues);
        let images = cues.into_iter().filter_map(|cue: Cue| cue.image);
        self.images = images.map(|image| image.data).collect();
        Ok(text)
    }

    /// The picture number `number` of the last segment.
    #[must_use]
    pub fn image(&mut self, number: usize) -> Vec<u8> {
        self.images.get_mut(number).map(std::mem::take).unwrap_or_default()
    }

    /// The next segment is not the one after the last.
    pub fn reset(&mut self) {
        self.decoder.reset();
    }
}

fn told(error: &footlight_text::Error) -> JsError {
    JsError::new(&[error.code(), ": ", &error.to_string()].concat())
}

/// Saturates: infinity is the end of time.
fn micros(seconds: f64) -> Micros {
    Micros((seconds * 1_000_000.0).round() as i64)
}
