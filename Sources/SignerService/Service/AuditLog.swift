// SPDX-License-Identifier: Apache-2.0

internal import CanonicalJSON
internal import Cryptography
internal import Glibc
internal import OCI
package import Signing
internal import Synchronization

/// One line of JSON for every decision, appended to a file that nothing is ever taken out of, or to standard error.
package final class AuditLog: Sendable {
    package enum Event: Sendable {
        case signed(SignerPolicy.Judgement, SigningRequest)
        case refused(String, SigningRequest)
        case malformed(String)
        case turnedAway(String)
    }

    private let descriptor: Int32
    private let name: String
    private let now: @Sendable () -> Int
    /// Lines must not interleave.
    private let order = Mutex<Void>(())

    /// Digests that one line lists; the payload's own covers all.
    private static let subjectLimit = 16

    /// - Parameters:
    ///   - path: opened for appending alone, and made if it is missing; nil for standard error.
    ///   - now: seconds since the epoch.
    package init(path: String?, now: @escaping @Sendable () -> Int) throws(SigningError) {
        self.now = now
        guard let path else {
            descriptor = STDERR_FILENO
            name = "standard error"
            return
        }
        name = path
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else {
            throw SigningError(.unavailable, path, "the log cannot be opened: \(String(cString: strerror(errno)))")
        }
    }

    deinit { if descriptor != STDERR_FILENO { close(descriptor) } }

    /// - Throws: when the line is not on the disk as a whole.
    func write(_ event: Event, peer: Peer?) throws(SigningError) {
        let line = Self.line(event, peer: peer, time: now()).compact + [0x0A]
        let isWritten = order.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            // EINVAL: a pipe or a terminal, which has no disk.
            return fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS
        }
        guard isWritten else {
            throw SigningError(.unavailable, name, "the log cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    private static func line(_ event: Event, peer: Peer?, time: Int) -> JSON {
        var members: [(String, JSON?)] = [
            ("time", .string(Timestamp.text(time))),
            ("uid", peer.map { .integer(Int($0.uid)) }), ("pid", peer.map { .integer(Int($0.pid)) }),
        ]
        switch event {
        case .signed(let judgement, let request):
            members += [("outcome", "signed")] + digests(request)
            members += [
                ("predicateType", judgement.predicateType.map { .string($0) }),
                ("builder", judgement.builder.map { .string($0) }),
                ("repositories", .strings(judgement.repositories)),
                ("subjects", .strings(judgement.subjects.prefix(subjectLimit).map(\.description))),
            ]
        case .refused(let reason, let request):
            members += [("outcome", "refused"), ("reason", .string(reason))] + digests(request)
        case .malformed(let reason): members += [("outcome", "malformed"), ("reason", .string(reason))]
        case .turnedAway(let reason): members += [("outcome", "turned-away"), ("reason", .string(reason))]
        }
        return .members(members)
    }

    private static func digests(_ request: SigningRequest) -> [(String, JSON?)] {
        let (use, payload) =
            switch request {
            case .statement(let bytes): ("statement", bytes)
            case .simpleSigning(let bytes): ("simple-signing", bytes)
            }
        return [
            ("use", .string(use)), ("payload", .string(Digest.of(payload).description)),
            ("message", .string(Digest.of(request.message).description)),
        ]
    }
}
