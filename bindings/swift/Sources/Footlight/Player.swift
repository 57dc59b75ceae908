/// Playback stopped; `fault` says why and what can be done.
public struct PlaybackError: Error, CustomStringConvertible {
    public let fault: PlaybackFault

    public init(fault: PlaybackFault) { self.fault = fault }

    public var description: String { "\(fault.code): \(fault.message)" }
}

/// Nothing may be asked of a player after it was closed.
public struct PlayerClosed: Error {
    public init() {}
}

/// A player; times are seconds. Its requests end with `close()`, or with the last reference to it.
///
/// Without `http` it uses URLSession on Apple's platforms, elsewhere a stack of the library's own; without `output` media is
/// not shown but verified (see `findings()`). With `store` it remembers the network's throughput and the viewer's languages. All
/// three are called from the player's own thread and must return at once.
public final class Player: Sendable {
    private let native: MediaPlayer
    private let queue = EventQueue()
    private let pump: Task<Void, Never>

    /// Throws `FootlightError` when an option has a value that it cannot have, or there is no HTTP stack.
    public init(
        _ options: PlayerOptions = PlayerOptions(), http: (any HttpStack)? = nil, output: (any MediaOutput)? = nil,
        store: (any SettingsStore)? = nil
    ) throws {
        #if canImport(Darwin)
            let http = http ?? URLSessionHttpStack()
        #endif
        let native = try MediaPlayer(options: options, http: http, output: output, store: store)
        self.native = native
        // Waiting for Rust cannot be cancelled: nobody but this task does it, and it ends with the player.
        pump = Task.detached { [queue] in
            while let event = await native.nextEvent() {
                queue.append(event)
            }
            queue.finish()
        }
    }

    deinit {
        native.close()
    }

    /// What happens, until the player is closed or the task that waits is cancelled. Each event is told once.
    public var events: PlayerEvents { PlayerEvents(queue: queue) }

    /// Plays, and returns at the end; takes all events until then. Throws `PlaybackError` when playback stops before it.
    public func playToEnd() async throws {
        play()
        for await event in events {
            switch event {
            case .ended: return
            case .failed(let fault): throw PlaybackError(fault: fault)
            default: continue
            }
        }
        try Task.checkCancellation()
        throw PlayerClosed()
    }

    /// What is the case now. Throws `PlayerClosed`.
    public func snapshot() async throws -> PlayerSnapshot {
        guard let snapshot = await native.snapshot() else { throw PlayerClosed() }
        return snapshot
    }

    /// Plays this manifest from `start`, or from its beginning or live edge; ends whatever was loaded.
    public func load(_ url: String, start: Double? = nil) { native.load(url: url, start: start) }

    /// Forgets what is loaded.
    public func unload() { native.unload() }

    /// Plays.
    public func play() { native.play() }

    /// Pauses.
    public func pause() { native.pause() }

    /// After an error: goes on from the same position.
    public func retry() { native.retry() }

    /// Goes to this position.
    public func seek(to position: Double) { native.seek(position: position) }

    /// Goes to the live edge.
    public func goLive() { native.goLive() }

    /// Plays at this speed, from 0.062 to 16.
    public func setRate(_ rate: Double) { native.setRate(rate: rate) }

    /// Plays this sound track.
    public func selectAudio(_ track: UInt32) { native.selectAudio(id: track) }

    /// Shows this text track, or none.
    public func selectText(_ track: UInt32?) { native.selectText(id: track) }

    /// Keeps to this rendition, or chooses automatically.
    public func selectRendition(_ rendition: UInt32?) { native.selectRendition(id: rendition) }

    /// Where the picture is shown, in device pixels (0: unknown), and how much of it is wanted.
    public func setSurroundings(
        width: UInt32, height: UInt32, visible: Bool = true, online: Bool = true, saveData: Bool = false
    ) {
        native.setSurroundings(width: width, height: height, visible: visible, online: online, saveData: saveData)
    }

    /// What the verifying output found since it was asked last, a line each.
    public func findings() -> [String] { native.findings() }

    /// Ends playback and requests, and returns at once; what has happened is still told.
    public func close() { native.close() }

    /// Ends playback, and returns when everything is let go of: a recording is complete then.
    public func closeAndWait() async {
        native.close()
        await pump.value
    }
}
