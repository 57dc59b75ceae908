//! UTCTiming: asking the service what time it is (ISO/IEC 23009-1, 5.8.4.11; DASH-IF IOP, 4.7).

use footlight_dash::{Descriptor, Micros, xsd};

use crate::time::Instant;

/// Asked again after this.
const AGAIN: Micros = Micros(10 * 60_000_000);
/// When none of the schemes answered, asked again after this.
const RETRY: Micros = Micros(30_000_000);
/// The most schemes tried.
const MAX_SCHEMES: usize = 16;

/// How a scheme is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Method {
    /// The time is in the manifest.
    Direct,
    /// The `Date` of a response to HEAD.
    Head,
    /// A body that is an `xs:dateTime` or an ISO 8601 time.
    Body,
    /// An NTP server: hosts with sockets only.
    Ntp,
}

impl Method {
    fn of(scheme: &str) -> Option<Self> {
        let name = scheme.strip_prefix("urn:mpeg:dash:utc:")?;
        let (name, year) = name.rsplit_once(':')?;
        if !matches!(year, "2012" | "2014") {
            return None;
        }
        match name {
            "direct" => Some(Self::Direct),
            "http-head" => Some(Self::Head),
            "http-xsdate" | "http-iso" => Some(Self::Body),
            "ntp" | "sntp" => Some(Self::Ntp),
            _ => None,
        }
    }
}

/// What to do next about the time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TimingStep {
    /// Nothing.
    None,
    /// The manifest told the time: of its making, so of its arrival.
    Direct(Micros),
    /// Ask this URL, by HEAD or GET.
    Ask {
        /// As the manifest has it.
        url: String,
        /// By HEAD.
        head: bool,
    },
}

/// Which scheme is asked, and when again.
#[derive(Debug, Default)]
pub(crate) struct Timing {
    /// Method and value, in the manifest's order: its order of preference.
    schemes: Vec<(Method, String)>,
    /// The one under way, or the next.
    current: usize,
    asking: bool,
    due: Option<Instant>,
}

impl Timing {
    /// A manifest arrived. Schemes are asked afresh when they changed.
    pub(crate) fn set(&mut self, now: Instant, descriptors: &[Descriptor], has_ntp: bool) {
        let known = descriptors.iter().filter_map(|found| {
            let method = Method::of(&found.scheme).filter(|method| has_ntp || *method != Method::Ntp)?;
            // A value may list several servers; each is worth a try.
            Some((method, found.value.as_str()))
        });
        let schemes: Vec<(Method, String)> = known
            .flat_map(|(method, value)| value.split_ascii_whitespace().map(move |one| (method, one.to_owned())))
            .take(MAX_SCHEMES)
            .collect();
        // The time that a manifest carries itself is another one in each.
        let of_kind = |list: &[(Method, String)]| -> Vec<(Method, String)> {
            list.iter()
                .map(|(method, value)| match method {
                    Method::Direct => (*method, String::new()),
                    _ => (*method, value.clone()),
                })
                .collect()
        };
        let is_same = of_kind(&schemes) == of_kind(&self.schemes);
        self.schemes = schemes;
        if !is_same {
            (self.current, self.asking) = (0, false);
            self.due = (!self.schemes.is_empty()).then_some(now);
        }
    }

    /// Whether the manifest names a way to tell the time.
    pub(crate) const fn is_empty(&self) -> bool {
        self.schemes.is_empty()
    }

