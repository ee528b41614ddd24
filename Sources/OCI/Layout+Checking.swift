// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Glibc

extension Layout {
    /// Hashes a blob of any size, and compares size and digest with its descriptor's.
    func check(_ descriptor: Descriptor) throws(OCIError) {
        let path = path(of: descriptor.digest)
        guard access(path, F_OK) == 0 else {
            throw OCIError(.missing, "\(descriptor.digest)", "\(directory) has no such blob")
        }
        let (file, _) = try Layout.open(path)
        defer { close(file) }
        let hasher = Hasher(descriptor.digest.algorithm)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var size = 0
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw OCIError(.inputOutput, "\(descriptor.digest)", String(cString: strerror(errno)))
            }
            if count == 0 { break }
            size += count
            // The rest need not be hashed to know that it is wrong.
            guard size <= descriptor.size else { break }
            hasher.update(buffer[..<count])
        }
        guard size == descriptor.size else {
            throw OCIError(.mismatch, "\(descriptor.digest)", "it has \(size) bytes, expected \(descriptor.size)")
        }
        let actual = hasher.finish()
        guard actual == descriptor.digest else { throw OCIError(.mismatch, "\(descriptor.digest)", "it has \(actual)") }
    }
}
