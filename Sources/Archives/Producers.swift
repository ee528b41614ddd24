// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Reads a file in blocks of 256 KiB, for libarchive.
final class FileProducer {
    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
    private let name: String

    init(path: String) throws {
        name = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            buffer.deallocate()
            throw ArchiveError(.unreadable, archive: path, detail: String(cString: strerror(errno)))
        }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    func next() throws -> UnsafeRawBufferPointer {
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
            if errno != EINTR {
                throw ArchiveError(.unreadable, archive: name, detail: String(cString: strerror(errno)))
            }
        }
    }
}

/// Gives bytes in memory once.
final class MemoryProducer {
    private let buffer: UnsafeMutableRawBufferPointer
    private var isDone = false

    init(_ bytes: [UInt8]) {
        buffer = .allocate(byteCount: max(bytes.count, 1), alignment: 16)
        buffer.copyBytes(from: bytes)
        count = bytes.count
    }

    private let count: Int

    deinit { buffer.deallocate() }

    func next() -> UnsafeRawBufferPointer {
        defer { isDone = true }
        return isDone
            ? UnsafeRawBufferPointer(start: nil, count: 0) : UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }
}
