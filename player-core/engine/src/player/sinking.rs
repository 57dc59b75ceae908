//! What goes into the sink, in which order, and what has to go out of it.

use footlight_dash::Micros;

use super::input::RequestId;
use super::output::{Output, SinkTrack};
use super::session::{Session, Stage, to_u32};
use super::stream::{Chosen, Operation, Stream};
use crate::buffering::Ranges;
use crate::delivery::{Delivery, Io, Purpose};
use crate::error::{Action, PlayerError, Severity};
use crate::presentation::{Kind, RepKey};

/// Removing behind the playhead is put off until this much can go at once.
const EVICT_STEP: Micros = Micros(10_000_000);
/// Kept behind the playhead when the sink is full: the picture on screen needs its key frame.
const KEEP_WHEN_FULL: Micros = Micros(4_000_000);
/// Less than this behind the playhead makes no room for a segment.
const WORTH_REMOVING: Micros = Micros(2_000_000);
/// Less than this ahead of the playhead, and it is about to stop.
const PLAYABLE: Micros = Micros(1_000_000);
/// A sink that was full is tried again after this, even if the playhead has not moved.
const FULL_PAUSE: Micros = Micros(5_000_000);
/// The buffer goal never shrinks below this.
const SMALLEST_GOAL: Micros = Micros(4_000_000);
/// A frame at a period's border may start this much early, by rounding, and belongs to it all the same.
const WINDOW_SLACK: Micros = Micros(1_000);

impl Session {
    /// Gives the sink its next operation, when it is free.
    pub(super) fn feed_sink(&mut self, io: &mut Io, kind: Kind) {
        let position = self.position(io);
        let Some(stream) = self.streams.iter_mut().find(|s| s.kind == kind) else {
            return;
        };
        if stream.operation.is_some() {
            return;
        }
        let step = EVICT_STEP.0.min(stream.behind.0 / 2);
        // When all is in, nothing needs the room.
        if !self.ended
            && let Some(start) = stream.buffered.start()
            && start.0 < position.0 - stream.behind.0 - step
        {
            let end = Micros(position.0 - stream.behind.0);
            return remove(io, stream, start, Some(end));
        }
        if let Some((until, anyway)) = stream.full_until {
            if position < until && io.now < anyway {
                return;
            }
            stream.full_until = None;
        }
        let Some(chosen) = stream.queue.front().copied() else {
            return;
        };
        let Some(part) = next_part(&self.delivery, kind, &chosen) else {
            return;
        };
        let Some(model) = &mut self.model else { return };
        let rep = chosen.entry.rep;
        let has_init = model.initialization(rep).is_some();
        let Some(representation) = model.rep(rep) else { return };
        let period_start = model.period(rep.period).map(|p| p.start).unwrap_or_default();
        // The last one may have frames a little past its end.
        let window_end = model.next_period(rep.period).and_then(|_| model.period_end(rep.period));
        let window_end = window_end.map(|end| end.saturating_add(WINDOW_SLACK));
        let timestamp_offset = representation.timestamp_offset();
        let window_start = Micros((period_start.0 - WINDOW_SLACK.0).max(0));
        // What the parser is inside of goes on, or is forgotten.
        let goes_on = stream.inside == Some(part.body) && stream.sink_init == Some(rep);
        let reset = stream.inside.is_some() && !goes_on;
        let part = if goes_on { part } else { Part { from: 0, ..part } };
        let append = |request, from, to| Output::Append {
            track: kind,
            request,
            from,
            to,
            reset,
            timestamp_offset,
            window_start,
            window_end,
        };
        if stream.sink_init != Some(rep) && has_init {
            let Some(init) = stream.init(rep) else {
                return self.fetch_init(io, kind, rep);
            };
            let mime = representation.full_mime();
            if !same_codec_family(&mime, &stream.sink_mime) {
                io.push(Output::ChangeType(SinkTrack {
                    track: kind,
                    mime: mime.clone(),
                }));
            }
            stream.sink_mime = mime;
            stream.operation = Some(Operation::Init(rep));
            stream.inside = None;
            io.push(append(init, 0, None));
            return;
        }
        self.ended = false;
        if let Some(to) = part.to {
            stream.operation = Some(Operation::Part(part.body, to));
            stream.inside = Some(part.body);
        } else {
            stream.queue.pop_front();
            stream.operation = Some(Operation::Media(chosen));
            stream.inside = None;
        }
        io.push(append(part.body, part.from, part.to));
    }

