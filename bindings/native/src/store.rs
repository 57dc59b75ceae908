//! What a player remembers from one session to the next: the network's throughput, and what the viewer likes.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use footlight_core::{Command, Config, Preferences, Tracks};

/// Bits per second and when that was, in milliseconds since the Unix epoch: `4800000@1700000000000`.
const THROUGHPUT: &str = "throughput";
/// A line each of sound's languages, of text's, and whether text is shown.
const PREFERENCES: &str = "preferences";
/// An older throughput says nothing any more: two weeks.
const STALE: Duration = Duration::from_hours(14 * 24);
/// Throughput is written down this often at most.
const NOTED_EVERY: Duration = Duration::from_secs(5);
/// Languages that are remembered, each for sound and for text.
const MAX_LANGUAGES: usize = 8;
/// No value of ours is longer, in bytes.
const MAX_VALUE: u64 = 4096;

/// Small texts by name that outlive the program: the platform's preferences, or a [`FileStore`]. Called from the player's
/// task: it should not take long. What it cannot keep is forgotten; nothing else comes of it.
pub trait Store: Send + Sync + 'static {
    /// What was put under this name last.
    fn get(&self, name: &str) -> Option<String>;
    /// Keeps a text under this name (letters only).
    fn put(&self, name: &str, value: &str);
}

/// A folder with a file for each name; files appear whole.
#[derive(Clone, Debug)]
pub struct FileStore {
    folder: PathBuf,
}

impl FileStore {
    /// Opens a folder, which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    fn write(&self, name: &str, value: &str) -> io::Result<()> {
        let part = self.folder.join(format!("{name}.{}.part", std::process::id()));
        std::fs::File::create(&part)?.write_all(value.as_bytes())?;
        std::fs::rename(part, self.folder.join(name))
    }
}

impl Store for FileStore {
    fn get(&self, name: &str) -> Option<String> {
        let path = self.folder.join(name);
        let length = std::fs::metadata(&path).ok()?.len();
        (length <= MAX_VALUE).then(|| std::fs::read_to_string(path).ok())?
    }

    fn put(&self, name: &str, value: &str) {
        // A full disk costs the memory of this session, and nothing else.
        let _ = self.write(name, value);
    }
}

/// What a player keeps in a store.
pub(crate) struct Memory {
    store: Arc<dyn Store>,
    likes: Preferences,
    noted: Option<SystemTime>,
}

impl Memory {
    /// Sets up what was left to be remembered: values that are not the default's were asked for.
    pub(crate) fn recall(store: Arc<dyn Store>, config: &mut Config, preferences: &mut Preferences) -> Self {
        if config.initial_bandwidth == Config::default().initial_bandwidth
            && let Some(bandwidth) = store
                .get(THROUGHPUT)
                .and_then(|text| throughput(&text, SystemTime::now()))
        {
            config.initial_bandwidth = bandwidth;
        }
        if *preferences == Preferences::default()
            && let Some(text) = store.get(PREFERENCES)
        {
            *preferences = likes(&text);
        }
        Self {
            store,
            likes: preferences.clone(),
            noted: None,
        }
    }

    /// So many bits per second were measured.
    pub(crate) fn note(&mut self, bandwidth: u64) {
        let now = SystemTime::now();
        let is_early = |noted| now.duration_since(noted).is_ok_and(|passed| passed < NOTED_EVERY);
        if bandwidth == 0 || self.noted.is_some_and(is_early) {
            return;
        }
        self.noted = Some(now);
        let at = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        self.store.put(THROUGHPUT, &format!("{bandwidth}@{at}"));
    }

    /// These are the wishes from now on.
    pub(crate) fn prefer(&mut self, preferences: &Preferences) {
        self.likes = preferences.clone();
        self.keep();
    }

    /// What the viewer chooses now is what is liked next time.
    pub(crate) fn chosen(&mut self, command: &Command<'_>, tracks: Option<&Tracks>) {
        let none = Tracks::default();
        let tracks = tracks.unwrap_or(&none);
        match *command {
            Command::SelectAudio(id) => {
                let track = tracks.audio.iter().find(|track| track.id == id);
                first(&mut self.likes.audio_languages, track.map(|track| &*track.language));
            }
            Command::SelectText(Some(id)) => {
                let track = tracks.text.iter().find(|track| track.id == id);
                first(&mut self.likes.text_languages, track.map(|track| &*track.language));
                self.likes.text_enabled = true;
            }
            Command::SelectText(None) => self.likes.text_enabled = false,
            _ => return,
        }
        self.keep();
    }

    fn keep(&self) {
        let Preferences {
            audio_languages,
            text_languages,
            text_enabled,
        } = &self.likes;
        let (audio, text) = (audio_languages.join(","), text_languages.join(","));
        self.store.put(
            PREFERENCES,
            &format!("audio {audio}\ntext {text}\nshown {text_enabled}\n"),
        );
    }
}

