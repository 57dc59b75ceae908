//! A network as a fluid: requests wait their latency, then share what the link carries at the time.

use footlight_core::{RequestId, TransportFailure};

use crate::trace::{Place, Trace};

/// Looking this far ahead, in milliseconds, rounding cannot keep us on the wrong side of a border.
const NUDGE: f64 = 1e-7;

/// The start and the pauses of a connection's congestion control, in round trips: RFC 9002's NewReno, as much of it as shapes
/// the first seconds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tcp {
    /// Bits in flight that a fresh connection starts with (RFC 6928: ten packets).
    pub initial_window_bits: f64,
    /// After so many milliseconds without a transfer a connection starts anew (RFC 5681, 4.1).
    pub idle_reset_ms: f64,
    /// Round trips that a new connection takes before its first request.
    pub handshakes: f64,
}

impl Default for Tcp {
    fn default() -> Self {
        Self {
            initial_window_bits: 10.0 * 1460.0 * 8.0,
            idle_reset_ms: 1000.0,
            handshakes: 2.0,
        }
    }
}

/// The way to one server.
#[derive(Clone, PartialEq, Debug)]
pub struct Route {
    /// Host name.
    pub host: String,
    /// Milliseconds more to the first bit than the access link takes.
    pub latency_ms: f64,
    /// Most that it gives, kilobits per second, shared by its transfers.
    pub limit_kbps: f64,
}

impl Route {
    /// A server as good as the access link.
    #[must_use]
    pub fn near(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            latency_ms: 0.0,
            limit_kbps: f64::INFINITY,
        }
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It is answered with a body.
    Body,
    /// It is answered with this status and nothing else.
    Status(u16),
    /// No answer ever.
    Hangs,
    /// No connection.
    Refused,
    /// Half of the body, then the connection breaks.
    Breaks,
}

/// Something that arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// The response's head.
    Head(RequestId, u16),
    /// So many bytes more of the body.
    Bytes(RequestId, u32),
    /// The body is complete.
    End(RequestId),
    /// It ended without a response, or in the middle of one.
    Failed(RequestId, TransportFailure),
}

impl Arrival {
    /// Of which request.
    #[must_use]
    pub const fn request(self) -> RequestId {
        match self {
            Self::Head(request, _) | Self::Bytes(request, _) | Self::End(request) | Self::Failed(request, _) => request,
        }
    }
}

#[derive(Clone, Debug)]
struct Flow {
    request: RequestId,
    connection: usize,
    fate: Fate,
    bits: f64,
    sent: f64,
    /// Bytes that were told.
    told: u64,
    /// Round trips until the first bit; none: it flows.
    wait: Option<f64>,
    rate: f64,
    /// The window, not the link, holds it.
    held: bool,
    /// When the window grows, and when bytes are told again.
    round_ends: f64,
    tell_at: f64,
}

impl Flow {
    fn limit(&self) -> f64 {
        if self.fate == Fate::Breaks {
            self.bits / 2.0
        } else {
            self.bits
        }
    }
}

/// A connection, kept for the next request to the same place.
#[derive(Clone, Debug)]
struct Connection {
    route: usize,
    window: f64,
    used_at: f64,
    busy: bool,
}

/// All transfers under way. Times are milliseconds.
#[derive(Clone, Debug)]
pub struct Network {
    access: Trace,
    routes: Vec<Route>,
    tcp: Option<Tcp>,
    /// How often arriving bytes are told.
    every: f64,
    flows: Vec<Flow>,
    connections: Vec<Connection>,
    now: f64,
    place: Place,
}

impl Network {
    /// A link with these ways behind it; bytes are told every `every` milliseconds while they arrive.
    #[must_use]
    pub fn new(access: Trace, routes: Vec<Route>, tcp: Option<Tcp>, every: f64) -> Self {
        let place = access.at(0.0);
        Self {
            access,
            routes,
            tcp,
            every,
            flows: Vec::new(),
            connections: Vec::new(),
            now: 0.0,
            place,
        }
    }

    /// The link that everything passes.
    #[must_use]
    pub const fn access(&self) -> &Trace {
        &self.access
    }

