//! One program at a time for one viewer: a second start hands its link to the first, and ends.
//!
//! A lock that the system takes back when a program ends says who is first; a file that only the viewer can read says
//! where the first listens.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::loopback::{Loopback, OPEN};

/// How often, and how long apart, a second start looks for the first, which may be starting too, or ending.
const ATTEMPTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The first program; it stays that until this is dropped.
#[derive(Debug)]
pub struct Instance {
    _lock: File,
    told: PathBuf,
}

/// Where the first program listens.
#[derive(Serialize, Deserialize)]
struct Place {
    address: SocketAddr,
    token: String,
}

/// Becomes the first program that uses a folder; or asks the one that is to come to the front and to show a link, which may be
/// empty, and gives none.
///
/// # Errors
/// When the folder cannot be written, or the first program does not answer.
pub fn claim_or_hand_over(folder: &Path, link: &str) -> io::Result<Option<Instance>> {
    let mut result = Err(io::Error::other("it does not say where it listens"));
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        if let Some(first) = claim(folder)? {
            return Ok(Some(first));
        }
        let Ok(told) = fs::read(folder.join("instance.json")) else {
            continue;
        };
        result = serde_json::from_slice(&told)
            .map_err(io::Error::other)
            .and_then(|place| ask(&place, link));
        if result.is_ok() {
            return Ok(None);
        }
    }
    result
        .map(|()| None)
        .map_err(|error| io::Error::other(format!("Footlight runs already, and cannot be asked: {error}")))
}

/// Becomes the first, unless there is one already.
fn claim(folder: &Path) -> io::Result<Option<Instance>> {
    fs::create_dir_all(folder)?;
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("instance.lock"))?;
    let told = folder.join("instance.json");
    match lock.try_lock() {
        Ok(()) => {
            // Of a program that has ended.
            let _ = fs::remove_file(&told);
            Ok(Some(Instance { _lock: lock, told }))
        }
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl Instance {
    /// Tells later starts where this program listens.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn tell(&self, loopback: &Loopback) -> io::Result<()> {
        let place = Place {
            address: loopback.address,
            token: loopback.instance_token.clone(),
        };
        let next = self.told.with_extension("new");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&next)?.write_all(&serde_json::to_vec(&place)?)?;
        fs::rename(next, &self.told)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.told);
    }
}

/// Asks the first program.
fn ask(place: &Place, link: &str) -> io::Result<()> {
    let Place { address, token } = place;
    let mut stream = TcpStream::connect_timeout(address, ANSWER_TIMEOUT)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    let length = link.len();
    let head = format!(
        "POST {OPEN} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(link.as_bytes())?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    if answer.ends_with(b" 204") {
        Ok(())
    } else {
        Err(io::Error::other("it refuses"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use footlight_native::HttpTransport;
    use std::sync::mpsc;

    #[test]
    fn there_is_one_and_after_it_another() {
        let folder = tempfile::tempdir().unwrap();
        let first = claim(folder.path()).unwrap().unwrap();
        assert!(claim(folder.path()).unwrap().is_none());
        drop(first);
        assert!(claim(folder.path()).unwrap().is_some());
    }

    #[test]
    fn a_start_waits_for_one_that_is_ending() {
        let folder = tempfile::tempdir().unwrap();
        let first = claim(folder.path()).unwrap().unwrap();
        // Where nobody listens any more.
        let place = r#"{"address":"127.0.0.1:1","token":"x"}"#;
        fs::write(folder.path().join("instance.json"), place).unwrap();
        let path = folder.path().to_path_buf();
        let second = std::thread::spawn(move || claim_or_hand_over(&path, ""));
        drop(first);
        assert!(second.join().unwrap().unwrap().is_some());
    }

    #[tokio::test]
    async fn a_second_start_hands_its_link_over() {
        let folder = tempfile::tempdir().unwrap();
        let first = claim(folder.path()).unwrap().unwrap();
        let (sender, asked) = mpsc::channel();
        let opened = Box::new(move |page| sender.send(page).unwrap());
        let loopback = Loopback::start(HttpTransport::new("test").unwrap(), opened)
            .await
            .unwrap();
        first.tell(&loopback).unwrap();
        let place = folder.path().to_path_buf();
        let give = |link: &'static str| {
            let place = place.clone();
            tokio::task::spawn_blocking(move || claim_or_hand_over(&place, link).map(|first| first.is_none()))
        };
        assert!(give("footlight://watch/tidewater").await.unwrap().unwrap());
        assert!(give("").await.unwrap().unwrap());
        assert_eq!(asked.recv().unwrap().as_deref(), Some("/watch/tidewater"));
        assert_eq!(asked.recv().unwrap(), None, "only to the front");
        let stranger = Place {
            address: loopback.address,
            token: loopback.token,
        };
        let refused = tokio::task::spawn_blocking(move || ask(&stranger, "")).await.unwrap();
        assert!(refused.is_err(), "the page cannot pass for another start");
    }
}
