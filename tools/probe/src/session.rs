//! One playback, from its beginning to its end.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use footlight_audio::{ListeningSink, Output};
use footlight_native::abr::Algorithm;
use footlight_native::{
    Command, Config, Event, Events, Finding, Findings, HttpTransport, Instant, Micros, Notice, Options, Pace, Player,
    PlayerError, Recording, Snapshot, State, VerifyingSink,
};
use tokio::time::MissedTickBehavior;

use crate::source::USER_AGENT;

/// No recording is larger.
const MAX_RECORDING: u64 = 256 << 20;
/// How often a watcher looks.
const LOOK: Duration = Duration::from_millis(250);

/// What to play, and how.
#[derive(Clone, Default)]
pub(crate) struct Wishes {
    pub(crate) url: String,
    pub(crate) fast: bool,
    /// Plays the sound.
    pub(crate) listen: bool,
    pub(crate) start: Option<Micros>,
    /// Ends after so much media.
    pub(crate) length: Option<Micros>,
    pub(crate) algorithm: Algorithm,
    /// Ids of the rendition and of the audio track to keep to.
    pub(crate) rendition: Option<u32>,
    pub(crate) audio: Option<u32>,
}

/// Who follows a playback.
pub(crate) trait Watch {
    /// Something happened.
    fn event(&mut self, at: Instant, event: &Event);
    /// Four times a second.
    fn look(&mut self, snapshot: &Snapshot);
    /// Something is wrong with the media.
    fn finding(&mut self, finding: &Finding);
}

/// How a playback went.
pub(crate) struct Outcome {
    /// Why it ended before its end.
    pub(crate) error: Option<PlayerError>,
    pub(crate) warnings: Vec<PlayerError>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) measured: footlight_native::Measured,
    pub(crate) last: Option<Snapshot>,
    /// Microseconds until the first picture.
    pub(crate) started: Option<u64>,
    /// Real time that it took.
    pub(crate) took: Duration,
}

/// Plays to the end, or to an error.
pub(crate) fn play(wishes: &Wishes, record: Option<&Path>, watch: &mut dyn Watch) -> Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let recording = record.map(open).transpose()?;
    runtime.block_on(async {
        let transport = Arc::new(HttpTransport::new(USER_AGENT)?);
        let options = Options {
            config: Config {
                algorithm: wishes.algorithm,
                ..Config::default()
            },
            pace: if wishes.fast { Pace::Fast } else { Pace::Real },
            recording,
            ..Options::default()
        };
        let (player, events, findings) = if wishes.listen {
            let (sink, findings) = ListeningSink::new(output());
            let (player, events) = footlight_native::spawn(options, transport, sink);
            (player, events, findings)
        } else {
            let (sink, findings) = VerifyingSink::new();
            let (player, events) = footlight_native::spawn(options, transport, sink);
            (player, events, findings)
        };
        Ok(Run::new(wishes, player, findings).follow(events, watch).await)
    })
}

fn output() -> Output {
    Output::system().unwrap_or_else(|why| {
        eprintln!("{why}: it is decoded and not heard");
        Output::none()
    })
}

fn open(path: &Path) -> Result<Recording> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Recording::new(BufWriter::new(file), MAX_RECORDING))
}

struct Run<'a> {
    wishes: &'a Wishes,
    player: Player,
    findings: Findings,
    outcome: Outcome,
    begun: std::time::Instant,
    /// Where playback began.
    from: Option<Micros>,
}

impl<'a> Run<'a> {
    fn new(wishes: &'a Wishes, player: Player, findings: Findings) -> Self {
        Self {
            wishes,
            player,
            findings,
            outcome: Outcome {
                error: None,
                warnings: Vec::new(),
                findings: Vec::new(),
                measured: footlight_native::Measured::default(),
                last: None,
                started: None,
                took: Duration::ZERO,
            },
            begun: std::time::Instant::now(),
            from: None,
        }
    }

    async fn follow(mut self, mut events: Events, watch: &mut dyn Watch) -> Outcome {
        self.player.load(&self.wishes.url, self.wishes.start);
        self.player.play();
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let goes_on = tokio::select! {
                biased;
                told = events.next() => match told {
                    Some((at, Notice::Event(event))) => self.happened(at, &event, watch),
                    Some((_, Notice::RecordingStopped(why))) => {
                        eprintln!("{why}");
                        true
                    }
                    Some(_) => true,
                    None => false,
                },
                _ = ticks.tick() => self.look(watch).await,
            };
            if !goes_on {
                break;
            }
        }
        self.look(watch).await;
        self.outcome.measured = self.findings.measured();
        self.outcome.took = self.begun.elapsed();
        let Self { player, outcome, .. } = self;
        // The recording is complete when the player has ended.
        drop(player);
        while events.next().await.is_some() {}
        outcome
    }

    fn happened(&mut self, at: Instant, event: &Event, watch: &mut dyn Watch) -> bool {
        watch.event(at, event);
        match event {
            Event::Loaded => {
                if let Some(id) = self.wishes.audio {
                    self.player.command(Command::SelectAudio(id));
                }
                if let Some(id) = self.wishes.rendition {
                    self.player.command(Command::SelectRendition(Some(id)));
                }
            }
            Event::StateChanged(State::Playing) if self.outcome.started.is_none() => self.outcome.started = Some(at.0),
            Event::Warning(warning) => self.outcome.warnings.push(warning.clone()),
            Event::Error(error) => {
                self.outcome.error = Some(error.clone());
                return false;
            }
            Event::Ended => return false,
            _ => {}
        }
        true
    }

    async fn look(&mut self, watch: &mut dyn Watch) -> bool {
        for finding in self.findings.take() {
            watch.finding(&finding);
            self.outcome.findings.push(finding);
        }
        let Some(snapshot) = self.player.snapshot().await else {
            return false;
        };
        watch.look(&snapshot);
        let position = snapshot.stats.position;
        self.outcome.last = Some(snapshot);
        if self.outcome.started.is_none() {
            return true;
        }
        let played = Micros(position.0.saturating_sub(self.from.get_or_insert(position).0));
        self.wishes.length.is_none_or(|length| played < length)
    }
}
