use super::*;
use crate::cue::{BlockAlign, EdgeKind};
use proptest::prelude::*;

fn cues(text: &str) -> Vec<Cue> {
    parse(text.as_bytes(), &[]).unwrap()
}

fn plain(cue: &Cue) -> String {
    let line = |line: &crate::Line| line.iter().map(|span| span.text.as_str()).collect::<String>();
    cue.lines.iter().map(line).collect::<Vec<_>>().join("|")
}

/// Starts, ends in milliseconds and texts.
fn told(cues: &[Cue]) -> Vec<(i64, i64, String)> {
    let ms = |time: Micros| if time == Micros::MAX { -1 } else { time.0 / 1000 };
    cues.iter()
        .map(|cue| (ms(cue.start), ms(cue.end), plain(cue)))
        .collect()
}

fn document(head: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><tt xmlns=\"http://www.w3.org/ns/ttml\" xmlns:tts=\"http://www.w3.org/ns/ttml#styling\" xml:lang=\"en\"><head>{head}</head>{body}</tt>"
    )
}

#[test]
fn times_nest_and_follow() {
    let text = document(
        "",
        "<body begin='10s'><div end='20s'><p begin='1s' dur='2s'>a</p><p begin='15s'>b</p></div><div timeContainer='seq' begin='30s'><p dur='1s'>c</p><p begin='1s' dur='1s'>d</p><p>never</p></div><p begin='50s'>open</p></body>",
    );
    let expected = [
        (11_000, 13_000, "a"),
        (25_000, 30_000, "b"),
        (40_000, 41_000, "c"),
        (42_000, 43_000, "d"),
        (60_000, -1, "open"),
    ];
    assert_eq!(told(&cues(&text)), expected.map(|(s, e, t)| (s, e, t.to_owned())));
}

#[test]
fn spans_with_times_make_cues_that_grow() {
    let text = document(
        "",
        "<body><p begin='0s' end='6s'>one <span begin='2s'>two</span><br/><span begin='2s' end='4s'>three</span></p></body>",
    );
    let expected = [(0, 2000, "one"), (2000, 4000, "one two|three"), (4000, 6000, "one two")];
    assert_eq!(told(&cues(&text)), expected.map(|(s, e, t)| (s, e, t.to_owned())));
}

#[test]
fn styles_come_by_reference_nested_and_inline() {
    let head = "<styling><initial tts:color='lime'/><style xml:id='base' tts:fontFamily='proportionalSansSerif, Arial;x' tts:fontSize='50%'/><style xml:id='loud' style='base' tts:fontWeight='bold' tts:textOutline='black 2px'/></styling><layout><region xml:id='r' tts:textDecoration='underline'><style tts:origin='10% 80%'/><style tts:extent='80% 10%' tts:displayAlign='after' tts:padding='1c 10%'/></region></layout>";
    let text = document(
        head,
        "<body region='r'><p end='1s' style='loud' tts:textAlign='end'>a <span tts:color='#ff000080' tts:backgroundColor='black' tts:fontStyle='italic' tts:fontSize='200%'>b</span></p></body>",
    );
    let cue = &cues(&text)[0];
    let layout = &cue.layout;
    assert_eq!((layout.region.as_str(), layout.place), ("r", Place::Box));
    assert_eq!((layout.left, layout.top), (Percent(1000), Percent(8000)));
    assert_eq!((layout.width, layout.height), (Percent(8000), Percent(1000)));
    assert_eq!(
        (layout.block_align, layout.text_align),
        (BlockAlign::After, TextAlign::End)
    );
    assert_eq!(layout.padding, [666, 800, 666, 800].map(Percent));
    let (a, b) = (&cue.lines[0][0].style, &cue.lines[0][1].style);
    assert_eq!((a.color, a.size), (Some(Rgba::rgb(0x00_FF00)), Some(Percent(333))));
    assert!(a.bold && a.underline && !a.italic && b.italic);
    assert_eq!(a.family, "sans-serif, Arialx");
    assert_eq!(
        a.edge.map(|edge| (edge.kind, edge.color)),
        Some((EdgeKind::Outline, Rgba::BLACK))
    );
    assert_eq!((b.color, b.background), (Some(Rgba(0xFF00_0080)), Some(Rgba::BLACK)));
    assert_eq!(b.size, Some(Percent(666)));
}

