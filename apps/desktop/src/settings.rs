//! What one can set: by arguments, by the environment, by a file; in this order.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde::Deserialize;

/// The demo's gateway, as `cargo xtask demo` starts it.
const GATEWAY: &str = "http://127.0.0.1:8080";
const CACHE_MB: u64 = 1024;

/// Footlight in a window of its own.
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "footlight-desktop", version)]
pub struct Arguments {
    /// Page to open: footlight://watch/…, footlight://title/… or footlight://search?q=…
    pub link: Option<String>,
    /// Address of the service [default: that of the demo, http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", env = "FOOTLIGHT_GATEWAY")]
    pub gateway: Option<String>,
    /// Megabytes of media kept on disk; 0: none [default: 1024]
    #[arg(long, value_name = "MB", env = "FOOTLIGHT_CACHE_MB")]
    pub cache_mb: Option<u64>,
    /// Folder for everything that is remembered, instead of the system's places
    #[arg(long, value_name = "DIR", env = "FOOTLIGHT_DATA")]
    pub data: Option<PathBuf>,
    /// Folder of the web app [default: beside the program]
    #[arg(long, value_name = "DIR", env = "FOOTLIGHT_DIST")]
    pub web: Option<PathBuf>,
    /// Which logs, for example `debug`
    #[arg(long, value_name = "FILTER", env = "RUST_LOG", default_value = "info")]
    pub log: String,
}

/// `settings.json`; what it does not know, and what is not there, does not matter.
#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    gateway: Option<String>,
    cache_mb: Option<u64>,
}

/// Where things are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folders {
    /// `settings.json`.
    pub settings: PathBuf,
    /// What the page and the window remember.
    pub data: PathBuf,
    /// Media.
    pub cache: PathBuf,
    /// Logs.
    pub logs: PathBuf,
    /// What viewers save.
    pub downloads: PathBuf,
}

impl Folders {
    /// Those of the system, or all in one; none where the system has none.
    #[must_use]
    pub fn find(one: Option<&Path>) -> Option<Self> {
        if let Some(one) = one {
            return Some(Self {
                settings: one.to_path_buf(),
                data: one.join("data"),
                cache: one.join("cache"),
                logs: one.join("logs"),
                downloads: one.join("downloads"),
            });
        }
        let data = dirs::data_local_dir()?.join("footlight");
        Some(Self {
            settings: dirs::config_dir()?.join("footlight"),
            cache: dirs::cache_dir()?.join("footlight/media"),
            logs: data.join("logs"),
            downloads: dirs::download_dir().or_else(dirs::home_dir)?,
            data,
        })
    }
}

/// What holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The gateway's origin and path, without a slash at its end.
    pub gateway: String,
    /// Bytes of media on disk.
    pub cache_bytes: u64,
}

impl Settings {
    /// From arguments (and environment), then from the file.
    ///
    /// # Errors
    /// When the file cannot be read for what it is, or the gateway is no address.
    pub fn read(arguments: &Arguments, folders: &Folders) -> io::Result<Self> {
        let path = folders.settings.join("settings.json");
        let file: File = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?,
            Err(_) => File::default(),
        };
        let gateway = arguments.gateway.clone().or(file.gateway);
        let gateway = gateway.unwrap_or_else(|| GATEWAY.to_owned());
        let gateway = gateway.trim_end_matches('/').to_owned();
        if !is_address(&gateway) {
            return Err(io::Error::other(format!("the gateway is no http address: {gateway}")));
        }
        let megabytes = arguments.cache_mb.or(file.cache_mb).unwrap_or(CACHE_MB);
        Ok(Self {
            gateway,
            cache_bytes: megabytes.saturating_mul(1 << 20),
        })
    }
}

/// An address that can stand in a policy and in a script: `http` or `https`, a host, and only plain characters.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&byte);
        rest.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[') && rest.bytes().all(plain)
    })
}

/// The folder of the web app: as told, or where packages and builds have it, seen from the program.
///
/// # Errors
/// When it is nowhere.
pub fn web_folder(told: Option<PathBuf>, program: &Path) -> io::Result<PathBuf> {
    let beside = program.parent().unwrap_or(program);
    let usual = [
        "../lib/footlight/web",
        "web/dist",
        "../web/dist",
        "../Resources/web",
        "web",
    ];
    let places: Vec<_> = match told {
        Some(told) => vec![told],
        None => usual.iter().map(|place| beside.join(place)).collect(),
    };
    let found = places.iter().find(|place| place.join("index.html").is_file());
    found.cloned().ok_or_else(|| {
        let looked: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        io::Error::other(format!(
            "the web app is not there (`cargo xtask web` makes it); looked in {}",
            looked.join(", ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &Arguments, file: Option<&str>) -> io::Result<Settings> {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::find(Some(folder.path())).unwrap();
        if let Some(file) = file {
            fs::write(folders.settings.join("settings.json"), file).unwrap();
        }
        Settings::read(arguments, &folders)
    }

    #[test]
    fn arguments_come_before_the_file_and_that_before_defaults() {
        let none = Arguments::default();
        let file = r#"{"gateway": "https://tv.example/", "cache_mb": 10, "later": true}"#;
        assert_eq!(read(&none, None).unwrap().gateway, GATEWAY);
        let filed = read(&none, Some(file)).unwrap();
        assert_eq!(
            (filed.gateway.as_str(), filed.cache_bytes),
            ("https://tv.example", 10 << 20)
        );
        let told = Arguments {
            gateway: Some("http://[::1]:9000".to_owned()),
            cache_mb: Some(0),
            ..none
        };
        let told = read(&told, Some(file)).unwrap();
        assert_eq!((told.gateway.as_str(), told.cache_bytes), ("http://[::1]:9000", 0));
    }

    #[test]
    fn what_is_no_setting_is_said() {
        assert!(read(&Arguments::default(), Some("{")).is_err());
        for gateway in [
            "",
            "ftp://a",
            "http://",
            "http://a b",
            "https://a;script-src *",
            "http://a'",
        ] {
            let arguments = Arguments {
                gateway: Some(gateway.to_owned()),
                ..Arguments::default()
            };
            assert!(read(&arguments, None).is_err(), "{gateway}");
        }
    }

    #[test]
    fn the_web_app_is_found_beside_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("bin/footlight-desktop");
        assert!(web_folder(None, &program).is_err());
        let web = folder.path().join("lib/footlight/web");
        fs::create_dir_all(&web).unwrap();
        fs::create_dir_all(folder.path().join("bin")).unwrap();
        fs::write(web.join("index.html"), "").unwrap();
        let found = web_folder(None, &program).unwrap();
        assert_eq!(found.canonicalize().unwrap(), web.canonicalize().unwrap());
        assert!(web_folder(Some(folder.path().to_path_buf()), &program).is_err());
    }
}
