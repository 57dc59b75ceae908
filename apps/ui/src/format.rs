//! Numbers and times as people read them, and as screen readers say them.

/// A position as a clock: `0:07`, `12:34`, `1:02:03`. Anything that is not a time is `0:00`.
#[must_use]
pub fn clock(seconds: f64) -> String {
    let total = whole_seconds(seconds);
    let (hours, minutes, secs) = (total / 3600, total / 60 % 60, total % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{secs:02}")
    } else {
        format!("{minutes}:{secs:02}")
    }
}

/// A position in words: `2 minutes 3 seconds`, `1 hour`, `0 seconds`.
#[must_use]
pub fn spoken(seconds: f64) -> String {
    let total = whole_seconds(seconds);
    let parts = [
        (total / 3600, "hour"),
        (total / 60 % 60, "minute"),
        (total % 60, "second"),
    ];
    let mut words = String::new();
    for (count, unit) in parts {
        if count == 0 {
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&counted(count, unit));
    }
    if words.is_empty() {
        words.push_str("0 seconds");
    }
    words
}

/// `1 result`, `3 results`.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// A running time for cards and fact lists: `58 s`, `4 min`, `1 h 32 min`.
#[must_use]
pub fn running_time(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    if seconds < 60 {
        return format!("{seconds} s");
    }
    let minutes = (seconds + 30) / 60;
    match (minutes / 60, minutes % 60) {
        (0, m) => format!("{m} min"),
        (h, 0) => format!("{h} h"),
        (h, m) => format!("{h} h {m} min"),
    }
}

/// What is left of a title: `12 min left`, `Less than a minute left`.
#[must_use]
pub fn time_left(position: f64, duration: f64) -> String {
    let left = duration - position;
    if left.is_nan() || left < 60.0 {
        "Less than a minute left".to_owned()
    } else {
        format!("{} left", running_time((left * 1000.0) as u64))
    }
}

/// A bit rate: `850 kb/s`, `3.1 Mb/s`.
#[must_use]
pub fn bit_rate(bits_per_second: f64) -> String {
    if !bits_per_second.is_finite() || bits_per_second <= 0.0 {
        return "–".to_owned();
    }
    if bits_per_second < 999_500.0 {
        format!("{:.0} kb/s", bits_per_second / 1e3)
    } else if bits_per_second < 99.95e6 {
        format!("{:.1} Mb/s", bits_per_second / 1e6)
    } else {
        format!("{:.0} Mb/s", bits_per_second / 1e6)
    }
}

/// An amount of data: `640 kB`, `12.4 MB`.
#[must_use]
pub fn bytes(count: f64) -> String {
    if !count.is_finite() || count <= 0.0 {
        return "0 kB".to_owned();
    }
    if count < 999_500.0 {
        format!("{:.0} kB", (count / 1e3).ceil())
    } else if count < 999.5e6 {
        format!("{:.1} MB", count / 1e6)
    } else {
        format!("{:.2} GB", count / 1e9)
    }
}

/// Seconds with one decimal: `12.4 s`.
#[must_use]
pub fn seconds(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.1} s")
    } else {
        "–".to_owned()
    }
}

/// A playback speed: `1×`, `1.25×`.
#[must_use]
pub fn speed(rate: f64) -> String {
    format!("{rate}×")
}

/// The name of a picture height: `1080p`, `2160p`.
#[must_use]
pub fn height_label(height: u32) -> String {
    format!("{height}p")
}

/// The English name of a BCP 47 language tag; the tag itself when it is not a common one.
#[must_use]
pub fn language_name(tag: &str) -> String {
    let primary = tag.split(['-', '_']).next().unwrap_or(tag);
    let name = match primary.to_ascii_lowercase().as_str() {
        "ar" => "Arabic",
        "cs" => "Czech",
        "da" => "Danish",
        "de" => "German",
        "el" => "Greek",
        "en" => "English",
        "es" => "Spanish",
        "fi" => "Finnish",
        "fr" => "French",
        "he" => "Hebrew",
        "hi" => "Hindi",
        "hu" => "Hungarian",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "nl" => "Dutch",
        "no" | "nb" | "nn" => "Norwegian",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ro" => "Romanian",
        "ru" => "Russian",
        "sv" => "Swedish",
        "th" => "Thai",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "vi" => "Vietnamese",
        "zh" => "Chinese",
        "" | "und" => "Unknown language",
        _ => return tag.to_owned(),
    };
    name.to_owned()
}

/// Whole seconds, floored; not-a-number, negative and infinite are zero.
fn whole_seconds(seconds: f64) -> u64 {
    if seconds.is_finite() && seconds > 0.0 {
        seconds as u64
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_grow_an_hour_only_when_needed() {
        assert_eq!(clock(0.0), "0:00");
        assert_eq!(clock(7.9), "0:07");
        assert_eq!(clock(754.0), "12:34");
        assert_eq!(clock(3723.4), "1:02:03");
        assert_eq!(clock(f64::NAN), "0:00");
        assert_eq!(clock(-3.0), "0:00");
        assert_eq!(clock(f64::INFINITY), "0:00");
    }

    #[test]
    fn spoken_times_leave_out_zero_parts() {
        assert_eq!(spoken(123.0), "2 minutes 3 seconds");
        assert_eq!(spoken(61.0), "1 minute 1 second");
        assert_eq!(spoken(3600.0), "1 hour");
        assert_eq!(spoken(7322.0), "2 hours 2 minutes 2 seconds");
        assert_eq!(spoken(0.4), "0 seconds");
    }

    #[test]
    fn running_times_round_to_minutes() {
        assert_eq!(running_time(58_000), "58 s");
        assert_eq!(running_time(240_000), "4 min");
        assert_eq!(running_time(5_520_000), "1 h 32 min");
        assert_eq!(running_time(7_200_000), "2 h");
    }

    #[test]
    fn what_is_left() {
        assert_eq!(time_left(10.0, 30.0), "Less than a minute left");
        assert_eq!(time_left(0.0, 720.0), "12 min left");
        assert_eq!(time_left(0.0, f64::NAN), "Less than a minute left");
    }

    #[test]
    fn rates_and_sizes() {
        assert_eq!(bit_rate(850_000.0), "850 kb/s");
        assert_eq!(bit_rate(3_120_000.0), "3.1 Mb/s");
        assert_eq!(bit_rate(999_900.0), "1.0 Mb/s");
        assert_eq!(bit_rate(f64::NAN), "–");
        assert_eq!(bytes(640_000.0), "640 kB");
        assert_eq!(bytes(12_400_000.0), "12.4 MB");
        assert_eq!(bytes(0.0), "0 kB");
    }

    #[test]
    fn languages_fall_back_to_the_tag() {
        assert_eq!(language_name("fr-CA"), "French");
        assert_eq!(language_name("EN"), "English");
        assert_eq!(language_name("tlh"), "tlh");
        assert_eq!(language_name(""), "Unknown language");
    }
}
