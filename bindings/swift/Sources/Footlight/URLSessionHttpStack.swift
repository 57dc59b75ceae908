import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// HTTP by the platform: its proxies, its certificates, its radio.
public final class URLSessionHttpStack: HttpStack {
    private let session: URLSession
    private let exchanges = Exchanges()

    /// A session of its own; it ends with the last reference to this.
    public init(configuration: URLSessionConfiguration = .ephemeral) {
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit {
        session.invalidateAndCancel()
    }

    public func send(id: UInt64, request: HttpRequest, reply: HttpReply) throws {
        guard let url = URL(string: request.url) else { throw URLError(.badURL) }
        var asked = URLRequest(url: url)
        asked.httpMethod = request.method
        for field in request.headers {
            asked.setValue(field.value, forHTTPHeaderField: field.name)
        }
        let task = session.dataTask(with: asked)
        exchanges.add(task, id: id, reply: reply)
        task.resume()
    }

    public func cancel(id: UInt64) throws {
        exchanges.task(of: id)?.cancel()
    }
}

/// What is under way. A session holds its delegate: this one holds no session.
private final class Exchanges: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var tasks: [UInt64: URLSessionDataTask] = [:]
    private var replies: [Int: (id: UInt64, reply: HttpReply)] = [:]

    func add(_ task: URLSessionDataTask, id: UInt64, reply: HttpReply) {
        lock.withLock {
            tasks[id] = task
            replies[task.taskIdentifier] = (id, reply)
        }
    }

    func task(of id: UInt64) -> URLSessionDataTask? {
        lock.withLock { tasks[id] }
    }

    private func reply(of task: URLSessionTask) -> HttpReply? {
        lock.withLock { replies[task.taskIdentifier]?.reply }
    }

    private func take(_ task: URLSessionTask) -> HttpReply? {
        lock.withLock {
            guard let exchange = replies.removeValue(forKey: task.taskIdentifier) else { return nil }
            tasks[exchange.id] = nil
            return exchange.reply
        }
    }

    func urlSession(
        _: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        guard let reply = reply(of: dataTask), let response = response as? HTTPURLResponse else {
            return completionHandler(.cancel)
        }
        let url = response.url?.absoluteString ?? ""
        let wanted = reply.head(
            status: UInt16(clamping: response.statusCode), length: length(response),
            url: url == dataTask.originalRequest?.url?.absoluteString ? "" : url,
            date: response.value(forHTTPHeaderField: "Date").flatMap(seconds))
        completionHandler(wanted ? .allow : .cancel)
    }

    func urlSession(_: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        if reply(of: dataTask)?.data(bytes: data) == false {
            dataTask.cancel()
        }
    }

    func urlSession(_: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        guard let reply = take(task) else { return }
        switch (error as? URLError)?.code {
        case nil where error == nil: reply.end()
        case .timedOut: reply.failed(failure: .timeout)
        default: reply.failed(failure: .network)
        }
    }

    /// Not of a body that is decoded on its way: the length is that of what was sent.
    private func length(_ response: HTTPURLResponse) -> UInt64? {
        guard response.value(forHTTPHeaderField: "Content-Encoding") == nil, response.expectedContentLength >= 0 else {
            return nil
        }
        return UInt64(response.expectedContentLength)
    }

    private let format: DateFormatter = {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return format
    }()

    private func seconds(_ date: String) -> Double? { format.date(from: date)?.timeIntervalSince1970 }
}
