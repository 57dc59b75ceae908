//! The flight recorder's format: a session's inputs as bytes, and what the engine answers to them.
//!
//! A recording starts with a magic, the seed and the configuration; then one record per input: the time
//! since the one before, a tag, the input's fields. Integers are LEB128 (signed ones zigzag), texts and bytes
//! have their length before them. Outputs are written the same way, so that two hosts can be compared byte
//! for byte.

mod outputs;
mod reader;
mod redact;
mod writer;

pub use reader::Malformed;

use crate::config::Config;
use crate::delivery::RequestKind;
use crate::player::{Event, Input, Output, Player, RequestId, WakeReason};
use crate::time::Instant;
use reader::Reader;
use redact::Redactor;
use writer::Writer;

const MAGIC: &[u8] = b"FLR3";
/// In place of an input's tag: a checksum of the answers to the input before.
const ANSWERS: u8 = 255;
/// Likewise: the version of the engine that was recorded.
const ENGINE: u8 = 254;

/// Writes a recording, input by input.
#[derive(Clone, Debug)]
pub struct Recorder {
    writer: Writer,
    last: Instant,
    field: Option<Field>,
}

/// What a recording that leaves the device needs.
#[derive(Clone, Debug, Default)]
struct Field {
    /// The answers to the last input.
    answers: Writer,
    /// Texts that are arriving.
    texts: Vec<(RequestId, Redactor)>,
}

impl Recorder {
    /// Starts a recording of a player made with this configuration and seed; it has everything, secrets too.
    #[must_use]
    pub fn new(config: &Config, seed: u64) -> Self {
        let mut writer = Writer::default();
        writer.raw(MAGIC);
        writer.unsigned(seed);
        writer.config(config);
        Self {
            writer,
            last: Instant::default(),
            field: None,
        }
    }

    /// Starts a recording for others to look at: query strings are masked, and a checksum of each answer shows whether a
    /// replay answers the same. Call [`Self::output`] and [`Self::settle`] after each input.
    #[must_use]
    pub fn redacting(config: &Config, seed: u64) -> Self {
        let mut recorder = Self::new(config, seed);
        recorder.writer.unsigned(0);
        recorder.writer.byte(ENGINE);
        recorder.writer.text(env!("CARGO_PKG_VERSION"));
        recorder.field = Some(Field::default());
        recorder
    }

    /// Adds an input; call with the arguments of [`Player::handle_input`].
    pub fn record(&mut self, now: Instant, input: &Input<'_>) {
        self.writer.unsigned(now.0.saturating_sub(self.last.0));
        self.last = self.last.max(now);
        match &mut self.field {
            Some(field) => field.input(&mut self.writer, input),
            None => self.writer.input(input),
        }
    }

    /// Adds what the engine answered; call with each output.
    pub fn output(&mut self, output: &Output) {
        let Some(field) = &mut self.field else { return };
        if let Output::Fetch(fetch) = output
            && fetch.inspect
            && fetch.kind != RequestKind::Index
        {
            field.texts.push((fetch.request, Redactor::default()));
        }
        field.answers.answer(output);
    }

    /// The answers to an input are complete; call with [`Player::poll_timeout`].
    pub fn settle(&mut self, due: Option<(Instant, WakeReason)>) {
        let Some(field) = &mut self.field else { return };
        field.answers.due(due);
        let sum = field.answers.checksum();
        field.answers.clear();
        self.writer.unsigned(0);
        self.writer.byte(ANSWERS);
        self.writer.raw(&sum.to_le_bytes());
    }

    /// The recording so far, less what was taken.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.writer.bytes()
    }

    /// What was recorded since it was taken last: a recording is its parts one after another. One that ends between two
    /// of them can be replayed.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.writer).into_bytes()
    }
}

