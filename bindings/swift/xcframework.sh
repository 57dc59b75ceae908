#!/bin/sh
# Footlight.xcframework for Package.swift, on a Mac: target/swift/Footlight.xcframework. Needs Xcode, and for each target
# `rustup target add`. Run `cargo xtask package swift` first: it writes the package and the header.
set -eu

cd "$(dirname "$0")/../.."
package=target/swift
work=target/xcframework
export IPHONEOS_DEPLOYMENT_TARGET=15.0 MACOSX_DEPLOYMENT_TARGET=12.0

build() {
    for target in "$@"; do
        cargo rustc --release --package footlight-ffi --lib --no-default-features --crate-type staticlib --target "$target"
    done
}

# One library for several architectures of the same platform.
join() {
    name=$1
    shift
    mkdir -p "$work/$name"
    lipo -create -output "$work/$name/libfootlight_ffi.a" "$@"
}

library() { echo "target/$1/release/libfootlight_ffi.a"; }

build aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin
join ios "$(library aarch64-apple-ios)"
join ios-simulator "$(library aarch64-apple-ios-sim)" "$(library x86_64-apple-ios)"
join macos "$(library aarch64-apple-darwin)" "$(library x86_64-apple-darwin)"

mkdir -p "$work/headers"
cp "$package/Sources/FootlightFFI/FootlightFFI.h" "$package/Sources/FootlightFFI/module.modulemap" "$work/headers"

rm -rf "$package/Footlight.xcframework"
xcodebuild -create-xcframework -output "$package/Footlight.xcframework" \
    -library "$work/ios/libfootlight_ffi.a" -headers "$work/headers" \
    -library "$work/ios-simulator/libfootlight_ffi.a" -headers "$work/headers" \
    -library "$work/macos/libfootlight_ffi.a" -headers "$work/headers"
