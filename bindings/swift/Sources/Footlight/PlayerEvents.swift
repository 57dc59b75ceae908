import Foundation

/// What a player tells; each event once, whoever asks.
public struct PlayerEvents: AsyncSequence, Sendable {
    public typealias Element = PlayerEvent

    let queue: EventQueue

    public struct AsyncIterator: AsyncIteratorProtocol {
        let queue: EventQueue

        /// None when the player was closed, or the task is cancelled: what it would have got, another one gets.
        public mutating func next() async -> PlayerEvent? { await queue.next() }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(queue: queue) }
}

/// Events until they are asked for. A wait can be cancelled, and loses nothing.
final class EventQueue: @unchecked Sendable {
    private typealias Waiter = (id: Int, continuation: CheckedContinuation<PlayerEvent?, Never>)

    private let lock = NSLock()
    private var events: [PlayerEvent] = []
    private var waiters: [Waiter] = []
    private var waits = 0
    private var isFinished = false

    func append(_ event: PlayerEvent) {
        lock.withLock { () -> Waiter? in
            if waiters.isEmpty { events.append(event) }
            return waiters.isEmpty ? nil : waiters.removeFirst()
        }?.continuation.resume(returning: event)
    }

    func finish() {
        let left = lock.withLock {
            isFinished = true
            defer { waiters = [] }
            return waiters
        }
        left.forEach { $0.continuation.resume(returning: nil) }
    }

    func next() async -> PlayerEvent? {
        let id = lock.withLock {
            waits += 1
            return waits
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { wait(Waiter(id: id, continuation: $0)) }
        } onCancel: {
            let waiter = lock.withLock { () -> Waiter? in
                guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    private func wait(_ waiter: Waiter) {
        // Under the lock: a cancellation comes before this line, or finds the waiter.
        let answer = lock.withLock { () -> PlayerEvent?? in
            if Task.isCancelled { return .some(nil) }
            if !events.isEmpty { return events.removeFirst() }
            if isFinished { return .some(nil) }
            waiters.append(waiter)
            return nil
        }
        if case .some(let event) = answer { waiter.continuation.resume(returning: event) }
    }
}
