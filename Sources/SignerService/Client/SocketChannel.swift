// SPDX-License-Identifier: Apache-2.0

internal import ChildProcesses
internal import Dispatch
internal import Glibc
package import Signing

/// A signer that listens at a Unix socket.
package struct SocketChannel: SignerChannel {
    private let path: String
    private let duration: Duration
    package let isKeyAtHand: Bool

    /// Connects once, to learn as whom the signer runs.
    package init(path: String, duration: Duration = .seconds(60)) throws(SigningError) {
        self.path = path
        self.duration = duration
        // The user that builds can read what that user's signer reads.
        isKeyAtHand = try UnixSocket.connect(to: path).peer.map { $0.uid == geteuid() } ?? true
    }

    package var name: String { "unix:\(path)" }

    package func exchange(_ request: [UInt8]) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            // Waiting on a socket is no work for the threads that tasks share.
            DispatchQueue.global().async { [self] in
                continuation.resume(with: Result { try exchangeWaiting(request) })
            }
        }
    }

    private func exchangeWaiting(_ request: [UInt8]) throws(SigningError) -> [UInt8] {
        let socket = try UnixSocket.connect(to: path)
        let deadline = Deadline(after: duration)
        do {
            try socket.writeAll(request, deadline: deadline)
        } catch {
            // Who is turned away is told so before everything was sent.
            guard let answer = try? socket.readAll(limit: SignerResponse.limit, deadline: deadline), !answer.isEmpty
            else { throw error }
            return answer
        }
        return try socket.readAll(limit: SignerResponse.limit, deadline: deadline)
    }
}
