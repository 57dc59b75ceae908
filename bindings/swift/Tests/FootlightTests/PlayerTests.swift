import Footlight
import Foundation
import XCTest

final class PlayerTests: XCTestCase {
    private let backend = Backend.shared

    override class func tearDown() { Backend.shared.end() }

    /// All that was made is let go of.
    override func tearDown() async throws {
        let deadline = Date(timeIntervalSinceNow: 10)
        while liveObjects() != 0, Date() < deadline { await Task.yield() }
        XCTAssertEqual(liveObjects(), 0, "something is still held")
    }

    private func playsToTheEnd(_ path: String, http: (any HttpStack)?, length: Double) async throws {
        let player = try Player(PlayerOptions(fast: true), http: http)
        player.load(backend.url(path))
        try await player.playToEnd()
        let snapshot = try await player.snapshot()
        XCTAssertEqual(snapshot.stalls, 0)
        XCTAssertEqual(player.findings(), [])
        XCTAssertEqual(snapshot.position, length, accuracy: 0.5)
        XCTAssertGreaterThanOrEqual(snapshot.renditions.count, 3)
    }

    private func first<T>(_ player: Player, _ wanted: (PlayerEvent) -> T?) async throws -> T {
        for await event in player.events {
            if let found = wanted(event) { return found }
        }
        throw PlayerClosed()
    }

    private func failure(_ player: Player) async throws -> PlaybackFault {
        try await first(player) { if case .failed(let fault) = $0 { fault } else { nil } }
    }

    func testTitlesPlayToTheEnd() async throws {
        for title in ["tidewater", "paperbirds", "nightline"] {
            try await playsToTheEnd("/media/\(title)/timeline/manifest.mpd?duration=60", http: nil, length: 60)
        }
    }

    func testThePlatformsStackIsUsed() async throws {
        let stack = Told(URLSessionHttpStack())
        try await playsToTheEnd("/media/tidewater/base/manifest.mpd?duration=30", http: stack, length: 30)
        XCTAssertTrue(stack.kinds.isSuperset(of: ["manifest", "index", "video", "audio"]), "\(stack.kinds)")
    }

    func testWhatAStackIsToldIsToldToThePlayer() async throws {
        let player = try Player(http: URLSessionHttpStack())
        player.load(backend.url("/media/nobody/number/manifest.mpd"))
        do {
            try await player.playToEnd()
            XCTFail("there is nothing to play")
        } catch let error as PlaybackError {
            XCTAssertEqual(error.fault.code, "network.status")
            XCTAssertEqual(error.fault.status, 404)
        }
        player.load("http://127.0.0.1:1/nobody-listens.mpd")
        let fault = try await failure(player)
        XCTAssertEqual(fault.code, "network.unreachable")
    }

    func testARequestIsCancelledWithItsPlayer() async throws {
        let stack = Silent()
        let player = try Player(http: stack)
        player.load(backend.url("/media/tidewater/number/manifest.mpd"))
        let begun = await stack.next()
        XCTAssertEqual(begun, "manifest")
        let playing = Task { try await player.playToEnd() }
        playing.cancel()
        do {
            try await playing.value
            XCTFail("it was cancelled")
        } catch is CancellationError {}
        player.close()
        let ended = await stack.next()
        XCTAssertEqual(ended, "cancelled")
    }

    func testAnOutputIsGivenTheMedia() async throws {
        let output = Everything()
        let player = try Player(output: output)
        player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=8"))
        try await player.playToEnd()
        await player.closeAndWait()
        XCTAssertGreaterThan(output.bytes, 10_000)
        XCTAssertEqual(output.asked.first, "prepare")
        XCTAssertEqual(output.asked.last, "close")
    }

    func testAStoreRemembers() async throws {
        let shelf = Shelf()
        let player = try Player(PlayerOptions(fast: true), store: shelf)
        player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=10"))
        try await player.playToEnd()
        await player.closeAndWait()
        XCTAssertNotNil(try shelf.get(name: "throughput"))
    }

    func testWhatGoesWrongInACallIsTyped() async throws {
        XCTAssertThrowsError(try Player(PlayerOptions(algorithm: "clairvoyance"))) {
            XCTAssertEqual($0 as? FootlightError, .Option(option: "algorithm", value: "clairvoyance"))
        }
        XCTAssertThrowsError(try replayRecording(recording: Data("no recording".utf8))) {
            XCTAssertEqual($0 as? FootlightError, .NoRecording)
        }
        let player = try Player()
        await player.closeAndWait()
        do {
            _ = try await player.snapshot()
            XCTFail("it is closed")
        } catch is PlayerClosed {}
    }

