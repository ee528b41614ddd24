// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file that is read where it lies in the page cache. Unmapped when the last user lets go.
///
/// `@unchecked Sendable`: the bytes are never written after `init`.
final class MappedFile: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    /// - Throws: `unreadable-file` naming the path and the system's reason.
    init(_ path: String) throws(DebianError) {
        func failure() -> DebianError {
            DebianError("unreadable-file", "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure() }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0), start != MAP_FAILED else { throw failure() }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
