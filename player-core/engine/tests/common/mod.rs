//! A host made of virtual parts: a clock that jumps, a network with a rate and faults, a sink that holds
//! ranges and plays them. Sessions of minutes run in milliseconds, and the same way every time.

#![allow(dead_code, unreachable_pub)] // Each test binary uses its own part of the harness.

pub mod channel;
pub mod film;

use std::collections::BTreeMap;

use footlight_core::recorder::Recorder;
use footlight_core::{
    AppendFailure, Command, Config, CueId, Event, Fetch, Input, Instant, Kind, Micros, Output, Playback, Player,
    PlayerError, RequestId, State, TextFormat, TransportFailure,
};

pub const SECOND: i64 = 1_000_000;

/// What the server answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A body of so many bytes; of media, the time it covers.
    Media {
        bytes: u64,
        start: Micros,
        end: Micros,
    },
    /// Media sent chunk by chunk as they are made, the first at `first`.
    Chunked {
        bytes: u64,
        start: Micros,
        end: Micros,
        chunk: Micros,
        first: Instant,
    },
    /// A body that the engine reads.
    Text(Vec<u8>),
    Status(u16),
    /// No connection.
    Refused,
    /// Half of the body, then the connection ends.
    Truncated {
        bytes: u64,
    },
    /// Nothing ever.
    Hangs,
}

type Server = Box<dyn FnMut(&Fetch, Instant) -> Answer>;

struct Transfer {
    request: RequestId,
    answer: Answer,
    head_at: Instant,
    head_sent: bool,
    total: u64,
    sent: u64,
    inspect: bool,
}

/// When a cue shows, and what it says.
type Words = (Micros, Micros, String);

/// The engine and everything around it.
pub struct Harness {
    pub player: Player,
    pub recorder: Recorder,
    pub now: Instant,
    server: Server,
    /// What the server does not give, whatever it has.
    pub refuse: fn(&Fetch) -> bool,
    /// Bits per second, shared by all transfers.
    pub bandwidth: u64,
    pub latency: Micros,
    transfers: Vec<Transfer>,
    bodies: BTreeMap<RequestId, Answer>,
    pub fetched: Vec<Fetch>,
    /// Event messages in front of a segment.
    pub messages: Option<fn(&Fetch) -> Vec<u8>>,
    /// The service's wall clock when the player's is zero: responses have a date.
    pub epoch: Option<i64>,
    pub events: Vec<(Instant, Event)>,
    /// Text of each number.
    texts: BTreeMap<CueId, String>,
    next_cue: u32,
    /// What the player asked to be read, to be answered.
    to_read: Vec<(RequestId, Vec<Words>)>,
    pub read: Vec<(TextFormat, Option<RequestId>)>,
    /// When the first cue of each body that was read shows.
    pub read_at: Vec<Micros>,
    pub cues: Vec<(Micros, Vec<String>)>,
    pub seeks: Vec<(Instant, Micros)>,
    pub buffered: [Vec<(Micros, Micros)>; 2],
    pub tracks: Vec<Kind>,
    /// The sink takes no more than so much media per track.
    pub capacity: Micros,
    pub quota_hits: u32,
    pub ended_told: u32,
    /// The stream was said to have ended, and nothing was appended or removed since: either opens it again.
    over: bool,
    pub closed: u32,
    pub released: u32,
    pub position: Micros,
    pub rate: u32,
    pub duration: Option<Micros>,
    pub ended: bool,
    seeking: bool,
    /// What body each track's parser is inside of, and where it goes on.
    inside: [Option<(RequestId, u64)>; 2],
    sink_done: Vec<(Kind, Done)>,
    opened: bool,
    support: Option<usize>,
    pub refuse_types: Vec<&'static str>,
    /// The sink takes so many steps of the clock for what it is asked.
    pub sink_pace: u32,
    sink_pause: u32,
    /// The device loses every other frame of renditions above so many bits per second.
    pub decodes: Option<u64>,
    /// How much was decoded, and lost.
    shown: (Micros, Micros),
}

enum Done {
    Append,
    Quota,
    Remove,
}