    /// An append or a removal is done.
    pub(super) fn append_done(&mut self, io: &mut Io, kind: Kind, buffered: Ranges) {
        self.take_stock(io, kind, buffered);
        let Some(stream) = self.streams.iter_mut().find(|s| s.kind == kind) else {
            return;
        };
        match stream.operation.take() {
            Some(Operation::Init(rep)) => stream.sink_init = Some(rep),
            Some(Operation::Media(chosen)) => {
                stream.inventory.insert(chosen.entry);
                // A segment that holds nothing is not there, and not lost either: it would not come back fuller.
                stream.inventory.reconcile(&stream.buffered);
                if let Some(request) = chosen.body {
                    io.push(Output::Release(request));
                }
                self.place(io);
            }
            Some(Operation::Part(body, to)) => {
                if let Some(chosen) = stream.queue.front_mut() {
                    chosen.appended = Some((body, to));
                }
                self.place(io);
            }
            Some(Operation::Remove) | None => {}
        }
    }

    /// The sink reports what it holds. Browsers evict on their own, and a full sink gives up what an earlier
    /// seek left further on: what went missing ahead of the playhead is chosen again.
    fn take_stock(&mut self, io: &mut Io, kind: Kind, buffered: Ranges) {
        let position = self.position(io);
        let Some(stream) = self.streams.iter_mut().find(|s| s.kind == kind) else {
            return;
        };
        stream.buffered = buffered;
        let lost = stream.inventory.reconcile(&stream.buffered);
        if let Some(first) = lost
            .into_iter()
            .find(|&start| start >= position && start < stream.cursor)
        {
            // What is chosen before it comes first, and stays.
            let target = stream.next_in_line().map_or(first, |start| start.min(first));
            stream.retarget(io, &mut self.delivery, target);
        }
    }

    /// With the first media in the sink, its playhead can be put where the presentation starts.
    fn place(&mut self, io: &mut Io) {
        if self.placed {
            return;
        }
        let start = self.live_place(io.now).unwrap_or(self.start.unwrap_or_default());
        self.placed = true;
        if start > Micros(0) {
            self.playhead.aim(io.now, start);
            io.push(Output::Seek(start));
        }
        if self.health.wants_play {
            // Said before there was a sink, it may have been lost on the media element.
            io.push(Output::SetRate(self.rate));
        }
    }

    /// The sink is full: make room behind the playhead, aim lower, and try the same segment again later.
    pub(super) fn sink_full(&mut self, io: &mut Io, kind: Kind, buffered: Ranges) {
        let position = self.position(io);
        self.take_stock(io, kind, buffered);
        let Some(stream) = self.streams.iter_mut().find(|s| s.kind == kind) else {
            return;
        };
        match stream.operation.take() {
            // What is there is good enough.
            Some(Operation::Media(chosen)) if chosen.replaces => {
                return stream.drop_chosen(io, &mut self.delivery, chosen);
            }
            Some(Operation::Media(chosen)) => stream.queue.push_front(chosen),
            _ => {}
        }
        let reached = stream.ahead(position).0;
        stream.behind = KEEP_WHEN_FULL;
        stream.goal = Micros((reached / 5 * 4).clamp(SMALLEST_GOAL.0, stream.goal.0));
        // A starved playhead needs room more than it needs what it has passed.
        let starved = reached < PLAYABLE.0;
        let keep = if starved { PLAYABLE } else { KEEP_WHEN_FULL };
        let worth = if starved { Micros(0) } else { WORTH_REMOVING };
        let keep_from = Micros(position.0 - keep.0);
        if let Some(start) = stream.buffered.start()
            && start.0 < keep_from.0 - worth.0
        {
            return remove(io, stream, start, Some(keep_from));
        }
        // What an earlier seek left further on is worth less than what comes next.
        if let Some(far) = stream.buffered.next_start(position.saturating_add(Micros(reached))) {
            return remove(io, stream, far, None);
        }
        if reached == 0 {
            return self.too_large(io, kind);
        }
        // Nothing to remove: wait until a fifth of what is ahead has been played.
        let until = position.saturating_add(Micros((reached / 5).max(500_000)));
        stream.full_until = Some((until, io.now.plus(FULL_PAUSE)));
    }

