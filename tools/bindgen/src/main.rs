//! Writes the bindings of other languages from the built library; `cargo xtask package python` runs it.

fn main() {
    uniffi::uniffi_bindgen_main();
}
