//! The whole player against the backend: sockets, the engine, and a sink that checks all media.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use footlight_native::recorder::replay;
use footlight_native::{
    Event, Events, Finding, HttpTransport, Micros, Notice, Options, Pace, Player, Recording, State, VerifyingSink,
};
use mock_backend::{Config, Server};

/// Where a recording goes.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Session {
    player: Player,
    events: Events,
    findings: footlight_native::Findings,
    tape: Tape,
    seen: Vec<Event>,
}

impl Session {
    fn start(pace: Pace) -> Self {
        let tape = Tape::default();
        let options = Options {
            pace,
            recording: Some(Recording::new(tape.clone(), 64 << 20)),
            ..Options::default()
        };
        let transport = Arc::new(HttpTransport::new("footlight-test").unwrap());
        let (sink, findings) = VerifyingSink::new();
        let (player, events) = footlight_native::spawn(options, transport, sink);
        Self {
            player,
            events,
            findings,
            tape,
            seen: Vec::new(),
        }
    }

    /// Until this is told; a minute at most.
    async fn until(&mut self, mut wanted: impl FnMut(&Event) -> bool) {
        let wait = async {
            while let Some((_, notice)) = self.events.next().await {
                if let Notice::Event(event) = notice {
                    let found = wanted(&event);
                    self.seen.push(event);
                    if found {
                        return true;
                    }
                }
            }
            false
        };
        let found = tokio::time::timeout(Duration::from_secs(60), wait).await;
        assert_eq!(
            found,
            Ok(true),
            "{:?}",
            self.seen.iter().rev().take(5).collect::<Vec<_>>()
        );
    }

    async fn until_state(&mut self, state: State) {
        self.until(|event| *event == Event::StateChanged(state)).await;
    }

    /// Ends the player, and plays what was recorded again.
    async fn finish(self) -> Vec<Finding> {
        drop(self.player);
        let mut events = self.events;
        while events.next().await.is_some() {}
        let recording = self.tape.0.lock().unwrap().clone();
        let replay = replay(&recording).unwrap();
        assert!(replay.inputs > 0 && !replay.differs, "after {} inputs", replay.inputs);
        self.findings.take()
    }
}

async fn server() -> (Server, String) {
    let server = Server::start(Config::ephemeral()).await.unwrap();
    let edge = server.addresses().edges[0].clone();
    (server, edge)
}

#[tokio::test]
async fn a_film_plays_to_its_end_faster_than_it_lasts() {
    let (server, edge) = server().await;
    for addressing in ["number", "base", "periods"] {
        let mut session = Session::start(Pace::Fast);
        session.player.load(
            format!("{edge}/media/tidewater/{addressing}/manifest.mpd?duration=120&token=abc"),
            None,
        );
        session.player.play();
        let begun = std::time::Instant::now();
        session.until_state(State::Ended).await;
        assert!(begun.elapsed() < Duration::from_secs(60), "two minutes of film");
        let snapshot = session.player.snapshot().await.unwrap();
        assert_eq!(snapshot.stats.stalls, 0, "{addressing}");
        let measured = session.findings.measured();
        assert!(
            measured.appends > 30 && measured.samples > 3000,
            "{addressing}: {measured:?}"
        );
        assert!(
            !session
                .seen
                .iter()
                .any(|event| matches!(event, Event::Error(_) | Event::Warning(_)))
        );
        let tape = session.tape.clone();
        assert_eq!(session.finish().await, [], "{addressing}");
        let recording = tape.0.lock().unwrap();
        assert!(
            !recording.windows(3).any(|part| part == b"abc"),
            "the query is not on tape"
        );
    }
    server.shutdown().await;
}

#[tokio::test]
async fn seeks_and_pauses_are_obeyed_in_real_time() {
    let (server, edge) = server().await;
    let mut session = Session::start(Pace::Real);
    session
        .player
        .load(format!("{edge}/media/paperbirds/number/manifest.mpd"), None);
    session.until_state(State::Ready).await;
    session.player.seek(Micros(9_000_000));
    session.player.play();
    session.until_state(State::Playing).await;
    session.player.pause();
    session.until_state(State::Paused).await;
    let snapshot = session.player.snapshot().await.unwrap();
    assert!(
        (9_000_000..10_000_000).contains(&snapshot.stats.position.0),
        "{:?}",
        snapshot.stats.position
    );
    assert_eq!(session.finish().await, []);
    server.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_had_is_an_error_and_the_player_stays_usable() {
    let (server, edge) = server().await;
    let mut session = Session::start(Pace::Fast);
    session
        .player
        .load(format!("{edge}/media/nothing/number/manifest.mpd"), None);
    session.until(|event| matches!(event, Event::Error(_))).await;
    session
        .player
        .load(format!("{edge}/media/tidewater/number/manifest.mpd"), None);
    session.player.play();
    session.until_state(State::Playing).await;
    session.finish().await;
    server.shutdown().await;
}

#[tokio::test]
async fn a_channel_plays_near_its_edge() {
    let (server, edge) = server().await;
    let mut session = Session::start(Pace::Fast);
    session.player.load(format!("{edge}/live/now/manifest.mpd"), None);
    session.player.play();
    session.until_state(State::Playing).await;
    let mut ticks = 0;
    session
        .until(|event| {
            ticks += u32::from(matches!(event, Event::TimelineChanged(_)));
            ticks == 6
        })
        .await;
    let timeline = session.player.snapshot().await.unwrap().timeline.unwrap();
    assert!(timeline.live && timeline.latency.is_some(), "{timeline:?}");
    assert_eq!(session.finish().await, []);
    server.shutdown().await;
}
