//! The Footlight web app: the shared components, mounted into `index.html`.

/// Mounts the app where the page left room for it.
#[cfg(target_arch = "wasm32")]
fn main() {
    use leptos::prelude::*;
    use leptos::wasm_bindgen::JsCast;

    console_error_panic_hook::set_once();
    let root = document()
        .get_element_by_id("app")
        .and_then(|element| element.dyn_into().ok());
    if let Some(root) = root {
        mount_to(root, || view! { <footlight_ui::App gateway=footlight_ui::gateway() /> }).forget();
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This app runs in a browser: `cargo xtask demo` builds and serves it.");
}
