use super::*;
use crate::cue::{BlockAlign, Percent, Place, Rgba, TextAlign, WritingMode};
use proptest::prelude::*;

fn cues(text: &str) -> Vec<Cue> {
    parse(text.as_bytes(), Micros(0)).unwrap_or_default()
}

fn plain(cue: &Cue) -> String {
    let line = |line: &crate::Line| line.iter().map(|span| span.text.as_str()).collect::<String>();
    cue.lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn settings(text: &str) -> crate::Layout {
    settings::layout(text, &[])
}

#[test]
fn cues_with_ids_settings_and_notes() {
    let cues = cues(
        "\u{feff}WEBVTT - title\r\n\r\nNOTE not --a cue\r\n\r\n1\r\n00:01.000 --> 00:02.500 line:0 align:start\r\n<i>one</i>\r\ntwo\r\n\r\n01:00:00.000 --> 01:00:01.000\r\nlate\r\n",
    );
    assert_eq!(cues.len(), 2);
    assert_eq!((plain(&cues[0]).as_str(), cues[0].id.as_str()), ("one\ntwo", "1"));
    assert!(cues[0].lines[0][0].style.italic && !cues[0].lines[1][0].style.italic);
    assert_eq!(cues[0].layout.place, Place::Line(0));
    assert_eq!((cues[0].start, cues[0].end), (Micros(1_000_000), Micros(2_500_000)));
    assert_eq!((cues[1].start, cues[1].id.as_str()), (Micros(3_600_000_000), ""));
}

#[test]
fn a_malformed_cue_costs_only_itself() {
    let cues = cues(
        "WEBVTT\n\n00:99.000 --> 00:02.000\nbad\n\n00:03.000 --> 00:04.000\ngood\n00:05.000 --> 00:06.000\nno blank line before\n",
    );
    let texts: Vec<_> = cues.iter().map(plain).collect();
    assert_eq!(texts, ["good", "no blank line before"]);
}

#[test]
fn a_cue_right_after_the_header_line_is_read() {
    assert_eq!(cues("WEBVTT\n00:00.000 --> 00:01.000\na").len(), 1);
    assert_eq!(cues("WEBVTT").len(), 0);
}

#[test]
fn anything_else_is_not_webvtt() {
    for bad in [&b"<html>"[..], b"WEBVTTX", b""] {
        assert_eq!(parse(bad, Micros(0)), Err(Error::NotWebVtt));
    }
}

#[test]
fn offsets_and_the_timestamp_map_move_cues() {
    let body = "00:00.000 --> 00:01.000\na";
    let moved = parse(format!("WEBVTT\n\n{body}").as_bytes(), Micros(5)).unwrap();
    assert_eq!(moved[0].start, Micros(5));
    let map = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:01.000,MPEGTS:900000\n\n";
    assert_eq!(cues(&format!("{map}{body}"))[0].start, Micros(9_000_000));
}

#[test]
fn tags_become_styles() {
    let cues = cues(
        "WEBVTT\n\n00:00.000 --> 00:01.000\n<v Anna Lee>Look, <i>the <b>tide</b></i>!\n<c.yellow.bg_blue>Run</c><00:00:01.000> &lt;script&gt; &#x41; &bogus; <ruby>base<rt>over</rt></ruby>",
    );
    let line = &cues[0].lines[0];
    assert_eq!(line[0].voice, "Anna Lee");
    assert!(line[2].style.italic && line[2].style.bold);
    assert!(!line[3].style.italic);
    let second = &cues[0].lines[1];
    assert_eq!(second[0].style.color, Some(Rgba::rgb(0xFF_FF00)));
    assert_eq!(second[0].style.background, Some(Rgba::rgb(0x00_00FF)));
    assert_eq!(second[1].text, " <script> A &bogus; ");
    assert_eq!((second[2].text.as_str(), second[2].ruby.as_str()), ("base", "over"));
}

#[test]
fn style_sheets_apply() {
    let file = "WEBVTT\n\nSTYLE\n::cue { color: #ff0; /* x */ font-size: 150% }\n::cue(.loud), ::cue(b) { font-weight: bold; text-shadow: 2px 2px red }\n::cue(#two){background-color:rgba(0,0,0,0.5);font-family:\"Some Font\", serif}\n\n00:00.000 --> 00:01.000\n<c.loud>a</c>b\n\ntwo\n00:01.000 --> 00:02.000\nc";
    let cues = cues(file);
    let (loud, other) = (&cues[0].lines[0][0].style, &cues[0].lines[0][1].style);
    assert!(loud.bold && loud.edge.is_some() && !other.bold);
    assert_eq!(
        (other.color, other.size),
        (Some(Rgba::rgb(0xFF_FF00)), Some(Percent(750)))
    );
    let two = &cues[1].lines[0][0].style;
    assert_eq!(
        (two.background, two.family.as_str()),
        (Some(Rgba(0x7F)), "Some Font, serif")
    );
}

#[test]
fn regions_place_their_cues() {
    let file = "WEBVTT\n\nREGION\nid:fred\nwidth:40%\nlines:3\nregionanchor:0%,100%\nviewportanchor:10%,90%\nscroll:up\n\n00:00.000 --> 00:01.000 region:fred align:left\na\n\n00:00.000 --> 00:01.000 region:fred line:1\nb";
    let cues = cues(file);
    let layout = &cues[0].layout;
    assert_eq!(
        (layout.region.as_str(), layout.place, layout.roll_up),
        ("fred", Place::Box, true)
    );
    assert_eq!((layout.left, layout.width), (Percent(1000), Percent(4000)));
    assert_eq!((layout.top, layout.height), (Percent(9000 - 1599), Percent(1599)));
    assert_eq!(cues[1].layout.place, Place::Line(1));
}

#[test]
fn settings_make_boxes() {
    let layout = settings("line:10% position:20% align:start size:50%");
    assert_eq!((layout.place, layout.block_align), (Place::Box, BlockAlign::Before));
    assert_eq!((layout.left, layout.width), (Percent(2000), Percent(5000)));
    assert_eq!((layout.top, layout.text_align), (Percent(1000), TextAlign::Start));
    let end = settings("line:80%,end");
    assert_eq!(
        (end.top, end.height, end.block_align),
        (Percent(0), Percent(8000), BlockAlign::After)
    );
    assert_eq!(settings("line:-1").place, Place::Line(-1));
    let vertical = settings("vertical:rl line:10% size:50%");
    assert_eq!(vertical.writing_mode, WritingMode::VerticalRl);
    assert_eq!((vertical.left, vertical.width), (Percent(0), Percent(9000)));
    assert_eq!((vertical.top, vertical.height), (Percent(2500), Percent(5000)));
}

#[test]
fn boxes_do_not_leave_the_picture() {
    for (text, left, width) in [
        ("align:end position:90%", 0, 9000),
        ("position:80% size:60%", 6000, 4000),
        ("position:10%,line-left align:center", 1000, 9000),
    ] {
        let layout = settings(text);
        assert_eq!((layout.left.0, layout.width.0), (left, width), "{text}");
    }
}

#[test]
fn wrong_settings_are_ignored() {
    let wrong = "line:abc size:400% position:-3% align:middle;color:red nonsense vertical:up region:none";
    assert_eq!(settings(wrong), crate::Layout::default());
}

proptest! {
    #[test]
    fn no_input_panics(body in "\\PC*") {
        let _ = parse(format!("WEBVTT\n\n{body}").as_bytes(), Micros(i64::MAX));
        let _ = parse(format!("WEBVTT\n\nSTYLE\n{body}\n\n00:00.000 --> 00:01.000 {body}\n{body}").as_bytes(), Micros(0));
    }

    #[test]
    fn no_bytes_panic(data: Vec<u8>) {
        let _ = parse(&data, Micros(0));
    }
}
