//! Colours as CSS and TTML write them.

use crate::cue::Rgba;
use crate::num;

const NAMES: [(&str, u32); 20] = [
    ("black", 0x00_0000),
    ("silver", 0xC0_C0C0),
    ("gray", 0x80_8080),
    ("grey", 0x80_8080),
    ("white", 0xFF_FFFF),
    ("maroon", 0x80_0000),
    ("red", 0xFF_0000),
    ("purple", 0x80_0080),
    ("fuchsia", 0xFF_00FF),
    ("magenta", 0xFF_00FF),
    ("green", 0x00_8000),
    ("lime", 0x00_FF00),
    ("olive", 0x80_8000),
    ("yellow", 0xFF_FF00),
    ("navy", 0x00_0080),
    ("blue", 0x00_00FF),
    ("teal", 0x00_8080),
    ("aqua", 0x00_FFFF),
    ("cyan", 0x00_FFFF),
    ("orange", 0xFF_A500),
];

/// Which way `rgba(…, a)` says its opacity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alpha {
    /// 0 to 1, as in CSS.
    Unit,
    /// 0 to 255, as in TTML.
    Byte,
}

/// `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, `rgb(…)`, `rgba(…)`, a name.
pub(crate) fn parse(text: &str, alpha: Alpha) -> Option<Rgba> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix('#') {
        return parse_hex(hex);
    }
    if text.eq_ignore_ascii_case("transparent") {
        return Some(Rgba::TRANSPARENT);
    }
    if let Some((head, rest)) = text.split_once('(') {
        let known = ["rgb", "rgba"]
            .iter()
            .any(|name| head.trim().eq_ignore_ascii_case(name));
        let mut parts = rest.strip_suffix(')')?.split([',', '/']).map(str::trim);
        let mut byte = || channel(parts.next()?);
        let (red, green, blue) = (byte()?, byte()?, byte()?);
        let opacity = match parts.next() {
            None => 255,
            Some(text) if alpha == Alpha::Byte || text.ends_with('%') => channel(text)?,
            Some(text) => u32::try_from(num::decimal(text, 3)?.0.clamp(0, 1000) * 255 / 1000).ok()?,
        };
        return known.then_some(Rgba((red << 24) | (green << 16) | (blue << 8) | opacity));
    }
    let named = NAMES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name))?;
    Some(Rgba::rgb(named.1))
}

/// 0 to 255, or a percentage of that.
fn channel(text: &str) -> Option<u32> {
    let (value, unit) = num::decimal(text, 0)?;
    let value = if unit.trim() == "%" { value * 255 / 100 } else { value };
    u32::try_from(value.clamp(0, 255)).ok()
}

fn parse_hex(hex: &str) -> Option<Rgba> {
    let value = u32::from_str_radix(hex, 16).ok()?;
    let doubled = |value: u32, digits: u32| {
        (0..digits)
            .rev()
            .fold(0_u32, |all, at| (all << 8) | (((value >> (at * 4)) & 0xF) * 0x11))
    };
    match hex.len() {
        3 => Some(Rgba::rgb(doubled(value, 3))),
        4 => Some(Rgba(doubled(value, 4))),
        6 => Some(Rgba::rgb(value)),
        8 => Some(Rgba(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read() {
        let cases = [
            ("#fff", 0xFFFF_FFFF),
            ("#12345678", 0x1234_5678),
            ("#f0a8", 0xFF00_AA88),
            (" Lime ", 0x00FF_00FF),
            ("rgba(1, 2,3,0.5)", 0x0102_037F),
            ("rgb(300,50%,-4)", 0xFF7F_00FF),
            ("transparent", 0),
        ];
        for (text, rgba) in cases {
            assert_eq!(parse(text, Alpha::Unit), Some(Rgba(rgba)), "{text}");
        }
        assert_eq!(parse("rgba(1,2,3,128)", Alpha::Byte), Some(Rgba(0x0102_0380)));
        for bad in ["", "#12", "rgb(1,2)", "hsl(1,2,3)", "nocolour", "rgb(1,2,3"] {
            assert_eq!(parse(bad, Alpha::Unit), None, "{bad}");
        }
    }
}
