// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Foundation
internal import OCI

extension Layout {
    /// Hashes a blob of any size, and compares size and digest with its descriptor's.
    func check(_ descriptor: Descriptor) throws {
        let path = path(of: descriptor.digest)
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw OCIError(.missing, "\(descriptor.digest)", "\(directory) has no such blob")
        }
        defer { try? file.close() }
        let hasher = Hasher(descriptor.digest.algorithm)
        var size = 0
        while let data = try file.read(upToCount: 1 << 20), !data.isEmpty {
            size += data.count
            data.withUnsafeBytes { hasher.update($0) }
        }
        let actual = hasher.finish()
        guard actual == descriptor.digest else { throw OCIError(.mismatch, "\(descriptor.digest)", "it has \(actual)") }
        guard size == descriptor.size else {
            throw OCIError(.mismatch, "\(descriptor.digest)", "it has \(size) bytes, expected \(descriptor.size)")
        }
    }
}