impl Harness {
    pub fn new(config: Config, server: impl FnMut(&Fetch, Instant) -> Answer + 'static) -> Self {
        Self {
            recorder: Recorder::new(&config, 1),
            player: Player::new(config, 1),
            now: Instant::from_millis(1),
            server: Box::new(server),
            refuse: |_| false,
            bandwidth: 20_000_000,
            latency: Micros(20_000),
            transfers: Vec::new(),
            bodies: BTreeMap::new(),
            fetched: Vec::new(),
            messages: None,
            epoch: None,
            events: Vec::new(),
            texts: BTreeMap::new(),
            next_cue: 1,
            to_read: Vec::new(),
            read: Vec::new(),
            read_at: Vec::new(),
            cues: Vec::new(),
            seeks: Vec::new(),
            buffered: [Vec::new(), Vec::new()],
            tracks: Vec::new(),
            capacity: Micros(i64::MAX),
            quota_hits: 0,
            ended_told: 0,
            over: false,
            closed: 0,
            released: 0,
            position: Micros(0),
            rate: 0,
            sink_pace: 1,
            sink_pause: 0,
            decodes: None,
            shown: (Micros(0), Micros(0)),
            duration: None,
            ended: false,
            seeking: false,
            inside: [None; 2],
            sink_done: Vec::new(),
            opened: false,
            support: None,
            refuse_types: Vec::new(),
        }
    }

    pub fn load(&mut self, url: &str) {
        self.input(Input::Command(Command::Load { url, start: None }));
    }

    pub fn command(&mut self, command: Command<'_>) {
        self.input(Input::Command(command));
    }

    pub fn input(&mut self, input: Input<'_>) {
        self.handle(input);
        self.drain();
    }

    fn handle(&mut self, input: Input<'_>) {
        self.recorder.record(self.now, &input);
        self.player.handle_input(self.now, input);
    }

    fn drain(&mut self) {
        while let Some(output) = self.player.poll_output() {
            self.apply(output);
        }
    }

    fn apply(&mut self, output: Output) {
        match output {
            Output::Fetch(fetch) => {
                let answer = if (self.refuse)(&fetch) {
                    Answer::Status(404)
                } else {
                    (self.server)(&fetch, self.now)
                };
                let total = match &answer {
                    Answer::Media { bytes, .. } | Answer::Chunked { bytes, .. } | Answer::Truncated { bytes } => *bytes,
                    Answer::Text(body) => body.len() as u64,
                    _ => 0,
                };
                let head_at = self.now.plus(self.latency);
                let (request, inspect) = (fetch.request, fetch.inspect);
                self.transfers.push(Transfer {
                    request,
                    answer,
                    head_at,
                    head_sent: false,
                    total,
                    sent: 0,
                    inspect,
                });
                self.fetched.push(fetch);
            }
            Output::Cancel(request) => self.transfers.retain(|t| t.request != request),
            Output::Release(request) => {
                self.released += 1;
                self.bodies.remove(&request);
            }
            Output::ProbeSupport(types) => {
                let refused = &self.refuse_types;
                let flags: Vec<bool> = types.iter().map(|t| !refused.iter().any(|r| t.contains(r))).collect();
                self.handle(Input::Support(&flags));
            }
            Output::OpenSink { tracks, duration } => {
                self.tracks = tracks.iter().map(|t| t.track).collect();
                self.duration = duration;
                self.opened = true;
            }
            Output::Append {
                track,
                request,
                from,
                to,
                reset,
                window_start,
                window_end,
                ..
            } => {
                self.over = false;
                let window = (window_start, window_end.unwrap_or(Micros::MAX));
                self.append(track, request, (from, to), reset, window);
            }
            Output::SetDuration(duration) => self.duration = Some(duration),
            Output::Remove { track, start, end } => {
                self.over = false;
                let end = end.unwrap_or(Micros(i64::MAX));
                cut(&mut self.buffered[track as usize], start, end);
                self.sink_done.push((track, Done::Remove));
            }
            Output::EndOfStream => {
                self.ended_told += 1;
                self.over = true;
            }
            Output::CloseSink => {
                self.closed += 1;
                (self.position, self.seeking, self.ended) = (Micros(0), false, false);
                self.inside = [None; 2];
                self.buffered = [Vec::new(), Vec::new()];
                self.tracks.clear();
            }
            Output::Seek(position) => {
                self.seeks.push((self.now, position));
                self.position = position;
                self.seeking = true;
                self.ended = false;
            }
            Output::SetRate(rate) => self.rate = rate,
            Output::Cues(cues) => self
                .cues
                .push((self.position, cues.iter().map(|id| self.texts[id].clone()).collect())),
            Output::DecodeText {
                request,
                format,
                init,
                forced_only,
                timestamp_offset,
                window_start,
                window_end,
                ..
            } => {
                assert!(
                    init.is_none_or(|init| self.bodies.contains_key(&init)),
                    "{init:?} is not here"
                );
                let body = self.bodies.get(&request);
                let cues = words(
                    body.unwrap_or_else(|| panic!("{request:?} is not here")),
                    timestamp_offset,
                );
                let inside = cues
                    .into_iter()
                    .filter(|(start, end, _)| *end > window_start && *start < window_end)
                    .filter(|(_, _, text)| !forced_only || text.starts_with("forced"));
                self.read.push((format, init));
                let inside: Vec<_> = inside.collect();
                self.read_at.extend(inside.iter().map(|(start, ..)| *start).min());
                self.to_read.push((request, inside));
            }
            Output::ForgetCues(cues) => {
                for id in cues {
                    assert!(self.texts.remove(&id).is_some(), "{id:?} is forgotten already");
                }
            }
            Output::Event(event) => self.events.push((self.now, event)),
            Output::ChangeType(_) => {}
        }
    }

