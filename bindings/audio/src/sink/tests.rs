use std::sync::Arc;
use std::time::Duration;

use footlight_native::{Command, Event, Events, HttpTransport, Notice, Options, Pace, Player};
use mock_backend::{Config, Server};

use super::*;
use crate::mixer::CHANNELS;
use crate::output::Heard;

/// A hundredth of a second, in frames.
const WINDOW: usize = 480;

struct Session {
    server: Server,
    player: Player,
    events: Events,
    findings: Findings,
    heard: Heard,
}

impl Session {
    async fn start(path: &str) -> Self {
        let server = Server::start(Config::ephemeral()).await.unwrap();
        let heard = Heard::default();
        let (sink, findings) = ListeningSink::new(Output::nowhere(Some(heard.clone())));
        let options = Options {
            pace: Pace::Fast,
            ..Options::default()
        };
        let transport = Arc::new(HttpTransport::new("footlight-test").unwrap());
        let (player, events) = footlight_native::spawn(options, transport, sink);
        player.load(format!("{}{path}", server.addresses().edges[0]), None);
        Self {
            server,
            player,
            events,
            findings,
            heard,
        }
    }

    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) {
        let wait = async {
            while let Some((_, notice)) = self.events.next().await {
                if matches!(notice, Notice::Event(event) if wanted(&event)) {
                    return true;
                }
            }
            false
        };
        assert_eq!(tokio::time::timeout(Duration::from_secs(60), wait).await, Ok(true));
    }

    /// How loud each hundredth of a second was.
    fn loudness(&self) -> Vec<f32> {
        let heard = self.heard.lock().unwrap();
        let loud = |window: &[f32]| (window.iter().map(|s| s * s).sum::<f32>() / window.len() as f32).sqrt();
        heard.chunks(WINDOW * CHANNELS).map(loud).collect()
    }
}

/// The hundredths in which anything is heard, and where they begin.
fn heard(loudness: &[f32]) -> (usize, &[f32]) {
    let is_loud = |loud: &f32| *loud > 0.005;
    let first = loudness.iter().position(is_loud).unwrap();
    let last = loudness.iter().rposition(is_loud).unwrap();
    (first, &loudness[first..=last])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_heard_from_its_beginning_to_its_end() {
    let mut session = Session::start("/media/tidewater/timeline/manifest.mpd?duration=20").await;
    session.player.play();
    session.until(|event| *event == Event::Ended).await;
    assert_eq!(session.findings.take(), []);
    let loudness = session.loudness();
    let (_, heard) = heard(&loudness);
    assert!((1995..=2005).contains(&heard.len()), "{} hundredths", heard.len());
    let silent = heard.iter().filter(|loud| **loud < 0.005).count();
    assert_eq!(silent, 0, "the film is never silent");
    // The film is a loop of 16 s.
    for at in [100, 250, 380] {
        let (once, again) = (heard[at], heard[at + 1600]);
        assert!((once - again).abs() < 0.01, "at {at}: {once} and {again}");
    }
    session.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_seek_what_belongs_there_is_heard_and_a_pause_is_silent() {
    let mut session = Session::start("/media/tidewater/number/manifest.mpd?duration=60").await;
    session.player.command(Command::SetRate(2000));
    session.player.seek(Micros(33_000_000));
    session.until(|event| matches!(event, Event::TracksChanged(_))).await;
    session.player.command(Command::SetRate(1000));
    session.player.seek(Micros(44_000_000));
    session.player.play();
    session.until(|event| *event == Event::Ended).await;
    let loudness = session.loudness();
    let (_, sought) = heard(&loudness);
    assert!((1595..=1605).contains(&sought.len()), "{} hundredths", sought.len());
    session.server.shutdown().await;

    let mut whole = Session::start("/media/tidewater/number/manifest.mpd?duration=30").await;
    whole.player.play();
    whole.until(|event| *event == Event::Ended).await;
    let loudness = whole.loudness();
    let (_, whole_film) = heard(&loudness);
    // 44 s into a loop of 16 s is 12 s.
    let near = |at: usize| {
        let there = &whole_film[1200 + at - 1..=1200 + at + 1];
        there.iter().any(|loud| (loud - sought[at]).abs() < 0.02)
    };
    let alike = (1..1500).filter(|at| near(*at)).count();
    assert!(alike > 1350, "{alike} of 1500 hundredths are where they belong");
    whole.server.shutdown().await;
}

#[test]
fn what_cannot_be_heard_is_not_promised() {
    let (mut sink, _) = ListeningSink::new(Output::none());
    assert!(sink.supports("audio/mp4; codecs=\"mp4a.40.2\"") && sink.supports("video/mp4; codecs=\"avc1.64001e\""));
    assert!(!sink.supports("audio/mp4; codecs=\"opus\"") && !sink.supports("audio/webm; codecs=\"opus\""));
}
