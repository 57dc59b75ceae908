//! The engine and everything around it: one task, which owns them all.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use footlight_core::{
    Command, Event, Fetch, Input, Instant, Micros, Output, Playback, Player, RequestId, TransportFailure,
};
use footlight_text::Window;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::body::{Exchange, MAX_BODY_BYTES, Scanner, joined};
use crate::clock::{Clock, Pace};
use crate::player::{Notice, Options, Order, Snapshot};
use crate::record::Recording;
use crate::sink::{Append, MediaSink, News, SinkReport};
use crate::store::Memory;
use crate::text::{Job, TextReader};
use crate::transport::{Arrival, Head, Reply, Request, Transport};

/// The sink is observed this often while it plays, microseconds.
const OBSERVED_EVERY: Micros = Micros(250_000);

/// What the engine is to hear once it has said everything.
enum Answer {
    Support(Vec<bool>),
    Text(RequestId, Result<(u32, Vec<(Micros, Micros)>), String>),
}

/// What wakes the task.
enum Wake {
    Order(Option<Order>),
    Arrival(RequestId, Arrival),
    Sink(u32, News),
    Time,
}

type Channel<T> = (UnboundedSender<T>, UnboundedReceiver<T>);

/// A player's task.
pub(crate) struct Host {
    player: Player,
    clock: Clock,
    pace: Pace,
    transport: Arc<dyn Transport>,
    exchanges: BTreeMap<RequestId, Exchange>,
    arrivals: Channel<(RequestId, Arrival)>,
    sink: Box<dyn MediaSink>,
    news: Channel<(u32, News)>,
    /// Counts opens and closes of the sink.
    epoch: u32,
    is_open: bool,
    /// Answers that the sink owes.
    owed: u32,
    rate: u32,
    seen: Playback,
    observe_at: Option<Instant>,
    answers: VecDeque<Answer>,
    text: TextReader,
    notices: UnboundedSender<(Instant, Notice)>,
    recording: Option<Recording>,
    memory: Option<Memory>,
}

impl Host {
    pub(crate) fn new(
        mut options: Options,
        transport: Arc<dyn Transport>,
        sink: Box<dyn MediaSink>,
        notices: UnboundedSender<(Instant, Notice)>,
    ) -> Self {
        let memory = options
            .store
            .take()
            .map(|store| Memory::recall(store, &mut options.config, &mut options.preferences));
        let mut host = Self {
            memory,
            recording: options
                .recording
                .map(|recording| recording.begun(&options.config, options.seed)),
            player: Player::new(options.config, options.seed),
            clock: Clock::new(),
            pace: options.pace,
            transport,
            exchanges: BTreeMap::new(),
            arrivals: unbounded_channel(),
            sink,
            news: unbounded_channel(),
            epoch: 0,
            is_open: false,
            owed: 0,
            rate: 0,
            seen: Playback::default(),
            observe_at: None,
            answers: VecDeque::new(),
            text: TextReader::default(),
            notices,
        };
        host.input(Input::Preferences(options.preferences));
        host
    }

    /// Until nobody is left who could command it.
    pub(crate) async fn run(mut self, mut orders: UnboundedReceiver<Order>) {
        loop {
            let wake = self.wait(&mut orders).await;
            match wake {
                Wake::Order(None) => break,
                Wake::Order(Some(order)) => self.obey(order),
                Wake::Arrival(request, arrival) => self.arrived(request, arrival),
                Wake::Sink(epoch, news) if epoch == self.epoch => self.sink_says(news),
                Wake::Sink(..) => {}
                Wake::Time => self.time_passed(),
            }
        }
        self.input(Input::Command(Command::Unload));
        if let Some(recording) = &mut self.recording {
            recording.finish();
        }
    }

