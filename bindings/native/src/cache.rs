//! Media on disk, as far as servers allow it (RFC 9111): a film that is seen again, or sought back in, comes from there.
//!
//! An entry is one file: a head as JSON, the body, and the length of both, so that a file that was cut off is known for
//! what it is. Files appear under their name when they are whole. Names are digests: neither URLs nor what they carry
//! are on disk.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http_cache_semantics::{CacheOptions, CachePolicy};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

/// What entries begin with: the format's version.
const MAGIC: &[u8; 4] = b"FLC1";
/// How much is left of the limit when old entries are removed, in tenths: not at every entry.
const KEEP_TENTHS: u64 = 9;
/// No head is larger.
const MAX_HEAD: usize = 64 << 10;
const FRAME: usize = MAGIC.len() + size_of::<u64>() * 2;

/// A folder of responses with a limit. Several players may use it, also those of other processes.
#[derive(Debug)]
pub struct DiskCache {
    folder: PathBuf,
    max_bytes: u64,
    /// Bytes of all entries, about: others may use the folder.
    held: Mutex<u64>,
}

/// What is kept with a body.
#[derive(Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) policy: CachePolicy,
    pub(crate) status: u16,
    #[serde(skip)]
    pub(crate) body: Bytes,
}

impl DiskCache {
    /// Opens a folder, which is made when it is not there. It holds at most `max_bytes`.
    ///
    /// # Errors
    /// When the folder can be neither read nor made.
    pub fn open(folder: impl Into<PathBuf>, max_bytes: u64) -> io::Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder)?;
        let cache = Self {
            folder,
            max_bytes,
            held: Mutex::new(0),
        };
        cache.trim(0)?;
        Ok(cache)
    }

    /// Bytes on disk, about.
    #[must_use]
    pub fn held(&self) -> u64 {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rules of a private cache.
    pub(crate) fn options() -> CacheOptions {
        CacheOptions {
            shared: false,
            ..CacheOptions::default()
        }
    }

    /// The name of a part of a resource.
    pub(crate) fn name(url: &str, range: Option<(u64, Option<u64>)>) -> String {
        let key = format!("{url}\n{range:?}");
        let digest = digest(&SHA256, key.as_bytes());
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What is there under a name; none when there is nothing whole.
    pub(crate) fn read(&self, name: &str) -> Option<Entry> {
        let path = self.folder.join(name);
        let mut file = std::fs::File::open(&path).ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        let entry = parse(bytes.into());
        if entry.is_none() {
            // Of another version, or damaged. It may be gone by now.
            let _ = std::fs::remove_file(&path);
        } else {
            // What was used last goes last. A folder that cannot be written can still be read.
            let _ = file.set_modified(SystemTime::now());
        }
        entry
    }

    /// Keeps an entry, and makes room for it.
    pub(crate) fn write(&self, name: &str, entry: &Entry, body: &[Bytes]) -> io::Result<()> {
        let head = serde_json::to_vec(entry)?;
        let length: u64 = body.iter().map(|piece| piece.len() as u64).sum();
        let total = length + (head.len() + FRAME) as u64;
        if total > self.max_bytes / 2 || head.len() > MAX_HEAD {
            return Ok(());
        }
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&(head.len() as u64).to_le_bytes())?;
        file.write_all(&head)?;
        for piece in body {
            file.write_all(piece)?;
        }
        file.write_all(&length.to_le_bytes())?;
        file.persist(self.folder.join(name)).map_err(|error| error.error)?;
        self.trim(total)
    }

    /// Removes what was used longest ago when there is too much, and what a crash has left behind.
    fn trim(&self, new: u64) -> io::Result<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held += new;
        if new > 0 && *held <= self.max_bytes {
            return Ok(());
        }
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for found in std::fs::read_dir(&self.folder)? {
            let found = found?;
            // Another process may remove it meanwhile.
            let Ok(about) = found.metadata() else { continue };
            let used = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if is_left_behind(&found.path(), used) {
                let _ = std::fs::remove_file(found.path());
            } else if about.is_file() {
                files.push((used, about.len(), found.path()));
            }
        }
        files.sort();
        *held = files.iter().map(|(_, length, _)| length).sum();
        let goal = if *held > self.max_bytes {
            self.max_bytes / 10 * KEEP_TENTHS
        } else {
            self.max_bytes
        };
        for (_, length, path) in files {
            if *held <= goal {
                break;
            }
            if std::fs::remove_file(path).is_ok() {
                *held -= length;
            }
        }
        Ok(())
    }
}

