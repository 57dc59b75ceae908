//! What the page may ask: the two commands that its capabilities name.

use footlight_desktop::logs;
use footlight_desktop::survey::Survey;

/// The page has found out what its webview can do; the answer is for viewers.
#[tauri::command]
pub(crate) fn report(found: Survey) -> String {
    let version = tauri::webview_version().unwrap_or_default();
    let name = if cfg!(target_os = "linux") {
        "WebKitGTK"
    } else if cfg!(windows) {
        "WebView2"
    } else {
        "WebKit"
    };
    let mut summary = found.summary(&format!("{name} {version}"));
    tracing::info!(managed = found.managed, "{summary}");
    if let Some(complaint) = found.complaint() {
        tracing::warn!("{complaint}");
        summary = format!("{summary} · {complaint}");
    }
    summary
}

/// The page wants something logged.
#[tauri::command]
pub(crate) fn log(level: &str, text: &str) {
    let text = logs::clean(text);
    if level == "error" {
        tracing::error!("page: {text}");
    } else {
        tracing::warn!("page: {text}");
    }
}
