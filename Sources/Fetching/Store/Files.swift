// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Operations on names in the file system; plain system calls, since the store makes thousands of them.
package enum Files {
    package static func exists(_ path: String) -> Bool { FileStatus(of: path) != nil }

    /// Makes a directory and those above it; one that is there already is fine.
    package static func makeDirectory(_ path: String) throws(FetchError) {
        if mkdir(path, 0o777) == 0 { return }
        let code = errno
        switch code {
        case EEXIST:
            guard let status = FileStatus(of: path), status.isDirectory else {
                throw .file("make", path, errno: ENOTDIR)
            }
        case ENOENT:
            let parent = directory(of: path)
            guard parent != path else { throw .file("make", path, errno: code) }
            try makeDirectory(parent)
            guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw .file("make", path) }
        default:
            // A read-only file system says so even of directories that are there.
            if let status = FileStatus(of: path), status.isDirectory { return }
            throw .file("make", path, errno: code)
        }
    }

    /// The part before the last `/`: `/` and `.` have no other.
    package static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Renames over whatever is there, making the target's directory if it is missing.
    package static func move(_ source: String, to target: String) throws(FetchError) {
        if rename(source, target) == 0 { return }
        guard errno == ENOENT, exists(source) else { throw .file("write", target) }
        try makeDirectory(directory(of: target))
        guard rename(source, target) == 0 else { throw .file("write", target) }
    }

    /// Gives a path new content: whoever looks sees the old bytes or the new ones, even after a crash.
    package static func replace(_ path: String, with bytes: [UInt8]) throws(FetchError) {
        try makeDirectory(directory(of: path))
        let temporary = "\(path).\(randomName())"
        var isDone = false
        defer { if !isDone { remove(temporary) } }
        let file = try OpenFile.creating(temporary)
        try file.write(bytes)
        try file.synchronize()
        try move(temporary, to: path)
        isDone = true
    }

    /// Removes a file; one that is not there is fine.
    @discardableResult
    package static func remove(_ path: String) -> Bool { unlink(path) == 0 || errno == ENOENT }

    /// The names in a directory, in no particular order; empty when it cannot be read.
    package static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// The bytes of a file of at most `limit` bytes.
    package static func read(_ path: String, limit: Int) throws(FetchError) -> [UInt8] {
        let file = try OpenFile.reading(path)
        let status = try file.status
        guard !status.isDirectory else { throw .file("read", path, errno: EISDIR) }
        let bytes = try file.bytes(0..<min(max(status.size, 1 << 16), limit + 1))
        guard bytes.count <= limit else {
            throw FetchError(.tooLarge, "'\(path)' is larger than the \(limit) bytes that are allowed for it")
        }
        return bytes
    }

    /// The path with the working directory in front if it is relative.
    package static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let buffer = getcwd(nil, 0) else { return path }
        defer { free(buffer) }
        return String(cString: buffer) + "/" + path
    }

    /// Random bytes for names that must not collide; never for content.
    static func randomName() -> String {
        var generator = SystemRandomNumberGenerator()
        let number: UInt64 = generator.next()
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
