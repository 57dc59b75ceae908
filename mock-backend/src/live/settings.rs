//! What a live presentation is to be like: the parameters of its URL, typed.

use super::GRID_MS;
use crate::text::Form;
use std::collections::BTreeMap;

/// Names and values as they come in a URL.
pub(crate) type Parameters = BTreeMap<String, String>;

/// Longest time-shift buffer.
const MAX_WINDOW_MS: u64 = 86_400_000;
/// Latest time of day that can be asked for: the year 2100.
const MAX_EPOCH_MS: u64 = 4_102_444_800_000;
/// Rules of loss in one presentation.
const MAX_LOSSES: usize = 8;

/// How live segments are addressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Addressing {
    /// `$Number$` with `@duration`.
    Number,
    /// `$Time$` with a SegmentTimeline.
    Time,
    /// `$Number$` with a SegmentTimeline.
    Timeline,
}

/// A UTCTiming scheme.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Utc {
    Direct,
    Head,
    Iso,
    XsDate,
}

impl Utc {
    /// Its name in URLs.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Head => "head",
            Self::Iso => "iso",
            Self::XsDate => "xsdate",
        }
    }

    /// Its `@schemeIdUri`.
    pub(crate) const fn scheme(self) -> &'static str {
        match self {
            Self::Direct => "urn:mpeg:dash:utc:direct:2014",
            Self::Head => "urn:mpeg:dash:utc:http-head:2014",
            Self::Iso => "urn:mpeg:dash:utc:http-iso:2014",
            Self::XsDate => "urn:mpeg:dash:utc:http-xsdate:2014",
        }
    }
}

/// A SegmentTimeline that reaches back to the start of its Period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deep {
    /// With the number of segments so far in `S@r`.
    Counted,
    /// With `r="-1"`.
    Open,
}

/// Which segments are lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Loss {
    pub(crate) status: u16,
    rule: Rule,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rule {
    /// Every so manieth.
    Nth(u64),
    /// Those that start in the first part of every cycle, in milliseconds.
    Window { part: u64, cycle: u64 },
}

impl Loss {
    /// Does it hit segment `number`, which starts at `start_ms` after the epoch?
    pub(crate) const fn hits(&self, number: u64, start_ms: u64) -> bool {
        match self.rule {
            Rule::Nth(each) => number % each == each - 1,
            Rule::Window { part, cycle } => start_ms % cycle < part,
        }
    }
}

/// Which events are sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Events {
    /// SCTE-35 in the EventStream of a Period.
    pub(crate) mpd: bool,
    /// SCTE-35 in `emsg` boxes.
    pub(crate) emsg: bool,
    /// The expiry of the MPD in `emsg` boxes.
    pub(crate) validity: bool,
}

/// All of it. Times are milliseconds, points in time milliseconds since the Unix epoch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Settings {
    pub(crate) addressing: Addressing,
    /// None: everything since the start.
    pub(crate) window: Option<u64>,
    pub(crate) update: Option<u64>,
    pub(crate) delay: Option<u64>,
    pub(crate) start: u64,
    pub(crate) end: Option<u64>,
    pub(crate) terminate: Option<u64>,
    pub(crate) periods: Option<u64>,
    pub(crate) continuity: bool,
    pub(crate) ads: Option<u64>,
    pub(crate) low_latency: bool,
    pub(crate) chunk: u64,
    pub(crate) target: u64,
    pub(crate) producer_times: bool,
    /// How long a patch can be asked for.
    pub(crate) patch: Option<u64>,
    pub(crate) events: Events,
    pub(crate) steering: Option<u64>,
    pub(crate) utc: Vec<Utc>,
    pub(crate) skew: i64,
    pub(crate) loss: Vec<Loss>,
    pub(crate) jitter: u64,
    pub(crate) hang: bool,
    pub(crate) restart: Option<u64>,
    pub(crate) gaps: Option<u64>,
    pub(crate) deep: Option<Deep>,
    pub(crate) location: bool,
    /// Which text there is.
    pub(crate) text: Vec<Form>,
    pub(crate) thumbnails: bool,
    /// Low latency by segments of a sequence, each a file.
    pub(crate) parts: bool,
    /// Status of segments that are not there yet, and of those that are no longer.
    pub(crate) early: u16,
    pub(crate) gone: u16,
}