    /// When [`Self::step`] has something to do.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| !self.asking)
    }

    /// What to do now.
    pub(crate) fn step(&mut self, now: Instant) -> TimingStep {
        if self.due().is_none_or(|due| due > now) {
            return TimingStep::None;
        }
        while let Some((method, value)) = self.schemes.get(self.current) {
            match method {
                Method::Direct => match xsd::parse_date_time(value) {
                    Ok(time) => {
                        self.due = Some(now.plus(AGAIN));
                        return TimingStep::Direct(time);
                    }
                    Err(_) => self.current += 1,
                },
                Method::Head | Method::Body => {
                    self.asking = true;
                    return TimingStep::Ask {
                        url: value.clone(),
                        head: *method == Method::Head,
                    };
                }
                Method::Ntp => {
                    self.asking = true;
                    return TimingStep::Ask {
                        url: format!("ntp://{value}"),
                        head: false,
                    };
                }
            }
        }
        self.current = 0;
        self.due = Some(now.plus(RETRY));
        TimingStep::None
    }

    /// An answer came: the time it tells, and how exact that is by itself. None: the next scheme's turn.
    pub(crate) fn answered(&mut self, now: Instant, body: &[u8], date: Option<Micros>) -> Option<(Micros, Micros)> {
        let method = self.schemes.get(self.current).map(|(method, _)| *method);
        let text = std::str::from_utf8(body.get(..64).unwrap_or(body)).unwrap_or_default();
        let told = match method {
            // Whole seconds: half a second past the one told, give or take another half.
            Some(Method::Head) => date.map(|date| (date + Micros(500_000), Micros(500_000))),
            _ => parse_time(text).map(|time| {
                let exact = text.contains('.');
                let half = if exact { Micros(500) } else { Micros(500_000) };
                (time + half, half)
            }),
        };
        self.asking = false;
        if told.is_some() {
            self.due = Some(now.plus(AGAIN));
        } else {
            self.failed(now);
        }
        told
    }

    /// No answer: the next scheme's turn.
    pub(crate) fn failed(&mut self, now: Instant) {
        self.asking = false;
        self.current += 1;
        self.due = Some(now);
    }
}

/// A time without a zone is UTC, whatever else ISO 8601 says.
fn parse_time(text: &str) -> Option<Micros> {
    xsd::parse_date_time(text.trim_ascii()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(name: &str, value: &str) -> Descriptor {
        Descriptor {
            scheme: format!("urn:mpeg:dash:utc:{name}:2014"),
            value: value.into(),
            ..Descriptor::default()
        }
    }

    fn ask(url: &str, head: bool) -> TimingStep {
        TimingStep::Ask { url: url.into(), head }
    }

    #[test]
    fn the_manifests_own_time_needs_no_request() {
        let mut timing = Timing::default();
        timing.set(Instant(0), &[scheme("direct", "1970-01-01T00:01:00Z")], false);
        assert_eq!(timing.step(Instant(0)), TimingStep::Direct(Micros(60_000_000)));
        assert_eq!(timing.step(Instant(1)), TimingStep::None);
        // Another time in the next manifest is not another scheme.
        timing.set(Instant(5), &[scheme("direct", "1970-01-01T00:02:00Z")], false);
        assert_eq!(timing.step(Instant(6)), TimingStep::None);
    }

    #[test]
    fn schemes_and_servers_are_tried_in_order() {
        let mut timing = Timing::default();
        let schemes = [
            scheme("ntp", "pool.example"),
            scheme("http-head", "https://a.example/ https://b.example/"),
            scheme("http-xsdate", "https://c.example/"),
        ];
        timing.set(Instant(0), &schemes, false);
        assert_eq!(timing.step(Instant(0)), ask("https://a.example/", true));
        assert_eq!(timing.step(Instant(0)), TimingStep::None);
        timing.failed(Instant(1));
        assert_eq!(timing.step(Instant(1)), ask("https://b.example/", true));
        assert_eq!(timing.answered(Instant(2), b"", None), None);
        assert_eq!(timing.step(Instant(2)), ask("https://c.example/", false));
        let told = timing.answered(Instant(3), b"1970-01-01T00:00:10.250Z\r\n", None);
        assert_eq!(told, Some((Micros(10_250_500), Micros(500))));
        assert_eq!(timing.due(), Some(Instant(3).plus(AGAIN)));
    }

    #[test]
    fn when_nobody_answers_all_are_asked_again_later() {
        let mut timing = Timing::default();
        timing.set(Instant(0), &[scheme("http-iso", "https://a.example/")], false);
        assert_eq!(timing.step(Instant(0)), ask("https://a.example/", false));
        assert_eq!(timing.answered(Instant(1), b"<html>", None), None);
        assert_eq!(timing.step(Instant(1)), TimingStep::None);
        assert_eq!(timing.due(), Some(Instant(1).plus(RETRY)));
        assert_eq!(timing.step(Instant(1).plus(RETRY)), ask("https://a.example/", false));
    }

    #[test]
    fn ntp_is_for_hosts_that_can() {
        let mut timing = Timing::default();
        timing.set(Instant(0), &[scheme("ntp", "pool.example")], true);
        assert_eq!(timing.step(Instant(0)), ask("ntp://pool.example", false));
    }
}
