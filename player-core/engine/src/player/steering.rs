//! When a steering server is asked which locations to prefer (ISO/IEC 23009-1, K.3.3; ETSI TS 103 998).

use footlight_dash::Micros;

use super::session::{Session, Stage};
use crate::delivery::{Io, Purpose, Source, usual_pause};
use crate::error::PlayerError;
use crate::time::Instant;

/// Playback does not wait longer than this for the first answer.
const PATIENCE: Micros = Micros(2_000_000);

/// What is known of a steering server.
#[derive(Debug)]
pub(super) struct Steering {
    /// The server that the manifest names.
    named: String,
    url: String,
    /// When to ask; none: never again.
    due: Option<Instant>,
    /// Playback starts at this time at the latest.
    wait_until: Option<Instant>,
}

impl Session {
    /// A manifest came: it may name a server, or another one.
    pub(super) fn steering_in_force(&mut self, now: Instant) {
        let Some(model) = &self.model else { return };
        let presentation = model.presentation();
        let described = presentation
            .service_descriptions
            .iter()
            .find_map(|d| d.content_steering.as_ref());
        let element = presentation.content_steering.as_ref().or(described);
        if element.map(|element| &element.url) == self.steering.as_ref().map(|known| &known.named) {
            return;
        }
        self.steering = element.map(|element| {
            self.delivery.prefer(&element.default_service_locations);
            Steering {
                named: element.url.clone(),
                url: element.url.clone(),
                due: Some(now),
                wait_until: element.query_before_start.then(|| now.plus(PATIENCE)),
            }
        });
    }

    /// Whether the start waits for the server's first answer.
    pub(super) fn awaits_steering(&self) -> bool {
        self.steering
            .as_ref()
            .is_some_and(|steering| steering.wait_until.is_some())
    }

    /// Asks when it is due; after the start, unless the service wants it before.
    pub(super) fn ask_steering(&mut self, io: &mut Io) {
        if let Some(steering) = &mut self.steering {
            steering.wait_until = steering.wait_until.filter(|until| io.now < *until);
        }
        if self.steering_timer().is_none_or(|due| due > io.now) || self.delivery.has(Purpose::Steering) {
            return;
        }
        let Some(steering) = self.steering.as_mut().filter(|steering| steering.due.is_some()) else {
            return;
        };
        steering.due = None;
        let url = self.delivery.steering_url(&steering.url);
        self.delivery
            .start(io, Purpose::Steering, vec![Source::new(url, "")], None);
    }

    /// The server answered, or did not: then all stays as it is.
    pub(super) fn steering_arrived(&mut self, io: &mut Io, answer: Result<(&[u8], &str), &PlayerError>) {
        let Some(steering) = &mut self.steering else { return };
        steering.wait_until = None;
        let told = answer
            .ok()
            .and_then(|(body, url)| Some((self.delivery.steer(body)?, url)));
        let pause = match told {
            Some(((next, pause), url)) => {
                if !next.is_empty() {
                    steering.url = footlight_dash::resolve(url, &next);
                }
                pause
            }
            None => usual_pause(),
        };
        // Gone is gone.
        let is_gone = answer.is_err_and(|error| error.status == 410);
        steering.due = (!is_gone).then(|| io.now.plus(pause));
    }

    /// When [`Self::ask_steering`] or the start has something to do.
    pub(super) fn steering_timer(&self) -> Option<Instant> {
        let steering = self.steering.as_ref()?;
        let waits = steering.wait_until.filter(|_| self.stage == Stage::Probing);
        let due = steering.due.filter(|_| self.placed || waits.is_some());
        due.into_iter().chain(waits).min()
    }
}
