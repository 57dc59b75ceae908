//! Bandwidth traces in files.

use super::shaping::MAX_STEPS;
use serde::Deserialize;
use std::{fs, path::Path};

/// Larger files are no traces.
const MAX_FILE: u64 = 16 << 20;
/// Mahimahi opportunities are counted over this long.
const WINDOW_MS: u64 = 500;
/// Bits of one Mahimahi opportunity.
const PACKET_BITS: f64 = 1500.0 * 8.0;

/// Seconds and kilobits per second.
type Steps = Vec<(f64, f64)>;

#[derive(Deserialize)]
struct JsonStep {
    duration_ms: f64,
    bandwidth_kbps: f64,
}

/// Reads a trace of the folder: lines of seconds and kilobits per second; or Mahimahi, a millisecond a line; or
/// JSON, `[{"duration_ms":…,"bandwidth_kbps":…},…]`.
pub(super) fn read(folder: Option<&Path>, name: &str) -> Result<Steps, String> {
    let folder = folder.ok_or("trace_file: start the backend with --traces DIR")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.starts_with('.') || !name.bytes().all(plain) {
        return Err(format!("trace_file: '{name}' is not a plain file name"));
    }
    let path = folder.join(name);
    let failed = |reason: &dyn std::fmt::Display| format!("trace_file: {name}: {reason}");
    let length = fs::metadata(&path).map_err(|error| failed(&error))?.len();
    if length > MAX_FILE {
        return Err(failed(&"it is larger than a trace is"));
    }
    let text = fs::read_to_string(&path).map_err(|error| failed(&error))?;
    parse(&text).map_err(|reason| failed(&reason))
}

fn parse(text: &str) -> Result<Steps, String> {
    if text.trim_start().starts_with('[') {
        let steps: Vec<JsonStep> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let pair = |step: JsonStep| (step.duration_ms / 1000.0, step.bandwidth_kbps);
        return Ok(steps.into_iter().map(pair).collect());
    }
    let lines = text.lines().map(str::trim).enumerate();
    let lines: Vec<_> = lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .collect();
    if lines.iter().all(|(_, line)| line.parse::<u64>().is_ok()) {
        return mahimahi(lines.iter().filter_map(|(_, line)| line.parse().ok()));
    }
    let pair = |(number, line): (usize, &str)| {
        let mut fields = line.split_ascii_whitespace().map(str::parse::<f64>);
        match (fields.next(), fields.next(), fields.next()) {
            (Some(Ok(seconds)), Some(Ok(kbps)), None) => Ok((seconds, kbps)),
            _ => Err(format!("line {}: not seconds and kilobits per second", number + 1)),
        }
    };
    lines.into_iter().map(pair).collect()
}

/// Each number is the millisecond at which one packet may go; the last ends the cycle.
fn mahimahi(times: impl Iterator<Item = u64>) -> Result<Steps, String> {
    let mut packets: Vec<f64> = Vec::new();
    let mut last = 0;
    for time in times {
        let window = usize::try_from(time.saturating_sub(1) / WINDOW_MS).unwrap_or(usize::MAX);
        if time < last || window >= MAX_STEPS {
            return Err("its times go back, or are too late".to_owned());
        }
        if packets.len() <= window {
            packets.resize(window + 1, 0.0);
        }
        packets[window] += 1.0;
        last = time;
    }
    let count = packets.len() as u64;
    let steps = (0_u64..).zip(packets).map(|(index, packets)| {
        let ms = if index + 1 == count {
            last - index * WINDOW_MS
        } else {
            WINDOW_MS
        };
        #[allow(clippy::cast_precision_loss, reason = "at most a window")]
        let ms = ms.max(1) as f64;
        (ms / 1000.0, packets * PACKET_BITS / ms)
    });
    Ok(steps.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_seconds_and_rates() {
        let text = "# a train\n1 500\n\n2.5\t1000.5\n";
        assert_eq!(parse(text), Ok(vec![(1.0, 500.0), (2.5, 1000.5)]));
        assert_eq!(
            parse("1 500\nx 2"),
            Err("line 2: not seconds and kilobits per second".to_owned())
        );
    }

    #[test]
    fn mahimahi_packets() {
        // 500 packets in the first half second, none in the second, 100 in the last quarter.
        let mut text: String = (1..=500).map(|ms| format!("{ms}\n")).collect();
        text.push_str(&"1250\n".repeat(100));
        let expected = vec![(0.5, 12_000.0), (0.5, 0.0), (0.25, 4800.0)];
        assert_eq!(parse(&text), Ok(expected));
        assert!(parse("5\n4\n").is_err());
    }

    #[test]
    fn json_steps() {
        let text = r#"[{"duration_ms":1500,"bandwidth_kbps":800,"latency_ms":20}]"#;
        assert_eq!(parse(text), Ok(vec![(1.5, 800.0)]));
    }

    #[test]
    fn names_stay_in_the_folder() {
        let here = Some(Path::new("."));
        for name in ["../x", "/etc/passwd", ".hidden", "", "a b"] {
            assert!(read(here, name).unwrap_err().contains("plain"), "{name}");
        }
    }
}