    /// Starts a request for `bits` at a host (the first one when it is unknown). Its first bit comes a latency later.
    pub fn start(&mut self, request: RequestId, host: &str, bits: f64, fate: Fate) {
        let route = self.routes.iter().position(|route| route.host == host).unwrap_or(0);
        let free = self.connections.iter().position(|c| c.route == route && !c.busy);
        let (connection, wait) = match (free, self.tcp) {
            (Some(at), _) => (at, 1.0),
            (None, tcp) => {
                self.connections.push(Connection {
                    route,
                    window: tcp.map_or(f64::INFINITY, |tcp| tcp.initial_window_bits),
                    used_at: self.now,
                    busy: true,
                });
                (self.connections.len() - 1, 1.0 + tcp.map_or(0.0, |tcp| tcp.handshakes))
            }
        };
        if let Some(used) = self.connections.get_mut(connection) {
            used.busy = true;
            if let Some(tcp) = self.tcp.filter(|tcp| self.now - used.used_at > tcp.idle_reset_ms) {
                used.window = used.window.min(tcp.initial_window_bits);
            }
        }
        self.flows.push(Flow {
            request,
            connection,
            fate,
            bits,
            sent: 0.0,
            told: 0,
            wait: Some(wait),
            rate: 0.0,
            held: false,
            round_ends: f64::INFINITY,
            tell_at: f64::INFINITY,
        });
        self.share();
    }

    /// Ends a request; says how many bits had arrived.
    pub fn cancel(&mut self, request: RequestId) -> Option<f64> {
        let at = self.flows.iter().position(|flow| flow.request == request)?;
        let sent = self.flows[at].sent;
        self.remove(at, true);
        self.share();
        Some(sent)
    }

    /// Everything under way breaks.
    pub fn sever(&mut self) -> Vec<Arrival> {
        let severed = std::mem::take(&mut self.flows);
        self.connections.clear();
        let failed = |flow: Flow| Arrival::Failed(flow.request, TransportFailure::Network);
        severed.into_iter().map(failed).collect()
    }

    fn round_trip(&self, flow: &Flow) -> f64 {
        let route = self.connections[flow.connection].route;
        self.place.latency + self.routes[route].latency_ms
    }

    /// When something happens that changes rates or is to be told; none when nothing is under way.
    #[must_use]
    pub fn next(&self) -> Option<f64> {
        let tell = self.flows.iter().map(|flow| flow.tell_at).fold(f64::INFINITY, f64::min);
        let at = tell.min(self.next_change());
        at.is_finite().then_some(at)
    }

    fn next_change(&self) -> f64 {
        let mut next = f64::INFINITY;
        for flow in &self.flows {
            let at = match flow.wait {
                Some(trips) => self.now + trips * self.round_trip(flow),
                None if flow.rate > 0.0 => {
                    (self.now + (flow.limit() - flow.sent).max(0.0) / flow.rate).min(flow.round_ends)
                }
                None => flow.round_ends,
            };
            next = next.min(at);
        }
        // With nothing under way it does not matter what the link is like.
        if self
            .flows
            .iter()
            .any(|flow| flow.fate != Fate::Hangs || flow.wait.is_some())
        {
            next = next.min(self.place.until);
        }
        next
    }