    func testACallbackThatFailsIsAnErrorOfPlayback() async throws {
        let player = try Player(output: Failing())
        player.load(backend.url("/media/tidewater/number/manifest.mpd"))
        let fault = try await failure(player)
        XCTAssertTrue(fault.message.contains("no decoder today"), fault.message)
        await player.closeAndWait()
    }

    func testWaitingMayBeCancelledAndLosesNothing() async throws {
        let player = try Player(PlayerOptions(fast: true))
        for _ in 0..<5 {
            let waiting = Task { await player.events.first { _ in true } }
            waiting.cancel()
            let nothing = await waiting.value
            XCTAssertNil(nothing)
        }
        player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=10"))
        let event = try await first(player) { $0 }
        XCTAssertEqual(event, .stateChanged(state: .loading))
    }

    func testSessionsAreWrittenDown() async throws {
        let tape = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).flr")
        defer { try? FileManager.default.removeItem(at: tape) }
        let player = try Player(PlayerOptions(fast: true, recordTo: tape.path))
        player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=10&token=hush"))
        try await player.playToEnd()
        await player.closeAndWait()
        let recording = try Data(contentsOf: tape)
        XCTAssertNil(recording.range(of: Data("hush".utf8)))
        XCTAssertFalse(try replayRecording(recording: recording).isEmpty)
    }

    func testTracksAreChosenAndRead() async throws {
        let player = try Player(PlayerOptions(fast: true, textLanguages: ["en"], textEnabled: true))
        player.load(backend.url("/media/tidewater/number/manifest.mpd?duration=20"))
        _ = try await first(player) { if case .loaded = $0 { true } else { nil } }
        let known = try await player.snapshot()
        XCTAssertTrue(known.audio.contains { $0.selected } && known.text.contains { $0.selected }, "\(known)")
        player.selectRendition(known.renditions[0].id)
        player.play()
        let cues = try await first(player) { if case .cues(let cues) = $0, !cues.isEmpty { cues } else { nil } }
        XCTAssertFalse(cues[0].lines.isEmpty)
    }

    func testTheEngineAnswersAsEverywhere() throws {
        let vectors = root.appendingPathComponent("player-core/engine/tests/vectors")
        let recordings = try FileManager.default.contentsOfDirectory(at: vectors, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "inputs" }
        XCTAssertGreaterThanOrEqual(recordings.count, 4)
        for recording in recordings {
            let expected = try Data(contentsOf: recording.deletingPathExtension().appendingPathExtension("outputs"))
            let answers = try replayRecording(recording: Data(contentsOf: recording))
            XCTAssertEqual(answers, expected, recording.lastPathComponent)
        }
    }

    func testTheReadmesPlayerPlays() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("First")
        process.arguments = [backend.url("/media/tidewater/number/manifest.mpd?duration=10")]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let told = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        XCTAssertTrue(told.contains("0 stalls, []"), told)
    }
}

/// Another stack, and what it was asked for.
private final class Told: HttpStack, @unchecked Sendable {
    private let stack: any HttpStack
    private let lock = NSLock()
    private var seen: Set<String> = []

    init(_ stack: any HttpStack) { self.stack = stack }

    var kinds: Set<String> { lock.withLock { seen } }

    func send(id: UInt64, request: HttpRequest, reply: HttpReply) throws {
        _ = lock.withLock { seen.insert(request.kind) }
        try stack.send(id: id, request: request, reply: reply)
    }

    func cancel(id: UInt64) throws { try stack.cancel(id: id) }
}

/// A stack that never answers.
private final class Silent: HttpStack, @unchecked Sendable {
    private let told: AsyncStream<String>
    private let tell: AsyncStream<String>.Continuation

    init() { (told, tell) = AsyncStream.makeStream() }

    func next() async -> String? { await told.first { _ in true } }

    func send(id: UInt64, request: HttpRequest, reply: HttpReply) throws { tell.yield(request.kind) }

    func cancel(id: UInt64) throws { tell.yield("cancelled") }
}

/// A store that lasts as long as the test.
private final class Shelf: SettingsStore, @unchecked Sendable {
    private let lock = NSLock()
    private var kept: [String: String] = [:]

    func get(name: String) throws -> String? { lock.withLock { kept[name] } }

    func put(name: String, value: String) throws { lock.withLock { kept[name] = value } }
}
