// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Cryptography
internal import Dispatch
internal import Glibc
internal import Synchronization

extension LayoutDraft {
    /// Writes the layout, whole or not at all.
    ///
    /// It is put together in a hidden directory beside the target, synchronised, and then takes the target's place in one
    /// rename, so that a reader sees the old layout or the new one. A layout that is there already is replaced whole; any
    /// other directory with something in it is left alone and is an error.
    ///
    /// Layers are hard links to the store's files where the file system allows, else copies.
    package func write(to directory: String) throws(OCIError) {
        var target = directory
        while target.count > 1 && target.hasSuffix("/") { target.removeLast() }
        let slash = target.lastIndex(of: "/")
        let parent = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
        guard !name.isEmpty, name != ".", name != ".." else {
            throw OCIError(.inputOutput, directory, "is no name for a new directory")
        }
        try Files.makeDirectories(parent)
        let exists = try Files.isReplaceable(target)
        try Files.removeAbandoned(in: parent, prefix: ".\(name).partial-")
        let temporary = "\(parent)/.\(name).partial-\(getpid())"
        do {
            try writeContents(to: temporary)
            if exists {
                try Files.exchange(temporary, target)
            } else {
                try Files.rename(temporary, target)
            }
            try Files.synchronize(parent)
        } catch {
            Files.removeTree(temporary)
            throw error
        }
        Files.removeTree(temporary)
    }

    private func writeContents(to root: String) throws(OCIError) {
        Files.removeTree(root)
        try Files.makeDirectories(root + "/blobs/sha256")
        var documents: [Files.Document] = []
        for (digest, content) in blobs.sorted(by: { $0.key < $1.key }) {
            let path = "\(root)/blobs/\(digest.algorithm.rawValue)/\(digest.hex)"
            if digest.algorithm != .sha256 { try Files.makeDirectories("\(root)/blobs/\(digest.algorithm.rawValue)") }
            switch content {
            case .bytes(let bytes): documents.append(Files.Document(path: path, bytes: bytes))
            case .file(let source):
                if try Files.link(source, to: path) { continue }
                try Files.copy(source, to: path, expecting: digest)
                documents.append(Files.Document(path: path))
            }
        }
        documents.append(
            Files.Document(path: "\(root)/oci-layout", bytes: Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        )
        documents.append(Files.Document(path: "\(root)/index.json", bytes: indexDocument))
        try Files.write(documents)
        for path in ["\(root)/blobs/sha256", "\(root)/blobs", root] { try Files.synchronize(path) }
    }
}

/// The system calls of a layout's writer, with errors that name the path.
enum Files {
    private static func failure(_ path: String, _ action: String) -> OCIError {
        OCIError(.inputOutput, path, "\(action): \(String(cString: strerror(errno)))")
    }

    static func makeDirectories(_ path: String) throws(OCIError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]))
            if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        }
        throw failure(path, "cannot make the directory")
    }

    /// Whether something is at the target that may be replaced; an error when something is that may not.
    static func isReplaceable(_ path: String) throws(OCIError) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw OCIError(.inputOutput, path, "is there already and is no directory")
        }
        if access(path + "/oci-layout", F_OK) == 0 || rmdir(path) == 0 { return access(path, F_OK) == 0 }
        throw OCIError(.notALayout, path, "the directory is not empty and would be overwritten")
    }

    static func write(_ bytes: [UInt8], to path: String) throws(OCIError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure(path, "cannot be made") }
        defer { close(file) }
        try write(bytes, count: bytes.count, to: file, path: path)
    }

    private static func write(_ bytes: [UInt8], count: Int, to file: Int32, path: String) throws(OCIError) {
        var offset = 0
        while offset < count {
            let written = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress.map { $0 + offset }, count - offset)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failure(path, "cannot be written") }
            offset += written
        }
    }

    /// - Returns: false when the file system does not link these two places; then a copy is due.
    static func link(_ source: String, to path: String) throws(OCIError) -> Bool {
        if Glibc.link(source, path) == 0 { return true }
        switch errno {
        case EXDEV, EPERM, EMLINK, EACCES, EOPNOTSUPP: return false
        default: throw failure(source, "cannot be linked into the layout")
        }
    }

    static func copy(_ source: String, to path: String, expecting digest: Digest) throws(OCIError) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw failure(source, "cannot be read") }
        defer { close(input) }
        let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw failure(path, "cannot be made") }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        let hasher = Hasher(digest.algorithm)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(source, "cannot be read") }
            if count == 0 { break }
            hasher.update(buffer[..<count])
            try write(buffer, count: count, to: output, path: path)
        }
        let actual = hasher.finish()
        guard actual == digest else { throw OCIError(.mismatch, source, "it has \(actual), expected \(digest)") }
    }

    static func synchronize(_ path: String) throws(OCIError) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path, "cannot be opened") }
        defer { close(file) }
        // EINVAL: a file system that has nothing to synchronise, such as some network ones.
        guard fsync(file) == 0 || errno == EINVAL else { throw failure(path, "cannot be synchronised") }
    }

    /// A file that is to be on the disk.
    struct Document: Sendable {
        var path: String
        /// Nil for a file that was written already.
        var bytes: [UInt8]?
    }

    /// Writes and synchronises files at the same time: the file system commits together what waits together, and evidence
    /// is many files, small and large.
    static func write(_ documents: [Document]) throws(OCIError) {
        let failure = Mutex<OCIError?>(nil)
        DispatchQueue.concurrentPerform(iterations: min(documents.count, 16)) { thread in
            for index in stride(from: thread, to: documents.count, by: 16) {
                do throws(OCIError) {
                    let path = documents[index].path
                    if let bytes = documents[index].bytes { try write(bytes, to: path) }
                    try synchronize(path)
                } catch {
                    failure.withLock { $0 = error }
                }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    static func rename(_ from: String, _ to: String) throws(OCIError) {
        guard Glibc.rename(from, to) == 0 else { throw failure(to, "cannot be put in place") }
    }

    /// Swaps two directories; where the file system cannot, moves the old one aside first.
    static func exchange(_ new: String, _ old: String) throws(OCIError) {
        if basalt_exchange(new, old) == 0 { return }
        guard errno == EINVAL || errno == ENOSYS else { throw failure(old, "cannot be replaced") }
        let aside = new + ".old"
        try rename(old, aside)
        do {
            try rename(new, old)
        } catch {
            try rename(aside, old)
            throw error
        }
        removeTree(aside)
    }

    /// Removes what runs that were killed have left behind.
    static func removeAbandoned(in parent: String, prefix: String) throws(OCIError) {
        for name in names(in: parent) where name.hasPrefix(prefix) {
            let process = name.dropFirst(prefix.count).prefix { $0.isNumber }
            // Signal 0 asks whether the process is there.
            if let id = Int32(process), id != getpid(), kill(id, 0) == 0 || errno == EPERM { continue }
            removeTree("\(parent)/\(name)")
        }
    }

    static func names(in path: String) -> [String] {
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

    static func removeTree(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) { removeTree("\(path)/\(name)") }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