    /// Lets time pass, and tells what arrived by then.
    pub fn advance(&mut self, to: f64) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        loop {
            let until = self.next_change().min(to).max(self.now);
            let passed = until - self.now;
            for at in 0..self.flows.len() {
                let trip = self.round_trip(&self.flows[at]);
                let flow = &mut self.flows[at];
                match &mut flow.wait {
                    Some(trips) => *trips -= if trip > 0.0 { passed / trip } else { *trips },
                    None => flow.sent = (flow.sent + flow.rate * passed).min(flow.limit()),
                }
            }
            self.now = until;
            if self.now + NUDGE >= self.place.until {
                self.place = self.access.at(self.now + 2.0 * NUDGE);
            }
            self.settle(&mut arrivals);
            self.share();
            if until >= to {
                break;
            }
        }
        self.tell(&mut arrivals);
        arrivals
    }

    /// What begins or ends now.
    fn settle(&mut self, arrivals: &mut Vec<Arrival>) {
        let mut at = 0;
        while at < self.flows.len() {
            let trip = self.round_trip(&self.flows[at]);
            let (now, every, tcp) = (self.now, self.every, self.tcp);
            let flow = &mut self.flows[at];
            if flow.wait.is_some_and(|trips| trips * trip <= NUDGE) {
                flow.wait = None;
                match flow.fate {
                    Fate::Body | Fate::Breaks => {
                        arrivals.push(Arrival::Head(flow.request, 200));
                        flow.tell_at = now + every;
                        flow.round_ends = if tcp.is_some() { now + trip } else { f64::INFINITY };
                    }
                    Fate::Status(status) => arrivals.push(Arrival::Head(flow.request, status)),
                    Fate::Refused => arrivals.push(Arrival::Failed(flow.request, TransportFailure::Network)),
                    Fate::Hangs => {}
                }
                if matches!(flow.fate, Fate::Status(_) | Fate::Refused) {
                    self.remove(at, false);
                    continue;
                }
            }
            let flow = &mut self.flows[at];
            if flow.wait.is_none() && flow.fate != Fate::Hangs && flow.limit() - flow.sent <= flow.rate * NUDGE {
                let (request, rest) = (flow.request, bytes_of(flow.limit(), true) - flow.told);
                told(arrivals, request, rest);
                arrivals.push(if flow.fate == Fate::Breaks {
                    Arrival::Failed(request, TransportFailure::Truncated)
                } else {
                    Arrival::End(request)
                });
                let broken = flow.fate == Fate::Breaks;
                self.remove(at, broken);
                continue;
            }
            if now + NUDGE >= flow.round_ends {
                flow.round_ends = now + trip.max(1.0);
                if flow.held {
                    self.connections[flow.connection].window *= 2.0;
                }
            }
            at += 1;
        }
    }

    fn tell(&mut self, arrivals: &mut Vec<Arrival>) {
        for flow in &mut self.flows {
            if self.now + NUDGE >= flow.tell_at {
                let bytes = bytes_of(flow.sent, false) - flow.told;
                flow.told += bytes;
                told(arrivals, flow.request, bytes);
                flow.tell_at = self.now + self.every;
            }
        }
    }

    fn remove(&mut self, at: usize, broken: bool) {
        let flow = self.flows.remove(at);
        let now = self.now;
        if let Some(connection) = self.connections.get_mut(flow.connection) {
            connection.busy = false;
            connection.used_at = now;
            // HTTP/1.1 gives up the connection of a body that is not wanted to its end.
            if broken && let Some(tcp) = self.tcp {
                connection.window = tcp.initial_window_bits;
            }
        }
    }

    /// Gives each transfer its share: max-min fair within what its window and its route allow.
    fn share(&mut self) {
        let flowing = |flow: &Flow| flow.wait.is_none() && flow.fate != Fate::Hangs;
        let mut limits: Vec<(usize, f64, bool)> = Vec::new();
        for (at, flow) in self.flows.iter().enumerate().filter(|(_, flow)| flowing(flow)) {
            let connection = &self.connections[flow.connection];
            let route = &self.routes[connection.route];
            let beside = |other: &&Flow| flowing(other) && self.connections[other.connection].route == connection.route;
            let count = self.flows.iter().filter(beside).count().max(1);
            let (window, given) = (
                connection.window / self.round_trip(flow).max(1e-3),
                route.limit_kbps / count as f64,
            );
            limits.push((at, window.min(given), window < given));
        }
        limits.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (mut left, count) = (self.place.rate, limits.len());
        for (nth, (at, limit, by_window)) in limits.into_iter().enumerate() {
            let fair = left / (count - nth) as f64;
            let flow = &mut self.flows[at];
            flow.rate = limit.min(fair);
            flow.held = by_window && limit <= fair;
            left -= flow.rate;
        }
    }
}

fn told(arrivals: &mut Vec<Arrival>, request: RequestId, bytes: u64) {
    if let Ok(bytes @ 1..) = u32::try_from(bytes) {
        arrivals.push(Arrival::Bytes(request, bytes));
    }
}

