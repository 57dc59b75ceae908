//! What the desktop app stands on, without its window: settings, files of the web app, requests made for the window,
//! links, logs. The window itself is in the program (feature `window`), since it needs the system's webview.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may"))]

pub mod downloads;
pub mod frontend;
pub mod instance;
pub mod link;
pub mod logs;
pub mod loopback;
pub mod settings;
pub mod survey;

/// A secret of this run: 256 bits in hexadecimal.
///
/// # Errors
/// When the system has no random numbers.
pub fn secret() -> std::io::Result<String> {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0; 32];
    let filled = ring::rand::SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| std::io::Error::other("no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
