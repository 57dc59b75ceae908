//! The web app's files as the window gets them, and what the window may do with them.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use serde_json::json;

use crate::loopback::Loopback;

const FETCH: &str = include_str!("../frontend/fetch.js");
const SHELL: &str = include_str!("../frontend/shell.js");
/// The player's worker makes its requests with its own `fetch`.
const WORKER: &str = "player/footlight-worker.js";

/// The built web app. Its files are served as they are, but for the worker, which is told where requests go.
#[derive(Clone, Debug)]
pub struct Frontend {
    root: PathBuf,
    fetch: String,
    shell: String,
}

impl Frontend {
    /// From the folder of the built web app. `gateway` is where the service is.
    #[must_use]
    pub fn new(root: PathBuf, loopback: &Loopback, gateway: &str) -> Self {
        let host = json!({ "address": format!("http://{}/", loopback.address), "token": loopback.token });
        Self {
            root,
            fetch: FETCH.replace("__HOST__", &host.to_string()),
            shell: SHELL.replace("__GATEWAY__", &json!(gateway).to_string()),
        }
    }

    /// What runs in the page before its own scripts.
    #[must_use]
    pub fn first_script(&self) -> String {
        format!("{}\n{}", self.fetch, self.shell)
    }

    /// A file by its path, with or without a slash before it.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        let path = Path::new(path.trim_start_matches('/'));
        if !path.components().all(|part| matches!(part, Component::Normal(_))) {
            return None;
        }
        let mut bytes = std::fs::read(self.root.join(path)).ok()?;
        if path == Path::new(WORKER) {
            bytes.splice(0..0, self.fetch.bytes().chain([b'\n']));
        }
        Some(bytes.into())
    }

    /// The digests of a page's inline scripts, as policies name them: `'sha256-…'`.
    #[must_use]
    pub fn script_digests(&self, page: &str) -> Vec<String> {
        let Some(html) = self
            .get(page)
            .and_then(|bytes| String::from_utf8(bytes.into_owned()).ok())
        else {
            return Vec::new();
        };
        let inline = inline_scripts(&html).into_iter();
        inline
            .map(|script| format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, script.as_bytes()))))
            .collect()
    }
}

/// What is between the tags of scripts that are not loaded. For our own page: no parser of HTML in general.
fn inline_scripts(html: &str) -> Vec<&str> {
    let after_names = html.split("<script").skip(1);
    let inline = after_names.filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=") && !script.is_empty()).then_some(script)
    });
    inline.collect()
}

/// What the page may do: its own scripts, requests to the program alone. Pictures come from where catalogue and manifests
/// say. Styles of elements are set by the app's components.
#[must_use]
pub fn policy(loopback: &Loopback) -> String {
    [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' blob: data: http: https:",
        "media-src blob:",
        &format!(
            "connect-src 'self' ipc: http://ipc.localhost http://{}",
            loopback.address
        ),
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn loopback() -> Loopback {
        Loopback {
            address: "127.0.0.1:9".parse().unwrap(),
            token: "page".to_owned(),
            instance_token: "start".to_owned(),
        }
    }

    fn frontend(folder: &Path) -> Frontend {
        Frontend::new(folder.to_path_buf(), &loopback(), "https://tv.example")
    }

    #[test]
    fn files_come_from_the_folder_and_from_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let web = folder.path().join("web");
        fs::create_dir_all(web.join("player")).unwrap();
        fs::write(folder.path().join("secret"), "no").unwrap();
        fs::write(web.join("app.js"), "app").unwrap();
        fs::write(web.join("player/footlight-worker.js"), "worker();").unwrap();
        let frontend = frontend(&web);
        assert_eq!(frontend.get("/app.js").as_deref(), Some(&b"app"[..]));
        for path in ["/../secret", "..", "/player/../../secret", "/missing", "/player"] {
            assert!(frontend.get(path).is_none(), "{path}");
        }
        assert!(
            frontend
                .get(&folder.path().join("secret").display().to_string())
                .is_none()
        );
        let worker = String::from_utf8(frontend.get(WORKER).unwrap().into_owned()).unwrap();
        assert!(worker.ends_with("\nworker();"), "{worker}");
        assert!(worker.contains("http://127.0.0.1:9/") && worker.contains(r#""token":"page""#));
        let script = frontend.first_script();
        assert!(!script.contains("__HOST__") && script.contains(r#"const gateway = "https://tv.example";"#));
    }

    #[test]
    fn inline_scripts_are_allowed_by_their_digests() {
        let folder = tempfile::tempdir().unwrap();
        let page = "<p><script>alert(1)</script><script src=\"/a.js\"></script><script type=\"module\">let a;</script>";
        fs::write(folder.path().join("index.html"), page).unwrap();
        let digests = frontend(folder.path()).script_digests("/index.html");
        assert_eq!(digests.len(), 2);
        assert_eq!(digests[0], "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='");
    }

    #[test]
    fn the_policy_names_one_place_for_requests() {
        let policy = policy(&loopback());
        assert!(
            policy.contains("default-src 'none'")
                && policy.contains("connect-src 'self' ipc: http://ipc.localhost http://127.0.0.1:9;")
        );
        assert!(
            !policy.contains("'unsafe-eval'") && !policy.contains("page"),
            "{policy}"
        );
    }
}
