// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Fetching
internal import FileTree
internal import Glibc
internal import Packages

/// The form in which a decoded package is kept: the bytes of its files one after the other, then the encoded
/// `UnpackedPackage`, then the length of that in eight bytes, little endian. One file, so that both are there or neither.
enum PayloadFile {
    /// Names the derived form in the store; raised when an ecosystem reads packages differently.
    static let form = "unpacked-2"
    /// The tail of a package file that large would not be one of ours.
    private static let manifestLimit = 1 << 28

    /// Collects file bytes into `file`, hashing each file.
    final class Sink: PayloadSink {
        private let file: OpenFile
        private let archive: Digest
        private let sha256 = Hasher(.sha256)
        private let sha1 = Hasher(.sha1)
        private var buffer: [UInt8] = []
        private var start = 0
        private(set) var position = 0

        init(file: OpenFile, archive: Digest) {
            self.file = file
            self.archive = archive
            buffer.reserveCapacity(1 << 20)
        }

        func write(_ bytes: UnsafeRawBufferPointer) throws {
            sha256.update(bytes)
            sha1.update(bytes)
            buffer.append(contentsOf: bytes)
            position += bytes.count
            if buffer.count >= 1 << 20 { try flush() }
        }

        func flush() throws {
            try file.write(buffer)
            buffer.removeAll(keepingCapacity: true)
        }

        func finishFile() throws -> FileContent {
            defer { start = position }
            return FileContent(
                sha256: sha256.finish(),
                sha1: sha1.finish(),
                size: position - start,
                place: .payload(package: archive, offset: start)
            )
        }
    }

    /// Decodes a package with `unpack` and writes the result to a new file at `path`.
    static func write(
        to path: String,
        archive: Digest,
        unpack: (any PayloadSink) throws -> UnpackedPackage
    ) throws {
        let file = try OpenFile.creating(path)
        let sink = Sink(file: file, archive: archive)
        let manifest = try unpack(sink).encoded
        try sink.flush()
        try file.write(manifest)
        var length = UInt64(manifest.count).littleEndian
        try withUnsafeBytes(of: &length) { try file.write($0) }
    }

    /// Reads the manifest of a file that `write` made; nil when it is not one.
    static func read(_ path: String) throws -> UnpackedPackage? {
        let file = try OpenFile.reading(path)
        let size = try file.status.size
        guard size >= 8 else { return nil }
        let tail = try file.bytes((size - 8)..<size)
        let length = tail.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(min(size - 8, manifestLimit)) else { return nil }
        return UnpackedPackage(decoding: try file.bytes((size - 8 - Int(length))..<(size - 8)))
    }
}
