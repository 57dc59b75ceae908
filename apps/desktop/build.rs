//! What the window's page may ask for, as Tauri wants it told.

fn main() {
    #[cfg(feature = "window")]
    {
        let commands = tauri_build::AppManifest::new().commands(&["report", "log"]);
        let attributes = tauri_build::Attributes::new().app_manifest(commands);
        if let Err(error) = tauri_build::try_build(attributes) {
            println!("cargo::error={error:#}");
        }
    }
}