/// A new file that nobody has finished for an hour.
fn is_left_behind(path: &Path, used: SystemTime) -> bool {
    let is_new = path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(".new-"));
    is_new && used.elapsed().is_ok_and(|age| age.as_secs() > 3600)
}

fn parse(bytes: Bytes) -> Option<Entry> {
    let word = |at: usize| -> Option<usize> {
        let word = bytes.get(at..)?.first_chunk()?;
        usize::try_from(u64::from_le_bytes(*word)).ok()
    };
    if !bytes.starts_with(MAGIC) {
        return None;
    }
    let head = word(MAGIC.len()).filter(|length| *length <= MAX_HEAD)?;
    let begins = MAGIC.len() + size_of::<u64>();
    let body = begins + head;
    let end = bytes.len().checked_sub(size_of::<u64>())?;
    if body > end || word(end)? != end - body {
        return None;
    }
    let mut entry: Entry = serde_json::from_slice(bytes.get(begins..body)?).ok()?;
    entry.body = bytes.slice(body..end);
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{Request, Response};

    fn entry() -> Entry {
        let request = Request::new(());
        let response = Response::builder()
            .header("cache-control", "max-age=60")
            .body(())
            .unwrap();
        Entry {
            policy: CachePolicy::new(&request, &response),
            status: 200,
            body: Bytes::new(),
        }
    }

    fn put(cache: &DiskCache, url: &str, length: usize) -> String {
        let name = DiskCache::name(url, None);
        let body = [Bytes::from(vec![7; length]), Bytes::from_static(b"end")];
        cache.write(&name, &entry(), &body).unwrap();
        name
    }

    #[test]
    fn what_is_kept_comes_back_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let cache = DiskCache::open(folder.path(), 1 << 20).unwrap();
        let name = put(&cache, "https://a.example/1.m4s?token=abc", 1000);
        let other = DiskCache::name("https://a.example/1.m4s?token=abc", Some((0, Some(5))));
        assert_ne!(name, other, "a part is another entry");
        let found = cache.read(&name).unwrap();
        assert_eq!(
            (found.status, found.body.len(), &found.body[1000..]),
            (200, 1003, &b"end"[..])
        );
        let path = folder.path().join(&name);
        let whole = std::fs::read(&path).unwrap();
        assert!(!whole.windows(5).any(|part| part == b"token"), "no URL on disk");
        for length in (0..whole.len()).step_by(7) {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(cache.read(&name).is_none(), "cut to {length}");
            assert!(!path.exists());
        }
    }

    #[test]
    fn the_limit_is_kept_and_what_was_used_last_stays() {
        let folder = tempfile::tempdir().unwrap();
        let cache = DiskCache::open(folder.path(), 20_000).unwrap();
        let first = put(&cache, "first", 3000);
        for number in 0..20 {
            // Times of files are coarse: the first is the newest by a second.
            let file = std::fs::File::open(folder.path().join(&first)).unwrap();
            file.set_modified(SystemTime::now() + std::time::Duration::from_secs(1))
                .unwrap();
            put(&cache, &number.to_string(), 3000);
        }
        assert!(cache.held() <= 20_000, "{}", cache.held());
        assert!(cache.read(&first).is_some());
        assert!(cache.read(&DiskCache::name("0", None)).is_none());
        let large = put(&cache, "large", 15_000);
        assert!(cache.read(&large).is_none(), "one that would push out all others");
        let again = DiskCache::open(folder.path(), 5_000).unwrap();
        assert!(again.held() <= 5_000, "a smaller limit, the next time");
    }
}
