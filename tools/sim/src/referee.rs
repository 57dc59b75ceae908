//! Sessions under the model by which rules for choosing renditions are compared (Sabre's: Spiteri, Sitaraman, Sparacio, MMSys
//! 2018): one request at a time, which waits the trace's latency and then has the link for itself; playback starts with the
//! first segment; a segment is asked for when it fits into the buffer. Manifest and index cost nothing.

use anyhow::{Context, Result, bail, ensure};
use footlight_core::{Config, Micros};
use serde::Serialize;

use crate::film::{Addressing, Film};
use crate::journal::{Journal, Request};
use crate::movie::Movie;
use crate::network::{Network, Route};
use crate::score::{Score, score};
use crate::sink::Abilities;
use crate::trace::Trace;
use crate::viewer::Script;
use crate::world::{Setting, World};

/// Arriving bytes are told this often, milliseconds: as browsers do, and often enough for a request to be given up in time.
const TOLD_EVERY: f64 = 100.0;
/// No session takes longer, microseconds.
const LONGEST: u64 = 100 * 3600 * 1_000_000;

/// A request that was dropped.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Wasted {
    /// Rendition, lowest first.
    pub quality: usize,
    /// When it was made.
    pub start_ms: f64,
    /// When it was dropped.
    pub end_ms: f64,
    /// What had arrived; negative: all of it.
    pub bits: f64,
}

/// What was decided about a segment, and how it went. Times are milliseconds since the first request.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Segment {
    /// Place in the movie.
    pub index: usize,
    /// Rendition, lowest first.
    pub quality: usize,
    /// When it was asked for.
    pub download_start_ms: f64,
    /// When it was complete.
    pub download_end_ms: f64,
    /// How long playback stood still for it.
    pub stall_ms: f64,
    /// It took the place of one that was there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replaced: bool,
    /// Requests for it that were dropped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wasted: Vec<Wasted>,
}

/// A session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Segment by segment.
    pub segments: Vec<Segment>,
    /// How good it was.
    pub score: Score,
    /// All that happened.
    pub journal: Journal,
    /// Microseconds of virtual time.
    pub lasted: u64,
}

/// The engine's settings for a buffer that holds `buffer_ms` at most.
#[must_use]
pub fn config(base: Config, movie: &Movie, buffer_ms: f64) -> Config {
    // The engine asks for a segment while less than its goal is buffered; here it may when the segment fits.
    let goal = ((buffer_ms - movie.segment_duration_ms) * 1000.0) as i64 + 1;
    Config {
        buffer_goal: Micros(goal.max(1)),
        // Some traces carry nothing for minutes. What a player does about servers that do not answer is not asked here.
        response_timeout: Micros(i64::MAX / 4),
        ..base
    }
}

/// Plays a movie over a trace.
///
/// # Errors
/// When the buffer has no room for a segment and a second more (the engine asks for media whenever it has less than that
/// second), when the engine stops with an error, moves the playhead, or comes to no end.
pub fn play(trace: &Trace, movie: &Movie, buffer_ms: f64, base: Config) -> Result<Session> {
    ensure!(
        buffer_ms >= movie.segment_duration_ms + 1000.0,
        "a buffer of {buffer_ms} ms"
    );
    let mut world = World::new(Setting {
        config: config(base, movie, buffer_ms),
        film: Film::new(movie.clone(), None, Addressing::List, &["cdn.example"]),
        network: Network::new(trace.clone(), vec![Route::near("cdn.example")], None, TOLD_EVERY),
        only_media: true,
        faults: None,
        sink: Abilities::default(),
        script: Script::default(),
        seed: 1,
    });
    let count = movie.segments();
    let mut have = vec![false; count];
    let (mut looked_at, mut missing) = (0, count);
    let finished = world.run(LONGEST, |world| {
        let requests = &world.journal().requests;
        // The last one may still be running.
        while let Some(request) = requests.get(looked_at).filter(|request| request.end.is_some()) {
            if request.is_complete() && !std::mem::replace(&mut have[request.media.segment], true) {
                missing -= 1;
            }
            looked_at += 1;
        }
        missing == 0 || world.error().is_some()
    });
    if let Some(error) = world.error() {
        bail!("{}: {}", error.code, error.message);
    }
    if !finished {
        bail!("{missing} segments are missing at {} s", world.now() / 1_000_000);
    }
    let lasted = world.now();
    let journal = world.into_journal();
    if let Some((at, to)) = journal.seeks.first() {
        bail!("the engine moved the playhead to {} at {at}", to.0);
    }
    let segments = segments(&journal, count)?;
    let renditions: Vec<usize> = segments.iter().map(|segment| segment.quality).collect();
    let stalls: Vec<f64> = segments.iter().map(|segment| segment.stall_ms).collect();
    let startup = segments.first().map_or(0.0, |first| first.download_end_ms);
    Ok(Session {
        score: score(movie, &renditions, startup, &stalls),
        segments,
        journal,
        lasted,
    })
}

fn segments(journal: &Journal, count: usize) -> Result<Vec<Segment>> {
    let first = journal.requests.first().context("nothing was asked for")?.start;
    let ms = |time: u64| time.saturating_sub(first) as f64 / 1000.0;
    let mut segments: Vec<Option<Segment>> = vec![None; count];
    let mut wasted: Vec<Vec<Wasted>> = vec![Vec::new(); count];
    for request in &journal.requests {
        let Some(end) = request.end else { continue };
        let at = request.media.segment;
        if let Some(bits) = request.dropped {
            wasted[at].push(drop_of(request, ms(request.start), ms(end), bits));
            continue;
        }
        let before = segments[at].take();
        if let Some(before) = &before {
            wasted[at].push(Wasted {
                quality: before.quality,
                start_ms: before.download_start_ms,
                end_ms: before.download_end_ms,
                bits: -1.0,
            });
        }
        let stalled = journal.stalls.iter().find(|(_, until)| *until == end);
        segments[at] = Some(Segment {
            index: at,
            quality: request.media.rendition,
            download_start_ms: ms(request.start),
            download_end_ms: ms(end),
            stall_ms: stalled.map_or(0.0, |(from, until)| (until - from) as f64 / 1000.0),
            replaced: before.is_some(),
            wasted: Vec::new(),
        });
    }
    let mut all = Vec::with_capacity(count);
    for (segment, wasted) in segments.into_iter().zip(wasted) {
        let segment = segment.context("a segment is missing")?;
        all.push(Segment { wasted, ..segment });
    }
    Ok(all)
}

const fn drop_of(request: &Request, start_ms: f64, end_ms: f64, bits: f64) -> Wasted {
    Wasted {
        quality: request.media.rendition,
        start_ms,
        end_ms,
        bits,
    }
}
