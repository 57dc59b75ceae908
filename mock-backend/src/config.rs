//! How the backend is set up.

use crate::clock::Clock;
use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    time::Duration,
};

/// Most edges there can be: they are named by letters.
const MAX_EDGES: usize = 26;

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port of the gateway; 0, or when it is taken: any free one.
    pub port: u16,
    /// Ports of the edges; likewise.
    pub edge_ports: Vec<u16>,
    /// Folder of sample media.
    pub media: PathBuf,
    /// Folder of the web app, if there is one to serve.
    pub web_root: Option<PathBuf>,
    /// Folder of bandwidth traces that the admin may name.
    pub traces: Option<PathBuf>,
    /// Seconds for which media may be cached; 0: it must not be, so that every play goes over the (shaped) network.
    pub media_max_age: u32,
    /// What time it is for live channels.
    pub clock: Clock,
    /// How long requests under way may take when the server is told to end.
    pub grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 8080,
            edge_ports: vec![8081, 8082],
            media: default_media(),
            web_root: None,
            traces: None,
            media_max_age: 3600,
            clock: Clock::System,
            grace: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// Any free ports, on this machine only: for tests.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self {
            port: 0,
            edge_ports: vec![0, 0],
            ..Self::default()
        }
    }

    /// What a configuration must be, beyond its types.
    ///
    /// # Errors
    /// In words, what is wrong.
    pub fn check(&self) -> Result<(), String> {
        if self.edge_ports.is_empty() || self.edge_ports.len() > MAX_EDGES {
            return Err(format!("--edge-ports: from one to {MAX_EDGES} ports"));
        }
        match &self.web_root {
            Some(root) if !root.is_dir() => Err(format!(
                "--web-root: {} is not a folder; `cargo xtask web` builds the web app",
                root.display()
            )),
            _ => Ok(()),
        }
    }

    /// The host to name in URLs when a request does not tell.
    pub(crate) fn public_host(&self) -> String {
        match self.host {
            host if host.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
            IpAddr::V4(host) => host.to_string(),
            IpAddr::V6(host) => format!("[{host}]"),
        }
    }
}

/// `media` of the working folder, or else that of the checkout this was built from.
fn default_media() -> PathBuf {
    let here = PathBuf::from("media");
    if here.is_dir() {
        return here;
    }
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder).join("media")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound() {
        assert_eq!(Config::default().check(), Ok(()));
    }

    #[test]
    fn what_cannot_work_is_told() {
        let config = Config {
            edge_ports: Vec::new(),
            ..Config::default()
        };
        assert!(config.check().unwrap_err().contains("--edge-ports"));
        let config = Config {
            web_root: Some("/nonexistent".into()),
            ..Config::default()
        };
        assert!(config.check().unwrap_err().contains("cargo xtask web"));
    }

    #[test]
    fn urls_name_a_host_that_can_be_reached() {
        let mut config = Config::default();
        for (host, expected) in [("0.0.0.0", "127.0.0.1"), ("10.0.0.7", "10.0.0.7"), ("::1", "[::1]")] {
            config.host = host.parse().unwrap();
            assert_eq!(config.public_host(), expected);
        }
    }
}
