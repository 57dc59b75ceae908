//! Logs: a file that does not grow without end, without what is nobody's business.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// A file is put aside when it has so many bytes.
const MAX_BYTES: u64 = 1 << 20;
/// Files that are put aside.
const KEPT: u32 = 3;
/// Characters of what a page may have logged at once.
const MAX_TEXT: usize = 2000;

/// Writes logs to `footlight.log` in a folder, which is made, and to stderr. Files put aside are `footlight.log.1` to `.3`.
///
/// # Errors
/// When the file cannot be made or written, or there are logs already.
pub fn start(folder: &Path, filter: &str) -> io::Result<()> {
    let file = Rotating::open(folder.join("footlight.log"), MAX_BYTES)?;
    tracing_subscriber::registry()
        .with(EnvFilter::new(filter))
        .with(fmt::layer().with_ansi(false).with_writer(file))
        .with(fmt::layer().with_target(false).with_writer(io::stderr))
        .try_init()
        .map_err(io::Error::other)
}

/// What a page wants logged, on one line, cut, and with addresses' queries left out: they carry tokens.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut hidden = false;
    let mut in_address = false;
    for (at, letter) in text.char_indices().take(MAX_TEXT) {
        let ends = letter.is_whitespace() || "\"'<>)".contains(letter);
        if ends {
            (hidden, in_address) = (false, false);
        }
        in_address |= text.get(at..).is_some_and(|rest| rest.starts_with("://"));
        if in_address && !hidden && "?#".contains(letter) {
            hidden = true;
            out.push_str("?…");
        }
        if !hidden {
            out.push(if letter.is_control() { ' ' } else { letter });
        }
    }
    out
}

/// A file, and those that it was before.
struct Rotating {
    path: PathBuf,
    max_bytes: u64,
    file: Mutex<(File, u64)>,
}

impl Rotating {
    fn open(path: PathBuf, max_bytes: u64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = append_to(&path)?;
        Ok(Self {
            path,
            max_bytes,
            file: Mutex::new(file),
        })
    }

    fn put_aside(&self) -> io::Result<(File, u64)> {
        let aside = |number: u32| self.path.with_extension(format!("log.{number}"));
        for number in (1..KEPT).rev() {
            let _ = fs::rename(aside(number), aside(number + 1));
        }
        fs::rename(&self.path, aside(1))?;
        append_to(&self.path)
    }
}

fn append_to(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

impl Write for &Rotating {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut open = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if open.1 > 0 && open.1 + line.len() as u64 > self.max_bytes {
            // Where it cannot be put aside it grows.
            if let Ok(next) = self.put_aside() {
                *open = next;
            }
        }
        let written = open.0.write(line)?;
        open.1 += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Rotating {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_put_aside_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/footlight.log");
        let read = |name: &str| fs::read_to_string(folder.path().join("logs").join(name)).ok();
        for round in 0..2 {
            let logs = Rotating::open(path.clone(), 10).unwrap();
            for number in 0..4 {
                (&logs).write_all(format!("line {round}{number}\n").as_bytes()).unwrap();
            }
        }
        assert_eq!(read("footlight.log").as_deref(), Some("line 13\n"));
        assert_eq!(read("footlight.log.1").as_deref(), Some("line 12\n"));
        assert_eq!(read("footlight.log.3").as_deref(), Some("line 10\n"));
        assert_eq!(read("footlight.log.4"), None);
    }

    #[test]
    fn queries_stay_out_of_logs() {
        let told = clean("GET https://a.example/x.mpd?token=abc failed (http://b.example/#secret)\nwhy?");
        assert_eq!(told, "GET https://a.example/x.mpd?… failed (http://b.example/?…) why?");
        assert_eq!(clean(&"ä".repeat(5000)).chars().count(), MAX_TEXT);
    }
}