impl Settings {
    /// Reads all parameters; the error names the one that is wrong or unknown.
    pub(crate) fn parse(parameters: &Parameters) -> Result<Self, String> {
        let mut given = Given {
            parameters,
            known: Vec::new(),
        };
        let low_latency = given.flag("ll")?;
        let end = given.epoch("end")?;
        let settings = Self {
            addressing: given.choice("addressing", Addressing::Number, |text| match text {
                "number" => Some(Addressing::Number),
                "time" => Some(Addressing::Time),
                "timeline" => Some(Addressing::Timeline),
                _ => None,
            })?,
            window: given.choice("tsb", Some(60_000), |text| match text {
                "inf" => Some(None),
                _ => seconds(text)
                    .filter(|&ms| (4000..=MAX_WINDOW_MS).contains(&ms))
                    .map(Some),
            })?,
            update: given.choice("mup", Some(2000), |text| match text {
                "none" => Some(None),
                _ => seconds(text).map(Some),
            })?,
            delay: given.seconds("delay", 0)?,
            // An event that only ends is ten minutes long.
            start: given
                .epoch("start")?
                .unwrap_or(end.map_or(0, |end| end.saturating_sub(600_000))),
            end,
            terminate: given.epoch("terminate")?,
            periods: given.cycle("periods", 4 * GRID_MS)?,
            continuity: given.flag("continuity")?,
            ads: given.cycle("ads", 12 * GRID_MS)?,
            low_latency,
            chunk: given.choice("chunk", 500, |text| ranged(text, 40, GRID_MS))?,
            target: given.seconds("target", 500)?.unwrap_or(2000),
            producer_times: given.flag("prft")?,
            patch: given.choice("patch", None, |text| match text {
                "" | "1" => Some(Some(60_000)),
                "0" => Some(None),
                _ => seconds(text).map(Some),
            })?,
            events: given.choice("events", Events::default(), events)?,
            steering: given.seconds("steering", 1000)?,
            utc: given.choice("utc", vec![Utc::Iso], utc)?,
            skew: given.choice("skew", 0, |text| {
                text.parse().ok().filter(|ms: &i64| ms.unsigned_abs() <= MAX_WINDOW_MS)
            })?,
            loss: given.choice("loss", Vec::new(), losses)?,
            jitter: given.choice("jitter", 0, |text| ranged(text, 0, 10_000))?,
            hang: given.flag("hang")?,
            restart: given.cycle("restart", 10 * GRID_MS)?,
            gaps: given.cycle("gaps", 4 * GRID_MS)?,
            deep: given.choice("deep", None, |text| match text {
                "" | "1" => Some(Some(Deep::Counted)),
                "open" => Some(Some(Deep::Open)),
                "0" => Some(None),
                _ => None,
            })?,
            location: given.flag("location")?,
            text: given.choice("text", Vec::new(), |text| {
                Form::list(text).filter(|forms| !forms.iter().any(|form| form.is_file()))
            })?,
            thumbnails: given.flag("thumbs")?,
            parts: given.flag("parts")?,
            early: given.choice("early", 404, status)?,
            gone: given.choice("gone", 404, status)?,
        };
        given.finish()?;
        settings.check().map(|()| settings)
    }

    fn check(&self) -> Result<(), String> {
        let stop = self.stop().unwrap_or(u64::MAX);
        if stop <= self.start {
            return Err("end: it must be after the start".to_owned());
        }
        if self.deep.is_some() && self.addressing == Addressing::Number {
            return Err("deep: only with a timeline".to_owned());
        }
        // Numbers count on over a gap in a timeline, those of the segments here do not.
        if self.gaps.is_some() && self.addressing == Addressing::Timeline {
            return Err("gaps: not with addressing=timeline".to_owned());
        }
        let timed = self.low_latency && self.addressing == Addressing::Time && self.deep.is_none();
        if self.parts && !(timed && GRID_MS.is_multiple_of(self.chunk)) {
            return Err("parts: with ll=1, addressing=time and chunks that go into a segment".to_owned());
        }
        Ok(())
    }

    /// Segments of the picture in a sequence (`S@k`), when they are files.
    pub(crate) fn parts(&self) -> Option<u64> {
        self.parts.then(|| GRID_MS / self.chunk)
    }

    /// Are ad breaks told of?
    pub(crate) const fn signals_breaks(&self) -> bool {
        self.events.mpd || self.events.emsg
    }

    /// When the presentation becomes static, if it does.
    pub(crate) fn stop(&self) -> Option<u64> {
        self.end.into_iter().chain(self.terminate).min()
    }
}

/// Parameters, and which of them have been asked for.
struct Given<'a> {
    parameters: &'a Parameters,
    known: Vec<&'static str>,
}

