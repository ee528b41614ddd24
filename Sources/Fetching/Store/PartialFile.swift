// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Glibc

/// A download under way, kept under its digest so that a later run can go on with it.
///
/// Whoever writes holds the lock on the file; the system drops it when the process dies.
final class PartialFile: @unchecked Sendable {
    private let file: OpenFile
    private var hasher = Hasher()
    /// Bytes that are there already.
    private(set) var size = 0

    private init(_ file: OpenFile) { self.file = file }

    /// Opens or makes the partial file of a digest.
    ///
    /// - Returns: nil when another process is writing it.
    static func open(_ digest: Digest, in store: Store) throws(FetchError) -> PartialFile? {
        let directory = store.root + "/partial"
        try Files.makeDirectory(directory)
        let path = "\(directory)/\(digest.hex)"
        // Between open and lock another process may have finished the file and renamed it into the store, where nobody
        // may write: then the name leads elsewhere, and a new file is made.
        for _ in 0..<100 {
            let file = try OpenFile(path, flags: O_RDWR | O_CREAT, action: "write")
            guard file.tryLock() else { return nil }
            if file.isInPlace {
                let partial = PartialFile(file)
                let size = try file.status.size
                try file.hash(first: size, into: partial.hasher)
                try file.seek(to: size)
                partial.size = size
                return partial
            }
        }
        throw FetchError(.storage, "cannot lock '\(path)'")
    }

    /// A file of this process alone, for when another one sits on the shared one.
    static func unshared(in store: Store) throws(FetchError) -> PartialFile {
        PartialFile(try .creating(try store.temporary()))
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        try file.write(bytes)
        hasher.update(bytes)
        size += bytes.count
    }

    /// Forgets what is there.
    func restart() throws(FetchError) {
        try file.truncate(to: 0)
        hasher = Hasher()
        size = 0
        validator = nil
    }

    /// Gives the file its place if it is what it should be.
    ///
    /// - Throws: `hash-mismatch`, and the file is empty again.
    func finish(as digest: Digest, name: String, store: Store) throws(FetchError) -> String {
        let received = hasher.finish()
        guard received == digest else {
            try restart()
            throw .hashMismatch(name, expected: digest, received: received)
        }
        try file.synchronize()
        let path = try store.adopt(file, as: digest)
        Files.remove(validatorPath)
        return path
    }

    /// Removes the file; one that has its place in the store by now stays.
    func discard() {
        if file.isInPlace {
            // A connection that is ending may hold it for another moment: it shall hold no space.
            try? file.truncate(to: 0)
            Files.remove(file.path)
        }
        Files.remove(validatorPath)
    }

    /// Whom the bytes came from, and the entity tag or date that they had there (RFC 9110 section 13.1.5, If-Range).
    var validator: (source: String, tag: String)? {
        get {
            guard let bytes = try? Files.read(validatorPath, limit: 1 << 12) else { return nil }
            let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
            return lines.count == 2 ? (lines[0], lines[1]) : nil
        }
        set {
            Files.remove(validatorPath)
            // Only a help: without it the download starts anew or is checked by its digest alone.
            guard let newValue, let note = try? OpenFile.creating(validatorPath) else { return }
            try? note.write(Array("\(newValue.source)\n\(newValue.tag)\n".utf8))
        }
    }

    private var validatorPath: String { file.path + ".from" }

    /// Removes partial files that nobody has touched for a month.
    static func sweep(_ directory: String) {
        let now = time(nil)
        for name in Files.names(in: directory) {
            let path = "\(directory)/\(name)"
            guard let status = FileStatus(of: path), now - status.modified > 30 * 86_400 else { continue }
            guard let file = try? OpenFile(path, flags: O_RDWR, action: "sweep"), file.tryLock() else { continue }
            Files.remove(path)
        }
    }
}
