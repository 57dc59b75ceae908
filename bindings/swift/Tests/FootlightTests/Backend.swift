import Foundation

let environment = ProcessInfo.processInfo.environment
let root = URL(fileURLWithPath: environment["FOOTLIGHT_ROOT"]!)

/// The mock backend, on ports of its own.
final class Backend: @unchecked Sendable {
    static let shared = Backend()

    private let process = Process()
    private let edge: String

    private init() {
        process.executableURL = URL(fileURLWithPath: environment["FOOTLIGHT_BACKEND"]!)
        process.arguments = ["--port", "0", "--edge-ports", "0,0", "--media", root.appendingPathComponent("media").path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try! process.run()
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) { line += output.fileHandleForReading.availableData }
        let ready = try! JSONSerialization.jsonObject(with: line) as! [String: Any]
        edge = (ready["edges"] as! [String])[0]
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }

    func url(_ path: String) -> String { edge + path }
}