#[test]
fn set_changes_styles_for_a_while() {
    let head = "<layout><region xml:id='r'><set begin='3s' tts:origin='0% 50%'/></region></layout>";
    let text = document(
        head,
        "<body><p region='r' begin='1s' end='5s'>x<set begin='1s' end='2s' tts:color='red'/></p></body>",
    );
    let cues = cues(&text);
    let seen: Vec<_> = cues
        .iter()
        .map(|cue| {
            (
                cue.start.0 / 1_000_000,
                cue.end.0 / 1_000_000,
                cue.layout.top.0,
                cue.lines[0][0].style.color,
            )
        })
        .collect();
    let (red, white) = (Some(Rgba::rgb(0xFF_0000)), Some(Rgba::WHITE));
    assert_eq!(seen, [(1, 2, 0, white), (2, 3, 0, red), (3, 5, 5000, white)]);
}

#[test]
fn pixels_cells_positions_and_modes() {
    let text = "<tt tts:extent='1280px 720px' ttp:cellResolution='40 20'><head><layout><region xml:id='p' tts:origin='128px 72px' tts:extent='640px 360px'/><region xml:id='c' tts:origin='4c 2c' tts:extent='20c 10c' tts:writingMode='tbrl' tts:zIndex='3'/><region xml:id='q' tts:extent='50% 20%' tts:position='right 10% bottom 0%'/></layout></head><body><p region='p' end='1s'>1</p><p region='c' end='1s'>2</p><p region='q' end='1s' tts:direction='rtl' tts:lineHeight='125%' tts:wrapOption='noWrap'>3</p></body></tt>";
    let cues = cues(text);
    for (cue, left) in cues.iter().zip([1000, 1000, 4500]) {
        assert_eq!(cue.layout.left, Percent(left), "{}", plain(cue));
        assert_eq!(cue.layout.width, Percent(5000));
    }
    assert_eq!(
        (cues[1].layout.writing_mode, cues[1].layout.layer),
        (WritingMode::VerticalRl, 3)
    );
    assert_eq!(
        (cues[2].layout.top, cues[2].layout.direction),
        (Percent(8000), Direction::Rtl)
    );
    assert_eq!(
        (cues[2].layout.line_height, cues[2].layout.wrap),
        (Some(Percent(625)), false)
    );
}

#[test]
fn blanks_collapse_unless_preserved() {
    let text = document(
        "",
        "<body><p end='1s'>\n  a\n  <span> b </span> c\n <br/>\n d </p><p end='1s' xml:space='preserve'>e  f\ng</p><p end='1s'>  </p></body>",
    );
    let texts: Vec<_> = cues(&text).iter().map(plain).collect();
    assert_eq!(texts, ["a b c|d", "e  f|g"]);
}

#[test]
fn without_regions_text_stands_at_the_bottom() {
    let cue = &cues(&document("", "<body><p end='1s'>a</p></body>"))[0];
    assert_eq!(
        (cue.layout.place, cue.layout.text_align),
        (Place::Stack, TextAlign::Center)
    );
}

#[test]
fn forced_hidden_and_not_displayed() {
    let text = document(
        "",
        "<body><div itts:forcedDisplay='true'><p end='1s'>a</p></div><p end='1s' tts:visibility='hidden'>b</p><p end='1s' tts:display='none'>c</p><p end='1s' tts:opacity='0.5'>d</p></body>",
    );
    let cues = cues(&text);
    assert_eq!(
        cues.iter().map(|cue| cue.forced).collect::<Vec<_>>(),
        [true, false, false]
    );
    assert_eq!(cues[1].lines[0][0].style.color, Some(Rgba::TRANSPARENT.faded(0)));
    assert_eq!(cues[2].lines[0][0].style.color, Some(Rgba(0xFFFF_FF7F)));
}

