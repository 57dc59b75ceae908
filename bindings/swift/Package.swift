// swift-tools-version: 6.0
// `cargo xtask package swift` puts this together with what is generated, in target/swift: that folder is the package.

import Foundation
import PackageDescription

let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

// On Apple's platforms the library is in an xcframework (see xcframework.sh); elsewhere beside this file.
#if canImport(Darwin)
    let library: Target = .binaryTarget(name: "FootlightFFI", path: "Footlight.xcframework")
    let flags: [LinkerSetting] = []
#else
    let library: Target = .systemLibrary(name: "FootlightFFI")
    let flags: [LinkerSetting] = [.unsafeFlags(["-L\(folder)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(folder)/lib"])]
#endif

let package = Package(
    name: "Footlight",
    platforms: [.iOS(.v15), .tvOS(.v15), .macOS(.v12)],
    products: [.library(name: "Footlight", targets: ["Footlight"])],
    targets: [
        library,
        .target(name: "Footlight", dependencies: ["FootlightFFI"], linkerSettings: flags),
        .executableTarget(name: "First", dependencies: ["Footlight"]),
        .testTarget(name: "FootlightTests", dependencies: ["Footlight"]),
    ]
)
