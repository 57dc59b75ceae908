//! `footlight-probe play` and `record`: a playback, watched.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use footlight_native::abr::Algorithm;
use footlight_native::{Event, Finding, Instant, Micros, Snapshot};
use serde_json::json;

use crate::events;
use crate::session::{self, Outcome, Watch, Wishes};
use crate::terminal::{Paint, harmless};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// URL of a manifest
    url: String,
    #[command(flatten)]
    how: How,
}

#[derive(clap::Args)]
pub(crate) struct RecordArguments {
    /// The recording to write
    file: PathBuf,
    /// URL of a manifest
    url: String,
    #[command(flatten)]
    how: How,
}

#[derive(clap::Args)]
struct How {
    /// As fast as it arrives; live streams play in real time all the same
    #[arg(long)]
    fast: bool,
    /// Play the sound (AAC-LC) on the system's output, by whose clock time passes then
    #[arg(long, conflicts_with = "fast")]
    listen: bool,
    /// Begin here, in seconds
    #[arg(long, value_name = "SECONDS")]
    start: Option<f64>,
    /// End after so many seconds of media
    #[arg(long, value_name = "SECONDS")]
    length: Option<f64>,
    /// How renditions are chosen: ours, throughput, dynamic, bola-e, bba-2, robustmpc, soda, l2a-ll, lolp, throughput-percentile,
    /// throughput-harmonic
    #[arg(long, default_value = "ours", value_parser = algorithm)]
    algorithm: Algorithm,
    /// One JSON object a line: events, findings, and numbers at the end
    #[arg(long)]
    json: bool,
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    Algorithm::by_name(name).ok_or_else(|| {
        let names: Vec<_> = Algorithm::ALL.iter().map(|known| known.name()).collect();
        format!("one of {}", names.join(", "))
    })
}

fn micros(seconds: f64) -> Micros {
    Micros((seconds * 1e6) as i64)
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    play(&arguments.url, &arguments.how, None)
}

pub(crate) fn record(arguments: &RecordArguments) -> ExitCode {
    play(&arguments.url, &arguments.how, Some(&arguments.file))
}

