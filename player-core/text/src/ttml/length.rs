//! Lengths (TTML2, 10.3.12) in parts of the video.

use super::tree::Tree;
use crate::cue::Percent;
use crate::num;

/// Which of the video's dimensions a length is measured by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Axis {
    Horizontal,
    Vertical,
}

/// What lengths are relative to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Frame {
    /// `ttp:cellResolution`.
    cells: (i64, i64),
    /// `tts:extent` of the root, in pixels.
    pixels: Option<(i64, i64)>,
}

impl Frame {
    pub(super) fn of(tree: &Tree<'_>) -> Self {
        let pair = |name: &str, unit: &str| {
            let mut parts = tree.attribute(0, name)?.split_ascii_whitespace();
            let mut next = || num::whole(parts.next()?.strip_suffix(unit)?, 6).filter(|&n| n > 0);
            Some((next()?, next()?))
        };
        Self {
            cells: pair("cellResolution", "").unwrap_or((32, 15)),
            pixels: pair("extent", "px"),
        }
    }

    /// The height of a cell, which is the initial size of type.
    pub(super) fn cell_height(&self) -> Percent {
        Percent::saturating(10_000 / self.cells.1)
    }

    /// One length. `whole` is what a percentage is of, `em` the size of type.
    pub(super) fn length(&self, text: &str, axis: Axis, whole: Percent, em: Percent) -> Option<Percent> {
        // In ten-thousandths.
        let (value, unit) = num::decimal(text, 4)?;
        let of = |(x, y): (i64, i64)| value / if axis == Axis::Horizontal { x } else { y };
        let em = if axis == Axis::Horizontal {
            // Type is measured by the height; a picture is taken to be 16:9.
            i64::from(em.0) * 9 / 16
        } else {
            em.0.into()
        };
        Some(Percent::saturating(match unit.trim() {
            "%" => (value / 100).saturating_mul(whole.0.into()) / 10_000,
            "c" => of(self.cells),
            "px" => of(self.pixels.unwrap_or((1920, 1080))),
            "em" => value.saturating_mul(em) / 10_000,
            "rw" | "vw" if axis == Axis::Horizontal => value / 100,
            "rh" | "vh" if axis == Axis::Vertical => value / 100,
            "rw" | "vw" => value / 100 * 16 / 9,
            "rh" | "vh" => value / 100 * 9 / 16,
            _ => return None,
        }))
    }

    /// Two lengths, horizontal and vertical, percentages of the video.
    pub(super) fn pair(&self, text: &str, em: Percent) -> Option<(Percent, Percent)> {
        let mut parts = text.split_ascii_whitespace();
        let x = self.length(parts.next()?, Axis::Horizontal, Percent::FULL, em)?;
        let y = self.length(parts.next()?, Axis::Vertical, Percent::FULL, em)?;
        Some((x, y))
    }

    /// `tts:position` (TTML2, 10.2.30): where a box of `extent` starts.
    pub(super) fn position(&self, text: &str, extent: (Percent, Percent), em: Percent) -> Option<(Percent, Percent)> {
        let words: Vec<&str> = text.split_ascii_whitespace().take(5).collect();
        let free = (Percent::FULL.minus(extent.0), Percent::FULL.minus(extent.1));
        let middle = Percent::whole(50);
        let (mut x, mut y) = (middle.of(free.0), middle.of(free.1));
        let mut at = 0;
        let mut horizontal = true;
        while let Some(word) = words.get(at) {
            let (axis, edge) = match *word {
                "left" => (Axis::Horizontal, Some(0)),
                "right" => (Axis::Horizontal, Some(10_000)),
                "top" => (Axis::Vertical, Some(0)),
                "bottom" => (Axis::Vertical, Some(10_000)),
                "center" => (if horizontal { Axis::Horizontal } else { Axis::Vertical }, Some(5_000)),
                _ => (if horizontal { Axis::Horizontal } else { Axis::Vertical }, None),
            };
            let room = if axis == Axis::Horizontal { free.0 } else { free.1 };
            let mut place = match edge {
                Some(edge) => Percent(edge).of(room),
                None => self.length(word, axis, room, em)?,
            };
            // An edge may be followed by how far from it.
            let offset = words.get(at + 1).filter(|_| words.len() > 2 && edge.is_some());
            if let Some(offset) = offset.and_then(|word| self.length(word, axis, room, em)) {
                place = if edge == Some(10_000) {
                    place.minus(offset)
                } else {
                    place.plus(offset)
                };
                at += 1;
            }
            if axis == Axis::Horizontal {
                x = place;
            } else {
                y = place;
            }
            horizontal = axis == Axis::Vertical;
            at += 1;
        }
        Some((x, y))
    }
}