impl Given<'_> {
    fn choice<T>(&mut self, name: &'static str, default: T, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        self.known.push(name);
        let Some(text) = self.parameters.get(name) else {
            return Ok(default);
        };
        read(text).ok_or_else(|| format!("{name}: '{text}' is not what it takes"))
    }

    fn flag(&mut self, name: &'static str) -> Result<bool, String> {
        self.choice(name, false, |text| match text {
            "" | "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        })
    }

    fn seconds(&mut self, name: &'static str, least: u64) -> Result<Option<u64>, String> {
        let sound = |ms: &u64| (least..=MAX_WINDOW_MS).contains(ms);
        self.choice(name, None, |text| seconds(text).filter(sound).map(Some))
    }

    fn epoch(&mut self, name: &'static str) -> Result<Option<u64>, String> {
        self.choice(name, None, |text| {
            seconds(text).filter(|&ms| ms <= MAX_EPOCH_MS).map(Some)
        })
    }

    /// Something that happens every so often, where a segment of the picture starts.
    fn cycle(&mut self, name: &'static str, least: u64) -> Result<Option<u64>, String> {
        let sound = |ms: &u64| ms.is_multiple_of(GRID_MS) && (least..=MAX_WINDOW_MS).contains(ms);
        self.choice(name, None, |text| match text {
            "0" => Some(None),
            _ => seconds(text).filter(sound).map(Some),
        })
        .map_err(|error| format!("{error}: an even number of seconds, at least {}", least / 1000))
    }

    fn finish(self) -> Result<(), String> {
        let unknown = self.parameters.keys().find(|name| !self.known.contains(&name.as_str()));
        unknown.map_or(Ok(()), |name| Err(format!("{name}: there is no such parameter")))
    }
}

/// Seconds with up to three decimals, in milliseconds.
fn seconds(text: &str) -> Option<u64> {
    crate::http::query::parse_seconds(text).filter(|&ms| ms <= MAX_EPOCH_MS)
}

fn ranged(text: &str, least: u64, most: u64) -> Option<u64> {
    text.parse().ok().filter(|value| (least..=most).contains(value))
}

fn status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (400..=599).contains(status))
}

fn events(text: &str) -> Option<Events> {
    let mut events = Events::default();
    for name in text.split(',') {
        match name {
            "mpd" => events.mpd = true,
            "emsg" => events.emsg = true,
            "validity" => events.validity = true,
            "scte35" => (events.mpd, events.emsg) = (true, true),
            "none" => {}
            _ => return None,
        }
    }
    Some(events)
}

fn utc(text: &str) -> Option<Vec<Utc>> {
    let all = [Utc::Direct, Utc::Head, Utc::Iso, Utc::XsDate];
    let names = text.split(',').filter(|name| *name != "none");
    names.map(|name| all.into_iter().find(|utc| utc.id() == name)).collect()
}

/// `404:7` (every seventh), `503:5of60` (the first five seconds of each minute), several with commas.
fn losses(text: &str) -> Option<Vec<Loss>> {
    let one = |text: &str| {
        let (code, rule) = text.split_once(':')?;
        let rule = match rule.split_once("of") {
            None => Rule::Nth(ranged(rule, 2, 1_000_000)?),
            Some((part, cycle)) => {
                let (part, cycle) = (seconds(part)?, seconds(cycle)?);
                (part < cycle).then_some(Rule::Window { part, cycle })?
            }
        };
        Some(Loss {
            status: status(code)?,
            rule,
        })
    };
    let losses: Option<Vec<_>> = text.split(',').filter(|one| *one != "none").map(one).collect();
    losses.filter(|losses| losses.len() <= MAX_LOSSES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, String> {
        Settings::parse(&super::super::parameters(text))
    }

    #[test]
    fn what_is_left_out_is_usual() {
        let settings = parse("").unwrap();
        assert_eq!(settings.addressing, Addressing::Number);
        assert_eq!((settings.window, settings.update), (Some(60_000), Some(2000)));
        assert_eq!((settings.start, settings.stop()), (0, None));
        assert_eq!(parse("tsb=inf&mup=none").unwrap().window, None);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, name) in [
            ("adressing=time", "adressing"),
            ("addressing=Time", "addressing"),
            ("tsb=1", "tsb"),
            ("periods=7", "periods"),
            ("loss=200:7", "loss"),
            ("loss=404:60of5", "loss"),
            ("start=100&end=90", "end"),
            ("deep=1", "deep"),
            ("utc=ntp", "utc"),
            ("chunk=5", "chunk"),
            ("skew=1h", "skew"),
            ("text=vtt", "text"),
            ("parts=1", "parts"),
            ("ll=1&addressing=time&chunk=300&parts=1", "parts"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(&format!("{name}:")), "{text}: {error}");
        }
    }

    #[test]
    fn losses_follow_their_rules() {
        let losses = parse("loss=404:7,503:5of60").unwrap().loss;
        assert_eq!((losses[0].status, losses[1].status), (404, 503));
        let hit: Vec<_> = (0..21).filter(|&number| losses[0].hits(number, 0)).collect();
        assert_eq!(hit, [6, 13, 20]);
        assert!(losses[1].hits(0, 64_999) && !losses[1].hits(0, 65_000));
    }
}
