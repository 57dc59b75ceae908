//! A session as a picture: what the network gave, what was decided and why, and how the buffer fared.

use std::fmt::Write as _;

use footlight_core::Kind;
use footlight_core::abr::Decision;

use crate::journal::{Journal, Request};
use crate::trace::Trace;

/// Pixels of the whole picture, and what is left and right of its panels.
const WIDTH: f64 = 1280.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
/// Top and height of each panel.
const NETWORK: Panel = Panel {
    top: 50.0,
    height: 150.0,
};
const RENDITIONS: Panel = Panel {
    top: 235.0,
    height: 170.0,
};
const REASONS: Panel = Panel {
    top: 415.0,
    height: 14.0,
};
const BUFFER: Panel = Panel {
    top: 465.0,
    height: 120.0,
};
const HEIGHT: f64 = 660.0;
/// Colours that can be told apart on light and dark grounds, by most eyes (Okabe and Ito's, 2008).
const COLOURS: [&str; 7] = [
    "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#a9a237",
];

#[derive(Clone, Copy)]
struct Panel {
    top: f64,
    height: f64,
}

impl Panel {
    /// Where a share of the height is.
    fn y(&self, share: f64) -> f64 {
        self.top + self.height * (1.0 - share.clamp(0.0, 1.0))
    }

    const fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

/// What to draw.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    /// What it shows, in words.
    pub title: &'a str,
    /// What happened.
    pub journal: &'a Journal,
    /// What the network gave.
    pub trace: &'a Trace,
    /// The ladder.
    pub bitrates_kbps: &'a [f64],
    /// Milliseconds that the buffer may hold.
    pub buffer_ms: f64,
    /// From when to when, seconds.
    pub window: (f64, f64),
}

impl Picture<'_> {
    /// The picture in SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let mut svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" font-size="11">