    fn append(
        &mut self,
        track: Kind,
        request: RequestId,
        (from, to): (u64, Option<u64>),
        reset: bool,
        window: (Micros, Micros),
    ) {
        let transfer = self.transfers.iter().find(|t| t.request == request);
        let body = match to {
            None => self.bodies.get(&request).cloned(),
            Some(to) => {
                let arriving = transfer.filter(|t| to <= t.sent).map(|t| t.answer.clone());
                arriving.or_else(|| self.bodies.get(&request).cloned())
            }
        };
        let body = body.unwrap_or_else(|| panic!("append of {request:?}, which is not here"));
        // A parser that is inside of a segment takes its continuation, or is reset.
        let goes_on = self.inside[track as usize] == Some((request, from));
        assert!(
            goes_on || from == 0,
            "{request:?} goes on at {from}, which the sink does not have"
        );
        assert!(
            goes_on || reset || self.inside[track as usize].is_none(),
            "{request:?} in the middle of {:?}",
            self.inside[track as usize]
        );
        let (start, end) = match body {
            Answer::Media { start, end, .. } => (start, end),
            Answer::Chunked {
                bytes,
                start,
                end,
                chunk,
                ..
            } => {
                let length = end.0 - start.0;
                let share =
                    |bytes_to: u64| (i128::from(length) * i128::from(bytes_to) / i128::from(bytes.max(1))) as i64;
                let whole = |bytes_to: u64| Micros(start.0 + share(bytes_to) / chunk.0 * chunk.0);
                (whole(from), to.map_or(end, whole))
            }
            // What came before the connection ended.
            Answer::Truncated { .. } if to.is_some() => (Micros(0), Micros(0)),
            _ => panic!("append of something else than media"),
        };
        self.inside[track as usize] = to.map(|to| (request, to));
        let (start, end) = (start.max(window.0), end.min(window.1));
        let held: i64 = self.buffered[track as usize].iter().map(|(s, e)| e.0 - s.0).sum();
        if held + (end.0 - start.0) > self.capacity.0 {
            self.quota_hits += 1;
            self.inside[track as usize] = goes_on.then_some((request, from));
            self.sink_done.push((track, Done::Quota));
            return;
        }
        if start < end {
            let ranges = &mut self.buffered[track as usize];
            ranges.push((start, end));
            ranges.sort();
            let mut joined: Vec<(Micros, Micros)> = Vec::new();
            for &(s, e) in ranges.iter() {
                match joined.last_mut() {
                    Some(last) if s <= last.1 => last.1 = last.1.max(e),
                    _ => joined.push((s, e)),
                }
            }
            *ranges = joined;
        }
        self.sink_done.push((track, Done::Append));
    }

    fn sink_answers(&mut self) {
        for (request, cues) in std::mem::take(&mut self.to_read) {
            let first = self.next_cue;
            let times: Vec<_> = cues.iter().map(|(start, end, _)| (*start, *end)).collect();
            for (_, _, text) in cues {
                self.texts.insert(CueId(self.next_cue), text);
                self.next_cue += 1;
            }
            self.input(Input::TextDecoded {
                request,
                first,
                cues: &times,
            });
        }
        if std::mem::take(&mut self.opened) {
            self.input(Input::SinkOpened);
        }
        self.sink_pause += 1;
        if self.sink_pause < self.sink_pace {
            return;
        }
        self.sink_pause = 0;
        for (track, done) in std::mem::take(&mut self.sink_done) {
            let buffered = self.buffered[track as usize].clone();
            self.input(match done {
                Done::Append => Input::AppendDone {
                    track,
                    buffered: &buffered,
                },
                Done::Quota => Input::AppendFailed {
                    track,
                    failure: AppendFailure::Quota,
                    buffered: &buffered,
                },
                Done::Remove => Input::RemoveDone {
                    track,
                    buffered: &buffered,
                },
            });
        }
    }