/// Whole bytes of so many bits; the last one of a body counts also when it is not full.
fn bytes_of(bits: f64, is_all: bool) -> u64 {
    if is_all {
        (bits / 8.0).ceil() as u64
    } else {
        (bits / 8.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: RequestId = RequestId(1);
    const SECOND: RequestId = RequestId(2);

    /// 8 Mbit/s and 100 ms: a kilobyte a millisecond.
    fn network(routes: Vec<Route>, tcp: Option<Tcp>) -> Network {
        let access = Trace::constant(8000.0, 100.0).expect("a trace");
        Network::new(access, routes, tcp, f64::INFINITY)
    }

    fn near() -> Vec<Route> {
        vec![Route::near("a")]
    }

    /// When each request ended, in milliseconds.
    fn ends(network: &mut Network) -> Vec<(RequestId, f64)> {
        let mut ends = Vec::new();
        while let Some(at) = network.next().filter(|&at| at < 1e6) {
            for arrival in network.advance(at) {
                if let Arrival::End(request) | Arrival::Failed(request, _) = arrival {
                    ends.push((request, (at * 1000.0).round() / 1000.0));
                }
            }
        }
        ends
    }

    #[test]
    fn transfers_share_the_link_and_take_what_others_leave() {
        let mut network = network(near(), None);
        network.start(FIRST, "a", 8e6, Fate::Body);
        network.start(SECOND, "a", 2e6, Fate::Body);
        // 4 Mbit/s each until the second is complete after 500 ms; then 6 Mbit are left for the whole link.
        assert_eq!(ends(&mut network), [(SECOND, 600.0), (FIRST, 1350.0)]);
    }

    #[test]
    fn a_route_gives_no_more_than_it_has() {
        let mut far = Route::near("b");
        (far.limit_kbps, far.latency_ms) = (1000.0, 50.0);
        let mut network = network(vec![Route::near("a"), far], None);
        network.start(FIRST, "b", 1e6, Fate::Body);
        network.start(SECOND, "a", 7e6, Fate::Body);
        // Alone for 50 ms of the link, then beside a transfer that takes an eighth of it.
        assert_eq!(ends(&mut network), [(SECOND, 1092.857), (FIRST, 1150.0)]);
    }

    #[test]
    fn a_window_doubles_every_round_trip_and_shrinks_when_idle() {
        let tcp = Tcp {
            initial_window_bits: 1e5,
            idle_reset_ms: 1000.0,
            handshakes: 1.0,
        };
        let mut network = network(near(), Some(tcp));
        network.start(FIRST, "a", 3e5, Fate::Body);
        // A handshake and the latency; a window in the first round trip, two in the second.
        assert_eq!(ends(&mut network), [(FIRST, 400.0)]);
        network.start(SECOND, "a", 4e5, Fate::Body);
        // The connection is open, and its window is two by now.
        assert_eq!(ends(&mut network), [(SECOND, 650.0)]);
        network.advance(5000.0);
        network.start(FIRST, "a", 3e5, Fate::Body);
        assert_eq!(ends(&mut network), [(FIRST, 5300.0)]);
    }

    #[test]
    fn what_goes_wrong_is_told() {
        let mut network = network(near(), None);
        network.start(FIRST, "a", 8e6, Fate::Status(503));
        assert_eq!(network.advance(100.0), [Arrival::Head(FIRST, 503)]);
        network.start(FIRST, "a", 8e6, Fate::Refused);
        let refused = Arrival::Failed(FIRST, TransportFailure::Network);
        assert_eq!(network.advance(200.0), [refused]);
        network.start(FIRST, "a", 8e6, Fate::Hangs);
        assert_eq!(network.advance(1e5), []);
        assert_eq!(network.cancel(FIRST), Some(0.0));
        network.start(FIRST, "a", 8e6, Fate::Breaks);
        let broken = Arrival::Failed(FIRST, TransportFailure::Truncated);
        let arrivals = network.advance(1e6);
        assert_eq!(
            arrivals,
            [Arrival::Head(FIRST, 200), Arrival::Bytes(FIRST, 500_000), broken]
        );
    }

    #[test]
    fn a_request_that_is_given_up_has_had_what_came() {
        let mut network = network(near(), None);
        network.start(FIRST, "a", 8e6, Fate::Body);
        network.advance(350.0);
        let had = network.cancel(FIRST).expect("it was running");
        assert!((had - 2e6).abs() < 1e-3);
        assert_eq!(network.next(), None);
    }
}
