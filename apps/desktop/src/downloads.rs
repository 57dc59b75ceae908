//! What the page gives viewers to keep: a saved session.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Files of the same name; the last is written anew.
const MOST: u32 = 1000;

/// Whether it is something that the page made itself. Nothing else is written to disk.
#[must_use]
pub fn is_own(url: &str) -> bool {
    let made_by = url.strip_prefix("blob:");
    made_by.is_some_and(|origin| {
        ["tauri://localhost/", "http://tauri.localhost/"]
            .iter()
            .any(|own| origin.starts_with(own))
    })
}

/// Where to write a file that the page calls so, beside what is there.
///
/// # Errors
/// When the folder cannot be made.
pub fn place(folder: &Path, wanted: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    Ok(free(folder, wanted))
}

/// A name that nothing has yet: `session.flr`, `session-2.flr`.
fn free(folder: &Path, wanted: &Path) -> PathBuf {
    let name = wanted.file_stem().unwrap_or_default().to_string_lossy();
    let ending = wanted.extension().unwrap_or_default().to_string_lossy();
    let numbered = (2..=MOST).map(|number| folder.join(format!("{name}-{number}.{ending}")));
    let mut paths = std::iter::once(folder.join(format!("{name}.{ending}"))).chain(numbered);
    paths
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join(format!("{name}-{MOST}.{ending}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_page_made_is_saved() {
        assert!(is_own("blob:tauri://localhost/5a7c") && is_own("blob:http://tauri.localhost/5a7c"));
        for other in [
            "blob:https://elsewhere.example/1",
            "https://elsewhere.example/x.exe",
            "data:text/html,x",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = Path::new("/elsewhere/footlight-session.flr");
        let first = place(folder.path(), wanted).unwrap();
        assert_eq!(first, folder.path().join("footlight-session.flr"));
        fs::write(first, "").unwrap();
        assert_eq!(
            free(folder.path(), wanted),
            folder.path().join("footlight-session-2.flr")
        );
    }
}
