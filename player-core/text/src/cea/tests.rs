use super::*;
use crate::cue::{BlockAlign, EdgeKind, Rgba, TextAlign};
use proptest::prelude::*;

fn plain(cue: &Cue) -> String {
    let line = |line: &crate::Line| line.iter().map(|span| span.text.as_str()).collect::<String>();
    let lines = cue.lines.iter().map(line).collect::<Vec<_>>().join("|");
    lines.replace('\u{a0}', " ")
}

/// Feeds pairs of bytes and says what is on screen then.
fn channel(number: u8, field: u8, pairs: &[[u8; 2]]) -> Vec<Cue> {
    let mut channel = Channel::new(number);
    for &pair in pairs {
        channel.feed(field, pair);
    }
    channel.cues()
}

fn text(text: &str) -> Vec<[u8; 2]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    pairs
        .iter()
        .copied()
        .chain(rest.first().map(|&last| [last, 0x80]))
        .collect()
}

const RCL: [u8; 2] = [0x94, 0x20];
const EOC: [u8; 2] = [0x94, 0x2F];
const RU2: [u8; 2] = [0x14, 0x25];
const CR: [u8; 2] = [0x14, 0x2D];
const EDM: [u8; 2] = [0x14, 0x2C];
/// Row 14, column 8; row 15, column 4.
const ROW_14: [u8; 2] = [0x14, 0x54];
const ROW_15: [u8; 2] = [0x14, 0x72];

#[test]
fn pop_on_captions_show_at_once() {
    let mut pairs = [&[RCL, RCL, ROW_14, ROW_14][..], &text("Hi, there you")].concat();
    pairs.extend([ROW_15]);
    pairs.extend(text("all of you"));
    assert!(channel(1, 0, &pairs).is_empty());
    pairs.extend([EOC, EOC]);
    let cues = channel(1, 0, &pairs);
    assert_eq!(cues.len(), 1);
    assert_eq!(plain(&cues[0]), "    Hi, there you|all of you");
    let layout = &cues[0].layout;
    assert_eq!(
        (layout.text_align, layout.block_align),
        (TextAlign::Left, BlockAlign::After)
    );
    assert_eq!((layout.left, layout.top), (Percent(2000), Percent(1000 + 13 * 533)));
    pairs.push(EDM);
    assert!(channel(1, 0, &pairs).is_empty());
}

#[test]
fn control_codes_that_come_twice_count_once() {
    let pairs = [
        &[RCL, RCL][..],
        &text("ab"),
        &[[0x14, 0x21], [0x14, 0x21]],
        &text("c"),
        &[EOC, EOC],
    ]
    .concat();
    assert_eq!(plain(&channel(1, 0, &pairs)[0]), "ac");
}

#[test]
fn roll_up_captions_roll() {
    let pairs = [
        &[RU2, CR][..],
        &text("one"),
        &[CR],
        &text("two"),
        &[CR, CR],
        &text("three"),
    ]
    .concat();
    let cues = channel(1, 0, &pairs);
    assert_eq!(plain(&cues[0]), "two|three");
    assert!(cues[0].layout.roll_up);
    // Base row 11: the captions move there.
    let moved = [&pairs[..], &[[0x10, 0x40]]].concat();
    assert_eq!(channel(1, 0, &moved)[0].layout.top, Percent(1000 + 9 * 533));
}

#[test]
fn paint_on_colours_and_characters() {
    let rdc = [0x14, 0x29];
    // Row 1 in red, a special, an extended character over a plain one, a mid-row code, a background.
    let pairs = [
        &[rdc, [0x11, 0x48]][..],
        &text("a"),
        &[[0x11, 0x37], [0x12, 0x20]],
        &text("x"),
        &[[0x11, 0x2F]],
        &text("y "),
        &[[0x10, 0x24]],
        &text("z"),
    ]
    .concat();
    let cues = channel(1, 0, &pairs);
    assert_eq!(plain(&cues[0]), "aÁx y z");
    let line = &cues[0].lines[0];
    assert_eq!(line[0].style.color, Some(Rgba::rgb(0xFF_0000)));
    assert!(line[1].style.italic && line[1].style.underline);
    let last = &line.last().unwrap().style;
    assert_eq!(last.background, Some(Rgba::rgb(0x00_00FF)));
    assert_eq!(cues[0].layout.block_align, BlockAlign::Before);
}

