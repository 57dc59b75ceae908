//! Media of ours, whole and spoilt.

use super::*;
use crate::sink::News;
use bytes::Bytes;
use footlight_isobmff::Boxes;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The initialization segment and the fragments of a film of ours.
fn film() -> (Bytes, Vec<Bytes>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../media/tidewater/video-avc-180p.mp4");
    let data = Bytes::from(std::fs::read(path).unwrap());
    let boxes: Vec<_> = Boxes::new(&data).map(Result::unwrap).collect();
    let part = |from: u64, to: u64| data.slice(usize::try_from(from).unwrap()..usize::try_from(to).unwrap());
    let moov = boxes.iter().find(|found| found.kind.0 == *b"moov").unwrap();
    let fragments = boxes.windows(2).filter(|pair| pair[0].kind.0 == *b"moof");
    let fragments = fragments.map(|pair| part(pair[0].offset, pair[1].end()));
    (part(0, moov.end()), fragments.collect())
}

fn opened(mime: &str) -> (VerifyingSink, Findings, UnboundedReceiver<(u32, News)>) {
    let (mut sink, findings) = VerifyingSink::new();
    let (channel, news) = unbounded_channel();
    let track = SinkTrack {
        track: Kind::Video,
        mime: mime.to_owned(),
    };
    sink.open(&[track], None, SinkReport::new(1, channel));
    (sink, findings, news)
}

fn append(sink: &mut VerifyingSink, data: &Bytes) {
    sink.append(Append {
        track: Kind::Video,
        pieces: vec![data.clone()],
        continues: false,
        completes: true,
        reset: false,
        timestamp_offset: Micros(0),
        window_start: Micros(0),
        window_end: Some(Micros(1_000_000_000)),
    });
}

const MIME: &str = "video/mp4; codecs=\"avc1.64000c\"";

#[test]
fn good_media_plays_and_nothing_is_found() {
    let (init, fragments) = film();
    let (mut sink, findings, _news) = opened(MIME);
    append(&mut sink, &init);
    sink.set_rate(Instant(0), 2000);
    for fragment in &fragments {
        append(&mut sink, fragment);
    }
    sink.end_of_stream();
    assert_eq!(findings.take(), []);
    let end = sink.buffered(Kind::Video)[0].1;
    let due = sink.due().unwrap();
    assert!(
        due.0.abs_diff(end.0.unsigned_abs() / 2) <= 1,
        "twice as fast: {due:?} of {end:?}"
    );
    assert!(!sink.observe(Instant(due.0 - 10_000)).ended);
    assert!(sink.observe(due.plus(Micros(1))).ended);
}

#[test]
fn what_is_wrong_is_found() {
    let (init, fragments) = film();
    let (mut sink, findings, _news) = opened("video/mp4; codecs=\"hvc1.1.6.L93\"");
    let problems = |sink: &mut VerifyingSink, data: &Bytes| {
        append(sink, data);
        let found = findings.take();
        found.iter().map(|finding| finding.problem.code()).collect::<Vec<_>>()
    };
    assert_eq!(
        problems(&mut sink, &fragments[0]),
        ["media.damaged"],
        "no initialization segment"
    );
    assert_eq!(problems(&mut sink, &init), ["media.other-codec"]);
    assert_eq!(problems(&mut sink, &fragments[0]), [""; 0]);
    assert_eq!(problems(&mut sink, &fragments[2]), ["media.gap"]);
    assert_eq!(problems(&mut sink, &fragments[2]), ["media.overlap"]);
    let junk = Bytes::from_static(b"<html>not found, but 200</html>");
    assert_eq!(problems(&mut sink, &junk), ["media.damaged"]);
}

#[test]
fn a_seek_waits_for_media() {
    let (init, fragments) = film();
    let (mut sink, _, _news) = opened(MIME);
    append(&mut sink, &init);
    append(&mut sink, &fragments[0]);
    sink.set_rate(Instant(0), 1000);
    assert_eq!(sink.observe(Instant(0)).ready_state, 4);
    let end = sink.buffered(Kind::Video)[0].1;
    sink.seek(Instant(0), end.saturating_add(Micros(1_000_000)));
    assert!(sink.observe(Instant(5)).seeking);
    append(&mut sink, &fragments[1]);
    let seen = sink.observe(Instant(10));
    assert!(!seen.seeking && seen.ready_state == 4, "{seen:?}");
    sink.remove(Kind::Video, Micros(0), None);
    assert_eq!(sink.observe(Instant(20)).ready_state, 0);
}
