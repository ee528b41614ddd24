// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Glibc

/// An open file; closed when the last reference goes. One task uses it at a time.
package final class OpenFile: @unchecked Sendable {
    package let path: String
    private let descriptor: Int32

    /// - Parameter flags: of open(2); `O_CLOEXEC` is added.
    package init(_ path: String, flags: Int32, mode: mode_t = 0o644, action: String) throws(FetchError) {
        var result: Int32
        repeat { result = open(path, flags | O_CLOEXEC, mode) } while result < 0 && errno == EINTR
        guard result >= 0 else { throw .file(action, path) }
        self.path = path
        self.descriptor = result
    }

    package static func reading(_ path: String) throws(FetchError) -> OpenFile {
        try OpenFile(path, flags: O_RDONLY, action: "read")
    }

    deinit { close(descriptor) }

    /// Writes all of the bytes at the current position.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let count = Glibc.write(descriptor, base, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .file("write", path)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    package func write(_ bytes: [UInt8]) throws(FetchError) {
        try bytes.span.bytes.withUnsafeBytes { (buffer) throws(FetchError) in try write(buffer) }
    }

    /// Reads at `offset` as many bytes as the buffer takes and the file has.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FetchError) -> Int {
        var filled = 0
        while filled < buffer.count, let base = buffer.baseAddress {
            let count = pread(descriptor, base + filled, buffer.count - filled, off_t(offset + filled))
            if count < 0 {
                if errno == EINTR { continue }
                throw .file("read", path)
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Reads a range; shorter where the file ends.
    package func bytes(_ range: Range<Int>) throws(FetchError) -> [UInt8] {
        var failure: FetchError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            do throws(FetchError) {
                count = try read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
            } catch {
                count = 0
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    package var status: FileStatus {
        get throws(FetchError) {
            var buffer = stat()
            guard fstat(descriptor, &buffer) == 0 else { throw .file("look at", path) }
            return FileStatus(buffer)
        }
    }

    /// Puts the bytes on the disk before the name does: after a crash a name never leads to half a file.
    package func synchronize() throws(FetchError) {
        guard fdatasync(descriptor) == 0 else { throw .file("write", path) }
    }

    package func seek(to offset: Int) throws(FetchError) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw .file("write", path) }
    }

    package func truncate(to size: Int) throws(FetchError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .file("write", path) }
        try seek(to: size)
    }

    /// Takes the exclusive advisory lock, which the system releases when the process ends, however it ends.
    ///
    /// - Returns: false when another holder has it.
    package func tryLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Whether the path still leads to this very file.
    package var isInPlace: Bool {
        var own = stat()
        var named = stat()
        return fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino
            && own.st_dev == named.st_dev
    }

    /// Feeds the first `count` bytes to a hasher.
    package func hash(first count: Int, into hasher: Hasher) throws(FetchError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < count {
            let window = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, count - offset)])
            let read = try read(into: window, at: offset)
            guard read > 0 else { throw FetchError(.storage, "'\(path)' became shorter while it was read") }
            hasher.update(UnsafeRawBufferPointer(rebasing: window[..<read]))
            offset += read
        }
    }

    /// Makes the finished file read-only and stamps it; see `FileStatus.isStamped`.
    package func seal() throws(FetchError) {
        guard fchmod(descriptor, 0o444) == 0 else { throw .file("write", path) }
        try stamp()
    }

    package func stamp() throws(FetchError) {
        let time = timespec(tv_sec: FileStatus.stamp(for: try status.size), tv_nsec: 0)
        let times = [time, time]
        guard futimens(descriptor, times) == 0 else { throw .file("write", path) }
    }
}

/// What a look at a file tells.
package struct FileStatus: Sendable {
    package let size: Int
    package let isRegular: Bool
    package let isDirectory: Bool
    /// Seconds since the epoch.
    package let modified: Int
    /// Whether the owner may execute it.
    package let isExecutable: Bool
    private let nanoseconds: Int

    init(_ status: stat) {
        size = Int(status.st_size)
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
        modified = status.st_mtim.tv_sec
        isExecutable = status.st_mode & S_IXUSR != 0
        nanoseconds = status.st_mtim.tv_nsec
    }

    /// Nil when there is nothing at the path.
    package init?(of path: String) {
        var buffer = stat()
        guard stat(path, &buffer) == 0 else { return nil }
        self.init(buffer)
    }

    /// Looks at the path itself, and not at what it links to; nil when there is nothing.
    package init?(ofLink path: String) {
        var buffer = stat()
        guard lstat(path, &buffer) == 0 else { return nil }
        self.init(buffer)
    }

    /// The modification time that the store gives its files: their size. Whoever writes to such a file, or cuts it off,
    /// changes one of the two, so a look at the inode shows that its content must be hashed anew.
    static func stamp(for size: Int) -> Int { size % 0x7FFF_FFFF }

    package var isStamped: Bool { isRegular && nanoseconds == 0 && modified == Self.stamp(for: size) }
}

extension OpenFile {
    /// A new file that must not be there yet.
    package static func creating(_ path: String) throws(FetchError) -> OpenFile {
        try OpenFile(path, flags: O_RDWR | O_CREAT | O_EXCL, action: "write")
    }
}