    /// What the sink could play from `position` on without waiting.
    fn playable(&self) -> Micros {
        let ahead = |kind: &Kind| {
            let ranges = &self.buffered[*kind as usize];
            ranges
                .iter()
                .find(|(s, e)| *s <= self.position && self.position < *e)
                .map_or(0, |(_, e)| e.0 - self.position.0)
        };
        let all = self.tracks.iter().map(ahead).min().unwrap_or(0);
        if all == 0 && self.over {
            // At the end of the stream the longer track plays out.
            return Micros(self.tracks.iter().map(ahead).max().unwrap_or(0));
        }
        Micros(all)
    }

    pub fn ready_state(&self) -> u8 {
        let metadata = self.buffered.iter().any(|r| !r.is_empty());
        match self.playable().0 {
            _ if !metadata => 0,
            0 if self.ended => 2,
            0 => 1,
            1..=120_000 => 2,
            _ => 4,
        }
    }

    /// One step of the world: 20 ms, or less when the engine wants to be woken earlier.
    fn step(&mut self) {
        let mut step = Micros(20_000);
        if let Some((at, _)) = self.player.poll_timeout() {
            step = Micros(at.since(self.now).0.clamp(1, step.0));
        }
        self.now = self.now.plus(step);
        self.network(step);
        self.sink_answers();
        if self.rate > 0 && !self.ended {
            let moved = Micros((step.0 * i64::from(self.rate) / 1000).min(self.playable().0));
            // Browsers stop a little before a hole.
            if self.ready_state() >= 3 || self.over && self.ready_state() >= 2 {
                self.position = self.position.saturating_add(moved);
                self.show(moved);
            }
            let end = self
                .buffered
                .iter()
                .filter_map(|r| r.last())
                .map(|r| r.1)
                .max()
                .unwrap_or_default();
            self.ended = self.over && self.playable() == Micros(0) && self.position >= end && end > Micros(0);
        }
        if self.ready_state() >= 2 {
            self.seeking = false;
        }
        self.observe();
        if self.player.poll_timeout().is_some_and(|(at, _)| at <= self.now) {
            self.input(Input::Timeout);
        }
        self.sink_answers();
    }

    /// Counts frames, where the device's speed matters.
    fn show(&mut self, moved: Micros) {
        let Some(decodes) = self.decodes else { return };
        let lost = self.renditions().last().is_some_and(|&rate| rate > decodes);
        self.shown.0.0 += moved.0;
        self.shown.1.0 += if lost { moved.0 / 2 } else { 0 };
    }

    fn observe(&mut self) {
        let frames = |shown: Micros| (shown.0 / 40_000) as u32;
        let seen = Playback {
            position: self.position,
            rate: self.rate.max(1000),
            paused: self.rate == 0,
            seeking: self.seeking,
            ended: self.ended,
            ready_state: self.ready_state(),
            decoded_frames: frames(self.shown.0),
            dropped_frames: frames(self.shown.1),
        };
        self.input(Input::Playback(seen));
    }

    fn network(&mut self, step: Micros) {
        let now = self.now;
        let due: Vec<RequestId> = self
            .transfers
            .iter()
            .filter(|t| t.head_at <= now)
            .map(|t| t.request)
            .collect();
        let share = self.bandwidth * step.0 as u64 / 8_000_000 / (due.len() as u64).max(1);
        for request in due {
            self.transfer(request, share);
        }
    }

