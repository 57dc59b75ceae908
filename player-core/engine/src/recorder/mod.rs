//! The flight recorder's format: a session's inputs as bytes, and what the engine answers to them.
//!
//! A recording starts with a magic, the seed and the configuration; then one record per input: the time
//! since the one before, a tag, the input's fields. Integers are LEB128 (signed ones zigzag), texts and bytes
//! have their length before them. Outputs are written the same way, so that two hosts can be compared byte
//! for byte.

mod outputs;
mod reader;
mod writer;

pub use reader::Malformed;

use crate::config::Config;
use crate::player::{Input, Player};
use crate::time::Instant;
use reader::Reader;
use writer::Writer;

const MAGIC: &[u8] = b"FLR3";

/// Writes a recording, input by input.
#[derive(Clone, Debug)]
pub struct Recorder {
    writer: Writer,
    last: Instant,
}

impl Recorder {
    /// Starts a recording of a player made with this configuration and seed.
    #[must_use]
    pub fn new(config: &Config, seed: u64) -> Self {
        let mut writer = Writer::default();
        writer.raw(MAGIC);
        writer.unsigned(seed);
        writer.config(config);
        Self {
            writer,
            last: Instant::default(),
        }
    }

    /// Adds an input; call with the arguments of [`Player::handle_input`].
    pub fn record(&mut self, now: Instant, input: &Input<'_>) {
        self.writer.unsigned(now.0.saturating_sub(self.last.0));
        self.last = self.last.max(now);
        self.writer.input(input);
    }

    /// The recording so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.writer.bytes()
    }
}

/// Plays a recording to a new engine and gives back what it put out, as bytes.
///
/// # Errors
/// [`Malformed`] when the bytes are not a recording, or one that was cut off.
pub fn replay(recording: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut reader = Reader::new(recording);
    reader.expect(MAGIC)?;
    let seed = reader.unsigned()?;
    let mut player = Player::new(reader.config()?, seed);
    let mut now = Instant::default();
    let mut answers = Writer::default();
    while !reader.at_end() {
        now = Instant(now.0.saturating_add(reader.unsigned()?));
        reader.input(|input| player.handle_input(now, input))?;
        while let Some(output) = player.poll_output() {
            answers.output(&output);
        }
        let due = player.poll_timeout();
        answers.unsigned(due.map_or(0, |(at, _)| at.0));
        answers.byte(due.map_or(0xff, |(_, reason)| reason as u8));
    }
    Ok(answers.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::{AppendFailure, Command, Environment, Playback, RequestId, TransportFailure};
    use crate::presentation::Kind;
    use crate::tracks::Preferences;
    use footlight_dash::Micros;
    use proptest::prelude::*;

    /// One of everything: what is written is read back as it was.
    #[test]
    fn every_input_comes_back_as_it_went_in() {
        let ranges = [(Micros(-5), Micros(7)), (Micros(9), Micros(i64::MAX))];
        let request = RequestId(70_000);
        let inputs = [
            Input::Command(Command::Load {
                url: "https://cdn.example/ü.mpd",
                start: Some(Micros(-1)),
            }),
            Input::Command(Command::Load { url: "x", start: None }),
            Input::Command(Command::Unload),
            Input::Command(Command::Retry),
            Input::Command(Command::Play),
            Input::Command(Command::Pause),
            Input::Command(Command::Seek(Micros(123_456_789))),
            Input::Command(Command::SetRate(1500)),
            Input::Command(Command::SelectAudio(3)),
            Input::Command(Command::SelectText(None)),
            Input::Command(Command::SelectText(Some(0))),
            Input::Command(Command::SelectRendition(Some(5))),
            Input::Preferences(Preferences {
                audio_languages: vec!["en".into(), "fr".into()],
                text_languages: vec![],
                text_enabled: true,
            }),
            Input::ResponseHead {
                request,
                status: 206,
                length: Some(1 << 40),
                url: "",
                date: Some(Micros(1_700_000_000_000_000)),
            },
            Input::ResponseHead {
                request,
                status: 404,
                length: None,
                url: "https://b.example",
                date: None,
            },
            Input::Chunk {
                request,
                length: u32::MAX,
                ends_chunk: false,
            },
            Input::Chunk {
                request,
                length: 65_536,
                ends_chunk: true,
            },
            Input::Boxes { request, data: &[1, 2] },
            Input::WallClock(Micros(1_700_000_000_123_456)),
            Input::Command(Command::GoLive),
            Input::Data {
                request,
                data: &[0, 255, 3],
            },
            Input::ResponseEnd { request },
            Input::ResponseFailed {
                request,
                failure: TransportFailure::Truncated,
            },
            Input::Support(&[true, false, true]),
            Input::SinkOpened,
            Input::SinkFailed { message: "no" },
            Input::AppendDone {
                track: Kind::Audio,
                buffered: &ranges,
            },
            Input::AppendFailed {
                track: Kind::Video,
                failure: AppendFailure::Quota,
                buffered: &[],
            },
            Input::RemoveDone {
                track: Kind::Video,
                buffered: &ranges[..1],
            },
            Input::Playback(Playback {
                position: Micros(5),
                rate: 2000,
                paused: true,
                seeking: false,
                ended: true,
                ready_state: 4,
                decoded_frames: 9,
                dropped_frames: 1,
            }),
            Input::MediaError {
                code: 3,
                message: "decode",
            },
            Input::Environment(Environment {
                width: 1920,
                height: 1080,
                visible: false,
                online: true,
                save_data: true,
                low_power: false,
                max_height: 720,
                max_bitrate: 5_000_000,
            }),
            Input::TextDecoded {
                request,
                first: 7,
                cues: &ranges,
            },
            Input::TextFailed { request, message: "no" },
            Input::Timeout,
        ];
        for input in &inputs {
            let mut writer = Writer::default();
            writer.input(input);
            let mut back = None;
            let read = Reader::new(writer.bytes()).input(|read| back = Some(read == *input));
            assert_eq!((read, back), (Ok(()), Some(true)), "{input:?}");
        }
    }

    #[test]
    fn a_recording_replays_to_the_same_outputs() {
        let config = Config::default();
        let mut recorder = Recorder::new(&config, 9);
        let mut player = Player::new(config, 9);
        let mut outputs = Writer::default();
        let url = "https://cdn.example/a.mpd";
        let inputs = [
            Input::Command(Command::Load { url, start: None }),
            Input::ResponseFailed {
                request: RequestId(1),
                failure: TransportFailure::Network,
            },
            Input::Timeout,
        ];
        for (at, input) in (0..).zip(inputs) {
            let now = Instant::from_millis(at * 700);
            recorder.record(now, &input);
            player.handle_input(now, input);
            while let Some(output) = player.poll_output() {
                outputs.output(&output);
            }
            let due = player.poll_timeout();
            outputs.unsigned(due.map_or(0, |(at, _)| at.0));
            outputs.byte(due.map_or(0xff, |(_, reason)| reason as u8));
        }
        assert_eq!(replay(recorder.bytes()), Ok(outputs.into_bytes()));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(mut data: Vec<u8>) {
            let _ = replay(&data);
            let mut recording = Recorder::new(&Config::default(), 1).bytes().to_vec();
            recording.append(&mut data);
            let _ = replay(&recording);
        }
    }
}