#[test]
fn channels_and_fields_keep_apart() {
    // CC1 and CC2 in turns; CC3 with XDS in between.
    let one = [
        &[RCL][..],
        &text("one"),
        &[[0x1C, 0x20]],
        &text("two"),
        &[[0x1C, 0x2F], EOC],
    ]
    .concat();
    assert_eq!(plain(&channel(1, 0, &one)[0]), "one");
    assert_eq!(plain(&channel(2, 0, &one)[0]), "two");
    assert!(channel(3, 0, &one).is_empty());
    let three = [
        &[[0x15, 0x20]][..],
        &text("in"),
        &[[0x01, 0x03]],
        &text("xds"),
        &[[0x15, 0x2F]],
    ]
    .concat();
    assert_eq!(plain(&channel(3, 1, &three)[0]), "in");
    // The text service is not captions.
    let other = [&[[0x14, 0x2B]][..], &text("news"), &[EOC]].concat();
    assert!(channel(1, 0, &other).is_empty());
}

#[test]
fn centred_rows_are_centred() {
    let pairs = [&[RCL, [0x14, 0x76]][..], &text("eight in"), &[EOC]].concat();
    let cues = channel(1, 0, &pairs);
    assert_eq!(cues[0].layout.text_align, TextAlign::Center);
}

/// A packet of one service block, as pairs with the mark of its start.
fn packet(service: u8, block: &[u8]) -> Vec<(bool, [u8; 2])> {
    let size = u8::try_from(block.len()).unwrap();
    let mut bytes = vec![0];
    if service < 7 {
        bytes.push(service << 5 | size);
    } else {
        bytes.extend([7 << 5 | size, service]);
    }
    bytes.extend(block);
    bytes.push(0);
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes[0] = u8::try_from(bytes.len() / 2).unwrap();
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs.iter().enumerate().map(|(at, &pair)| (at == 0, pair)).collect()
}

fn service(number: u8, blocks: &[(u8, &[u8])]) -> Vec<Cue> {
    let mut service = Service::new(number);
    for (to, block) in blocks {
        for (is_start, pair) in packet(*to, block) {
            service.feed(is_start, pair);
        }
    }
    service.cues()
}

/// Window 0: visible, anchored at its bottom middle, 2 rows of 32, styles 1 and 1; and its middle.
const DEFINE: [u8; 7] = [0x98, 0x20, 0x80 | 100, 50, 0x71, 31, 0x09];

#[test]
fn windows_are_written_in() {
    let cues = service(
        1,
        &[
            (1, &DEFINE),
            (2, b"no"),
            (1, b"one\x0Dtwo\x0Dthree"),
            (1, &[0x91, 0x30, 0x80, 0x00, 0x90, 0x06, 0x98]),
            (1, b"!\x10\x39\x18\x00\xE9\x7F"),
        ],
    );
    assert_eq!(cues.len(), 1);
    assert_eq!(plain(&cues[0]), "two|three!™é♪");
    let layout = &cues[0].layout;
    assert_eq!(
        (layout.block_align, layout.left),
        (BlockAlign::After, Percent(5000 - 3040))
    );
    assert_eq!(layout.top.plus(layout.height), Percent(9000));
    assert_eq!(layout.block_background, Rgba::BLACK);
    let style = &cues[0].lines[1][1].style;
    assert_eq!(
        (style.color, style.background),
        (Some(Rgba::rgb(0xFF_0000)), Some(Rgba(0x80)))
    );
    assert!(style.italic && style.edge.is_some_and(|edge| edge.kind == EdgeKind::Outline));
    assert_eq!(style.size, Some(Percent(562)));
}

#[test]
fn windows_hide_clear_and_go() {
    let all: &[(&[u8], usize)] = &[
        (&[0x8A, 1], 0),
        (&[0x8B, 1], 0),
        (&[0x88, 1], 0),
        (&[0x8C, 1], 0),
        (&[0x8F], 0),
        (&[0x89, 1], 1),
    ];
    for (command, left) in all {
        let cues = service(1, &[(1, &DEFINE), (1, b"x"), (1, command)]);
        assert_eq!(cues.len(), *left, "{command:?}");
    }
    let both = service(
        9,
        &[
            (9, &DEFINE),
            (9, b"low"),
            (9, &[0x99, 0x21, 0, 0, 0x00, 5, 0]),
            (9, b"high"),
        ],
    );
    assert_eq!(both.len(), 2);
    assert_eq!((both[1].layout.left, both[1].layout.layer), (Percent(1000), 7));
}

proptest! {
    #[test]
    fn no_bytes_panic(pairs: Vec<(bool, [u8; 2])>, number in 1_u8..5) {
        let mut channel = Channel::new(number);
        let mut service = Service::new(number);
        // Most of what is random would be for other services.
        let mut own = Service::new(number);
        service.codes(&DEFINE);
        for (flag, pair) in pairs {
            channel.feed(u8::from(flag), pair);
            channel.cues();
            service.feed(flag, pair);
            own.codes(&DEFINE);
            own.codes(&pair);
            own.cues();
        }
    }

    #[test]
    fn no_codes_panic(data: Vec<u8>, more: Vec<u8>) {
        let mut service = Service::new(1);
        service.codes(&DEFINE);
        service.codes(&data);
        service.codes(&more);
        service.cues();
    }
}
