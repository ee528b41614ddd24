// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import ChildProcesses
internal import Glibc
internal import Signing

/// A Unix stream socket whose every wait has an end. One thread uses it at a time.
final class UnixSocket: @unchecked Sendable {
    let descriptor: Int32
    private let name: String

    private init(_ descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    deinit { close(descriptor) }

    private static func failure(_ name: String, _ action: String) -> SigningError {
        SigningError(.unavailable, name, "\(action): \(String(cString: strerror(errno)))")
    }

    private static func make(_ name: String) throws(SigningError) -> UnixSocket {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(name, "no socket") }
        return UnixSocket(descriptor, name: name)
    }

    /// Calls `body` with the address of a path, which the system limits to 107 bytes.
    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SigningError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path), !bytes.contains(0) else {
            throw SigningError(.unavailable, path, "a socket's path has between 1 and 107 bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    static func connect(to path: String) throws(SigningError) -> UnixSocket {
        let socket = try make(path)
        let result = try withAddress(path) { Glibc.connect(socket.descriptor, $0, $1) }
        guard result == 0 else { throw failure(path, "nobody answers there") }
        return socket
    }

    /// Listens at a path. A socket that a dead signer left behind is replaced; a live one, or any other file, is an error.
    static func listen(at path: String) throws(SigningError) -> UnixSocket {
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                throw SigningError(.unavailable, path, "something else than a socket is there")
            }
            if (try? connect(to: path)) != nil {
                throw SigningError(.unavailable, path, "another signer listens there")
            }
            unlink(path)
        }
        let socket = try make(path)
        guard try withAddress(path, { bind(socket.descriptor, $0, $1) }) == 0 else {
            throw failure(path, "it cannot be made")
        }
        // Who may ask is decided by the peer's user, and by who can reach the directory.
        guard chmod(path, 0o666) == 0, Glibc.listen(socket.descriptor, 16) == 0 else {
            throw failure(path, "it cannot be listened at")
        }
        return socket
    }

    /// The next connection.
    ///
    /// - Parameter stop: a descriptor that becomes readable when waiting must end; the result is nil then.
    func accept(until stop: Int32) -> UnixSocket? {
        while true {
            var waiting = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waiting, 2, -1) >= 0 || errno == EINTR else { return nil }
            if waiting[1].revents != 0 { return nil }
            guard waiting[0].revents != 0 else { continue }
            let accepted = Glibc.accept(descriptor, nil, nil)
            if accepted >= 0 {
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                return UnixSocket(accepted, name: name)
            }
            // Another thread took it, or it went away meanwhile.
            guard [EINTR, EAGAIN, ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) else { return nil }
        }
    }

    /// Several threads accept from one listener: none may wait for what another took.
    func stopBlocking() { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }

    /// Who is at the other end: who connected, or who listens.
    var peer: Peer? {
        var peer = basalt_peer()
        guard basalt_peer_of(descriptor, &peer) == 0 else { return nil }
        return Peer(uid: peer.uid, pid: peer.pid)
    }

    /// Reads to the end that the other side sets.
    func readAll(limit: Int, deadline: Deadline) throws(SigningError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            try wait(POLLIN, deadline)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            // The other side closed without having read all that it was sent; what it wrote before counts.
            if count < 0 && errno == ECONNRESET && !bytes.isEmpty { return bytes }
            guard count >= 0 else { throw Self.failure(name, "it cannot be read from") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw SigningError(.malformed, "the message", "it is longer than \(limit) bytes")
            }
        }
    }

    /// Writes everything, and says that nothing more comes.
    func writeAll(_ bytes: [UInt8], deadline: Deadline) throws(SigningError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(POLLOUT, deadline)
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { throw Self.failure(name, "it cannot be written to") }
            rest = rest.dropFirst(count)
        }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    private func wait(_ event: Int32, _ deadline: Deadline) throws(SigningError) {
        while true {
            var waiting = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let result = poll(&waiting, 1, deadline.milliseconds)
            if result > 0 { return }
            if result < 0 && errno == EINTR { continue }
            throw SigningError(.unavailable, name, "it took too long")
        }
    }
}