/// Puts a language before the others.
fn first(languages: &mut Vec<String>, language: Option<&str>) {
    let Some(language) = language.filter(|language| !language.is_empty() && !language.contains([',', '\n'])) else {
        return;
    };
    languages.retain(|other| other != language);
    languages.insert(0, language.to_owned());
    languages.truncate(MAX_LANGUAGES);
}

/// What was noted, unless it is too old, or from the future.
fn throughput(text: &str, now: SystemTime) -> Option<u64> {
    let (bandwidth, at) = text.trim().split_once('@')?;
    let at = UNIX_EPOCH.checked_add(Duration::from_millis(at.parse().ok()?))?;
    let age = now.duration_since(at).ok()?;
    let bandwidth = bandwidth.parse().ok()?;
    (bandwidth > 0 && age < STALE).then_some(bandwidth)
}

fn likes(text: &str) -> Preferences {
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    };
    let languages = |name| {
        let languages = value(name).split(',').filter(|language| !language.is_empty());
        languages.take(MAX_LANGUAGES).map(str::to_owned).collect()
    };
    Preferences {
        audio_languages: languages("audio"),
        text_languages: languages("text"),
        text_enabled: value("shown") == "true",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use footlight_core::AudioTrack;

    fn remembered(store: &FileStore) -> (u64, Preferences) {
        let (mut config, mut preferences) = (Config::default(), Preferences::default());
        Memory::recall(Arc::new(store.clone()), &mut config, &mut preferences);
        (config.initial_bandwidth, preferences)
    }

    fn memory(store: &FileStore) -> Memory {
        Memory::recall(
            Arc::new(store.clone()),
            &mut Config::default(),
            &mut Preferences::default(),
        )
    }

    #[test]
    fn the_next_session_begins_with_what_this_one_knew() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(folder.path().join("new")).unwrap();
        assert_eq!(
            remembered(&store),
            (Config::default().initial_bandwidth, Preferences::default())
        );
        let mut memory = memory(&store);
        memory.note(4_800_000);
        memory.note(1_000);
        let audio = |id, language: &str| AudioTrack {
            id,
            language: language.to_owned(),
            label: String::new(),
            roles: Vec::new(),
            channels: 2,
            codecs: String::new(),
            selected: false,
        };
        let tracks = Tracks {
            audio: vec![audio(0, "en"), audio(1, "de"), audio(2, "a,b")],
            ..Tracks::default()
        };
        for id in [0, 1, 2, 7] {
            memory.chosen(&Command::SelectAudio(id), Some(&tracks));
        }
        let (bandwidth, preferences) = remembered(&store);
        assert_eq!(
            bandwidth, 4_800_000,
            "what is measured a moment later is not written again"
        );
        assert_eq!(preferences.audio_languages, ["de", "en"]);
        assert!(!preferences.text_enabled);
    }

    #[test]
    fn what_is_asked_for_goes_before_what_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(folder.path()).unwrap();
        let asked = Preferences {
            text_languages: vec!["fr".to_owned()],
            text_enabled: true,
            ..Preferences::default()
        };
        let mut memory = memory(&store);
        memory.note(9_000_000);
        memory.prefer(&asked);
        assert_eq!(remembered(&store), (9_000_000, asked.clone()));

        let mut config = Config {
            initial_bandwidth: 700_000,
            ..Config::default()
        };
        let mut other = Preferences {
            audio_languages: vec!["sv".to_owned()],
            ..Preferences::default()
        };
        let wanted = other.clone();
        Memory::recall(Arc::new(store), &mut config, &mut other);
        assert_eq!((config.initial_bandwidth, other), (700_000, wanted));
    }

    #[test]
    fn what_is_old_or_no_value_of_ours_is_not_believed() {
        let now = UNIX_EPOCH + Duration::from_hours(24 * 365);
        let noted = |ago: u64| format!("5000@{}", (24 * 365 - ago) * 3_600_000);
        assert_eq!(throughput(&noted(1), now), Some(5000));
        assert_eq!(throughput(&noted(14 * 24), now), None);
        let future = format!("5000@{}", 24 * 366 * 3_600_000_u64);
        for text in ["", "5000", "0@0", "x@1", "5@-1", "5@99999999999999999999", &future] {
            assert_eq!(throughput(text, now), None, "{text}");
        }
        assert_eq!(likes("nothing\n,,,\naudio"), Preferences::default());

        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(PREFERENCES), vec![b'a'; 1 << 20]).unwrap();
        let store = FileStore::open(folder.path()).unwrap();
        assert_eq!(store.get(PREFERENCES), None, "larger than anything that is put there");
        assert_eq!(remembered(&store).1, Preferences::default());
    }
}
