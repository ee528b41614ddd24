// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Reads files and folders with bounds, through the operating system's own calls: paths are bytes, and what a path names
/// may change between two of them.
enum FileReading {
    /// The bytes of a regular file.
    ///
    /// - Throws: a sentence that says why not: it is missing, not a regular file, larger than `limit`, or unreadable.
    static func bytes(of path: String, limit: Int) throws(Refusal) -> [UInt8] {
        // O_NONBLOCK, so that opening a pipe that nobody writes does not wait for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Refusal(reason: reason(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Refusal(reason: reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw Refusal(reason: isFolder ? "it is a folder" : "it is not a regular file")
        }
        guard status.st_size <= limit else {
            throw Refusal(code: "file-too-large", reason: "it has \(status.st_size) bytes; at most \(limit) are read")
        }
        // One byte more than the limit, for a file that grows meanwhile or has no size (as in /proc).
        var bytes = [UInt8](repeating: 0, count: min(limit, max(Int(status.st_size), 4_096)) + 1)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw Refusal(reason: reason(errno))
            }
            if got == 0 { break }
            count += got
        }
        guard count <= limit else {
            throw Refusal(code: "file-too-large", reason: "it has more than \(limit) bytes, and no more are read")
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    struct Refusal: Error {
        var code = "unreadable-file"
        var reason: String
    }

    enum Kind: Equatable { case file, directory, link, other }

    /// What a path is, without following a link in its last component; nil when it does not exist.
    static func kind(of path: String, followingLinks: Bool = false) -> Kind? {
        var status = stat()
        let result = followingLinks ? stat(path, &status) : lstat(path, &status)
        guard result == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        case S_IFLNK: return .link
        default: return .other
        }
    }

    /// The names in a folder, in byte order, without `.` and `..`; nil when it cannot be read.
    static func names(in path: String) -> [String]? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The path with every link followed; nil when it does not exist.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "it does not exist"
        case EACCES, EPERM: "permission denied"
        case ELOOP: "its links form a loop"
        case EISDIR: "it is a folder"
        case ENXIO: "it is not a regular file"
        default: String(cString: strerror(code))
        }
    }
}
