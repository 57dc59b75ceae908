//! Testing builds the library as other languages load it: their tests use it from there.

#[test]
fn the_library_that_languages_load_lies_beside_this_test() {
    let name = format!(
        "{}footlight_ffi{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let library = std::env::current_exe().expect("a path").with_file_name(name);
    assert!(library.is_file(), "no {}", library.display());
    assert_eq!(footlight_ffi::live_objects(), 0);
}
