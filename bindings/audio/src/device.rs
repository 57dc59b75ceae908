//! The system's output through cpal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{FromSample, OutputCallbackInfo, SampleFormat, SizedSample, Stream, StreamConfig};

use crate::mixer::Mixer;
use crate::output::NoDevice;

/// An open device; it closes when this is dropped. It lives on a thread of its own: not every platform's may move.
pub(crate) struct Device {
    pub(crate) rate: u32,
    /// Microseconds from a frame's being given to its being heard.
    latency: Arc<AtomicU64>,
    _open: Sender<()>,
}

impl Device {
    pub(crate) fn open(mixer: Mixer) -> Result<Self, NoDevice> {
        let latency = Arc::new(AtomicU64::new(0));
        let (open, closed) = channel();
        let (tell, told) = channel();
        let told_latency = latency.clone();
        let run = move || hold(start(mixer, told_latency), &tell, &closed);
        thread::Builder::new()
            .name("footlight-sound".to_owned())
            .spawn(run)
            .map_err(no)?;
        Ok(Self {
            rate: told.recv().map_err(no)??,
            latency,
            _open: open,
        })
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_micros(self.latency.load(Ordering::Relaxed))
    }
}

/// Says how it went, and keeps the stream until nobody wants it.
fn hold(started: Result<(Stream, u32), NoDevice>, tell: &Sender<Result<u32, NoDevice>>, closed: &Receiver<()>) {
    match started {
        Ok((_stream, rate)) => {
            // Nothing is ever sent: the wait ends when the other end is dropped.
            if tell.send(Ok(rate)).is_ok() {
                let _ = closed.recv();
            }
        }
        Err(error) => drop(tell.send(Err(error))),
    }
}

fn start(mixer: Mixer, latency: Arc<AtomicU64>) -> Result<(Stream, u32), NoDevice> {
    let device = cpal::default_host()
        .default_output_device()
        .ok_or_else(|| NoDevice("the system has no output".to_owned()))?;
    let supported = device.default_output_config().map_err(no)?;
    let format = supported.sample_format();
    let config: StreamConfig = supported.into();
    let rate = config.sample_rate;
    let stream = match format {
        SampleFormat::F32 => build::<f32>(&device, config, mixer, latency),
        SampleFormat::I16 => build::<i16>(&device, config, mixer, latency),
        SampleFormat::I32 => build::<i32>(&device, config, mixer, latency),
        SampleFormat::U8 => build::<u8>(&device, config, mixer, latency),
        other => Err(NoDevice(format!("the output wants samples as {other}"))),
    }?;
    stream.play().map_err(no)?;
    Ok((stream, rate))
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    mixer: Mixer,
    latency: Arc<AtomicU64>,
) -> Result<Stream, NoDevice> {
    let channels = usize::from(config.channels);
    let mut sound = Vec::new();
    let give = move |out: &mut [T], info: &OutputCallbackInfo| {
        let times = info.timestamp();
        let late = times.playback.duration_since(times.callback);
        latency.store(u64::try_from(late.as_micros()).unwrap_or(0), Ordering::Relaxed);
        sound.resize(out.len(), 0.0_f32);
        mixer.lock().fill(&mut sound, channels);
        out.iter_mut()
            .zip(&sound)
            .for_each(|(to, from)| *to = T::from_sample(*from));
    };
    // What goes wrong is heard as silence: the clock of a device that is gone stands, and so does playback.
    device.build_output_stream(config, give, |_| {}, None).map_err(no)
}

fn no(error: impl std::fmt::Display) -> NoDevice {
    NoDevice(error.to_string())
}
