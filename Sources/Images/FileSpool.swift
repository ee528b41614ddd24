// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Fetching
package import FileTree
internal import Foundation
internal import OCI

/// The contents of an image's files, each once, in one temporary file: what checks and containers read of layers that are
/// streamed. The file has no name, so nothing is left behind however the process ends.
package final class FileSpool: ContentSource, @unchecked Sendable {
    private let file: OpenFile
    private var offsets: [Digest: Int] = [:]
    private var end = 0
    private var start = 0

    /// The most bytes that the files of one image may have.
    private static let limit = 64 << 30

    package init() throws {
        let path = FileManager.default.temporaryDirectory.path + "/basalt-image-" + UUID().uuidString
        file = try OpenFile.creating(path)
        Files.remove(path)
    }

    /// Adds bytes to the current file. One task writes, before anybody reads.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        guard end + bytes.count <= Self.limit else {
            throw OCIError(.tooLarge, "the image", "its files have more than \(Self.limit) bytes")
        }
        try file.write(bytes)
        end += bytes.count
    }

    /// Ends the current file; one that is there already is not kept twice.
    package func finish(_ sha256: Digest) throws {
        if offsets[sha256] == nil {
            offsets[sha256] = start
            start = end
        } else {
            try file.seek(to: start)
            end = start
        }
    }

    package func content(_ sha256: Digest, size: Int) -> FileContent {
        FileContent(sha256: sha256, size: size, place: .payload(package: sha256, offset: offsets[sha256] ?? 0))
    }

    package func read(_ content: FileContent, range: Range<Int>?) throws -> [UInt8] {
        let range = (range ?? 0..<content.size).clamped(to: 0..<content.size)
        switch content.place {
        case .bytes(let bytes): return Array(bytes[range])
        case .payload(_, let offset): return try file.bytes((offset + range.lowerBound)..<(offset + range.upperBound))
        }
    }
}
