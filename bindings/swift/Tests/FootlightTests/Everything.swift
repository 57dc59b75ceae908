import Footlight
import Foundation

/// An output that holds all that it is given, and is at its end as soon as that has come. It is asked by one thread at a time.
class Everything: MediaOutput, @unchecked Sendable {
    private(set) var bytes = 0
    private(set) var asked: [String] = []
    private var spans: [MediaKind: [TimeSpan]] = [:]
    private var duration = 0.0
    private var position = 0.0
    private var rate = 0.0
    private var ended = false
    private var report: OutputReport?

    func supports(mime: String) throws -> Bool { mime.hasPrefix("video/mp4") || mime.hasPrefix("audio/mp4") }

    func prepare(tracks: [SinkTrackInfo], duration: Double?, report: OutputReport) throws {
        asked.append("prepare")
        self.duration = duration!
        self.report = report
        report.opened()
    }

    func changeType(track: SinkTrackInfo) throws { asked.append("changeType") }

    func append(append: SinkAppend) throws {
        bytes += append.data.count
        if append.data.prefix(4096).range(of: Data("moof".utf8)) != nil {
            spans[append.kind] = [TimeSpan(start: 0, end: duration)]
        }
        report?.appendDone(kind: append.kind, buffered: spans[append.kind] ?? [])
    }

    func remove(kind: MediaKind, start: Double, end: Double?) throws {
        report?.removeDone(kind: kind, buffered: spans[kind] ?? [])
    }

    func endOfStream() throws { asked.append("endOfStream") }

    func setDuration(duration: Double) throws { self.duration = duration }

    func seek(position: Double) throws { self.position = position }

    func setRate(rate: Double) throws { self.rate = rate }

    func close() throws {
        asked.append("close")
        report = nil
    }

    func observe() throws -> SinkState {
        if rate > 0, !spans.isEmpty {
            position = duration
            ended = true
        }
        return SinkState(
            position: position, rate: rate > 0 ? rate : 1, paused: rate == 0, seeking: false, ended: ended,
            readyState: spans.isEmpty ? 0 : 4, decodedFrames: 0, droppedFrames: 0)
    }
}

/// An output whose `prepare` throws what nobody expects.
final class Failing: Everything, @unchecked Sendable {
    struct NoDecoder: Error, CustomStringConvertible {
        let description = "no decoder today"
    }

    override func prepare(tracks: [SinkTrackInfo], duration: Double?, report: OutputReport) throws { throw NoDecoder() }
}