<style>text{{fill:#777}}.t{{font-size:14px;font-weight:600}}.g{{stroke:#888;stroke-opacity:.25}}.l{{fill:none;stroke-width:1.5}}@media (prefers-color-scheme:dark){{text{{fill:#aaa}}}}</style>
<text class="t" x="{LEFT}" y="22">{}</text>
"#,
            escape(self.title)
        );
        self.time_axis(&mut svg);
        self.stalls(&mut svg);
        self.network(&mut svg);
        self.renditions(&mut svg);
        self.reasons(&mut svg);
        self.buffer(&mut svg);
        self.marks(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn x(&self, seconds: f64) -> f64 {
        let (from, to) = self.window;
        LEFT + (WIDTH - LEFT - RIGHT) * ((seconds - from) / (to - from).max(1e-3)).clamp(0.0, 1.0)
    }

    /// Something that lasts, where it is in the picture.
    fn span(&self, from: u64, to: u64) -> Option<(f64, f64)> {
        let (from, to) = (seconds(from), seconds(to));
        (to >= self.window.0 && from <= self.window.1).then(|| (self.x(from), self.x(to)))
    }

    fn time_axis(&self, svg: &mut String) {
        let (from, to) = self.window;
        let step = nice((to - from) / 12.0);
        let mut at = (from / step).ceil() * step;
        while at <= to {
            let x = self.x(at);
            let (top, bottom) = (NETWORK.top, BUFFER.bottom());
            let _ = writeln!(
                svg,
                r#"<path class="g" d="M{x:.1} {top}V{bottom}"/><text x="{x:.1}" y="{}" text-anchor="middle">{at} s</text>"#,
                bottom + 15.0
            );
            at += step;
        }
    }

    fn value_axis(svg: &mut String, panel: Panel, title: &str, most: f64, unit: &str) {
        let step = nice(most / 4.0);
        let mut at = 0.0;
        while at <= most {
            let y = panel.y(at / most);
            let _ = writeln!(
                svg,
                r#"<path class="g" d="M{LEFT} {y:.1}H{}"/><text x="{}" y="{:.1}" text-anchor="end">{at} {unit}</text>"#,
                WIDTH - RIGHT,
                LEFT - 5.0,
                y + 4.0
            );
            at += step;
        }
        let _ = writeln!(svg, r#"<text x="{LEFT}" y="{}">{title}</text>"#, panel.top - 7.0);
    }

    fn stalls(&self, svg: &mut String) {
        for &(from, to) in &self.journal.stalls {
            let Some((x, end)) = self.span(from, to) else { continue };
            let _ = writeln!(
                svg,
                r##"<rect x="{x:.1}" y="{}" width="{:.1}" height="{}" fill="#e5484d" fill-opacity=".28"><title>stall of {:.2} s at {:.1} s</title></rect>"##,
                NETWORK.top,
                (end - x).max(1.0),
                BUFFER.bottom() - NETWORK.top,
                seconds(to - from),
                seconds(from)
            );
        }
    }

    fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.journal
            .decisions
            .iter()
            .filter(|decision| decision.kind == Kind::Video)
    }

    /// The most that the network gives while the picture lasts.
    fn most_kbps(&self) -> f64 {
        let (mut now, mut most) = (self.window.0 * 1000.0, 1.0f64);
        while now < self.window.1 * 1000.0 {
            let place = self.trace.at(now + 1e-6);
            most = most.max(place.rate);
            now = place.until.max(now + 1.0);
        }
        most
    }

    fn network(&self, svg: &mut String) {
        // More than is ever asked for need not be seen.
        let highest = self.bitrates_kbps.last().copied().unwrap_or(1000.0) * 1.6;
        let most = self.most_kbps().min(highest) * 1.1 / 1000.0;
        Self::value_axis(
            svg,
            NETWORK,
            r##"network: bandwidth (grey), <tspan fill="#d55e00">estimate</tspan>, <tspan fill="#0072b2">forecast, four of five cases</tspan>, Mbit/s"##,
            most,
            "",
        );
        let mut path = format!("M{LEFT} {}", NETWORK.bottom());
        let mut now = self.window.0;
        while now < self.window.1 {
            let place = self.trace.at(now * 1000.0 + 1e-6);
            let (until, y) = (
                (place.until / 1000.0).min(self.window.1),
                NETWORK.y(place.rate / 1000.0 / most),
            );
            let _ = write!(path, "L{:.1} {y:.1}H{:.1}", self.x(now), self.x(until));
            now = until.max(now + 1e-3);
        }
        let _ = writeln!(
            svg,
            r##"<path d="{path}V{}Z" fill="#888" fill-opacity=".3"/>"##,
            NETWORK.bottom()
        );
        let y = |bits: u64| NETWORK.y(bits as f64 / 1e6 / most);
        let mut estimate = String::new();
        for decision in self.decisions() {
            let Some((x, _)) = self.span(decision.time.0, decision.time.0) else {
                continue;
            };
            let forecast = &decision.forecast;
            if forecast.high > 0 {
                let _ = writeln!(
                    svg,
                    r##"<path d="M{x:.1} {:.1}V{:.1}M{:.1} {:.1}h3" stroke="#0072b2" stroke-opacity=".6"/>"##,
                    y(forecast.low),
                    y(forecast.high),
                    x - 1.5,
                    y(forecast.median)
                );
            }
            if decision.throughput > 0 {
                let start = if estimate.is_empty() { 'M' } else { 'L' };
                let _ = write!(estimate, "{start}{x:.1} {:.1}", y(decision.throughput));
            }
        }
        let _ = writeln!(svg, r##"<path class="l" d="{estimate}" stroke="#d55e00"/>"##);
    }

    fn decision_of(&self, request: &Request) -> Option<&Decision> {
        let before = |decision: &&Decision| decision.time.0 <= request.start;
        self.decisions().take_while(before).last()
    }

    fn renditions(&self, svg: &mut String) {
        let count = self.bitrates_kbps.len().max(1) as f64;
        let row = RENDITIONS.height / count;
        for (at, kbps) in self.bitrates_kbps.iter().enumerate() {
            let y = RENDITIONS.bottom() - row * at as f64;
            let _ = writeln!(
                svg,
                r#"<path class="g" d="M{LEFT} {y:.1}H{}"/><text x="{}" y="{:.1}" text-anchor="end">{kbps}</text>"#,
                WIDTH - RIGHT,
                LEFT - 5.0,
                y - row / 2.0 + 4.0
            );
        }
        let _ = writeln!(
            svg,
            r##"<text x="{LEFT}" y="{}">requests by rendition, kbit/s (<tspan fill="#e5484d">given up</tspan>)</text>"##,
            RENDITIONS.top - 7.0
        );
        let last = self.journal.samples.last().map_or(0, |sample| sample.time);
        for request in self.journal.requests.iter().filter(|r| r.media.kind == Kind::Video) {
            let Some((x, end)) = self.span(request.start, request.end.unwrap_or(last).max(request.start)) else {
                continue;
            };
            let colour = if request.dropped.is_some() {
                "#e5484d"
            } else {
                "#56b4e9"
            };
            let y = RENDITIONS.bottom() - row * (request.media.rendition as f64 + 1.0);
            let _ = writeln!(
                svg,
                r#"<rect x="{x:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="{colour}"><title>{}</title></rect>"#,
                y + 1.0,
                (end - x - 0.4).max(0.8),
                (row - 2.0).max(1.0),
                self.describe(request)
            );
        }
    }

    fn describe(&self, request: &Request) -> String {
        let media = &request.media;
        let mut text = format!(
            "segment {} in {} kbit/s, {:.0} kB, asked for at {:.2} s",
            media.segment,
            self.bitrates_kbps.get(media.rendition).copied().unwrap_or_default(),
            media.bits / 8000.0,
            seconds(request.start)
        );
        if let Some(end) = request.end {
            let took = seconds(end - request.start);
            let _ = match request.dropped {
                Some(bits) => write!(text, ", given up after {took:.2} s and {:.0} kB", bits / 8000.0),
                None => write!(text, ", took {took:.2} s"),
            };
        }
        if let Some(decision) = self.decision_of(request) {
            let _ = write!(
                text,
                "; {}, {:.2} Mbit/s expected, {:.1} s buffered",
                decision.reason.code(),
                decision.throughput as f64 / 1e6,
                decision.buffer.0 as f64 / 1e6
            );
            if let Some(plan) = decision.plan {
                let _ = write!(text, ", then {plan:?}");
            }
        }
        text
    }

    fn reasons(&self, svg: &mut String) {
        let mut seen: Vec<&'static str> = Vec::new();
        for decision in self.decisions() {
            let Some((x, _)) = self.span(decision.time.0, decision.time.0) else {
                continue;
            };
            let code = decision.reason.code();
            let at = seen.iter().position(|known| *known == code).unwrap_or_else(|| {
                seen.push(code);
                seen.len() - 1
            });
            let _ = writeln!(
                svg,
                r#"<rect x="{x:.1}" y="{}" width="2.5" height="{}" fill="{}"><title>{code}</title></rect>"#,
                REASONS.top,
                REASONS.height,
                COLOURS[at % COLOURS.len()]
            );
        }
        let mut x = LEFT;
        let y = HEIGHT - 12.0;
        for (at, code) in seen.iter().enumerate() {
            let _ = writeln!(
                svg,
                r#"<rect x="{x}" y="{}" width="10" height="10" fill="{}"/><text x="{}" y="{y}">{code}</text>"#,
                y - 9.0,
                COLOURS[at % COLOURS.len()],
                x + 14.0
            );
            x += 34.0 + 6.5 * code.len() as f64;
        }
        let _ = writeln!(
            svg,
            r#"<text x="{}" y="{}" text-anchor="end">reasons</text>"#,
            LEFT - 5.0,
            REASONS.top + 11.0
        );
    }

    fn buffer(&self, svg: &mut String) {
        let limit = self.buffer_ms / 1000.0;
        let most = limit * 1.1;
        Self::value_axis(
            svg,
            BUFFER,
            "buffer ahead of the playhead, and the most that it may hold",
            most,
            "s",
        );
        let y = BUFFER.y(limit / most);
        let _ = writeln!(
            svg,
            r##"<path class="l" d="M{LEFT} {y:.1}H{}" stroke="#888" stroke-dasharray="4 4"/>"##,
            WIDTH - RIGHT
        );
        let mut path = String::new();
        for sample in &self.journal.samples {
            let Some((x, _)) = self.span(sample.time, sample.time) else {
                continue;
            };
            let y = BUFFER.y(sample.ahead as f64 / 1e6 / most);
            let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
        }
        let _ = writeln!(svg, r##"<path class="l" d="{path}" stroke="#009e73"/>"##);
    }

    /// What the viewer did, and where the engine jumped.
    fn marks(&self, svg: &mut String) {
        let actions = self
            .journal
            .actions
            .iter()
            .map(|(at, action)| (*at, format!("{action:?}")));
        let seeks = self
            .journal
            .seeks
            .iter()
            .map(|(at, to)| (*at, format!("to {:.1} s", to.0 as f64 / 1e6)));
        for (at, what) in actions.chain(seeks) {
            let Some((x, _)) = self.span(at, at) else { continue };
            let _ = writeln!(
                svg,
                r##"<path d="M{x:.1} {}V{}" stroke="#cc79a7" stroke-dasharray="2 3"/><text x="{:.1}" y="{}" font-size="9">{}</text>"##,
                NETWORK.top - 8.0,
                BUFFER.bottom(),
                x + 2.0,
                NETWORK.top - 8.0,
                escape(&what)
            );
        }
    }
}

const fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// A round number near `about`: 1, 2 or 5 times a power of ten.
fn nice(about: f64) -> f64 {
    let mut step = 1e-3;
    let factors = [2.0, 2.5, 2.0];
    let mut at = 0;
    while step < about && step < 1e9 {
        step *= factors[at % 3];
        at += 1;
    }
    step
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_step_by_round_numbers() {
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * b, "{a} is not {b}");
        near(nice(0.9), 1.0);
        near(nice(1.1), 2.0);
        near(nice(4.9), 5.0);
        near(nice(51.0), 100.0);
    }
}