#[test]
fn pictures_come_embedded_and_as_subsamples() {
    let png = "iVBORw0KGgo=";
    let head = format!(
        "<metadata><smpte:image xml:id='i' imageType='PNG' encoding='Base64'>{png}</smpte:image></metadata><layout><region xml:id='r' tts:origin='25% 75%' tts:extent='50% 20%'/></layout>"
    );
    let body = "<body><div region='r' end='1s' smpte:backgroundImage='#i'/><div region='r' begin='1s' end='2s' smpte:backgroundImage='urn:mpeg:14496-30:subs:2'/><div region='r' begin='2s' end='3s'><image src='urn:mpeg:14496-30:subs:1' type='image/png'/></div><div smpte:backgroundImage='#none' end='1s'/></body>";
    let first = [0x89, b'P', b'N', b'G', 1];
    let second = [0xFF, 0xD8, 0xFF, 2];
    let cues = parse(document(&head, body).as_bytes(), &[&first, &second]).unwrap();
    assert_eq!(cues.len(), 3);
    let images: Vec<_> = cues.iter().filter_map(|cue| cue.image.as_ref()).collect();
    assert_eq!((images[0].mime.as_str(), images[0].data.len()), ("image/png", 8));
    assert_eq!(
        (images[1].mime.as_str(), &images[1].data[..]),
        ("image/jpeg", &second[..])
    );
    assert_eq!(images[2].data, first);
    assert_eq!(cues[1].layout.left, Percent(2500));
}

#[test]
fn ruby_stands_over_its_base() {
    let text = document(
        "",
        "<body><p end='1s'><span tts:ruby='container'><span tts:ruby='base'>漢</span><span tts:ruby='text'>kan</span></span></p></body>",
    );
    let span = &cues(&text)[0].lines[0][0];
    assert_eq!((span.text.as_str(), span.ruby.as_str()), ("漢", "kan"));
}

#[test]
fn other_documents_are_refused_and_bombs_too() {
    assert_eq!(parse(b"<html/>", &[]), Err(Error::NotTtml));
    assert_eq!(parse(b"", &[]), Err(Error::NotTtml));
    let deep = format!("<tt><body>{}", "<div>".repeat(100));
    assert_eq!(parse(deep.as_bytes(), &[]), Err(Error::TooLarge));
    let spans = "<span begin='1ms'>x</span>".repeat(20_000);
    let sets: String = (0..500)
        .map(|at| format!("<set begin='{at}ms' tts:color='red'/>"))
        .collect();
    let busy = format!("<tt><body><p>{sets}{spans}</p></body></tt>");
    assert_eq!(parse(busy.as_bytes(), &[]), Err(Error::TooLarge));
    let cycle = "<tt><head><styling><style xml:id='a' style='b b b'/><style xml:id='b' style='a a a' tts:color='red'/></styling></head><body><p style='a' end='1s'>x</p></body></tt>";
    assert_eq!(cues(cycle).len(), 1);
}

#[test]
fn utf_16_is_read() {
    let text = document("", "<body><p end='1s'>é</p></body>");
    let wide: Vec<u8> = std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(plain(&parse(&wide, &[]).unwrap()[0]), "é");
}

proptest! {
    #[test]
    fn no_text_panics(head in "\\PC{0,60}", time in "[0-9:.smfht-]{0,12}", value in "\\PC{0,20}") {
        let text = document(&head, &format!(
            "<body begin='{time}'><p end='{time}' tts:extent='{value}' tts:position='{value}' tts:fontSize='{value}' tts:padding='{value}' tts:origin='{value}' tts:color='{value}' tts:textOutline='{value}'>{value}<br/>{head}</p></body>"
        ));
        let _ = parse(text.as_bytes(), &[]);
    }

    #[test]
    fn no_bytes_panic(data: Vec<u8>) {
        let _ = parse(&data, &[]);
        let _ = parse(&[b"<tt>", &data[..]].concat(), &[]);
    }
}
