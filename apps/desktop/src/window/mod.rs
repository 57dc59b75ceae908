//! The window: Tauri, the system's webview, and what the page may ask of the program.

mod commands;

use std::borrow::Cow;
use std::io;
use std::path::PathBuf;

use footlight_desktop::downloads;
use footlight_desktop::frontend::{self, Frontend};
use footlight_desktop::instance::Instance;
use footlight_desktop::link;
use footlight_desktop::loopback::{Loopback, Opened};
use footlight_desktop::settings::{Folders, Settings};
use footlight_native::{DiskCache, HttpTransport};
use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::utils::config::{Color, Csp};
use tauri::webview::{DownloadEvent, NewWindowResponse};
use tauri::{App, AppHandle, Assets, Manager as _, RunEvent, Webview, WebviewUrl, WebviewWindowBuilder, Wry};
use tauri_plugin_window_state::StateFlags;

/// The one window's name, which its capabilities go by.
const MAIN: &str = "main";
/// The app's own background: nothing flashes before the first paint.
const BACKGROUND: Color = Color(0x0c, 0x0a, 0x08, 0xff);
/// What servers are told.
const USER_AGENT: &str = concat!("Footlight/", env!("CARGO_PKG_VERSION"));

/// What is known before there is a window.
pub(crate) struct Start {
    pub(crate) settings: Settings,
    pub(crate) folders: Folders,
    pub(crate) web: PathBuf,
    pub(crate) link: String,
    pub(crate) instance: Instance,
}

/// Shows the window until it is closed.
pub(crate) fn run(start: Start) -> io::Result<()> {
    let transport = transport(&start)?;
    let (sender, opened) = std::sync::mpsc::channel::<Option<String>>();
    let tell: Opened = Box::new(move |page| drop(sender.send(page)));
    let loopback = tauri::async_runtime::block_on(Loopback::start(transport, tell))?;
    start.instance.tell(&loopback)?;
    let frontend = Frontend::new(start.web, &loopback, &start.settings.gateway);
    let first_script = frontend.first_script();
    let digests = frontend.script_digests("/index.html");

    let mut context: tauri::Context = tauri::generate_context!();
    context.config_mut().app.security.csp = Some(Csp::Policy(frontend::policy(&loopback)));
    context.set_assets(Box::new(Files { frontend, digests }));

    // Where the window was, and how large; not whether it was full screen: that belongs to a film.
    let kept = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    let window_state = tauri_plugin_window_state::Builder::new()
        .with_state_flags(kept)
        .with_filename(start.folders.data.join("window.json").display().to_string())
        .build();
    let page = link::page(&start.link).unwrap_or_default();
    let app = tauri::Builder::default()
        .plugin(window_state)
        .invoke_handler(tauri::generate_handler![commands::report, commands::log])
        .setup(move |app| open(app, &page, first_script, &start.folders).map_err(Into::into))
        .build(context)
        .map_err(io::Error::other)?;
    let handle = app.handle().clone();
    std::thread::spawn(move || {
        while let Ok(page) = opened.recv() {
            show(&handle, page.as_deref());
        }
    });
    let code = app.run_return(|app, event| {
        #[cfg(target_os = "macos")]
        if let RunEvent::Opened { urls } = &event {
            show(app, urls.iter().find_map(|url| link::page(url.as_str())).as_deref());
        }
        if let RunEvent::Exit = event {
            tracing::info!("ending");
        }
        let _ = app;
    });
    drop(start.instance);
    if code == 0 {
        Ok(())
    } else {
        Err(io::Error::other(format!("the window ended with {code}")))
    }
}

/// HTTP with media on disk; without the disk where that cannot be.
fn transport(start: &Start) -> io::Result<HttpTransport> {
    let transport = HttpTransport::new(USER_AGENT).map_err(io::Error::other)?;
    let limit = start.settings.cache_bytes;
    if limit == 0 {
        return Ok(transport);
    }
    Ok(match DiskCache::open(&start.folders.cache, limit) {
        Ok(cache) => {
            tracing::info!(held = cache.held(), limit, "media is kept on disk");
            transport.with_cache(cache)
        }
        Err(error) => {
            tracing::warn!(%error, "media is not kept on disk");
            transport
        }
    })
}

fn open(app: &App, page: &str, first_script: String, folders: &Folders) -> tauri::Result<()> {
    let url = WebviewUrl::App(page.trim_start_matches('/').into());
    let window = WebviewWindowBuilder::new(app, MAIN, url)
        .title("Footlight")
        .inner_size(1280.0, 800.0)
        .min_inner_size(480.0, 320.0)
        .background_color(BACKGROUND)
        .data_directory(folders.data.join("webview"))
        .initialization_script(first_script)
        // The window shows this app and nothing else.
        .on_navigation(|url| {
            url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost") || downloads::is_own(url.as_str())
        })
        .on_download(saved_in(folders.downloads.clone()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    window.set_focus()
}

/// Puts downloads into a folder, beside what is there.
fn saved_in(folder: PathBuf) -> impl Fn(Webview<Wry>, DownloadEvent<'_>) -> bool + Send + Sync + 'static {
    move |_, event| match event {
        DownloadEvent::Requested { url, destination } => {
            if !downloads::is_own(url.as_str()) {
                return false;
            }
            match downloads::place(&folder, destination) {
                Ok(place) => *destination = place,
                Err(error) => {
                    tracing::warn!(%error, "nothing can be saved");
                    return false;
                }
            }
            true
        }
        DownloadEvent::Finished { success, .. } => {
            tracing::info!(success, "saved");
            true
        }
        _ => true,
    }
}

/// Brings the window to the front, with a page.
fn show(app: &AppHandle, page: Option<&str>) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    let shown = window
        .unminimize()
        .and_then(|()| window.show())
        .and_then(|()| window.set_focus());
    let page = page.map(serde_json::Value::from);
    let gone = page.map(|page| window.eval(format!("footlightShell.open({page})")));
    if let Err(error) = shown.and(gone.unwrap_or(Ok(()))) {
        tracing::warn!(%error, "the window cannot be shown");
    }
}

/// The web app's files, as Tauri asks for them.
struct Files {
    frontend: Frontend,
    digests: Vec<String>,
}

impl Assets<Wry> for Files {
    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        self.frontend.get(key.as_ref())
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(std::iter::empty())
    }

    fn csp_hashes(&self, page: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        let page = page.as_ref() == "/index.html";
        let digests = self.digests.iter().filter(move |_| page);
        Box::new(digests.map(|digest| CspHash::Script(digest)))
    }
}
