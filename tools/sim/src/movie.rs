//! What is streamed: a ladder of renditions and the real size of every segment.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::dice::Dice;

/// Most segments of a movie, and renditions: bounds for files that are not what they say.
const MAX_SEGMENTS: usize = 100_000;
const MAX_RENDITIONS: usize = 64;

/// A ladder of renditions in segments of equal length.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Movie {
    /// Length of a segment, milliseconds.
    pub segment_duration_ms: f64,
    /// Nominal bitrates, kilobits per second, ascending.
    pub bitrates_kbps: Vec<f64>,
    /// Bits of each segment in each rendition.
    pub segment_sizes_bits: Vec<Vec<f64>>,
}

impl Movie {
    /// # Errors
    /// When the text is no movie in JSON, or its numbers make no sense.
    pub fn parse(json: &str) -> Result<Self> {
        let movie: Self = serde_json::from_str(json).context("not a movie")?;
        movie.check()?;
        Ok(movie)
    }

    /// A movie whose segments are more or less as large as their bitrates say.
    ///
    /// # Errors
    /// When the numbers make no sense.
    pub fn made(segment_s: f64, segments: usize, bitrates_kbps: &[f64], variation: f64, seed: u64) -> Result<Self> {
        ensure!((0.0..1.0).contains(&variation), "a variation of {variation}");
        let mut dice = Dice::new(seed);
        // A scene that is large is so in all renditions.
        let mut row = || {
            let scene = 1.0 + variation * (2.0 * dice.share() - 1.0);
            bitrates_kbps
                .iter()
                .map(|kbps| (kbps * segment_s * 1000.0 * scene).round())
                .collect()
        };
        let movie = Self {
            segment_duration_ms: (segment_s * 1000.0).round(),
            bitrates_kbps: bitrates_kbps.to_vec(),
            segment_sizes_bits: (0..segments.min(MAX_SEGMENTS)).map(|_| row()).collect(),
        };
        movie.check()?;
        Ok(movie)
    }

    fn check(&self) -> Result<()> {
        let positive = |n: &f64| n.is_finite() && *n > 0.0;
        ensure!(positive(&self.segment_duration_ms), "segments of no length");
        ensure!(
            (1..=MAX_RENDITIONS).contains(&self.renditions()) && (1..=MAX_SEGMENTS).contains(&self.segments()),
            "{} segments in {} renditions",
            self.segments(),
            self.renditions()
        );
        ensure!(
            self.bitrates_kbps.is_sorted() && self.bitrates_kbps.iter().all(positive),
            "bitrates are not ascending"
        );
        for sizes in &self.segment_sizes_bits {
            ensure!(
                sizes.len() == self.renditions() && sizes.iter().all(positive),
                "a segment has sizes {sizes:?}"
            );
        }
        Ok(())
    }

    /// How many segments.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.segment_sizes_bits.len()
    }

    /// How many renditions.
    #[must_use]
    pub fn renditions(&self) -> usize {
        self.bitrates_kbps.len()
    }

    /// Seconds of the whole.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.segment_duration_ms * self.segments() as f64 / 1000.0
    }

    /// Bits of a segment in a rendition.
    #[must_use]
    pub fn size(&self, segment: usize, rendition: usize) -> f64 {
        self.segment_sizes_bits[segment][rendition]
    }

    /// The rendition in which a segment is smallest.
    #[must_use]
    pub fn smallest(&self, segment: usize) -> usize {
        let sizes = self.segment_sizes_bits[segment].iter().enumerate();
        sizes.min_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_movie_is_read_and_checked() {
        let json = r#"{"segment_duration_ms":2000,"bitrates_kbps":[100,300],"segment_sizes_bits":[[210000,500000],[190000,700000]]}"#;
        let movie = Movie::parse(json).expect("a movie");
        assert_eq!((movie.segments(), movie.renditions()), (2, 2));
        assert_eq!((movie.smallest(1), movie.size(1, 1)), (0, 700_000.0));
        assert!(Movie::parse(&json.replace("[100,300]", "[300,100]")).is_err());
        assert!(Movie::parse(&json.replace("[190000,700000]", "[190000]")).is_err());
        assert!(Movie::parse(&json.replace("2000", "0")).is_err());
    }
}