    fn transfer(&mut self, request: RequestId, share: u64) {
        let Some(at) = self.transfers.iter().position(|t| t.request == request) else {
            return;
        };
        let t = &mut self.transfers[at];
        let (answer, inspect) = (t.answer.clone(), t.inspect);
        let (now, date) = (
            self.now,
            self.epoch
                .map(|epoch| Micros((epoch + self.now.0 as i64) / SECOND * SECOND)),
        );
        if !t.head_sent {
            t.head_sent = true;
            let total = t.total;
            match answer {
                Answer::Refused => {
                    self.transfers.remove(at);
                    return self.input(Input::ResponseFailed {
                        request,
                        failure: TransportFailure::Network,
                    });
                }
                Answer::Hangs => return,
                Answer::Status(status) => {
                    return self.input(Input::ResponseHead {
                        request,
                        status,
                        length: Some(0),
                        url: "",
                        date,
                    });
                }
                _ => {
                    let ranged = self.fetched.iter().any(|f| f.request == request && f.range.is_some());
                    let status = if ranged { 206 } else { 200 };
                    self.input(Input::ResponseHead {
                        request,
                        status,
                        length: (!matches!(self.transfers[at].answer, Answer::Chunked { .. })).then_some(total),
                        url: "",
                        date,
                    });
                    let fetch = self.fetched.iter().find(|f| f.request == request).filter(|f| f.boxes);
                    if let Some(data) = fetch.zip(self.messages).map(|(fetch, make)| make(fetch)) {
                        self.input(Input::Boxes { request, data: &data });
                    }
                }
            }
        }
        let Some(at) = self.transfers.iter().position(|t| t.request == request) else {
            return;
        };
        let t = &mut self.transfers[at];
        let limit = if matches!(answer, Answer::Truncated { .. }) {
            t.total / 2
        } else {
            t.total
        };
        // Chunks that are made by now.
        let (mut made, mut ends_chunk) = (limit, false);
        if let Answer::Chunked {
            bytes,
            start,
            end,
            chunk,
            first,
        } = &answer
        {
            let count = ((end.0 - start.0) / chunk.0) as u64;
            let ready = if now < *first {
                0
            } else {
                1 + now.since(*first).0 as u64 / chunk.0 as u64
            };
            made = bytes * ready.min(count) / count;
            ends_chunk = (1..=count).any(|n| t.sent + share.min(made.saturating_sub(t.sent)) == bytes * n / count);
            if made <= t.sent {
                return;
            }
        }
        let bytes = share.min(made - t.sent);
        if bytes == 0 && limit > 0 {
            return;
        }
        let from = t.sent as usize;
        t.sent += bytes;
        let complete = t.sent >= limit;
        if complete {
            self.transfers.remove(at);
            self.bodies.insert(request, answer.clone());
        }
        match &answer {
            Answer::Text(body) if inspect => {
                self.input(Input::Data {
                    request,
                    data: &body[from..from + bytes as usize],
                });
            }
            Answer::Hangs => return,
            _ => self.input(Input::Chunk {
                request,
                length: bytes as u32,
                ends_chunk,
            }),
        }
        if complete {
            self.input(match answer {
                Answer::Truncated { .. } => Input::ResponseFailed {
                    request,
                    failure: TransportFailure::Truncated,
                },
                _ => Input::ResponseEnd { request },
            });
        }
    }

    /// Runs until `done`, at most `seconds` of virtual time; says whether it came to that.
    pub fn run_until(&mut self, seconds: i64, mut done: impl FnMut(&Self) -> bool) -> bool {
        let limit = self.now.plus(Micros(seconds * SECOND));
        self.drain();
        while self.now < limit {
            if done(self) {
                return true;
            }
            self.step();
        }
        done(self)
    }

    pub fn run(&mut self, seconds: i64) {
        self.run_until(seconds, |_| false);
    }

    pub fn state(&self) -> State {
        let last = self
            .events
            .iter()
            .rev()
            .find_map(|(_, e)| if let Event::StateChanged(s) = e { Some(*s) } else { None });
        last.unwrap_or_default()
    }

    pub fn error(&self) -> Option<&PlayerError> {
        self.events
            .iter()
            .rev()
            .find_map(|(_, e)| if let Event::Error(e) = e { Some(e) } else { None })
    }

    pub fn stalls(&self) -> usize {
        self.events
            .iter()
            .filter(|(_, e)| matches!(e, Event::StallStarted))
            .count()
    }

    /// Bandwidths of the video renditions that came to the playhead, in order.
    pub fn renditions(&self) -> Vec<u64> {
        self.events
            .iter()
            .filter_map(|(_, e)| match e {
                Event::RenditionChanged {
                    kind: Kind::Video,
                    bandwidth,
                    ..
                } => Some(*bandwidth),
                _ => None,
            })
            .collect()
    }
}

fn cut(ranges: &mut Vec<(Micros, Micros)>, start: Micros, end: Micros) {
    let mut kept = Vec::new();
    for &(s, e) in ranges.iter() {
        if s < start {
            kept.push((s, e.min(start)));
        }
        if e > end {
            kept.push((s.max(end), e));
        }
    }
    kept.retain(|(s, e)| s < e);
    *ranges = kept;
}

/// The cues of a body: a line each of start and end in milliseconds and what it says. A media segment carries one
/// caption, as long as it is.
fn words(body: &Answer, offset: Micros) -> Vec<Words> {
    match body {
        Answer::Text(text) => String::from_utf8_lossy(text)
            .lines()
            .filter_map(|line| {
                let mut parts = line.splitn(3, ' ');
                let mut time = || Some(Micros(parts.next()?.parse::<i64>().ok()? * 1000).saturating_add(offset));
                Some((time()?, time()?, parts.next()?.to_owned()))
            })
            .collect(),
        Answer::Media { start, end, .. } if start < end => {
            vec![(*start, *end, format!("caption {}", start.0 / SECOND))]
        }
        _ => Vec::new(),
    }
}