impl Field {
    /// Writes an input without secrets.
    fn input(&mut self, writer: &mut Writer, input: &Input<'_>) {
        match *input {
            Input::Command(crate::player::Command::Load { url, start }) => {
                let url = &redact::text(url);
                writer.input(&Input::Command(crate::player::Command::Load { url, start }));
            }
            Input::ResponseHead {
                request,
                status,
                length,
                url,
                date,
            } => {
                let url = &redact::text(url);
                writer.input(&Input::ResponseHead {
                    request,
                    status,
                    length,
                    url,
                    date,
                });
            }
            Input::Data { request, data } => {
                let text = self.texts.iter_mut().find(|(of, _)| *of == request);
                let data = &text.map_or_else(|| data.to_vec(), |(_, redactor)| redactor.push(data));
                writer.input(&Input::Data { request, data });
            }
            Input::ResponseEnd { request } | Input::ResponseFailed { request, .. } => {
                self.texts.retain(|(of, _)| *of != request);
                writer.input(input);
            }
            _ => writer.input(input),
        }
    }
}

impl Writer {
    /// An output as it is compared: without what is masked in the inputs that it comes of.
    fn answer(&mut self, output: &Output) {
        match output {
            Output::Fetch(fetch) => {
                let mut fetch = fetch.clone();
                fetch.url = redact::text(&fetch.url);
                fetch.header = fetch.header.map(|_| String::new());
                self.output(&Output::Fetch(fetch));
            }
            Output::Event(Event::PresentationChanged { url, reason }) => {
                let (url, reason) = (redact::text(url), *reason);
                self.output(&Output::Event(Event::PresentationChanged { url, reason }));
            }
            Output::Event(Event::Error(error) | Event::Warning(error)) => {
                let mut error = error.clone();
                error.message = redact::text(&error.message);
                self.output(&Output::Event(match output {
                    Output::Event(Event::Error(_)) => Event::Error(error),
                    _ => Event::Warning(error),
                }));
            }
            _ => self.output(output),
        }
    }

    fn due(&mut self, due: Option<(Instant, WakeReason)>) {
        self.unsigned(due.map_or(0, |(at, _)| at.0));
        self.byte(due.map_or(0xff, |(_, reason)| reason as u8));
    }

    /// FNV-1a, 32 bits.
    fn checksum(&self) -> u32 {
        let step = |sum: u32, byte: &u8| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        self.bytes().iter().fold(0x811c_9dc5, step)
    }
}

/// What came of a recording.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replay {
    /// What the engine answered, as bytes; compare those of two hosts.
    pub answers: Vec<u8>,
    /// How many inputs were played.
    pub inputs: u64,
    /// When the last of them happened.
    pub at: Instant,
    /// The version of the engine that was recorded, where the recording says it.
    pub engine: Option<String>,
    /// The recorded engine answered the last input differently: nothing after it was played.
    pub differs: bool,
}

/// Plays a recording to a new engine.
///
/// # Errors
/// [`Malformed`] when the bytes are not a recording, or one that was cut off.
pub fn replay(recording: &[u8]) -> Result<Replay, Malformed> {
    replay_to(recording, &mut |_, _| {})
}

