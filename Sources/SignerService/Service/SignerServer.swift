// SPDX-License-Identifier: Apache-2.0

internal import ChildProcesses
internal import Dispatch
internal import Foundation
internal import Glibc
package import Signing
internal import Synchronization

/// Takes requests at a Unix socket: one for each connection, answered whole or not at all.
package final class SignerServer: Sendable {
    package struct Limits: Sendable {
        /// For a request to arrive and for its answer to be taken.
        package var duration: Duration = .seconds(30)
        /// The longest request, in bytes.
        package var request = SignerRequest.limit
        /// Requests at a time.
        package var width = 4
        package init() {}
    }

    private let service: SigningService
    private let path: String
    private let limits: Limits
    private let listener: UnixSocket
    /// A pipe whose writing end is closed to end all waiting.
    private let stopping: (read: Int32, write: Int32)
    private let running = DispatchGroup()
    private let isStopped = Mutex(false)

    /// Listens, and answers from then on.
    package init(_ service: SigningService, path: String, limits: Limits = Limits()) throws(SigningError) {
        self.service = service
        self.path = path
        self.limits = limits
        listener = try UnixSocket.listen(at: path)
        listener.stopBlocking()
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw SigningError(.unavailable, path, String(cString: strerror(errno)))
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        stopping = (ends[0], ends[1])
        for _ in 0..<limits.width {
            running.enter()
            Thread.detachNewThread { [self] in
                while let connection = listener.accept(until: stopping.read) { serve(connection) }
                running.leave()
            }
        }
    }

    /// The threads hold the server until it is stopped.
    deinit { close(stopping.read) }

    /// Takes no more requests; those under way are still answered.
    package func stop() {
        let isFirst = isStopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        unlink(path)
        close(stopping.write)
    }

    /// Returns when all requests are answered, after `stop`.
    package func drain() async {
        await withCheckedContinuation { continuation in
            running.notify(queue: .global()) { continuation.resume() }
        }
    }

    private func serve(_ connection: UnixSocket) {
        let deadline = Deadline(after: limits.duration)
        guard let peer = connection.peer else { return }
        let response: SignerResponse
        if service.isAllowed(peer) {
            do {
                let request = try connection.readAll(limit: limits.request, deadline: deadline)
                // Somebody looked whether anybody is here.
                if request.isEmpty { return }
                response = answer(request, peer)
            } catch {
                response = .failed(error.message)
            }
        } else {
            response = service.turnAway(peer)
        }
        try? connection.writeAll(response.bytes, deadline: deadline)
    }

    /// Waits, on this thread, for the work of another.
    private func answer(_ request: [UInt8], _ peer: Peer) -> SignerResponse {
        let done = DispatchSemaphore(value: 0)
        let answer = Answer()
        // A client and this thread wait for it: it comes before whatever else the process computes.
        Task(priority: .high) { [service] in
            let response = await service.answer(request, peer: peer)
            answer.response.withLock { $0 = response }
            done.signal()
        }
        done.wait()
        return answer.response.withLock { $0 }
    }

    private final class Answer: Sendable {
        let response = Mutex<SignerResponse>(.failed("there is no answer"))
    }
}
