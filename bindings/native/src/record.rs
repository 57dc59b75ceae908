//! The flight recorder's tape: a session written down while it lasts.

use std::io::Write;

use footlight_core::recorder::Recorder;
use footlight_core::{Config, Input, Instant, Output, WakeReason};

/// Written at least this often, in bytes.
const PART: usize = 64 << 10;

/// Writes a session down, without its secrets; `footlight_native::recorder::replay` plays it again.
pub struct Recording {
    to: Box<dyn Write + Send>,
    recorder: Option<Recorder>,
    /// Bytes that may still be written.
    room: u64,
    /// Why no more is written, until it is told.
    stopped: Option<String>,
}

impl Recording {
    /// Writes to `to` as it goes, at most `max_bytes`: a recording that ends there replays up to there.
    #[must_use]
    pub fn new(to: impl Write + Send + 'static, max_bytes: u64) -> Self {
        Self {
            to: Box::new(to),
            recorder: None,
            room: max_bytes,
            stopped: None,
        }
    }

    pub(crate) fn begun(mut self, config: &Config, seed: u64) -> Self {
        self.recorder = Some(Recorder::redacting(config, seed));
        self
    }

    pub(crate) fn input(&mut self, now: Instant, input: &Input<'_>) {
        if let Some(recorder) = &mut self.recorder {
            recorder.record(now, input);
        }
    }

    pub(crate) fn output(&mut self, output: &Output) {
        if let Some(recorder) = &mut self.recorder {
            recorder.output(output);
        }
    }

    pub(crate) fn settle(&mut self, due: Option<(Instant, WakeReason)>) {
        if let Some(recorder) = &mut self.recorder {
            recorder.settle(due);
            if recorder.bytes().len() >= PART {
                self.write();
            }
        }
    }

    /// Nothing more will come.
    pub(crate) fn finish(&mut self) {
        self.write();
        self.recorder = None;
    }

    /// Why it has ended early; told once.
    pub(crate) fn take_stopped(&mut self) -> Option<String> {
        self.stopped.take()
    }

    /// Only whole inputs with their answers are written.
    fn write(&mut self) {
        let Some(recorder) = &mut self.recorder else { return };
        let part = recorder.take();
        let length = part.len() as u64;
        if length > self.room {
            self.recorder = None;
            self.stopped = Some("the recording is as large as it may be".to_owned());
            return;
        }
        self.room -= length;
        if let Err(error) = self.to.write_all(&part).and_then(|()| self.to.flush()) {
            self.recorder = None;
            self.stopped = Some(format!("the recording cannot be written: {error}"));
        }
    }
}