/// The same, for somebody who watches what the engine says, and when.
///
/// # Errors
/// As [`replay`].
pub fn replay_to(recording: &[u8], watch: &mut dyn FnMut(Instant, &Output)) -> Result<Replay, Malformed> {
    let mut reader = Reader::new(recording);
    reader.expect(MAGIC)?;
    let seed = reader.unsigned()?;
    let mut player = Player::new(reader.config()?, seed);
    let mut replay = Replay::default();
    let mut answers = Writer::default();
    let mut compared = Writer::default();
    while !reader.at_end() {
        replay.at = Instant(replay.at.0.saturating_add(reader.unsigned()?));
        match reader.peek() {
            Some(ENGINE) => replay.engine = Some(reader.engine()?.to_owned()),
            Some(ANSWERS) => {
                if reader.checksum()? != compared.checksum() {
                    replay.differs = true;
                    break;
                }
            }
            _ => {
                reader.input(|input| player.handle_input(replay.at, input))?;
                replay.inputs = replay.inputs.saturating_add(1);
                compared.clear();
                while let Some(output) = player.poll_output() {
                    watch(replay.at, &output);
                    answers.output(&output);
                    compared.answer(&output);
                }
                let due = player.poll_timeout();
                answers.due(due);
                compared.due(due);
            }
        }
    }
    replay.answers = answers.into_bytes();
    Ok(replay)
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
            outputs.due(due);
        }
        assert_eq!(
            replay(recorder.bytes()).expect("our own recording").answers,
            outputs.into_bytes()
        );
    }

    const SECRET: &str = "s3cr3t";

    /// A session whose every URL has a secret in it, recorded for others.
    fn in_the_field(change: impl Fn(&mut Player)) -> Vec<u8> {
        let config = Config::default();
        let mut recorder = Recorder::redacting(&config, 9);
        let mut player = Player::new(config, 9);
        let manifest = format!(
            r#"<?xml version="1.0"?><MPD profiles="p" type="static" mediaPresentationDuration="PT8S" minBufferTime="PT2S">
            <Period><AdaptationSet mimeType="video/mp4" codecs="avc1.64001e">
            <SegmentTemplate media="$Number$.m4s?n=$Number$&amp;key={SECRET}" initialization="i.mp4?{SECRET}" duration="4"/>
            <Representation id="a" bandwidth="100000"/></AdaptationSet></Period></MPD>"#
        );
        let url = format!("https://me:{SECRET}@cdn.example/a.mpd?token={SECRET}");
        let moved = format!("https://b.example/a.mpd?token={SECRET}");
        let request = RequestId(1);
        let data = manifest
            .as_bytes()
            .chunks(100)
            .map(|data| Input::Data { request, data });
        let mut inputs = vec![
            Input::Command(Command::Load { url: &url, start: None }),
            Input::ResponseHead {
                request,
                status: 200,
                length: None,
                url: &moved,
                date: None,
            },
        ];
        inputs.extend(data);
        inputs.push(Input::ResponseEnd { request });
        inputs.push(Input::Support(&[true]));
        inputs.push(Input::SinkOpened);
        // Until all is said about it that an error says.
        for request in (2..12).map(RequestId) {
            let failure = TransportFailure::Network;
            inputs.push(Input::ResponseFailed { request, failure });
            inputs.push(Input::Timeout);
        }
        let mut recording = Vec::new();
        for (at, input) in (0..).zip(inputs) {
            let now = Instant::from_millis(at * 1000);
            recorder.record(now, &input);
            player.handle_input(now, input);
            change(&mut player);
            while let Some(output) = player.poll_output() {
                recorder.output(&output);
            }
            recorder.settle(player.poll_timeout());
            recording.extend(recorder.take());
        }
        recording
    }

    #[test]
    fn a_recording_for_others_has_no_secrets_and_replays_all_the_same() {
        let recording = in_the_field(|_| {});
        let has = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
        assert!(!has(&recording));
        let mut fetched = Vec::new();
        let mut failed = false;
        let replay = replay_to(&recording, &mut |_, output| match output {
            Output::Fetch(fetch) => fetched.push(fetch.url.clone()),
            Output::Event(Event::Warning(error) | Event::Error(error)) => {
                failed |= error.url.starts_with("https://b.example/")
            }
            _ => {}
        });
        let replay = replay.expect("our own recording");
        assert!(!replay.differs && !has(&replay.answers), "{} inputs", replay.inputs);
        assert!(failed, "an error names a URL");
        assert_eq!(replay.engine.as_deref(), Some(env!("CARGO_PKG_VERSION")));
        assert!(
            fetched
                .iter()
                .any(|url| url == "https://b.example/1.m4s?n=1&key=xxxxxx"),
            "{fetched:?}"
        );
    }

    #[test]
    fn a_replay_stops_where_the_engine_answers_differently() {
        let recording = in_the_field(|player| {
            // An engine that forgets to open the sink.
            if player.tracks().is_some() {
                while player.poll_output().is_some() {}
            }
        });
        let replay = replay(&recording).expect("our own recording");
        let whole = super::replay(&in_the_field(|_| {})).expect("our own recording");
        assert!(
            replay.differs && replay.inputs < whole.inputs,
            "{} inputs",
            replay.inputs
        );
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