    async fn wait(&mut self, orders: &mut UnboundedReceiver<Order>) -> Wake {
        let due = self.due();
        if self.pace == Pace::Fast
            && self.is_idle()
            && orders.is_empty()
            && let Some(due) = due
        {
            self.clock.skip_to(due);
        }
        let at = due.map(|due| self.clock.at(due));
        let sleep = async {
            match at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            order = orders.recv() => Wake::Order(order),
            Some((epoch, news)) = self.news.1.recv() => Wake::Sink(epoch, news),
            Some((request, arrival)) = self.arrivals.1.recv() => Wake::Arrival(request, arrival),
            () = sleep => Wake::Time,
        }
    }

    /// Nothing is on its way: only time can bring something.
    fn is_idle(&self) -> bool {
        self.owed == 0
            && self.news.1.is_empty()
            && self.arrivals.1.is_empty()
            && self.exchanges.values().all(|exchange| exchange.transfer.is_none())
            && !self
                .player
                .timeline(self.clock.now())
                .is_some_and(|timeline| timeline.live)
    }

    fn due(&mut self) -> Option<Instant> {
        let sink = if self.is_open { self.sink.due() } else { None };
        let engine = self.player.poll_timeout().map(|(at, _)| at);
        [engine, self.observe_at, sink].into_iter().flatten().min()
    }

