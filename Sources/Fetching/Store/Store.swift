// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import Glibc
internal import Synchronization

/// Content by SHA-256, shared by all runs and processes of a user.
///
///     blobs/sha256/ab/abcd…      content that matches its name
///     derived/FORM/ab/abcd…      what was made from the content of that name; can be made again
///     refs/ab/abcd…              what a mutable name (a signed index) last led to
///     partial/abcd…              the beginning of a download that did not finish
///     tmp/SESSION-N              being written; nothing there outlives its process for long
///
/// Content is written beside its place and renamed, so a name never leads to half of it, whoever is killed and whenever.
package final class Store: Sendable {
    package let root: String
    private let session = Mutex<StoreSession?>(nil)
    private let derivations = KeyedLock()

    /// Opens a store, making it if it is not there, and sweeps up after dead processes. One that is there and cannot be
    /// written serves reading.
    package init(at root: String) throws(FetchError) {
        self.root = Files.absolute(root)
        try Files.makeDirectory(self.root)
        StoreSession.sweep(self.root + "/tmp")
        PartialFile.sweep(self.root + "/partial")
    }

    /// Where the store lies: `$BASALT_STORE`, else `$XDG_CACHE_HOME/basalt`, else `~/.cache/basalt`.
    package static func defaultRoot(environment: [String: String]) throws(FetchError) -> String {
        if let path = environment["BASALT_STORE"], !path.isEmpty { return path }
        // The XDG base directory specification: relative paths are to be ignored.
        if let path = environment["XDG_CACHE_HOME"], path.hasPrefix("/") { return path + "/basalt" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.cache/basalt" }
        throw FetchError(.storage, "there is no place for the store", hint: "set BASALT_STORE to a directory")
    }

    // MARK: Reading

    /// Where content of this digest lies; nil when the store does not have it.
    ///
    /// An object that was changed since it was stored is hashed again, and removed if it does not match any more.
    package func path(of digest: Digest) -> String? {
        let path = place(of: digest)
        guard let status = FileStatus(of: path), status.isRegular else { return nil }
        if status.isStamped { return path }
        guard let file = try? OpenFile.reading(path), (try? self.digest(of: file)) == digest else {
            Files.remove(path)
            return nil
        }
        // Fails on a read-only store, which then hashes at each opening.
        try? file.stamp()
        return path
    }

    /// Size in bytes of content that the store has.
    package func size(of digest: Digest) -> Int? { path(of: digest).flatMap { FileStatus(of: $0)?.size } }

    /// The bytes of content of at most `limit` bytes, hashed once more; nil when the store does not have it.
    package func bytes(of digest: Digest, limit: Int = 1 << 28) throws(FetchError) -> [UInt8]? {
        guard let path = path(of: digest) else { return nil }
        let bytes = try Files.read(path, limit: limit)
        guard Digest.of(bytes, digest.algorithm) == digest else {
            Files.remove(path)
            return nil
        }
        return bytes
    }

    private func digest(of file: OpenFile) throws(FetchError) -> Digest {
        let hasher = Hasher()
        try file.hash(first: try file.status.size, into: hasher)
        return hasher.finish()
    }

    // MARK: Writing

    /// Starts an object whose digest shows at its end.
    package func writer() throws(FetchError) -> StoreWriter { try StoreWriter(store: self, path: try temporary()) }

    /// Keeps bytes; those that are there already cost a look.
    @discardableResult
    package func put(_ bytes: [UInt8]) throws(FetchError) -> Digest {
        let digest = Digest.of(bytes)
        if path(of: digest) != nil { return digest }
        let writer = try writer()
        try writer.write(bytes)
        return try writer.finish()
    }

    /// Copies a file into the store.
    ///
    /// - Throws: `hash-mismatch` when `expected` is given and is not the digest of the file.
    @discardableResult
    package func put(file source: String, expecting expected: Digest? = nil) throws(FetchError) -> Digest {
        if let expected, path(of: expected) != nil { return expected }
        let file = try OpenFile.reading(source)
        let writer = try writer()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        var offset = 0
        while true {
            let count = try file.read(into: buffer, at: offset)
            if count == 0 { break }
            try writer.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += count
        }
        return try writer.finish(expecting: expected, name: source)
    }

    /// A path for a file that is to be renamed into the store; removed by the next process if this one dies.
    package func temporary() throws(FetchError) -> String {
        // The lock is taken at the first write only, so that reading needs no right to write.
        var failure: FetchError?
        let path = session.withLock { session -> String in
            do throws(FetchError) {
                if let current = session { return current.temporary() }
                let current = try StoreSession(in: root + "/tmp")
                session = current
                return current.temporary()
            } catch {
                failure = error
                return ""
            }
        }
        if let failure { throw failure }
        return path
    }

    /// Gives a finished, hashed, synchronised file its place.
    func adopt(_ file: OpenFile, as digest: Digest) throws(FetchError) -> String {
        try file.seal()
        let target = place(of: digest)
        try Files.move(file.path, to: target)
        return target
    }

    private func place(of digest: Digest) -> String { place("blobs/\(digest.algorithm.rawValue)", digest) }

    func place(_ folder: String, _ digest: Digest) -> String {
        let hex = digest.hex
        return "\(root)/\(folder)/\(hex.prefix(2))/\(hex)"
    }
}

// MARK: - Derived files

extension Store {
    /// Where the derived file of this form lies, if it was made already.
    package func derivedPath(from source: Digest, form: String) -> String? {
        let path = place("derived/\(form)", source)
        // It is not synchronised when it is written, since it can be made again: a crash of the machine may leave it
        // short, and then its stamp does not fit.
        guard let status = FileStatus(of: path) else { return nil }
        if status.isStamped { return path }
        Files.remove(path)
        return nil
    }

    /// Gives the derived file of `source` in `form`, and makes it first where it is missing: once, even when several
    /// tasks ask at the same time. Of several processes the last one's file stays, equal to the others'.
    ///
    /// - Parameters:
    ///   - form: names the format and the version of what makes it: letters, digits, `.`, `-` and `_`.
    ///   - make: writes the file at the path that it is given.
    package func derived(
        from source: Digest,
        form: String,
        make: @Sendable (_ temporary: String) throws -> Void
    ) async throws -> String {
        guard form.utf8.allSatisfy({ Self.isFormCharacter($0) }), form.utf8.first != UInt8(ascii: "."), !form.isEmpty
        else {
            throw FetchError(.storage, "'\(form)' cannot name a form of derived files")
        }
        if let path = derivedPath(from: source, form: form) { return path }
        return try await derivations.exclusively("\(form)/\(source)") {
            if let path = derivedPath(from: source, form: form) { return path }
            let temporary = try temporary()
            defer { Files.remove(temporary) }
            try make(temporary)
            let file = try OpenFile.reading(temporary)
            try file.seal()
            let target = place("derived/\(form)", source)
            try Files.move(temporary, to: target)
            return target
        }
    }

    /// The bytes of a derived file, for makers that have them in memory: made once, as by `derived`.
    package func derivedBytes(
        from source: Digest,
        form: String,
        limit: Int,
        make: @Sendable () throws -> [UInt8]
    ) async throws -> [UInt8] {
        if let path = derivedPath(from: source, form: form) { return try Files.read(path, limit: limit) }
        return try await derivations.exclusively("\(form)/\(source)") {
            if let path = derivedPath(from: source, form: form) { return try Files.read(path, limit: limit) }
            let bytes = try make()
            try putDerived(bytes, from: source, form: form)
            return bytes
        }
    }

    private static func isFormCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

extension Store {
    /// Keeps bytes as the derived file of `source` in `form`, for makers that have them in memory. Of several makers the
    /// last one's file stays, equal to the others'.
    package func putDerived(_ bytes: [UInt8], from source: Digest, form: String) throws(FetchError) {
        let temporary = try temporary()
        defer { Files.remove(temporary) }
        let file = try OpenFile.creating(temporary)
        try file.write(bytes)
        try file.seal()
        try Files.move(temporary, to: place("derived/\(form)", source))
    }
}
