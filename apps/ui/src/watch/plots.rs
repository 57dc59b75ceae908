//! The plots of the stats panel, on canvas.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::format;
use crate::player::history::{History, Sample, WINDOW, scale_top};

/// Colours of the lines: the picture's, the sound's and the network's.
pub(super) const WARM: &str = "#ffb454";
/// See [`WARM`].
pub(super) const COOL: &str = "#7cc4ff";
const GRID: &str = "#ffffff1f";
const LABEL: &str = "#c9c0b2";

/// One line of a plot.
struct Line<'a> {
    value: &'a dyn Fn(&Sample) -> f64,
    colour: &'a str,
    steps: bool,
    fill: bool,
}

/// Draws the seconds of video and audio ahead, and the goal.
pub(super) fn draw_buffer(canvas: &HtmlCanvasElement, history: &History, goal: f64) {
    let video = |sample: &Sample| sample.video_buffer;
    let audio = |sample: &Sample| sample.audio_buffer;
    let peak = history.peak(video).max(history.peak(audio)).max(goal);
    let lines = [
        Line {
            value: &audio,
            colour: COOL,
            steps: false,
            fill: false,
        },
        Line {
            value: &video,
            colour: WARM,
            steps: false,
            fill: true,
        },
    ];
    draw(canvas, history, scale_top(peak, 10.0), &lines, Some(goal), |top| {
        format!("{top:.0} s")
    });
}

/// Draws the throughput, and the bit rate of the rendition as steps.
pub(super) fn draw_rates(canvas: &HtmlCanvasElement, history: &History) {
    let throughput = |sample: &Sample| sample.throughput;
    let bitrate = |sample: &Sample| sample.bitrate;
    // A burst far above the ladder would flatten the steps that matter.
    let ladder = history.peak(bitrate);
    let peak = history.peak(throughput).max(ladder);
    let peak = if ladder > 0.0 { peak.min(ladder * 4.0) } else { peak };
    let lines = [
        Line {
            value: &throughput,
            colour: COOL,
            steps: false,
            fill: false,
        },
        Line {
            value: &bitrate,
            colour: WARM,
            steps: true,
            fill: true,
        },
    ];
    draw(canvas, history, scale_top(peak, 1e6), &lines, None, format::bit_rate);
}

fn draw(
    canvas: &HtmlCanvasElement,
    history: &History,
    top: f64,
    lines: &[Line<'_>],
    goal: Option<f64>,
    label: impl Fn(f64) -> String,
) {
    let Some((context, width, height)) = prepare(canvas) else {
        return;
    };
    context.set_line_width(1.0);
    context.set_stroke_style_str(GRID);
    for part in [0.0, 0.5, 1.0] {
        let y = (height - 1.0) * part + 0.5;
        stroke(&context, &[(0.0, y), (width, y)]);
    }
    for quarter in 1..4 {
        let x = width * f64::from(quarter) / 4.0;
        stroke(&context, &[(x, 0.0), (x, height)]);
    }
    if let Some(goal) = goal.filter(|goal| *goal > 0.0 && *goal <= top) {
        let dashes = js_sys::Array::of2(&4.0.into(), &4.0.into());
        let _ = context.set_line_dash(&dashes);
        context.set_stroke_style_str(LABEL);
        let y = height * (1.0 - goal / top);
        stroke(&context, &[(0.0, y), (width, y)]);
        let _ = context.set_line_dash(&js_sys::Array::new());
    }
    for line in lines {
        let points = history.line(line.value, (width, height - 1.0), top, line.steps);
        draw_line(&context, &points, line, height);
    }
    context.set_fill_style_str(LABEL);
    // As large as the panel's text is on this screen.
    let size = (height / 7.0).clamp(10.0, 24.0);
    context.set_font(&format!("{size:.0}px system-ui, sans-serif"));
    let _ = context.fill_text(&label(top), 4.0, size + 1.0);
    let _ = context.fill_text(&format!("−{WINDOW:.0} s"), 4.0, height - size / 2.0);
}

fn draw_line(context: &CanvasRenderingContext2d, points: &[(f64, f64)], line: &Line<'_>, height: f64) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return;
    };
    if line.fill {
        context.set_global_alpha(0.16);
        context.set_fill_style_str(line.colour);
        trace(context, points);
        context.line_to(last.0, height);
        context.line_to(first.0, height);
        context.fill();
        context.set_global_alpha(1.0);
    }
    context.set_line_width(2.0);
    context.set_stroke_style_str(line.colour);
    stroke(context, points);
    context.set_line_width(1.0);
}

fn stroke(context: &CanvasRenderingContext2d, points: &[(f64, f64)]) {
    trace(context, points);
    context.stroke();
}

fn trace(context: &CanvasRenderingContext2d, points: &[(f64, f64)]) {
    context.begin_path();
    for (index, (x, y)) in points.iter().enumerate() {
        if index == 0 {
            context.move_to(*x, *y);
        } else {
            context.line_to(*x, *y);
        }
    }
}

/// Fits the canvas to its box and to the screen's pixels, and clears it.
fn prepare(canvas: &HtmlCanvasElement) -> Option<(CanvasRenderingContext2d, f64, f64)> {
    let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
    if width < 1.0 || height < 1.0 {
        return None;
    }
    let ratio = window().device_pixel_ratio().clamp(1.0, 3.0);
    let (across, down) = ((width * ratio) as u32, (height * ratio) as u32);
    if canvas.width() != across || canvas.height() != down {
        canvas.set_width(across);
        canvas.set_height(down);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, width, height);
    Some((context, width, height))
}