    fn time_passed(&mut self) {
        let now = self.clock.now();
        let sink = if self.is_open { self.sink.due() } else { None };
        if [self.observe_at, sink].into_iter().flatten().any(|at| at <= now) {
            self.observe();
        }
        if self.player.poll_timeout().is_some_and(|(at, _)| at <= self.clock.now()) {
            self.input(Input::Timeout);
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Load(url, start) => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let wall = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
                self.input(Input::WallClock(Micros(wall)));
                self.input(Input::Command(Command::Load { url: &url, start }));
            }
            Order::Command(command) => {
                if let Some(memory) = &mut self.memory {
                    memory.chosen(&command, self.player.tracks().as_ref());
                }
                self.input(Input::Command(command));
            }
            Order::Preferences(preferences) => {
                if let Some(memory) = &mut self.memory {
                    memory.prefer(&preferences);
                }
                self.input(Input::Preferences(preferences));
            }
            Order::Environment(environment) => self.input(Input::Environment(environment)),
            Order::Snapshot(answer) => {
                let now = self.clock.now();
                let snapshot = Snapshot {
                    stats: self.player.stats(now),
                    timeline: self.player.timeline(now),
                    tracks: self.player.tracks(),
                };
                // Who asked may have gone.
                let _ = answer.send(snapshot);
            }
        }
    }

    /// Tells the engine, and does what it says.
    fn input(&mut self, input: Input<'_>) {
        self.tell(input);
        while let Some(answer) = self.answers.pop_front() {
            match answer {
                Answer::Support(flags) => self.tell(Input::Support(&flags)),
                Answer::Text(request, Ok((first, cues))) => {
                    let cues = &cues;
                    self.tell(Input::TextDecoded { request, first, cues });
                }
                Answer::Text(request, Err(message)) => {
                    let message = &message;
                    self.tell(Input::TextFailed { request, message });
                }
            }
        }
    }

    fn tell(&mut self, input: Input<'_>) {
        let now = self.clock.now();
        if let Some(recording) = &mut self.recording {
            recording.input(now, &input);
        }
        self.player.handle_input(now, input);
        while let Some(output) = self.player.poll_output() {
            if let Some(recording) = &mut self.recording {
                recording.output(&output);
            }
            self.apply(now, output);
        }
        if let Some(recording) = &mut self.recording {
            recording.settle(self.player.poll_timeout());
            if let Some(why) = recording.take_stopped() {
                self.notice(Notice::RecordingStopped(why));
            }
        }
    }

    fn apply(&mut self, now: Instant, output: Output) {
        match output {
            Output::Fetch(fetch) => self.fetch(fetch),
            Output::Cancel(request) | Output::Release(request) => {
                self.exchanges.remove(&request);
            }
            Output::Cues(ids) => self.notice(Notice::Cues(self.text.cues(&ids))),
            Output::ForgetCues(ids) => self.text.forget(&ids),
            Output::Event(event) => {
                if let (Some(memory), Event::Decision(decision)) = (&mut self.memory, &event) {
                    memory.note(decision.throughput);
                }
                self.notice(Notice::Event(event));
            }
            Output::DecodeText {
                request,
                track,
                format,
                init,
                forced_only,
                timestamp_offset,
                window_start,
                window_end,
            } => {
                let (name, number) = format.name();
                let job = Job {
                    track,
                    format: if number > 0 {
                        format!("{name}:{number}")
                    } else {
                        name.to_owned()
                    },
                    data: self.body(request),
                    init: init.map(|request| (request, self.body(request))),
                    forced_only,
                    offset: timestamp_offset,
                    window: Window {
                        start: window_start,
                        end: window_end,
                    },
                };
                let read = self.text.read(job);
                self.answers.push_back(Answer::Text(request, read));
            }
            sink => self.ask_sink(now, sink),
        }
    }

    /// What is for the sink.
    fn ask_sink(&mut self, now: Instant, output: Output) {
        match output {
            Output::ProbeSupport(types) => {
                let flags = types.iter().map(|mime| self.sink.supports(mime)).collect();
                self.answers.push_back(Answer::Support(flags));
            }
            Output::OpenSink { tracks, duration } => {
                (self.epoch, self.is_open, self.owed) = (self.epoch.wrapping_add(1), true, 1);
                let report = SinkReport::new(self.epoch, self.news.0.clone());
                self.sink.open(&tracks, duration, report);
            }
            Output::CloseSink => {
                (self.epoch, self.is_open, self.owed) = (self.epoch.wrapping_add(1), false, 0);
                (self.observe_at, self.seen) = (None, Playback::default());
                self.sink.close();
            }
            Output::ChangeType(track) => self.sink.change_type(&track),
            Output::Append {
                track,
                request,
                from,
                to,
                reset,
                timestamp_offset,
                window_start,
                window_end,
            } => {
                let exchange = self.exchanges.get(&request);
                self.owed += 1;
                self.sink.append(Append {
                    track,
                    pieces: exchange.map(|exchange| exchange.slice(from, to)).unwrap_or_default(),
                    continues: from > 0,
                    completes: to.is_none(),
                    reset,
                    timestamp_offset,
                    window_start,
                    window_end,
                });
            }
            Output::Remove { track, start, end } => {
                self.owed += 1;
                self.sink.remove(track, start, end);
            }
            Output::EndOfStream => self.sink.end_of_stream(),
            Output::SetDuration(duration) => self.sink.set_duration(duration),
            Output::Seek(position) => {
                self.sink.seek(now, position);
                self.observe_at = Some(now);
            }
            Output::SetRate(rate) => {
                self.rate = rate;
                self.sink.set_rate(now, rate);
                self.observe_at = Some(now);
            }
            // Everything else is not for the sink.
            _ => {}
        }
    }

    fn notice(&self, notice: Notice) {
        // Whoever listened may have stopped.
        let _ = self.notices.send((self.clock.now(), notice));
    }

    fn body(&self, request: RequestId) -> Bytes {
        let pieces = self.exchanges.get(&request).map(|exchange| &exchange.pieces[..]);
        joined(pieces.unwrap_or_default())
    }

    fn fetch(&mut self, fetch: Fetch) {
        let request = fetch.request;
        let mut exchange = Exchange {
            transfer: None,
            inspect: fetch.inspect,
            scanner: (fetch.chunked || fetch.boxes).then(Scanner::default),
            pieces: Vec::new(),
            length: 0,
            promised: None,
            head: fetch.head,
        };
        let reply = Reply::new(request, self.arrivals.0.clone());
        exchange.transfer = Some(self.transport.send(Request::from(fetch), reply));
        self.exchanges.insert(request, exchange);
    }

    fn arrived(&mut self, request: RequestId, arrival: Arrival) {
        // What was cancelled may still have been on its way.
        let Some(exchange) = self.exchanges.get_mut(&request) else {
            return;
        };
        match arrival {
            Arrival::Head(head) => self.head_arrived(request, &head),
            Arrival::Data(bytes) => self.data_arrived(request, bytes),
            Arrival::End if !exchange.head && exchange.promised.is_some_and(|promised| exchange.length < promised) => {
                self.give_up(request, TransportFailure::Truncated);
            }
            Arrival::End => {
                // It has ended by itself: nothing is left to cancel.
                exchange.transfer = None;
                if exchange.inspect {
                    self.exchanges.remove(&request);
                }
                self.input(Input::ResponseEnd { request });
            }
            Arrival::Failed(failure) => self.give_up(request, failure),
        }
    }

    fn give_up(&mut self, request: RequestId, failure: TransportFailure) {
        self.exchanges.remove(&request);
        self.input(Input::ResponseFailed { request, failure });
    }

    fn head_arrived(&mut self, request: RequestId, head: &Head) {
        if let Some(exchange) = self.exchanges.get_mut(&request) {
            exchange.promised = head.length;
        }
        self.input(Input::ResponseHead {
            request,
            status: head.status,
            length: head.length,
            url: &head.url,
            date: head.date,
        });
        if head.length.is_some_and(|length| length > MAX_BODY_BYTES) && self.exchanges.contains_key(&request) {
            self.give_up(request, TransportFailure::Network);
        }
    }

    fn data_arrived(&mut self, request: RequestId, bytes: Bytes) {
        let Some(exchange) = self.exchanges.get_mut(&request) else {
            return;
        };
        exchange.length += bytes.len() as u64;
        if exchange.length > MAX_BODY_BYTES {
            return self.give_up(request, TransportFailure::Network);
        }
        if exchange.inspect {
            return self.input(Input::Data { request, data: &bytes });
        }
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let messages = exchange
            .scanner
            .as_mut()
            .map(|scanner| scanner.push(&bytes))
            .unwrap_or_default();
        let ends_chunk = exchange.scanner.as_ref().is_some_and(|scanner| scanner.ends_chunk);
        exchange.pieces.push(bytes);
        if !messages.is_empty() {
            let data = &messages;
            self.input(Input::Boxes { request, data });
        }
        self.input(Input::Chunk {
            request,
            length,
            ends_chunk,
        });
    }

    fn sink_says(&mut self, news: News) {
        if !matches!(news, News::Changed | News::Broke(..)) {
            self.owed = self.owed.saturating_sub(1);
        }
        match news {
            News::Opened => self.input(Input::SinkOpened),
            News::Failed(message) => self.input(Input::SinkFailed { message: &message }),
            News::Appended(track, ranges) => {
                let buffered = &ranges;
                self.input(Input::AppendDone { track, buffered });
            }
            News::Refused(track, failure, ranges) => {
                let buffered = &ranges;
                self.input(Input::AppendFailed {
                    track,
                    failure,
                    buffered,
                });
            }
            News::Removed(track, ranges) => {
                let buffered = &ranges;
                self.input(Input::RemoveDone { track, buffered });
            }
            News::Broke(code, message) => {
                let message = &message;
                self.input(Input::MediaError { code, message });
            }
            News::Changed => {}
        }
        self.observe();
    }

    /// Looks at the sink, and tells what is new.
    fn observe(&mut self) {
        if !self.is_open {
            self.observe_at = None;
            return;
        }
        let now = self.clock.now();
        let playback = self.sink.observe(now);
        let moves = self.rate > 0 && !playback.ended;
        self.observe_at = moves.then(|| now.plus(OBSERVED_EVERY));
        if playback != self.seen {
            self.seen = playback;
            self.input(Input::Playback(playback));
        }
    }
}