fn play(url: &str, how: &How, record: Option<&Path>) -> ExitCode {
    let wishes = Wishes {
        url: url.to_owned(),
        fast: how.fast,
        listen: how.listen,
        start: how.start.map(micros),
        length: how.length.map(micros),
        algorithm: how.algorithm,
        ..Wishes::default()
    };
    let mut lines = Lines;
    let mut screen = Screen::default();
    let mut objects = Objects;
    let watch: &mut dyn Watch = if how.json {
        &mut objects
    } else if std::io::stdout().is_terminal() {
        &mut screen
    } else {
        &mut lines
    };
    match session::play(&wishes, record, watch) {
        Ok(outcome) => {
            if how.json {
                println!("{}", summary_json(&outcome));
            } else {
                print!("{}", summary(&outcome));
            }
            code(&outcome)
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

/// 2 when nothing was played, 1 when something was wrong.
pub(crate) fn code(outcome: &Outcome) -> ExitCode {
    ExitCode::from(match (&outcome.error, outcome.started) {
        (Some(_), None) => 2,
        (Some(_), _) => 1,
        (None, _) => u8::from(!outcome.findings.is_empty()),
    })
}

/// A finding, in a line.
pub(crate) fn finding_line(finding: &Finding) -> String {
    harmless(&finding.to_string())
}

fn summary(outcome: &Outcome) -> String {
    let mut text = String::new();
    if let Some(error) = &outcome.error {
        text.push_str(&format!("{}\n", harmless(&events::fault(error))));
    }
    let measured = outcome.measured;
    let stalls = outcome.last.as_ref().map_or(0, |last| last.stats.stalls);
    let started = outcome.started.map_or_else(
        || "never started".to_owned(),
        |at| format!("first picture after {} ms", at / 1000),
    );
    text.push_str(&format!(
        "{started}, {stalls} stalls; {} segments, {} samples, {:.1} MB in {:.1} s; {} findings\n",
        measured.appends,
        measured.samples,
        measured.bytes as f64 / 1e6,
        outcome.took.as_secs_f64(),
        outcome.findings.len(),
    ));
    text
}

fn summary_json(outcome: &Outcome) -> serde_json::Value {
    let mut object = outcome.last.as_ref().map_or_else(|| json!({}), events::stats_json);
    object["event"] = json!("summary");
    object["startup"] = json!(outcome.started.map(|at| at as f64 / 1e6));
    object["segments"] = json!(outcome.measured.appends);
    object["samples"] = json!(outcome.measured.samples);
    object["mediaBytes"] = json!(outcome.measured.bytes);
    object["seconds"] = json!(outcome.took.as_secs_f64());
    object["findings"] = json!(outcome.findings.len());
    object["warnings"] = json!(outcome.warnings.len());
    object["error"] = json!(outcome.error.as_ref().map(events::error_json));
    object
}

/// One line for each thing that happens.
struct Lines;

impl Watch for Lines {
    fn event(&mut self, at: Instant, event: &Event) {
        if let Some(words) = events::words(event) {
            println!("{:>9.3}  {}", at.0 as f64 / 1e6, harmless(&words));
        }
    }

    fn look(&mut self, _: &Snapshot) {}

    fn finding(&mut self, finding: &Finding) {
        println!("{}", finding_line(finding));
    }
}

/// For machines.
struct Objects;

impl Watch for Objects {
    fn event(&mut self, at: Instant, event: &Event) {
        println!("{}", events::json(at, event));
    }

    fn look(&mut self, _: &Snapshot) {}

    fn finding(&mut self, finding: &Finding) {
        let mut object = events::finding_json(finding);
        object["event"] = json!("finding");
        println!("{object}");
    }
}

/// Columns of the bar.
const BAR: usize = 48;

/// Lines as above, and below them one picture of the playback that is drawn again and again.
#[derive(Default)]
struct Screen {
    /// Lines of the picture on screen.
    drawn: usize,
    state: &'static str,
    rendition: String,
}

impl Screen {
    fn clear(&mut self) {
        if self.drawn > 0 {
            print!("\x1b[{}A\x1b[J", self.drawn);
            self.drawn = 0;
        }
    }
}

impl Watch for Screen {
    fn event(&mut self, at: Instant, event: &Event) {
        match event {
            Event::StateChanged(state) => self.state = state.name(),
            Event::RenditionChanged { height, bandwidth, .. } if *height > 0 => {
                self.rendition = format!("{height}p {}", events::rate(*bandwidth));
            }
            _ => {}
        }
        if let Some(words) = events::words(event) {
            self.clear();
            println!("{:>9.3}  {}", at.0 as f64 / 1e6, harmless(&words));
        }
    }

    fn look(&mut self, snapshot: &Snapshot) {
        self.clear();
        let paint = Paint::stdout();
        let picture = picture(snapshot, self.state, &self.rendition);
        for (number, line) in picture.iter().enumerate() {
            println!(
                "{}",
                if number == 0 {
                    paint.style("1", line)
                } else {
                    line.clone()
                }
            );
        }
        self.drawn = picture.len();
        // A terminal that is gone is not told.
        let _ = std::io::stdout().flush();
    }

    fn finding(&mut self, finding: &Finding) {
        self.clear();
        println!("{}", Paint::stdout().style("33", &finding_line(finding)));
    }
}

/// State, where playback is in what there is, what is buffered, and the network.
fn picture(snapshot: &Snapshot, state: &str, rendition: &str) -> Vec<String> {
    let stats = &snapshot.stats;
    let (start, end) = snapshot
        .timeline
        .map_or((Micros(0), Micros(0)), |timeline| (timeline.start, timeline.end));
    let buffered = stats.video_buffer.max(stats.audio_buffer);
    let column = |time: Micros| {
        let length = i128::from((end.0 - start.0).max(1));
        let along = i128::from((time.0 - start.0).clamp(0, end.0 - start.0));
        usize::try_from(along * BAR as i128 / length).unwrap_or(0)
    };
    let (played, loaded) = (column(stats.position), column(stats.position.saturating_add(buffered)));
    let bar: String = (0..BAR)
        .map(|at| match at {
            _ if at < played => '█',
            _ if at < loaded => '▒',
            _ => '░',
        })
        .collect();
    let place = match snapshot.timeline.and_then(|timeline| timeline.latency) {
        Some(latency) => format!("live, {:.1} s behind", latency.as_secs_f64()),
        None => format!("{} of {}", events::clock(stats.position), events::clock(end)),
    };
    vec![
        format!("{state:<10} {rendition}"),
        format!("{bar} {place}"),
        format!(
            "buffer {:.1} s video, {:.1} s audio   network {}   {} requests, {} failed   {} stalls",
            stats.video_buffer.as_secs_f64(),
            stats.audio_buffer.as_secs_f64(),
            events::rate(stats.throughput),
            stats.requests,
            stats.failed_requests,
            stats.stalls,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use footlight_native::{Stats, Timeline};

    #[test]
    fn the_picture_shows_where_playback_is() {
        let second = |seconds: i64| Micros(seconds * 1_000_000);
        let timeline = Timeline {
            live: false,
            start: second(0),
            end: second(96),
            edge: None,
            latency: None,
            target_latency: None,
            epoch: None,
        };
        let snapshot = Snapshot {
            stats: Stats {
                position: second(24),
                video_buffer: second(12),
                throughput: 3_000_000,
                ..Stats::default()
            },
            timeline: Some(timeline),
            tracks: None,
        };
        let picture = picture(&snapshot, "playing", "720p 2.0 Mbit/s");
        assert_eq!(picture[0], "playing    720p 2.0 Mbit/s");
        let count = |what: char| picture[1].chars().filter(|&c| c == what).count();
        assert_eq!((count('█'), count('▒'), count('░')), (12, 6, 30));
        assert!(picture[1].ends_with("0:24.0 of 1:36.0"), "{}", picture[1]);
        assert!(picture[2].contains("3.0 Mbit/s"));
    }
}
