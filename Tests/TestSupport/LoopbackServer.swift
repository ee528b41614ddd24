// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// A small HTTP/1.1 server on 127.0.0.1 whose answers a test writes, wrong ones included.
package final class LoopbackServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        /// Path and query as the client sent them.
        package var target: String
        /// Names in lower case.
        package var headers: [String: String]
        package var body: [UInt8]
        package var path: String { String(target.prefix { $0 != "?" }) }
    }

    package typealias Handler = @Sendable (Request, Connection) -> Void

    private struct State {
        var requests: [Request] = []
        var open: Set<Int32> = []
        var isStopped = false
        var connections = 0
    }

    package let port: UInt16
    private let listener: Int32
    private let handler: Handler
    private let state = Mutex(State())

    package init(_ handler: @escaping Handler) throws {
        self.handler = handler
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 64) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        guard isBound else { throw ServerFailure(text: String(cString: strerror(errno))) }
        port = UInt16(bigEndian: address.sin_port)
        Self.thread { [self] in accept() }
    }

    /// Stops listening and cuts all connections.
    package func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return state.open
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for socket in open { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    package var url: String { "http://127.0.0.1:\(port)" }

    /// The requests so far, in the order in which they were complete.
    package var requests: [Request] { state.withLock { $0.requests } }

    /// How many connections were made so far.
    package var connections: Int { state.withLock { $0.connections } }

    private static func thread(_ work: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let work: @Sendable () -> Void
            init(_ work: @escaping @Sendable () -> Void) { self.work = work }
        }
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().work()
                return nil
            },
            Unmanaged.passRetained(Box(work)).toOpaque()
        )
        pthread_detach(thread)
    }

    private func accept() {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            if socket < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                break
            }
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            let isStopped = state.withLock { state in
                state.open.insert(socket)
                state.connections += 1
                return state.isStopped
            }
            if isStopped { shutdown(socket, Int32(SHUT_RDWR)) }
            Self.thread { [self] in serve(socket) }
        }
        close(listener)
    }

    private func serve(_ socket: Int32) {
        let connection = Connection(socket)
        while let request = connection.request() {
            state.withLock { $0.requests.append(request) }
            handler(request, connection)
            if !connection.isReusable { break }
        }
        state.withLock { _ = $0.open.remove(socket) }
        close(socket)
    }
}

package struct ServerFailure: Error {
    package let text: String
    package init(text: String) { self.text = text }
}

extension LoopbackServer {
    /// One client's connection, for a handler to answer on.
    package final class Connection {
        private let socket: Int32
        private var buffer: [UInt8] = []
        /// Whether the client may send another request.
        fileprivate(set) var isReusable = true
        /// An answer to HEAD has no body, whatever its length says.
        private var isHead = false

        init(_ socket: Int32) { self.socket = socket }

        /// A whole, well-formed answer.
        package func answer(_ status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
            var text = "HTTP/1.1 \(status) Status\r\n"
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            if !headers.contains(where: { $0.0.lowercased() == "content-length" }) {
                text += "Content-Length: \(body.count)\r\n"
            }
            // At once: a body on its own waits for the client to acknowledge the head, 40 ms each time.
            send(Array((text + "\r\n").utf8) + (isHead ? [] : body))
        }

        package func answer(_ status: Int, headers: [(String, String)] = [], text: String) {
            answer(status, headers: headers, body: Array(text.utf8))
        }

        /// Raw bytes.
        ///
        /// - Returns: false when the client is gone.
        @discardableResult
        package func send(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 {
                    isReusable = false
                    return false
                }
                sent += count
            }
            return true
        }

        /// Ends the connection after this answer.
        package func hangUp() { isReusable = false }

        /// Keeps the client waiting.
        package func pause(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }

        /// Answers CONNECT: from here on, bytes go to and fro between the client and a port of this machine.
        package func tunnel(to port: UInt16) {
            isReusable = false
            let other = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(other) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else { return answer(502) }
            send(Array("HTTP/1.1 200 Connected\r\n\r\n".utf8))
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                var waiting = [socket, other].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                guard poll(&waiting, 2, -1) > 0 else { return }
                for (entry, target) in zip(waiting, [other, socket]) where entry.revents != 0 {
                    let count = recv(entry.fd, &chunk, chunk.count, 0)
                    guard count > 0, Glibc.send(target, chunk, count, Int32(MSG_NOSIGNAL)) == count else { return }
                }
            }
        }

        fileprivate func request() -> Request? {
            let mark: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
            var end: Int?
            while true {
                end = buffer.indices.first { buffer[$0...].starts(with: mark) }
                if end != nil || !fill() { break }
            }
            guard let end else { return nil }
            let lines = String(decoding: buffer[..<end], as: UTF8.self).split(separator: "\r\n")
            let first = (lines.first ?? "").split(separator: " ").map(String.init)
            guard first.count == 3 else { return nil }
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
            }
            buffer.removeFirst(end + 4)
            let length = headers["content-length"].flatMap { Int($0) } ?? 0
            while buffer.count < length { if !fill() { return nil } }
            let body = Array(buffer[..<length])
            buffer.removeFirst(length)
            isHead = first[0] == "HEAD"
            return Request(method: first[0], target: first[1], headers: headers, body: body)
        }

        private func fill() -> Bool {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return false }
            buffer += chunk[..<count]
            return true
        }
    }
}
