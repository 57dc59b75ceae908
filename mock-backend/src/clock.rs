//! What time it is for the live channels, and how that is written.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::time::Instant;

/// Where the time of day comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Always this many milliseconds after the Unix epoch.
    Stopped(u64),
    /// So many milliseconds after the Unix epoch at an instant of the runtime, and on with it: tests pause that one.
    Running {
        /// Milliseconds after the Unix epoch.
        unix_ms: u64,
        /// When it was that time.
        since: Instant,
    },
}

impl Clock {
    /// A clock that starts now from `unix_ms`.
    #[must_use]
    pub fn starting_at(unix_ms: u64) -> Self {
        Self::Running {
            unix_ms,
            since: Instant::now(),
        }
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(self) -> u64 {
        let millis = |elapsed: std::time::Duration| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        match self {
            Self::System => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis),
            Self::Stopped(unix_ms) => unix_ms,
            Self::Running { unix_ms, since } => unix_ms.saturating_add(millis(since.elapsed())),
        }
    }
}

/// Milliseconds since the Unix epoch as an xs:dateTime.
pub(crate) struct DateTime(pub(crate) u64);

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0);
        let (hour, minute, second) = time(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.0 % 1000 {
            0 => write!(f, "Z"),
            ms => write!(f, ".{ms:03}Z"),
        }
    }
}

/// Reads what [`DateTime`] writes.
pub(crate) fn parse_date_time(text: &str) -> Option<u64> {
    let micros = footlight_dash::xsd::parse_date_time(text).ok()?;
    u64::try_from(micros.0 / 1000).ok()
}

/// Milliseconds since the Unix epoch as HTTP's Date writes them (RFC 9110, 5.6.7).
pub(crate) struct HttpDate(pub(crate) u64);

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let (year, month, day) = date(self.0);
        let (hour, minute, second) = time(self.0);
        let weekday = DAYS[usize::try_from(self.0 / DAY_MS % 7).unwrap_or(0)];
        let month = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
        write!(
            f,
            "{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT"
        )
    }
}

const DAY_MS: u64 = 86_400_000;

fn time(unix_ms: u64) -> (u64, u64, u64) {
    let second = unix_ms / 1000 % 86_400;
    (second / 3600, second / 60 % 60, second % 60)
}

/// Year, month and day of the Gregorian calendar. Years are counted from March, so that the leap day is their last;
/// months since then alternate in a pattern of 153 days each five.
fn date(unix_ms: u64) -> (u64, u64, u64) {
    const DAYS_BEFORE_1970: u64 = 719_468;
    const ERA: u64 = 146_097;
    let days = unix_ms / DAY_MS + DAYS_BEFORE_1970;
    let of_era = days % ERA;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (ERA - 1)) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = days / ERA * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_standards_have_them() {
        for (unix_ms, iso, http) in [
            (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777_000, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
            (
                951_782_400_005,
                "2000-02-29T00:00:00.005Z",
                "Tue, 29 Feb 2000 00:00:00 GMT",
            ),
            (
                4_102_444_799_999,
                "2099-12-31T23:59:59.999Z",
                "Thu, 31 Dec 2099 23:59:59 GMT",
            ),
        ] {
            assert_eq!(DateTime(unix_ms).to_string(), iso);
            assert_eq!(HttpDate(unix_ms).to_string(), http);
            assert_eq!(parse_date_time(iso), Some(unix_ms));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_clock_goes_with_the_runtime() {
        let clock = Clock::starting_at(5000);
        tokio::time::advance(std::time::Duration::from_millis(1234)).await;
        assert_eq!(clock.now_ms(), 6234);
    }
}