    /// An empty sink has no room for a segment: a smaller one, if there is one.
    fn too_large(&mut self, io: &mut Io, kind: Kind) {
        let is_fixed = self.fixed.is_some() && kind == Kind::Video;
        let Some(stream) = self.streams.iter_mut().find(|s| s.kind == kind) else {
            return;
        };
        let Some(first) = stream.queue.front().map(|chosen| chosen.entry) else {
            return;
        };
        let message = "a segment is larger than what the media pipeline takes";
        let error = PlayerError::new("sink.full", Severity::Recoverable, Action::Retry, message);
        for chosen in std::mem::take(&mut stream.queue) {
            stream.drop_chosen(io, &mut self.delivery, chosen);
        }
        stream.cursor = first.start;
        if first.rep.rep == 0 || is_fixed {
            stream.failed = Some(error);
            return;
        }
        io.warn(&error);
        let set = self.model.as_ref();
        let set = set.and_then(|m| m.set(first.rep.period, first.rep.set as usize));
        // What is larger does not fit either.
        let larger = first.rep.rep..set.map_or(0, |set| to_u32(set.len()));
        stream.avoided = larger.map(|rep| RepKey { rep, ..first.rep }).collect();
        stream.rep = None;
    }

    /// Tells the sink once that everything is in.
    pub(super) fn finish_stream(&mut self, io: &mut Io) {
        // A removal opens a stream again that had ended (MSE, `SourceBuffer.remove`).
        let is_removing = |s: &Stream| matches!(s.operation, Some(Operation::Remove));
        self.ended &= !self.streams.iter().any(is_removing);
        let complete = |s: &Stream| s.at_end && s.queue.is_empty() && s.operation.is_none() && s.failed.is_none();
        if !self.ended && self.stage == Stage::Streaming && self.streams.iter().all(complete) {
            self.ended = true;
            io.push(Output::EndOfStream);
        }
    }
}

/// What to append next of the first segment in the queue.
#[derive(Clone, Copy, Debug)]
struct Part {
    body: RequestId,
    from: u64,
    /// None: to the end of a complete body.
    to: Option<u64>,
}

/// The rest of a complete body, or what has arrived of one that is appended as it comes.
fn next_part(delivery: &Delivery, kind: Kind, chosen: &Chosen) -> Option<Part> {
    let done = |body| chosen.appended.filter(|(of, _)| *of == body).map_or(0, |(_, to)| to);
    if let Some(body) = chosen.body {
        return Some(Part {
            body,
            from: done(body),
            to: None,
        });
    }
    let progress = delivery.progress(Purpose::Media(kind)).filter(|_| chosen.progressive)?;
    let from = done(progress.request);
    (progress.head.is_some() && progress.received > from).then_some(Part {
        body: progress.request,
        from,
        to: Some(progress.received),
    })
}

fn remove(io: &mut Io, stream: &mut Stream, start: Micros, end: Option<Micros>) {
    stream.operation = Some(Operation::Remove);
    io.push(Output::Remove {
        track: stream.kind,
        start,
        end,
    });
}

/// Whether a sink opened for one MIME type takes the other without a change of type: the same container and
/// the same sample entries, whatever profile and level.
fn same_codec_family(a: &str, b: &str) -> bool {
    let family = |mime: &str| -> (String, Vec<String>) {
        let (container, codecs) = mime.split_once(';').unwrap_or((mime, ""));
        let codecs = codecs.split_once('"').map_or("", |(_, c)| c).trim_end_matches('"');
        let entries = codecs
            .split(',')
            .map(|c| c.trim_ascii().split('.').next().unwrap_or_default().to_owned())
            .collect();
        (container.trim_ascii().to_owned(), entries)
    };
    family(a) == family(b)
}

#[cfg(test)]
mod tests {
    use super::same_codec_family;

    #[test]
    fn profiles_and_levels_are_no_change_of_type() {
        let avc = r#"video/mp4; codecs="avc1.64001f""#;
        assert!(same_codec_family(avc, r#"video/mp4; codecs="avc1.42e00a""#));
        assert!(!same_codec_family(avc, r#"video/mp4; codecs="vp09.00.30.08""#));
        assert!(!same_codec_family(avc, r#"video/webm; codecs="avc1.64001f""#));
    }
}
